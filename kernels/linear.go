package kernels

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels/internal/panel"
)

// Linear computes a dense layer, y ← act(x·W + bias), where x is N×in, W is
// in×out, bias is added to every row and y is N×out. Without a bias,
// which is then nil, nothing is added. The result has the bits of [Engine.Gemm],
// [Engine.AddBias] and [Engine.ReLU] in turn, and saves the passes over y of the last two.
// Linear panics as Gemm does, unless bias is nil or len(bias) == y.Cols, unless the rows of
// y are contiguous, and unless act is [Identity] or [ReLU]: [Engine.Activate] has the others.
func (e *Engine[T]) Linear(y, x, w Mat[T], bias []T, act Activation) {
	checkProduct("Linear", "y", &y, "x", &x, "w", &w)
	checkBias("Linear", &y, bias, act)
	e.gemm(&y, 1, &x, &w, 0, &panel.Epilogue[T]{Bias: bias, ReLU: act == ReLU})
}

// checkBias panics unless the rows of y are contiguous, bias, if any, fits, and act
// is an activation, and gives a column the stride of one.
func checkBias[T Float](op string, y *Mat[T], bias []T, act Activation) {
	act.check(op)
	if bias != nil && len(bias) != y.Cols || y.ColStride != 1 && y.Cols > 1 {
		panic(fmt.Sprintf("kernels: %s: y is %d×%d with strides (%d,%d), bias has %d elements", op, y.Rows, y.Cols, y.RowStride, y.ColStride, len(bias)))
	}
	y.ColStride = 1
	row := rowOf(y, bias)
	distinct(op, "y", y, "bias", &row)
}

// rowOf views v as a row of the strides of y.
func rowOf[T Float](y *Mat[T], v []T) Mat[T] { return Mat[T]{v, 1, len(v), y.RowStride, 1} }

func (a Activation) check(op string) {
	if a != Identity && a != ReLU {
		panic(fmt.Sprintf("kernels: %s: activation %v, want Identity or ReLU", op, a))
	}
}

// LinearBackward computes the gradients of a dense layer z = x·W + bias from the
// gradient dz with respect to z, N×out, where x is N×in and W is in×out:
//
//	dW ← xᵀ·dz + weightDecay·W   in×out
//	db ← Σ_i dz[i,·]             out
//	dx ← dz·Wᵀ                   N×in
//
// weightDecay is what multiplies W: 2λ for a penalty λ·Σ W² in the loss. If input,
// the activation that made x, is [ReLU], dx goes back through it too, and is 0 where
// x ≤ 0. If dx has no data, as for a first layer, it is not computed.
//
// The results have the bits of [Engine.Gemm], [Engine.Axpy], [Engine.ColSums] and
// [Engine.ReLUBackward] in turn, without a pass over memory for each. If weightDecay
// is 0 there is no Axpy: W is not read for dW, and a NaN in W does not reach it.
//
// LinearBackward panics as Gemm does, unless len(db) == dz.Cols, and unless the rows
// of dx, dw and w, and of x if input is ReLU, are contiguous, or if input is neither
// [Identity] nor [ReLU]. Outputs must not
// overlap inputs or each other; what Gemm finds of that, LinearBackward finds.
func (e *Engine[T]) LinearBackward(dx, dw Mat[T], db []T, dz, x, w Mat[T], weightDecay T, input Activation) {
	e.linearBackward("LinearBackward", &dx, &dw, db, &dz, &x, &w, weightDecay, 0, input)
}

// LinearStep computes the gradients of a dense layer, as [Engine.LinearBackward] does, and
// takes a step of gradient descent along them:
//
//	dx   ← dz·Wᵀ
//	W    ← W - rate·(xᵀ·dz + weightDecay·W)
//	db   ← Σ_i dz[i,·]
//	bias ← bias - rate·db
//
// The results have the bits of LinearBackward and, for W and bias, of [Engine.SGD] without
// momentum. W is read and written in the last pass of the product, and dW, which takes as
// much memory as W, is not stored: dw is working memory, whose values are not specified.
//
// LinearStep panics as LinearBackward does, or unless len(bias) == len(db), or if bias
// overlaps db.
func (e *Engine[T]) LinearStep(dx, dw Mat[T], db []T, dz, x, w Mat[T], bias []T, weightDecay, rate T, input Activation) {
	const op = "LinearStep"
	sameLength(op, "bias", bias, "db", db)
	apart(op, "bias", bias, "db", db)
	e.linearBackward(op, &dx, &dw, db, &dz, &x, &w, weightDecay, rate, input)
	e.Axpy(NewVec(bias), -rate, NewVec(db))
}

