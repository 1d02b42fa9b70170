package report

import (
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/picture"
	"github.com/lanes-ml/lanes/net/train"
)

// curveFigures returns the loss of a run and, where an epoch ended, its accuracy, in
// files whose names begin with the prefix.
func curveFigures(prefix string, history train.History) []named {
	curves := curvesOf("", history)
	pictures := []named{{prefix + "loss.png", page.Figure{
		Picture: picture.Loss(curves),
		Caption: "Cross-entropy of each batch before its update, without regularisation, and its moving mean.",
		Alt:     "Loss by step" + fromTo(curves.Loss),
	}}}
	if len(history.Epochs) > 0 {
		pictures = append(pictures, named{prefix + "accuracy.png", page.Figure{
			Picture: picture.Accuracy(curves),
			Caption: "After each epoch and at the end: training is the mean over the epoch's batches, validation is the whole part.",
			Alt:     "Training accuracy by epoch" + fromTo(curves.TrainAccuracy) + ", validation accuracy" + fromTo(curves.ValAccuracy),
		}})
	}
	return pictures
}

// curvesOf returns the curves of a history.
func curvesOf(name string, h train.History) picture.Run {
	r := picture.Run{Name: name}
	for _, s := range h.Steps {
		r.Loss = append(r.Loss, picture.Point{X: float64(s.Step), Y: s.Loss})
	}
	for _, e := range h.Epochs {
		r.TrainAccuracy = append(r.TrainAccuracy, picture.Point{X: e.Epochs(), Y: e.TrainAcc})
		if e.ValAcc != nil {
			r.ValAccuracy = append(r.ValAccuracy, picture.Point{X: e.Epochs(), Y: *e.ValAcc})
		}
	}
	return r
}

// fromTo says where a curve begins and ends.
func fromTo(points []picture.Point) string {
	if len(points) == 0 {
		return ""
	}
	return ", from " + number.Significant(points[0].Y, 4) + " to " + number.Significant(points[len(points)-1].Y, 4)
}
