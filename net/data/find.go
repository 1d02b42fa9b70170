package data

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrNotFound says that nobody named a place for CIFAR-10 and that it is not in
// the user's cache folder, so that a caller may go on without it.
var ErrNotFound = errors.New("no CIFAR-10 found")

const cifar10Folder = "cifar-10-batches-bin"

// Find returns the folder that holds the binary version of CIFAR-10. It looks
// in dir; if that is empty, in the folder that LANES_DATA names; if that is
// empty too, in lanes in the user's cache folder ([os.UserCacheDir]). There the
// data is a folder cifar-10-batches-bin or, if there is no such folder, the
// files themselves.
//
// A place that was named and does not hold the data is an error that names it.
// Only a cache folder without the data gives [ErrNotFound]. Find does not read
// the files: [ReadCIFAR10] tells whether they are complete.
func Find(dir string) (string, error) {
	if dir != "" {
		return locate(dir)
	}
	if dir = os.Getenv("LANES_DATA"); dir != "" {
		found, err := locate(dir)
		if err != nil {
			return "", fmt.Errorf("LANES_DATA: %w", err)
		}
		return found, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	found, err := locate(filepath.Join(cache, "lanes"))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return found, nil
}

func locate(dir string) (string, error) {
	sub := filepath.Join(dir, cifar10Folder)
	if info, err := os.Stat(sub); err == nil && info.IsDir() {
		return sub, nil
	}
	if _, err := os.Stat(filepath.Join(dir, trainFiles[0])); err != nil {
		return "", fmt.Errorf("%s: no folder %s, and %w", dir, cifar10Folder, err)
	}
	return dir, nil
}
