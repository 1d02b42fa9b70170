package gonumblas

import (
	"math/rand/v2"
	"slices"
	"strings"

	"gonum.org/v1/gonum/blas"
)

// problem is a call of a routine: its arguments, as far as the routine has them. A rot has
// its cosine in alpha and its sine in beta.
type problem struct {
	routine       string
	side          blas.Side
	ul            blas.Uplo
	tA, tB        blas.Transpose
	diag          blas.Diag
	m, n, k       int
	alpha, beta   float64
	a, b, c       []float64
	lda, ldb, ldc int
	x, y          []float64
	incX, incY    int
	scalar        float64 // the result, if that is a number
}

// levels are the routines of each level.
var levels = [3][]string{
	{"dot", "nrm2", "asum", "amax", "swap", "copy", "axpy", "rot", "scal"},
	{"gemv", "ger", "symv", "syr", "syr2", "trmv", "trsv"},
	{"gemm", "symm", "syrk", "syr2k", "trmm", "trsm"},
}

var routines = slices.Concat(levels[:]...)

// run returns the problem as the routine leaves it.
func (p problem) run(f blas.Float64) problem {
	p = p.clone()
	p.call(f)
	return p
}

func (p problem) clone() problem {
	p.a, p.b, p.c, p.x, p.y = slices.Clone(p.a), slices.Clone(p.b), slices.Clone(p.c), slices.Clone(p.x), slices.Clone(p.y)
	return p
}

// call calls the routine.
func (p *problem) call(f blas.Float64) {
	switch p.routine {
	case "dot":
		p.scalar = f.Ddot(p.n, p.x, p.incX, p.y, p.incY)
	case "nrm2":
		p.scalar = f.Dnrm2(p.n, p.x, p.incX)
	case "asum":
		p.scalar = f.Dasum(p.n, p.x, p.incX)
	case "amax":
		p.scalar = float64(f.Idamax(p.n, p.x, p.incX))
	case "swap":
		f.Dswap(p.n, p.x, p.incX, p.y, p.incY)
	case "copy":
		f.Dcopy(p.n, p.x, p.incX, p.y, p.incY)
	case "axpy":
		f.Daxpy(p.n, p.alpha, p.x, p.incX, p.y, p.incY)
	case "rot":
		f.Drot(p.n, p.x, p.incX, p.y, p.incY, p.alpha, p.beta)
	case "scal":
		f.Dscal(p.n, p.alpha, p.x, p.incX)
	case "gemv":
		f.Dgemv(p.tA, p.m, p.n, p.alpha, p.a, p.lda, p.x, p.incX, p.beta, p.y, p.incY)
	case "ger":
		f.Dger(p.m, p.n, p.alpha, p.x, p.incX, p.y, p.incY, p.a, p.lda)
	case "symv":
		f.Dsymv(p.ul, p.n, p.alpha, p.a, p.lda, p.x, p.incX, p.beta, p.y, p.incY)
	case "syr":
		f.Dsyr(p.ul, p.n, p.alpha, p.x, p.incX, p.a, p.lda)
	case "syr2":
		f.Dsyr2(p.ul, p.n, p.alpha, p.x, p.incX, p.y, p.incY, p.a, p.lda)
	case "trmv":
		f.Dtrmv(p.ul, p.tA, p.diag, p.n, p.a, p.lda, p.x, p.incX)
	case "trsv":
		f.Dtrsv(p.ul, p.tA, p.diag, p.n, p.a, p.lda, p.x, p.incX)
	case "gemm":
		f.Dgemm(p.tA, p.tB, p.m, p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc)
	case "symm":
		f.Dsymm(p.side, p.ul, p.m, p.n, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc)
	case "syrk":
		f.Dsyrk(p.ul, p.tA, p.n, p.k, p.alpha, p.a, p.lda, p.beta, p.c, p.ldc)
	case "syr2k":
		f.Dsyr2k(p.ul, p.tA, p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc)
	case "trmm":
		f.Dtrmm(p.side, p.ul, p.tA, p.diag, p.m, p.n, p.alpha, p.a, p.lda, p.b, p.ldb)
	case "trsm":
		f.Dtrsm(p.side, p.ul, p.tA, p.diag, p.m, p.n, p.alpha, p.a, p.lda, p.b, p.ldb)
	default:
		panic(p.routine)
	}
}

