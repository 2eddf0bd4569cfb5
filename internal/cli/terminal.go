package cli

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/mattn/go-isatty"

	"github.com/kubevet/kubevet/lint/report"
)

// textOptions are those of the flags, and of the terminal if standard output is one.
func (p *program) textOptions() (report.TextOptions, error) {
	opts := report.TextOptions{Quiet: p.quiet, Verbose: p.verbose, ShowIgnored: p.showIgnored, MaxPerRule: p.maxPerRule}
	colored, err := p.colored()
	if err != nil {
		return opts, err
	}
	opts.Color = colored
	f, ok := p.out.(*os.File)
	if !ok || !isatty.IsTerminal(f.Fd()) {
		return opts, nil
	}
	if !p.quiet {
		opts.Columns = columns(f)
	}
	if colored && hasHyperlinks(os.Getenv) {
		opts.FileLink, opts.RuleLink = fileURI, ruleURI
	}
	return opts, nil
}

// fileURI is the address of a file as reports call it. Empty: it is none.
func fileURI(name string) string {
	abs, err := filepath.Abs(filepath.FromSlash(name))
	if err != nil || strings.HasPrefix(name, "<") {
		return ""
	}
	slash := filepath.ToSlash(abs)
	if !strings.HasPrefix(slash, "/") {
		slash = "/" + slash // C:/…
	}
	host, err := os.Hostname() // terminals compare it: the file may be on another machine
	if err != nil {
		host = ""
	}
	return (&url.URL{Scheme: "file", Host: host, Path: slash}).String()
}

// hasHyperlinks tells by the environment whether a terminal is known to have
// hyperlinks (OSC 8). FORCE_HYPERLINK decides if it is set.
func hasHyperlinks(env func(string) string) bool {
	if force := env("FORCE_HYPERLINK"); force != "" {
		return force != "0" && force != "false"
	}
	term, program := env("TERM"), env("TERM_PROGRAM")
	switch {
	case term == "dumb":
		return false
	case program == "tmux": // it keeps them from terminals that lack them
		return atLeast(env("TERM_PROGRAM_VERSION"), 3, 4)
	case strings.HasPrefix(term, "screen"), strings.HasPrefix(term, "tmux"):
		return false
	case program == "iTerm.app":
		return atLeast(env("TERM_PROGRAM_VERSION"), 3, 1)
	case program == "vscode":
		return atLeast(env("TERM_PROGRAM_VERSION"), 1, 72)
	case slices.Contains([]string{"WezTerm", "ghostty", "Hyper", "WarpTerminal", "rio", "Tabby", "mintty"}, program):
		return true
	case slices.Contains([]string{"xterm-kitty", "xterm-ghostty", "alacritty", "contour"}, term), strings.HasPrefix(term, "foot"):
		return true
	}
	if vte, err := strconv.Atoi(env("VTE_VERSION")); err == nil {
		return vte > 5000 // 0.50.0 crashes on them
	}
	return slices.ContainsFunc([]string{"WT_SESSION", "KITTY_WINDOW_ID", "DOMTERM"}, func(key string) bool { return env(key) != "" })
}

// atLeast compares a version with a major and minor number.
func atLeast(version string, major, minor int) bool {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return false
	}
	a, err1 := strconv.Atoi(parts[0])
	b, err2 := strconv.Atoi(strings.TrimRight(parts[1], "abcdefghijklmnopqrstuvwxyz")) // tmux 3.4a
	return err1 == nil && err2 == nil && (a > major || a == major && b >= minor)
}
