package gonumblas

import (
	"math"
	"unsafe"

	"gonum.org/v1/gonum/blas"

	"github.com/lanes-ml/lanes/kernels"
)

// few is the most rows and columns of the float64 matrices whose elements are computed here
// one after another, since the engine would take longer to prepare than to compute. The
// formulas, and so the bits, are the engine's at levels that fuse multiply-adds. Functions
// of few rows and columns report whether they did it: not for arguments that gonum
// refuses, for vectors in descending order, or where an output may overlap another operand.
const few = 4

// fuses reports whether the engine has the bits of [math.FMA].
func fuses(e *kernels.Engine[float64]) bool { return e.Level() != kernels.Generic }

// apart reports whether no memory is both within the first n elements of x and within the
// first m of y.
func apart(x []float64, n int, y []float64, m int) bool {
	x0, y0 := uintptr(unsafe.Pointer(&x[0])), uintptr(unsafe.Pointer(&y[0]))
	return x0+uintptr(n)*8 <= y0 || y0+uintptr(m)*8 <= x0
}

func axpyFew(e *kernels.Engine[float64], n int, alpha float64, x []float64, incX int, y []float64, incY int) bool {
	if alpha == 0 || incX != 1 || incY != 1 || n > len(x) || n > len(y) || !fuses(e) || &x[0] != &y[0] && !apart(x, n, y, n) {
		return false
	}
	addRow(y[:n], alpha, x, 1)
	return true
}

func gemvFew(e *kernels.Engine[float64], tA blas.Transpose, m, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) bool {
	rows, cols := m, n
	if tA != blas.NoTrans {
		rows, cols = n, m
	}
	if alpha == 0 || !matFits(m, n, a, lda) || !fitsForward(cols, x, incX) || !fitsForward(rows, y, incY) || !fuses(e) ||
		!apart(y, (rows-1)*incY+1, x, (cols-1)*incX+1) || !apart(y, (rows-1)*incY+1, a, (m-1)*lda+n) {
		return false
	}
	switch {
	case tA == blas.NoTrans:
		rowSums(m, n, alpha, a, lda, x, incX, beta, y, incY)
	case lda == 1 || tA != blas.Trans && tA != blas.ConjTrans:
		return false // where the transpose of a column has contiguous rows too
	default:
		for j := range rows {
			sum := 0.0
			if beta != 0 {
				sum = float64(beta * y[j*incY])
			}
			for i := range cols {
				sum = math.FMA(float64(alpha*x[i*incX]), a[i*lda+j], sum)
			}
			y[j*incY] = sum
		}
	}
	return true
}

// rowSums computes y[i] ← fma(alpha, s, beta·y[i]), with s the sum in lanes of the products of
// row i and x.
func rowSums(m, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	var v [few]float64
	for j := range n {
		v[j&(few-1)] = x[j*incX]
	}
	for i := range m {
		from := 0.0
		if beta != 0 {
			from = float64(beta * y[i*incY])
		}
		y[i*incY] = math.FMA(alpha, dot(a[i*lda:][:n], v[:n]), from)
	}
}

// dot is [kernels.Engine.Dot], and the sum in lanes of Gemv: products 2 apart are added, then
// 1 apart. As in lanes that begin at 0, -0 becomes 0.
func dot(x, y []float64) float64 {
	switch y = y[:len(x)]; len(x) {
	case 1:
		return float64(x[0]*y[0]) + 0
	case 2:
		return float64(x[0]*y[0]) + float64(x[1]*y[1]) + 0
	case 3:
		return float64(x[0]*y[0]) + float64(x[2]*y[2]) + float64(x[1]*y[1]) + 0
	}
	return float64(x[0]*y[0]) + float64(x[2]*y[2]) + (float64(x[1]*y[1]) + float64(x[3]*y[3])) + 0
}

