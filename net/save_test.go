package net

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/safetensors"
)

func TestLoadedNetworkIsTheSavedOne(t *testing.T) {
	t.Run("float32", testSaved[float32])
	t.Run("float64", testSaved[float64])
}

func testSaved[T kernels.Float](t *testing.T) {
	for _, sizes := range [][]int{{1, 1}, {3, 2}, {5, 7, 3}, {20, 33, 12, 9, 4}} {
		n := New(newEngine[T](t), sizes...)
		n.Init(He, newRand(1))
		for _, p := range n.Params() {
			p.Value.Data[0] = T(math.Copysign(0, -1))
			p.Value.Data[len(p.Value.Data)-1] = T(math.Inf(1))
		}
		var file bytes.Buffer
		require.NoError(t, n.Save(&file))
		saved := bytes.Clone(file.Bytes())
		got, err := Load(newEngine[T](t), &file)
		require.NoError(t, err)
		require.Len(t, got.Params(), len(n.Params()))
		for i, p := range n.Params() {
			require.Equal(t, p.Name, got.Params()[i].Name)
			require.Equal(t, p.Value, got.Params()[i].Value)
		}
		require.NoError(t, got.Save(&file))
		require.Equal(t, saved, file.Bytes())

		other, err := Load(newEngine[float64](t), bytes.NewReader(saved)) // of whatever element type
		require.NoError(t, err)
		for i, p := range n.Params() {
			for k, v := range p.Value.Data {
				require.Equal(t, float64(v), other.Params()[i].Value.Data[k])
			}
		}
		for size := range saved {
			_, err := Load(newEngine[T](t), bytes.NewReader(saved[:size]))
			require.ErrorContains(t, err, "not a safetensors file: ", "%d of %d bytes", size, len(saved))
		}
	}
}

// Other programs find the weights and biases of layers under their own names for them.
func TestSavedTensorsLieAsOtherProgramsHaveThem(t *testing.T) {
	n := New(newEngine[float32](t), 3, 2)
	for i := range 6 {
		n.Params()[0].Value.Data[i] = float32(i) // inputs×outputs
	}
	var file bytes.Buffer
	require.NoError(t, n.Save(&file))
	tensors, _, err := safetensors.Read(file.Bytes())
	require.NoError(t, err)
	require.Equal(t, []safetensors.Tensor{
		safetensors.Stream("layers.0.weight", []int{2, 3}, kernels.NewMat(2, 3, []float32{0, 2, 4, 1, 3, 5})).Held(),
		safetensors.Stream("layers.0.bias", []int{2}, kernels.NewMat(1, 2, []float32{0, 0})).Held(),
	}, tensors)
}

func TestWhatIsNoNetworkIsNotLoaded(t *testing.T) {
	tensor := func(name string, shape ...int) safetensors.Tensor {
		n := 1
		for _, side := range shape {
			n *= side
		}
		return safetensors.Tensor{Name: name, DType: "F32", Shape: shape, Data: make([]byte, 4*n)}
	}
	whole := func() []safetensors.Tensor {
		return []safetensors.Tensor{
			tensor("layers.0.weight", 4, 3), tensor("layers.0.bias", 4), tensor("layers.1.weight", 2, 4), tensor("layers.1.bias", 2),
		}
	}
	for message, change := range map[string]func([]safetensors.Tensor) []safetensors.Tensor{
		"no tensor layers.0.weight":                                       func(f []safetensors.Tensor) []safetensors.Tensor { return f[1:] },
		"no tensor layers.1.bias":                                         func(f []safetensors.Tensor) []safetensors.Tensor { return f[:3] },
		"tensor layers.1.bias does not belong to the network":             func(f []safetensors.Tensor) []safetensors.Tensor { return append(f[:2], f[3]) },
		"tensor input.mean does not belong to the network":                func(f []safetensors.Tensor) []safetensors.Tensor { return append(f, tensor("input.mean", 3)) },
		"tensor layers.0.bias is [3], want [4]":                           func(f []safetensors.Tensor) []safetensors.Tensor { f[1] = tensor(f[1].Name, 3); return f },
		"tensor layers.1.weight is [2 5], the layer before has 4 outputs": func(f []safetensors.Tensor) []safetensors.Tensor { f[2] = tensor(f[2].Name, 2, 5); return f },
		"tensor layers.1.weight is [8], want outputs and inputs":          func(f []safetensors.Tensor) []safetensors.Tensor { f[2] = tensor(f[2].Name, 8); return f },
		"tensor layers.0.weight is [0 3], want outputs and inputs":        func(f []safetensors.Tensor) []safetensors.Tensor { f[0] = tensor(f[0].Name, 0, 3); return f },
		"tensor layers.0.weight is of I32, want F32 or F64":               func(f []safetensors.Tensor) []safetensors.Tensor { f[0].DType = "I32"; return f },
		// The sides of the tensors fit the file, but their network would fit no memory.
		"tensor layers.1.weight is [200000 1], the layer before has 200000 outputs": func(f []safetensors.Tensor) []safetensors.Tensor {
			return []safetensors.Tensor{tensor("layers.0.weight", 200_000, 1), tensor("layers.1.weight", 200_000, 1)}
		},
	} {
		var file bytes.Buffer
		require.NoError(t, safetensors.Write(&file, change(whole()), nil))
		_, err := Load(newEngine[float32](t), &file)
		require.EqualError(t, err, message)
	}
}

