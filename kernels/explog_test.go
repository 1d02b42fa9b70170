package kernels

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ulpBounds holds the error bounds of the doc comments: for code that fuses multiply-adds
// and for Go that does not.
var ulpBounds = map[string]struct{ exp32, log32, exp64, log64 float64 }{
	"fused":   {0.91, 0.86, 0.91, 0.88},
	"unfused": {1.18, 0.91, 1.18, 0.92},
}

// ulps32 returns the distance of got from want in units of the spacing of floats at want.
// Infinity counts as the float after the largest.
func ulps32(got float32, want float64) float64 {
	const infinite = 0x1p128
	g, w := min(max(float64(got), -infinite), infinite), min(max(want, -infinite), infinite)
	if g == w {
		return 0
	}
	exponent := int(math.Float64bits(w)>>52&0x7ff) - 1023
	return math.Abs(g-w) / math.Float64frombits(uint64(max(exponent-23, -149)+1023)<<52)
}

// TestExpAndLogOfFloat32 tests a sample of all values or, with -tags exhaustive, all of
// them. The bounds in the doc comments are what that measured.
func TestExpAndLogOfFloat32(t *testing.T) {
	t.Parallel()
	var engines []*Engine[float32]
	for _, l := range Levels() {
		e, err := New[float32](WithLevel(l), WithThreads(1))
		require.NoError(t, err)
		engines = append(engines, e)
	}
	worst := make([][2]float64, len(engines)) // of exp and log
	var mu sync.Mutex
	var next atomic.Uint64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			found := make([][2]float64, len(engines))
			src := make([]float32, 1<<16)
			got := make([][2][]float32, len(engines))
			for i := range got {
				got[i] = [2][]float32{make([]float32, len(src)), make([]float32, len(src))}
			}
			for {
				first := (next.Add(1) - 1) * uint64(len(src)) * floatStep
				if first >= 1<<32 {
					break
				}
				for j := range src {
					src[j] = math.Float32frombits(uint32(first + uint64(j)*floatStep))
				}
				for i, e := range engines {
					e.Exp(got[i][0], src)
					e.Log(got[i][1], src)
				}
				for f, reference := range [2]func(float64) float64{math.Exp, math.Log} {
					for j, x := range src {
						want := reference(float64(x))
						for i := range engines {
							v := got[i][f][j]
							if i > 0 && fuses(engines[i-1]) {
								if w := got[i-1][f][j]; math.Float32bits(v) != math.Float32bits(w) && (v == v || w == w) {
									t.Errorf("function %d of %v is %v at %v, else %v", f, x, v, engines[i].Level(), w)
									return
								}
								continue
							}
							if want == want && v == v {
								found[i][f] = max(found[i][f], ulps32(v, want))
							} else if want == want || v == v {
								t.Errorf("function %d of %v is %v at %v, want %v", f, x, v, engines[i].Level(), want)
								return
							}
						}
					}
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for i := range found {
				for f := range found[i] {
					worst[i][f] = max(worst[i][f], found[i][f])
				}
			}
		})
	}
	workers.Wait()
	for i, e := range engines {
		t.Logf("%v: exp %.4f ulp, log %.4f ulp (0 where they are the bits of the level before)", e.Level(), worst[i][0], worst[i][1])
		bound := ulpBounds["fused"]
		if !fuses(e) {
			bound = ulpBounds["unfused"]
		}
		assert.Less(t, worst[i][0], bound.exp32)
		assert.Less(t, worst[i][1], bound.log32)
	}
}

// bySize returns single if T is float32, else double.
func bySize[T Float, X any](single, double X) X {
	if unsafe.Sizeof(T(0)) == 4 {
		return single
	}
	return double
}

// fusedPolynomial evaluates a polynomial, the highest coefficient first, with
// fused multiply-adds.
func fusedPolynomial[T Float](x T, coefficients []float64) T {
	q := T(coefficients[0])
	for _, c := range coefficients[1:] {
		q = fma(q, x, T(c))
	}
	return q
}

