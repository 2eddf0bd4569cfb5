package tree

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The root of a path is the directory that reading must not leave:
//
//  1. the Git repository that holds the path (the nearest directory with .git),
//  2. outside of every repository the working directory, if it holds the path,
//  3. else the path itself or, for a file, its directory.
//
// If 2 or 3 give the templates of a chart or a folder in them, it is the chart: its
// templates mean nothing without it.
//
// The names of the path decide, not the targets of its links: a repository whose
// links lead out of it must not choose what is read. A directory that holds
// everything a person has (the root of the file system, the home directory, the
// one for temporary files) is never the root of what lies in it by rule 2.

// place is a path of the command line and its root.
type place struct {
	// path is absolute and clean; links in it are not resolved.
	path string
	// root is the directory that reading must not leave. It is empty if the user gave
	// an absolute path outside of every repository and of the working directory, and
	// links in it lead wherever the user says.
	root string
}

// placeOf finds the root of a path. The path need not exist.
func placeOf(arg string) (place, error) {
	cwd, err := realPath(".")
	if err != nil {
		return place{}, err
	}
	p := place{path: filepath.Clean(arg)}
	if !filepath.IsAbs(arg) {
		p.path = filepath.Join(cwd, arg)
	}
	roots := repositories(p.path)
	inCwd := isBelow(cwd, p.path)
	if inCwd && len(repositories(cwd)) == 0 {
		if dir := withoutRepository(cwd, p.path); dir != "" {
			roots = append(roots, dir)
		}
	}
	switch {
	case len(roots) > 0:
		p.root = innermost(roots)
	case !filepath.IsAbs(arg) || inCwd:
		p.root = ownDir(p.path)
	}
	if p.root != "" && len(repositories(p.root)) == 0 {
		p.root = chartAround(p.root)
	}
	return p, nil
}

// chartAround is the chart that has a directory among its templates or crds, the
// outermost one if it is in the charts folder of another. It is the directory itself if
// there is none.
func chartAround(dir string) string {
	chart := ""
	for d := dir; d != filepath.Dir(d); d = filepath.Dir(d) {
		base, above := filepath.Base(d), filepath.Dir(d)
		isPart := base == "templates" || base == "crds" || base == "charts" && chart != ""
		if info, err := os.Stat(filepath.Join(above, "Chart.yaml")); isPart && err == nil && info.Mode().IsRegular() && !IsWide(above) {
			chart = above
		}
	}
	if chart == "" {
		return dir
	}
	return chart
}

// repositories lists the directories at and above a path that hold .git, the
// nearest first.
func repositories(abs string) []string {
	var l []string
	for d := abs; ; d = filepath.Dir(d) {
		if _, err := os.Lstat(filepath.Join(d, ".git")); err == nil {
			l = append(l, d)
		}
		if d == filepath.Dir(d) {
			return l
		}
	}
}

// withoutRepository is the root of what lies below a working directory that is in no
// repository: that directory, or the one below it if it is too wide. It is empty if
// neither will do.
func withoutRepository(cwd, abs string) string {
	if !IsWide(cwd) {
		return cwd
	}
	rel, err := filepath.Rel(cwd, abs)
	if err != nil || rel == "." {
		return ""
	}
	first, rest, _ := strings.Cut(rel, string(filepath.Separator))
	dir := filepath.Join(cwd, first)
	if cwd == filepath.Dir(cwd) || IsWide(dir) || rest == "" {
		return "" // below the root of the file system lie /etc and /var, too
	}
	return dir
}

// innermost is the nearest of some directories that hold each other, the nearest
// first, unless a link leads to it from one that holds it: then that one counts.
func innermost(roots []string) string {
	root := ""
	for _, dir := range slices.Backward(roots) {
		if root != "" {
			outer, err1 := filepath.EvalSymlinks(root)
			inner, err2 := filepath.EvalSymlinks(dir)
			if err1 != nil || err2 != nil || !isBelow(outer, inner) {
				return root
			}
		}
		root = dir
	}
	return root
}

