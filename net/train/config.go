package train

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/setting"
)

// Config is everything that the weights of a run depend on. [Config.Settings] explains
// the fields.
type Config struct {
	Dataset     string
	Hidden      []int
	Activation  string
	Norm        string
	Dropout     float64
	Residual    bool
	Init        string
	DType       string
	Normalize   string
	Optimizer   string
	LR          float64
	Schedule    string
	LRDecay     float64
	LREvery     int
	LRFinal     float64
	Warmup      float64
	Momentum    float64
	Nesterov    bool
	Beta1       float64
	Beta2       float64
	Epsilon     float64
	Reg         float64
	WeightDecay float64
	Clip        float64
	EMA         float64
	Batch       int
	KeepLast    bool
	Iters       int
	Epochs      int
	Seed        uint64
	Patience    int
	// ClassWeights is none, or balanced if each class is to have the same weight in the loss.
	ClassWeights string
	// LabelSmoothing is ε of [net.Truth].
	LabelSmoothing float64
	// TestFlips says that an image's logits are the mean of its own and its mirror image's, but
	// for training.
	TestFlips bool

	// Components and WhitenEpsilon are of [data.NewWhitening].
	Components    int
	WhitenEpsilon float64

	// Augment says how training examples change each time they are drawn.
	Augment data.Augmentation
	// Files say how the files of a dataset that is not built in are read.
	Files data.Options
}

const balanced = "balanced"

// maxComponents bounds the components of whitening, whose time grows with their square.
const maxComponents = 1024

// The words of settings. They are made once, because sweeps ask for the settings of every
// trial.
var (
	datasets       = append(data.Names(), data.Files)
	datasetHelp    = "what to train on: " + setting.Or(datasets)
	dtypes         = []string{"float32", "float64"}
	normalizations = []string{"auto", "mean", "symmetric", "standard", "column", "channel", data.PCA, data.ZCA, "none"}
	optimizers     = []string{"sgd", "adam", "adamw", "lion"}
	schedules      = []string{byEpoch, string(net.Constant), string(net.ByStep), string(net.Cosine), string(net.OneCycle)}
	classWeights   = []string{"none", balanced}
	activations    = net.Activations()
	norms          = []string{"none", "batch", "layer"}
)

