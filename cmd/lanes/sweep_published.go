package main

import (
	"io"

	"github.com/lanes-ml/lanes/net/sweep"
)

func printPublished(out io.Writer, folder *sweep.Folder, results *sweep.Results) error { return nil }
