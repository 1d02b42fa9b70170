package kernels

import (
	"fmt"
	"math"
)

// SoftmaxCrossEntropy returns the mean cross-entropy of the N rows of logits z, with
// max_i the largest element of row i, and stores its gradient, with p = softmax(z)
// (Bishop, Pattern Recognition and Machine Learning, §4.3.4):
//
//	loss = 1/N·Σ_i (ln Σ_j exp(z[i,j] - max_i) - (z[i,labels[i]] - max_i))
//	grad[i,j] ← (p[i,j] - [j = labels[i]]) / N
//
// The error of grad[i,j] is at most ((max_i - z[i,j] + Cols/16 + 7)·p[i,j] + 2)·ε/N,
// where ε is half the spacing of floats at 1: the error of [Engine.Softmax] and three
// more roundings. Subnormal values add to it as in Softmax. The losses of a chunk of
// rows are added in 16 lanes, and the sums of the chunks in order in float64; the number
// of rows in a chunk depends on Cols alone and is at most 512. If the sum of a chunk
// overflows, its losses are divided by their number before they are added, in float64,
// so that the mean is finite if the losses are. NaN and Inf are treated as in Softmax. The
// loss of no rows is 0.
//
// grad may be logits. It panics if the shapes of grad and logits differ, unless
// len(labels) == logits.Rows and 0 ≤ labels[i] < logits.Cols, or if grad overlaps logits
// in a way that Softmax forbids.
func (e *Engine[T]) SoftmaxCrossEntropy(grad, logits Mat[T], labels []int32) T {
	checkSoftmax("SoftmaxCrossEntropy", "grad", &grad, "logits", &logits)
	if len(labels) != logits.Rows {
		panic(fmt.Sprintf("kernels: SoftmaxCrossEntropy: logits is %d×%d, labels has %d elements", logits.Rows, logits.Cols, len(labels)))
	}
	for i, y := range labels {
		if y < 0 || int(y) >= logits.Cols {
			panic(fmt.Sprintf("kernels: SoftmaxCrossEntropy: labels[%d] is %d, logits is %d×%d", i, y, logits.Rows, logits.Cols))
		}
	}
	if logits.Rows == 0 {
		return 0
	}
	chunk := chunkRows(logits.Cols)
	if logits.Rows <= chunk {
		sum, mean := e.crossEntropy(&rowChunk[T]{dst: &grad, src: &logits, scale: 1 / T(logits.Rows), labels: labels})
		if math.IsInf(float64(sum), 1) {
			return mean
		}
		return T(float64(sum) / float64(logits.Rows))
	}
	chunks := ceilDiv(logits.Rows, chunk)
	losses := e.pools.buffer(2 * chunks)
	t := rowTask[T]{
		dst: grad, src: logits, scale: 1 / T(logits.Rows), labels: labels, chunk: chunk,
		losses: losses.data[:chunks], means: losses.data[chunks:],
	}
	e.eachChunk(t)
	loss := t.meanLoss()
	e.pools.buffers.Put(losses)
	return T(loss)
}

// meanLoss returns the mean loss of all rows, from the losses of the chunks.
func (t *rowTask[T]) meanLoss() float64 {
	sum, rows := 0.0, float64(t.src.Rows)
	for _, l := range t.losses {
		sum += float64(l)
	}
	if !math.IsInf(sum, 1) {
		return sum / rows
	}
	mean := 0.0
	for i, m := range t.means {
		mean += float64(float64(m) * (float64(min(t.chunk, t.src.Rows-i*t.chunk)) / rows))
	}
	return mean
}

// crossEntropy returns the sum and the mean of the losses of a chunk of rows, and stores
// scale times the gradients of the losses.
func (e *Engine[T]) crossEntropy(c *rowChunk[T]) (sum, mean T) {
	n := len(c.labels)
	room := n + lanes // since softmax stores whole vectors
	buf := e.pools.buffer(3 * room)
	c.targets, c.tops, c.sums = buf.data[:room], buf.data[room:2*room], buf.data[2*room:]
	e.softmax(c)
	var acc [lanes]T
	e.sumLosses(&acc, c.sums[:n], c.targets, c.tops)
	sum = combine(&acc)
	mean = sum / T(n)
	if math.IsInf(float64(sum), 1) {
		mean = e.meanOfLosses(c)
	}
	e.pools.buffers.Put(buf)
	return sum, mean
}

// meanOfLosses returns the mean of a chunk's losses if their sum overflows.
func (e *Engine[T]) meanOfLosses(c *rowChunk[T]) T {
	n, mean := len(c.labels), 0.0
	for i := range n {
		var one [lanes]T
		e.sumLosses(&one, c.sums[i:i+1], c.targets[i:], c.tops[i:])
		mean += float64(one[0]) / float64(n)
	}
	return T(mean)
}

// pickLabelsGeneric copies the labelled element of every row of src to targets.
func pickLabelsGeneric[T Float](c *rowChunk[T]) {
	for i, y := range c.labels {
		c.targets[i] = c.src.Data[i*c.src.RowStride+int(y)]
	}
}

// subtractAtLabelsGeneric subtracts scale from the labelled element of every row of dst.
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
