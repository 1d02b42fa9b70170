package data

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lanes-ml/lanes/net/npz"
)

// arrayNames are what arrays of a part may be called, in lower case, beside what
// [Options.Arrays] says. Names without a part are those of the training part.
var arrayNames = map[string][]string{
	"x_train": {"x_train", "train_x", "train_images", "train_data", "x", "images", "data", "features"},
	"y_train": {"y_train", "train_y", "train_labels", "y", "labels", "label", "target", "targets"},
	"x_val":   {"x_val", "val_x", "x_valid", "val_images", "val_data"},
	"y_val":   {"y_val", "val_y", "y_valid", "val_labels"},
	"x_test":  {"x_test", "test_x", "test_images", "test_data"},
	"y_test":  {"y_test", "test_y", "test_labels"},
}

// arrayFile is an array and the opened file that has it.
type arrayFile struct {
	file       *npz.File
	path, name string
}

func (a arrayFile) read() (npz.Array, error) { return a.file.Read(a.name) }

// foundNPZ also finds a folder of .npy files, and one of them.
func foundNPZ(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	if ext == ".npz" || ext == ".npy" {
		return true
	}
	return len(filesNamed(path, ".npy")) > 0
}

// readNPZ reads numpy's arrays: those of an archive, or of the .npy files of a folder.
// Labels are whole numbers or texts, which name the classes, or in a regression any
// numbers.
func readNPZ(path string, o Options) (*Dataset, error) {
	arrays, err := openArrays(path)
	defer func() {
		for _, a := range arrays {
			a.file.Close() // again, if it has several
		}
	}()
	if err != nil {
		return nil, err
	}
	chosen, err := chooseArrays(path, arrays, o.Arrays)
	if err != nil {
		return nil, err
	}
	d := &Dataset{}
	var labels labelling
	for _, part := range []string{"train", "val", "test"} {
		x, isThere := chosen["x_"+part]
		if !isThere {
			continue
		}
		y, isThere := chosen["y_"+part]
		if !isThere {
			return nil, fmt.Errorf("%s: %s: no array of labels for it, such as y_%s", x.path, x.name, part)
		}
		a, err := x.read()
		if err == nil {
			if err = d.addExamples(part, a); err != nil {
				err = fmt.Errorf("%s: %s: %w", x.path, x.name, err)
			}
		}
		if err != nil {
			return nil, err
		}
		if a, err = y.read(); err != nil {
			return nil, err
		}
		if o.Task == RegressionTask {
			err = d.addTargets(part, a)
		} else {
			err = labels.add(d, part, a)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", y.path, y.name, err)
		}
	}
	if o.Task != RegressionTask {
		d.Classes = labels.finish()
	}
	return d, nil
}

// filesNamed returns the files of a folder that have an extension.
func filesNamed(dir, extension string) []string {
	var files []string
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if strings.EqualFold(filepath.Ext(e.Name()), extension) {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files
}

// openArrays opens the file, or the .npy files of a folder or beside one, and returns all
// arrays, also with an error.
func openArrays(path string) (arrays []arrayFile, err error) {
	files := []string{path}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		files = filesNamed(path, ".npy")
	} else if strings.EqualFold(filepath.Ext(path), ".npy") {
		files = filesNamed(filepath.Dir(path), ".npy")
	}
	for _, file := range files {
		f, err := npz.Open(file)
		if err != nil {
			return arrays, err
		}
		for _, a := range f.Arrays() {
			arrays = append(arrays, arrayFile{f, file, a.Name})
		}
	}
	return arrays, nil
}

// chooseArrays returns the arrays by their keys in arrayNames. A list such as
// "x_train=a,y_train=b" names some.
func chooseArrays(path string, arrays []arrayFile, list string) (map[string]arrayFile, error) {
	named := map[string][]string{}
	for key, names := range arrayNames {
		named[key] = names
	}
	for pair := range strings.SplitSeq(list, ",") {
		if pair == "" {
			continue
		}
		key, name, _ := strings.Cut(pair, "=")
		if named[key] == nil || name == "" {
			return nil, fmt.Errorf("arrays %q, want x_train=NAME, y_train, x_val, y_val, x_test or y_test", list)
		}
		named[key] = []string{strings.ToLower(name)}
	}
	chosen := map[string]arrayFile{}
	for key, names := range named {
		for _, name := range names {
			i := slices.IndexFunc(arrays, func(a arrayFile) bool { return strings.ToLower(a.name) == name })
			if i >= 0 {
				chosen[key] = arrays[i]
				break
			}
		}
	}
	if _, ok := chosen["x_train"]; !ok {
		var all []string
		for _, a := range arrays[:min(len(arrays), 10)] {
			all = append(all, a.name)
		}
		return nil, fmt.Errorf("%s: no array %s, the arrays are %s", path, named["x_train"][0], strings.Join(all, ", "))
	}
	return chosen, nil
}
