package main

import (
	"cmp"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMicrokernelsReachThePeakOfTheirCores asks llvm-mca, of LLVM 19 or later, in how many
// cycles a core computes a step of the tallest and widest tile, and compares with
// multiply-adds that wait for nothing. What it knows of the cores are models: those of
// Cortex-A57 for cortex-a76 and of Cyclone for apple-m1.
func TestMicrokernelsReachThePeakOfTheirCores(t *testing.T) {
	mca, err := exec.LookPath("llvm-mca-19")
	if err != nil {
		t.Skip("llvm-mca-19 is not on this machine")
	}
	fs, err := generate()
	require.NoError(t, err)
	unrolled := regexp.MustCompile(`(?s)\n(unrolled_\d+):\n(.*?)\tBGE unrolled_\d+\n`)
	tested := 0
	for _, e := range elems {
		for _, f := range fs {
			if !strings.HasSuffix(f.name, fmt.Sprintf("panel_%s_arm64.s", e)) {
				continue
			}
			widest := ""
			for _, loop := range unrolled.FindAllStringSubmatch(string(f.data), -1) {
				// A tile whose rows of A lie apart loads single elements.
				if strings.Count(loop[2], "FMLA") > strings.Count(widest, "FMLA") && !strings.Contains(loop[2], map[elem]string{f32: "FMOVS", f64: "FMOVD"}[e]) {
					widest = loop[2]
				}
			}
			step := gnu(t, widest)
			n := strings.Count(step, "fmla")
			var independent strings.Builder
			for i := range 24 {
				fmt.Fprintf(&independent, "fmla v%d.%s, v28.%s, v30.%c[0]\n", i, laneNames[e], laneNames[e], laneNames[e][1])
			}
			for _, core := range []string{"neoverse-n1", "neoverse-v1", "apple-m1", "cortex-a76"} {
				peak := 24 / cycles(t, mca, core, independent.String())
				rate := float64(n) / cycles(t, mca, core, step)
				t.Logf("%s %-11s %d instructions for %d multiply-adds, %.2f a cycle, %.2f of the peak",
					e, core, strings.Count(step, "\n"), n, rate, rate/peak)
				require.GreaterOrEqual(t, rate/peak, 0.85, "%s on %s", e, core)
				tested++
			}
		}
	}
	require.Equal(t, 8, tested)
}

var laneNames = map[elem]string{f32: "4s", f64: "2d"}

// cycles returns the cycles of an iteration of a loop.
func cycles(t *testing.T, mca, core, loop string) float64 {
	c := exec.Command(mca, "-march=aarch64", "-mcpu="+core, "-iterations=200")
	c.Stdin = strings.NewReader(loop)
	out, err := c.Output()
	require.NoError(t, err)
	total := regexp.MustCompile(`Total Cycles:\s+(\d+)`).FindSubmatch(out)
	require.NotNil(t, total)
	n, err := strconv.Atoi(string(total[1]))
	require.NoError(t, err)
	return float64(n) / 200
}

// gnu returns lines of Go's assembler as LLVM reads them.
func gnu(t *testing.T, lines string) string {
	var out strings.Builder
	for line := range strings.Lines(lines) {
		line = strings.TrimSpace(line)
		switch m := regexp.MustCompile(`^(FMOVQ|ADD|SUBS) (?:\$?(-?\d*)(?:\(R(\d+)\))?|R(\d+)), (?:R|F)(\d+)(?:, R(\d+))?$`).FindStringSubmatch(line); {
		case strings.HasPrefix(line, "WORD"):
			_, comment, _ := strings.Cut(line, "// ")
			out.WriteString(strings.ToLower(comment) + "\n")
		case m == nil:
			t.Fatalf("%q has no translation", line)
		case m[1] == "FMOVQ":
			fmt.Fprintf(&out, "ldr q%s, [x%s, #%s]\n", m[5], m[3], cmp.Or(m[2], "0"))
		case m[4] != "":
			fmt.Fprintf(&out, "%s x%s, x%s, x%s\n", strings.ToLower(m[1]), m[6], m[5], m[4])
		default:
			fmt.Fprintf(&out, "%s x%s, x%s, #%s\n", strings.ToLower(m[1]), m[6], m[5], m[2])
		}
	}
	return out.String() + "b.ge 0\n"
}
