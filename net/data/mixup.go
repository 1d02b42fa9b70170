package data

import (
	"math"
	"sort"
)

// maxAlpha bounds the α of mixup, whose shares gather at 1/2 as α grows.
const maxAlpha = 8

// mixer draws the smaller of λ and 1-λ for λ from Beta(α, α), in units of 1/256: it has the
// probability, times 2⁶³, that the share rounds to at most k, for k = 0 to 127.
type mixer []uint64

func newMixer(alpha float64) mixer {
	if alpha == 0 {
		return nil
	}
	m := make(mixer, 128)
	whole := lowerBeta(alpha, 0.5)
	for k := range m {
		m[k] = uint64(min(1, lowerBeta(alpha, (float64(k)+0.5)/256)/whole) * (1 << 63))
	}
	return m
}

// share returns the share that 64 random bits stand for.
func (m mixer) share(random uint64) int {
	random >>= 1
	return sort.Search(len(m), func(k int) bool { return random < m[k] })
}

// lowerBeta returns the integral of t^(a-1)·(1-t)^(a-1) from 0 to x ≤ 1/2, by its series
// (DLMF 8.17.7). Its operations are exact or round once, so that its bits are the same on every
// system.
func lowerBeta(a, x float64) float64 {
	sum, term := 0.0, 1.0
	for n := 0.0; n < 80; n++ { // until x^n is below a rounding error
		sum += term / (a + n)
		term = float64(term * float64(x*((n+1-a)/(n+1))))
	}
	return float64(power(x, a) * sum)
}

// power returns x^a for 0 < x < 1 and 0 ≤ a < 64, from roots and squares.
func power(x, a float64) float64 {
	product := 1.0
	for root := x; a > 0; {
		whole := math.Floor(a)
		for range int(whole) {
			product = float64(product * root)
		}
		a, root = 2*(a-whole), math.Sqrt(root)
		if root == 1 {
			break
		}
	}
	return product
}
