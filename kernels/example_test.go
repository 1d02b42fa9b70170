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
	a := kernels.NewMat(2, 3, []float32{1, 2, 3, 4, 5, 6})
	c := kernels.NewMat[float32](2, 2, nil)
	e.Gemm(c, 1, a, a.T(), 0)
	fmt.Println(c.Data)
	// Output: [14 32 32 77]
}

// engine is the engine of the examples below.
var engine = newEngine()

func newEngine() *kernels.Engine[float64] {
	e, err := kernels.New[float64]()
	if err != nil {
		panic(err) // LANES_LEVEL or LANES_THREADS is wrong
	}
	return e
}

func ExampleEngine_Linear() {
	x := kernels.NewMat(2, 2, []float64{1, 2, 3, -4})
	w := kernels.NewMat(2, 3, []float64{1, 0, -1, 0, 1, 1})
	y := kernels.NewMat[float64](2, 3, nil)
	engine.Linear(y, x, w, []float64{0.5, 0.5, 0.5}, kernels.ReLU)
	fmt.Println(y.Row(0), y.Row(1))
	// Output: [1.5 2.5 1.5] [3.5 0 0]
}

// The first layer of a network needs no gradient of its input: if dx has no data, it is
// not computed.
func ExampleEngine_LinearBackward() {
	x := kernels.NewMat(2, 2, []float64{1, 2, 0, 4})
	w := kernels.NewMat(2, 1, []float64{10, 20})
	dz := kernels.NewMat(2, 1, []float64{1, -1})
	dx, dw, db := kernels.NewMat[float64](2, 2, nil), kernels.NewMat[float64](2, 1, nil), make([]float64, 1)

	engine.LinearBackward(dx, dw, db, dz, x, w, 0, kernels.ReLU)
	fmt.Println("dx", dx.Data, "where x > 0") // x is the output of another layer's ReLU
	fmt.Println("dw", dw.Data, "db", db)

	none := kernels.Mat[float64]{}
	engine.LinearBackward(none, dw, db, dz, x, w, 0.5, kernels.Identity)
	fmt.Println("dw", dw.Data, "with 0.5·w")
	// Output:
	// dx [10 20 0 -20] where x > 0
	// dw [1 -2] db [0]
	// dw [6 8] with 0.5·w
}

// Weights that are used with many small batches are packed once.
func ExampleEngine_Pack() {
	w := engine.Pack(kernels.NewMat(2, 2, []float64{1, 2, 3, 4}))
	y := kernels.NewMat[float64](1, 2, nil)
	for _, row := range [][]float64{{1, 0}, {0, 1}} {
		engine.LinearPacked(y, kernels.NewMat(1, 2, row), w, nil, kernels.Identity)
		fmt.Println(y.Data)
	}
	// Output:
	// [1 2]
	// [3 4]
}

// With a stride of 0, every product uses the same matrix.
func ExampleEngine_GemmBatch() {
	a := kernels.NewBatch(3, 1, 2, []float64{1, 2, 3, 4, 5, 6})
	b := kernels.Batch[float64]{Mat: kernels.NewMat(2, 1, []float64{10, 1})}
	c := kernels.NewBatch(3, 1, 1, make([]float64, 3))
	engine.GemmBatch(3, c, 1, a, b, 0)
	fmt.Println(c.Data[0], c.Data[1:])
	// Output: 12 [34 56]
}

// Images stay bytes until a batch needs them, here the third and the first.
func ExampleEngine_CenterRows() {
	x := &kernels.Pixels[float64]{
		Data: []uint8{0, 255, 128, 127, 255, 255}, // three images of two pixels
		Rows: []int{2, 0},
		Cols: 2,
		Mean: []float64{127.5, 127.5}, Scale: 1 / 127.5, // from -1 to 1
	}
	batch := kernels.NewMat[float64](2, 2, nil)
	engine.CenterRows(batch, x)
	fmt.Println(batch.Row(0), batch.Row(1))
	// Output: [1 1] [-1 1]
}

func ExampleEngine_SoftmaxCrossEntropy() {
	logits := kernels.NewMat(1, 2, []float64{0, 0})
	grad := kernels.NewMat[float64](1, 2, nil)
	loss := engine.SoftmaxCrossEntropy(grad, logits, []int32{1})
	fmt.Printf("%.4f %v\n", loss, grad.Data)
	// Output: 0.6931 [0.5 -0.5]
}

// The velocity of SGD and the moments of Adam are zeros at first, and are kept from step
// to step.
func ExampleEngine_SGD() {
	w, v := []float64{8}, make([]float64, 1)
	for range 3 {
		gradient := []float64{w[0]} // of w²/2
		engine.SGD(w, v, gradient, nil, kernels.SGDStep{LearningRate: 0.5, Momentum: 0.5})
		fmt.Println(w, v)
	}
	// Output:
	// [4] [8]
	// [0] [8]
	// [-2] [4]
}

func ExampleEngine_Adam() {
	w, m, v := []float64{8, 8}, make([]float64, 2), make([]float64, 2)
	gradient := []float64{1000, 0.001}
	engine.Adam(w, m, v, gradient, nil, kernels.AdamStep{Step: 1, LearningRate: 0.1, Beta1: 0.9, Beta2: 0.999})
	fmt.Printf("%.3f\n", w) // the first step is as long as the learning rate, whatever the gradient
	// Output: [7.900 7.900]
}