// linearBackward is LinearBackward, or LinearStep if rate is not 0, without the bias.
func (e *Engine[T]) linearBackward(op string, dx, dw *Mat[T], db []T, dz, x, w *Mat[T], weightDecay, rate T, input Activation) {
	xT := x.T()
	checkProduct(op, "dw", dw, "xᵀ", &xT, "dz", dz)
	checkWeights(op, dw, db, w)
	input.check(op)
	wT := w.T()
	if dx.Data != nil {
		checkProduct(op, "dx", dx, "dz", dz, "wᵀ", &wT)
		contiguousRows(op, "dx", dx)
		if input == ReLU {
			contiguousRows(op, "x", x)
		}
		distinct(op, "dx", dx, "x", x)
		distinct(op, "dx", dx, "dw", dw)
	}
	sums := rowOf(dz, db)
	distinct(op, "db", &sums, "dz", dz)
	if rate != 0 {
		w.checkOutput(op, "w")
		distinct(op, "w", w, "x", x)
		distinct(op, "w", w, "dz", dz)
	}

	if dx.Data != nil { // which reads W before it changes
		f := panel.Epilogue[T]{}
		if input == ReLU {
			f = panel.Epilogue[T]{Beside: x.Data, BesideRow: x.RowStride, Mask: true}
		}
		e.gemm(dx, 1, dz, &wT, 0, &f)
	}
	xT = x.T()
	e.weightGradient(dw, db, &xT, dz, w, weightDecay, rate)
}

// weightGradient computes dw ← xᵀ·dz + weightDecay·w and db ← Σ_i dz[i,·]. If rate is not 0,
// w ← w - rate·dw follows, and dw need not be stored.
func (e *Engine[T]) weightGradient(dw *Mat[T], db []T, xT, dz, w *Mat[T], weightDecay, rate T) {
	p, c, f := e.planFor(dw, xT, dz, summed), dw, panel.Epilogue[T]{}
	rides := !p.swapped && p.way >= onePanel // on the last pass
	if rides && (weightDecay != 0 || rate != 0) {
		f = panel.Epilogue[T]{Beside: w.Data, BesideRow: w.RowStride, Scale: weightDecay, Rate: -rate}
		if rate != 0 && dz.Rows <= p.kc && e.isa != portable {
			c = w // the last pass is the only one, and C is not stored
		}
	}
	if rides && p.way >= prepacked {
		g := e.product(p, c, xT, dz, 0, &f)
		g.sums = db
		g.do()
	} else {
		e.compute(p, c, 1, xT, dz, 0, &f)
		e.ColSums(db, *dz)
	}
	if rides {
		return
	}
	for i := range dw.Rows {
		e.Axpy(NewVec(dw.Row(i)), weightDecay, NewVec(w.Row(i)))
		e.Axpy(NewVec(w.Row(i)), -rate, NewVec(dw.Row(i)))
	}
}

// checkWeights panics unless w, its gradient dw and the gradient db of the bias
// fit together.
func checkWeights[T Float](op string, dw *Mat[T], db []T, w *Mat[T]) {
	w.check(op, "w")
	if w.Rows != dw.Rows || w.Cols != dw.Cols || len(db) != dw.Cols {
		panic(fmt.Sprintf("kernels: %s: dw is %d×%d, w is %d×%d, db has %d elements", op, dw.Rows, dw.Cols, w.Rows, w.Cols, len(db)))
	}
	contiguousRows(op, "dw", dw)
	contiguousRows(op, "w", w)
	distinct(op, "dw", dw, "w", w)
}

// contiguousRows panics unless the rows of m are contiguous, and gives a column
// the stride of one.
func contiguousRows[T Float](op, name string, m *Mat[T]) {
	if m.ColStride != 1 && m.Cols > 1 {
		panic(fmt.Sprintf("kernels: %s: %s is %d×%d with strides (%d,%d), want contiguous rows", op, name, m.Rows, m.Cols, m.RowStride, m.ColStride))
	}
	m.ColStride = 1
}
