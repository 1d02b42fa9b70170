package main

import (
	"fmt"
	"io"
	"sync/atomic"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
)

// loading shows on a terminal how much of a large table is read, until it ends.
type loading struct {
	out         io.Writer
	bar         *console.Bar // nil before a large table, and if not on a terminal
	done, total atomic.Int64
}

// progress is called with how many bytes are read.
func (l *loading) progress(done, total int64) {
	l.done.Store(done)
	l.total.Store(total)
	const large = 64 << 20 // is read in less than a second
	if l.bar == nil && total >= large && done < total/2 {
		l.bar = console.NewBar(l.out, total, l.describe)
	}
	if l.bar != nil {
		l.bar.SetTotal(total, false) // that of another pass is larger
		l.bar.SetCurrent(min(done, total-1))
	}
}

func (l *loading) describe(width int) string {
	return console.Fitted(width, fmt.Sprintf("reading %d of %d MB", l.done.Load()/1e6, l.total.Load()/1e6))
}

// end removes the bar.
func (l *loading) end() {
	if l.bar != nil {
		l.bar.Abort(true)
		l.bar.Above.Wait()
	}
}
