package data

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/lanes-ml/lanes/net/setting"
)

// Files is the name, in a configuration, of every dataset that is not in the catalog: it was
// read from files by [Open], or made by a program.
const Files = "files"

// format is a format of files that hold a dataset.
type format struct {
	name string
	// found reports whether path, a file or a folder, looks like the format.
	found func(path string) bool
	// read returns the dataset. Its parts are those of the files. What is not in parts is
	// in Train.
	read func(path string, o Options) (*Dataset, error)
}

// formats are tried in this order.
var formats = []format{
	{cifar10Format, foundCIFAR10, func(path string, _ Options) (*Dataset, error) { return openCIFAR10(path, nil) }},
	{"cifar100", foundCIFAR100, readCIFAR100},
	{"idx", foundIDX, readIDX},
	{"npz", foundNPZ, readNPZ},
	{"pictures", foundPictures, readPictures},
	{"csv", foundTable, readTable},
}

// Open reads a dataset from a file or a folder. Its format is found from what is there,
// unless o names one. Parts that the files do not have are drawn from the training part:
// see [Options].
//
// The result passes [Dataset.Check]. Its error names the path or a file there.
func Open(path string, o Options) (*Dataset, error) {
	if err := o.Settings().Check(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	f, err := formatOf(path, o.Format)
	if err != nil {
		return nil, err
	}
	d, err := f.read(path, o)
	if err != nil {
		return nil, err
	}
	d.Format = f.name
	if d.Path == "" {
		d.Path = path
	}
	if d.Name == "" {
		d.Name = nameOf(path)
	}
	if err := d.drawParts(o.ValShare, o.TestShare); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	d.keepSeen()
	if err := d.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

// Detect returns the name of the format that [Open] finds at path, or an error that says
// what it looked for.
func Detect(path string) (string, error) {
	if _, err := os.Stat(path); err != nil {
		return "", err
	}
	f, err := formatOf(path, auto)
	return f.name, err
}

func formatOf(path, name string) (format, error) {
	for _, f := range formats {
		if f.name == name || name == auto && f.found(path) {
			return f, nil
		}
	}
	return format{}, fmt.Errorf("%s: no data that is known, want %s", path, setting.Or(Formats()))
}

// nameOf returns the name of a file or a folder, without extensions.
func nameOf(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		path = whole
	}
	name := filepath.Base(path)
	if short, _, _ := strings.Cut(name, "."); short != "" {
		name = short
	}
	return name
}
