package report

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

// The figures of a trial, NaN if it has none.
func trainLoss(x sweep.Result) float64     { return orNaN(x.TrainLoss) }
func trainAccuracy(x sweep.Result) float64 { return orNaN(x.TrainAcc) }
func valLoss(x sweep.Result) float64       { return orNaN(x.ValLoss) }
func accuracy(x sweep.Result) float64      { return orNaN(x.ValAcc) }
func classes(x sweep.Result) float64       { return float64(x.ValClasses) }

func orNaN(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}

// mean returns the mean of a figure over trials, NaN if there are none.
func mean(trials []sweep.Result, figure func(sweep.Result) float64) *float64 {
	sum := 0.0
	for _, x := range trials {
		sum += figure(x)
	}
	return new(sum / float64(len(trials)))
}

// seedsOf returns the trials of wanted configurations, without those that halving
// stopped, and each configuration once: the rows of a sweep may repeat one.
func seedsOf(trials []sweep.Result, wanted func(train.Config) bool) []sweep.Result {
	var found []sweep.Result
	for _, x := range trials {
		is := func(other sweep.Result) bool { return reflect.DeepEqual(other.Config, x.Config) }
		if x.Status != sweep.Stopped && wanted(x.Config) && !slices.ContainsFunc(found, is) {
			found = append(found, x)
		}
	}
	return found
}

// spread returns the number of seeds, and the range of their validation accuracies if
// there are several. It is empty if there are none.
func spread(trials []sweep.Result) string {
	switch len(trials) {
	case 0:
		return ""
	case 1:
		return "1"
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, x := range trials {
		low, high = min(low, accuracy(x)), max(high, accuracy(x))
	}
	from, to := number.Fixed(low, 3), number.Fixed(high, 3)
	if from == to {
		return fmt.Sprintf("%d, %s each", len(trials), from)
	}
	return fmt.Sprintf("%d, %s to %s", len(trials), from, to)
}

// varied returns the names of the settings that differ between trials.
func varied(trials []sweep.Result) []string {
	var names []string
	for _, s := range trials[0].Config.Settings() {
		names = append(names, s.Name)
	}
	first, differs := trials[0].Texts(names), map[string]bool{}
	for _, x := range trials {
		for i, text := range x.Texts(names) {
			if text != first[i] {
				differs[names[i]] = true
			}
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return !differs[name] })
}

// setting returns a setting of the trial.
func setting(x sweep.Result, name string) string { return x.Texts([]string{name})[0] }

// label names a trial by the named settings, or by its index if there are none.
func label(x sweep.Result, names []string) string {
	var words []string
	for i, text := range x.Texts(names) {
		words = append(words, names[i]+" "+text)
	}
	if words == nil {
		return "trial " + strconv.Itoa(x.Index)
	}
	return strings.Join(words, ", ")
}

// bestOf returns the first trials of different configurations, whatever the seed,
// as many as are compared.
func bestOf(trials []sweep.Result) (best []sweep.Result) {
	var seen []string
	for _, x := range trials {
		config := x.Config
		config.Seed = 0
		if key := fmt.Sprint(config); len(best) < compared && !slices.Contains(seen, key) {
			best, seen = append(best, x), append(seen, key)
		}
	}
	return best
}

// compared is the number of trials in one picture.
const compared = 4

// severalSeeds tells whether a configuration has several seeds.
func severalSeeds(means []sweep.Mean) bool {
	return slices.ContainsFunc(means, func(m sweep.Mean) bool { return m.Deviation != nil })
}

// withoutSeed returns the names without that of the seed.
func withoutSeed(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "seed" })
}
