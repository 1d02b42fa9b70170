package net

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels"
)

// Truth is what the outputs z of N examples should be: classes, or numbers. The data term
// of the loss is, with all weights w 1 if there are none,
//
//	1/N Σ_i w_i · -log ψ(z)[i,y_i]            of Labels y, where ψ is softmax
//	1/(N·M) Σ_i w_i · Σ_j (z[i,j] - t[i,j])²  of Targets t, which are N×M
type Truth[T kernels.Float] struct {
	Labels  []int32
	Targets kernels.Mat[T] // where Labels is nil
	Weights []T            // of the examples; nil if all are 1
}

// loss sets δ to the gradient of the data term with respect to z, and returns that term.
// It panics if the shapes do not fit, or if a label is negative or not below the number
// of columns of z.
func (t Truth[T]) loss(engine *kernels.Engine[T], delta, z kernels.Mat[T]) float64 {
	if t.Weights != nil && len(t.Weights) != z.Rows {
		panic(fmt.Sprintf("net: Loss: z is %d×%d, weights has %d elements", z.Rows, z.Cols, len(t.Weights)))
	}
	switch {
	case t.Labels == nil && z.Rows > 0:
		return t.squares(delta, z)
	case t.Weights == nil:
		return float64(engine.SoftmaxCrossEntropy(delta, z, t.Labels))
	}
	if len(t.Labels) != z.Rows {
		panic(fmt.Sprintf("net: Loss: z is %d×%d, labels has %d elements", z.Rows, z.Cols, len(t.Labels)))
	}
	sum := 0.0
	for i, w := range t.Weights {
		row := delta.Slice(i, i+1, 0, z.Cols)
		of := engine.SoftmaxCrossEntropy(row, z.Slice(i, i+1, 0, z.Cols), t.Labels[i:i+1])
		sum += float64(float64(w) * float64(of)) // rounded before it is added, on every machine
		for j := range row.Row(0) {
			row.Row(0)[j] *= w / T(z.Rows)
		}
	}
	return sum / float64(z.Rows)
}

// squares is loss for Targets.
func (t Truth[T]) squares(delta, z kernels.Mat[T]) float64 {
	if t.Targets.Rows != z.Rows || t.Targets.Cols != z.Cols {
		panic(fmt.Sprintf("net: Loss: z is %d×%d, targets are %d×%d", z.Rows, z.Cols, t.Targets.Rows, t.Targets.Cols))
	}
	sum, count := 0.0, float64(z.Rows*z.Cols)
	for i := range z.Rows {
		w := T(1)
		if t.Weights != nil {
			w = t.Weights[i]
		}
		scale := 2 * w / T(count)
		d, y := delta.Row(i), t.Targets.Row(i)
		for j, v := range z.Row(i) {
			e := v - y[j]
			d[j] = e * scale
			sum += float64(float64(w) * float64(float64(e)*float64(e)))
		}
	}
	return sum / count
}
