package sweep

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/lanes-ml/lanes/net/internal/atomicfile"
	"github.com/lanes-ml/lanes/net/train"
)

// chosen is a configuration that TPE has chosen.
type chosen struct {
	Trial    int      `json:"trial"`
	After    int      `json:"after"`    // chosen from the results of the trials before this one
	Settings []string `json:"settings"` // such as lr=0.01
}

// drawn returns how many trials of TPE are drawn at random: those that must not wait for
// the results of as many as TPE begins with.
func (s Sweep) drawn() int { return min(s.TPE, tpeRandom+s.Pending) }

// remember sets the configurations that were chosen before.
func (f *Folder) remember() error {
	if f.Sweep.TPE == 0 {
		return nil
	}
	choices, err := readRecord[chosen](f.path(choicesFile))
	if err != nil {
		return err
	}
	for i, c := range choices {
		index := f.Sweep.drawn() + i
		if c.Trial != index || index >= len(f.Trials) {
			return fmt.Errorf("%w: %s: it has trial %d in place of %d of %d", ErrUnusable, f.path(choicesFile), c.Trial, index, len(f.Trials))
		}
		if index < f.known {
			continue
		}
		config := f.Sweep.Base
		for _, text := range c.Settings {
			name, value, _ := strings.Cut(text, "=")
			if err := config.Set(name, value); err != nil {
				return fmt.Errorf("%w: %s: trial %d: %w", ErrUnusable, f.path(choicesFile), index, err)
			}
		}
		if config, err = config.Resolve(); err != nil {
			return fmt.Errorf("%w: %s: trial %d: %w", ErrUnusable, f.path(choicesFile), index, err)
		}
		f.Trials[index].Config = config
		f.known = index + 1
	}
	return nil
}

// choose chooses the configurations that the results determine: that of a trial when all
// but [Sweep.Pending] of those before it have one.
func (f *Folder) choose(ctx context.Context, scores [][]Scores) error {
	determined := func() bool {
		if f.known == len(f.Trials) {
			return false
		}
		results := scores[:f.known-f.Sweep.Pending]
		return !slices.ContainsFunc(results, func(s []Scores) bool { return len(s) == 0 })
	}
	if !determined() {
		return nil
	}
	axes, err := f.Sweep.axes()
	if err != nil {
		return err
	}
	return f.decide(ctx, func() error {
		if err := f.remember(); err != nil {
			return err
		}
		choices, err := readRecord[chosen](f.path(choicesFile))
		if err != nil || !determined() { // another process was a moment quicker
			return err
		}
		for determined() {
			c, config, err := f.chooseNext(axes, scores)
			if err != nil {
				return err
			}
			choices = append(choices, c)
			f.Trials[f.known].Config = config
			f.known++
		}
		if err := writeRecord(f.path(choicesFile), choices); err != nil {
			return err
		}
		return atomicfile.WriteFile(f.path(trialsFile), f.listing())
	})
}

// chooseNext chooses the configuration of the first trial that has none.
func (f *Folder) chooseNext(axes []axis, scores [][]Scores) (chosen, train.Config, error) {
	c := chosen{Trial: f.known, After: f.known - f.Sweep.Pending}
	trials := make([]tried, f.known)
	for i := range trials {
		trials[i] = tried{f.Sweep.point(axes, f.Trials[i].Config), Scores{}.accuracy()}
		if i < c.After {
			trials[i].accuracy = scores[i][0].accuracy()
		}
	}
	stream := uint64(f.known) + 1<<32 // other random numbers than those of [Sweep.config]
	point := propose(axes, trials, rand.New(rand.NewPCG(f.Sweep.RandomSeed, stream)), func(x []float64) bool {
		_, err := f.Sweep.at(axes, x)
		return err == nil
	})
	for i, a := range axes {
		for _, s := range a.at(point[i]) {
			c.Settings = append(c.Settings, s.name+"="+s.text)
		}
	}
	config, err := f.Sweep.at(axes, point)
	return c, config, err
}

// at returns the configuration at a point.
func (s Sweep) at(axes []axis, point []float64) (train.Config, error) {
	chosen := make([]choice, len(axes))
	for i, a := range axes {
		chosen[i] = a.at(point[i])
	}
	config, err := s.with(chosen)
	if err != nil {
		return config, err
	}
	return config.Resolve()
}

// point returns where a configuration lies.
func (s Sweep) point(axes []axis, c train.Config) []float64 {
	point := make([]float64, len(axes))
	for i, a := range axes {
		point[i] = a.coordinate(c)
	}
	return point
}
