package data

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// goldenImages is the number of images in each file of testdata.
const goldenImages = 2

// pickled returns the file of the Python version that cPickle would write for s. A test
// compares it with the golden files.
func pickled(s Split, title string, filename func(i int) string) []byte {
	var b []byte
	kept := uint32(0)
	put := func() {
		if kept++; kept < 256 {
			b = append(b, 'q', byte(kept))
		} else {
			b = binary.LittleEndian.AppendUint32(append(b, 'r'), kept)
		}
	}
	str := func(v string) {
		if len(v) < 256 {
			b = append(b, 'U', byte(len(v)))
		} else {
			b = binary.LittleEndian.AppendUint32(append(b, 'T'), uint32(len(v)))
		}
		b = append(b, v...)
	}
	keep := func(opcodes string) {
		b = append(b, opcodes...)
		put()
	}
	number := func(n int) {
		if n < 256 {
			b = append(b, 'K', byte(n))
		} else {
			b = binary.LittleEndian.AppendUint16(append(b, 'M'), uint16(n))
		}
	}
	list := func(item func(i int)) {
		keep("]")
		for i := range s.Len() {
			if i%1000 == 0 {
				b = append(b, '(')
			}
			item(i)
			if i%1000 == 999 || i == s.Len()-1 {
				b = append(b, 'e')
			}
		}
	}
	keep("\x80\x02}")
	b = append(b, '(')
	str("data")
	put()
	keep("cnumpy.core.multiarray\n_reconstruct\n")
	keep("cnumpy\nndarray\n")
	keep("K\x00\x85")
	b = append(b, "U\x01b\x87R"...)
	put()
	b = append(b, "(K\x01"...)
	number(s.Len())
	number(ImageSize)
	b = append(b, 0x86)
	keep("cnumpy\ndtype\n")
	keep("U\x02u1")
	keep("K\x00K\x01\x87")
	keep("R")
	keep("(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t")
	b = append(b, 'b', 0x89)
	str(string(s.Pixels))
	keep("t")
	b = append(b, 'b')
	str("labels")
	put()
	list(func(i int) { number(int(s.Labels[i])) })
	str("batch_label")
	put()
	str(title)
	put()
	str("filenames")
	put()
	list(func(i int) { str(filename(i)); put() })
	return append(b, "u."...)
}

func TestBothVersionsGiveTheSameDataset(t *testing.T) {
	fromBinary, err := readCIFAR10(filepath.Join("testdata", "cifar-10-batches-bin"), goldenImages, 3)
	require.NoError(t, err)
	fromPython, err := readCIFAR10(filepath.Join("testdata", "cifar-10-batches-py"), goldenImages, 3)
	require.NoError(t, err)
	fromBinary.Path = fromPython.Path
	require.Equal(t, fromBinary, fromPython)
	require.Equal(t, []int32{0, 7, 4, 1, 8, 5, 2}, fromPython.Train.Labels)
	require.Equal(t, []int32{9, 6, 3}, fromPython.Val.Labels)
	require.Equal(t, []int32{0, 7}, fromPython.Test.Labels)
	require.Equal(t, uint8((11*13+2*50+31*5+31*2)%256), fromPython.Test.image(1)[ImageSize-1])
}

func TestPickledWritesWhatCPickleWrites(t *testing.T) {
	d, err := readCIFAR10(filepath.Join("testdata", "cifar-10-batches-bin"), goldenImages, 0)
	require.NoError(t, err)
	for k, name := range Python.Files()[:5] {
		want, err := os.ReadFile(filepath.Join("testdata", "cifar-10-batches-py", name))
		require.NoError(t, err)
		got := pickled(d.Train.slice(k*2, k*2+2), fmt.Sprintf("training batch %d of 5", k+1), func(i int) string {
			return fmt.Sprintf("picture_s_%06d.png", k*2+i)
		})
		require.True(t, bytes.Equal(want, got), "%s\n%q\n%q", name, want, got)
	}
}

