package kernels

import "fmt"

// Level is a set of instructions that kernels may use.
type Level int

const (
	Generic Level = iota // portable Go
	AVX2                 // amd64 with AVX2 and FMA3
	AVX512               // amd64 with AVX-512 F, BW, DQ and VL, and BMI2
	NEON                 // arm64
)

var levelNames = [...]string{Generic: "generic", AVX2: "avx2", AVX512: "avx512", NEON: "neon"}

// String returns the name that [ParseLevel] reads.
func (l Level) String() string {
	if l < 0 || int(l) >= len(levelNames) {
		return fmt.Sprintf("Level(%d)", int(l))
	}
	return levelNames[l]
}

// ParseLevel returns the level with the given name: "generic", "avx2", "avx512" or "neon". It
// returns an error for any other name.
func ParseLevel(name string) (Level, error) {
	for l, n := range levelNames {
		if n == name {
			return Level(l), nil
		}
	}
	return 0, fmt.Errorf("kernels: unknown level %q, want one of %q", name, levelNames)
}

// Levels returns every level that this machine and this build can run, slowest first.
func Levels() []Level {
	var ls []Level
	for l := range levelNames {
		if Level(l).Available() {
			ls = append(ls, Level(l))
		}
	}
	return ls
}

// Best returns the fastest level that this machine and this build can run.
func Best() Level {
	ls := Levels()
	return ls[len(ls)-1]
}
