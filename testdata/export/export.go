// Package export has a tiny network, with files and logits of it that make.py got from
// other programs, and scripts that compute logits from exports.
package export

import (
	"embed"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/lanes-ml/lanes/net/safetensors"
)

//go:embed tiny.* *_logits.* numpy_table.py
var files embed.FS

// Tiny is a network with two hidden layers on images of 2×2 pixels.
type Tiny struct {
	Shape    []int
	Classes  []string
	Doc      string
	Metadata map[string]string
	Tensors  []struct {
		Name  string
		Shape []int
		Data  []float64
	}
	Pixels [][]int
	Logits [][]float64 // of the pixels, by PyTorch in float64
}

// Read returns the content of tiny.json.
func Read() Tiny {
	var t Tiny
	if err := json.Unmarshal(File("tiny.json"), &t); err != nil {
		panic(fmt.Sprintf("export: tiny.json: %v", err)) // the file is part of the program
	}
	return t
}

// File returns tiny.json, tiny.float32.onnx, tiny.float64.onnx, tiny.float32.npz or
// tiny.float64.npz.
func File(name string) []byte {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("export: %v", err))
	}
	return b
}

// As returns the tensors as F32 or F64.
func (t Tiny) As(dtype string) []safetensors.Tensor {
	var tensors []safetensors.Tensor
	for _, v := range t.Tensors {
		var b []byte
		for _, x := range v.Data {
			if dtype == "F32" {
				b, _ = binary.Append(b, binary.LittleEndian, float32(x))
			} else {
				b, _ = binary.Append(b, binary.LittleEndian, x)
			}
		}
		tensors = append(tensors, safetensors.Tensor{Name: v.Name, DType: dtype, Shape: v.Shape, Data: b})
	}
	return tensors
}
