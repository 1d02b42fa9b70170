package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// noCIFAR10 says what a run does that has no images, and where it looked.
func noCIFAR10(notFound error, command string) string {
	return fmt.Sprintf(`%s: this run trains on built-in synthetic images.
To get the real ones and train on them:
  lanes data fetch
  %s`, oneLine(notFound), command)
}

// openRunsDataset returns the images that a run was trained on: from dir or
// LANES_DATA, else from where they were then, else from the cache.
func openRunsDataset(run *train.Folder, dir string) (*data.Dataset, error) {
	once, err := run.DataFolder()
	if err != nil {
		return nil, err
	}
	return data.Open(run.Config.Dataset, dir, once)
}

// forceUsage is what --help says of --force.
const forceUsage = "take images that the run was not trained on, with a warning"

// checkImages refuses images that a run was not trained on, or warns of them if they
// are forced on it.
func checkImages(cmd *cobra.Command, run *train.Folder, c *classifier, set *data.Dataset, force bool) error {
	err := otherImages(run, c.Model, set)
	if err == nil {
		return nil
	}
	if !force {
		return failure{exitData, fmt.Errorf("%w; --force takes them all the same", err)}
	}
	fmt.Fprintln(cmd.ErrOrStderr(), "lanes: warning:", oneLine(err))
	return nil
}

// otherImages returns an error that names both if set is not what a run's model was
// trained on. Of models that do not tell, it is nil.
func otherImages(run *train.Folder, model *train.Model[float64], set *data.Dataset) error {
	if model.Data == "" {
		return nil
	}
	now := train.Fingerprint(set)
	if now == model.Data && slices.Equal(model.Classes, set.Classes) {
		return nil
	}
	once, err := run.DataFolder()
	if err != nil {
		return err
	}
	return fmt.Errorf("%s was trained on other images: on %s, and these are %s", run.Dir,
		describeImages(run.Config.Dataset, model.Data, once, model.Classes), describeImages(set.Name, now, set.Dir, set.Classes))
}

func describeImages(name, fingerprint, folder string, classes []string) string {
	s := fmt.Sprintf("%s with fingerprint %.12s", name, fingerprint)
	if folder != "" {
		s += " in " + folder
	}
	const most = 10
	if len(classes) > most {
		classes = append(slices.Clone(classes[:most]), "…")
	}
	return s + " (" + strings.Join(classes, ", ") + ")"
}
