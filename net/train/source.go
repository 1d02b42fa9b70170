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

// source is what data.json holds: where a run's images were.
type source struct {
	Folder string `json:"folder"`
}

// DataFolder returns where the images lay that the run was last trained on. It is
// empty where nobody knows: images were made, or nothing was written down yet.
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

// rememberData writes down the folder of images that were read.
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
