package validity_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/rules"
)

// variant is a valid object with one change, and what Kubernetes says of it.
type variant struct {
	line    int
	object  int
	delete  bool
	path    []any
	value   any
	verdict string
}

// TestReferee compares the rules with what Kubernetes' own validation said of some thousand
// variants of valid objects: see testdata/referee.txtar. What is accepted is never
// reported; what is refused is, unless it is listed as a gap.
func TestReferee(t *testing.T) {
	objects := readObjects(t)
	var list []*lint.Rule
	for _, r := range rules.All() {
		if refuses(r.ID) {
			list = append(list, r)
		}
	}
	count := map[string]int{}
	for i, v := range readVariants(t) {
		if testing.Short() && i%5 > 0 {
			continue
		}
		o := clone(t, objects[v.object])
		change(t, o, v)
		found := check(t, list, o)
		verdict, field, _ := strings.Cut(v.verdict, " ")
		count[verdict]++
		switch {
		case verdict == "accepted" && len(found) > 0:
			t.Errorf("variants.txt:%d: accepted, and reported: %s", v.line, found[0].Message)
		case verdict == "refused" && len(found) == 0:
			t.Errorf("variants.txt:%d: refused at %s, and not reported", v.line, field)
		case verdict == "gap" && len(found) > 0:
			t.Errorf("variants.txt:%d: reported, so that it is no gap any more: %s", v.line, found[0].Message)
		}
	}
	if !testing.Short() && (count["refused"] < 1000 || count["accepted"] < 1000 || count["gap"] > 200) {
		t.Errorf("%v", count)
	}
	t.Log(count)
}

// refuses reports the rules on what the API server refuses. Rules of other sections that do
// so too are named.
func refuses(id string) bool {
	switch id {
	case "selector-matches-template", "volume-exists", "unique-names", "restart-policy", "requests-within-limits":
		return true
	case "no-deprecated-api": // which the API server takes, with a warning
		return false
	}
	return rules.Section(id) == "api" || rules.Section(id) == "validity"
}

func readObjects(t *testing.T) []map[string]any {
	t.Helper()
	data, err := os.ReadFile("testdata/objects.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var l []map[string]any
	for doc := range strings.SplitSeq(string(data), "\n---\n") {
		var o map[string]any
		if err := yaml.Unmarshal([]byte(doc), &o); err != nil {
			t.Fatal(err)
		}
		l = append(l, o)
	}
	return l
}

func readVariants(t *testing.T) []variant {
	t.Helper()
	data, err := os.ReadFile("testdata/variants.txt")
	if err != nil {
		t.Fatal(err)
	}
	var l []variant
	n := 0
	for line := range strings.Lines(string(data)) {
		if n++; strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		v := variant{line: n, delete: f[1] == "delete", verdict: f[4]}
		v.object, err = strconv.Atoi(f[0])
		if err == nil {
			err = errors.Join(json.Unmarshal([]byte(f[2]), &v.path), value(f, &v.value))
		}
		if err != nil {
			t.Fatalf("variants.txt:%d: %v", n, err)
		}
		l = append(l, v)
	}
	return l
}

func value(fields []string, v *any) error {
	if fields[1] == "delete" {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(fields[3]))
	d.UseNumber()
	return d.Decode(v)
}

func clone(t *testing.T, o map[string]any) map[string]any {
	t.Helper()
	data, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	var c map[string]any
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// change makes the variant of an object.
func change(t *testing.T, o map[string]any, v variant) {
	t.Helper()
	var at any = o
	for _, step := range v.path[:len(v.path)-1] {
		at = child(t, at, step)
	}
	last := v.path[len(v.path)-1]
	switch parent := at.(type) {
	case map[string]any:
		if v.delete {
			delete(parent, last.(string))
		} else {
			parent[last.(string)] = v.value
		}
	case []any:
		parent[int(last.(float64))] = v.value
	default:
		t.Fatalf("variants.txt:%d: no such path", v.line)
	}
}

func child(t *testing.T, v, step any) any {
	t.Helper()
	switch parent := v.(type) {
	case map[string]any:
		return parent[step.(string)]
	case []any:
		return parent[int(step.(float64))]
	}
	t.Fatalf("no such path: %v", step)
	return nil
}

func check(t *testing.T, list []*lint.Rule, o map[string]any) []*lint.Finding {
	t.Helper()
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(o); err != nil {
		t.Fatal(err)
	}
	data, _ := io.ReadAll(&b)
	source := manifest.NewSource("f.json", data)
	u := &lint.Unit{Input: "f.json"}
	for _, d := range manifest.Documents(data) {
		objects, problems := manifest.Objects(d.Node, source)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		u.Objects = append(u.Objects, objects...)
	}
	findings, problems := (&lint.Checker{Rules: list, Version: lint.Newest}).Check(u)
	for _, p := range problems {
		t.Error(p, p.Detail)
	}
	var l []*lint.Finding
	for _, f := range findings {
		// Kubernetes takes 500m of memory, and refuses a port of the node when it gives it out.
		if !strings.Contains(f.Message, "thousandths of a byte") && !strings.HasSuffix(f.Path, "nodePort") || f.Rule.ID == "valid-service" {
			l = append(l, f)
		}
	}
	return l
}
