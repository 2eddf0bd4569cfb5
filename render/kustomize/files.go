package kustomize

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/kustomize/edit"
	"github.com/kubevet/kubevet/render/kustomize/source"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/tree"
)

// files is the tree as kustomize sees it: nothing outside, nothing to write,
// kustomizations without what must not be fetched or run, and objects on lines
// of their own. It implements filesys.FileSystem.
type files struct {
	build *build
	root  string // absolute directory of the tree
	lines source.LineRanges
	// padding is how many blank lines there may still be.
	padding int
	// sources are the files of objects by name.
	sources map[string]*source.Source
	ranges  map[*source.Source]source.LineRange
	// kustomizations are by directory; order is that of reading.
	kustomizations map[string]*kustomization
	order          []*kustomization
	// invalid are those that kustomize cannot read.
	invalid []*kustomization
	views   map[string][]byte
	// refused are kustomizations with entries that must not reach kustomize.
	refused map[string]bool
	// links are the names of kustomizations that are links, by target.
	links map[string]string
	// users are the places that refer to a name.
	users map[string][]user
	// charts are rendered charts by the name of a file that does not exist.
	charts map[string]*source.Source
	// data are files that generators copy as they are.
	data map[string]bool
	// padded are files of objects.
	padded map[string]use
	seen   map[string]bool
	// work counts what kustomize has been given.
	work work
	// exceeded is the limit at which kustomize was given nothing more, and the name
	// of what it wanted to read.
	exceeded     *excess
	exceededName string
	// lost is set if an entry was refused that brings objects.
	lost bool
	// wantsSchema is set if a kustomization has a schema of its own.
	wantsSchema bool
	problems    []lint.Problem
	notes       []lint.Problem
	// schemas are those that kustomize does not get.
	schemas edit.Schemas
	// texts are the files of charts that went into the output.
	texts []lint.SourceText
}

// user is a place of a kustomization that refers to a file or directory.
type user struct {
	k *kustomization
	ref
}

func newFiles(b *build) *files {
	return &files{
		build: b, root: b.tree.Dir(),
		sources: map[string]*source.Source{}, ranges: map[*source.Source]source.LineRange{},
		kustomizations: map[string]*kustomization{}, views: map[string][]byte{},
		users: map[string][]user{}, charts: map[string]*source.Source{},
		refused: map[string]bool{}, links: map[string]string{},
		data: map[string]bool{}, padded: map[string]use{}, seen: map[string]bool{},
		work: work{limits: b.limits()}, padding: b.limits().Padding,
	}
}

// path is the absolute path of a name in the tree.
func (f *files) path(name string) string { return filepath.Join(f.root, filepath.FromSlash(name)) }

// name is the name in the tree of a path. ok is false outside the tree.
func (f *files) name(p string) (name string, ok bool) {
	rel, err := filepath.Rel(f.root, p)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

// read lists the files that were read, by name.
func (f *files) read() []string { return slices.Sorted(maps.Keys(f.seen)) }

var (
	errOutside  = errors.New("lies outside of what may be read")
	errBroken   = errors.New("a document cannot be parsed")
	errReadOnly = errors.New("overlays are built without writing")
	// errOwnSchema ends a build that is to begin anew, with a schema of its own.
	errOwnSchema = errors.New("the overlay has a schema of its own")
)

// ReadFile gives kustomize its view of a file.
func (f *files) ReadFile(p string) ([]byte, error) {
	data, err := f.view(p)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: p, Err: err}
	}
	return data, nil
}

func (f *files) view(p string) ([]byte, error) {
	name, ok := f.name(p)
	switch {
	case !ok:
		return nil, errOutside
	case f.wantsSchema && !f.build.ownSchema:
		return nil, errOwnSchema
	case f.exceeded != nil:
		return nil, f.exceeded
	}
	if err := f.build.ctx.Err(); err != nil {
		return nil, err
	}
	data, err := f.viewOf(name)
	if err != nil {
		return nil, err
	}
	f.work.bytes += len(data)
	if e := f.work.exceeded(); e != nil {
		f.exceeded, f.exceededName = e, name
		return nil, e
	}
	return data, nil
}

func (f *files) viewOf(name string) ([]byte, error) {
	if s := f.charts[name]; s != nil {
		return f.pad(s)
	}
	kustomization := name // the name that kustomize reads
	if link := f.links[name]; link != "" {
		kustomization = link
	}
	if view := f.views[kustomization]; view != nil && !f.data[name] {
		f.include(kustomization)
		return view, nil
	}
	data, err := f.dataOf(name)
	if err != nil {
		return nil, err
	}
	u, padded := f.padded[name]
	switch {
	case isFileName(kustomization):
		return f.viewOfKustomization(name, kustomization, data)
	case f.data[name]:
		return data, nil
	}
	s := f.sourceOf(name, padded && u == usePatch)
	if s == nil {
		return data, nil
	}
	if !padded || u == usePatch && startsWith(data, '[') { // a JSON 6902 patch: no objects
		return data, f.parse(s)
	}
	return f.pad(s)
}

