//go:build exhaustive

package kernels

const (
	floatStep      = 1 // all 2³² of them
	bitsProblems   = 10_000
	level3Problems = 3_000
)
