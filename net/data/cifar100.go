package data

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/lanes-ml/lanes/net/internal/regular"
)

// cifar100Folder is the folder that the binary version of CIFAR-100 unpacks to.
const cifar100Folder = "cifar-100-binary"

// cifar100In returns the folder of CIFAR-100 at or in a folder, else nothing.
func cifar100In(dir string) string {
	for _, dir := range []string{dir, filepath.Join(dir, cifar100Folder)} {
		if _, err := os.Stat(filepath.Join(dir, "train.bin")); err == nil {
			return dir
		}
	}
	return ""
}

func foundCIFAR100(path string) bool { return cifar100In(path) != "" }

// readCIFAR100 reads the binary version of CIFAR-100: records of a coarse label, a fine
// label and an image. The label is the fine one, unless o.Label is coarse.
func readCIFAR100(path string, o Options) (*Dataset, error) {
	dir := cifar100In(path)
	if dir == "" {
		dir = path
	}
	kind := 1
	names := "fine_label_names.txt"
	switch o.Label {
	case "", "fine":
	case "coarse":
		kind, names = 0, "coarse_label_names.txt"
	default:
		return nil, fmt.Errorf("label %q, want fine or coarse for CIFAR-100", o.Label)
	}
	text, err := regular.ReadFile(filepath.Join(dir, names))
	if err != nil {
		return nil, err
	}
	d := &Dataset{Name: "cifar100", Shape: cifarShape, Classes: strings.Fields(string(text))}
	for file, to := range map[string]*Split{"train.bin": &d.Train, "test.bin": &d.Test} {
		if *to, err = readCIFAR100File(filepath.Join(dir, file), kind); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func readCIFAR100File(path string, kind int) (Split, error) {
	const record = 2 + ImageSize
	f, err := regular.Open(path)
	if err != nil {
		return Split{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Split{}, err
	}
	if info.Size()%record != 0 {
		return Split{}, fmt.Errorf("%s: %d bytes, want a multiple of %d", path, info.Size(), record)
	}
	s := makeImages(int(info.Size()/record), cifarShape)
	var b [record]byte
	for i := range s.Labels {
		if _, err := io.ReadFull(f, b[:]); err != nil {
			return Split{}, fmt.Errorf("%s: image %d: %w", path, i, err)
		}
		s.Labels[i] = int32(b[kind])
		copy(s.image(i), b[2:])
	}
	return s, nil
}
