package render

import (
	"bytes"
	"cmp"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/lint/optin"
	"github.com/kubevet/kubevet/render/attributes"
	"github.com/kubevet/kubevet/render/bindings"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/plain"
	"github.com/kubevet/kubevet/render/tree"
	"github.com/kubevet/kubevet/render/twins"
)

// Template is the template of a chart of the plan that Helm names so where it writes what it
// rendered: web/templates/all.yaml, after the name of the chart. For a template of a dependency that is not in the
// folder of the chart it is the Chart.yaml that names the dependency. It is empty if not exactly one chart has it.
func (p *Plan) Template(name string) string {
	chart, file, _ := strings.Cut(name, "/")
	if path.Clean(file) != file || !strings.Contains("/"+file, "/templates/") || strings.HasPrefix(file, "../") {
		return ""
	}
	p.namesOnce.Do(p.nameInputs)
	found := ""
	for _, c := range p.chartsOf[chart] {
		f := path.Join(c.Name, file)
		if !c.Tree.Exists(f) {
			dependency, _, _ := strings.Cut(strings.TrimPrefix(file, "charts/"), "/")
			if f = path.Join(c.Name, "Chart.yaml"); !strings.HasPrefix(file, "charts/") || !slices.Contains(c.dependencies, dependency) {
				continue
			}
		}
		if found != "" {
			return ""
		}
		found = c.Tree.Display(f)
	}
	return found
}

// CopyOf is the same file in the chart of which the chart of a file is a copy. It is empty if the file is in none.
func (p *Plan) CopyOf(file string) string {
	p.findCopies()
	if len(p.copies) == 0 {
		return ""
	}
	f, ok := p.fileOf(file)
	if !ok {
		return ""
	}
	for dir := range discover.Above(f.Name) {
		if of, ok := p.copies[discover.ID{Dir: f.Tree.Dir(), Name: dir}]; ok {
			return sameIn(of, strings.TrimPrefix(f.Name, dir+"/"))
		}
	}
	return ""
}

// ChildOf is the same file in the chart of which a program makes the chart of a file, and the line of the program. It is empty if none does.
func (p *Plan) ChildOf(file string) (source string, by lint.Position) {
	p.findCopies()
	if len(p.children) == 0 {
		return "", by
	}
	f, ok := p.fileOf(file)
	if !ok {
		return "", by
	}
	for dir := range discover.Above(f.Name) {
		child, ok := p.children[discover.ID{Dir: f.Tree.Dir(), Name: dir}]
		if !ok {
			continue
		}
		of := child
		for range maxParents {
			if above, ok := p.children[of.Parent.ID()]; ok {
				of = above
			}
		}
		return sameIn(of.Parent, strings.TrimPrefix(f.Name, dir+"/")), child.By
	}
	return "", by
}

// maxParents is how many charts are made of each other.
const maxParents = 4

func (p *Plan) findCopies() {
	p.copiesOnce.Do(func() { p.copies, p.children = twins.Find(p.found.Charts), twins.Children(p.found.Charts) })
}

// sameIn is a file of a chart with the name of one of its copy. It is empty if the chart need not have it.
func sameIn(chart discover.File, name string) string {
	if !twins.Has(name) || !chart.Tree.Exists(path.Join(chart.Name, name)) {
		return ""
	}
	return chart.Tree.Display(path.Join(chart.Name, name))
}

// hasChartOf reports whether a chart of the plan has the name of that of a template, as Helm names it.
func (p *Plan) hasChartOf(template string) bool {
	chart, file, _ := strings.Cut(template, "/")
	p.namesOnce.Do(p.nameInputs)
	return len(p.chartsOf[chart]) > 0 && strings.Contains("/"+file, "/templates/")
}

// LabelsChart reports whether a template gives its objects the label helm.sh/chart, by itself or by the labels of the chart's helpers.
func (p *Plan) LabelsChart(template string) bool {
	f, ok := p.fileOf(template)
	if !ok {
		return false
	}
	text, err := f.Tree.ReadFile(f.Name)
	if err != nil || bytes.Contains(text, []byte(naming.ChartLabel)) {
		return err == nil
	}
	dir, _, _ := strings.Cut(f.Name, "/templates/")
	helpers, err := f.Tree.ReadFile(path.Join(dir, "templates/_helpers.tpl"))
	return err == nil && bytes.Contains(helpers, []byte(naming.ChartLabel)) && takesLabels.Match(text)
}

