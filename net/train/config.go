package train

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/lanes-ml/lanes/net"
)

// Config is everything that the weights of a run depend on. Its fields are the
// [Setting]s of [Config.Settings], where each is explained.
type Config struct {
	Dataset     string
	Hidden      []int
	Init        string
	DType       string
	Normalize   string
	Optimizer   string
	LR          float64
	LRDecay     float64
	Momentum    float64
	Beta1       float64
	Beta2       float64
	Epsilon     float64
	Reg         float64
	WeightDecay float64
	Batch       int
	KeepLast    bool
	Iters       int
	Epochs      int
	Seed        uint64
	Patience    int
}

// Settings returns the fields of c, each with its name in files and on the
// command line.
func (c *Config) Settings() []Setting {
	return []Setting{
		{"dataset", "images to train on: cifar10, synthetic or toy", &c.Dataset},
		{"hidden", "`sizes` of the hidden layers, separated by commas, or none", &c.Hidden},
		{"init", "initial weights: normal:STD, he or zero", &c.Init},
		{"dtype", "element type: float32 or float64", &c.DType},
		{"normalize", "pixels: less their mean, symmetric (-1 to 1), none or auto", &c.Normalize},
		{"optimizer", "sgd or adam", &c.Optimizer},
		{"lr", "learning rate", &c.LR},
		{"lr-decay", "factor of the learning rate after each epoch", &c.LRDecay},
		{"momentum", "share of sgd's last step that the next one keeps", &c.Momentum},
		{"beta1", "share that adam's mean of gradients keeps", &c.Beta1},
		{"beta2", "share that adam's mean of squared gradients keeps", &c.Beta2},
		{"epsilon", "what adam adds to what it divides by", &c.Epsilon},
		{"reg", "weight of the sum of squared weights in the loss", &c.Reg},
		{"weight-decay", "share of every parameter that is added to its gradient", &c.WeightDecay},
		{"batch", "images in a batch, all if there are fewer", &c.Batch},
		{"keep-last", "train on the short batch that ends an epoch too", &c.KeepLast},
		{"iters", "training steps", &c.Iters},
		{"epochs", "training epochs, instead of iters", &c.Epochs},
		{"seed", "seed of the weights and the shuffles", &c.Seed},
		{"patience", "epochs without a better validation accuracy that end the run", &c.Patience},
	}
}

// Set sets the named setting from text. One of iters and epochs, if it is not 0,
// clears the other.
func (c *Config) Set(name, text string) error {
	s, err := Find(c.Settings(), name)
	if err != nil {
		return err
	}
	if err := s.Set(text); err != nil {
		return fmt.Errorf("%s %q: %w", name, text, err)
	}
	c.chooseLength(name)
	return nil
}

// chooseLength clears iters where epochs was set, and the other way.
func (c *Config) chooseLength(set string) {
	switch {
	case set == "epochs" && c.Epochs != 0:
		c.Iters = 0
	case set == "iters" && c.Iters != 0:
		c.Epochs = 0
	}
}

const (
	// most is the largest count that a setting takes, so that products of two fit.
	most = 1_000_000_000
	// maxMemory is how many bytes a run may need. It is far from what the data
	// calls for, and a slip of the keyboard is refused before memory is gone.
	maxMemory = 4 << 30
)

// Resolve returns the configuration with what auto stands for written out: a run
// keeps that. An error is that of [Config.Validate].
func (c Config) Resolve() (Config, error) {
	if c.Normalize == "auto" {
		switch {
		case c.Dataset == Own:
			c.Normalize = "none"
		case c.Init == "he": // for inputs of size 1: pixels less their mean are 60 times as large
			c.Normalize = "symmetric"
		default:
			c.Normalize = "mean"
		}
	}
	return c, c.Validate()
}

