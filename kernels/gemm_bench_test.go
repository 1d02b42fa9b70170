package kernels

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels/internal/panel"
)

func BenchmarkGemm(b *testing.B) {
	shapes := []struct {
		form    string
		m, n, k int
	}{
		{"NN", 64, 64, 64}, {"NN", 128, 128, 128}, {"NN", 256, 256, 256}, {"NN", 512, 512, 512}, {"NN", 1024, 1024, 1024}, {"NN", 2048, 2048, 2048},
		{"NN", 300, 75, 3072}, {"TN", 3072, 75, 300}, {"NT", 300, 3072, 75}, // the report's first layer: forward, dW, dX
		{"NN", 300, 10, 75}, {"TN", 75, 10, 300}, {"NT", 300, 75, 10}, // and its second
	}
	benchmarkGemm[float32](b, shapes)
	benchmarkGemm[float64](b, shapes)
}

func benchmarkGemm[T Float](b *testing.B, shapes []struct {
	form    string
	m, n, k int
}) {
	for _, s := range shapes {
		eachBenchEngine(b, fmt.Sprintf("%s_%dx%dx%d", s.form, s.m, s.n, s.k), func(b *testing.B, e *Engine[T]) {
			x, y, c := NewMat[T](s.m, s.k, nil), NewMat[T](s.k, s.n, nil), NewMat[T](s.m, s.n, nil)
			if s.form[0] == 'T' {
				x = NewMat[T](s.k, s.m, nil).T()
			}
			if s.form[1] == 'T' {
				y = NewMat[T](s.n, s.k, nil).T()
			}
			fill(x.Data)
			fill(y.Data)
			for b.Loop() {
				e.Gemm(c, 1, x, y, 0)
			}
			b.ReportMetric(2*float64(s.m)*float64(s.n)*float64(s.k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

// The thresholds in plan.go, whose names these benchmarks have, are where the
// fastest of the paths changes.
func BenchmarkGemmThresholds(b *testing.B) {
	for _, threshold := range []struct {
		name, form string
		shapes     [][3]int
	}{
		{"undividedVolume", "NT", [][3]int{{16, 16, 16}, {32, 32, 32}, {48, 48, 48}, {64, 64, 64}}},
		{"undividedVolumeOfRow", "NN", [][3]int{{1, 10, 75}, {1, 64, 64}, {1, 75, 300}}},
		{"undividedVolumeAlone,serialVolume", "NN", [][3]int{{32, 32, 32}, {48, 48, 48}, {64, 64, 64}, {80, 80, 80}, {96, 96, 96}}},
		{"swappedA", "TN", [][3]int{{32, 10, 64}, {64, 10, 64}, {64, 10, 300}}},
		{"narrowRows", "NT", [][3]int{{6, 256, 1024}, {12, 256, 1024}, {24, 256, 1024}}},
		{"fewRows", "NN", [][3]int{{32, 1024, 3072}, {64, 1024, 3072}, {128, 1024, 3072}}},
		{"thinDepth,shallowDepth", "NN", [][3]int{{3072, 75, 1}, {3072, 75, 4}, {1024, 256, 4}, {1024, 256, 8}, {1024, 256, 16}}},
		{"littleB", "NN", [][3]int{{1024, 50, 100}, {1024, 128, 128}, {1024, 256, 128}}},
		{"tinyB", "NT", [][3]int{{1024, 75, 10}, {1024, 75, 50}, {1024, 75, 100}}},
	} {
		for _, s := range threshold.shapes {
			benchmarkPaths(b, threshold.name, threshold.form, s[0], s[1], s[2])
		}
	}
}

// benchmarkPaths computes a product on every path that can.
func benchmarkPaths(b *testing.B, name, form string, m, n, k int) {
	x, y, c := NewMat[float32](m, k, nil), NewMat[float32](k, n, nil), NewMat[float32](m, n, nil)
	if form[0] == 'T' {
		x = NewMat[float32](k, m, nil).T()
	}
	if form[1] == 'T' {
		y = NewMat[float32](n, k, nil).T()
	}
	fill(x.Data)
	fill(y.Data)
	ways := []struct {
		name string
		way
	}{{"in-place", inPlace}, {"row-by-row", rowByRow}, {"packed-panel", packedPanel}, {"packed-slab", packedSlab}}
	none := &panel.Epilogue[float32]{}
	for _, l := range Levels() {
		e, err := New[float32](WithLevel(l), WithThreads(2))
		require.NoError(b, err)
		blk := e.blockingFor(n)
		run := func(path string, threads int, call func()) {
			b.Run(fmt.Sprintf("%s/%s-%dx%dx%d/level=%v/path=%s/threads=%d", name, form, m, n, k, l, path, threads), func(b *testing.B) {
				for b.Loop() {
					call()
				}
			})
		}
		run("panels", 1, func() { e.panels(blk, &c, &x, &y, 0, none) })
		if form[0] == 'T' {
			cT, xT, yT := c.T(), x.T(), y.T()
			p := e.planSwapped(&c, &x, &y, 0)
			run("swapped", 1, func() { e.product(p, &cT, &yT, &xT, 0, none).do() })
		}
		for _, threads := range []int{1, 2} {
			for _, w := range ways {
				if w.way <= inPlace && y.ColStride != 1 || w.way == rowByRow && l == Generic {
					continue
				}
				p := plan{w.way, false, blk, threads}
				run(w.name, threads, func() { e.product(p, &c, &x, &y, 0, none).do() })
			}
		}
	}
}

// eachBenchEngine runs a benchmark at every level, on one thread and on two.
func eachBenchEngine[T Float](b *testing.B, name string, bench func(b *testing.B, e *Engine[T])) {
	for _, l := range Levels() {
		for _, threads := range []int{1, 2} {
			e, err := New[T](WithLevel(l), WithThreads(threads))
			require.NoError(b, err)
			b.Run(fmt.Sprintf("%s/type=%T/level=%v/threads=%d", name, T(0), l, threads), func(b *testing.B) { bench(b, e) })
		}
	}
}

func fill[T Float](s []T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for i := range s {
		s[i] = T(rng.NormFloat64())
	}
}
