package train

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/setting"
)

func presetOf(t *testing.T, name string) Config {
	t.Helper()
	c, err := Preset(name)
	require.NoError(t, err)
	return c
}

func TestEveryFieldIsASetting(t *testing.T) {
	var c Config
	fields := map[any]string{}
	v := reflect.ValueOf(&c).Elem()
	for _, v := range []reflect.Value{v, v.FieldByName("Files"), v.FieldByName("Augment")} {
		for i := range v.NumField() {
			if v.Field(i).Kind() != reflect.Func { // the caller's, and no setting
				fields[v.Field(i).Addr().Interface()] = v.Type().Field(i).Name
			}
		}
	}
	delete(fields, any(&c.Files))
	delete(fields, any(&c.Augment))
	for _, s := range c.Settings() {
		field, ok := fields[s.Value]
		require.True(t, ok, s.Name)
		require.Equal(t, strings.ToLower(field), strings.ReplaceAll(s.Name, "-", ""))
		require.NotEmpty(t, s.Help)
		delete(fields, s.Value)
	}
	require.Empty(t, fields)
}

func TestPresetsAreValidAndTheReports(t *testing.T) {
	require.Equal(t, []string{"report", "toy", "report-mlp", "quick", "modern", "large", "files", "tabular"}, Presets())
	for _, name := range Presets() {
		require.NoError(t, presetOf(t, name).Validate(), name)
	}
	_, err := Preset("big")
	require.EqualError(t, err, `preset "big", want report, toy, report-mlp, quick, modern, large, files or tabular`)
	mlp := presetOf(t, "report-mlp")
	require.Equal(t, Config{
		Dataset: "cifar10", Hidden: []int{75}, Activation: "relu", Norm: "none", Init: "normal:1e-3", DType: "float32", Normalize: "symmetric",
		Optimizer: "adam", LR: 1e-3, Schedule: byEpoch, LRDecay: 0.95, LREvery: 1, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8,
		WeightDecay: 1e-3, Batch: 300, KeepLast: true, Epochs: 15, ClassWeights: "none", Components: 512, WhitenEpsilon: 0.1, Files: data.DefaultOptions(),
	}, mlp)
}

func TestInputsFollowTheInitialWeightsUnlessTheyAreGiven(t *testing.T) {
	for given, want := range map[[2]string]string{
		{"normal:1e-4", "auto"}: "mean", {"zero", "auto"}: "mean", {"he", "auto"}: "symmetric", {"glorot", "auto"}: "symmetric",
		{"he", "mean"}: "mean", {"he", "none"}: "none", {"normal:1e-4", "symmetric"}: "symmetric",
	} {
		c := presetOf(t, "report")
		require.Equal(t, "auto", c.Normalize)
		c.Dataset = "synthetic"
		c.Init, c.Normalize = given[0], given[1]
		resolved, err := c.Resolve()
		require.NoError(t, err)
		require.Equal(t, want, resolved.Normalize, given)

		folder, err := Create(t.TempDir(), c) // which states what is used
		require.NoError(t, err)
		reopened, err := Open(folder.Dir)
		require.NoError(t, err)
		require.Equal(t, want, reopened.Config.Normalize, given)
		run, err := Resume(newEngine[float32](t), reopened, c, randomImages(10, 5, 5))
		require.NoError(t, err)
		require.Equal(t, want, run.Config.Normalize, given)
	}
}

func TestConfigurationSurvivesItsFile(t *testing.T) {
	odd := presetOf(t, "report-mlp")
	odd.LR, odd.Epsilon, odd.Reg, odd.Seed, odd.Hidden = 0.1+0.2, math.SmallestNonzeroFloat64, 1e100, math.MaxInt64, []int{1, 2, 3}
	for _, c := range []Config{presetOf(t, "report"), presetOf(t, "toy"), presetOf(t, "report-mlp"), odd} {
		text, err := c.TOML()
		require.NoError(t, err)
		var got Config
		names, err := got.SetTOML(text)
		require.NoError(t, err)
		require.Equal(t, c, got, string(text))
		require.Len(t, names, len(c.Settings()))
		for _, s := range c.Settings() {
			require.Contains(t, string(text), "# "+strings.ReplaceAll(s.Help, "`", "")+"\n"+s.Name+" = ")
		}
	}
}

func TestFileSetsWhatItHolds(t *testing.T) {
	c := presetOf(t, "report")
	want := c
	want.LR, want.Hidden, want.Batch = 1, []int{100, 50}, 200
	names, err := c.SetTOML([]byte("lr = 1 # a whole number\nhidden = [100, 50]\nbatch = 200\n"))
	require.NoError(t, err)
	require.Equal(t, []string{"lr", "hidden", "batch"}, names)
	require.Equal(t, want, c)

	_, err = c.SetTOML([]byte("epochs = 7"))
	require.NoError(t, err)
	require.Equal(t, []int{0, 7}, []int{c.Iters, c.Epochs})
	_, err = c.SetTOML([]byte("iters = 7"))
	require.NoError(t, err)
	require.Equal(t, []int{7, 0}, []int{c.Iters, c.Epochs})
	_, err = c.SetTOML([]byte("iters = 7\nepochs = 8"))
	require.NoError(t, err)
	require.EqualError(t, c.Validate(), "iters is 7 and epochs is 8, want one of them to be 0")

	threads := 0
	_, err = c.SetTOML([]byte("threads = 2"), setting.Setting{Name: "threads", Value: &threads})
	require.NoError(t, err)
	require.Equal(t, 2, threads)
}

