package net

// costs are counts of layers. They are of type float64, which on every system holds whole
// numbers up to 2⁵³ exactly and does not overflow for networks that are too large for any
// machine.
type costs struct{ weights, biases, buffers, forward, step float64 }

// count returns what the network costs, and the shape of its workspace.
func (a Architecture) count() (costs, workspaceShape) {
	b := &builder[float32]{mode: counting}
	b.network(a)
	b.gradient(a.Outputs())
	return b.costs, b.shape
}

// Weights returns the number of elements of all W, Σ in·out.
func (a Architecture) Weights() float64 {
	c, _ := a.count()
	return c.weights
}

// Biases returns the number of elements of all other parameters: of b, γ and β.
func (a Architecture) Biases() float64 {
	c, _ := a.count()
	return c.biases
}

// Params returns the number of parameters.
func (a Architecture) Params() float64 { return a.Weights() + a.Biases() }

// ForwardFLOPs returns the floating-point operations of [Network.Logits] on N rows:
// Σ 2·N·in·out. A multiply-add counts as two. Only matrix products are counted, not what
// biases and other layers take, which are N·out operations each.
func (a Architecture) ForwardFLOPs(rows int) float64 {
	c, _ := a.count()
	return float64(rows) * c.forward
}

// StepFLOPs returns the floating-point operations of the matrix products in
// [Network.Gradients] on N rows. In each dense layer they are 2·N·in·out for z, as many for
// the gradient of W, (in×N)·(N×out), and as many for the gradient of x,
// (N×out)·(out×in), which the first layer does not compute.
func (a Architecture) StepFLOPs(rows int) float64 {
	c, _ := a.count()
	return float64(rows) * c.step
}

// Memory is what training a network holds, in bytes, apart from the examples.
type Memory struct {
	Parameters float64 // Params elements, and those of [Network.Buffers]
	Gradients  float64 // Params elements
	Optimizer  float64 // as many for each value that the optimiser keeps of a parameter
	Batch      float64 // N·in elements of the input; what layers make of it, and gradients of that
}

// Total returns the sum.
func (m Memory) Total() float64 { return m.Parameters + m.Gradients + m.Optimizer + m.Batch }

// TrainingMemory returns the memory for training on batches of up to N rows, with
// elements of elementBytes bytes and an optimiser that keeps kept values for each
// parameter: 0 for SGD without momentum, 1 for SGD with momentum and for Lion, 2 for Adam, and one
// more with a running mean.
func (a Architecture) TrainingMemory(rows, kept, elementBytes int) Memory {
	c, shape := a.count()
	bytes := float64(elementBytes)
	params := bytes * (c.weights + c.biases)
	columns, fixed := float64(a.Inputs), 0.0
	for _, cols := range append(shape.values, shape.deltas...) {
		columns += float64(cols)
	}
	for _, n := range shape.vectors {
		fixed += float64(n)
	}
	return Memory{
		Parameters: params + bytes*c.buffers, Gradients: params, Optimizer: float64(kept) * params, // exact
		Batch: bytes * (float64(rows)*columns + fixed), // exact
	}
}