// takesLabels matches where a template takes labels from a helper.
var takesLabels = regexp.MustCompile(`\b(?:include|template)\s+"[^"]*(?i:labels)[^"]*"`)

// namedChart is a chart with the names of the folders in charts/ that its dependencies get.
type namedChart struct {
	discover.File
	dependencies []string
	version      string
}

// nameInputs finds the charts of the plan by the names that they have, and the overlays by those that reports use.
func (p *Plan) nameInputs() {
	p.trees = p.found.Trees()
	p.overlays = map[string]discover.File{}
	for _, f := range p.found.Kustomizations {
		p.overlays[f.Display()] = f
	}
	p.chartsOf = map[string][]namedChart{}
	for _, c := range p.found.Charts {
		var chart struct {
			Name         string
			Version      string
			Dependencies []struct{ Name, Alias, Repository string }
		}
		if text, err := c.Tree.ReadFile(path.Join(c.Name, "Chart.yaml")); err == nil && yaml.Unmarshal(text, &chart) == nil {
			of := namedChart{File: c, version: chart.Version}
			for _, d := range chart.Dependencies {
				of.dependencies = append(of.dependencies, cmp.Or(d.Alias, d.Name))
				own := path.Join(c.Name, "charts", d.Name)
				if isOwn := d.Repository == "" || d.Repository == "file://charts/"+d.Name || d.Repository == "file://./charts/"+d.Name; isOwn && c.Tree.Exists(path.Join(own, "Chart.yaml")) {
					p.chartsOf[d.Name] = append(p.chartsOf[d.Name], namedChart{File: discover.File{Tree: c.Tree, Name: own}}) // Helm can render it by itself
				}
			}
			p.chartsOf[chart.Name] = append(p.chartsOf[chart.Name], of)
		}
	}
}

// kustomizationOf is the kustomization of a directory, both as reports call them. It is empty if the plan has
// none there.
func (p *Plan) kustomizationOf(dir string) string {
	if f, ok := p.overlay(dir); ok {
		if name, ok := kustomize.File(f.Tree, f.Name); ok {
			return f.Tree.Display(name)
		}
	}
	return ""
}

// Lister is where the kustomization in the folder of a file names it as a resource. It is empty if none does.
func (p *Plan) Lister(file string) lint.Position {
	f, ok := p.overlay(path.Dir(file))
	if !ok {
		return lint.Position{}
	}
	return p.attributes.Lister(f.Tree, path.Join(f.Name, path.Base(file)))
}

func (p *Plan) overlay(dir string) (f discover.File, ok bool) {
	p.namesOnce.Do(p.nameInputs)
	f, ok = p.overlays[dir]
	return f, ok
}

// GeneratedMark is the line of a .gitattributes file, or of the README of a folder, which says that a file is generated, or the
// file which says that what is in a folder is not to be edited, and the file of which the file is a copy. It may be that of the
// kustomization that lists the file, which is generated with it, and the kustomization from which both are built. Each is empty if there is
// none.
func (p *Plan) GeneratedMark(file string) (mark lint.Position, source string) {
	if f, ok := p.fileOf(file); ok {
		return p.generatedMark(f)
	}
	return lint.Position{}, ""
}

// Named is the file that the text of a file calls by a name: from its folder, or from one above. It is empty if there is none.
func (p *Plan) Named(file, name string) string {
	f, ok := p.fileOf(file)
	if !ok || path.IsAbs(name) {
		return ""
	}
	for dir := f.Name; dir != "."; {
		dir = path.Dir(dir)
		at := path.Join(dir, name)
		if at == f.Name || strings.HasPrefix(at, "../") {
			continue
		}
		if info, err := f.Tree.Stat(at); err == nil && info.Mode().IsRegular() {
			return f.Tree.Display(at)
		}
	}
	return ""
}

// Holds reports whether the repository of a file has one with a name in any folder.
func (p *Plan) Holds(file, base string) bool {
	f, ok := p.fileOf(file)
	return ok && p.attributes.Holds(f.Tree, base)
}

