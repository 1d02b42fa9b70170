package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// hostile is a name that clears the screen, ends the line and turns what follows.
const hostile = "a\x1b[2J\nb\u202ec"

// requirePlain fails if a text would do more on a terminal than to print lines.
func requirePlain(t *testing.T, text, message string) {
	t.Helper()
	for _, r := range text {
		require.False(t, r != '\n' && (unicode.IsControl(r) || r == '\u202e'), "%s prints %q in %q", message, r, text)
	}
}

func TestNamesOfFilesAndClassesReachATerminalQuoted(t *testing.T) {
	if os.PathSeparator == '\\' {
		t.Skip("files cannot have such names here")
	}
	hideCIFAR10(t)
	t.Chdir(t.TempDir())
	config, err := train.Preset("report")
	require.NoError(t, err)
	config.Dataset, config.Iters, config.Normalize = "synthetic", 3, "mean"
	set := *synthetic()
	set.Classes = append([]string{hostile}, set.Classes[1:]...)
	engine, err := kernels.New[float32]()
	require.NoError(t, err)
	run, err := train.New(engine, config, &set)
	require.NoError(t, err)
	run.Folder, err = train.Create(hostile, config)
	require.NoError(t, err)
	_, err = run.Do(context.Background())
	require.NoError(t, err)
	picture := writePNG(t, hostile+".png", noise(32, 32))
	require.NoError(t, os.MkdirAll(filepath.Join(hostile, data.Binary.Folder()), 0o777))
	require.NoError(t, os.WriteFile("bad.toml", []byte("preset = \""+strings.ReplaceAll(hostile[:1], "a", `\u001b[2J\n`)+"\""), 0o666))

	for _, args := range [][]string{
		{"eval", hostile, "--force"},
		{"predict", hostile, picture, "--top", "10"},
		{"export", hostile, "--format", "npz"},
		{"report", hostile, "--force"},
		{"train", "--preset", "toy", "--iters", "3", "--out", hostile + "-2"},
		{"eval", hostile},
		{"predict", hostile, hostile},
		{"eval", hostile + "x"},
		{"info", "--data", hostile},
		{"data", "verify", "--data", hostile},
		{"data", "info", "--data", hostile},
		{"data", "fetch", "--dir", hostile},
		{"train", "--config", "bad.toml"},
		{"train", hostile},
		{"train", "--" + hostile},
		{hostile},
	} {
		_, out, talk := lanes(args...)
		requirePlain(t, out, fmt.Sprintf("%q", args))
		requirePlain(t, talk, fmt.Sprintf("%q", args))
		if strings.Contains(talk, "lanes: ") {
			require.Equal(t, 1, strings.Count(talk[strings.LastIndex(talk, "lanes: "):], "\n"), "%q: %s", args, talk)
		}
	}
}

func TestErrorLinesAreBounded(t *testing.T) {
	long := strings.Repeat("é", 5_000_000)
	for _, args := range [][]string{{"eval", long}, {"train", "--" + long}, {long}, {"train", "--optimizer", long}} {
		_, _, talk := lanes(args...)
		require.Less(t, len(talk), 1200)
		require.True(t, utf8.ValidString(talk))
	}
}
