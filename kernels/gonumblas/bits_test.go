package gonumblas

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

// hashesFile has a line for each routine and element type, with the SHA-256 of its results.
// LANES_WRITE_HASHES=1 writes it anew.
const hashesFile = "testdata/hashes.txt"

// TestRoutinesHaveTheBitsOfTheTable draws 200 problems for each routine, of all forms and
// strides and of sizes that threads share, and requires the same bits of every level with
// fused multiply-adds, with 1, 2, 3 and 8 threads, and those of the table, which was
// written on another processor perhaps.
func TestRoutinesHaveTheBitsOfTheTable(t *testing.T) {
	impls := fusing(t)
	if len(impls) == 0 {
		t.Skip("nothing here fuses multiply-adds")
	}
	var lines []string
	for i, routine := range routines {
		problems := roundingProblems(i, routine)
		for dtype, f := range bothTypes(impls[0]) {
			h := sha256.New()
			for _, p := range problems {
				want := bitsOf(p.run(f))
				h.Write(want)
				for _, impl := range impls[1:] {
					if got := bitsOf(p.run(bothTypes(impl)[dtype])); !bytes.Equal(want, got) {
						require.Failf(t, "other bits", "%s %s, %v, %d threads: %+v", routine, dtype, impl.float64s().Level(), impl.float64s().Threads(), p)
					}
				}
			}
			lines = append(lines, fmt.Sprintf("%s/%s %x\n", routine, dtype, h.Sum(nil)))
		}
	}
	slices.Sort(lines)
	if os.Getenv("LANES_WRITE_HASHES") != "" {
		require.NoError(t, os.WriteFile(hashesFile, []byte(strings.Join(lines, "")), 0o666))
	}
	table, err := os.ReadFile(hashesFile)
	require.NoError(t, err)
	require.Equal(t, string(table), strings.Join(lines, ""))
}

// fusing returns implementations whose multiply-adds are fused, for several numbers of
// threads; in short mode for three.
func fusing(t *testing.T) (impls []Implementation) {
	levels := slices.DeleteFunc(kernels.Levels(), func(l kernels.Level) bool {
		return l == kernels.Generic && !slices.Contains([]string{"arm64", "loong64", "ppc64", "ppc64le", "riscv64", "s390x"}, runtime.GOARCH)
	})
	threads := []int{1, 2, 3, 8}
	if testing.Short() {
		threads = []int{3}
	}
	for _, level := range levels {
		for _, n := range threads {
			impl, err := New(kernels.WithLevel(level), kernels.WithThreads(n))
			require.NoError(t, err)
			impls = append(impls, impl)
		}
	}
	return impls
}

// roundingProblems returns problems whose numbers are exact in float32, and their results
// are not.
func roundingProblems(seed int, routine string) (problems []problem) {
	r := rand.New(rand.NewPCG(11, uint64(seed)))
	number := func() float64 { return float64(float32(r.NormFloat64())) }
	diagonal := func(int) float64 { return 2 + math.Abs(number()) }
	limits := []int{8, 40, 90}
	switch {
	case slices.Contains(levels[0], routine):
		limits = []int{8, 300, 70_000}
	case slices.Contains(levels[1], routine):
		limits = []int{8, 60, 400}
	}
	for i := range 200 {
		limit := limits[1]
		switch i % 20 {
		case 0:
			limit = limits[2]
		case 1, 2, 3, 4:
			limit = limits[0]
		}
		problems = append(problems, draw(r, routine, limit, number, diagonal))
	}
	return problems
}

// bitsOf returns the bits of all operands and of the result.
func bitsOf(p problem) (bits []byte) {
	operands := p.operands()
	for _, x := range append(operands[:], []float64{p.scalar}) {
		for _, v := range x {
			bits = binary.LittleEndian.AppendUint64(bits, math.Float64bits(v))
		}
	}
	return bits
}
