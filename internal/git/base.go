// Package git reads a Git repository, without starting Git.
package git

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"
)

// Base is the commit that a working tree is compared with.
type Base struct {
	// Name is how reports call it.
	Name       string
	root       string // of the working tree
	tree, head *object.Tree
}

// OpenBase finds the merge base of a revision and HEAD in the repository that
// holds a directory. The error says what the user can do about it.
func OpenBase(dir, revision string) (*Base, error) {
	root, gitDir, err := find(dir)
	if err != nil {
		return nil, err
	}
	store := filesystem.NewStorage(repositoryFiles(gitDir), cache.NewObjectLRUDefault())
	defer store.Close() //nolint:errcheck // read only: nothing can be lost
	repo := repository{store}
	theirs, err := repo.commit(revision)
	if err != nil {
		return nil, fmt.Errorf("revision %q: %w", revision, err)
	}
	ours, err := repo.commit("HEAD")
	if err != nil {
		return nil, fmt.Errorf("HEAD: %w", err)
	}
	bases, err := ours.MergeBase(theirs)
	if err != nil || len(bases) == 0 {
		return nil, fmt.Errorf("%s and HEAD have no common commit here; fetch more of the history (fetch-depth: 0)", revision)
	}
	slices.SortFunc(bases, func(a, b *object.Commit) int { return cmp.Compare(a.Hash.String(), b.Hash.String()) })
	b := &Base{Name: revision + " (" + bases[0].Hash.String()[:10] + ")", root: root}
	if b.tree, err = bases[0].Tree(); err != nil {
		return nil, fmt.Errorf("reading %s: %w", b.Name, err)
	}
	if b.head, err = ours.Tree(); err != nil {
		return nil, fmt.Errorf("reading HEAD: %w", err)
	}
	return b, nil
}

var (
	errNoRepository = errors.New("the working directory is in no Git repository")
	errNoRevision   = errors.New("no branch, tag or commit of the local repository is called that")
)

// find finds the working tree that holds a directory, and its Git directory.
func find(dir string) (root, gitDir string, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", "", err
	}
	for {
		name := filepath.Join(dir, ".git")
		if info, err := os.Stat(name); err == nil {
			if info.IsDir() {
				return dir, name, nil
			}
			text, err := readSmall(name) // of a linked working tree or a submodule
			at, ok := strings.CutPrefix(strings.TrimSpace(string(text)), "gitdir: ")
			if err != nil || !ok {
				return "", "", errors.New(".git is neither a directory nor names one")
			}
			if !filepath.IsAbs(at) {
				at = filepath.Join(dir, at)
			}
			return dir, at, nil
		}
		if dir == filepath.Dir(dir) {
			return "", "", errNoRepository
		}
		dir = filepath.Dir(dir)
	}
}

// readSmall reads a file that holds a path.
func readSmall(name string) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // read only: nothing can be lost
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, errors.New("no regular file"))
	}
	return io.ReadAll(io.LimitReader(f, 64<<10))
}

// repositoryFiles is a Git directory; that of a linked working tree has most of
// its files in the common one.
func repositoryFiles(gitDir string) *dotgit.RepositoryFilesystem {
	own := osfs.New(gitDir)
	text, err := readSmall(filepath.Join(gitDir, "commondir"))
	if err != nil {
		return dotgit.NewRepositoryFilesystem(own, nil)
	}
	common := strings.TrimSpace(string(text))
	if !filepath.IsAbs(common) {
		common = filepath.Join(gitDir, common)
	}
	return dotgit.NewRepositoryFilesystem(own, osfs.New(common))
}

// repository reads commits.
type repository struct{ *filesystem.Storage }

// commit is that of a revision: a name or hash, with ~N, ^ and ^N after it.
func (r repository) commit(revision string) (*object.Commit, error) {
	name, steps := revision, ""
	if i := strings.IndexAny(revision, "~^"); i >= 0 {
		name, steps = revision[:i], revision[i:]
	}
	hash, ok := r.hash(name)
	if !ok {
		return nil, errNoRevision
	}
	c, err := r.peeled(hash)
	for err == nil && steps != "" {
		kind := steps[0]
		digits := len(steps) - 1 - len(strings.TrimLeft(steps[1:], "0123456789"))
		n := 1
		if digits > 0 {
			if n, err = strconv.Atoi(steps[1 : 1+digits]); err != nil {
				return nil, err
			}
		}
		steps = steps[1+digits:]
		switch {
		case kind == '~':
			for ; n > 0 && err == nil; n-- {
				c, err = c.Parent(0)
			}
		case kind == '^' && n > 0:
			c, err = c.Parent(n - 1)
		case kind != '^':
			return nil, errors.New("only ~N, ^ and ^N may follow a name")
		}
	}
	return c, err
}

// hash resolves a name, in Git's order.
func (r repository) hash(name string) (plumbing.Hash, bool) {
	for _, rule := range plumbing.RefRevParseRules {
		ref, err := r.Reference(plumbing.ReferenceName(fmt.Sprintf(rule, name)))
		for depth := 0; err == nil && ref.Type() == plumbing.SymbolicReference && depth < 8; depth++ {
			ref, err = r.Reference(ref.Target())
		}
		if err == nil && ref.Type() == plumbing.HashReference {
			return ref.Hash(), true
		}
	}
	if plumbing.IsHash(name) {
		return plumbing.NewHash(name), true
	}
	if len(name) < 4 || strings.Trim(name, "0123456789abcdef") != "" {
		return plumbing.ZeroHash, false
	}
	return r.abbreviated(name)
}

