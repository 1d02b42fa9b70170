package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/net/train"
)

func manualCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write the manual pages",
		Long: `Man writes a manual page for each command to a folder, which is made if it is
missing. The pages are what --help prints.`,
		Example: "  lanes man ~/.local/share/man/man1\n  man lanes-train",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o777); err != nil {
				return failure{exitFailed, err}
			}
			return failed(exitFailed, writeManual(cmd.Root(), thisBuild(), args[0]))
		},
	}
}

// writeManual writes the page of c and those of its subcommands.
func writeManual(c *cobra.Command, b build, dir string) error {
	for _, sub := range c.Commands() {
		if !sub.IsAvailableCommand() {
			continue
		}
		if err := writeManual(sub, b, dir); err != nil {
			return err
		}
	}
	name := strings.ReplaceAll(c.CommandPath(), " ", "-") + ".1"
	return train.WriteFile(filepath.Join(dir, name), manualPage(c, b))
}

// manualPage returns the page of a command in the language of man(7). Its texts
// keep their lines, which are as long as --help has them.
func manualPage(c *cobra.Command, b build) []byte {
	month := ""
	if date, err := time.Parse(time.RFC3339, b.Time); err == nil {
		month = date.Format("January 2006")
	}
	var page bytes.Buffer
	name := strings.ReplaceAll(c.CommandPath(), " ", "-")
	fmt.Fprintf(&page, ".TH %q 1 %q %q Lanes\n", strings.ToUpper(name), month, "lanes "+b.Version)
	fmt.Fprintf(&page, ".SH NAME\n%s \\- %s\n", roff(name), roff(c.Short))
	for _, section := range []struct{ title, text string }{
		{"SYNOPSIS", c.UseLine()},
		{"DESCRIPTION", cmp.Or(c.Long, c.Short)},
		{"OPTIONS", c.NonInheritedFlags().FlagUsages()},
		{"EXAMPLE", c.Example},
		{"SEE ALSO", strings.Join(relatives(c), ", ")},
	} {
		if section.text != "" {
			fmt.Fprintf(&page, ".SH %s\n.nf\n%s\n.fi\n", section.title, roff(strings.TrimRight(section.text, "\n")))
		}
	}
	return page.Bytes()
}

// relatives returns the names of the pages of the command above c and of those below.
func relatives(c *cobra.Command) []string {
	var names []string
	add := func(c *cobra.Command) { names = append(names, strings.ReplaceAll(c.CommandPath(), " ", "-")+"(1)") }
	if c.HasParent() {
		add(c.Parent())
	}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			add(sub)
		}
	}
	return names
}

// roff keeps text from being taken for requests of man(7).
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n.", "\n\\&.", "\n'", "\n\\&'").Replace("\n" + text)
	return text[1:]
}
