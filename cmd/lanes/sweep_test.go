package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// toySweep is a sweep that takes a moment.
const toySweep = "sweep --preset toy --set lr=log:1e-3:1e-1:3 --set reg=0,1e-4"

// swept runs a sweep, which must succeed, and returns the list it prints.
func swept(t *testing.T, args string) []map[string]any {
	t.Helper()
	code, out, talk := lanes(strings.Fields(args + " --json")...)
	require.Equal(t, 0, code, talk)
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &rows), out)
	for _, row := range rows {
		delete(row, "seconds")
	}
	return rows
}

func TestSweepPrintsItsTrialsAsATable(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, talk := lanes(strings.Fields(toySweep + " --jobs 2")...)
	require.Equal(t, 0, code, talk)
	require.Regexp(t, `^ *trial +lr +reg +seed +parameters +train loss +train acc +val loss +val acc +seconds\n +0 +0.001 +0 +0 +83 +1.1667 +0.0000 +- +- +0.0\n`, out)
	require.Equal(t, 7, strings.Count(out, "\n"))
	lines := strings.Split(strings.TrimSpace(talk), "\n")
	require.Len(t, lines, 7)
	require.Regexp(t, `^1/6  trial \d  lr .*  reg .*  seed 0  val acc -  0\.0 s  .* img/s  .* left$`, lines[0])
	require.Regexp(t, `^6 trials in .*s; kept in sweeps/toy-lr-reg$`, filepath.ToSlash(lines[6]))
	require.Equal(t, []string{"results.csv", "results.json", "sweep.toml", "trials", "trials.csv"}, entries(t, "sweeps/toy-lr-reg"))
	require.Len(t, entries(t, "sweeps/toy-lr-reg/trials"), 6)
	require.Equal(t, 100.0, trained(t, "--resume sweeps/toy-lr-reg/trials/0003")["steps"], "a trial is a run")
}

func TestSeedsOfAConfigurationHaveAMeanAndADeviation(t *testing.T) {
	hideCIFAR10(t)
	t.Chdir(t.TempDir())
	command := "sweep --set dataset=synthetic --set hidden=2 --set iters=2 --set batch=20 --set lr=1e-3,1e-9"
	code, out, talk := lanes(strings.Fields(command)...)
	require.Zero(t, code, talk)
	require.NotContains(t, out, "Over the seeds")
	require.NotContains(t, sweepPage(t), "Over the seeds")
	code, out, talk = lanes(strings.Fields(command + " --seeds 3")...)
	require.Zero(t, code, talk)
	require.Equal(t, 4, strings.Count(talk, "  val acc "), "two of the six were trained before: %s", talk)
	require.Regexp(t, `\nOver the seeds of a configuration:\n +lr +seeds +mean val acc +deviation\n( +1e-0[39] +3 +0\.\d{4} +0\.\d{4}\n){2}$`, strings.ReplaceAll(out, " 0.001 ", " 1e-03 "))
	_, table, _ := strings.Cut(out, "Over the seeds of a configuration:")
	require.Contains(t, sweepPage(t), "Over the seeds of a configuration By mean validation accuracy. The deviation is the sample standard deviation over the seeds. "+
		strings.Join(strings.Fields(table), " "))
}

// sweepPage returns what the page of the only sweep says.
func sweepPage(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(sweepsFolder, entries(t, sweepsFolder)[0])
	code, _, talk := lanes("report", dir)
	require.Zero(t, code, talk)
	return text(readText(t, filepath.Join(dir, reportPage)))
}

func TestSameCommandTrainsNothingAgain(t *testing.T) {
	t.Chdir(t.TempDir())
	first := swept(t, toySweep)
	require.Len(t, first, 6)
	code, out, talk := lanes(strings.Fields(toySweep + " --json")...)
	require.Equal(t, 0, code)
	require.Equal(t, 1, strings.Count(talk, "\n"), "no line of a trial: %s", talk)
	require.NotEmpty(t, out)
	require.Equal(t, first, swept(t, "sweep run sweeps/toy-lr-reg"))
	require.Equal(t, first, swept(t, "sweep collect sweeps/toy-lr-reg"))
}

