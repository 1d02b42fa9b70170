package sweep

import (
	"fmt"
	"math"
	"slices"
)

// Mean is the mean over the finished trials of a configuration, which differ only in their
// seeds.
type Mean struct {
	Trial              // the first of them
	Seeds     int      // trials with a validation accuracy
	ValAcc    *float64 // the mean of those; nil if there are none
	Deviation *float64 // their standard deviation, with n-1; nil for fewer than two
}

// Means returns the means of the configurations, the highest first, those without one last,
// and equal ones by index.
func (r *Results) Means() []Mean {
	means, _ := r.means()
	slices.SortStableFunc(means, func(a, b Mean) int {
		return compareAccuracy(Scores{ValAcc: a.ValAcc}, Scores{ValAcc: b.ValAcc})
	})
	return means
}

// means returns the means of the configurations in the order of their first trials, and
// maps the index of each trial to its configuration among them.
func (r *Results) means() (means []Mean, of map[int]int) {
	var accuracies [][]float64 // of each configuration
	place := map[string]int{}
	of = map[int]int{}
	for _, x := range slices.SortedFunc(slices.Values(r.Rows), func(a, b Result) int { return a.Index - b.Index }) {
		config := x.Config
		config.Seed = 0
		key := fmt.Sprintf("%+v", config)
		i, there := place[key]
		if !there {
			i = len(means)
			place[key], means, accuracies = i, append(means, Mean{Trial: x.Trial}), append(accuracies, nil)
		}
		of[x.Index] = i
		if x.ValAcc != nil {
			accuracies[i] = append(accuracies[i], *x.ValAcc)
		}
	}
	for i := range means {
		means[i].of(accuracies[i])
	}
	return means, of
}

// of sets m to the mean and the deviation of the values.
func (m *Mean) of(values []float64) {
	n := float64(len(values))
	if m.Seeds = len(values); m.Seeds == 0 {
		return
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	mean := sum / n
	m.ValAcc = &mean
	if n < 2 {
		return
	}
	squares := 0.0
	for _, v := range values {
		squares += float64((v - mean) * (v - mean))
	}
	m.Deviation = new(math.Sqrt(squares / (n - 1)))
}
