package ignore

import (
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// matches reports whether an entry is about a finding of one of its rules. The
// prefix is as in Options.
func (e *Entry) matches(f *lint.Finding, prefix string) bool {
	about := func(globs []string, name string) bool {
		return len(globs) == 0 || slices.ContainsFunc(globs, func(glob string) bool { return matchName(glob, name) })
	}
	if !about(e.Kinds, f.Object.Kind) || !about(e.Namespaces, f.Object.Namespace) || !about(e.Names, f.Object.Name) ||
		!about(e.Containers, f.Container) || !about(e.Subcharts, f.Subchart) {
		return false
	}
	if len(e.Paths) == 0 {
		return true
	}
	dir := path.Dir(e.Position.Under(prefix).File)
	edited, printed := from(dir, f.Origin.Under(prefix).File), from(dir, f.Origin.Printed().Under(prefix).File)
	return slices.ContainsFunc(e.Paths, func(glob string) bool { return MatchPath(glob, edited) || MatchPath(glob, printed) })
}

// matchName matches one name. A name that is missing matches no glob.
func matchName(glob, name string) bool {
	ok, err := path.Match(glob, name)
	return err == nil && ok && name != ""
}

// MatchPath reports whether a slash path matches a glob: path.Match between
// slashes, and ** for any number of directories.
func MatchPath(glob, file string) bool {
	return file != "" && matchSegments(strings.Split(path.Clean(glob), "/"), strings.Split(path.Clean(file), "/"))
}

// matchSegments compares segments from left to right. When one does not match, it
// goes back to the last ** alone: an earlier one cannot help, so the cost is at most
// the product of both lengths.
func matchSegments(globs, names []string) bool {
	g, n := 0, 0
	lastStars, from := -1, 0 // the last **, and the name that it ends before
	for n < len(names) {
		switch {
		case g < len(globs) && globs[g] == "**":
			if g == len(globs)-1 {
				return true
			}
			lastStars, from = g, n
			g++
		case g < len(globs) && matchName(globs[g], names[n]):
			g, n = g+1, n+1
		case lastStars >= 0:
			from++
			g, n = lastStars+1, from
		default:
			return false
		}
	}
	return g == len(globs)
}

// from is a slash path as seen from a directory. Both are relative to the same
// place, or absolute.
func from(dir, file string) string {
	if file == "" {
		return ""
	}
	d, f := strings.Split(path.Clean(dir), "/"), strings.Split(path.Clean(file), "/")
	if d[0] == "." {
		d = d[1:]
	}
	for len(d) > 0 && len(f) > 1 && d[0] == f[0] {
		d, f = d[1:], f[1:]
	}
	up := slices.Repeat([]string{".."}, len(d))
	return strings.Join(append(up, f...), "/")
}
