//go:build unix

package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/train"
)

// signalledArgs holds, for the process that gets signals, its arguments.
const signalledArgs = "LANES_TEST_COMMAND_LINE"

// TestProcessThatGetsSignals is no test, but the process that others start.
func TestProcessThatGetsSignals(t *testing.T) {
	args := os.Getenv(signalledArgs)
	if args == "" {
		t.Skip("it is run by other tests")
	}
	os.Exit(run(context.Background(), strings.Fields(args), os.Stdout, os.Stderr))
}

// process returns the command line as a process that is still to start, and what it
// says.
func process(t *testing.T, args string) (*exec.Cmd, io.ReadCloser) {
	self, err := os.Executable()
	require.NoError(t, err)
	c := exec.Command(self, "-test.run=^TestProcessThatGetsSignals$")
	c.Env = append(os.Environ(), signalledArgs+"="+args)
	said, err := c.StderrPipe()
	require.NoError(t, err)
	return c, said
}

// requireStopped waits for a process that trains in dir, and requires that it ended
// as one that can be resumed.
func requireStopped(t *testing.T, c *exec.Cmd, dir string) {
	t.Helper()
	c.Wait() // its exit code is looked at
	require.Equal(t, exitInterrupted, c.ProcessState.ExitCode(), c.ProcessState)
	engine, err := kernels.New[float32]()
	require.NoError(t, err)
	last, err := train.OpenModel(engine, filepath.Join(dir, "last.safetensors"))
	require.NoError(t, err)
	require.NotZero(t, last.Step)
}

func TestEverySignalThatAsksForAnEndLeavesWhatWasTrained(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		dir := filepath.Join(t.TempDir(), "run")
		c, said := process(t, "train --preset toy --iters 1000000000 --checkpoint-every 999999999 --out "+dir)
		require.NoError(t, c.Start())
		lines := bufio.NewScanner(said)
		for {
			if h, _ := os.Stat(filepath.Join(dir, "history.jsonl")); h != nil && h.Size() > 0 {
				break
			}
		}
		require.NoError(t, c.Process.Signal(signal))
		require.True(t, lines.Scan(), signal)
		require.Contains(t, lines.Text(), "; to continue: lanes train --resume "+dir, signal)
		requireStopped(t, c, dir)
	}
}

func TestPipeThatIsClosedLeavesWhatWasTrained(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	c, said := process(t, "train --preset toy --iters 400000 --checkpoint-every 399999 --out "+dir)
	require.NoError(t, c.Start())
	_, err := bufio.NewReader(said).ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, said.Close())
	requireStopped(t, c, dir)
}

func TestNohupIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	c, said := process(t, "train --preset toy --iters 60000 --out "+dir)
	c.Path, c.Args = "/bin/sh", append([]string{"sh", "-c", `trap "" HUP; exec "$@"`, "sh"}, c.Args...)
	require.NoError(t, c.Start())
	lines := bufio.NewScanner(said)
	require.True(t, lines.Scan())
	require.NoError(t, c.Process.Signal(syscall.SIGHUP))
	for lines.Scan() {
	}
	require.NoError(t, c.Wait())
}
