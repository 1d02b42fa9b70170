package main

import (
	"context"
	"fmt"
	"io"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/live"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/train"
)

// uiFlags are the flags of train's live page.
type uiFlags struct {
	address string // empty without a page
	exit    bool
}

// anyPort is the --ui that is given without an address.
const anyPort = "0"

// check makes the address one to listen on.
func (f *uiFlags) check() (err error) {
	if f.address == "" {
		return nil
	}
	if f.address, err = live.Address(f.address); err != nil {
		return failure{exitUsage, fmt.Errorf("--ui %w", err)}
	}
	return nil
}

// startPage serves the live page of a run, and tells it what a resumed run has logged. It
// returns nil if no page is asked for.
func startPage[T kernels.Float](talk io.Writer, f uiFlags, engine *kernels.Engine[T], run *train.Run[T]) (*live.Page[T], error) {
	if f.address == "" {
		return nil, nil
	}
	name := run.Dataset
	var before train.History
	var err error
	if run.Folder != nil {
		name = pageName(run.Folder.Dir)
		if run.Step > 0 {
			if before, err = run.Folder.History(); err != nil {
				return nil, failure{exitData, err}
			}
		}
	}
	page, err := live.New(engine, run, name, f.address)
	if err != nil {
		return nil, failure{exitFailed, fmt.Errorf("--ui: %w", err)}
	}
	replay(before, run.Step, page)
	fmt.Fprintf(talk, "live page: %s\n", page.URL())
	return page, nil
}

// stay keeps the page of a run that is done until the context is, unless the flags say to
// exit. Then it closes the page, whose readers are told how the run ended.
func stay[T kernels.Float](ctx context.Context, talk io.Writer, f uiFlags, page *live.Page[T], result *train.Result, err error) {
	if page == nil {
		return
	}
	page.End(result, err)
	if err == nil && !f.exit {
		fmt.Fprintf(talk, "the live page stays until Ctrl-C: %s\n", page.URL())
		<-ctx.Done()
	}
	page.Close() // its readers keep what they have
}