// fusedExp and fusedLog are exp and log with fused multiply-adds and their own copy of the
// coefficients: they show when a digit changes, even if it changes at every level.
func fusedExp[T Float](x T) T {
	x = min(max(x, bySize[T, T](-104, -746)), bySize[T, T](89, 710))
	magic := T(bySize[T](0x1.8p23, 0x1.8p52))
	f := fma(x, T(math.Log2E), magic) - magic
	r := fma(f, -T(bySize[T](0.693359375, 6.93147180369123816490e-01)), x)
	r = fma(f, -T(bySize[T](-2.12194440e-4, 1.90821492927058770002e-10)), r)
	q := fusedPolynomial(r, bySize[T]([]float64{
		1.38146167427456896537e-03, 8.36871702103875701739e-03, 4.16683877299328792043e-02,
		1.66665206303271556942e-01, 4.99999934490100217399e-01, 1, 1,
	}, []float64{
		2.50000583490501452921e-08, 2.76302483087252400596e-07, 2.75575863825810749309e-06, 2.48014930991440109569e-05,
		1.98412695065711065963e-04, 1.38888889436298407741e-03, 8.33333333349446300775e-03, 4.16666666665301624328e-02,
		1.66666666666664131657e-01, 5.00000000000001110223e-01, 1, 1,
	}))
	n := int(f)
	return T(T(q*T(math.Ldexp(1, n>>1))) * T(math.Ldexp(1, n-n>>1)))
}

func fusedLog[T Float](x T) T {
	m, k := math.Frexp(float64(x)) // x is finite and positive
	if T(m) < T(math.Sqrt2/2) {
		m, k = 2*m, k-1
	}
	f := T(m) - 1
	s := T(f / (2 + f))
	z := T(s * s)
	r := T(z * fusedPolynomial(z, bySize[T]([]float64{
		0.24279078841, 0.28498786688, 0.40000972152, 0.66666662693,
	}, []float64{
		1.479819860511658591e-01, 1.531383769920937332e-01, 1.818357216161805012e-01, 2.222219843214978396e-01,
		2.857142874366239149e-01, 3.999999999940941908e-01, 6.666666666666735130e-01,
	})))
	half := T(T(0.5*f) * f)
	rest := fma(s, r+half, -half)
	hi, lo := T(bySize[T](0.693359375, 6.93147180369123816490e-01)), T(bySize[T](-2.12194440e-4, 1.90821492927058770002e-10))
	sum := fma(T(k), hi, f)
	lack := fma(T(k), hi, -sum) + f
	return sum + (fma(T(k), lo, rest) + lack)
}

func testFusedExpLog[T Float](t *testing.T) {
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[T]) {
		if !fuses(e) {
			return // the bounds hold it
		}
		rng := rand.New(rand.NewPCG(33, 34))
		src, want, got := make([]T, 50_000), make([]T, 50_000), make([]T, 50_000)
		for i := range src {
			src[i] = T((rng.Float64()*2 - 1.02) * bySize[T](105.0, 750))
			want[i] = fusedExp(src[i])
		}
		e.Exp(got, src)
		requireBits(t, want, got, "exp")
		for i := range src {
			src[i] = T(math.Ldexp(1+rng.Float64(), bySize[T](rng.IntN(276)-149, rng.IntN(2097)-1074)))
			if i%2 == 0 {
				src[i] = T(0.5 + 1.5*rng.Float64())
			}
			want[i] = fusedLog(src[i])
		}
		e.Log(got, src)
		requireBits(t, want, got, "log")
	})
}

func TestExpAndLogHaveTheBitsOfTheFusedPolynomials(t *testing.T) {
	testFusedExpLog[float32](t)
	testFusedExpLog[float64](t)
}

const bigPrecision = 160

// ln2 to 60 digits.
var ln2, _, _ = big.ParseFloat("0.693147180559945309417232121458176568075500134360255254120680", 10, bigPrecision, big.ToNearestEven)

