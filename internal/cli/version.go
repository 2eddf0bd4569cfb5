package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint"
)

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(p.out, versionLine())
			return err
		},
	}
}

// versionLine says what this program is.
func versionLine() string {
	return fmt.Sprintf("kubevet %s (commit %s, %d rules, Kubernetes %s, %s)",
		version(), commit(), len(session.AllRules()), lint.Newest, runtime.Version())
}

// tool is what reports say of this program, and for which version of Kubernetes it checked.
func tool(kubernetes string) lint.Tool {
	t := lint.NewTool(session.AllRules())
	t.Version, t.Kubernetes = version(), kubernetes
	return t
}

// version is what the Go toolchain noted at build time.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

// commit is the one that the program was built from.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision, modified := "unknown", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) > 12:
			revision = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = ", modified"
		}
	}
	return revision + modified
}
