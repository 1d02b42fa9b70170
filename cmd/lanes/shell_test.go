package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPrintedCommandsAreOneWordToAShell(t *testing.T) {
	for path, want := range map[string]string{
		"runs/report-1": "runs/report-1", "/tmp/lr=0.1,x": "/tmp/lr=0.1,x", "zürich": "zürich",
		"my runs/a": "'my runs/a'", "it's": `'it'\''s'`, "$(rm x)": "'$(rm x)'", "a;b": "'a;b'", "*": "'*'",
		"~": "'~'", "": "''", "a#b": "'a#b'", "a\\b": "'a\\b'",
	} {
		require.Equal(t, want, quoted(path))
	}
}
