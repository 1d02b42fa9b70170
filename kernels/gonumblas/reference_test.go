package gonumblas

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReferenceProgramsFindNoFault runs the test programs that come with the reference BLAS
// and LAPACK, in Debian's packages libblas-test and liblapack-test, on these kernels. What
// is not in them, such as LAPACK itself and complex numbers, is the reference's.
func TestReferenceProgramsFindNoFault(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 20 s")
	}
	folder, missing := reference()
	if missing != "" {
		t.Skip("not on this machine: " + missing)
	}
	library := filepath.Join(t.TempDir(), "lanes.so")
	out, err := exec.Command("go", "build", "-buildmode=c-shared", "-o", library, "./testdata/fortran").CombinedOutput()
	require.NoError(t, err, "%s", out)

	calls := map[string][2]int{}
	for _, p := range referenceRuns() {
		t.Run(strings.TrimPrefix(p.program+" "+p.input, folder), func(t *testing.T) {
			failed, passed := p.run(t, folder, library, calls)
			require.NotZero(t, passed)
			if len(failed) > 0 {
				inReference, _ := p.run(t, folder, "", nil)
				require.LessOrEqual(t, len(failed), len(inReference), "%s", strings.Join(failed, "\n"))
			}
		})
	}
	require.Len(t, calls, 44)
	for routine, n := range calls {
		computed, refused := n[0], n[1]
		require.Greater(t, computed, 10*refused, "%s: %d calls were computed here, %d by the reference", routine, computed, refused)
	}
}

// reference returns the folder of the reference libraries and programs, or what is missing.
func reference() (folder, missing string) {
	if _, err := exec.LookPath("gcc"); err != nil {
		return "", "gcc"
	}
	for of, file := range map[string]string{
		"libblas-test": "blas/xblat1d", "liblapack-test": "lapack/xlintstd",
		"libblas3": "blas/libblas.so.3", "liblapack3": "lapack/liblapack.so.3",
	} {
		found, _ := filepath.Glob(filepath.Join("/usr/lib/*-linux-gnu", file))
		if len(found) == 0 {
			return "", "Debian's package " + of
		}
		folder = filepath.Dir(filepath.Dir(found[0]))
	}
	return folder, ""
}

// referenceRun is a test program with the file that it reads, if any.
type referenceRun struct{ program, input string }

func referenceRuns() (runs []referenceRun) {
	for _, p := range []string{"s", "d"} {
		runs = append(runs,
			referenceRun{"blas/xblat1" + p, ""},
			referenceRun{"blas/xblat2" + p, "blas/" + p + "blat2.in"},
			referenceRun{"blas/xblat3" + p, "blas/" + p + "blat3.in"},
			referenceRun{"blas/x" + p + "cblat1", ""},
			referenceRun{"blas/x" + p + "cblat2", "blas/" + p + "in2"},
			referenceRun{"blas/x" + p + "cblat3", "blas/" + p + "in3"},
			referenceRun{"lapack/xlintst" + p, "lapack/" + p + "test.in"},
			referenceRun{"lapack/xlintstrf" + p, "lapack/" + p + "test_rfp.in"})
		// Not svd.in, sep.in and ec.in, which take half a minute.
		for _, input := range []string{"nep", "se2", p + "ed", p + "gg", p + "gd", p + "sb", p + "sg", p + "bb", "glm", "gqr", "gsv", "csd", "lse"} {
			runs = append(runs, referenceRun{"lapack/xeigtst" + p, "lapack/" + input + ".in"})
		}
	}
	return runs
}

var (
	passes   = regexp.MustCompile(`(?i)\bpass(ed)?\b`)
	failures = regexp.MustCompile(`(?i)\bfail|fatal|suspect|not finished`)
)

// run runs the program with a library loaded before the others, and returns the lines of
// its output that tell a failure, and how many tell a pass. It adds the calls of each
// routine to calls.
func (p referenceRun) run(t *testing.T, folder, library string, calls map[string][2]int) (failed []string, passed int) {
	dir := t.TempDir()
	c := exec.Command(filepath.Join(folder, p.program))
	c.Dir = dir
	c.Env = append(os.Environ(), "LD_LIBRARY_PATH="+folder+"/blas:"+folder+"/lapack", "LD_PRELOAD="+library, "BLAS_CALLS="+dir+"/calls")
	if p.input != "" {
		in, err := os.Open(filepath.Join(folder, p.input))
		require.NoError(t, err)
		defer in.Close()
		c.Stdin = in
	}
	output, err := c.CombinedOutput()
	require.NoError(t, err, "%s", output)
	for _, name := range []string{"s", "d"} { // Fortran's tests of levels 2 and 3 write files
		for _, level := range []string{"2", "3"} {
			more, _ := os.ReadFile(filepath.Join(dir, name+"blat"+level+".out"))
			output = append(output, more...)
		}
	}
	for line := range strings.Lines(string(output)) {
		switch {
		case failures.MatchString(line):
			failed = append(failed, strings.TrimSpace(line))
		case passes.MatchString(line):
			passed++
		}
	}
	if f, err := os.Open(filepath.Join(dir, "calls")); err == nil && calls != nil {
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			var routine string
			var computed, refused int
			_, err := fmt.Sscan(lines.Text(), &routine, &computed, &refused)
			require.NoError(t, err)
			n := calls[routine]
			calls[routine] = [2]int{n[0] + computed, n[1] + refused}
		}
	}
	return failed, passed
}
