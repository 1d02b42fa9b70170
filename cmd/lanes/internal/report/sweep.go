package report

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/picture"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

// Study returns the engine and the images for the study of deep networks.
type Study func() (*kernels.Engine[float32], *data.Dataset, error)

// Sweep returns the page of a sweep, which must have a finished trial. If networks of
// the report's section 9 are among the trials, it calls study and trains two networks
// to show why most of them did not learn.
func Sweep(ctx context.Context, name string, r *sweep.Results, study Study) (*Page, error) {
	trials := r.Rows
	names := varied(trials)
	best := trials[0]
	p := new(Page)
	p.page.Title = name
	p.page.Subtitle = fmt.Sprintf("A sweep of %s on %s%s.", finished(len(trials), len(trials)+len(r.Unfinished)), best.Config.Dataset, searched(r.Folder.Sweep))
	p.add("Best", page.Block{Text: bestText(best, names)})
	p.add("Over the seeds of a configuration", page.Block{Table: meansTable(r)})
	if err := p.bestFour(r); err != nil {
		return nil, err
	}
	p.parameters(trials, names, r.Folder.Sweep.TPE > 0)
	if err := p.promotions(r); err != nil {
		return nil, err
	}
	p.add("Beside the report", page.Block{Table: gridTable(trials)})
	if err := p.depth(ctx, trials, study); err != nil {
		return nil, err
	}
	p.add("Beside the report's deep networks", page.Block{Table: layersTable(trials)})
	p.add("All trials", page.Block{Table: trialsTable(trials, names)})
	return p, nil
}

// finished says how many of a sweep's trials there are to show.
func finished(trials, all int) string {
	if trials == all {
		return number.Count(all, "trial")
	}
	return fmt.Sprintf("%d of %s, the others not finished,", trials, number.Count(all, "trial"))
}

func bestText(best sweep.Result, names []string) string {
	text := fmt.Sprintf("Trial %d has the highest validation accuracy, %s", best.Index, number.Figure(best.ValAcc))
	if best.TestAcc != nil {
		text += "; on the test part it has " + number.Figure(best.TestAcc)
	}
	if len(names) > 0 {
		text += ". Its settings, of those that vary: " + label(best, names)
	}
	return text + "."
}

// meansTable returns the mean and the deviation over the seeds of each configuration,
// nil if no configuration has several seeds.
func meansTable(r *sweep.Results) *page.Table {
	means := r.Means()
	if !severalSeeds(means) {
		return nil
	}
	names := withoutSeed(r.Varied)
	t := &page.Table{Caption: "By mean validation accuracy. The deviation is the sample standard deviation over the seeds."}
	t.Columns = slices.Concat(columns(names...), columns("seeds", "mean val acc", "deviation"))
	for _, m := range means {
		t.Rows = append(t.Rows, append(m.Texts(names), strconv.Itoa(m.Seeds), cell(m.ValAcc), cell(m.Deviation)))
	}
	return t
}

// bestFour adds the curves of the best trials, one for each configuration where
// seeds vary too.
func (p *Page) bestFour(r *sweep.Results) error {
	trials := r.Rows
	best := bestOf(trials)
	differing := varied(best)
	names := withoutSeed(differing)
	shared := slices.DeleteFunc(withoutSeed(varied(trials)), func(name string) bool { return slices.Contains(differing, name) })
	var text string
	if len(best) > 1 && len(shared) > 0 {
		text = "They have in common: " + label(best[0], shared) + "."
	}
	var curves []picture.Run
	var labels []string
	for _, x := range best {
		history, err := historyOf(r, x)
		if err != nil {
			return err
		}
		labels = append(labels, label(x, names))
		curves = append(curves, curvesOf(label(x, names), history))
	}
	p.add("The best "+numeral(len(best)), page.Block{Text: text}, p.figures(
		named{"loss.png", page.Figure{
			Picture: picture.Loss(curves...),
			Caption: "Moving mean of the cross-entropy of each batch before its update, without regularisation.",
			Alt:     "Loss by step of " + strings.Join(labels, "; "),
		}},
		named{"accuracy.png", page.Figure{
			Picture: picture.Accuracy(curves...),
			Caption: "Accuracy after each epoch on the validation part and, dashed, the mean over the epoch's training batches.",
			Alt:     "Accuracy by epoch of " + strings.Join(labels, "; "),
		}}))
	return nil
}

