package data

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lanes-ml/lanes/net/data/internal/idx"
)

// idxName is how files of MNIST's format are named: what stands before is the name of a
// dataset among several in a folder.
var idxName = regexp.MustCompile(`^(.*?)(train|t10k|test)[-.](images|labels)[-.]idx[0-9][-.]ubyte(\.gz)?$`)

// idxSet is the files of a dataset, by train or test and images or labels.
type idxSet map[[2]string]string

// idxSets returns the datasets of a folder by their names.
func idxSets(dir string) map[string]idxSet {
	sets := map[string]idxSet{}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		m := idxName.FindStringSubmatch(e.Name())
		if m == nil {
			continue
		}
		if sets[m[1]] == nil {
			sets[m[1]] = idxSet{}
		}
		part := strings.Replace(m[2], "t10k", "test", 1)
		sets[m[1]][[2]string{part, m[3]}] = filepath.Join(dir, e.Name())
	}
	return sets
}

// findIDX returns the dataset in a folder, or that of a file.
func findIDX(path string) (name string, set idxSet, err error) {
	dir := path
	m := idxName.FindStringSubmatch(filepath.Base(path))
	if m != nil {
		dir = filepath.Dir(path)
	}
	sets := idxSets(dir)
	if m != nil {
		return m[1], sets[m[1]], nil
	}
	if len(sets) > 1 {
		var names []string
		for name := range sets {
			names = append(names, strconv.Quote(name))
		}
		slices.Sort(names)
		return "", nil, fmt.Errorf("%s: files of several datasets, %s: name a file of one", dir, strings.Join(names, ", "))
	}
	for name, set := range sets {
		return name, set, nil
	}
	return "", nil, fmt.Errorf("%s: no files such as train-images-idx3-ubyte", path)
}

func foundIDX(path string) bool {
	return idxName.MatchString(filepath.Base(path)) || len(idxSets(path)) > 0
}

// fashionClasses are the names that Fashion-MNIST's authors give its classes. Its files are
// named as MNIST's are.
//
// Source: https://github.com/zalandoresearch/fashion-mnist.
var fashionClasses = []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}

// readIDX reads a dataset in MNIST's format: files of images and files of labels. Classes
// are named by their labels, or as EMNIST's mapping says.
func readIDX(path string, _ Options) (*Dataset, error) {
	name, set, err := findIDX(path)
	if err != nil {
		return nil, err
	}
	d := &Dataset{}
	var labels labelling
	for _, part := range []string{"train", "test"} {
		images := set[[2]string{part, "images"}]
		if images == "" {
			continue
		}
		of := set[[2]string{part, "labels"}]
		if of == "" {
			return nil, fmt.Errorf("%s: no file of labels beside it", images)
		}
		a, err := idx.Read(images)
		if err == nil {
			err = d.addExamples(part, a)
		}
		if err != nil {
			return nil, inFile(images, err)
		}
		if a, err = idx.Read(of); err == nil {
			err = labels.add(d, part, a)
		}
		if err != nil {
			return nil, inFile(of, err)
		}
	}
	d.Classes, err = idxClasses(path, name, labels.finish())
	return d, err
}

// idxClasses returns better names for the classes, which are named by their labels.
func idxClasses(path, name string, classes []string) ([]string, error) {
	whole, _ := filepath.Abs(path)
	if len(classes) == len(fashionClasses) && strings.Contains(strings.ToLower(whole), "fashion") {
		return fashionClasses, nil
	}
	dir := path
	if idxName.MatchString(filepath.Base(path)) {
		dir = filepath.Dir(path)
	}
	mapping := filepath.Join(dir, name+"mapping.txt")
	text, err := os.ReadFile(mapping)
	if err != nil {
		return classes, nil
	}
	names := slices.Clone(classes)
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			return nil, fmt.Errorf("%s: line %d: want a label and the code of its character", mapping, i+1)
		}
		code, err := strconv.ParseUint(fields[1], 10, 16)
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %q is no code of a character", mapping, i+1, fields[1])
		}
		if c := slices.Index(classes, fields[0]); c >= 0 {
			names[c] = string(rune(code))
		}
	}
	return names, nil
}

// inFile adds the name of a file to an error, unless the error begins with it.
func inFile(path string, err error) error {
	if strings.HasPrefix(err.Error(), path) {
		return err
	}
	if _, ok := errors.AsType[*os.PathError](err); ok {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}
