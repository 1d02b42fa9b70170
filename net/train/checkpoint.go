package train

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/internal/atomicfile"
	"github.com/lanes-ml/lanes/net/internal/regular"
	"github.com/lanes-ml/lanes/net/safetensors"
)

// checkpointSuffix ends the names of checkpoints, which are safetensors files:
//
//	layers.0.weight   [out,in], as other tools lay it out: the transpose of W1
//	layers.0.bias     [out]
//	…
//	input.mean        [in]
//	input.scale       [1] or [in]: a network's input is (x - mean)·scale
//	input.whiten      [components,in]: if that is whitened first, as data.Whitening says
//	optimizer.…       only in last: what the optimiser carries from step to step
//
// and metadata: format, step, epoch, val_acc, classes (a JSON list), input (the shape and
// the columns of an example, as JSON), data (the fingerprint of the dataset), config (TOML), sha256 of all this and, only in last,
// best_val_acc and state.
const checkpointSuffix = ".safetensors"

// checkpointFormat is what the metadata has under format.
const checkpointFormat = "lanes"

// checkpoint is the content of a file. The tensors of one that is to be written are read
// from the network and the optimiser as they are written: see [safetensors.Stream].
type checkpoint struct {
	tensors  []safetensors.Tensor
	metadata map[string]string
	places   map[string]int // of the tensors, by name; made when first needed
}

// describe sets the metadata that does not depend on the step.
func (c *checkpoint) describe(input *data.Preprocessing, classes []string, config Config) error {
	list, err := json.Marshal(classes)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(input)
	if err != nil {
		return err
	}
	text, err := config.TOML()
	if err != nil {
		return err
	}
	c.metadata = map[string]string{"format": checkpointFormat, "classes": string(list), "input": string(raw), "config": string(text)}
	return nil
}

// addParams adds a tensor for each parameter: its value in values, which may be what the
// optimiser keeps for it. The tensor's name is that of the parameter after prefix.
func addParams[T kernels.Float](c *checkpoint, prefix string, params []net.Param[T], values []kernels.Mat[T]) {
	for i, p := range params {
		name, shape, m := p.Layout(values[i])
		addTensor(c, prefix+name, shape, m)
	}
}

func addTensor[T kernels.Float](c *checkpoint, name string, shape []int, m kernels.Mat[T]) {
	c.tensors = append(c.tensors, safetensors.Stream(name, shape, m))
}

// write replaces the file at path by the checkpoint.
func (c *checkpoint) write(path string) error {
	c.metadata["sha256"] = c.hash()
	return atomicfile.Write(path, func(w io.Writer) error { return safetensors.Write(w, c.tensors, c.metadata) })
}

// size returns the number of bytes in the tensors.
func (c *checkpoint) size() (n int) {
	for _, t := range c.tensors {
		n += t.Size()
	}
	return n
}

// hold copies the tensors, so that the matrices they are read from may change.
func (c *checkpoint) hold() {
	for i, t := range c.tensors {
		c.tensors[i] = t.Held()
	}
}

// hash returns the SHA-256 of the metadata, in the order of its keys, and of the
// tensors. A damaged file has another one.
func (c *checkpoint) hash() string {
	h := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(c.metadata)) {
		if key != "sha256" {
			io.WriteString(h, key+c.metadata[key])
		}
	}
	for _, t := range c.tensors {
		io.WriteString(h, t.Name+t.DType)
		t.WriteData(h) // a hash does not fail
	}
	return hex.EncodeToString(h.Sum(nil))
}

// readCheckpoint reads a checkpoint that write wrote. Errors name the file.
func readCheckpoint(path string) (*checkpoint, error) {
	file, err := regular.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c := new(checkpoint)
	if c.tensors, c.metadata, err = safetensors.Read(file); err != nil {
		return nil, fmt.Errorf("%s: not a whole checkpoint: %w", path, err)
	}
	if c.metadata["format"] != checkpointFormat {
		return nil, fmt.Errorf("%s: a safetensors file, but not a checkpoint of Lanes", path)
	}
	if want, got := c.metadata["sha256"], c.hash(); want != got {
		return nil, fmt.Errorf("%s: damaged: its content has sha256 %s, want %s", path, got, want)
	}
	return c, nil
}

// number returns the integer that the metadata has under name.
func (c *checkpoint) number(name string) (int, error) {
	n, err := strconv.Atoi(c.metadata[name])
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s is %q, want an integer of at least 0", name, c.metadata[name])
	}
	return n, nil
}

// tensor returns the named tensor.
func (c *checkpoint) tensor(name string) (safetensors.Tensor, error) {
	if c.places == nil {
		c.places = make(map[string]int, len(c.tensors))
		for i, t := range c.tensors {
			c.places[t.Name] = i
		}
	}
	i, ok := c.places[name]
	if !ok {
		return safetensors.Tensor{}, fmt.Errorf("no tensor %s", name)
	}
	return c.tensors[i], nil
}

// readParams sets values from the tensors that addParams made of them.
func readParams[T kernels.Float](c *checkpoint, prefix string, params []net.Param[T], values []kernels.Mat[T]) error {
	for i, p := range params {
		name, shape, m := p.Layout(values[i])
		if err := readTensor(c, prefix+name, shape, m); err != nil {
			return err
		}
	}
	return nil
}

// readTensor sets m from the named tensor, converted to T.
func readTensor[T kernels.Float](c *checkpoint, name string, shape []int, m kernels.Mat[T]) error {
	t, err := c.tensor(name)
	if err != nil {
		return err
	}
	return safetensors.Decode(t, shape, m)
}
