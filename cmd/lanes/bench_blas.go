package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/kernels/gonumblas"
)

// gonumUsage is the help of --gonum.
const gonumUsage = "measure gonum's own BLAS"

func benchBLASCommand() *cobra.Command {
	var s benchSettings
	var match string
	var own bool
	c := &cobra.Command{
		Use:   "blas",
		Short: "Measure the routines of BLAS",
		Long: `Blas measures the routines that programs with gonum call, on row-major operands: levels 1
and 2 in GB/s of the operands that a routine must read or write, level 3 in GFLOP/s. The
letters of a form are those of BLAS: L or R for the side, U or L for the triangle, N or T
for each operand that may be transposed.`,
		Example: "  lanes bench blas --match 'trsm LLN 512' --threads 1\n  lanes bench blas --match dot --dtype float64 --gonum",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.check(cmd.Flags().Changed); err != nil {
				return failure{exitUsage, err}
			}
			impl, level, threads, err := s.implementation(own)
			if err != nil {
				return failure{exitUsage, err}
			}
			b := blasBench{s, match, level, threads, cmd.OutOrStdout(), nil}
			if !s.json {
				fmt.Fprintf(b.out, "%-8s %-4s %8s %10s %10s   %s, %s, %s\n", "routine", "form", "n", "median", "best", level, number.Count(threads, "thread"), s.dtype)
			}
			if s.dtype == "float64" {
				benchBLAS(&b, doubles(impl))
			} else {
				benchBLAS(&b, singles(impl))
			}
			return b.err
		},
	}
	s.register(c, 0.1)
	c.Flags().StringVar(&match, "match", "", "measure only what contains these words, such as 'gemm NN'")
	c.Flags().BoolVar(&own, "gonum", false, gonumUsage)
	return c
}

// bothTypes is BLAS for both element types.
type bothTypes interface {
	blas.Float32
	blas.Float64
}

// implementation returns gonum's own BLAS, or Lanes' for the level and the number of
// threads that the flags ask for, with what to print of them.
func (s *benchSettings) implementation(own bool) (impl bothTypes, level string, threads int, err error) {
	e, err := newEngine[float64](s.level, s.threads)
	if err != nil {
		return nil, "", 0, err
	}
	if own {
		runtime.GOMAXPROCS(e.Threads())
		return gonum.Implementation{}, "gonum", e.Threads(), nil
	}
	impl, err = gonumblas.New(kernels.WithLevel(e.Level()), kernels.WithThreads(e.Threads()))
	return impl, e.Level().String(), e.Threads(), err
}

// contains reports whether a line contains these words, of which a space ends the last.
func contains(match string, line ...any) bool {
	return strings.Contains(strings.TrimSuffix(fmt.Sprintln(line...), "\n")+" ", match)
}

// blasBench measures routines and prints a line for each.
type blasBench struct {
	benchSettings
	match   string
	level   string
	threads int
	out     io.Writer
	err     error // the first of a line that could not be written
}

// run measures one call of a routine, whose work is a number of bytes or operations.
func (b *blasBench) run(routine, form string, n int, work float64, unit string, call func()) {
	if b.err != nil || !contains(b.match, routine, form, n) {
		return
	}
	median, best := measure(b.seconds, call)
	rate := func(seconds float64) float64 { return work / seconds / 1e9 }
	if !b.json {
		fmt.Fprintf(b.out, "%-8s %-4s %8d %10s %10s   %s\n", routine, form, n, number.Fixed(rate(median), 2), number.Fixed(rate(best), 2), unit)
		return
	}
	err := json.NewEncoder(b.out).Encode(struct {
		Routine string  `json:"routine"`
		Form    string  `json:"form"`
		N       int     `json:"n"`
		Rate    float64 `json:"rate"`
		Best    float64 `json:"rate_best"`
		Unit    string  `json:"unit"`
		Threads int     `json:"threads"`
		Level   string  `json:"level"`
	}{routine, form, n, rate(median), rate(best), unit, b.threads, b.level})
	if err != nil {
		b.err = failure{exitFailed, err}
	}
}

