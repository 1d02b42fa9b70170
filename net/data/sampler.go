package data

import (
	"fmt"
	"math/rand/v2"
)

// Sampler picks the images of each training step. An epoch is a new shuffle of all n
// images, cut into consecutive slices of batch images. If keepLast is set, the n mod
// batch images that remain are a shorter slice; otherwise the epoch leaves them out.
// If batch is larger than n, every step is an epoch of all n images.
//
// The shuffle of an epoch depends only on n, the seed and the epoch, so that a run may
// start at any step.
type Sampler struct {
	batch    int
	keepLast bool
	seed     uint64
	order    []int
	epoch    int // the epoch whose shuffle order is
	pcg      *rand.PCG
	rng      *rand.Rand
}

// NewSampler returns a sampler of n images. It panics if n or batch is below 1.
func NewSampler(n, batch int, keepLast bool, seed uint64) *Sampler {
	if n < 1 || batch < 1 {
		panic(fmt.Sprintf("data: NewSampler: %d images in batches of %d, want at least 1 of both", n, batch))
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

// At returns the numbers of the images of a step, which is counted from 0 over all
// epochs. The slice is valid until the next call, and must not be changed. Calls may
// ask for steps in any order; each change of epoch costs a shuffle. At panics if step
// is negative.
func (s *Sampler) At(step int) []int {
	if step < 0 {
		panic(fmt.Sprintf("data: At: step %d, want at least 0", step))
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
