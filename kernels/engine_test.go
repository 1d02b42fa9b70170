package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// eachEngine runs test with an engine for every level of the machine and each of the given
// numbers of threads.
func eachEngine[T Float](t *testing.T, threads []int, test func(t *testing.T, e *Engine[T])) {
	t.Helper()
	for _, l := range Levels() {
		for _, n := range threads {
			e, err := New[T](WithLevel(l), WithThreads(n))
			require.NoError(t, err)
			t.Run(fmt.Sprintf("%T/%v/%d", T(0), l, n), func(t *testing.T) { test(t, e) })
		}
	}
}

// fuses reports whether a multiply-add of e rounds once.
func fuses[T Float](e *Engine[T]) bool { return e.isa != portable || portableFuses }

// On every architecture, portable code rounds as portableFuses says in every loop and for
// all operands. The assembly rounds once.
func testMulAdd[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 52))
	a, b, c := randomSlice[T](t, rng, 1000, "end"), randomSlice[T](t, rng, 1000, "end"), randomSlice[T](t, rng, 1000, "end")
	twice := 0
	for i := range a {
		once := fma(a[i], b[i], c[i])
		if T(a[i]*b[i])+c[i] != once {
			twice++
		}
		want := once
		if !portableFuses {
			want = T(a[i]*b[i]) + c[i]
		}
		requireBits(t, []T{want, want, -want}, []T{mulAdd(a[i], b[i], c[i]), mulAdd(-a[i], -b[i], c[i]), mulAdd(-a[i], b[i], -c[i])}, "%v·%v+%v", a[i], b[i], c[i])
	}
	require.Greater(t, twice, 100, "these operands do not tell one rounding from two")
}

func TestMultiplyAddRoundsAsItIsSaidTo(t *testing.T) {
	testMulAdd[float32](t)
	testMulAdd[float64](t)
}

// LANES_TEST_REQUIRE names levels, separated by commas, that must really run. The fused
// rounding of a product shows that they do.
func TestRequiredLevelsReallyRun(t *testing.T) {
	required := os.Getenv("LANES_TEST_REQUIRE")
	if required == "" {
		t.Log("LANES_TEST_REQUIRE is empty: the tests run at", Levels())
		return
	}
	for name := range strings.SplitSeq(required, ",") {
		l, err := ParseLevel(name)
		require.NoError(t, err)
		require.Contains(t, Levels(), l, "LANES_TEST_REQUIRE")
		require.Equal(t, l != Generic || portableFuses, roundsOnce[float32](t, l), "float32 at level %v", l)
		require.Equal(t, l != Generic || portableFuses, roundsOnce[float64](t, l), "float64 at level %v", l)
	}
}

// roundsOnce reports whether a level rounds a multiply-add once.
func roundsOnce[T Float](t *testing.T, l Level) bool {
	e, err := New[T](WithLevel(l), WithThreads(1))
	require.NoError(t, err)
	x := T(1 + math.Sqrt(unitRoundoff[T]())) // x² has more digits than a T
	c := []T{-T(x * x)}
	e.Axpy(NewVec(c), x, NewVec([]T{x}))
	return c[0] != 0
}

func TestNewFollowsOptionsThenEnvironmentThenMachine(t *testing.T) {
	t.Setenv("LANES_LEVEL", "")
	t.Setenv("LANES_THREADS", "")
	e, err := New[float32]()
	require.NoError(t, err)
	require.Equal(t, Best(), e.Level())
	require.Equal(t, runtime.GOMAXPROCS(0), e.Threads())

	t.Setenv("LANES_LEVEL", "generic")
	t.Setenv("LANES_THREADS", "3")
	e, err = New[float32]()
	require.NoError(t, err)
	require.Equal(t, Generic, e.Level())
	require.Equal(t, 3, e.Threads())

	e, err = New[float32](WithLevel(Best()), WithThreads(2))
	require.NoError(t, err)
	require.Equal(t, Best(), e.Level())
	require.Equal(t, 2, e.Threads())
}

