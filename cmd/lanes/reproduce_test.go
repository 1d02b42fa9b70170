package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/sweep"
)

func TestExperimentsAreTheReportsAndAShareOfTheirSteps(t *testing.T) {
	whole, err := reportParts(1)
	require.NoError(t, err)
	tenth, err := reportParts(10)
	require.NoError(t, err)
	trials := map[string]int{"toy": 1, "grid": 32, "mlp": 1, "depth": 54}
	for i, p := range tenth {
		full, err := p.full.Trials()
		require.NoError(t, err)
		less, err := p.sweep.Trials()
		require.NoError(t, err)
		same, err := whole[i].sweep.Trials()
		require.NoError(t, err)
		require.Equal(t, full, same, p.name)
		require.Len(t, less, trials[p.name], p.name)
		for k, x := range less {
			want := full[k]
			if p.name != "toy" {
				want.Config.Iters, want.Config.Epochs = ceilDiv(want.Config.Iters, 10), ceilDiv(want.Config.Epochs, 10)
			}
			require.Equal(t, want, x, p.name)
		}
	}
}

// canceller ends a context when it reads a word.
type canceller struct {
	bytes.Buffer
	word   string
	cancel context.CancelFunc
}

func (c *canceller) Write(p []byte) (int, error) {
	if strings.Contains(string(p), c.word) {
		c.cancel()
	}
	return c.Buffer.Write(p)
}

// small returns a reproduction of a few short trials on synthetic images.
func small(t *testing.T, dir string) *reproduction {
	t.Helper()
	parts, err := reportParts(1000)
	require.NoError(t, err)
	r := &reproduction{dir: dir, share: 1000, parts: parts, again: "lanes reproduce --out " + dir}
	grid, depth := r.part("grid"), r.part("depth")
	grid.full.Axes = []string{"hidden=75;100", "iters=3000", "batch=300", "reg=0.001,0.0001"}
	grid.sweep.Axes = []string{"hidden=75;100", "iters=40", "batch=300", "reg=0.001,0.0001"}
	for _, s := range []*sweep.Sweep{&depth.full, &depth.sweep} {
		s.Rows = []string{"hidden=50,25 batch=300 lr=0.001 weight-decay=0.001", "hidden=25,25 batch=300 lr=0.001 weight-decay=0.001"}
	}
	r.runner, err = (&runnerFlags{jobs: 1}).runner()
	require.NoError(t, err)
	return r
}