// Settings returns the fields of c as settings: their names in files and on the command
// line, their help, and the values that they may have.
func (c *Config) Settings() setting.List {
	count := setting.Range{Least: 1, Most: setting.MaxCount}
	countOrNone := setting.Range{Least: 1, Most: setting.MaxCount, OrZero: true}
	below1 := setting.Range{Most: 1, Below: true}
	list := setting.List{
		{Name: "dataset", Value: &c.Dataset, Words: datasets,
			Help: datasetHelp},
		{Name: "hidden", Value: &c.Hidden, Range: count, Item: "a layer of %d units",
			Help: "`sizes` of the hidden layers, separated by commas, or none"},
		{Name: "activation", Value: &c.Activation, Words: activations,
			Help: "of hidden layers: " + setting.Or(activations)},
		{Name: "norm", Value: &c.Norm, Words: norms,
			Help: "normalisation before activations: batch, layer or none"},
		{Name: "dropout", Value: &c.Dropout, Range: below1,
			Help: "share of the units of hidden layers that a step drops"},
		{Name: "residual", Value: &c.Residual,
			Help: "add its input to each hidden layer that has as many outputs"},
		{Name: "init", Value: &c.Init,
			Help: "initial weights: normal:STD, he, glorot or zero"},
		{Name: "dtype", Value: &c.DType, Words: dtypes,
			Help: "element type: float32 or float64"},
		{Name: "normalize", Value: &c.Normalize, Words: normalizations,
			Help: "inputs: mean, standard, channel, column, pca, zca, none …"},
		{Name: "optimizer", Value: &c.Optimizer, Words: optimizers,
			Help: "sgd, adam, adamw or lion"},
		{Name: "lr", Value: &c.LR, Range: setting.Finite(),
			Help: "learning rate"},
		{Name: "schedule", Value: &c.Schedule, Words: schedules,
			Help: "rate over time: epoch, constant, step, cosine, one-cycle"},
		{Name: "lr-decay", Value: &c.LRDecay, Range: setting.Range{Most: 1},
			Help: "factor of the learning rate after each epoch"},
		{Name: "lr-every", Value: &c.LREvery, Range: setting.Range{Least: 1, Most: 10_000},
			Help: "`epochs` from one decay to the next in the schedule step"},
		{Name: "lr-final", Value: &c.LRFinal, Range: setting.Range{Most: 1},
			Help: "`share` of the learning rate left at the end of cosine, one-cycle"},
		{Name: "warmup", Value: &c.Warmup, Range: setting.Range{Most: 1000},
			Help: "`epochs` in which the rate rises at first; 0: none, one-cycle 0.3 of all"},
		{Name: "momentum", Value: &c.Momentum, Range: below1,
			Help: "momentum coefficient of SGD"},
		{Name: "nesterov", Value: &c.Nesterov,
			Help: "momentum of SGD looks ahead, as Nesterov's does"},
		{Name: "beta1", Value: &c.Beta1, Range: below1,
			Help: "β₁: decay rate of the mean of gradients, not in sgd"},
		{Name: "beta2", Value: &c.Beta2, Range: below1,
			Help: "β₂: that of squared gradients; Lion's too, best 0.99"},
		{Name: "epsilon", Value: &c.Epsilon, Range: setting.Finite(),
			Help: "ε of Adam and AdamW, added to the denominator"},
		{Name: "reg", Value: &c.Reg, Range: setting.Finite(),
			Help: "L2 penalty coefficient in the loss"},
		{Name: "weight-decay", Value: &c.WeightDecay, Range: setting.Finite(),
			Help: "coupled weight decay of sgd and adam, decoupled one of adamw and lion"},
		{Name: "clip", Value: &c.Clip, Range: setting.Finite(),
			Help: "most that the `norm` of all gradients together may be; 0: any"},
		{Name: "ema", Value: &c.EMA, Range: below1,
			Help: "decay `rate` of a mean of the weights to score and keep; 0: none"},
		{Name: "batch", Value: &c.Batch, Range: count,
			Help: "batch size; all images if there are fewer"},
		{Name: "keep-last", Value: &c.KeepLast,
			Help: "also train on the shorter batch that ends an epoch"},
		{Name: "iters", Value: &c.Iters, Range: countOrNone,
			Help: "training steps"},
		{Name: "epochs", Value: &c.Epochs, Range: countOrNone,
			Help: "training epochs, instead of iters"},
		{Name: "seed", Value: &c.Seed,
			Help: "seed of the initial weights and the shuffles"},
		{Name: "patience", Value: &c.Patience, Range: countOrNone,
			Help: "stop after this many `epochs` without a better validation accuracy"},
	}
	list = append(list, setting.Setting{Name: "class-weights", Value: &c.ClassWeights, Words: classWeights,
		Help: "balanced: each class has the same weight, or none"})
	list = append(list, c.Augment.Settings()...)
	list = append(list,
		setting.Setting{Name: "label-smoothing", Value: &c.LabelSmoothing, Range: below1,
			Help: "`share` of a label that all classes have alike in training"},
		setting.Setting{Name: "test-flips", Value: &c.TestFlips,
			Help: "score and predict an image by the mean logits of it and its mirror image"})
	list = append(list,
		setting.Setting{Name: "components", Value: &c.Components, Range: setting.Range{Least: 1, Most: maxComponents},
			Help: "`number` of principal components that pca and zca look at"},
		setting.Setting{Name: "whiten-epsilon", Value: &c.WhitenEpsilon, Range: setting.Finite(),
			Help: "`share` of the mean variance that pca and zca add to each"})
	return append(list, c.Files.Settings()...)
}