func TestWrongFileIsAnErrorThatSaysWhere(t *testing.T) {
	for file, message := range map[string]string{
		"lr = ":               "expected value",
		"lr = 1\nlr = 2":      "line 2",
		`lr = "1"`:            `lr: toml: line 1`,
		"batch = 1.5":         "batch: toml: line 1",
		"hidden = 75":         "hidden: toml: line 1",
		"keep-last = 1":       "keep-last: toml: line 1",
		"[lr]\nx = 1":         "lr: toml: ",
		"learning-rate = 0.1": `unknown setting "learning-rate", did you mean "lr"?`,
		"[train]\nlr = 1":     `unknown setting "train"`,
	} {
		c := presetOf(t, "report")
		_, err := c.SetTOML([]byte(file))
		require.ErrorContains(t, err, message, file)
		require.NotContains(t, err.Error(), "\n", file)
	}
}

func TestUnknownNameHasTheNearestRightOne(t *testing.T) {
	for typed, want := range map[string]string{
		"learning-rate": "lr", "learning_rate": "lr", "lr_decay": "lr-decay", "hiden": "hidden", "hidden_size": "hidden",
		"batch_size": "batch", "num_iters": "iters", "epoch": "epochs", "regularization": "reg", "weight_decay": "weight-decay",
		"optimiser": "optimizer", "Seed": "seed", "normalise": "normalize", "beta": "beta1", "eps": "epsilon", "data-set": "dataset",
	} {
		var c Config
		require.EqualError(t, c.Set(typed, "1"), `unknown setting "`+typed+`", did you mean "`+want+`"?`)
	}
}

func TestSettingIsSetFromText(t *testing.T) {
	c := presetOf(t, "report")
	for _, s := range c.Settings() {
		text := s.String()
		require.NoError(t, c.Set(s.Name, text), s.Name)
		require.Equal(t, text, s.String())
	}
	require.Equal(t, presetOf(t, "report"), c)
	require.NoError(t, c.Set("hidden", "100, 50"))
	require.NoError(t, c.Set("keep-last", "true"))
	require.NoError(t, c.Set("epochs", "3"))
	require.Equal(t, []int{100, 50}, c.Hidden)
	require.True(t, c.KeepLast)
	require.Equal(t, []int{0, 3}, []int{c.Iters, c.Epochs})
	require.NoError(t, c.Set("iters", "4"))
	require.Equal(t, []int{4, 0}, []int{c.Iters, c.Epochs})
	for name, text := range map[string]string{"lr": "x", "batch": "1.5", "hidden": "", "seed": "-1", "keep-last": "maybe"} {
		before := c
		require.EqualError(t, c.Set(name, text), name+` "`+text+`": invalid syntax`)
		require.Equal(t, before, c)
	}
	require.EqualError(t, c.Set("batch", "99999999999999999999"), `batch "99999999999999999999": value out of range`)
}