// ownDir is a path itself or, if it is no directory, the one that holds it.
func ownDir(abs string) string {
	if info, err := os.Stat(abs); err == nil && info.IsDir() {
		return abs
	}
	return filepath.Dir(abs)
}

func isBelow(dir, abs string) bool {
	_, ok := below(dir, abs)
	return ok
}

// IsWide reports whether a directory, absolute and free of links, holds
// everything that a person has: the root of the file system, a home directory or
// one above it, the directory for temporary files.
func IsWide(dir string) bool {
	if dir == filepath.Dir(dir) {
		return true
	}
	if home, err := os.UserHomeDir(); err == nil && isBelow(dir, Resolve(home)) {
		return true
	}
	return dir == Resolve(os.TempDir())
}

// openRoot opens the root of a path. For a path without one it is that of what
// the path leads to.
func (p place) openRoot() (*Tree, error) {
	if p.root != "" {
		return Open(p.root)
	}
	abs, err := filepath.EvalSymlinks(p.path)
	if err != nil {
		return nil, err
	}
	target, err := placeOf(abs)
	if err != nil {
		return nil, err
	}
	if target.root == "" {
		target.root = chartAround(ownDir(abs))
	}
	return Open(target.root)
}

// Around opens the tree that a path of the command line belongs to, so that
// what it refers to (../../base) can be read: the Git repository that holds it,
// else the working directory if that holds it, else the path itself or, for a
// file, its directory. A link that leads out of that tree is found by Name.
// The error is that of a path which is not there.
func Around(arg string) (*Tree, error) {
	p, err := placeOf(arg)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(p.path); err != nil {
		return nil, err
	}
	return p.openRoot()
}

// Names is the directory from which what lies at a path is named, wherever the program is
// started: the Git repository, else the outermost directory at or above the path that holds
// a file with the name of a marker and not everything that a person has. If there is none, it
// is the root that Around opens.
func Names(arg, marker string) (dir string, err error) {
	t, err := Around(arg)
	if err != nil {
		return "", err
	}
	dir = t.Dir()
	_ = t.Close() // read only: nothing can be lost
	if len(repositories(dir)) > 0 {
		return dir, nil
	}
	abs, err := filepath.Abs(arg)
	if err != nil {
		return "", err
	}
	for d := ownDir(Resolve(abs)); !IsWide(d); d = filepath.Dir(d) {
		if info, err := os.Stat(filepath.Join(d, marker)); err == nil && info.Mode().IsRegular() {
			dir = d
		}
	}
	return dir, nil
}

// InRepository reports whether a Git repository holds a path.
func InRepository(arg string) bool {
	abs, err := filepath.Abs(arg)
	return err == nil && len(repositories(abs)) > 0
}

// ReadFile reads a file that the user names on the command line or in an
// editor. Links are followed within the root of the path (see Around), or
// wherever they lead if the user gives an absolute path that lies in no
// repository and not below the working directory. Only a regular file of at most MaxFileSize
// bytes is read. Errors are *fs.PathError with the name as it was given, and hold nothing of
// the file.
func ReadFile(name string) ([]byte, error) {
	data, err := readNamed(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: reason(err)}
	}
	return data, nil
}

func readNamed(name string) ([]byte, error) {
	p, err := placeOf(name)
	if err != nil {
		return nil, err
	}
	if p.root == "" {
		return readFree(p.path)
	}
	t, err := Open(p.root)
	if err != nil {
		return nil, err
	}
	defer t.Close() //nolint:errcheck // read only: nothing can be lost
	in, ok := below(p.root, p.path)
	if !ok {
		return nil, ErrOutside
	}
	return t.ReadFile(in)
}

// Cause is an error of reading without operation and path, which reports print by
// themselves.
func Cause(err error) string {
	if err = reason(err); errors.Is(err, fs.ErrNotExist) {
		return "no such file or directory"
	}
	return err.Error()
}

// reason is an error without operation and path.
func reason(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}
