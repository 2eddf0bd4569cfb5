package attributes

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/generated"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/plain"
	"github.com/kubevet/kubevet/render/tree"
)

var (
	// saysFrom matches a comment at an entry of a kustomization that says from where its file was copied, in lower case.
	saysFrom = regexp.MustCompile(`\b(?:(?:vendored|pulled|fetched|downloaded|mirrored|copied|imported|taken) (?:\w+ ){0,3}?(?:from|with|by)\b|(?:curl|wget)\b|(?:source|upstream|origin|from):)[^\n]*?https?://(\S+)`)
	// repositoryIn matches the repository of an address.
	repositoryIn = regexp.MustCompile(`^(?:github\.com|raw\.githubusercontent\.com|gitlab\.com)/([\w.-]+/[\w.-]+)`)
)

// entry is one under the resources of a kustomization, and the comment which says from what address its file was copied: each the line, or
// empty.
type entry struct {
	at, copied lint.Position
	// generated is the line at the top of the kustomization which says that it is generated, if it does nothing but list resources. It is
	// empty for others.
	generated lint.Position
}

// Build is the line at the top of the kustomization beside a file which says that it is generated, if it lists the file and does nothing but
// list resources, and the kustomization, as reports call it, that seems to be built to the file: that in the folder with the same path but
// for the first folders, as deploy/web for builds/deploy/web. The file is generated, too, if there is one, or if the file is as kustomize writes
// it: a program may also list what is edited by hand. Each is empty if there is none.
func (f *Files) Build(t *tree.Tree, name string) (mark lint.Position, source string) {
	mark = f.entryOf(t, name).generated
	if mark.File == "" {
		return mark, ""
	}
	if source = f.builtTo(t, path.Dir(name)); source == "" && !plain.IsWrittenByProgram(discover.File{Tree: t, Name: name}) {
		return lint.Position{}, ""
	}
	return mark, source
}

// builtTo is the kustomization, as reports call it, that seems to be built to a folder. It is empty if there is none, or if it is generated, or lists
// the folder.
func (f *Files) builtTo(t *tree.Tree, dir string) string {
	for _, of, ok := strings.Cut(dir, "/"); ok; _, of, ok = strings.Cut(of, "/") {
		file, isOverlay := kustomize.File(t, of)
		if !isOverlay {
			continue
		}
		refs, err := kustomize.References(t, of)
		if err != nil || f.ListsBuild(t, of) || slices.ContainsFunc(refs.Paths, func(p string) bool { return p == dir || strings.HasPrefix(p, dir+"/") }) {
			return ""
		}
		return t.Display(file)
	}
	return ""
}

// ListsBuild reports whether the kustomization of a folder says at its top that it is generated, and does nothing but list resources.
func (f *Files) ListsBuild(t *tree.Tree, dir string) bool {
	file, ok := kustomize.File(t, dir)
	if !ok {
		return false
	}
	text, err := t.ReadFile(file)
	return err == nil && listsBuild(text) > 0
}

// listsBuild is the line at the top of a kustomization which says that it is generated, if it does nothing but list resources. It is 0 for others.
func listsBuild(text []byte) int {
	line := generated.KustomizationLine(text)
	var k map[string]yaml.Node
	if line == 0 || yaml.Unmarshal(text, &k) != nil || len(k["resources"].Content) == 0 {
		return 0
	}
	for key := range k {
		if !slices.Contains([]string{"apiVersion", "kind", "metadata", "resources"}, key) {
			return 0
		}
	}
	return line
}

// Lister is where the kustomization in the folder of a file lists it as a resource. It is empty if none does.
func (f *Files) Lister(t *tree.Tree, name string) lint.Position { return f.entryOf(t, name).at }

// entryOf is the entry of a file in the kustomization beside it. It is empty if there is none.
func (f *Files) entryOf(t *tree.Tree, name string) entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := folder{t.Dir(), path.Dir(name)}
	entries, known := f.entries[id]
	if !known {
		entries = entriesIn(t, f.downloadsOf(t).module, id.name)
		if f.entries == nil {
			f.entries = map[folder]map[string]entry{}
		}
		f.entries[id] = entries
	}
	return entries[path.Base(name)]
}

// entriesIn reads the kustomization of a folder. What cannot be read has none: rendering it reports that.
func entriesIn(t *tree.Tree, module, dir string) map[string]entry {
	file, ok := kustomize.File(t, dir)
	if !ok {
		return nil
	}
	text, err := t.ReadFile(file)
	var k struct{ Resources []yaml.Node }
	if err != nil || yaml.Unmarshal(text, &k) != nil {
		return nil
	}
	lines := strings.Split(string(text), "\n")
	entries := map[string]entry{}
	var mark lint.Position
	if line := listsBuild(text); line > 0 {
		mark = lint.Position{File: t.Display(file), Line: line}
	}
	for _, r := range k.Resources {
		name := path.Clean(r.Value)
		if _, known := entries[name]; known || strings.Contains(name, "/") {
			continue
		}
		e := entry{at: lint.Position{File: t.Display(file), Line: r.Line}, generated: mark}
		if said, first := commentAt(lines, r.Line); saysCopied(t, module, said) {
			e.copied = lint.Position{File: e.at.File, Line: first}
		}
		entries[name] = e
	}
	return entries
}

// saysCopied reports whether a comment says from where another project's file was copied, and not that it was changed. module is
// the first line of go.mod.
func saysCopied(t *tree.Tree, module, text string) bool {
	m := saysFrom.FindStringSubmatch(text)
	if m == nil || isAdapted.MatchString(anyURL.ReplaceAllString(text, "")) {
		return false
	}
	of := repositoryIn.FindStringSubmatch(m[1])
	return of == nil || !isOwn(t, strings.ToLower(module), strings.TrimSuffix(of[1], ".git"))
}

// maxAbove is how many lines above an entry are read.
const maxAbove = 10

// commentAt is the comment behind a line and in the lines right above it, in lower case and without marks, and the first of the lines.
func commentAt(lines []string, line int) (text string, first int) {
	first = line
	if _, behind, ok := strings.Cut(lines[line-1], " #"); ok {
		text = behind
	}
	for above := line - 1; above > 0 && line-above <= maxAbove; above-- {
		comment, ok := strings.CutPrefix(strings.TrimSpace(lines[above-1]), "#")
		if !ok {
			break
		}
		text, first = strings.TrimLeft(comment, "# ")+" "+text, above
	}
	return strings.ToLower(text), first
}

// Holds reports whether a tree has a file with a name in any folder.
func (f *Files) Holds(t *tree.Tree, base string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.downloadsOf(t)
	if d.bases == nil {
		d.bases = discover.Bases(t)
	}
	return d.bases[base]
}