func bigFloat(x float64) *big.Float { return new(big.Float).SetPrec(bigPrecision).SetFloat64(x) }

// bigExp returns e^x: the Taylor series of (x - n·ln 2)/2⁸, squared eight times.
func bigExp(x float64) *big.Float {
	n := math.Round(x / math.Ln2)
	r := bigFloat(x)
	r.Sub(r, bigFloat(0).Mul(ln2, bigFloat(n)))
	r.SetMantExp(r, -8)
	sum, term := bigFloat(1), bigFloat(1)
	for k := 1; k < 16; k++ {
		term.Mul(term, r)
		term.Quo(term, bigFloat(float64(k)))
		sum.Add(sum, term)
	}
	for range 8 {
		sum.Mul(sum, sum)
	}
	return sum.SetMantExp(sum, int(n))
}

// bigLog returns ln x: for x = m·2ⁿ and y = math.Log(m), it is y + n·ln 2 + ln(1+d)
// with d = m·e^-y - 1.
func bigLog(x float64) *big.Float {
	if x == 1 {
		return new(big.Float)
	}
	m, n := math.Frexp(x) // on amd64, math.Log of a subnormal is wrong
	y := math.Log(m)
	d := bigExp(-y)
	d.Mul(d, bigFloat(m))
	d.Sub(d, bigFloat(1))
	square := bigFloat(0).Mul(d, d)
	d.Sub(d, square.SetMantExp(square, -1))
	d.Add(d, bigFloat(y))
	return d.Add(d, bigFloat(0).Mul(ln2, bigFloat(float64(n))))
}

// bigULPs returns the distance of got from want in units of the spacing of floats at want.
func bigULPs(got float64, want *big.Float) float64 {
	if want.Sign() == 0 {
		return math.Abs(got) / math.SmallestNonzeroFloat64
	}
	unit := max(want.MantExp(nil)-53, -1074)
	d := bigFloat(got)
	d.Sub(d, want)
	d.SetMantExp(d, -unit)
	f, _ := d.Float64()
	return math.Abs(f)
}

func TestExpAndLogOfFloat64(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(31, 32))
	const n = 1000
	samples := map[string]struct {
		exp  bool
		next func() float64
	}{
		"exp of everything":     {true, func() float64 { return rng.Float64()*1453 - 744 }},
		"exp near 0":            {true, func() float64 { return rng.NormFloat64() }},
		"exp tiny":              {true, func() float64 { return math.Ldexp(rng.NormFloat64(), -rng.IntN(80)) }},
		"exp subnormal":         {true, func() float64 { return -708 - 37*rng.Float64() }},
		"log of everything":     {false, func() float64 { return math.Float64frombits(rng.Uint64N(0x7ff << 52)) }},
		"log near 1":            {false, func() float64 { return 1 + math.Ldexp(rng.NormFloat64(), -2-rng.IntN(50)) }},
		"log between 1/2 and 2": {false, func() float64 { return 0.5 + 1.5*rng.Float64() }},
		"log where it is worst": {false, func() float64 { return 0.6 + 0.11*rng.Float64() }},
		"log of subnormals":     {false, func() float64 { return math.Float64frombits(rng.Uint64N(1 << 52)) }},
	}
	worst := map[Level][2]float64{}
	for name, s := range samples {
		src, want, got := make([]float64, n), make([]*big.Float, n), make([]float64, n)
		for range 6 {
			for i := range src {
				src[i] = s.next()
				if s.exp {
					want[i] = bigExp(src[i])
				} else {
					src[i] = math.Abs(src[i])
					want[i] = bigLog(src[i])
				}
			}
			for _, l := range Levels() {
				e, err := New[float64](WithLevel(l), WithThreads(1))
				require.NoError(t, err)
				w, bound := worst[l], ulpBounds["fused"]
				if !fuses(e) {
					bound = ulpBounds["unfused"]
				}
				f, limit := 0, bound.exp64
				if s.exp {
					e.Exp(got, src)
				} else {
					e.Log(got, src)
					f, limit = 1, bound.log64
				}
				for i := range got {
					u := bigULPs(got[i], want[i])
					require.Less(t, u, limit, "%s of %v at %v is %v", name, src[i], l, got[i])
					w[f] = max(w[f], u)
				}
				worst[l] = w
			}
		}
	}
	for l, w := range worst {
		t.Logf("%v: exp %.4f ulp, log %.4f ulp", l, w[0], w[1])
	}
}

