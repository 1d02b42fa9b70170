package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// interruptible returns the command's context, which is done at the first signal that asks
// the program to end: Ctrl-C, Ctrl-\, SIGTERM, a terminal that closes, or a pipe that
// nobody reads any more. A signal that comes a second later ends the program at once, except
// that of a pipe: then only the output that still comes is lost. One that comes before is
// taken for the same: who ends a job may signal each of its processes, and its script this one.
func interruptible(c *cobra.Command) (context.Context, context.CancelFunc) {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // for good
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE}
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(s) { // as under nohup
			ends = append(ends, s)
		}
	}
	ctx, stop := signal.NotifyContext(c.Context(), ends...)
	context.AfterFunc(ctx, func() { time.AfterFunc(time.Second, stop) })
	return ctx, stop
}
