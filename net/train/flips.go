package train

import "github.com/lanes-ml/lanes/kernels"

// meanOfMirrored sets z, the logits of the examples that rows lists, to the mean of them and
// of what logits gives for their mirror images.
func (p part[T]) meanOfMirrored(z kernels.Mat[T], rows []int, logits func(z, x kernels.Mat[T])) {
	p.Batch.DrawMirrored(p.Split, rows)
	mirrored := kernels.NewMat[T](z.Rows, z.Cols, nil)
	logits(mirrored, p.Batch.X)
	for i := range z.Rows {
		row, other := z.Row(i), mirrored.Row(i)
		for j := range row {
			row[j] = (row[j] + other[j]) / 2
		}
	}
}
