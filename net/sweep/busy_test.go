//go:build unix

package sweep

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/train"
)

// occupy makes a trial busy, as a process that trains it does, until the file is
// closed.
func occupy(t *testing.T, f *Folder, index int) *os.File {
	t.Helper()
	require.NoError(t, os.MkdirAll(f.Trial(index), 0o777))
	history, err := os.OpenFile(filepath.Join(f.Trial(index), "history.jsonl"), os.O_RDWR|os.O_CREATE, 0o666)
	require.NoError(t, err)
	t.Cleanup(func() { history.Close() })
	require.NoError(t, syscall.Flock(int(history.Fd()), syscall.LOCK_EX))
	return history
}

func TestWhatAnotherProcessTrainsIsLeftToItUntilItStops(t *testing.T) {
	for name, s := range map[string]Sweep{"grid": small(t), "halving": halved(t)} {
		t.Run(name, func(t *testing.T) {
			want, f := planned(t, s), planned(t, s)
			_, err := want.Do(context.Background(), runner(2))
			require.NoError(t, err)
			busy := map[int]*os.File{1: occupy(t, f, 1), 4: occupy(t, f, 4)}
			for i := range busy {
				require.ErrorIs(t, f.Run(context.Background(), i, runner(1)), train.ErrBusy)
			}
			r := runner(2)
			var trained, left []int
			r.OnResult = func(x Result) { trained = append(trained, x.Index) }
			r.OnBusy = func(trials []int) {
				if left == nil {
					require.Len(t, trained, len(f.Trials)-2, "all others of the rung are trained")
				}
				left = append(left, trials...)
				require.NoError(t, busy[trials[0]].Close())
			}
			_, err = f.Do(context.Background(), r)
			require.NoError(t, err)
			require.Equal(t, []int{1, 4, 4}, left)
			require.Equal(t, table(t, want), table(t, f))
		})
	}
}

func TestASweepThatWaitsForAnotherProcessMayBeStopped(t *testing.T) {
	f := planned(t, small(t))
	occupy(t, f, 2)
	ctx, cancel := context.WithCancelCause(context.Background())
	stop := errors.New("enough")
	r := runner(2)
	r.OnBusy = func([]int) { cancel(stop) }
	results, err := f.Do(ctx, r)
	require.ErrorIs(t, err, stop)
	require.Len(t, results.Rows, 5)
}

// Each trains trials that the other does not, and takes over what it leaves when it
// is killed.
func TestTwoProcessesTrainASweepTogether(t *testing.T) {
	for name, kill := range map[string]bool{"to the end": false, "one is killed": true} {
		t.Run(name, func(t *testing.T) {
			s := small(t)
			s.Base.Iters *= 8
			want, f := planned(t, s), planned(t, s)
			_, err := want.Do(context.Background(), runner(2))
			require.NoError(t, err)
			child := training(t, f)
			r := runner(1)
			r.OnResult = func(Result) {
				if kill {
					child.Process.Kill()
				}
			}
			results, err := f.Do(context.Background(), r)
			require.NoError(t, err)
			require.Len(t, results.Rows, 6)
			if err := child.Wait(); !kill {
				require.NoError(t, err, "the other ends as well")
			}
			require.Equal(t, table(t, want), table(t, f))
		})
	}
}

func TestStatusHasEachTrialOnce(t *testing.T) {
	f := planned(t, halved(t))
	status := func() Status {
		s, err := f.Status()
		require.NoError(t, err)
		return *s
	}
	require.Equal(t, Status{Missing: []int{0, 1, 2, 3, 4, 5, 6, 7, 8}}, status())
	for _, i := range []int{1, 2} {
		require.NoError(t, f.Run(context.Background(), i, runner(1)))
	}
	defer occupy(t, f, 7).Close()
	require.Equal(t, Status{Running: []int{7}, Waiting: []int{1, 2}, Missing: []int{0, 3, 4, 5, 6, 8}}, status())
	s := small(t)
	f = planned(t, s)
	_, err := f.Do(context.Background(), runner(2))
	require.NoError(t, err)
	require.Equal(t, Status{Done: []int{0, 1, 2, 3, 4, 5}}, status())
}
