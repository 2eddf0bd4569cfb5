// Package dirs compares the places of files in a tree of manifests, whose directories are often
// deployed apart.
package dirs

import (
	"path"
	"strings"
)

// Above lists a directory and those above it.
func Above(dir string) []string {
	l := []string{dir}
	for dir != path.Dir(dir) && path.Base(dir) != ".." {
		dir = path.Dir(dir)
		l = append(l, dir)
	}
	return l
}

// IsBelow reports whether a directory is another or is in it.
func IsBelow(dir, of string) bool {
	return dir == of || of == "." || strings.HasPrefix(dir, of+"/")
}

// Distance is how far a file is from another: none if they are one, one step to the other files
// of the directory, and one more for each directory above it until one holds the other file.
func Distance(from, to string) int {
	dir, of := path.Dir(from), path.Dir(to)
	switch {
	case from == to:
		return 0
	case dir == of:
		return 1
	}
	n := 2
	for ; !IsBelow(of, dir) && dir != path.Dir(dir); n++ {
		dir = path.Dir(dir)
	}
	return n
}

// AreVariants reports whether two files look like variants of each other, of which a cluster gets one:
// they are in one directory, or have one name, in directories of which only one part differs.
func AreVariants(a, b string) bool {
	if path.Dir(a) == path.Dir(b) {
		return true
	}
	in, of := strings.Split(a, "/"), strings.Split(b, "/")
	if len(in) != len(of) || path.Base(a) != path.Base(b) {
		return false
	}
	differ := 0
	for i := range in {
		if in[i] != of[i] {
			differ++
		}
	}
	return differ == 1
}

// AreOfParallel reports whether two files look like those of parallel trees, such as those of two clusters: where their
// directories part, those of both have one of the same name. That both have a base, such as infrastructure/base and apps/base, is no sign:
// the names below it decide.
func AreOfParallel(a, b string) bool {
	in, of := strings.Split(path.Dir(a), "/"), strings.Split(path.Dir(b), "/")
	for i := range min(len(in), len(of)) - 1 {
		if in[i] == of[i] {
			continue
		}
		if next := i + 2; in[i+1] == "base" && of[i+1] == "base" && next < min(len(in), len(of)) {
			return in[next] == of[next]
		}
		return in[i+1] == of[i+1]
	}
	return false
}
