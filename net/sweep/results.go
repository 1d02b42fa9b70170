package sweep

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/lanes-ml/lanes/net/internal/atomicfile"
	"github.com/lanes-ml/lanes/net/setting"
	"github.com/lanes-ml/lanes/net/train"
)

// The status of a finished trial.
const (
	Done     = "done"     // trained in full, or until its patience was exhausted
	Diverged = "diverged" // its loss became NaN or infinite
	Stopped  = "stopped"  // by halving: other trials went on instead
)

// Scores are the results of training a trial. The fields named after train, val and test
// are scores of the final weights on that part. They are nil if the trial diverged or there
// is no such part; those of test also if [Sweep.Test] is not set.
type Scores struct {
	TrainLoss     *float64 `json:"train_loss"`
	TrainAcc      *float64 `json:"train_acc"`
	ValLoss       *float64 `json:"val_loss"`
	ValAcc        *float64 `json:"val_acc"`
	TestAcc       *float64 `json:"test_acc"`
	ValClasses    int      `json:"val_classes"` // the number of classes that are predicted: 1 if the network has learnt nothing
	Seconds       float64  `json:"seconds"`     // spent in steps, without scoring
	Params        int      `json:"params"`
	WeightsSHA256 string   `json:"weights_sha256"` // empty if it diverged
	EpochsRun     int      `json:"epochs_run"`     // complete ones
	StoppedEarly  bool     `json:"stopped_early"`  // before its last step
	Status        string   `json:"status"`
}

// accuracy returns the validation accuracy, or -1 if there is none.
func (s Scores) accuracy() float64 {
	if s.ValAcc == nil {
		return -1
	}
	return *s.ValAcc
}

// Result is a finished trial.
type Result struct {
	Trial
	Scores
	Rungs int // that it has reached, 1 without halving
}

// Results are the finished trials, the highest validation accuracy first, equal ones by
// index.
type Results struct {
	Varied     []string // the names of the settings that the sweep varies, and seed
	Rows       []Result
	Unfinished []int // indices of the other trials
	Folder     *Folder
}

// Run returns the run of a finished trial. Of one that halving stopped, the history ends
// before the length of its configuration.
func (r *Results) Run(x Result) (*train.Folder, error) { return train.Open(r.Folder.Trial(x.Index)) }

// Columns returns the names of the settings in which trials differ, seed among them.
func (s Sweep) Columns() []string {
	names := s.Varied()
	if !slices.Contains(names, "seed") {
		names = append(names, "seed")
	}
	return names
}

// Texts returns the trial's settings of these names as text. It panics if there is no
// setting of a name.
func (t Trial) Texts(names []string) []string {
	var values []string
	for _, s := range t.Config.Settings().Pick(names...) {
		values = append(values, s.String())
	}
	return values
}

// Results returns the finished trials.
func (f *Folder) Results() (*Results, error) {
	r := &Results{Varied: f.Sweep.Columns(), Folder: f}
	scores, stand, err := f.read()
	if err != nil {
		return nil, err
	}
	for i, t := range f.Trials {
		if last, done := f.final(i, scores[i], stand); done {
			r.Rows = append(r.Rows, Result{t, last, len(scores[i])})
		} else {
			r.Unfinished = append(r.Unfinished, i)
		}
	}
	slices.SortFunc(r.Rows, func(a, b Result) int {
		return cmp.Or(compareAccuracy(a.Scores, b.Scores), a.Index-b.Index)
	})
	return r, nil
}

// Collect writes the finished trials to results.csv and results.json, for other programs,
// and returns them.
func (f *Folder) Collect() (*Results, error) {
	r, err := f.Results()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		return nil, err
	}
	return r, cmp.Or(atomicfile.WriteFile(f.path(csvFile), r.csv()), atomicfile.WriteFile(f.path(jsonFile), append(indented.Bytes(), '\n')))
}

func (f *Folder) allScores() ([][]Scores, error) {
	all := make([][]Scores, len(f.Trials))
	var err error
	for i := range f.known {
		if all[i], err = f.scores(i); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// cell is a value in a row of the results, with the name of its column.
type cell struct {
	name  string
	value any
}

// rows returns the rows of the results.
func (r *Results) rows() [][]cell {
	means, of := r.means()
	var rows [][]cell
	for _, x := range r.Rows {
		rows = append(rows, r.cells(x, means[of[x.Index]]))
	}
	return rows
}

// cells returns a row: the index, the varied settings, the scores, and the mean of the
// configuration.
func (r *Results) cells(x Result, m Mean) []cell {
	cells := []cell{{"index", x.Index}}
	for _, s := range x.Config.Settings().Pick(r.Varied...) {
		cells = append(cells, cell{s.Name, s.Value})
	}
	s := x.Scores
	cells = append(cells, cell{"train_loss", s.TrainLoss}, cell{"train_acc", s.TrainAcc}, cell{"val_loss", s.ValLoss}, cell{"val_acc", s.ValAcc},
		cell{"test_acc", s.TestAcc}, cell{"val_classes", s.ValClasses}, cell{"seconds", s.Seconds}, cell{"params", s.Params}, cell{"weights_sha256", s.WeightsSHA256},
		cell{"epochs_run", s.EpochsRun}, cell{"stopped_early", s.StoppedEarly}, cell{"status", s.Status}, cell{"rungs", x.Rungs},
		cell{"seeds", m.Seeds}, cell{"mean_val_acc", m.ValAcc}, cell{"deviation", m.Deviation})
	return cells
}

// MarshalJSON returns a list with an object for each result. Its names are those of the
// columns of results.csv, in the same order.
func (r *Results) MarshalJSON() ([]byte, error) {
	b := []byte("[")
	for i, row := range r.rows() {
		if i > 0 {
			b = append(b, ',')
		}
		for j, c := range row {
			value, err := json.Marshal(c.value)
			if err != nil {
				return nil, err
			}
			b = fmt.Appendf(b, "%c%q:%s", "{,"[min(j, 1)], c.name, value)
		}
		b = append(b, '}')
	}
	return append(b, ']'), nil
}

func (r *Results) csv() []byte {
	var b bytes.Buffer
	var names []string
	for _, c := range r.cells(Result{}, Mean{}) {
		names = append(names, c.name)
	}
	writeCSV(&b, names)
	for _, row := range r.rows() {
		var texts []string
		for _, c := range row {
			texts = append(texts, c.text())
		}
		writeCSV(&b, texts)
	}
	return b.Bytes()
}

// text returns the cell as a CSV file has it: empty for nil.
func (c cell) text() string {
	switch v := c.value.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case *float64:
		if v == nil {
			return ""
		}
	}
	return setting.Setting{Value: c.value}.String()
}

// writeCSV writes a row. Writing to a buffer cannot fail.
func writeCSV(b *bytes.Buffer, row []string) {
	w := csv.NewWriter(b)
	w.Write(row)
	w.Flush()
}
