package main

import (
	"encoding/binary"
	"encoding/json"
	"math"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/onnx"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/npz"
)

// featuresOf returns what the inputs of a network are made of, nil unless examples are rows
// of a table.
func featuresOf(p *data.Preprocessing) []onnx.Feature {
	var all []onnx.Feature
	for j, c := range p.Columns {
		if c.Categories == nil {
			all = append(all, onnx.Feature{Column: j, Category: -1})
		}
		for k := range c.Categories {
			all = append(all, onnx.Feature{Column: j, Category: k})
		}
	}
	return all
}

// inputArrays describe how rows of a table become inputs, and what the output of a
// regression stands for.
func inputArrays(p *data.Preprocessing) []npz.Array {
	var all []npz.Array
	if p.Columns != nil {
		var columns, categories []byte
		var names, texts []string
		for _, f := range featuresOf(p) {
			columns = binary.LittleEndian.AppendUint64(columns, uint64(f.Column))
			categories = binary.LittleEndian.AppendUint64(categories, uint64(f.Category))
			text := ""
			if f.Category >= 0 {
				text = p.Columns[f.Column].Categories[f.Category]
			}
			names, texts = append(names, p.Columns[f.Column].Name), append(texts, text)
		}
		shape := []int{len(names)}
		all = append(all, npz.Array{Name: "input.column", Type: "<i8", Shape: shape, Data: columns},
			npz.Array{Name: "input.category", Type: "<i8", Shape: shape, Data: categories},
			npz.Strings("input.name", names), npz.Strings("input.text", texts))
	}
	if t := p.Target; t != nil {
		for _, of := range []struct {
			name  string
			value float64
		}{{"target.mean", t.Mean}, {"target.scale", t.Scale}} {
			bits := binary.LittleEndian.AppendUint64(nil, math.Float64bits(of.value))
			all = append(all, npz.Array{Name: of.name, Type: "<f8", Shape: []int{1}, Data: bits})
		}
	}
	return all
}

// onnxModel returns a model without its tensors, with what it says of itself.
func onnxModel(p *data.Preprocessing, pixels bool, dataset string, classes []string, step string) (onnx.Model, error) {
	list, err := json.Marshal(classes)
	if err != nil {
		return onnx.Model{}, err
	}
	m := onnx.Model{
		Shape: p.Shape.Dims(), Pixels: pixels, Features: featuresOf(p), Version: thisBuild().Version,
		Metadata: []onnx.Property{{Key: "classes", Value: string(list)}, {Key: "dataset", Value: dataset}, {Key: "step", Value: step}},
	}
	m.Doc = "A dense network trained by Lanes on " + dataset + ". Input: "
	switch {
	case pixels && p.Shape.Channels == 3:
		m.Doc += "values from 0 to 255, batch×channels (red, green, blue)×rows×columns. "
	case p.Columns != nil:
		columns, err := json.Marshal(p.Columns)
		if err != nil {
			return onnx.Model{}, err
		}
		m.Metadata = append(m.Metadata, onnx.Property{Key: "columns", Value: string(columns)})
		m.Doc += "rows of the metadata's columns, a JSON list. A category is its index among the categories of its column; NaN is missing. "
	default:
		m.Doc += p.Shape.String() + " as they come. "
	}
	if t := p.Target; t != nil {
		m.Target = &onnx.Target{Mean: t.Mean, Scale: t.Scale}
		m.Doc += "Output: the number that the network finds."
	} else {
		m.Doc += "Output: a logit for each class of the metadata's classes, a JSON list."
	}
	return m, nil
}
