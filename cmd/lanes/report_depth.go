package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/picture"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// stuckLoss is the loss above which a network tells nothing: that of ten classes
// alike is ln 10 = 2.3026.
const stuckLoss = 2.30

// depthTolerance is how far a validation accuracy may lie from PyTorch's.
const depthTolerance = 0.04

// depth adds the report's deeper networks beside the trials that have their
// settings, and why most of them did not learn, if there are any.
func (r *reporter) depth(ctx context.Context, trials []trial) error {
	if !slices.ContainsFunc(trials, isDepth) {
		return nil
	}
	report, he := depthTables(trials)
	r.add("Beside the report and PyTorch", page.Block{Table: report})
	r.add("The same networks from He's initial weights", page.Block{Table: he})
	set, err := r.studyImages(trials[0].run)
	if err != nil {
		return failure{exitData, err}
	}
	return r.whyDeepNetworksDied(ctx, set)
}

// studyImages returns the images of a run, or synthetic ones where they are no more.
func (r *reporter) studyImages(run *train.Folder) (*data.Dataset, error) {
	once, err := run.DataFolder()
	if err != nil {
		return nil, err
	}
	set, err := data.Open("cifar10", r.data, once)
	if errors.Is(err, data.ErrNotFound) {
		return data.Open("synthetic", "")
	}
	return set, err
}

func isDepth(t trial) bool {
	return slices.ContainsFunc(depthRows(), func(row published) bool { return row.isDepth(t.run.Config) })
}

// depthTables returns the report's deeper networks, PyTorch's and the trials that
// have their settings, from the report's initial weights and from He's.
func depthTables(trials []trial) (report, he *page.Table) {
	settings := []page.Column{{Name: "hidden"}, {Name: "batch", Numeric: true}, {Name: "lr", Numeric: true}, {Name: "λ", Numeric: true}}
	scores := []page.Column{{Name: "loss", Numeric: true}, {Name: "val acc", Numeric: true}}
	seeds := page.Column{Name: "seeds", Numeric: true}
	report = &page.Table{
		Groups:  []page.Group{{Columns: 5}, {Name: "report", Columns: 2}, {Name: "PyTorch", Columns: 2}, {Name: "here", Columns: 2}, {Columns: 1}},
		Columns: slices.Concat(settings, []page.Column{{Name: "parameters", Numeric: true}}, scores, scores, scores, []page.Column{seeds}),
	}
	he = &page.Table{
		Groups:  []page.Group{{Columns: 4}, {Name: "PyTorch", Columns: 2}, {Name: "here", Columns: 2}, {Columns: 1}},
		Columns: slices.Concat(settings, scores, scores, []page.Column{seeds}),
	}
	misprints := ""
	for i, row := range depthRows() {
		hidden := strings.Trim(strings.ReplaceAll(row["hidden"], ",", ", "), "[]")
		settings := []string{hidden, row["batch_size"], row["learning_rate"], row["reg"]}
		params := int(train.Config{Dataset: "cifar10", Hidden: row.hidden("hidden")}.Sizes().Params())
		if n := row.count("total_params"); n != params {
			misprints += fmt.Sprintf(" The report prints %s parameters for (%s).", grouped(n), hidden)
		}
		normals := seedsOf(trials, func(c train.Config) bool { return row.isDepth(c) && c.Init != "he" })
		hes := seedsOf(trials, func(c train.Config) bool { return row.isDepth(c) && c.Init == "he" })
		published := []string{grouped(params), fixed(row.number("loss_train")), fixed(row.number("acc_val"))}
		cells, agree := besidePyTorch(row.number("normal_last_loss"), row.number("normal_val"), normals)
		report.Rows = append(report.Rows, slices.Concat(settings, published, cells))
		if !agree {
			report.Marked = append(report.Marked, i)
		}
		cells, agree = besidePyTorch(row.number("he_last_loss"), row.number("he_val"), hes)
		he.Rows = append(he.Rows, slices.Concat(settings, cells))
		if !agree {
			he.Marked = append(he.Marked, i)
		}
	}
	shaded := fmt.Sprintf("Shaded: more than %g from PyTorch's validation accuracy, or stuck (loss above %.2f) in only one of the two.", depthTolerance, stuckLoss)
	report.Caption = "The rows of the report's section 9; the same in PyTorch 1.13, one seed each; the trials with their settings, several seeds averaged. " +
		"λ is the setting weight-decay. Losses are of the last batch in the report and in PyTorch, of the training part here. " + shaded + misprints
	he.Caption = "Blank where PyTorch was not run. " + shaded
	return report, he
}

// besidePyTorch returns PyTorch's loss and validation accuracy, those of trials,
// and how many these are; and whether they agree.
func besidePyTorch(loss, accuracy *float64, trials []trial) ([]string, bool) {
	return []string{
		fixed(loss), fixed(accuracy), known(mean(trials, trial.trainLoss)), known(mean(trials, trial.accuracy)), spread(trials),
	}, agree(loss, accuracy, trials)
}

// agree tells whether trials do what PyTorch did: stuck if it was, else within
// the tolerance. What was not run on either side disagrees with nothing.
func agree(loss, accuracy *float64, trials []trial) bool {
	if loss == nil || accuracy == nil || len(trials) == 0 {
		return true
	}
	if *loss > stuckLoss {
		return mean(trials, trial.trainLoss) > stuckLoss && mean(trials, trial.classes) <= 1
	}
	if mean(trials, trial.trainLoss) > stuckLoss {
		return false
	}
	return math.Abs(*accuracy-mean(trials, trial.accuracy)) <= depthTolerance
}

