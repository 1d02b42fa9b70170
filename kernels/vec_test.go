package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// vecIn places a vector in a buffer, at its start or its end, and fills what lies between
// its elements with canaries.
func vecIn[T Float](buf []T, inc int, atEnd bool, values []T) Vec[T] {
	n := len(values)
	span := 0
	if n > 0 {
		span = (n-1)*max(inc, -inc) + 1
	}
	data := buf[:span:span]
	if atEnd {
		data = buf[len(buf)-span:]
	}
	fillWith(data, canary)
	for i, x := range values { // as the documentation says
		if inc < 0 {
			data[(i-n+1)*inc] = x
		} else {
			data[i*inc] = x
		}
	}
	return StridedVec(data, n, inc)
}

// requireVec compares the elements of a vector, and what lies between them.
func requireVec[T Float](t *testing.T, want []T, got Vec[T], format string, args ...any) {
	t.Helper()
	elements := make([]T, got.Len())
	for i := range elements {
		elements[i] = got.At(i)
	}
	requireBits(t, want, elements, format, args...)
	if got.inc != 0 {
		for i, x := range got.memory() {
			if i%got.step() != 0 && x != canary {
				t.Fatalf("wrote %v between elements: %s", x, fmt.Sprintf(format, args...))
			}
		}
	}
}

// sumInLanes adds n terms in lanes, in chunks of 32768, as the documentation says.
func sumInLanes[T Float](lanes, n int, add func(sum T, i int) T) (sum T) {
	const chunk = 32768
	for first := 0; first < n; first += chunk {
		acc := make([]T, lanes)
		for i := first; i < min(first+chunk, n); i++ {
			l := (i - first) % lanes
			acc[l] = add(acc[l], i)
		}
		for ; len(acc) > 1; acc = acc[:len(acc)/2] {
			for l := range len(acc) / 2 {
				acc[l] += acc[l+len(acc)/2]
			}
		}
		sum += acc[0]
	}
	return sum
}

// vecOperation is an operation on one or two vectors. want changes copies of them as a plain
// loop would, and both return the result, if there is one.
type vecOperation[T Float] struct {
	name string
	run  func(e *Engine[T], x, y Vec[T]) T
	want func(e *Engine[T], x, y []T) T
}

func vecOperations[T Float]() []vecOperation[T] {
	const alpha, c, s = -0.7, 0.8, 0.6
	wide := wideLanesOf[T]()
	return []vecOperation[T]{
		{"Dot", func(e *Engine[T], x, y Vec[T]) T { return e.Dot(x, y) }, func(e *Engine[T], x, y []T) T {
			return sumInLanes(wide, len(x), func(sum T, i int) T { return multiplyAdd(e, x[i], y[i], sum) })
		}},
		{"Asum", func(e *Engine[T], x, _ Vec[T]) T { return e.Asum(x) }, func(_ *Engine[T], x, _ []T) T {
			return sumInLanes(wide, len(x), func(sum T, i int) T { return sum + T(math.Abs(float64(x[i]))) })
		}},
		{"Nrm2", func(e *Engine[T], x, _ Vec[T]) T { return e.Nrm2(x) }, func(e *Engine[T], x, _ []T) T {
			return T(math.Sqrt(sumInLanes(32, len(x), func(sum float64, i int) float64 {
				v := float64(x[i])
				if fuses(e) {
					return math.FMA(v, v, sum)
				}
				return sum + float64(v*v)
			})))
		}},
		{"Iamax", func(e *Engine[T], x, _ Vec[T]) T { return T(e.Iamax(x)) }, func(_ *Engine[T], x, _ []T) T {
			at := -1
			for i, v := range x {
				if at < 0 || math.Abs(float64(v)) > math.Abs(float64(x[at])) {
					at = i
				}
			}
			return T(at)
		}},
		{"Axpy", func(e *Engine[T], x, y Vec[T]) T { e.Axpy(y, alpha, x); return 0 }, func(e *Engine[T], x, y []T) T {
			for i, v := range x {
				y[i] = multiplyAdd(e, alpha, v, y[i])
			}
			return 0
		}},
		{"Scal", func(e *Engine[T], x, _ Vec[T]) T { e.Scal(alpha, x); return 0 }, func(_ *Engine[T], x, _ []T) T {
			for i := range x {
				x[i] *= alpha
			}
			return 0
		}},
		{"Copy", func(e *Engine[T], x, y Vec[T]) T { e.Copy(y, x); return 0 }, func(_ *Engine[T], x, y []T) T {
			copy(y, x)
			return 0
		}},
		{"Swap", func(e *Engine[T], x, y Vec[T]) T { e.Swap(x, y); return 0 }, func(_ *Engine[T], x, y []T) T {
			for i, v := range x {
				x[i], y[i] = y[i], v
			}
			return 0
		}},
		{"Rot", func(e *Engine[T], x, y Vec[T]) T { e.Rot(x, y, c, s); return 0 }, func(e *Engine[T], x, y []T) T {
			for i, v := range x {
				w := y[i]
				x[i], y[i] = multiplyAdd(e, c, v, T(s*w)), multiplyAdd(e, c, w, -T(s*v))
			}
			return 0
		}},
	}
}

