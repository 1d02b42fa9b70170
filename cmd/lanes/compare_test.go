package main

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCompareShowsWhatDiffersAndWhatCameOfIt(t *testing.T) {
	hideCIFAR10(t)
	t.Chdir(t.TempDir())
	a := trainInto(t, filepath.Join("runs", "a"))
	b := trainInto(t, filepath.Join("runs", "b"), "--lr", "0.002", "--hidden", "4")
	code, out, talk := lanes("compare", "runs/a", "runs/b")
	require.Zero(t, code, talk)
	require.Empty(t, talk)
	require.Regexp(t, `^  run +hidden +lr\n +a +3 +0\.001\n +b +4 +0\.002\n\n`, out)
	require.Regexp(t, `\ncompare\.html\n$`, out)
	requirePNG(t, "compare.png")
	words := text(readText(t, "compare.html"))
	require.Contains(t, words, "a, b A comparison of 2 runs.")
	require.Contains(t, words, "Settings that differ run hidden lr a 3 0.001 b 4 0.002")
	require.Contains(t, words, "Curves")
	require.Contains(t, words, "Settings that are the same setting value what it is dataset synthetic")
	require.NotContains(t, words, "lr 0.001 learning rate")

	code, out, talk = lanes("compare", "runs/a", "runs/b", "--json", "-o", "none")
	require.Zero(t, code, talk)
	o := decode(t, out)
	require.Equal(t, []any{"hidden", "lr"}, o["differ"])
	for i, want := range []map[string]any{a, b} {
		got := o["runs"].([]any)[i].(map[string]any)
		for _, name := range []string{"train_loss", "train_acc", "val_loss", "val_acc", "best_val_acc", "test_acc", "steps", "seconds"} {
			require.Equal(t, want[name], got[name], name)
		}
		hidden := 3.0 + float64(i)
		require.Equal(t, 62*300*2*(2*3072*hidden+3*10*hidden), got["flops"])
		require.InDelta(t, 62.0/30, got["epochs"], 1e-12)
		require.Equal(t, "done", got["status"])
	}
}

func TestCompareTakesRunsThatAreNotDone(t *testing.T) {
	hideCIFAR10(t)
	t.Chdir(t.TempDir())
	trainInto(t, filepath.Join("x", "run"))
	trainInto(t, filepath.Join("y", "run"))
	require.NoError(t, cmp.Or(os.Remove("y/run/result.json"), os.Remove("y/run/last.safetensors")))
	code, out, talk := lanes("compare", "x/run", "y/run", "-o", "none")
	require.Zero(t, code, talk)
	require.True(t, strings.HasPrefix(out, "All settings are the same.\n\n"), out)
	require.Regexp(t, `\n +x/run .* done\n +y/run .* - +stopped\n$`, out)
	require.Equal(t, []string{"x", "y"}, entries(t, "."))

	require.NoError(t, os.Remove("y/run/history.jsonl"))
	code, _, talk = lanes("compare", "x/run", "y/run", "-o", "none")
	require.Equal(t, exitData, code)
	require.Contains(t, talk, "history.jsonl")
}

func TestCompareOfBadFoldersIsOneLine(t *testing.T) {
	t.Chdir(t.TempDir())
	trained(t, "--preset toy --iters 3 --out a")
	for args, want := range map[string]struct {
		code    int
		message string
	}{
		"a":                    {exitUsage, "requires at least 2 arg(s)"},
		"a ./a":                {exitUsage, "./a is named twice"},
		"a b":                  {exitData, "b: no such file"},
		"a .":                  {exitData, ". holds no run"},
		"a b -o a/config.toml": {exitUsage, "is a file of a run"},
	} {
		code, out, talk := lanes(append([]string{"compare"}, strings.Fields(args)...)...)
		require.Equal(t, want.code, code, talk)
		require.Empty(t, out)
		require.Regexp(t, `^lanes: .*\n$`, talk)
		require.Contains(t, talk, want.message)
	}
}
