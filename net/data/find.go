package data

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ErrNotFound says that nobody named a place for CIFAR-10 and that it is not in
// the user's cache folder, so that a caller may go on without it.
var ErrNotFound = errors.New("no CIFAR-10 found")

// Find returns the folder that holds CIFAR-10. It looks in dir; if that is
// empty, in the folder that LANES_DATA names; if that is empty too, where it was
// once, if somebody remembers, and in lanes in the user's cache folder
// ([os.UserCacheDir]). There the data is a folder cifar-10-batches-bin; else a
// folder cifar-10-batches-py; else the files themselves, of either version.
//
// A place that was named and does not hold the data is an error that names it.
// Only places that nobody named without the data give [ErrNotFound], which names
// them. Find does not read the files: [ReadCIFAR10] tells whether they are
// complete.
func Find(dir string, remembered ...string) (string, error) {
	if dir != "" {
		return locate(dir)
	}
	if dir = os.Getenv(placeVariable); dir != "" {
		found, err := locate(dir)
		if err != nil {
			return "", fmt.Errorf("%s: %w", placeVariable, err)
		}
		return found, nil
	}
	places := slices.DeleteFunc(slices.Clone(remembered), func(place string) bool { return place == "" })
	cache, err := Place("")
	if err == nil && !slices.Contains(places, cache) {
		places = append(places, cache)
	}
	for _, place := range places {
		if found, err := locate(place); err == nil {
			return found, nil
		}
	}
	if len(places) == 0 {
		return "", fmt.Errorf("%w: %s names no folder, and %w", ErrNotFound, placeVariable, err)
	}
	return "", fmt.Errorf("%w in %s, and %s names no other folder", ErrNotFound, strings.Join(places, " or "), placeVariable)
}

const placeVariable = "LANES_DATA"

// Place returns where [Find] looks, whether something is there or not: dir, or
// the folder that LANES_DATA names, or lanes in the user's cache folder.
func Place(dir string) (string, error) {
	if dir != "" {
		return dir, nil
	}
	if dir = os.Getenv(placeVariable); dir != "" {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "lanes"), nil
}

func locate(dir string) (string, error) {
	for v := range versions {
		if sub := filepath.Join(dir, versions[v].folder); isFolder(sub) {
			return sub, nil
		}
	}
	if Python.liesIn(dir) {
		return dir, nil
	}
	if _, err := os.Stat(filepath.Join(dir, Binary.Files()[0])); err != nil {
		return "", fmt.Errorf("%s: no folder %s or %s, and %w", dir, Binary.Folder(), Python.Folder(), err)
	}
	return dir, nil
}

// FindIn returns the folder that holds this version in dir, as [Find] looks for
// either: a folder of its name, else dir itself. It returns "" if there is none.
func (v Version) FindIn(dir string) string {
	if sub := filepath.Join(dir, v.Folder()); isFolder(sub) {
		return sub
	}
	if v.liesIn(dir) {
		return dir
	}
	return ""
}

// liesIn says whether the first file of the version is in dir.
func (v Version) liesIn(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, v.Files()[0]))
	return err == nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
