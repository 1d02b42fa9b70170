package train

import (
	"encoding/json"
	"fmt"
)

// FLOPs returns the floating-point operations of the steps that the run did up to its last
// checkpoint: those of matrix products alone, as [net.Architecture.StepFLOPs] and
// [Config.InputFLOPs] count them.
func (f *Folder) FLOPs() (float64, error) {
	path := f.Checkpoint("last")
	c, err := readCheckpoint(path)
	if err != nil {
		return 0, err
	}
	m := Model[float64]{Config: f.Config}
	var s resumeState
	err = json.Unmarshal([]byte(c.metadata["state"]), &s)
	if err == nil {
		err = json.Unmarshal([]byte(c.metadata["classes"]), &m.Classes)
	}
	if err == nil {
		err = m.readInput(c)
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	return (m.architecture().StepFLOPs(1) + f.Config.InputFLOPs(1)) * float64(s.Progress.Images), nil // exact
}
