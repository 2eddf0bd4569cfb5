package pods

import (
	"slices"
	"strings"
	"testing"
)

// TestTable holds that each row of the table names kinds and a way to their pods, and that no
// two rows read the same pods of a kind.
func TestTable(t *testing.T) {
	t.Parallel()
	type place struct{ group, kind, path string }
	seen := map[place]bool{}
	for _, s := range table {
		if s.Kind == "" || s.Template != "" && s.PodSpec != "" {
			t.Errorf("row %+v has no kind, or both a template and a pod spec", s)
		}
		for kind := range strings.FieldsSeq(s.Kind) {
			p := place{s.Group, kind, s.Template + s.PodSpec}
			if seen[p] {
				t.Errorf("%+v is in the table twice", p)
			}
			seen[p] = true
		}
	}
	if l := Kinds(); !slices.IsSorted(l) || !slices.Contains(l, "DaemonSet") || slices.ContainsFunc(l, func(k string) bool { return strings.Contains(k, " ") }) {
		t.Errorf("kinds %v", l)
	}
}
