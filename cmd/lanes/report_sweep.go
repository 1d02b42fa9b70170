package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/picture"
	"github.com/lanes-ml/lanes/net/setting"
	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

// sweepFile tells a sweep's folder.
const sweepFile = "sweep.toml"

// isSweep tells whether the folder is a sweep's.
func isSweep(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, sweepFile))
	return err == nil
}

// trial is a finished trial of a sweep.
type trial struct {
	sweep.Scores
	Index int

	run      *train.Folder
	settings setting.List
}

// accuracy returns the validation accuracy, NaN if there is none.
func (t trial) accuracy() float64 { return orNaN(t.ValAcc) }

// classes returns how many classes the network predicts.
func (t trial) classes() float64 { return float64(t.ValClasses) }

// readTrials returns the finished trials of a sweep with their runs.
func readTrials(folder *sweep.Folder, results *sweep.Results) ([]trial, error) {
	var trials []trial
	for _, x := range results.Rows {
		run, _, err := openRun(folder.Trial(x.Index), "")
		if err != nil {
			return nil, err
		}
		trials = append(trials, trial{x.Scores, x.Index, run, run.Config.Settings()})
	}
	return trials, nil
}

// sweep gathers the page of a sweep.
func (r *reporter) sweep(ctx context.Context) error {
	folder, err := sweep.Open(r.dir)
	if err != nil {
		return failure{exitData, err}
	}
	results, err := folder.Results()
	if err != nil {
		return failure{exitData, err}
	}
	trials, err := readTrials(folder, results)
	if err != nil {
		return failure{exitData, err}
	}
	if len(trials) == 0 {
		return failure{exitData, fmt.Errorf("%s has no finished trial", r.dir)}
	}
	names := varied(trials)
	best := trials[0]
	r.page.Title = filepath.Base(filepath.Clean(r.dir))
	r.page.Subtitle = fmt.Sprintf("A sweep of %s on %s.", finished(len(trials), len(folder.Trials)), best.run.Config.Dataset)
	r.add("Best", page.Block{Text: bestText(best, names)})
	r.add("Over the seeds of a configuration", page.Block{Table: meansTable(results)})
	if err := r.bestFour(trials); err != nil {
		return err
	}
	r.parameters(trials, names)
	r.grid(trials)
	if err := r.depth(ctx, trials); err != nil {
		return err
	}
	r.add("All trials", page.Block{Table: trialsTable(trials, names)})
	return nil
}

// finished says how many of a sweep's trials there are to show.
func finished(trials, all int) string {
	if trials == all {
		return count(all, "trial")
	}
	return fmt.Sprintf("%d of %s, the others not finished,", trials, count(all, "trial"))
}

// varied returns the names of the settings that are not the same in all trials.
func varied(trials []trial) []string {
	var names []string
	for i, s := range trials[0].settings {
		if slices.ContainsFunc(trials, func(t trial) bool { return t.settings[i].String() != s.String() }) {
			names = append(names, s.Name)
		}
	}
	return names
}

// setting returns a setting of the trial.
func (t trial) setting(name string) string {
	i := slices.IndexFunc(t.settings, func(s setting.Setting) bool { return s.Name == name })
	return t.settings[i].String()
}

// label names a trial by settings.
func (t trial) label(names []string) string {
	var words []string
	for _, name := range names {
		words = append(words, name+" "+t.setting(name))
	}
	if words == nil {
		return "trial " + strconv.Itoa(t.Index)
	}
	return strings.Join(words, ", ")
}

func bestText(best trial, names []string) string {
	text := fmt.Sprintf("Trial %d has the highest validation accuracy, %.4f", best.Index, best.accuracy())
	if best.TestAcc != nil {
		text += fmt.Sprintf("; on the test part it has %.4f", *best.TestAcc)
	}
	if len(names) > 0 {
		text += ". Its settings, of those that vary: " + best.label(names)
	}
	return text + "."
}

