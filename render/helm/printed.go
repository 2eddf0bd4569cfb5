package helm

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// withCRDs puts the files of crds/ that have objects in a rendering before the texts of
// the rendering.
func (c *Chart) withCRDs(out *lint.Rendered) []lint.RenderedText {
	used := map[string]bool{}
	for _, o := range out.Unit.Objects {
		used[o.Locate(o.Root).File] = true
	}
	var l []lint.RenderedText
	var add func(s *sources)
	add = func(s *sources) {
		for _, f := range s.files {
			if name := s.path(f.Name); strings.HasPrefix(f.Name, "crds/") && used[name] {
				src := manifest.NewSource(name, f.Data)
				l = append(l, lint.RenderedText{Name: name, Text: string(f.Data), Origin: src.LocateLine, Locator: src})
			}
		}
		for _, sub := range s.subs {
			add(sub)
		}
	}
	add(c.root)
	return append(l, out.Texts...)
}

// Printed is the output of helm template for a rendering of the chart: its texts, and the
// chart's CRDs if crds is set. Documents for which skip returns true are blank in it, and
// so are documents that are not YAML.
func (c *Chart) Printed(out *lint.Rendered, crds bool, skip func(*lint.Object) bool) []lint.RenderedText {
	if out.Unit == nil {
		return nil
	}
	texts := out.Texts
	if crds {
		texts = c.withCRDs(out)
	}
	l := make([]lint.RenderedText, len(texts))
	for i, t := range texts {
		t.Text = without(t.Text, skip)
		l[i] = t
	}
	return l
}

// without replaces documents by blank lines, so that the other documents keep their line
// numbers.
func without(text string, skip func(*lint.Object) bool) string {
	docs := manifest.HelmDocuments([]byte(text))
	lines := strings.SplitAfter(text, "\n")
	changed := false
	for i, d := range docs {
		if d.Err == nil {
			if o, ok := lint.NewObject(d.Node, nil); !ok || !skip(o) {
				continue
			}
		}
		end := len(lines)
		if i+1 < len(docs) {
			end = docs[i+1].Line - 1
		}
		for l := d.Line - 1; l < end && l < len(lines); l++ {
			lines[l] = strings.Repeat("\n", strings.Count(lines[l], "\n"))
		}
		changed = true
	}
	if !changed {
		return text
	}
	return strings.Join(lines, "")
}
