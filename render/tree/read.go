package tree

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// MaxFileSize is the size of the largest file that is read, in bytes. The API
// server takes requests of 3 MB, Helm files of 5 MB: a larger file is a list of
// very many objects, or none.
const MaxFileSize = 64 << 20

// ErrNotRegular is the error of reading a directory, a pipe, a socket or a device.
var ErrNotRegular = errors.New("not a regular file")

// ErrTooLarge is the error of reading a file of more than MaxFileSize bytes.
var ErrTooLarge = fmt.Errorf("larger than %d MB", MaxFileSize>>20)

// readAll reads an open file that must be regular.
func readAll(f *os.File) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, ErrNotRegular
	}
	if info.Size() > MaxFileSize {
		return nil, ErrTooLarge
	}
	return readUpTo(f, info.Size())
}

// readUpTo reads what a file holds, which may have grown since its size was
// known, or say that it has none as those of /proc do.
func readUpTo(f io.Reader, size int64) ([]byte, error) {
	data := make([]byte, 0, size+1)
	for {
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return nil, err
		case len(data) > MaxFileSize:
			return nil, ErrTooLarge
		case len(data) == cap(data):
			data = append(data, 0)[:len(data)]
		}
	}
}

// readFree reads a file that the user names by an absolute path outside of
// every repository: links are followed. What the user's shell passes as an open
// file (-f <(sops -d values.yaml)) may be a pipe, too.
func readFree(abs string) ([]byte, error) {
	isPipe := strings.HasPrefix(abs, "/dev/fd/") || strings.HasPrefix(abs, "/proc/self/fd/") || abs == "/dev/stdin"
	flags := os.O_RDONLY
	if !isPipe {
		flags |= nonBlocking
	}
	f, err := os.OpenFile(filepath.Clean(abs), flags, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // read only: nothing can be lost
	if info, err := f.Stat(); isPipe && err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
		return readUpTo(f, 0)
	}
	return readAll(f)
}
