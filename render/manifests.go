package render

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
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
func (r *run) readManifests(name string, files []discover.File) *Part {
	read := make([]content, len(files)+1)
	kustomized := r.kustomizationDirs()
	parallel(r.plan.opts.Jobs, len(files), func(i int) {
		read[i] = readRecovered(files[i])
		if !files[i].Named && !r.plan.found.Referred[files[i].ID()] && isDormantPatch(&read[i], files[i], kustomized) {
			read[i].drop("a patch that no kustomization uses")
		}
		if !files[i].Named && len(read[i].objects) > 0 && isExpected(files[i], kustomized) {
			read[i].objects, read[i].problems = nil, nil
			read[i].skip = "a test compares it with what the kustomization builds"
		}
	})
	skipCopies(read, files)
	tests := readTests(read, files)
	for i, f := range files {
		if !f.Named && read[i].skip == "" && tests.skips(f, &read[i]) {
			read[i].drop("a test compares it with what the cluster holds")
		}
	}
	if r.plan.stdin {
		read[len(files)] = readStdin(r.plan.opts.Stdin)
	}
	part := &Part{Rendered: &lint.Rendered{Unit: &lint.Unit{Input: name, InComponents: map[string]bool{}}}}
	for _, f := range files {
		if r.plan.found.InComponents[f.ID()] {
			part.Unit.InComponents[f.Display()] = true
		}
	}
	for _, c := range read {
		part.addManifest(c)
		if r.plan.printing && len(c.objects) > 0 {
			src := manifest.NewSource(c.name, c.data)
			part.Texts = append(part.Texts, lint.RenderedText{Name: c.name, Text: string(c.data), Origin: src.LocateLine})
		}
	}
	if len(part.Unit.Objects) == 0 {
		part.Unit = nil
	}
	return part
}

// readRecovered reads a file. A panic is a Problem of it.
func readRecovered(f discover.File) (c content) {
	if p := recovered(f.Display(), func() { c = readManifest(f) }); p != nil {
		p.File = f.Display()
		c = content{name: f.Display(), problems: []lint.Problem{*p}}
	}
	return c
}

// addManifest adds what a file holds to the part, and counts it.
func (p *Part) addManifest(c content) {
	p.Unit.Objects = append(p.Unit.Objects, c.objects...)
	p.Problems = append(p.Problems, c.problems...)
	if len(c.objects) > 0 {
		p.Sources = append(p.Sources, lint.SourceText{Name: c.name, Text: c.data})
		p.Summary.Manifests++
	}
	if c.skip != "" {
		p.Summary.Skipped = append(p.Summary.Skipped, lint.Skip{File: c.name, Reason: c.skip})
	}
	if c.name != "" {
		p.Summary.Files++
	}
}

// plain lists the files that are manifests by themselves.
func (r *run) plain() []discover.File {
	var files []discover.File
	for _, f := range r.plan.found.Manifests {
		if f.Named || !r.owned[f.ID()] {
			files = append(files, f)
		}
	}
	return files
}