// routines are those of gonum's BLAS for one element type.
type routines[T kernels.Float] struct {
	letter     string  // with which their names begin
	size       float64 // bytes of an element
	dot        func(n int, x []T, incX int, y []T, incY int) T
	nrm2, asum func(n int, x []T, incX int) T
	iamax      func(n int, x []T, incX int) int
	swap, copy func(n int, x []T, incX int, y []T, incY int)
	axpy       func(n int, alpha T, x []T, incX int, y []T, incY int)
	rot        func(n int, x []T, incX int, y []T, incY int, c, s T)
	scal       func(n int, alpha T, x []T, incX int)
	gemv       func(tA blas.Transpose, m, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int)
	ger        func(m, n int, alpha T, x []T, incX int, y []T, incY int, a []T, lda int)
	symv       func(ul blas.Uplo, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int)
	syr        func(ul blas.Uplo, n int, alpha T, x []T, incX int, a []T, lda int)
	syr2       func(ul blas.Uplo, n int, alpha T, x []T, incX int, y []T, incY int, a []T, lda int)
	trmv, trsv func(ul blas.Uplo, tA blas.Transpose, d blas.Diag, n int, a []T, lda int, x []T, incX int)
	gemm       func(tA, tB blas.Transpose, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)
	symm       func(s blas.Side, ul blas.Uplo, m, n int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)
	syrk       func(ul blas.Uplo, t blas.Transpose, n, k int, alpha T, a []T, lda int, beta T, c []T, ldc int)
	syr2k      func(ul blas.Uplo, t blas.Transpose, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)
	trmm, trsm func(s blas.Side, ul blas.Uplo, tA blas.Transpose, d blas.Diag, m, n int, alpha T, a []T, lda int, b []T, ldb int)
}

func singles(b blas.Float32) routines[float32] {
	return routines[float32]{
		"s", 4,
		b.Sdot, b.Snrm2, b.Sasum, b.Isamax, b.Sswap, b.Scopy, b.Saxpy, b.Srot, b.Sscal,
		b.Sgemv, b.Sger, b.Ssymv, b.Ssyr, b.Ssyr2, b.Strmv, b.Strsv,
		b.Sgemm, b.Ssymm, b.Ssyrk, b.Ssyr2k, b.Strmm, b.Strsm,
	}
}

func doubles(b blas.Float64) routines[float64] {
	return routines[float64]{
		"d", 8,
		b.Ddot, b.Dnrm2, b.Dasum, b.Idamax, b.Dswap, b.Dcopy, b.Daxpy, b.Drot, b.Dscal,
		b.Dgemv, b.Dger, b.Dsymv, b.Dsyr, b.Dsyr2, b.Dtrmv, b.Dtrsv,
		b.Dgemm, b.Dsymm, b.Dsyrk, b.Dsyr2k, b.Dtrmm, b.Dtrsm,
	}
}

// benchBLAS measures every routine, in sizes from those that stay in registers to those
// that fill no cache.
func benchBLAS[T kernels.Float](b *blasBench, r routines[T]) {
	const longest = 1 << 22
	x, y := make([]T, longest), make([]T, longest)
	for i := range x {
		x[i], y[i] = T(i%1000-500)/1000, T(i%777-300)/1000
	}
	for _, n := range []int{16, 256, 4096, 65536, longest} {
		benchLevel1(b, r, n, x, y)
	}
	for n := 32; n <= 2048; n *= 2 {
		ma, mb, mc := make([]T, n*n), make([]T, n*n), make([]T, n*n)
		for i := range ma {
			ma[i], mb[i] = T(i%17-8)/T(1000*n), T(i%13-6)/1000
		}
		for i := range n { // substitutions with it do not grow
			ma[i*n+i] = 1
		}
		benchLevel2(b, r, n, ma, mc, x, y)
		benchLevel3(b, r, n, ma, mb, mc)
	}
}

func benchLevel1[T kernels.Float](b *blasBench, r routines[T], n int, x, y []T) {
	run := func(routine string, operands float64, call func()) {
		b.run(routine, "-", n, operands*r.size*float64(n), "GB/s", call)
	}
	run(r.letter+"dot", 2, func() { r.dot(n, x, 1, y, 1) })
	run(r.letter+"axpy", 3, func() { r.axpy(n, 1e-9, x, 1, y, 1) })
	run(r.letter+"scal", 2, func() { r.scal(n, 1, x, 1) })
	run(r.letter+"nrm2", 1, func() { r.nrm2(n, x, 1) })
	run(r.letter+"asum", 1, func() { r.asum(n, x, 1) })
	run("i"+r.letter+"amax", 1, func() { r.iamax(n, x, 1) })
	run(r.letter+"rot", 4, func() { r.rot(n, x, 1, y, 1, 1, 0) })
	run(r.letter+"swap", 4, func() { r.swap(n, x, 1, y, 1) })
	run(r.letter+"copy", 2, func() { r.copy(n, x, 1, y, 1) })
}

