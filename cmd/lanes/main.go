// Lanes trains dense networks on CIFAR-10.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitFailed   = 1
	exitUsage    = 2
	exitData     = 3
	exitDiverged = 4
)

// failure is an error that ends the program with an exit code. Errors of any
// other type come from the parsing of the command line.
type failure struct {
	code int
	error
}

func (f failure) Unwrap() error { return f.error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends the program at once
	os.Exit(run(ctx))
}

func run(ctx context.Context) int {
	err := root().ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "lanes:", err)
	if f, ok := errors.AsType[failure](err); ok {
		return f.code
	}
	fmt.Fprintln(os.Stderr, "Run 'lanes --help' for usage.")
	return exitUsage
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use:   "lanes",
		Short: "Train dense networks on CIFAR-10, fast",
		Long: `Lanes trains dense networks on CIFAR-10 with kernels in assembly.

Results go to standard output, progress to standard error. Exit codes: 0 done,
1 failed, 2 wrong usage, 3 wrong or missing data, 4 the training diverged.

Environment: LANES_DATA names the folder with CIFAR-10, LANES_LEVEL the level of
the kernels (generic, avx2), LANES_THREADS the number of threads.`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	c.AddCommand(trainCommand(), gradcheckCommand(), infoCommand())
	return c
}
