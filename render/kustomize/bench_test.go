package kustomize

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kubevet/kubevet/lint"
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

// pods is an overlay of n Pods with labels, a prefix, a namespace and images.
func pods(tb testing.TB, n int) overlay {
	tb.Helper()
	var b strings.Builder
	b.WriteString("-- kustomization.yaml --\nresources: [pods.yaml]\ncommonLabels: {team: shop}\nnamePrefix: a-\nnamespace: shop\nimages: [{name: nginx, newTag: \"1\"}]\n-- pods.yaml --\n")
	for i := range n {
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%d}\nspec:\n  containers:\n  - name: c\n    image: nginx:latest\n    securityContext: {privileged: true}\n", i)
	}
	return overlay{write(tb, b.String()), "."}
}

// locateAll asks for the place of each value of an object.
func locateAll(o *lint.Object) {
	var walk func(v lint.Value)
	walk = func(v lint.Value) {
		o.Locate(v)
		switch {
		case v.IsMap():
			for _, e := range v.Entries() {
				walk(e)
			}
		case v.IsList():
			for e := range v.Items() {
				walk(e)
			}
		}
	}
	walk(o.Root)
}

// BenchmarkGrowth reports how the time for 2N Pods compares with that for N: of
// kustomize alone, which compares all objects with each other, and of what this
// package adds: the texts that kustomize gets, the output, and all places.
func BenchmarkGrowth(b *testing.B) {
	sealed(b)
	const n = 250
	small, large := pods(b, n), pods(b, 2*n)
	var theirs, ours [2]time.Duration
	for b.Loop() {
		for i, o := range []overlay{small, large} {
			start := time.Now()
			if _, err := plain(o, false); err != nil {
				b.Fatal(err)
			}
			theirs[i] += time.Since(start)
			t := openTree(b, o.root)
			build := &build{ctx: b.Context(), tree: t, dir: ".", dropped: map[entry]bool{}}
			build.files = newFiles(build)
			m, err := build.run()
			if err != nil {
				b.Fatal(err)
			}
			start = time.Now()
			again := newFiles(build)
			for _, name := range []string{"kustomization.yaml", "pods.yaml"} {
				if _, err := again.ReadFile(again.path(name)); err != nil {
					b.Fatal(err)
				}
			}
			out := &lint.Rendered{}
			build.render(out, m)
			for _, object := range out.Unit.Objects {
				locateAll(object)
			}
			ours[i] += time.Since(start)
		}
	}
	b.ReportMetric(float64(theirs[1])/float64(theirs[0]), "kustomize-2N/N")
	b.ReportMetric(float64(ours[1])/float64(ours[0]), "ours-2N/N")
	b.ReportMetric(float64(ours[1])/float64(theirs[1]), "of-kustomize")
}
