package main

import "github.com/lanes-ml/lanes/kernels"

// optimizerOperations are steps of optimisers. Their operands are rows, the weights first.
// Those with the mean also scale the gradient, as clipping does.
func optimizerOperations[T kernels.Float](engine *kernels.Engine[T]) []elementwiseOperation[T] {
	steps := func(rows int) [][2]int {
		return [][2]int{{rows, 300}, {rows, 4096}, {rows, 32768}, {rows, 262144}, {rows, 4 << 20}}
	}
	nesterov := kernels.SGDStep{LearningRate: 1e-3, Momentum: 0.9, WeightDecay: 1e-4, Nesterov: true}
	adam := kernels.AdamStep{Step: 10, LearningRate: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}
	lion := kernels.LionStep{LearningRate: 1e-4, Beta1: 0.9, Beta2: 0.99, WeightDecay: 0.1}
	clipped, adamW, clippedLion := nesterov, adam, lion
	clipped.Scale, clipped.Average = 0.5, 1e-3
	adamW.WeightDecay, adamW.Decoupled, adamW.Scale, adamW.Average = 0.1, true, 0.5, 1e-3
	clippedLion.Scale, clippedLion.Average = 0.5, 1e-3
	return []elementwiseOperation[T]{
		{"nesterov", steps(3), func(o *elementwiseOperands[T]) {
			engine.SGD(o.y.Row(0), o.y.Row(1), o.x.Row(0), nil, nesterov)
		}},
		{"nesterov_mean", steps(3), func(o *elementwiseOperands[T]) {
			engine.SGD(o.y.Row(0), o.y.Row(1), o.x.Row(0), o.y.Row(2), clipped)
		}},
		{"adam", steps(4), func(o *elementwiseOperands[T]) {
			engine.Adam(o.y.Row(0), o.y.Row(1), o.y.Row(2), o.x.Row(0), nil, adam)
		}},
		{"adamw_mean", steps(4), func(o *elementwiseOperands[T]) {
			engine.Adam(o.y.Row(0), o.y.Row(1), o.y.Row(2), o.x.Row(0), o.y.Row(3), adamW)
		}},
		{"lion", steps(3), func(o *elementwiseOperands[T]) {
			engine.Lion(o.y.Row(0), o.y.Row(1), o.x.Row(0), nil, lion)
		}},
		{"lion_mean", steps(3), func(o *elementwiseOperands[T]) {
			engine.Lion(o.y.Row(0), o.y.Row(1), o.x.Row(0), o.y.Row(2), clippedLion)
		}},
	}
}
