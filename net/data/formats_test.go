package data

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"image"
	imagecolor "image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/npz"
)

// files are contents by name, in a folder.
type files map[string]string

// write writes them to a new folder, which it returns.
func (f files) write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range f {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o666))
	}
	return dir
}

// options are those that draw no parts, changed.
func options(change func(*Options)) Options {
	o := DefaultOptions()
	o.ValShare, o.TestShare, o.Size = 0, 0, 2
	if change != nil {
		change(&o)
	}
	return o
}

func gzipped(content string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(content))
	w.Close()
	return b.String()
}

// idxOf is a file of MNIST's format with one dimension for each size, of bytes.
func idxOf(content string, sizes ...byte) string {
	head := []byte{0, 0, 8, byte(len(sizes))}
	for _, n := range sizes {
		head = append(head, 0, 0, 0, n)
	}
	return string(head) + content
}

func npzOf(arrays ...npz.Array) string {
	var b bytes.Buffer
	npz.Write(&b, arrays)
	return b.String()
}

// npyOf is the file of one array, which an archive holds as it is.
func npyOf(a npz.Array) string {
	archive := npzOf(a)
	from := strings.Index(archive, "\x93NUMPY")
	size := strings.Index(archive[from:], "\n") + 1 + len(a.Data)
	return archive[from:][:size]
}

// pngOf is a picture of one colour.
func pngOf(w, h int, c imagecolor.Color) string {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		m.Set(i%w, i/w, c)
	}
	var b bytes.Buffer
	png.Encode(&b, m)
	return b.String()
}

func jpegOf(w, h int) string {
	var b bytes.Buffer
	jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, w, h)), nil)
	return b.String()
}

// cifar100Record is an image of one brightness.
func cifar100Record(coarse, fine, pixel byte) string {
	return string([]byte{coarse, fine}) + strings.Repeat(string([]byte{pixel}), ImageSize)
}

// pickledDict is a dictionary of pickled values.
func pickledDict(keysAndValues ...string) string {
	s := "\x80\x02}("
	for i := 0; i < len(keysAndValues); i += 2 {
		s += pickledText(keysAndValues[i]) + keysAndValues[i+1]
	}
	return s + "u."
}

func pickledText(s string) string { return "U" + string([]byte{byte(len(s))}) + s }

func pickledList(items ...string) string { return "](" + strings.Join(items, "") + "e" }

// pickledImages is a numpy array of images, each of one brightness.
func pickledImages(pixels ...byte) string {
	s := "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01K" + string([]byte{byte(len(pixels))}) + "M\x00\x0c\x86" +
		"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T"
	n := len(pixels) * ImageSize
	s += string([]byte{byte(n), byte(n >> 8), byte(n >> 16), 0})
	for _, p := range pixels {
		s += strings.Repeat(string([]byte{p}), ImageSize)
	}
	return s + "tb"
}

var (
	trainImages = idxOf("abcdefghijkl", 3, 2, 2)
	trainLabels = idxOf("\x07\x05\x07", 3)
	testImages  = idxOf("mnop", 1, 2, 2)
	testLabels  = idxOf("\x05", 1)

	xTrain = npz.Array{Name: "x_train", Type: "<f4", Shape: []int{2, 2}, Data: []byte("\x00\x00\x80\x3f\x00\x00\x00\x40\x00\x00\x40\x40\x00\x00\x80\x40")}
	yTrain = npz.Array{Name: "y_train", Type: "<i2", Shape: []int{2}, Data: []byte("\x0a\x00\x09\x00")}
	xTest  = npz.Array{Name: "x_test", Type: "|u1", Shape: []int{1, 2}, Data: []byte("\x05\x06")}
	yTest  = npz.Array{Name: "y_test", Type: "|u1", Shape: []int{1, 1}, Data: []byte("\x0a")}
)

var cifar100Names = pickledDict("fine_label_names", pickledList(pickledText("apple"), pickledText("bee")), "coarse_label_names", pickledList(pickledText("food")))

