// Package testdata holds the golden values that tests and the command line
// compare with.
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

// ReportGrid is the table of the report's section 6: the 15 best of its 32
// two-layer networks, by validation accuracy.
//
//go:embed grid.csv
var ReportGrid []byte

// ReportMLP is what the report's section 8 prints of its second trainer: after each
// of 15 epochs the loss of batch 100 of 164 and the validation accuracy.
//
//go:embed mlp.csv
var ReportMLP []byte

// ReportDepth is the table of the report's section 9: 27 networks of two to five
// hidden layers, by validation accuracy. Two parameter counts are misprints:
// [1000,500,250,125] has 3,731,385 and [100,50,25] has 313,885.
//
//go:embed depth.csv
var ReportDepth []byte

// PyTorchDepth has the rows of ReportDepth as PyTorch 1.13 gives them, one seed
// each, with normal and with He's initialisation; blank where it was not run.
//
//go:embed depth_pytorch.csv
var PyTorchDepth []byte
