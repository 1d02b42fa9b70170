package net

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels"
)

// Truth is what the outputs z of N examples should be: classes, or numbers. The data term
// of the loss is, with all weights w 1 if there are none,
//
//	1/N Σ_i w_i · Σ_j -q[i,j]·log ψ(z)[i,j]   of Labels y, where ψ is softmax
//	1/(N·M) Σ_i w_i · Σ_j (z[i,j] - t[i,j])²  of Targets t, which are N×M
//
// The distribution q of an example over the C classes is 1 for its label and 0 for the others,
// unless the example is mixed with another, whose class o has a share s (mixup: Zhang and
// others, arXiv:1710.09412), or labels are smoothed by ε (Szegedy and others, arXiv:1512.00567,
// §7):
//
//	q[i,j] = (1-ε)·((1-s_i)·[j = y_i] + s_i·[j = o_i]) + ε/C
type Truth[T kernels.Float] struct {
	Labels    []int32
	Others    []int32 // nil if no example is mixed with another
	Shares    []T     // of the others
	Smoothing T
	Targets   kernels.Mat[T] // where Labels is nil
	Weights   []T            // of the examples; nil if all are 1
}

// Loss sets δ to the gradient of the data term with respect to z, and returns that term. It
// panics if the shapes do not fit, if a label is negative or not below the number of columns
// of z, or if the network has more than that many classes.
func (t Truth[T]) Loss(engine *kernels.Engine[T], delta, z kernels.Mat[T]) float64 {
	t.check(z)
	switch {
	case t.Labels == nil && z.Rows > 0:
		return t.squares(delta, z)
	case t.Weights == nil:
		return t.entropy(engine, delta, z)
	}
	sum := 0.0
	for i, w := range t.Weights {
		row := delta.Slice(i, i+1, 0, z.Cols)
		of := t.example(i).entropy(engine, row, z.Slice(i, i+1, 0, z.Cols))
		sum += float64(float64(w) * of) // rounded before it is added, on every machine
		for j := range row.Row(0) {
			row.Row(0)[j] *= w / T(z.Rows)
		}
	}
	return sum / float64(z.Rows)
}

func (t Truth[T]) check(z kernels.Mat[T]) {
	for _, of := range []struct {
		name    string
		n       int
		without bool
	}{
		{"labels", len(t.Labels), t.Labels == nil || t.Weights == nil}, // as the kernel does without weights
		{"others", len(t.Others), t.Others == nil},
		{"shares", len(t.Shares), t.Others == nil},
		{"weights", len(t.Weights), t.Weights == nil},
	} {
		if !of.without && of.n != z.Rows {
			panic(fmt.Sprintf("net: Loss: z is %d×%d, %s has %d elements", z.Rows, z.Cols, of.name, of.n))
		}
	}
	for i, o := range t.Others {
		if o < 0 || int(o) >= z.Cols {
			panic(fmt.Sprintf("net: Loss: others[%d] is %d, z is %d×%d", i, o, z.Rows, z.Cols))
		}
	}
}

// example returns what is known of the classes of example i.
func (t Truth[T]) example(i int) Truth[T] {
	one := Truth[T]{Labels: t.Labels[i : i+1], Smoothing: t.Smoothing}
	if t.Others != nil {
		one.Others, one.Shares = t.Others[i:i+1], t.Shares[i:i+1]
	}
	return one
}

// entropy is Loss for Labels without weights. What the loss of q differs by from that of the
// labels alone is linear in z, and so is the gradient in q.
func (t Truth[T]) entropy(engine *kernels.Engine[T], delta, z kernels.Mat[T]) float64 {
	loss := float64(engine.SoftmaxCrossEntropy(delta, z, t.Labels))
	if t.Others == nil && t.Smoothing == 0 {
		return loss
	}
	n, classes := T(z.Rows), T(z.Cols)
	more, even := 0.0, T(t.Smoothing/classes)
	for i, y := range t.Labels {
		row, d := z.Row(i), delta.Row(i)
		top, q := row[y], T(1-t.Smoothing)
		if t.Others != nil {
			o := t.Others[i]
			s := T((1 - t.Smoothing) * t.Shares[i])
			q -= s
			d[o] -= s / n
			more += float64(float64(s) * (float64(top) - float64(row[o])))
		}
		d[y] += (1 - q) / n
		if even == 0 {
			continue
		}
		below := 0.0
		for j, v := range row {
			d[j] -= even / n
			below += float64(top) - float64(v)
		}
		more += float64(float64(even) * below)
	}
	return loss + more/float64(z.Rows)
}

// squares is Loss for Targets.
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
