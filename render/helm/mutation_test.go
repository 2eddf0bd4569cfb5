package helm

import (
	"bytes"
	"context"
	"io"
	"iter"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v3/pkg/chart/loader"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
)

// mutations counts the results of editing the values entries that are reported as the
// places to edit.
type mutations struct {
	set, followed    int // entries of values
	added, appeared  int // entries to which an absent field is added
	enabled, printed int // blocks whose switches are set, and whose object is then there
	wrong, undecided int // undecided: the chart refuses the other value
}

// TestMutation edits the values files at the places that Locate gives as entries:
// another value where there is one, an absent field where there is none. It renders
// again and wants the field to follow. KUBEVET_CHARTS names more charts, as for
// TestLikeHelm; KUBEVET_FIELDS limits the fields of each.
func TestMutation(t *testing.T) {
	log.SetOutput(io.Discard)
	var own mutations
	for _, d := range []string{"testdata/charts/web", "testdata/charts/gates"} {
		own.try(t, d, 1000)
	}
	if own.followed == 0 || own.appeared == 0 || own.printed == 0 || own.undecided > 0 {
		t.Errorf("testdata: %+v", own)
	}
	root := os.Getenv("KUBEVET_CHARTS")
	if root == "" {
		t.Log("SKIPPED in part: KUBEVET_CHARTS is not set, no real charts were tried")
		return
	}
	limit, err := strconv.Atoi(os.Getenv("KUBEVET_FIELDS"))
	if err != nil {
		limit = 20
	}
	var all mutations
	for _, d := range chartsBelow(t, root) {
		all.try(t, d, limit)
	}
	t.Logf("values set: %d, followed %d; fields added: %d, appeared %d; blocks enabled: %d, printed %d; wrong %d; the chart refused: %d",
		all.set, all.followed, all.added, all.appeared, all.enabled, all.printed, all.wrong, all.undecided)
}

// field is a field of an object of a rendering.
type field struct{ kind, name, path string }

// absentFields are paths below a container that few charts set.
var absentFields = []string{
	"securityContext.privileged", "securityContext.runAsNonRoot", "securityContext.readOnlyRootFilesystem",
	"securityContext.seccompProfile.type", "resources.limits.memory", "resources.requests.cpu",
}

func (m *mutations) try(t *testing.T, dir string, limit int) {
	c, _ := loadChart(t, dir)
	if c == nil {
		return
	}
	out := c.Render(context.Background(), Scenario{})
	if out.Unit == nil {
		return
	}
	m.enable(t, c, out.Unit, limit)
	present, absent := 0, 0
	seen := map[string]bool{}
	for _, o := range out.Unit.Objects {
		for v := range leaves(o) {
			e := o.Locate(v).Entry
			if e == nil || seen[e.Key] {
				continue
			}
			seen[e.Key] = true
			f := field{o.Kind, o.Name, v.Path()}
			switch {
			case v.IsScalar() && present < limit:
				present++
				m.edit(t, c, f, v, *e)
			case !v.IsSet() && absent < limit:
				absent++
				m.edit(t, c, f, v, *e)
			}
		}
	}
}

// enable sets the switches that are reported to enable the objects of disabled blocks.
func (m *mutations) enable(t *testing.T, c *Chart, u *lint.Unit, limit int) {
	kinds := map[string]bool{}
	c.root.addKinds(kinds)
	delete(kinds, "List") // its items are the objects
	for _, kind := range trace.SortedKeys(kinds) {
		for _, o := range u.Disabled(kind) {
			if o.Unsure {
				continue
			}
			if limit--; limit < 0 {
				return
			}
			m.enabled++
			switch after, _ := u.Try(o.Keys); {
			case after == nil:
				m.undecided++
			case count(after, o) > count(u, o):
				m.printed++
			default:
				m.wrong++
				t.Errorf("%s: %s of %s is not printed with %v", c.Dir, kind, o.Template, o.Keys)
			}
		}
	}
}