func TestDatasetsOfEveryFormatAreFoundAndRead(t *testing.T) {
	red := pngOf(4, 4, imagecolor.RGBA{255, 0, 0, 255})
	grey := pngOf(4, 2, imagecolor.Gray{100})
	for name, c := range map[string]struct {
		files   files
		path    string
		change  func(*Options)
		format  string
		shape   Shape
		classes []string
		train   []int32
		test    []int32
		first   []float32 // the last values of the first example
	}{
		"MNIST's files": {files: files{"train-images-idx3-ubyte": trainImages, "train-labels-idx1-ubyte": trainLabels, "t10k-images-idx3-ubyte": testImages, "t10k-labels-idx1-ubyte": testLabels},
			format: "idx", shape: Shape{1, 2, 2, 0}, classes: []string{"5", "7"}, train: []int32{1, 0, 1}, test: []int32{0}, first: []float32{'a', 'b', 'c', 'd'}},
		"packed, with dots": {files: files{"train-images.idx3-ubyte.gz": gzipped(trainImages), "train-labels.idx1-ubyte.gz": gzipped(trainLabels)},
			format: "idx", shape: Shape{1, 2, 2, 0}, classes: []string{"5", "7"}, train: []int32{1, 0, 1}, first: []float32{'a', 'b', 'c', 'd'}},
		"one of EMNIST": {files: files{"emnist-letters-train-images-idx3-ubyte": trainImages, "emnist-letters-train-labels-idx1-ubyte": trainLabels, "emnist-letters-mapping.txt": "5 101 69\n7 71 103\n",
			"emnist-digits-train-images-idx3-ubyte": trainImages}, path: "emnist-letters-train-images-idx3-ubyte",
			format: "idx", shape: Shape{1, 2, 2, 0}, classes: []string{"e", "G"}, train: []int32{1, 0, 1}, first: []float32{'a', 'b', 'c', 'd'}},
		"CIFAR-100": {files: files{"cifar-100-binary/train.bin": cifar100Record(0, 1, 7) + cifar100Record(0, 0, 8), "cifar-100-binary/test.bin": cifar100Record(0, 1, 9),
			"cifar-100-binary/fine_label_names.txt": "apple\nbee\n"}, format: "cifar100", shape: cifarShape, classes: []string{"apple", "bee"}, train: []int32{1, 0}, test: []int32{1}, first: []float32{7}},
		"CIFAR-100 for Python, coarse": {files: files{"train": pickledDict("data", pickledImages(7, 8), "coarse_labels", pickledList("K\x00", "K\x00")), "test": pickledDict("coarse_labels", pickledList("K\x00"), "data", pickledImages(9)), "meta": cifar100Names},
			change: func(o *Options) { o.Label = "coarse" }, format: "cifar100", shape: cifarShape, classes: []string{"food"}, train: []int32{0, 0}, test: []int32{0}, first: []float32{7}},
		"CIFAR-100 for Python": {files: files{"train": pickledDict("data", pickledImages(7, 8), "fine_labels", pickledList("K\x01", "K\x00")), "test": pickledDict("fine_labels", pickledList("K\x00"), "data", pickledImages(9)), "meta": cifar100Names},
			format: "cifar100", shape: cifarShape, classes: []string{"apple", "bee"}, train: []int32{1, 0}, test: []int32{0}, first: []float32{7}},
		"an archive of numpy's": {files: files{"a.npz": npzOf(xTrain, yTrain)}, path: "a.npz",
			format: "npz", shape: Row(2), classes: []string{"9", "10"}, train: []int32{1, 0}, first: []float32{1, 2}},
		"numpy's files": {files: files{"x_test.npy": npyOf(xTest), "y_test.npy": npyOf(yTest), "x_train.npy": npyOf(npz.Array{Type: "|u1", Shape: []int{2, 2}, Data: []byte("\x01\x02\x03\x04")}), "y_train.npy": npyOf(yTrain)},
			format: "npz", shape: Row(2), classes: []string{"9", "10"}, train: []int32{1, 0}, test: []int32{1}, first: []float32{1, 2}},
		"arrays of other names, channels last": {files: files{"a.npz": npzOf(npz.Array{Name: "pix", Type: "|u1", Shape: []int{1, 2, 1, 3}, Data: []byte("abcdef")}, npz.Strings("what", []string{"cat, 🐈"}))}, path: "a.npz",
			change: func(o *Options) { o.Arrays = "x_train=pix,y_train=what" }, format: "npz", shape: Shape{3, 2, 1, 0}, classes: []string{"cat, 🐈"}, train: []int32{0}, first: []float32{'a', 'd', 'b', 'e', 'c', 'f'}},
		"CSV": {files: files{"a.csv": "a,b,class\n1,x,10\n2,y,9\n,x,9\n"}, path: "a.csv",
			format: "csv", shape: Row(2), classes: []string{"9", "10"}, train: []int32{1, 0, 0}, first: []float32{1, 0}},
		"tables of the parts": {files: files{"train.csv": "id,a,b,class\n7,1,x,10\n8,2,y,9\n", "test.csv": "class,b,a\n9,z,5\n"}, change: func(o *Options) { o.Label, o.Drop = "class", "id" },
			format: "csv", shape: Row(2), classes: []string{"9", "10"}, train: []int32{1, 0}, test: []int32{0}, first: []float32{1, 0}},
		"pictures": {files: files{"b/1.png": red, "a, 🙂/2.jpg": jpegOf(3, 5), "b/.hidden.png": "", "b/notes.txt": "", "readme.md": ""},
			format: "pictures", shape: Shape{3, 2, 2, 0}, classes: []string{"a, 🙂", "b"}, train: []int32{0, 1}, first: make([]float32, 12)},
		"pictures of the parts, grey": {files: files{"train/a/1.png": grey, "train/b/1.png": grey, "Test/b/1.png": grey},
			format: "pictures", shape: Shape{1, 2, 2, 0}, classes: []string{"a", "b"}, train: []int32{0, 1}, test: []int32{1}, first: []float32{100, 100, 100, 100}},
	} {
		dir := c.files.write(t)
		path := filepath.Join(dir, c.path)
		d, err := Open(path, options(c.change))
		require.NoError(t, err, name)
		require.Equal(t, c.format, d.Format, name)
		require.Equal(t, c.shape, d.Shape, name)
		require.Equal(t, c.classes, d.Classes, name)
		require.Equal(t, c.train, d.Train.Labels, name)
		require.Equal(t, c.test, d.Test.Labels, name)
		var first []float32
		for j := range c.shape.Size() {
			if d.Train.Pixels != nil {
				first = append(first, float32(d.Train.Pixels[j]))
			} else {
				first = append(first, d.Train.Values[j])
			}
		}
		require.Equal(t, c.first, first[len(first)-len(c.first):], name)
	}
}

