package gonumblas

import (
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/lanes-ml/lanes/kernels"
)

// FromDense returns a view of the elements of d. It copies nothing: what is written to one
// is seen in the other.
func FromDense(d *mat.Dense) kernels.Mat[float64] {
	r := d.RawMatrix()
	return kernels.Mat[float64]{Data: r.Data, Rows: r.Rows, Cols: r.Cols, RowStride: r.Stride, ColStride: 1}
}

// ToDense returns m as a matrix of gonum, and reports whether the two share their elements.
// They do if the rows of m are contiguous and do not overlap; else, as for a transposed
// view, the elements are copied. It panics if m exceeds its data.
func ToDense(m kernels.Mat[float64]) (d *mat.Dense, shared bool) {
	if m.Rows == 0 || m.Cols == 0 {
		return new(mat.Dense), false
	}
	d = new(mat.Dense)
	if (m.ColStride == 1 || m.Cols == 1) && (m.RowStride >= m.Cols || m.Rows == 1) {
		stride := max(m.RowStride, m.Cols)
		d.SetRawMatrix(blas64.General{Rows: m.Rows, Cols: m.Cols, Stride: stride, Data: m.Data[:(m.Rows-1)*stride+m.Cols]})
		return d, true
	}
	d.ReuseAs(m.Rows, m.Cols)
	for i := range m.Rows {
		for j := range m.Cols {
			d.Set(i, j, m.At(i, j))
		}
	}
	return d, false
}
