// Package live serves a page that shows a run while it trains: curves, the weights of the
// first layer, and what the network says of a picture that is dropped on it. The page is
// for the machine that trains alone.
package live

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/picture"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// Page is the live page of a run. The goroutine that trains calls [Page.Step] and
// [Page.Epoch], and then [Page.End].
type Page[T kernels.Float] struct {
	run    *train.Run[T]
	engine *kernels.Engine[T]
	listen net.Listener
	server *http.Server

	mu      sync.Mutex
	about   about
	curves  curves
	epochs  epochs
	last    train.StepRecord
	ended   string // how the run ended; empty while it trains
	results [][2]string
	started time.Time
	first   int // steps done before

	between chan func()   // done by the goroutine that trains, between two steps
	end     chan struct{} // closed when nothing is trained any more
	closing chan struct{} // closed when the page is served no longer
	alone   sync.Mutex    // held by what uses the network after the end
	decoder sync.Mutex    // held while a picture is decoded
	clients chan struct{} // a place for each reader of events
}

// about is what of a run does not change.
type about struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Text     string      `json:"text"`
	Measure  string      `json:"measure"`  // what the run calls accuracy
	Pictures bool        `json:"pictures"` // it takes them
	Weights  bool        `json:"weights"`  // of the first layer, which are seen as pictures
	Settings [][3]string `json:"settings"` // name, value, what it is
}

// mostClients is how many pages may be open at once.
const mostClients = 16

// New returns the page of a run of that name, which listens on address: see [Address].
func New[T kernels.Float](engine *kernels.Engine[T], run *train.Run[T], name, address string) (*Page[T], error) {
	p := &Page[T]{
		run: run, engine: engine, started: time.Now(), first: run.Step,
		between: make(chan func()), end: make(chan struct{}), closing: make(chan struct{}), clients: make(chan struct{}, mostClients),
	}
	p.about = about{ID: fmt.Sprintf("%016x", rand.Uint64()), Name: name, Measure: "accuracy"}
	hidden := strings.Trim(strings.ReplaceAll(fmt.Sprint(run.Config.Hidden), " ", ", "), "[]")
	p.about.Text = fmt.Sprintf("A network with hidden layers of %s units, trained on %s.", hidden, run.Dataset)
	if hidden == "" {
		p.about.Text = fmt.Sprintf("A network without hidden layers, trained on %s.", run.Dataset)
	}
	if run.Input.Target != nil {
		p.about.Measure = "R²"
	}
	dims := run.Input.Shape.Dims()
	p.about.Pictures = len(dims) == 3 && (dims[0] == 1 || dims[0] == 3)
	p.about.Weights = picture.DrawsWeights(dims) && run.FirstWeights(1).Rows == run.Input.Shape.Size()
	for _, s := range run.Config.Settings() {
		p.about.Settings = append(p.about.Settings, [3]string{s.Name, s.String(), strings.ReplaceAll(s.Help, "`", "")})
	}
	listen, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	p.listen = listen
	p.serve()
	return p, nil
}

// URL returns the address of the page.
func (p *Page[T]) URL() string { return "http://" + p.listen.Addr().String() + "/" }

// Step shows a step, and does what readers of the page wait for.
func (p *Page[T]) Step(s train.StepRecord) {
	p.mu.Lock()
	p.curves.add(s)
	p.last = s
	p.mu.Unlock()
	select {
	case do := <-p.between:
		do()
	default:
	}
}

// Epoch shows the end of an epoch.
func (p *Page[T]) Epoch(e train.EpochRecord) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.epochs.add(e)
}

// End shows how the run ended: its result, or an error.
func (p *Page[T]) End(result *train.Result, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = "The run is done."
	if err != nil {
		p.ended = "The run has ended: " + err.Error() + "."
	}
	if result != nil {
		p.results = append(p.results, [2]string{"training " + p.about.Measure, number.Figure(&result.TrainAcc)})
		if result.TestAcc != nil {
			p.results = append(p.results, [2]string{"test " + p.about.Measure, number.Figure(result.TestAcc)})
		}
	}
	close(p.end)
}