// dataOf is what a file holds. The kustomization that no file holds is empty.
func (f *files) dataOf(name string) ([]byte, error) {
	if name == f.generated() {
		return []byte("kind: Kustomization\n"), nil
	}
	data, err := f.build.tree.ReadFile(name)
	if err != nil {
		return nil, err
	}
	f.seen[name], f.seen[f.target(name)] = true, true
	return data, nil
}

// target is the name of the file that a name leads to, which is another one if it is a symbolic link.
func (f *files) target(name string) string {
	if target, ok := f.build.tree.LinkTarget(name); ok {
		return target
	}
	return name
}

// viewOfKustomization is the view of a kustomization with some data. Name is its file, which may be the target of a
// link: kustomization is then the name of the link.
func (f *files) viewOfKustomization(name, kustomization string, data []byte) ([]byte, error) {
	view := f.views[kustomization]
	if view == nil {
		var err error
		if view, err = f.kustomization(kustomization, data); err != nil {
			return nil, err
		}
		f.views[kustomization] = view
	}
	if f.data[name] && !f.refused[kustomization] { // a generator copies it as it is
		return data, nil
	}
	f.include(kustomization)
	return view, nil
}

// include counts a kustomization, each time that kustomize asks for it.
func (f *files) include(name string) {
	k := f.kustomizations[path.Dir(name)]
	if k == nil || k.err != nil {
		return
	}
	if k.cost == nil {
		k.cost = f.costOf(k)
	}
	f.work.include(k.cost)
}

// parse counts the values of a text that kustomize is going to parse.
func (f *files) parse(s *source.Source) error {
	switch s.Parse(); {
	case s.TooLarge != "":
		return &excess{message: s.TooLarge}
	case s.Broken:
		return errBroken
	}
	f.work.nodes += s.Nodes
	return nil
}

// sourceOf is the text of a file; nil if it cannot be read.
func (f *files) sourceOf(name string, patch bool) *source.Source {
	if s := f.sources[name]; s != nil {
		return s
	}
	data, err := f.build.tree.ReadFile(name)
	if err != nil {
		return nil
	}
	s := f.newSource(name, data)
	s.Patch = patch
	f.sources[name] = s
	return s
}

// textOf is the text that a reference leads to; nil if it is no file that
// kustomize parses.
func (f *files) textOf(k *kustomization, r ref) *source.Source {
	name, ok := f.resolveRef(k.dir, r.path)
	if r.inline || r.use == useData || !ok || !f.isFile(name) || isFileName(name) {
		return nil
	}
	return f.sourceOf(name, r.use == usePatch)
}

// pad gives a text of objects lines of its own.
func (f *files) pad(s *source.Source) ([]byte, error) {
	shown, ok := s.Shown()
	switch {
	case s.TooLarge != "":
		return nil, &excess{message: s.TooLarge}
	case !ok || s.Broken && s.Patch:
		return nil, errBroken
	}
	f.work.nodes += s.Nodes
	if !s.Patch {
		f.work.objects += len(s.Objects)
	}
	if f.build.hidesSchemas && s.Chart == nil && !s.Patch && !s.IsInline() {
		shown = f.schemas.Hide(shown, s.Objects)
	}
	own, ok := f.ranges[s]
	if !ok {
		own = f.lines.Add(s)
		f.ranges[s] = own
	}
	padded, ok := edit.Pad(shown, own.Start, &f.padding)
	if !ok {
		f.exceeded, f.exceededName = &excess{message: "more long documents than kubevet can distinguish"}, s.Name
		return nil, f.exceeded
	}
	return padded, nil
}

func startsWith(data []byte, c byte) bool {
	s := strings.TrimLeft(string(data[:min(len(data), 4096)]), " \t\r\n")
	return s != "" && s[0] == c
}

func (f *files) newSource(name string, data []byte) *source.Source {
	return source.New(name, data, manifest.NewSource(f.build.tree.Display(f.target(name)), data), f.build.limits().FileBytes)
}

// refer notes what a kustomization refers to, before kustomize reads it.
func (f *files) refer(k *kustomization, r ref) {
	name, ok := f.resolveRef(k.dir, r.path)
	if !ok || r.inline {
		return
	}
	f.users[name] = append(f.users[name], user{k, r})
	f.mark(name, r.use)
}

