package render

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// writeTree makes a tree of files, given as "-- name --" lines with the content
// below each.
func writeTree(t testing.TB, text string) *tree.Tree {
	t.Helper()
	dir := t.TempDir()
	for part := range strings.SplitSeq("\n"+text, "\n-- ") {
		name, content, ok := strings.Cut(part, " --\n")
		if !ok {
			continue
		}
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	tr, err := tree.Open(".")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tr.Close() })
	return tr
}

const webChart = `
-- charts/web/Chart.yaml --
apiVersion: v2
name: web
version: 1.0.0
-- charts/web/values.yaml --
image:
  repository: web
  tag: "1"
replicas: 1
privileged: false
-- charts/web/crds/thing.yaml --
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.example.org
-- charts/web/templates/web.yaml --
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-web
  namespace: {{ .Release.Namespace }}
  annotations:
    monitored: "{{ .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}"
    kube: "{{ .Capabilities.KubeVersion.Minor }}"
    ns: {{ .Release.Namespace }}
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      containers:
      - name: web
        image: {{ .Values.image.repository }}:{{ .Values.image.tag }}
        securityContext:
          privileged: {{ .Values.privileged }}
-- charts/web/templates/tests/test.yaml --
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test
  annotations:
    helm.sh/hook: test
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-migrate
  annotations:
    helm.sh/hook: pre-install
`

// field is the value of a scalar and where it can be edited: the position,
// then the values key of the trail.
func field(t *testing.T, r *lint.Rendered, object, path string) string {
	t.Helper()
	for _, o := range r.Unit.Objects {
		if o.Kind+"/"+o.Name != object {
			continue
		}
		v := o.Root.Get("metadata")
		for key := range strings.SplitSeq(path, "|") {
			switch {
			case key == "":
				v = o.Root
			case v.IsList():
				i, _ := strconv.Atoi(key)
				v = slices.Collect(v.Items())[i]
			default:
				v = v.Child(key)
			}
		}
		at := o.Locate(v)
		place := func(p lint.Position) string { return p.File + ":" + strconv.Itoa(p.Line) }
		l := []string{v.Text(), place(at.Position), at.Precision.String()}
		for _, step := range at.Trail {
			if step.Kind == lint.StepValues {
				l = append(l, step.Label+"@"+place(step.Position))
			}
		}
		return strings.Join(l, " ")
	}
	return "no " + object
}

func objectNames(r *lint.Rendered) string {
	var l []string
	for _, o := range r.Unit.Objects {
		l = append(l, o.Kind+"/"+o.Name)
	}
	slices.Sort(l)
	return strings.Join(l, " ")
}

// privileged is the path of a value of the chart.
const privileged = "|spec|template|spec|containers|0|securityContext|privileged"

func TestHelmCharts(t *testing.T) {
	tests := []struct {
		name, entry, objects string
		fields               map[string]string
	}{
		{
			"inline values over the chart's", `
  namespace: own
  skipTests: true
  valuesInline:
    image:
      tag: "2"
    privileged: true
`,
			"Deployment/release-name-web Job/release-name-migrate",
			map[string]string{
				privileged:                               "true charts/web/templates/web.yaml:18 exact privileged@kustomization.yaml:12",
				"|spec|template|spec|containers|0|image": "web:2 charts/web/templates/web.yaml:16 exact image.repository@charts/web/values.yaml:2 image.tag@kustomization.yaml:11",
				"annotations|ns":                         "own charts/web/templates/web.yaml:9 exact",
			},
		},
		{
			"values file and more of them", `
  releaseName: shop
  skipHooks: true
  includeCRDs: true
  valuesFile: values/web.yaml
  additionalValuesFiles: [values/more.yaml]
  apiVersions: [monitoring.coreos.com/v1]
  kubeVersion: "1.29.2"
`,
			"CustomResourceDefinition/things.example.org Deployment/shop-web",
			map[string]string{
				privileged:              "true charts/web/templates/web.yaml:18 exact privileged@values/more.yaml:2",
				"|spec|replicas":        "7 charts/web/templates/web.yaml:11 exact replicas@values/web.yaml:1",
				"annotations|monitored": "true charts/web/templates/web.yaml:7 exact",
				"annotations|kube":      "29 charts/web/templates/web.yaml:8 exact",
				"annotations|ns":        "shop-ns charts/web/templates/web.yaml:9 exact",
				"namespace":             "shop-ns charts/web/templates/web.yaml:5 exact",
			},
		},
		{
			"values file wins over inline values", `
  nameTemplate: '{{ lower "SHOP" }}'
  skipHooks: true
  valuesFile: values/web.yaml
  valuesMerge: merge
  valuesInline: {replicas: 9, privileged: true}
`,
			"Deployment/shop-web",
			map[string]string{
				"|spec|replicas": "7 charts/web/templates/web.yaml:11 exact replicas@values/web.yaml:1",
				privileged:       "true charts/web/templates/web.yaml:18 exact privileged@kustomization.yaml:11",
			},
		},
		{
			"inline values instead of a file's", `
  releaseName: shop
  skipHooks: true
  valuesFile: values/web.yaml
  valuesMerge: replace
  valuesInline: {privileged: true}
`,
			"Deployment/shop-web",
			map[string]string{"|spec|replicas": "1 charts/web/templates/web.yaml:11 exact replicas@charts/web/values.yaml:4"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := writeTree(t, webChart+`
-- values/web.yaml --
replicas: 7
-- values/more.yaml --
# more
privileged: true
-- kustomization.yaml --
namespace: shop-ns
helmGlobals:
  chartHome: charts

helmCharts:
- name: web`+tt.entry)
			r, _ := kustomize.Build(t.Context(), tr, ".", kustomize.Options{HelmChart: new(Plan).helmChart(tr, UnitID{})})
			if len(r.Problems)+len(r.Notes) > 0 || r.Unit == nil {
				t.Fatal(r.Problems, r.Notes)
			}
			if got := objectNames(r); got != tt.objects {
				t.Errorf("objects %s\nwant    %s", got, tt.objects)
			}
			deployment := strings.Fields(tt.objects)[0]
			if strings.HasPrefix(deployment, "Custom") {
				deployment = strings.Fields(tt.objects)[1]
			}
			for path, want := range tt.fields {
				if got := field(t, r, deployment, path); got != want {
					t.Errorf("%s:\n got %s\nwant %s", path, got, want)
				}
			}
		})
	}
}