// testVecOperations runs every operation on vectors of every length, increment and place,
// between pages that fault.
func testVecOperations[T Float](t *testing.T) {
	const long = 3*32768 + 77
	room := roundUp(3*long, 4096)
	rng := rand.New(rand.NewPCG(61, 62))
	bufX, bufY := guarded[T](t, room, "end"), guarded[T](t, room, "end")
	valuesX, valuesY := make([]T, long), make([]T, long)
	for i := range valuesX {
		valuesX[i], valuesY[i] = T(rng.NormFloat64()), T(rng.NormFloat64())
	}
	incs := [][2]int{{1, 1}, {2, 1}, {1, -1}, {-1, -1}, {3, 2}, {-1, 3}}
	eachEngine(t, []int{1, 3}, func(t *testing.T, e *Engine[T]) {
		ns := []int{32767, 32769, long}
		if e.Threads() == 1 {
			ns = append(lengths()[:258:258], ns...)
		}
		for _, op := range vecOperations[T]() {
			for k, n := range ns {
				wantX, wantY := slices.Clone(valuesX[:n]), slices.Clone(valuesY[:n])
				result := op.want(e, wantX, wantY)
				for j, inc := range incs {
					if n > 258 && j != k%len(incs) && j > 0 {
						continue
					}
					atEnd := (n+j)%2 == 0
					x, y := vecIn(bufX, inc[0], atEnd, valuesX[:n]), vecIn(bufY, inc[1], atEnd, valuesY[:n])
					got := op.run(e, x, y)
					requireBits(t, []T{result}, []T{got}, "%s of %d, increments %v", op.name, n, inc)
					requireVec(t, wantX, x, "x of %s of %d, increments %v", op.name, n, inc)
					requireVec(t, wantY, y, "y of %s of %d, increments %v", op.name, n, inc)
				}
			}
		}
	})
}

func TestVecOperationsOfEveryLengthAndIncrement(t *testing.T) {
	t.Parallel()
	testVecOperations[float32](t)
	testVecOperations[float64](t)
}

// Where BLAS says what becomes of NaN, infinities and zeros, and what is not read.
func testVecSpecial[T Float](t *testing.T) {
	nan, inf := T(math.NaN()), T(math.Inf(1))
	most, tiniest := math.MaxFloat64, 0x1p-1074
	if wideLanesOf[T]() == 64 {
		most, tiniest = math.MaxFloat32, 0x1p-149
	}
	largest, least := T(most), T(tiniest)
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[T]) {
		for n := 1; n < 70; n++ {
			x := make([]T, n)
			v := NewVec(x)
			fillWith(x, nan)
			require.Equal(t, 0, e.Iamax(v))
			x[0] = -inf
			require.Equal(t, 0, e.Iamax(v))
			x[0] = 0
			require.Equal(t, 0, e.Iamax(v), "a NaN after the first element is passed over")
			x[n-1] = -2
			require.Equal(t, n-1, e.Iamax(v))
			require.Equal(t, n > 2, e.Nrm2(v) != e.Nrm2(v))
			require.Equal(t, n > 2, e.Asum(v) != e.Asum(v))
			clear(x)
			x[n-1] = -inf
			require.Equal(t, []T{inf, inf}, []T{e.Nrm2(v), e.Asum(v)})
			e.Axpy(NewVec(make([]T, n)), 0, v)
			y := make([]T, n)
			e.Axpy(NewVec(y), 0, v)
			requireBits(t, make([]T, n), y, "Axpy with alpha 0 reads x")
			fillWith(x, largest/16)
			require.InEpsilon(t, float64(largest/16)*math.Sqrt(float64(n)), float64(e.Nrm2(v)), 4*unitRoundoff[T]())
			fillWith(x, 5*least)
			require.InDelta(t, math.Round(5*math.Sqrt(float64(n))), float64(e.Nrm2(v)/least), 0)
			fillWith(x, smallestNormal[T]()*8)
			require.InEpsilon(t, math.Sqrt(float64(n)), float64(e.Nrm2(v)/(smallestNormal[T]()*8)), 4*unitRoundoff[T]())
		}
		require.Equal(t, -1, e.Iamax(Vec[T]{}))
		require.Zero(t, e.Nrm2(Vec[T]{}))
		require.Zero(t, e.Nrm2(NewVec(make([]T, 5))))
		require.EqualValues(t, 6, e.Dot(StridedVec([]T{2}, 3, 0), NewVec([]T{1, 1, 1})), "an increment of 0")
	})
}