// The files have the published length: lists in batches of 1,000, kept values with
// numbers above 255, and names as long as the published ones.
func TestReadPickleReadsALongFile(t *testing.T) {
	set := synthetic(1, 2500, 0, 0)
	b := pickled(set.Train, "testing batch 1 of 1", func(i int) string { return fmt.Sprintf("leptodactylus_s_%06d.png", i) })
	s := makeImages(2500, cifarShape)
	require.NoError(t, readPickle(bytes.NewReader(b), int64(len(b)), s))
	require.True(t, bytes.Equal(set.Train.Pixels, s.Pixels))
	require.Equal(t, set.Train.Labels, s.Labels)
}

func TestReadPickleNamesWhatIsWrong(t *testing.T) {
	s := makeImages(3, cifarShape)
	s.Labels[2] = 9
	good := string(pickled(s, "", func(int) string { return "x.png" }))
	labels := "(K\x00K\x00K\x09e"
	for name, c := range map[string]struct{ in, want string }{
		"too short":        {good[:9000], "9000 bytes, want 9216 to 20416"},
		"too long":         {good + string(make([]byte, 20000)), fmt.Sprintf("%d bytes, want 9216 to 20416", len(good)+20000)},
		"cut":              {good[:len(good)-1], fmt.Sprintf("offset %d: the file ends before the opcode STOP", len(good)-1)},
		"another shape":    {replace(t, good, "K\x03M\x00\x0c\x86", "K\x06M\x00\x06\x86"), "data has 6×1536 bytes, want 3×3072"},
		"no data":          {replace(t, good, "U\x04data", "U\x04dada"), "the dictionary has no array under data"},
		"no labels":        {replace(t, good, "U\x06labels", "U\x06labelz"), "the dictionary has no list under labels"},
		"too few labels":   {replace(t, good, labels, "(K\x00K\x00e"), "2 labels, want 3"},
		"label 10":         {replace(t, good, labels, "(K\x00K\x0aK\x09e"), "image 1: label 10, want 0..9"},
		"label -1":         {replace(t, good, labels, "(K\x00K\x00J\xff\xff\xff\xffe"), "image 2: label -1, want 0..9"},
		"label None":       {replace(t, good, labels, "(NK\x00K\x09e"), "image 0: the label is not a number"},
		"Python 3 strings": {replace(t, good, "U\x06labels", "X\x06\x00\x00\x00labels"), "opcode BINUNICODE: not among those of CIFAR-10's Python version"},
	} {
		t.Run(name, func(t *testing.T) {
			err := readPickle(bytes.NewReader([]byte(c.in)), int64(len(c.in)), makeImages(3, cifarShape))
			require.ErrorContains(t, err, c.want)
		})
	}
}

func replace(t *testing.T, s, old, new string) string {
	t.Helper()
	require.Equal(t, 1, bytes.Count([]byte(s), []byte(old)))
	return string(bytes.Replace([]byte(s), []byte(old), []byte(new), 1))
}

func TestReadCIFAR10NamesTheBadPythonFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cifar-10-batches-py")
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "cifar-10-batches-py"))))
	put(t, filepath.Join(dir, "data_batch_4"), 2, 0xff)
	_, err := readCIFAR10(dir, goldenImages, 0)
	require.EqualError(t, err, filepath.Join(dir, "data_batch_4")+": offset 2: opcode 0xff: not among those of CIFAR-10's Python version")
	_, err = ReadCIFAR10(dir)
	require.EqualError(t, err, filepath.Join(dir, "data_batch_1")+": 6427 bytes, want 30720000 to 34730000")
}

func BenchmarkReadPickle(b *testing.B) {
	file := pickled(makeImages(imagesPerFile, cifarShape), "", func(int) string { return "leptodactylus_s_000000.png" })
	s := makeImages(imagesPerFile, cifarShape)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		require.NoError(b, readPickle(bytes.NewReader(file), int64(len(file)), s))
	}
}
