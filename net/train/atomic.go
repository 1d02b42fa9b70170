package train

import (
	"io"

	"github.com/lanes-ml/lanes/net/internal/atomicfile"
)

// WriteFile replaces the file's content, such that it is the old or the new one
// whole whenever the machine stops. A file that was there keeps its mode. Where path
// is a link, the file that it leads to is replaced; what is no file, such as a folder
// or a device, never is. An error names the file.
func WriteFile(path string, content []byte) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}
