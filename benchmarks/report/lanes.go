package main

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/lanes-ml/lanes/kernels"
)

// machine is what "lanes info" prints of the machine.
type machine struct {
	CPU    string   `json:"cpu"`
	Family int      `json:"family"`
	Model  int      `json:"model"`
	Cores  int      `json:"logical_cores"`
	L1D    int      `json:"l1d_bytes"`
	L2     int      `json:"l2_bytes"`
	L3     int      `json:"l3_bytes"`
	Levels []string `json:"levels"`
}

// String names the processor, by its family too if that is known: the same name stands for
// several.
func (m machine) String() string {
	if m.Family == 0 {
		return m.CPU
	}
	return fmt.Sprintf("%s, family %d model %d", m.CPU, m.Family, m.Model)
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// slug returns the name of the machine's page, without its extension.
func (m machine) slug() string {
	return strings.Trim(notInNames.ReplaceAllString(strings.ToLower(m.String()), "-"), "-")
}

// version is what "lanes version" prints of the sources.
type version struct {
	Revision string `json:"revision"`
	Time     string `json:"time"`
	Modified bool   `json:"modified"`
}

// String names the revision, for which it may be empty.
func (v version) String() string {
	if v.Revision == "" {
		return ""
	}
	date, _, _ := strings.Cut(v.Time, "T")
	text := fmt.Sprintf("%.12s of %s", v.Revision, date)
	if v.Modified {
		text += ", with changes"
	}
	return text
}

// measured is what a line of "lanes bench" says of how it was measured.
type measured struct {
	DType   string `json:"dtype"`
	Level   string `json:"level"`
	Threads int    `json:"threads"`
}

func (m measured) setting() (setting, error) {
	level, err := kernels.ParseLevel(m.Level)
	return setting{m.DType, level, m.Threads}, err
}

// operation is an elementwise operation of one size.
type operation struct {
	Name string `json:"operation"`
	Rows int    `json:"rows"`
	Cols int    `json:"cols"`
}

// step is a line of "lanes bench train".
type step struct {
	Hidden    []int   `json:"hidden"`
	Batch     int     `json:"batch"`
	Optimizer string  `json:"optimizer"`
	MS        float64 `json:"ms"`
	Images    float64 `json:"images_per_second"`
	GFLOPS    float64 `json:"gflops"`
	OfPeak    float64 `json:"peak_percent"`
	Products  float64 `json:"products_percent"`
	Draw      float64 `json:"draw_percent"`
	Loss      float64 `json:"loss_percent"`
	Update    float64 `json:"optimizer_percent"`
	measured
}

// addObject adds a line of the command lanes.
func (r *results) addObject(line []byte) error {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(line, &keys); err != nil {
		return fmt.Errorf("%.60s: %w", line, err)
	}
	switch {
	case keys["cpu"] != nil:
		return json.Unmarshal(line, &r.machine)
	case keys["revision"] != nil:
		return json.Unmarshal(line, &r.version)
	case keys["operation"] != nil:
		return r.addOperation(line)
	case keys["ms"] != nil:
		var s step
		if err := json.Unmarshal(line, &s); err != nil {
			return err
		}
		r.steps = append(r.steps, s)
		return nil
	}
	return fmt.Errorf("%.60s: an object that lanes info, version, bench elementwise and bench train do not print", line)
}

func (r *results) addOperation(line []byte) error {
	var o struct {
		operation
		measured
		NS float64 `json:"ns"`
	}
	if err := json.Unmarshal(line, &o); err != nil {
		return err
	}
	s, err := o.measured.setting()
	if err != nil {
		return err
	}
	r.operations = appendNew(r.operations, o.operation)
	r.operationSettings = appendNew(r.operationSettings, s)
	if r.times == nil {
		r.times = map[timed]samples{}
	}
	key := timed{o.operation, s}
	r.times[key] = append(r.times[key], o.NS)
	return nil
}

// timed names a time: how long the operation takes.
type timed struct {
	operation
	setting
}

// writeMachine writes what was measured, and with what.
func writeMachine(w io.Writer, r *results) {
	m := r.machine
	if m.Levels == nil { // no lanes info in the input
		return
	}
	fmt.Fprintf(w, "| | |\n|:--|:--|\n")
	fmt.Fprintf(w, "| Logical cores | %d |\n", m.Cores)
	fmt.Fprintf(w, "| Caches | L1d %s, L2 %s, L3 %s |\n", size(m.L1D), size(m.L2), size(m.L3))
	fmt.Fprintf(w, "| Levels | %s |\n", strings.Join(m.Levels, ", "))
	if v := r.version.String(); v != "" {
		fmt.Fprintf(w, "| Lanes | %s |\n", v)
	}
	fmt.Fprintln(w)
}

func size(bytes int) string {
	switch {
	case bytes <= 0:
		return "unknown"
	case bytes >= 1<<20 && bytes%(1<<20) == 0:
		return fmt.Sprintf("%d MB", bytes>>20)
	}
	return fmt.Sprintf("%d KB", bytes>>10)
}

// writeOperations writes the times of elementwise operations, a column for each setting.
func writeOperations(w io.Writer, r *results) {
	if len(r.operations) == 0 {
		return
	}
	fmt.Fprint(w, "\n## Elementwise operations\n\nMicroseconds, from `lanes bench elementwise`.\n\n| Operation | Size |")
	for _, s := range r.operationSettings {
		fmt.Fprintf(w, " %v |", s)
	}
	fmt.Fprintf(w, "\n|:--|--:|%s\n", strings.Repeat("--:|", len(r.operationSettings)))
	for _, o := range r.operations {
		fmt.Fprintf(w, "| %s | %d×%d |", strings.ReplaceAll(o.Name, "_", " "), o.Rows, o.Cols)
		for _, s := range r.operationSettings {
			if times := r.times[timed{o, s}]; len(times) > 0 {
				fmt.Fprintf(w, " %s |", rate(times.median()/1e3))
			} else {
				fmt.Fprint(w, " |")
			}
		}
		fmt.Fprintln(w)
	}
}

// writeSteps writes the steps of training.
func writeSteps(w io.Writer, r *results) error {
	if len(r.steps) == 0 {
		return nil
	}
	fmt.Fprint(w, "\n## Steps of training\n\nFrom `lanes bench train`, whose help says what the columns are.\n\n")
	fmt.Fprint(w, "| Hidden | Batch | Setting | ms | Images/s | GFLOP/s | Of peak | Products | Draw | Loss | Update |\n|:--|--:|:--|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, s := range r.steps {
		set, err := s.measured.setting()
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "| %s | %d | %v, %s | %s | %.0f | %s | %.0f%% | %.1f%% | %.1f%% | %.1f%% | %.1f%% |\n", s.layers(), s.Batch, set, s.Optimizer,
			rate(s.MS), s.Images, rate(s.GFLOPS), s.OfPeak, s.Products, s.Draw, s.Loss, s.Update)
	}
	return nil
}

func (s step) layers() string {
	return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(s.Hidden)), ", "), "[]")
}

// ofPeak returns at what percent of the peak the steps of a setting are, from the slowest
// network to the fastest, empty if there are none.
func (r *results) ofPeak(s setting) string {
	var all []float64
	for _, x := range r.steps {
		if set, err := x.measured.setting(); err == nil && set == s {
			all = append(all, x.OfPeak)
		}
	}
	switch len(all) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("%.0f%%", all[0])
	}
	return fmt.Sprintf("%.0f to %.0f%%", slices.Min(all), slices.Max(all))
}
