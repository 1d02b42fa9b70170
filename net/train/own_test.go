package train

import (
	"context"
	"path/filepath"
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
	require.Equal(t, want.WeightsSHA256, SHA256(model.Network))
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

func TestOwnExamplesThatCannotBeTrainedOnAreNamed(t *testing.T) {
	rows := func(n, cols int, labels ...uint8) Examples[float32] {
		return Rows(kernels.NewMat[float32](n, cols, nil), append(labels, make([]uint8, n-len(labels))...))
	}
	inputs := randomPoints[float32](1, 1).x.Cols
	for message, change := range map[string]func(*Config, *Problem[float32]){
		"dataset is cifar10, want own for examples of a program's own":                         func(c *Config, _ *Problem[float32]) { c.Dataset = "cifar10" },
		"normalize is mean, want none: a program's own examples are taken as they are":         func(c *Config, _ *Problem[float32]) { c.Normalize = "mean" },
		"dtype is float64, the engine computes in float32":                                     func(c *Config, _ *Problem[float32]) { c.DType = "float64" },
		"there are no examples to train on":                                                    func(_ *Config, p *Problem[float32]) { p.Train = nil },
		"0 classes, want 1 to 256":                                                             func(_ *Config, p *Problem[float32]) { p.Classes = nil },
		"training example 0 has no inputs":                                                     func(_ *Config, p *Problem[float32]) { p.Train = rows(5, 0) },
		"training example 1 has label 3, want it below 3":                                      func(_ *Config, p *Problem[float32]) { p.Train = rows(5, inputs, 2, 3) },
		"test example 1001 has label 9, want it below 3":                                       func(_ *Config, p *Problem[float32]) { p.Test = rows(1500, inputs, append(make([]uint8, 1001), 9)...) },
		"hidden 200000 with a batch of 16 needs 5.2 GB of memory, want at most 4":              func(c *Config, p *Problem[float32]) { c.Hidden, p.Train = []int{200_000}, rows(2, 2500) },
		"validation examples 0 to 5 are 6×2 with 6 labels, want 6×" + string('0'+rune(inputs)): func(_ *Config, p *Problem[float32]) { p.Val = rows(6, 2) },
	} {
		config, problem := ownConfig(t), ownProblem()
		change(&config, &problem)
		_, err := NewOn(newEngine[float32](t), config, problem)
		require.EqualError(t, err, message)
	}
	require.PanicsWithValue(t, "train: Rows: x is 2×3 with column stride 1, labels has 1 elements", func() {
		Rows(kernels.NewMat[float32](2, 3, nil), make([]uint8, 1))
	})
	_, err := New(newEngine[float32](t), ownConfig(t), nil)
	require.EqualError(t, err, "the images of own are needed")
}
