package train

import (
	"context"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

// ownProblem has three parts of rows that can be told apart.
func ownProblem() Problem[float32] {
	return Problem[float32]{
		Train: randomPoints[float32](50, 1), Val: randomPoints[float32](20, 2), Test: randomPoints[float32](30, 3),
		Classes: []string{"a", "b", "c"},
	}
}

func ownConfig(t *testing.T) Config {
	c := presetOf(t, "report")
	c.Dataset, c.Hidden, c.Init, c.LR, c.Batch, c.Iters = Own, []int{8}, "he", 0.1, 16, 60
	return c
}

func TestOwnExamplesTrainToTheSameBitsAfterAStop(t *testing.T) {
	e := newEngine[float32](t)
	whole, err := NewOn(e, ownConfig(t), ownProblem())
	require.NoError(t, err)
	want, err := whole.Do(context.Background())
	require.NoError(t, err)
	require.Equal(t, []any{60, 50, 20, 30}, []any{want.Steps, whole.Train.Len(), whole.Val.Len(), whole.Test.Len()})

	config := ownConfig(t)
	config.Iters = 20
	run, err := NewOn(e, config, ownProblem())
	require.NoError(t, err)
	run.Folder, err = Create(filepath.Join(t.TempDir(), "run"), config)
	require.NoError(t, err)
	_, err = run.Do(context.Background())
	require.NoError(t, err)
	folder, err := Open(run.Folder.Dir)
	require.NoError(t, err)
	require.Equal(t, "none", folder.Config.Normalize)
	run, err = ResumeOn(e, folder, ownConfig(t), ownProblem())
	require.NoError(t, err)
	require.Equal(t, 20, run.Step)
	got, err := run.Do(context.Background())
	require.NoError(t, err)
	require.Equal(t, want.WeightsSHA256, got.WeightsSHA256)
	require.Equal(t, want.TestAcc, got.TestAcc)

	model, err := OpenModel(e, folder.Checkpoint("last"))
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "c"}, model.Classes)
	require.Equal(t, want.WeightsSHA256, weightsSHA256(model.Network))
	x, _ := ownProblem().Test.Draw([]int{4, 2})
	require.Equal(t, whole.Network.Logits(x), model.Network.Logits(x))

	for name, other := range map[string]func(*Problem[float32]){
		"training":   func(p *Problem[float32]) { p.Train = randomPoints[float32](50, 4) },
		"validation": func(p *Problem[float32]) { p.Val = nil },
		"test":       func(p *Problem[float32]) { p.Test = randomPoints[float32](30, 4) },
	} {
		p := ownProblem()
		other(&p)
		_, err := ResumeOn(e, folder, ownConfig(t), p)
		require.ErrorIs(t, err, ErrOtherData, name)
	}
}

// manyClasses has an example of each of n classes, whose input at its class is 1.
func manyClasses(n int) Problem[float32] {
	x, labels, classes := kernels.NewMat[float32](n, n, nil), make([]int32, n), make([]string, n)
	for i := range labels {
		x.Row(i)[i], labels[i], classes[i] = 1, int32(i), strconv.Itoa(i)
	}
	return Problem[float32]{Train: Rows(x, labels), Classes: classes}
}

func TestClassesMayBeMoreThanAByteCounts(t *testing.T) {
	e, config := newEngine[float32](t), ownConfig(t)
	config.Hidden, config.Optimizer, config.LR, config.LRDecay, config.Reg, config.Batch, config.Iters = []int{32}, "adam", 0.02, 1, 0, 400, 150
	run, err := NewOn(e, config, manyClasses(400))
	require.NoError(t, err)
	run.Folder, err = Create(filepath.Join(t.TempDir(), "run"), config)
	require.NoError(t, err)
	_, err = run.Do(context.Background())
	require.NoError(t, err)
	require.Greater(t, ScoreOn(run.Network, run.Train).Accuracy, 0.9)
	model, err := OpenModel(e, run.Folder.Checkpoint("last"))
	require.NoError(t, err)
	require.Len(t, model.Classes, 400)
	require.Equal(t, weightsSHA256(run.Network), weightsSHA256(model.Network))

	other := manyClasses(400)
	other.Train.(*points[float32]).labels[300] -= 256 // the same byte
	_, err = ResumeOn(e, run.Folder, config, other)
	require.ErrorIs(t, err, ErrOtherData)
}

func TestOwnExamplesThatCannotBeTrainedOnAreNamed(t *testing.T) {
	rows := func(n, cols int, labels ...int32) Examples[float32] {
		return Rows(kernels.NewMat[float32](n, cols, nil), append(labels, make([]int32, n-len(labels))...))
	}
	inputs := randomPoints[float32](1, 1).x.Cols
	for message, change := range map[string]func(*Config, *Problem[float32]){
		"dataset is cifar10, want own for a program's own examples":                            func(c *Config, _ *Problem[float32]) { c.Dataset = "cifar10" },
		"normalize is mean, want none: a program's own examples are taken as they are":         func(c *Config, _ *Problem[float32]) { c.Normalize = "mean" },
		"dtype is float64, the engine computes in float32":                                     func(c *Config, _ *Problem[float32]) { c.DType = "float64" },
		"there are no examples to train on":                                                    func(_ *Config, p *Problem[float32]) { p.Train = nil },
		"there are no classes":                                                                 func(_ *Config, p *Problem[float32]) { p.Classes = nil },
		"training example 0 has no inputs":                                                     func(_ *Config, p *Problem[float32]) { p.Train = rows(5, 0) },
		"training example 1 has label 3, want 0 to 2":                                          func(_ *Config, p *Problem[float32]) { p.Train = rows(5, inputs, 2, 3) },
		"training example 4 has label -1, want 0 to 2":                                         func(_ *Config, p *Problem[float32]) { p.Train = rows(5, inputs, 0, 0, 0, 0, -1) },
		"test example 1001 has label 9, want 0 to 2":                                           func(_ *Config, p *Problem[float32]) { p.Test = rows(1500, inputs, append(make([]int32, 1001), 9)...) },
		"hidden 200000 with a batch of 16 needs 5.2 GB of memory, want at most 4":              func(c *Config, p *Problem[float32]) { c.Hidden, p.Train = []int{200_000}, rows(2, 2500) },
		"validation examples 0 to 5 are 6×2 with 6 labels, want 6×" + string('0'+rune(inputs)): func(_ *Config, p *Problem[float32]) { p.Val = rows(6, 2) },
	} {
		config, problem := ownConfig(t), ownProblem()
		change(&config, &problem)
		_, err := NewOn(newEngine[float32](t), config, problem)
		require.EqualError(t, err, message)
	}
	require.PanicsWithValue(t, "train: Rows: x is 2×3 with column stride 1, labels has 1 elements", func() {
		Rows(kernels.NewMat[float32](2, 3, nil), make([]int32, 1))
	})
	_, err := New(newEngine[float32](t), ownConfig(t), nil)
	require.EqualError(t, err, "the examples of own are needed")
}
