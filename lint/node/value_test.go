package node

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func parseValue(t *testing.T, text string) Value {
	t.Helper()
	return NewValue(parse(t, text))
}

const sample = `
base: &base
  inherited: 1
  overridden: base
spec:
  <<: *base
  overridden: own
  empty:
  tilde: ~
  quotedNull: "null"
  alias: *base
  list: [a, null, {k: v}]
  annotations: {a.b/c: dotted}
  twice: first
  twice: last
`

func TestValueGet(t *testing.T) {
	root := parseValue(t, strings.Replace(sample, "  twice: first\n", "", 1))
	for path, want := range map[string]string{
		"spec.overridden":      "own",
		"spec.inherited":       "1",
		"spec.alias.inherited": "1",
		"spec.quotedNull":      "null",
		"spec.twice":           "last",
	} {
		if got := root.Get(path); got.Text() != want || got.Path() != path {
			t.Errorf("Get(%s) = %q at %q, want %q", path, got.Text(), got.Path(), want)
		}
	}
	if v := root.Get("spec.annotations").Child("a.b/c"); v.Text() != "dotted" || v.Path() != `spec.annotations["a.b/c"]` {
		t.Errorf("Child = %q at %s", v.Text(), v.Path())
	}
}

// An absent value knows its nearest ancestor, and what is missing below it.
func TestValueAbsent(t *testing.T) {
	root := parseValue(t, strings.Replace(sample, "  twice: first\n", "", 1))
	for path, want := range map[string]string{
		"spec.none":            "spec none",
		"spec.none.deeper":     "spec none.deeper",
		"spec.empty":           "empty ",
		"spec.tilde.x":         "tilde x",
		"spec.overridden.x":    "overridden x", // a scalar has no fields
		"spec.list.x":          "list x",
		"none":                 "base none", // a document without key is at its first
		"spec.annotations.a.b": "annotations a.b",
	} {
		v := root.Get(path)
		near, missing := v.Anchor()
		if v.IsSet() || v.Path() != path {
			t.Errorf("Get(%s): set %t, path %s", path, v.IsSet(), v.Path())
		}
		name := near.Value
		if near.Kind == yaml.MappingNode {
			name = near.Content[0].Value
		}
		if got := name + " " + missing; got != want {
			t.Errorf("Get(%s) is near %q, want %q", path, got, want)
		}
	}
}

func TestValueText(t *testing.T) {
	for text, want := range map[string]string{
		"yes": "true", "On": "true", "NO": "false", "off": "false", "true": "true", `"yes"`: "yes", "'no'": "no",
		"maybe": "maybe", "1": "1", "|-\n  on": "on",
	} {
		if got := parseValue(t, "v: "+text).Get("v").Text(); got != want {
			t.Errorf("Text of %s = %q, want %q", text, got, want)
		}
	}
}

