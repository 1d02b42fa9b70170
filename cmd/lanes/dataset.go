package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// noCIFAR10 says where a run looked for images, and what it trains on without them.
func noCIFAR10(notFound error, command string) string {
	return fmt.Sprintf(`%s: this run trains on built-in synthetic images.
To get the real ones and train on them:
  lanes data fetch
  %s`, console.OneLine(notFound), command)
}

// openDataset returns the dataset of a configuration. One of the catalog is looked for in
// dir, in LANES_DATA, where it once was, and in the cache; others are in dir, or where they
// once were, or in LANES_DATA. A large table has a bar on talk.
func openDataset(talk io.Writer, config train.Config, dir, once string) (*data.Dataset, error) {
	if config.Dataset != data.Files {
		return data.OpenNamed(config.Dataset, dir, once)
	}
	path := cmp.Or(dir, once, os.Getenv("LANES_DATA"))
	if path == "" {
		return nil, fmt.Errorf("dataset is %s, but --data names none", data.Files)
	}
	shown := &loading{out: talk}
	defer shown.end()
	o := config.Files
	o.Progress = shown.progress
	return data.Open(path, o)
}

// openRunsDataset is openDataset for a run, which knows where its dataset once was.
func openRunsDataset(talk io.Writer, run *train.Folder, dir string) (*data.Dataset, error) {
	once, err := run.DataFolder()
	if err != nil {
		return nil, err
	}
	return openDataset(talk, run.Config, dir, once)
}

// forceUsage is what --help says of --force.
const forceUsage = "accept images that the run was not trained on, with a warning"

// checkImages returns an error for images that a run was not trained on, or with force
// prints a warning.
func checkImages(cmd *cobra.Command, run *train.Folder, c *classifier, set *data.Dataset, force bool) error {
	err := otherImages(run, c.Model, set)
	if err == nil {
		return nil
	}
	if set.Shape != c.Input.Shape {
		return failure{exitData, fmt.Errorf("%s: %s, the model in %s takes %s", cmp.Or(set.Path, set.Name), set.Shape, run.Dir, c.Input.Shape)}
	}
	if !force {
		return failure{exitData, fmt.Errorf("%w; --force accepts them", err)}
	}
	if err := set.Match(&c.Input, c.Classes); err != nil {
		return failure{exitData, fmt.Errorf("%s: %w", cmp.Or(set.Path, set.Name), err)}
	}
	fmt.Fprintln(cmd.ErrOrStderr(), "lanes: warning:", console.OneLine(err))
	return nil
}

// otherImages returns an error, which names both, if set is not what the run's model was
// trained on. It is nil for models that do not say.
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
		describeImages(run.Config.Dataset, model.Data, once, model.Classes), describeImages(set.Name, now, set.Path, set.Classes))
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
