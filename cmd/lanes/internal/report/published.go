package report

import (
	"embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lanes-ml/lanes/net/train"
)

// publishedFiles are tables that were published:
//
//	grid           the report's section 6: the 15 best of its 32 two-layer networks, by
//	               validation accuracy
//	mlp            what its section 8 prints of its second trainer: after each of 15
//	               epochs the loss of batch 100 of 164, and the validation accuracy
//	depth          its section 9: 27 networks of two to five hidden layers, by validation
//	               accuracy. Two parameter counts are misprints: [1000,500,250,125] has
//	               3,731,385 and [100,50,25] has 313,885
//	depth_pytorch  the rows of depth as PyTorch 1.13 gives them, one seed each, with
//	               normal and with He's initialisation; blank where it was not run
//
//go:embed published
var publishedFiles embed.FS

// published is a row of a table that was published, its cells by the names of
// their columns.
type published map[string]string

// publishedRows reads one of the tables.
func publishedRows(table string) []published {
	records, err := readPublished(table)
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

func readPublished(table string) ([][]string, error) {
	f, err := publishedFiles.Open("published/" + table + ".csv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return csv.NewReader(f).ReadAll()
}

// gridRows are the report's two-layer networks.
func gridRows() []published { return publishedRows("grid") }

// mlpRows are the epochs of the report's second trainer.
func mlpRows() []published { return publishedRows("mlp") }

// depthRows are the report's deeper networks, with what PyTorch gives for them.
func depthRows() []published {
	rows := publishedRows("depth")
	for i, torch := range publishedRows("depth_pytorch") {
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
