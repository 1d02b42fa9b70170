package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/picture"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/train"
)

// rateReport is what train --find-lr prints.
type rateReport struct {
	*train.RateTest
	Suggested float64 `json:"suggested_lr"` // 0 if the loss never fell
	Because   string  `json:"because"`
	Command   string  `json:"command"` // that trains with it
}

// checkFindLR returns an error if flags do not go with --find-lr, or with its absence.
func (o *trainOptions) checkFindLR(f *pflag.FlagSet) error {
	if !o.findLR {
		if o.picture != "" {
			return failure{exitUsage, errors.New("--picture is for --find-lr, which is not given")}
		}
		return nil
	}
	for _, name := range []string{"resume", "print-config", "out", "checkpoint-every", "keep-epochs", "tensorboard", "ui"} {
		if f.Changed(name) {
			return failure{exitUsage, fmt.Errorf("--%s does not go with --find-lr, which keeps no run", name)}
		}
	}
	if o.picture != "" {
		return notOfARun(o.picture)
	}
	return nil
}

// findLR tests learning rates from the start of a run, and prints what it finds.
func findLR[T kernels.Float](cmd *cobra.Command, o *trainOptions, s *trainSettings, given []string) error {
	ctx, stop := interruptible(cmd)
	defer stop()
	engine, set, err := begin[T](cmd, s, given)
	if err != nil {
		return err
	}
	run, err := train.New(engine, s.config, set)
	if err != nil {
		return failure{exitUsage, err}
	}
	tested, err := run.TestRates(ctx)
	if err != nil {
		return failure{exitFailed, err}
	}
	if o.picture != "" {
		if err := writeRates(o.picture, tested); err != nil {
			return err
		}
	}
	report := reportRates(tested, cmd.Flags())
	if err := show(cmd, s.json, report); err != nil {
		return err
	}
	if report.Suggested == 0 {
		return failure{exitFailed, errors.New(report.Because)}
	}
	return nil
}

// reportRates says what follows from a test. The flags are those of the command line.
func reportRates(t *train.RateTest, f *pflag.FlagSet) rateReport {
	r := rateReport{RateTest: t, Suggested: t.Suggestion()}
	switch {
	case r.Suggested == 0:
		r.Because = "the loss falls at no learning rate from 1e-7 to 10; `lanes doctor` with the same flags says more"
		return r
	case r.Suggested == t.Steepest:
		r.Because = "the loss falls fastest there"
	default:
		r.Because = "it is a tenth of the learning rate at which the training diverged; the loss falls fastest at " + number.Significant(t.Steepest, 2) + ", which is nearer to that"
	}
	r.Command = "lanes train" + repeated(f, "find-lr", "picture", "lr", "json") + " --lr " + number.Significant(r.Suggested, 2)
	return r
}

// repeated returns the flags that were given, but for some, as a shell reads them.
func repeated(f *pflag.FlagSet, but ...string) string {
	var b strings.Builder
	f.Visit(func(flag *pflag.Flag) {
		for _, name := range but {
			if flag.Name == name {
				return
			}
		}
		fmt.Fprintf(&b, " --%s", flag.Name)
		if flag.Value.Type() != "bool" {
			b.WriteString(" " + console.Quoted(flag.Value.String()))
		} else if flag.Value.String() != "true" {
			b.WriteString("=false")
		}
	})
	return b.String()
}

// print prints each fourth step, and those that matter.
func (r rateReport) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "lr\tloss\tsmoothed\t")
	for i, p := range r.Points {
		remark := ""
		switch p.LR {
		case r.Steepest:
			remark = "  falls fastest"
		case r.Lowest:
			remark = "  lowest"
		}
		if i%4 == 0 || remark != "" {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", number.Scientific(p.LR, 1), number.Fixed(p.Loss, 4), number.Fixed(p.Smoothed, 4), remark)
		}
	}
	if r.Diverged != nil {
		fmt.Fprintf(w, "%s\t\t\t%s\n", number.Scientific(*r.Diverged, 1), "  diverged")
	}
	if err := w.Flush(); err != nil || r.Suggested == 0 {
		return err
	}
	_, err := fmt.Fprintf(out, "\nsuggested: %s, because %s\n%s\n", number.Significant(r.Suggested, 2), r.Because, r.Command)
	return err
}

// writeRates writes a picture of the losses by learning rate.
func writeRates(file string, t *train.RateTest) error {
	var batches, smoothed []picture.Point
	for _, p := range t.Points {
		batches = append(batches, picture.Point{X: p.LR, Y: p.Loss})
		smoothed = append(smoothed, picture.Point{X: p.LR, Y: p.Smoothed})
	}
	content, err := picture.Rates(batches, smoothed, t.Suggestion()).PNG(picture.Light)
	if err == nil {
		err = train.WriteFile(file, content)
	}
	return failed(exitFailed, err)
}