func TestSweepInPartsIsTheSame(t *testing.T) {
	t.Chdir(t.TempDir())
	want := swept(t, toySweep)
	code, out, talk := lanes(strings.Fields(strings.Replace(toySweep, "sweep", "sweep plan parts", 1))...)
	require.Equal(t, 0, code, talk)
	require.Equal(t, "6\n", out)
	for indices, want := range map[string]int{"3": 1, "5,0": 2, "1-2": 2} {
		code, out, talk := lanes("sweep", "run", "parts", "--index", indices)
		require.Equal(t, 0, code, talk)
		require.Empty(t, out)
		require.Equal(t, want, strings.Count(talk, "val acc -"), "a line for each: %s", talk)
	}
	code, _, talk = lanes("sweep", "run", "parts", "--index", "3")
	require.Zero(t, code, talk)
	require.Equal(t, "trial 3  lr 0.01  reg 0.0001  seed 0  was finished before\n", talk)
	code, out, talk = lanes("sweep", "collect", "parts")
	require.Equal(t, exitInterrupted, code)
	require.Equal(t, 6, strings.Count(out, "\n"), "the others are printed")
	require.Equal(t, "lanes: 1 of 6 trials are not finished: 4; to continue: lanes sweep run parts\n", talk)
	code, out, talk = lanes("sweep", "status", "parts")
	require.Zero(t, code, talk)
	require.Equal(t, "done         5  0-3,5\nrunning      0\nmissing      1  4\n", out)
	require.Equal(t, want, swept(t, "sweep run parts"))
}

func TestSweepMayComeFromAFile(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("mine.toml", []byte("preset = \"toy\"\niters = 5\naxes = [\"lr=0.1,0.2\"]\nseeds = 2\n"), 0o666))
	rows := swept(t, "sweep --config mine.toml --seeds 3 --set reg=0,1")
	require.Len(t, rows, 2*3*2)
	require.EqualValues(t, 5, rows[0]["epochs_run"])
	require.Equal(t, []string{"mine"}, entries(t, "sweeps"))
	require.Equal(t, rows, swept(t, "sweep --config sweeps/mine/sweep.toml --out again"))
}

func TestDryRunListsTheTrialsOfAPreset(t *testing.T) {
	t.Chdir(t.TempDir())
	for args, want := range map[string]struct {
		trials int
		first  string
	}{
		"--preset report-grid":           {32, ` +0 +75 +2000 +200 +0.0001 +0\n`},
		"--preset report-grid --seeds 5": {160, ` +0 +75 +2000 +200 +0.0001 +0\n`},
		"--preset report-depth":          {54, ` +0 +100,25 +300 +0.01 +0.001 +normal:1e-3 +0\n`},
		"--row lr=0.5 --row reg=0":       {2, ` +0 +0.5 +0.001 +0\n`},
		"--set lr=log:1e-5:1e-2 --set reg=0,1 --random 7 --random-seed 3":   {7, ` +0 +[0-9.e-]+ +[01] +0\n`},
		"--set hidden=75;100,50 --set momentum=lin:0:0.9:4 --set iters=500": {8, ` +0 +75 +0 +0\n`},
	} {
		code, out, talk := lanes(append([]string{"sweep", "--dry-run"}, strings.Fields(args)...)...)
		require.Equal(t, 0, code, talk)
		require.Equal(t, 1+want.trials, strings.Count(out, "\n"), out)
		require.Regexp(t, `^[^\n]*\n`+want.first, out)
	}
	require.Empty(t, entries(t, "."))
}

