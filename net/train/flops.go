package train

import (
	"encoding/json"
	"fmt"
)

// FLOPs returns the floating-point operations of the steps that the run did up to its last
// checkpoint, as [net.Sizes.StepFLOPs] counts them: those of matrix products alone.
func (f *Folder) FLOPs() (float64, error) {
	path := f.Checkpoint("last")
	c, err := readCheckpoint(path)
	if err != nil {
		return 0, err
	}
	var s resumeState
	var classes []string
	inputs, err := c.inputs()
	if err == nil {
		err = json.Unmarshal([]byte(c.metadata["state"]), &s)
	}
	if err == nil {
		err = json.Unmarshal([]byte(c.metadata["classes"]), &classes)
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	return f.Config.sizes(inputs, max(1, len(classes))).StepFLOPs(1) * float64(s.Progress.Images), nil
}
