package render

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// TestManyBases: of more bases than are built to find copies of them, those count first from which a command builds a file, and those beside a file of
// the same name.
func TestManyBases(t *testing.T) {
	var files, listed strings.Builder
	objects := func(base string) string {
		return fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: %s}\n", base, base)
	}
	add := func(base string) {
		fmt.Fprintf(&files, "-- bases/%s/kustomization.yaml --\nresources: [all.yaml]\n-- bases/%s/all.yaml --\n%s", base, base, objects(base))
		fmt.Fprintf(&listed, "- ../bases/%s\n", base)
	}
	for i := range maxBases {
		add(fmt.Sprintf("a%02d", i))
	}
	add("beside")
	add("built")
	add("other")
	writeTree(t, files.String()+"-- web/kustomization.yaml --\nresources:\n"+listed.String()+
		"-- Makefile --\ndist:\n\tkustomize build bases/built > dist/all.yaml\n-- dist/all.yaml --\n"+objects("built")+
		"-- bases/beside.yaml --\n"+objects("beside")+"-- dist/other.yaml --\n"+objects("other"))
	p, err := NewPlan([]string{"."}, Options{Jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range p.Run(t.Context(), func(*lint.Rendered) {}).Summary.Skipped {
		got = append(got, s.File+": "+s.Reason)
	}
	want := []string{
		"bases/beside.yaml: holds what the overlay bases/beside was built to, which is linted",
		"dist/all.yaml: a command builds it from the overlay bases/built, which is linted",
	}
	if !slices.Equal(got, want) {
		t.Errorf("skipped %q, want %q", got, want)
	}
}
