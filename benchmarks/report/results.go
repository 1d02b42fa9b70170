package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"

	"github.com/lanes-ml/lanes/kernels"
)

// setting is what one table or one picture shows.
type setting struct {
	dtype   string
	level   kernels.Level
	threads int
}

// shape is a product, named NN-300x75x3072 in the benchmarks.
type shape struct {
	form    string
	m, n, k int
}

func (s shape) square() bool { return s.m == s.n && s.n == s.k }

// intensity is the number of operations per byte that has to move, if A and B
// are read once and C is written once.
func (s shape) intensity(dtype string) float64 {
	size := 4.0
	if dtype == "float64" {
		size = 8
	}
	m, n, k := float64(s.m), float64(s.n), float64(s.k)
	return 2 * m * n * k / (size * (m*k + k*n + m*n))
}

// result names a rate: how fast impl computes the shape.
type result struct {
	setting
	shape
	impl string
}

// memory names a bandwidth.
type memory struct {
	name    string
	level   kernels.Level
	threads int
}

// lanes is the name of this module among the implementations.
const lanes = "Lanes"

// impls are all implementations, in the order of tables.
var impls = []string{lanes, "OpenBLAS", "BLIS", "oneDNN", "libxsmm", "gonum"}

// results holds the results of an input.
type results struct {
	machine  machine
	version  version
	about    []string  // what is known about the libraries, at each level
	settings []setting // the widest level first
	shapes   []shape   // squares first

	rates      map[result]samples  // GFLOP/s
	peaks      map[setting]samples // GFLOP/s
	bandwidths map[memory]samples  // GB/s

	operations        []operation
	operationSettings []setting
	times             map[timed]samples // ns
	steps             []step
}

type samples []float64

func (s samples) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func read(in io.Reader) (*results, error) {
	r := &results{rates: map[result]samples{}, peaks: map[setting]samples{}, bandwidths: map[memory]samples{}}
	benchmarks, err := r.takeObjects(in)
	if err != nil {
		return nil, err
	}
	reader := benchfmt.NewReader(benchmarks, "input")
	for reader.Scan() {
		// Other records are lines that are not in the format, such as those of a failing test.
		if line, ok := reader.Result().(*benchfmt.Result); ok {
			if err := r.add(line); err != nil {
				return nil, err
			}
		}
	}
	if err := reader.Err(); err != nil {
		return nil, err
	}
	if len(r.rates) == 0 {
		return nil, errors.New("the input holds no result of BenchmarkGemm")
	}
	slices.SortStableFunc(r.settings, func(a, b setting) int {
		return cmp.Or(cmp.Compare(b.level, a.level), cmp.Compare(a.dtype, b.dtype), cmp.Compare(a.threads, b.threads))
	})
	slices.SortStableFunc(r.shapes, func(a, b shape) int {
		switch {
		case a.square() && b.square():
			return cmp.Compare(a.m, b.m)
		case a.square():
			return -1
		case b.square():
			return 1
		}
		return 0
	})
	return r, nil
}

// takeObjects adds the lines that are JSON objects, and returns the others.
func (r *results) takeObjects(in io.Reader) (others io.Reader, err error) {
	var rest bytes.Buffer
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if line := lines.Bytes(); bytes.HasPrefix(line, []byte("{")) {
			if err := r.addObject(line); err != nil {
				return nil, err
			}
		} else {
			rest.Write(line)
			rest.WriteByte('\n')
		}
	}
	return &rest, lines.Err()
}

func (r *results) add(line *benchfmt.Result) error {
	name, parts := line.Name.Parts()
	base := string(name)
	if base != "Gemm" && base != "Peak" && base != "Bandwidth" {
		return nil
	}
	key := map[string]string{}
	for _, p := range parts {
		if k, v, ok := bytes.Cut(bytes.TrimPrefix(p, []byte("/")), []byte("=")); ok {
			key[string(k)] = string(v)
		}
	}
	level, err := kernels.ParseLevel(key["level"])
	if err != nil {
		return fmt.Errorf("%s: %w", line.Name, err)
	}
	threads, err := strconv.Atoi(key["threads"])
	if err != nil {
		return fmt.Errorf("%s: threads: %w", line.Name, err)
	}
	s := setting{key["dtype"], level, threads}
	gflops, _ := line.Value("GFLOP/s")
	gbytes, _ := line.Value("GB/s")
	switch base {
	case "Peak":
		r.peaks[s] = append(r.peaks[s], gflops)
	case "Bandwidth":
		m := memory{key["memory"], level, threads}
		r.bandwidths[m] = append(r.bandwidths[m], gbytes)
	case "Gemm":
		var x shape
		if _, err := fmt.Sscanf(key["shape"], "%2s-%dx%dx%d", &x.form, &x.m, &x.n, &x.k); err != nil {
			return fmt.Errorf("%s: shape %q: %w", line.Name, key["shape"], err)
		}
		impl := key["impl"]
		if !slices.Contains(impls, impl) {
			return fmt.Errorf("%s: unknown implementation %q, want one of %q", line.Name, impl, impls)
		}
		r.settings = appendNew(r.settings, s)
		r.shapes = appendNew(r.shapes, x)
		r.rates[result{s, x, impl}] = append(r.rates[result{s, x, impl}], gflops)
		r.describe(line, level)
	}
	return nil
}

// describe keeps what the lines before a result say about the machine and, at the levels at
// which they run, about the libraries.
func (r *results) describe(line *benchfmt.Result, level kernels.Level) {
	if r.machine.CPU == "" {
		r.machine.CPU = line.GetConfig("cpu")
	}
	for _, impl := range impls {
		if text := line.GetConfig(strings.ToLower(impl)); text != "" && level != kernels.Generic {
			r.about = appendNew(r.about, fmt.Sprintf("%s at %s: %s", impl, levelName(level), text))
		}
	}
}

func appendNew[E comparable](s []E, e E) []E {
	if slices.Contains(s, e) {
		return s
	}
	return append(s, e)
}

// peers returns the others that have a rate.
func (r *results) peers() (names []string) {
	for _, impl := range impls[1:] {
		for key := range r.rates {
			if key.impl == impl {
				names = append(names, impl)
				break
			}
		}
	}
	return names
}

// rate returns the median of an implementation's rates, or 0 if there are none.
func (r *results) rate(s setting, x shape, impl string) float64 {
	if got := r.rates[result{s, x, impl}]; len(got) > 0 {
		return got.median()
	}
	return 0
}

// bestPeer returns the highest rate of the others, or 0 if there are none.
func (r *results) bestPeer(s setting, x shape) (best float64) {
	for _, impl := range impls[1:] {
		best = max(best, r.rate(s, x, impl))
	}
	return best
}

func levelName(l kernels.Level) string {
	switch l {
	case kernels.AVX512:
		return "AVX-512"
	case kernels.AVX2:
		return "AVX2"
	}
	return "portable Go"
}
