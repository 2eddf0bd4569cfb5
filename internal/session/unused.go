package session

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// used are those of some changed files below a folder that may be a part of what
// is linted. The others are no manifests, are in no chart, are led to by no link,
// and no manifest or kustomization mentions their names: nothing needs to be
// planned or built to know that a README is not deployed.
func used(root string, files []string) []string {
	mayBe := map[string]bool{} // by absolute path
	for _, f := range files {
		if mayBeUnused(root, f) {
			mayBe[tree.Resolve(f)] = true
		}
	}
	if len(mayBe) == 0 {
		return files
	}
	err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.Type()&fs.ModeSymlink != 0:
			target := tree.Resolve(name)
			for f := range mayBe {
				if f == target || strings.HasPrefix(f, target+string(filepath.Separator)) {
					delete(mayBe, f)
				}
			}
		case e.IsDir() && name != root && (strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules"):
			return fs.SkipDir
		case e.Type().IsRegular() && isManifestName(e.Name()):
			mentioned(name, mayBe)
		}
		if len(mayBe) == 0 {
			return fs.SkipAll
		}
		return nil
	})
	if err != nil {
		return files // it is not known
	}
	return slices.DeleteFunc(slices.Clone(files), func(f string) bool { return mayBe[tree.Resolve(f)] })
}

// mayBeUnused reports whether a file is regular, no manifest by its name, and in
// no chart.
func mayBeUnused(root, file string) bool {
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() || isManifestName(file) || slices.Contains(builders, filepath.Base(file)) {
		return false
	}
	top := tree.Resolve(root)
	for dir := filepath.Dir(tree.Resolve(file)); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, "Chart.yaml")); !errors.Is(err, fs.ErrNotExist) {
			return false
		}
		if dir == top || dir == filepath.Dir(dir) {
			return true
		}
	}
}

func isManifestName(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".yaml", ".yml", ".json", ".tgz":
		return true
	}
	return slices.Contains(kustomize.FileNames(), filepath.Base(name))
}

// mentioned takes out the files that a manifest or kustomization mentions.
func mentioned(name string, files map[string]bool) {
	text, err := tree.ReadFile(name)
	if err != nil {
		clear(files) // it is not known
		return
	}
	if !slices.Contains(kustomize.FileNames(), filepath.Base(name)) && !bytes.Contains(text, []byte("kind")) {
		return
	}
	for f := range files {
		if bytes.Contains(text, []byte(filepath.Base(f))) {
			delete(files, f)
		}
	}
}
