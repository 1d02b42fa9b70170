package report

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/picture"
	"github.com/lanes-ml/lanes/net/train"
)

func TestCurvesAreThoseOfTheHistory(t *testing.T) {
	acc := 0.4
	h := train.History{
		Steps:  []train.StepRecord{{Step: 1, Loss: 2.3, RegLoss: 9, Acc: 8}, {Step: 2, Loss: 2.2}},
		Epochs: []train.EpochRecord{{Step: 2, Epoch: 1, TrainAcc: 0.3, ValAcc: &acc}, {Step: 3, Epoch: 2, Part: 0.5, TrainAcc: 0.35, ValAcc: &acc}},
	}
	require.Equal(t, picture.Run{
		Name:          "mine",
		Loss:          []picture.Point{{X: 1, Y: 2.3}, {X: 2, Y: 2.2}},
		TrainAccuracy: []picture.Point{{X: 1, Y: 0.3}, {X: 1.5, Y: 0.35}},
		ValAccuracy:   []picture.Point{{X: 1, Y: 0.4}, {X: 1.5, Y: 0.4}},
	}, curvesOf("mine", h))
}
