// Lanes trains dense networks on CIFAR-10.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
)

// Exit codes.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitData        = 3
	exitDiverged    = 4
	exitInterrupted = 75 // and resumable
)

// failure is an error that ends the program with an exit code. Errors of any
// other type come from the parsing of the command line.
type failure struct {
	code int
	error
}

func (f failure) Unwrap() error { return f.error }

// failed returns err as a failure with that code, nil if it is nil.
func failed(code int, err error) error {
	if err == nil {
		return nil
	}
	return failure{code, err}
}

func main() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }

// run runs a command line and returns the exit code. Results go to out, everything else to
// talk.
func run(ctx context.Context, args []string, out, talk io.Writer) int {
	results := &console.Lines{Out: out}
	c := root()
	helpOnCommandsAlone(c)
	c.SetArgs(args)
	c.SetOut(results)
	c.SetErr(talk)
	c, err := c.ExecuteContextC(ctx)
	if err == nil {
		err = failed(exitFailed, results.Err)
	}
	if err == nil {
		return 0
	}
	if f, ok := errors.AsType[failure](err); ok {
		fmt.Fprintln(talk, "lanes:", console.OneLine(err))
		return f.code
	}
	fmt.Fprintf(talk, "lanes: %s; see '%s --help'\n", console.OneLine(err), c.CommandPath())
	return exitUsage
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use:   "lanes",
		Short: "Train dense networks on CIFAR-10 or on your data, fast",
		Long: `Lanes trains dense networks on CIFAR-10, or on rows and images of yours, with kernels
in assembly. It reproduces one
report, which the help of its commands calls the report: "AML Assignment 2 -
report", April 15, 2020, without its authors' names, answers to the second
assignment of a course called AML.

Results go to standard output, progress to standard error. Exit codes: 0 done,
1 failed, 2 wrong usage, 3 wrong or missing data, 4 the training diverged, 75
interrupted: it can be resumed.

Environment: LANES_DATA names the folder with CIFAR-10, LANES_LEVEL the level of
the kernels, LANES_THREADS the number of threads; LANES_TUNING=off leaves what
'lanes tune' measured unread. 'lanes info' shows what is in use.`,
		Example:            "  lanes train\n  lanes eval runs/report-1\n  lanes predict runs/report-1 cat.png\n  lanes sweep --preset report-grid\n  lanes info",
		SilenceErrors:      true,
		SilenceUsage:       true,
		DisableSuggestions: true, // an error is one line
	}
	c.SetFlagErrorFunc(flagError)
	c.AddCommand(trainCommand(), evalCommand(), predictCommand(), exportCommand(), summaryCommand(),
		sweepCommand(), reportCommand(), compareCommand(), reproduceCommand(), dataCommand(), doctorCommand(), gradcheckCommand(), infoCommand(), benchCommand(), tuneCommand(), versionCommand(), completionCommand(), manualCommand())
	completeFlags(c)
	return c
}

// helpOnCommandsAlone makes help on anything but a command an error of usage.
func helpOnCommandsAlone(c *cobra.Command) {
	c.InitDefaultHelpCmd()
	for _, sub := range c.Commands() {
		if sub.Name() == "help" {
			sub.Args = func(_ *cobra.Command, args []string) error {
				found, rest, err := c.Find(args)
				if err == nil {
					err = cobra.NoArgs(found, rest)
				}
				return err
			}
		}
	}
}

// flagError removes what strconv adds to the flag and the value: the name of its own
// function, and the value again.
func flagError(_ *cobra.Command, err error) error {
	if number, ok := errors.AsType[*strconv.NumError](err); ok {
		return errors.New(strings.Replace(err.Error(), number.Error(), number.Err.Error(), 1))
	}
	return err
}