func TestValueInt(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "8080": 8080, "-1": -1, "0x10": 16, "1e3": 1000, "3.0": 3} {
		if got, ok := parseValue(t, "v: "+text).Get("v").Int(); !ok || got != want {
			t.Errorf("Int of %s = %d, %t; want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"x", "1.5", "[]", "~", "http"} {
		if got, ok := parseValue(t, "v: "+text).Get("v").Int(); ok {
			t.Errorf("Int of %s = %d, want none", text, got)
		}
	}
}

func TestValueItemsAndEntries(t *testing.T) {
	root := parseValue(t, sample)
	var items []string
	for v := range root.Get("spec.list").Items() {
		items = append(items, v.Path())
	}
	if want := []string{"spec.list[0]", "spec.list[2]"}; !slices.Equal(items, want) {
		t.Errorf("items = %v, want %v: null is no element", items, want)
	}
	var entries []string
	for k, v := range root.Get("spec").Entries() {
		entries = append(entries, fmt.Sprintf("%s=%s", k, v.Text()))
	}
	want := "overridden=own empty= tilde= quotedNull=null alias= list= annotations= twice=last inherited=1"
	if got := strings.Join(entries, " "); got != want {
		t.Errorf("entries = %s\nwant      %s", got, want)
	}
}

func TestValueItem(t *testing.T) {
	list := parseValue(t, sample).Get("spec.list")
	for i, want := range map[int]string{0: "a", 1: "", 2: "", 3: "", -1: ""} {
		v := list.Item(i)
		if v.Text() != want || v.Path() != fmt.Sprintf("spec.list[%d]", i) || v.IsSet() != (i == 0 || i == 2) {
			t.Errorf("Item(%d) = %q at %s, set %t", i, v.Text(), v.Path(), v.IsSet())
		}
	}
	if v := list.Item(2).Get("k"); v.Text() != "v" || v.Path() != "spec.list[2].k" {
		t.Errorf("k = %q at %s", v.Text(), v.Path())
	}
	if v := parseValue(t, sample).Get("none").Item(1).Get("x"); v.IsSet() || v.Path() != "none[1].x" {
		t.Errorf("path of an absent item is %s", v.Path())
	}
}

// A path is the same however many steps lead there, and so is the part that is missing.
func TestValuePath(t *testing.T) {
	root := parseValue(t, `{a: {b: [{"c.d": {e: {f: {g: 1}}}, n: null}]}}`)
	long := root.Get("a").Get("b").Item(0).Child("c.d").Get("e").Child("f").Get("g")
	if long.Path() != `a.b[0]["c.d"].e.f.g` || long.Text() != "1" {
		t.Errorf("%s is %q", long.Path(), long.Text())
	}
	item := root.Get("a.b").Item(0)
	for _, tt := range []struct {
		v             Value
		path, missing string
	}{
		{item.Get("x.y"), "a.b[0].x.y", "x.y"},
		{item.Get("x").Get("y").Child("z.z").Item(2).Get("w"), `a.b[0].x.y["z.z"][2].w`, `x.y["z.z"][2].w`},
		{item.Child("x.y"), `a.b[0]["x.y"]`, `["x.y"]`},
		{item.Child("ä\t"), "a.b[0].ä\t", "ä\t"},
		{item.Child("ä."), `a.b[0]["ä."]`, `["ä."]`},
		{item.Child(""), `a.b[0][""]`, `[""]`},
		{item.Get("n"), "a.b[0].n", ""},
		{item.Get("n.x.y"), "a.b[0].n.x.y", "x.y"},
		{item.Get("n").Item(0), "a.b[0].n[0]", "[0]"},
		{item.Child("c.d").Get("e.f.h"), `a.b[0]["c.d"].e.f.h`, "h"},
		{root.Get("a.b").Item(12345).Get("x"), "a.b[12345].x", "[12345].x"},
	} {
		_, missing := tt.v.Anchor()
		if tt.v.Path() != tt.path || missing != tt.missing {
			t.Errorf("path %s, missing %s; want %s, %s", tt.v.Path(), missing, tt.path, tt.missing)
		}
	}
	container := item.Compact()
	if got := testing.AllocsPerRun(10, func() { container.Get("c.d").Child("x.y").Get("z") }); got != 0 {
		t.Errorf("a look-up allocates %v times", got)
	}
}

func TestStablePath(t *testing.T) {
	root := parseValue(t, `
apiVersion: v1
kind: Pod
metadata: {name: a, annotations: {"a.b/c[0]": x}}
spec:
  volumes: [{name: v, projected: {sources: [{secret: {name: s}}, {}]}}]
  containers:
  - name: app
    args: [--password=hunter2]
    ports: [{containerPort: 80}, {name: web, containerPort: 81}]
    env: [{name: A, value: x}, null, {value: y}]
    securityContext: {capabilities: {add: [SYS_ADMIN], drop: [ALL]}}
`)
	const app = "spec.containers[app]."
	for _, c := range [][2]string{
		{"", ""},
		{"spec.volumes[0].projected", "spec.volumes[v].projected"},
		{"spec.volumes[0].projected.sources[0].secret.name", "spec.volumes[v].projected.sources[0].secret.name"},
		{"spec.containers[0].env[0].name", app + "env[A].name"},
		{"spec.containers[0].env[1]", app + "env[1]"},
		{"spec.containers[0].env[2].name", app + "env[2].name"},
		{"spec.containers[0].env[9].x[1]", app + "env[9].x[1]"},
		{"spec.containers[0].args[0]", app + "args[0]"},
		{"spec.containers[0].ports[0]", app + "ports[80]"},
		{"spec.containers[0].ports[1].x", app + "ports[web].x"},
		{"spec.containers[0].securityContext.capabilities.add[0]", app + "securityContext.capabilities.add[SYS_ADMIN]"},
		{"spec.containers[0].securityContext.capabilities.drop[0]", app + "securityContext.capabilities.drop[ALL]"},
		{`metadata.annotations["a.b/c[0]"]`, `metadata.annotations["a.b/c[0]"]`},
		{"no.such[3].path", "no.such[3].path"},
	} {
		path, want := c[0], c[1]
		if got := root.StablePath(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
