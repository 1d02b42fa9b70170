package data

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

func TestBatchHoldsCenteredScaledImagesAndTheirLabels(t *testing.T) {
	t.Run("float32", testBatch[float32])
	t.Run("float64", testBatch[float64])
}

func testBatch[T kernels.Float](t *testing.T) {
	engine, err := kernels.New[T]()
	require.NoError(t, err)
	d := synthetic(1, 50, 0, 0)
	mean := d.Mean()
	b := NewBatch(engine, 20, &Preprocessing{Shape: d.Shape, Mean: mean, Scale: []float64{0.75}})

	check := func(rows ...int) {
		t.Helper()
		require.Equal(t, []int{len(rows), ImageSize}, []int{b.X.Rows, b.X.Cols})
		require.Len(t, b.Labels, len(rows))
		for i, r := range rows {
			require.Equal(t, d.Train.Labels[r], b.Labels[i])
			for j, p := range d.Train.image(r) {
				require.Equal(t, (T(p)-T(mean[j]))*0.75, b.X.At(i, j), "row %d, pixel %d", i, j)
			}
		}
	}
	b.Draw(d.Train, []int{49, 3, 3, 0, 17})
	check(49, 3, 3, 0, 17)
	rows := []int{30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49}
	b.Draw(d.Train, rows)
	check(rows...)
	b.Draw(d.Train, nil)
	check()
}

func TestBatchDoesNotAllocate(t *testing.T) {
	engine, err := kernels.New[float32](kernels.WithThreads(1))
	require.NoError(t, err)
	d := synthetic(1, 100, 0, 0)
	b := NewBatch(engine, 60, meanOf(t, d))
	s := NewSampler(d.Train.Len(), 60, false, 1) // every step shuffles
	step := 0
	require.Zero(t, testing.AllocsPerRun(50, func() {
		b.Draw(d.Train, s.At(step))
		step++
	}))
}

func TestBatchPanicsOnMisuse(t *testing.T) {
	engine, err := kernels.New[float32]()
	require.NoError(t, err)
	d := synthetic(1, 30, 0, 0)
	p := meanOf(t, d)
	b := NewBatch(engine, 20, p)
	require.PanicsWithValue(t, "data: NewBatch: -1 examples of 3072 inputs, with 3072 means and 1 scales", func() { NewBatch(engine, -1, p) })
	short := *p
	short.Mean = p.Mean[:3]
	require.PanicsWithValue(t, "data: NewBatch: 20 examples of 3072 inputs, with 3 means and 1 scales", func() { NewBatch(engine, 20, &short) })
	require.PanicsWithValue(t, "data: Draw: 21 examples, the batch has room for 20", func() { b.Draw(d.Train, make([]int, 21)) })
	require.Panics(t, func() { b.Draw(d.Train, []int{30}) })
	require.Panics(t, func() { b.Draw(d.Train, []int{-1}) })
}

// meanOf subtracts the mean of d.
func meanOf(t *testing.T, d *Dataset) *Preprocessing {
	p, err := NewPreprocessing(d, "mean")
	require.NoError(t, err)
	return p
}
