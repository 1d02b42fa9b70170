package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
)

const stopSteps = 60

// everyChange is all that is done to examples of training.
var everyChange = data.Augmentation{Flip: true, Shift: 3, Rotate: 10, Cutout: 8, Mixup: 0.3}

// stopConfigs are runs of 60 steps, which end in the middle of an epoch.
func stopConfigs() map[string]Config {
	sgd := imagesConfig(9, 5)
	sgd.LR, sgd.Batch, sgd.Iters, sgd.Seed = 1e-5, 7, stopSteps, 3 // 7 steps an epoch
	momentum := sgd
	momentum.Momentum, momentum.WeightDecay, momentum.Optimizer = 0.9, 1e-2, "sgd"
	adam := sgd
	adam.Optimizer, adam.LR, adam.WeightDecay, adam.Normalize, adam.KeepLast = "adam", 1e-3, 1e-3, "symmetric", true // 8 steps
	nesterov := momentum
	nesterov.Nesterov, nesterov.Clip, nesterov.EMA = true, 10, 0.9
	nesterov.Schedule, nesterov.LRFinal = string(net.OneCycle), 0.01
	adamW := adam
	adamW.Optimizer, adamW.EMA, adamW.Schedule, adamW.Warmup = "adamw", 0.95, string(net.Cosine), 1.5
	lion := adamW
	lion.Optimizer, lion.LR, lion.Clip, lion.Schedule, lion.LREvery = "lion", 1e-4, 0.5, string(net.ByStep), 2
	augmented := adam
	augmented.Augment, augmented.LabelSmoothing, augmented.TestFlips = everyChange, 0.1, true
	layers := adam
	layers.Hidden, layers.Activation, layers.Norm, layers.Dropout, layers.Residual = []int{9, 9, 5}, "gelu", "batch", 0.2, true
	layers.EMA = 0.9
	return map[string]Config{"sgd": sgd, "momentum": momentum, "adam": adam, "nesterov": nesterov, "adamw": adamW, "lion": lion, "augmented": augmented, "layers": layers}
}

// kept returns a run that is kept in dir.
func kept[T kernels.Float](t *testing.T, dir string, c Config, set *data.Dataset, threads int) *Run[T] {
	t.Helper()
	r := newRun[T](t, c, set, kernels.WithThreads(threads))
	var err error
	r.Folder, err = Create(dir, c)
	require.NoError(t, err)
	return r
}

func resumed[T kernels.Float](t *testing.T, dir string, set *data.Dataset, threads int, change func(*Config)) *Run[T] {
	t.Helper()
	folder, err := Open(dir)
	require.NoError(t, err)
	c := folder.Config
	if change != nil {
		change(&c)
	}
	r, err := Resume(newEngine[T](t, kernels.WithThreads(threads)), folder, c, set)
	require.NoError(t, err)
	return r
}

var errStop = errors.New("stop")

// stopAfter trains until the run has done that many steps.
func stopAfter[T kernels.Float](t *testing.T, r *Run[T], step int) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	r.OnStep = func(s StepRecord) {
		if s.Step == step {
			cancel(errStop)
		}
	}
	if step == r.Step {
		cancel(errStop)
	}
	_, err := r.Do(ctx)
	require.ErrorIs(t, err, errStop)
	require.Equal(t, step, r.Step)
}

// untimed returns the run's history without what depends on the clock.
func untimed(t *testing.T, dir string) History {
	t.Helper()
	folder, err := Open(dir)
	require.NoError(t, err)
	h, err := folder.History()
	require.NoError(t, err)
	for i := range h.Steps {
		h.Steps[i].Seconds = 0
	}
	for i := range h.Epochs {
		h.Epochs[i].Seconds = 0
	}
	return h
}