// Written is the line of a Makefile or script which has a generator write a file, and the file from which it does, or the
// kustomizations that an overlay lists which commands make for it. Each is empty if there is none.
func (p *Plan) Written(file string) (at lint.Position, source string, bases []string) {
	if f, ok := p.fileOf(file); ok {
		return p.attributes.Written(f.Tree, f.Name)
	}
	return lint.Position{}, "", nil
}

// Rendered is the line of a Makefile or script that renders charts, where it names a file, and the only file of values that it renders them
// with. Each is empty if there is none.
func (p *Plan) Rendered(file string) (at lint.Position, values string) {
	if f, ok := p.fileOf(file); ok {
		return p.attributes.Rendered(f.Tree, f.Name)
	}
	return at, ""
}

// RoleMaker is the line of a Makefile or script of the repository of a file which has controller-gen make a role with a name, or an end of it.
// It is empty if none does.
func (p *Plan) RoleMaker(file, role string) lint.Position {
	if f, ok := p.fileOf(file); ok {
		return p.attributes.RoleMaker(f.Tree, role)
	}
	return lint.Position{}
}

// Download is the line of a document or program which downloads a file. It is empty if none does.
func (p *Plan) Download(file string) lint.Position {
	if f, ok := p.fileOf(file); ok {
		return p.attributes.Download(f.Tree, f.Name)
	}
	return lint.Position{}
}

// Copied is the line of a Makefile or script which copies a file into a folder that it empties, and the file of the input that it
// copies. isForeign is set if the file comes from another project. Each is empty if there is none.
func (p *Plan) Copied(file string) (at lint.Position, source string, isForeign bool) {
	if f, ok := p.fileOf(file); ok {
		return p.attributes.Copied(f.Tree, f.Name)
	}
	return lint.Position{}, "", false
}

// ImageVariable is the line of a Makefile that sets a variable to an image which the recipe at a line writes to a file, and its name. Each is
// empty if there is none, or several.
func (p *Plan) ImageVariable(makefile lint.Position, image string) (at lint.Position, name string) {
	if f, ok := p.fileOf(makefile.File); ok {
		return attributes.ImageVariable(f.Tree, f.Name, makefile.Line, image)
	}
	return lint.Position{}, ""
}

// Filled is the line of a Makefile or script which has a generator write into the folder of a file, or one above, that is emptied
// before. It is empty if there is none.
func (p *Plan) Filled(file string) lint.Position {
	if f, ok := p.fileOf(file); ok {
		at, _ := p.attributes.Filled(f.Tree, f.Name)
		return at
	}
	return lint.Position{}
}

// Compared is the line of a Makefile or script which checks with git diff that a file, as a program writes it, was made anew. It is empty if
// there is none.
func (p *Plan) Compared(file string) lint.Position {
	if f, ok := p.fileOf(file); ok {
		return p.attributes.Compared(f.Tree, f.Name)
	}
	return lint.Position{}
}

// takesOneFile reports whether an overlay takes all its objects from one file that a program wrote: other files with these may come from where that
// one does, and not from the overlay.
func (p *Plan) takesOneFile(overlay string) bool {
	f, ok := p.overlay(overlay)
	if !ok {
		return false
	}
	refs, err := kustomize.References(f.Tree, f.Name)
	return err == nil && len(refs.Paths) == 1 && plain.IsWrittenByProgram(discover.File{Tree: f.Tree, Name: refs.Paths[0]})
}

// ControllerGen is the line of a Makefile or script which has controller-gen make a file, and the generator: rbac, crd or webhook.
// Each is empty if there is none.
func (p *Plan) ControllerGen(file string) (at lint.Position, generator string) {
	if f, ok := p.fileOf(file); ok {
		return p.attributes.ControllerGen(f.Tree, f.Name)
	}
	return lint.Position{}, ""
}

// TemplateBeside is the template beside a file that has its name and one more ending, and its text. It is empty if there is none.
func (p *Plan) TemplateBeside(file string) (name string, text []byte) {
	if f, ok := p.fileOf(file); ok {
		return attributes.TemplateBeside(f.Tree, f.Name)
	}
	return "", nil
}

// Marker is the only line of Go in the repository of a file with a marker by which controller-gen grants a resource. It is empty if
// there is none, or several.
func (p *Plan) Marker(file, resource string) lint.Position {
	if f, ok := p.fileOf(file); ok {
		return p.attributes.Marker(f.Tree, resource)
	}
	return lint.Position{}
}

