// Package net trains networks of dense layers, with activations, normalisation, dropout
// and residual blocks between them: softmax cross-entropy, L2 regularisation, gradient
// descent. It computes with [kernels] and is generic over float32, for speed, and float64,
// for gradient checks. A file that also needs the standard library's net imports it as
// lanesnet:
//
//	import lanesnet "github.com/lanes-ml/lanes/net"
//
// This trains a network of 3,072 inputs, 75 hidden units and 10 classes for a step:
//
//	n := net.New(engine, 3072, 75, 10)
//	n.Init(net.Normal(1e-4), rand.New(rand.NewPCG(seed, 0)))
//	sgd := net.NewSGD(engine, net.SGDOptions{LearningRate: 1e-3})
//	loss := n.Gradients(x, labels, 1e-3)
//	sgd.Step(n.Params())
//
// [Build] makes a network of any list of layers, each of whose types has its formula.
// For N rows x with labels y, layers W_l, b_l and a_0 = x, the network of [New] computes
//
//	z_l = a_(l-1)·W_l + b_l,   a_l = max(z_l, 0),   ψ = softmax of the last z
//	loss = 1/N Σ_i -log ψ(z)[i,y_i] + λ Σ_l ‖W_l‖²
//
// A row of x is a sample, and its label is the number of its class, from 0. Results
// have the same bits for any number of threads. A shape that does not fit is a
// programming error: functions panic with a message that has the numbers, and leave
// parameters and gradients as they are.
package net
