package net_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"

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
	x := kernels.NewMat(4, 2, []float64{0, 0, 0, 1, 1, 0, 1, 1})
	labels := []int32{0, 1, 1, 0}

	n := net.New(engine, 2, 8, 2)
	n.Init(net.He, rand.New(rand.NewPCG(1, 0)))
	sgd := net.NewSGD(engine, net.SGDOptions{LearningRate: 0.5})
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

// A network is saved, and loaded without giving its sizes. Then two goroutines use it at
// the same time.
func ExampleLoad() {
	engine, err := kernels.New[float32]()
	if err != nil {
		fmt.Println(err)
		return
	}
	n := net.New(engine, 4, 16, 3)
	n.Init(net.He, rand.New(rand.NewPCG(1, 0)))
	var file bytes.Buffer // or what os.Create returns
	if err := n.Save(&file); err != nil {
		fmt.Println(err)
		return
	}

	loaded, err := net.Load(engine, &file)
	if err != nil {
		fmt.Println(err)
		return
	}
	x := kernels.NewMat(1, 4, []float32{1, -2, 3, -4})
	predictor := loaded.Predictor()
	var answers [2]int
	var wait sync.WaitGroup
	for i := range answers {
		wait.Go(func() {
			logits := kernels.NewMat[float32](1, predictor.Classes(), nil)
			predictor.Logits(logits, x)
			answers[i] = net.Argmax(logits.Row(0))
		})
	}
	wait.Wait()
	want := net.Argmax(n.Logits(x).Row(0))
	fmt.Println(answers[0] == want, answers[1] == want)
	// Output: true true
}
