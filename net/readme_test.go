package net_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
)

// The README shows the two lines that make the network, word for word.
func ExampleBuild() {
	e, err := kernels.New[float32]()
	if err != nil {
		fmt.Println(err)
		return
	}

	block := net.Residual{net.Dense{Units: 512}, net.BatchNorm{}, net.GELU, net.Dropout{Rate: 0.1}} // x + f(x)
	deep := net.Build(e, 3072, net.Dense{Units: 512}, net.ReLU, block, block, net.Dense{Units: 10})

	fmt.Println(deep.Architecture().Layers)
	fmt.Println(deep.NumParams(), "parameters")
	// Output:
	// dense 512, relu, x + (dense 512, batch-norm, gelu, dropout 0.1), x + (dense 512, batch-norm, gelu, dropout 0.1), dense 10
	// 2105866 parameters
}

// The README shows this code, word for word.
func Example_step() {
	e, err := kernels.New[float32]()
	if err != nil {
		fmt.Println(err)
		return
	}
	const seed = 1
	x, labels := kernels.NewMat[float32](300, 3072, nil), make([]int32, 300)
	for i := range labels {
		labels[i] = int32(i % 10)
		x.Row(i)[i%10] = 1
	}
	var file bytes.Buffer

	n := net.New(e, 3072, 75, 10)
	n.Init(net.Normal(1e-4), rand.New(rand.NewPCG(seed, 0)))
	sgd := net.NewSGD(e, net.SGDOptions{LearningRate: 1e-3})
	loss := n.Gradients(x, labels, 1e-3) // softmax cross-entropy + λ·Σ‖W‖²
	sgd.Step(n.Params())

	err = n.Save(&file)         // safetensors, with names and sizes
	n, err = net.Load(e, &file) // needs nothing else
	p := n.Predictor()          // goroutines may share it
	z := kernels.NewMat[float32](300, 10, nil)
	p.Logits(z, x)

	fmt.Printf("%v %.4f %v\n", err, loss.Data, slices.Equal(z.Data, n.Logits(x).Data))
	// Output: <nil> 2.3026 true
}