func TestRunResumesFromEveryStepToTheSameBits(t *testing.T) {
	set := randomImages(50, 10, 10)
	stride := map[string]int{"adamw": 1, "adam": 11, "sgd": 11, "momentum": 11, "nesterov": 11, "lion": 11, "augmented": 9, "layers": 11} // adamw carries the most
	if testing.Short() {
		stride = map[string]int{"adamw": 19, "adam": 29, "sgd": 29, "momentum": 29, "nesterov": 29, "lion": 29, "augmented": 29, "layers": 29}
	}
	for name, c := range stopConfigs() {
		t.Run(name, func(t *testing.T) {
			whole := filepath.Join(t.TempDir(), "whole")
			want := do(t, kept[float32](t, whole, c, set, 1))
			history := untimed(t, whole)
			require.Len(t, history.Steps, stopSteps)
			best, err := os.ReadFile(filepath.Join(whole, "best.safetensors"))
			require.NoError(t, err)
			equal, stops := 0, 0
			for step := 0; step < stopSteps; step += stride[name] {
				stops++
				dir := filepath.Join(t.TempDir(), "stopped")
				stopAfter(t, kept[float32](t, dir, c, set, 1+step%3), step)
				got := do(t, resumed[float32](t, dir, set, 1+(step/3)%3, nil))
				if got.WeightsSHA256 == want.WeightsSHA256 {
					equal++
				}
				require.Equal(t, want.FirstLoss, got.FirstLoss)
				require.Equal(t, want.FinalLoss, got.FinalLoss)
				require.Equal(t, want.BestEpoch, got.BestEpoch)
				require.Equal(t, history, untimed(t, dir), "stopped after step %d", step)
				stoppedBest, err := os.ReadFile(filepath.Join(dir, "best.safetensors"))
				require.NoError(t, err)
				require.Equal(t, best, stoppedBest, "stopped after step %d", step)
			}
			require.Equal(t, stops, equal, "of %d", stops)
		})
	}
}

func TestRunOfDoublesThatIsStoppedOftenEndsWithTheSameBits(t *testing.T) {
	set := randomImages(50, 10, 10)
	c := stopConfigs()["adam"]
	c.DType = "float64"
	want := do(t, newRun[float64](t, c, set)).WeightsSHA256
	dir := filepath.Join(t.TempDir(), "run")
	stopAfter(t, kept[float64](t, dir, c, set, 1), 5)
	for _, step := range []int{5, 8, 17, 18, 59} {
		stopAfter(t, resumed[float64](t, dir, set, 1+step%2, nil), step)
	}
	require.Equal(t, want, do(t, resumed[float64](t, dir, set, 1, nil)).WeightsSHA256)
	// To resume a run that is done gives its result once more.
	require.Equal(t, want, do(t, resumed[float64](t, dir, set, 1, nil)).WeightsSHA256)
}

func TestMoreEpochsThanTheRunBeganWith(t *testing.T) {
	set := randomImages(50, 10, 10)
	c := stopConfigs()["sgd"]
	c.Iters, c.Epochs = 0, 9
	want := do(t, newRun[float32](t, c, set)).WeightsSHA256
	for name, first := range map[string]func(*Config){
		"epochs": func(c *Config) { c.Epochs = 4 },
		"iters":  func(c *Config) { c.Epochs, c.Iters = 0, 25 }, // ends within an epoch, which is scored
	} {
		dir := filepath.Join(t.TempDir(), "run")
		short := c
		first(&short)
		do(t, kept[float32](t, dir, short, set, 1))
		r := resumed[float32](t, dir, set, 2, func(resumed *Config) { *resumed = c })
		require.Equal(t, want, do(t, r).WeightsSHA256, name)
		folder, err := Open(dir)
		require.NoError(t, err)
		require.Equal(t, 9, folder.Config.Epochs)
		h := untimed(t, dir)
		require.Len(t, h.Steps, 63)
		h.Epochs = slices.DeleteFunc(h.Epochs, func(e EpochRecord) bool { return e.Step == short.Iters })
		require.Len(t, h.Epochs, 9)
	}
}

func TestPatienceMayBeRaised(t *testing.T) {
	set := randomImages(50, 10, 10)
	c := stopConfigs()["sgd"]
	c.Iters, c.Epochs = 0, 20
	want := do(t, newRun[float32](t, c, set)).WeightsSHA256
	dir := filepath.Join(t.TempDir(), "run")
	c.Patience = 1
	require.True(t, do(t, kept[float32](t, dir, c, set, 1)).StoppedEarly)
	result := do(t, resumed[float32](t, dir, set, 1, func(c *Config) { c.Patience = 0 }))
	require.False(t, result.StoppedEarly)
	require.Equal(t, want, result.WeightsSHA256)
}

