package net

import (
	"fmt"
	"math"

	"github.com/lanes-ml/lanes/kernels"
)

// GradError is the largest relative error in the gradient of a parameter, and the
// element where it is.
type GradError struct {
	Name                string
	Max                 float64 // |a-n| / max(1e-8, |a|+|n|); in [CheckComposition] 1e-7
	Row, Col            int
	Analytic, Numerical float64 // a and n
}

// String formats the error, as in "W1 max relative error: 3.561318e-09".
func (g GradError) String() string { return fmt.Sprintf("%s max relative error: %e", g.Name, g.Max) }

// CheckGradients compares the gradient that [Network.Gradients] computes with the
// numerical one, element by element, and returns an error for each parameter, in the
// order of [Network.Params]. A NaN in either gradient gives an error of NaN.
//
// The loss has no derivative where an input of a ReLU is 0, as in a network with zero
// weights. Where an input is within about 1e-5 of 0, which can happen in training,
// the numerical gradient is wrong. The error of an element that is below 1e-6 because
// terms cancel may exceed 1e-8, since the loss is rounded at 1e-16.
func CheckGradients(n *Network[float64], x kernels.Mat[float64], labels []int32, reg float64) []GradError {
	return CheckGradientsOf(n, x, Truth[float64]{Labels: labels}, reg)
}

// CheckGradientsOf is [CheckGradients] for any truth about x.
func CheckGradientsOf(n *Network[float64], x kernels.Mat[float64], truth Truth[float64], reg float64) []GradError {
	n.gradients(x, truth, reg)
	return compareGradients(n, x, truth, reg, 1e-8)
}

// compareGradients compares the gradients that the parameters have. The error of one that is
// below floor is relative to that.
func compareGradients(n *Network[float64], x kernels.Mat[float64], truth Truth[float64], reg, floor float64) []GradError {
	base := n.TrainingLoss(x, truth, reg)
	var errs []GradError
	for _, p := range n.Params() {
		worst := GradError{Name: p.Name}
		for i, w := range p.Value.Data {
			numerical := derivative(w, max(1, base.Data, base.Reg), func(v float64) float64 {
				p.Value.Data[i] = v
				l := n.TrainingLoss(x, truth, reg)
				// Term by term, because the sum of the terms would be rounded again.
				return (l.Data - base.Data) + (l.Reg - base.Reg)
			})
			p.Value.Data[i] = w
			analytic := p.Grad.Data[i]
			rel := math.Abs(analytic-numerical) / max(floor, math.Abs(analytic)+math.Abs(numerical))
			if i == 0 || rel > worst.Max || math.IsNaN(rel) {
				worst = GradError{p.Name, rel, i / p.Value.Cols, i % p.Value.Cols, analytic, numerical}
			}
		}
		errs = append(errs, worst)
	}
	return errs
}

// derivative returns f'(w) by Ridders' method (Accurate computation of F'(x) and
// F'(x)F″(x), Advances in Engineering Software 4(2), 1982, 75-76): central
// differences with shrinking steps, extrapolated to step 0. It returns the
// extrapolation with the smallest estimated error, and stops when the rounding of f,
// whose values have the size of scale, would add more than that.
//
// Differences over steps that reach a kink of f do not agree with others, so those of
// smaller steps win, unless f is flat beyond kinks on both sides.
func derivative(w, scale float64, f func(float64) float64) float64 {
	const (
		steps  = 40
		shrink = 1.4
		eps    = 0x1p-53
	)
	var row, previous [steps]float64
	best, bestErr := math.NaN(), math.Inf(1)
	h := 1.0 / 4
	for i := range steps {
		rounding := eps * scale / h
		if rounding >= bestErr {
			break
		}
		row, previous = previous, row
		row[0] = (f(w+h) - f(w-h)) / ((w + h) - (w - h))
		factor := 1.0
		for j := 1; j <= i; j++ {
			factor = float64(factor * shrink * shrink) // the error is a series in h²
			row[j] = row[j-1] + (row[j-1]-previous[j-1])/(factor-1)
			err := max(math.Abs(row[j]-row[j-1]), math.Abs(row[j]-previous[j-1]))
			if err < bestErr {
				best, bestErr = row[j], err
			}
		}
		h /= shrink
	}
	return best
}
