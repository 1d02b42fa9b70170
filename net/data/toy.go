package data

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// toyFile has the data X and y of the toy problem, and the initial params of its network.
//
//go:embed toy.json
var toyFile []byte

// toy returns the toy problem of section 5 of the report that Lanes reproduces (AML
// Assignment 2 - report, April 15, 2020): five points of four coordinates in three
// classes, and the initial weights of its network of ten hidden units.
func toy() *Dataset {
	var file struct {
		X      [][]float64
		Y      []int32
		Params struct {
			W1, W2 [][]float64
			B1, B2 []float64
		}
	}
	if err := json.Unmarshal(toyFile, &file); err != nil {
		panic(fmt.Sprintf("data: toy.json: %v", err)) // the file is part of the program
	}
	p := file.Params
	return &Dataset{
		Name: "toy", Shape: Row(len(file.X[0])), Classes: []string{"0", "1", "2"},
		Train:   Split{Points: file.X, Labels: file.Y},
		Weights: map[string][][]float64{"W1": p.W1, "b1": {p.B1}, "W2": p.W2, "b2": {p.B2}},
	}
}
