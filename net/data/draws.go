package data

import "math/bits"

// draws are the random numbers of an example in an epoch: a function of the seed, the epoch,
// the example and the number of the draw, and of nothing drawn before. So an example is the
// same however epochs are cut into batches, and in a run that is resumed. The function is the
// mixer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), once for each of the four.
type draws uint64

func newDraws(seed uint64, epoch, example int) draws {
	return draws(mixed(mixed(mixed(seed)+uint64(epoch)) + uint64(example)))
}

// bits returns draw k.
func (d draws) bits(k int) uint64 { return mixed(uint64(d) + uint64(k)) }

// below returns draw k as one of 0 to n-1.
func (d draws) below(k, n int) int {
	high, _ := bits.Mul64(d.bits(k), uint64(n))
	return int(high)
}

// within returns draw k as one of -n to n.
func (d draws) within(k, n int) int { return d.below(k, 2*n+1) - n }

// mixed returns the first number of SplitMix64 with that seed.
func mixed(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
