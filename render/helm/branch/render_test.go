package branch

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/kubevet/kubevet/render/helm/trace"
)

// versions are the APIs of a cluster.
type versions []string

// Has is called by templates.
func (v versions) Has(api string) bool { return slices.Contains(v, api) }

// rendersWith reports whether a template prints x once the values of a solution are set.
func rendersWith(t *testing.T, text string, vals map[string]any, s Solution) bool {
	t.Helper()
	for _, set := range s.Set {
		vals = merged(vals, set.AsValues())
	}
	f := trace.Functions()
	f["include"], f["tpl"], f["required"] = func(string, any) string { return "" }, func(s string, _ any) string { return s }, trace.Required
	tm, err := template.New("a").Option("missingkey=zero").Funcs(f).Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err = tm.Execute(&out, map[string]any{
		"Values":       vals,
		"Capabilities": map[string]any{"APIVersions": versions(s.APIs)},
		"Release":      map[string]any{},
	})
	if err != nil {
		t.Errorf("%s: %v", text, err)
	}
	return strings.Contains(out.String(), "x")
}

// merged is a map with the entries of another one, at all levels.
func merged(a, b map[string]any) map[string]any {
	out := map[string]any{}
	maps.Copy(out, a)
	for k, v := range b {
		below, isMap := v.(map[string]any)
		if under, ok := out[k].(map[string]any); ok && isMap {
			v = merged(under, below)
		}
		out[k] = v
	}
	return out
}
