// Package regular opens regular files and nothing else: opening a pipe may block for ever,
// and reading a device may never end.
package regular

import (
	"errors"
	"io/fs"
	"os"
)

// Check returns an error if name exists and is neither a regular file nor a link to one.
func Check(name string) error {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: errors.New(kind(info.Mode()) + ", not a file")}
	}
	return err
}

func kind(mode fs.FileMode) string {
	switch mode.Type() {
	case fs.ModeDir:
		return "a folder"
	case fs.ModeNamedPipe:
		return "a pipe"
	case fs.ModeSocket:
		return "a socket"
	case fs.ModeSymlink:
		return "a link"
	}
	return "a device"
}

// CheckNotLinked is [Check] for a file that is to be written: a link is an error too,
// because the file that it leads to may be somebody else's.
func CheckNotLinked(name string) error {
	if info, err := os.Lstat(name); err == nil && info.Mode().Type() == fs.ModeSymlink {
		return &fs.PathError{Op: "open", Path: name, Err: errors.New(kind(info.Mode()) + ", not a file")}
	}
	return Check(name)
}

// Open opens a regular file for reading.
func Open(name string) (*os.File, error) { return OpenFile(name, os.O_RDONLY, 0) }

// OpenFile is [os.OpenFile] for regular files.
func OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error) {
	if err := Check(name); err != nil {
		return nil, err
	}
	return os.OpenFile(name, flag, perm)
}

// ReadFile is [os.ReadFile] for regular files.
func ReadFile(name string) ([]byte, error) {
	if err := Check(name); err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}
