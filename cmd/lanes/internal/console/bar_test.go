package console

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNothingButATerminalGetsABar(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "talk"))
	require.NoError(t, err)
	defer file.Close()
	var b bytes.Buffer
	require.False(t, IsTerminal(&b))
	require.False(t, IsTerminal(file))
	require.Nil(t, NewBar(&b, 10, func(int) string { return "words" }))
	var none *Bar
	none.End()
	require.Empty(t, b.String())
}

func TestFieldsThatDoNotFitAreLeftOut(t *testing.T) {
	for width, want := range map[int]string{0: "3/9", 6: "3/9", 9: "3/9  loss", 15: "3/9  loss", 16: "3/9  loss  0.250", 80: "3/9  loss  0.250"} {
		require.Equal(t, want, Fitted(width, "3/9", "loss", "0.250"), "width %d", width)
	}
}
