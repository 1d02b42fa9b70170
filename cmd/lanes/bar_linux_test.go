package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// terminal returns a terminal of 80 columns and 24 lines, and what its user sees.
func terminal(t *testing.T) (inside, outside *os.File) {
	t.Helper()
	outside, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	control := func(f *os.File, request uintptr, value unsafe.Pointer) {
		_, _, failed := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(value))
		require.Zero(t, failed)
	}
	var unlocked int32
	var number uint32
	control(outside, syscall.TIOCSPTLCK, unsafe.Pointer(&unlocked))
	control(outside, syscall.TIOCGPTN, unsafe.Pointer(&number))
	inside, err = os.OpenFile(fmt.Sprint("/dev/pts/", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	control(inside, syscall.TIOCSWINSZ, unsafe.Pointer(&[4]uint16{24, 80}))
	return inside, outside
}

// A terminal's history gets no bars, even if they stand at its top.
func TestBarsAreErasedByLineAndNeverByScreen(t *testing.T) {
	t.Setenv("TERM", "xterm")
	for _, args := range []string{toySweep + " --set iters=1500", "train --preset toy --iters 400000 --out none"} {
		t.Chdir(t.TempDir())
		inside, outside := terminal(t)
		seen := make(chan string)
		go func() {
			text, _ := io.ReadAll(outside) // ends with an error when the terminal is closed
			seen <- string(text)
		}()
		code := run(context.Background(), strings.Fields(args), io.Discard, inside)
		require.NoError(t, inside.Close())
		text := <-seen
		require.NoError(t, outside.Close())
		require.Zero(t, code, text)
		require.Contains(t, text, "\x1b[A\x1b[2K", "bars were drawn over")
		require.NotContains(t, text, "\x1b[J")
		require.NotContains(t, text, "\x1b[2J")
	}
}
