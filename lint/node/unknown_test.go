package node

import (
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Each text is judged in a field that holds a value, and in one that holds free text.
func TestIsKnown(t *testing.T) {
	for _, tt := range []struct {
		text        string
		value, free bool // whether it is known there
	}{
		{"true", true, true},
		{"registry.example.com/app:1.0@sha256:abc", true, true},
		{"25%", true, true},
		{"a_b", true, true},
		{"${X}", false, false},
		{"${X:=default}", false, false},
		{"${X:-8080}", false, false},
		{"${X/a/${Y}}", false, false},
		{"$REPLICAS", false, false},
		{"$request_uri", false, true},
		{"{{ x }}", false, false},
		{"{{ a }}{{ b }}", false, false},
		{"{% if x %}a{% endif %}", false, true},
		{"#{X}#", false, false},
		{"#{X}", false, false},
		{"__IMAGE__", false, false},
		{"__image__", false, false},
		{"_IMG_REPO_", false, false},
		{"<% x %>", false, false},
		{"<your-name>", false, false},
		{"<path:secret/data/app#image>", false, false},
		{"%X%", false, false},
		{"@image@", false, false},
		{"[[ image ]]", false, false},
		{"[[ .Version ]]", false, false},
		{"[[- .build.tag -]]", false, false},
		{"((app/image))", false, false},
		{"${{X}}", false, false},
		{"$(params.image)", false, false},
		{"ENC[AES256_GCM,data:Tg=,iv:1=,aad:No=,tag:k=,type:str]", false, false},
		{"ko://github.com/example/app", false, false},
		{"ref+vault://secret/app#/image", false, false},
		{"PLACEHOLDER", false, false},
		{"PLACEHOLDER_SERVICE_ACCOUNT", false, false},
		{"IMAGE-PLACEHOLDER", false, false},
		{"NamespacePlaceholder", false, false},
		{"aPlaceholder", true, true},
		{"Placeholder", true, true},
		{"placeholder", true, true},
		{"PLACEHOLDERS", true, true},
		{"the PLACEHOLDER", true, true},
		{"app:${TAG}", false, true},
		{"{{ image }}:{{ tag }}", false, true},
		{"app-$ENV", false, true},
		{"app-__ENV__", false, true},
		{"_IMG_REPO_/app:1.0", false, true},
		{"app-%ENV%", false, true},
		{"app:[[ .Version ]]", false, true},
		{"app-#{ENV}#", false, true},
		{"app-((env))", false, true},
		{"app:[[ tag ]]", false, true},
		{"app:@project.version@", false, true},
		{"registry.example.com/<PROJECT>/app", false, true},
		{"app-{env}", false, true},
		{"{self.path}", false, false},
		{"(@= data.values.name @)", false, false},
		{"app-(@= name @)", false, true},
		{"#@ data.values.name", false, false},
		{"(env('IMAGE'))", false, true},
		{"echo $HOME && ${CMD} {{ x }}", false, true},
		{"$${HOME}", false, true}, // kept by Flux as ${HOME}
		// What merely has such characters.
		{"^/api(/|$)(.*)", true, true},
		{"/$1/${2}", true, true},
		{"$.spec.replicas", true, true},
		{"{.items[0]}", true, true},
		{"a$", true, true},
		{"$", true, true},
		{"$$", true, true},
		{"50%a%", true, true},
		{"%2F%41", true, true},
		{"__a__b", true, true},
		{"_img_", true, true},
		{"_JAVA_OPTIONS", true, true},
		{"_IMG_REPOx", true, true},
		{"MY_IMG_/app", true, true},
		{"me@example.com", true, true},
		{"#anchor", true, true},
		{"[[:alpha:]]", true, true},
		{"[[ -f /x ]]", true, true},
		{"if [[ . -nt x ]]", true, true},
		{"a[[.]", true, true},
		{"((1 + 2))", true, true},
		{"ENC[", true, true},
		{"a@b.com", true, true},
		{"app@sha256:aa", true, true},
		{"a{3}", true, true},
		{"/(a|b)/{c,d}", true, true},
		{"#@", true, true},
		{"a < b > c", true, true},
		{"https://example.com", true, true},
		{"<<", true, true},
	} {
		item := &yaml.Node{Kind: yaml.ScalarNode, Value: tt.text, Style: yaml.DoubleQuotedStyle}
		for _, at := range []struct {
			path  string
			known bool
		}{
			{"spec.name", tt.value},
			{"spec.ports[0].name", tt.value},
			{"spec.containers[0].env[1].name", tt.value},
			{"spec.containers[0].env[1].value", tt.free},
			{"spec.containers[0].args[3]", tt.free},
			{"spec.containers[0].command[0]", tt.free},
			{`metadata.annotations["a.b/c"]`, tt.free},
			{"metadata.annotations.note", tt.free},
			{"data.text", tt.free},
			{`data["a.txt"]`, tt.free},
		} {
			v := Value{Node: item, path: valuePath{prefix: at.path}}
			if v.IsKnown() != at.known {
				t.Errorf("%q at %s: known is %t", tt.text, at.path, v.IsKnown())
			}
			want := ""
			if at.known {
				want = tt.text
			}
			if got := v.Text(); got != want {
				t.Errorf("%q at %s: text is %q", tt.text, at.path, got)
			}
		}
	}
}

func TestPartialText(t *testing.T) {
	for text, want := range map[string]string{
		"app:1.0":                      "app:1.0",
		"registry.example.com/a:${T}":  "registry.example.com/a:￼",
		"${REGISTRY}/app:1.0":          "￼/app:1.0",
		"{{ a }}-{{ b }}:latest":       "￼-￼:latest",
		"${IMAGE}":                     "￼",
		"ko://github.com/example/app":  "￼",
		"ENC[AES256_GCM,data:a,iv:b=]": "￼",
	} {
		v := Value{Node: &yaml.Node{Kind: yaml.ScalarNode, Value: text}, path: valuePath{prefix: "spec.image"}}
		if got := v.PartialText(); got != want {
			t.Errorf("PartialText(%q) = %q, want %q", text, got, want)
		}
	}
}

// What may contain an unknown value may hold anything; what lies beside it is known.
func TestUnknownParents(t *testing.T) {
	root := parseValue(t, `
spec:
  replicas: {{ n }}
  scalar: ${SPEC}
  jinja: {{ spec | to_yaml }}
  map: {known: 1, "${KEY}": 2}
  merged:
    <<: "{{ base }}"
    known: 1
  directive: {$patch: merge}
  list: [a, "${B}"]
  flow: [a, {{ b }}]
  levant: [[ .spec ]]
  matrix: [[a]]
  numbers: [[.5]]
  format: {self.path}
  formats: [a, {b}]
  ytt: {a: 1, _: "#@ template.replace(x)"}
  null: {a: null}
  empty: {a: ""}
  partial: [a, "b-${B}"]
  args: ["--known", "--name=${NAME}"]
  maps: [{name: "${A}"}, {name: b}]
  known: {a: {b: c}}
`)
	for path, want := range map[string]bool{
		"spec.replicas": false, "spec.replicas.any": false,
		"spec.scalar": false, "spec.scalar.a.b": false,
		"spec.jinja": false, "spec.jinja.a.b": false, "spec.jinja.spec": false,
		"spec.map": false, "spec.map.known": true, "spec.map.other": false, "spec.map.other.deeper": false,
		"spec.merged": false, "spec.merged.known": true, "spec.merged.other": false,
		"spec.directive": true, "spec.directive.other": true,
		"spec.levant": false, "spec.levant.a": false, "spec.matrix": true, "spec.numbers": true,
		"spec.format": false, "spec.format.any": false, "spec.formats": false, "spec.ytt": false, "spec.ytt.b": false,
		"spec.null": true, "spec.null.b": true, "spec.empty": true,
		"spec.list": false, "spec.flow": false, "spec.partial": false, "spec.args": true,
		"spec.maps": true, "spec.known": true, "spec.known.other": true, "spec.known.a.b.c": true, "none": true,
	} {
		if v := root.Get(path); v.IsKnown() != want {
			t.Errorf("%s: known is %t", path, v.IsKnown())
		}
	}
	jinja := root.Get("spec.jinja")
	if jinja.IsMap() || jinja.IsScalar() || !jinja.IsSet() || jinja.Len() != 0 {
		t.Error("{{ spec }} must be set, and neither a mapping nor a scalar")
	}
	if levant := root.Get("spec.levant"); levant.IsList() || levant.IsScalar() || !levant.IsSet() || levant.Len() != 0 {
		t.Error("[[ .spec ]] must be set, and neither a list nor a scalar")
	}
	if got := root.Get("spec.list").Strings(); !slices.Equal(got, []string{"a"}) {
		t.Errorf("Strings = %v", got)
	}
	if got := root.Get("spec.map").StringMap(); len(got) != 2 || got["known"] != "1" {
		t.Errorf("StringMap = %v", got)
	}
}

func TestMayHavePlaceholder(t *testing.T) {
	for text, want := range map[string]bool{
		"app": false, "a$": false, "a-$1": false, "a<b": false, "PROJECT_ID": false,
		"{{": true, "a{{ .b": true, "${0}": true, "$(A B)": true, "<a<b>": true, "${NAME}": true, "__NAME__": true,
	} {
		if got := MayHavePlaceholder(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
