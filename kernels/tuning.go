package kernels

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/klauspost/cpuid/v2"
)

// Blocking holds the sizes of the loops of a product, in elements. The bits of a result
// do not depend on them.
type Blocking struct {
	KC    int `json:"kc"`    // depth of a panel of B
	MC    int `json:"mc"`    // rows of a block of A
	NC    int `json:"nc"`    // columns of a slab of B
	Slab  int `json:"slab"`  // elements of a slab of B for each thread
	Loose int `json:"loose"` // elements up to which B is read in place and not packed
}

const (
	leastKC, mostKC = 32, 1024
	mostElements    = 1 << 26        // of a slab
	mostOfCall      = 240 * 384 * 48 // multiply-adds of a block with a panel, which one call does
	mostOfFile      = 64 << 10       // bytes
)

// check returns an error unless a tile of the shape can use b.
func (b Blocking) check(s shape) error {
	nr := s.vectors * s.lanes
	switch {
	case b.KC < leastKC || b.KC > mostKC:
		return fmt.Errorf("blocking: kc is %d, want %d to %d", b.KC, leastKC, mostKC)
	case b.MC < s.rows || b.MC > mostOfCall/(b.KC*nr):
		return fmt.Errorf("blocking: mc is %d, want %d to %d for kc of %d", b.MC, s.rows, mostOfCall/(b.KC*nr), b.KC)
	case b.NC < nr || b.NC > mostElements:
		return fmt.Errorf("blocking: nc is %d, want %d to %d", b.NC, nr, mostElements)
	case b.Slab < b.KC*nr || b.Slab > mostElements:
		return fmt.Errorf("blocking: slab is %d, want %d to %d for kc of %d", b.Slab, b.KC*nr, mostElements, b.KC)
	case b.Loose < 0 || b.Loose > mostElements:
		return fmt.Errorf("blocking: loose is %d, want 0 to %d", b.Loose, mostElements)
	}
	return nil
}

// of returns b for a tile of the shape, in whole tiles.
func (b Blocking) of(s shape) blocking {
	nr := s.vectors * s.lanes
	return blocking{s.rows, nr, b.KC, b.MC / s.rows * s.rows, b.NC / nr * nr, b.Slab, b.Loose}
}

// Blocking returns the blocking of the engine, and where it comes from: "model" of the
// caches, "file" of 'lanes tune', "option", or "fixed" for level [Generic].
func (e *Engine[T]) Blocking() (b Blocking, origin string) {
	return e.blockings[0].exported(), e.origin
}

func (b *blocking) exported() Blocking { return Blocking{b.kc, b.mc, b.nc, b.slab, b.loose} }

// ModelBlocking returns the blocking that the model of the caches gives an engine of the
// level, for [AVX2] or above where this machine has it.
func ModelBlocking[T Float](l Level) Blocking {
	return chosen().model[isaOf[T](l)].exported()
}

// Processor is what a measured blocking holds for.
type Processor struct {
	Vendor string `json:"vendor"`
	Family int    `json:"family"`
	Model  int    `json:"model"`
	L1D    int    `json:"l1d_bytes"`
	L2     int    `json:"l2_bytes"`
	L3     int    `json:"l3_bytes"`
}

// ThisProcessor returns the processor of this machine.
func ThisProcessor() Processor {
	cpu := &cpuid.CPU
	return Processor{cpu.VendorString, cpu.Family, cpu.Model, cpu.Cache.L1D, cpu.Cache.L2, cpu.Cache.L3}
}

// Tuning is what the file of 'lanes tune' holds.
type Tuning struct {
	Processor Processor           `json:"processor"`
	Blockings map[string]Blocking `json:"blockings"` // by level and type, as [Engine.TuningKey] returns it
}

// TuningKey returns the name of an engine's blocking in a [Tuning], such as "avx2/float32".
func (e *Engine[T]) TuningKey() string { return tuningKey[T](e.level) }

func tuningKey[T Float](l Level) string { return fmt.Sprintf("%v/%T", l, T(0)) }

// TuningFile returns the path of the file of 'lanes tune', in the user's cache folder.
func TuningFile() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "lanes", "tuning.json"), nil
}