func TestReproductionGoesOnAndWritesOnePageOfItAll(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains a dozen networks")
	}
	hideCIFAR10(t)
	dir := filepath.Join(t.TempDir(), "again")
	ctx, cancel := context.WithCancel(context.Background())
	talk := &canceller{word: "2/4  trial", cancel: cancel}
	r := small(t, dir)
	r.talk = talk
	err := r.train(ctx)
	require.Equal(t, exitInterrupted, err.(failure).code)
	require.ErrorContains(t, err, "stopped in the grid search: ")
	require.ErrorContains(t, err, "; to continue: lanes reproduce --out "+dir)
	require.Regexp(t, `no CIFAR-10 found.*: this run trains on built-in synthetic images\.\nTo get the real ones and train on them:\n  lanes data fetch\n  lanes reproduce\n10 networks to train: about \d+ s on \d+ threads?\. Ctrl-C stops; the same command continues\.\n\n1 of 4: the toy problem\n`, talk.String())

	var rest, out bytes.Buffer
	r = small(t, dir)
	r.talk = &rest
	require.NoError(t, r.train(context.Background()))
	require.Contains(t, rest.String(), "7 networks to train: about ")
	require.NotContains(t, rest.String(), "1 of 4")
	require.Contains(t, rest.String(), "2 of 4: the grid search\n1/2  trial ")
	require.Contains(t, rest.String(), "4 of 4: deeper networks\n1/4  trial ")
	require.NoError(t, r.report(context.Background(), &out))

	stopped, stop := context.WithCancel(context.Background())
	stop()
	for name, do := range map[string]func() error{
		"measuring the time": func() error {
			other := small(t, dir+"-2")
			other.talk = io.Discard
			return other.train(stopped)
		},
		"the page": func() error { return r.report(stopped, io.Discard) },
	} {
		err := do()
		require.ErrorContains(t, err, "stopped in "+name+": context canceled; to continue: lanes reproduce --out ")
		require.Equal(t, exitInterrupted, err.(failure).code)
	}

	// A third call trains nothing, and writes the same page.
	html := readText(t, filepath.Join(dir, "report.html"))
	rest.Reset()
	r = small(t, dir)
	r.talk = &rest
	require.NoError(t, r.train(context.Background()))
	require.NotContains(t, rest.String(), "to train:")
	require.NotContains(t, rest.String(), " of 4")
	require.NoError(t, r.report(context.Background(), io.Discard))
	require.Equal(t, html, readText(t, filepath.Join(dir, "report.html")))

	require.Regexp(t, `^ +report +here\ntoy problem, final training loss +0\.015634987611856756 +0\.0156349876118567\d+\n`, out.String())
	require.Regexp(t, `\ndeeper networks, test accuracy of the best +0\.4917 +0\.\d{4}\n`, out.String())
	require.True(t, strings.HasSuffix(out.String(), "\n\n"+filepath.Join(dir, "report.html")+"\n"))
	for line := range strings.Lines(out.String()) {
		require.True(t, len(line) <= 100 || strings.Contains(line, dir), line)
	}

	require.NotContains(t, html, "<script")
	require.NotRegexp(t, `NaN|%!`, text(html))
	require.NotRegexp(t, `(src|srcset|href)="[^d]`, html)
	require.Equal(t, 1+4*2+2+3, strings.Count(html, "<img "))
	words := text(html)
	for _, want := range []string{
		"The report, done again", "They are built-in synthetic ones", "one step in 1000",
		"Questions 2a to 2c: the derivatives", "Question 3a: the toy problem", "iteration 0 / 100: loss 1.265861 1.265861",
		"Question 3b: the grid search 4 networks were trained.", "75 3000 300 0.0010 1.1751 ",
		"1. Parameters: hidden_size = ", "4. Parameters: hidden_size = ", "Question 4b: the second trainer", "15 1.2242 0.500",
		"Question 4c: deeper networks", "50, 25 300 0.001 0.001 155,185 1.8271 0.3450 1.3744 0.4910 ", "Why the report&#39;s deep networks did not learn",
	} {
		require.True(t, strings.Contains(words, want), want)
	}
	for _, name := range []string{"toy-loss", "grid-1-loss", "grid-4-accuracy", "mlp-loss", "mlp-accuracy", "depth-gradients"} {
		requirePNG(t, filepath.Join(dir, name+".png"))
	}
}

func TestReproductionLeavesOtherFoldersAlone(t *testing.T) {
	hideCIFAR10(t)
	other := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(other, "thesis.tex"), nil, 0o666))
	torn, whole := t.TempDir(), t.TempDir()
	for dir, file := range map[string]string{torn: "axes = [", whole: "seeds = 2"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, "toy"), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "toy", "sweep.toml"), []byte(file), 0o666))
	}
	for args, want := range map[string]struct {
		code    int
		message string
	}{
		"--out " + torn:           {exitData, filepath.Join(torn, "toy", "sweep.toml")},
		"--out " + whole:          {exitData, filepath.Join(whole, "toy", "sweep.toml")},
		"--out " + other:          {exitFailed, other + " holds something else; --out names another folder"},
		"--jobs -1":               {exitUsage, "--jobs is -1, want 1 to 1000000000"},
		"--data " + other:         {exitData, other},
		"--quick x":               {exitUsage, `unknown command "x" for "lanes reproduce"`},
		"--quick --level avx1024": {exitUsage, "avx1024"},
	} {
		code, out, talk := lanes(append([]string{"reproduce"}, strings.Fields(args)...)...)
		require.Equal(t, want.code, code, talk)
		require.Empty(t, out)
		require.Contains(t, talk, want.message)
		require.Equal(t, []string{"thesis.tex"}, entries(t, other))
	}
}

func TestCommandThatGoesOnHasTheFlagsThatWereGiven(t *testing.T) {
	c := reproduceCommand()
	require.NoError(t, c.ParseFlags([]string{"--quick", "--out", "my runs/it's", "--threads", "2", "--data=/cifar-10"}))
	require.Equal(t, `reproduce --quick --out 'my runs/it'\''s' --threads 2 --data /cifar-10`, commandLine(c))
}
