//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package lockfile

import (
	"errors"
	"os"
	"syscall"
)

// Lock locks f, or returns [ErrLocked] at once.
func Lock(f *os.File) error { return flock(f, syscall.LOCK_EX) }

// Locked reports whether f is locked by others. It may lock f in a way that keeps others
// from [Lock]: close f soon.
func Locked(f *os.File) (bool, error) {
	err := flock(f, syscall.LOCK_SH)
	if errors.Is(err, ErrLocked) {
		return true, nil
	}
	return false, err
}

func flock(f *os.File, how int) error {
	err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrLocked
	}
	return err
}