func TestInvalidConfigurationIsNamed(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for message, set := range map[string]func(*Config){
		`dataset "mnist", want cifar10, synthetic, toy or files`:                                   func(c *Config) { c.Dataset = "mnist" },
		`dtype "float16", want float32 or float64`:                                                 func(c *Config) { c.DType = "float16" },
		`normalize "std", want auto, mean, symmetric, standard, column, channel, pca, zca or none`: func(c *Config) { c.Normalize = "std" },
		`optimizer "rmsprop", want sgd, adam, adamw or lion`:                                       func(c *Config) { c.Optimizer = "rmsprop" },
		`init "foo", want he, glorot, zero or normal:STD with a number such as 1e-4`:               func(c *Config) { c.Init = "foo" },
		"hidden has a layer of 0 units, want 1 to 1000000000":                                      func(c *Config) { c.Hidden = []int{5, 0} },
		"batch is 0, want 1 to 1000000000":                                                         func(c *Config) { c.Batch = 0 },
		"iters is 0 and so is epochs, want 1 to 1000000000 of one":                                 func(c *Config) { c.Iters = 0 },
		"iters is -1, want 1 to 1000000000":                                                        func(c *Config) { c.Iters = -1 },
		"epochs is 1000000001, want 1 to 1000000000":                                               func(c *Config) { c.Iters, c.Epochs = 0, setting.MaxCount+1 },
		"patience is -1, want 1 to 1000000000":                                                     func(c *Config) { c.Patience = -1 },
		"lr is NaN, want a finite number, at least 0":                                              func(c *Config) { c.LR = nan },
		"epsilon is -1, want a finite number, at least 0":                                          func(c *Config) { c.Epsilon = -1 },
		"reg is +Inf, want a finite number, at least 0":                                            func(c *Config) { c.Reg = inf },
		"weight-decay is -1, want a finite number, at least 0":                                     func(c *Config) { c.WeightDecay = -1 },
		"lr-decay is 2, want 0 to 1":                                                               func(c *Config) { c.LRDecay = 2 },
		"momentum is 1, want at least 0 and below 1":                                               func(c *Config) { c.Momentum = 1 },
		"beta1 is NaN, want at least 0 and below 1":                                                func(c *Config) { c.Beta1 = nan },
		"beta2 is -1, want at least 0 and below 1":                                                 func(c *Config) { c.Beta2 = -1 },
		"hidden 1000000000 with a batch of 300 needs 30420.7 GB of memory":                         func(c *Config) { c.Hidden = []int{setting.MaxCount} },
		"hidden is 75, want 10: the toy problem's data and network are fixed":                      func(c *Config) { c.Dataset = "toy" },
		"norm is batch, want none: the toy problem's data and network are fixed":                   func(c *Config) { *c, _ = Preset("toy"); c.Norm = "batch" },
		`activation "tanh", want relu, leaky-relu, gelu or silu`:                                   func(c *Config) { c.Activation = "tanh" },
		"dropout is 1, want at least 0 and below 1":                                                func(c *Config) { c.Dropout = 1 },
		"normalize is mean, want none: the toy problem's data and network are ":                    func(c *Config) { *c, _ = Preset("toy"); c.Normalize = "mean" },
		`schedule "cosin", want epoch, constant, step, cosine or one-cycle`:                        func(c *Config) { c.Schedule = "cosin" },
		"lr-every is 0, want 1 to 10000":                                                           func(c *Config) { c.LREvery = 0 },
		"lr-final is 2, want 0 to 1":                                                               func(c *Config) { c.LRFinal = 2 },
		"warmup is -1, want 0 to 1000":                                                             func(c *Config) { c.Warmup = -1 },
		"clip is NaN, want a finite number, at least 0":                                            func(c *Config) { c.Clip = nan },
		"ema is 1, want at least 0 and below 1":                                                    func(c *Config) { c.EMA = 1 },
		"nesterov is true, but optimizer is sgd with momentum 0":                                   func(c *Config) { c.Nesterov = true },
		"nesterov is true, but optimizer is lion with momentum 0.9":                                func(c *Config) { c.Nesterov, c.Momentum, c.Optimizer = true, 0.9, "lion" },
	} {
		c := presetOf(t, "report")
		set(&c)
		require.ErrorContains(t, c.Validate(), message)
		_, err := New(newEngine[float32](t), c, nil)
		require.ErrorContains(t, err, message)
	}
}

func TestMemoryCountsWhatARunAllocates(t *testing.T) {
	c := presetOf(t, "report")
	c.Hidden, c.Batch = []int{100, 50}, 2000
	params := 3072*100 + 100 + 100*50 + 50 + 50*10 + 10
	rows := 2000 * (3072 + 2*100 + 2*50 + 2*10)
	memory := func() float64 { return c.Memory(c.Network()).Total() }
	require.Equal(t, float64(4*(2*params+rows)), memory())
	c.Momentum = 0.9
	require.Equal(t, float64(4*(3*params+rows)), memory())
	c.Optimizer = "adam"
	require.Equal(t, float64(4*(4*params+rows)), memory())
	c.EMA = 0.99
	require.Equal(t, float64(4*(5*params+rows)), memory())
	c.Optimizer = "lion"
	require.Equal(t, float64(4*(4*params+rows)), memory())
	c.DType = "float64"
	require.Equal(t, float64(8*(4*params+rows)), memory())
	c.Batch = 1 // scores take more
	require.Equal(t, float64(8*(4*params+rows/2)), memory())
}

func TestABatchOfMoreImagesThanThereAreIsAllOfThem(t *testing.T) {
	c := presetOf(t, "report")
	c.Dataset, c.Batch, c.Iters = "synthetic", setting.MaxCount, 1
	require.NoError(t, c.Validate())
	set := data.Synthetic(0)
	require.Equal(t, set.Train.Len(), c.BatchSize())
	run, err := New(newEngine[float32](t), c, set)
	require.NoError(t, err)
	_, err = run.Do(t.Context())
	require.NoError(t, err)
	require.Equal(t, set.Train.Len(), run.state.Images)
	c.Dataset = "cifar10"
	require.Equal(t, 49_000, c.BatchSize())
	c, err = Preset("toy")
	require.NoError(t, err)
	c.Batch = setting.MaxCount
	run, err = New(newEngine[float32](t), c, nil)
	require.NoError(t, err)
	require.Equal(t, run.Train.Len(), c.BatchSize())
}
