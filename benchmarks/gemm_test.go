package benchmarks

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/lanes-ml/lanes/benchmarks/internal/peers"
	"github.com/lanes-ml/lanes/kernels"
)

// BenchmarkGemm computes every shape with Lanes and then with every library that can.
func BenchmarkGemm(b *testing.B) {
	benchmarkGemm(b, func(l peers.Peer) multiply[float32] { return l.Single })
	benchmarkGemm(b, func(l peers.Peer) multiply[float64] { return l.Double })
}

// multiply computes a product the given number of times. It reports false if it cannot.
type multiply[T kernels.Float] = func(p peers.Product[T], threads, times int) bool

type contender[T kernels.Float] struct {
	name     string
	multiply multiply[T]
	slow     bool // about 10 GFLOP/s
}

// tooLong is the number of operations above which slow contenders skip a product: it would
// take most of the time and show nothing new.
const tooLong = 3e9

func benchmarkGemm[T kernels.Float](b *testing.B, theirs func(peers.Peer) multiply[T]) {
	const largest = 2048 * 2048
	r := rand.New(rand.NewPCG(1, 2))
	x, y, z := random[T](r, largest), random[T](r, largest), make([]T, largest)
	for _, threads := range threadCounts() {
		contenders := []contender[T]{{"Lanes", lanes[T](b, threads), level == kernels.Generic}}
		for _, l := range libraries {
			if f := theirs(l); f != nil && threads <= l.MaxThreads {
				contenders = append(contenders, contender[T]{l.Name, f, l.Name == "gonum"})
			}
		}
		for _, s := range shapes {
			for _, one := range contenders {
				if one.slow && s.flop() > tooLong {
					continue
				}
				name := fmt.Sprintf("dtype=%T/level=%v/threads=%d/shape=%v/impl=%s", T(0), level, threads, s, one.name)
				b.Run(name, func(b *testing.B) {
					run(b, one.multiply, product(s, x, y, z), threads)
					rate := s.flop() * float64(b.N) / b.Elapsed().Seconds()
					b.ReportMetric(rate/1e9, "GFLOP/s")
					if p := peak[T](threads); p > 0 {
						b.ReportMetric(100*rate/p, "%peak")
					}
				})
			}
		}
	}
}

// lanes returns multiplication by an engine, through the public Gemm.
func lanes[T kernels.Float](b *testing.B, threads int) multiply[T] {
	e, err := kernels.New[T](kernels.WithLevel(level), kernels.WithThreads(threads))
	if err != nil {
		b.Fatal(err)
	}
	return func(p peers.Product[T], _, times int) bool {
		c, x, y := kernels.NewMat(p.M, p.N, p.C), op(p.TransA, p.M, p.K, p.A), op(p.TransB, p.K, p.N, p.B)
		for range times {
			e.Gemm(c, 1, x, y, 0)
		}
		return true
	}
}

func op[T kernels.Float](trans bool, rows, cols int, data []T) kernels.Mat[T] {
	if trans {
		return kernels.NewMat(cols, rows, data).T()
	}
	return kernels.NewMat(rows, cols, data)
}

// settle is how long the threads of a library may keep a processor busy after
// its last call.
const settle = 30 * time.Millisecond

// run checks one product, then times b.N of them.
func run[T kernels.Float](b *testing.B, f multiply[T], p peers.Product[T], threads int) {
	// OpenMP keeps a set of workers for every thread that calls it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if threads > 1 {
		time.Sleep(settle)
	}
	clear(p.C)
	if !f(p, threads, 1) {
		b.Skip("the library does not compute this product")
	}
	check(b, p)
	b.ResetTimer()
	f(p, threads, b.N)
	b.StopTimer()
}

// check compares some elements of C with sums in float64.
func check[T kernels.Float](b *testing.B, p peers.Product[T]) {
	x, y, z := op(p.TransA, p.M, p.K, p.A), op(p.TransB, p.K, p.N, p.B), kernels.NewMat(p.M, p.N, p.C)
	for e := range 16 {
		i, j := e*(p.M-1)/15, (15-e)*(p.N-1)/15
		want := 0.0
		for k := range p.K {
			want += float64(x.At(i, k)) * float64(y.At(k, j))
		}
		if got := float64(z.At(i, j)); !(math.Abs(got-want) <= 1e-5*math.Sqrt(float64(p.K))) {
			b.Fatalf("element (%d,%d) is %v, want %v", i, j, got, want)
		}
	}
}

func random[T kernels.Float](r *rand.Rand, n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(r.Float64()*2 - 1)
	}
	return x
}

func threadCounts() []int {
	if runtime.NumCPU() == 1 {
		return []int{1}
	}
	return []int{1, 2}
}
