package data

import (
	"bytes"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var cifar10Files = Binary.Files()

// writeCIFAR10 writes files of random records and returns their bytes.
func writeCIFAR10(t *testing.T, dir string, perFile int) [][]byte {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	var files [][]byte
	for _, name := range cifar10Files {
		b := make([]byte, perFile*recordSize)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		for i := 0; i < len(b); i += recordSize {
			b[i] %= 10
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o666))
		files = append(files, b)
	}
	return files
}

func encode(s Split) []byte {
	var b []byte
	for i, label := range s.Labels {
		b = append(append(b, byte(label)), s.image(i)...)
	}
	return b
}

func TestReadCIFAR10SplitsRecordsInOrder(t *testing.T) {
	// More records than one read takes, and not a multiple of them.
	const perFile, validation = 150, 40
	dir := t.TempDir()
	files := writeCIFAR10(t, dir, perFile)
	d, err := readCIFAR10(dir, perFile, validation)
	require.NoError(t, err)

	train := bytes.Join(files[:5], nil)
	cut := len(train) - validation*recordSize
	require.True(t, bytes.Equal(train[:cut], encode(d.Train)))
	require.True(t, bytes.Equal(train[cut:], encode(d.Val)))
	require.True(t, bytes.Equal(files[5], encode(d.Test)))
	require.Equal(t, "cifar10", d.Name)
	require.Equal(t, []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}, d.Classes)
}

func TestReadCIFAR10NamesTheBadFile(t *testing.T) {
	const perFile = 100
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, dir string)
		want  string // after the folder
	}{
		{"a byte short", func(t *testing.T, dir string) {
			require.NoError(t, os.Truncate(filepath.Join(dir, "data_batch_3.bin"), 307299))
		}, "data_batch_3.bin: 307299 bytes, want 307300"},
		{"a byte long", func(t *testing.T, dir string) {
			require.NoError(t, os.Truncate(filepath.Join(dir, "test_batch.bin"), 307301))
		}, "test_batch.bin: 307301 bytes, want 307300"},
		{"empty", func(t *testing.T, dir string) {
			require.NoError(t, os.Truncate(filepath.Join(dir, "data_batch_5.bin"), 0))
		}, "data_batch_5.bin: 0 bytes, want 307300"},
		{"label 10", func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "data_batch_2.bin"), 17*recordSize, 10)
		}, "data_batch_2.bin: image 17: label 10, want 0..9"},
		{"label 255 in the last record", func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "test_batch.bin"), 99*recordSize, 255)
		}, "test_batch.bin: image 99: label 255, want 0..9"},
		{"a folder", func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, "data_batch_1.bin")))
			require.NoError(t, os.Mkdir(filepath.Join(dir, "data_batch_1.bin"), 0o777))
		}, "data_batch_1.bin: a folder, not a file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			writeCIFAR10(t, dir, perFile)
			c.spoil(t, dir)
			d, err := readCIFAR10(dir, perFile, 10)
			require.Nil(t, d)
			text := strings.TrimPrefix(err.Error(), "open ") // which some systems' errors begin with
			require.Equal(t, filepath.Join(dir, c.want), text)
		})
	}
}

func TestReadCIFAR10NamesTheMissingFile(t *testing.T) {
	for _, name := range cifar10Files {
		dir := t.TempDir()
		writeCIFAR10(t, dir, 10)
		path := filepath.Join(dir, name)
		require.NoError(t, os.Remove(path))
		_, err := readCIFAR10(dir, 10, 1)
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.ErrorContains(t, err, path)
	}
	dir := t.TempDir()
	_, err := ReadCIFAR10(dir)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, filepath.Join(dir, "data_batch_1.bin"))
}

func TestReadCIFAR10WantsThePublishedSizes(t *testing.T) {
	dir := t.TempDir()
	// Files of zeros, which take no room on most file systems, are valid: all of class 0.
	for _, name := range cifar10Files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, nil, 0o666))
		require.NoError(t, os.Truncate(path, 30_730_000))
	}
	put(t, filepath.Join(dir, "data_batch_1.bin"), 0, 1)
	put(t, filepath.Join(dir, "data_batch_5.bin"), 8_999*3_073, 2, 20)
	put(t, filepath.Join(dir, "data_batch_5.bin"), 9_000*3_073, 3, 30)
	put(t, filepath.Join(dir, "data_batch_5.bin"), 9_999*3_073, 4, 40)
	put(t, filepath.Join(dir, "test_batch.bin"), 9_999*3_073, 5, 50)

	d, err := ReadCIFAR10(dir)
	require.NoError(t, err)
	require.Equal(t, []int{49_000, 1_000, 10_000}, []int{d.Train.Len(), d.Val.Len(), d.Test.Len()})
	require.Equal(t, []int32{1, 2, 3, 4, 5}, []int32{
		d.Train.Labels[0], d.Train.Labels[48_999], d.Val.Labels[0], d.Val.Labels[999], d.Test.Labels[9_999],
	})
	require.Equal(t, []uint8{20, 30, 40, 50}, []uint8{
		d.Train.image(48_999)[0], d.Val.image(0)[0], d.Val.image(999)[0], d.Test.image(9_999)[0],
	})

	path := filepath.Join(dir, "data_batch_1.bin")
	require.NoError(t, os.Truncate(path, 30_729_999))
	_, err = ReadCIFAR10(dir)
	require.EqualError(t, err, path+": 30729999 bytes, want 30730000")
}

func TestReadRecordsReportsAFileThatEndsEarly(t *testing.T) {
	s := makeImages(100, cifarShape)
	err := readRecords(bytes.NewReader(make([]byte, 70*recordSize+5)), 100*recordSize, s)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.EqualError(t, err, "images 64 to 99: unexpected EOF")
}

func FuzzReadRecords(f *testing.F) {
	f.Add([]byte{}, uint8(0))
	f.Add(make([]byte, recordSize), uint8(1))
	f.Add(bytes.Repeat([]byte{9}, 3*recordSize), uint8(3))
	f.Add(bytes.Repeat([]byte{10}, 2*recordSize+1), uint8(2))
	f.Add(make([]byte, 66*recordSize-1), uint8(66))
	f.Fuzz(func(t *testing.T, b []byte, n uint8) {
		s := makeImages(int(n), cifarShape)
		err := readRecords(bytes.NewReader(b), int64(len(b)), s)
		valid := len(b) == int(n)*recordSize
		for i := range min(int(n), len(b)/recordSize) {
			valid = valid && b[i*recordSize] <= 9
		}
		if !valid {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		require.True(t, bytes.Equal(b, encode(s)))
	})
}

// put overwrites bytes of a file.
func put(t *testing.T, path string, offset int64, b ...byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteAt(b, offset)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}