func TestNumbersAreFoundInARegression(t *testing.T) {
	regression := func(o *Options) { o.Task = RegressionTask }
	dir := files{"a.csv": "x,y\n1,2.5\n3,-4\n", "a.npz": npzOf(xTrain, yTrain)}.write(t)
	d, err := Open(filepath.Join(dir, "a.csv"), options(regression))
	require.NoError(t, err)
	require.Equal(t, []float32{2.5, -4}, d.Train.Targets)
	require.Equal(t, "y", d.Target)
	require.Empty(t, d.Classes)
	d, err = Open(filepath.Join(dir, "a.npz"), options(regression))
	require.NoError(t, err)
	require.Equal(t, []float32{10, 9}, d.Train.Targets)
}

// Decoders have tables of their own for what a single file may have.
func TestMalformedDatasetsNameTheFile(t *testing.T) {
	mnist := func(change files) files {
		all := files{"train-images-idx3-ubyte": trainImages, "train-labels-idx1-ubyte": trainLabels, "t10k-images-idx3-ubyte": testImages, "t10k-labels-idx1-ubyte": testLabels}
		for name, content := range change {
			if all[name] = content; content == "-" {
				delete(all, name)
			}
		}
		return all
	}
	cifar := func(train string) files {
		return files{"train.bin": train, "test.bin": "", "fine_label_names.txt": "apple\nbee\n"}
	}
	python := func(keysAndValues ...string) files {
		return files{"train": pickledDict(keysAndValues...), "test": pickledDict(keysAndValues...), "meta": cifar100Names}
	}
	for _, c := range []struct {
		files  files
		path   string
		format string
		want   string // with DIR for the folder
	}{
		{files{}, "", "", "DIR: no data that is known, want cifar10, cifar100, csv, idx, npz or pictures"},
		{files{"a": "\x00\x01"}, "a", "", "DIR/a: no data that is known"},
		{mnist(files{"t10k-labels-idx1-ubyte": "-"}), "", "", "DIR/t10k-images-idx3-ubyte: no file of labels beside it"},
		{mnist(files{"train-labels-idx1-ubyte": idxOf("\x01", 1)}), "", "", "DIR/train-labels-idx1-ubyte: shape [1], want a value for each of 3 examples"},
		{mnist(files{"train-images-idx3-ubyte": idxOf("abc", 3)}), "", "", "DIR/train-images-idx3-ubyte: shape [3], want rows of values, or images of 1 or 3 channels"},
		{mnist(files{"train-images-idx3-ubyte": idxOf("", 3, 0, 2)}), "", "", "DIR/train-images-idx3-ubyte: shape [3 0 2]: an example has no values"},
		{mnist(files{"t10k-images-idx3-ubyte": idxOf("abcdef", 1, 2, 3)}), "", "", "DIR/t10k-images-idx3-ubyte: images of 1×2×3, want images of 1×2×2 as in another part"},
		{mnist(files{"train-images-idx3-ubyte": trainImages[:20]}), "", "", "DIR/train-images-idx3-ubyte: offset 20: the data ends after 4 bytes, the header claims 12"},
		{files{"a-train-images-idx3-ubyte": "", "b-train-images-idx3-ubyte": ""}, "", "", `DIR: files of several datasets, "a-", "b-": name a file of one`},
		{files{"train-images-idx3-ubyte": trainImages, "train-labels-idx1-ubyte": trainLabels, "mapping.txt": "5 x\n"}, "", "", `DIR/mapping.txt: line 1: "x" is no code of a character`},
		{files{}, "", "cifar100", "DIR: no train.bin with fine_label_names.txt, and no train with meta"},
		{cifar(cifar100Record(0, 1, 0) + "x"), "", "", "DIR/train.bin: offset 3075: the file ends in an image: 3075 bytes, want a multiple of 3074"},
		{cifar(cifar100Record(0, 1, 0) + cifar100Record(0, 2, 0)), "", "", "DIR/train.bin: offset 3075: image 1 has the fine label 2, want 0..1"},
		{python("fine_labels", pickledList()), "", "", "DIR/train: the dictionary has no array of 3072 columns under data"},
		{python("data", pickledImages(1, 2), "fine_labels", pickledList("K\x01")), "", "", "DIR/train: the dictionary has no list of 2 labels under fine_labels"},
		{python("data", pickledImages(1), "fine_labels", pickledList("K\x02")), "", "", "DIR/train: image 0 has the fine label 2, want 0..1"},
		{files{"train": "\x80\x02cos\nsystem\n.", "test": "", "meta": cifar100Names}, "", "", `DIR/train: offset 2: opcode GLOBAL: "os system" is not among those`},
		{files{"train": "", "test": "", "meta": pickledDict()}, "", "", "DIR/meta: the dictionary has no list under fine_label_names"},
		{files{"a.npz": npzOf(xTrain)}, "a.npz", "", "DIR/a.npz: x_train: no array of labels for it, such as y_train"},
		{files{"a.npz": npzOf(yTrain)}, "a.npz", "", "DIR/a.npz: no array x_train, the arrays are y_train"},
		{files{"a.npz": npzOf(xTrain, npz.Array{Name: "y_train", Type: "<f2", Shape: []int{2}, Data: []byte("\x00\x3e\x00\x00")})}, "a.npz", "", "DIR/a.npz: y_train: element 0 is 1.5, want a whole number"},
		{files{"a.npz": npzOf(xTrain, npz.Array{Name: "y_train", Type: "|i1", Shape: []int{1, 2}, Data: []byte("12")})}, "a.npz", "", "DIR/a.npz: y_train: shape [1 2], want a value for each of 2 examples"},
		{files{"a.npz": npzOf(npz.Strings("x_train", []string{"a"}), yTrain)}, "a.npz", "", "DIR/a.npz: x_train: text, want numbers"},
		{files{"a.npz": npzOf(npz.Array{Name: "x_train", Type: "<f2", Shape: []int{1, 2}, Data: []byte("\x00\x00\x00\x7c")}, yTrain)}, "a.npz", "", "DIR/a.npz: x_train: row 0: value 1 is +Inf as a float32"},
		{files{"a.npz": npzOf(xTrain, yTrain, npz.Array{Name: "x_test", Type: "|u1", Shape: []int{1, 3}, Data: []byte("123")}, yTest)}, "a.npz", "", "DIR/a.npz: x_test: rows of 3 values, want rows of 2 values as in another part"},
		{files{"a.csv": ""}, "a.csv", "", "DIR/a.csv: an empty file"},
		{files{"train.csv": "a,b\n1,x\n", "test.csv": "a,b\n1,y\n"}, "", "", `DIR/test.csv: line 2, column 2 (b): "y" is none of the classes`},
		{files{"train.csv": "a,c,b\n1,2,x\n", "test.csv": "a,b\n1,x\n"}, "", "", `DIR/test.csv: line 1: no column "c", the columns are a, b`},
		{files{"a/1.png": pngOf(2, 2, imagecolor.Black), "b/2.png": "no picture"}, "", "", "DIR/b/2.png: no picture that is known"},
		{files{"a/1.png": pngOf(2, 2, imagecolor.Black), "b/2.png": "", "b/3.png": ""}, "", "", "DIR/b/2.png: no picture that is known"},
		{files{"train/a/1.png": pngOf(2, 2, imagecolor.Black), "test/b/2.png": pngOf(2, 2, imagecolor.Black)}, "", "", "DIR/test/b: a class of which there are no pictures to train on"},
		{files{"1.png": ""}, "", "pictures", "DIR: no pictures in folders named after their classes"},
	} {
		dir := c.files.write(t)
		_, err := Open(filepath.Join(dir, c.path), options(func(o *Options) {
			if c.format != "" {
				o.Format = c.format
			}
		}))
		require.ErrorContains(t, err, strings.ReplaceAll(c.want, "DIR", dir))
		require.NotContains(t, err.Error(), "\n")
	}
	_, err := Open(files{"a.npz": npzOf(xTrain)}.write(t), options(func(o *Options) { o.Format, o.Arrays = "npz", "x=y" }))
	require.Error(t, err)
	_, err = Open(filepath.Join(files{"a.npz": npzOf(xTrain)}.write(t), "a.npz"), options(func(o *Options) { o.Arrays = "x=y" }))
	require.ErrorContains(t, err, `arrays "x=y", want x_train=NAME, y_train, x_val, y_val, x_test or y_test`)
}

// Files of any content give a dataset or an error that is one line.
func TestOddDatasetsAreWhatTheyAre(t *testing.T) {
	var thousand strings.Builder
	thousand.WriteString("x,y\n")
	for i := range 2000 {
		fmt.Fprintf(&thousand, "%d,class %d\n", i, i%1000)
	}
	dir := files{"thousand.csv": thousand.String(), "one class.csv": "x,y\n1,a\n2,a\n", "one row.csv": "x,y\n1,a\n", "constant.csv": "x,z,y\n1,q,a\n1,q,b\n"}.write(t)
	for name, want := range map[string]struct{ rows, classes int }{"thousand": {2000, 1000}, "one class": {2, 1}, "one row": {1, 1}, "constant": {2, 2}} {
		d, err := Open(filepath.Join(dir, name+".csv"), options(nil))
		require.NoError(t, err, name)
		require.Equal(t, want.rows, d.Train.Len(), name)
		require.Len(t, d.Classes, want.classes, name)
		require.True(t, slices.IsSortedFunc(d.Classes[:1], strings.Compare))
		p, err := NewPreprocessing(d, "standard")
		require.NoError(t, err)
		for _, scale := range p.Scale {
			require.True(t, scale >= 0 && scale < 1e9, name)
		}
	}
}
