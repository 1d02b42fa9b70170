package data

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels"
)

// Batch holds the images of a draw as rows of floats. Its memory is allocated once;
// each draw overwrites the one before.
type Batch[T kernels.Float] struct {
	// X is n×ImageSize after a draw of n images:
	//
	//	X[i,j] = (T(pixel j of image i) - mean[j])·scale
	X kernels.Mat[T]
	// Labels has the class of each of the n images.
	Labels []int32

	engine *kernels.Engine[T]
	pixels kernels.Pixels[T] // of the last draw
	x      kernels.Mat[T]    // memory for the largest draw
	labels []int32           // as much
}

// NewBatch returns a batch with room for size images. Draw subtracts mean from the
// images and multiplies by scale, both rounded to T. NewBatch panics unless size ≥ 0
// and len(mean) == ImageSize.
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

// Draw sets X and Labels to the images of s whose numbers are in rows. It panics if
// the batch has no room for so many, or if s has no image of such a number.
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
