package spectrum

import (
	"math"

	"github.com/lanes-ml/lanes/kernels"
)

// cholesky replaces the lower triangle of a by that of L, where A = L·Lᵀ. It returns the rows
// whose pivot is not above least; their rows and columns of L are those of the unit matrix.
func cholesky(e *kernels.Engine[float64], a kernels.Mat[float64], least float64) (dependent []int) {
	for i := range a.Rows {
		row := a.Row(i)
		for j := range i {
			row[j] = (row[j] - e.Dot(kernels.NewVec(row[:j]), kernels.NewVec(a.Row(j)[:j]))) / a.Row(j)[j]
		}
		for _, j := range dependent {
			row[j] = 0
		}
		pivot := row[i] - e.Dot(kernels.NewVec(row[:i]), kernels.NewVec(row[:i]))
		if pivot > least {
			row[i] = math.Sqrt(pivot)
			continue
		}
		clear(row[:i])
		row[i] = 1
		dependent = append(dependent, i)
	}
	return dependent
}

// mostSweeps bounds the sweeps of jacobi, which takes 10 or so, and fewer for a matrix that is
// nearly diagonal.
const mostSweeps = 40

// jacobi returns the eigenvalues of a symmetric positive semidefinite matrix, the largest
// first, and sets rows to its eigenvectors. The rows of Rᵀ, where A = R·Rᵀ, are rotated in pairs
// until they are orthogonal (Veselić and Hari, Numerische Mathematik 56, 1989). A is
// overwritten.
func jacobi(e *kernels.Engine[float64], rows, a kernels.Mat[float64]) []float64 {
	n := a.Rows
	shift := 0.0
	for i := range n {
		shift = max(shift, a.At(i, i))
	}
	shift = float64(shift * 1e-14 * float64(n)) // so that rounding errors leave a factor
	for i := range n {
		a.Row(i)[i] += shift
	}
	cholesky(e, a, 0)
	clear(rows.Data)
	for i := range n {
		for j := range i + 1 {
			rows.Row(j)[i] = a.Row(i)[j]
		}
	}
	squares := make([]float64, n)
	for range mostSweeps {
		if !sweep(e, rows, squares) {
			break
		}
	}
	for i := range n {
		e.Scal(1/math.Sqrt(squares[i]), kernels.NewVec(rows.Row(i)))
		squares[i] = max(0, squares[i]-shift)
	}
	return squares
}

// sweep rotates every pair of rows that are not orthogonal, puts longer rows before shorter
// ones, and sets squares to the squares of their norms. It reports whether it changed any.
func sweep(e *kernels.Engine[float64], rows kernels.Mat[float64], squares []float64) (changed bool) {
	const orthogonal = 1e-14
	for i := range squares {
		squares[i] = square(e, rows, i)
	}
	for i := range rows.Rows {
		x := kernels.NewVec(rows.Row(i))
		for j := i + 1; j < rows.Rows; j++ {
			y := kernels.NewVec(rows.Row(j))
			if squares[i] < squares[j] {
				e.Swap(x, y)
				squares[i], squares[j] = squares[j], squares[i]
				changed = true
			}
			dot := e.Dot(x, y)
			if math.Abs(dot) <= orthogonal*math.Sqrt(squares[i])*math.Sqrt(squares[j]) {
				continue
			}
			changed = true
			// Of the two rotations that make the rows orthogonal, the smaller (Golub and Van Loan, §8.5.2).
			z := (squares[i] - squares[j]) / (2 * dot)
			t := 1 / (z + math.Copysign(math.Sqrt(1+float64(z*z)), z))
			c := 1 / math.Sqrt(1+float64(t*t))
			e.Rot(x, y, c, c*t)
			squares[i] += float64(t * dot)
			squares[j] = max(0, squares[j]-float64(t*dot))
		}
	}
	for i := range squares {
		squares[i] = square(e, rows, i)
	}
	return changed
}

func square(e *kernels.Engine[float64], rows kernels.Mat[float64], i int) float64 {
	x := kernels.NewVec(rows.Row(i))
	return e.Dot(x, x)
}