func TestNewRefusesWhatItCannotRun(t *testing.T) {
	for _, c := range []struct {
		level, threads string
		opts           []Option
		message        string
	}{
		{"sse9", "", nil, `unknown level "sse9"`},
		{"", "many", nil, `LANES_THREADS: "many", want a number`},
		{"", "0", nil, `LANES_THREADS: "0", want a number of at least 1`},
		{"", "", []Option{WithThreads(-2)}, "-2 threads"},
		{"", "", []Option{WithLevel(99)}, "level Level(99) is not available"},
	} {
		t.Setenv("LANES_LEVEL", c.level)
		t.Setenv("LANES_THREADS", c.threads)
		_, err := New[float64](c.opts...)
		require.ErrorContains(t, err, c.message)
	}
	if !slices.Contains(Levels(), AVX2) {
		t.Setenv("LANES_LEVEL", "avx2")
		t.Setenv("LANES_THREADS", "")
		_, err := New[float32]()
		require.ErrorContains(t, err, "level avx2 is not available")
	}
}

// everyOperation runs operations of a size that threads share.
func everyOperation[T Float](e *Engine[T]) {
	const n, in, out = 300, 200, 500
	x, w, y := NewMat[T](n, in, nil), NewMat[T](in, out, nil), NewMat[T](n, out, nil)
	dx, dw, v := NewMat[T](n, in, nil), NewMat[T](in, out, nil), make([]T, out)
	pixels := &Pixels[T]{make([]uint8, n*in), make([]int, n), in, make([]T, in), 1}
	e.Gemm(y, 1, x, w, 0)
	e.Gemm(y.T(), 1, w.T(), x.T(), 1)
	e.GemmBatch(100, NewBatch[T](100, 20, 20, nil), 1, NewBatch[T](100, 20, 20, nil), NewBatch[T](100, 20, 20, nil), 0)
	e.GemmBatch(2, NewBatch[T](2, n, out, nil), 1, Batch[T]{x, 0}, Batch[T]{w, 0}, 0)
	e.GemmPacked(y, 1, x, e.Pack(w), 0)
	e.Linear(y, x, w, v, ReLU)
	e.LinearBackward(dx, dw, v, y, x, w, 0.5, ReLU)
	e.CenterRows(x, pixels)
	e.AddBias(y, v)
	e.ColSums(v, y)
	e.Softmax(y, y)
	e.SoftmaxCrossEntropy(y, y, make([]int32, n))
	e.Softmax(y.T(), y.T())
	e.SumSquares(y.Data)
	normalize(e, y, NewMat[T](n, out, nil))
	for _, op := range flats[T]() {
		op.run(e, operands[T](n*out))
	}
}

// An engine of n threads starts at most n-1 goroutines.
func testGoroutines[T Float](t *testing.T) {
	eachEngine(t, []int{1, 2, 3}, func(t *testing.T, e *Engine[T]) {
		shared := workers
		workers = newCrew()
		defer func() { workers = shared }()
		before := runtime.NumGoroutine()
		everyOperation(e)
		require.EqualValues(t, e.Threads()-1, workers.size.Load())
		require.LessOrEqual(t, runtime.NumGoroutine(), before+e.Threads()-1)
	})
}

func TestEnginesStartNoMoreGoroutinesThanTheirThreads(t *testing.T) {
	testGoroutines[float32](t)
	testGoroutines[float64](t)
}

func TestLevelNamesRoundTrip(t *testing.T) {
	for l := range levelNames {
		got, err := ParseLevel(Level(l).String())
		require.NoError(t, err)
		require.Equal(t, Level(l), got)
	}
}

// steadyAllocs returns the number of allocations of a call in steady state: the least of
// several measurements, since the runtime itself allocates now and then. A mean is rounded down,
// so that one over few calls misses less.
func steadyAllocs(call func()) float64 {
	least := math.Inf(1)
	for range 10 {
		if least = min(least, testing.AllocsPerRun(5, call)); least == 0 {
			break
		}
	}
	return least
}