func testExpLogSpecials[T Float](t *testing.T) {
	inf, nan := T(math.Inf(1)), T(math.NaN())
	zero := T(0)
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[T]) {
		// Repeated, so that each meets every lane and every tail.
		for n := range 40 {
			src, dst := guarded[T](t, n, ends[n%2]), guarded[T](t, n, ends[n%2])
			for _, c := range []struct{ x, exp, log T }{
				{zero, 1, -inf}, {-zero, 1, -inf}, {T(math.Copysign(0, -1)), 1, -inf}, {1, exp(T(1)), zero},
				{inf, inf, inf}, {-inf, 0, nan}, {nan, nan, nan}, {-1, exp(T(-1)), nan}, {1e30, inf, log(T(1e30))}, {-1e30, 0, nan},
			} {
				for i := range src {
					src[i] = c.x
				}
				for f, want := range [2]T{c.exp, c.log} {
					if f == 0 {
						e.Exp(dst, src)
					} else {
						e.Log(dst, src)
					}
					for i, got := range dst {
						close := !math.IsInf(float64(want), 0) && math.Abs(float64(got-want)) <= math.Abs(float64(want))*2*unitRoundoff[T]()
						require.True(t, close || got == want || got != got && want != want, "function %d of %v, element %d of %d: %v, want %v", f, c.x, i, n, got, want)
					}
				}
			}
		}
	})
}

func TestExpAndLogOfSpecialValues(t *testing.T) {
	testExpLogSpecials[float32](t)
	testExpLogSpecials[float64](t)
}

func TestExpAndLogPanicWithNumbers(t *testing.T) {
	e, err := New[float32](WithThreads(1))
	require.NoError(t, err)
	x := make([]float32, 3)
	require.PanicsWithValue(t, "kernels: Exp: dst has 3 elements, src has 2", func() { e.Exp(x, x[:2]) })
	require.PanicsWithValue(t, "kernels: Log: dst has 2 elements, src has 3", func() { e.Log(x[:2], x) })
}

// testExpLogGolden compares with stored bits, which are the same on all architectures on
// which a multiply-add rounds alike. Where portable code does not fuse, no other test sees
// the last digits of its polynomials.
func testExpLogGolden[T Float](t *testing.T, once, twice string) {
	rng := rand.New(rand.NewPCG(61, 62))
	x, y := make([]T, 1<<15), make([]T, 1<<15)
	for i := range x {
		x[i] = T(int32(rng.Uint32())) / (1 << 26) // not a sum of a product, which compilers may fuse
		y[i] = T(math.Ldexp(1+rng.Float64(), rng.IntN(200)-100))
	}
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[T]) {
		z, h := make([]T, len(x)), sha256.New()
		e.Exp(z, x)
		require.NoError(t, binary.Write(h, binary.LittleEndian, z))
		e.Log(z, y)
		require.NoError(t, binary.Write(h, binary.LittleEndian, z))
		e.Softmax(NewMat(64, 512, z), NewMat(64, 512, x))
		require.NoError(t, binary.Write(h, binary.LittleEndian, z))
		want := twice
		if fuses(e) {
			want = once
		}
		require.Equal(t, want, fmt.Sprintf("%x", h.Sum(nil)[:8]))
	})
}

func TestExpAndLogHaveTheirBitsOnEveryArchitecture(t *testing.T) {
	testExpLogGolden[float32](t, "5d299a4146069471", "1f910f18e343cb74")
	testExpLogGolden[float64](t, "04dab896e1122ecb", "a88dc26b50a40ef6")
}
