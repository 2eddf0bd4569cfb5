package helmfile

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/tree"
)

// state is what a helmfile is in one of its environments.
type state struct {
	// environment is the name. It is empty if the helmfile has only one.
	environment string
	// data are what the templates of the environment know. isOpen is set if its values may have more keys.
	data   map[string]any
	isOpen bool
	// isKnown is set if the values are those of the environment.
	isKnown bool
	charts  map[string][]lint.Value // releases by the directory of a chart of the tree
	// namespaces counts all releases by the namespace that they name, total all of them.
	namespaces map[string]int
	total      int
	// patches are the files with which releases are patched, also those of charts that are not in the tree.
	patches map[string]bool
	// uninstalled are the charts of the tree that have a release with installed: false, which Helmfile uninstalls if it is there.
	uninstalled map[string]bool
	// isWhole is set if all charts of the tree that it may install are known.
	isWhole bool
	// includes are the helmfiles that it includes. includesUnknown is set if there are others that are not known.
	includes        []string
	includesUnknown bool
	// hasUnknownChart is set if it may have a release of which the chart is not known.
	hasUnknownChart bool
}

// defaultEnvironment is the environment of a helmfile for which a command names none.
const defaultEnvironment = "default"

// documents are the YAML documents of a helmfile with some data. isWhole is set if nothing of it may be missing.
func documents(text []byte, data map[string]any, isOpen bool) (docs []lint.Value, isWhole bool) {
	if bytes.Contains(text, []byte("{{")) {
		e, err := evaluate(text, data, isOpen)
		if err != nil {
			return nil, false
		}
		text, isWhole = []byte(e.out.String()), !e.hasUnsure
	} else {
		isWhole = true
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var root yaml.Node
		if err := d.Decode(&root); err != nil || !node.IsExpandable(&root) {
			return docs, isWhole && errors.Is(err, io.EOF) // what follows is not known
		}
		docs = append(docs, node.NewValue(&root))
	}
}

// environments are the names of the environments of a helmfile, that for which a command need not name it first.
func environments(docs []lint.Value) (names []string) {
	for _, doc := range docs {
		for name := range doc.Get("environments").Entries() {
			if !strings.Contains(name, "${") && !slices.Contains(names, name) && len(names) < maxEnvironments {
				names = append(names, name)
			}
		}
	}
	if i := slices.Index(names, defaultEnvironment); i > 0 {
		names = slices.Insert(slices.Delete(names, i, i+1), 0, defaultEnvironment)
	}
	if len(names) == 0 {
		return []string{defaultEnvironment}
	}
	return names
}

// states reads a helmfile in each of its environments. If the values of one are not known, it counts only if those of none are.
func states(t *tree.Tree, name string, text []byte) (l []*state) {
	docs, _ := documents(text, nil, true)
	for _, environment := range environments(docs) {
		s := &state{environment: environment, data: map[string]any{"Environment": map[string]any{"Name": environment}}}
		docs, _ := documents(text, s.data, true)
		s.readValues(t, path.Dir(name), docs)
		l = append(l, s)
	}
	if isKnown := func(s *state) bool { return s.isKnown }; slices.ContainsFunc(l, isKnown) {
		l = slices.DeleteFunc(l, func(s *state) bool { return !s.isKnown })
	} else {
		l = l[:1]
		l[0].data = nil
	}
	for _, s := range l {
		s.read(t, path.Dir(name), text)
	}
	return l
}

// readValues reads the values of the environment.
func (s *state) readValues(t *tree.Tree, dir string, docs []lint.Value) {
	values := map[string]any{}
	s.isKnown = true
	for _, doc := range docs {
		s.isOpen = s.isOpen || doc.Get("bases").IsSet()
		of := doc.Get("environments").Child(s.environment)
		s.isOpen = s.isOpen || of.Get("secrets").IsSet()
		handler := of.Get("missingFileHandler").Text()
		if handler == "" {
			handler = doc.Get("missingFileHandler").Text()
		}
		for _, list := range []lint.Value{doc.Get("values"), of.Get("values")} {
			s.isKnown = s.isKnown && list.IsKnown()
			for v := range list.Items() {
				more, ok := s.valuesOf(t, dir, v, values, handler)
				s.isKnown = s.isKnown && ok
				values = merged(values, more)
			}
		}
	}
	s.data["Values"], s.data["StateValues"] = values, values
}