func TestRunThatWasNotYetSavedStartsOver(t *testing.T) {
	set := randomImages(50, 10, 10)
	c := stopConfigs()["adam"]
	want := do(t, newRun[float32](t, c, set)).WeightsSHA256
	dir := filepath.Join(t.TempDir(), "run")
	_, err := Create(dir, c)
	require.NoError(t, err)
	// What a crash may leave before the first checkpoint.
	line := StepRecord{Step: 1, Epoch: 1, Loss: 9}.appendLine(nil)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "history.jsonl"), nil, 0o666))
	for _, name := range []string{".last.safetensors.lanes-0123abcd.tmp", ".config.toml.lanes-00000007.tmp"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), line, 0o666))
	}
	require.Equal(t, want, do(t, resumed[float32](t, dir, set, 1, nil)).WeightsSHA256)
	require.Len(t, untimed(t, dir).Steps, stopSteps)
	require.Equal(t, []string{"best.safetensors", "config.toml", "history.csv", "history.jsonl", "last.safetensors", "result.json"}, list(t, dir))
}

func TestRunThatLostItsCheckpointDoesNotStartOver(t *testing.T) {
	set := randomImages(50, 10, 10)
	c := stopConfigs()["adam"]
	dir := filepath.Join(t.TempDir(), "run")
	folder := kept[float32](t, dir, c, set, 1)
	stopAfter(t, folder, 20)
	require.NoError(t, os.Remove(filepath.Join(dir, "last.safetensors")))
	message := "damaged history: " + filepath.Join(dir, "last.safetensors") + " is missing, but the run has trained: it cannot go on"
	for _, missing := range []string{"", "best.safetensors", "history.jsonl"} {
		less := filepath.Join(t.TempDir(), "less")
		require.NoError(t, os.CopyFS(less, os.DirFS(dir)))
		if missing != "" {
			require.NoError(t, os.Remove(filepath.Join(less, missing)))
		}
		_, err := Resume(newEngine[float32](t), &Folder{less, c}, c, set)
		require.ErrorIs(t, err, ErrHistory, missing)
		require.EqualError(t, err, strings.ReplaceAll(message, dir, less))
	}
}

func TestResumedRunIsKeptAsItWas(t *testing.T) {
	set := randomImages(50, 10, 10)
	dir := filepath.Join(t.TempDir(), "run")
	r := kept[float32](t, dir, stopConfigs()["sgd"], set, 1)
	r.CheckpointEvery, r.KeepEpochs = 6, 2
	stopAfter(t, r, 20)
	r = resumed[float32](t, dir, set, 1, nil)
	require.Equal(t, []int{6, 2}, []int{r.CheckpointEvery, r.KeepEpochs})
	do(t, r)
	require.Subset(t, list(t, dir), []string{"epoch-0007.safetensors", "epoch-0008.safetensors"})
	require.NotContains(t, list(t, dir), "epoch-0006.safetensors")
}

func list(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestHistoryLosesTheStepsAfterTheCheckpoint(t *testing.T) {
	set := randomImages(50, 10, 10)
	c := stopConfigs()["sgd"]
	dir := filepath.Join(t.TempDir(), "run")
	stopAfter(t, kept[float32](t, dir, c, set, 1), 20)
	old, err := os.ReadFile(filepath.Join(dir, "last.safetensors"))
	require.NoError(t, err)
	do(t, resumed[float32](t, dir, set, 1, nil))
	history := untimed(t, dir)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "last.safetensors"), old, 0o666))
	do(t, resumed[float32](t, dir, set, 1, nil))
	require.Equal(t, history, untimed(t, dir))
}

func TestRunIsResumedHoweverItsSettingsAreWritten(t *testing.T) {
	set := randomImages(50, 10, 10)
	c := stopConfigs()["sgd"]
	c.Init = "normal:1e-2"
	want := do(t, newRun[float32](t, c, set)).WeightsSHA256
	for _, init := range []string{"normal:0.01", "normal:1E-02", "normal:0.010"} {
		dir := filepath.Join(t.TempDir(), "run")
		stopAfter(t, kept[float32](t, dir, c, set, 1), 20)
		folder, err := Open(dir)
		require.NoError(t, err)
		other := c
		other.Init = init
		r, err := Resume(newEngine[float32](t), folder, other, set)
		require.NoError(t, err)
		require.Equal(t, 20, r.Step)
		require.Equal(t, want, do(t, r).WeightsSHA256)
	}
	require.Error(t, SameWeights(Config{Init: "he"}, Config{Init: "zero"}))
	require.Error(t, SameWeights(Config{Init: "normal:0"}, Config{Init: "zero"})) // whose zeros have other signs
}

