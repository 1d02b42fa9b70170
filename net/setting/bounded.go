package setting

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/lanes-ml/lanes/net/internal/regular"
)

const (
	// maxTOML bounds the size of a file, in bytes.
	maxTOML = 16 << 20
	// maxDepth bounds the depth of its tables and arrays. Settings have no tables, and
	// the time to parse a key grows with the square of the number of its parts.
	maxDepth = 8
	// maxKeys bounds the number of its keys, tables and arrays.
	maxKeys = 1000
)

// bounded returns an error if a TOML file is larger or deeper than a file of settings
// can be, so that parsing it cannot take long. It need not detect other mistakes.
func bounded(file []byte) error {
	if len(file) > maxTOML {
		return fmt.Errorf("more than %d bytes, too large for a file of settings", maxTOML)
	}
	keys, dots, depth := 0, 0, 0
	for i := 0; i < len(file); i++ {
		switch c := file[i]; c {
		case '"', '\'':
			i = stringEnd(file, i)
		case '#':
			if n := bytes.IndexByte(file[i:], '\n'); n >= 0 {
				i += n - 1
			} else {
				i = len(file)
			}
		case '.':
			dots++
		case '[', '{':
			keys++
			depth++
			dots = 0
		case ']', '}':
			depth--
		case '=':
			keys++
			dots = 0
		case ',', '\n':
			dots = 0
		}
		if keys > maxKeys {
			return fmt.Errorf("toml: more than %d keys", maxKeys)
		}
		if dots >= maxDepth || depth > maxDepth {
			return fmt.Errorf("toml: line %d: nested deeper than %d", bytes.Count(file[:i], []byte("\n"))+1, maxDepth)
		}
	}
	return nil
}

// stringEnd returns where the string that begins at byte i ends.
func stringEnd(file []byte, i int) int {
	quote := file[i : i+1]
	long := bytes.Repeat(quote, 3)
	if !bytes.HasPrefix(file[i:], long) {
		long = nil
	}
	for i += max(1, len(long)); i < len(file); i++ {
		switch {
		case file[i] == '\\' && quote[0] == '"':
			i++
		case long == nil && (file[i] == quote[0] || file[i] == '\n'):
			return i
		case long != nil && bytes.HasPrefix(file[i:], long):
			for i += 2; i+1 < len(file) && file[i+1] == quote[0]; i++ { // it may end in quotes
			}
			return i
		}
	}
	return i
}

// ReadFile returns the content of a file of settings, or of a pipe. Of a file that is
// too large it returns enough for [List.SetTOML] to refuse it.
func ReadFile(path string) ([]byte, error) { return read(os.Open(path)) }

// ReadRegularFile is [ReadFile] of a regular file; anything else, such as a pipe, is an
// error.
func ReadRegularFile(path string) ([]byte, error) { return read(regular.Open(path)) }

func read(f *os.File, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxTOML+1))
}