// Set sets the named setting from text. Setting iters or epochs to anything but 0 clears
// the other.
func (c *Config) Set(name, text string) error {
	s, err := c.Settings().Find(name)
	if err != nil {
		return err
	}
	if err := s.Set(text); err != nil {
		return fmt.Errorf("%s %q: %w", name, text, err)
	}
	c.chooseLength(name)
	return nil
}

// chooseLength clears iters if epochs was set, and the other way round.
func (c *Config) chooseLength(set string) {
	switch {
	case set == "epochs" && c.Epochs != 0:
		c.Iters = 0
	case set == "iters" && c.Iters != 0:
		c.Epochs = 0
	}
}

// TOML returns the configuration as a file that [Config.SetTOML] reads.
func (c Config) TOML() ([]byte, error) { return c.Settings().TOML() }

// SetTOML sets the settings in a TOML file, those of the configuration and others, and
// returns their names. As in [Config.Set], setting iters or epochs clears the other,
// unless the file has both.
func (c *Config) SetTOML(file []byte, others ...setting.Setting) ([]string, error) {
	names, err := append(c.Settings(), others...).SetTOML(file)
	if err != nil {
		return nil, err
	}
	if !(slices.Contains(names, "iters") && slices.Contains(names, "epochs")) {
		for _, name := range names {
			c.chooseLength(name)
		}
	}
	return names, nil
}

// maxMemory bounds the memory of a run, in bytes: far more than the data calls for, so
// that a typing error is refused before memory is exhausted.
const maxMemory = 4 << 30

// Resolve returns the configuration with the value that auto stands for, which is what a
// run keeps. With [data.Files] it stays auto, which is symmetric for bytes and standard for
// other values. The error is that of [Config.Validate].
func (c Config) Resolve() (Config, error) {
	if c.Normalize == "auto" {
		switch {
		case c.Dataset == Own:
			c.Normalize = "none"
		case c.Dataset == data.Files:
		case c.Init == "he" || c.Init == "glorot": // for inputs of about size 1; pixels less their mean are 60 times as large
			c.Normalize = "symmetric"
		default:
			c.Normalize = "mean"
		}
	}
	return c, c.Validate()
}

// Validate returns an error, beginning with the name of a setting, if a value is not
// allowed or does not fit the others.
func (c Config) Validate() error {
	for _, s := range c.Settings() {
		if s.Name == "dataset" && c.Dataset == Own {
			continue
		}
		if err := s.Check(); err != nil {
			return err
		}
	}
	if c.Iters == 0 && c.Epochs == 0 {
		return fmt.Errorf("iters is 0 and so is epochs, want 1 to %d of one", setting.MaxCount)
	}
	if c.Iters != 0 && c.Epochs != 0 {
		return fmt.Errorf("iters is %d and epochs is %d, want one of them to be 0", c.Iters, c.Epochs)
	}
	if _, err := c.initialiser(); err != nil {
		return err
	}
	if c.Nesterov && (c.Optimizer != "sgd" || c.Momentum == 0) {
		return fmt.Errorf("nesterov is true, but optimizer is %s with momentum %v: it takes sgd with momentum", c.Optimizer, c.Momentum)
	}
	spec, _ := data.Lookup(c.Dataset)
	switch {
	case spec.Fixed:
		if name := c.changesExamples(); name != "" {
			return fmt.Errorf("%s: %s's data is fixed", name, spec.Title)
		}
		return c.validateFixed(spec)
	case c.Dataset == Own && c.changesExamples() != "":
		return fmt.Errorf("%s: a program's own examples are taken as they are", c.changesExamples())
	case c.Dataset == Own && c.Normalize != "auto" && c.Normalize != "none":
		return fmt.Errorf("normalize is %s, want none: a program's own examples are taken as they are", c.Normalize)
	case c.Dataset == Own, c.Dataset == data.Files:
		return nil // [NewOn] and [New] check it, when they know the number of inputs
	}
	return c.fits(c.Network())
}

