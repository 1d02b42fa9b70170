package data

import (
	"crypto/md5"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// writeBalanced writes files that have equally many images of each class.
func writeBalanced(t *testing.T, perFile int) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range Binary.Files() {
		b := make([]byte, perFile*recordSize)
		for i := range perFile {
			b[i*recordSize] = byte(i % 10)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o666))
	}
	return dir
}

func TestVerifyTellsGoodFilesFromPublishedOnes(t *testing.T) {
	dir := writeBalanced(t, 20)
	c := verify(dir, 20)
	require.NoError(t, c.Err())
	require.False(t, c.Official())
	require.Equal(t, []any{dir, Binary, 6}, []any{c.Dir, c.Version, len(c.Files)})
	for i, f := range c.Files {
		require.Equal(t, Binary.Files()[i], f.Name)
		require.Equal(t, int64(20*3073), f.Size)
		require.Equal(t, []int{2, 2, 2, 2, 2, 2, 2, 2, 2, 2}, f.Counts)
		b, err := os.ReadFile(filepath.Join(dir, f.Name))
		require.NoError(t, err)
		sum := md5.Sum(b)
		require.Equal(t, hex.EncodeToString(sum[:]), f.MD5)
	}
	for i := range c.Files {
		require.False(t, c.Official())
		c.Files[i].Official = true
	}
	require.True(t, c.Official())
}

func TestPublishedSumsAreOfAllFiles(t *testing.T) {
	require.Len(t, published, 12)
	for _, v := range []Version{Binary, Python} {
		for _, name := range v.Files() {
			require.Regexp(t, "^[0-9a-f]{32}$", published[name])
		}
	}
}

func TestVerifyReadsThePythonVersion(t *testing.T) {
	dir := filepath.Join("testdata", "cifar-10-batches-py")
	c := verify(dir, goldenImages)
	require.Equal(t, Python, c.Version)
	for _, f := range c.Files {
		require.NoError(t, f.Err)
	}
	require.Equal(t, []int{1, 0, 0, 0, 0, 0, 0, 1, 0, 0}, c.Files[5].Counts)
	require.Equal(t, int64(6426), c.Files[5].Size)
}

func TestVerifyNamesWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, dir string)
		want  string // after the folder
		files int    // that are wrong
	}{
		"missing": {func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, "data_batch_4.bin")))
		}, "data_batch_4.bin: no such file", 1},
		"two short": {func(t *testing.T, dir string) {
			require.NoError(t, os.Truncate(filepath.Join(dir, "data_batch_2.bin"), 100))
			require.NoError(t, os.Truncate(filepath.Join(dir, "test_batch.bin"), 0))
		}, "data_batch_2.bin: 100 bytes, want 61460", 2},
		"a label above 9": {func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "data_batch_1.bin"), 7*recordSize, 11)
		}, "data_batch_1.bin: image 7: label 11, want 0..9", 1},
		"a dog for a cat to train on": {func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "data_batch_5.bin"), 3*recordSize, 5)
		}, ": 9 images of class cat to train on, want 10", 0},
		"a frog for a truck to test": {func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "test_batch.bin"), 9*recordSize, 6)
		}, "test_batch.bin: 3 images of class frog to test, want 2", 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeBalanced(t, 20)
			c.spoil(t, dir)
			v := verify(dir, 20)
			require.ErrorContains(t, v.Err(), dir)
			require.ErrorContains(t, v.Err(), c.want)
			wrong := 0
			for _, f := range v.Files {
				if f.Err != nil {
					wrong++
					require.Empty(t, f.MD5)
					require.Nil(t, f.Counts)
				}
			}
			require.Equal(t, c.files, wrong)
		})
	}
}

func TestAWrongNumberOfImagesIsToldOfTheFile(t *testing.T) {
	v := &Verification{Dir: "cifar"}
	counts := make([]int, len(cifar10Classes))
	for i, published := range publishedCounts {
		file := VerifiedFile{Name: Binary.Files()[i], Counts: slices.Clone(published)}
		images := 0
		for class, n := range published {
			counts[class] += n
			images += n
		}
		require.Equal(t, imagesPerFile, images)
		v.Files = append(v.Files, file)
	}
	v.Files = append(v.Files, VerifiedFile{Name: "test_batch.bin", Counts: slices.Repeat([]int{1000}, 10)})
	require.Equal(t, slices.Repeat([]int{5000}, 10), counts)
	require.NoError(t, v.Err())
	v.Files[2].Counts[1]--
	v.Files[2].Counts[5]++
	require.EqualError(t, v.Err(), filepath.Join("cifar", "data_batch_3.bin")+": 1041 images of class automobile, want 1042 as published")
}
