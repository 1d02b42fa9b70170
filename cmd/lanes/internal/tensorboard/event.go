package tensorboard

import (
	"bytes"
	"image"
	"image/png"
	"math"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/protobuf"
	"github.com/lanes-ml/lanes/kernels"
)

// The fields of an event, of a value of its summary, and of what a value may be, by
// event.proto, summary.proto and histogram.proto of TensorBoard.
const (
	eventTime    = 1
	eventStep    = 2
	eventVersion = 3
	eventSummary = 5
	eventSession = 7

	summaryValue = 1

	valueTag       = 1
	valueSimple    = 2
	valueImage     = 4
	valueHistogram = 5

	imageHeight     = 1
	imageWidth      = 2
	imageColorspace = 3
	imageEncoded    = 4

	histogramMin     = 1
	histogramMax     = 2
	histogramNum     = 3
	histogramSum     = 4
	histogramSquares = 5
	histogramLimits  = 6
	histogramCounts  = 7
)

// Scalar is a number with the name of its curve.
type Scalar struct {
	Tag   string
	Value float64
}

// Scalars writes numbers of a step.
func (w *Writer) Scalars(step int, scalars ...Scalar) {
	var summary protobuf.Message
	for _, s := range scalars {
		summary = summary.Bytes(summaryValue, protobuf.Message{}.Text(valueTag, s.Tag).Float(valueSimple, float32(s.Value)))
	}
	w.add(step, protobuf.Message{}.Bytes(eventSummary, summary))
}

// Image writes a picture.
func (w *Writer) Image(step int, tag string, m image.Image) {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		w.err = err
		return
	}
	const rgba = 4
	w.value(step, tag, valueImage, protobuf.Message{}.
		Number(imageHeight, uint64(m.Bounds().Dy())).
		Number(imageWidth, uint64(m.Bounds().Dx())).
		Number(imageColorspace, rgba).
		Bytes(imageEncoded, b.Bytes()))
}

// value writes a value that is a message.
func (w *Writer) value(step int, tag string, field uint64, value protobuf.Message) {
	summary := protobuf.Message{}.Bytes(summaryValue, protobuf.Message{}.Text(valueTag, tag).Bytes(field, value))
	w.add(step, protobuf.Message{}.Bytes(eventSummary, summary))
}

// buckets is how many intervals of the same width a histogram has from the least value to
// the greatest.
const buckets = 64

// Histogram writes how the finite ones of values are distributed, unless there are none.
func Histogram[T kernels.Float](w *Writer, step int, tag string, values []T) {
	low, high := math.Inf(1), math.Inf(-1)
	var n, sum, squares float64
	for _, v := range values {
		if v := float64(v); v-v == 0 {
			low, high = min(low, v), max(high, v)
			n, sum, squares = n+1, sum+v, squares+float64(v*v)
		}
	}
	if n == 0 {
		return
	}
	limits, counts := make([]float64, buckets), make([]float64, buckets)
	for i := range limits {
		share := float64(i+1) / buckets
		limits[i] = float64(low*(1-share)) + float64(high*share)
	}
	for _, v := range values {
		if v := float64(v); v-v == 0 {
			place := 0.0
			if high > low {
				place = (v - low) / (high - low) * buckets
			}
			counts[min(int(place), buckets-1)]++
		}
	}
	w.value(step, tag, valueHistogram, protobuf.Message{}.
		Double(histogramMin, low).Double(histogramMax, high).
		Double(histogramNum, n).Double(histogramSum, sum).Double(histogramSquares, squares).
		Doubles(histogramLimits, limits).Doubles(histogramCounts, counts))
}
