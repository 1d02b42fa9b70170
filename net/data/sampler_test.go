package data

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSamplerDrawsEachImageAtMostOncePerEpoch(t *testing.T) {
	for _, c := range []struct {
		n, batch    int
		keepLast    bool
		steps       int
		size, short int // of the batches, and of the last of an epoch
	}{
		{49_000, 300, false, 163, 300, 300},
		{49_000, 300, true, 164, 300, 100},
		{1000, 200, false, 5, 200, 200},
		{1000, 200, true, 5, 200, 200},
		{10, 3, false, 3, 3, 3},
		{10, 3, true, 4, 3, 1},
		{10, 6, false, 1, 6, 6},
		{10, 6, true, 2, 6, 4},
		{5, 5, true, 1, 5, 5},
		{5, 200, false, 1, 5, 5},
		{5, 200, true, 1, 5, 5},
		{1, 1, false, 1, 1, 1},
	} {
		t.Run(fmt.Sprint(c.n, " by ", c.batch, ", keeping the last: ", c.keepLast), func(t *testing.T) {
			s := NewSampler(c.n, c.batch, c.keepLast, 1)
			require.Equal(t, c.steps, s.StepsPerEpoch())
			for epoch := range 3 {
				seen := make([]bool, c.n)
				for k := range c.steps {
					rows := s.At(epoch*c.steps + k)
					if k == c.steps-1 {
						require.Len(t, rows, c.short)
					} else {
						require.Len(t, rows, c.size)
					}
					for _, r := range rows {
						require.False(t, seen[r], "image %d twice in epoch %d", r, epoch)
						seen[r] = true
					}
				}
			}
		})
	}
}

func TestSamplerLeavesOutOtherImagesEachEpoch(t *testing.T) {
	s := NewSampler(10, 3, false, 1)
	left := map[int]bool{}
	for epoch := range 100 {
		seen := map[int]bool{}
		for k := range 3 {
			for _, r := range s.At(3*epoch + k) {
				seen[r] = true
			}
		}
		for i := range 10 {
			if !seen[i] {
				left[i] = true
			}
		}
	}
	require.Len(t, left, 10)
}

func TestSamplerOrderDependsOnSeedAndEpoch(t *testing.T) {
	order := func(seed uint64, epoch int) []int {
		return slices.Clone(NewSampler(100, 100, false, seed).At(epoch))
	}
	require.Equal(t, order(1, 0), order(1, 0))
	require.NotEqual(t, order(1, 0), order(2, 0))
	require.NotEqual(t, order(1, 0), order(1, 1))
	require.NotEqual(t, order(1, 2), order(2, 1))
}

// A run that resumes with another build must see the same order.
func TestSamplerOrderIsFixed(t *testing.T) {
	s := NewSampler(10, 5, false, 42)
	var got [][]int
	for step := range 4 {
		got = append(got, slices.Clone(s.At(step)))
	}
	require.Equal(t, [][]int{{3, 2, 5, 6, 4}, {1, 0, 7, 9, 8}, {3, 6, 9, 2, 7}, {8, 4, 0, 5, 1}}, got)
}

func TestSamplerResumesAtAnyStep(t *testing.T) {
	const steps = 50
	s := NewSampler(23, 4, false, 9)
	var sequence [][]int
	for step := range steps {
		sequence = append(sequence, slices.Clone(s.At(step)))
	}
	for step := steps - 1; step >= 0; step-- {
		require.Equal(t, sequence[step], s.At(step), "backwards, step %d", step)
		require.Equal(t, sequence[step], NewSampler(23, 4, false, 9).At(step), "fresh, step %d", step)
	}
}

func TestSamplerDoesNotAllocate(t *testing.T) {
	s := NewSampler(100, 60, false, 1) // every step shuffles
	step := 0
	require.Zero(t, testing.AllocsPerRun(100, func() {
		s.At(step)
		step++
	}))
}

func TestSamplerPanicsOnMisuse(t *testing.T) {
	require.PanicsWithValue(t, "data: NewSampler: 0 images in batches of 3, want at least 1 of both", func() { NewSampler(0, 3, false, 1) })
	require.PanicsWithValue(t, "data: NewSampler: 3 images in batches of 0, want at least 1 of both", func() { NewSampler(3, 0, false, 1) })
	require.PanicsWithValue(t, "data: At: step -1, want at least 0", func() { NewSampler(3, 3, false, 1).At(-1) })
}
