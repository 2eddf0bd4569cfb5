package session

import (
	"context"
	"os"
	"strings"

	"github.com/kubevet/kubevet/internal/git"
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
	if unknown, err := git.Unknown(ctx, missing); err == nil && len(unknown) > 0 { // without Git, any file may have been there
		return usagef("--files: %s does not exist, and Git knows no file that was removed there", unknown[0])
	}
	return nil
}
