package helm

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kubevet/kubevet/render/helm/values"

	"github.com/kubevet/kubevet/render/helm/trace"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/tree"
)

// loadChart loads a chart by its path on disk.
func loadChart(t testing.TB, dir string) (*Chart, []lint.Problem) {
	t.Helper()
	tr, err := tree.Open(filepath.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tr.Close() })
	return new(Loader).Load(tr, filepath.Base(dir))
}

// tally counts how a set of charts compares with Helm's engine.
type tally struct {
	identical, unstable, differing, failedBoth, failedHere, failedThere, unloadable int
	lines, placed, exact                                                            int
	fromValues, withKey                                                             int
}

// TestLikeHelm renders charts with Helm's own engine and with this one. It wants
// the same bytes wherever Helm's engine agrees with itself. KUBEVET_CHARTS names
// a folder with more charts, or a file that lists their paths.
func TestLikeHelm(t *testing.T) {
	log.SetOutput(io.Discard) // Helm warns of odd values there
	dirs, err := filepath.Glob("testdata/charts/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no charts in testdata: %v", err)
	}
	var own tally
	for _, d := range dirs {
		t.Run(filepath.Base(d), func(t *testing.T) { compareChart(t, d, &own, true) })
	}
	own.log(t)
	root := os.Getenv("KUBEVET_CHARTS")
	if root == "" {
		t.Log("KUBEVET_CHARTS is not set: no real charts were compared")
		return
	}
	var all tally
	for _, d := range chartsBelow(t, root) {
		compareChart(t, d, &all, false)
	}
	all.log(t)
	if all.differing > 0 {
		t.Errorf("%d charts differ", all.differing)
	}
}

func (n *tally) log(t *testing.T) {
	t.Logf("charts: %d identical, %d identical where Helm agrees with itself, %d differ, %d fail in both, %d fail here only, %d fail in Helm only, %d cannot be loaded",
		n.identical, n.unstable, n.differing, n.failedBoth, n.failedHere, n.failedThere, n.unloadable)
	t.Logf("rendered lines: %d, with a template line %d (%.3f %%), exact %d", n.lines, n.placed, percent(n.placed, n.lines), n.exact)
	t.Logf("security-relevant scalars that come from values: %d, with a verified key %d (%.2f %%)", n.fromValues, n.withKey, percent(n.withKey, n.fromValues))
}

func percent(a, b int) float64 { return 100 * float64(a) / float64(max(b, 1)) }

// chartsBelow lists charts that are not parts of others.
func chartsBelow(t testing.TB, root string) []string {
	info, err := os.Stat(root)
	if err != nil {
		t.Fatal(err)
	}
	var l []string
	if !info.IsDir() {
		f, err := os.Open(root)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		for s := bufio.NewScanner(f); s.Scan(); {
			if fields := strings.Fields(s.Text()); len(fields) > 0 {
				l = append(l, fields[0])
			}
		}
		return l
	}
	err = filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if _, err := os.Stat(filepath.Join(p, "Chart.yaml")); err == nil {
				l = append(l, p)
				return filepath.SkipDir
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// helmEngine renders with Helm's engine, as helm template would.
func helmEngine(c *Chart) (map[string]string, error) {
	names := newFileNames()
	hc := c.root.build(&names)
	vals := map[string]any{}
	if err := chartutil.ProcessDependenciesWithMerge(hc, vals); err != nil {
		return nil, err
	}
	r := &rendering{out: &lint.Rendered{}, chart: c, keys: &values.Index{}}
	rv, err := chartutil.ToRenderValuesWithSchemaValidation(hc, vals,
		chartutil.ReleaseOptions{Name: c.Name, Namespace: "default", Revision: 1, IsInstall: true}, r.capabilities(hc, lint.Version{}, nil), true)
	if err != nil {
		return nil, err
	}
	return engine.Render(hc, rv)
}

func compareChart(t *testing.T, dir string, n *tally, strict bool) {
	c, _ := loadChart(t, dir)
	if c == nil {
		n.unloadable++
		return
	}
	want, helmErr := helmEngine(c)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	r := newRendering(ctx, c)
	r.render(&Scenario{})
	var failures []string
	for _, p := range r.out.Problems {
		if p.Code == lint.CodeInvalidYAML || p.Code == lint.CodeNotAnObject || p.Code == lint.CodeDuplicateKey || strings.HasPrefix(p.Message, "values break") {
			continue
		}
		failures = append(failures, p.Error())
	}
	switch {
	case helmErr != nil && len(failures) > 0:
		n.failedBoth++
	case helmErr != nil:
		n.failedThere++
		t.Logf("%s: only Helm fails: %v", dir, helmErr)
	case len(failures) > 0:
		n.failedHere++
		t.Errorf("%s: fails only here: %s", dir, strings.Join(failures, "\n"))
	default:
		n.compare(t, dir, c, want, r, strict)
	}
	n.measure(t, r, dir)
}

func (n *tally) compare(t *testing.T, dir string, c *Chart, want map[string]string, r *rendering, strict bool) {
	unstable := false
	for _, f := range r.files {
		if f.text == want[f.task.name] {
			continue
		}
		if strict {
			t.Errorf("%s: %s differs: %s", dir, f.task.name, firstDifference(want[f.task.name], f.text))
		}
		unstable = true
	}
	if !unstable {
		n.identical++
		return
	}
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second))) // Helm's templates print the time
	again, err := helmEngine(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.files {
		if d := realDifference(want[f.task.name], again[f.task.name], f.text); d != "" {
			n.differing++
			t.Logf("%s: %s differs: %s", dir, f.task.name, d)
			return
		}
	}
	n.unstable++
}

func firstDifference(want, got string) string { return realDifference(want, want, got) }

