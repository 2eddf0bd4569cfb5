package helm

import (
	"context"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint/node"

	"github.com/kubevet/kubevet/lint"
)

// TestPlaces checks which keys are named for scalars and absent fields that came through
// copies and texts, and which keys are reported as deciding.
func TestPlaces(t *testing.T) {
	const values = `-- Chart.yaml --
apiVersion: v2
name: demo
version: 0.1.0
appVersion: "7.1"
-- values.yaml --
pod: {net: true, zero: 0, one: 1, empty: {}}
image: {repository: r, tag: "", digest: null}
flag: false
mode: root
block: |
  # comment
  privileged: true
  user: {{ .Values.pod.one }}
base: {empty: {}, set: {}, own: {a: 1}}
set: {deep: {list: [X]}}
texts: {a: "one\ntwo: 2"}
`
	const merged = "{{ $v := mustMergeOverwrite (deepCopy .Values.base) (deepCopy (omit .Values \"base\")) }}{{ $_ := set . \"Values\" (deepCopy $v) }}{{ $v = .Values }}\n"
	for _, tt := range []struct{ name, template, path, want string }{
		{"copied", "{{ $v := deepCopy .Values }}\nx: {{ toYaml $v.pod | nindent 2 }}", "x.net", "values pod.net"},
		{"copied zero", "{{ $v := deepCopy .Values }}{{ range $k, $p := $v }}{{ if eq $k \"pod\" }}\nx: {{ toYaml $p | nindent 2 }}{{ end }}{{ end }}", "x.zero", "values pod.zero"},
		{"absent from a copy", "{{ $v := deepCopy .Values }}\nx: {{ dict \"a\" $v.pod | toYaml | nindent 2 }}", "x.a.new", "values pod.new"},
		{"absent from an empty copy", "{{ $v := deepCopy .Values }}\nx: {{ dict \"a\" $v.pod.empty | toYaml | nindent 2 }}", "x.a.new", "values pod.empty.new"},
		{"absent from an empty map in place of a default", "x: {{ default dict .Values.pod.empty | toYaml | nindent 2 }}", "x.new", "values pod.empty.new"},
		{"absent from a map in an empty one", "x:\n  y: {{ default dict .Values.pod.empty.y | toYaml | nindent 4 }}", "x.y.new", "values pod.empty.y.new"},
		{"absent from a map in an empty one in place of a default", "{{ define \"h\" }}{{ $r := default (dict) .r }}y: {{ default dict $r.y | toYaml | nindent 2 }}{{ end }}{{ $d := print \"r: \" (toYaml .Values.pod.empty) | fromYaml }}\nx:\n  {{- include \"h\" $d | nindent 2 }}", "x.y.new", "values pod.empty.y.new"},
		{"absent from a map in one that is not empty", "x:\n  y: {{ default dict .Values.pod.y | toYaml | nindent 4 }}", "x.y.new", "values pod.y.new"},
		{"absent from a map in a null", "x:\n  y: {{ default dict .Values.image.digest | toYaml | nindent 4 }}", "x.y.new", "values image.digest.new"},
		{"absent from a map of an absent key", "x:\n  y: {{ default dict (default dict .Values.absent).y | toYaml | nindent 4 }}", "x.y.new", "values absent.y.new"},
		{"absent from an empty map in place of one of two", "{{ $e := dict }}{{ $a := default $e .Values.pod.empty }}{{ $b := default $e .Values.base.empty }}\nx: {{ toYaml $a | nindent 2 }}", "x.new", "values pod.empty.new"},
		{"absent from an empty map that a variable has in place of nothing", "{{ $v := default .Values.absent .Values.pod.empty }}\nx: {{ toYaml $v | nindent 2 }}", "x.new", "values pod.empty.new"},
		{"absent from an empty map that ternary takes if it is not empty", "{{ $v := ternary .Values.pod.empty .Values.absent (not (empty .Values.pod.empty)) }}\nx: {{ toYaml $v | nindent 2 }}", "x.new", "values pod.empty.new"},
		{"absent from an empty map that ternary takes unless it is empty", "x: {{ ternary .Values.absent .Values.pod.empty (empty .Values.pod.empty) | toYaml | nindent 2 }}", "x.new", "values pod.empty.new"},
		{"absent from the map that ternary takes if another is empty", "{{ $v := ternary .Values.pod.empty .Values.base.own (not (empty .Values.pod.empty)) }}\nx: {{ toYaml $v | nindent 2 }}", "x.new", "values base.own.new"},
		{"absent from an empty map that ternary takes by another test", "{{ $v := ternary .Values.pod.empty .Values.absent (empty .Values.base.own) }}\nx: {{ toYaml $v | nindent 2 }}", "x.new", ""},
		{"absent block of an empty map that ternary takes if it is not empty", "{{ $v := ternary .Values.pod.empty .Values.absent (not (empty .Values.pod.empty)) }}\nx:\n  y: 1\n  {{- with $v }}\n  z:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}", "x.z.new", "values pod.empty.new"},
		{"text and back", "{{ $v := .Values | toYaml | fromYaml }}\nx: {{ $v.pod.net }}", "x", "values pod.net"},
		{"text and back, zero", "{{ $v := .Values | toJson | fromJson }}\nx: {{ toYaml $v.pod | nindent 2 }}", "x.zero", "values pod.zero"},
		{"absent from text and back", "{{ $v := .Values | toYaml | fromYaml }}\nx: {{ toYaml $v.pod | nindent 2 }}", "x.new", "values pod.new"},
		{"dict", "x: {{ dict \"a\" .Values.pod.net | toYaml | nindent 2 }}", "x.a", "values pod.net"},
		{"get", "x: {{ toYaml (get .Values.pod \"zero\") }}", "x", "values pod.zero"},
		{"helper", "{{ define \"h\" }}a: {{ .Values.pod.net }}{{ end }}\nx: {{ include \"h\" . | fromYaml | toYaml | nindent 2 }}", "x.a", "values pod.net"},
		{"not", "x: {{ not .Values.flag }}", "x", "decides flag=true"},
		{"eq", "x: {{ eq .Values.mode \"root\" }}", "x", "decides mode"},
		{"ne", "x: {{ ne .Values.mode \"user\" }}", "x", "decides mode=user"},
		{"ternary", "x: {{ ternary \"a\" \"b\" .Values.flag }}", "x", "decides flag=true"},
		{"ternary of an entry", "x: {{ index .Values.pod \"net\" | ternary \"a\" \"b\" }}", "x", "decides pod.net=false"},
		{"ternary of a field in parentheses", "x: {{ ternary \"a\" \"b\" (.Values.pod).net }}", "x", "decides pod.net=false"},
		{"if of a field in parentheses", "y: 1\n{{ if ((.Values).pod).net }}\nx: true\n{{ end }}", "x", "decides pod.net=false"},
		{"if of a plucked entry", "y: 1\n{{ if pluck \"net\" .Values.pod | first }}\nx: true\n{{ end }}", "x", "decides pod.net=false"},
		{"key that ternary does not take since another is not empty", "x: {{ .Values.image.repository }}:{{ ternary .Values.mode .Values.image.tag (not (empty .Values.mode)) }}", "x", "values image.repository, values mode"},
		{"empty key in place of which ternary takes another", "x: '{{ .Values.image.repository }}:{{ ternary .Values.mode .Values.image.tag (empty .Values.image.tag) }}'", "x", "values image.repository, values mode, decides image.tag"},
		{"computed", "x: {{ add .Values.pod.one 1 }}", "x", "decides pod.one"},
		{"if", "y: 1\n{{ if .Values.pod.net }}\nx: true\n{{ end }}", "x", "decides pod.net=false"},
		{"computed in if", "y: 1\n{{ if .Values.pod.net }}\nx: {{ dir .Values.mode }}\n{{ end }}", "x", "values mode, decides pod.net=false"},
		{"passed on in if", "y: 1\n{{ if .Values.pod.net }}\nx: {{ .Values.mode }}\n{{ end }}", "x", "values mode"},
		{"else", "y: 1\n{{ if .Values.flag }}\nx: 1\n{{ else }}\nx: true\n{{ end }}", "x", "decides flag=true"},
		{"if of what a template passes on", "{{ define \"isTrue\" }}{{ if typeIs \"bool\" . }}{{ . }}{{ else }}{{ template \"check\" . }}{{ default false . }}{{ end }}{{ end }}{{ define \"check\" }}{{ if gt (len (toString .)) 9 }}{{ fail \"no\" }}{{ end }}{{ end }}y: 1\n{{ if eq (include \"isTrue\" .Values.pod.net | trim) \"true\" }}\nx: true\n{{ end }}", "x", "decides pod.net=false"},
		{"if of what a template names", "{{ define \"mode\" }}{{ $m := default \"user\" .Values.mode }}{{ if not (has $m (list \"user\" \"root\")) }}{{ fail \"no\" }}{{ end }}{{ $m }}{{ end }}y: 1\n{{ if and .Values.pod.net (eq (include \"mode\" .) \"root\") }}\nx: true\n{{ end }}", "x", "decides pod.net=false, decides mode=user"},
		{"if of what a template names, of the root", "{{ define \"mode\" }}{{ .Values.mode | toString }}{{ end }}{{ with .Values.pod }}y: 1\n{{ if eq (include \"mode\" $) \"root\" }}\nx: true\n{{ end }}{{ end }}", "x", "decides mode"},
		{"if of a default in a template", "{{ define \"tag\" }}{{ default \"user\" .Values.image.tag }}{{ end }}y: 1\n{{ if eq (include \"tag\" .) \"user\" }}\nx: true\n{{ end }}", "x", "decides image.tag"},
		{"if not of a default in a template", "{{ define \"tag\" }}{{ default \"user\" .Values.image.tag }}{{ end }}y: 1\n{{ if ne (include \"tag\" .) \"root\" }}\nx: true\n{{ end }}", "x", "decides image.tag=root"},
		{"if of what a template prints at times", "{{ define \"mode\" }}{{ if .Values.flag }}{{ .Values.mode }}{{ end }}{{ end }}y: 1\n{{ if ne (include \"mode\" .) \"root\" }}\nx: true\n{{ end }}", "x", ""},
		{"if of one of two in a template", "{{ define \"mode\" }}{{ if .Values.flag }}{{ .Values.mode }}{{ else }}{{ .Values.image.tag }}{{ end }}{{ end }}y: 1\n{{ if ne (include \"mode\" .) \"root\" }}\nx: true\n{{ end }}", "x", ""},
		{"if in with", "y: 1\n{{ with .Values.pod }}{{ if .net }}\nx: true\n{{ end }}{{ end }}", "x", "decides pod.net=false"},
		{"if around an include", "{{ define \"h\" }}x: true{{ end }}\ny: 1\n{{ if .Values.pod.net }}\n{{ include \"h\" . }}\n{{ end }}", "x", "decides pod.net=false"},
		{"or", "y: 1\n{{ if or .Values.flag .Values.pod.net }}\nx: true\n{{ end }}", "x", "decides pod.net=false"},
		{"or of what is not known", "{{ $made := eq (len .Values.mode) 4 }}y: 1\n{{ if or .Values.flag (and .Values.pod.net .Values.flag) $made }}\nx: true\n{{ end }}", "x", ""},
		{"not both", "y: 1\n{{ if and .Values.flag .Values.pod.net }}\n{{ else }}\nx: true\n{{ end }}", "x", "decides flag=true"},
		{"neither", "y: 1\n{{ if or .Values.flag (eq .Values.mode \"user\") }}\n{{ else }}\nx: true\n{{ end }}", "x", "decides flag=true, decides mode=user"},
		{"empty key", "x: {{ .Values.image.repository }}:{{ .Values.image.tag | default \"latest\" }}", "x", "values image.repository, decides image.tag"},
		{"empty key of a default that is not taken", "x: {{ .Values.image.repository }}:{{ .Values.mode | default .Values.image.tag | default \"latest\" }}", "x", "values image.repository, values mode"},
		{"empty key of a default that is not taken, nested", "x: {{ .Values.image.repository }}:{{ default \"latest\" (default .Values.image.tag .Values.mode) }}", "x", "values image.repository, values mode"},
		{"empty keys of defaults that are taken", "x: {{ .Values.image.repository }}:{{ .Values.image.tag | default .Values.image.digest | default \"latest\" }}", "x", "values image.repository, decides image.tag, decides image.digest"},
		{"empty key after the first of some", "x: {{ .Values.image.repository }}:{{ coalesce .Values.mode .Values.image.tag }}", "x", "values image.repository, values mode"},
		{"empty key that ternary does not take", "x: {{ .Values.image.repository }}:{{ ternary .Values.mode .Values.image.tag .Values.pod.net }}", "x", "values image.repository, values mode"},
		{"empty key that ternary takes", "x: '{{ .Values.image.repository }}:{{ ternary .Values.image.tag .Values.mode .Values.pod.net | default \"latest\" }}'", "x", "values image.repository, decides image.tag, decides pod.net=false"},
		{"null key", "x: {{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ end }}:1", "x", "values image.repository, decides image.digest"},
		{"absent from a null key", "x: {{ toYaml .Values.image | nindent 2 }}", "x.digest.new", "values image.digest.new"},
		{"absent from a null key in text and back", "{{ $v := .Values | toYaml | fromYaml }}\nx:\n{{ toYaml $v.image | indent 2 }}", "x.digest.new", "values image.digest.new"},
		{"absent from a null", "x: {{ toYaml .Values.image.digest | nindent 2 }}", "x.new", "values image.digest.new"},
		{"absent from a null on the same line", "x: {{ toYaml .Values.image.digest }}", "x.new", "values image.digest.new"},
		{"absent from an absent key", "x:\n  {{- toYaml .Values.pod.absent | nindent 2 }}", "x.new", "values pod.absent.new"},
		{"absent from an absent key of a dict", "{{ define \"h\" }}{{ toYaml .pod.absent }}{{ end }}x: {{ include \"h\" (dict \"pod\" .Values.pod) | nindent 2 }}", "x.new", "values pod.absent.new"},
		{"absent from an absent key of the top level", "x: {{ toYaml .Values.absent | nindent 2 }}", "x.new", "values absent.new"},
		{"absent from a null in the template", "x:\n  y: {{ .Values.image.repository }}\n  digest: null", "x.digest.new", ""},
		{"absent block in with", "x:\n  y: 1\n  {{- with .Values.pod.empty }}\n  z:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}", "x.z", "values pod.empty"},
		{"absent block in if", "x:\n  y: 1\n  {{- if .Values.pod.empty }}\n  z: {{ toYaml .Values.pod.empty | nindent 4 }}\n  {{- end }}", "x.z", "values pod.empty"},
		{"absent block in with and a variable", "x:\n  y: 1\n  {{- with $e := .Values.pod.empty }}\n  z:\n    {{- toYaml $e | nindent 4 }}\n  {{- end }}", "x.z.new", "values pod.empty.new"},
		{"absent block in if and a variable", "x:\n  y: 1\n  {{- if $e := .Values.pod.empty }}\n  z:\n    {{- $e | toYaml | nindent 4 }}\n  {{- end }}", "x.z.new", "values pod.empty.new"},
		{"absent from an empty key in with and a variable", "x:\n  {{- with $e := .Values.pod.empty }}\n  {{- toYaml $e | nindent 2 }}\n  {{- end }}", "x.new", "values pod.empty.new"},
		{"absent block in with and a variable that is set again", "x:\n  y: 1\n  {{- with $e := .Values.pod.empty }}\n  z:\n    {{- $e = $.Values.image }}\n    {{- toYaml $e | nindent 4 }}\n  {{- end }}", "x.z.new", ""},
		{"absent block in with and another variable", "{{ $e2 := .Values.image }}x:\n  y: 1\n  {{- with $e := .Values.pod.empty }}\n  z:\n    {{- toYaml $e2 | nindent 4 }}\n  {{- end }}", "x.z.new", ""},
		{"absent block in with and a variable, below another dot", "x:\n  y: 1\n  {{- with $e := .Values.pod.empty }}\n  {{- with $.Values.image }}\n  z:\n    {{- toYaml $e | nindent 4 }}\n  {{- end }}\n  {{- end }}", "x.z.new", ""},
		{"absent from an empty key in with of one of two", "x:\n  {{- with or .Values.absent .Values.pod.empty }}\n  {{- toYaml . | nindent 2 }}\n  {{- end }}", "x.new", "values pod.empty.new"},
		{"absent from an empty key in if of one of two", "x:\n  {{- if or .Values.absent .Values.pod.empty }}\n  {{- toYaml (.Values.absent | default .Values.pod.empty) | nindent 2 }}\n  {{- end }}", "x.new", "values pod.empty.new"},
		{"absent from an empty key in if of another one, too", "x:\n  {{- if or .Values.base.empty .Values.pod.empty }}\n  {{- toYaml .Values.pod.empty | nindent 2 }}\n  {{- end }}", "x.new", "values pod.empty.new"},
		{"if in a with and a variable", "y: 1\n{{ with $p := .Values.pod }}{{ if $p.net }}\nx: true\n{{ end }}{{ end }}", "x", "decides pod.net=false"},
		{"absent block of the first of two", "{{ define \"h\" }}x:\n  y: 1\n  {{- if or .own.z .root.Values.pod.empty }}\n  z:\n    {{- toYaml (.own.z | default .root.Values.pod.empty) | nindent 4 }}\n  {{- end }}{{ end }}{{ include \"h\" (dict \"root\" $ \"own\" .Values.image) }}", "x.z.new", "values pod.empty.new"},
		{"absent block of the first of some", "x:\n  y: 1\n  {{- if or .Values.absent .Values.pod.empty }}\n  z: {{ coalesce .Values.absent .Values.pod.empty .Values.base.empty | toYaml | nindent 4 }}\n  {{- end }}", "x.z.new", "values pod.empty.new"},
		{"absent block in with of a field in parentheses", "x:\n  y: 1\n  {{- with (.Values.pod).empty }}\n  z:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}", "x.z", "values pod.empty"},
		{"absent block in if of a field in parentheses", "x:\n  y: 1\n  {{- if (.Values.pod).empty }}\n  z: {{ toYaml (.Values.pod).empty | nindent 4 }}\n  {{- end }}", "x.z", "values pod.empty"},
		{"absent block of an entry", "x:\n  y: 1\n  {{- if index .Values \"pod\" \"empty\" }}\n  z: {{ index .Values \"pod\" \"empty\" | toYaml | nindent 4 }}\n  {{- end }}", "x.z", "values pod.empty"},
		{"absent block of another key", "x:\n  y: 1\n  {{- if .Values.flag }}\n  z: {{- toYaml .Values.image | nindent 4 }}\n  {{- end }}", "x.z", "values flag=true"},
		{"absent block of another empty key", "x:\n  y: 1\n  {{- if .Values.flag }}\n  z: {{- toYaml .Values.image.digest | nindent 4 }}\n  {{- end }}", "x.z", ""},
		{"absent literal block", "x:\n  y: 1\n  {{- if .Values.flag }}\n  z:\n    a: 1\n  {{- end }}", "x.z", "values flag=true"},
		{"absent block of what a template passes on", "{{ define \"isTrue\" }}{{ if typeIs \"bool\" . }}{{ . }}{{ else }}{{ template \"check\" . }}{{ default false . }}{{ end }}{{ end }}{{ define \"check\" }}{{ if gt (len (toString .)) 9 }}{{ fail \"no\" }}{{ end }}{{ end }}x:\n  y: 1\n  {{- if eq (include \"isTrue\" .Values.flag) \"true\" }}\n  z:\n    a: 1\n  {{- end }}", "x.z", "values flag=true"},
		{"absent block of what a template computes", "{{ define \"isFalse\" }}{{ not . }}{{ end }}x:\n  y: 1\n  {{- if eq (include \"isFalse\" .Values.pod.net) \"true\" }}\n  z:\n    a: 1\n  {{- end }}", "x.z", ""},
		{"absent block in a helper that prints nothing", "{{ define \"h\" }}{{- if .Values.flag }}\nz:\n  a: 1\n{{- end }}{{ end }}x:\n  y: 1\n  {{- include \"h\" . | nindent 2 }}", "x.z", "values flag=true"},
		{"absent block in a helper that prints nothing, at another level", "{{ define \"h\" }}{{- if .Values.flag }}\nz:\n  a: 1\n{{- end }}{{ end }}x:\n  y: 1\n  {{- include \"h\" . | nindent 4 }}", "x.z", ""},
		{"off in an absent block", "{{ define \"isTrue\" }}{{ if typeIs \"bool\" . }}{{ . }}{{ else }}{{ template \"check\" . }}{{ default false . }}{{ end }}{{ end }}{{ define \"check\" }}{{ if gt (len (toString .)) 9 }}{{ fail \"no\" }}{{ end }}{{ end }}x:\n  y: 1\n  {{- if eq (include \"isTrue\" .Values.flag) \"true\" }}\n  z:\n    a: {{ include \"isTrue\" .Values.pod.net }}\n  {{- end }}", "x.z.a", "values pod.net, decides flag=true"},
		{"absent in an absent block", "x:\n  y: 1\n  {{- if .Values.flag }}\n  z:\n    a: {{ .Values.pod.new | default false }}\n  {{- end }}", "x.z.a", "values pod.new, decides flag=true"},
		{"absent list in if", "x:\n  y: 1\n  {{- if .Values.pod.empty }}\n  z:\n  {{- range .Values.pod.empty }}\n  - a: {{ .a }}\n  {{- end }}\n  {{- end }}", "x.z", "values pod.empty"},
		{"absent list in with", "x:\n  y: 1\n  {{- with .Values.pod.empty }}\n  z:\n    {{- range $i, $e := . }}\n    - {{ $e }}\n    {{- end }}\n  {{- end }}", "x.z", "values pod.empty"},
		{"absent from the elements of a list", "x:\n  y: 1\n  {{- if .Values.pod.empty }}\n  z:\n  {{- range .Values.pod.empty }}\n  - a: {{ .a }}\n  {{- end }}\n  {{- end }}", "x.z.b", ""},
		{"absent list of another key", "x:\n  y: 1\n  {{- if .Values.image.digest }}\n  z:\n  {{- range .Values.pod.empty }}\n  - a: {{ .a }}\n  {{- end }}\n  {{- end }}", "x.z", ""},
		{"absent block in with in if", "x:\n  y: 1\n  {{- if .Values.pod.empty }}\n  z:\n    {{- with .Values.pod.empty }}\n    {{- toYaml . | nindent 4 }}\n    {{- end }}\n  {{- end }}", "x.z.new", "values pod.empty.new"},
		{"absent block in one of two", "x:\n  y: 1\n  {{- if or .Values.pod.absent .Values.pod.empty }}\n  z:\n    {{- with .Values.pod.absent }}\n    {{- toYaml . | nindent 4 }}\n    {{- end }}\n    {{- if .Values.pod.empty }}\n    {{- toYaml .Values.pod.empty | nindent 4 }}\n    {{- end }}\n  {{- end }}", "x.z.new", "values pod.empty.new"},
		{"absent block of a variable", "x:\n  {{- range $k, $v := .Values }}\n  {{- if eq $k \"pod\" }}\n  y: 1\n  {{- if or $v.absent $v.empty }}\n  z:\n    {{- with $v.absent }}\n    {{- toYaml . | nindent 4 }}\n    {{- end }}\n    {{- with $v.empty }}\n    {{- toYaml . | nindent 4 }}\n    {{- end }}\n  {{- end }}\n  {{- end }}\n  {{- end }}", "x.z.new", "values pod.empty.new"},
		{"absent block of another value in if", "x:\n  y: 1\n  {{- if .Values.pod.empty }}\n  z:\n    {{- with .Values.block }}\n    {{- toYaml . | nindent 4 }}\n    {{- end }}\n  {{- end }}", "x.z.new", ""},
		{"absent from an empty key in with", "x:\n  {{- with .Values.pod.empty }}\n  {{- toYaml . | nindent 2 }}\n  {{- end }}", "x.new", "values pod.empty.new"},
		{"absent from an empty key in if", "x:\n  {{- if .Values.pod.empty }}\n  {{- toYaml .Values.pod.empty | nindent 2 }}\n  {{- end }}", "x.new", "values pod.empty.new"},
		{"absent from an empty key in if, or {}", "x: {{ if not .Values.pod.empty -}}{}{{- end }}\n  {{- if .Values.pod.empty }}\n  {{- toYaml .Values.pod.empty | nindent 2 }}\n  {{- end }}", "x.new", "values pod.empty.new"},
		{"absent from an empty key in with, else {}", "x: {{ with .Values.pod.empty }}{{ toYaml . | nindent 2 }}{{ else }}{}{{ end }}", "x.new", "values pod.empty.new"},
		{"absent from {} whatever the key is", "x: {}\n  {{- with .Values.pod.empty }}\n  {{- toYaml . | nindent 2 }}\n  {{- end }}", "x.new", ""},
		{"absent from {} of another key", "x: {{ if not .Values.flag }}{}{{ end }}\n  {{- with .Values.pod.empty }}\n  {{- toYaml . | nindent 2 }}\n  {{- end }}", "x.new", ""},
		{"absent beside an empty key", "x:\n{{- with .Values.pod.empty }}\n{{- toYaml . | nindent 0 }}\n{{- end }}", "x.new", ""},
		{"absent from an empty key with another value in if", "x:\n  {{- if .Values.flag }}\n  {{- toYaml .Values.pod.empty | nindent 2 }}\n  {{- end }}", "x.new", ""},
		{"name that is a part of the key", "x:\n{{- range $k, $v := .Values.pod }}\n  {{ $k }}Probe: {{ $v }}\n{{- end }}", "x.new", ""},
		{"name that is a part of the key, quoted", "x:\n{{- range $k, $v := .Values.pod }}\n  \"{{ $k }}\": {{ $v }}\n{{- end }}", "x.new", ""},
		{"absent from a merged copy", merged + "x: {{ toYaml $v.set | nindent 2 }}", "x.deep.new", "values set.deep.new"},
		{"in a merged copy", merged + "x: {{ toYaml $v.set | nindent 2 }}", "x.deep.list[0]", "values set.deep.list[0]"},
		{"absent from a merged copy, higher", merged + "x: {{ toYaml $v.set | nindent 2 }}", "x.new", "values set.new"},
		{"absent from a copy that was not merged", merged + "x: {{ toYaml $v.own | nindent 2 }}", "x.new", "values base.own.new"},
		{"absent block of a merged copy", merged + "x:\n  y: 1\n  {{- with $v.empty }}\n  z:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}", "x.z.new", "values base.empty.new"},
		{"absent block of a copy merged again", merged + "{{ $_ = mergeOverwrite $v (dict \"extra\" (list 1)) }}x:\n  y: 1\n  {{- with $v.empty }}\n  z:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}", "x.z.new", "values base.empty.new"},
		{"absent block of a copy of .Values merged again", merged + "{{ $_ = mergeOverwrite .Values (dict \"extra\" (list 1)) }}x:\n  y: 1\n  {{- with .Values.empty }}\n  z:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}", "x.z.new", "values base.empty.new"},
		{"absent block in a helper of a copy of .Values", "{{ define \"h\" }}" + merged + "{{ end }}{{ define \"g\" -}}\ny: 1\n{{- with .Values.empty }}\nz:\n  {{- toYaml . | nindent 2 }}\n{{- end }}{{ end }}{{ include \"h\" . }}\nx: {{ include \"g\" . | nindent 2 }}", "x.z.new", "values base.empty.new"},
		{"absent block below an empty line", "{{ define \"none\" }}{{ end }}x:\n  y: 1\n  {{- include \"none\" . | trim | nindent 2 }}\n  {{- with .Values.pod.empty }}\n  z:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}", "x.z.new", "values pod.empty.new"},
		{"absent block below an empty line of a helper", "{{ define \"none\" }}{{ end }}{{ define \"g\" -}}\ny: 1\n{{- include \"none\" . | trim | nindent 0 }}\n{{- with .Values.pod.empty }}\nz:\n  {{- toYaml . | nindent 2 }}\n{{- end }}{{ end }}\nx: {{ include \"g\" . | nindent 2 }}", "x.z.new", "values pod.empty.new"},
		{"absent block below an empty line of a helper of a helper", "{{ define \"none\" }}{{ end }}{{ define \"g\" -}}\ny: 1\n{{- include \"none\" . | trim | nindent 0 }}\n{{- with .Values.pod.empty }}\nz:\n  {{- toYaml . | nindent 2 }}\n{{- end }}{{ end }}{{ define \"w\" -}}\nv:\n  {{- include \"g\" . | nindent 2 }}\n  {{- with .Values.pod.none }}\n  a: 1\n  {{- end }}\n{{ end }}x: {{ include \"w\" . | nindent 2 }}", "x.v.z.new", "values pod.empty.new"},
		{"absent block of no key of a merged copy", merged + "x:\n  y: 1\n  {{- with $v.own.none }}\n  z:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}", "x.z.new", "values base.own.none.new"},
		{"absent block of no key of a copy without one", "{{ $v := omit .Values.base.own \"a\" }}x:\n  y: 1\n  {{- with $v.a }}\n  z:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}", "x.z.new", ""},
		{"text of a range", "x:\n{{- range $k, $t := .Values.texts }}\n  {{ $k }}: |-\n{{ $t | indent 4 }}\n{{- end }}", "x.a", "values texts.a"},
		{"text below more text", "x:\n  y: |-\n    zero\n{{ .Values.texts.a | indent 4 }}", "x.y", ""},
		{"appVersion", "x: {{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}", "x", "values image.repository, chart appVersion, decides image.tag"},
		{"whole objects", "{{ if .Values.pod.net }}\napiVersion: v1\nkind: ConfigMap\nx: true\n{{ end }}", "x", ""},
		{"block of text", "x:\n{{ tpl .Values.block . | indent 2 }}", "x.privileged", "values block"},
		{"absent from a block of text", "{{ tpl .Values.block . }}", "new", "values block"},
		{"value in a block of text", "x:\n{{ tpl .Values.block . | indent 2 }}", "x.user", "values pod.one"},
		{"absent beside a map with the name of its key, in text and back", "{{ define \"h\" }}a: 1\nempty: {{ toYaml .Values.base.empty }}{{ end }}\nx: {{ include \"h\" . | fromYaml | toYaml | nindent 2 }}", "x.new", ""},
		{"absent from a null in text and back", "{{ define \"h\" }}a: 1\nz: {{ toYaml .Values.pod.absent }}{{ end }}\nx: {{ include \"h\" . | fromYaml | toYaml | nindent 2 }}", "x.z.new", "values pod.absent.new"},
		{"absent from a null in a copy that was merged", "{{ define \"h\" }}a: 1\nz: {{ toYaml .Values.pod.absent }}{{ end }}\nx: {{ mergeOverwrite (include \"h\" . | fromYaml) (deepCopy .Values.base.set) | toJson | fromJson | toYaml | nindent 2 }}", "x.z.new", "values pod.absent.new"},
		{"encoded file", "x: {{ tpl (.Files.Get \"a.json\") . | b64enc }}\n-- a.json --\n{\"a\": 1,\n \"b\": \"{{ .Values.mode }}\"}\n", "x", "values mode"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, problems := writeChart(t, values+"-- templates/a.yaml --\n"+tt.template+"\n")
			if c == nil {
				t.Fatal(problems)
			}
			r := newRendering(context.Background(), c)
			r.render(&Scenario{})
			if len(r.files) != 1 {
				t.Fatal(r.out.Problems)
			}
			root := node.NewValue(r.files[0].documents[0].Node)
			o := r.files[0].Locate(get(root, tt.path))
			var got []string
			for _, s := range o.Trail {
				switch s.Kind {
				case lint.StepValues, lint.StepDecides, lint.StepChart:
					got = append(got, strings.TrimSuffix(string(s.Kind)+" "+s.Label+"="+s.Set, "="))
				default:
				}
			}
			if s := strings.Join(got, ", "); s != tt.want {
				t.Errorf("got %q, want %q\n%s", s, tt.want, r.files[0].text)
			}
			if tt.name == "block of text" && o.Trail[0].Position.Line != 7 {
				t.Errorf("the line in the block is %d", o.Trail[0].Position.Line)
			}
			if tt.name == "encoded file" && !strings.HasSuffix(o.File, "a.yaml") {
				t.Errorf("the place is %v", o.Position)
			}
		})
	}
}

