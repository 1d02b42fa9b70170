package train

import (
	"cmp"
	"os"
)

// journal is a file that grows. What is appended to buf reaches it in pieces.
type journal struct {
	file *os.File
	buf  []byte
}

const journalPiece = 1 << 16

// openJournal opens the file to append to its first size bytes, and drops the
// others.
func openJournal(path string, size int) (*journal, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return nil, err
	}
	if err = f.Truncate(int64(size)); err == nil {
		_, err = f.Seek(int64(size), 0)
	}
	if err != nil {
		return nil, cmp.Or(err, f.Close())
	}
	return &journal{f, make([]byte, 0, 2*journalPiece)}, nil
}

// drain writes buf if it is long.
func (j *journal) drain() error {
	if len(j.buf) < journalPiece {
		return nil
	}
	return j.write()
}

func (j *journal) write() error {
	n, err := j.file.Write(j.buf)
	j.buf = append(j.buf[:0], j.buf[n:]...)
	return err
}

// flush waits until all is on the disk.
func (j *journal) flush() error {
	if err := j.write(); err != nil {
		return err
	}
	return j.file.Sync()
}

// close writes what is left.
func (j *journal) close() error { return cmp.Or(j.write(), j.file.Close()) }
