package render

import (
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
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
	read := make([]content, len(files)+1)
	parallel(r.plan.opts.Jobs, len(files), func(i int) {
		read[i] = readManifest(files[i])
	})
	if r.plan.stdin {
		read[len(files)] = readStdin(r.plan.opts.Stdin)
	}
	out := &lint.Rendered{Unit: &lint.Unit{Input: name}}
	var counted lint.Summary
	for _, c := range read {
		out.Unit.Objects = append(out.Unit.Objects, c.objects...)
		out.Problems = append(out.Problems, c.problems...)
		if len(c.objects) > 0 {
			out.Texts = append(out.Texts, c.text)
			out.Sources = append(out.Sources, lint.SourceText{Name: c.text.Name, Text: c.data})
			counted.Manifests++
		}
		if c.skip != "" {
			counted.Skipped = append(counted.Skipped, lint.Skip{File: c.text.Name, Reason: c.skip})
		}
		if c.text.Name != "" {
			counted.Files++
		}
	}
	if len(out.Unit.Objects) == 0 {
		out.Unit = nil
	}
	r.deliver(ctx, out, func(s *lint.Summary) {
		s.Files += counted.Files
		s.Manifests += counted.Manifests
		s.Skipped = append(s.Skipped, counted.Skipped...)
		if in != nil {
			in.done = true
		}
	})
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
