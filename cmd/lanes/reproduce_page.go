package main

import (
	"context"
	"io"
	"path/filepath"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/report"
	"github.com/lanes-ml/lanes/net/sweep"
)

// report writes the page and prints its most important figures.
func (r *reproduction) report(ctx context.Context, out io.Writer) error {
	p, figures, err := r.page(ctx)
	if err != nil && ctx.Err() != nil {
		return r.interrupted(ctx, "the page")
	}
	if err != nil {
		return pageFailure(err)
	}
	file := filepath.Join(r.dir, reportPage)
	if err := p.Write(r.dir, file); err != nil {
		return failure{exitFailed, err}
	}
	w := &console.Lines{Out: out}
	w.Printf("%-42s  %20s  %20s\n", "", "report", "here")
	for _, f := range figures {
		w.Printf("%-42s  %20s  %20s\n", f.What, f.Report, f.Here)
	}
	w.Printf("\n%s\n", file)
	return failed(exitFailed, w.Err)
}

// page makes the page.
func (r *reproduction) page(ctx context.Context) (*report.Page, []report.Comparison, error) {
	e := &report.Experiments{Images: r.set, Share: r.share}
	for name, results := range map[string]**sweep.Results{"toy": &e.Toy, "grid": &e.Grid, "mlp": &e.MLP, "depth": &e.Depth} {
		var err error
		if *results, err = r.part(name).results(); err != nil {
			return nil, nil, err
		}
	}
	single, err := newEngine[float32]("", 0)
	if err != nil {
		return nil, nil, failure{exitUsage, err}
	}
	double, err := newEngine[float64]("", 0)
	if err != nil {
		return nil, nil, failure{exitUsage, err}
	}
	return report.Reproduction(ctx, e, single, double)
}

// results returns the results of the experiment under the report's settings, in place of
// those that it was trained with, which may be shorter and on other images.
func (p *part) results() (*sweep.Results, error) {
	results, err := p.folder.Results()
	if err != nil {
		return nil, err
	}
	full, err := p.full.Trials()
	if err != nil {
		return nil, failure{exitFailed, err}
	}
	for i := range results.Rows {
		results.Rows[i].Config = full[results.Rows[i].Index].Config
	}
	return results, nil
}
