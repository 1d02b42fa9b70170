package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// everyCommand calls visit for the program and each of its subcommands.
func everyCommand(c *cobra.Command, visit func(*cobra.Command)) {
	visit(c)
	for _, sub := range c.Commands() {
		everyCommand(sub, visit)
	}
}

func TestHelpHasAnExampleAndGoesToStandardOutput(t *testing.T) {
	everyCommand(root(), func(c *cobra.Command) {
		code, out, talk := lanes(append(strings.Fields(c.CommandPath())[1:], "--help")...)
		require.Equal(t, 0, code)
		require.Empty(t, talk)
		require.Contains(t, out, "Examples:\n  ", c.CommandPath())
		require.NotEmpty(t, c.Short, c.CommandPath())
		for line := range strings.Lines(out) {
			require.LessOrEqual(t, len(line), 110, line)
		}
	})
}

// argument matches an argument of a command line. A quoted one is one.
var argument = regexp.MustCompile(`'[^']*'|\S+`)

func TestExamplesAreCommandLinesOfTheirCommand(t *testing.T) {
	everyCommand(root(), func(c *cobra.Command) {
		own := false
		for line := range strings.Lines(strings.ReplaceAll(c.Example, "\\\n", "")) {
			command, _, _ := strings.Cut(strings.TrimSpace(line), " | ")
			command, _, _ = strings.Cut(command, " > ")
			command, _, _ = strings.Cut(command, "; ")
			args, ok := strings.CutPrefix(command, "lanes ")
			if !ok {
				continue // another program's, or one with an environment
			}
			named, rest, err := root().Find(argument.FindAllString(args, -1))
			require.NoError(t, err, line)
			require.NoError(t, named.ParseFlags(rest), line)
			require.NoError(t, named.ValidateArgs(named.Flags().Args()), line)
			own = own || strings.HasPrefix(named.CommandPath(), c.CommandPath())
		}
		require.True(t, own, "%s has no example of its own", c.CommandPath())
	})
}

func TestManWritesAPageForEachCommand(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "share", "man1")
	code, out, talk := lanes("man", dir)
	require.Equal(t, 0, code, talk)
	require.Empty(t, out+talk)
	pages := 0
	everyCommand(root(), func(c *cobra.Command) {
		page, err := os.ReadFile(filepath.Join(dir, strings.ReplaceAll(c.CommandPath(), " ", "-")+".1"))
		require.NoError(t, err)
		for _, s := range []string{".SH NAME\n", ".SH DESCRIPTION\n", ".SH EXAMPLE\n", `\- ` + strings.ReplaceAll(c.Short, "-", `\-`) + "\n"} {
			require.Contains(t, string(page), s, c.CommandPath())
		}
		require.NotContains(t, string(page), "Auto generated")
		pages++
	})
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, pages)
}

func TestTextOfAPageIsNoRequest(t *testing.T) {
	require.Equal(t, "\\&.SH a\n b\n\n\\&'c \\e \\-\\-d.", roff(".SH a\n b\n\n'c \\ --d."))
	page := string(manualPage(trainCommand(), build{Version: "v9", Time: "2031-02-03T04:05:06Z"}))
	require.True(t, strings.HasPrefix(page, ".TH \"TRAIN\" 1 \"February 2031\" \"lanes v9\" Lanes\n"), page[:80])
	require.Contains(t, page, "\n"+`      \-\-normalize string `)
}

func TestManCannotWriteIntoAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o666))
	code, out, talk := lanes("man", file)
	require.Equal(t, exitFailed, code)
	require.Empty(t, out)
	require.Regexp(t, `^lanes: .*file: not a directory\n$`, talk)
}
