// Package tree reads files below one directory, and never outside it.
package tree

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/kubevet/kubevet/lint"
)

// Tree is a directory that reading does not leave: symbolic links out of it
// are errors. Names are slash paths relative to it; "." is the directory itself.
type Tree struct {
	root *os.Root
	dir  string // absolute, links resolved
	cwd  string // absolute, links resolved
	// buffers take the place of files; fresh are the names that are there through
	// them alone, and their directories.
	buffers *Buffers
	fresh   map[string]fs.FileInfo
}

// Open opens a directory.
func Open(dir string) (*Tree, error) {
	abs, err := realPath(dir)
	if err != nil {
		return nil, err
	}
	cwd, err := realPath(".")
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, err
	}
	return &Tree{root: root, dir: abs, cwd: cwd}, nil
}

// Close releases the directory.
func (t *Tree) Close() error { return t.root.Close() }

// Name is the name in the tree of a path as the command line gives it.
// ok is false if the path lies outside.
func (t *Tree) Name(arg string) (name string, ok bool) {
	abs, err := realPath(arg)
	if err != nil {
		return "", false
	}
	return below(t.dir, abs)
}

// Below is the slash path of a file below a directory, which must be absolute and free of links. The file need not exist; ok is
// false if it is outside.
func Below(dir, file string) (name string, ok bool) {
	abs, err := absolute(file)
	if err != nil {
		return "", false
	}
	rel, err := filepath.Rel(dir, abs)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

// LinkTarget is the name of what a symbolic link leads to. ok is false if the
// name is no link, or leads out of the tree.
func (t *Tree) LinkTarget(name string) (target string, ok bool) {
	info, err := t.root.Lstat(filepath.FromSlash(name))
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return "", false
	}
	target, err = t.Follow(name)
	return target, err == nil
}

func below(dir, abs string) (string, bool) {
	rel, err := filepath.Rel(dir, abs)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

// absolute is a path from the root. The working directory is free of links in it, as trees are: a shell may have reached it by one.
func absolute(file string) (string, error) {
	if filepath.IsAbs(file) {
		return filepath.Clean(file), nil
	}
	cwd, err := realPath(".")
	return filepath.Join(cwd, file), err
}

// realPath is absolute and free of links, also if the last parts do not exist.
func realPath(p string) (string, error) {
	abs, err := filepath.Abs(p)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// Dir is the absolute path of the directory. No report may hold it.
func (t *Tree) Dir() string { return t.dir }

// Display is how reports call a name: relative to the working directory, with
// forward slashes.
func (t *Tree) Display(name string) string {
	rel, err := filepath.Rel(t.cwd, filepath.Join(t.dir, filepath.FromSlash(name)))
	if err != nil {
		return name
	}
	return filepath.ToSlash(rel)
}

// LineAt is the line at a position of a file, as reports call it. Empty if it is not there.
func (t *Tree) LineAt(at lint.Position) string {
	name, ok := t.Name(at.File)
	if !ok || at.Line < 1 {
		return ""
	}
	data, err := t.ReadFile(name)
	if err != nil {
		return ""
	}
	lines := strings.SplitN(string(data), "\n", at.Line+1)
	if at.Line > len(lines) {
		return ""
	}
	return strings.TrimSuffix(lines[at.Line-1], "\r")
}

// ReadFile reads a regular file of at most MaxFileSize bytes. Errors name no
// absolute path, and nothing that the file holds.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	if t.buffers != nil && t.buffers.watch != nil {
		if err := t.buffers.follow(t.Display(name)); err != nil {
			return nil, err
		}
	}
	f, err := t.open(name)
	if err != nil {
		if _, ok := t.isFresh(name); ok {
			if b := t.buffers.of(filepath.Join(t.dir, filepath.FromSlash(t.real(name))), nil); b != nil {
				return b.text, nil
			}
		}
		return nil, t.explain(err)
	}
	defer f.Close() //nolint:errcheck // read only: nothing can be lost
	if t.buffers != nil {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			if b := t.buffers.of(filepath.Join(t.dir, filepath.FromSlash(name)), info); b != nil {
				return b.text, nil
			}
		}
	}
	data, err := readAll(f)
	if err != nil {
		return nil, t.explain(err)
	}
	if t.buffers != nil && t.buffers.watch != nil {
		t.buffers.watch.Got(len(data))
	}
	return data, nil
}

// open opens a file or directory without waiting for anyone to write to it.
func (t *Tree) open(name string) (*os.File, error) {
	return t.root.OpenFile(filepath.FromSlash(name), os.O_RDONLY|nonBlocking, 0)
}

// ReadDir lists a directory, sorted by name.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	l, err := t.list(name)
	if info, ok := t.isFresh(name); err != nil && (!ok || !info.IsDir()) {
		return nil, t.explain(err)
	}
	return t.withFresh(name, l), nil
}

func (t *Tree) list(name string) ([]fs.DirEntry, error) {
	f, err := t.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // read only: nothing can be lost
	if info, err := f.Stat(); err == nil && !info.IsDir() {
		return nil, syscall.ENOTDIR
	}
	l, err := f.ReadDir(-1)
	slices.SortFunc(l, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return l, err
}

// Stat describes what a name leads to, links followed.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	info, err := t.root.Stat(filepath.FromSlash(name))
	if err != nil {
		if info, ok := t.isFresh(name); ok {
			return info, nil
		}
		return nil, t.explain(err)
	}
	return info, nil
}

// Exists reports whether a name is there.
func (t *Tree) Exists(name string) bool {
	_, err := t.Stat(name)
	return err == nil
}

// Glob lists the names that match a pattern, as fs.Glob does.
func (t *Tree) Glob(pattern string) ([]string, error) { return fs.Glob(globbed{t}, pattern) }

// globbed is a tree as fs.Glob reads it.
type globbed struct{ tree *Tree }

func (g globbed) ReadDir(name string) ([]fs.DirEntry, error) { return g.tree.ReadDir(name) }
func (g globbed) Stat(name string) (fs.FileInfo, error)      { return g.tree.Stat(name) }

// Open is not needed: fs.Glob lists directories.
func (g globbed) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: errors.ErrUnsupported}
}

// ErrOutside is the error for a link or a path that leads out of its tree: out of the
// repository, or of the linted directory where there is no repository.
var ErrOutside = errors.New("leads out of the repository")

// explain takes the operation and the path off an error, which reports print
// by themselves.
func (t *Tree) explain(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		if strings.Contains(pe.Err.Error(), "escapes") {
			return ErrOutside
		}
		return pe.Err
	}
	return err
}
