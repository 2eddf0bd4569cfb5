package kustomize

import (
	"os"
	"testing"
	"time"

	"github.com/kubevet/kubevet/render/tree"
)

// BenchmarkBuild builds the same overlays by kustomize alone and by Build:
// those of testdata, or of the folder that KUBEVET_KUSTOMIZATIONS names.
func BenchmarkBuild(b *testing.B) {
	sealed(b)
	folder := os.Getenv(corpusVariable)
	if folder == "" {
		folder = "testdata"
	}
	var overlays []overlay
	var trees []*tree.Tree
	for _, o := range overlaysBelow(b, folder) {
		if _, err := plain(o, false); err == nil {
			overlays = append(overlays, o)
			trees = append(trees, openTree(b, o.root))
		}
	}
	b.Run("kustomize", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, o := range overlays {
				if _, err := plain(o, false); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("build", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for i, o := range overlays {
				if r, _ := Build(b.Context(), trees[i], o.dir, Options{}); r.Unit == nil {
					b.Fatal(r.Problems)
				}
			}
		}
	})
	// Turn by turn, so that other load on the machine bears on both alike.
	b.Run("ratio", func(b *testing.B) {
		var theirs, ours time.Duration
		for b.Loop() {
			for i, o := range overlays {
				start := time.Now()
				if _, err := plain(o, false); err != nil {
					b.Fatal(err)
				}
				middle := time.Now()
				Build(b.Context(), trees[i], o.dir, Options{})
				theirs, ours = theirs+middle.Sub(start), ours+time.Since(middle)
			}
		}
		b.ReportMetric(float64(ours)/float64(theirs), "of-kustomize")
	})
}
