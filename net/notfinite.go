package net

import (
	"fmt"
	"math"
	"slices"

	"github.com/lanes-ml/lanes/kernels"
)

// NotFinite says where the first numbers are that are NaN or infinite, as in "the output of
// layer 2 (dense 512→256), which has Inf", or nothing if there are none. If they are in
// parameters, it is the last layer with such: gradients reach that one first. Else it is the
// first input or output that compute, which calls n's methods, leads to. Layers are counted by
// dense ones; what has no such number comes after the layer that is named.
func (n *Network[T]) NotFinite(compute func()) string {
	for _, p := range slices.Backward(n.saved) {
		if kind := notFinite(p.Value.Data); kind != "" {
			return fmt.Sprintf("%s of %s, which has %s", p.Name, n.placeOf(p), kind)
		}
	}
	found, after := "", 0
	n.pass.watch = func(l layer[T], y kernels.Mat[T]) {
		if d, ok := l.(*dense[T]); ok {
			after = 1 + slices.Index(n.dense, d)
		}
		if found != "" {
			return
		}
		kind := ""
		for i := 0; i < y.Rows && kind == ""; i++ {
			kind = notFinite(y.Row(i))
		}
		if kind != "" {
			found = fmt.Sprintf("%s, which has %s", n.outputOf(l, after), kind)
		}
	}
	defer func() { n.pass.watch = nil }()
	compute()
	return found
}

// placeOf names the layer of a parameter or a buffer.
func (n *Network[T]) placeOf(p Param[T]) string {
	at := 0
	for i, d := range n.dense {
		if d.weight.layer <= p.layer {
			at = i
		}
	}
	if n.dense[at].weight.layer == p.layer {
		return n.layerName(at)
	}
	return "the normalisation after " + n.layerName(at)
}

// outputOf names an output of a layer, which is or comes after the dense layer of that number.
func (n *Network[T]) outputOf(l layer[T], number int) string {
	kind := ""
	switch l := l.(type) {
	case nil:
		return "the input"
	case *dense[T]:
		return "the output of " + n.layerName(number-1)
	case *batchNorm[T], *layerNorm[T]:
		kind = "normalisation"
	case *activation[T]:
		kind = l.act.String()
	case *residual[T]:
		kind = "sum"
	default:
		kind = "output"
	}
	if number == 0 {
		return "the " + kind + " before layer 1"
	}
	return "the " + kind + " after " + n.layerName(number-1)
}

// layerName names a dense layer.
func (n *Network[T]) layerName(i int) string {
	w := n.dense[i].weight.Value
	return fmt.Sprintf("layer %d (dense %d→%d)", i+1, w.Rows, w.Cols)
}

// notFinite returns NaN, Inf or -Inf, the first that v has, or nothing.
func notFinite[T kernels.Float](v []T) string {
	for _, x := range v {
		switch f := float64(x); {
		case math.IsNaN(f):
			return "NaN"
		case math.IsInf(f, 1):
			return "Inf"
		case math.IsInf(f, -1):
			return "-Inf"
		}
	}
	return ""
}
