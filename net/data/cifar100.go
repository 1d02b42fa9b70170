package data

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/lanes-ml/lanes/net/data/internal/pickle"
	"github.com/lanes-ml/lanes/net/internal/regular"
)

// cifar100Versions are the two versions of CIFAR-100, by the folder that each unpacks to.
var cifar100Versions = []struct {
	folder string
	files  [2]string // to train on and to test with
	names  func(dir, kind string) ([]string, error)
	read   func(path, kind string, classes int) (Split, error)
}{
	{"cifar-100-binary", [2]string{"train.bin", "test.bin"}, namesInText, readCIFAR100Records},
	{"cifar-100-python", [2]string{"train", "test"}, namesInMeta, readCIFAR100Pickle},
}

// findCIFAR100 returns the folder of CIFAR-100 in or at a folder, and its version.
func findCIFAR100(path string) (dir string, version int, ok bool) {
	for _, sub := range []bool{true, false} {
		for v, version := range cifar100Versions {
			dir := path
			if sub {
				dir = filepath.Join(path, version.folder)
			}
			_, errTrain := os.Stat(filepath.Join(dir, version.files[0]))
			_, errNames := os.Stat(filepath.Join(dir, [...]string{"fine_label_names.txt", "meta"}[v]))
			if errTrain == nil && errNames == nil {
				return dir, v, true
			}
		}
	}
	return "", 0, false
}

func foundCIFAR100(path string) bool {
	_, _, ok := findCIFAR100(path)
	return ok
}

// readCIFAR100 reads either version of CIFAR-100, whose images have two labels. The label
// is the fine one, of 100 classes, unless o.Label is coarse, of 20.
func readCIFAR100(path string, o Options) (*Dataset, error) {
	dir, v, ok := findCIFAR100(path)
	if !ok {
		return nil, fmt.Errorf("%s: no train.bin with fine_label_names.txt, and no train with meta", path)
	}
	kind := o.Label
	switch kind {
	case "":
		kind = "fine"
	case "fine", "coarse":
	default:
		return nil, fmt.Errorf("label %q, want fine or coarse for CIFAR-100", kind)
	}
	version := cifar100Versions[v]
	d := &Dataset{Name: "cifar100", Path: dir, Shape: cifarShape}
	var err error
	if d.Classes, err = version.names(dir, kind); err != nil {
		return nil, err
	}
	for i, to := range []*Split{&d.Train, &d.Test} {
		file := filepath.Join(dir, version.files[i])
		if *to, err = version.read(file, kind, len(d.Classes)); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return d, nil
}

// namesInText reads the names of classes from a file with a line for each.
func namesInText(dir, kind string) ([]string, error) {
	text, err := regular.ReadFile(filepath.Join(dir, kind+"_label_names.txt"))
	return strings.Fields(string(text)), err
}

// namesInMeta reads the names of classes from the pickle that has both lists.
func namesInMeta(dir, kind string) ([]string, error) {
	path := filepath.Join(dir, "meta")
	b, err := regular.ReadFile(path)
	if err != nil {
		return nil, err
	}
	meta, err := pickle.Decode(b, maxOpcodesRest)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	list, ok := meta[kind+"_label_names"].(*pickle.List)
	if !ok {
		return nil, fmt.Errorf("%s: the dictionary has no list under %s_label_names", path, kind)
	}
	var names []string
	for i, item := range list.Items {
		name, ok := item.([]byte)
		if !ok {
			return nil, fmt.Errorf("%s: name %d of %s_label_names is not a string", path, i, kind)
		}
		names = append(names, string(name))
	}
	return names, nil
}

// readCIFAR100Records reads a file of records: the coarse label, the fine label, and the
// image.
func readCIFAR100Records(path, kind string, classes int) (Split, error) {
	const record = 2 + ImageSize
	f, size, err := openSized(path)
	if err != nil {
		return Split{}, err
	}
	defer f.Close()
	if size%record != 0 {
		return Split{}, fmt.Errorf("offset %d: the file ends in an image: %d bytes, want a multiple of %d", size, size, record)
	}
	s := makeImages(int(size/record), cifarShape)
	in := bufio.NewReaderSize(f, 1<<18)
	at := 0
	if kind == "fine" {
		at = 1
	}
	var labels [2]byte
	for i := range s.Labels {
		if _, err := io.ReadFull(in, labels[:]); err != nil {
			return Split{}, fmt.Errorf("image %d: %w", i, err)
		}
		if _, err := io.ReadFull(in, s.image(i)); err != nil {
			return Split{}, fmt.Errorf("image %d: %w", i, err)
		}
		if s.Labels[i] = int32(labels[at]); int(labels[at]) >= classes {
			return Split{}, fmt.Errorf("offset %d: image %d has the %s label %d, want 0..%d", i*record+at, i, kind, labels[at], classes-1)
		}
	}
	return s, nil
}

// readCIFAR100Pickle reads a file of the Python version.
func readCIFAR100Pickle(path, kind string, classes int) (Split, error) {
	b, err := regular.ReadFile(path)
	if err != nil {
		return Split{}, err
	}
	batch, err := pickle.Decode(b, len(b)/ImageSize*opcodesPerImage+maxOpcodesRest)
	if err != nil {
		return Split{}, err
	}
	images, ok := batch["data"].(*pickle.Array)
	if !ok || images.Columns != ImageSize {
		return Split{}, fmt.Errorf("the dictionary has no array of %d columns under data", ImageSize)
	}
	key := kind + "_labels"
	labels, ok := batch[key].(*pickle.List)
	if !ok || len(labels.Items) != images.Rows {
		return Split{}, fmt.Errorf("the dictionary has no list of %d labels under %s", images.Rows, key)
	}
	s := Split{Pixels: images.Data, Labels: make([]int32, images.Rows)}
	for i, item := range labels.Items {
		label, ok := item.(int)
		if !ok || label < 0 || label >= classes {
			return Split{}, fmt.Errorf("image %d has the %s label %v, want 0..%d", i, kind, item, classes-1)
		}
		s.Labels[i] = int32(label)
	}
	return s, nil
}

// openSized opens a file and returns its size too. An error does not repeat the path.
func openSized(path string) (*os.File, int64, error) {
	f, err := regular.Open(path)
	if err == nil {
		var info os.FileInfo
		if info, err = f.Stat(); err == nil {
			return f, info.Size(), nil
		}
		f.Close()
	}
	if at, ok := errors.AsType[*os.PathError](err); ok {
		err = at.Err
	}
	return nil, 0, err
}