func TestSweepHalvesOnSyntheticImagesWhereThereAreNoOthers(t *testing.T) {
	hideCIFAR10(t)
	t.Chdir(t.TempDir())
	code, out, talk := lanes(strings.Fields("sweep --set hidden=2 --set iters=4 --set batch=20 --set lr=1e-3,1e-9 --halving 2 --test")...)
	require.Equal(t, 0, code, talk)
	require.Contains(t, talk, "no CIFAR-10 found in ")
	require.Contains(t, talk, "\ncomparison 1 of 2: 2 trials\n")
	require.Contains(t, talk, "\ncomparison 2 of 2: 1 trial\n")
	require.Regexp(t, `test acc +seconds +rungs +status\n`, out)
	require.Regexp(t, ` done\n`, out)
	require.Regexp(t, ` stopped\n`, out)
	code, _, talk = lanes(strings.Fields("sweep plan parts --set dataset=synthetic --set hidden=2 --set iters=4 --set batch=20 --set lr=1e-3,1e-9 --halving 2")...)
	require.Equal(t, 0, code, talk)
	code, _, talk = lanes(strings.Fields("sweep run parts --index 0")...)
	require.Equal(t, 0, code, talk)
	code, out, talk = lanes(strings.Fields("sweep status parts")...)
	require.Zero(t, code, talk)
	require.Equal(t, "done         0\nrunning      0\nwaiting      1  0\nmissing      1  1\n", out)
	code, _, talk = lanes(strings.Fields("sweep run parts --index 0,1")...)
	require.Equal(t, exitInterrupted, code, talk)
	require.Regexp(t, `^trial 0: it waits for others: 1 still to reach rung 1 of 2\ntrial 1 .*\nlanes: left for later: trial 0; the same command continues\n$`, talk)
	code, out, talk = lanes(strings.Fields("sweep status parts")...)
	require.Zero(t, code, talk)
	require.Regexp(t, `^done         1  \d\nrunning      0\nmissing      1  \d\n$`, out)
	require.Len(t, swept(t, "sweep run parts"), 2)

	code, _, talk = lanes(strings.Fields("sweep --set dataset=cifar10 --set lr=1,2")...)
	require.Equal(t, exitData, code, talk)
}

func TestInterruptedSweepGoesOnWithTheSameCommand(t *testing.T) {
	t.Chdir(t.TempDir())
	command := "sweep --preset toy --set iters=60000 --set batch=2,3,5 --jobs 2"
	var out bytes.Buffer
	var talk sweepInterrupter
	code := run(context.Background(), strings.Fields(command), &out, &talk)
	if talk.err != nil {
		t.Skip("a process cannot interrupt itself here:", talk.err)
	}
	require.Equal(t, exitInterrupted, code)
	require.Empty(t, out.String())
	said := regexp.MustCompile(`lanes: stopped with (\d) of 3 trials finished: interrupt signal received; to continue: lanes (sweep run .*)\n$`).FindStringSubmatch(talk.String())
	require.NotNil(t, said, talk.String())
	for _, row := range swept(t, command) {
		require.Equal(t, "done", row["status"])
	}
	require.Len(t, swept(t, said[2]), 3)
}

// sweepInterrupter interrupts the process when a sweep's first trial is done.
type sweepInterrupter struct{ interrupter }

func (i *sweepInterrupter) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("trial ")) {
		p = append(p[:len(p):len(p)], "loss"...) // what an interrupter waits for
		n, err := i.interrupter.Write(p)
		return n - len("loss"), err
	}
	return i.interrupter.Write(p)
}

func TestSweepWithoutAResultIsDiverged(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, talk := lanes(strings.Fields("sweep --preset toy --set lr=1e30,1e31")...)
	require.Equal(t, exitDiverged, code)
	require.Equal(t, 2, strings.Count(out, "diverged"))
	require.True(t, strings.HasSuffix(talk, "\nlanes: every trial diverged\n"), talk)
}