// valuesOf are the values of one entry of those of an environment. ok is false if they are not known.
func (s *state) valuesOf(t *tree.Tree, dir string, v lint.Value, before map[string]any, handler string) (values map[string]any, ok bool) {
	if v.IsMap() {
		return decoded(v.Node)
	}
	name := path.Join(dir, v.Text())
	text, err := t.ReadFile(name)
	switch {
	case v.Text() == "" || len(text) > maxText:
		return nil, false
	case err != nil: // Git may ignore the file that a developer has
		return nil, !t.Exists(name) && slices.Contains([]string{"Warn", "Info", "Debug"}, handler)
	}
	if path.Ext(name) == ".gotmpl" {
		data := maps.Clone(s.data)
		data["Values"], data["StateValues"] = before, before
		e, err := evaluate(text, data, s.isOpen)
		if err != nil {
			return nil, false
		}
		s.isOpen = s.isOpen || e.hasUnsure
		text = []byte(e.out.String())
	}
	var root yaml.Node
	if yaml.Unmarshal(text, &root) != nil {
		return nil, false
	}
	if root.Kind == 0 {
		return nil, true
	}
	return decoded(&root)
}

// decoded is a mapping as templates see it. Texts with placeholders are unknown.
func decoded(n *yaml.Node) (map[string]any, bool) {
	if !node.IsExpandable(n) {
		return nil, false
	}
	var m map[string]any
	if n.Decode(&m) != nil {
		return nil, false
	}
	m, ok := withUnknown(m).(map[string]any)
	return m, ok
}

// withUnknown has unknown values in the place of texts with placeholders.
func withUnknown(v any) any {
	switch v := v.(type) {
	case string:
		if _, rest, has := strings.Cut(v, "${"); has {
			name, _, _ := strings.Cut(rest, "}")
			return unknown{name}
		}
	case []any:
		for i := range v {
			v[i] = withUnknown(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = withUnknown(v[key])
		}
	}
	return v
}

// merged is a map with another one over it.
func merged(under, over map[string]any) map[string]any {
	all := maps.Clone(under)
	for key, v := range over {
		a, isMap := all[key].(map[string]any)
		b, isOver := v.(map[string]any)
		if isMap && isOver {
			v = merged(a, b)
		}
		all[key] = v
	}
	return all
}

// read reads the releases.
func (s *state) read(t *tree.Tree, dir string, text []byte) {
	s.charts, s.uninstalled = map[string][]lint.Value{}, map[string]bool{}
	s.namespaces, s.patches = map[string]int{}, map[string]bool{}
	docs, isWhole := documents(text, s.data, s.isOpen)
	s.isWhole, s.hasUnknownChart = isWhole, !isWhole
	mayBeOff := off.Match(text)
	for _, doc := range docs {
		s.isWhole = s.isWhole && !doc.Get("helmfiles").IsSet() && !doc.Get("bases").IsSet()
		s.hasUnknownChart = s.hasUnknownChart || doc.Get("bases").IsSet()
		s.addIncluded(t, dir, doc)
		for of := range doc.Get("releases").Items() {
			if s.total++; s.total > maxReleases {
				s.isWhole, s.hasUnknownChart = false, true
				return
			}
			s.addPatches(dir, of)
			s.addRelease(t, dir, of, mayBeOff)
		}
	}
}

// addIncluded notes the helmfiles that a document includes: each is a path, or has one.
func (s *state) addIncluded(t *tree.Tree, dir string, doc lint.Value) {
	for of := range doc.Get("helmfiles").Items() {
		name := of.Text()
		if of.IsMap() {
			name = of.Get("path").Text()
		}
		if name = path.Join(dir, name); t.Exists(name) && !t.Exists(path.Join(name, names[0])) {
			s.includes = append(s.includes, name)
		} else {
			s.includesUnknown = true
		}
	}
}

// addRelease notes which chart of the tree a release installs, or does not. One that is not installed is no other release of its namespace. Off by a
// value, which somebody may set, it counts as installed: mayBeOff is set if the helmfile has installed: false as it is.
func (s *state) addRelease(t *tree.Tree, dir string, of lint.Value, mayBeOff bool) {
	chart, isOff := path.Join(dir, of.Get("chart").Text()), mayBeOff && of.Get("installed").Text() == "false"
	if !isOff {
		s.namespaces[of.Get("namespace").Text()]++
	}
	switch {
	case !of.Get("chart").IsKnown(), of.Get("chart").Text() == "": // none, or not known
		s.isWhole, s.hasUnknownChart = false, true
	case !t.Exists(path.Join(chart, "Chart.yaml")):
	case isOff:
		s.uninstalled[chart] = true
	default:
		s.charts[chart] = append(s.charts[chart], of)
	}
}

func (s *state) addPatches(dir string, release lint.Value) {
	for _, key := range []string{"strategicMergePatches", "jsonPatches", "transformers"} {
		for patch := range release.Get(key).Items() {
			if patch.Text() != "" { // else it is written there
				s.patches[path.Join(dir, patch.Text())] = true
			}
		}
	}
}
