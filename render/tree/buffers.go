package tree

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Buffers are texts that take the place of files on disk, or of files that are
// not there yet: what an editor holds and has not saved. Nil holds none. They
// do not change.
type Buffers struct {
	list []*buffer
	// watch follows what is read. Nil if unset.
	watch *ReadWatch
}

// ReadWatch follows which files are read, by the names that reports give them.
// Its functions are called from several goroutines.
type ReadWatch struct {
	// Read is called before a file is read.
	Read func(file string)
	// Got is called with the size of each file that was read.
	Got func(size int)
	// Refuse reports whether a file must not be read: ErrRefused.
	Refuse func(file string) bool
}

// ErrRefused is the error of reading a file that has stopped an earlier process.
var ErrRefused = errors.New("checking it was stopped")

// Watched is the same buffers, with a watch over what is read through them.
func (b *Buffers) Watched(w *ReadWatch) *Buffers {
	watched := &Buffers{watch: w}
	if b != nil {
		watched.list = b.list
	}
	return watched
}

// follow reports a file to the watch, and returns its answer.
func (b *Buffers) follow(file string) error {
	if b == nil || b.watch == nil {
		return nil
	}
	if b.watch.Refuse(file) {
		return ErrRefused
	}
	b.watch.Read(file)
	return nil
}

// buffer is the text of one file.
type buffer struct {
	path string // absolute, links resolved
	text []byte
	// onDisk is the file that the text replaces. It is nil if it is new.
	onDisk fs.FileInfo
}

// NewBuffers takes texts by the paths of their files, as a user names them.
func NewBuffers(texts map[string][]byte) *Buffers {
	b := &Buffers{}
	for p, text := range texts {
		one := &buffer{path: Resolve(p), text: text}
		if info, err := os.Stat(one.path); err == nil && info.Mode().IsRegular() {
			one.onDisk = info
		}
		b.list = append(b.list, one)
	}
	slices.SortFunc(b.list, func(x, y *buffer) int { return strings.Compare(x.path, y.path) })
	return b
}

// Resolve is an absolute path free of links, also if its last parts do not exist.
func Resolve(p string) string {
	abs, err := filepath.Abs(p)
	if err != nil {
		return p
	}
	rest := ""
	for dir := abs; ; dir = filepath.Dir(dir) {
		if d, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(d, rest)
		}
		if dir == filepath.Dir(dir) {
			return abs
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
}

// of is the buffer that takes the place of a file on disk. It is nil if there is none.
func (b *Buffers) of(p string, info fs.FileInfo) *buffer {
	if b == nil {
		return nil
	}
	for _, one := range b.list {
		if one.path == p || info != nil && one.onDisk != nil && os.SameFile(info, one.onDisk) {
			return one
		}
	}
	return nil
}

// ReadFile reads a file that the user names, or its buffer. See the function
// ReadFile.
func (b *Buffers) ReadFile(name string) ([]byte, error) {
	if err := b.follow(filepath.ToSlash(name)); err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	if b != nil && len(b.list) > 0 {
		if one := b.of(Resolve(name), nil); one != nil {
			return one.text, nil
		}
	}
	return ReadFile(name)
}

// ReadFrom reads a file that another file names, by a path relative to that one's
// directory, or its buffer: what a configuration names. It must lie in the tree that the
// other one belongs to. Errors are as those of the function ReadFile.
func (b *Buffers) ReadFrom(file, name string) ([]byte, error) {
	fail := func(err error) ([]byte, error) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: reason(err)}
	}
	t, err := b.Around(file)
	if err != nil {
		return fail(err)
	}
	defer t.Close() //nolint:errcheck // read only: nothing can be lost
	from, ok := t.Name(file)
	if !ok || filepath.IsAbs(name) {
		return fail(ErrOutside)
	}
	data, err := t.ReadFile(path.Join(path.Dir(from), filepath.ToSlash(name)))
	if err != nil {
		return fail(err)
	}
	return data, nil
}

// Open opens a directory as it is with the buffers.
func (b *Buffers) Open(dir string) (*Tree, error) {
	t, err := Open(dir)
	if err != nil || b == nil {
		return t, err
	}
	return t.with(b), nil
}

// Around opens the tree that a path belongs to, as it is with the buffers.
func (b *Buffers) Around(arg string) (*Tree, error) {
	t, err := Around(arg)
	if err != nil || b == nil {
		return t, err
	}
	return t.with(b), nil
}

// with lays buffers over the tree.
func (t *Tree) with(b *Buffers) *Tree {
	t.buffers = b
	for _, one := range b.list {
		name, ok := below(t.dir, one.path)
		if !ok || one.onDisk != nil {
			continue
		}
		if t.fresh == nil {
			t.fresh = map[string]fs.FileInfo{}
		}
		t.fresh[name] = bufferInfo{name: path.Base(name), size: int64(len(one.text))}
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if _, err := t.root.Stat(filepath.FromSlash(dir)); err == nil {
				break
			}
			t.fresh[dir] = bufferInfo{name: path.Base(dir), mode: fs.ModeDir}
		}
	}
	return t
}

// isFresh describes a name that is there through a buffer alone.
func (t *Tree) isFresh(name string) (fs.FileInfo, bool) {
	if len(t.fresh) == 0 {
		return nil, false
	}
	info, ok := t.fresh[t.real(name)]
	return info, ok
}

// real is a name with the links in it resolved, also if its last parts do not exist.
func (t *Tree) real(name string) string {
	if found, ok := below(t.dir, Resolve(filepath.Join(t.dir, filepath.FromSlash(name)))); ok {
		return found
	}
	return name
}

// Follow is the name of what a name leads to. It fails for what is not there,
// or lies outside.
func (t *Tree) Follow(name string) (string, error) {
	if _, ok := t.isFresh(name); ok {
		return t.real(name), nil
	}
	target, err := filepath.EvalSymlinks(filepath.Join(t.dir, filepath.FromSlash(name)))
	if err != nil {
		return "", t.explain(err)
	}
	found, ok := below(t.dir, target)
	if !ok {
		return "", ErrOutside
	}
	return found, nil
}

// withFresh adds the new files and directories to the list of a directory.
func (t *Tree) withFresh(dir string, l []fs.DirEntry) []fs.DirEntry {
	if len(t.fresh) == 0 {
		return l
	}
	dir = t.real(dir)
	for name, info := range t.fresh {
		if path.Dir(name) == dir {
			l = append(l, fs.FileInfoToDirEntry(info))
		}
	}
	slices.SortFunc(l, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return l
}

// bufferInfo is a file, or a directory, that is there through a buffer alone.
type bufferInfo struct {
	name string
	size int64
	mode fs.FileMode
}

func (i bufferInfo) Name() string       { return i.name }
func (i bufferInfo) Size() int64        { return i.size }
func (i bufferInfo) Mode() fs.FileMode  { return i.mode | 0o444 }
func (i bufferInfo) ModTime() time.Time { return time.Time{} }
func (i bufferInfo) IsDir() bool        { return i.mode.IsDir() }
func (i bufferInfo) Sys() any           { return nil }
