package data

import (
	"fmt"
	"math/rand/v2"
)

// Sampler picks the images of each training step. An epoch is a fresh shuffle of
// all n images, cut into consecutive slices of batch. The n mod batch images that
// remain are a shorter slice if keepLast is set, else left out of that epoch. If
// batch is larger than n, every step is an epoch of all n images.
//
// The shuffle of an epoch depends on n, the seed and the epoch alone, so a run
// may start at any step.
type Sampler struct {
	batch    int
	keepLast bool
	seed     uint64
	order    []int
	epoch    int // the epoch that order is shuffled for
	pcg      *rand.PCG
	rng      *rand.Rand
}

// NewSampler returns a sampler of n images. It panics if n or batch is below 1.
func NewSampler(n, batch int, keepLast bool, seed uint64) *Sampler {
	if n < 1 || batch < 1 {
		panic(fmt.Sprintf("data: NewSampler: %d images in batches of %d", n, batch))
	}
	pcg := new(rand.PCG)
	return &Sampler{min(batch, n), keepLast, seed, make([]int, n), -1, pcg, rand.New(pcg)}
}

// StepsPerEpoch returns max(1, floor(n/batch)), or ⌈n/batch⌉ with keepLast.
func (s *Sampler) StepsPerEpoch() int {
	if s.keepLast {
		return (len(s.order) + s.batch - 1) / s.batch
	}
	return len(s.order) / s.batch
}

// At returns the images of a step, counted from 0 over all epochs. The slice is
// valid until the next call, and must not be changed. Steps may be asked for in
// any order; each change of epoch costs a shuffle. It panics if step is negative.
func (s *Sampler) At(step int) []int {
	if step < 0 {
		panic(fmt.Sprintf("data: At: step %d", step))
	}
	if epoch := step / s.StepsPerEpoch(); epoch != s.epoch {
		s.shuffle(epoch)
	}
	first := step % s.StepsPerEpoch() * s.batch
	return s.order[first:min(first+s.batch, len(s.order))]
}

func (s *Sampler) shuffle(epoch int) {
	for i := range s.order {
		s.order[i] = i
	}
	s.pcg.Seed(s.seed, uint64(epoch))
	s.rng.Shuffle(len(s.order), func(i, j int) { s.order[i], s.order[j] = s.order[j], s.order[i] })
	s.epoch = epoch
}
