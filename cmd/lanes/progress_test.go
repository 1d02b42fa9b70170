package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/net/train"
)

// testProgress is one that has run for a minute.
func testProgress(out *bytes.Buffer, steps int) *progress {
	p := newProgress(out, steps, 0, 0, 300, 2_000_000_000, func() float64 { return 2.5e12 })
	p.started = time.Now().Add(-time.Minute)
	return p
}

func stepAt(done int) train.StepRecord {
	return train.StepRecord{Step: done, Epoch: 12, Loss: 1.25, RegLoss: 0.0025, Acc: 0.5, Seconds: 0.002 * float64(done)}
}

func epochAt(epoch int, valAcc float64) train.EpochRecord {
	return train.EpochRecord{Epoch: epoch, ValAcc: &valAcc}
}

func TestProgressFitsTheWidth(t *testing.T) {
	var out bytes.Buffer
	p := testProgress(&out, 3000)
	require.Empty(t, p.describe(80))
	p.Step(stepAt(1500))
	p.Epoch(epochAt(12, 0.4375))
	const all = "1500/3000  loss  1.252  epoch 12  val acc 0.438  1m0s left  acc 0.500  150k img/s  1000 GFLOP/s"
	require.Equal(t, all, p.describe(1000))
	require.Equal(t, all, p.describe(len(all)))
	for width := range len(all) {
		line := p.describe(width)
		require.LessOrEqual(t, len(line), max(width, len("1500/3000")))
		require.Contains(t, all, line)
	}
	require.Contains(t, p.describe(80-console.MinBar-2), "epoch 12  val acc 0.438  1m0s left", "in a terminal of 80 columns")
}

func TestProgressKeepsTheLastValidation(t *testing.T) {
	var out bytes.Buffer
	p := testProgress(&out, 10)
	p.Step(stepAt(1))
	p.Epoch(epochAt(1, 0.25))
	p.Step(stepAt(2))
	require.Contains(t, p.describe(1000), "val acc 0.250")
	p.Step(stepAt(3))
	p.Epoch(epochAt(2, 0.75))
	require.Contains(t, p.describe(1000), "val acc 0.750")
}

func TestProgressEndsWithTheTimeThatPassed(t *testing.T) {
	var out bytes.Buffer
	p := testProgress(&out, 10)
	p.Step(stepAt(10))
	require.Contains(t, out.String(), "in 1m0s")
	require.NotContains(t, out.String(), "left")
}

func TestProgressOfAFewStepsPrintsEachOnce(t *testing.T) {
	var out bytes.Buffer
	p := testProgress(&out, 7)
	for done := 1; done <= 7; done++ {
		p.Step(stepAt(done))
	}
	p.end()
	require.Equal(t, 7, bytes.Count(out.Bytes(), []byte("\n")))
}