// Vendored is where it is written that a file was copied from another project, and whether it is of a chart that was.
func (p *Plan) Vendored(file string) (at lint.Position, isChart bool) {
	f, ok := p.fileOf(file)
	if !ok {
		return at, false
	}
	if at, isChart = p.filledByVendir(f); at.File != "" {
		return at, isChart
	}
	if of, ok := p.archives.Of(f.Tree, f.Name); ok {
		return of.At, hasChart(f, of.Dir)
	}
	if of := p.found.UnpackedRelease(f); of.Dir != "" {
		return lint.Position{File: f.Tree.Display(of.Dir)}, hasChart(f, of.Dir)
	}
	if at, isChart = p.attributes.Vendored(f.Tree, f.Name); at.File == "" {
		at = p.labeled(f)
	}
	return at, isChart
}

// Archive is the repository, or the host, of the archive with which a script fills the folder of a file. It is empty if none does.
func (p *Plan) Archive(file string) (from string) {
	if f, ok := p.fileOf(file); ok {
		of, _ := p.archives.Of(f.Tree, f.Name)
		return of.From
	}
	return ""
}

// hasChart reports whether a file is of a chart that is in a folder, or is one.
func hasChart(f discover.File, folder string) bool {
	for dir := range discover.Above(f.Name) {
		if f.Tree.Exists(path.Join(dir, "Chart.yaml")) {
			return true
		}
		if dir == folder {
			break
		}
	}
	return false
}

// filledByVendir is the line of a configuration which has vendir fill a folder with a file, and whether that folder holds the chart that the
// file is of. It is empty if there is none.
func (p *Plan) filledByVendir(f discover.File) (at lint.Position, isChart bool) {
	filled, at := p.vendir.Vendored(f.Tree, f.Name)
	if at.File == "" {
		return at, false
	}
	return at, hasChart(f, filled)
}

// YttOverlay is the overlay of ytt, beside the folder that vendir fills with a file, which changes an object of the file. If there is none, it
// is one for other objects, and isOfObject is not set. It is empty if there is none either.
func (p *Plan) YttOverlay(file, kind, name string) (at lint.Position, isOfObject bool) {
	f, ok := p.fileOf(file)
	if !ok {
		return at, false
	}
	return p.vendir.Overlay(f.Tree, f.Name, kind, name)
}

// isOfOthers reports whether a folder holds a chart that was copied from another project, which has written the values for its tests.
func (p *Plan) isOfOthers(chart discover.File) bool {
	at, isChart := p.Vendored(path.Join(chart.Display(), "Chart.yaml"))
	return isChart && at.File != ""
}

// Defined is the line of a program of the repository that defines what a generator makes a file from, which a line marks as generated. It is
// empty if it is not known.
func (p *Plan) Defined(file string, mark lint.Position) lint.Position {
	f, ok := p.fileOf(file)
	by, isFound := p.fileOf(mark.File)
	if !ok || !isFound || by.Tree != f.Tree {
		return lint.Position{}
	}
	return p.attributes.Defined(f.Tree, f.Name, by.Name, mark.Line)
}

// labeled is the line of a generated file with the label of a chart that the plan does not have: or not yet, if its version is after that
// of the chart that holds the file. It is empty if there is none.
func (p *Plan) labeled(f discover.File) lint.Position {
	at, chart, version := attributes.Labeled(f.Tree, f.Name)
	for _, c := range p.chartsOf[chart] {
		of, err := semver.NewVersion(version)
		own, ownErr := semver.NewVersion(c.version)
		if isInside := strings.HasPrefix(f.Name, path.Join(c.Name, "templates")+"/"); !isInside || err != nil || ownErr != nil || !of.GreaterThan(own) {
			return lint.Position{}
		}
	}
	return at
}

// fileOf is the file that reports call by a name.
func (p *Plan) fileOf(name string) (f discover.File, ok bool) {
	p.namesOnce.Do(p.nameInputs)
	for _, t := range p.trees {
		if in, ok := tree.Below(t.Dir(), filepath.FromSlash(name)); ok {
			return discover.File{Tree: t, Name: in}, true
		}
	}
	return f, false
}

