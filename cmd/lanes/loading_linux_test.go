package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestALargeTableHasABarWhileItIsRead(t *testing.T) {
	t.Setenv("TERM", "xterm")
	inside, outside := terminal(t)
	l := &loading{out: inside}
	l.progress(0, 1<<20)
	require.Nil(t, l.bar, "for a small one")
	l.progress(40e6, 400e6)
	require.NotNil(t, l.bar)
	l.progress(400e6, 800e6) // a second pass
	var text strings.Builder
	for b := make([]byte, 1<<10); !strings.Contains(text.String(), "reading 400 of 800 MB"); {
		n, err := outside.Read(b)
		require.NoError(t, err)
		text.Write(b[:n])
	}
	l.end()
	require.NoError(t, inside.Close())
	require.NoError(t, outside.Close())
}
