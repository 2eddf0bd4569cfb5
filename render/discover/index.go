package discover

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/index"

	"github.com/kubevet/kubevet/render/tree"
)

// tracked is what Git's index says of a repository: which of its files are tracked. It
// is nil if there is no index, and every file counts as tracked.
type tracked struct {
	names []string // sorted
	// submodules are repositories of their own: what is in them is in no index here.
	submodules []string
}

// maxIndexSize is the size of the largest index that is read, in bytes.
const maxIndexSize = 256 << 20

// readIndex reads the index of the repository at the top of a tree. An index that
// cannot be read is as good as none: then no file is hidden by .gitignore.
func readIndex(t *tree.Tree) *tracked {
	data := indexFile(t)
	if data == nil {
		return nil
	}
	var idx index.Index
	if err := index.NewDecoder(bytes.NewReader(data)).Decode(&idx); err != nil {
		return nil
	}
	out := &tracked{}
	for _, e := range idx.Entries {
		if e.Mode == filemode.Submodule {
			out.submodules = append(out.submodules, e.Name)
		}
		out.names = append(out.names, e.Name)
	}
	slices.Sort(out.names)
	return out
}

// indexFile is the text of the index. That of a linked working tree or of a
// submodule is in the Git directory that its .git names, outside of the tree: Git itself wrote
// that file, and no repository can contain one.
func indexFile(t *tree.Tree) []byte {
	if data, err := t.ReadFile(".git/index"); err == nil {
		return data
	}
	link, err := t.ReadFile(".git")
	if err != nil {
		return nil
	}
	dir, ok := strings.CutPrefix(strings.TrimSpace(string(link)), "gitdir: ")
	if !ok {
		return nil
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(t.Dir(), dir)
	}
	if parent := filepath.Base(filepath.Dir(dir)); parent != "worktrees" && !strings.Contains(filepath.ToSlash(dir), ".git/modules/") {
		return nil
	}
	data, err := readRegular(filepath.Join(dir, "index"))
	if err != nil {
		return nil
	}
	return data
}

func readRegular(name string) ([]byte, error) {
	info, err := os.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxIndexSize {
		return nil, errors.New("no index")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // read only: nothing can be lost
	return io.ReadAll(io.LimitReader(f, maxIndexSize))
}

// has reports whether a file is tracked.
func (x *tracked) has(name string) bool {
	if x == nil {
		return true
	}
	if _, ok := slices.BinarySearch(x.names, name); ok {
		return true
	}
	return slices.ContainsFunc(x.submodules, func(dir string) bool { return strings.HasPrefix(name, dir+"/") })
}

// hasBelow reports whether a file in a directory is tracked.
func (x *tracked) hasBelow(dir string) bool {
	if x == nil || dir == "." {
		return true
	}
	i, ok := slices.BinarySearchFunc(x.names, dir+"/", cmp.Compare[string])
	if ok || i < len(x.names) && strings.HasPrefix(x.names[i], dir+"/") {
		return true
	}
	return slices.ContainsFunc(x.submodules, func(sub string) bool {
		return dir == sub || strings.HasPrefix(dir, sub+"/") || strings.HasPrefix(sub, dir+"/")
	})
}