// TestHelmChartsOfBase has a chart inherit the namespace of the overlay above.
func TestHelmChartsOfBase(t *testing.T) {
	tr := writeTree(t, strings.ReplaceAll(webChart, "-- charts", "-- base/charts")+`
-- base/kustomization.yaml --
helmCharts:
- name: web
  releaseName: shop
  skipHooks: true
-- middle/kustomization.yaml --
resources: [../base]
-- overlay/kustomization.yaml --
namespace: above
resources: [../middle]
`)
	r, _ := kustomize.Build(t.Context(), tr, "overlay", kustomize.Options{HelmChart: new(Plan).helmChart(tr, UnitID{})})
	if len(r.Problems) > 0 {
		t.Fatal(r.Problems)
	}
	if got, want := field(t, r, "Deployment/shop-web", "annotations|ns"), "above base/charts/web/templates/web.yaml:9 exact"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestHelmChartsProblems(t *testing.T) {
	for _, tt := range []struct{ entry, want string }{
		{"valuesMerge: upside\n  valuesFile: charts/web/values.yaml\n  valuesInline: {a: 1}", `kustomization.yaml:2:3 merging valuesInline of chart web: valuesMerge is "upside"; want merge, override or replace`},
		{"kubeVersion: new", `kustomization.yaml:2:3 kubeVersion of chart web: invalid Kubernetes version "new"; want a form like 1.31 or v1.31.2`},
		{"nameTemplate: '{{ randAlpha 5 }}'", `kustomization.yaml:2:3 nameTemplate of chart web was not used, the release is called release-name: template: nameTemplate:1: function "randAlpha" not defined`},
		{"nameTemplate: '{{ range (list 1 2) }}a{{ end }}'", `kustomization.yaml:2:3 nameTemplate of chart web was not used, the release is called release-name: template: nameTemplate:1: function "list" not defined`},
		{"nameTemplate: '{{ with \"a\" }}{{ . }}{{ end }}'", `kustomization.yaml:2:3 nameTemplate of chart web was not used, the release is called release-name: it may only print texts and the results of functions`},
		{"repo: https://charts.example.org\n  version: 1.0.0", `kustomization.yaml:3:9 chart "web" of https://charts.example.org is remote: kubevet fetches nothing; the rest was built without it`},
	} {
		tr := writeTree(t, webChart+"\n-- kustomization.yaml --\nhelmCharts:\n- name: web\n  "+tt.entry+"\n")
		r, _ := kustomize.Build(t.Context(), tr, ".", kustomize.Options{HelmChart: new(Plan).helmChart(tr, UnitID{})})
		l := slices.Concat(r.Problems, r.Notes)
		if len(l) != 1 || l[0].String()+" "+l[0].Message != tt.want {
			t.Errorf("%s:\n got %v\nwant %s", tt.entry, l, tt.want)
		}
	}
}

// placesChart writes its objects in many ways: as flow, as JSON, as a List, with
// annotations of its own, with Windows line ends, indented, and with blocks of values.
const placesChart = `
-- charts/web/Chart.yaml --
apiVersion: v2
name: web
version: 1.0.0
appVersion: "3"
-- charts/web/values.yaml --
image: {repository: web, tag: ""}
resources: {}
podSecurityContext:
  fsGroup: 1000
hostNetwork: true
extra:
- name: side
  image: side:1
-- charts/web/crds/thing.yaml --
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.example.org
spec:
  group: example.org
-- charts/web/templates/_helpers.tpl --
{{- define "labels" -}}
app: web
chart: {{ .Chart.Name }}
{{- end }}
-- charts/web/templates/web.yaml --
{{- if .Values.hostNetwork }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations:
    chart: {{ .Chart.Version }}
  labels: {{- include "labels" . | nindent 4 }}
spec:
  selector: {matchLabels: {{ include "labels" . | fromYaml | toJson }}}
  template:
    metadata: {labels: {app: web, chart: web}}
    spec:
      hostNetwork: {{ .Values.hostNetwork }}
      securityContext:
        {{- toYaml .Values.podSecurityContext | nindent 8 }}
      containers:
      - name: web
        image: {{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
        resources:
          {{- toYaml .Values.resources | nindent 10 }}
      {{- toYaml .Values.extra | nindent 6 }}
{{- end }}
---
# A comment alone.
---
{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "annotations": {"a": "b"}}, "data": {"key": {{ .Values.image.repository | quote }}}}
-- charts/web/templates/list.yaml --
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: one, annotations: {"helm.sh/hook": test}}
  spec: {hostPID: true, containers: [{name: c, image: {{ .Values.image.repository | quote }}}]}
- apiVersion: v1
  kind: Pod
  metadata:
    name: two
    annotations:
  spec:
    containers:
    - name: c
      image: two
`

// TestHelmChartsPlaces has an overlay of a chart give each value that it leaves alone, and
// each field that is absent, the place and the entry of the values that the chart by
// itself gives it: so a report has each defect once.
func TestHelmChartsPlaces(t *testing.T) {
	windows := strings.ReplaceAll(placesChart, "-- charts/web/templates/list.yaml --\n", "-- charts/web/templates/list.yaml --\n\r\n")
	windows = strings.ReplaceAll(windows, "    annotations:\n  spec:\n", "    annotations:\r\n  spec:\r\n")
	for name, chart := range map[string]string{"lines": placesChart, "Windows lines": windows} {
		t.Run(name, func(t *testing.T) {
			tr := writeTree(t, chart+`
-- kustomization.yaml --
namePrefix: a-
helmGlobals: {chartHome: charts}
helmCharts: [{name: web, releaseName: web, includeCRDs: true}]
patches:
- target: {kind: Pod, name: one}
  patch: '[{"op": "remove", "path": "/spec/hostPID"}]'
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      template:
        spec:
          hostPID: true
          containers:
          - {name: first, image: first}
`)
			overlay, _ := kustomize.Build(t.Context(), tr, ".", kustomize.Options{HelmChart: new(Plan).helmChart(tr, UnitID{})})
			c, problems := new(helm.Loader).Load(tr, "charts/web")
			alone := c.Render(t.Context(), helm.Scenario{})
			if problems = slices.Concat(problems, overlay.Problems, alone.Problems); len(problems) > 0 {
				t.Fatal(problems)
			}
			of := map[string]*lint.Object{}
			for _, o := range overlay.Unit.Objects {
				of[o.Kind+strings.TrimPrefix(o.Name, "a-")] = o
			}
			compared := 0
			for _, o := range alone.Unit.Objects {
				built := of[o.Kind+o.Name]
				if built == nil {
					t.Errorf("no %s %s", o.Kind, o.Name)
					continue
				}
				compare := func(v, w lint.Value) {
					compared++
					a, b := o.Locate(v), built.Locate(w)
					if a.Position != b.Position || !reflect.DeepEqual(a.Entry, b.Entry) || a.Precision != b.Precision {
						t.Errorf("%s %s, %s: %v %+v in the overlay, %v %+v in the chart", o.Kind, o.Name, w.Path(), b, b.Entry, a, a.Entry)
					}
				}
				eachValue(o.Root, built.Root, compare)
			}
			if compared < 60 {
				t.Errorf("%d values were compared", compared)
			}
			patched := of["Podone"]
			if at := patched.Locate(patched.Root.Get("spec.hostPID")); at.String() != "kustomization.yaml:6:10" || at.Entry != nil {
				t.Errorf("what a patch removed is at %v %+v", at, at.Entry)
			}
		})
	}
}

// eachValue calls compare with each value below two others that both have, and with an
// absent one in each mapping. Elements of lists are found by their names.
func eachValue(v, w lint.Value, compare func(v, w lint.Value)) {
	switch {
	case v.IsScalar() && w.IsScalar() && v.Node.Value == w.Node.Value:
		compare(v, w)
	case v.IsMap() && w.IsMap():
		compare(v.Get("absent.field"), w.Get("absent.field"))
		for key, child := range v.Entries() {
			eachValue(child, w.Child(key), compare)
		}
	case v.IsList() && w.IsList():
		compare(v, w)
		for e := range v.Items() {
			for f := range w.Items() {
				if e.Get("name").Text() == f.Get("name").Text() {
					eachValue(e, f, compare)
				}
			}
		}
	}
}