// count counts the objects of a kind that a template printed.
func count(u *lint.Unit, of lint.DisabledObject) (n int) {
	for _, o := range u.Objects {
		if trail := o.Locate(o.Root).Trail; o.Kind == of.Kind && trail[len(trail)-1].Position.File == of.Template {
			n++
		}
	}
	return n
}

// addKinds adds the kinds that the templates of a chart and its subcharts name.
func (s *sources) addKinds(to map[string]bool) {
	for _, f := range s.files {
		for _, kinds := range kindsOf(string(f.Data)) {
			for _, k := range kinds {
				to[k] = true
			}
		}
	}
	for _, sub := range s.subs {
		sub.addKinds(to)
	}
}

// leaves yields the scalars of an object, and absent fields of its containers and pods.
func leaves(o *lint.Object) iter.Seq[lint.Value] {
	return func(yield func(lint.Value) bool) {
		if !scalars(o.Root, yield) {
			return
		}
		for _, w := range o.Workloads {
			for _, h := range w.Containers {
				for _, p := range absentFields {
					if v := h.Get(p); !v.IsSet() && !yield(v) {
						return
					}
				}
			}
		}
	}
}

func scalars(v lint.Value, yield func(lint.Value) bool) bool {
	if v.IsScalar() {
		return yield(v)
	}
	for item := range v.Items() {
		if !scalars(item, yield) {
			return false
		}
	}
	for name, c := range v.Entries() {
		if strings.ContainsAny(name, `.[]"`) || v.Path() == "metadata" && name == "name" {
			continue // get does not read such paths, and finds objects by their names
		}
		if !scalars(c, yield) {
			return false
		}
	}
	return true
}

// edit changes the file of an entry, and checks how a field changes.
func (m *mutations) edit(t *testing.T, c *Chart, f field, v lint.Value, e lint.Entry) {
	data := c.root.textOf(e.File)
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil || data == nil {
		t.Errorf("%s: %s of %s is in no file of the chart", e, e.Key, c.Dir)
		return
	}
	n := nodeAt(&doc, e, v.IsScalar())
	if n == nil {
		m.inBlock(t, c, f, v, e, data)
		return
	}
	if v.IsScalar() {
		change(n)
		m.set++
	} else {
		add(n, e.Addition.Path, v.Path())
		m.added++
	}
	withoutComments(&doc) // in a flow mapping they would hide what follows
	edited, err := yaml.Marshal(&doc)
	if err != nil {
		t.Fatal(err)
	}
	m.checkField(t, c.withText(t, e.File, edited), f, v, e)
}

// inBlock changes a text within a literal block.
func (m *mutations) inBlock(t *testing.T, c *Chart, f field, v lint.Value, e lint.Entry, data []byte) {
	lines := bytes.SplitAfter(data, []byte("\n"))
	line := []rune(string(lines[e.Line-1]))
	text := "mutated"
	if _, ok := v.Int(); ok {
		text = "4711"
	} else if b, ok := v.Bool(); ok {
		text = strconv.FormatBool(!b)
	}
	lines[e.Line-1] = []byte(string(line[:e.Column-1]) + text + string(line[e.EndColumn-1:]))
	m.set++
	m.checkField(t, c.withText(t, e.File, bytes.Join(lines, nil)), f, v, e)
}

// checkField requires that a field has changed.
func (m *mutations) checkField(t *testing.T, c *Chart, f field, v lint.Value, e lint.Entry) {
	got, ok := f.of(c)
	switch {
	case !ok:
		m.undecided++
	case v.IsScalar() && got != v.Node.Value:
		m.followed++
	case !v.IsScalar() && got != "":
		m.appeared++
	default:
		m.wrong++
		t.Errorf("%s: %s/%s %s stays %q with another %s", e, f.kind, f.name, f.path, got, e.Key)
	}
}

// of is the field's value in a rendering. ok is false if the object is not there: the
// chart refuses the values, or does not print it.
func (f field) of(c *Chart) (value string, ok bool) {
	if c == nil {
		return "", false
	}
	out := c.Render(context.Background(), Scenario{})
	if out.Unit == nil {
		return "", false
	}
	for _, o := range out.Unit.Objects {
		if o.Kind == f.kind && o.Name == f.name {
			if v := get(o.Root, f.path); v.IsScalar() {
				return v.Node.Value, true
			}
			return "", true
		}
	}
	return "", false
}

