package kernels

import (
	"fmt"
	"math"
)

// Activation is a function that a layer applies to each element.
type Activation int

const (
	Identity  Activation = iota // x
	ReLU                        // max(x, 0), as [Engine.ReLU]
	LeakyReLU                   // x where x > 0, else x/100 (Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models, 2013)
	GELU                        // x·σ(2·√(2/π)·(x + 0.044715·x³)), the tanh form of Hendrycks and Gimpel, arXiv:1606.08415, section 2
	SiLU                        // x·σ(x), of the same paper, with σ(x) = 1/(1+e^-x)
)

const (
	leak = 0.01 // slope of LeakyReLU below 0

	// GELU is x·σ(x·(geluLinear + geluCubic·x²)).
	geluLinear = 2 * math.Sqrt2 / (math.SqrtPi)
	geluCubic  = geluLinear * 0.044715

	// Below -geluEnd and -siluEnd, e^u is 0 in float64 too, and so are GELU and SiLU.
	geluEnd = 32
	siluEnd = 800
)

// String returns the name that messages give the activation.
func (a Activation) String() string {
	if names := [...]string{"Identity", "ReLU", "LeakyReLU", "GELU", "SiLU"}; a >= 0 && int(a) < len(names) {
		return names[a]
	}
	return fmt.Sprintf("Activation(%d)", int(a))
}

// Activate computes dst[i] ← a(src[i]). NaN stays NaN, +Inf stays +Inf, and at -Inf GELU and
// SiLU are -0.
//
// With ε half the spacing of floats at 1 and u the argument of σ, the error of SiLU is below
// 3 ulp, and that of GELU below 4 ulp where x > 0, else below (3·|u| + 4)·ε of the result, as
// rounding u has it. Where e^u is subnormal, |x| of the smallest floats are added.
//
// dst may be src. Activate panics unless len(dst) == len(src), if dst overlaps src in part, or
// if a is none of the constants.
func (e *Engine[T]) Activate(dst, src []T, a Activation) {
	sameOrApart("Activate", "dst", dst, "src", src)
	a.checkKnown("Activate")
	if len(dst) <= pieceElements {
		e.activate(dst, src, a)
		return
	}
	split(e, e.threads, activateTask[T]{dst, src, a}, len(dst), pieceElements)
}

type activateTask[T Float] struct {
	dst, src []T
	a        Activation
}

func (t activateTask[T]) do(e *Engine[T], lo, hi int) { e.activate(t.dst[lo:hi], t.src[lo:hi], t.a) }

func (e *Engine[T]) activate(dst, src []T, a Activation) {
	switch a {
	case Identity:
		copy(dst, src)
	case ReLU:
		e.relu(dst, src)
	case LeakyReLU:
		e.leakyReLU(dst, src)
	case GELU:
		e.gelu(dst, src)
	case SiLU:
		e.silu(dst, src)
	}
}

// ActivateBackward computes dx[i] ← dy[i]·a'(x[i]), where x is the input of
// [Engine.Activate]; for ReLU and LeakyReLU its output serves as well, since the signs are the
// same. At 0 the slope of ReLU is 0, and that of LeakyReLU is 0.01.
//
//	a'(x) = σ(u)·(1 + x·u'(x)·(1-σ(u)))   for GELU and SiLU, which are x·σ(u(x))
//
// a'(x) has an absolute error below 8ε for SiLU and 12ε for GELU, where ε is half the spacing
// of floats at 1. A NaN in dy reaches dx, and so does one in x for GELU and SiLU; ReLU and
// LeakyReLU pass dy on where x is NaN. At ±Inf the slopes are those that they tend to.
//
// dx may be dy or x. ActivateBackward panics unless the lengths are the same, if dx overlaps
// dy or x in part, or if a is none of the constants.
func (e *Engine[T]) ActivateBackward(dx, dy, x []T, a Activation) {
	sameOrApart("ActivateBackward", "dx", dx, "dy", dy)
	sameOrApart("ActivateBackward", "dx", dx, "x", x)
	a.checkKnown("ActivateBackward")
	if len(dx) <= pieceElements {
		e.activateBackward(dx, dy, x, a)
		return
	}
	split(e, e.threads, activateBackwardTask[T]{dx, dy, x, a}, len(dx), pieceElements)
}

