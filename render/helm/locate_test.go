package helm

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// renderWeb renders the chart web of testdata.
func renderWeb(t *testing.T, s Scenario) *lint.Rendered {
	t.Helper()
	c, problems := loadChart(t, "testdata/charts/web")
	if c == nil || len(problems) > 0 {
		t.Fatal(problems)
	}
	out := c.Render(context.Background(), s)
	for _, p := range out.Problems {
		t.Error(p.Error())
	}
	return out
}

func object(t *testing.T, u *lint.Unit, kind, name string) *lint.Object {
	t.Helper()
	for _, o := range u.Objects {
		if o.Kind == kind && o.Name == name {
			return o
		}
	}
	t.Fatalf("there is no %s/%s", kind, name)
	return nil
}

var listIndex = regexp.MustCompile(`^(.*)\[(\d+)\]$`)

// get follows a path with indexes: containers[0].image.
func get(v lint.Value, path string) lint.Value {
	for step := range strings.SplitSeq(path, ".") {
		m := listIndex.FindStringSubmatch(step)
		if m == nil {
			v = v.Get(step)
			continue
		}
		v = v.Get(m[1])
		want, _ := strconv.Atoi(m[2])
		i := 0
		for c := range v.Items() {
			if i == want {
				v = c
				break
			}
			i++
		}
	}
	return v
}

