package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// interruptible returns the command's context, which the first signal that asks for
// an end is done with: Ctrl-C, Ctrl-\, SIGTERM, a terminal that closes, or a pipe
// that nobody reads any more. The second one ends the program at once, but for a
// pipe's: what is still to be said is lost then, and nothing else.
func interruptible(c *cobra.Command) (context.Context, context.CancelFunc) {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // for good
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE}
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(s) { // as nohup has it
			ends = append(ends, s)
		}
	}
	ctx, stop := signal.NotifyContext(c.Context(), ends...)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}
