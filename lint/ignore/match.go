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
	file := from(path.Dir(e.Position.Under(prefix).File), f.Origin.Under(prefix).File)
	return slices.ContainsFunc(e.Paths, func(glob string) bool { return MatchPath(glob, file) })
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

func matchSegments(globs, names []string) bool {
	for len(globs) > 0 && globs[0] != "**" {
		if len(names) == 0 {
			return false
		}
		if ok, err := path.Match(globs[0], names[0]); err != nil || !ok {
			return false
		}
		globs, names = globs[1:], names[1:]
	}
	if len(globs) == 0 {
		return len(names) == 0
	}
	for len(globs) > 1 && globs[1] == "**" { // as one: no need to try each split
		globs = globs[1:]
	}
	if len(globs) == 1 {
		return len(names) > 0
	}
	for i := range names {
		if matchSegments(globs[1:], names[i:]) {
			return true
		}
	}
	return false
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
