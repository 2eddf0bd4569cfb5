package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// writeFile writes a file of the user's by a temporary file beside it that is
// renamed: it is there as a whole or not at all, and no link is followed. An
// existing file keeps its permissions. With fresh there must be none.
func writeFile(name string, fresh bool, write func(io.Writer) error) (err error) {
	mode, err := writable(name, fresh)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".tmp-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, reason(err))
	}
	defer func() {
		if err != nil { // nothing is left of what failed
			_ = f.Close()
			_ = os.Remove(f.Name())
			err = fmt.Errorf("writing %s: %w", name, reason(err))
		}
	}()
	if err := errors.Join(write(f), f.Chmod(mode), f.Close()); err != nil {
		return err
	}
	if fresh { // a rename would replace what somebody else has made meanwhile
		return errors.Join(os.Link(f.Name(), name), os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), name)
}

// writable reports what prevents a file from being written, and gives the
// permissions that it will have.
func writable(name string, fresh bool) (fs.FileMode, error) {
	if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() {
		return 0, fmt.Errorf("%s cannot be written: there is no folder %s", name, filepath.Dir(name))
	}
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0o644, nil
	case err != nil:
		return 0, fmt.Errorf("%s cannot be written: %w", name, reason(err))
	case info.Mode()&fs.ModeSymlink != 0:
		return 0, fmt.Errorf("%s is a symbolic link, which is never written through; remove it first", name)
	case info.IsDir():
		return 0, fmt.Errorf("%s cannot be written: it is a folder", name)
	case fresh:
		return 0, fmt.Errorf("%s exists; remove it first", name)
	case !info.Mode().IsRegular():
		return 0, fmt.Errorf("%s cannot be written: it is no regular file", name)
	}
	return info.Mode().Perm(), nil
}

// reason is an error without operation and path.
func reason(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	if le, ok := errors.AsType[*os.LinkError](err); ok {
		return le.Err
	}
	return err
}
