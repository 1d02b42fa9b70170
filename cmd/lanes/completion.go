package main

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

func completionCommand() *cobra.Command {
	shells := map[string]func(*cobra.Command) error{
		"bash":       func(c *cobra.Command) error { return c.Root().GenBashCompletionV2(c.OutOrStdout(), true) },
		"zsh":        func(c *cobra.Command) error { return c.Root().GenZshCompletion(c.OutOrStdout()) },
		"fish":       func(c *cobra.Command) error { return c.Root().GenFishCompletion(c.OutOrStdout(), true) },
		"powershell": func(c *cobra.Command) error { return c.Root().GenPowerShellCompletionWithDesc(c.OutOrStdout()) },
	}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a script that completes commands in a shell",
		Long: `Completion prints a script with which a shell completes the commands, flags,
settings and run folders of lanes.`,
		Example: `  source <(lanes completion bash)
  lanes completion zsh > "${fpath[1]}/_lanes"
  lanes completion fish > ~/.config/fish/completions/lanes.fish
  lanes completion powershell | Out-String | Invoke-Expression`,
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			return failed(exitFailed, shells[args[0]](cmd))
		},
	}
}

// words are what a shell offers for a flag, by the flag's name, besides the words of
// settings. A flag that is not here takes a number, a file or a name of the user's.
var words = map[string]cobra.CompletionFunc{
	"checkpoint": oneOf("best", "last"),
	"data":       folders,
	"format":     oneOf(exportFormats...),
	"init":       oneOf("he", "glorot", "normal:1e-4", "zero"),
	"level":      oneOf(levelNames()...),
	"out":        folders,
	"preset": func(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		names := train.Presets()
		if c.Flags().Lookup("set") != nil {
			names = append(sweep.Presets(), names...)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	},
	"resume": func(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return completeRun(c, nil, typed)
	},
	"set": func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var config train.Config
		var names []string
		for _, s := range config.Settings() {
			names = append(names, s.Name+"=")
		}
		return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	},
	"split": oneOf("test", "val", "train"),
}

func init() {
	for _, s := range new(train.Config).Settings() {
		if s.Words != nil {
			words[s.Name] = oneOf(s.Words...)
		}
	}
}

func oneOf(words ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
}

func folders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// completeFlags registers the words of the flags of c and of its subcommands.
func completeFlags(c *cobra.Command) {
	for name, complete := range words {
		if c.Flags().Lookup(name) != nil {
			c.RegisterFlagCompletionFunc(name, complete) // the flag is there, and is registered once
		}
	}
	for _, sub := range c.Commands() {
		completeFlags(sub)
	}
}

// completeRun offers the run folders that are in the folder that is being typed,
// and at first those in runs; where there are none, folders.
func completeRun(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	dir, _ := filepath.Split(typed)
	parents := []string{dir}
	if dir == "" {
		parents = append(parents, filepath.FromSlash("runs/"))
	}
	var runs []string
	for _, parent := range parents {
		entries, _ := os.ReadDir(cmp.Or(parent, ".")) // a folder that is not there offers nothing
		for _, e := range entries {
			run := parent + e.Name()
			if train.Is(run) && strings.HasPrefix(run, typed) {
				runs = append(runs, run)
			}
		}
	}
	if len(runs) == 0 {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	return runs, cobra.ShellCompDirectiveNoFileComp
}

// completeRunThenFiles offers run folders for the first argument, then files.
func completeRunThenFiles(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return completeRun(c, args, typed)
}
