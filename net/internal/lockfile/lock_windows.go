package lockfile

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// Lock locks f, or returns [ErrLocked] at once.
func Lock(f *os.File) error { return lock(f, windows.LOCKFILE_EXCLUSIVE_LOCK) }

// Locked reports whether f is locked by others. It may lock f in a way that keeps others
// from [Lock]: close f soon.
func Locked(f *os.File) (bool, error) {
	err := lock(f, 0)
	if errors.Is(err, ErrLocked) {
		return true, nil
	}
	return false, err
}

// lock locks one byte that lies far beyond the end of f: here a lock keeps others from
// reading and writing the bytes that it covers.
func lock(f *os.File, how uint32) error {
	err := windows.LockFileEx(windows.Handle(f.Fd()), how|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &windows.Overlapped{OffsetHigh: 1 << 30})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ErrLocked
	}
	return err
}
