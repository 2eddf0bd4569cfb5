package gitops

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// given are the values that objects may give to variables of Flux, by the name. One of which there are several, or that is not
// known, has the value unclear.
type given map[string]string

const unclear = "\x00"

func (g given) add(name, value string) {
	if old, ok := g[name]; ok && old != value || node.MayHavePlaceholder(value) || node.IsPlaceholder(value) {
		value = unclear
	}
	g[name] = value
}

// overrides reports whether the value of a variable may be another than its default.
func (g given) overrides(name, byDefault string) bool {
	value, ok := g[name]
	return ok && value != byDefault
}

// fluxPaths are the folders that a Kustomization may name, first the one that it names by the defaults of its variables:
// that of its source if it names none. The others differ from it in what the variables of the last step are. ok is
// false if the path has variables whose values are not known.
func fluxPaths(t *tree.Tree, file string, spec lint.Value, given func() given) (names []string, ok bool) {
	v := spec.Get("path")
	if name := v.Text(); name != "" || !v.IsScalar() || v.Node.Value == "" {
		return []string{cmp.Or(name, ".")}, true
	}
	raw := rawText(v)
	for _, m := range variablePattern.FindAllStringSubmatch(raw, -1) {
		if m[2] == "" || given().overrides(m[1], strings.TrimLeft(m[2], ":=-")) {
			return nil, false
		}
	}
	name := (&Substitution{}).expand(raw)
	if name == raw || node.MayHavePlaceholder(name) || node.HasPlaceholder(name) {
		return nil, false
	}
	return append([]string{name}, variants(t, file, raw, name)...), true
}

// maxVariants is how many folders are found that a path with variables may name.
const maxVariants = 20

// variants are the overlays that a path with variables in its last step may name, without the one that it names by the defaults.
func variants(t *tree.Tree, file, raw, name string) (l []string) {
	parent, last := path.Split(strings.TrimRight(raw, "/"))
	if strings.Contains(parent, "$") || strings.ContainsAny(variablePattern.ReplaceAllString(last, ""), `*?[\`) {
		return nil
	}
	pattern := variablePattern.ReplaceAllString(last, "*")
	dir, ok := dirOf(t, file, parent)
	if !ok || strings.Trim(pattern, "*") == "" {
		return nil
	}
	entries, _ := t.ReadDir(dir) // what cannot be listed is reported where it is searched for manifests
	for _, e := range entries {
		is, _ := path.Match(pattern, e.Name())
		if _, isOverlay := kustomize.File(t, path.Join(dir, e.Name())); is && isOverlay && e.Name() != path.Base(name) && len(l) < maxVariants {
			l = append(l, parent+e.Name())
		}
	}
	return l
}

// given are the values of all variables that objects of the search may give.
func (g *search) given() given {
	if g.variables == nil {
		g.variables = given{}
		for _, u := range g.units {
			for _, o := range u.Objects {
				g.variables.addObject(o)
			}
		}
	}
	return g.variables
}

// addObject adds the variables of a ConfigMap or Secret, or those to which a Kustomization gives values itself.
func (g given) addObject(o *lint.Object) {
	for key, v := range o.Root.Get("spec.postBuild.substitute").Entries() {
		g.add(key, rawText(v))
	}
	if o.Group() != "" {
		return
	}
	for _, field := range [...]string{"data", "stringData"} {
		for key := range o.Root.Get(field).Entries() {
			text, _, ok := dataOf(o, key)
			if !ok {
				text = unclear
			}
			g.add(key, text)
		}
	}
}

// keyLine matches a line of YAML that may give a variable its value.
var keyLine = regexp.MustCompile(`(?m)^[ \t]+["']?([A-Za-z_][A-Za-z0-9_]*)["']?:[ \t]*(.*?)[ \t\r]*$`)

// givenIn are the values that files may give to variables, for what is read before objects are known.
func givenIn(files []discover.File) given {
	const maxText = 1 << 20
	g := given{}
	for _, f := range files {
		text, err := f.Tree.ReadFile(f.Name)
		if err != nil || len(text) > maxText {
			continue
		}
		for _, m := range keyLine.FindAllSubmatch(text, -1) {
			g.add(string(m[1]), strings.Trim(string(m[2]), `"'`))
		}
	}
	return g
}

// given are the values of variables that the manifests may give.
func (t *Targets) given() given {
	if t.variables == nil {
		t.variables = givenIn(t.Manifests)
	}
	return t.variables
}

// fluxFolders has each of the folders that a Kustomization may name taken.
func (in *Installer) fluxFolders(spec lint.Value, take func(p string)) {
	names, known := fluxPaths(in.values.tree, in.name, spec, in.given)
	if !known {
		in.count("%s of paths that are not known, and what they install was not linted")
	}
	for _, p := range slices.Compact(names) {
		take(p)
	}
}