// TestNestedFiles checks that the lines are known of files that are parsed, merged with values and printed several times, one within
// another.
func TestNestedFiles(t *testing.T) {
	c, problems := writeChart(t, `-- values.yaml --
merge: {}
-- templates/_load.tpl --
{{- define "patch" }}{{ pick (toJson . | fromJson) "doc" | toJson }}{{ end }}
{{- define "load" }}
{{- $doc := tpl (.ctx.Files.Get .file) .ctx | fromYaml }}
{{- $doc = mergeOverwrite $doc (deepCopy .merge) }}
{{- get (include "patch" (dict "doc" $doc) | fromJson) "doc" | toYaml }}
{{- end }}
-- templates/pod.yaml --
{{- include "load" (dict "file" "pod.yaml" "ctx" $ "merge" .Values.merge) }}
-- pod.yaml --
apiVersion: v1
kind: Pod
spec:
  {{ include "load" (dict "file" "spec.yaml" "ctx" $ "merge" .Values.merge) | nindent 2 }}
-- spec.yaml --
containers:
- {{ include "load" (dict "file" "container.yaml" "ctx" $ "merge" .Values.merge) | nindent 2 }}
-- container.yaml --
name: web
args: [a]
resources: {{ toYaml .Values.resources | nindent 2 }}
`)
	if c == nil {
		t.Fatal(problems)
	}
	r := newRendering(context.Background(), c)
	r.render(&Scenario{})
	if len(r.files) != 1 {
		t.Fatal(r.out.Problems)
	}
	container := node.NewValue(r.files[0].documents[0].Node).At("spec.containers[0]")
	for path, want := range map[string]string{"args": "container.yaml:2:1", "name": "container.yaml:1:7", "securityContext": "container.yaml:1:1", "resources": "container.yaml:3:1"} {
		if o := r.files[0].Locate(get(container, path)); !strings.HasPrefix(o.String(), "chart/"+want) {
			t.Errorf("%s: got %v, want %s\n%s", path, o, want, r.files[0].text)
		}
	}
}

