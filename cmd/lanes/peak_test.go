package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/net/train"
)

// stepsOf tells a peakOfRun of so many steps of a run of so many, each of so many
// seconds, of which some are of an earlier process. It returns after how many steps the
// peak was measured, 0 if it was not.
func stepsOf(p *peakOfRun, steps, earlier int, seconds float64) (measured int) {
	for i := range steps {
		step := earlier + i + 1
		p.measure = func() float64 {
			if measured != 0 {
				panic("measured twice")
			}
			measured = i + 1
			return 200e9
		}
		p.step(train.StepRecord{Step: step, Seconds: 1000*float64(min(earlier, 1)) + seconds*float64(i+1)}, steps)
	}
	return measured
}

func TestPeakIsMeasuredOnceAndOnlyInLongRuns(t *testing.T) {
	for _, c := range []struct {
		steps    int
		seconds  float64
		measured int
	}{
		{3000, 0.00101, 101}, // after a tenth of a second beside the first step
		{1900, 0.00101, 0},
		{4, 0.51, 2},
		{3, 0.51, 0},
		{1, 100, 0}, // nothing is known before it ends
	} {
		for _, earlier := range []int{0, 500} {
			var p peakOfRun
			require.Equal(t, c.measured, stepsOf(&p, c.steps, earlier, c.seconds), "%+v", c)
			if c.measured == 0 {
				require.Nil(t, p.percent(50e9))
			} else {
				require.Equal(t, 25.0, *p.percent(50e9))
			}
		}
	}
}

func TestProgressAndResultShowThePercentOfThePeak(t *testing.T) {
	var out bytes.Buffer
	p := testProgress(&out, 3000)
	for step := range 150 {
		p.Step(stepAt(step + 1))
	}
	require.Regexp(t, `150k img/s  1000 GFLOP/s  40% of peak$`, p.describe(1000))
	require.NotContains(t, p.describe(80-console.MinBar-2), "peak", "what there is no room for is left out")
	out.Reset()
	require.NoError(t, printResult(&out, &train.Result{Steps: 7, Seconds: 2, ImagesPerSecond: 1000}, new(40.4)))
	require.Contains(t, out.String(), "\n7 steps in 2.00 s, 1000 images/s, 40% of peak\n")
}
