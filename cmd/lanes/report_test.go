package main

import (
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

// trainInto keeps a short run on synthetic images in a folder.
func trainInto(t *testing.T, dir string, flags ...string) map[string]any {
	t.Helper()
	code, out, talk := lanes(append([]string{"train", "--dataset", "synthetic", "--iters", "62", "--hidden", "3", "--json", "--out", dir}, flags...)...)
	require.Zero(t, code, talk)
	return decode(t, out)
}

// requirePNG fails unless the folder has the picture.
func requirePNG(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	_, err = png.DecodeConfig(f)
	require.NoError(t, err, path)
}

func readText(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

// text returns what a page says, without pictures and styles, its spaces single.
func text(page string) string {
	page = regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`).ReplaceAllString(page, " ")
	return strings.Join(strings.Fields(page), " ")
}

func TestReportOfARunHasItsResultsPicturesAndSettings(t *testing.T) {
	hideCIFAR10(t)
	dir := filepath.Join(t.TempDir(), "mine")
	result := trainInto(t, dir)
	code, out, talk := lanes("report", dir)
	require.Zero(t, code, talk)
	require.Empty(t, talk)
	page := filepath.Join(dir, "report.html")
	require.Equal(t, page+"\n", out)
	html := readText(t, page)
	for _, name := range []string{"loss", "accuracy", "weights", "confusion"} {
		requirePNG(t, filepath.Join(dir, name+".png"))
	}
	require.Equal(t, 4, strings.Count(html, "<img "))
	words := text(html)
	require.Contains(t, words, "mine A network with hidden layers of 3 units, trained on synthetic.")
	require.Contains(t, words, fmt.Sprintf("validation %.4f %.4f test %.4f", result["val_loss"], result["val_acc"], result["test_acc"]))
	require.Contains(t, words, "Curves")
	require.Contains(t, words, "First-layer weights")
	require.Contains(t, words, "class images predicted precision recall F1")
	require.Contains(t, words, "hidden 3 sizes of the hidden layers")
}

func TestReportSaysWhatARunLacks(t *testing.T) {
	hideCIFAR10(t)
	dir := newRun(t, func(c *train.Config) { c.Dataset = "cifar10" })
	report := func() string {
		code, _, talk := lanes("report", dir)
		require.Zero(t, code, talk)
		return text(readText(t, filepath.Join(dir, "report.html")))
	}

	require.Contains(t, report(), "There is no confusion matrix: no CIFAR-10 found in ")
	code, _, talk := lanes("report", dir, "--data", dir)
	require.Equal(t, exitData, code)
	require.Contains(t, talk, "lanes: "+dir+": no folder")

	for _, name := range []string{"result.json", "best.safetensors", "last.safetensors"} {
		require.NoError(t, os.Remove(filepath.Join(dir, name)))
	}
	words := report()
	require.Contains(t, words, "The run is not finished: it has 35 steps.")
	require.NotContains(t, words, "Results")
	require.NotContains(t, words, "First-layer weights")
}

func TestReportOfTheToyProblemHasNoImages(t *testing.T) {
	dir, page := filepath.Join(t.TempDir(), "toy"), filepath.Join(t.TempDir(), "page.html")
	code, _, talk := lanes("train", "--preset", "toy", "--out", dir)
	require.Zero(t, code, talk)
	code, out, talk := lanes("report", dir, "-o", page)
	require.Zero(t, code, talk)
	require.Equal(t, page+"\n", out)
	require.NoFileExists(t, filepath.Join(dir, "report.html"))
	requirePNG(t, filepath.Join(dir, "loss.png"))
	require.NotContains(t, readText(t, page), "First-layer weights")
}

func TestReportOfABadFolderIsOneLine(t *testing.T) {
	dir := t.TempDir()
	// A sweep of two of which the first is trained, and then spoiled.
	sweep := func(name string, spoil func(folder string) error) string {
		folder := filepath.Join(dir, name)
		code, _, talk := lanes("sweep", "plan", folder, "--preset", "toy", "--set", "lr=0.1,0.2")
		require.Zero(t, code, talk)
		code, _, talk = lanes("sweep", "run", folder, "--index", "0")
		require.Zero(t, code, talk)
		require.NoError(t, spoil(folder))
		return folder
	}
	write := func(name, content string) func(string) error {
		return func(folder string) error {
			return os.WriteFile(filepath.Join(folder, name), []byte(content), 0o666)
		}
	}
	remove := func(name string) func(string) error {
		return func(folder string) error { return os.Remove(filepath.Join(folder, name)) }
	}
	run := filepath.Join(dir, "run")
	code, _, talk := lanes("train", "--preset", "toy", "--out", run)
	require.Zero(t, code, talk)
	for _, c := range []struct {
		args    []string
		code    int
		message string
	}{
		{[]string{filepath.Join(dir, "missing")}, exitData, "missing"},
		{[]string{dir}, exitData, dir},
		{[]string{sweep("bent", write("sweep.toml", ""))}, exitData, "sweep.toml: its content does not match the hash"},
		{[]string{sweep("empty", remove("trials/0000/trial.json"))}, exitData, "has no finished trial"},
		{[]string{sweep("torn", write("trials/0000/trial.json", "[{"))}, exitData, "trial.json: it is a list, without a hash"},
		{[]string{sweep("lost", remove("trials/0000/config.toml"))}, exitData, filepath.Join("trials", "0000")},
		{[]string{run, "-o", filepath.Join(dir, "no", "page.html")}, exitFailed, filepath.Join("no", "page.html")},
		{nil, exitUsage, "accepts 1 arg(s), received 0"},
	} {
		code, out, talk := lanes(append([]string{"report"}, c.args...)...)
		require.Equal(t, c.code, code, talk)
		require.Empty(t, out)
		require.Regexp(t, `^lanes: .*\n$`, talk)
		require.Contains(t, talk, c.message)
	}
	require.NoError(t, os.WriteFile(filepath.Join(run, "result.json"), []byte("{"), 0o666))
	code, _, talk = lanes("report", run)
	require.Equal(t, exitData, code)
	require.Contains(t, talk, "result.json: unexpected end of JSON input")
}

func TestReportOfASweepSortsComparesAndDraws(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains six networks")
	}
	hideCIFAR10(t)
	dir := filepath.Join(t.TempDir(), "rates")
	args := []string{"sweep", "--set", "dataset=synthetic", "--set", "iters=62", "--out", dir}
	for _, row := range []string{"lr=1e30 momentum=0.5", "lr=1e-3", "lr=1e-3 hidden=5,4", "lr=1e-3 seed=9", "lr=0 patience=1", "lr=1e-6"} {
		if !strings.Contains(row, "hidden") {
			row += " hidden=3"
		}
		args = append(args, "--row", row)
	}
	code, _, talk := lanes(args...)
	require.Zero(t, code, talk)
	require.NoError(t, os.Remove(filepath.Join(dir, "results.json")), "that is for other programs")

	code, _, talk = lanes("report", dir)
	require.Zero(t, code, talk)
	html := readText(t, filepath.Join(dir, "report.html"))
	words := text(html)
	require.Contains(t, words, "rates A sweep of 6 trials on synthetic.")
	require.Regexp(t, `Trial 3 has the highest validation accuracy, 0\.2\d{3}\. Its settings, of those that vary: hidden 3, lr 0\.001, momentum 0, seed 9, patience 0\.`, words)
	require.Contains(t, words, "The best four They have in common: momentum 0.")
	require.Regexp(t, `trial hidden lr momentum seed patience train loss .* seconds stopped early 3 3 0.001 0 9 0 .* 1 3 0.001 0 0 0 `, words)
	folder, err := sweep.Open(dir)
	require.NoError(t, err)
	results, err := folder.Results()
	require.NoError(t, err)
	diverged := results.Rows[slices.IndexFunc(results.Rows, func(x sweep.Result) bool { return x.Index == 0 })]
	require.Equal(t, sweep.Diverged, diverged.Status)
	require.Regexp(t, fmt.Sprintf(` 0 3 1e&#43;30 0.5 0 0 9,259 %.1f$`, diverged.Seconds), words) // without accuracy the last
	require.Equal(t, 1, strings.Count(words, " yes"))
	for _, name := range []string{"loss", "accuracy", "parameter-hidden", "parameter-lr", "parameter-momentum", "parameter-seed"} {
		requirePNG(t, filepath.Join(dir, name+".png"))
	}
	// Of trials that differ by the seed alone, the best is drawn.
	alt := regexp.MustCompile(`alt="Loss by step of ([^"]*)"`).FindStringSubmatch(html)[1]
	require.Equal(t, 4, len(strings.Split(alt, "; ")))
	require.True(t, strings.HasPrefix(alt, "hidden 3, lr 0.001, patience 0; "), alt)
	require.Contains(t, alt, "; hidden 5,4, lr 0.001")
	require.NotContains(t, words, "Beside the report")

	// A page of a sweep that is not finished says how much of it there is.
	require.NoError(t, os.Remove(filepath.Join(dir, "trials", "0005", "trial.json")))
	code, _, talk = lanes("report", dir)
	require.Zero(t, code, talk)
	require.Contains(t, text(readText(t, filepath.Join(dir, "report.html"))), "A sweep of 5 of 6 trials, the others not finished, on synthetic.")
}