// Close ends the service, once readers know how the run ended.
func (p *Page[T]) Close() error {
	close(p.closing)
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	if p.server.Shutdown(ctx) == nil {
		return nil
	}
	return p.server.Close()
}

// look lets use read the network while it is not trained: between two steps, or after the
// last one. It waits while the network is scored.
func (p *Page[T]) look(ctx context.Context, use func()) error {
	done := make(chan struct{})
	select {
	case p.between <- func() { use(); close(done) }:
		<-done
		return nil
	case <-p.end:
		p.alone.Lock()
		defer p.alone.Unlock()
		use()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// state is what a reader is told, again and again.
type state struct {
	Ended  string              `json:"ended"`
	Steps  int                 `json:"steps"`
	Step   int                 `json:"step"`
	Facts  [][2]string         `json:"facts"`
	Points []point             `json:"points"`
	Epochs []train.EpochRecord `json:"epochs"`
	Latest []train.EpochRecord `json:"latest"`
}

// state returns what there is to tell.
func (p *Page[T]) state() state {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := state{
		Ended: p.ended, Steps: p.run.Steps(), Step: p.last.Step, Facts: p.facts(),
		Points: append([]point{}, p.curves.points...),
		Epochs: append([]train.EpochRecord{}, p.epochs.points...),
		Latest: append([]train.EpochRecord{}, p.epochs.latest...),
	}
	return s
}

// facts returns figures with their names. It is called with mu held.
func (p *Page[T]) facts() [][2]string {
	s, steps := p.last, p.run.Steps()
	facts := [][2]string{
		{"step", number.Grouped(s.Step) + " of " + number.Grouped(steps)},
		{"epoch", number.Grouped(s.Epoch)},
	}
	if s.Step == 0 {
		return facts
	}
	facts = append(facts, [2]string{"loss", number.Padded(s.Loss+s.RegLoss, 4)})
	if n := len(p.epochs.latest); n > 0 && p.epochs.latest[n-1].ValAcc != nil {
		facts = append(facts, [2]string{"validation " + p.about.Measure, number.Figure(p.epochs.latest[n-1].ValAcc)})
	}
	facts = append(facts, [2]string{"learning rate", number.Significant(s.LR, 3)})
	if s.Seconds > 0 {
		batch := min(p.run.Config.Batch, p.run.Train.Len())
		facts = append(facts, [2]string{"images per second", number.Rate(float64(s.Step) * float64(batch) / s.Seconds)})
	}
	if left := number.Left(time.Since(p.started), float64(s.Step-p.first), float64(steps-s.Step)); p.ended == "" && left != "" {
		facts = append(facts, [2]string{"time left", strings.TrimSuffix(left, " left")})
	} else {
		facts = append(facts, [2]string{"time in steps", number.Duration(time.Duration(s.Seconds * float64(time.Second)))})
	}
	return append(facts, p.results...)
}

// prediction is what the network says of a picture after a step.
type prediction struct {
	Step   int         `json:"step"`
	Number *float64    `json:"number,omitempty"` // of a regression
	Top    []candidate `json:"top,omitempty"`    // the most probable first
}

type candidate struct {
	Class       string  `json:"class"`
	Probability float64 `json:"probability"`
}

// predict returns what a copy of the network as it is now says of a picture.
func (p *Page[T]) predict(ctx context.Context, one data.Split) (*prediction, error) {
	var copied *train.Predictor[T]
	var found prediction
	if err := p.look(ctx, func() { copied, found.Step = p.run.Predictor(p.engine), p.run.Step }); err != nil {
		return nil, err
	}
	outputs, err := copied.Predict(one)
	if err != nil {
		return nil, err
	}
	if copied.Input.Target != nil {
		x := float64(outputs.Row(0)[0])
		found.Number = &x
		return &found, nil
	}
	found.Top = topOf(copied.Classes, outputs.Row(0))
	return &found, nil
}
