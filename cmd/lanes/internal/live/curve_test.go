package live

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/train"
)

func TestCurvesOfAnyLengthHaveFewPoints(t *testing.T) {
	var c curves
	const steps = 100_000
	for i := 1; i <= steps; i++ {
		c.add(train.StepRecord{Step: i, Loss: float64(i), Acc: 1, LR: 0.5})
		if i == mostPoints {
			require.Len(t, c.points, mostPoints, "each step is a point as long as there is room")
		}
		require.LessOrEqual(t, len(c.points), mostPoints)
	}
	require.Greater(t, len(c.points), mostPoints/2)
	before := 0
	for _, p := range c.points {
		require.Equal(t, float64(before+1), p.Low)
		require.Equal(t, float64(p.Step), p.High)
		require.InDelta(t, (p.Low+p.High)/2, p.Loss, 1e-6)
		require.Equal(t, point{p.Step, p.Loss, p.Low, p.High, 1, 0.5}, p)
		before = p.Step
	}
	require.Equal(t, steps, before)
}

func TestEpochsOfAnyNumberHaveFewPointsAndTheLatest(t *testing.T) {
	var e epochs
	for i := 1; i <= 10_001; i++ {
		e.add(train.EpochRecord{Epoch: i, Step: 2 * i})
		require.LessOrEqual(t, len(e.points), mostPoints)
		require.Equal(t, i, e.points[len(e.points)-1].Epoch)
	}
	require.Len(t, e.latest, mostRows)
	require.Equal(t, 10_001-mostRows+1, e.latest[0].Epoch)
	for i, p := range e.points[:len(e.points)-1] {
		require.Equal(t, (i+1)*e.every, p.Epoch)
	}
}