// show writes an origin as the tests expect it: short, without the folder.
func show(o lint.Origin) string {
	short := func(p lint.Position) string {
		p.File = strings.TrimPrefix(p.File, "testdata/charts/")
		return p.String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s-%d %s", short(o.Position), o.EndColumn, o.Precision)
	for _, step := range o.Trail {
		if step.Kind == lint.StepRendered {
			continue
		}
		fmt.Fprintf(&b, " | %s %s", step.Kind, step.Label)
		if step.Set != "" {
			b.WriteString("=" + step.Set)
		}
		if p := short(step.Position); p != "" {
			b.WriteString(" " + p)
		}
	}
	return b.String()
}

func TestLocate(t *testing.T) {
	u := renderWeb(t, Scenario{}).Unit
	const (
		pod  = "spec.template.spec."
		main = "web/templates/deployment.yaml"
	)
	tests := []struct{ kind, name, path, want string }{
		{"Deployment", "web-web", "kind", main + ":2:7-17 exact"},
		{"Deployment", "web-web", "metadata.name", "web/templates/_helpers.tpl:2:1-38 exact | include web.name " + main + ":4:9"},
		{"Deployment", "web-web", "spec.replicas", main + ":10:13-35 exact | values replicas web/values.yaml:6:1"},
		{"Deployment", "web-web", pod + "hostNetwork", main + ":17:20-45 exact | values hostNetwork web/values.yaml:18:1"},
		{"Deployment", "web-web", pod + "automountServiceAccountToken", main + ":18:37-75 exact | values serviceAccount.automount web/values.yaml:40:3"},
		// a field that is absent in a block of values
		{"Deployment", "web-web", pod + "securityContext.runAsNonRoot", main + ":19:7-22 exact | values podSecurityContext.runAsNonRoot web/values.yaml:7:1"},
		{"Deployment", "web-web", pod + "containers[0].securityContext.runAsUser", main + ":24:11-26 exact | values securityContext.runAsUser web/values.yaml:8:1"},
		{"Deployment", "web-web", pod + "containers[0].resources.limits.cpu", main + ":28:13-41 block | values resources.limits.cpu web/values.yaml:14:5"},
		{"Deployment", "web-web", pod + "containers[0].resources.requests", main + ":27:11-20 exact | values resources.requests web/values.yaml:12:1"},
		{"Deployment", "web-web", pod + "containers[0].resources.limits.storage", main + ":28:13-41 block | values resources.limits.storage web/values.yaml:13:3"},
		{"Deployment", "web-web", pod + "containers[0].securityContext.runAsNonRoot", main + ":25:13-63 block | values securityContext.runAsNonRoot web/values.yaml:9:3"},
		// text made of several values
		{"Deployment", "web-web", pod + "containers[0].image", "web/templates/_helpers.tpl:12:1-80 exact | values global.registry web/values.yaml:2:3 | values image.repository web/values.yaml:4:3 | chart appVersion web/Chart.yaml:4 | include web.image " + main + ":23:19"},
		// values through range
		{"Deployment", "web-web", pod + "containers[0].ports[1].containerPort", main + ":33:30-43 exact | values hosts[1].port web/values.yaml:31:5"},
		{"Deployment", "web-web", pod + "containers[0].env[0].value", main + ":39:22-44 exact | values env.GREETING web/values.yaml:21:3"},
		// absent from an element of a list: at its first key, whatever prints the value
		{"Deployment", "web-web", pod + "containers[0].env[0].valueFrom", main + ":38:15-19 exact"},
		// a helper of the chart, and one of a library
		{"Deployment", "web-web", pod + "containers[1].securityContext.allowPrivilegeEscalation", "web/templates/_helpers.tpl:16:27-31 exact | include web.containerSecurity " + main + ":44:13"},
		{"Deployment", "web-web", pod + "containers[1].image", main + ":42:18-76 exact | values global.registry web/values.yaml:2:3 | template lib.image web/charts/lib/templates/_image.tpl:2:1"},
		// whole containers of values
		{"Deployment", "web-web", pod + "containers[2].securityContext.privileged", main + ":46:9-36 block | values extraContainers[0].securityContext.privileged web/values.yaml:26:7"},
		{"Deployment", "web-web", pod + "containers[2].resources.limits", main + ":46:9-36 block | values extraContainers[0].resources.limits web/values.yaml:23:5"},
		// files, variables, CRLF
		{"ConfigMap", "web-web-config", "data.shared", "web/templates/configmap.yaml:10:11-59 exact | values imported.greeting web/charts/cache/values.yaml:4:3"},
		{"Job", "web-migrate", pod + "containers[0].securityContext.privileged", "web/templates/job.yaml:15:41-58 exact | values serviceAccount.create web/values.yaml:39:3"},
		{"Service", "web-crlf", "spec.type", "web/templates/service.yaml:6:9-17 exact"},
		// subcharts
		{"Pod", "web-cache", "spec.containers[0].image", "web/charts/cache/templates/pod.yaml:8:14-63 exact | values global.registry web/values.yaml:2:3 | values cache.image web/charts/cache/values.yaml:2:1"},
		{"Pod", "web-sessions", "spec.containers[0].args[1]", "web/charts/cache/templates/pod.yaml:9:20-40 exact | values sessions.size web/charts/cache/values.yaml:1:1"},
		{"Pod", "web-cache", "spec.containers[0].args[1]", "web/charts/cache/templates/pod.yaml:9:20-40 exact | values cache.size web/values.yaml:34:3"},
		// what an if or with left out
		{"ServiceAccount", "web-web", "metadata.annotations.x", "web/templates/policy.yaml:13:1-9 exact | values serviceAccount.annotations.x web/values.yaml:38:1"},
		{"CustomResourceDefinition", "widgets.example.com", "spec.group", "web/crds/widgets.yaml:6:10-21 exact"},
	}
	for _, tt := range tests {
		o := object(t, u, tt.kind, tt.name)
		if got := show(o.Locate(get(o.Root, tt.path))); got != tt.want {
			t.Errorf("%s %s:\n got %s\nwant %s", tt.kind, tt.path, got, tt.want)
		}
	}
}

// TestLocateDisabled checks the keys of the if or with that left out an absent field.
func TestLocateDisabled(t *testing.T) {
	c, problems := loadChart(t, "testdata/charts/gates")
	if c == nil || len(problems) > 0 {
		t.Fatal(problems)
	}
	u := c.Render(context.Background(), Scenario{}).Unit
	pod := object(t, u, "Pod", "gates")
	tests := []struct{ path, want string }{
		// with: the key itself takes the field
		{"spec.securityContext.runAsNonRoot", "values pod.securityContext.runAsNonRoot gates/values.yaml:6:3"},
		// if on a boolean, and the block has the field in values
		{"spec.containers[0].securityContext.runAsNonRoot", "values securityContext.enabled=true gates/values.yaml:2:3"},
		// the block has not: the key is to be set, and the one that enables the block
		{"spec.containers[0].securityContext.privileged", "values securityContext.privileged gates/values.yaml:1:1"},
		// if on a map
		{"spec.containers[0].resources.limits.cpu", "values resources.limits.cpu gates/values.yaml:7:1"},
		// a constant
		{"spec.automountServiceAccountToken", "values tokens.disabled=true gates/values.yaml:12:3"},
		// two conditions disable it: changing one is not enough
		{"spec.containers[1].securityContext.readOnlyRootFilesystem", ""},
		{"spec.containers[1].stdin", ""},
		// two conditions, and one of them holds
		{"spec.containers[1].tty", "values hardened=true gates/values.yaml:10:1"},
		// a value that is null
		{"spec.containers[1].resources.limits.memory", "values memory gates/values.yaml:13:1"},
		// nothing in the template prints it
		{"spec.hostUsers", ""},
	}
	for _, tt := range tests {
		got := ""
		for _, s := range pod.Locate(get(pod.Root, tt.path)).Trail {
			if s.Kind == lint.StepValues {
				got = show(lint.Origin{Trail: []lint.Step{s}})
			}
		}
		if _, rest, ok := strings.Cut(got, "| "); ok {
			got = rest
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.path, got, tt.want)
		}
	}
}

