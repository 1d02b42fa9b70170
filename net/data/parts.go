package data

import (
	"fmt"
	"math"
)

// drawParts moves that share of the training part's examples into a validation part, and
// into a test part, unless there is one. The part of an example depends on its values
// alone, by a hash: examples that are added move no other, and equal examples are in the
// same part.
func (d *Dataset) drawParts(val, test float64) error {
	if d.Val.Len() > 0 {
		val = 0
	}
	if d.Test.Len() > 0 {
		test = 0
	}
	if val+test >= 1 {
		return fmt.Errorf("val is %v and test is %v, want them to leave examples to train on", val, test)
	}
	if val == 0 && test == 0 || d.Train.Len() == 0 {
		return nil
	}
	hash := d.hasher()
	place := make([]uint8, d.Train.Len()) // 0 train, 1 val, 2 test
	var counts [3]int
	for i := range place {
		switch u := float64(hash(&d.Train, i)>>11) / (1 << 53); {
		case u < test:
			place[i] = 2
		case u < test+val:
			place[i] = 1
		}
		counts[place[i]]++
	}
	if counts[0] == 0 {
		return fmt.Errorf("%d examples: parts of %v to validate and %v to test with leave none to train on", len(place), val, test)
	}
	all := d.Train
	all.arrange(place)
	trained, validated := counts[0], counts[0]+counts[1]
	d.Train = all.slice(0, trained)
	if counts[1] > 0 {
		d.Val = all.slice(trained, validated)
	}
	if counts[2] > 0 {
		d.Test = all.slice(validated, all.Len())
	}
	return nil
}

// arrange moves the examples to be in the order of their places, 0 to 2, and within a place
// in the order that they were in. It needs no second copy of the values.
func (s Split) arrange(place []uint8) {
	var next [3]int
	for _, p := range place {
		for q := int(p) + 1; q < len(next); q++ {
			next[q]++
		}
	}
	to := make([]int32, len(place)) // where each example goes
	for i, p := range place {
		to[i] = int32(next[p])
		next[p]++
	}
	permute(s.Pixels, to)
	permute(s.Values, to)
	permute(s.Labels, to)
	permute(s.Targets, to)
	permute(s.Weights, to)
}

// permute moves row i of len(to) rows to to[i], along the cycles.
func permute[E any](rows []E, to []int32) {
	if rows == nil {
		return
	}
	width := len(rows) / len(to)
	row := func(i int32) []E { return rows[int(i)*width:][:width] }
	carried, other := make([]E, width), make([]E, width)
	done := make([]bool, len(to))
	for start := range to {
		if done[start] || to[start] == int32(start) {
			continue
		}
		copy(carried, row(int32(start)))
		for i := to[start]; ; i = to[i] {
			copy(other, row(i))
			copy(row(i), carried)
			carried, other = other, carried
			done[i] = true
			if int(i) == start {
				break
			}
		}
	}
}

// hasher returns a function that hashes the values of an example of a part: FNV-1a over
// their bytes, and over the text of a category, with the finalizer of MurmurHash3.
func (d *Dataset) hasher() func(s *Split, i int) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	size := d.Shape.Size()
	texts := make([][]uint64, len(d.Columns))
	for j, c := range d.Columns {
		for _, text := range c.Categories {
			h := uint64(offset)
			for _, b := range []byte(text) {
				h = (h ^ uint64(b)) * prime
			}
			texts[j] = append(texts[j], h)
		}
	}
	return func(s *Split, i int) uint64 {
		h := uint64(offset)
		if s.Pixels != nil {
			for _, p := range s.Pixels[i*size:][:size] {
				h = (h ^ uint64(p)) * prime
			}
		} else {
			for j, v := range s.Values[i*size:][:size] {
				word := uint64(math.Float32bits(v))
				switch {
				case v != v:
					word = 0x7fc00000 // every NaN
				case len(texts) > 0 && texts[j] != nil:
					word = texts[j][int(v)]
				case v == 0:
					word = 0 // -0 too
				}
				h = (h ^ word) * prime
			}
		}
		h ^= h >> 33
		h *= 0xff51afd7ed558ccd
		h ^= h >> 33
		h *= 0xc4ceb9fe1a85ec53
		return h ^ h>>33
	}
}
