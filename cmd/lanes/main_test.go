package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

// asCommand is the variable that makes the tests' program the command lanes.
const asCommand = "LANES_TEST_AS_COMMAND"

// source is the folder of this package.
var source, _ = os.Getwd()

// TestMain moves to an empty folder, because runs are kept where the program is.
func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	code := func() int {
		dir, err := os.MkdirTemp("", "lanes")
		if err == nil {
			err = os.Chdir(dir)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		return m.Run()
	}()
	os.Exit(code)
}

// lanes runs a command line and returns the exit code, standard output and
// standard error.
func lanes(args ...string) (code int, out, talk string) {
	var o, e bytes.Buffer
	code = run(context.Background(), args, &o, &e)
	return code, o.String(), e.String()
}

// hideCIFAR10 makes the machine one without CIFAR-10.
func hideCIFAR10(t *testing.T) {
	t.Setenv("LANES_DATA", "")
	empty := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData"} {
		t.Setenv(name, empty)
	}
}

// decode reads the one JSON object that out must be.
func decode(t *testing.T, out string) map[string]any {
	t.Helper()
	var object map[string]any
	d := json.NewDecoder(strings.NewReader(out))
	require.NoError(t, d.Decode(&object), out)
	require.False(t, d.More(), out)
	return object
}

func TestBadInputIsOneLineAndAnExitCode(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "data_batch_1.bin"), make([]byte, 100), 0o666))
	for _, c := range []struct {
		env     string // NAME=value
		args    string
		code    int
		message string
	}{
		{"", "bogus", exitUsage, `unknown command "bogus"`},
		{"", "trian", exitUsage, `unknown command "trian"`},
		{"", "--bogus", exitUsage, "unknown flag: --bogus; see 'lanes --help'"},
		{"", "train --bogus", exitUsage, "unknown flag: --bogus; see 'lanes train --help'"},
		{"", "train extra", exitUsage, `"extra"`},
		{"", "help bogus", exitUsage, `unknown command "bogus" for "lanes"`},
		{"", "help train bogus", exitUsage, `unknown command "bogus" for "lanes train"`},
		{"", "train --config=", exitUsage, "--config has an empty name"},
		{"", "train --resume=", exitUsage, "--resume has an empty name"},
		{"", "info extra", exitUsage, `"extra"`},
		{"", "gradcheck --seed -1", exitUsage, `invalid argument "-1" for "--seed" flag: invalid syntax`},
		{"", "train --preset big", exitUsage, `--preset "big", want report, toy, report-mlp, quick, modern, large, files or tabular`},
		{"", "train --level sse9", exitUsage, `--level: kernels: unknown level "sse9"`},
		{"LANES_LEVEL=sse9", "train", exitUsage, `LANES_LEVEL: kernels: unknown level "sse9"`},
		{"LANES_LEVEL=sse9", "info", exitUsage, `LANES_LEVEL: kernels: unknown level "sse9"`},
		{"LANES_LEVEL=sse9", "gradcheck", exitUsage, `LANES_LEVEL: kernels: unknown level "sse9"`},
		{"LANES_THREADS=many", "train", exitUsage, `LANES_THREADS: "many", want a number of at least 1`},
		{"LANES_THREADS=0", "info", exitUsage, `LANES_THREADS: "0", want a number of at least 1`},
		{"LANES_TUNING=on", "info", exitUsage, `LANES_TUNING: "on", want off, or nothing`},
		{"", "tune --threads 0", exitUsage, "--threads is 0, want 1 to 1000000000"},
		{"", "tune --time 0", exitUsage, "--time is 0, want seconds above 0 and up to 3600"},
		{"", "tune extra", exitUsage, `"extra"`},
		{"", "bench bogus", exitUsage, `"bogus"`},
		{"", "bench gemm --threads 0", exitUsage, "--threads is 0, want 1 to 1000000000"},
		{"", "bench gemm --time -1", exitUsage, "--time is -1, want seconds above 0 and up to 3600"},
		{"", "bench gemm --dtype float16", exitUsage, `--dtype "float16", want float32 or float64`},
		{"", "bench elementwise --level sse9", exitUsage, `--level: kernels: unknown level "sse9"`},
		{"", "bench gemm --shapes " + missing, exitData, "missing"},
		{"", "train --threads 0", exitUsage, "--threads is 0, want 1 to 1000000000"},
		{"", "train --threads -1", exitUsage, "--threads is -1, want 1 to 1000000000"},
		{"", "train --batch 0", exitUsage, "--batch is 0, want 1 to 1000000000"},
		{"", "train --batch", exitUsage, "flag needs an argument: --batch"},
		{"", "train --iters 0", exitUsage, "--iters is 0, want 1 to 1000000000"},
		{"", "train --iters 99999999999999999999", exitUsage, `"99999999999999999999" for "--iters" flag: value out of range`},
		{"", "train --epochs 0", exitUsage, "--epochs is 0, want 1 to 1000000000"},
		{"", "train --epochs 1000000001", exitUsage, "--epochs is 1000000001, want 1 to 1000000000"},
		{"", "train --iters 5 --epochs 5", exitUsage, "--epochs and --iters exclude each other"},
		{"", "train --hidden 0", exitUsage, "--hidden has a layer of 0 units, want 1 to 1000000000"},
		{"", "train --hidden 75,-2", exitUsage, "--hidden has a layer of -2 units, want 1 to 1000000000"},
		{"", "train --hidden a", exitUsage, `invalid argument "a" for "--hidden" flag: invalid syntax; see 'lanes train --help'`},
		{"", "train --hidden=", exitUsage, `invalid argument "" for "--hidden" flag: invalid syntax`},
		{"", "train --hidden 1000000000", exitUsage, "--hidden 1000000000 with a batch of 300 needs 30420.7 GB of memory, want at most 4"},
		{"", "train --hidden 1000000000,1000000000,1000000000", exitUsage, "GB of memory, want at most 4"},
		{"", "train --hidden 20000 --batch 1000000000 --dtype float64", exitUsage, "--hidden 20000 with a batch of 49000 needs 16.7 GB of memory, want at most 4"},
		{"", "train --lr nan", exitUsage, "--lr is NaN, want a finite number, at least 0"},
		{"", "train --lr inf", exitUsage, "--lr is +Inf, want a finite number, at least 0"},
		{"", "train --lr -1", exitUsage, "--lr is -1, want a finite number, at least 0"},
		{"", "train --reg -1", exitUsage, "--reg is -1, want a finite number, at least 0"},
		{"", "train --lr-decay 2", exitUsage, "--lr-decay is 2, want 0 to 1"},
		{"", "train --lr-decay nan", exitUsage, "--lr-decay is NaN, want 0 to 1"},
		{"", "train --init foo", exitUsage, `--init "foo", want he, glorot, zero or normal:STD`},
		{"", "train --init normal:", exitUsage, `--init "normal:", want`},
		{"", "train --init normal:nan", exitUsage, `--init "normal:nan", want`},
		{"", "train --init normal:-1", exitUsage, `--init "normal:-1", want`},
		{"", "train --init normal:inf", exitUsage, `--init "normal:inf", want`},
		{"", "train --dtype float16", exitUsage, `--dtype "float16", want float32 or float64`},
		{"", "train --preset toy --hidden 5", exitUsage, "--hidden is 5, want 10: the toy problem's data and network are fixed"},
		{"", "train --preset toy --data x", exitUsage, "--data does not go with the toy problem"},
		{"", "train --preset toy --init he", exitUsage, "--init is he, want normal:0.1: the toy problem's data and network are fixed"},
		{"", "train --data " + missing, exitData, missing + ": no folder cifar-10-batches-bin"},
		{"LANES_DATA=" + missing, "train", exitData, "LANES_DATA: " + missing},
		{"", "train --data " + dir, exitData, "data_batch_1.bin: 100 bytes, want 30730000"},
	} {
		t.Run(strings.TrimSpace(c.env+" "+c.args), func(t *testing.T) {
			hideCIFAR10(t)
			if name, value, ok := strings.Cut(c.env, "="); ok {
				t.Setenv(name, value)
			}
			code, out, talk := lanes(strings.Fields(c.args)...)
			require.Equal(t, c.code, code, talk)
			require.Empty(t, out)
			require.Regexp(t, `^lanes: .*\n$`, talk) // . is not a line end
			require.Contains(t, talk, c.message)
		})
	}
}

