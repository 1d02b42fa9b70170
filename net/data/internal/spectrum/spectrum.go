// Package spectrum finds the leading eigenvectors of large symmetric matrices by products of
// matrices. All that it computes are operations of an engine, whose bits do not depend on its
// level and its threads, and single operations of float64 that round once.
package spectrum

import (
	"math"
	"math/rand/v2"

	"github.com/lanes-ml/lanes/kernels"
)

// tolerance bounds the error of a pair of an eigenvalue λ and its vector v: |S·v - λ·v| is at
// most this times λ, or times least of the largest eigenvalue if λ is below that.
const (
	tolerance = 1e-5
	least     = 1e-6
)

// mostRounds bounds the rounds of [Leading], which are of several steps but for the first.
// Images take 3 or 4.
const (
	mostRounds = 20
	steps      = 3
)

// Leading returns the k largest eigenvalues of S, the largest first, and as rows their
// eigenvectors, of norm 1 and with a positive element of largest magnitude. S is symmetric,
// n×n with n ≥ k, and positive semidefinite.
//
// It is the iteration of a subspace of more than k dimensions (Saad, Numerical Methods for Large
// Eigenvalue Problems, 2011, chapter 5), which a polynomial of Chebyshev turns towards the
// eigenvalues above the least that the subspace has (Zhou and others, Journal of Computational
// Physics 219, 2006); its pairs are those of Rayleigh and Ritz. Where eigenvalues are so close
// that the vectors of k and of k+1 are not told apart, any of their mixtures may be returned.
//
// Flops are the floating-point operations of the products of matrices, a multiply-add counting
// as two. In a subspace of m dimensions there are
//
//	2·m·n² + 6·m²·n      for the pairs of Rayleigh and Ritz
//	2·m·n²               for each degree of the polynomial
//	m·(m+1)·n + m²·n     to make rows orthonormal, each time
func Leading(e *kernels.Engine[float64], s kernels.Mat[float64], k int) (values []float64, vectors kernels.Mat[float64], flops float64) {
	n := s.Rows
	block := min(n, k+max(16, k/4))
	b := newBasis(e, block, n)
	for round := range mostRounds {
		values = b.ritz(s)
		if block == n || b.residual(values[:k]) <= tolerance {
			break
		}
		for range 1 + min(round, 1)*(steps-1) {
			b.filter(s, values)
			b.orthonormalise()
		}
	}
	vectors = b.rows.Slice(0, k, 0, n)
	for i := range k {
		point(vectors.Row(i))
	}
	return values[:k], vectors, b.flops
}

// basis has vectors as rows.
type basis struct {
	engine *kernels.Engine[float64]
	random *rand.Rand
	rows   kernels.Mat[float64]
	times  kernels.Mat[float64] // rows·S, after ritz
	spare  kernels.Mat[float64]
	// Products of rows, and rows that have their eigenvectors.
	products, turns kernels.Mat[float64]
	flops           float64 // of products of matrices so far
}

// gemm computes C ← alpha·A·B + beta·C.
func (b *basis) gemm(c kernels.Mat[float64], alpha float64, x, y kernels.Mat[float64], beta float64) {
	b.engine.Gemm(c, alpha, x, y, beta)
	b.flops += float64(2 * x.Rows * x.Cols * y.Cols)
}

// newBasis returns m random orthonormal vectors of n elements.
func newBasis(e *kernels.Engine[float64], m, n int) *basis {
	b := &basis{
		engine: e, random: rand.New(rand.NewPCG(1, 2)),
		products: kernels.NewMat[float64](m, m, nil), turns: kernels.NewMat[float64](m, m, nil),
	}
	for _, x := range []*kernels.Mat[float64]{&b.rows, &b.times, &b.spare} {
		*x = kernels.NewMat[float64](m, n, nil)
	}
	for i := range m {
		b.draw(i)
	}
	b.orthonormalise()
	return b
}

// draw makes row i random.
func (b *basis) draw(i int) {
	row := b.rows.Row(i)
	for j := range row {
		row[j] = b.random.Float64() - 0.5 // exact
	}
}

