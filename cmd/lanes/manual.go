package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

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
	header := &doc.GenManHeader{Section: "1", Source: "lanes " + b.Version, Manual: "Lanes"}
	if date, err := time.Parse(time.RFC3339, b.Time); err == nil {
		header.Date = &date // else it is the clock's month
	}
	c.DisableAutoGenTag = true // it adds a line with the day
	var page bytes.Buffer
	if err := doc.GenMan(c, header, &page); err != nil {
		return err
	}
	name := strings.ReplaceAll(c.CommandPath(), " ", "-") + ".1"
	return train.WriteFile(filepath.Join(dir, name), page.Bytes())
}