// nodeAt is the value that begins, or whose key begins, at the entry: a scalar, or for an
// absent field a map or an empty value. It is nil if the line is within a text.
func nodeAt(n *yaml.Node, e lint.Entry, scalar bool) *yaml.Node {
	fits := func(at, v *yaml.Node) bool {
		isMap := v.Kind == yaml.MappingNode || v.Kind == yaml.AliasNode || v.Value == "" || v.Tag == "!!null"
		return at.Line == e.Line && at.Column == e.Column && (v.Kind == yaml.ScalarNode && scalar || isMap && !scalar)
	}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			continue
		}
		switch {
		case n.Kind == yaml.MappingNode && fits(n.Content[i-1], c):
			return c
		case n.Kind == yaml.SequenceNode || n.Kind == yaml.MappingNode && scalar:
			if fits(c, c) { // a map in a map starts where its first key does
				return c
			}
		}
		if found := nodeAt(c, e, scalar); found != nil {
			return found
		}
	}
	return nil
}

func withoutComments(n *yaml.Node) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	for _, c := range n.Content {
		withoutComments(c)
	}
}

// change gives a scalar another value of its type.
func change(n *yaml.Node) {
	switch n.Tag {
	case "!!bool":
		n.Value = strconv.FormatBool(n.Value != "true")
	case "!!int":
		n.Value = "4711"
	case "!!float":
		n.Value = "47.11"
	default:
		n.SetString("mutated")
	}
}

// add adds an absent field at a path below a map or an empty value. The value is one for
// the field at a path of the object.
func add(n *yaml.Node, missing, field string) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	var path []string
	if missing != "" {
		path = strings.Split(missing, ".")
	}
	for len(path) > 1 { // what the file has, and the template left out
		_, child := trace.ChildNode(n, path[0])
		if child == nil {
			break
		}
		n, path = child, path[1:]
	}
	value := &yaml.Node{}
	switch {
	case strings.Contains(field, "resources."):
		value.SetString("64Mi")
	case strings.HasSuffix(field, ".type"):
		value.SetString("RuntimeDefault")
	default:
		value = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"}
	}
	for i, name := range slices.Backward(path) {
		key := &yaml.Node{}
		key.SetString(name)
		if i == 0 && n.Kind == yaml.MappingNode {
			n.Content = append(n.Content, key, value)
			return
		}
		value = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{key, value}}
	}
	*n = *value
}

// textOf is the text of a file, by its name in reports. It is nil if it is none of the chart's.
func (s *sources) textOf(name string) []byte {
	for _, f := range s.files {
		if s.path(f.Name) == name {
			return f.Data
		}
	}
	for _, sub := range s.subs {
		if data := sub.textOf(name); data != nil {
			return data
		}
	}
	return nil
}

// withText is the chart with another text in one of its files. It is nil if Helm cannot read it.
func (c *Chart) withText(t *testing.T, name string, data []byte) *Chart {
	t.Helper()
	d := *c
	d.documents = &documents{byFile: map[string]readText{}}
	d.library = &trace.Library{ByName: map[string]*trace.Entry{}}
	d.trees = &values.Trees{ByFile: map[string]values.ReadTree{}}
	var ok bool
	if d.root, ok = c.root.withText(name, data); !ok {
		return nil
	}
	return &d
}

func (s *sources) withText(name string, data []byte) (*sources, bool) {
	r := &sources{dir: s.dir}
	for _, f := range s.files {
		if s.path(f.Name) == name {
			f = &loader.BufferedFile{Name: f.Name, Data: data}
		}
		r.files = append(r.files, f)
	}
	for _, sub := range s.subs {
		changed, ok := sub.withText(name, data)
		if !ok {
			return nil, false
		}
		r.subs = append(r.subs, changed)
	}
	var err error
	r.loaded, err = loader.LoadFiles(r.files)
	return r, err == nil
}
