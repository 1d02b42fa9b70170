package benchmarks

import (
	"fmt"

	"github.com/lanes-ml/lanes/benchmarks/internal/peers"
	"github.com/lanes-ml/lanes/kernels"
)

// shape is a product: its form is N or T for op(A) and for op(B), C is m×n,
// and k is the inner dimension.
type shape struct {
	form    string
	m, n, k int
}

// shapes holds squares, and the products of both layers of a network with 75 hidden units
// for a batch of 300 pictures: forward, gradient of the weights, gradient of the input.
var shapes = []shape{
	{"NN", 8, 8, 8},
	{"NN", 16, 16, 16},
	{"NN", 32, 32, 32},
	{"NN", 64, 64, 64},
	{"NN", 128, 128, 128},
	{"NN", 256, 256, 256},
	{"NN", 512, 512, 512},
	{"NN", 1024, 1024, 1024},
	{"NN", 2048, 2048, 2048},

	{"NN", 300, 75, 3072},
	{"TN", 3072, 75, 300},
	{"NT", 300, 3072, 75},

	{"NN", 300, 10, 75},
	{"TN", 75, 10, 300},
	{"NT", 300, 75, 10},
}

func (s shape) String() string { return fmt.Sprintf("%s-%dx%dx%d", s.form, s.m, s.n, s.k) }

func (s shape) flop() float64 { return 2 * float64(s.m) * float64(s.n) * float64(s.k) }

// product returns a product of the shape, with matrices at the start of a, b and c.
func product[T kernels.Float](s shape, a, b, c []T) peers.Product[T] {
	return peers.Product[T]{
		TransA: s.form[0] == 'T', TransB: s.form[1] == 'T', M: s.m, N: s.n, K: s.k,
		A: a[:s.m*s.k], B: b[:s.k*s.n], C: c[:s.m*s.n],
	}
}
