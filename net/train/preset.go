package train

import (
	"slices"

	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/setting"
)

// preset is a configuration with a name.
type preset struct {
	name string
	set  func(*Config) // changes what differs from the first preset
}

var presets = []preset{
	// The report's best two-layer network (section 6).
	{"report", func(c *Config) {
		*c = Config{
			Dataset: "cifar10", Hidden: []int{75}, Activation: "relu", Norm: "none", Init: "normal:1e-4", DType: "float32", Normalize: "auto",
			Optimizer: "sgd", LR: 1e-3, Schedule: byEpoch, LRDecay: 0.95, LREvery: 1, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8,
			Reg: 1e-3, Batch: 300, Iters: 3000, ClassWeights: "none", Components: 512, WhitenEpsilon: 0.1, Files: data.DefaultOptions(),
		}
	}},
	// The report's toy problem (section 5).
	{"toy", func(c *Config) {
		c.Dataset, c.Hidden, c.Init, c.Normalize = "toy", []int{10}, "normal:0.1", "none"
		c.LR, c.Reg, c.Batch, c.Iters = 0.1, 5e-6, 200, 100
	}},
	// The report's network of section 8, which a library trained with Adam.
	{"report-mlp", func(c *Config) {
		c.Init, c.Normalize, c.Optimizer, c.KeepLast = "normal:1e-3", "symmetric", "adam", true
		c.Reg, c.WeightDecay, c.Iters, c.Epochs = 0, 1e-3, 0, 15
	}},
	// Dense layers of today on CIFAR-10, in a minute.
	{"quick", setQuick},
	// The same with twice the units and dropout, a third longer.
	{"modern", setModern},
	// The same for twice as long.
	{"large", func(c *Config) {
		setModern(c)
		c.Epochs = 80
	}},
	// For files: a small network that learns from most tables and small images as they are.
	// Small data needs more epochs: [Config.EpochsFor].
	{data.Files, func(c *Config) {
		c.Dataset, c.Hidden, c.Init, c.Optimizer, c.KeepLast = data.Files, []int{100}, "glorot", "adam", true
		c.LRDecay, c.Reg, c.Batch, c.Iters, c.Epochs = 1, 0, 64, 0, 20
	}},
	// For tables. Of five settings swept on five tables, this had the best mean validation accuracy.
	{"tabular", func(c *Config) {
		c.Dataset, c.Hidden, c.Activation, c.Dropout, c.Init, c.KeepLast = data.Files, []int{256, 128}, "gelu", 0.2, "he", true
		c.Optimizer, c.LR, c.WeightDecay, c.Schedule = "adamw", 2e-3, 0.01, string(net.OneCycle)
		c.Reg, c.Batch, c.Iters, c.Epochs = 0, 64, 0, 40
	}},
}

func setQuick(c *Config) {
	c.Hidden, c.Activation, c.Norm, c.Init = []int{1024, 512}, "gelu", "batch", "he"
	c.Normalize, c.WhitenEpsilon, c.TestFlips = data.PCA, 0.5, true
	c.Augment.Flip, c.Augment.Shift = true, 2
	c.Optimizer, c.Schedule, c.Warmup, c.WeightDecay, c.Reg = "adamw", string(net.OneCycle), 2, 0.05, 0
	c.Batch, c.Iters, c.Epochs = 500, 0, 30
}

func setModern(c *Config) {
	setQuick(c)
	c.Hidden, c.Dropout, c.Epochs = []int{2048, 1024}, 0.2, 40
}

// Presets returns the names that [Preset] knows.
func Presets() []string {
	var names []string
	for _, p := range presets {
		names = append(names, p.name)
	}
	return names
}

// Preset returns the configuration of that name. Its error lists the names.
func Preset(name string) (Config, error) {
	if err := setting.OneOf("preset", name, Presets()); err != nil {
		return Config{}, err
	}
	var c Config
	presets[0].set(&c)
	i := slices.IndexFunc(presets, func(p preset) bool { return p.name == name })
	presets[i].set(&c)
	return c, nil
}
