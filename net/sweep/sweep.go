package sweep

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/setting"
	"github.com/lanes-ml/lanes/net/train"
)

// Sweep says which trials there are.
type Sweep struct {
	// Base is the configuration of every trial, but for what the other fields set.
	Base train.Config
	// Axes are settings with their values, such as
	//
	//	lr=1e-4,1e-3,1e-2
	//	lr=log:1e-4:1e-2:3    the same: 3 values, each the same factor above the last
	//	momentum=lin:0:0.9:4  0, 0.3, 0.6, 0.9
	//	lr=log:1e-4:1e-2      any value between, where trials are drawn at random
	//	hidden=75;100,50      a network of 75, one of 100 and 50
	//
	// Their combinations are the configurations, the last axis changing first.
	Axes []string
	// Rows are values that belong together, such as
	//
	//	hidden=100,25 batch=300 lr=0.01
	//
	// They make one axis, which changes last.
	Rows []string
	// Random is how many configurations are drawn at random instead of all
	// combinations, each axis by itself; 0 is all of them. RandomSeed is what they
	// are drawn from. The first ones are the same, however many are drawn.
	Random     int
	RandomSeed uint64
	// Seeds is how many trials a configuration has: with the seed of Base, the next
	// one, and so on. The trials of the first seed come first.
	Seeds int
	// Halving, if it is not 0, stops hopeless trials: of those that have trained for
	// a share of their length, 1/Halving go on to a length that is Halving times as
	// large, until the last are trained in full (successive halving: Jamieson,
	// Talwalkar, Non-stochastic Best Arm Identification and Hyperparameter
	// Optimization, arXiv:1502.07943). Which do is told by validation accuracy, then
	// by index, when all trials have come that far, so that it depends on neither
	// their order nor their number at a time.
	Halving int
	// Test scores trials on the test part too.
	Test bool
}

// Trial is a configuration of a sweep.
type Trial struct {
	Index  int // from 0
	Config train.Config
}

// Settings returns the fields of s, those of Base first: how each is called in files,
// what it is, and which values it may have.
func (s *Sweep) Settings() setting.List { return append(s.Base.Settings(), s.own()...) }

// own returns the settings that are not the base's.
func (s *Sweep) own() setting.List {
	trials := setting.Range{Most: maxTrials}
	return setting.List{
		{Name: "axes", Value: &s.Axes,
			Help: "settings with the values to combine, such as lr=1e-3,1e-2 or lr=log:1e-4:1e-1:7 or hidden=75;100,50"},
		{Name: "rows", Value: &s.Rows,
			Help: "values that belong together, such as hidden=100,25 batch=300"},
		{Name: "random", Value: &s.Random, Range: trials,
			Help: "configurations to draw at random, 0 for all combinations"},
		{Name: "random-seed", Value: &s.RandomSeed,
			Help: "seed of the random draws"},
		{Name: "seeds", Value: &s.Seeds, Range: setting.Range{Least: 1, Most: maxTrials},
			Help: "trials of each configuration, with consecutive seeds"},
		{Name: "halving", Value: &s.Halving, Range: trials,
			Help: "of the trials that reach a share of their length, one in this many goes on; 0 for all"},
		{Name: "test", Value: &s.Test,
			Help: "score trials on the test part too"},
	}
}

// maxTrials is the largest number of trials: a slip of the keyboard is refused
// before a disk is full.
const maxTrials = 100_000

var errTooMany = fmt.Errorf("more than %d trials", maxTrials)