func (f *files) mark(name string, u use) {
	switch u {
	case useObjects, usePatch:
		if old, ok := f.padded[name]; !ok || old == usePatch {
			f.padded[name] = u
		}
	case useData:
		f.data[name] = true
	case useComponent, usePlugin, useConfig:
	}
}

// CleanedAbs resolves links, and does not leave the tree.
func (f *files) CleanedAbs(p string) (filesys.ConfirmedDir, string, error) {
	abs := p
	if !filepath.IsAbs(abs) {
		abs = filepath.Join(f.root, abs)
	}
	abs = filepath.Clean(abs)
	if _, ok := f.name(abs); !ok {
		return "", "", &fs.PathError{Op: "open", Path: abs, Err: errOutside}
	}
	if name, _ := f.name(abs); f.charts[name] != nil || name == f.generated() {
		return filesys.ConfirmedDir(filepath.Dir(abs)), filepath.Base(abs), nil
	}
	named, _ := f.name(abs)
	name, err := f.build.tree.Follow(named)
	if errors.Is(err, tree.ErrOutside) {
		err = errOutside
	}
	if err != nil {
		return "", "", &fs.PathError{Op: "open", Path: abs, Err: err}
	}
	target := f.path(name)
	delete(f.links, name)
	if named != name { // a link: what is known of its name holds for its target
		if isFileName(named) {
			f.links[name] = named
		}
		if u, ok := f.padded[named]; ok {
			f.mark(name, u)
		}
		if f.data[named] {
			f.data[name] = true
		}
		f.users[name] = append(f.users[name], f.users[named]...)
	}
	info, err := f.build.tree.Stat(name)
	if err != nil {
		return "", "", &fs.PathError{Op: "open", Path: abs, Err: err}
	}
	if info.IsDir() {
		return filesys.ConfirmedDir(target), "", nil
	}
	return filesys.ConfirmedDir(filepath.Dir(target)), filepath.Base(target), nil
}

// IsDir reports whether a path is a directory of the tree.
func (f *files) IsDir(p string) bool {
	name, ok := f.name(p)
	if !ok {
		return false
	}
	info, err := f.build.tree.Stat(name)
	return err == nil && info.IsDir()
}

// Exists reports whether a path is in the tree.
func (f *files) Exists(p string) bool {
	name, ok := f.name(p)
	return ok && (f.charts[name] != nil || f.build.tree.Exists(name))
}

// ReadDir lists the names in a directory of the tree.
func (f *files) ReadDir(p string) ([]string, error) {
	name, ok := f.name(p)
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: p, Err: errOutside}
	}
	l, err := f.build.tree.ReadDir(name)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(l))
	for i, e := range l {
		names[i] = e.Name()
	}
	return names, nil
}

// Glob lists the paths of the tree that match a pattern.
func (f *files) Glob(pattern string) ([]string, error) {
	name, ok := f.name(pattern)
	if !ok {
		return nil, nil
	}
	l, err := f.build.tree.Glob(name)
	for i := range l {
		l[i] = f.path(l[i])
	}
	return l, err
}

// Open is not needed to build: kustomize reads whole files.
func (f *files) Open(p string) (filesys.File, error) {
	return nil, &fs.PathError{Op: "open", Path: p, Err: errReadOnly}
}

// Walk is not needed to build.
func (f *files) Walk(p string, _ filepath.WalkFunc) error {
	return &fs.PathError{Op: "walk", Path: p, Err: errReadOnly}
}

// Create refuses.
func (f *files) Create(p string) (filesys.File, error) {
	return nil, &fs.PathError{Op: "create", Path: p, Err: errReadOnly}
}

// Mkdir refuses.
func (f *files) Mkdir(p string) error {
	return &fs.PathError{Op: "mkdir", Path: p, Err: errReadOnly}
}

// MkdirAll refuses.
func (f *files) MkdirAll(p string) error { return f.Mkdir(p) }

// RemoveAll refuses.
func (f *files) RemoveAll(p string) error {
	return &fs.PathError{Op: "remove", Path: p, Err: errReadOnly}
}

// WriteFile refuses.
func (f *files) WriteFile(p string, _ []byte) error {
	return &fs.PathError{Op: "write", Path: p, Err: errReadOnly}
}

var _ filesys.FileSystem = (*files)(nil)

// problem reports what is wrong at a place of a kustomization.
func (f *files) problem(code lint.ProblemCode, p lint.Position, message, help string) {
	f.problems = append(f.problems, lint.Problem{Position: p, Code: code, Message: message, Help: help})
}

// missing reports whether an error means that there is no such file.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, os.ErrNotExist)
}
