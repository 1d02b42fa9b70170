package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// offers returns what a shell offers after a command line, whose last word is
// being typed.
func offers(t *testing.T, line ...string) []string {
	t.Helper()
	code, out, talk := lanes(append([]string{"__complete"}, line...)...)
	require.Equal(t, 0, code, talk)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[:len(lines)-1] // the last says what the shell shall do with them
}

func TestCompletionScriptsAreThoseOfTheShell(t *testing.T) {
	for shell, mark := range map[string]string{
		"bash": "__start_lanes", "zsh": "#compdef lanes", "fish": "complete -c lanes", "powershell": "Register-ArgumentCompleter",
	} {
		code, out, talk := lanes("completion", shell)
		require.Equal(t, 0, code, talk)
		require.Contains(t, out, mark)
	}
	for _, args := range []string{"completion", "completion csh", "completion bash zsh"} {
		code, out, talk := lanes(strings.Fields(args)...)
		require.Equal(t, exitUsage, code)
		require.Empty(t, out)
		require.Regexp(t, `^lanes: .*; see 'lanes completion --help'\n$`, talk)
	}
}

func TestFlagsWithWordsCompleteEverywhere(t *testing.T) {
	require.Equal(t, []string{"float32", "float64"}, offers(t, "train", "--dtype", ""))
	require.Equal(t, []string{"float32", "float64"}, offers(t, "bench", "gemm", "--dtype", ""))
	require.Equal(t, []string{"report", "toy", "report-mlp", "quick", "modern", "large", "files", "tabular"}, offers(t, "summary", "--preset", ""))
	require.Equal(t, []string{"report-grid", "report-depth", "quick-ablation", "quick-depth", "report", "toy", "report-mlp", "quick", "modern", "large", "files", "tabular"}, offers(t, "sweep", "plan", "--preset", ""))
	require.Contains(t, offers(t, "sweep", "--set", ""), "lr=")
	require.Equal(t, levelNames(), offers(t, "train", "--level", ""))
	used := map[string]bool{}
	everyCommand(root(), func(c *cobra.Command) {
		for name := range words {
			used[name] = used[name] || c.Flags().Lookup(name) != nil
		}
	})
	for name := range words {
		require.True(t, used[name], "no command has --%s", name)
	}
}

func TestRunFoldersComplete(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, run := range []string{"runs/a", "runs/b", "elsewhere/c", "[ab]/d"} {
		require.NoError(t, os.MkdirAll(run, 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(run, "config.toml"), nil, 0o666))
	}
	require.NoError(t, os.MkdirAll("runs/none", 0o777))
	for typed, want := range map[string][]string{
		"":            {"runs/a", "runs/b"},
		"runs/":       {"runs/a", "runs/b"},
		"ru":          {"runs/a", "runs/b"},
		"runs/b":      {"runs/b"},
		"./runs/":     {"./runs/a", "./runs/b"},
		"elsewhere/":  {"elsewhere/c"},
		"elsewhere/c": {"elsewhere/c"},
		"[ab]/":       {"[ab]/d"},
		"nowhere/":    {},
	} {
		for i := range want {
			want[i] = filepath.FromSlash(want[i])
		}
		require.Equal(t, want, offers(t, "export", typed), typed)
	}
	require.Empty(t, offers(t, "export", "runs/a", ""))
	require.Equal(t, []string{"runs/b"}, offers(t, "train", "--resume", "runs/b"))
}