func TestNamesWithLineEndsLeaveAnErrorOnOneLine(t *testing.T) {
	for _, args := range [][]string{{"eval", "a\nb"}, {"train", "--config", "a\nb"}, {"train", "--a\nb"}, {"a\nb"}} {
		code, out, talk := lanes(args...)
		require.NotZero(t, code)
		require.Empty(t, out)
		require.Regexp(t, `^lanes: .*a\\nb.*\n$`, talk)
	}
	_, _, talk := lanes("eval", "\x1b[2Jé")
	require.Contains(t, talk, `\x1b[2Jé`)
}

func TestUnavailableLevelIsNamed(t *testing.T) {
	for level := kernels.Generic; ; level++ {
		if _, err := kernels.ParseLevel(level.String()); err != nil {
			return
		}
		if level.Available() {
			continue
		}
		t.Setenv("LANES_LEVEL", "")
		code, _, talk := lanes("train", "--preset", "toy", "--level", level.String())
		require.Equal(t, exitUsage, code)
		require.Contains(t, talk, "level "+level.String()+" is not available on this machine")

		t.Setenv("LANES_LEVEL", level.String())
		code, _, talk = lanes("info")
		require.Equal(t, exitUsage, code)
		require.Contains(t, talk, "level "+level.String()+" is not available on this machine")
	}
}

func TestTrainHelpShowsTheDefaults(t *testing.T) {
	_, out, _ := lanes("train", "--help")
	words := strings.Join(strings.Fields(out), " ")
	for _, s := range []string{
		"--iters 100 --batch 200 --lr 0.1 --lr-decay 0.95 --reg 5e-06", // of toy
		"hidden layers, separated by commas, or none (default 75)",
		"training steps (default 3000)",
		"fewer (default 300)",
		"learning rate (default 0.001)",
		"epoch (default 0.95)",
		"in the loss (default 0.001)",
		`zero (default "normal:1e-4")`,
		"threads (default $LANES_THREADS, then all)",
		"(default $LANES_LEVEL, then the best)",
		"path of a dataset (default CIFAR-10 in $LANES_DATA or the user's cache)",
		`(default "float32")`,
		`(default "report")`,
	} {
		require.Contains(t, words, s)
	}
}
