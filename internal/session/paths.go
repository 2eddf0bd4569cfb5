package session

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/kubevet/kubevet/internal/git"
	"github.com/kubevet/kubevet/render/tree"
)

// explainPaths reports an address in place of a path.
func explainPaths(paths []string) error {
	for _, p := range paths {
		if strings.Contains(p, "://") {
			if _, err := os.Lstat(p); err != nil {
				return usagef("%s is an address: kubevet reads files and never uses the network; fetch it first", p)
			}
		}
	}
	return nil
}

func isFile(name string) bool {
	info, err := os.Lstat(name)
	return err == nil && info.Mode().IsRegular()
}

// existingFiles reports a changed file that neither exists nor is known to Git as
// one that was removed.
func existingFiles(ctx context.Context, files []string) error {
	var missing []string
	for _, f := range files {
		if _, err := os.Lstat(f); err != nil {
			missing = append(missing, f)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if unknown, err := git.Unknown(ctx, missing); err == nil && len(unknown) > 0 { // else it may have been there before the commits that were fetched
		return usagef("--files: %s does not exist, and Git knows no file that was removed there", unknown[0])
	}
	return nil
}

// stdin is standard input, read once.
type stdin struct {
	in   io.Reader
	once sync.Once
	done chan struct{}
	text []byte
	err  error
}

// errTooMuchInput is the error of standard input that is too large.
var errTooMuchInput = errors.New(tree.ErrTooLarge.Error())

// readStdin reads standard input to its end, or until the context ends.
func (s *Session) readStdin(ctx context.Context) ([]byte, error) {
	in := s.stdin
	in.once.Do(func() {
		go func() { // it may wait for ever
			defer close(in.done)
			if in.in == nil {
				return
			}
			in.text, in.err = io.ReadAll(io.LimitReader(in.in, tree.MaxFileSize+1))
			if in.err == nil && len(in.text) > tree.MaxFileSize {
				in.text, in.err = nil, errTooMuchInput
			}
		}()
	})
	select {
	case <-in.done:
		return in.text, in.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// stdinReader reads what readStdin does.
type stdinReader struct {
	ctx     context.Context
	session *Session
	begun   bool
	left    []byte
}

func (r *stdinReader) Read(b []byte) (int, error) {
	if !r.begun {
		text, err := r.session.readStdin(r.ctx)
		if err != nil {
			return 0, err
		}
		r.begun, r.left = true, text
	}
	n := copy(b, r.left)
	r.left = r.left[n:]
	if n == 0 && len(b) > 0 {
		return 0, io.EOF
	}
	return n, nil
}
