package train

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/lanes-ml/lanes/net/internal/regular"
)

const (
	// maxTOML is the size in bytes of the largest file of settings.
	maxTOML = 16 << 20
	// maxDepth is how deep its tables and arrays may be. Settings have no tables, and
	// the time that it takes to parse a key grows with the square of its parts.
	maxDepth = 8
	// maxKeys is how many keys, tables and arrays it may have.
	maxKeys = 1000
)

// bounded returns an error if the file is larger or deeper than one of settings
// can be. Of one that is not TOML it need not tell anything.
func bounded(file []byte) error {
	if len(file) > maxTOML {
		return fmt.Errorf("more than %d bytes, which no settings take", maxTOML)
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

// stringEnd returns where the string ends that begins at byte i.
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

// ReadTOML returns the content of a file of settings, or of a pipe with them. Of one
// that is too large it returns what is enough for an error of its reader.
func ReadTOML(path string) ([]byte, error) { return readTOML(os.Open(path)) }

// readOurTOML is [ReadTOML] of a file of a run, which is no pipe.
func readOurTOML(path string) ([]byte, error) { return readTOML(regular.Open(path)) }

func readTOML(f *os.File, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxTOML+1))
}
