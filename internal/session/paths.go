package session

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/internal/git"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// explainPaths reports a path that is a part of something else, and what to
// write instead.
func explainPaths(paths []string) error {
	for _, p := range paths {
		if strings.Contains(p, "://") {
			if _, err := os.Lstat(p); err != nil {
				return usagef("%s is an address: kubevet reads files and never uses the network; fetch it first", p)
			}
		}
		info, err := os.Lstat(p)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		dir, base := filepath.Split(p)
		dir = filepath.Clean(dir)
		if chart, ok := chartOf(dir); ok && isTemplate(p) {
			return usagef("%s is a template of the chart %s; lint the chart: kubevet %s", p, chart, chart)
		}
		if strings.HasPrefix(base, "values") && isFile(filepath.Join(dir, "Chart.yaml")) {
			with := " -f " + p
			if base == "values.yaml" {
				with = ""
			}
			return usagef("%s holds values of the chart %s; lint the chart: kubevet %s%s", p, dir, dir, with)
		}
		if isPatch(dir, base) {
			return usagef("%s is a patch of the overlay %s, and no object by itself; lint the overlay: kubevet %s", p, dir, dir)
		}
	}
	return nil
}

// chartOf is the chart in whose templates a folder is.
func chartOf(dir string) (chart string, ok bool) {
	for at := dir; ; at = filepath.Dir(at) {
		if above := filepath.Dir(at); filepath.Base(at) == "templates" && isFile(filepath.Join(above, "Chart.yaml")) {
			return above, true
		}
		if at == filepath.Dir(at) {
			return "", false
		}
	}
}

func isFile(name string) bool {
	info, err := os.Lstat(name)
	return err == nil && info.Mode().IsRegular()
}

// isTemplate reports whether a file has template actions.
func isTemplate(name string) bool {
	text, err := tree.ReadFile(name)
	return err == nil && bytes.Contains(text, []byte("{{"))
}

// isPatch reports whether the kustomization of a folder names a file as a patch.
func isPatch(dir, base string) bool {
	t, err := tree.Open(dir)
	if err != nil {
		return false
	}
	defer t.Close() //nolint:errcheck // read only: nothing can be lost
	name, ok := kustomize.File(t, ".")
	if !ok {
		return false
	}
	// Only a kustomization that is plain is read here: others may cost the process.
	if text, err := t.ReadFile(name); err != nil || len(text) > maxPlainBytes || !isPlainText(text) {
		return false
	}
	refs, err := kustomize.References(t, ".")
	return err == nil && slices.Contains(refs.Fragments, base)
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
	unknown, err := git.Unknown(ctx, missing)
	if err != nil || len(unknown) == 0 { // without Git, any file may have been there
		return nil
	}
	return usagef("--files: %s does not exist, and Git knows no file that was removed there", unknown[0])
}
