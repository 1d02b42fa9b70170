// Package tensorboard writes event files, which TensorBoard shows: numbers, pictures and
// histograms by step.
package tensorboard

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/protobuf"
)

// The names of event files begin with prefix and the second of their start, in ten digits,
// so that TensorBoard reads them in the order of their making.
const (
	prefix = "events.out.tfevents."
	suffix = ".lanes"
)

// Writer writes an event file. It keeps its first error, which [Writer.Close] returns, and
// writes nothing after it.
//
// Whatever stops the program, the file has whole events up to some point and then at most
// one that is torn, at which a reader stops.
type Writer struct {
	file    *os.File
	buf     []byte // whole records
	flushed time.Time
	err     error
}

const (
	flushSize  = 1 << 16     // bytes that wait at most
	flushAfter = time.Second // so that what a reader shows is of now
)

// Create begins an event file in the folder, for steps after step. TensorBoard forgets what
// earlier files in the folder tell of those steps: a run that was stopped has, after its
// last checkpoint, steps that are trained again.
func Create(dir string, step int) (*Writer, error) {
	second := time.Now().Unix()
	for _, name := range files(dir) {
		if n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimPrefix(name, prefix), suffix), 10, 64); err == nil {
			second = max(second, n+1)
		}
	}
	file, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf("%s%010d%s", prefix, second, suffix)), os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o666)
	if err != nil {
		return nil, err
	}
	w := &Writer{file: file}
	const sessionStart = 1
	w.add(0, protobuf.Message{}.Text(eventVersion, "brain.Event:2"))
	w.add(step+1, protobuf.Message{}.Bytes(eventSession, protobuf.Message{}.Number(1, sessionStart)))
	w.Flush()
	return w, nil
}

// In reports whether the folder has event files.
func In(dir string) bool { return len(files(dir)) > 0 }

// files returns the names of the event files in the folder, in order.
func files(dir string) (names []string) {
	entries, _ := os.ReadDir(dir) // a folder that cannot be read shows when a file is made there
	for _, e := range entries {
		if name := e.Name(); strings.HasPrefix(name, prefix) && strings.HasSuffix(name, suffix) {
			names = append(names, name)
		}
	}
	return names
}

// add appends an event.
func (w *Writer) add(step int, what protobuf.Message) {
	if w.err != nil {
		return
	}
	now := time.Now()
	event := protobuf.Message{}.Double(eventTime, float64(now.UnixMicro())/1e6).Number(eventStep, uint64(step))
	w.buf = appendRecord(w.buf, append(event, what...))
	if len(w.buf) >= flushSize || now.Sub(w.flushed) >= flushAfter {
		w.Flush()
	}
}

// Flush writes what waits in memory.
func (w *Writer) Flush() {
	if w.err == nil && len(w.buf) > 0 {
		_, w.err = w.file.Write(w.buf)
	}
	w.buf, w.flushed = w.buf[:0], time.Now()
}

// Err returns the first error.
func (w *Writer) Err() error { return w.err }

// Close writes what waits in memory, and closes the file.
func (w *Writer) Close() error {
	w.Flush()
	err := w.file.Close()
	if errors.Is(err, fs.ErrClosed) {
		err = nil
	}
	return cmp.Or(w.err, err)
}
