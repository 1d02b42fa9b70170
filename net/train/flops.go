package train

import (
	"encoding/json"
	"fmt"
)

// FLOPs returns the floating-point operations of the matrix products that training took up to the
// run's last checkpoint: [net.Architecture.StepFLOPs] and [data.Preprocessing.FLOPs] of the
// examples of its steps, and those that found the components of whitening, if there are any.
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
	flops := (m.architecture().StepFLOPs(1) + m.Input.FLOPs(1)) * float64(s.Progress.Images) // exact
	if w := m.Input.Whitening; w != nil {
		flops += w.FLOPs // exact
	}
	return flops, nil
}
