package helm

import (
	"context"
	"io"
	"log"
	"os"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// mutations counts what came of setting the keys that origins name.
type mutations struct{ tried, changed, absent, appeared int }

// TestMutation sets the values keys that are said to supply a value, or to be
// where an absent one can be given, and wants the rendered field to follow.
// KUBEVET_CHARTS names more charts, as for TestLikeHelm; of those every eighth
// is tried, and a few fields of each.
func TestMutation(t *testing.T) {
	log.SetOutput(io.Discard)
	var own mutations
	for _, d := range []string{"testdata/charts/web", "testdata/charts/gates"} {
		own.try(t, d, 1000)
	}
	if own.changed != own.tried || own.appeared != own.absent || own.absent == 0 {
		t.Errorf("testdata: %+v", own)
	}
	root := os.Getenv("KUBEVET_CHARTS")
	if root == "" {
		t.Log("KUBEVET_CHARTS is not set: no real charts were tried")
		return
	}
	var all mutations
	for i, d := range chartsBelow(t, root) {
		if i%8 == 0 {
			all.try(t, d, 6)
		}
	}
	t.Logf("keys set: %d, the field followed %d times (%.1f %%); absent fields: %d, given by the key named %d times (%.1f %%)",
		all.tried, all.changed, percent(all.changed, all.tried), all.absent, all.appeared, percent(all.appeared, all.absent))
}

// field is a field of an object of a rendering.
type field struct{ kind, name, path string }

func (m *mutations) try(t *testing.T, dir string, limit int) {
	c, _ := loadChart(t, dir)
	if c == nil {
		return
	}
	out := c.Render(context.Background(), Scenario{})
	if out.Unit == nil {
		return
	}
	present, absent := 0, 0
	seen := map[string]bool{}
	for _, o := range out.Unit.Objects {
		for _, w := range o.Workloads {
			for _, h := range w.Containers {
				for _, p := range []string{"image", "securityContext.privileged", "securityContext.runAsNonRoot", "securityContext.readOnlyRootFilesystem", "resources.limits.memory"} {
					v := h.Get(p)
					s, ok := onlyKey(o.Locate(v))
					if !ok || seen[s.Label+p] || strings.ContainsAny(s.Label, `[]"`) {
						continue
					}
					seen[s.Label+p] = true
					f := field{o.Kind, o.Name, v.Path()}
					switch {
					case v.IsScalar() && present < limit:
						present++
						m.setPresent(t, c, f, v, s)
					case !v.IsSet() && absent < limit:
						absent++
						m.setAbsent(t, c, f, p, s)
					}
				}
			}
		}
	}
}

// onlyKey is the values step of a trail that has just one.
func onlyKey(o lint.Origin) (step lint.Step, ok bool) {
	n := 0
	for _, s := range o.Trail {
		if s.Kind == lint.StepValues {
			step = s
			n++
		}
	}
	return step, n == 1
}

func (m *mutations) setPresent(t *testing.T, c *Chart, f field, v lint.Value, s lint.Step) {
	want := "mutated"
	if b, ok := v.Bool(); ok {
		want = map[bool]string{true: "false", false: "true"}[b]
	}
	m.tried++
	got, ok := f.with(c, s.Label+"="+want)
	if ok && got != v.Node.Value {
		m.changed++
		return
	}
	t.Logf("%s: %s/%s %s stays %q with %s=%s", c.Dir, f.kind, f.name, f.path, got, s.Label, want)
}

func (m *mutations) setAbsent(t *testing.T, c *Chart, f field, path string, s lint.Step) {
	want := s.Set
	switch {
	case want != "":
	case strings.HasSuffix(path, "memory"):
		want = "64Mi"
	case path == "image":
		want = "mutated"
	default:
		want = "true"
	}
	m.absent++
	got, ok := f.with(c, s.Label+"="+want)
	if ok && got != "" {
		m.appeared++
		return
	}
	t.Logf("%s: %s/%s %s stays absent with %s=%s", c.Dir, f.kind, f.name, f.path, s.Label, want)
}

// with is the field's value in a rendering with a key set.
func (f field) with(c *Chart, set string) (value string, ok bool) {
	out := c.Render(context.Background(), Scenario{Set: []string{set}})
	if out.Unit == nil {
		return "", false
	}
	for _, o := range out.Unit.Objects {
		if o.Kind == f.kind && o.Name == f.name {
			return get(o.Root, f.path).Text(), true
		}
	}
	return "", false
}