func (p *Plan) generatedMark(f discover.File) (mark lint.Position, source string) {
	if mark = p.attributes.Generated(f.Tree, f.Name); mark.File == "" {
		mark = p.attributes.Readme(f.Tree, f.Name)
	}
	at, source := p.attributes.NoEdit(f.Tree, f.Name)
	if mark.File == "" || source != "" {
		mark = at
	}
	if mark.File == "" {
		mark = p.attributes.Nixidy(f.Tree, f.Name)
	}
	if source == "" {
		if at, of := p.attributes.Build(f.Tree, f.Name); mark.File == "" || of != "" {
			return at, of
		}
	}
	return mark, source
}

// isMarkedGenerated reports whether another file says that a file is generated.
func (p *Plan) isMarkedGenerated(f discover.File) bool {
	mark, _ := p.generatedMark(f)
	return mark.File != ""
}

// makesBundle is the command by which the Makefile of an operator makes its bundle of config/manifests.
const makesBundle = "generate bundle"

// bundleFolder is where that has its objects.
const bundleFolder = "bundle/manifests"

// BundleSource is the kustomization from which operator-sdk makes the bundle with a file. isMade is set if a Makefile in the folder that
// holds the bundle, or above, does that; the kustomization may be missing.
func (p *Plan) BundleSource(file string) (source string, isMade bool) {
	f, ok := p.fileOf(file)
	root, inBundle := strings.CutSuffix(path.Dir(f.Name), bundleFolder)
	if !ok || !inBundle {
		return "", false
	}
	for at := path.Clean(root); ; at = path.Dir(at) {
		if text, err := f.Tree.ReadFile(path.Join(at, "Makefile")); err == nil && bytes.Contains(text, []byte(makesBundle)) {
			return p.kustomizationOf(path.Join(strings.TrimSuffix(path.Dir(file), bundleFolder), "config/manifests")), true
		}
		if at == "." {
			return "", false
		}
	}
}

// Limits of the network policies that are read from charts: how deep their folders are looked at, and how many policies count.
const (
	maxChartFolders  = 20
	maxChartPolicies = 1000
)

// optIn is the network policies in the templates of charts which pods of other charts choose by a label, with the others of these charts.
func optIn(charts []discover.File) (l []optin.Policy) {
	for _, c := range charts {
		var found []optin.Policy
		addOptIn(&found, c, "", 0)
		if slices.ContainsFunc(found, optin.Policy.IsChosen) && len(l)+len(found) <= maxChartPolicies {
			l = append(l, found...)
		}
	}
	return l
}

// addOptIn adds those of a folder of a chart.
func addOptIn(l *[]optin.Policy, c discover.File, dir string, depth int) {
	eachTemplate(c, dir, depth, func(text []byte) {
		if !bytes.Contains(text, []byte("NetworkPolicy")) {
			return
		}
		for _, p := range optin.Read(string(text)) {
			p.Chart = c.Display()
			*l = append(*l, p)
		}
	})
}

// eachTemplate calls a function with the text of each template below a folder of a chart. What cannot be read is reported where the chart is
// loaded.
func eachTemplate(c discover.File, dir string, depth int, do func(text []byte)) {
	entries, err := c.Tree.ReadDir(path.Join(c.Name, dir))
	if err != nil || depth > maxChartFolders {
		return
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch isTemplate := slices.Contains(strings.Split(name, "/"), "templates"); {
		case e.IsDir():
			if isTemplate || e.Name() == "charts" || path.Base(dir) == "charts" {
				eachTemplate(c, name, depth+1, do)
			}
		case isTemplate && (path.Ext(name) == ".yaml" || path.Ext(name) == ".yml"):
			if text, err := c.Tree.ReadFile(path.Join(c.Name, name)); err == nil && len(text) <= maxPolicies {
				do(text)
			}
		}
	}
}

// boundByCharts are the charts, as reports call them, whose templates have bindings to a ClusterRole, by its name.
func boundByCharts(charts []discover.File) map[string][]string {
	by := map[string][]string{}
	for _, c := range charts {
		eachTemplate(c, "", 0, func(text []byte) {
			for _, name := range bindings.Roles(text) {
				if !slices.Contains(by[name], c.Display()) {
					by[name] = append(by[name], c.Display())
				}
			}
		})
	}
	return by
}
