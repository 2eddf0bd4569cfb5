package render

import (
	"context"
	"errors"
	"path"
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/built"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/document"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/tree"
)

// documents reads the files of all arguments that hold no Kubernetes objects as one
// unit. The units that follow know them.
func (r *run) documents(ctx context.Context) {
	files := r.plan.found.Documents
	if len(files) == 0 {
		return
	}
	name := r.unitName(files)
	in := r.expect(name)
	r.begin(name, "")
	r.unit(ctx, UnitID{Kind: lint.UnitRepository, Input: name}, func(func(string)) *Part {
		part := r.readDocuments(name, files)
		r.repository = &lint.Repository{Documents: part.Unit.Documents}
		return part
	})
	r.finish(ctx, in)
}

// builds reads the documents that say which images are built, for the units that follow.
// Nothing of them is handed on.
func (r *run) builds(ctx context.Context) {
	files := slices.DeleteFunc(slices.Clone(r.plan.found.Documents), func(f discover.File) bool { return !buildsImages(f) })
	if len(files) == 0 {
		return
	}
	name := r.unitName(files)
	r.unit(ctx, UnitID{Kind: lint.UnitRepository, Input: name}, func(func(string)) *Part {
		r.repository = &lint.Repository{Documents: r.readDocuments(name, files).Unit.Documents}
		return nil
	})
}

// updatersOf reads which images Argo CD Image Updater writes, from the annotations in manifests and charts, for the units that follow. Nothing of
// them is handed on.
func (r *run) updatersOf(ctx context.Context, files []discover.File) {
	files = slices.Concat(files, r.plan.found.InCharts)
	for _, chart := range r.plan.found.Charts {
		entries, _ := chart.Tree.ReadDir(path.Join(chart.Name, "templates")) // a packaged chart has no such folder
		for _, e := range entries {
			files = append(files, discover.File{Tree: chart.Tree, Name: path.Join(chart.Name, "templates", e.Name())})
		}
	}
	files = slices.DeleteFunc(files, func(f discover.File) bool { return !slices.Contains([]string{".yaml", ".yml"}, path.Ext(f.Name)) })
	if len(files) == 0 {
		return
	}
	r.unit(ctx, UnitID{Kind: lint.UnitManifests, Input: r.unitName(files), Scenario: "Argo CD Image Updater"}, func(func(string)) *Part {
		read := make([][]byte, len(files))
		parallel(r.plan.opts.Jobs, len(files), func(i int) {
			if text, err := files[i].Tree.ReadFile(files[i].Name); err == nil && len(text) <= document.MaxSize && built.HasUpdater(string(text)) {
				read[i] = text
			}
		})
		documents := slices.Clone(r.repository.All())
		for i, text := range read {
			if text != nil {
				text = manifest.UTF8(text)
				name := files[i].Display()
				documents = append(documents, lint.NewDocument(name, lint.DocumentUpdater, nil, string(text), manifest.NewSource(name, text)))
			}
		}
		r.repository = &lint.Repository{Documents: documents}
		return nil
	})
}

// buildsImages reports whether a document says which images are built.
func buildsImages(f discover.File) bool {
	reader, ok := document.Find(f.Name, func() []byte {
		text, err := f.Tree.ReadFile(f.Name)
		if err != nil {
			return nil
		}
		return text
	})
	return ok && reader.Builds()
}

// readDocuments reads files as one unit.
func (r *run) readDocuments(name string, files []discover.File) *Part {
	part := &Part{Rendered: &lint.Rendered{Unit: &lint.Unit{Kind: lint.UnitRepository, Input: name}}}
	read := make([]documentFile, len(files))
	parallel(r.plan.opts.Jobs, len(files), func(i int) {
		name := files[i].Display()
		if p := recovered(name, func() { read[i] = readDocument(files[i]) }); p != nil {
			p.File = name
			read[i] = documentFile{problems: []lint.Problem{*p}}
		}
	})
	for i, f := range read {
		part.Unit.Documents = append(part.Unit.Documents, f.documents...)
		part.Problems = append(part.Problems, f.problems...)
		if len(f.documents) > 0 {
			part.Sources = append(part.Sources, lint.SourceText{Name: files[i].Display(), Text: f.text})
		}
		if f.skip != "" {
			part.Summary.Skipped = append(part.Summary.Skipped, lint.Skip{File: files[i].Display(), Reason: f.skip})
		}
		part.Summary.Documents += len(f.documents)
		part.Summary.Files++
	}
	return part
}

// documentFile is what a file holds.
type documentFile struct {
	text      []byte
	documents []*lint.Document
	problems  []lint.Problem
	skip      string // why the file was skipped; empty if it was not
}

func readDocument(f discover.File) (d documentFile) {
	text, err := f.Tree.ReadFile(f.Name)
	switch {
	case errors.Is(err, tree.ErrRefused): // it is reported already
		return d
	case err == nil && len(text) > document.MaxSize:
		err = document.ErrTooLarge
	}
	if err != nil {
		d.problems = []lint.Problem{{
			Position: lint.Position{File: f.Display()},
			Code:     lint.CodeUnreadable,
			Message:  "cannot read the file: " + tree.Cause(err),
			Help:     "check its type and permissions, or exclude it in the configuration",
		}}
		return d
	}
	reader, ok := document.Find(f.Name, func() []byte { return text })
	if !ok {
		return d
	}
	d.text = slices.Clip(text)
	d.documents, d.problems = reader.Read(reader.Kind, f.Display(), text)
	if len(d.documents)+len(d.problems) == 0 {
		d.skip = "no " + reader.Kind + ": it is empty, or a part or a template of one"
	}
	return d
}
