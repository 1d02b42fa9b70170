package train

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// mountTmpfs mounts a file system of that many bytes.
func mountTmpfs(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skip("file systems cannot be mounted here:", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, 0)) })
	return dir
}

func TestFullDiskLeavesTheOldCheckpoint(t *testing.T) {
	dir := filepath.Join(mountTmpfs(t, "size=3m"), "run")
	set := randomImages(50, 10, 10)
	c := stopConfigs()["adam"] // 340 KB a checkpoint
	want := do(t, newRun[float32](t, c, set)).WeightsSHA256
	stopAfter(t, kept[float32](t, dir, c, set, 1), 20)

	filler := filepath.Join(filepath.Dir(dir), "filler")
	fill := func() {
		f, err := os.Create(filler)
		require.NoError(t, err)
		for err == nil {
			_, err = f.Write(make([]byte, 4096))
		}
		require.ErrorIs(t, err, syscall.ENOSPC)
		require.NoError(t, f.Close())
	}
	fill()
	_, err := Create(filepath.Join(filepath.Dir(dir), "another"), c)
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.NotContains(t, err.Error(), "\n")

	require.NoError(t, os.Remove(filler))
	r := resumed[float32](t, dir, set, 1, nil)
	r.CheckpointEvery = 5
	r.OnStep = func(s StepRecord) {
		if s.Step == 27 {
			fill()
		}
	}
	_, err = r.Do(context.Background())
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.NotContains(t, err.Error(), "\n")
	m, err := OpenModel(newEngine[float32](t), r.Folder.Checkpoint("last"))
	require.NoError(t, err)
	require.Equal(t, 25, m.Step)
	for _, name := range list(t, dir) {
		require.NotContains(t, name, ".tmp")
	}

	require.NoError(t, os.Remove(filler))
	require.Equal(t, want, do(t, resumed[float32](t, dir, set, 1, nil)).WeightsSHA256)
}

func TestReadOnlyFolderIsAnError(t *testing.T) {
	parent := mountTmpfs(t, "size=3m")
	dir := filepath.Join(parent, "run")
	set := randomImages(50, 10, 10)
	c := stopConfigs()["sgd"]
	stopAfter(t, kept[float32](t, dir, c, set, 1), 20)
	require.NoError(t, syscall.Mount("", parent, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	_, err := resumed[float32](t, dir, set, 1, nil).Do(context.Background())
	require.ErrorIs(t, err, syscall.EROFS)
	require.NotContains(t, err.Error(), "\n")
	_, err = Create(filepath.Join(parent, "another"), c)
	require.ErrorIs(t, err, syscall.EROFS)
	m, err := OpenModel(newEngine[float32](t), filepath.Join(dir, "last.safetensors"))
	require.NoError(t, err)
	require.Equal(t, 20, m.Step)
}

func TestTwoProcessesDoNotTrainOneRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	set := randomImages(50, 10, 10)
	c := stopConfigs()["sgd"]
	stopAfter(t, kept[float32](t, dir, c, set, 1), 20)
	first := resumed[float32](t, dir, set, 1, nil)
	first.OnStep = func(s StepRecord) {
		if s.Step == 30 {
			_, err := resumed[float32](t, dir, set, 1, nil).Do(context.Background())
			require.ErrorIs(t, err, ErrBusy)
			require.EqualError(t, err, dir+": another process is at work on this run")
		}
	}
	do(t, first)
	require.Len(t, untimed(t, dir).Steps, stopSteps)
}