func TestResumeRefusesWhatWouldBeAnotherRun(t *testing.T) {
	set := randomImages(50, 10, 10)
	c := stopConfigs()["sgd"]
	dir := filepath.Join(t.TempDir(), "run")
	stopAfter(t, kept[float32](t, dir, c, set, 1), 20)
	folder, err := Open(dir)
	require.NoError(t, err)
	engine := newEngine[float32](t)

	other := c
	other.LR = 0.5
	_, err = Resume(engine, folder, other, set)
	require.EqualError(t, err, "lr is 0.5, the run began with 1e-05: only iters, epochs and patience may change")
	other.LR, other.Init = c.LR, "normal:2e-4"
	_, err = Resume(engine, folder, other, set)
	require.EqualError(t, err, "init is normal:2e-4, the run began with "+c.Init+": only iters, epochs and patience may change")
	other.LR, other.Init = 0.5, c.Init
	_, err = Resume(engine, &Folder{dir, other}, other, set)
	require.EqualError(t, err, filepath.Join(dir, "last.safetensors")+": lr is 0.5, the run began with 1e-05: only iters, epochs and patience may change")
	other = c
	other.Iters = 19
	_, err = Resume(engine, folder, other, set)
	require.ErrorContains(t, err, "it is of step 20, but the run is to end after step 19")

	changed := randomImages(50, 10, 10)
	changed.Train.Pixels[77]++
	_, err = Resume(engine, folder, c, changed)
	require.ErrorIs(t, err, ErrOtherData)

	require.NoError(t, os.Truncate(filepath.Join(dir, "history.jsonl"), 100))
	_, err = resumed[float32](t, dir, set, 1, nil).Do(context.Background())
	require.ErrorContains(t, err, "history.jsonl has 0 steps, the checkpoint is of step 20")
}

func TestDamagedCheckpointIsRefused(t *testing.T) {
	set := randomImages(50, 10, 10)
	c := stopConfigs()["momentum"]
	c.Hidden = []int{2}
	dir := filepath.Join(t.TempDir(), "run")
	stopAfter(t, kept[float32](t, dir, c, set, 1), 3)
	path := filepath.Join(dir, "last.safetensors")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	engine := newEngine[float32](t)
	open := func(content []byte, what string) {
		t.Helper()
		require.NoError(t, os.WriteFile(path, content, 0o666))
		_, err := OpenModel(engine, path)
		require.ErrorContains(t, err, path+": ", what)
		_, err = Resume(engine, &Folder{dir, c}, c, set)
		require.ErrorContains(t, err, path+": ", what)
	}
	for n := 0; n < len(whole); n += 1 + len(whole)/99 {
		open(whole[:n], fmt.Sprint(n, " bytes"))
	}
	for i := 0; i < len(whole); i += 1 + len(whole)/299 {
		content := append([]byte(nil), whole...)
		content[i] ^= 4
		open(content, fmt.Sprint("byte ", i))
	}
	open([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"), "no checkpoint")
}

func TestEpochModelsAreTheLastOnes(t *testing.T) {
	set := randomImages(50, 10, 10)
	c := stopConfigs()["sgd"]
	dir := filepath.Join(t.TempDir(), "run")
	r := kept[float32](t, dir, c, set, 1)
	r.KeepEpochs = 2
	do(t, r)
	require.Equal(t, []string{"best.safetensors", "config.toml", "epoch-0007.safetensors", "epoch-0008.safetensors",
		"history.csv", "history.jsonl", "last.safetensors", "result.json"}, list(t, dir))
	m, err := OpenModel(newEngine[float32](t), r.Folder.Checkpoint("epoch-0007"))
	require.NoError(t, err)
	require.Equal(t, 49, m.Step)
}
