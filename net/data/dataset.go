package data

// The shape of an image: Channels planes (red, green, blue) of Side rows of
// Side pixels, one byte each, ImageSize in all.
const (
	Side      = 32
	Channels  = 3
	ImageSize = Channels * Side * Side
)

// Dataset is a set of labelled examples in three parts: one to train on, one to
// choose hyper-parameters by, one to report. The last two may be empty. The examples are
// images or, in all parts, points.
type Dataset struct {
	Name             string
	Classes          []string // the name of each label
	Dir              string   // where it was read from, empty if it was made
	Train, Val, Test Split

	// Weights are the initial parameters of the network, by the names that package net
	// gives them, a vector being one row; nil unless [Spec.Fixed].
	Weights map[string][][]float64
}

// Split is a part of a dataset. Example i is Points[i] or else the image
// Pixels[i*ImageSize:][:ImageSize]; its class is Labels[i].
type Split struct {
	Pixels []uint8
	Points [][]float64
	Labels []int32
}

// Len returns the number of examples.
func (s Split) Len() int { return len(s.Labels) }

// Inputs returns how many numbers an example has.
func (d *Dataset) Inputs() int {
	if d.Train.Points != nil {
		return len(d.Train.Points[0])
	}
	return ImageSize
}

// Counts returns how many examples of s have each of the classes 0 to classes-1. It
// panics if a label is not among them.
func (s Split) Counts(classes int) []int {
	counts := make([]int, classes)
	for _, label := range s.Labels {
		counts[label]++
	}
	return counts
}

// Mean returns the mean image of the training part: for each pixel, the sum
// over all images, which is exact, divided once by their number. It panics if the
// examples are points.
func (d *Dataset) Mean() []float64 {
	var sums [ImageSize]uint64
	for i := range d.Train.Len() {
		for j, p := range d.Train.image(i) {
			sums[j] += uint64(p)
		}
	}
	mean := make([]float64, ImageSize)
	for j, s := range sums {
		mean[j] = float64(s) / float64(d.Train.Len())
	}
	return mean
}

func makeSplit(n int) Split {
	return Split{Pixels: make([]uint8, n*ImageSize), Labels: make([]int32, n)}
}

func (s Split) slice(i, j int) Split {
	return Split{Pixels: s.Pixels[i*ImageSize : j*ImageSize], Labels: s.Labels[i:j]}
}

func (s Split) image(i int) []uint8 { return s.Pixels[i*ImageSize:][:ImageSize] }
