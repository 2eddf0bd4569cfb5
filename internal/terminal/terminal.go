// Package terminal knows the terminal that the program runs in: its width and links, the
// line of progress, and the signals that interrupt a run.
package terminal

import (
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"
)

// File returns the terminal that w writes to. ok is false if w is no terminal.
func File(w io.Writer) (f *os.File, ok bool) {
	f, ok = w.(*os.File)
	return f, ok && isatty.IsTerminal(f.Fd())
}

// Columns returns the width of a terminal, or 80 if it is not known.
func Columns(f *os.File) int {
	if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
		return width
	}
	return 80
}

// FileURI returns the file: URI of a file that a report names. It is empty for a name
// that is no file, such as <stdin>.
func FileURI(name string) string {
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

// HasHyperlinks reports whether the environment names a terminal that is known to
// support hyperlinks (OSC 8). FORCE_HYPERLINK decides if it is set.
func HasHyperlinks(env func(string) string) bool {
	if force := env("FORCE_HYPERLINK"); force != "" {
		return force != "0" && force != "false"
	}
	term, program := env("TERM"), env("TERM_PROGRAM")
	switch {
	case term == "dumb":
		return false
	case program == "tmux": // it does not pass them to terminals that lack them
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
