package main

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/report"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

// reportPage is the file that report writes if no other is named.
const reportPage = "report.html"

// pageFlags are the flags of report.
type pageFlags struct {
	output string
	data   string
	force  bool // accept images that the run was not trained on
}

func reportCommand() *cobra.Command {
	var flags pageFlags
	c := &cobra.Command{
		Use:   "report RUN|SWEEP",
		Short: "Gather a run or a sweep into one page with pictures",
		Long: `Report writes one HTML file that needs nothing else, and its pictures as PNG into
the folder. For a run: results, loss and accuracy curves, first-layer weights, the
confusion matrix on the test part if the images are found, and the settings. For a
sweep: its trials by validation accuracy, the mean over the seeds of each
configuration, settings against accuracy, and the curves of the best four. Trials
that the report has are shown beside its figures.`,
		Example: `  lanes report runs/report-1
  lanes report sweeps/report-grid -o grid.html`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := notOfARun(flags.output); err != nil {
				return err
			}
			gather := flags.runPage
			if sweep.Is(args[0]) {
				gather = flags.sweepPage
			}
			p, err := gather(cmd, args[0])
			if err != nil {
				return pageFailure(err)
			}
			output := cmp.Or(flags.output, filepath.Join(args[0], reportPage))
			if err := p.Write(args[0], output); err != nil {
				return failure{exitFailed, err}
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), console.Plain(output))
			return failed(exitFailed, err)
		},
	}
	c.Flags().StringVarP(&flags.output, "output", "o", "", "`file` of the page (default "+reportPage+" in the folder)")
	c.Flags().StringVar(&flags.data, "data", "", dataUsage)
	c.Flags().BoolVar(&flags.force, "force", false, forceUsage)
	return c
}

// pageFailure returns an error of a page with its exit code: its own if it has one, that of
// divergence if a training diverged, else that of wrong data.
func pageFailure(err error) error {
	if _, ok := errors.AsType[failure](err); ok {
		return err
	}
	if errors.Is(err, train.ErrDiverged) {
		return failure{exitDiverged, err}
	}
	return failure{exitData, err}
}

// pageName names a page after its folder.
func pageName(dir string) string { return filepath.Base(filepath.Clean(dir)) }

// runPage gathers the page of a run. If the run has a checkpoint on images, the page has
// its weights, and its scores on the test part if that is found.
func (f *pageFlags) runPage(cmd *cobra.Command, dir string) (*report.Page, error) {
	run, checkpoint, err := openRun(dir, "")
	if err != nil {
		return nil, err
	}
	r := report.Run{Name: pageName(dir), Folder: run, Checkpoint: checkpoint}
	if !classifies(run.Config) || !run.Has(checkpoint) {
		return r.Page()
	}
	c, err := openClassifier(run, checkpoint)
	if err != nil {
		return nil, err
	}
	r.Model = c.Model
	r.First = data.Fold(c.engine, &c.Input, c.Network.Params()[0].Value)
	set, err := openRunsDataset(cmd.ErrOrStderr(), run, f.data)
	if errors.Is(err, data.ErrNotFound) {
		r.NoImages = err
		return r.Page()
	}
	if err == nil {
		err = checkImages(cmd, run, c, set, f.force)
	}
	if err != nil {
		return nil, err
	}
	switch {
	case set.Test.Len() == 0:
	case c.Input.Target != nil:
		found, err := score(c, set.Test)
		if err != nil {
			return nil, err
		}
		r.Numbers = &found
	default:
		e, err := evaluate(c, set.Test)
		if err != nil {
			return nil, err
		}
		r.Test = &e
	}
	return r.Page()
}

// sweepPage gathers the page of a sweep.
func (f *pageFlags) sweepPage(cmd *cobra.Command, dir string) (*report.Page, error) {
	folder, err := sweep.Open(dir)
	if err != nil {
		return nil, err
	}
	results, err := folder.Results()
	if err != nil {
		return nil, err
	}
	if len(results.Rows) == 0 {
		return nil, fmt.Errorf("%s has no finished trial", dir)
	}
	return report.Sweep(cmd.Context(), pageName(dir), results, func() (*kernels.Engine[float32], *data.Dataset, error) {
		return f.study(folder)
	})
}

// study returns an engine and the images of a sweep, or synthetic images if those of
// the sweep are no longer found.
func (f *pageFlags) study(folder *sweep.Folder) (*kernels.Engine[float32], *data.Dataset, error) {
	once, err := folder.DataFolder()
	if err != nil {
		return nil, nil, err
	}
	set, err := data.OpenNamed("cifar10", f.data, once)
	if errors.Is(err, data.ErrNotFound) {
		set, err = data.OpenNamed("synthetic", "")
	}
	if err != nil {
		return nil, nil, err
	}
	engine, err := newEngine[float32]("", 0)
	return engine, set, failed(exitUsage, err)
}
