package main

import (
	"bytes"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/picture"
	"github.com/lanes-ml/lanes/net/train"
)

// reportPage is the file that report writes if no other is named.
const reportPage = "report.html"

func reportCommand() *cobra.Command {
	var output, dir string
	var force bool
	c := &cobra.Command{
		Use:   "report RUN|SWEEP",
		Short: "Gather a run or a sweep into one page with pictures",
		Long: `Report writes one HTML file that needs nothing else, and its pictures as PNG into
the folder. For a run: results, loss and accuracy curves, first-layer weights, the
confusion matrix on the test part where the images are found, and the settings. For
a sweep: its trials by validation accuracy, the mean over the seeds of each
configuration, settings against accuracy, and the curves of the best four; beside
the published figures where the trials are those of the report.`,
		Example: `  lanes report runs/report-1
  lanes report sweeps/report-grid -o grid.html`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			r := reporter{cmd: cmd, dir: args[0], data: dir, force: force}
			err := notOfARun(output)
			if err != nil {
				return err
			}
			if isSweep(args[0]) {
				err = r.sweep(cmd.Context())
			} else {
				err = r.run()
			}
			if err != nil {
				return err
			}
			if output == "" {
				output = filepath.Join(args[0], reportPage)
			}
			if err := r.write(output); err != nil {
				return failure{exitFailed, err}
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), plain(output))
			return failed(exitFailed, err)
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "", "`file` of the page (default "+reportPage+" in the folder)")
	c.Flags().StringVar(&dir, "data", "", dataUsage)
	c.Flags().BoolVar(&force, "force", false, forceUsage)
	return c
}

// reporter gathers a page and its pictures.
type reporter struct {
	cmd   *cobra.Command
	dir   string // of the run or the sweep
	data  string // where CIFAR-10 is, as --data says
	force bool   // on a run images that it was not trained on

	page     page.Page
	pictures []named
}

// named is a picture and its file in the folder.
type named struct {
	file string
	page.Figure
}

// add adds a section with the blocks that are not empty.
func (r *reporter) add(title string, blocks ...page.Block) {
	s := page.Section{Title: title}
	for _, b := range blocks {
		if b.Text != "" || b.Prose != nil || b.Table != nil || b.Figures != nil {
			s.Blocks = append(s.Blocks, b)
		}
	}
	if s.Blocks != nil {
		r.page.Sections = append(r.page.Sections, s)
	}
}

// figures returns the block of pictures, which get their files too.
func (r *reporter) figures(pictures ...named) page.Block {
	var b page.Block
	for _, p := range pictures {
		b.Figures = append(b.Figures, p.Figure)
	}
	r.pictures = append(r.pictures, pictures...)
	return b
}

// write writes the pictures and then the page.
func (r *reporter) write(output string) error {
	for _, p := range r.pictures {
		png, err := p.Picture.PNG(picture.Light)
		if err != nil {
			return fmt.Errorf("%s: %w", p.file, err)
		}
		if err := train.WriteFile(filepath.Join(r.dir, p.file), png); err != nil {
			return err
		}
	}
	var html bytes.Buffer
	if err := r.page.Write(&html); err != nil {
		return err
	}
	return train.WriteFile(output, html.Bytes())
}
