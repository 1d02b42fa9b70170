package net

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels"
)

// Argmax returns the index of the largest element, the lowest index if several are
// equal. A NaN is never the largest; if all elements are NaN, Argmax returns 0. It
// panics if row is empty.
func Argmax[T kernels.Float](row []T) int {
	if len(row) == 0 {
		panic("net: Argmax: row has 0 elements, want at least 1")
	}
	best := 0
	for j, v := range row {
		if v > row[best] || row[best] != row[best] && v == v {
			best = j
		}
	}
	return best
}

// Correct returns the number of rows of logits whose [Argmax] is their label. It
// panics unless len(labels) == logits.Rows, or if rows are not contiguous.
func Correct[T kernels.Float](logits kernels.Mat[T], labels []int32) int {
	if len(labels) != logits.Rows {
		panic(fmt.Sprintf("net: Correct: logits is %d×%d, labels has %d elements", logits.Rows, logits.Cols, len(labels)))
	}
	count := 0
	for i, y := range labels {
		if Argmax(logits.Row(i)) == int(y) {
			count++
		}
	}
	return count
}

// Accuracy returns the share of rows that [Correct] counts, NaN if there are no rows.
func Accuracy[T kernels.Float](logits kernels.Mat[T], labels []int32) float64 {
	return float64(Correct(logits, labels)) / float64(logits.Rows)
}
