// Package tree reads files below one directory, and never outside it.
package tree

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
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

// Around opens the tree that a path of the command line belongs to, so that
// what it refers to (../../base) can be read: the Git repository that holds
// it, else the working directory if that holds it, else the path itself or,
// for a file, its directory.
func Around(arg string) (*Tree, error) {
	abs, err := realPath(arg)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(abs)
	if err != nil {
		return nil, err
	}
	own := abs
	if !info.IsDir() {
		own = filepath.Dir(abs)
	}
	for d := own; ; d = filepath.Dir(d) {
		if _, err := os.Lstat(filepath.Join(d, ".git")); err == nil {
			return Open(d)
		}
		if d == filepath.Dir(d) {
			break
		}
	}
	cwd, err := realPath(".")
	if err != nil {
		return nil, err
	}
	if _, ok := below(cwd, own); ok {
		return Open(cwd)
	}
	return Open(own)
}

// Name is the name in the tree of a path as the command line gives it.
// ok is false if the path lies outside.
func (t *Tree) Name(arg string) (name string, ok bool) {
	abs, err := realPath(arg)
	if err != nil {
		return "", false
	}
	return below(t.dir, abs)
}

func below(dir, abs string) (string, bool) {
	rel, err := filepath.Rel(dir, abs)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(rel), true
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

// ReadFile reads a file. Errors name no absolute path.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	f, err := t.root.Open(filepath.FromSlash(name))
	if err != nil {
		if _, ok := t.isFresh(name); ok {
			if b := t.buffers.of(filepath.Join(t.dir, filepath.FromSlash(t.real(name))), nil); b != nil {
				return b.text, nil
			}
		}
		return nil, t.explain(err)
	}
	defer f.Close() //nolint:errcheck // read only: nothing can be lost
	info, err := f.Stat()
	if err != nil {
		return nil, t.explain(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	if b := t.buffers.of(filepath.Join(t.dir, filepath.FromSlash(name)), info); b != nil {
		return b.text, nil
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, t.explain(err)
	}
	return data, nil
}

// ReadDir lists a directory, sorted by name.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	l, err := fs.ReadDir(t.root.FS(), name)
	if info, ok := t.isFresh(name); err != nil && (!ok || !info.IsDir()) {
		return nil, t.explain(err)
	}
	return t.withFresh(name, l), nil
}

// Stat tells of what a name leads to, links followed.
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

// explain takes the operation and the path off an error, which reports tell
// themselves.
func (t *Tree) explain(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		if strings.Contains(pe.Err.Error(), "escapes") {
			return fmt.Errorf("leads out of %s: %w", path.Clean(t.Display(".")), pe.Err)
		}
		return pe.Err
	}
	return err
}
