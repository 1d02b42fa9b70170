// Package lockfile locks open files, so that one process at a time works on what they
// belong to. A lock ends when the file is closed or the process ends, however it ends.
// It keeps nobody from reading or writing the file.
package lockfile

import "errors"

// ErrLocked says that another open file, of this process or another, has the lock.
var ErrLocked = errors.New("it is locked")