// ErrTuningOff says that LANES_TUNING=off leaves the file of 'lanes tune' unread.
var ErrTuningOff = errors.New("LANES_TUNING is off")

// TuningInUse returns the path of the file of 'lanes tune', and nil if engines made without
// [WithBlocking] use it. Else the error says why not: there is none ([fs.ErrNotExist]), it
// is not to be read ([ErrTuningOff]), it is of another processor, or it is not valid.
func TuningInUse() (path string, err error) {
	c := chosen()
	return c.path, c.err
}

// choice is what engines use on this machine.
type choice struct {
	model     [len(shapes)]blocking
	blockings [len(shapes)]*forColumns
	origin    [len(shapes)]string
	processor *processor
	path      string // of the file
	err       error  // why it is not in use
}

// chosen is made with the first engine.
var chosen = sync.OnceValue(func() *choice {
	path, err := TuningFile()
	if err != nil { // no cache folder, no file in it
		c := choose("")
		c.err = err
		return c
	}
	return choose(path)
})

// choose returns the model's blockings, and those that the file at path has.
func choose(path string) *choice {
	caches := cachesOf(&cpuid.CPU, cpuid.CPU.Topology(), toldCaches())
	c := &choice{path: path, processor: processorOf(&cpuid.CPU)}
	c.model[portable] = blockingGeneric
	c.set(portable, "fixed", blockingGeneric)
	for i := portable + 1; int(i) < len(shapes); i++ {
		c.model[i] = modelled(shapes[i], caches, c.processor.depth)
		c.set(i, "model", c.model[i])
	}
	if os.Getenv("LANES_TUNING") == "off" {
		c.err = ErrTuningOff
		return c
	}
	var t *Tuning
	if t, c.err = readTuning(path, ThisProcessor()); c.err == nil {
		c.use(t)
	}
	return c
}

func (c *choice) set(i isa, origin string, b blocking) {
	c.blockings[i], c.origin[i] = columnsOf(shapes[i], b), origin
}

func (c *choice) use(t *Tuning) {
	for key, i := range tunable() {
		if b, ok := t.Blockings[key]; ok && i != portable {
			c.set(i, "file", b.of(shapes[i]))
		}
	}
}

// tunable returns the isa of each key that a file may have. It is portable where this build
// has no assembly.
func tunable() map[string]isa {
	all := map[string]isa{}
	for l := AVX2; int(l) < len(levelNames); l++ {
		all[tuningKey[float32](l)] = isaOf[float32](l)
		all[tuningKey[float64](l)] = isaOf[float64](l)
	}
	return all
}

// readTuning returns what the file at path holds for a processor.
func readTuning(path string, p Processor) (*Tuning, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mostOfFile+1))
	if err != nil {
		return nil, err
	}
	t, err := parseTuning(text, p)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

func parseTuning(text []byte, p Processor) (*Tuning, error) {
	if len(text) > mostOfFile {
		return nil, fmt.Errorf("more than %d bytes", mostOfFile)
	}
	var t Tuning
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("text after the object")
	}
	if t.Processor != p {
		return nil, fmt.Errorf("measured on %v, and this is %v", t.Processor, p)
	}
	known := tunable()
	for key, b := range t.Blockings {
		i, ok := known[key]
		if !ok {
			return nil, fmt.Errorf("unknown level and type %q", key)
		}
		if i == portable {
			continue
		}
		if err := b.check(shapes[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	return &t, nil
}

// blockingsOf returns the blockings of an engine, and where they come from.
func blockingsOf(i isa, wanted *Blocking) (*forColumns, string, error) {
	if v := os.Getenv("LANES_TUNING"); v != "" && v != "off" {
		return nil, "", fmt.Errorf("LANES_TUNING: %q, want off, or nothing", v)
	}
	if wanted != nil && i != portable {
		if err := wanted.check(shapes[i]); err != nil {
			return nil, "", err
		}
		return columnsOf(shapes[i], wanted.of(shapes[i])), "option", nil
	}
	c := chosen()
	return c.blockings[i], c.origin[i], nil
}
