package kustomize

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// TestTestdataLikeKustomize compares our overlays with what kustomize makes of them.
func TestTestdataLikeKustomize(t *testing.T) {
	sealed(t)
	var c tally
	for _, o := range overlaysBelow(t, "testdata") {
		if !strings.Contains(o.dir, "components") {
			c.compare(t, o, false)
		}
	}
	c.log(t)
	if c.identical != c.overlays {
		t.Errorf("%d of %d overlays identical", c.identical, c.overlays)
	}
}

// write makes a tree of files, given as a list of "-- name --" and content.
func write(t testing.TB, files string) string {
	t.Helper()
	dir := t.TempDir()
	var name string
	var content strings.Builder
	flush := func() {
		if name == "" {
			return
		}
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(content.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		content.Reset()
	}
	for line := range strings.Lines(files) {
		if n, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "-- "); ok {
			flush()
			name = strings.TrimSuffix(n, " --")
			continue
		}
		content.WriteString(line)
	}
	flush()
	return dir
}

// value finds Kind/name and a path in what was built.
func value(t *testing.T, r *lint.Rendered, object, path string) (*lint.Object, lint.Value) {
	t.Helper()
	for _, o := range r.Unit.Objects {
		if o.Kind+"/"+o.Name != object {
			continue
		}
		v := o.Root
		for key := range strings.SplitSeq(path, "|") {
			if v.IsList() { // by name or number
				for i, item := range slices.Collect(v.Items()) {
					if item.Get("name").Text() == key || strconv.Itoa(i) == key {
						v = item
						break
					}
				}
				continue
			}
			v = v.Child(key)
		}
		return o, v
	}
	t.Fatalf("no %s in the output", object)
	return nil, lint.Value{}
}

func steps(o lint.Origin) string {
	var l []string
	for _, s := range o.Trail {
		step := string(s.Kind) + " " + filepath.Base(s.Position.File)
		if s.Kind != lint.StepRendered {
			step += ":" + s.Position.String()[strings.LastIndex(s.Position.File, "/")+1+len(filepath.Base(s.Position.File)):][1:]
		}
		if s.Label != "" {
			step += " " + s.Label
		}
		l = append(l, step)
	}
	return strings.Join(l, "; ")
}

func TestLocate(t *testing.T) {
	tr := openTree(t, "testdata/shop")
	r, _ := Build(t.Context(), tr, "production", Options{})
	if len(r.Problems) > 0 {
		t.Fatal(r.Problems)
	}
	const web, queue = "Deployment/prod-web", "StatefulSet/prod-queue"
	const pod = "spec|template|spec|"
	for _, tt := range []struct{ object, path, want, text string }{
		{web, pod + "containers|web|securityContext|runAsNonRoot", "base/web.yaml exact", "runAsNonRoot: false"},
		{web, pod + "containers|web|securityContext|privileged", "production/web.yaml exact", "privileged: true"},
		{web, pod + "containers|web|securityContext|readOnlyRootFilesystem", "base/web.yaml exact", "securityContext:"},
		{web, pod + "containers|sidecar|image", "production/kustomization.yaml exact", "newName: mirror/proxy"},
		{web, pod + "containers|web|image", "production/kustomization.yaml exact", `newTag: "1.2"`},
		{web, pod + "containers|sidecar|args|1", "base/web.yaml exact", "--port=8080"},
		{web, pod + "securityContext|fsGroup", "components/hardened/no-root.yaml exact", "fsGroup: 2000"},
		{web, pod + "securityContext|runAsUser", "components/hardened/no-root.yaml exact", "securityContext:"},
		{web, pod + "hostPID", "base/web.yaml exact", "spec:"},
		{web, pod + "containers|web|envFrom|0|configMapRef|name", "base/web.yaml exact", "name: settings"},
		{web, pod + "serviceAccountName", "base/web.yaml exact", "serviceAccountName: web"},
		{web, "spec|replicas", "production/kustomization.yaml exact", "count: 3"},
		{web, "metadata|namespace", "production/kustomization.yaml exact", "namespace: shop"},
		{web, "metadata|name", "production/kustomization.yaml exact", "namePrefix: prod-"},
		{web, "metadata|labels|team", "production/kustomization.yaml exact", "team: checkout"},
		{web, "metadata|annotations|owner", "production/kustomization.yaml exact", "owner: shop@example.org"},
		{web, "spec|template|metadata|annotations|queue", "production/kustomization.yaml exact", "spec.template.metadata.annotations.queue"},
		{"Service/prod-web", "spec|type", "production/kustomization.yaml exact", "type: LoadBalancer"},
		{"Service/prod-web", "spec|ports|0|targetPort", "base/web.yaml exact", "targetPort: 8080"},
		{queue, pod + "hostNetwork", "production/kustomization.yaml exact", "value: true"},
		{queue, "spec|serviceName", "production/kustomization.yaml exact", "value: queues"},
		{queue, pod + "containers|queue|securityContext|privileged", "base/queue.json exact", `"privileged": true`},
		{queue, pod + "containers|backup|image", "production/queue.yaml exact", "image: shop/backup:3"},
		{queue, pod + "containers|backup|securityContext", "production/queue.yaml exact", "name: backup"},
		{"Host/prod-db", "data", "production/host.yaml exact", "data: |"},
	} {
		o, v := value(t, r, tt.object, tt.path)
		got := o.Locate(v)
		where := filepath.ToSlash(strings.TrimPrefix(got.File, "testdata/shop/")) + " " + got.Precision.String()
		if where != tt.want || !strings.Contains(got.Text, tt.text) {
			t.Errorf("%s %s: %v %q (%s), want %s %q", tt.object, tt.path, got.Position, got.Text, where, tt.want, tt.text)
		}
		if n := len(got.Trail); n == 0 || got.Trail[n-1].Kind != lint.StepRendered {
			t.Errorf("%s %s: trail does not end in the output: %v", tt.object, tt.path, got.Trail)
			continue
		}
		line := strings.Split(r.Texts[0].Text, "\n")[got.Trail[len(got.Trail)-1].Position.Line-1]
		if v.IsScalar() && !strings.Contains(line, strings.TrimSpace(strings.Split(v.Node.Value, "\n")[0])) && v.Node.Value != "a block of\ntwo lines\n" {
			t.Errorf("%s %s: line of the output is %q", tt.object, tt.path, line)
		}
		if back := r.Texts[0].Origin(got.Trail[len(got.Trail)-1].Position.Line); v.IsScalar() && back.Position != got.Position {
			t.Errorf("%s %s: the line of the output is from %v", tt.object, tt.path, back.Position)
		}
	}
}

