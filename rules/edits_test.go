package rules

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// TestEditsFix makes the edits of all findings in the examples, one at a time: the text
// must stay YAML with the same objects, and most findings must go. An editor offers only
// those edits.
func TestEditsFix(t *testing.T) {
	files, err := filepath.Glob("../examples/rules/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no examples", err)
	}
	edits, fixed := 0, 0
	tried := map[string]int{} // by rule
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		objects, before := checkText(t, file, string(data))
		for _, f := range before {
			if len(f.Fix.Edits) == 0 || tried[f.Rule.ID] >= 5 {
				continue
			}
			tried[f.Rule.ID]++
			edits++
			text, ok := lint.Apply(string(data), f.Fix.Edits)
			if !ok {
				t.Errorf("%s: %v cannot be made", file, f.Fix.Edits)
				continue
			}
			n, after := checkText(t, file, text)
			if n != objects {
				t.Errorf("%s: %d objects, want %d after %v", file, n, objects, f.Fix.Edits)
			}
			if count(after, f) < count(before, f) {
				fixed++
			} else {
				t.Logf("%s:%d %s: %s stays after %v", file, f.Origin.Line, f.Rule.ID, f.Message, f.Fix.Edits)
			}
		}
	}
	t.Logf("%d of %d edits fix their finding", fixed, edits)
	if edits < 100 || fixed < edits*9/10 {
		t.Errorf("%d of %d edits fix their finding", fixed, edits)
	}
}

// count counts the findings that are like one.
func count(l []*lint.Finding, f *lint.Finding) int {
	n := 0
	for _, g := range l {
		if g.Rule == f.Rule && g.Fingerprint == f.Fingerprint {
			n++
		}
	}
	return n
}

// checkText checks the objects of a text, and counts them.
func checkText(t *testing.T, file, text string) (objects int, findings []*lint.Finding) {
	t.Helper()
	u := &lint.Unit{Input: ".", Kind: lint.UnitManifests}
	source := manifest.NewSource(file, []byte(text))
	for _, d := range manifest.Documents([]byte(text)) {
		if d.Err != nil {
			t.Errorf("%s: %v", file, d.Err)
			continue
		}
		l, _ := manifest.Objects(d.Node, source)
		u.Objects = append(u.Objects, l...)
	}
	c := lint.Checker{Rules: All(), Version: lint.Newest, Profile: lint.Strict, Edits: true}
	findings, _ = c.Check(u)
	return len(u.Objects), findings
}