// TestAddedEntry checks that what a template adds to a map of the values is at the action that prints the map, and what it merges with
// one at the action that asks for it.
func TestAddedEntry(t *testing.T) {
	c, problems := writeChart(t, `-- values.yaml --
context: {own: 1}
-- templates/_h.tpl --
{{- define "context" }}
{{- $_ := set . "added" 0 }}
{{- toYaml . }}
{{- end }}
{{- define "merged" }}
{{- $c := .of }}
{{- if .more }}{{ $c = merge (dict "added" (list "more")) $c }}{{ end }}
{{- toYaml $c }}
{{- end }}
-- templates/pod.yaml --
context:
  {{- include "context" .Values.context | nindent 2 }}
merged:
  {{- include "merged" (dict "of" .Values.context "more" true) | nindent 2 }}
`)
	if c == nil {
		t.Fatal(problems)
	}
	r := newRendering(context.Background(), c)
	r.render(&Scenario{})
	f := r.files[0]
	root := node.NewValue(f.documents[0].Node)
	for path, want := range map[string]string{"context.added": "chart/templates/_h.tpl:3", "merged.added[0]": "chart/templates/pod.yaml:4"} {
		if o := f.Locate(get(root, path)); !strings.HasPrefix(o.String(), want+":") {
			t.Errorf("%s: got %v, want %s", path, o, want)
		}
	}
}

