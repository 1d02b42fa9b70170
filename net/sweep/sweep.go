package sweep

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/setting"
	"github.com/lanes-ml/lanes/net/train"
)

// Sweep defines the trials.
type Sweep struct {
	// Base is the configuration of every trial, except for what the other fields set.
	Base train.Config
	// Axes are settings with their values, such as
	//
	//	lr=1e-4,1e-3,1e-2
	//	lr=log:1e-4:1e-2:3    the same: 3 values, each the same factor above the one before
	//	momentum=lin:0:0.9:4  0, 0.3, 0.6, 0.9
	//	lr=log:1e-4:1e-2      any value between, if trials are drawn at random
	//	hidden=75;100,50      a network with one hidden layer of 75, one with two of 100 and 50
	//
	// Their combinations are the configurations, the last axis changing first.
	Axes []string
	// Rows are values that belong together, such as
	//
	//	hidden=100,25 batch=300 lr=0.01
	//
	// They make one axis, which changes last.
	Rows []string
	// Random is the number of configurations that are drawn at random, each axis by
	// itself, instead of all combinations; 0 means all of these. RandomSeed is the seed
	// of the draws. The first configurations do not depend on how many are drawn.
	Random     int
	RandomSeed uint64
	// TPE is the number of configurations that the tree-structured Parzen estimator chooses
	// from the validation accuracies of those before them (Bergstra, Bardenet, Bengio, Kégl,
	// Algorithms for Hyper-Parameter Optimization, NeurIPS 2011), instead of all
	// combinations. The first are those that Random draws. Each of the others is a function
	// of RandomSeed and of the results of the trials before it but for the last Pending: so
	// that many may train beside it, and the choice depends neither on their number nor on
	// the order in which they end. It counts those as it counts the worst.
	TPE     int
	Pending int
	// Seeds is the number of trials of each configuration, with the seed of Base and those
	// that follow it. All trials of one seed come before those of the next.
	Seeds int
	// Halving, if it is not 0, stops hopeless trials: of those that have trained for a
	// fraction of their length, 1/Halving go on to a length Halving times as large, until
	// the last ones are trained in full (successive halving: Jamieson, Talwalkar,
	// Non-stochastic Best Arm Identification and Hyperparameter Optimization,
	// arXiv:1502.07943). When all trials have reached such a length, those with the highest
	// validation accuracy go on, equal ones by index. So the choice depends neither on the
	// order of training nor on the number of jobs.
	Halving int
	// Async lets trials go on as results arrive (asynchronous successive halving: Li et
	// al., A System for Massively Parallel Hyperparameter Tuning, arXiv:1810.05934): a trial
	// goes on as soon as it is among the best 1/Halving of those that have trained as long
	// so far. No trial waits for others, but with several jobs the choice depends on the
	// order in which they end. promotions.json has what went on when.
	Async bool
	// Test scores trials on the test part too.
	Test bool
}

// Trial is a configuration of a sweep.
type Trial struct {
	Index  int // from 0
	Config train.Config
}

// Settings returns the fields of s as settings, those of Base first: their names in files,
// their help, and the values that they may have.
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
			Help: "configurations to draw at random (0: all combinations)"},
		{Name: "random-seed", Value: &s.RandomSeed,
			Help: "seed of the random draws"},
		{Name: "tpe", Value: &s.TPE, Range: setting.Range{Most: maxTPE},
			Help: "configurations to choose by TPE, from the results of those before (0: none)"},
		{Name: "pending", Value: &s.Pending, Range: setting.Range{Most: maxTPE},
			Help: "`trials` before each of TPE's that may still be in training when it begins"},
		{Name: "seeds", Value: &s.Seeds, Range: setting.Range{Least: 1, Most: maxTrials},
			Help: "trials of each configuration, with consecutive seeds"},
		{Name: "halving", Value: &s.Halving, Range: trials,
			Help: "of trials that are compared, one in this `many` goes on (0: all)"},
		{Name: "async", Value: &s.Async,
			Help: "with halving: trials go on as results arrive (ASHA)"},
		{Name: "test", Value: &s.Test,
			Help: "score trials on the test part too"},
	}
}

