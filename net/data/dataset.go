package data

// The shape of an image: Channels planes (red, green, blue), each of Side rows of Side
// pixels. A pixel of a plane is a byte, and an image ImageSize bytes.
const (
	Side      = 32
	Channels  = 3
	ImageSize = Channels * Side * Side
)

// Dataset is a set of labelled examples in three parts: one to train on, one to choose
// hyper-parameters with, and one to measure the final accuracy on. The last two may be
// empty. The examples are images or, in all parts, points.
type Dataset struct {
	Name             string
	Classes          []string // the name of each label
	Dir              string   // the folder that it was read from, empty if it was generated
	Train, Val, Test Split

	// Weights has the initial parameters of the network, by their names in package net,
	// where a vector is one row; nil unless [Spec.Fixed].
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

// Counts returns the number of examples of s in each of the classes 0 to classes-1. It
// panics if a label is not one of them.
func (s Split) Counts(classes int) []int {
	counts := make([]int, classes)
	for _, label := range s.Labels {
		counts[label]++
	}
	return counts
}

// Mean returns the mean image of the training part. The sums over all images are exact,
// so that each pixel is rounded once, when its sum is divided by their number. Mean
// panics if the examples are points.
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
