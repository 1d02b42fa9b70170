package console

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLongErrorsAreCutInTheMiddle(t *testing.T) {
	long := strings.Repeat("é", 5_000_000)
	err := errors.New("begin" + long + "end")
	require.Regexp(t, `^begin(é)+ … (é)+end$`, OneLine(err))
	require.Len(t, bytes.Split([]byte(OneLine(err)), []byte(" … ")), 2)
	exact := strings.Repeat("x", maxErrorLine)
	require.Equal(t, exact, OneLine(errors.New(exact)))
}

func TestTextThatMovesTheCursorIsQuoted(t *testing.T) {
	require.Equal(t, `a\x1b[2J\nb\u202ecé`, Plain("a\x1b[2J\nb\u202ecé"))
}

func TestLinesKeepTheFirstError(t *testing.T) {
	var b bytes.Buffer
	w := &Lines{Out: &failing{&b, 2}}
	for _, word := range []string{"one", "two", "three", "four"} {
		w.Printf("%s ", word)
	}
	require.ErrorContains(t, w.Err, "write 3 fails")
	require.Equal(t, "one two ", b.String())
}

// failing fails from some write on, each time with another error.
type failing struct {
	*bytes.Buffer
	good int
}

func (f *failing) Write(p []byte) (int, error) {
	if f.good--; f.good < 0 {
		return 0, fmt.Errorf("write %d fails", 2-f.good)
	}
	return f.Buffer.Write(p)
}

func TestPrintedCommandsAreOneWordToAShell(t *testing.T) {
	for path, want := range map[string]string{
		"runs/report-1": "runs/report-1", "/tmp/lr=0.1,x": "/tmp/lr=0.1,x", "zürich": "zürich",
		"my runs/a": "'my runs/a'", "it's": `'it'\''s'`, "$(rm x)": "'$(rm x)'", "a;b": "'a;b'", "*": "'*'",
		"~": "'~'", "": "''", "a#b": "'a#b'", "a\\b": "'a\\b'",
	} {
		require.Equal(t, want, Quoted(path))
	}
}
