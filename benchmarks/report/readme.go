package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lanes-ml/lanes/kernels"
)

// summaryHeader begins the table that has a row for a processor: on its page that row, in
// the README those of all pages.
const (
	summaryHeader = "| Processor | float32 | float32, 2 threads | float64 | float64, 2 threads | float32, AVX2 | Training step | Furthest behind |"
	summaryRule   = "|:--|--:|--:|--:|--:|--:|--:|:--|"
)

// behind is the ratio to the best peer below which a product is listed, and mostBehind how
// many are.
const (
	behind     = 0.95
	mostBehind = 3
)

// writeSummary writes the row of the README.
func writeSummary(w io.Writer, r *results) {
	best := r.settings[0].level
	cells := []string{r.machine.String()}
	for _, s := range []setting{{"float32", best, 1}, {"float32", best, 2}, {"float64", best, 1}, {"float64", best, 2}, {"float32", kernels.AVX2, 1}} {
		cells = append(cells, r.meanAndLeast(s))
	}
	cells = append(cells, r.ofPeak(setting{"float32", best, 1}), r.furthestBehind(setting{"float32", best, 1}))
	fmt.Fprintf(w, "%s\n%s\n| %s |\n\n", summaryHeader, summaryRule, strings.Join(cells, " | "))
}

// toBestPeer returns the ratios of Lanes' rate to the best peer's.
func (r *results) toBestPeer(s setting) []float64 {
	return r.ratios(s, func(x shape) float64 { return r.bestPeer(s, x) })
}

func (r *results) meanAndLeast(s setting) string {
	ratios := r.toBestPeer(s)
	if len(ratios) == 0 {
		return ""
	}
	return fmt.Sprintf("%s (%s)", ratio(geometricMean(ratios)), ratio(least(ratios)))
}

// furthestBehind lists the products that a peer computes fastest beside Lanes.
func (r *results) furthestBehind(s setting) string {
	type loss struct {
		ratio float64
		text  string
	}
	var losses []loss
	for _, x := range r.shapes {
		ours, peer := r.rate(s, x, lanes), r.bestPeer(s, x)
		if ours == 0 || !(ours/peer < behind) {
			continue
		}
		name := ""
		for _, impl := range impls[1:] {
			if r.rate(s, x, impl) == peer {
				name = impl
			}
		}
		losses = append(losses, loss{ours / peer, fmt.Sprintf("%s %s (%s)", x.short(), ratio(ours/peer), name)})
	}
	slices.SortStableFunc(losses, func(a, b loss) int { return cmp.Compare(a.ratio, b.ratio) })
	var texts []string
	for _, l := range losses[:min(mostBehind, len(losses))] {
		texts = append(texts, l.text)
	}
	return strings.Join(texts, ", ")
}

// short names a shape in a few characters.
func (s shape) short() string {
	if s.square() {
		return fmt.Sprintf("%d³", s.m)
	}
	return fmt.Sprintf("%s %d×%d×%d", s.form, s.m, s.n, s.k)
}

// rewriteReadme replaces the table of processors in the file by the rows of all pages in
// the folder, the worst first.
func rewriteReadme(file, folder string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	table, err := processors(folder, filepath.Dir(file))
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), summaryHeader+"\n")
	if !ok {
		return fmt.Errorf("%s: no table that begins with %s", file, summaryHeader)
	}
	for strings.HasPrefix(rest, "|") {
		_, rest, _ = strings.Cut(rest, "\n")
	}
	return os.WriteFile(file, []byte(before+table+rest), 0o666)
}

// processors returns the table of all pages in the folder, with links from another one.
func processors(folder, from string) (string, error) {
	pages, err := filepath.Glob(filepath.Join(folder, "*.md"))
	if err != nil {
		return "", err
	}
	type row struct {
		mean float64
		text string
	}
	var rows []row
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			return "", err
		}
		_, rest, ok := strings.Cut(string(text), summaryHeader+"\n"+summaryRule+"\n| ")
		name, rest, named := strings.Cut(rest, " | ")
		rest, _, ended := strings.Cut(rest, "\n")
		if !ok || !named || !ended {
			return "", fmt.Errorf("%s: no row of a table that begins with %s", page, summaryHeader)
		}
		to, err := relative(from, page)
		if err != nil {
			return "", err
		}
		mean := math.NaN() // of a processor without peers, before all others
		fmt.Sscan(rest, &mean)
		rows = append(rows, row{mean, fmt.Sprintf("| [%s](%s) | %s\n", name, filepath.ToSlash(to), rest)})
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.mean, b.mean) })
	table := summaryHeader + "\n" + summaryRule + "\n"
	for _, r := range rows {
		table += r.text
	}
	return table, nil
}

// relative returns the path of a file from a folder, both of which may be relative to the
// working folder.
func relative(folder, file string) (string, error) {
	from, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	return filepath.Rel(from, to)
}