func pick[E any](r *rand.Rand, s ...E) E { return s[r.IntN(len(s))] }

// draw returns a problem with sizes from 1 to limit, in any form, with rows that may have
// padding and increments that may be negative. Its numbers come from number; those on the
// diagonal of a triangular matrix of order n from diagonal(n), and those off it are sparse,
// so that a substitution does not grow.
func draw(r *rand.Rand, routine string, limit int, number func() float64, diagonal func(n int) float64) problem {
	p := problem{
		routine: routine, side: pick(r, blas.Left, blas.Right), ul: pick(r, blas.Upper, blas.Lower),
		tA: pick(r, blas.NoTrans, blas.Trans, blas.ConjTrans), tB: pick(r, blas.NoTrans, blas.Trans, blas.ConjTrans),
		diag: pick(r, blas.Unit, blas.NonUnit), m: 1 + r.IntN(limit), n: 1 + r.IntN(limit), k: 1 + r.IntN(limit),
		alpha: pick(r, 0, 1, 1, -1, number()), beta: pick(r, 0, 1, number()),
	}
	matrix := func(rows, cols int, t blas.Transpose) ([]float64, int) {
		if t != blas.NoTrans {
			rows, cols = cols, rows
		}
		ld := cols + r.IntN(3)
		return numbers(number, (rows-1)*ld+cols+r.IntN(2)), ld
	}
	vector := func(n int) ([]float64, int) {
		inc := pick(r, 1, 1, 1, -1, 2, -3)
		return numbers(number, (n-1)*max(inc, -inc)+1+r.IntN(2)), inc
	}
	order, rows, cols := p.n, p.n, p.n // of a square A, and of op(A) in gemv and of ger
	switch routine {
	case "gemv", "ger":
		rows = p.m
	case "symm", "trmm", "trsm":
		if p.side == blas.Left {
			order = p.m
		}
	}
	lengthX, lengthY := cols, rows
	if routine == "ger" || routine == "gemv" && p.tA != blas.NoTrans {
		lengthX, lengthY = rows, cols
	}
	p.x, p.incX = vector(lengthX)
	p.y, p.incY = vector(lengthY)
	switch {
	case slices.Contains(levels[0], routine):
	case routine == "gemv", routine == "ger":
		p.a, p.lda = matrix(rows, cols, blas.NoTrans)
	case routine == "gemm":
		p.a, p.lda = matrix(p.m, p.k, p.tA)
		p.b, p.ldb = matrix(p.k, p.n, p.tB)
		p.c, p.ldc = matrix(p.m, p.n, blas.NoTrans)
	case routine == "syrk", routine == "syr2k":
		p.a, p.lda = matrix(p.n, p.k, p.tA)
		p.b, p.ldb = matrix(p.n, p.k, p.tA)
		p.c, p.ldc = matrix(p.n, p.n, blas.NoTrans)
	default:
		p.a, p.lda = matrix(order, order, blas.NoTrans)
		p.b, p.ldb = matrix(p.m, p.n, blas.NoTrans)
		p.c, p.ldc = matrix(p.m, p.n, blas.NoTrans)
	}
	if strings.HasPrefix(routine, "tr") {
		for i := range order {
			for j := range order {
				if at := &p.a[i*p.lda+j]; i == j {
					*at = diagonal(order)
				} else if r.IntN(order) > 2 {
					*at = 0
				}
			}
		}
	}
	return p
}

func numbers(number func() float64, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = number()
	}
	return x
}

// drawExact returns a problem whose result has no roundings, also in float32.
func drawExact(r *rand.Rand, routine string, limit int) problem {
	return draw(r, routine, limit, func() float64 { return pick(r, 0.0, 1, -1, 2, -3) }, func(int) float64 { return pick(r, 1.0, -1) })
}