func TestTrail(t *testing.T) {
	tr := openTree(t, "testdata/shop")
	r, files := Build(t.Context(), tr, "production", Options{})
	for _, tt := range []struct{ object, path, want string }{
		{
			"Deployment/prod-web", "spec|template|spec|containers|web|securityContext|privileged",
			"base web.yaml:29:11 Deployment/web; kustomization kustomization.yaml:36:11 patches[0]; rendered kustomization.yaml",
		},
		{ // a container of the patch, which the base lacks
			"StatefulSet/prod-queue", "spec|template|spec|containers|backup|image",
			"kustomization kustomization.yaml:56:11 patches[3]; rendered kustomization.yaml",
		},
		{
			"Deployment/prod-web", "spec|replicas",
			"base web.yaml:8:13 Deployment/web; kustomization kustomization.yaml:22:12 replicas[0].count; rendered kustomization.yaml",
		},
		{
			"Deployment/prod-web", "spec|template|spec|serviceAccountName",
			"kustomization kustomization.yaml:2:5 resources[0]; kustomization kustomization.yaml:6:5 resources[0]; rendered kustomization.yaml",
		},
	} {
		o, v := value(t, r, tt.object, tt.path)
		if got := steps(o.Locate(v)); got != tt.want {
			t.Errorf("%s %s:\n got %s\nwant %s", tt.object, tt.path, got, tt.want)
		}
	}
	o, _ := value(t, r, "Deployment/prod-web", "spec")
	if o.Identity != "web" {
		t.Errorf("identity %q, want that of the base", o.Identity)
	}
	if !slices.IsSorted(files) || !slices.Contains(files, "base/queue.json") || !slices.Contains(files, "production/settings.env") {
		t.Errorf("files read: %v", files)
	}
}

// TestVariants has one base come in twice.
func TestVariants(t *testing.T) {
	tr := openTree(t, "testdata/shop")
	r, _ := Build(t.Context(), tr, "variants/all", Options{})
	for name, want := range map[string]string{"a-web": "variants/a/kustomization.yaml", "b-web": "variants/b/kustomization.yaml"} {
		for _, path := range []string{"spec|minReadySeconds", "metadata|name"} {
			o, v := value(t, r, "Deployment/"+name, path)
			if got := o.Locate(v); !strings.HasSuffix(got.File, want) || got.Precision != lint.PrecisionExact {
				t.Errorf("%s %s at %v, want %s", name, path, got.Position, want)
			}
		}
	}
}

