package sweep

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/lanes-ml/lanes/net/internal/atomicfile"
	"github.com/lanes-ml/lanes/net/internal/lockfile"
	"github.com/lanes-ml/lanes/net/internal/regular"
)

// record is the content of a file of decisions: what was decided from the results that
// there were is decided for every process, whatever results come later.
type record[T any] struct {
	SHA256    string `json:"sha256"` // of the decisions
	Decisions []T    `json:"decisions"`
}

// readRecord returns the decisions in a file, none if there is no such file. The file must
// be, to the last byte, as writeRecord writes it.
func readRecord[T any](path string) ([]T, error) {
	file, err := regular.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var r record[T]
	if err == nil {
		err = json.Unmarshal(file, &r)
	}
	if err == nil {
		var written []byte
		if written, err = r.encode(); err == nil && !bytes.Equal(file, written) {
			err = errors.New("its hash does not match its content")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnusable, path, err)
	}
	return r.Decisions, nil
}

func writeRecord[T any](path string, decisions []T) error {
	file, err := record[T]{Decisions: decisions}.encode()
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(path, file)
}

func (r record[T]) encode() ([]byte, error) {
	text, err := json.Marshal(r.Decisions)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	r.SHA256 = hex.EncodeToString(sum[:])
	file, err := json.MarshalIndent(r, "", "  ")
	return append(file, '\n'), err
}

// decide runs decide while no other process is in a decision on the sweep.
func (f *Folder) decide(ctx context.Context, decide func() error) error {
	lock, err := os.OpenFile(f.path(sweepFile), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer lock.Close()
	for {
		err := lockfile.Lock(lock)
		if err == nil {
			return decide()
		}
		if !errors.Is(err, lockfile.ErrLocked) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(time.Millisecond): // a decision takes a moment
		}
	}
}
