package fetch

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"

	"github.com/lanes-ml/lanes/net/internal/atomicfile"
	"github.com/lanes-ml/lanes/net/internal/regular"
)

// partial is a file of the first bytes of an archive. A note beside it says which file
// of which server they come from, if the server told.
type partial struct {
	file *os.File
	size int64
	from origin
}

// origin identifies a state of a server's file, by its ETag or else by the time of its
// last modification.
type origin struct {
	URL       string `json:"url"`
	Validator string `json:"validator"`
}

func openPartial(path string) (*partial, error) {
	for _, name := range []string{path, noteOf(path)} {
		if err := regular.CheckNotLinked(name); err != nil {
			return nil, err
		}
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	p := &partial{file: file, size: info.Size()}
	if b, err := os.ReadFile(p.note()); err == nil && json.Unmarshal(b, &p.from) != nil {
		p.from = origin{} // an unreadable note, which is not needed
	}
	return p, nil
}

func (p *partial) note() string { return noteOf(p.file.Name()) }

func noteOf(path string) string { return path + ".json" }

// reset empties the file, for a response that starts from the beginning.
func (p *partial) reset(from origin) error {
	if err := p.file.Truncate(0); err != nil {
		return err
	}
	p.size, p.from = 0, from
	b, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(p.note(), b)
}

func (p *partial) append(b []byte) error {
	n, err := p.file.WriteAt(b, p.size)
	p.size += int64(n)
	return err
}

// sum returns the SHA-256 of the file.
func (p *partial) sum() (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(p.file, 0, p.size)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// close keeps the file for a later fetch, unless it is empty.
func (p *partial) close() error {
	if p.size == 0 {
		return p.remove()
	}
	return errors.Join(p.file.Sync(), p.file.Close())
}

func (p *partial) remove() error {
	p.file.Close() // first, because some systems do not remove an open file
	for _, path := range []string{p.note(), p.file.Name()} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// originOf returns the origin of a response. It does not use a weak ETag, which may stay
// the same when bytes change.
func originOf(address string, h http.Header) origin {
	validator := h.Get("ETag")
	if !strings.HasPrefix(validator, `"`) {
		validator = h.Get("Last-Modified")
	}
	return origin{address, validator}
}