func TestReferences(t *testing.T) {
	tr := openTree(t, "testdata/shop")
	refs, err := References(tr, "production")
	paths := []string{"base", "components/hardened", "production/host.yaml"}
	fragments := []string{"production/limits.ini", "production/queue.yaml", "production/settings.env", "production/web.yaml"}
	if err != nil || refs.Component || !slices.Equal(refs.Paths, paths) || !slices.Equal(refs.Fragments, fragments) {
		t.Errorf("got %v %v, want %v %v", refs, err, paths, fragments)
	}
	if refs, err = References(tr, "components/hardened"); err != nil || !refs.Component {
		t.Errorf("component: %v %v", refs, err)
	}
	if _, err = References(tr, "variants"); !errors.Is(err, ErrNone) {
		t.Errorf("got %v, want ErrNone", err)
	}
}

// TestIdentity has patches name what they are for: that is the base's.
func TestIdentity(t *testing.T) {
	const patch = `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: shop
  labels:
    team: checkout
data:
  key: %s
`
	dir := write(t, `-- base/kustomization.yaml --
resources: [settings.yaml]
-- base/settings.yaml --
# settings
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: shop
data: {}
-- a/kustomization.yaml --
resources: [../base]
patches:
- path: patch.yaml
-- a/patch.yaml --
`+fmt.Sprintf(patch, "a")+`-- b/kustomization.yaml --
resources: [../a]
namePrefix: b-
patches:
- path: patch.yaml
- target: {kind: ConfigMap}
  patch: |
    - {op: add, path: /data/other, value: other}
-- b/patch.yaml --
`+fmt.Sprintf(patch, "b"))
	tr := openTree(t, dir)
	for _, tt := range []struct{ dir, object, path, want string }{
		{"a", "ConfigMap/settings", "", "base/settings.yaml:2"},
		{"a", "ConfigMap/settings", "apiVersion", "base/settings.yaml:2"},
		{"a", "ConfigMap/settings", "kind", "base/settings.yaml:3"},
		{"a", "ConfigMap/settings", "metadata", "base/settings.yaml:4"},
		{"a", "ConfigMap/settings", "metadata|name", "base/settings.yaml:5"},
		{"a", "ConfigMap/settings", "metadata|namespace", "base/settings.yaml:6"},
		{"a", "ConfigMap/settings", "metadata|labels|team", "a/patch.yaml:7"},
		{"a", "ConfigMap/settings", "data|key", "a/patch.yaml:9"},
		{"b", "ConfigMap/b-settings", "kind", "base/settings.yaml:3"},
		{"b", "ConfigMap/b-settings", "metadata|namespace", "base/settings.yaml:6"},
		{"b", "ConfigMap/b-settings", "metadata|name", "b/kustomization.yaml:2"},
		{"b", "ConfigMap/b-settings", "data|key", "b/patch.yaml:9"},
	} {
		r, _ := Build(t.Context(), tr, tt.dir, Options{})
		if len(r.Problems) > 0 {
			t.Fatal(r.Problems)
		}
		o, v := value(t, r, tt.object, tt.path)
		if tt.path == "" {
			v = o.Root
		}
		got := o.Locate(v)
		if !strings.HasSuffix(fmt.Sprintf("%s:%d", got.File, got.Line), "/"+tt.want) || got.Precision != lint.PrecisionExact {
			t.Errorf("%s %s %s: %v %s, want %s", tt.dir, tt.object, tt.path, got.Position, got.Precision, tt.want)
		}
	}
}

// TestWords has words that are booleans in YAML 1.1 and strings in what kustomize builds.
func TestWords(t *testing.T) {
	dir := write(t, "-- kustomization.yaml --\nresources: [pod.yaml]\n-- pod.yaml --\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  hostNetwork: yes\n  hostPID: true\n  containers:\n  - name: c\n    env: [{name: A, value: on}]\n")
	t.Chdir(dir)
	r, _ := Build(t.Context(), openTree(t, dir), ".", Options{})
	for path, quoted := range map[string]bool{"spec|hostNetwork": true, "spec|hostPID": false, "spec|containers|c|env|A|value": true} {
		if _, v := value(t, r, "Pod/p", path); v.Node.Style != 0 != quoted {
			t.Errorf("%s: style %d of %s", path, v.Node.Style, v.Node.Value)
		}
	}
	if text := r.Texts[0].Text; !strings.Contains(text, `hostNetwork: "yes"`) || !strings.Contains(text, `value: "on"`) {
		t.Error(text)
	}
}
