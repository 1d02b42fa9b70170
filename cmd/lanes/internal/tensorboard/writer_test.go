package tensorboard

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/tensorboard/eventtest"
)

// create begins an event file in the folder.
func create(t *testing.T, dir string, step int) *Writer {
	t.Helper()
	w, err := Create(dir, step)
	require.NoError(t, err)
	return w
}

// read returns the events in the folder.
func read(t *testing.T, dir string) []eventtest.Event {
	t.Helper()
	var paths []string
	for _, name := range files(dir) {
		paths = append(paths, filepath.Join(dir, name))
	}
	events, err := eventtest.Read(paths...)
	require.NoError(t, err)
	return events
}

// The checksum is that of RFC 3720, B.4; TensorFlow masks it by hand like this.
func TestChecksumIsMaskedCRC32C(t *testing.T) {
	const crc = 0xe3069283
	require.Equal(t, uint32((crc>>15|crc<<17&0xffffffff)+0xa282ead8&0xffffffff), masked([]byte("123456789")))
}

func TestEventsAreReadAsTheyWereWritten(t *testing.T) {
	dir := t.TempDir()
	w := create(t, dir, 0)
	w.Scalars(7, Scalar{"loss/batch", 2.5}, Scalar{"accuracy/batch", 0.125})
	picture := image.NewRGBA(image.Rect(0, 0, 3, 2))
	picture.SetRGBA(1, 1, color.RGBA{1, 2, 3, 255})
	w.Image(8, "weights", picture)
	Histogram(w, 9, "W1", []float32{-1, 0, 0, 3, float32(math.NaN()), float32(math.Inf(1))})
	Histogram(w, 10, "nothing", []float64{math.NaN()})
	Histogram(w, 11, "same", []float64{2, 2})
	require.NoError(t, w.Close())

	events := read(t, dir)
	require.Equal(t, "brain.Event:2", events[0].Version)
	require.Equal(t, eventtest.Event{Step: 1, Session: true}, events[1])
	require.Equal(t, eventtest.Event{Step: 7, Tag: "loss/batch", Number: 2.5}, events[2])
	require.Equal(t, eventtest.Event{Step: 7, Tag: "accuracy/batch", Number: 0.125}, events[3])
	require.Equal(t, "weights", events[4].Tag)
	m, err := png.Decode(bytes.NewReader(events[4].Image))
	require.NoError(t, err)
	require.Equal(t, color.NRGBA{1, 2, 3, 255}, m.At(1, 1))

	h := events[5]
	require.Equal(t, []float64{-1, 3, 4, 2, 10}, h.Histogram)
	require.Equal(t, 3.0, h.Limits[len(h.Limits)-1])
	require.Equal(t, 1.0, h.Counts[0])
	require.Equal(t, 2.0, h.Counts[buckets/4])
	require.Equal(t, 1.0, h.Counts[buckets-1])
	require.Len(t, events, 7)
	require.Equal(t, 2.0, events[6].Counts[0])
}

func TestFilesAreReadInTheOrderOfTheirMaking(t *testing.T) {
	dir := t.TempDir()
	later := filepath.Join(dir, prefix+"9000000000"+suffix) // by a clock that was wrong
	require.False(t, In(dir))
	require.NoError(t, os.WriteFile(later, nil, 0o666))
	require.True(t, In(dir))
	for step := range 3 {
		w := create(t, dir, step)
		w.Scalars(step+1, Scalar{"a", float64(step)})
		require.NoError(t, w.Close())
	}
	var numbers []float32
	for _, e := range read(t, dir) {
		if e.Tag != "" {
			numbers = append(numbers, e.Number)
		}
	}
	require.Equal(t, []float32{0, 1, 2}, numbers)
}

func TestFileThatIsTornIsReadUpToThere(t *testing.T) {
	dir := t.TempDir()
	w := create(t, dir, 0)
	for step := range 9 {
		w.Scalars(step+1, Scalar{"a", 1})
	}
	require.NoError(t, w.Close())
	path := filepath.Join(dir, files(dir)[0])
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for cut := range 60 {
		require.NoError(t, os.Truncate(path, int64(len(whole)-cut)))
		require.NotEmpty(t, read(t, dir), cut)
	}
}

func TestFirstErrorIsKept(t *testing.T) {
	w := create(t, t.TempDir(), 0)
	require.NoError(t, w.file.Close())
	w.Scalars(1, Scalar{"a", 1})
	w.Flush()
	first := w.Err()
	require.ErrorIs(t, first, os.ErrClosed)
	w.Scalars(2, Scalar{"a", 1})
	require.Equal(t, first, w.Close())

	_, err := Create(filepath.Join(t.TempDir(), "missing"), 0)
	require.ErrorIs(t, err, os.ErrNotExist)
}
