package main

import (
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/data/fetch"
)

// archiveOf returns the archive to fetch. Tests replace it by one of a smaller archive.
var archiveOf = fetch.Published

func dataFetchCommand() *cobra.Command {
	var name, dir string
	var mirrors []string
	c := &cobra.Command{
		Use:   "fetch",
		Short: "Download CIFAR-10",
		Long: `Fetch downloads CIFAR-10 from its authors' address or, if that fails, from each
--url in turn. It unpacks only an archive that has the published size and SHA-256,
and prints the folder with the images. If a folder where other commands look already
has them, whole, it downloads nothing.

A download that broke off or was stopped with Ctrl-C (exit code 75) is continued
by the next fetch. Exit code 1 means that no address could be reached, 3 that one
gave something other than the published archive.`,
		Example: `  lanes data fetch
  lanes data fetch --url https://mirror.example.org/cifar-10-binary.tar.gz
  lanes data fetch --version python --dir ~/cifar`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			version, err := data.ParseVersion(name)
			if err != nil {
				return failure{exitUsage, fmt.Errorf("--version: %w", err)}
			}
			for _, m := range mirrors {
				u, err := url.Parse(m)
				if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
					return failure{exitUsage, fmt.Errorf("--url %q, want an address that starts with https:// or http://", m)}
				}
			}
			place, err := data.Place(dir)
			if err != nil {
				return failure{exitFailed, fmt.Errorf("%w; name a folder with --dir", err)}
			}
			found := version.FindIn(place)
			if found == "" && !cmd.Flags().Changed("version") { // either version will do
				found, _ = data.Find(place)
			}
			if found != "" {
				return leaveCIFAR10(cmd, found, place)
			}
			return fetchCIFAR10(cmd, version, mirrors, place)
		},
	}
	f := c.Flags()
	f.StringVar(&name, "version", data.Binary.String(), "binary or python; both hold the same images")
	f.StringArrayVar(&mirrors, "url", nil, "another `address` of the archive; may be repeated")
	f.StringVar(&dir, "dir", "", "`folder` to keep it in (default $LANES_DATA, then the user's cache folder)")
	return c
}

// leaveCIFAR10 prints the folder that already has the images, if they are whole.
func leaveCIFAR10(cmd *cobra.Command, found, place string) error {
	v := data.Verify(found)
	if err := v.Err(); err != nil {
		anew := "remove " + found + " first"
		if found == place { // it may hold other things
			anew = "name another folder with --dir"
		}
		return failure{exitData, fmt.Errorf("%w; to fetch it again, %s", err, anew)}
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "CIFAR-10 is already there: %s\n", authenticity(v))
	_, err := fmt.Fprintln(cmd.OutOrStdout(), console.Plain(found))
	return failed(exitFailed, err)
}

func fetchCIFAR10(cmd *cobra.Command, version data.Version, mirrors []string, place string) error {
	talk := cmd.ErrOrStderr()
	ctx, stop := interruptible(cmd)
	defer stop()
	archive := archiveOf(version)
	show := newTransfer(talk, archive.Size)
	target, err := fetch.Fetch(ctx, archive, slices.Concat([]string{archive.URL}, mirrors), place, show.event)
	show.end()
	switch {
	case err == nil:
		_, err = fmt.Fprintln(cmd.OutOrStdout(), console.Plain(target))
		return failed(exitFailed, err)
	case ctx.Err() != nil:
		return failure{exitInterrupted, fmt.Errorf("%w; the same command continues the download", err)}
	}
	code := exitFailed
	if errors.Is(err, fetch.ErrWrong) {
		code = exitData
	}
	if _, ok := errors.AsType[fetch.AddressErrors](err); ok && len(mirrors) == 0 {
		err = fmt.Errorf("%w; --url names another address", err)
	}
	return failure{code, err}
}
