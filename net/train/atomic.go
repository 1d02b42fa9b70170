package train

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// temporarySuffix ends the names of files that are not whole yet.
const temporarySuffix = ".tmp"

var errNotAFile = errors.New("what is there is not a file")

// WriteFile replaces the file's content, such that it is the old or the new one
// whole whenever the machine stops: it writes a temporary file beside it, waits
// until that is on the disk, renames it, and waits for the folder. Where path is a
// link, the file that it leads to is replaced; what is no file, such as a folder or
// a device, never is. An error names path.
func WriteFile(path string, content []byte) error {
	err := writeFile(path, content)
	if cause, ok := errors.AsType[*os.PathError](err); ok { // of the temporary file
		return &os.PathError{Op: "write", Path: path, Err: cause.Err}
	}
	return err
}

func writeFile(path string, content []byte) (err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return &os.PathError{Err: errNotAFile}
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*"+temporarySuffix)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(content)
	if err == nil {
		err = f.Chmod(0o644) // a temporary file is its owner's alone
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
	return syncDir(filepath.Dir(path))
}

// syncDir waits until renames in the folder are on the disk.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // a folder is no file there
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return cmp.Or(d.Sync(), d.Close())
}

// sweepTemporaries removes the temporary files that a crash left in the folder.
func sweepTemporaries(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") && strings.HasSuffix(e.Name(), temporarySuffix) {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
