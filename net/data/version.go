package data

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Version is one of the two versions of CIFAR-10 that this package reads. Both hold the
// same images, in five files of 10,000 to train on and one to test with.
type Version int

const (
	// Binary files consist of records: a label, which is a byte, and an image.
	Binary Version = iota
	// Python files are pickled dictionaries.
	Python
)

// versions describes each Version.
var versions = [...]struct {
	name   string
	folder string
	files  [6]string // the last one is the test file
	read   func(r io.Reader, size int64, s Split) error
}{
	Binary: {"binary", "cifar-10-batches-bin", [6]string{
		"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin",
	}, readRecords},
	Python: {"python", "cifar-10-batches-py", [6]string{
		"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch",
	}, readPickle},
}

// ParseVersion returns the version with that name: binary or python.
func ParseVersion(name string) (Version, error) {
	for v, version := range versions {
		if version.name == name {
			return Version(v), nil
		}
	}
	return 0, fmt.Errorf("CIFAR-10 has no version %q, want binary or python", name)
}

// String returns the version's name: binary or python.
func (v Version) String() string { return versions[v].name }

// Folder returns the name of the folder that the published archive unpacks to.
func (v Version) Folder() string { return versions[v].folder }

// Files returns the names of the files that hold images: those to train on, in order,
// and then the test file.
func (v Version) Files() []string { return versions[v].files[:] }

// VersionOf returns the version whose files are in dir, Binary if both are. If there
// are none, the name of the folder decides, so that an error names the file that a
// reader of that folder expects.
func VersionOf(dir string) Version {
	for v := range versions {
		for _, name := range versions[v].files {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				return Version(v)
			}
		}
	}
	if filepath.Base(dir) == Python.Folder() {
		return Python
	}
	return Binary
}
