package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/train"
)

func tuneCommand() *cobra.Command {
	s := benchSettings{dtype: "float32"}
	c := &cobra.Command{
		Use:   "tune",
		Short: "Measure what blocking of products is fastest here, and keep it",
		Long: `Tune measures blockings of matrix products, for each level and element type that
this machine has, against the one that a model of its caches gives. It keeps those
that are at least 1% faster in the user's cache folder, where every program with
these kernels reads them on a processor of this vendor, family and model and with
these caches. Results have the same bits with any blocking. Run it while the machine
does nothing else.

LANES_TUNING=off leaves the file unread; 'lanes info' shows the blocking in use.`,
		Example: "  lanes tune\n  lanes tune --threads 1 --time 20 --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.check(cmd.Flags().Changed); err != nil {
				return failure{exitUsage, err}
			}
			r, err := tune(cmd.ErrOrStderr(), s.threads, s.seconds)
			if err != nil {
				return err
			}
			return show(cmd, s.json, r)
		},
	}
	f := c.Flags()
	f.IntVar(&s.threads, "threads", 0, threadsUsage)
	f.Float64Var(&s.seconds, "time", 45, "seconds in all")
	f.BoolVar(&s.json, "json", false, "print one JSON object")
	return c
}

// leastGain is how much faster than another a blocking must be to be preferred: less is
// noise.
const leastGain = 1.01

// proofs is how many times what was chosen is compared with the model's.
const proofs = 3

// axis is a size of a blocking that tuning changes, and the products in which it counts.
type axis struct {
	name     string
	size     func(b *kernels.Blocking) *int
	factors  []float64 // of the size as it is
	products []product
}

var tuneAxes = []axis{
	{"kc", func(b *kernels.Blocking) *int { return &b.KC }, []float64{1. / 2, 2. / 3, 3. / 4, 4. / 3, 3. / 2}, largeProducts},
	{"mc", func(b *kernels.Blocking) *int { return &b.MC }, []float64{1. / 3, 1. / 2, 2. / 3, 3. / 2, 2}, largeProducts},
	{"slab", func(b *kernels.Blocking) *int { return &b.Slab }, []float64{1. / 4, 1. / 2, 2, 4}, packedProducts},
	{"nc", func(b *kernels.Blocking) *int { return &b.NC }, []float64{1. / 2, 2, 4}, packedProducts},
	{"loose", func(b *kernels.Blocking) *int { return &b.Loose }, []float64{0, 1. / 4, 1. / 2, 2, 4}, []product{
		{"NN", 300, 256, 256, ""}, {"NN", 300, 512, 512, ""}, {"NN", 300, 512, 1024, ""}, {"NN", 300, 1024, 1024, ""}, {"NN", 300, 1024, 3072, ""},
	}},
}

// largeProducts are a square, and those of wide layers.
var largeProducts = []product{
	{"NN", 1024, 1024, 1024, ""}, {"TN", 1024, 1024, 300, ""}, {"NT", 300, 1024, 1024, ""}, {"NN", 300, 256, 3072, ""},
}

// packedProducts are those of a large B, by rows and by columns.
var packedProducts = []product{{"NN", 256, 2048, 2048, ""}, {"NT", 100, 3072, 1024, ""}}

// tuned is what tuning found for a level and a type.
type tuned struct {
	Key    string           `json:"level_and_type"`
	Model  kernels.Blocking `json:"model"`
	Chosen kernels.Blocking `json:"chosen"`
	Gain   float64          `json:"gain"` // speed of the chosen one divided by that of the model's
}

// tuning is what tune prints.
type tuning struct {
	File    string  `json:"file"`
	Threads int     `json:"threads"`
	Tuned   []tuned `json:"tuned"`
}

// tune measures for so many seconds in all, and writes the file.
func tune(talk io.Writer, threads int, seconds float64) (*tuning, error) {
	path, err := kernels.TuningFile()
	if err != nil {
		return nil, failure{exitFailed, err}
	}
	levels := slices.DeleteFunc(kernels.Levels(), func(l kernels.Level) bool { return l == kernels.Generic })
	clock := newTuneClock(talk, seconds, 2*len(levels)*(len(tuneAxes)+proofs))
	r := &tuning{File: path, Tuned: []tuned{}}
	for _, l := range levels {
		if err = tuneLevel[float32](r, l, threads, clock); err == nil {
			err = tuneLevel[float64](r, l, threads, clock)
		}
		if err != nil {
			break
		}
	}
	clock.end()
	if err != nil {
		return nil, failure{exitUsage, err}
	}
	text, err := json.MarshalIndent(r.content(), "", "  ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o777)
	}
	if err == nil {
		err = train.WriteFile(path, append(text, '\n'))
	}
	return r, failed(exitFailed, err)
}

// content returns what the file is to hold: the blockings that are not the model's.
func (r *tuning) content() kernels.Tuning {
	file := kernels.Tuning{Processor: kernels.ThisProcessor(), Blockings: map[string]kernels.Blocking{}}
	for _, t := range r.Tuned {
		if t.Chosen != t.Model {
			file.Blockings[t.Key] = t.Chosen
		}
	}
	return file
}

