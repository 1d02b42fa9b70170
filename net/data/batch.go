package data

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels"
)

// Batch holds drawn images as rows of floats. Its memory is made once; each draw
// overwrites the one before.
type Batch[T kernels.Float] struct {
	// X is n×ImageSize after a draw of n images:
	//
	//	X[i,j] = (T(pixel j of image i) - mean[j])·scale
	X kernels.Mat[T]
	// Labels are the n classes.
	Labels []int32

	engine *kernels.Engine[T]
	pixels kernels.Pixels[T] // of the last draw
	x      kernels.Mat[T]    // room for the largest draw
	labels []int32
}

// NewBatch returns a batch with room for size images, from which mean is
// subtracted and which are then multiplied by scale, both rounded to T. It panics
// if size is negative or mean has not ImageSize elements.
func NewBatch[T kernels.Float](engine *kernels.Engine[T], size int, mean []float64, scale float64) *Batch[T] {
	if size < 0 || len(mean) != ImageSize {
		panic(fmt.Sprintf("data: NewBatch: %d images, mean has %d elements, want %d", size, len(mean), ImageSize))
	}
	b := &Batch[T]{
		engine: engine,
		pixels: kernels.Pixels[T]{Cols: ImageSize, Mean: make([]T, ImageSize), Scale: T(scale)},
		x:      kernels.NewMat[T](size, ImageSize, nil),
		labels: make([]int32, size),
	}
	for j, v := range mean {
		b.pixels.Mean[j] = T(v)
	}
	return b
}

// Draw sets X and Labels to the images of s that rows lists. It panics if they
// are more than the batch has room for, or if one lies outside s.
func (b *Batch[T]) Draw(s Split, rows []int) {
	if len(rows) > len(b.labels) {
		panic(fmt.Sprintf("data: Draw: %d images, the batch has room for %d", len(rows), len(b.labels)))
	}
	b.X = b.x.Slice(0, len(rows), 0, ImageSize)
	b.Labels = b.labels[:len(rows)]
	b.pixels.Data, b.pixels.Rows = s.Pixels, rows
	b.engine.CenterRows(b.X, &b.pixels)
	for i, r := range rows {
		b.Labels[i] = s.Labels[r]
	}
}
