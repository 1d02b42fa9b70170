package npz

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/testdata/export"
)

// filesOf returns the files of an archive by name, without the spaces behind
// their headers, whose number is each writer's choice.
func filesOf(t *testing.T, archive []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	require.NoError(t, err)
	padded := regexp.MustCompile(`(?s)^(.NUMPY\x01\x00)..(\{[^}]*\}) *\n(.*)$`)
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		require.NoError(t, err)
		b, err := io.ReadAll(r)
		require.NoError(t, err)
		parts := padded.FindSubmatch(b)
		require.NotNil(t, parts, "%s begins with %q", f.Name, b[:min(len(b), 128)])
		require.Zero(t, (len(b)-len(parts[3]))%64, "the elements of %s begin at no multiple of 64", f.Name)
		files[f.Name] = string(bytes.Join(parts[1:], nil))
	}
	return files
}

func tinyArrays(dtype string) []Array {
	tiny := export.Read()
	var arrays []Array
	for _, v := range tiny.As(dtype) {
		arrays = append(arrays, Numbers(v))
	}
	return append(arrays, Strings("classes", tiny.Classes))
}

func TestArraysAreThoseOfNumpy(t *testing.T) {
	for dtype, name := range map[string]string{"F32": "tiny.float32.npz", "F64": "tiny.float64.npz"} {
		var b bytes.Buffer
		require.NoError(t, Write(&b, tinyArrays(dtype)))
		require.Equal(t, filesOf(t, export.File(name)), filesOf(t, b.Bytes()), name)
	}
}

func TestStringsAreAsLongAsTheLongest(t *testing.T) {
	a := Strings("s", []string{"", "ab", "ø"})
	require.Equal(t, Array{"s", "<U2", []int{3}, []byte("\x00\x00\x00\x00\x00\x00\x00\x00a\x00\x00\x00b\x00\x00\x00\xf8\x00\x00\x00\x00\x00\x00\x00")}, a)
	require.Equal(t, Array{"s", "<U1", []int{1}, make([]byte, 4)}, Strings("s", []string{""}))
	require.Equal(t, Array{"s", "<U1", []int{0}, []byte{}}, Strings("s", nil))
}

// full takes room bytes.
type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room {
		return 0, errors.New("the disk is full")
	}
	f.room -= len(p)
	return len(p), nil
}

func TestWriteReturnsTheWritersError(t *testing.T) {
	for _, room := range []int{0, 100, 1000, 4000} {
		arrays := tinyArrays("F32")
		arrays[2].Data = make([]byte, 8000)
		require.EqualError(t, Write(&full{room}, arrays), "the disk is full")
	}
}
