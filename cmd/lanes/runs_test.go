package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/train"
)

// trained runs lanes train, which must succeed, and returns the object it prints.
func trained(t *testing.T, args string) map[string]any {
	t.Helper()
	code, out, talk := lanes(strings.Fields("train --json " + args)...)
	require.Equal(t, 0, code, talk)
	return decode(t, out)
}

func TestRunsAreKeptUnderTheirPreset(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, want := range []string{"runs/toy-1", "runs/toy-2"} {
		o := trained(t, "--preset toy --iters 3")
		require.Equal(t, filepath.FromSlash(want), o["run"])
		file, err := os.ReadFile(filepath.Join(want, "result.json"))
		require.NoError(t, err)
		delete(o, "peak_percent") // of this machine at this moment, and not of the run
		require.Equal(t, o, decode(t, string(file)))
	}
	require.Equal(t, "elsewhere", trained(t, "--preset toy --iters 3 --out elsewhere")["run"])
	require.Empty(t, trained(t, "--preset toy --iters 3 --out none")["run"])
	require.Equal(t, []string{"elsewhere", "runs"}, entries(t, "."))
	require.Equal(t, []string{"toy-1", "toy-2"}, entries(t, "runs"))
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	all, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

func TestInterruptedRunGoesOnWithTheCommandThatItNames(t *testing.T) {
	t.Chdir(t.TempDir())
	want := trained(t, "--preset toy --batch 2 --iters 20000 --out none")
	var out bytes.Buffer
	var talk interrupter
	code := run(context.Background(), strings.Fields("train --preset toy --batch 2 --iters 20000"), &out, &talk)
	if talk.err != nil {
		t.Skip("a process cannot interrupt itself here:", talk.err)
	}
	require.Equal(t, exitInterrupted, code)
	command := regexp.MustCompile(`to continue: lanes (.*)\n$`).FindStringSubmatch(talk.String())
	require.NotNil(t, command, talk.String())
	code, printed, said := lanes(append(strings.Fields(command[1]), "--json", "--threads", "2")...)
	require.Equal(t, 0, code, said)
	o := decode(t, printed)
	require.Equal(t, want["weights_sha256"], o["weights_sha256"])
	require.Equal(t, want["first_loss"], o["first_loss"])
	require.Equal(t, 20000.0, o["steps"])
}

func TestInterruptedRunThatIsNotKeptIsAFailure(t *testing.T) {
	var out bytes.Buffer
	var talk interrupter
	code := run(context.Background(), strings.Fields("train --preset toy --iters 400000 --out none"), &out, &talk)
	if talk.err != nil {
		t.Skip("a process cannot interrupt itself here:", talk.err)
	}
	require.Equal(t, exitFailed, code)
	require.Regexp(t, `\nlanes: stopped before step \d+ of 400000: interrupt signal received; nothing is kept\n$`, talk.String())
}

func TestResumedRunMayBeLonger(t *testing.T) {
	t.Chdir(t.TempDir())
	want := trained(t, "--preset toy --batch 2 --iters 50 --out none")
	trained(t, "--preset toy --batch 2 --iters 20 --out run")
	o := trained(t, "--resume run --iters 50")
	require.Equal(t, want["weights_sha256"], o["weights_sha256"])
	require.Equal(t, 120.0, trained(t, "--resume run --epochs 60")["steps"])
}

func TestFileOverridesThePresetAndFlagsTheFile(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("mine.toml", []byte("preset = \"toy\"\nlr = 0.2\niters = 7\nthreads = 1\nout = \"none\"\n"), 0o666))
	o := trained(t, "--config mine.toml")
	require.Equal(t, []any{"toy", 7.0, 1.0, ""}, []any{o["dataset"], o["steps"], o["threads"], o["run"]})
	require.Equal(t, trained(t, "--preset toy --lr 0.2 --iters 7")["weights_sha256"], o["weights_sha256"])
	o = trained(t, "--config mine.toml --lr 0.3 --epochs 9 --threads 2 --out here")
	require.Equal(t, []any{9.0, 2.0, "here"}, []any{o["steps"], o["threads"], o["run"]})
	require.Equal(t, trained(t, "--preset toy --lr 0.3 --iters 9")["weights_sha256"], o["weights_sha256"])
}