// depthStudy is what the text of depth.html is written with: one of the report's
// networks at the start and after some steps.
type depthStudy struct {
	Hidden           []int
	Std, Decay, Rate float64
	Epsilon          float64
	Steps            int
	Start, Later     net.Signals // from the report's initial weights
	HeStart, HeLater net.Signals
	Synthetic        bool
}

// The network of the study: one of section 9 that is stuck as the report starts
// it, and learns from He's weights.
var studyHidden = []int{250, 100, 50, 25}

const (
	studyStd   = 1e-3
	studyDecay = 0.01
	studySteps = 100
)

// studyDepth runs the study.
func studyDepth(ctx context.Context, engine *kernels.Engine[float32], set *data.Dataset) (*depthStudy, error) {
	config, err := train.Preset("report-mlp")
	if err != nil {
		return nil, err
	}
	config.Dataset, config.Hidden, config.WeightDecay = set.Name, studyHidden, studyDecay
	config.Epochs, config.Iters = 0, studySteps
	s := &depthStudy{
		Hidden: studyHidden, Std: studyStd, Decay: studyDecay, Rate: config.LR, Epsilon: config.Epsilon, Steps: studySteps,
		Synthetic: set.Name == "synthetic",
	}
	batch := make([]int, config.Batch)
	for i := range batch {
		batch[i] = i
	}
	for _, c := range []struct {
		init         string
		start, later *net.Signals
	}{{fmt.Sprintf("normal:%g", studyStd), &s.Start, &s.Later}, {"he", &s.HeStart, &s.HeLater}} {
		config.Init = c.init
		run, err := train.New(engine, config, set)
		if err != nil {
			return nil, err
		}
		x, labels := run.Train.Draw(batch)
		*c.start = run.Network.Signals(x, labels)
		if _, err := run.Do(ctx); err != nil {
			return nil, err
		}
		x, labels = run.Train.Draw(batch)
		*c.later = run.Network.Signals(x, labels)
	}
	return s, nil
}

//go:embed depth.html
var depthSource string

var depthText = template.Must(template.New("depth").Funcs(template.FuncMap{
	"power":  power,
	"shrink": func(std float64, n int) string { return fmt.Sprintf("%.2g", std*math.Sqrt(float64(n)/2)) },
	"times":  func(a, b float64) float64 { return a * b },
	"over":   func(a, b float64) float64 { return a / b },
}).Parse(depthSource))

// tenth is a number as the text writes it: to its first digit, and a small or
// large one with a power of ten.
type tenth struct {
	Digit, Exponent string // the one without a power has its digits in Digit
}

func power(x float64) tenth {
	digit, exponent, ok := strings.Cut(strconv.FormatFloat(x, 'e', 0, 64), "e")
	n, err := strconv.Atoi(exponent)
	if !ok || err != nil || n >= -3 && n <= 3 {
		return tenth{Digit: strconv.FormatFloat(x, 'g', 1, 64)}
	}
	if digit == "1" {
		digit = ""
	}
	return tenth{digit, strings.Replace(strconv.Itoa(n), "-", "−", 1)}
}

// whyDeepNetworksDied adds why the report's deeper networks did not learn.
func (r *reporter) whyDeepNetworksDied(ctx context.Context, set *data.Dataset) error {
	engine, err := newEngine[float32]("", 0)
	if err != nil {
		return failure{exitUsage, err}
	}
	s, err := studyDepth(ctx, engine, set)
	if errors.Is(err, train.ErrDiverged) {
		return failure{exitDiverged, err}
	}
	if err != nil {
		return failure{exitFailed, err}
	}
	r.add("Why the report's deep networks did not learn", page.Block{Prose: s.text()}, r.figures(s.pictures()...))
	return nil
}

func (s *depthStudy) text() *page.Prose { return &page.Prose{Template: depthText, Data: s} }

// pictures are activations, weights and gradients by layer.
func (s *depthStudy) pictures() []named {
	draw := func(file, title, what string, levels func(net.Signals) []float64, marks ...picture.Mark) named {
		report, he := fmt.Sprintf("σ = %g", s.Std), "He"
		after := fmt.Sprintf(", after %d steps", s.Steps)
		return named{"depth-" + file + ".png", page.Figure{
			Picture: picture.Signals(title, "standard deviation", []picture.Signal{
				{Name: report + ", at the start", Std: levels(s.Start)}, {Name: report + after, Std: levels(s.Later), Later: true},
				{Name: he + ", at the start", Std: levels(s.HeStart)}, {Name: he + after, Std: levels(s.HeLater), Later: true},
			}, marks...),
			Caption: what,
			Alt: fmt.Sprintf("%s by layer: from σ = %g %.0e at the start and %.0e after %d steps, from He's weights %.0e and %.0e",
				title, s.Std, levels(s.Start), levels(s.Later), s.Steps, levels(s.HeStart), levels(s.HeLater)),
		}}
	}
	return []named{
		draw("activations", "Activations", "How much what a layer gives, after ReLU, differs between the images of a batch; the last layer's are the logits. At 0 it is the same for every image.",
			func(g net.Signals) []float64 { return g.Activations }),
		draw("gradients", "Gradients of the weights", "Of the loss without the L2 term. 0 is less than float32 holds, or all units dead.",
			func(g net.Signals) []float64 { return g.Gradients },
			picture.Mark{Name: "λσ", Level: s.Decay * s.Std}, picture.Mark{Name: "Adam's ε", Level: s.Epsilon}),
		draw("weights", "Weights", "The L2 term takes the weights of the report's networks to 0.",
			func(g net.Signals) []float64 { return g.Weights }),
	}
}
