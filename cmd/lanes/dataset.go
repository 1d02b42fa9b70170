package main

import "github.com/lanes-ml/lanes/net/data"

// syntheticSeed makes the synthetic set the same in every run.
const syntheticSeed = 1

// noCIFAR10 says what a run does that has no images.
const noCIFAR10 = `CIFAR-10 is not on this machine: this run trains on built-in synthetic images.
To get the real ones and train on them:
  lanes data fetch
  lanes train`

// openDataset returns the images of a configuration's dataset, nil for the toy
// problem. It looks for CIFAR-10 as [data.Find] does.
func openDataset(dataset, dir string) (*data.Dataset, error) {
	switch dataset {
	case "toy":
		return nil, nil
	case "synthetic":
		return data.Synthetic(syntheticSeed), nil
	}
	found, err := data.Find(dir)
	if err != nil {
		return nil, err
	}
	return data.ReadCIFAR10(found)
}