func TestVecOperationsOfSpecialValues(t *testing.T) {
	testVecSpecial[float32](t)
	testVecSpecial[float64](t)
}

func TestVecOperationsPanicWithNumbersBeforeTheyWrite(t *testing.T) {
	e, err := New[float32](WithThreads(1))
	require.NoError(t, err)
	data := []float32{1, 2, 3, 4, 5, 6}
	before := slices.Clone(data)
	v := NewVec(data)
	for message, f := range map[string]func(){
		"kernels: Dot: y has 2 elements, x 6":                               func() { e.Dot(v, NewVec(data[:2])) },
		"kernels: StridedVec: 4 elements with increment 2, the data has 6":  func() { e.Dot(StridedVec(data, 4, 2), v) },
		"kernels: StridedVec: 4 elements with increment -2, the data has 6": func() { e.Nrm2(StridedVec(data, 4, -2)) },
		"kernels: StridedVec: -1 elements with increment 1, the data has 6": func() { e.Asum(StridedVec(data, -1, 1)) },
		"kernels: StridedVec: 7 elements with increment 1, the data has 6":  func() { e.Iamax(StridedVec(data, 7, 1)) },
		"kernels: Scal: the 6 elements of x have increment 0":               func() { e.Scal(2, StridedVec(data, 6, 0)) },
		"kernels: Axpy: y overlaps x":                                       func() { e.Axpy(NewVec(data[1:]), 1, NewVec(data[:5])) },
		"kernels: Copy: x has 3 elements, y 6":                              func() { e.Copy(v, StridedVec(data, 3, 2)) },
		"kernels: Swap: y overlaps x":                                       func() { e.Swap(v, StridedVec(data, 6, -1)) },
		"kernels: Rot: y overlaps x":                                        func() { e.Rot(v, v, 1, 0) },
		"kernels: Rot: y has 3 elements, x 6":                               func() { e.Rot(v, NewVec(data[:3]), 1, 0) },
	} {
		require.PanicsWithValue(t, message, f)
		require.Equal(t, before, data)
	}
	e.Swap(StridedVec(data, 3, 2), StridedVec(data[1:], 3, 2)) // between each other
	require.Equal(t, []float32{2, 1, 4, 3, 6, 5}, data)
}

func testVecAllocations[T Float](t *testing.T) {
	if poolsForget {
		t.Skip("sync.Pool forgets at random under the race detector")
	}
	for _, threads := range []int{1, 2} {
		e, err := New[T](WithThreads(threads))
		require.NoError(t, err)
		data := operands[T](3 * 32768)
		for _, op := range vecOperations[T]() {
			for _, inc := range []int{1, -2} {
				n := len(data[0]) / 2
				x, y := StridedVec(data[0], n, inc), StridedVec(data[1], n, inc)
				require.Zero(t, steadyAllocs(func() { op.run(e, x, y) }), "%s, increment %d, %d threads", op.name, inc, threads)
			}
		}
	}
}

func TestVecOperationsDoNotAllocate(t *testing.T) {
	testVecAllocations[float32](t)
	testVecAllocations[float64](t)
}
