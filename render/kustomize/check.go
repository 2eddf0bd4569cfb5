package kustomize

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"
)

// resolveRef is the name in the tree that a path of a kustomization leads to.
// ok is false outside the tree.
func (f *files) resolveRef(dir, p string) (name string, ok bool) {
	if filepath.IsAbs(p) {
		return f.name(filepath.Clean(p))
	}
	name = path.Join(dir, filepath.ToSlash(p))
	return name, name != ".." && !strings.HasPrefix(name, "../")
}

// unusable says what is wrong with the path of an entry before kustomize does,
// so that every bad entry is told at once; empty if nothing is.
func (f *files) unusable(k *kustomization, r ref) (message, help string) {
	if r.use == usePlugin && isInlinePlugin(r.path) || r.field == "helmCharts" || r.field == "helmChartInflationGenerator" {
		return "", ""
	}
	const rest = "; the rest was built without it"
	name, ok := f.resolveRef(k.dir, r.path)
	if !ok {
		return fmt.Sprintf("%s lies outside of what may be read%s", r.path, rest),
			"start kubevet from a directory that holds both, or copy the file"
	}
	info, err := f.build.tree.Stat(name)
	switch {
	case err != nil && missing(err):
		return fmt.Sprintf("%s does not exist%s", r.path, rest), "correct the path or take the entry out"
	case err != nil:
		return fmt.Sprintf("%s cannot be read: %v%s", r.path, err, rest), "correct the path or take the entry out"
	case info.IsDir() && (r.use == useObjects || r.use == useComponent || r.use == usePlugin):
		return f.unusableDir(k, r, name)
	case info.IsDir():
		return fmt.Sprintf("%s is a directory, not a file%s", r.path, rest), "name a file"
	case r.use == useComponent:
		return fmt.Sprintf("component %s is a file, not a directory%s", r.path, rest), "name the directory of the component"
	case !f.build.opts.LoadRestrictionsNone && !f.within(k.dir, name):
		return fmt.Sprintf("%s lies outside of the kustomization's directory, where kustomize reads no files by default%s", r.path, rest),
			"make a kustomization of it and refer to that, or lift the restriction as kustomize's --load-restrictor LoadRestrictionsNone does"
	}
	return "", ""
}

func (f *files) unusableDir(k *kustomization, r ref, name string) (message, help string) {
	const rest = "; the rest was built without it"
	if name == k.dir || name == "." || strings.HasPrefix(k.dir, name+"/") {
		return fmt.Sprintf("%s leads back to the kustomization itself: a cycle%s", r.path, rest), "take the entry out, or move what it needs to a directory of its own"
	}
	n := 0
	for _, base := range FileNames() {
		if f.isFile(path.Join(name, base)) {
			n++
		}
	}
	switch n {
	case 0:
		return fmt.Sprintf("%s holds no kustomization.yaml%s", r.path, rest), "add one, or name the files of the directory"
	case 1:
		return "", ""
	}
	return fmt.Sprintf("%s holds several kustomization files%s", r.path, rest), "keep one of them"
}

// within reports whether a file lies in or below a directory, links resolved.
func (f *files) within(dir, name string) bool {
	d, errD := filepath.EvalSymlinks(f.path(dir))
	p, errP := filepath.EvalSymlinks(f.path(name))
	if errD != nil || errP != nil {
		return true // kustomize says what is wrong
	}
	rel, err := filepath.Rel(d, p)
	return err != nil || rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