type activateBackwardTask[T Float] struct {
	dx, dy, x []T
	a         Activation
}

func (t activateBackwardTask[T]) do(e *Engine[T], lo, hi int) {
	e.activateBackward(t.dx[lo:hi], t.dy[lo:hi], t.x[lo:hi], t.a)
}

func (e *Engine[T]) activateBackward(dx, dy, x []T, a Activation) {
	switch a {
	case Identity:
		copy(dx, dy)
	case ReLU:
		e.reluBackward(dx, dy, x)
	case LeakyReLU:
		e.leakyReLUBackward(dx, dy, x)
	case GELU:
		e.geluBackward(dx, dy, x)
	case SiLU:
		e.siluBackward(dx, dy, x)
	}
}

func (a Activation) checkKnown(op string) {
	if a < Identity || a > SiLU {
		panic(fmt.Sprintf("kernels: %s: activation %d, want Identity to SiLU", op, int(a)))
	}
}

func leakyReLUGeneric[T Float](dst, src []T) {
	for i, x := range src[:len(dst)] {
		if s := T(leak * x); s > x {
			x = s
		}
		dst[i] = x
	}
}

func leakyReLUBackwardGeneric[T Float](dx, dy, x []T) {
	dy, x = dy[:len(dx)], x[:len(dx)]
	for i, d := range dy {
		if x[i] <= 0 {
			d = T(leak * d)
		}
		dx[i] = d
	}
}

func geluGeneric[T Float](dst, src []T) {
	for i, x := range src[:len(dst)] {
		if x < -geluEnd {
			x = -geluEnd
		}
		dst[i] = gated(x, T(x*mulAdd(geluCubic, T(x*x), geluLinear)))
	}
}

func geluBackwardGeneric[T Float](dx, dy, x []T) {
	dy, x = dy[:len(dx)], x[:len(dx)]
	for i, d := range dy {
		v := within(x[i], geluEnd)
		square := T(v * v)
		u := T(v * mulAdd(geluCubic, square, geluLinear))
		dx[i] = T(d * gatedSlope(u, T(v*mulAdd(3*geluCubic, square, geluLinear))))
	}
}

func siluGeneric[T Float](dst, src []T) {
	for i, x := range src[:len(dst)] {
		if x < -siluEnd {
			x = -siluEnd
		}
		dst[i] = gated(x, x)
	}
}

func siluBackwardGeneric[T Float](dx, dy, x []T) {
	dy, x = dy[:len(dx)], x[:len(dx)]
	for i, d := range dy {
		v := within(x[i], siluEnd)
		dx[i] = T(d * gatedSlope(v, v))
	}
}

// within returns x, or the end of [-end, end] that it lies beyond.
func within[T Float](x, end T) T {
	if x < -end {
		return -end
	}
	if x > end {
		return end
	}
	return x
}

// gated returns x·σ(u), where u has the sign of x. It takes e^-|u|, so that σ is exact to a
// few ulp on both sides of 0.
func gated[T Float](x, u T) T {
	z := exp(-abs(u))
	if u < 0 {
		x = T(x * z)
	}
	return x / (1 + z)
}

// gatedSlope returns σ(u)·(1 + v·(1-σ(u))), the derivative of x·σ(u(x)) for v = x·u'(x).
func gatedSlope[T Float](u, v T) T {
	z := exp(-abs(u))
	sigma := 1 / (1 + z)
	rest := T(z * sigma)
	if u < 0 {
		sigma, rest = rest, sigma
	}
	return T(sigma * mulAdd(v, rest, 1))
}
