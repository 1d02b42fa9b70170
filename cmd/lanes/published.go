package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lanes-ml/lanes/net/train"
	"github.com/lanes-ml/lanes/testdata"
)

// published is a row of a table that was published, its cells by the names of
// their columns.
type published map[string]string

// publishedRows reads a table of package testdata.
func publishedRows(table []byte) []published {
	records, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
	if err != nil {
		panic(fmt.Sprintf("a published table: %v", err)) // it is part of the program
	}
	var rows []published
	for _, r := range records[1:] {
		row := published{}
		for i, name := range records[0] {
			row[name] = r[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// gridRows are the report's two-layer networks.
func gridRows() []published { return publishedRows(testdata.ReportGrid) }

// depthRows are the report's deeper networks, with what PyTorch gives for them.
func depthRows() []published {
	rows := publishedRows(testdata.ReportDepth)
	for i, torch := range publishedRows(testdata.PyTorchDepth) {
		for name, cell := range torch {
			if _, ok := rows[i][name]; !ok {
				rows[i][name] = cell
			}
		}
	}
	return rows
}

// number returns a cell that is a number, nil if it is blank.
func (p published) number(name string) *float64 {
	if p[name] == "" {
		return nil
	}
	x, err := strconv.ParseFloat(p[name], 64)
	if err != nil {
		panic(fmt.Sprintf("a published table: %s: %v", name, err)) // it is part of the program
	}
	return &x
}

// count returns a cell that is a whole number.
func (p published) count(name string) int { return int(*p.number(name)) }

// hidden returns the sizes of the hidden layers, written as 75 or [100,25].
func (p published) hidden(name string) []int {
	var sizes []int
	for word := range strings.SplitSeq(strings.Trim(p[name], "[]"), ",") {
		n, err := strconv.Atoi(word)
		if err != nil {
			panic(fmt.Sprintf("a published table: %s: %v", name, err)) // it is part of the program
		}
		sizes = append(sizes, n)
	}
	return sizes
}

// isGrid tells whether a configuration is that of a row of the grid.
func (p published) isGrid(c train.Config) bool {
	return c.Dataset == "cifar10" && c.Optimizer == "sgd" && slices.Equal(c.Hidden, p.hidden("hidden_size")) && c.Iters == p.count("num_iters") &&
		c.Batch == p.count("batch_size") && c.LR == *p.number("learning_rate") && c.Reg == *p.number("reg")
}

// isDepth tells whether a configuration is that of a row of the depth study, but
// for its initial weights.
func (p published) isDepth(c train.Config) bool {
	return c.Dataset == "cifar10" && c.Optimizer == "adam" && slices.Equal(c.Hidden, p.hidden("hidden")) && c.Epochs == p.count("num_epochs") &&
		c.Batch == p.count("batch_size") && c.LR == *p.number("learning_rate") && c.LRDecay == *p.number("lr_decay") &&
		c.WeightDecay == *p.number("reg")
}