func TestPrintedConfigurationGivesTheSameRun(t *testing.T) {
	t.Chdir(t.TempDir())
	code, text, talk := lanes(strings.Fields("train --print-config --preset toy --lr 0.2 --optimizer adam --threads 2 --out none --json")...)
	require.Equal(t, 0, code)
	require.Empty(t, talk)
	require.Contains(t, text, "# learning rate\nlr = 0.2\n")
	require.NoError(t, os.WriteFile("mine.toml", []byte(text), 0o666))
	code, out, talk := lanes("train", "--config", "mine.toml")
	require.Equal(t, 0, code, talk)
	o := decode(t, out)
	require.Equal(t, trained(t, "--preset toy --lr 0.2 --optimizer adam")["weights_sha256"], o["weights_sha256"])
	_, again, _ := lanes("train", "--config", "mine.toml", "--print-config")
	require.Equal(t, text, again)
	require.Equal(t, []string{"mine.toml", "runs"}, entries(t, "."))
}

func TestRunOfALargeSeedIsOpenedByEveryCommand(t *testing.T) {
	hideCIFAR10(t)
	t.Chdir(t.TempDir())
	const seed = "18446744073709551615"
	o := trained(t, "--dataset synthetic --hidden none --iters 3 --batch 10 --out run --seed "+seed)
	for _, args := range []string{"train --resume run --iters 4", "eval run --json", "export run --format npz", "report run"} {
		code, _, talk := lanes(strings.Fields(args)...)
		require.Equal(t, 0, code, args+": "+talk)
	}
	code, text, _ := lanes("train", "--print-config", "--resume", "run")
	require.Equal(t, 0, code)
	require.Contains(t, text, "seed = \""+seed+"\"\n")
	require.Contains(t, text, "hidden = []\n")
	require.NoError(t, os.WriteFile("mine.toml", []byte(text), 0o666))
	again := trained(t, "--config mine.toml --iters 3 --out again")
	require.Equal(t, o["weights_sha256"], again["weights_sha256"])
}

// Where there are no images, the file names those that are trained on instead.
func TestPrintedSettingsTrainWhereThereIsNoCIFAR10(t *testing.T) {
	hideCIFAR10(t)
	t.Chdir(t.TempDir())
	const flags = "--hidden 2 --iters 3 --batch 10 --out none"
	code, text, talk := lanes(strings.Fields("train --print-config " + flags)...)
	require.Equal(t, 0, code, talk)
	require.Contains(t, talk, "trains on built-in synthetic images")
	require.Contains(t, text, "dataset = \"synthetic\"\n")
	require.NoError(t, os.WriteFile("mine.toml", []byte(text), 0o666))
	want := trained(t, flags)
	require.Equal(t, want["weights_sha256"], trained(t, "--config mine.toml")["weights_sha256"])
	code, text, talk = lanes(strings.Fields("train --print-config --dataset cifar10")...)
	require.Equal(t, 0, code, talk)
	require.Empty(t, talk)
	require.Contains(t, text, "dataset = \"cifar10\"\n")
}

func TestEverySettingIsAFlagOfTrain(t *testing.T) {
	var c train.Config
	flags := trainCommand().Flags()
	for _, s := range c.Settings() {
		require.NotNil(t, flags.Lookup(s.Name), s.Name)
	}
}

