package kernels

import "fmt"

// Uplo says which triangle of a square matrix, with its diagonal, an operation refers to.
// The other triangle is neither read nor written.
type Uplo int

const (
	Upper Uplo = iota // elements (i, j) with i ≤ j
	Lower             // elements (i, j) with i ≥ j
)

// T returns the triangle of the transposed view: what is above the diagonal of m is below
// that of m.T().
func (u Uplo) T() Uplo { return Lower - u }

func (u Uplo) String() string { return wordOf("Uplo", int(u), "upper", "lower") }

// Diag says whether the elements on the diagonal of a triangular matrix are read.
type Diag int

const (
	NonUnit Diag = iota // they are read
	Unit                // they count as 1, and are not read
)

func (d Diag) String() string { return wordOf("Diag", int(d), "non-unit", "unit") }

// Side says on which side of the other operand a symmetric or triangular matrix stands.
type Side int

const (
	Left  Side = iota // A·B
	Right             // B·A
)

func (s Side) String() string { return wordOf("Side", int(s), "left", "right") }

// wordOf returns the word of value v of a type, or its number if it has none.
func wordOf(of string, v int, words ...string) string {
	if uint(v) < uint(len(words)) {
		return words[v]
	}
	return fmt.Sprintf("%s(%d)", of, v)
}

// checkTriangle panics unless a is n×n, within its data, and uplo and diag are known.
func (m *Mat[T]) checkTriangle(op, name string, uplo Uplo, diag Diag, n int) {
	if uint(uplo) > uint(Lower) || uint(diag) > uint(Unit) {
		panic(fmt.Sprintf("kernels: %s: %s with %v and %v, want Upper or Lower, and NonUnit or Unit", op, name, uplo, diag))
	}
	if !m.plain() {
		m.check(op, name)
	}
	if m.Rows != n || m.Cols != n {
		panic(fmt.Sprintf("kernels: %s: %s is %d×%d, want %d×%d", op, name, m.Rows, m.Cols, n, n))
	}
}