// tuneLevel adds to r what is fastest at a level.
func tuneLevel[T kernels.Float](r *tuning, level kernels.Level, threads int, clock *tuneClock) error {
	model := kernels.ModelBlocking[T](level)
	engines, err := enginesOf[T](level, threads, []kernels.Blocking{model})
	if err != nil {
		return err
	}
	first := engines[0]
	r.Threads = first.Threads()
	key := first.TuningKey()
	best := first
	for _, a := range tuneAxes {
		around, _ := best.Blocking()
		engines, err := enginesOf[T](level, threads, a.candidates(around))
		if err != nil {
			return err
		}
		best = engines[fastest(race(engines, a.products, clock.begin(key+" "+a.name)))]
	}
	t := tuned{key, model, model, 1}
	if chosen, _ := best.Blocking(); chosen != model {
		if gain := gainOf([]*kernels.Engine[T]{first, best}, key, clock); gain >= leastGain {
			t.Chosen, t.Gain = chosen, gain
		}
	}
	r.Tuned = append(r.Tuned, t)
	return nil
}

// gainOf returns how much faster the second engine is than the first, over the products of all
// axes: the least of what several races say, none of which is to be won by chance.
func gainOf[T kernels.Float](engines []*kernels.Engine[T], key string, clock *tuneClock) float64 {
	var all []product
	for _, a := range tuneAxes {
		for _, p := range a.products {
			if !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	gain := math.Inf(1)
	for range proofs {
		speeds := race(engines, all, clock.begin(key))
		gain = min(gain, speeds[1]/speeds[0])
	}
	return gain
}

// candidates returns b, and what the axis makes of it.
func (a axis) candidates(b kernels.Blocking) []kernels.Blocking {
	all := []kernels.Blocking{b}
	for _, f := range a.factors {
		c := b
		size := a.size(&c)
		*size = int(math.Round(f * float64(*size)))
		if c.KC != b.KC { // a block of A keeps its bytes, but for rows that the model avoids
			c.MC = min(max(b.MC, 240), b.MC*b.KC/c.KC)
		}
		all = append(all, c)
	}
	return all
}

// enginesOf returns an engine for each blocking that is in range and not that of one
// before it. The first must be in range.
func enginesOf[T kernels.Float](level kernels.Level, threads int, all []kernels.Blocking) ([]*kernels.Engine[T], error) {
	var engines []*kernels.Engine[T]
	var seen []kernels.Blocking
	for i, b := range all {
		opts := []kernels.Option{kernels.WithLevel(level), kernels.WithBlocking(b)}
		if threads > 0 {
			opts = append(opts, kernels.WithThreads(threads))
		}
		e, err := kernels.New[T](opts...)
		if err != nil && i == 0 {
			return nil, err
		}
		if err != nil {
			continue
		}
		if b, _ = e.Blocking(); !slices.Contains(seen, b) { // rounded to whole tiles
			engines, seen = append(engines, e), append(seen, b)
		}
	}
	return engines, nil
}

// fastest returns the index of the highest speed, or 0 if that is not faster by leastGain.
func fastest(speeds []float64) int {
	best := 0
	for i, s := range speeds {
		if s >= leastGain*speeds[0] && s > speeds[best] {
			best = i
		}
	}
	return best
}

// race returns the speed of each engine: the geometric mean, over products, of that of its
// best sample. The engines take turns, so that what else the machine does meets all of them.
func race[T kernels.Float](engines []*kernels.Engine[T], products []product, until time.Time) []float64 {
	speeds := make([]float64, len(engines))
	for i, p := range products {
		a, b, c := operands[T](p)
		end := time.Now().Add(time.Until(until) / time.Duration(len(products)-i))
		best := make([]float64, len(engines))
		for round := 0; round < 2 || time.Now().Before(end); round++ {
			for j, e := range engines {
				t := sample(1, func() { e.Gemm(c, 1, a, b, 0) })
				best[j] = max(best[j], 1/t)
			}
		}
		for j := range engines {
			speeds[j] += math.Log(best[j]) / float64(len(products))
		}
	}
	for j := range speeds {
		speeds[j] = math.Exp(speeds[j])
	}
	return speeds
}

// tuneClock divides the time among parts, and shows on a terminal how much is over.
type tuneClock struct {
	started time.Time
	each    time.Duration
	parts   int
	begun   int
	doing   atomic.Value // what is measured, a string
	bar     *console.Bar
}

func newTuneClock(talk io.Writer, seconds float64, parts int) *tuneClock {
	c := &tuneClock{started: time.Now(), parts: parts, each: time.Duration(seconds / float64(max(1, parts)) * 1e9)}
	c.doing.Store("")
	c.bar = console.NewBar(talk, int64(parts), func(width int) string {
		return console.Fitted(width, c.doing.Load().(string))
	})
	return c
}

// begin returns when the next part, which measures what doing says, is to end.
func (c *tuneClock) begin(doing string) time.Time {
	if c.bar != nil {
		c.bar.SetCurrent(int64(c.begun))
	}
	left := c.each * time.Duration(c.parts-c.begun)
	c.begun++
	c.doing.Store(doing + "  " + number.Duration(left) + " left")
	return c.started.Add(c.each * time.Duration(c.begun))
}

func (c *tuneClock) end() {
	if c.bar != nil {
		c.doing.Store("in " + number.Duration(time.Since(c.started)))
		c.bar.SetCurrent(int64(c.parts))
	}
	c.bar.End()
}

func (r *tuning) print(out io.Writer) error {
	if len(r.Tuned) == 0 {
		fmt.Fprintln(out, "this machine has level generic alone, whose blocking is fixed")
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, t := range r.Tuned {
		b, what := t.Chosen, "the model's"
		if t.Chosen != t.Model {
			what = number.Fixed(100*(t.Gain-1), 1) + "% faster than the model's"
		}
		fmt.Fprintf(w, "%s\tkc %d\tmc %d\tnc %d\tslab %d\tloose %d\t%s\n", t.Key, b.KC, b.MC, b.NC, b.Slab, b.Loose, what)
	}
	fmt.Fprintf(w, "kept in %s\n", console.Plain(r.File))
	return w.Flush()
}
