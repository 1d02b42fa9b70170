package main

import (
	"encoding/json"
	"io"

	"github.com/spf13/cobra"
)

// printed is a result that a command prints, for people or as JSON.
type printed interface{ print(out io.Writer) error }

// show prints a command's result.
func show(cmd *cobra.Command, asJSON bool, result printed) error {
	if asJSON {
		return failed(exitFailed, json.NewEncoder(cmd.OutOrStdout()).Encode(result))
	}
	return failed(exitFailed, result.print(cmd.OutOrStdout()))
}
