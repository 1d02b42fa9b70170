package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// predictRows writes what the model says of files of rows or of pictures as CSV: a line for
// each row, or for each picture.
func (p *predictFlags) predictRows(out io.Writer, m *classifier, o data.Options, paths []string) error {
	w := csv.NewWriter(out)
	w.Write(p.header(m.Model)) // an error stays until Flush
	for _, path := range paths {
		s, err := data.ReadRaw(path, &m.Input, o)
		if err != nil {
			return failure{exitData, err}
		}
		z, err := m.predictor.Predict(s)
		if err != nil {
			return failure{exitData, fmt.Errorf("%s: %w", path, err)}
		}
		for i := range z.Rows {
			if slices.ContainsFunc(z.Row(i), math.IsNaN) {
				return failure{exitDiverged, fmt.Errorf("%s: the prediction of row %d is NaN: the training diverged", path, i+1)}
			}
			w.Write(p.record(m.Model, path, i, z.Row(i)))
		}
	}
	w.Flush()
	return failed(exitFailed, w.Error())
}

// header names the columns of the CSV.
func (p *predictFlags) header(m *train.Model[float64]) []string {
	head := []string{"file", "row"}
	if t := m.Input.Target; t != nil {
		name := t.Name
		if name == "" {
			name = "prediction"
		}
		return append(head, name)
	}
	for k := range min(p.top, len(m.Classes)) {
		suffix := ""
		if k > 0 {
			suffix = "_" + strconv.Itoa(k+1)
		}
		head = append(head, "class"+suffix, "probability"+suffix)
	}
	return head
}

// record is the line of row i of a file, of which the model says z.
func (p *predictFlags) record(m *train.Model[float64], path string, i int, z []float64) []string {
	line := []string{path, strconv.Itoa(i + 1)}
	if m.Input.Target != nil {
		return append(line, strconv.FormatFloat(z[0], 'g', 7, 64))
	}
	order := make([]int, len(z))
	for j := range order {
		order[j] = j
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case z[a] > z[b]:
			return -1
		case z[a] < z[b]:
			return 1
		}
		return 0
	})
	for _, j := range order[:min(p.top, len(order))] {
		line = append(line, m.Classes[j], strconv.FormatFloat(z[j], 'f', 6, 64))
	}
	return line
}

// wantsRows reports whether the files are predicted as rows. It is an error if some are
// pictures and some are not.
func (p *predictFlags) wantsRows(paths []string) (bool, error) {
	rows := 0
	for _, path := range paths {
		if data.IsRows(path) {
			rows++
		}
	}
	switch {
	case rows > 0 && p.json:
		return false, errors.New("--json prints pictures: rows are written as CSV")
	case rows > 0 && rows < len(paths):
		return false, errors.New("some of the files are rows and some are pictures")
	}
	return rows > 0 || p.csv, nil
}
