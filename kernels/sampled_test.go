//go:build !exhaustive

package kernels

const (
	// floatStep is the distance of the float32 values, as bits, that exp and log
	// are tested at. It shares no factor with 2³².
	floatStep = 4099
	// bitsProblems is how many random products must have the oracle's bits.
	bitsProblems = 1000
)
