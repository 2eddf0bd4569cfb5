package render

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/tree"
)

// manifests reads the plain manifests of all arguments as one unit: what is
// deployed together is judged together. The input is how they were expected.
func (r *run) manifests(ctx context.Context, in *input) {
	files := r.plain()
	name := r.unitName(files)
	if in != nil {
		r.mu.Lock()
		in.name = name
		r.mu.Unlock()
		r.begin(name, "")
	}
	r.unit(ctx, UnitID{Kind: lint.UnitManifests, Input: name}, func(func(string)) *Part { return r.readManifests(name, files) })
	if in != nil {
		r.finish(ctx, in)
	}
}

// readManifests reads plain manifests as one unit.
func (r *run) readManifests(name string, files []file) *Part {
	read := make([]content, len(files)+1)
	parallel(r.plan.opts.Jobs, len(files), func(i int) {
		if p := recovered(files[i].display(), func() { read[i] = readManifest(files[i]) }); p != nil {
			p.File = files[i].display()
			read[i] = content{text: lint.RenderedText{Name: files[i].display()}, problems: []lint.Problem{*p}}
		}
	})
	if r.plan.stdin {
		read[len(files)] = readStdin(r.plan.opts.Stdin)
	}
	part := &Part{Rendered: &lint.Rendered{Unit: &lint.Unit{Input: name}}}
	for _, c := range read {
		part.Unit.Objects = append(part.Unit.Objects, c.objects...)
		part.Problems = append(part.Problems, c.problems...)
		if len(c.objects) > 0 {
			part.Texts = append(part.Texts, c.text)
			part.Sources = append(part.Sources, lint.SourceText{Name: c.text.Name, Text: c.data})
			part.Summary.Manifests++
		}
		if c.skip != "" {
			part.Summary.Skipped = append(part.Summary.Skipped, lint.Skip{File: c.text.Name, Reason: c.skip})
		}
		if c.text.Name != "" {
			part.Summary.Files++
		}
	}
	if len(part.Unit.Objects) == 0 {
		part.Unit = nil
	}
	return part
}

// plain lists the files that are manifests by themselves.
func (r *run) plain() []file {
	var files []file
	for _, f := range r.plan.found.manifests {
		if f.named || !r.owned[f.id()] {
			files = append(files, f)
		}
	}
	return files
}

// unitName names the unit of plain manifests after the directory that holds them all.
func (r *run) unitName(files []file) string {
	switch {
	case len(files) == 0:
		return stdinName
	case len(files) == 1 && !r.plan.stdin:
		return files[0].display()
	}
	dir := ""
	for i, f := range files {
		d := f.display()
		d = d[:strings.LastIndexByte(d, '/')+1]
		if i == 0 {
			dir = d
		}
		for !strings.HasPrefix(d, dir) {
			dir = dir[:strings.LastIndexByte(strings.TrimSuffix(dir, "/"), '/')+1]
		}
	}
	if dir == "" {
		return "."
	}
	return strings.TrimSuffix(dir, "/")
}

// content is what one file of plain manifests holds.
type content struct {
	text     lint.RenderedText
	data     []byte
	objects  []*lint.Object
	problems []lint.Problem
	skip     string // why the file was passed over; empty if it was not
}

func readManifest(f file) content {
	data, err := f.tree.ReadFile(f.name)
	if errors.Is(err, tree.ErrRefused) { // it is reported already
		return content{}
	}
	if err != nil {
		c := content{text: lint.RenderedText{Name: f.display()}}
		c.problems = []lint.Problem{{
			Position: lint.Position{File: f.display()},
			Message:  "cannot read the file: " + cause(err),
			Help:     "check its permissions, or leave it out with .gitignore",
		}}
		return c
	}
	return parseManifest(f.display(), data, f.named)
}

// stdinName is how reports call standard input.
const stdinName = "<stdin>"

func readStdin(in io.Reader) content {
	data, err := io.ReadAll(in)
	if err != nil {
		return content{problems: []lint.Problem{{
			Position: lint.Position{File: stdinName},
			Message:  "cannot read standard input: " + err.Error(),
		}}}
	}
	return parseManifest(stdinName, data, true)
}

// parseManifest makes the objects of a file. A file that is no manifest is
// passed over, unless the user named it: then it is a Problem.
func parseManifest(name string, data []byte, named bool) content {
	src := manifest.NewSource(name, data)
	c := content{text: lint.RenderedText{Name: name, Text: string(data), Origin: src.LocateLine}, data: data}
	if !named && !manifest.MayHoldObjects(data) {
		c.skip = "no apiVersion and kind"
		return c
	}
	var broken []lint.Problem
	for _, d := range manifest.Documents(data) {
		if d.Err != nil {
			broken = append(broken, src.Problems(d)...)
			continue
		}
		objects, problems := manifest.Objects(d.Node, src)
		if len(objects) > 0 {
			problems = append(problems, src.Problems(d)...)
		}
		c.objects = append(c.objects, objects...)
		c.problems = append(c.problems, problems...)
	}
	if named || len(c.objects) > 0 || manifest.LooksLikeManifest(data) {
		c.problems = append(c.problems, broken...)
	}
	switch {
	case len(c.objects) > 0 || len(c.problems) > 0:
	case len(broken) > 0:
		c.skip = "not YAML, and does not look like a manifest: " + strconv.Itoa(len(broken)) + " broken documents"
	case named:
		c.problems = append(c.problems, lint.Problem{
			Position: lint.Position{File: name},
			Message:  "holds no Kubernetes object: no document has apiVersion and kind",
			Help:     "name a manifest, a chart or an overlay",
		})
	default:
		c.skip = "no document has apiVersion and kind"
	}
	return c
}