// TestJoint checks that a value of several parts is at the template that puts
// them together, not in the helper that its first part comes from.
func TestJoint(t *testing.T) {
	const chart = `-- values.yaml --
registry: example.com
tag: v1
-- templates/pod.yaml --
kind: Pod
apiVersion: v1
metadata: {name: x}
spec:
  first: {{ include "registry" . }}/app:{{ .Values.tag }}
  second: {{ include "registry" . }}/app:{{ include "tag" . }}
  third: {{ include "joined" . }}
  fourth: "{{ include "lines" . }}"
  fifth: "{{ include "registry" . }}"
  {{- $registry := include "registry" . }}
  {{- $tag := .Values.tag }}
  sixth: {{ $registry }}/app
  seventh: "{{ $registry }}/app:{{ $tag }}"
  eighth: {{ $tag }}
-- templates/_helpers.tpl --
{{ define "registry" }}{{ .Values.registry }}{{ end }}
{{ define "tag" }}{{ .Values.tag }}{{ end }}
{{ define "joined" }}{{ printf "%s/app:%s" (include "registry" .) .Values.tag }}{{ end }}
{{ define "lines" -}}
{{ include "registry" . }}/app
{{- include "tag" . | printf ":%s" }}
{{- end }}
`
	c, _ := writeChart(t, chart)
	o := c.Render(t.Context(), Scenario{}).Unit.Objects[0]
	for path, want := range map[string]string{
		"spec.first":  "chart/templates/pod.yaml:5:10",
		"spec.second": "chart/templates/pod.yaml:6:11",
		"spec.third":  "chart/templates/_helpers.tpl:3:22",
		"spec.fourth": "chart/templates/_helpers.tpl:5:1",
		"spec.fifth":  "chart/templates/_helpers.tpl:1:24",
		// A variable brings the first part from another line.
		"spec.sixth":   "chart/templates/pod.yaml:12:25",
		"spec.seventh": "chart/templates/pod.yaml:13:28",
		"spec.eighth":  "chart/templates/pod.yaml:14:11",
	} {
		if at := o.Locate(o.Root.Get(path)); at.String() != want {
			t.Errorf("%s at %s, want %s", path, at.Position, want)
		}
	}
}

// TestDisabledByTemplate checks that a block which a template call left out is reported as
// the value that keeps it so, where its text keeps its columns.
func TestDisabledByTemplate(t *testing.T) {
	const chart = `-- values.yaml --
a: {}
b: {}
c: {}
d: {}
-- templates/pod.yaml --
kind: Pod
apiVersion: v1
metadata: {name: x}
spec:
  containers:
  - name: a
    {{ template "a" . }}
  - name: b
{{ template "b" . }}
  - name: c
{{ template "c" . }}
  - name: d
    image: {{ template "d" . }}
-- templates/_helpers.tpl --
{{- define "a" -}}
  {{- if .Values.a -}}
      resources:
{{ toYaml .Values.a | indent 6 }}
  {{- end }}
{{- end -}}
{{- define "b" }}
  {{- if .Values.b }}
    resources:
{{ toYaml .Values.b | indent 6 }}
  {{- end }}
{{- end -}}
{{- define "c" }}
  {{- if .Values.c }}
  resources:
{{ toYaml .Values.c | indent 4 }}
  {{- end }}
{{- end -}}
{{- define "d" }}
  {{- if .Values.d -}}
    resources:
  {{- end }}
{{- end -}}
`
	c, _ := writeChart(t, chart)
	o := c.Render(t.Context(), Scenario{}).Unit.Objects[0]
	for i, want := range []string{"a.limits at chart/values.yaml:1:1", "b.limits at chart/values.yaml:2:1", "", ""} {
		path := fmt.Sprintf("spec.containers[%d].resources.limits", i)
		got := ""
		if at := o.Locate(get(o.Root, path)); at.Trail[0].Kind == lint.StepValues {
			got = at.Trail[0].Label + " at " + at.Trail[0].Position.String()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

// TestRewrittenKeys checks that keys which a function read and another one wrote again are at their own lines.
func TestRewrittenKeys(t *testing.T) {
	c, _ := writeChart(t, `-- values.yaml --
port: 8080
-- templates/_pod.tpl --
{{- define "pod" }}
metadata:
  labels:
    {{- include "labels" . | nindent 4 }}
spec:
  containers:
  - name: app
    image: app:{{ .Values.port }}
{{- end }}
{{- define "labels" }}
app: {{ .Release.Name }}
{{- end }}
-- templates/deployment.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: c}
spec:
  template: {{ include "pod" . | fromYaml | toYaml | nindent 4 }}
`)
	out := c.Render(t.Context(), Scenario{})
	if len(out.Problems) > 0 {
		t.Fatal(out.Problems)
	}
	o := out.Unit.Objects[0]
	for path, want := range map[string]string{
		"spec.template.metadata.labels": "templates/_pod.tpl:3 exact",
		"spec.template.spec.containers": "templates/_pod.tpl:6 exact",
	} {
		at := o.Locate(o.Root.Get(path))
		if got := fmt.Sprintf("%s:%d %s", at.File, at.Line, at.Precision); !strings.HasSuffix(got, want) {
			t.Errorf("%s at %s, want %s", path, got, want)
		}
	}
}
