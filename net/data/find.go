package data

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ErrNotFound says that no place was named for CIFAR-10 and that it is not in the
// user's cache folder, so that a caller may continue without it.
var ErrNotFound = errors.New("no CIFAR-10 found")

// Find returns the folder that holds CIFAR-10. It looks in dir. If dir is empty, it
// looks in the folder that LANES_DATA names. If that is empty too, it looks in the
// remembered places and then in the folder lanes of the user's cache folder
// ([os.UserCacheDir]). In each of these it takes a folder cifar-10-batches-bin, or else
// a folder cifar-10-batches-py, or else the files themselves, of either version.
//
// If dir or LANES_DATA names a place without the data, the error names it. If neither
// names a place, and the data is nowhere, the error is [ErrNotFound] with the places
// where Find looked. Find does not read the files: [ReadCIFAR10] tells whether they
// are complete.
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

// Place returns the folder in which [Find] looks, whether it exists or not: dir, or the
// folder that LANES_DATA names, or lanes in the user's cache folder.
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

// FindIn returns the folder that holds this version: the folder of its name in dir, or
// else dir itself. It returns "" if neither holds it.
func (v Version) FindIn(dir string) string {
	if sub := filepath.Join(dir, v.Folder()); isFolder(sub) {
		return sub
	}
	if v.liesIn(dir) {
		return dir
	}
	return ""
}

// liesIn reports whether the first file of the version is in dir.
func (v Version) liesIn(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, v.Files()[0]))
	return err == nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
