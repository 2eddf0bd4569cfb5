package git

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// maxHistory is how many commits are looked at for a file that was removed.
const maxHistory = 200

// Unknown lists the files that none of the last commits of the working
// directory's repository has: all of them if there is no repository, or no commit in it.
// The error says that this is not known.
func Unknown(ctx context.Context, files []string) ([]string, error) {
	root, gitDir, err := find(".")
	if errors.Is(err, errNoRepository) {
		return slices.Clone(files), nil
	}
	if err != nil {
		return nil, err
	}
	store := filesystem.NewStorage(repositoryFiles(gitDir), cache.NewObjectLRUDefault())
	defer store.Close() //nolint:errcheck // read only: nothing can be lost
	commit, err := (repository{store}).commit("HEAD")
	if errors.Is(err, errNoRevision) && isFile(filepath.Join(gitDir, "HEAD")) { // there is no commit yet
		return slices.Clone(files), nil
	}
	if err != nil {
		return nil, err
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return nil, err
	}
	names := map[string]string{} // in the repository
	for _, f := range files {
		names[f] = nameIn(root, f)
	}
	left := slices.Clone(files)
	for range maxHistory {
		if len(left) == 0 || ctx.Err() != nil {
			break
		}
		tree, err := commit.Tree()
		if err != nil {
			return nil, err
		}
		left = slices.DeleteFunc(left, func(f string) bool {
			_, err := tree.FindEntry(names[f])
			return err == nil
		})
		next, err := commit.Parent(0)
		if errors.Is(err, object.ErrParentNotFound) {
			break
		}
		if err != nil { // the history ends there: it was not fetched
			return nil, err
		}
		commit = next
	}
	return left, ctx.Err()
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// nameIn is the name of a file in a repository. The file and the folders that
// hold it need not exist.
func nameIn(root, file string) string {
	abs, err := filepath.Abs(file)
	if err != nil {
		return file
	}
	rest := filepath.Base(abs)
	for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
		if dir, err := filepath.EvalSymlinks(dir); err == nil {
			abs = filepath.Join(dir, rest)
			break
		}
		if dir == filepath.Dir(dir) {
			break
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
	rel, err := filepath.Rel(root, abs)
	if err != nil {
		return file
	}
	return filepath.ToSlash(rel)
}

// Head is the hash of the commit that the repository of a directory is at. The error
// says that there is none.
func Head(dir string) (string, error) {
	_, gitDir, err := find(dir)
	if err != nil {
		return "", err
	}
	store := filesystem.NewStorage(repositoryFiles(gitDir), cache.NewObjectLRUDefault())
	defer store.Close() //nolint:errcheck // read only: nothing can be lost
	commit, err := (repository{store}).commit("HEAD")
	if err != nil {
		return "", err
	}
	return commit.Hash.String(), nil
}
