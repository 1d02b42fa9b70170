package kernels

import "fmt"

// SoftmaxCrossEntropy returns the mean cross-entropy of N rows of logits z and
// its gradient, with p = softmax(z) (Bishop, Pattern Recognition and Machine
// Learning, §4.3.4):
//
//	loss = 1/N Σ_i ln Σ_j exp(z[i,j] - max_i) - (z[i,labels[i]] - max_i)
//	grad[i,j] ← (p[i,j] - [j = labels[i]]) / N
//
// The error of grad[i,j] is at most ((max_i - z[i,j] + Cols/16 + 7)·p[i,j] + 2)·ε/N,
// where ε is half the spacing of floats at 1: that of [Engine.Softmax], and three
// roundings. The losses of rows are added in 16 lanes by chunks, the size of which
// depends on Cols alone and is at most 512, and the sums of chunks in float64 in
// order. grad may be logits. The rows follow [Engine.Softmax] on NaN and Inf. The
// loss of no rows is 0. It panics if the shapes differ or a label is not a column.
func (e *Engine[T]) SoftmaxCrossEntropy(grad, logits Mat[T], labels []uint8) T {
	checkSoftmax("SoftmaxCrossEntropy", "grad", &grad, "logits", &logits)
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
	losses := e.pools.buffer(ceilDiv(logits.Rows, chunkRows(logits.Cols)))
	e.eachChunk(&rowTask[T]{
		dst: grad, src: logits, scale: 1 / T(logits.Rows), labels: labels,
		losses: losses.data,
	})
	loss := 0.0
	for _, l := range losses.data {
		loss += float64(l)
	}
	e.pools.buffers.Put(losses)
	return T(loss / float64(logits.Rows))
}

// crossEntropy returns the sum of the losses of a chunk of rows, and stores
// scale times their gradients.
func (e *Engine[T]) crossEntropy(c *rowChunk[T]) T {
	n := len(c.labels)
	room := n + lanes // softmax stores whole vectors
	buf := e.pools.buffer(3 * room)
	c.targets, c.tops, c.sums = buf.data[:room], buf.data[room:2*room], buf.data[2*room:]
	e.softmax(c)
	var acc [lanes]T
	e.sumLosses(&acc, c.sums[:n], c.targets, c.tops)
	e.pools.buffers.Put(buf)
	return combine(&acc)
}

// pickLabelsGeneric copies the labelled element of every row to targets.
func pickLabelsGeneric[T Float](c *rowChunk[T]) {
	for i, y := range c.labels {
		c.targets[i] = c.src.Data[i*c.src.RowStride+int(y)]
	}
}

// subtractAtLabelsGeneric subtracts scale from the labelled element of every
// row.
func subtractAtLabelsGeneric[T Float](c *rowChunk[T]) {
	for i, y := range c.labels {
		c.dst.Data[i*c.dst.RowStride+int(y)] -= c.scale
	}
}

// sumLossesGeneric adds the loss of row i to lane i mod 16.
func sumLossesGeneric[T Float](acc *[lanes]T, sums, targets, tops []T) {
	for i, s := range sums {
		acc[i%lanes] += log(s) - (targets[i] - tops[i])
	}
}
