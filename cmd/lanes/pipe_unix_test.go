//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// notFiles put something under a name that is no file: to open or read it takes for
// ever, but for the folder.
var notFiles = map[string]func(path string) error{
	"a pipe":   func(path string) error { return syscall.Mkfifo(path, 0o666) },
	"a device": func(path string) error { return os.Symlink("/dev/zero", path) },
	"a folder": func(path string) error { return os.Mkdir(path, 0o777) },
}

func TestWhatIsNoFileInARunIsNeverRead(t *testing.T) {
	run := newRun(t, unchanged)
	for file, commands := range map[string]string{
		"config.toml":      "eval RUN,predict RUN a.png,export RUN --format npz,report RUN,train --resume RUN",
		"best.safetensors": "eval RUN,predict RUN a.png,export RUN --format npz,report RUN",
		"last.safetensors": "eval RUN --checkpoint last,train --resume RUN",
		"history.jsonl":    "report RUN,train --resume RUN",
		"history.csv":      "train --resume RUN",
		"result.json":      "report RUN",
	} {
		for what, make := range notFiles {
			dir := filepath.Join(t.TempDir(), "run")
			require.NoError(t, os.CopyFS(dir, os.DirFS(run)))
			require.NoError(t, os.Remove(filepath.Join(dir, file)))
			require.NoError(t, make(filepath.Join(dir, file)))
			for command := range strings.SplitSeq(commands, ",") {
				code, out, talk := lanes(strings.Fields(strings.Replace(command, "RUN", dir, 1))...)
				require.Contains(t, []int{exitFailed, exitData}, code, "%s is %s: %s: %s", file, what, command, talk)
				require.Empty(t, out)
				require.Contains(t, talk, filepath.Join(dir, file)+": "+what+", not a file")
			}
		}
	}
}

func TestWhatIsNoFileInADatasetIsNeverRead(t *testing.T) {
	hideCIFAR10(t)
	run := newRun(t, func(c *train.Config) { c.Dataset = "cifar10" })
	for what, make := range notFiles {
		dir := t.TempDir()
		require.NoError(t, make(filepath.Join(dir, data.Binary.Files()[0])))
		for _, command := range []string{"data verify", "data info", "eval " + run, "train --dataset cifar10 --out none"} {
			code, _, talk := lanes(append(strings.Fields(command), "--data", dir)...)
			require.Equal(t, exitData, code, talk)
			require.Contains(t, talk, "data_batch_1.bin: "+what+", not a file")
		}
	}
}

func TestWhatIsNoFileInASweepIsNeverRead(t *testing.T) {
	t.Chdir(t.TempDir())
	hideCIFAR10(t)
	code, _, talk := lanes("sweep", "plan", "whole", "--preset", "toy", "--set", "lr=0.1,0.2")
	require.Zero(t, code, talk)
	trial := filepath.Join("trials", "0001", "trial.json")
	for _, file := range []string{"sweep.toml", trial} {
		for what, make := range notFiles {
			dir := filepath.Join(t.TempDir(), "sweep")
			require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(trial)), 0o777))
			if file == trial {
				require.NoError(t, os.Link(filepath.Join("whole", "sweep.toml"), filepath.Join(dir, "sweep.toml")))
			}
			require.NoError(t, make(filepath.Join(dir, file)))
			for _, command := range []string{"report ", "sweep run ", "sweep status ", "sweep collect "} {
				code, _, talk := lanes(strings.Fields(command + dir)...)
				require.Equal(t, exitData, code, "%s is %s: %s", file, what, command)
				require.Contains(t, talk, file+": "+what+", not a file")
			}
		}
	}
}
