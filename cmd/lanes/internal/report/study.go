package report

import (
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/picture"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// depthStudy is what the text of study.html is written with: one of the report's
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

//go:embed study.html
var depthSource string

var depthText = template.Must(template.New("depth").Funcs(template.FuncMap{
	"power":  powerOf,
	"shrink": func(std float64, n int) string { return number.Significant(std*math.Sqrt(float64(n)/2), 2) },
	"times":  func(a, b float64) float64 { return a * b },
	"over":   func(a, b float64) float64 { return a / b },
}).Parse(depthSource))

// power is a number rounded to one digit, for the template.
type power struct{ Digit, Exponent string }

func powerOf(x float64) power {
	digit, exponent := number.Power(x)
	return power{digit, exponent}
}

// listed returns levels by layer as text, for readers who cannot see the picture.
func listed(levels []float64) string {
	var texts []string
	for _, x := range levels {
		texts = append(texts, number.Scientific(x, 0))
	}
	return "[" + strings.Join(texts, " ") + "]"
}

// whyDeepNetworksDied adds why the report's deeper networks did not learn.
func (p *Page) whyDeepNetworksDied(ctx context.Context, engine *kernels.Engine[float32], set *data.Dataset) error {
	s, err := studyDepth(ctx, engine, set)
	if err != nil {
		return err
	}
	p.add("Why the report's deep networks did not learn", page.Block{Prose: s.text()}, p.figures(s.pictures()...))
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
			Alt: fmt.Sprintf("%s by layer: from σ = %g %s at the start and %s after %d steps, from He's weights %s and %s",
				title, s.Std, listed(levels(s.Start)), listed(levels(s.Later)), s.Steps, listed(levels(s.HeStart)), listed(levels(s.HeLater))),
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