// realDifference is the first line that is the same in two renderings by Helm and
// the third text has not.
func realDifference(want, again, got string) string {
	w, a, g := strings.Split(want, "\n"), strings.Split(again, "\n"), strings.Split(got, "\n")
	if len(w) != len(a) {
		return ""
	}
	if len(w) != len(g) && strings.Contains(want, "BEGIN ") { // a certificate has more lines than its stand-in
		return ""
	}
	for i := range w {
		if w[i] != a[i] {
			continue
		}
		if i >= len(g) || w[i] != g[i] {
			return fmt.Sprintf("line %d: want %q, got %q", i+1, w[i], append(g, make([]string, len(w))...)[i])
		}
	}
	if len(g) != len(w) {
		return fmt.Sprintf("%d lines, want %d", len(g), len(w))
	}
	return ""
}

// securityFields are the fields whose values keys matter most.
const securityFields = ` image runAsNonRoot runAsUser runAsGroup privileged allowPrivilegeEscalation readOnlyRootFilesystem hostNetwork hostPID hostIPC
	hostPort cpu memory automountServiceAccountToken type path fsGroup procMount seccompProfile hostUsers `

// measure counts lines with a place, and security-relevant scalars with a key.
func (n *tally) measure(t *testing.T, r *rendering, dir string) {
	for _, f := range r.files {
		if filepath.Base(f.task.name) == "NOTES.txt" {
			continue
		}
		for i, l := range strings.Split(f.text, "\n") {
			if strings.TrimSpace(l) == "" {
				continue
			}
			n.lines++
			o := f.lineOrigin(i + 1)
			if o.Line > 0 {
				n.placed++
				if o.Precision == lint.PrecisionExact {
					n.exact++
				}
			} else {
				t.Logf("%s: %s:%d has no place: %q", dir, f.task.name, i+1, l)
			}
		}
	}
	if r.out.Unit == nil {
		return
	}
	for _, o := range r.out.Unit.Objects {
		n.scalarsOf(t, r, o, o.Root, "", dir)
	}
}

func (n *tally) scalarsOf(t *testing.T, r *rendering, o *lint.Object, v lint.Value, name, dir string) {
	switch {
	case v.IsMap():
		for k, c := range v.Entries() {
			n.scalarsOf(t, r, o, c, k, dir)
		}
	case v.IsList():
		for c := range v.Items() {
			n.scalarsOf(t, r, o, c, name, dir)
		}
	case v.IsScalar() && strings.Contains(securityFields, " "+name+" "):
		n.scalar(t, r, o, v, dir)
	}
}

// scalar counts one that is equal to a value that its template line, or one that
// led there, names.
func (n *tally) scalar(t *testing.T, r *rendering, o *lint.Object, v lint.Value, dir string) {
	at := o.Locate(v)
	has := false
	for _, s := range at.Trail {
		has = has || s.Kind == lint.StepValues
	}
	fromValues := has || strings.Contains(actionText(r, at.Position), ".Values.") && namesValue(r, actionText(r, at.Position), v.Node)
	if !fromValues {
		return
	}
	n.fromValues++
	if has {
		n.withKey++
		return
	}
	t.Logf("%s: %s %s = %q has no key: %s %q", dir, o.Ref(), v.Path(), v.Node.Value, at.Position, at.Text)
}

func actionText(r *rendering, p lint.Position) string {
	for _, s := range r.Sources {
		if s.File == p.File && p.Column > 0 {
			runes := []rune(s.Lines().Line(p.Line))
			end := cmp.Or(p.EndColumn, p.Column) - 1
			if p.Column-1 <= end && end <= len(runes) {
				return string(runes[p.Column-1 : end])
			}
		}
	}
	return ""
}

// namesValue reports whether an action names a values key that holds a scalar.
func namesValue(r *rendering, action string, n *yaml.Node) bool {
	for _, m := range valuesInText.FindAllStringSubmatch(action, -1) {
		v, ok := r.keys.At(strings.Split(strings.TrimPrefix(m[1], "."), "."))
		if ok && trace.PrintsAs(n.Value, v) {
			return true
		}
	}
	return false
}

// TestSubchartsOfOneName checks a chart that has two versions of a subchart in charts/, as after an update that left the old one: Helm takes
// the templates of the one that Chart.yaml requires, and merges the values of both.
func TestSubchartsOfOneName(t *testing.T) {
	t.Chdir(t.TempDir())
	files := map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n- {name: sub, version: 2.0.0, repository: \"https://example.com\"}\n",
	}
	for _, version := range []string{"1.0.0", "2.0.0"} {
		files["charts/sub-"+version+"/Chart.yaml"] = "apiVersion: v2\nname: sub\nversion: " + version + "\n"
		files["charts/sub-"+version+"/values.yaml"] = "tag: " + version + "\nof" + version[:1] + ": set\n"
		files["charts/sub-"+version+"/templates/a.yaml"] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {version: " + version + ", tag: {{ .Values.tag }}, all: '{{ .Values }}'}\n"
		files["charts/sub-"+version+"/templates/only-"+version+".yaml"] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: only-" + version + "}\n"
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir("web/"+name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("web/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	n := &tally{}
	compareChart(t, "web", n, true)
	c, _ := loadChart(t, "web")
	u := c.Render(context.Background(), Scenario{}).Unit
	if len(u.Objects) != 3 {
		t.Fatalf("%d objects; want 3", len(u.Objects))
	}
	a := object(t, u, "ConfigMap", "a")
	if at := a.Locate(a.Root.Get("data").Child("version")); !strings.HasSuffix(at.Trail[len(at.Trail)-1].Position.File, "charts/sub-2.0.0/templates/a.yaml") {
		t.Errorf("rendered from %v", at.Trail)
	}
}
