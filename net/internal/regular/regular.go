// Package regular opens files that are files. To open a pipe may take for ever,
// and a device may do anything.
package regular

import (
	"errors"
	"io/fs"
	"os"
)

// Check returns an error if something other than a regular file, or a link to one,
// has that name. That there is nothing is none.
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

// CheckNotLinked is [Check] of a file that is to be written: a link is an error too,
// because what it leads to is somebody else's.
func CheckNotLinked(name string) error {
	if info, err := os.Lstat(name); err == nil && info.Mode().Type() == fs.ModeSymlink {
		return &fs.PathError{Op: "open", Path: name, Err: errors.New(kind(info.Mode()) + ", not a file")}
	}
	return Check(name)
}

// Open opens a regular file to read it.
func Open(name string) (*os.File, error) { return OpenFile(name, os.O_RDONLY, 0) }

// OpenFile is [os.OpenFile] of a regular file.
func OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error) {
	if err := Check(name); err != nil {
		return nil, err
	}
	return os.OpenFile(name, flag, perm)
}

// ReadFile is [os.ReadFile] of a regular file.
func ReadFile(name string) ([]byte, error) {
	if err := Check(name); err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}
