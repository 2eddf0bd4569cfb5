package vendir

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/tree"
)

// maxBeside is how many files beside a filled folder are read.
const maxBeside = 200

var (
	// loadsOverlay matches how a template of ytt takes in what overlays need.
	loadsOverlay = regexp.MustCompile(`(?m)^[ \t]*#@[ \t]*load\("@ytt:overlay"`)
	// matchesSubset matches what an overlay of ytt changes: all objects with some fields.
	matchesSubset = regexp.MustCompile(`^#@overlay/match by=overlay\.subset\((\{.*\})\)`)
	subsetKind    = regexp.MustCompile(`"kind": *"([\w.-]+)"`)
	subsetName    = regexp.MustCompile(`"name": *"([\w.:-]+)"`)
)

// overlay is an overlay of ytt: for the objects of a kind with a name, if it says which.
type overlay struct {
	lint.Position
	kind, name string
}

// Overlay is the overlay of ytt, beside the folder that vendir fills with a file, which changes an object of the file. If there is none,
// it is the first one for other objects, and isOfObject is not set. It is empty if there are no overlays.
func (r *Reader) Overlay(t *tree.Tree, name, kind, object string) (at lint.Position, isOfObject bool) {
	dir, _ := r.Vendored(t, name)
	if dir == "" || path.Dir(dir) == "." {
		return at, false
	}
	for _, o := range r.overlaysIn(t, path.Dir(dir)) {
		switch {
		case o.kind == kind && o.name == object:
			return o.Position, true
		case at.File == "":
			at = o.Position
		}
	}
	return at, false
}

// overlaysIn reads the overlays in a folder, once.
func (r *Reader) overlaysIn(t *tree.Tree, dir string) []overlay {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := discover.ID{Dir: t.Dir(), Name: dir}
	l, known := r.overlays[id]
	if known {
		return l
	}
	entries, _ := t.ReadDir(dir) // what cannot be listed says nothing
	for i, e := range entries {
		if ext := path.Ext(e.Name()); i >= maxBeside || !e.Type().IsRegular() || ext != ".yaml" && ext != ".yml" {
			continue
		}
		name := path.Join(dir, e.Name())
		if text, err := t.ReadFile(name); err == nil && len(text) <= maxText && loadsOverlay.Match(text) {
			l = append(l, overlaysOf(t.Display(name), text)...)
		}
	}
	if r.overlays == nil {
		r.overlays = map[discover.ID][]overlay{}
	}
	r.overlays[id] = l
	return l
}

// overlaysOf are the overlays in a file: the first one alone if it says of none which objects it changes.
func overlaysOf(file string, text []byte) (l []overlay) {
	n := 0
	for line := range bytes.Lines(text) {
		n++
		m := matchesSubset.FindSubmatch(bytes.TrimRight(line, "\r\n"))
		if m == nil {
			continue
		}
		o := overlay{Position: lint.Position{File: file, Line: n}}
		if kind := subsetKind.FindSubmatch(m[1]); kind != nil {
			o.kind = string(kind[1])
		}
		if name := subsetName.FindSubmatch(m[1]); name != nil && strings.Contains(string(m[1]), `"metadata"`) {
			o.name = string(name[1])
		}
		l = append(l, o)
	}
	if len(l) == 0 && bytes.Contains(text, []byte("#@overlay/match")) {
		l = []overlay{{Position: lint.Position{File: file, Line: 1}}}
	}
	return l
}
