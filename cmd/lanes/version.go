package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/kernels"
)

// build is what version prints.
type build struct {
	Version  string `json:"version"`  // of the module, (devel) if the build does not know it
	Revision string `json:"revision"` // of the sources, empty if the build does not know it
	Time     string `json:"time"`     // of the revision
	Modified bool   `json:"modified"` // the sources had changes that no revision contains
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	Level    string `json:"level"` // of the kernels in use
}

func versionCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "version",
		Short: "Show the version of this program",
		Long: `Version shows the version of the module, the revision of the sources, the version of
Go and the system that the program was built with and for, and the level of the
kernels in use.`,
		Example: "  lanes version\n  lanes version --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			engine, err := kernels.New[float32]()
			if err != nil {
				return failure{exitUsage, err}
			}
			b := thisBuild()
			b.Level = engine.Level().String()
			return show(cmd, asJSON, b)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// thisBuild describes the program that runs, without the level.
func thisBuild() build {
	info, _ := debug.ReadBuildInfo()
	return describeBuild(info)
}

// describeBuild returns what info, which may be nil, says of the build.
func describeBuild(info *debug.BuildInfo) build {
	b := build{Version: "(devel)", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if info == nil {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func (b build) print(out io.Writer) error {
	revision := ""
	if b.Revision != "" {
		revision = fmt.Sprintf("revision %.12s of %s", b.Revision, b.Time)
		if b.Modified {
			revision += ", modified"
		}
		revision += "\n"
	}
	_, err := fmt.Fprintf(out, "lanes %s\n%s%s %s/%s, %s kernels\n", b.Version, revision, b.Go, b.OS, b.Arch, b.Level)
	return err
}
