package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strings"
)

// writePage writes the row of the README, a table of ratios over all settings, a table of
// rates for each, the widest level first, and what else was measured. Picture is the name
// of the picture, empty if there is none.
func writePage(out io.Writer, r *results, picture string) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "# %v\n\nWhat `make bench-report` measured on one machine, in one run.\n\n", r.machine)
	writeMachine(w, r)
	fmt.Fprint(w, "The row of this processor in the README:\n\n")
	writeSummary(w, r)
	fmt.Fprint(w, "## Products of matrices\n\n")
	if picture != "" {
		fmt.Fprintf(w, "![GFLOP/s of Lanes and its peers over the size of products, below the peak](%s)\n\n", picture)
	}
	writeRatios(w, r)
	for _, s := range r.settings {
		writeRates(w, r, s)
	}
	fmt.Fprintln(w)
	for _, a := range r.about {
		fmt.Fprintf(w, "- %s\n", a)
	}
	writeOperations(w, r)
	if err := writeSteps(w, r); err != nil {
		return err
	}
	return w.Flush()
}

// writeRatios writes geometric means over the shapes.
func writeRatios(w io.Writer, r *results) {
	fmt.Fprint(w, "Lanes' speed over the others', geometric means over all shapes that both compute. The best peer is\nthe fastest for each shape.\n\n")
	fmt.Fprint(w, "| Setting | Best peer | Worst shape |")
	peers := r.peers()
	for _, impl := range peers {
		fmt.Fprintf(w, " %s |", impl)
	}
	fmt.Fprintf(w, "\n|:--|--:|--:|%s\n", strings.Repeat("--:|", len(peers)))
	for _, s := range r.settings {
		best := r.toBestPeer(s)
		fmt.Fprintf(w, "| %v | %s | %s |", s, ratio(geometricMean(best)), ratio(least(best)))
		for _, impl := range peers {
			fmt.Fprintf(w, " %s |", ratio(geometricMean(r.ratios(s, func(x shape) float64 { return r.rate(s, x, impl) }))))
		}
		fmt.Fprintln(w)
	}
}

// ratios returns Lanes' rate over another for every shape that has both.
func (r *results) ratios(s setting, other func(shape) float64) (ratios []float64) {
	for _, x := range r.shapes {
		if a, b := r.rate(s, x, lanes), other(x); a > 0 && b > 0 {
			ratios = append(ratios, a/b)
		}
	}
	return ratios
}

func geometricMean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += math.Log(v)
	}
	return math.Exp(sum / float64(len(x)))
}

func least(x []float64) float64 {
	least := math.NaN()
	for _, v := range x {
		if !(v > least) {
			least = v
		}
	}
	return least
}

// writeRates writes the rates of one setting, a line for each shape.
func writeRates(w io.Writer, r *results, s setting) {
	fmt.Fprintf(w, "\n### %v\n\nGFLOP/s.", s)
	if p := r.peaks[s]; len(p) > 0 {
		fmt.Fprintf(w, " The peak is %s GFLOP/s.", rate(p.median()))
	}
	for _, name := range []string{"L1", "L2", "DRAM"} {
		if b := r.bandwidths[memory{name, s.level, s.threads}]; len(b) > 0 {
			fmt.Fprintf(w, " %s is read at %s GB/s.", name, rate(b.median()))
		}
	}
	fmt.Fprint(w, "\n\n")
	fmt.Fprint(w, "| Product |")
	columns := append([]string{lanes}, r.peers()...)
	for _, impl := range columns {
		fmt.Fprintf(w, " %s |", impl)
	}
	fmt.Fprintf(w, " Lanes / best |\n|:--|%s\n", strings.Repeat("--:|", len(columns)+1))
	for _, x := range r.shapes {
		ours, best := r.rate(s, x, lanes), r.bestPeer(s, x)
		if ours == 0 {
			continue
		}
		fmt.Fprintf(w, "| %v |", x)
		for _, impl := range columns {
			switch v := r.rate(s, x, impl); {
			case v == 0:
				fmt.Fprint(w, " |")
			case v == max(ours, best):
				fmt.Fprintf(w, " **%s** |", rate(v))
			default:
				fmt.Fprintf(w, " %s |", rate(v))
			}
		}
		fmt.Fprintf(w, " %s |\n", ratio(ours/best))
	}
}

// String describes a setting for readers.
func (s setting) String() string {
	threads := "1 thread"
	if s.threads != 1 {
		threads = fmt.Sprintf("%d threads", s.threads)
	}
	return fmt.Sprintf("%s, %s, %s", s.dtype, levelName(s.level), threads)
}

// String describes a shape for readers, as operands.
func (s shape) String() string {
	a, b := fmt.Sprintf("%d×%d", s.m, s.k), fmt.Sprintf("%d×%d", s.k, s.n)
	if s.form[0] == 'T' {
		a = fmt.Sprintf("(%d×%d)ᵀ", s.k, s.m)
	}
	if s.form[1] == 'T' {
		b = fmt.Sprintf("(%d×%d)ᵀ", s.n, s.k)
	}
	return a + " · " + b
}

// rate writes GFLOP/s with three digits.
func rate(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

func ratio(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return ""
	}
	return fmt.Sprintf("%.2f", v)
}