func gerFew(e *kernels.Engine[float64], m, n int, alpha float64, x []float64, incX int, y []float64, incY int, a []float64, lda int) bool {
	if alpha == 0 || !matFits(m, n, a, lda) || !fitsForward(m, x, incX) || !fitsForward(n, y, incY) || !fuses(e) ||
		!apart(x, (m-1)*incX+1, a, (m-1)*lda+n) || !apart(y, (n-1)*incY+1, a, (m-1)*lda+n) {
		return false
	}
	for i := range m {
		addRow(a[i*lda:][:n], float64(alpha*x[i*incX]), y, incY)
	}
	return true
}

func syrFew(e *kernels.Engine[float64], ul blas.Uplo, n int, alpha float64, x []float64, incX int, a []float64, lda int) bool {
	if alpha == 0 || ul != blas.Upper && ul != blas.Lower || !matFits(n, n, a, lda) || !fitsForward(n, x, incX) || !fuses(e) ||
		!apart(x, (n-1)*incX+1, a, (n-1)*lda+n) {
		return false
	}
	for i := range n {
		if ul == blas.Upper {
			addRow(a[i*lda+i:][:n-i], float64(alpha*x[i*incX]), x[i*incX:], incX)
		} else {
			addRow(a[i*lda:][:i+1], float64(alpha*x[i*incX]), x, incX)
		}
	}
	return true
}

// addRow computes row[j] ← fma(alpha, x[j], row[j]).
func addRow(row []float64, alpha float64, x []float64, incX int) {
	for j, v := range row {
		row[j] = math.FMA(alpha, x[j*incX], v)
	}
}

func trmvFew(e *kernels.Engine[float64], ul blas.Uplo, tA blas.Transpose, d blas.Diag, n int, a []float64, lda int, x []float64, incX int) bool {
	if !triangleFits(e, ul, tA, d, n, a, lda, x, incX) {
		return false
	}
	first, row, col, firstX, step := walk(ul, tA, n, lda, incX)
	for i := n - 1; i >= 0; i-- {
		sum := x[firstX+i*step]
		if d == blas.NonUnit {
			sum *= a[first+i*(row+col)]
		}
		for j := range i {
			sum = math.FMA(a[first+i*row+j*col], x[firstX+j*step], sum)
		}
		x[firstX+i*step] = sum
	}
	return true
}

func trsvFew(e *kernels.Engine[float64], ul blas.Uplo, tA blas.Transpose, d blas.Diag, n int, a []float64, lda int, x []float64, incX int) bool {
	if !triangleFits(e, ul, tA, d, n, a, lda, x, incX) {
		return false
	}
	first, row, col, firstX, step := walk(ul, tA, n, lda, incX)
	for i := range n {
		rest := x[firstX+i*step]
		for j := range i {
			rest = math.FMA(-a[first+i*row+j*col], x[firstX+j*step], rest)
		}
		if d == blas.NonUnit {
			rest /= a[first+i*(row+col)]
		}
		x[firstX+i*step] = rest
	}
	return true
}

func triangleFits(e *kernels.Engine[float64], ul blas.Uplo, tA blas.Transpose, d blas.Diag, n int, a []float64, lda int, x []float64, incX int) bool {
	return (ul == blas.Upper || ul == blas.Lower) && (tA == blas.NoTrans || tA == blas.Trans || tA == blas.ConjTrans) &&
		(d == blas.Unit || d == blas.NonUnit) && matFits(n, n, a, lda) && fitsForward(n, x, incX) && fuses(e) &&
		apart(x, (n-1)*incX+1, a, (n-1)*lda+n)
}

// walk returns how op of a row-major triangle is walked as a lower one: its element (i, j) is
// a[first+i*row+j*col], and element i of the vector x[firstX+i*step].
func walk(ul blas.Uplo, tA blas.Transpose, n, lda, incX int) (first, row, col, firstX, step int) {
	row, col = lda, 1
	if tA != blas.NoTrans {
		row, col = 1, lda
	}
	if (ul == blas.Lower) == (tA == blas.NoTrans) {
		return 0, row, col, 0, incX
	}
	return (n - 1) * (row + col), -row, -col, (n - 1) * incX, -incX
}