// abbreviated is the one commit whose hash starts so.
func (r repository) abbreviated(prefix string) (found plumbing.Hash, ok bool) {
	commits, err := r.IterEncodedObjects(plumbing.CommitObject)
	if err != nil {
		return found, false
	}
	n := 0
	_ = commits.ForEach(func(o plumbing.EncodedObject) error { // what cannot be read is not found
		if strings.HasPrefix(o.Hash().String(), prefix) && o.Hash() != found {
			found = o.Hash()
			n++
		}
		return nil
	})
	return found, n == 1
}

// peeled is a commit, or the one that a tag is of.
func (r repository) peeled(hash plumbing.Hash) (*object.Commit, error) {
	if tag, err := object.GetTag(r, hash); err == nil {
		return tag.Commit()
	}
	return object.GetCommit(r, hash)
}

// maxBaseFile is the size in bytes above which files of the base are left out:
// they cannot be part of an object, and Helm refuses them.
const maxBaseFile = 5 << 20

// maxCopied is how many bytes of the working tree are copied beside the base.
const maxCopied = 512 << 20

// Write writes the base to an empty directory. What the repository does not
// hold is taken from the working tree: submodules, and dependencies of charts
// that are not checked in. Nothing outside of either directory is read or written.
func (b *Base) Write(ctx context.Context, dir string) (err error) {
	w, err := b.newWriter(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.to.Close(), w.from.Close()) }()
	if err := w.to.Mkdir(".git", 0o755); err != nil { // the root, for relative names
		return err
	}
	// The origin decides which sources of GitOps objects are in the repository.
	if config, err := w.read(".git/config"); err == nil {
		if err := w.to.WriteFile(".git/config", config, 0o600); err != nil {
			return err
		}
	}
	walker := object.NewTreeWalker(b.tree, true, nil)
	defer walker.Close()
	for ctx.Err() == nil {
		name, entry, err := walker.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", b.Name, err)
		}
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			continue
		}
		if err := w.entry(name, entry.Mode); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return ctx.Err()
}

// writer writes a base.
type writer struct {
	*Base
	from, to *os.Root
	copied   int64 // bytes of the working tree
}

func (b *Base) newWriter(dir string) (*writer, error) {
	from, err := os.OpenRoot(b.root)
	if err != nil {
		return nil, err
	}
	to, err := os.OpenRoot(dir)
	if err != nil {
		return nil, errors.Join(err, from.Close())
	}
	return &writer{Base: b, from: from, to: to}, nil
}

// entry writes an entry of the base's tree.
func (w *writer) entry(name string, mode filemode.FileMode) error {
	if mode == filemode.Dir {
		return w.to.MkdirAll(filepath.FromSlash(name), 0o755)
	}
	if mode == filemode.Submodule {
		w.copy(name)
		return nil
	}
	if path.Base(name) == "Chart.yaml" {
		w.copyCharts(path.Join(path.Dir(name), "charts"))
	}
	f, err := w.tree.File(name)
	if err != nil || f.Size > maxBaseFile {
		return err
	}
	text, err := f.Contents()
	if err != nil {
		return err
	}
	if mode == filemode.Symlink {
		return w.to.Symlink(text, filepath.FromSlash(name))
	}
	return w.to.WriteFile(filepath.FromSlash(name), []byte(text), 0o644)
}

// copyCharts copies the dependencies of a chart, unless they are checked in.
func (w *writer) copyCharts(name string) {
	for _, t := range []*object.Tree{w.tree, w.head} {
		if _, err := t.FindEntry(name); err == nil {
			return
		}
	}
	w.copy(name)
}

// copy copies a directory of the working tree, and links as they are. What cannot
// be copied is missing, and linting reports that.
func (w *writer) copy(name string) {
	local := filepath.FromSlash(name)
	info, err := w.from.Lstat(local)
	switch {
	case err != nil:
	case info.Mode()&fs.ModeSymlink != 0:
		if target, err := w.from.Readlink(local); err == nil {
			_ = w.to.Symlink(target, local) // see above
		}
	case info.IsDir():
		d, err := w.from.Open(local)
		if err != nil || w.to.MkdirAll(local, 0o755) != nil {
			return
		}
		names, err := d.Readdirnames(-1)
		if errors.Join(err, d.Close()) != nil {
			return
		}
		for _, base := range names {
			w.copy(path.Join(name, base))
		}
	case info.Mode().IsRegular() && w.copied+info.Size() <= maxCopied:
		if text, err := w.read(name); err == nil {
			w.copied += int64(len(text))
			_ = w.to.WriteFile(local, text, 0o644) // see above
		}
	}
}

// read reads a regular file of the working tree.
func (w *writer) read(name string) ([]byte, error) {
	f, err := w.from.OpenFile(filepath.FromSlash(name), os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // read only: nothing can be lost
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > maxBaseFile:
		return nil, errors.New("no regular file, or too large")
	}
	return io.ReadAll(io.LimitReader(f, maxBaseFile))
}
