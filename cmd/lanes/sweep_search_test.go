package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tinySweep is a sweep of networks that learn a little in a moment.
const tinySweep = "--set dataset=synthetic --set hidden=2 --set iters=4 --set batch=20 --set lr=log:1e-4:1e-2"

func TestTPEIsShownAsASearch(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, talk := lanes(strings.Fields("sweep --dry-run --tpe 13 --pending 1 " + tinySweep)...)
	require.Zero(t, code, talk)
	require.Regexp(t, `\n +10 +0\.\d+ +0\n2 trials more, which TPE chooses from results\n$`, out)

	code, _, talk = lanes(strings.Fields("sweep plan parts --tpe 13 --pending 1 " + tinySweep)...)
	require.Zero(t, code, talk)
	code, _, talk = lanes("sweep", "run", "parts", "--index", "0-9,12")
	require.Equal(t, exitInterrupted, code)
	require.Contains(t, talk, "trial 12: it waits for others\nlanes: left for later: trial 12; the same command continues\n")
	code, out, talk = lanes("sweep", "status", "parts")
	require.Zero(t, code, talk)
	require.Equal(t, "done        10  0-9\nrunning      0\nwaiting      1  12\nmissing      2  10-11\n", out)
	code, out, talk = lanes("sweep", "run", "parts", "--jobs", "2")
	require.Zero(t, code, talk)
	require.Regexp(t, `(?m)^3/3  trial \d+  lr 0\.0\d+ `, talk)
	require.Equal(t, 14, strings.Count(out, "\n"))
	require.Equal(t, 14, strings.Count(readText(t, filepath.Join("parts", "trials.csv")), "\n"))

	code, _, talk = lanes("report", "parts")
	require.Zero(t, code, talk)
	page := text(readText(t, filepath.Join("parts", reportPage)))
	require.Contains(t, page, "A sweep of 13 trials on synthetic, chosen by TPE.")
	require.Contains(t, page, "TPE chose the others from the results of those before.")
}

func TestAsynchronousHalvingShowsWhatWentOn(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, talk := lanes(strings.Fields("sweep --out s --halving 2 --async --jobs 1 " + tinySweep + ":5")...)
	require.Zero(t, code, talk)
	require.Contains(t, talk, "asynchronous halving: 3 rungs, about 8 results\n")
	require.Regexp(t, `(?m)^1/8  trial 0 .* rung 1 of 3 `, talk)
	require.Regexp(t, `(?m)^3/8  trial \d .* rung 2 of 3 `, talk, "the better of two goes on")
	require.Regexp(t, ` +rungs +status\n`, out)
	require.Regexp(t, ` 3 +done\n`, out)
	require.Regexp(t, ` 1 +stopped\n`, out)
	require.Regexp(t, `\ntrained with 0\.\d+ TFLOP; all 5 trials in full would take 0\.\d+\n`, out)

	code, _, talk = lanes("report", "s")
	require.Zero(t, code, talk)
	page := text(readText(t, filepath.Join("s", reportPage)))
	require.Contains(t, page, "with asynchronous halving, one in 2 going on.")
	require.Regexp(t, `Halving Trained with .* Which trials went on, in this order, and how many had reached each rung then\. trial to rung val acc had reached [01] 2 0\.\d+ 2, 0, 0 `, page)
}
