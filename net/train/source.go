package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/lanes-ml/lanes/net/internal/atomicfile"
	"github.com/lanes-ml/lanes/net/internal/regular"
)

// source is the content of data.json: the folder or the file of a run's dataset.
type source struct {
	Folder string `json:"folder"`
}

// DataFolder returns the folder or the file from which the run last read its dataset. It is
// empty if that was made, or if the run has not begun.
func (f *Folder) DataFolder() (string, error) {
	text, err := regular.ReadFile(f.path(dataFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var s source
	if err := json.Unmarshal(text, &s); err != nil {
		return "", fmt.Errorf("%s: %w", f.path(dataFile), err)
	}
	return s.Folder, nil
}

// rememberData writes data.json, unless folder is empty: the dataset was made.
func (f *Folder) rememberData(folder string) error {
	if folder == "" {
		return nil
	}
	whole, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	text, err := json.Marshal(source{whole})
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(f.path(dataFile), append(text, '\n'))
}
