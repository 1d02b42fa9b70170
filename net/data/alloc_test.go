//go:build !race

package data

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

// The race detector makes pools forget on purpose.
func TestChangedDrawsDoNotAllocate(t *testing.T) {
	engine, err := kernels.New[float32](kernels.WithThreads(1))
	require.NoError(t, err)
	d := synthetic(1, 100, 0, 0)
	b := NewBatch(engine, 60, meanOf(t, d))
	s := NewSampler(d.Train.Len(), 60, false, 1)
	g := newAugmenter(t, everyChange, d)
	step := 0
	require.Zero(t, testing.AllocsPerRun(50, func() {
		b.DrawIn(step, d.Train, s.At(step), g)
		step++
	}))
}
