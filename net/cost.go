package net

// Sizes are the columns of a network's input, of each hidden layer and of its
// logits, as [New] takes them: 3072, 75, 10 has one hidden layer of 75. A layer
// from in to out columns is
//
//	z = x·W + b,   (N×in)·(in×out) + (1×out)
//
// for N rows of x. What a network costs follows from its sizes alone. Costs are of
// type float64, which on every system holds whole numbers up to 2⁵³ exactly and does
// not overflow for networks that are too large for any machine.
type Sizes []int

// Layers returns the number of layers.
func (s Sizes) Layers() int { return len(s) - 1 }

// Layer returns layer l, from 0, as a network of its own.
func (s Sizes) Layer(l int) Sizes { return s[l : l+2] }

// Weights returns the number of elements of all W, Σ in·out.
func (s Sizes) Weights() float64 {
	return s.sum(func(_ int, in, out float64) float64 { return in * out })
}

// Biases returns the number of elements of all b, Σ out.
func (s Sizes) Biases() float64 {
	return s.sum(func(_ int, _, out float64) float64 { return out })
}

// Params returns the number of parameters, Σ in·out + out.
func (s Sizes) Params() float64 { return s.Weights() + s.Biases() }

// ForwardFLOPs returns the floating-point operations of [Network.Logits] on N rows:
// Σ 2·N·in·out. A multiply-add counts as two. Only matrix products are counted, not the
// N·out operations of each of bias and ReLU.
func (s Sizes) ForwardFLOPs(rows int) float64 {
	return s.sum(func(_ int, in, out float64) float64 { return 2 * float64(rows) * in * out })
}

// StepFLOPs returns the floating-point operations of the matrix products in
// [Network.Gradients] on N rows. In each layer they are 2·N·in·out for z, as many for
// the gradient of W, (in×N)·(N×out), and as many for the gradient of x,
// (N×out)·(out×in), which the first layer does not compute.
func (s Sizes) StepFLOPs(rows int) float64 {
	return s.sum(func(l int, in, out float64) float64 {
		products := 3.0
		if l == 0 {
			products = 2
		}
		return products * 2 * float64(rows) * in * out
	})
}

// Memory is what training a network holds, in bytes, apart from the examples.
type Memory struct {
	Parameters float64 // Params elements
	Gradients  float64 // as many
	Optimizer  float64 // as many for each value that the optimiser keeps of a parameter
	Batch      float64 // N·in elements of the input; N·out in each layer of what it gives, and of its gradient
}

// Total returns the sum.
func (m Memory) Total() float64 { return m.Parameters + m.Gradients + m.Optimizer + m.Batch }

// TrainingMemory returns the memory for training on batches of up to N rows, with
// elements of elementBytes bytes and an optimiser that keeps kept values for each
// parameter: 0 for SGD without momentum, 1 for SGD with momentum, 2 for Adam.
func (s Sizes) TrainingMemory(rows, kept, elementBytes int) Memory {
	bytes, n := float64(elementBytes), float64(rows)
	params := bytes * s.Params()
	return Memory{
		Parameters: params, Gradients: params, Optimizer: float64(kept) * params,
		Batch: bytes * (n*float64(s[0]) + s.sum(func(_ int, _, out float64) float64 { return 2 * n * out })),
	}
}

// sum adds up a cost of the layers, from 0.
func (s Sizes) sum(cost func(l int, in, out float64) float64) float64 {
	total := 0.0
	for l, out := range s[1:] {
		total += cost(l, float64(s[l]), float64(out))
	}
	return total
}
