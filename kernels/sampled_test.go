//go:build !exhaustive

package kernels

const (
	// floatStep is the distance, in bits, of the float32 values at which exp and log are
	// tested. It has no factor in common with 2³².
	floatStep = 4099
	// bitsProblems is how many random products must have the oracle's bits.
	bitsProblems = 1000
	// level3Problems is how many random problems of each operation of level 3 must have the
	// oracle's bits.
	level3Problems = 200
)
