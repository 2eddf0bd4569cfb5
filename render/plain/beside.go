package plain

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
)

// SkipBeside skips a file beside or below a kustomization that is a patch which none uses, or
// what a test compares with its output. isReferred is set if a kustomization names the file.
func (m *Manifest) SkipBeside(f discover.File, kustomized map[discover.ID]bool, isReferred bool) {
	if f.Named {
		return
	}
	if !isReferred && isDormantPatch(m, f, kustomized) {
		m.drop("a patch that no kustomization uses")
	}
	if len(m.Objects) > 0 && isExpected(f, kustomized) {
		m.drop("a test compares it with what the kustomization builds")
	}
}

// isDormantPatch reports whether a file holds nothing but parts of objects, and is beside a kustomization, in a folder
// below one, in a folder kustomize or of documentation, or has patch in its path: it is a patch that is not in use, or
// that another tool uses.
func isDormantPatch(m *Manifest, f discover.File, kustomized map[discover.ID]bool) bool {
	directs := func(o *lint.Object) bool { return o.Root.Node != nil && hasPatchDirective(o.Root.Node) }
	whole := func(o *lint.Object) bool { return !isPartial(o) }
	if len(m.Objects) == 0 || slices.ContainsFunc(m.Objects, whole) && !slices.ContainsFunc(m.Objects, directs) {
		return false
	}
	for dir := f.Name; dir != "."; {
		dir = path.Dir(dir)
		if kustomized[discover.ID{Dir: f.Tree.Dir(), Name: dir}] {
			return true
		}
	}
	if isBesideSample(f) {
		return true
	}
	name := strings.ToLower(f.Name)
	return len(kustomized) > 0 && strings.Contains(name, "patch") || patchFolder.MatchString(name)
}

// isBesideSample reports a file beside what people copy or fill in to get a kustomization: kustomization.yaml.sample.
func isBesideSample(f discover.File) bool {
	return slices.ContainsFunc(samples, func(base string) bool { return f.Tree.Exists(path.Join(path.Dir(f.Name), base)) })
}

// samples are the names of such files.
var samples = []string{
	"kustomization.yaml.sample", "kustomization.yaml.example", "kustomization.yaml.template", "kustomization.yaml.tmpl", "kustomization.yaml.tpl",
	"kustomization.yaml.in", "kustomization.yaml.dist", "kustomization.sample.yaml", "kustomization.example.yaml", "kustomization.template.yaml",
}

// patchFolder matches files in folders in which parts of objects are for others to merge.
var patchFolder = regexp.MustCompile(`(?:^|/)(?:kustomize|docs?|documentation)/`)

// expected matches the names of files beside a kustomization that hold what it is to build.
var expected = regexp.MustCompile(`^expected(?:[-_.].*)?\.(?:ya?ml|json)$`)

// isExpected reports a file beside a kustomization with the output that a test expects of it.
func isExpected(f discover.File, kustomized map[discover.ID]bool) bool {
	return expected.MatchString(path.Base(f.Name)) && kustomized[discover.ID{Dir: f.Tree.Dir(), Name: path.Dir(f.Name)}]
}

// hasPatchDirective reports a key that only strategic merge patches have, such as
// $patch: delete. Aliases are not followed: what they name is in the document.
func hasPatchDirective(n *yaml.Node) bool {
	if n.Kind == yaml.MappingNode {
		for i := 0; i < len(n.Content); i += 2 {
			switch name, _, _ := strings.Cut(n.Content[i].Value, "/"); name {
			case "$patch", "$retainKeys", "$setElementOrder", "$deleteFromPrimitiveList":
				return true
			}
		}
	}
	return slices.ContainsFunc(n.Content, hasPatchDirective)
}
