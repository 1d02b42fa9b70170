package report

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/picture"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// Runs are several runs side by side.
type Runs struct {
	Differ []string  `json:"differ"` // the settings whose values are not the same in all runs
	Runs   []Figures `json:"runs"`
}

// Figures are those of one of several runs. Losses and accuracies of a run that is not done are
// those of its last epoch, nil before the first.
type Figures struct {
	Run        string            `json:"run"`    // its folder
	Status     string            `json:"status"` // done, training or stopped
	Settings   map[string]string `json:"settings"`
	TrainLoss  *float64          `json:"train_loss"`
	TrainAcc   *float64          `json:"train_acc"`
	ValLoss    *float64          `json:"val_loss"`
	ValAcc     *float64          `json:"val_acc"`
	BestValAcc *float64          `json:"best_val_acc"`
	TestAcc    *float64          `json:"test_acc"`
	Epochs     float64           `json:"epochs"` // done, with the part of the last one
	Steps      int               `json:"steps"`
	Seconds    float64           `json:"seconds"` // spent in steps
	FLOPs      *float64          `json:"flops"`   // of matrix products; nil without a checkpoint

	config  train.Config
	history train.History
	task    string
}

// ReadRuns reads the runs of at least two folders.
func ReadRuns(folders []*train.Folder) (*Runs, error) {
	c := new(Runs)
	for _, f := range folders {
		r, err := figuresOf(f)
		if err != nil {
			return nil, err
		}
		c.Runs = append(c.Runs, *r)
	}
	for i, s := range c.Runs[0].config.Settings() {
		if slices.ContainsFunc(c.Runs, func(r Figures) bool { return r.config.Settings()[i].String() != s.String() }) {
			c.Differ = append(c.Differ, s.Name)
			for k := range c.Runs {
				c.Runs[k].Settings[s.Name] = c.Runs[k].config.Settings()[i].String()
			}
		}
	}
	return c, nil
}

// figuresOf reads a run.
func figuresOf(f *train.Folder) (*Figures, error) {
	r := &Figures{Run: f.Dir, Status: "done", Settings: map[string]string{}, config: f.Config, task: f.Config.Files.Task}
	var err error
	if r.history, err = f.History(); err != nil {
		return nil, err
	}
	result, err := f.Result()
	if err != nil {
		return nil, err
	}
	if n := len(r.history.Steps); n > 0 {
		r.Steps, r.Seconds = n, r.history.Steps[n-1].Seconds
	}
	if n := len(r.history.Epochs); n > 0 {
		e := r.history.Epochs[n-1]
		r.TrainLoss, r.TrainAcc, r.ValLoss, r.ValAcc, r.Epochs = &e.TrainLoss, &e.TrainAcc, e.ValLoss, e.ValAcc, e.Epochs()
	}
	for _, e := range r.history.Epochs {
		if e.ValAcc != nil && (r.BestValAcc == nil || *e.ValAcc > *r.BestValAcc) {
			r.BestValAcc = e.ValAcc
		}
	}
	if result != nil {
		r.TrainLoss, r.TrainAcc, r.ValLoss, r.ValAcc, r.TestAcc = &result.TrainLoss, &result.TrainAcc, result.ValLoss, result.ValAcc, result.TestAcc
	} else if r.Status, err = unfinished(f); err != nil {
		return nil, err
	}
	if f.Has("last") {
		flops, err := f.FLOPs()
		if err != nil {
			return nil, err
		}
		r.FLOPs = &flops
	}
	return r, nil
}

// unfinished says what a run without a result is doing.
func unfinished(f *train.Folder) (string, error) {
	busy, err := f.Busy()
	if busy {
		return "training", err
	}
	return "stopped", err
}

// names returns a name for each run: the last part of its folder, or all of that where two
// have the same last part.
func (c *Runs) names() []string {
	count := map[string]int{}
	for _, r := range c.Runs {
		count[pathBase(r.Run)]++
	}
	var names []string
	for _, r := range c.Runs {
		name := pathBase(r.Run)
		if count[name] > 1 {
			name = r.Run
		}
		names = append(names, name)
	}
	return names
}

func pathBase(dir string) string { return filepath.Base(filepath.Clean(dir)) }

// measure returns what the runs call accuracy.
func (c *Runs) measure() string {
	if slices.ContainsFunc(c.Runs, func(r Figures) bool { return r.task != data.RegressionTask }) {
		return "acc"
	}
	return "R²"
}

// results returns the table of results, with its heads first.
func (c *Runs) results() [][]string {
	acc := c.measure()
	rows := [][]string{{"run", "train loss", "train " + acc, "val loss", "val " + acc, "best val " + acc, "test " + acc, "epochs", "steps", "seconds", "TFLOP", "status"}}
	for i, r := range c.Runs {
		flops := number.None
		if r.FLOPs != nil {
			flops = number.Significant(*r.FLOPs/1e12, 3)
		}
		rows = append(rows, []string{c.names()[i],
			number.Figure(r.TrainLoss), number.Figure(r.TrainAcc), number.Figure(r.ValLoss), number.Figure(r.ValAcc), number.Figure(r.BestValAcc), number.Figure(r.TestAcc),
			number.Fixed(r.Epochs, 1), strconv.Itoa(r.Steps), number.Fixed(r.Seconds, 1), flops, r.Status})
	}
	return rows
}