func TestLoadedCompositionIsTheSavedOne(t *testing.T) {
	for name, layers := range compositions {
		n, x, labels := composed[float32](t, layers)
		n.Gradients(x, labels, 0) // which moves running statistics
		var file bytes.Buffer
		require.NoError(t, n.Save(&file))
		got, err := Load(newEngine[float32](t), &file)
		require.NoError(t, err, name)
		require.Equal(t, n.Logits(x).Data, got.Logits(x).Data, name)
	}
}

func TestFilesOfNoNetworkAreNotLoaded(t *testing.T) {
	for architecture, message := range map[string]string{
		`{"inputs":3}`:                                                      "architecture: no dense layer",
		`{"inputs":0,"layers":[{"dense":2}]}`:                               "architecture: 0 inputs, want at least 1",
		`{"inputs":3,"layers":[{"dense":0}]}`:                               "architecture: a dense layer of 0 units, want at least 1",
		`{"inputs":3,"layers":[{"dense":2},"rely"]}`:                        `architecture: activation "rely", want one of ["relu" "leaky-relu" "gelu" "silu"]`,
		`{"inputs":3,"layers":[{"dense":2},{}]}`:                            "architecture: no layer: {}",
		`{"inputs":3,"layers":[{"dense":2},{"dropout":1}]}`:                 "architecture: a dropout rate of 1, want at least 0 and below 1",
		`{"inputs":3,"layers":[{"dense":2},{"residual":[{"dense":3}]}]}`:    "architecture: a residual block from 2 to 3 columns, want as many",
		`{"inputs":3,"layers":[{"dense":2},"batch-norm"]}`:                  "no tensor layers.1.weight",
		`{"inputs":3,"layers":[{"dense":1000000000},{"dense":1000000000}]}`: "tensor layers.0.weight is [2 3], want [1000000000 3]",
	} {
		var file bytes.Buffer
		zeros := safetensors.Stream("layers.0.weight", []int{2, 3}, kernels.NewMat[float32](2, 3, nil))
		bias := safetensors.Stream("layers.0.bias", []int{2}, kernels.NewMat[float32](1, 2, nil))
		require.NoError(t, safetensors.Write(&file, []safetensors.Tensor{zeros, bias}, map[string]string{"architecture": architecture}))
		_, err := Load(newEngine[float32](t), &file)
		require.EqualError(t, err, message)
	}
}

// full is a disk without room.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }
func (full) Read([]byte) (int, error)  { return 0, errFull }

func TestSaveAndLoadTellWhatTheirFileTells(t *testing.T) {
	require.ErrorIs(t, New(newEngine[float32](t), 3, 2).Save(full{}), errFull)
	_, err := Load(newEngine[float32](t), full{})
	require.ErrorIs(t, err, errFull)
}
