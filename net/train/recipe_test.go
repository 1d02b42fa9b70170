package train

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

func TestRecipesGiveTheSameBitsAtEveryLevelAndOnAnyThreads(t *testing.T) {
	set := randomImages(50, 10, 10)
	for name, c := range stopConfigs() {
		c.Hidden = []int{40, 5} // whose weights are shared between threads
		hashes := map[string]bool{}
		for _, level := range kernels.Levels() {
			if level == kernels.Generic {
				continue
			}
			for _, threads := range []int{1, 2, 3} {
				r := newRun[float32](t, c, set, kernels.WithLevel(level), kernels.WithThreads(threads))
				hashes[do(t, r).WeightsSHA256] = true
			}
		}
		require.LessOrEqual(t, len(hashes), 1, name)
	}
}

func TestMeanOfTheWeightsIsWhatIsScoredAndKept(t *testing.T) {
	set := randomImages(50, 10, 10)
	c := stopConfigs()["adamw"]
	without := c
	without.EMA = 0
	dir := filepath.Join(t.TempDir(), "run")
	r := kept[float32](t, dir, c, set, 1)
	var mean [][]float64
	r.OnStep = func(s StepRecord) { // the definition, from the weights after each step
		d := min(c.EMA, float64(s.Step)/float64(9+s.Step))
		for i, p := range r.Network.Params() {
			if s.Step == 1 {
				start := newRun[float32](t, c, set).Network.Params()[i].Value.Data
				mean = append(mean, convert[float64](start))
			}
			for k, w := range p.Value.Data {
				mean[i][k] = d*mean[i][k] + (1-d)*float64(w)
			}
		}
	}
	result := do(t, r)
	for i, p := range r.Network.Params() {
		require.InDeltaSlice(t, mean[i], convert[float64](p.Value.Data), 1e-5, p.Name)
	}
	require.Equal(t, result.WeightsSHA256, weightsSHA256(r.Network))
	require.Equal(t, *result.ValAcc, ScoreOn(r.Network, r.Val).Accuracy)
	last, err := OpenModel[float32](newEngine[float32](t), filepath.Join(dir, "last.safetensors"))
	require.NoError(t, err)
	require.Equal(t, result.WeightsSHA256, weightsSHA256(last.Network))
	best, err := OpenModel[float32](newEngine[float32](t), filepath.Join(dir, "best.safetensors"))
	require.NoError(t, err)
	require.Equal(t, *result.BestValAcc, ScoreOn(best.Network, r.Val).Accuracy)

	plain := do(t, newRun[float32](t, without, set))
	require.NotEqual(t, plain.WeightsSHA256, result.WeightsSHA256)
	require.Equal(t, plain.FinalLoss, result.FinalLoss, "steps do not hang on the mean")
}

func TestLengthOfARunWhoseScheduleHangsOnItStays(t *testing.T) {
	set := randomImages(50, 10, 10)
	for name, want := range map[string]string{
		"adamw":    "iters is 61 and epochs is 0, the run began with 60 and 0: only patience may change, since the schedule cosine",
		"nesterov": "since the schedule one-cycle hangs on the length of the run",
		"lion":     "",
	} {
		c := stopConfigs()[name]
		dir := filepath.Join(t.TempDir(), "run")
		stopAfter(t, kept[float32](t, dir, c, set, 1), 20)
		folder, err := Open(dir)
		require.NoError(t, err)
		c = folder.Config
		c.Iters++
		_, err = Resume(newEngine[float32](t), folder, c, set)
		if want == "" {
			require.NoError(t, err, name)
		} else {
			require.ErrorContains(t, err, want)
		}
	}
}

// The folder has a run that stopped after step 7, in the middle of an epoch, from a version
// that kept the learning rate in the checkpoint and had no schedules.
func TestRunOfAnEarlierVersionGoesOnToItsBits(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/earlier")))
	r := resumed[float32](t, dir, nil, 1, func(c *Config) { c.Iters = 20 })
	require.Equal(t, 7, r.Step)
	result := do(t, r)
	if level := r.engine.Level(); level != kernels.Generic {
		require.Equal(t, "d187dc5f8708ad09eb58b64d0cc8c3ab864ffab12ad416778a5e475d3025ebd8", result.WeightsSHA256)
	}
	require.InDelta(t, 0.8284418431667984, result.FinalLoss, 1e-5)
}