func benchLevel2[T kernels.Float](b *blasBench, r routines[T], n int, ma, mc, x, y []T) {
	run := func(routine, form string, operands float64, call func()) {
		b.run(r.letter+routine, form, n, operands*r.size*float64(n)*float64(n), "GB/s", call)
	}
	run("gemv", "N", 1, func() { r.gemv(blas.NoTrans, n, n, 1, ma, n, x, 1, 0, y, 1) })
	run("gemv", "T", 1, func() { r.gemv(blas.Trans, n, n, 1, ma, n, x, 1, 0, y, 1) })
	run("ger", "-", 2, func() { r.ger(n, n, 1e-9, x, 1, y, 1, mc, n) })
	run("symv", "U", 0.5, func() { r.symv(blas.Upper, n, 1, ma, n, x, 1, 0, y, 1) })
	run("symv", "L", 0.5, func() { r.symv(blas.Lower, n, 1, ma, n, x, 1, 0, y, 1) })
	run("trmv", "UN", 0.5, func() { r.trmv(blas.Upper, blas.NoTrans, blas.NonUnit, n, ma, n, x, 1) })
	run("trsv", "LN", 0.5, func() { r.trsv(blas.Lower, blas.NoTrans, blas.NonUnit, n, ma, n, x, 1) })
	run("trsv", "UT", 0.5, func() { r.trsv(blas.Upper, blas.Trans, blas.NonUnit, n, ma, n, x, 1) })
	run("syr", "U", 1, func() { r.syr(blas.Upper, n, 1e-9, x, 1, mc, n) })
	run("syr2", "L", 1, func() { r.syr2(blas.Lower, n, 1e-9, x, 1, y, 1, mc, n) })
}

func benchLevel3[T kernels.Float](b *blasBench, r routines[T], n int, ma, mb, mc []T) {
	run := func(routine, form string, operations float64, call func()) {
		b.run(r.letter+routine, form, n, operations*float64(n)*float64(n)*float64(n), "GFLOP/s", call)
	}
	run("gemm", "NN", 2, func() { r.gemm(blas.NoTrans, blas.NoTrans, n, n, n, 1, ma, n, mb, n, 0, mc, n) })
	run("syrk", "UN", 1, func() { r.syrk(blas.Upper, blas.NoTrans, n, n, 1, mb, n, 0, mc, n) })
	run("syrk", "LT", 1, func() { r.syrk(blas.Lower, blas.Trans, n, n, 1, mb, n, 0, mc, n) })
	run("syr2k", "UN", 2, func() { r.syr2k(blas.Upper, blas.NoTrans, n, n, 1, ma, n, mb, n, 0, mc, n) })
	run("symm", "LU", 2, func() { r.symm(blas.Left, blas.Upper, n, n, 1, ma, n, mb, n, 0, mc, n) })
	run("trmm", "LUN", 1, func() { r.trmm(blas.Left, blas.Upper, blas.NoTrans, blas.NonUnit, n, n, 1, ma, n, mb, n) })
	run("trmm", "RLT", 1, func() { r.trmm(blas.Right, blas.Lower, blas.Trans, blas.NonUnit, n, n, 1, ma, n, mb, n) })
	run("trsm", "LLN", 1, func() { r.trsm(blas.Left, blas.Lower, blas.NoTrans, blas.NonUnit, n, n, 1, ma, n, mb, n) })
	run("trsm", "RUT", 1, func() { r.trsm(blas.Right, blas.Upper, blas.Trans, blas.NonUnit, n, n, 1, ma, n, mb, n) })
	run("trsm", "LUN", 1, func() { r.trsm(blas.Left, blas.Upper, blas.NoTrans, blas.NonUnit, n, n, 1, ma, n, mb, n) })
}
