// Package outfile writes files that the user names.
package outfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Write writes a file: first a temporary file beside it, which is then renamed. So the file
// is complete or not there at all, and no link is followed. An existing file keeps its
// permissions. With fresh there must not be one.
func Write(name string, fresh bool, write func(io.Writer) error) (err error) {
	perm, err := mode(name, fresh)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".tmp-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, Reason(err))
	}
	defer func() {
		if err != nil { // leave nothing behind
			_ = f.Close()
			_ = os.Remove(f.Name())
			err = fmt.Errorf("writing %s: %w", name, Reason(err))
		}
	}()
	if err := errors.Join(write(f), f.Chmod(perm), f.Close()); err != nil {
		return err
	}
	if fresh { // a rename would replace a file that was made in the meantime
		return errors.Join(os.Link(f.Name(), name), os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), name)
}

// Check reports what prevents Write from writing a file.
func Check(name string, fresh bool) error {
	_, err := mode(name, fresh)
	return err
}

// mode returns the permissions that a file will have.
func mode(name string, fresh bool) (fs.FileMode, error) {
	if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() {
		return 0, fmt.Errorf("%s cannot be written: there is no folder %s", name, filepath.Dir(name))
	}
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0o644, nil
	case err != nil:
		return 0, fmt.Errorf("%s cannot be written: %w", name, Reason(err))
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

// Reason returns an error without operation and path.
func Reason(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	if le, ok := errors.AsType[*os.LinkError](err); ok {
		return le.Err
	}
	return err
}
