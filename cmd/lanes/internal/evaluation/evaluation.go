// Package evaluation scores predictions: loss, accuracy, precision and recall of each
// class, which class is taken for which, and calibration.
package evaluation

import (
	"math"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
)

// Evaluation is how well images are classified. Shares of nothing are nil.
type Evaluation struct {
	Images   int     `json:"images"`
	Loss     float64 `json:"loss"` // without regularisation
	Accuracy float64 `json:"accuracy"`
	// ECE is the expected calibration error: the mean over images of the distance
	// between confidence and accuracy in their bin.
	ECE         float64      `json:"ece"`
	Classes     []ClassScore `json:"classes"`
	Confusion   [][]int      `json:"confusion"` // images of each class by prediction
	Calibration []Bin        `json:"calibration"`
}

// ClassScore is how well a class is told from the others.
type ClassScore struct {
	Class     string   `json:"class"`
	Images    int      `json:"images"`
	Predicted int      `json:"predicted"` // images taken for it
	Precision *float64 `json:"precision"` // the share of those that are of it
	Recall    *float64 `json:"recall"`    // the share of its images that are taken for it: its accuracy
	F1        *float64 `json:"f1"`        // the harmonic mean of the two
}

// Bin holds the images whose confidence, the largest probability, is above From
// and up to To.
type Bin struct {
	From       float64  `json:"from"`
	To         float64  `json:"to"`
	Images     int      `json:"images"`
	Confidence *float64 `json:"confidence"` // mean
	Accuracy   *float64 `json:"accuracy"`
}

// calibrationBins is the number of bins as in Guo, Pleiss, Sun, Weinberger, On
// Calibration of Modern Neural Networks, arXiv:1706.04599, section 3.
const calibrationBins = 15

// Tally counts predictions.
type Tally struct {
	engine     *kernels.Engine[float64]
	images     int
	loss       float64 // sum
	confusion  [][]int
	confidence [calibrationBins]float64 // sums
	binned     [calibrationBins]int
	right      [calibrationBins]int
}

// NewTally returns a tally of that many classes, which computes with the engine.
func NewTally(engine *kernels.Engine[float64], classes int) *Tally {
	t := &Tally{engine: engine, confusion: make([][]int, classes)}
	for i := range t.confusion {
		t.confusion[i] = make([]int, classes)
	}
	return t
}

// Add counts images of the labelled classes by their logits, a row each.
func (t *Tally) Add(logits kernels.Mat[float64], labels []int32) {
	t.images += logits.Rows
	p := kernels.NewMat[float64](logits.Rows, logits.Cols, nil)
	t.loss += float64(t.engine.SoftmaxCrossEntropy(p, logits, labels) * float64(logits.Rows))
	t.engine.Softmax(p, logits)
	for i, label := range labels {
		t.count(p.Row(i), int(label))
	}
}

// count counts an image of a class by the probabilities of all.
func (t *Tally) count(p []float64, label int) {
	predicted := net.Argmax(p)
	t.confusion[label][predicted]++
	b := int(math.Ceil(p[predicted]*calibrationBins)) - 1
	b = min(max(b, 0), calibrationBins-1) // a NaN is anywhere
	t.binned[b]++
	t.confidence[b] += p[predicted]
	if predicted == label {
		t.right[b]++
	}
}

// Evaluation returns what was counted, of classes by these names.
func (t *Tally) Evaluation(classes []string) Evaluation {
	e := Evaluation{Images: t.images, Loss: t.loss / float64(t.images), Confusion: t.confusion}
	right := 0
	for i, class := range classes {
		s := ClassScore{Class: class}
		for j := range classes {
			s.Images += t.confusion[i][j]
			s.Predicted += t.confusion[j][i]
		}
		hits := t.confusion[i][i]
		right += hits
		s.Precision, s.Recall = share(float64(hits), s.Predicted), share(float64(hits), s.Images)
		s.F1 = share(2*float64(hits), s.Predicted+s.Images)
		e.Classes = append(e.Classes, s)
	}
	e.Accuracy = float64(right) / float64(t.images)
	for i := range calibrationBins {
		b := Bin{
			From: float64(i) / calibrationBins, To: float64(i+1) / calibrationBins, Images: t.binned[i],
			Confidence: share(t.confidence[i], t.binned[i]), Accuracy: share(float64(t.right[i]), t.binned[i]),
		}
		e.ECE += math.Abs(t.confidence[i]-float64(t.right[i])) / float64(t.images)
		e.Calibration = append(e.Calibration, b)
	}
	return e
}

// share returns sum/n, nil if n is 0.
func share(sum float64, n int) *float64 {
	if n == 0 {
		return nil
	}
	x := sum / float64(n)
	return &x
}
