package net_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
)

// A network with one hidden layer learns exclusive or.
func Example() {
	engine, err := kernels.New[float64]()
	if err != nil {
		fmt.Println(err)
		return
	}
	x := kernels.Dense(4, 2, []float64{0, 0, 0, 1, 1, 0, 1, 1})
	labels := []uint8{0, 1, 1, 0}

	n := net.New(engine, 2, 8, 2)
	n.Init(net.He, rand.New(rand.NewPCG(1, 0)))
	sgd := net.NewSGD(engine, 0.5, 1)
	for range 500 {
		n.Gradients(x, labels, 0)
		sgd.Step(n.Params())
	}
	fmt.Printf("loss below 0.01: %v\n", n.Loss(x, labels, 0).Total() < 0.01)
	fmt.Printf("accuracy: %v\n", net.Accuracy(n.Logits(x), labels))
	// Output:
	// loss below 0.01: true
	// accuracy: 1
}