// Validate returns an error that begins with the name of the setting that is
// wrong, if one is.
func (c Config) Validate() error {
	for _, w := range []struct {
		name, value string
		want        []string
	}{
		{"dataset", c.Dataset, []string{"cifar10", "synthetic", "toy"}},
		{"dtype", c.DType, []string{"float32", "float64"}},
		{"normalize", c.Normalize, []string{"auto", "mean", "symmetric", "none"}},
		{"optimizer", c.Optimizer, []string{"sgd", "adam"}},
	} {
		if w.value == Own && w.name == "dataset" {
			continue
		}
		if err := oneOf(w.name, w.value, w.want); err != nil {
			return err
		}
	}
	for _, h := range c.Hidden {
		if h < 1 || h > most {
			return fmt.Errorf("hidden has a layer of %d units, want 1 to %d", h, most)
		}
	}
	if c.Iters == 0 && c.Epochs == 0 {
		return fmt.Errorf("iters is 0 and so is epochs, want 1 to %d of one", most)
	}
	if c.Iters != 0 && c.Epochs != 0 {
		return fmt.Errorf("iters is %d and epochs is %d, want one of them to be 0", c.Iters, c.Epochs)
	}
	for _, n := range []struct {
		name       string
		value      int
		zeroIsNone bool
	}{{"batch", c.Batch, false}, {"iters", c.Iters, true}, {"epochs", c.Epochs, true}, {"patience", c.Patience, true}} {
		if (n.value < 1 || n.value > most) && !(n.value == 0 && n.zeroIsNone) {
			return fmt.Errorf("%s is %d, want 1 to %d", n.name, n.value, most)
		}
	}
	for _, x := range []struct {
		name  string
		value float64
	}{{"lr", c.LR}, {"epsilon", c.Epsilon}, {"reg", c.Reg}, {"weight-decay", c.WeightDecay}} {
		if !(x.value >= 0 && x.value <= math.MaxFloat64) {
			return fmt.Errorf("%s is %g, want a finite number, at least 0", x.name, x.value)
		}
	}
	if !(c.LRDecay >= 0 && c.LRDecay <= 1) {
		return fmt.Errorf("lr-decay is %g, want 0 to 1", c.LRDecay)
	}
	for _, x := range []struct {
		name  string
		value float64
	}{{"momentum", c.Momentum}, {"beta1", c.Beta1}, {"beta2", c.Beta2}} {
		if !(x.value >= 0 && x.value < 1) {
			return fmt.Errorf("%s is %g, want at least 0 and below 1", x.name, x.value)
		}
	}
	if _, err := c.initialiser(); err != nil {
		return err
	}
	switch {
	case c.Dataset == "toy":
		return c.validateToy()
	case c.Dataset == Own && c.Normalize != "auto" && c.Normalize != "none":
		return fmt.Errorf("normalize is %s, want none: a program's own examples are taken as they are", c.Normalize)
	case c.Dataset == Own:
		return nil // [NewOn] knows how large the inputs are
	}
	return c.fits(c.Sizes())
}

// fits returns an error if a run of a network of those sizes needs too much memory.
func (c Config) fits(sizes net.Sizes) error {
	if need := c.Memory(sizes).Total(); need > maxMemory {
		return fmt.Errorf("hidden %s with a batch of %d needs %.1f GB of memory, want at most %d",
			Setting{Value: &c.Hidden}, c.BatchSize(), need/(1<<30), maxMemory>>30)
	}
	return nil
}

// validateToy tells settings that the toy problem fixes.
func (c Config) validateToy() error {
	toy, err := Preset("toy")
	if err != nil {
		return err
	}
	want := toy.Settings()
	for i, s := range c.Settings() {
		switch s.Name {
		case "hidden", "init", "normalize":
			if s.String() != want[i].String() {
				return fmt.Errorf("%s is %s, want %s: the toy problem's data and network are fixed", s.Name, s, want[i])
			}
		}
	}
	return nil
}

func oneOf(name, value string, want []string) error {
	for _, w := range want {
		if value == w {
			return nil
		}
	}
	last := len(want) - 1
	return fmt.Errorf("%s %q, want %s or %s", name, value, strings.Join(want[:last], ", "), want[last])
}

// initialiser returns what draws the initial weights.
func (c Config) initialiser() (net.Init, error) {
	switch c.Init {
	case "he":
		return net.He, nil
	case "zero":
		return net.Zero, nil
	}
	if std, ok := strings.CutPrefix(c.Init, "normal:"); ok {
		if x, err := strconv.ParseFloat(std, 64); err == nil && x >= 0 && !math.IsInf(x, 0) {
			return net.Normal(x), nil
		}
	}
	return nil, fmt.Errorf("init %q, want he, zero or normal:STD with a number such as 1e-4", c.Init)
}

// trainingImages is how many examples each dataset that Lanes knows has to train on.
var trainingImages = map[string]int{"cifar10": 49_000, "synthetic": 9_000, "toy": 5}

// BatchSize returns how many images a training step draws: Batch, or all that the
// dataset has if there are fewer.
func (c Config) BatchSize() int {
	if n, ok := trainingImages[c.Dataset]; ok {
		return min(c.Batch, n)
	}
	return c.Batch
}

// Memory returns what training a network of those sizes holds in bytes, apart from
// the examples. To save the run needs no more than maxHeld besides, because it is
// written from where it is.
func (c Config) Memory(sizes net.Sizes) net.Memory {
	kept := 0
	switch {
	case c.Optimizer == "adam":
		kept = 2
	case c.Momentum > 0:
		kept = 1
	}
	bytes := 4
	if c.DType == "float64" {
		bytes = 8
	}
	return sizes.TrainingMemory(max(c.BatchSize(), ScoreBatch), kept, bytes)
}