// TestRange checks which values entry is the place of a part of a text that several keys make.
func TestRange(t *testing.T) {
	const values = `-- Chart.yaml --
apiVersion: v2
name: demo
version: 0.1.0
appVersion: "7.1"
-- values.yaml --
image:
  repository: r/i
  tag: "1.4"
  unset: ""
  nothing:
text: |
  - x: {{ .Values.image.repository }}:latest
tpl: {tag: "v{{ .Chart.Version }}", app: "{{ .Chart.AppVersion }}", all: "a/b:{{ .Values.image.tag }}-x"}
`
	for _, tt := range []struct {
		name, template, part, want string
	}{
		{"a key", "x: {{ .Values.image.repository }}:{{ .Values.image.tag }}", "1.4", "image.tag values.yaml:3:8"},
		{"a key in quotes", "x: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"", "1.4", "image.tag values.yaml:3:8"},
		{"a part of a key", "x: {{ .Values.image.repository }}:{{ .Values.image.tag }}", "r", "image.repository values.yaml:2:15"},
		{"a key of a function", "x: {{ printf \"%s:%s\" .Values.image.repository .Values.image.tag }}", "1.4", "image.tag values.yaml:3:8"},
		{"a default", "x: {{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}", "1.4", "image.tag values.yaml:3:8"},
		{"the default", "x: {{ .Values.image.repository }}:{{ .Values.image.unset | default .Chart.AppVersion }}", "7.1", "image.unset values.yaml:4:3"},
		{"a default of two", "x: {{ .Values.image.repository }}:{{ coalesce .Values.image.unset .Values.image.nothing .Chart.AppVersion }}", "7.1", ""},
		{"always the version of the chart", "x: {{ .Values.image.repository }}:{{ .Chart.AppVersion }}", "7.1", ""},
		{"an empty key", "x: \"{{ .Values.image.repository }}:{{ .Values.image.nothing }}\"", "", "image.nothing values.yaml:5:3"},
		{"an empty key that is not there", "x: \"{{ .Values.image.repository }}:{{ .Values.image.other }}\"", "", "image.other values.yaml:1:1"},
		{"text of the template", "x: {{ .Values.image.repository }}:1.4", "1.4", ""},
		{"text of a key", "{{ tpl .Values.text . }}", "latest", "text values.yaml:7:39"},
		{"a key that is a template", "x: {{ .Values.image.repository }}:{{ tpl .Values.tpl.tag . }}", "v0.1.0", "tpl.tag values.yaml:8:13"},
		{"a key that is a template of a helper", "{{ define \"h\" }}{{ tpl .name .root }}:{{ tpl .tag .root }}{{ end }}x: {{ include \"h\" (dict \"name\" .Values.image.repository \"tag\" .Values.tpl.tag \"root\" .) }}", "v0.1.0", "tpl.tag values.yaml:8:13"},
		{"a key that is the version of the chart", "x: {{ .Values.image.repository }}:{{ tpl .Values.tpl.app . }}", "7.1", "tpl.app values.yaml:8:42"},
		{"a key that is a template with a key", "x: {{ tpl .Values.tpl.all . }}", "1.4-x", "tpl.all values.yaml:8:102"},
		{"a key in a key that is a template", "x: {{ tpl .Values.tpl.all . }}", "1.4", "image.tag values.yaml:3:8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, problems := writeChart(t, values+"-- templates/a.yaml --\n"+tt.template+"\n")
			if c == nil {
				t.Fatal(problems)
			}
			r := newRendering(context.Background(), c)
			r.render(&Scenario{})
			if len(r.files) != 1 {
				t.Fatal(r.out.Problems)
			}
			v := node.NewValue(r.files[0].documents[0].Node)
			if v.IsList() {
				v = v.At("[0]")
			}
			v = v.Get("x")
			from := strings.LastIndex(v.Text(), ":") + 1
			if tt.part != "" {
				from = strings.Index(v.Text(), tt.part)
			}
			got := ""
			o := r.files[0].LocateRange(v, lint.Range{From: from, To: from + len(tt.part)})
			if e := o.Entry; e != nil {
				_, at, _ := strings.Cut(e.String(), "values.yaml")
				got = e.Key + " values.yaml" + at
				if !slices.ContainsFunc(o.Trail, func(s lint.Step) bool { return s.Label == e.Key }) {
					t.Errorf("the trail does not name the key: %v", o.Trail)
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q\n%s", got, tt.want, r.files[0].text)
			}
		})
	}
}

// TestPresetIsNoFix checks that no fix is printed that makes another rule report the object:
// without the preset there are no limits at all.
func TestPresetIsNoFix(t *testing.T) {
	requests := &lint.Rule{ID: "no-request-below-limit", Severity: lint.Low, Fix: "set both alike", Check: lint.PodOrContainerCheck{Of: lint.Containers, Check: func(p *lint.Pass, h lint.PodOrContainer) {
		if v := h.Get("resources.requests.memory"); v.IsSet() && v.Text() != h.Get("resources.limits.memory").Text() {
			p.Reportf(h, v, "requests less than its limit")
		}
	}}}
	limit := &lint.Rule{ID: "memory-limit", Severity: lint.Low, Fix: "set a limit", Check: lint.PodOrContainerCheck{Of: lint.Containers, Check: func(p *lint.Pass, h lint.PodOrContainer) {
		if v := h.Get("resources.limits.memory"); !v.IsSet() {
			p.Reportf(h, v, "has no limit")
		}
	}}}
	c, _ := writeChart(t, `-- values.yaml --
preset: nano
-- templates/a.yaml --
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - name: c
    {{- if ne .Values.preset "none" }}
    resources: {{ dict "requests" (dict "memory" (ternary "1Mi" "2Mi" (eq .Values.preset "nano"))) "limits" (dict "memory" "3Mi") | toYaml | nindent 6 }}
    {{- end }}
`)
	out := c.Render(context.Background(), Scenario{})
	for _, tt := range []struct {
		rules []*lint.Rule
		want  string
	}{{[]*lint.Rule{requests}, "set preset: none"}, {[]*lint.Rule{requests, limit}, "set both alike"}} {
		findings, problems := (&lint.Checker{Rules: tt.rules, Version: lint.Newest}).Check(out.Unit)
		if len(findings) != 1 || len(problems)+len(out.Problems) > 0 {
			t.Fatal(findings, problems, out.Problems)
		}
		if got := findings[0].Fix.Title; got != tt.want {
			t.Errorf("%d rules: got %q, want %q", len(tt.rules), got, tt.want)
		}
	}
}

// TestTriedFixes checks that a fix by a value that decides is printed only if it makes
// the finding go, and the chart still renders.
func TestTriedFixes(t *testing.T) {
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: c}]\n"
	rule := &lint.Rule{ID: "no-host-pid", Severity: lint.High, Fix: "remove hostPID", Check: lint.Field{Of: lint.KindPod, Path: "hostPID", Allow: []string{"false"}}}
	for _, tt := range []struct{ name, values, template, want string }{
		{"passed on", "a: true", "hostPID: {{ .Values.a }}", "set a: false"},
		{"not", "a: false", "hostPID: {{ not .Values.a }}", "set a: true"},
		{"if", "a: true", "{{ if .Values.a }}hostPID: true{{ end }}", "set a: false"},
		{"length", "a: [x]", "{{ if gt (len .Values.a) 0 }}hostPID: true{{ end }}", "remove hostPID"},
		{"ne", "a: x", "hostPID: {{ ne .Values.a \"none\" }}", "set a: none"},
		{"eq", "a: x", "hostPID: {{ eq .Values.a \"x\" }}", "remove hostPID"},
		{"another key decides too", "a: true\nb: true", "hostPID: {{ or .Values.a .Values.b true }}", "remove hostPID"},
		{"default", "a: true", "hostPID: {{ .Values.a | default true }}", "remove hostPID"},
		{"default in a variable", "a: true", "{{ $x := .Values.a | default true }}hostPID: {{ $x }}", "remove hostPID"},
		{"default that does no harm", "a: true", "hostPID: {{ .Values.a | default false }}", "set a: false"},
		{"default in a helper", "a: true", "hostPID: {{ include \"h\" . }}{{ define \"h\" }}{{ .Values.a | default true }}{{ end }}", "remove hostPID"},
		{"default given to a helper", "a: true", "hostPID: {{ include \"h\" (dict \"a\" (.Values.a | default true)) }}{{ define \"h\" }}{{ .a }}{{ end }}", "remove hostPID"},
		{"default given to a template", "a: true", "hostPID: {{ template \"h\" (dict \"a\" (.Values.a | default true)) }}{{ define \"h\" }}{{ .a }}{{ end }}", "remove hostPID"},
		{"default in with", "a: true", "{{ with .Values.a | default true }}hostPID: {{ . }}{{ end }}", "remove hostPID"},
		{"default in range", "a: true", "{{ range list (.Values.a | default true) }}hostPID: {{ . }}{{ end }}", "remove hostPID"},
		{"default false in a helper", "a: true", "hostPID: {{ include \"h\" . }}{{ define \"h\" }}{{ .Values.a | default false }}{{ end }}", "set a: false"},
		{"no effect", "a: true\nb: true", "hostPID: {{ or (not (not .Values.a)) (not (not .Values.b)) }}", "remove hostPID"},
		{"the chart fails", "a: true", "{{ if not .Values.a }}{{ fail \"no\" }}{{ end }}hostPID: {{ not (not .Values.a) }}", "remove hostPID"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := writeChart(t, "-- values.yaml --\n"+tt.values+"\n-- templates/a.yaml --\n"+pod+"  "+tt.template+"\n")
			out := c.Render(context.Background(), Scenario{})
			findings, problems := (&lint.Checker{Rules: []*lint.Rule{rule}, Version: lint.Newest}).Check(out.Unit)
			if len(findings) != 1 || len(problems)+len(out.Problems) > 0 {
				t.Fatal(findings, problems, out.Problems)
			}
			if got := findings[0].Fix.Title; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNamesKey(t *testing.T) {
	for text, want := range map[string]bool{
		"{{ .Values.image.sha }}": true, "{{ .sha}}": true, `{{ index . "sha" }}`: true, ".share and .sha": true,
		"{{ .Values.share }}": false, "{{ .sha256 }}": false, "sha": false, "": false,
	} {
		if got := namesKey(text, "sha"); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

// TestPlaceOfEncoded: what b64enc makes of several parts is where they are put together, and not where the first of them is made.
func TestPlaceOfEncoded(t *testing.T) {
	const helpers = "-- Chart.yaml --\napiVersion: v2\nname: demo\nversion: 0.1.0\n-- templates/_h.tpl --\n{{ define \"name\" }}{{ .Chart.Name }}{{ end }}\n{{ define \"other\" }}word{{ end }}\n{{ define \"both\" }}{{ include \"name\" . }}{{ include \"other\" . }}{{ end }}\n"
	for _, c := range []struct{ template, file string }{
		{`x: {{ include "name" . | b64enc | quote }}`, "_h.tpl:1"},
		{`x: {{ printf "%s-private" (include "name" .) | b64enc | quote }}`, "a.yaml:1"},
		{`x: {{ .Values.password | default (printf "%s-private" (include "name" .)) | b64enc }}`, "a.yaml:1"},
		{`x: {{ print (include "name" .) (include "other" .) | b64enc }}`, "a.yaml:1"},
		{`x: {{ include "both" . | b64enc }}`, "_h.tpl:3"},
	} {
		h, problems := writeChart(t, helpers+"-- templates/a.yaml --\n"+c.template+"\n")
		if h == nil {
			t.Fatal(problems)
		}
		r := newRendering(context.Background(), h)
		r.render(&Scenario{})
		o := r.files[0].Locate(get(node.NewValue(r.files[0].documents[0].Node), "x"))
		if got := path.Base(o.File) + ":" + strconv.Itoa(o.Line); got != c.file {
			t.Errorf("%s: %s; want %s\n%s", c.template, got, c.file, r.files[0].text)
		}
	}
}
