package data

import "math"

// Statistics are those of values of the training part that are not missing.
type Statistics struct {
	Least, Most     float64 // NaN if all are missing
	Mean, Deviation float64
	Missing         int
}

// Constant reports whether all values are the same.
func (s Statistics) Constant() bool { return s.Least == s.Most }

// Statistics returns those of each value of an example.
func (d *Dataset) Statistics() []Statistics {
	size := d.Shape.Size()
	all := make([]Statistics, size)
	mean, variance := d.moments()
	for j := range all {
		all[j] = Statistics{math.NaN(), math.NaN(), mean[j], math.Sqrt(variance[j]), d.Train.Len()}
	}
	d.Train.each(size, func(j int, v float64) {
		s := &all[j]
		if !(v >= s.Least) {
			s.Least = v
		}
		if !(v <= s.Most) {
			s.Most = v
		}
		s.Missing--
	})
	return all
}

// Duplicates counts examples that have the values of another one, by a hash of 64 bits.
type Duplicates struct {
	Within int `json:"train_twice"`   // of the training part
	Val    int `json:"val_in_train"`  // of the validation part, whose values the training part has
	Test   int `json:"test_in_train"` // likewise of the test part
}

// Duplicates counts them.
func (d *Dataset) Duplicates() Duplicates {
	var found Duplicates
	hash := d.hasher()
	seen := make(map[uint64]struct{}, d.Train.Len())
	for i := range d.Train.Len() {
		seen[hash(&d.Train, i)] = struct{}{}
	}
	found.Within = d.Train.Len() - len(seen)
	for _, part := range []struct {
		s     *Split
		count *int
	}{{&d.Val, &found.Val}, {&d.Test, &found.Test}} {
		for i := range part.s.Len() {
			if _, ok := seen[hash(part.s, i)]; ok {
				*part.count++
			}
		}
	}
	return found
}
