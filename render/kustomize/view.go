package kustomize

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"
	k8syaml "sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/kustomize/edit"
	"github.com/kubevet/kubevet/render/manifest"
)

// newKustomization is a kustomization before its content is known.
func newKustomization(s *source) *kustomization {
	return &kustomization{dir: path.Dir(s.name), source: s, patches: map[entry]*source{}, inline: map[entry]*source{}}
}

// kustomization gives kustomize its view of a kustomization: without the
// entries that would be fetched or run, and with inline patches on lines of
// their own. A file that needs no change is shown as it is.
func (f *files) kustomization(name string, data []byte) ([]byte, error) {
	k := newKustomization(f.newSource(name, data))
	k.node, _ = parseNode(k.source)
	f.kustomizations[k.dir] = k
	invalid := func(err error) {
		k.err = err
		f.invalid = append(f.invalid, k)
	}
	if err := f.parse(k.source); err != nil {
		invalid(err)
		return nil, err
	}
	view, changed, err := f.decode(k)
	if err != nil {
		invalid(err)
		return data, nil // kustomize says what is wrong with it
	}
	f.order = append(f.order, k)
	for _, d := range k.source.docs {
		f.problems = append(f.problems, k.source.text.Problems(manifest.Document{Duplicates: d.Duplicates})...)
	}
	f.findInline(k)
	refused := f.refuse(k)
	f.refused[name] = len(refused) > 0 || len(k.spec.HelmCharts)+len(k.spec.HelmChartInflationGenerator) > 0 || len(f.build.dropped) > 0
	for _, r := range k.refs() {
		if e := r.entry; !refused[e] && !f.build.dropped[e] {
			f.refer(k, r)
		}
	}
	shown := k.spec
	charts := f.renderCharts(k, refused)
	padded := f.padInline(k, &shown)
	drop := func(field string, i int) bool {
		e := entry{name, field, i}
		return refused[e] || f.build.dropped[e]
	}
	changes := len(refused) > 0
	for e := range f.build.dropped {
		changes = changes || e.file == name
	}
	if changes {
		without(&shown, drop)
		changed = true
	}
	shown.Resources = append(slices.Clip(shown.Resources), charts...)
	if len(shown.OpenAPI) > 0 && !f.build.ownSchema {
		f.wantsSchema = true
		return nil, errOwnSchema
	}
	if !changed && !padded && len(charts) == 0 {
		return data, nil
	}
	out, err := encode(shown)
	if err != nil {
		return view, nil //nolint:nilerr // kustomize says what is wrong with it
	}
	return out, nil
}

// findInline finds the patches and the configurations of plugins that are in the
// kustomization itself.
func (f *files) findInline(k *kustomization) {
	find := func(texts map[entry]*source, e entry, text string, keys ...any) *source {
		n := k.at(e, keys...)
		if text == "" || n == nil || n.Value != text {
			return nil
		}
		texts[e] = newInline(k.source, n)
		return texts[e]
	}
	for i, p := range k.spec.Patches {
		find(k.patches, entry{k.source.name, "patches", i}, p.Patch, "patch")
	}
	for i, p := range k.spec.PatchesStrategicMerge {
		if isInlinePatch(string(p)) {
			find(k.patches, entry{k.source.name, "patchesStrategicMerge", i}, string(p))
		}
	}
	for i, p := range k.spec.PatchesJson6902 {
		find(k.patches, entry{k.source.name, "patchesJson6902", i}, p.Patch, "patch")
	}
	for _, r := range k.refs() {
		if !r.inline {
			continue
		}
		if s := find(k.inline, r.entry, r.path); s != nil {
			s.patch = false
		} else {
			k.inline[r.entry] = &source{name: k.source.name, text: k.source.text, data: []byte(r.path), limits: k.source.limits, inline: &inline{entry: k.source.anyNode()}}
		}
	}
}

var unknownField = regexp.MustCompile(`json: unknown field "([^"]+)"`)

