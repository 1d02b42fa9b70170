//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestATrialThatAnotherProcessTrainsIsSaidToRunAndLeft(t *testing.T) {
	t.Chdir(t.TempDir())
	code, _, talk := lanes(strings.Fields(strings.Replace(toySweep, "sweep", "sweep plan parts", 1))...)
	require.Zero(t, code, talk)
	dir := filepath.Join("parts", "trials", "0001")
	require.NoError(t, os.MkdirAll(dir, 0o777))
	history, err := os.Create(filepath.Join(dir, "history.jsonl"))
	require.NoError(t, err)
	defer history.Close()
	require.NoError(t, syscall.Flock(int(history.Fd()), syscall.LOCK_EX)) // as a process that trains it

	code, _, talk = lanes(strings.Fields("sweep run parts --index 0-2,1")...)
	require.Equal(t, exitInterrupted, code)
	require.Regexp(t, `^trial 0 .*\ntrial 1: another process is at work on this run\ntrial 2 .*\nlanes: left for later: trial 1; the same command continues\n$`, talk)
	code, out, talk := lanes(strings.Fields("sweep status parts")...)
	require.Zero(t, code, talk)
	require.Equal(t, "done         2  0,2\nrunning      1  1\nmissing      3  3-5\n", out)
	code, out, talk = lanes(strings.Fields("sweep status parts --json")...)
	require.Zero(t, code, talk)
	require.JSONEq(t, `{"done": "0,2", "running": "1", "waiting": "", "missing": "3-5"}`, out)
	require.NoError(t, history.Close())
	code, _, talk = lanes(strings.Fields("sweep run parts --index 1")...)
	require.Zero(t, code, talk)
}