func TestBadSweepsAreOneLineAndAnExitCode(t *testing.T) {
	t.Chdir(t.TempDir())
	swept(t, toySweep+" --out there")
	swept(t, toySweep+" --out torn")
	require.NoError(t, os.WriteFile(filepath.Join("torn", "trials", "0001", "trial.json"), []byte("{"), 0o666))
	swept(t, toySweep+" --out bent")
	file, err := os.ReadFile(filepath.Join("bent", "sweep.toml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join("bent", "sweep.toml"), bytes.Replace(file, []byte("seeds = 1"), []byte("seeds = 3"), 1), 0o666))
	require.NoError(t, os.WriteFile("file", nil, 0o666))
	require.NoError(t, os.WriteFile("typo.toml", []byte("learning-rate = 1"), 0o666))
	for args, want := range map[string]struct {
		code    int
		message string
	}{
		"":                                      {exitUsage, "there is one trial; --set lr=1e-3,1e-2 varies a setting"},
		"--preset big":                          {exitUsage, `--preset "big", want report-grid, report-depth, quick-ablation, quick-depth, report, toy, report-mlp, quick, modern, large, files or tabular`},
		"--set rate=1,2":                        {exitUsage, `--set unknown setting "rate"`},
		"--set lr=1,x":                          {exitUsage, `--set lr "x": invalid syntax`},
		"--set lr=log:0:1:2":                    {exitUsage, "--set lr=log:0:1:2: a log range begins above 0"},
		"--set lr=1,-1":                         {exitUsage, "lr is -1, want a finite number, at least 0"},
		"--set batch=0,1":                       {exitUsage, "batch is 0, want 1 to 1000000000"},
		"--set lr=1,2 --seeds 0":                {exitUsage, "seeds is 0, want 1 to 100000"},
		"--set lr=1,2 --halving 1":              {exitUsage, "halving is 1, want 2 or more"},
		"--set lr=1,2 --random -1":              {exitUsage, "random is -1, want 0 to 100000"},
		"--set lr=1,2 --jobs -1":                {exitUsage, "--jobs is -1, want 1 to 1000000000"},
		"--set lr=1,2 --threads -1":             {exitUsage, "--threads is -1, want 1 to 1000000000"},
		"--set lr=1,2 --level sse9":             {exitUsage, `--level: kernels: unknown level "sse9"`},
		"--set lr=1,2 extra":                    {exitUsage, `unknown command "extra" for "lanes sweep"`},
		"--row lr":                              {exitUsage, `row "lr": "lr", want a setting and its value`},
		"--preset report-depth --set lr=1":      {exitUsage, "--set lr is set by the rows"},
		"--config none.toml":                    {exitUsage, "--config: open none.toml: "},
		"--config typo.toml":                    {exitUsage, `typo.toml: unknown setting "learning-rate", did you mean "lr"?`},
		"--config typo.toml --preset toy":       {exitUsage, "--preset and --config exclude each other"},
		"--set lr=1,2 --data none":              {exitData, "none: no folder cifar-10-batches-bin"},
		"--preset toy --set lr=1,2 --out there": {exitFailed, "there: it holds another sweep, with axes [lr=log:1e-3:1e-1:3 reg=0,1e-4] instead of [lr=1,2]; --out names another folder"},
		"--preset toy --set lr=1,2 --out file":  {exitFailed, "file/sweep.toml: not a directory; --out names another folder"},
		"plan":                                  {exitUsage, "accepts 1 arg(s), received 0"},
		"plan there --preset toy --seeds 2":     {exitFailed, "there: it holds another sweep, with axes [lr=log:1e-3:1e-1:3 reg=0,1e-4] instead of []"},
		"run none":                              {exitData, "none: no such file"},
		"run .":                                 {exitData, ". holds no sweep: it has no sweep.toml"},
		"run there --index 6":                   {exitUsage, "--index \"6\", want trials of 0 to 5, such as 0-3,7"},
		"run there --index -1":                  {exitUsage, "--index \"-1\", want trials of 0 to 5"},
		toySweep[6:] + " --out torn":            {exitData, filepath.Join("torn", "trials", "0001", "trial.json") + ": unexpected end of JSON input"},
		toySweep[6:] + " --out bent":            {exitData, filepath.Join("bent", "sweep.toml") + ": its content does not match the hash in its first line"},
		"plan bent " + toySweep[6:]:             {exitData, filepath.Join("bent", "sweep.toml") + ": its content"},
		"run bent":                              {exitData, filepath.Join("bent", "sweep.toml") + ": its content"},
		"collect bent":                          {exitData, filepath.Join("bent", "sweep.toml") + ": its content"},
		"run torn":                              {exitData, filepath.Join("torn", "trials", "0001", "trial.json") + ": unexpected end of JSON input"},
		"status none":                           {exitData, "none: no such file"},
		"status torn":                           {exitData, "trial.json: unexpected end of JSON input"},
		"collect none":                          {exitData, "none: no such file"},
		"collect torn":                          {exitData, "trial.json: unexpected end of JSON input"},
	} {
		t.Run(args, func(t *testing.T) {
			hideCIFAR10(t)
			code, out, talk := lanes(append([]string{"sweep"}, strings.Fields(args)...)...)
			require.Equal(t, want.code, code, talk)
			require.Empty(t, out)
			require.Regexp(t, `^lanes: .*\n$`, talk)
			require.Contains(t, talk, want.message)
		})
	}
}
