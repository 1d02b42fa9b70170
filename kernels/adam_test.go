package kernels

import (
	"math"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPowersAreThoseOfTheStep(t *testing.T) {
	var p powers
	check := func(beta1, beta2 float64, step int) bool {
		power1, power2 := p.of(beta1, beta2, step)
		return assert.Equal(t, math.Pow(beta1, float64(step)), power1) && assert.Equal(t, math.Pow(beta2, float64(step)), power2)
	}
	check(0, 0, 0)
	for range 2 {
		for step := range 4 {
			for range 2 { // computed, then kept
				check(0.9, 0.999, step)
			}
			check(0.8, 0.999, step)
			check(0.8, 0.99, step)
		}
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 20000 {
				if !check(0.9, 0.999, 1+i/2%3) {
					return
				}
			}
		})
	}
	all.Wait()
}