// ritz replaces an orthonormal basis Q by one of the same subspace of which Q·S·Qᵀ is
// diagonal, and returns the diagonal, the largest element first.
func (b *basis) ritz(s kernels.Mat[float64]) []float64 {
	b.gemm(b.times, 1, b.rows, s, 0)
	b.gemm(b.products, 1, b.times, b.rows.T(), 0)
	values := jacobi(b.engine, b.turns, b.products)
	for _, x := range []*kernels.Mat[float64]{&b.rows, &b.times} {
		b.gemm(b.spare, 1, b.turns, *x, 0)
		*x, b.spare = b.spare, *x
	}
	return values
}

// residual returns the largest error, as for tolerance, of the first rows, whose eigenvalues are
// given.
func (b *basis) residual(values []float64) float64 {
	most := 0.0
	for i, value := range values {
		difference := b.spare.Row(i)
		copy(difference, b.times.Row(i))
		b.engine.Axpy(kernels.NewVec(difference), -value, kernels.NewVec(b.rows.Row(i)))
		most = max(most, b.engine.Nrm2(kernels.NewVec(difference))/max(value, least*values[0]))
	}
	return most
}

// filter replaces every row q by p(S)·q, where p is the polynomial of Chebyshev that is at most
// 1 from 0 to a, the least eigenvalue of the basis, and grows fastest above. Its degree is such
// that the largest eigenvalue does not drown the others in rounding errors.
func (b *basis) filter(s kernels.Mat[float64], values []float64) {
	b.gemm(b.times, 1, b.rows, s, 0)
	a := values[len(values)-1]
	if a <= 1e-12*values[0] { // S has no more eigenvalues than the basis vectors
		b.rows, b.times = b.times, b.rows
		return
	}
	top := 2*(values[0]/a) - 1
	degree, before, grown := 1, 1.0, top
	for degree < 12 && 2*top*grown < 1e13 {
		before, grown = grown, float64(2*top*grown)-before
		degree++
	}
	// p₀(S)·q = q, p₁(S)·q = 2/a·S·q - q, p_j(S)·q = 4/a·S·p_(j-1)(S)·q - 2·p_(j-1)(S)·q - p_(j-2)(S)·q
	last, next := b.rows, b.times
	for i := range next.Rows {
		b.engine.Scal(2/a, kernels.NewVec(next.Row(i)))
		b.engine.Axpy(kernels.NewVec(next.Row(i)), -1, kernels.NewVec(last.Row(i)))
	}
	for range degree - 1 {
		b.gemm(last, 4/a, next, s, -1)
		for i := range next.Rows {
			b.engine.Axpy(kernels.NewVec(last.Row(i)), -2, kernels.NewVec(next.Row(i)))
		}
		last, next = next, last
	}
	b.rows, b.times = next, last
}

// orthonormalise makes the rows orthonormal without changing the subspaces of the first ones, by
// the factor of Cholesky of their products, twice (Yamamoto and others, ETNA 44, 2015). A row
// that depends on those before it becomes a random one.
func (b *basis) orthonormalise() {
	for clean := 0; clean < 2; {
		for i := range b.rows.Rows {
			row := kernels.NewVec(b.rows.Row(i))
			if norm := b.engine.Nrm2(row); norm > 0 {
				b.engine.Scal(1/norm, row)
			}
		}
		m, n := b.rows.Rows, b.rows.Cols
		b.engine.Syrk(kernels.Lower, b.products, 1, b.rows, 0)
		b.flops += float64(m * (m + 1) * n)
		dependent := cholesky(b.engine, b.products, 1e-11)
		for _, i := range dependent {
			b.draw(i)
		}
		if len(dependent) > 0 {
			continue
		}
		b.engine.Trsm(kernels.Left, kernels.Lower, kernels.NonUnit, 1, b.products, b.rows)
		b.flops += float64(m * m * n)
		clean++
	}
}

// point makes the element of largest magnitude positive.
func point(v []float64) {
	largest := 0.0
	for _, x := range v {
		if math.Abs(x) > math.Abs(largest) {
			largest = x
		}
	}
	if largest < 0 {
		for j := range v {
			v[j] = -v[j]
		}
	}
}
