package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/lint/suggest"
)

// usageTemplate is cobra's, with flags as plainFlags has them.
func usageTemplate(cobras string) string {
	for _, flags := range []string{".LocalFlags.FlagUsages", ".InheritedFlags.FlagUsages"} {
		cobras = strings.ReplaceAll(cobras, flags+" | trimTrailingWhitespaces", flags+" | plainFlags | trimTrailingWhitespaces")
	}
	return cobras
}

// plainFlags leaves the values of switches out of the list of flags: users give none.
func plainFlags(usages string) string {
	const values = "[=true|false]"
	return strings.ReplaceAll(usages, values, strings.Repeat(" ", len(values)))
}

// helpCommand is cobra's, but knows what is no command.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Print the help of a command",
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return commandNames(root), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return root.Help()
			}
			for _, c := range root.Commands() {
				if c.Name() == args[0] {
					c.InitDefaultHelpFlag()
					return c.Help()
				}
			}
			if c := suggest.Closest(args[0], commandNames(root)); c != "" {
				return usagef("there is no command %q; did you mean `kubevet help %s`", args[0], c)
			}
			return usagef("there is no command %q; `kubevet help` lists them", args[0])
		},
	}
}

func commandNames(root *cobra.Command) []string {
	var l []string
	for _, c := range root.Commands() {
		if !c.Hidden {
			l = append(l, c.Name())
		}
	}
	return l
}

// linters are commands that other linters have, and kubevet does not need.
var linters = []string{"lint", "check", "scan", "run", "validate", "analyze", "test", "audit"}

// noCommand finds a misspelt command: a first argument that is no path, and
// close to one.
func (p *program) noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 || p.files {
		return nil
	}
	if _, err := os.Lstat(args[0]); err == nil {
		return nil
	}
	if slices.Contains(linters, args[0]) {
		rest := strings.Join(append([]string{"kubevet"}, args[1:]...), " ")
		return usagef("there is no command %q: kubevet without a command lints; write `%s`", args[0], rest)
	}
	if c := suggest.Closest(args[0], commandNames(cmd)); c != "" {
		return usagef("%s is neither a path nor a command; did you mean `kubevet %s`", args[0], c)
	}
	return nil
}

// completePaths completes what can be linted: folders, and files that may be
// manifests or charts. Cobra adds the commands.
func completePaths(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	dir, base := filepath.Split(word)
	entries, err := os.ReadDir(filepath.Clean(filepath.Join(".", dir)))
	if filepath.IsAbs(dir) {
		entries, err = os.ReadDir(dir)
	}
	if err != nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var l []string
	folders := true
	for _, e := range entries {
		name := e.Name()
		hidden := strings.HasPrefix(name, ".") && !strings.HasPrefix(base, ".")
		if hidden || !strings.HasPrefix(name, base) {
			continue
		}
		isDir := e.IsDir()
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
			isDir = info.IsDir()
		}
		switch {
		case isDir:
			l = append(l, dir+name+"/")
		case slices.Contains([]string{".yaml", ".yml", ".json", ".tgz"}, filepath.Ext(name)):
			folders = false
			l = append(l, dir+name)
		}
	}
	directive := cobra.ShellCompDirectiveNoFileComp
	if folders {
		directive |= cobra.ShellCompDirectiveNoSpace
	}
	return l, directive
}