// unitName names the unit of plain manifests after the directory that holds them all.
func (r *run) unitName(files []discover.File) string {
	switch {
	case len(files) == 0:
		return stdinName
	case len(files) == 1 && !r.plan.stdin:
		return files[0].Display()
	}
	dir := ""
	for i, f := range files {
		d := f.Display()
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

// kustomizationDirs are the directories that hold a kustomization.
func (r *run) kustomizationDirs() map[discover.ID]bool {
	dirs := map[discover.ID]bool{}
	for _, f := range r.plan.found.Kustomizations {
		dirs[f.ID()] = true
	}
	return dirs
}

// isDormantPatch reports whether a file beside a kustomization, in a folder
// below one, or with patch in its path holds nothing but parts of objects, so that it is a patch that is not in use.
func isDormantPatch(c *content, f discover.File, kustomized map[discover.ID]bool) bool {
	directs := func(o *lint.Object) bool { return o.Root.Node != nil && hasPatchDirective(o.Root.Node) }
	whole := func(o *lint.Object) bool { return !isPartial(o) }
	if len(c.objects) == 0 || slices.ContainsFunc(c.objects, whole) && !slices.ContainsFunc(c.objects, directs) {
		return false
	}
	for dir := f.Name; dir != "."; {
		dir = path.Dir(dir)
		if kustomized[discover.ID{Dir: f.Tree.Dir(), Name: dir}] {
			return true
		}
	}
	return len(kustomized) > 0 && strings.Contains(strings.ToLower(f.Name), "patch")
}

// isExpected reports a file beside a kustomization with the output that a test expects of it.
func isExpected(f discover.File, kustomized map[discover.ID]bool) bool {
	return expected.MatchString(path.Base(f.Name)) && kustomized[discover.ID{Dir: f.Tree.Dir(), Name: path.Dir(f.Name)}]
}

// hasPatchDirective reports a key that only strategic merge patches have, such as
// $patch: delete. Aliases are not followed: what they name is in the document.
func hasPatchDirective(n *yaml.Node) bool {
	if n.Kind == yaml.MappingNode {
		for i := 0; i < len(n.Content); i += 2 {
			switch name, _, _ := strings.Cut(n.Content[i].Value, "/"); name {
			case "$patch", "$retainKeys", "$setElementOrder", "$deleteFromPrimitiveList":
				return true
			}
		}
	}
	return slices.ContainsFunc(n.Content, hasPatchDirective)
}

// isRecord reports an object that a controller owns by a reference without uid. The API server refuses it, and
// a cluster does not print it: it is kept to be compared with what the controller makes.
func isRecord(o *lint.Object) bool {
	for owner := range o.Root.Get("metadata.ownerReferences").Items() {
		if owner.Get("controller").True() && owner.IsKnown() && !owner.Get("uid").IsSet() && owner.Get("uid").IsKnown() {
			return true
		}
	}
	return false
}

// isPartial reports whether an object lacks what the API server requires of its
// kind, or what it is for, so that it can only be a patch: a binding without subjects and
// a role without rules do nothing.
func isPartial(o *lint.Object) bool {
	if meta := o.Root.Get("metadata"); meta.IsMap() && !meta.Get("name").IsSet() && !meta.Get("generateName").IsSet() {
		return true
	}
	switch {
	case o.Is("apps", "Deployment"), o.Is("apps", "StatefulSet"), o.Is("apps", "DaemonSet"), o.Is("apps", "ReplicaSet"):
		if !o.Root.Get("spec.selector").IsSet() || !o.Root.Get("spec.template").IsSet() {
			return true
		}
	case o.Is("batch", "CronJob"):
		if !o.Root.Get("spec.schedule").IsSet() {
			return true
		}
	case o.Is("apiextensions.k8s.io", "CustomResourceDefinition"):
		return !o.Root.Get("spec.versions").IsSet()
	case o.Is("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"), o.Is("admissionregistration.k8s.io", "MutatingWebhookConfiguration"):
		return !o.Root.Get("webhooks").IsSet()
	case o.Is("rbac.authorization.k8s.io", "RoleBinding"), o.Is("rbac.authorization.k8s.io", "ClusterRoleBinding"):
		return !o.Root.Get("subjects").IsSet() || !o.Root.Get("roleRef").IsSet()
	case o.Is("rbac.authorization.k8s.io", "Role"), o.Is("rbac.authorization.k8s.io", "ClusterRole"):
		return !o.Root.Get("rules").IsSet() && !o.Root.Get("aggregationRule").IsSet()
	}
	if group := o.Group(); group != "" && group != "apps" && group != "batch" { // whether others may lack one is not known
		return false
	}
	for _, w := range o.Workloads {
		containers := 0
		for _, c := range w.Containers {
			if !c.Get("image").IsSet() {
				return true
			}
			containers++
		}
		if containers == 0 {
			return true
		}
	}
	return false
}

// besideTemplates lists the manifests in the directories of charts that are not
// among their templates, and that no overlay was built from: Helm does not render
// them, and they are linted if they are named.
func (r *run) besideTemplates() {
	for _, f := range r.plan.found.InCharts {
		if !r.owned[f.ID()] && f.LooksLikeManifest() {
			r.skip(lint.Skip{File: f.Display(), Reason: "in the directory of a chart, but not one of its templates: name it to lint it"})
		}
	}
}

// content is what one file of plain manifests holds.
type content struct {
	name     string // as reports call the file; empty: nothing was read
	data     []byte // in UTF-8
	objects  []*lint.Object
	problems []lint.Problem
	skip     string // why the file was skipped; empty if it was not
}

// drop skips what was read, for a reason.
func (c *content) drop(reason string) {
	c.objects, c.problems, c.skip = nil, nil, reason
}

func readManifest(f discover.File) content {
	data, err := f.Tree.ReadFile(f.Name)
	if errors.Is(err, tree.ErrRefused) { // it is reported already
		return content{}
	}
	if err != nil {
		return content{name: f.Display(), problems: []lint.Problem{{
			Position: lint.Position{File: f.Display()},
			Code:     lint.CodeUnreadable,
			Message:  "cannot read the file: " + tree.Cause(err),
			Help:     "check its type and permissions, or exclude it in the configuration",
		}}}
	}
	return parseManifest(f.Display(), data, f.Named)
}

// stdinName is how reports call standard input.
const stdinName = "<stdin>"

func readStdin(in io.Reader) content {
	data, err := io.ReadAll(io.LimitReader(in, tree.MaxFileSize+1))
	if err == nil && len(data) > tree.MaxFileSize {
		err = tree.ErrTooLarge
	}
	if err != nil {
		return content{problems: []lint.Problem{{
			Position: lint.Position{File: stdinName},
			Code:     lint.CodeUnreadable,
			Message:  "cannot read standard input: " + err.Error(),
		}}}
	}
	return parseManifest(stdinName, data, true)
}

func unknownEncoding(name string) lint.Problem {
	return lint.Problem{
		Position: lint.Position{File: name},
		Code:     lint.CodeInvalidYAML,
		Message:  "the file holds zero bytes: it is UTF-32, or UTF-16 without a byte order mark, which no YAML parser reads",
		Help:     "save the file as UTF-8",
	}
}

// brokenDocuments are those of a file that are not YAML.
type brokenDocuments struct {
	problems []lint.Problem // at most about maxBroken
	more     int            // documents that are not among them
}

// maxBroken is how many broken documents of a file are listed one by one.
const maxBroken = 100

func (b *brokenDocuments) add(d manifest.Document, src *manifest.Source) {
	if len(b.problems) < maxBroken {
		b.problems = append(b.problems, src.Problems(d)...)
	} else {
		b.more++
	}
}

func (b *brokenDocuments) len() int { return len(b.problems) + b.more }

// list gives the problems. One of them says how many documents it leaves out.
func (b *brokenDocuments) list() []lint.Problem {
	if b.more > 0 {
		b.problems[maxBroken-1].Message += fmt.Sprintf("; %d more documents of the file are broken", b.more)
	}
	return b.problems
}

// parseManifest makes the objects of a file. A file that is no manifest is
// skipped, unless the user named it: then it is a Problem.
func parseManifest(name string, data []byte, named bool) content {
	data = manifest.UTF8(data)
	c := content{name: name, data: data}
	if !manifest.HasObjectKeys(data) && (!named || len(data) >= manifest.LargeText) {
		if manifest.UnknownEncoding(data) {
			c.problems = append(c.problems, unknownEncoding(name))
		} else {
			c.nothing(named, "no apiVersion and kind")
		}
		return c
	}
	src := manifest.NewSource(name, data)
	ytt := manifest.IsYtt(data)
	if ytt {
		data = manifest.YttValues(data)
	}
	var broken brokenDocuments
	for d := range manifest.Each(data) {
		switch {
		case d.Err != nil:
			broken.add(d, src)
		case ytt && src.IsYttPart(d.Line): // its functions give parts of objects
		default:
			c.add(d, src, ytt)
		}
	}
	if named || len(c.objects) > 0 || manifest.LooksLikeManifest(data) {
		c.problems = append(c.problems, broken.list()...)
	}
	records := 0
	if !named {
		all := len(c.objects)
		c.objects = slices.DeleteFunc(c.objects, isRecord)
		records = all - len(c.objects)
	}
	switch {
	case len(c.objects) > 0 || len(c.problems) > 0:
	case records > 0:
		c.skip = "a record of what a controller makes: its owner has no uid"
	case broken.len() > 0:
		c.skip = "not YAML, and does not look like a manifest: " + strconv.Itoa(broken.len()) + " broken documents"
	default:
		c.nothing(named, "no document has apiVersion and kind")
	}
	return c
}

// add adds the objects of a document. The conditions of ytt may give a key twice, so that
// the other problems of its documents are none.
func (c *content) add(d manifest.Document, src *manifest.Source, ytt bool) {
	objects, problems := manifest.Objects(d.Node, src)
	c.objects, c.problems = append(c.objects, objects...), append(c.problems, problems...)
	if ytt {
		return
	}
	if len(objects) > 0 {
		c.problems = append(c.problems, src.Problems(d)...)
	} else if p, ok := manifest.NoObject(d.Node, src); ok {
		c.problems = append(c.problems, p)
	}
}

// nothing notes that a file holds no object.
func (c *content) nothing(named bool, reason string) {
	if !named {
		c.skip = reason
		return
	}
	c.problems = append(c.problems, lint.Problem{
		Position: lint.Position{File: c.name},
		Code:     lint.CodeNothingToLint,
		Message:  "holds no Kubernetes object: no document has apiVersion and kind",
		Help:     "name a manifest, a chart or an overlay",
	})
}
