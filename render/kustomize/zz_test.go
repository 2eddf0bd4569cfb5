package kustomize

import (
	"os"
	"testing"
)

func TestZZ(t *testing.T) {
	sealed(t)
	seen := 0
	for _, o := range overlaysBelow(t, os.Getenv(corpusVariable)) {
		_, err := plain(o, false)
		if err == nil {
			continue
		}
		tr := openTree(t, o.root)
		got, _ := Build(t.Context(), tr, o.dir, Options{})
		seen++
		t.Logf("%s %s unit=%v\n   ERR %.900s", o.root, o.dir, got.Unit != nil, err)
		for _, p := range got.Problems {
			t.Logf("   PROB %v | %s | %s", p.Position, p.Message, p.Help)
		}
	}
}