// changesExamples names a setting that changes examples, empty if none does.
func (c Config) changesExamples() string {
	if name := c.Augment.First(); name != "" {
		return name
	}
	if c.TestFlips {
		return "test-flips"
	}
	return ""
}

// fits returns an error if training such a network needs too much memory.
func (c Config) fits(network net.Architecture) error {
	if need := c.Memory(network).Total(); need > maxMemory {
		return fmt.Errorf("hidden %s with a batch of %d needs %.1f GB of memory, want at most %d",
			setting.Setting{Value: &c.Hidden}, c.BatchSize(), need/(1<<30), maxMemory>>30)
	}
	return nil
}

// validateFixed returns an error if a setting that a fixed problem determines differs from
// the preset of the problem's name.
func (c Config) validateFixed(problem data.Spec) error {
	preset, err := Preset(problem.Name)
	if err != nil {
		return err
	}
	want := preset.Settings()
	for i, s := range c.Settings() {
		switch s.Name {
		case "hidden", "activation", "norm", "dropout", "residual", "init", "normalize":
			if s.String() != want[i].String() {
				return fmt.Errorf("%s is %s, want %s: %s's data and network are fixed", s.Name, s, want[i], problem.Title)
			}
		}
	}
	return nil
}

// initialiser returns the function that draws the initial weights.
func (c Config) initialiser() (net.Init, error) {
	switch c.Init {
	case "he":
		return net.He, nil
	case "glorot":
		return net.Glorot, nil
	case "zero":
		return net.Zero, nil
	}
	if std, ok := normalStd(c.Init); ok {
		return net.Normal(std), nil
	}
	return nil, fmt.Errorf("init %q, want he, glorot, zero or normal:STD with a number such as 1e-4", c.Init)
}

// normalStd returns STD of an init that is normal:STD, else false.
func normalStd(init string) (float64, bool) {
	text, ok := strings.CutPrefix(init, "normal:")
	if !ok {
		return 0, false
	}
	std, err := strconv.ParseFloat(text, 64)
	return std, err == nil && std >= 0 && !math.IsInf(std, 0)
}

// sameInit reports whether two inits give the same weights, however they are written.
func sameInit(a, b string) bool {
	x, normal := normalStd(a)
	y, too := normalStd(b)
	return a == b || normal && too && x == y
}

// BatchSize returns the number of examples in a batch: Batch, or all of the training part
// if there are fewer.
func (c Config) BatchSize() int {
	if spec, ok := data.Lookup(c.Dataset); ok {
		return min(c.Batch, spec.Training)
	}
	return c.Batch
}

// EpochsFor returns Epochs, or as many more as give 2,000 steps on that many examples: a
// network learns little from few steps, however few examples there are.
func (c Config) EpochsFor(examples int) int {
	const least = 2000
	perEpoch := data.NewSampler(examples, c.Batch, c.KeepLast, 0).StepsPerEpoch()
	return max(c.Epochs, (least+perEpoch-1)/perEpoch)
}

// Memory returns the bytes that training such a network takes, without the
// examples. Saving the run takes at most maxHeld more, because tensors are written from
// where they are.
func (c Config) Memory(network net.Architecture) net.Memory {
	kept := 0
	switch {
	case c.Optimizer == "adam" || c.Optimizer == "adamw":
		kept = 2
	case c.Optimizer == "lion" || c.Momentum > 0:
		kept = 1
	}
	if c.EMA > 0 {
		kept++
	}
	bytes := 4
	if c.DType == "float64" {
		bytes = 8
	}
	return network.TrainingMemory(max(c.BatchSize(), ScoreBatch), kept, bytes)
}
