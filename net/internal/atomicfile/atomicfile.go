// Package atomicfile replaces files so that, whenever the machine stops, a file is the
// whole old one or the whole new one.
package atomicfile

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

var errNotAFile = errors.New("not a regular file")

// Write replaces the content of the file at path by what write writes. It writes a
// temporary file beside it, waits until that is on the disk, renames it, and waits for
// the folder. If write fails, the old file stays.
//
// An existing file keeps its mode; a new one has 0666 less the umask. If path is a link,
// the file that it leads to is replaced; anything but a regular file, such as a folder or
// a device, is an error. Errors name path.
func Write(path string, write func(io.Writer) error) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	err := replace(path, write)
	if cause, ok := errors.AsType[*os.LinkError](err); ok { // of the rename
		return &os.PathError{Op: "write", Path: path, Err: cause.Err}
	}
	if cause, ok := errors.AsType[*os.PathError](err); ok && temporary.MatchString(filepath.Base(cause.Path)) {
		return &os.PathError{Op: "write", Path: path, Err: cause.Err}
	}
	return err
}

// WriteFile is [Write] of content.
func WriteFile(path string, content []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

func replace(path string, write func(io.Writer) error) (err error) {
	old, missing := os.Stat(path)
	if missing == nil && !old.Mode().IsRegular() {
		return &os.PathError{Op: "write", Path: path, Err: errNotAFile}
	}
	mode := fs.FileMode(0o666)
	if missing == nil {
		mode = old.Mode().Perm()
	}
	f, err := create(path, mode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	b := bufio.NewWriterSize(f, 1<<16)
	if err = write(b); err == nil {
		err = b.Flush()
	}
	if err == nil && missing == nil {
		err = f.Chmod(mode) // what the umask took from it
	}
	if err == nil {
		err = f.Sync()
	}
	if err = cmp.Or(err, f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return SyncFolder(filepath.Dir(path))
}

// temporary matches the names that create gives, and those alone.
var temporary = regexp.MustCompile(`^\..+\.lanes-[0-9a-f]{8}\.tmp$`)

// create makes a temporary file beside path. It is never more open than the file
// that it is to become.
func create(path string, mode fs.FileMode) (*os.File, error) {
	dir, name := filepath.Split(path)
	for {
		f, err := os.OpenFile(fmt.Sprintf("%s.%s.lanes-%08x.tmp", dir, name, rand.Uint32()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode|0o600)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// SyncFolder waits until what was made, renamed or removed in the folder is on the disk.
func SyncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // a folder is no file there
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return cmp.Or(d.Sync(), d.Close())
}

// Sweep removes the temporary files of [Write] that a crash left in the folder.
// Nobody may be writing there.
func Sweep(dir string) error {
	return removeAll(dir, func(e fs.DirEntry) bool { return e.Type().IsRegular() && temporary.MatchString(e.Name()) })
}

// SweepFolders removes the folders in dir whose names begin with prefix, with what they
// hold.
func SweepFolders(dir, prefix string) error {
	return removeAll(dir, func(e fs.DirEntry) bool { return e.IsDir() && strings.HasPrefix(e.Name(), prefix) })
}

func removeAll(dir string, old func(fs.DirEntry) bool) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if old(e) {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Stranger returns the name of something in the folder that is neither among ours nor a
// temporary file of [Write], or "" if there is nothing else.
func Stranger(dir string, ours ...string) (string, error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if name := e.Name(); !slices.Contains(ours, name) && !temporary.MatchString(name) {
			return name, err
		}
	}
	return "", err
}
