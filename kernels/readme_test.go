package kernels_test

import (
	"fmt"

	"github.com/lanes-ml/lanes/kernels"
)

// The README shows this code, word for word.
func Example_layer() {
	x, weights, bias := make([]float32, 300*3072), make([]float32, 3072*75), make([]float32, 75)
	dx, dw, db := kernels.NewMat[float32](300, 3072, nil), kernels.NewMat[float32](3072, 75, nil), make([]float32, 75)
	dy, dz, weightDecay := kernels.NewMat[float32](300, 75, nil), kernels.NewMat[float32](300, 75, nil), float32(1e-3)
	x[0], weights[0], bias[0], dy.Data[0], dz.Data[0] = 2, 3, 1, 5, 5

	e, err := kernels.New[float32]()  // the best level, all processors
	a := kernels.NewMat(300, 3072, x) // views: nothing is copied
	w := kernels.NewMat(3072, 75, weights)
	y := kernels.NewMat[float32](300, 75, nil)

	e.Linear(y, a, w, bias, kernels.ReLU) // y = max(a·w + bias, 0), in one pass
	e.Gemm(dw, 1, a.T(), dy, 0)           // transposes are views with other strides

	// dw = aᵀ·dz + weightDecay·w, db = Σ dz, dx = dz·wᵀ where a > 0: the gradients of a layer
	e.LinearBackward(dx, dw, db, dz, a, w, weightDecay, kernels.ReLU)

	fmt.Println(err, y.Data[0], y.At(1, 0), dw.Data[0], db[0], dx.Data[0])
	// Output: <nil> 7 1 10.003 5 15
}