// Trials returns the trials by index. An error names what is wrong with which
// setting.
func (s Sweep) Trials() ([]Trial, error) {
	if err := s.validate(); err != nil {
		return nil, err
	}
	axes, err := s.axes()
	if err != nil {
		return nil, err
	}
	configs := s.Random
	if s.Random == 0 {
		configs = 1
		for _, a := range axes {
			if len(a.choices) == 0 {
				return nil, fmt.Errorf("%s has no number of values, as in %s:7, and nothing is drawn at random", a, a)
			}
			if configs > maxTrials/len(a.choices) {
				return nil, errTooMany
			}
			configs *= len(a.choices)
		}
	}
	if s.Random > 0 && len(axes) == 0 {
		return nil, fmt.Errorf("random is %d, and there is no axis to draw from", s.Random)
	}
	if configs > maxTrials/s.Seeds {
		return nil, errTooMany
	}
	var trials []Trial
	for seed := range s.Seeds {
		for i := range configs {
			config, err := s.config(axes, i)
			if err != nil {
				return nil, err
			}
			config.Seed += uint64(seed)
			if config, err = config.Resolve(); err != nil {
				return nil, err
			}
			if config.Dataset == train.Own {
				return nil, fmt.Errorf("dataset is %s, which has no images to train many trials on", train.Own)
			}
			if spec, _ := data.Lookup(config.Dataset); s.Halving > 0 && spec.Validation == 0 {
				return nil, fmt.Errorf("halving is %d, and %s has no validation part", s.Halving, spec.Title)
			}
			trials = append(trials, Trial{len(trials), config})
		}
	}
	return trials, nil
}

func (s Sweep) validate() error {
	if s.Halving == 1 {
		return errors.New("halving is 1, want 2 or more, or 0 for none")
	}
	return s.own().Check()
}

// axes returns the axes, that of the rows first.
func (s Sweep) axes() ([]axis, error) {
	var axes []axis
	if len(s.Rows) > 0 {
		rows, err := parseRows(s.Rows)
		if err != nil {
			return nil, err
		}
		axes = append(axes, rows)
	}
	for _, text := range s.Axes {
		a, err := parseAxis(text)
		if err != nil {
			return nil, err
		}
		axes = append(axes, a)
	}
	var seen []string
	for _, a := range axes {
		for _, name := range a.names {
			if slices.Contains(seen, name) {
				return nil, fmt.Errorf("%s is in two axes", name)
			}
			seen = append(seen, name)
		}
	}
	if s.Seeds > 1 && slices.Contains(seen, "seed") {
		return nil, fmt.Errorf("seed is an axis, and seeds is %d, want 1", s.Seeds)
	}
	return axes, nil
}

// config returns configuration i, of the first seed.
func (s Sweep) config(axes []axis, i int) (train.Config, error) {
	c := s.Base
	rng := rand.New(rand.NewPCG(s.RandomSeed, uint64(i)))
	chosen := make([]choice, len(axes))
	for k := len(axes) - 1; k >= 0; k-- {
		if s.Random > 0 {
			chosen[k] = axes[k].draw(rng)
			continue
		}
		n := len(axes[k].choices)
		chosen[k] = axes[k].choices[i%n]
		i /= n
	}
	for _, assignments := range chosen {
		for _, a := range assignments {
			if err := c.Set(a.name, a.text); err != nil {
				return c, err
			}
		}
	}
	return c, nil
}

// Varied returns the names of the settings that axes and rows set.
func (s Sweep) Varied() []string {
	var names []string
	axes, _ := s.axes() // Trials tells what is wrong with them
	for _, a := range axes {
		names = append(names, a.names...)
	}
	return names
}

// Vary makes the setting that text assigns an axis, or, where it has one value,
// part of the base. It takes the place of an axis of that setting.
func (s *Sweep) Vary(text string) error {
	a, err := parseAxis(text)
	if err != nil {
		return err
	}
	name := a.names[0]
	if rows, err := parseRows(s.Rows); err == nil && slices.Contains(rows.names, name) {
		return fmt.Errorf("%s is set by the rows", name)
	}
	i := slices.IndexFunc(s.Axes, func(axis string) bool {
		before, _, _ := strings.Cut(axis, "=")
		return before == name
	})
	switch {
	case len(a.choices) == 1:
		if i >= 0 {
			s.Axes = slices.Delete(s.Axes, i, i+1)
		}
		return s.Base.Set(name, a.choices[0][0].text)
	case i >= 0:
		s.Axes[i] = text
	default:
		s.Axes = append(s.Axes, text)
	}
	return nil
}
