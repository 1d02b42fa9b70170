package data

import (
	"fmt"
	"sync"
)

// Spec is what is known about a dataset before it is read.
type Spec struct {
	Name, Title     string // as a configuration names it, and as a sentence does
	Shape           Shape  // of an example
	Inputs, Classes int    // of a network for the dataset
	// Training and Validation are the numbers of examples in these parts.
	Training, Validation int
	// Fixed says that the dataset belongs to a certain network, whose initial weights
	// it has.
	Fixed bool

	open func(dir string, remembered []string) (*Dataset, error)
}

// SyntheticSeed is the seed of the synthetic set that [OpenNamed] returns.
const SyntheticSeed = 1

// catalog has every dataset.
var catalog = []Spec{
	{
		Name: "cifar10", Title: "CIFAR-10", Shape: cifarShape, Inputs: ImageSize, Classes: len(cifar10Classes),
		Training: 5*imagesPerFile - validationImages, Validation: validationImages,
		open: openCIFAR10,
	},
	{
		Name: "synthetic", Title: "the synthetic set", Shape: cifarShape, Inputs: ImageSize, Classes: len(figures),
		Training: syntheticTraining, Validation: syntheticRest,
		open: func(string, []string) (*Dataset, error) { return builtIn(), nil },
	},
	{
		Name: "toy", Title: "the toy problem", Shape: Row(4), Inputs: 4, Classes: 3, Training: 5, Fixed: true,
		open: func(string, []string) (*Dataset, error) { return toy(), nil },
	},
}

// builtIn returns the synthetic set, which a process paints once.
var builtIn = sync.OnceValue(func() *Dataset { return Synthetic(SyntheticSeed) })

// Names returns the names of the datasets that [OpenNamed] knows.
func Names() []string {
	var names []string
	for _, s := range catalog {
		names = append(names, s.Name)
	}
	return names
}

// Lookup returns the dataset of that name, or false if there is none.
func Lookup(name string) (Spec, bool) {
	for _, s := range catalog {
		if s.Name == name {
			return s, true
		}
	}
	return Spec{}, false
}

// OpenNamed returns the dataset of that name in the catalog. It looks for the files of a
// dataset as [Find] does. Others may share the dataset: it must not be changed.
func OpenNamed(name, dir string, remembered ...string) (*Dataset, error) {
	s, ok := Lookup(name)
	if !ok {
		return nil, fmt.Errorf("there is no dataset %q", name)
	}
	return s.open(dir, remembered)
}