// maxTrials is the largest number of trials, so that a typing error is refused before the
// disk is full.
const maxTrials = 100_000

// maxTPE is the largest number of trials of TPE, whose time for all choices grows with its
// square.
const maxTPE = 2_000

var errTooMany = fmt.Errorf("more than %d trials", maxTrials)

// Trials returns the trials by index; with TPE, those at the start, which are drawn at
// random. Its error names the setting that is wrong.
func (s Sweep) Trials() ([]Trial, error) {
	if err := s.validate(); err != nil {
		return nil, err
	}
	axes, err := s.axes()
	if err != nil {
		return nil, err
	}
	configs := max(s.Random, s.drawn())
	if configs == 0 {
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
	if n := s.Random + s.TPE; n > 0 && len(axes) == 0 {
		return nil, fmt.Errorf("%s is %d, and there is no axis to draw from", named(s.TPE, "tpe", "random"), n)
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
				return nil, fmt.Errorf("dataset is %s, which is for programs with examples of their own", train.Own)
			}
			if spec, known := data.Lookup(config.Dataset); s.Halving+s.TPE > 0 && spec.Validation == 0 && (known || config.Files.ValShare == 0) {
				return nil, fmt.Errorf("%s is %d, and %s has no validation part", named(s.TPE, "tpe", "halving"), s.Halving+s.TPE, cmp.Or(spec.Title, config.Dataset))
			}
			trials = append(trials, Trial{len(trials), config})
		}
	}
	return trials, nil
}

// named returns the name of a setting if it is not 0, else the other name.
func named(value int, name, other string) string {
	if value != 0 {
		return name
	}
	return other
}

func (s Sweep) validate() error {
	if err := s.own().Check(); err != nil {
		return err
	}
	switch {
	case s.Halving == 1:
		return errors.New("halving is 1, want 2 or more, or 0 for none")
	case s.Async && s.Halving == 0:
		return errors.New("async is true and halving is 0, want 2 or more")
	case s.TPE > 0 && s.Random+s.Halving > 0:
		return fmt.Errorf("tpe is %d, random is %d and halving is %d: TPE goes with neither of the others", s.TPE, s.Random, s.Halving)
	case s.TPE > 0 && s.Seeds > 1:
		return fmt.Errorf("tpe is %d and seeds is %d, want 1", s.TPE, s.Seeds)
	case s.Pending > 0 && s.TPE == 0:
		return fmt.Errorf("pending is %d and tpe is 0: it goes with TPE", s.Pending)
	}
	return nil
}

// axes returns the axes. That of the rows comes first.
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

// config returns configuration i with the seed of Base, unless an axis sets it.
func (s Sweep) config(axes []axis, i int) (train.Config, error) {
	rng := rand.New(rand.NewPCG(s.RandomSeed, uint64(i)))
	chosen := make([]choice, len(axes))
	for k := len(axes) - 1; k >= 0; k-- {
		if s.Random+s.TPE > 0 {
			chosen[k] = axes[k].draw(rng)
			continue
		}
		n := len(axes[k].choices)
		chosen[k] = axes[k].choices[i%n]
		i /= n
	}
	return s.with(chosen)
}

// with returns the base with the assignments of those choices.
func (s Sweep) with(chosen []choice) (train.Config, error) {
	c := s.Base
	for _, assignments := range chosen {
		for _, a := range assignments {
			if err := c.Set(a.name, a.text); err != nil {
				return c, err
			}
		}
	}
	return c, nil
}

// Varied returns the names of the settings in the axes and rows.
func (s Sweep) Varied() []string {
	var names []string
	axes, _ := s.axes() // Trials returns this error
	for _, a := range axes {
		names = append(names, a.names...)
	}
	return names
}

// Vary adds an axis such as lr=1e-3,1e-2, in place of an earlier one for that setting. A
// single value, as in lr=1e-3, is set in the base instead.
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
