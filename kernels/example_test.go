package kernels_test

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels"
)

func Example() {
	e, err := kernels.New[float32]()
	if err != nil {
		fmt.Println(err)
		return
	}
	a := kernels.Dense(2, 3, []float32{1, 2, 3, 4, 5, 6})
	c := kernels.Dense[float32](2, 2, nil)
	e.Gemm(c, 1, a, a.T(), 0)
	fmt.Println(c.Data)
	// Output: [14 32 32 77]
}

func ExampleEngine_SoftmaxCrossEntropy() {
	e, err := kernels.New[float64]()
	if err != nil {
		fmt.Println(err)
		return
	}
	logits := kernels.Dense(1, 2, []float64{0, 0})
	grad := kernels.Dense[float64](1, 2, nil)
	loss := e.SoftmaxCrossEntropy(grad, logits, []uint8{1})
	fmt.Printf("%.4f %v\n", loss, grad.Data)
	// Output: 0.6931 [0.5 -0.5]
}
