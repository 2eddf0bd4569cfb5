package helm

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/render/helm/trace"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/tree"
)

const podTemplate = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Chart.Name }}\nspec:\n  hostNetwork: {{ .Values.hostNetwork }}\n"

// pack makes a packaged chart.
func pack(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w := tar.NewWriter(z)
	for _, name := range trace.SortedKeys(files) {
		data := files[name]
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	if w.Close() != nil || z.Close() != nil {
		t.Fatal("cannot write the archive")
	}
	return out.Bytes()
}

func podPackage(t *testing.T, name string) []byte {
	return pack(t, map[string]string{
		name + "/Chart.yaml":         "apiVersion: v2\nname: " + name + "\nversion: 1.0.0\n",
		name + "/values.yaml":        "hostNetwork: true\n",
		name + "/templates/pod.yaml": podTemplate,
	})
}

// TestPackaged renders a packaged chart, and one inside of another chart.
func TestPackaged(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("pkg-1.0.0.tgz", podPackage(t, "pkg"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("outer/charts", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"outer/Chart.yaml":           []byte("apiVersion: v2\nname: outer\nversion: 1.0.0\n"),
		"outer/charts/inner-1.0.tgz": podPackage(t, "inner"),
	} {
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct{ chart, pod, vendored, file, values string }{
		{"pkg-1.0.0.tgz", "pkg", "", "pkg-1.0.0.tgz/templates/pod.yaml", "pkg-1.0.0.tgz/values.yaml:1:1"},
		{"outer", "inner", "inner", "outer/charts/inner-1.0.tgz/templates/pod.yaml", "outer/charts/inner-1.0.tgz/values.yaml:1:1"},
	}
	for _, tt := range tests {
		c, problems := loadChart(t, tt.chart)
		if c == nil || len(problems) > 0 {
			t.Fatal(problems)
		}
		pod := object(t, c.Render(context.Background(), Scenario{}).Unit, "Pod", tt.pod)
		o := pod.Locate(pod.Root.Get("spec.hostNetwork"))
		if pod.Vendored != tt.vendored || o.File != tt.file || len(o.Trail) == 0 || o.Trail[0].Position.String() != tt.values {
			t.Errorf("%s: vendored %q, at %s, trail %v", tt.chart, pod.Vendored, o.Position, o.Trail)
		}
		if tt.vendored == "" {
			continue
		}
		if o.Taken == nil || o.Taken.Unlisted != "charts/inner-1.0.tgz" || o.Taken.String() != "outer/Chart.yaml:2:1" {
			t.Errorf("%s: Chart.yaml does not list the archive: taken %+v", tt.chart, o.Taken)
		}
	}
}

// TestPackedCopy checks the places in subcharts that are copies of charts of the tree: those of the equal files.
func TestPackedCopy(t *testing.T) {
	const library = "apiVersion: v2\nname: lib\nversion: 3.0.0\n"
	app := map[string]string{
		"Chart.yaml":                  "# The app.\nname: 'app'\napiVersion: v2\nversion: 1.0.0\nappVersion: '7'\n",
		"values.yaml":                 "hostNetwork: true\ntag: ''\n",
		"templates/pod.yaml":          podTemplate + "  containers:\n  - image: app:{{ .Chart.AppVersion }}\n",
		"templates/job.yaml":          strings.Replace(podTemplate, "{{ .Chart.Name }}", "job", 1),
		"charts/lib/Chart.yaml":       library,
		"charts/lib/values.yaml":      "hostNetwork: true\n",
		"charts/lib/templates/p.yaml": podTemplate,
	}
	packed := map[string]string{}
	for name, text := range app {
		packed["app/"+name] = text
	}
	packed["app/Chart.yaml"] = "apiVersion: v2\nappVersion: \"7\"\nname: app\nversion: 1.0.0\n"
	packed["app/templates/job.yaml"] += "  hostPID: true\n"
	outer := "apiVersion: v2\nname: outer\nversion: 1.0.0\ndependencies:\n- {name: app, version: 1.0.0, repository: %s}\n"
	const local, remote = "file://../app", "https://charts.example.com"
	for _, tt := range []struct {
		name, repository, values string
		others                   []string // other charts with the name and version
		changed                  map[string]string
		want                     string // pod, its values, its appVersion, job, pod of lib
	}{
		{"by path", local, "", nil, nil, "app/templates/pod.yaml app/values.yaml:1:1 app/Chart.yaml:5 outer/charts/app.tgz/templates/job.yaml app/charts/lib/templates/p.yaml"},
		{"from a repository", remote, "", nil, nil, "app/templates/pod.yaml app/values.yaml:1:1 app/Chart.yaml:5 outer/charts/app.tgz/templates/job.yaml app/charts/lib/templates/p.yaml"},
		{"set by the parent", local, "app: {hostNetwork: true}\n", nil, nil, "app/templates/pod.yaml outer/values.yaml:1:7 app/Chart.yaml:5 outer/charts/app.tgz/templates/job.yaml app/charts/lib/templates/p.yaml"},
		{"one of two", local, "", []string{"copy"}, nil, "app/templates/pod.yaml app/values.yaml:1:1 app/Chart.yaml:5 outer/charts/app.tgz/templates/job.yaml app/charts/lib/templates/p.yaml"},
		{"any of two", remote, "", []string{"copy"}, nil, "outer/charts/app.tgz/templates/pod.yaml outer/charts/app.tgz/values.yaml:1:1 outer/charts/app.tgz/Chart.yaml:2 outer/charts/app.tgz/templates/job.yaml outer/charts/app.tgz/charts/lib/templates/p.yaml"},
		{"another version", local, "", nil, map[string]string{"Chart.yaml": "name: app\napiVersion: v2\nversion: 1.1.0\n"}, "app/templates/pod.yaml app/values.yaml:1:1 outer/charts/app.tgz/Chart.yaml:2 outer/charts/app.tgz/templates/job.yaml app/charts/lib/templates/p.yaml"},
		{"another release", remote, "", nil, map[string]string{"Chart.yaml": "name: app\napiVersion: v2\nversion: 1.1.0\n"}, "app/templates/pod.yaml app/values.yaml:1:1 outer/charts/app.tgz/Chart.yaml:2 outer/charts/app.tgz/templates/job.yaml app/charts/lib/templates/p.yaml"},
		{"another chart", remote, "", nil, map[string]string{"Chart.yaml": "name: app\napiVersion: v2\nversion: 1.1.0\n", "templates/pod.yaml": "# other\n", "templates/job.yaml": "# other\n"}, "outer/charts/app.tgz/templates/pod.yaml outer/charts/app.tgz/values.yaml:1:1 outer/charts/app.tgz/Chart.yaml:2 outer/charts/app.tgz/templates/job.yaml outer/charts/app.tgz/charts/lib/templates/p.yaml"},
		{"values with a comment", local, "", nil, map[string]string{"values.yaml": "# The node's.\nhostNetwork: true\ntag: \"\"\n"}, "app/templates/pod.yaml app/values.yaml:2:1 app/Chart.yaml:5 outer/charts/app.tgz/templates/job.yaml app/charts/lib/templates/p.yaml"},
		{"other values", local, "", nil, map[string]string{"values.yaml": "hostNetwork: true\n"}, "app/templates/pod.yaml outer/charts/app.tgz/values.yaml:1:1 app/Chart.yaml:5 outer/charts/app.tgz/templates/job.yaml app/charts/lib/templates/p.yaml"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			dirs := append([]string{"app", "outer"}, tt.others...)
			write := func(name, text string) {
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for _, dir := range append([]string{"app"}, tt.others...) {
				for name, text := range app {
					if changed, ok := tt.changed[name]; ok {
						text = changed
					}
					write(dir+"/"+name, text)
				}
			}
			write("outer/Chart.yaml", fmt.Sprintf(outer, tt.repository))
			write("outer/values.yaml", tt.values)
			write("outer/charts/app.tgz", string(pack(t, packed)))
			tr, err := tree.Open(".")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = tr.Close() })
			loader := Loader{Find: func(*tree.Tree) []string { return dirs }}
			c, problems := loader.Load(tr, "outer")
			if c == nil || len(problems) > 0 {
				t.Fatal(problems)
			}
			u := c.Render(context.Background(), Scenario{}).Unit
			pod, job, lib := object(t, u, "Pod", "app"), object(t, u, "Pod", "job"), object(t, u, "Pod", "lib")
			at := pod.Locate(pod.Root.Get("spec.hostNetwork"))
			version := pod.Locate(pod.Root.Get("spec.containers").Item(0).Get("image"))
			got := fmt.Sprint(at.File, " ", at.Trail[0].Position, " ", version.Trail[0].Position, " ", job.Locate(job.Root.Get("spec")).File, " ", lib.Locate(lib.Root.Get("spec")).File)
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if isPacked := at.Packed != nil && at.Packed.Source == "app" && at.Packed.File == "outer/Chart.yaml" && at.Packed.IsPacked == (tt.repository == local); isPacked != strings.HasPrefix(tt.want, "app/") {
				t.Errorf("the dependency that has a packed copy: %+v", at.Packed)
			}
			if o := job.Locate(job.Root.Get("spec")); o.Taken == nil || o.Taken.IsPacked != (tt.repository == local && o.Taken.Source != "") {
				t.Errorf("the dependency with another copy: %+v", o.Taken)
			}
			if isCopy := strings.HasPrefix(tt.want, "app/"); (pod.Vendored == "") != isCopy || job.Vendored != "app" || lib.Vendored != map[bool]string{true: "lib", false: "app"}[isCopy] {
				t.Errorf("vendored: pod %q, job %q, lib %q", pod.Vendored, job.Vendored, lib.Vendored)
			}
		})
	}
}

// TestAddAbovePackage checks where to add a value of a packaged subchart, whose own values file
// cannot be edited: at what its parent sets for it.
func TestAddAbovePackage(t *testing.T) {
	const template = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  securityContext: {{ toYaml .Values.pod.security | nindent 4 }}\n"
	for _, tt := range []struct{ values, want string }{
		{"x: 1\ninner:\n  y: 1\n", "values.yaml:2:1 inner.pod.security.runAsUser: pod.security.runAsUser"},
		{"inner:\n  pod:\n    y: 1\n", "values.yaml:2:3 inner.pod.security.runAsUser: security.runAsUser"},
		{"x: 1\n", ""},
		{"inner: {}\n", "values.yaml:1:1 inner.pod.security.runAsUser: pod.security.runAsUser"},
	} {
		t.Chdir(t.TempDir())
		if err := os.Mkdir("charts", 0o755); err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{
			"Chart.yaml":  []byte("apiVersion: v2\nname: outer\nversion: 1.0.0\n"),
			"values.yaml": []byte(tt.values),
			"charts/inner-1.0.tgz": pack(t, map[string]string{
				"inner/Chart.yaml":       "apiVersion: v2\nname: inner\nversion: 1.0.0\n",
				"inner/values.yaml":      "pod:\n  security: {fsGroup: 1}\n",
				"inner/templates/a.yaml": template,
			}),
		} {
			if err := os.WriteFile(name, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		c, problems := loadChart(t, ".")
		if c == nil || len(problems) > 0 {
			t.Fatal(problems)
		}
		pod := object(t, c.Render(context.Background(), Scenario{}).Unit, "Pod", "a")
		got := ""
		if e := pod.Locate(pod.Root.Get("spec.securityContext.runAsUser")).Entry; e != nil {
			got = e.String() + " " + e.Key + ": " + e.Addition.Path
		}
		if got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.values, got, tt.want)
		}
	}
}

// TestSiblings loads charts that are referred to by file://, those outside of
// the tree excepted.
func TestSiblings(t *testing.T) {
	c, problems := writeChart(t, `-- app/Chart.yaml --
apiVersion: v2
name: app
version: 0.1.0
dependencies:
  - name: sibling
    version: 0.x
    repository: file://../sibling
  - name: outside
    version: 0.x
    repository: file://../../../outside
-- sibling/Chart.yaml --
apiVersion: v2
name: sibling
version: 0.1.0
-- sibling/values.yaml --
hostNetwork: false
-- sibling/templates/pod.yaml --
`+podTemplate)
	if c == nil {
		t.Fatal(problems)
	}
	tr, err := tree.Open("chart")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tr.Close() }()
	c, problems = new(Loader).Load(tr, "app")
	if c == nil || len(problems) != 1 || !strings.Contains(problems[0].Error(), "chart/app/Chart.yaml:8:11: dependency outside 0.x is missing") {
		t.Fatalf("got problems %v", problems)
	}
	pod := object(t, c.Render(context.Background(), Scenario{}).Unit, "Pod", "sibling")
	if o := pod.Locate(pod.Root.Get("spec.hostNetwork")); o.File != "chart/sibling/templates/pod.yaml" || pod.Vendored != "" {
		t.Errorf("at %s, vendored %q", o.Position, pod.Vendored)
	}
}

// TestConfined does not read through links that lead out of the tree, and ends
// where links lead in a circle.
func TestConfined(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, d := range []string{"chart/templates", "chart/files"} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range map[string]string{
		"chart/Chart.yaml":        "apiVersion: v2\nname: demo\nversion: 0.1.0\n",
		"chart/templates/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  a: {{ .Files.Get \"files/link\" | quote }}\n  b: {{ .Files.Get \"ignored\" | quote }}\n",
		"chart/ignored":           "ignored",
		"chart/.helmignore":       "ignored\n",
	} {
		if err := os.WriteFile(name, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if os.Symlink(secret, "chart/files/link") != nil || os.Symlink("..", "chart/files/loop") != nil {
		t.Skip("no symbolic links here")
	}
	c, problems := loadChart(t, "chart")
	if c == nil || len(problems) != 1 || problems[0].File != "chart/files/link" {
		t.Fatalf("got problems %v, want one at the link", problems)
	}
	cm := object(t, c.Render(context.Background(), Scenario{}).Unit, "ConfigMap", "x")
	for _, k := range []string{"data.a", "data.b"} {
		if got := cm.Root.Get(k).Text(); got != "" {
			t.Errorf("%s: got %q, want nothing", k, got)
		}
	}
}

// TestIgnoredScenarios checks that the tests' values are scenarios where .helmignore keeps
// them out of packages, and that templates do not see them.
func TestIgnoredScenarios(t *testing.T) {
	c, problems := writeChart(t, "-- .helmignore --\nci/\n-- ci/a-values.yaml --\na: 1\n-- ci/notes.txt --\nx\n-- templates/a.yaml --\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: {{ .Values.a | quote }}, b: {{ .Files.Get \"ci/a-values.yaml\" | quote }}}\n")
	if c == nil || len(problems) > 0 {
		t.Fatal(problems)
	}
	ci := c.CIScenarios()
	if len(ci) != 1 || ci[0].Name != "ci/a-values.yaml" {
		t.Fatalf("got scenarios %v", ci)
	}
	data := object(t, c.Render(context.Background(), ci[0]).Unit, "ConfigMap", "x").Root.Get("data")
	if a, b := data.Get("a").Text(), data.Get("b").Text(); a != "1" || b != "" {
		t.Errorf("got a: %q, b: %q", a, b)
	}
}

// TestScenarios checks the precedence of values and the reported source of each.
func TestScenarios(t *testing.T) {
	c, _ := loadChart(t, "testdata/charts/web")
	ci := c.CIScenarios()
	if len(ci) != 1 || ci[0].Name != "ci/ha-values.yaml" {
		t.Fatalf("got scenarios %v", ci)
	}
	file := func(name, text string) ValuesFile { return ValuesFile{Name: name, Data: []byte(text)} }
	tests := []struct {
		name     string
		scenario Scenario
		value    string
		key      string
	}{
		{"default", Scenario{}, "2", "testdata/charts/web/values.yaml:6:1"},
		{"ci", ci[0], "3", "testdata/charts/web/ci/ha-values.yaml:1:1"},
		{"last file", Scenario{Values: []ValuesFile{file("a.yaml", "replicas: 4\n"), file("b.yaml", "x: 1\nreplicas: 5\n")}}, "5", "b.yaml:2:1"},
		{"set", Scenario{Values: []ValuesFile{file("a.yaml", "replicas: 4\n")}, Set: []string{"replicas=6"}}, "6", ""},
	}
	for _, tt := range tests {
		out := c.Render(context.Background(), tt.scenario)
		if want := tt.scenario.Name; want != "" && out.Unit.Scenario != want {
			t.Errorf("%s: scenario %q", tt.name, out.Unit.Scenario)
		}
		o := object(t, out.Unit, "Deployment", "web-web")
		v := o.Root.Get("spec.replicas")
		at := o.Locate(v)
		if v.Text() != tt.value || len(at.Trail) < 2 || at.Trail[0].Kind != lint.StepValues || at.Trail[0].Position.String() != tt.key {
			t.Errorf("%s: got %s, trail %v", tt.name, v.Text(), at.Trail)
		}
	}
}

// TestRelease checks what the release and the Kubernetes version do.
func TestRelease(t *testing.T) {
	c, _ := writeChart(t, "-- Chart.yaml --\napiVersion: v2\nname: demo\nversion: 0.1.0\nkubeVersion: '<1.30.0-0'\n-- templates/cm.yaml --\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n  namespace: {{ .Release.Namespace }}\n  labels: {v: {{ .Capabilities.KubeVersion }}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n  namespace: other\n  annotations: {helm.sh/hook: test}\n")
	out := c.Render(context.Background(), Scenario{ReleaseName: "rel", Namespace: "prod"})
	o := object(t, out.Unit, "ConfigMap", "rel")
	if o.Namespace != "" || o.Root.Get("metadata.labels.v").Text() != "v1.29.0" {
		t.Errorf("namespace %q, version %s", o.Namespace, o.Root.Get("metadata.labels.v").Text())
	}
	if len(out.Notes) != 1 || out.Notes[0].String() != "chart/Chart.yaml:4" {
		t.Errorf("got notes %v", out.Notes)
	}
	if o := object(t, out.Unit, "ConfigMap", "other"); o.Namespace != "other" || o.Hook != "test" {
		t.Errorf("namespace %q, hook %q", o.Namespace, o.Hook)
	}
	out = c.Render(context.Background(), Scenario{Version: lint.Version{Major: 1, Minor: 25}})
	if v := object(t, out.Unit, "ConfigMap", "demo").Root.Get("metadata.labels.v").Text(); v != "v1.25.0" || len(out.Notes) != 0 {
		t.Errorf("got %s, notes %v", v, out.Notes)
	}
}

// TestDuplicates checks that the last one counts of a key that is rendered twice, and that
// the object is rendered all the same. The rule unique-keys reports it.
func TestDuplicates(t *testing.T) {
	c, _ := writeChart(t, "-- templates/cm.yaml --\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: b\n  a: c\n")
	out := c.Render(context.Background(), Scenario{})
	if len(out.Problems) > 0 {
		t.Errorf("problems %v", out.Problems)
	}
	if a := object(t, out.Unit, "ConfigMap", "x").Root.Get("data.a").Text(); a != "c" {
		t.Errorf("the last value counts, got %q", a)
	}
}

// TestScenariosShareNothing: what a rendering does to values, and Helm to the
// dependencies, another rendering of the chart does not see. Nor does it see what
// was read of another file of values with the same name.
func TestScenariosShareNothing(t *testing.T) {
	const files = `
-- Chart.yaml --
apiVersion: v2
name: web
version: 1.0.0
dependencies:
- name: sub
  version: 1.0.0
  condition: sub.enabled
  import-values: [settings]
-- values.yaml --
list: [{a: 1}]
map: {a: 1}
sub: {enabled: true}
-- templates/all.yaml --
{{- $_ := set .Values.map "b" 2 }}
{{- $_ := set (first .Values.list) "b" 2 }}
apiVersion: v1
kind: ConfigMap
metadata: {name: all}
data:
  a: '{{ toJson .Values }}'
  b: {{ .Values.x | quote }}
-- charts/sub/Chart.yaml --
apiVersion: v2
name: sub
version: 1.0.0
-- charts/sub/values.yaml --
exports:
  settings: {imported: 1}
-- charts/sub/templates/pod.yaml --
{{- $_ := set .Values "c" 2 }}
apiVersion: v1
kind: Pod
metadata: {name: sub}
spec: {hostPID: {{ not .Values.off }}}
`
	scenarios := []Scenario{
		{Name: "off", Set: []string{"sub.enabled=false"}},
		{},
		{Name: "a", Values: []ValuesFile{{Name: "v.yaml", Data: []byte("x: 1\n")}}},
		{Name: "b", Values: []ValuesFile{{Name: "v.yaml", Data: []byte("#\nx: 1\n")}}},
	}
	render := func(c *Chart, s Scenario) string {
		var b strings.Builder
		out := c.Render(context.Background(), s)
		for _, text := range out.Texts {
			b.WriteString(text.Text)
		}
		for _, o := range out.Unit.Objects {
			for _, path := range []string{"data.b", "spec.hostPID"} {
				at := o.Locate(o.Root.Get(path))
				fmt.Fprintf(&b, "%v %v\n", at, at.Trail)
			}
		}
		fmt.Fprintf(&b, "%v %v", out.Problems, out.Notes)
		return b.String()
	}
	shared, _ := writeChart(t, files)
	for range 2 {
		for _, s := range scenarios {
			own, _ := writeChart(t, files)
			if got, want := render(shared, s), render(own, s); got != want {
				t.Errorf("%s: got\n%s\nwant\n%s", s.Name, got, want)
			}
		}
	}
	if text := render(shared, scenarios[3]); !strings.Contains(text, "v.yaml:2:1") {
		t.Errorf("the key of the values file is not reported:\n%s", text)
	}
}

// TestPackedBomb checks that archives in a chart count together.
func TestPackedBomb(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("outer/charts", 0o755); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"b/Chart.yaml": "apiVersion: v2\nname: b\nversion: 1.0.0\n"}
	for i := range 10 {
		files[fmt.Sprintf("b/%d.bin", i)] = strings.Repeat("x", 4<<20)
	}
	bomb := pack(t, files)
	for _, name := range []string{"a", "b", "c", "d"} {
		if err := os.WriteFile("outer/charts/"+name+".tgz", bomb, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile("outer/Chart.yaml", []byte("apiVersion: v2\nname: outer\nversion: 1.0.0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c, problems := loadChart(t, "outer")
	if c == nil || len(problems) != 2 || !strings.Contains(problems[0].Error(), "outer/charts/c.tgz: reading the packaged chart: with it the chart has more than 100 MiB") {
		t.Errorf("got %v", problems)
	}
}

// TestAliases locates values of a chart that is taken in twice: its partials are executed from the chart that comes last, for both.
func TestAliases(t *testing.T) {
	writeChart(t, `-- app/Chart.yaml --
apiVersion: v2
name: app
version: 0.1.0
dependencies:
  - {name: web, version: 0.x, repository: "file://../web", alias: first}
  - {name: web, version: 0.x, repository: "file://../web", alias: second}
-- app/values.yaml --
first: {debug: true, name: one}
second: {debug: true, name: two}
-- web/Chart.yaml --
apiVersion: v2
name: web
version: 0.1.0
-- web/values.yaml --
debug: false
-- web/templates/_pod.tpl --
{{- define "web.spec" -}}
hostPID: true
{{- if .Values.debug }}
hostNetwork: {{ .Values.debug }}
{{- end }}
containers: []
{{- end }}
-- web/templates/pod.yaml --
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Values.name }}
spec:
  {{- include "web.spec" . | nindent 2 }}
`)
	tr, err := tree.Open("chart")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tr.Close() }()
	c, problems := new(Loader).Load(tr, "app")
	if c == nil || len(problems) > 0 {
		t.Fatalf("got problems %v", problems)
	}
	unit := c.Render(context.Background(), Scenario{}).Unit
	for name, alias := range map[string]string{"one": "first", "two": "second"} {
		pod := object(t, unit, "Pod", name)
		o := pod.Locate(pod.Root.Get("spec.hostPID"))
		if o.String() != "chart/web/templates/_pod.tpl:2:10" || o.Precision != lint.PrecisionExact {
			t.Errorf("%s: hostPID at %s, %s", name, o.Position, o.Precision)
		}
		o = pod.Locate(pod.Root.Get("spec.hostNetwork"))
		if o.Entry == nil || o.Entry.Key != alias+".debug" {
			t.Errorf("%s: hostNetwork from %v", name, o.Entry)
		}
	}
}

// TestNamespaceOfRelease checks what stands for the namespace of a release where a template compares it with the
// default one, and which objects are in it.
func TestNamespaceOfRelease(t *testing.T) {
	const pods = `
{{- range list "default" "web" "other" }}
---
apiVersion: v1
kind: Pod
metadata: {name: in-{{ . }}, namespace: {{ . }}}
{{- end }}
---
apiVersion: v1
kind: Pod
metadata: {name: own, namespace: {{ .Release.Namespace }}, labels: {release: "{{ .Release.Namespace }}"}}
`
	for _, tt := range []struct{ condition, namespace, want string }{
		{`eq .Values.a "default"`, "", "in-default: in-web:web in-other:other own: release default"},
		{`eq .Release.Namespace "default"`, "", "in-default:default in-web:web in-other:other own: release web"},
		{`ne "default" $.Release.Namespace`, "", "in-default:default in-web:web in-other:other own: release web"},
		{`and .Values.a (.Release.Namespace | eq "default")`, "", "in-default:default in-web:web in-other:other own: release web"},
		{`eq .Release.Namespace "kube-system"`, "", "in-default: in-web:web in-other:other own: release default"},
		{`eq .Release.Namespace "default"`, "other", "in-default:default in-web:web in-other: own: release other"},
	} {
		t.Chdir(t.TempDir())
		if err := os.Mkdir("templates", 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"Chart.yaml":          "apiVersion: v2\nname: web\nversion: 1.0.0\n",
			"templates/pods.yaml": "{{- if " + tt.condition + " }}{{ end }}" + pods,
		} {
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		c, problems := loadChart(t, ".")
		if c == nil || len(problems) > 0 {
			t.Fatal(problems)
		}
		var text strings.Builder
		for _, o := range c.Render(context.Background(), Scenario{Namespace: tt.namespace}).Unit.Objects {
			text.WriteString(o.Name + ":" + o.Namespace + " ")
			if label := o.Root.Get("metadata.labels.release"); label.IsSet() {
				text.WriteString("release " + label.Text())
			}
		}
		if got := text.String(); got != tt.want {
			t.Errorf("%s, namespace %q:\ngot  %s\nwant %s", tt.condition, tt.namespace, got, tt.want)
		}
	}
}