func TestBadRunsAndFilesAreOneLineAndAnExitCode(t *testing.T) {
	t.Chdir(t.TempDir())
	trained(t, "--preset toy --iters 20 --out run")
	trained(t, "--preset toy --iters 20 --out cut")
	require.NoError(t, os.Truncate(filepath.Join("cut", "last.safetensors"), 1000))
	trained(t, "--preset toy --iters 20 --out lost")
	require.NoError(t, os.Truncate(filepath.Join("lost", "history.jsonl"), 100))
	require.NoError(t, os.WriteFile("file", nil, 0o666))
	for name, content := range map[string]string{
		"typo.toml": "learning-rate = 1", "type.toml": "preset = \"toy\"\nlr = true", "range.toml": "batch = 0", "syntax.toml": "lr = = 2",
		"preset.toml": `preset = "big"`, "fixed.toml": `dataset = "toy"`,
	} {
		require.NoError(t, os.WriteFile(name, []byte(content), 0o666))
	}
	for args, want := range map[string]struct {
		code    int
		message string
	}{
		"--config none.toml":                 {exitUsage, "--config: open none.toml: "},
		"--config typo.toml":                 {exitUsage, `typo.toml: unknown setting "learning-rate", did you mean "lr"?`},
		"--config type.toml":                 {exitUsage, "type.toml: lr: toml: line 2"},
		"--config range.toml":                {exitUsage, "range.toml: batch is 0, want 1 to 1000000000"},
		"--config syntax.toml":               {exitUsage, "syntax.toml: toml: line 1"},
		"--config preset.toml":               {exitUsage, `preset.toml: preset "big", want report, toy, report-mlp, quick, modern, large, files or tabular`},
		"--config fixed.toml":                {exitUsage, "fixed.toml: hidden is 75, want 10: the toy problem"},
		"--resume none":                      {exitData, "none: no such file"},
		"--resume .":                         {exitData, ". holds no run: it has no config.toml"},
		"--resume cut":                       {exitData, filepath.Join("cut", "last.safetensors") + ": not a whole checkpoint: "},
		"--resume lost":                      {exitData, "damaged history: " + filepath.Join("lost", "history.jsonl") + " has 0 steps, the checkpoint is of step 20"},
		"--resume run --lr 1":                {exitUsage, "--lr does not go with --resume"},
		"--resume run --config typo.toml":    {exitUsage, "--config does not go with --resume"},
		"--resume run --out there":           {exitUsage, "--out does not go with --resume"},
		"--resume run --iters 10":            {exitData, "it is of step 20, but the run is to end after step 10"},
		"--resume run --epochs 0":            {exitUsage, "--epochs is 0, want 1 to 1000000000"},
		"--preset toy --out run":             {exitFailed, "run holds a run already; --out names another folder, or none"},
		"--preset toy --out file":            {exitFailed, "file: not a directory; --out names another folder, or none"},
		"--preset toy --checkpoint-every -1": {exitUsage, "--checkpoint-every is -1, want 0 to 1000000000"},
		"--preset toy --keep-epochs -1":      {exitUsage, "--keep-epochs is -1, want 0 to 1000000000"},
		"--preset toy --optimizer rmsprop":   {exitUsage, `--optimizer "rmsprop", want sgd, adam, adamw or lion`},
		"--preset toy --momentum 1":          {exitUsage, "--momentum is 1, want at least 0 and below 1"},
		"--preset toy --keep-last=x":         {exitUsage, `invalid argument "x" for "--keep-last" flag: invalid syntax`},
		"--dataset cifar10 --out none":       {exitData, "no CIFAR-10 found"},
		"--dataset toy":                      {exitUsage, "--hidden is 75, want 10: the toy problem"},
	} {
		t.Run(args, func(t *testing.T) {
			hideCIFAR10(t)
			code, out, talk := lanes(append([]string{"train"}, strings.Fields(args)...)...)
			require.Equal(t, want.code, code, talk)
			require.Empty(t, out)
			require.Regexp(t, `^lanes: .*\n$`, talk)
			require.Contains(t, talk, want.message)
		})
	}
}

func TestRunInEpochsPrintsThemAsTheReportDoes(t *testing.T) {
	hideCIFAR10(t)
	code, _, talk := lanes(strings.Fields("train --preset report-mlp --hidden 4 --epochs 2 --batch 3000 --out none --json")...)
	require.Equal(t, 0, code, talk)
	lines := strings.Split(strings.TrimSpace(talk), "\n")
	require.Regexp(t, `^Epoch \[1/2\], Step \[3/3\], Loss: 2\.\d{4} Validation accuracy is: \d+\.\d %$`, lines[len(lines)-2])
	require.Regexp(t, `^Epoch \[2/2\], `, lines[len(lines)-1])
}
