package net

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels"
)

// Argmax returns the index of the largest element, the lowest of equal ones. A
// NaN is never the largest; a row of nothing but NaN gives 0. It panics if row
// is empty.
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

// Correct returns how many rows of logits have their [Argmax] at their label.
// It panics if labels has not one element for each row, or if rows are not
// contiguous.
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

// Accuracy returns the share of rows that are [Correct], NaN of no rows.
func Accuracy[T kernels.Float](logits kernels.Mat[T], labels []int32) float64 {
	return float64(Correct(logits, labels)) / float64(logits.Rows)
}
