//go:build unix

package sweep

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/train"
)

// killedDir names, for the process that is killed, the sweep that it trains.
const killedDir = "LANES_TEST_KILLED_DIR"

// TestKilledProcess is no test, but the process that other tests start.
func TestKilledProcess(t *testing.T) {
	dir := os.Getenv(killedDir)
	if dir == "" {
		t.Skip("it is run by another test")
	}
	f, err := Open(dir)
	require.NoError(t, err)
	r := runner(2)
	fmt.Println("training")
	r.OnStep = func(Trial, train.StepRecord) { time.Sleep(200 * time.Microsecond) } // or it is done too soon
	_, err = f.Do(context.Background(), r)
	require.NoError(t, err)
}

func TestKilledSweepEndsWithTheSameTable(t *testing.T) {
	for name, s := range map[string]Sweep{"grid": small(t), "halving": halved(t), "tpe": chosenByTPE(t)} {
		if name != "grid" && testing.Short() {
			continue
		}
		t.Run(name, func(t *testing.T) { testKilled(t, s) })
	}
}

// training returns a process that trains the sweep.
func training(t *testing.T, f *Folder) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	child := exec.Command(self, "-test.run=^TestKilledProcess$", "-test.v")
	child.Env = append(os.Environ(), killedDir+"="+f.Dir)
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
	go io.Copy(io.Discard, out)
	return child
}

// testKilled kills processes that train a sweep until one ends. None may train a
// trial that was finished.
func testKilled(t *testing.T, s Sweep) {
	s.Base.Iters *= 4
	want, f := planned(t, s), planned(t, s)
	_, err := want.Do(context.Background(), runner(2))
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	kills, wait := 0, 80*time.Millisecond
	for ; ; kills++ {
		finished := outcomes(t, f)
		child := training(t, f)
		killer := time.AfterFunc(time.Duration(rng.Int64N(int64(wait))), func() { child.Process.Kill() })
		err = child.Wait()
		killer.Stop()
		for path, modified := range finished {
			info, err := os.Stat(path)
			require.NoError(t, err)
			require.Equal(t, modified, info.ModTime(), "%s was written again", path)
		}
		if err == nil {
			break
		}
		require.Less(t, kills, 200)
		wait += 25 * time.Millisecond // or a slow machine never gets anywhere
	}
	t.Logf("%d kills", kills)
	require.Equal(t, table(t, want), table(t, f))
}

// outcomes returns when what was written of the trials that are done with their
// last rung.
func outcomes(t *testing.T, f *Folder) map[string]time.Time {
	t.Helper()
	scores, err := f.allScores()
	require.NoError(t, err)
	written := map[string]time.Time{}
	for i := range f.Trials {
		path := filepath.Join(f.Trial(i), outcomeFile)
		if info, err := os.Stat(path); err == nil && len(scores[i]) == f.rungs() {
			written[path] = info.ModTime()
		} else if err != nil {
			require.ErrorIs(t, err, fs.ErrNotExist)
		}
	}
	return written
}
