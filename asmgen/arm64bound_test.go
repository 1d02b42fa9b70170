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
	cores := []string{"neoverse-n1", "neoverse-v1", "apple-m1", "cortex-a76"}
	t.Logf("%-7s  %-12s  %s  %s", "element", "rows of A", "instructions per multiply-add", strings.Join(cores, "  "))
	for _, e := range elems {
		var independent strings.Builder
		for i := range 24 {
			fmt.Fprintf(&independent, "fmla v%d.%s, v28.%s, v30.%c[0]\n", i, laneNames[e], laneNames[e], laneNames[e][1])
		}
		loops := widestLoops(t, e)
		require.Len(t, loops, 2)
		for i, layout := range []string{"packed", "apart"} {
			step := gnu(t, loops[i])
			n := strings.Count(step, "fmla")
			require.Equal(t, 48, n, "two steps of 8 rows and 3 vectors")
			row := fmt.Sprintf("%-7s  %-12s  %29.2f", e, layout, float64(strings.Count(step, "\n"))/float64(n))
			for _, core := range cores {
				peak := 24 / cycles(t, mca, core, independent.String())
				share := float64(n) / cycles(t, mca, core, step) / peak
				row += fmt.Sprintf("  %*.2f", len(core), share)
				require.GreaterOrEqual(t, share, 0.85, "%s, rows of A %s, on %s", e, layout, core)
			}
			t.Log(row)
		}
	}
}

// widestLoops returns the inner loops of the tile with the most multiply-adds: for an A that
// is packed, and for one whose rows lie apart.
func widestLoops(t *testing.T, e elem) (loops []string) {
	fs, err := generate()
	require.NoError(t, err)
	unrolled := regexp.MustCompile(`(?s)\nunrolled_\d+:\n(.*?)\tBGE unrolled_\d+\n`)
	for _, f := range fs {
		if strings.HasSuffix(f.name, fmt.Sprintf("panelwide_%s_arm64.s", e)) {
			for _, loop := range unrolled.FindAllStringSubmatch(string(f.data), -1) {
				loops = append(loops, loop[1])
			}
		}
	}
	return loops
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

var (
	loadOf = regexp.MustCompile(`^FMOV([QSD]) (-?\d*)\((R\d+)\)(?:\((R\d+)\))?, F(\d+)$`)
	sumOf  = regexp.MustCompile(`^(ADD|SUBS) (?:\$(\d+)|R(\d+)(?:<<(\d))?), R(\d+), R(\d+)$`)
)

// gnu returns lines of Go's assembler as LLVM reads them.
func gnu(t *testing.T, lines string) string {
	var out strings.Builder
	for line := range strings.Lines(lines) {
		line = strings.TrimSpace(line)
		load, sum := loadOf.FindStringSubmatch(line), sumOf.FindStringSubmatch(line)
		switch {
		case strings.HasPrefix(line, "WORD"):
			_, comment, _ := strings.Cut(line, "// ")
			out.WriteString(strings.ToLower(comment) + "\n")
		case load != nil:
			by := cmp.Or(strings.Replace(load[4], "R", "x", 1), "#"+cmp.Or(load[2], "0"))
			fmt.Fprintf(&out, "ldr %s%s, [x%s, %s]\n", strings.ToLower(load[1]), load[5], load[3][1:], by)
		case sum != nil && sum[2] != "":
			fmt.Fprintf(&out, "%s x%s, x%s, #%s\n", strings.ToLower(sum[1]), sum[6], sum[5], sum[2])
		case sum != nil:
			fmt.Fprintf(&out, "%s x%s, x%s, x%s, lsl #%s\n", strings.ToLower(sum[1]), sum[6], sum[5], sum[3], cmp.Or(sum[4], "0"))
		default:
			t.Fatalf("%q has no translation", line)
		}
	}
	return out.String() + "b.ge 0\n"
}
