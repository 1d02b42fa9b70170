package kernels

import (
	"fmt"
	"math"
)

// Softmax computes, for every row,
//
//	dst[i,j] ← exp(src[i,j] - max_i) / Σ_j exp(src[i,j] - max_i)
//
// with max_i the row's largest element. The relative error is at most
// (|src[i,j] - max_i| + Cols/16 + 6)·ε, where ε is half the spacing of floats
// at 1: the first term is the rounding of the difference. dst may be src. A row that holds a NaN
// or +Inf, or -Inf alone, becomes NaN; no other row is touched by it. It panics
// if the shapes differ.
func (e *Engine[T]) Softmax(dst, src Mat[T]) {
	e.checkSoftmax("Softmax", "dst", dst, "src", src)
	for i := range src.Rows {
		e.softmaxRow(dst, src, i, 1)
	}
}

// SoftmaxCrossEntropy returns the mean cross-entropy of N rows of logits z and
// its gradient, with p = softmax(z) (Bishop, Pattern Recognition and Machine
// Learning, §4.3.4):
//
//	loss = 1/N Σ_i -log p[i,labels[i]]
//	grad[i,j] ← (p[i,j] - [j = labels[i]]) / N
//
// grad may be logits. The rows follow [Engine.Softmax] on NaN and Inf. The loss
// of no rows is 0. It panics if the shapes differ or a label is not a column.
func (e *Engine[T]) SoftmaxCrossEntropy(grad, logits Mat[T], labels []uint8) T {
	e.checkSoftmax("SoftmaxCrossEntropy", "grad", grad, "logits", logits)
	if len(labels) != logits.Rows {
		panic(fmt.Sprintf("kernels: SoftmaxCrossEntropy: logits is %d×%d, labels has %d elements", logits.Rows, logits.Cols, len(labels)))
	}
	for i, y := range labels {
		if int(y) >= logits.Cols {
			panic(fmt.Sprintf("kernels: SoftmaxCrossEntropy: labels[%d] is %d, logits is %d×%d", i, y, logits.Rows, logits.Cols))
		}
	}
	if logits.Rows == 0 {
		return 0
	}
	var loss float64
	inv := 1 / T(logits.Rows)
	for i, y := range labels {
		z := logits.At(i, int(y))
		max, sum := e.softmaxRow(grad, logits, i, inv)
		grad.Data[i*grad.RowStride+int(y)*grad.ColStride] -= inv
		loss += math.Log(float64(sum)) - float64(z-max)
	}
	return T(loss / float64(logits.Rows))
}

func (e *Engine[T]) checkSoftmax(op, dstName string, dst Mat[T], srcName string, src Mat[T]) {
	dst.checkOutput(op, dstName)
	src.check(op, srcName)
	if dst.Rows != src.Rows || dst.Cols != src.Cols {
		panic(fmt.Sprintf("kernels: %s: %s is %d×%d, %s is %d×%d", op, dstName, dst.Rows, dst.Cols, srcName, src.Rows, src.Cols))
	}
}

// softmaxRow stores scale·softmax of row i of src, and returns the row's
// largest element and its sum of exponentials.
func (e *Engine[T]) softmaxRow(dst, src Mat[T], i int, scale T) (max, sum T) {
	if src.ColStride == 1 && dst.ColStride == 1 {
		return e.softmax(dst.Row(i), src.Row(i), scale)
	}
	buf := e.pools.buffer(src.Cols)
	defer e.pools.buffers.Put(buf)
	row := Dense(1, src.Cols, buf.data)
	copyMat(row, src.Slice(i, i+1, 0, src.Cols))
	max, sum = e.softmax(buf.data, buf.data, scale)
	copyMat(dst.Slice(i, i+1, 0, src.Cols), row)
	return max, sum
}

func softmaxGeneric[T Float](dst, src []T, scale T) (top, sum T) {
	top = T(math.Inf(-1))
	for _, v := range src {
		if v > top { // never NaN: it reaches the result through exp
			top = v
		}
	}
	var acc [lanes]T
	for j, v := range src {
		dst[j] = exp(v - top)
		acc[j%lanes] += dst[j]
	}
	sum = combine(&acc)
	factor := scale / sum
	for j := range dst {
		dst[j] *= factor
	}
	return top, sum
}
