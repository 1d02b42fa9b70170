//go:build unix

package train

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

// killedDir names, for the process that is killed, the folder that it trains in.
const killedDir = "LANES_TEST_KILLED_DIR"

func killedConfig() Config {
	c := stopConfigs()["adam"]
	c.Hidden, c.Iters = []int{16}, 1_000_000
	return c
}

// TestKilledProcess is no test, but the process that
// TestCheckpointLoadsWheneverTheProcessIsKilled kills.
func TestKilledProcess(t *testing.T) {
	dir := os.Getenv(killedDir)
	if dir == "" {
		t.Skip("it is run by another test")
	}
	r := resumed[float32](t, dir, randomImages(50, 10, 10), 1, nil)
	r.CheckpointEvery, r.KeepEpochs = 1, 2
	fmt.Println("training")
	_, err := r.Do(context.Background())
	t.Fatal("the run ended:", err)
}

// kills is how many times the process is killed; LANES_TEST_KILLS raises it.
func kills(t *testing.T) int {
	t.Helper()
	if n := os.Getenv("LANES_TEST_KILLS"); n != "" {
		kills, err := strconv.Atoi(n)
		require.NoError(t, err)
		return kills
	}
	if testing.Short() {
		return 3
	}
	return 30 // of which one in six meets a checkpoint half written, where it is written in place
}

func TestCheckpointLoadsWheneverTheProcessIsKilled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	c := killedConfig()
	_, err := Create(dir, c)
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	engine := newEngine[float32](t, kernels.WithThreads(1))
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	step, loaded := 0, 0
	for range kills(t) {
		child := exec.Command(self, "-test.run=^TestKilledProcess$", "-test.v")
		child.Env = append(os.Environ(), killedDir+"="+dir)
		out, err := child.StdoutPipe()
		require.NoError(t, err)
		if err := child.Start(); errors.Is(err, syscall.ENOEXEC) {
			t.Skip("an emulator runs the tests, and the machine cannot run them:", err)
		} else {
			require.NoError(t, err)
		}
		lines := bufio.NewScanner(out)
		for lines.Scan() && lines.Text() != "training" {
		}
		time.Sleep(time.Duration(rng.IntN(60_000)) * time.Microsecond)
		require.NoError(t, child.Process.Kill())
		require.Error(t, child.Wait(), "it was killed")

		m, err := OpenModel(engine, filepath.Join(dir, "last.safetensors"))
		if step == 0 && errors.Is(err, fs.ErrNotExist) {
			continue // killed before the first checkpoint
		}
		require.NoError(t, err)
		require.GreaterOrEqual(t, m.Step, step)
		step = m.Step
		loaded++
		resumed[float32](t, dir, randomImages(50, 10, 10), 1, nil)
	}
	t.Logf("%d kills, a checkpoint loaded after %d, the last of step %d", kills(t), loaded, step)

	end := func(c *Config) { c.Iters = step + 5 }
	got := do(t, resumed[float32](t, dir, randomImages(50, 10, 10), 1, end))
	end(&c)
	require.Equal(t, do(t, newRun[float32](t, c, randomImages(50, 10, 10))).WeightsSHA256, got.WeightsSHA256)
	for _, name := range list(t, dir) {
		require.NotContains(t, name, ".tmp")
	}
}
