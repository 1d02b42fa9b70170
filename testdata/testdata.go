// Package testdata has the golden values that tests compare with. The scripts that
// made them are in the same folder.
package testdata

import _ "embed"

// Toy is the report's toy problem, computed by numpy in float64: data X and y, the params
// of a network with sizes 4, 10 and 3, and what follows from these and reg: logits,
// probs, loss and grads. The key training has the loss before each of 100 updates, with
// a reg of its own.
//
//go:embed toy.json
var Toy []byte

// Optimizers has the values of a parameter after each step of PyTorch's SGD and Adam, by
// element type and name. It begins as start, step i has the gradient gradients[i], and
// the learning rate is multiplied by decay after every decay_every steps. The recipes, by
// name, have the values after each step of a weight, the first four, and of a bias, the
// last three, and then those of their running mean, if there is one.
//
//go:embed optimizers.json
var Optimizers []byte

// Losses has PyTorch's cross-entropy of logits with labels in float64, and its gradient: cases
// with and without smoothing of labels, with and without others that examples are mixed with by
// their shares, with and without weights.
//
//go:embed losses.json
var Losses []byte

// Layers has ten steps of gradient descent by PyTorch in float64, of networks of each type of
// layer: their layers as net.Layers has them in JSON, tensors at the start and at the end and
// gradients of the first step by the names of a file, the loss before each step, and the logits
// of inference at the end. The elements that dropout drops are those that the seed determines.
//
//go:embed layers.json
var Layers []byte

// Schedules has the learning rate of every step of a run, by PyTorch's schedules.
//
//go:embed schedules.json
var Schedules []byte
