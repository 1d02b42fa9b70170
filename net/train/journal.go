package train

import (
	"cmp"
	"io"
	"os"

	"github.com/lanes-ml/lanes/net/internal/regular"
)

// journal is a file that grows. What is appended to buf is written in large pieces.
type journal struct {
	file *os.File
	buf  []byte
}

const journalPiece = 1 << 16

// openJournal opens the file. Before anything is written, [journal.cut] must say where.
func openJournal(path string) (*journal, error) {
	f, err := regular.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return nil, err
	}
	return &journal{f, make([]byte, 0, 2*journalPiece)}, nil
}

// cut truncates the file to size bytes, and continues there.
func (j *journal) cut(size int) error {
	if err := j.file.Truncate(int64(size)); err != nil {
		return err
	}
	_, err := j.file.Seek(int64(size), io.SeekStart)
	return err
}

// drain writes buf if it is long enough to be worth it.
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

// flush writes buf and waits until it is on the disk.
func (j *journal) flush() error {
	if err := j.write(); err != nil {
		return err
	}
	return j.file.Sync()
}

// close writes buf and closes the file.
func (j *journal) close() error { return cmp.Or(j.write(), j.file.Close()) }