// settings returns the table of the settings that differ, with its heads first.
func (c *Runs) settings() [][]string {
	rows := [][]string{append([]string{"run"}, c.Differ...)}
	for i, r := range c.Runs {
		row := []string{c.names()[i]}
		for _, name := range c.Differ {
			row = append(row, r.Settings[name])
		}
		rows = append(rows, row)
	}
	return rows
}

// sameSettings is said where no settings differ.
const sameSettings = "All settings are the same."

// Print prints both tables. Where they are wider than paper, it leaves out columns that the
// page has.
func (c *Runs) Print(out io.Writer) error {
	plain := func(rows [][]string) *textTable {
		var t textTable
		for _, row := range rows {
			cells := slices.Clone(row)
			for i := range cells {
				cells[i] = console.Plain(cells[i])
			}
			t.add(cells...)
		}
		return &t
	}
	results := plain(c.results())
	if !slices.ContainsFunc(c.Runs, func(r Figures) bool { return r.Status != "done" }) {
		results.drop("status")
	}
	results.fit("train loss", "steps", "train "+c.measure(), "val loss")
	if len(c.Differ) == 0 {
		_, err := fmt.Fprintf(out, "%s\n\n", sameSettings)
		return cmp.Or(err, results.print(out))
	}
	if err := plain(c.settings()).print(out); err != nil {
		return err
	}
	fmt.Fprintln(out)
	return results.print(out)
}

// mostCurves is how many runs a chart has a colour for.
const mostCurves = 8

// Page returns the page, and the curves as one picture in a file of that name.
func (c *Runs) Page(pictureFile string) *Page {
	p := new(Page)
	p.page.Title = strings.Join(c.names(), ", ")
	p.page.Subtitle = fmt.Sprintf("A comparison of %s.", number.Count(len(c.Runs), "run"))
	results := textColumns(c.results())
	results.Marked = c.best()
	p.add("Results", page.Block{Table: results}, page.Block{Text: "Of a run that is not done, the figures are those of its last epoch. TFLOP are 10¹² operations of matrix products up to the last checkpoint, a multiply-add counting as two."})
	if len(c.Differ) == 0 {
		p.add("Settings that differ", page.Block{Text: sameSettings})
	} else {
		p.add("Settings that differ", page.Block{Table: textColumns(c.settings())})
	}
	p.curves(c, pictureFile)
	same := settingsTable(c.Runs[0].config)
	same.Rows = slices.DeleteFunc(same.Rows, func(row []string) bool { return slices.Contains(c.Differ, row[0]) })
	p.add("Settings that are the same", page.Block{Table: same})
	return p
}

// curves adds loss and accuracy of the runs, and both as one picture.
func (p *Page) curves(c *Runs, pictureFile string) {
	var curves []picture.Run
	var text string
	for i, r := range c.Runs[:min(len(c.Runs), mostCurves)] {
		if len(r.history.Steps) > 0 {
			curves = append(curves, curvesOf(c.names()[i], r.history))
		}
	}
	if len(curves) == 0 {
		return
	}
	if len(c.Runs) > mostCurves {
		text = fmt.Sprintf("Those of the first %d runs.", mostCurves)
	}
	loss, accuracy := picture.Loss(curves...), picture.Accuracy(curves...)
	names := strings.Join(c.names(), "; ")
	p.add("Curves", page.Block{Text: text}, page.Block{Figures: []page.Figure{
		{Picture: loss, Caption: "Moving mean of the cross-entropy of each batch before its update, without regularisation.", Alt: "Loss by step of " + names},
		{Picture: accuracy, Caption: "Accuracy after each epoch on the validation part and, dashed, the mean over the epoch's training batches.", Alt: "Accuracy by epoch of " + names},
	}})
	p.pictures = append(p.pictures, named{pictureFile, page.Figure{Picture: picture.Beside(loss, accuracy)}})
}

// best returns the row of the run with the best validation accuracy, if there is one.
func (c *Runs) best() []int {
	best := -1
	for i, r := range c.Runs {
		if r.BestValAcc != nil && (best < 0 || *r.BestValAcc > *c.Runs[best].BestValAcc) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	return []int{best}
}

// textColumns returns rows, heads first, as a table of a page whose first column is of
// names.
func textColumns(rows [][]string) *page.Table {
	return &page.Table{Columns: append([]page.Column{{Name: rows[0][0]}}, columns(rows[0][1:]...)...), Rows: rows[1:]}
}