// meansTable returns the mean of each configuration and how far its seeds lie apart,
// nil if none has several.
func meansTable(r *sweep.Results) *page.Table {
	means := r.Means()
	if !severalSeeds(means) {
		return nil
	}
	names := withoutSeed(r.Varied)
	t := &page.Table{Caption: "By mean validation accuracy. The deviation is the sample standard deviation over the seeds."}
	for _, name := range append(slices.Clone(names), "seeds", "mean val acc", "deviation") {
		t.Columns = append(t.Columns, page.Column{Name: name, Numeric: true})
	}
	for _, m := range means {
		t.Rows = append(t.Rows, append(settingTexts(m.Config, names), strconv.Itoa(m.Seeds), fixed(m.ValAcc), fixed(m.Deviation)))
	}
	return t
}

// compared is how many trials share a picture.
const compared = 4

// bestFour adds the curves of the best trials, one for each configuration where
// seeds vary too.
func (r *reporter) bestFour(trials []trial) error {
	best := bestOf(trials)
	differing := varied(best)
	names := withoutSeed(differing)
	shared := slices.DeleteFunc(withoutSeed(varied(trials)), func(name string) bool { return slices.Contains(differing, name) })
	var text string
	if len(best) > 1 && len(shared) > 0 {
		text = "They have in common: " + best[0].label(shared) + "."
	}
	var curves []picture.Run
	var labels []string
	for _, t := range best {
		history, err := t.run.History()
		if err != nil {
			return failure{exitData, err}
		}
		labels = append(labels, t.label(names))
		curves = append(curves, curvesOf(t.label(names), history))
	}
	r.add("The best "+numeral(len(best)), page.Block{Text: text}, r.figures(
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

// bestOf returns the first trials of different configurations, whatever the seed,
// as many as are compared.
func bestOf(trials []trial) (best []trial) {
	var seen []string
	for _, t := range trials {
		config := t.run.Config
		config.Seed = 0
		if key := fmt.Sprint(config); len(best) < compared && !slices.Contains(seen, key) {
			best, seen = append(best, t), append(seen, key)
		}
	}
	return best
}

func numeral(n int) string {
	return []string{"none", "one", "two", "three", "four"}[n]
}

// parameters adds a picture for each setting that varies.
func (r *reporter) parameters(trials []trial, names []string) {
	var pictures []named
	for _, name := range names {
		var points []picture.Trial
		for _, t := range trials {
			points = append(points, picture.Trial{Value: t.setting(name), Accuracy: t.accuracy()})
		}
		pictures = append(pictures, named{"parameter-" + name + ".png", page.Figure{
			Picture: picture.Parameter(name, points),
			Alt:     "Validation accuracy of every trial by " + name,
		}})
	}
	r.add("Settings and validation accuracy", r.figures(pictures...))
}

func trialsTable(trials []trial, names []string) *page.Table {
	t := &page.Table{
		Caption: "By validation accuracy. Losses are without regularisation.",
		Columns: []page.Column{{Name: "trial", Numeric: true}},
	}
	for _, name := range names {
		t.Columns = append(t.Columns, page.Column{Name: name, Numeric: true})
	}
	for _, name := range []string{"train loss", "train acc", "val loss", "val acc", "test acc", "parameters", "seconds"} {
		t.Columns = append(t.Columns, page.Column{Name: name, Numeric: true})
	}
	stopped := slices.ContainsFunc(trials, func(x trial) bool { return x.StoppedEarly })
	if stopped {
		t.Columns = append(t.Columns, page.Column{Name: "stopped early"})
	}
	for _, x := range trials {
		row := []string{strconv.Itoa(x.Index)}
		for _, name := range names {
			row = append(row, x.setting(name))
		}
		row = append(row, fixed(x.TrainLoss), fixed(x.TrainAcc), fixed(x.ValLoss), fixed(x.ValAcc), fixed(x.TestAcc),
			grouped(x.Params), strconv.FormatFloat(x.Seconds, 'f', 1, 64))
		if stopped {
			row = append(row, map[bool]string{true: "yes"}[x.StoppedEarly])
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