// decode reads a kustomization as kustomize does, but skips unknown
// fields, each of which is a problem. changed is set if there are any.
func (f *files) decode(k *kustomization) (view []byte, changed bool, err error) {
	err = k.spec.Unmarshal(k.source.data)
	if err == nil {
		return k.source.data, false, nil
	}
	j, jerr := k8syaml.YAMLToJSON(k.source.data)
	if jerr != nil {
		return nil, false, err
	}
	for range maxDropped {
		m := unknownField.FindStringSubmatch(err.Error())
		if m == nil {
			return nil, false, err
		}
		stripped, ok := stripField(j, m[1])
		if !ok {
			return nil, false, err
		}
		at := lint.Position{File: k.source.text.File}
		if n := findKey(k.node, m[1]); n != nil {
			at = k.source.text.LocateNode(n).Position
		}
		f.problem(lint.CodeInvalidKustomization, at, fmt.Sprintf("unknown field %q: kustomize refuses the file", m[1]),
			"correct the name or take the field out; the rest was built without it")
		j = stripped
		k.spec = types.Kustomization{}
		if err = k.spec.Unmarshal(j); err == nil {
			return j, true, nil
		}
	}
	return nil, false, err
}

// stripField takes a key out of every mapping of a JSON text.
func stripField(j []byte, key string) ([]byte, bool) {
	var v any
	d := json.NewDecoder(bytes.NewReader(j))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return nil, false
	}
	if !strip(v, key) {
		return nil, false
	}
	out, err := json.Marshal(v)
	return out, err == nil
}

// strip takes the first key out of the outermost mappings that hold it.
func strip(v any, key string) bool {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v[key]; ok {
			delete(v, key)
			return true
		}
		found := false
		for _, c := range v {
			found = strip(c, key) || found
		}
		return found
	case []any:
		found := false
		for _, c := range v {
			found = strip(c, key) || found
		}
		return found
	}
	return false
}

// findKey is the first key of a name, nearest to the root.
func findKey(n *yaml.Node, key string) *yaml.Node {
	if k, _ := node.Get(n, key); k != nil {
		return k
	}
	if n == nil {
		return nil
	}
	for _, c := range n.Content {
		if k := findKey(node.Deref(c), key); k != nil {
			return k
		}
	}
	return nil
}

// encode writes a kustomization. One without entries keeps an empty list, for
// kustomize refuses an empty one.
func encode(s types.Kustomization) ([]byte, error) {
	out, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	if len(s.Resources) == 0 {
		sep := ","
		if bytes.Equal(out, []byte("{}")) {
			sep = ""
		}
		out = append([]byte(`{"resources":[]`+sep), out[1:]...)
	}
	return out, nil
}

// padInline gives patches that are in the kustomization lines of their own.
func (f *files) padInline(k *kustomization, shown *types.Kustomization) (changed bool) {
	pad := func(field string, i int) (string, bool) {
		s := k.patches[entry{k.source.name, field, i}]
		if s == nil {
			return "", false
		}
		shown, ok := s.shown()
		if !ok || s.broken || len(s.objects) == 0 || node.Text(s.objects[0], "kind") == "" {
			return "", false // JSON 6902: no objects
		}
		// The separator keeps kustomize from trimming the blank lines.
		own := f.lines.add(s)
		padded, ok := edit.Pad(shown, own.start, &f.padding)
		switch {
		case !ok:
			return "", false
		case bytes.HasPrefix(padded, []byte("---")) || len(padded) == 0 || padded[0] != '\n':
			return string(padded), true
		}
		return "---\n" + string(padded[1:]), true
	}
	shown.Patches = append([]types.Patch(nil), shown.Patches...)
	for i := range shown.Patches {
		if p, ok := pad("patches", i); ok {
			shown.Patches[i].Patch, changed = p, true
		}
	}
	shown.PatchesStrategicMerge = append([]types.PatchStrategicMerge(nil), shown.PatchesStrategicMerge...)
	for i := range shown.PatchesStrategicMerge {
		if p, ok := pad("patchesStrategicMerge", i); ok {
			shown.PatchesStrategicMerge[i], changed = types.PatchStrategicMerge(p), true
		}
	}
	return changed
}

// position is that of a node of the kustomization, or of the file.
func (k *kustomization) position(n *yaml.Node) lint.Position {
	if n = firstScalar(n); n == nil || n.Line == 0 {
		return lint.Position{File: k.source.text.File}
	}
	return k.source.text.LocateNode(n).Position
}
