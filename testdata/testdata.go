// Package testdata holds the golden values that tests compare with. The scripts
// that made them stand beside them.
package testdata

import _ "embed"

// Toy is the report's toy problem, computed by numpy in float64 with every
// intermediate: data X and y, params of a 4-10-3 network, and for them and reg
// the logits, probs, loss and grads; then the loss before each of 100 updates
// of training (key training, with its own reg).
//
//go:embed toy.json
var Toy []byte

// Optimizers is what PyTorch's SGD and Adam make of a parameter of start, by
// element type and name, after each step with gradients; the learning rate is
// multiplied by decay every decay_every steps.
//
//go:embed optimizers.json
var Optimizers []byte
