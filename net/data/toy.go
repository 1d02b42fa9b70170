package data

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// toyFile holds the report's toy problem: its data X and y, and the params that its
// network starts from.
//
//go:embed toy.json
var toyFile []byte

// Toy returns the toy problem of section 5 of the report: five points of four
// coordinates in three classes, and the weights that its network of ten hidden units
// starts from.
func Toy() *Dataset {
	var file struct {
		X      [][]float64
		Y      []int32
		Params struct {
			W1, W2 [][]float64
			B1, B2 []float64
		}
	}
	if err := json.Unmarshal(toyFile, &file); err != nil {
		panic(fmt.Sprintf("data: toy.json: %v", err)) // it is part of the program
	}
	p := file.Params
	return &Dataset{
		Name: "toy", Classes: []string{"0", "1", "2"},
		Train:   Split{Points: file.X, Labels: file.Y},
		Weights: map[string][][]float64{"W1": p.W1, "b1": {p.B1}, "W2": p.W2, "b2": {p.B2}},
	}
}