func numeral(n int) string {
	return []string{"none", "one", "two", "three", "four"}[n]
}

// parameters adds a picture for each setting that varies, and, where TPE chose them, one
// of the trials in their order.
func (p *Page) parameters(trials []sweep.Result, names []string, chosen bool) {
	var pictures []named
	if chosen {
		var points []picture.Trial
		for _, t := range trials {
			points = append(points, picture.Trial{Value: strconv.Itoa(t.Index), Accuracy: accuracy(t)})
		}
		pictures = append(pictures, named{"trials.png", page.Figure{
			Picture: picture.Parameter("trial", points),
			Caption: "The first were drawn at random; TPE chose the others from the results of those before.",
			Alt:     "Validation accuracy of every trial in the order in which they were chosen",
		}})
	}
	for _, name := range names {
		var points []picture.Trial
		for _, t := range trials {
			points = append(points, picture.Trial{Value: setting(t, name), Accuracy: accuracy(t)})
		}
		pictures = append(pictures, named{"parameter-" + name + ".png", page.Figure{
			Picture: picture.Parameter(name, points),
			Alt:     "Validation accuracy of every trial by " + name,
		}})
	}
	p.add("Settings and validation accuracy", p.figures(pictures...))
}

// searched says how the trials of a sweep were chosen, if not all were to be trained in
// full; it follows the dataset.
func searched(s sweep.Sweep) string {
	switch {
	case s.TPE > 0:
		return ", chosen by TPE"
	case s.Async:
		return fmt.Sprintf(", with asynchronous halving, one in %d going on", s.Halving)
	case s.Halving > 0:
		return fmt.Sprintf(", with halving, one in %d going on", s.Halving)
	}
	return ""
}

// promotions adds the decisions of asynchronous halving, and what halving has saved.
func (p *Page) promotions(r *sweep.Results) error {
	promotions, err := r.Folder.Promotions()
	if err != nil {
		return err
	}
	text := workText(r)
	if text != "" {
		text = strings.ToUpper(text[:1]) + text[1:] + "."
	}
	var t *page.Table
	if promotions != nil {
		t = &page.Table{
			Caption: "Which trials went on, in this order, and how many had reached each rung then.",
			Columns: columns("trial", "to rung", "val acc", "had reached"),
		}
		for _, x := range promotions {
			var reached []string
			for _, n := range x.Results {
				reached = append(reached, strconv.Itoa(n))
			}
			t.Rows = append(t.Rows, []string{strconv.Itoa(x.Trial), strconv.Itoa(x.Rung), number.Fixed(x.ValAcc, number.Digits), strings.Join(reached, ", ")})
		}
	}
	p.add("Halving", page.Block{Text: text}, page.Block{Table: t})
	return nil
}

func trialsTable(trials []sweep.Result, names []string) *page.Table {
	t := &page.Table{
		Caption: "By validation accuracy. Losses are without regularisation.",
		Columns: slices.Concat(columns("trial"), columns(names...),
			columns("train loss", "train acc", "val loss", "val acc", "test acc", "parameters", "seconds")),
	}
	stopped := slices.ContainsFunc(trials, func(x sweep.Result) bool { return x.StoppedEarly })
	if stopped {
		t.Columns = append(t.Columns, page.Column{Name: "stopped early"})
	}
	for _, x := range trials {
		row := append([]string{strconv.Itoa(x.Index)}, x.Texts(names)...)
		row = append(row, cell(x.TrainLoss), cell(x.TrainAcc), cell(x.ValLoss), cell(x.ValAcc), cell(x.TestAcc),
			number.Grouped(x.Params), number.Fixed(x.Seconds, 1))
		if stopped {
			row = append(row, map[bool]string{true: "yes"}[x.StoppedEarly])
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// historyOf returns the history of a trial.
func historyOf(r *sweep.Results, x sweep.Result) (train.History, error) {
	run, err := r.Run(x)
	if err != nil {
		return train.History{}, err
	}
	return run.History()
}
