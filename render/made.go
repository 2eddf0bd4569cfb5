package render

import (
	"bytes"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// Template is the template of a chart of the plan that Helm names so where it writes what it
// rendered: web/templates/all.yaml, after the name of the chart. It is empty if not exactly one chart
// has it.
func (p *Plan) Template(name string) string {
	chart, file, _ := strings.Cut(name, "/")
	if path.Clean(file) != file || !strings.Contains("/"+file, "/templates/") || strings.HasPrefix(file, "../") {
		return ""
	}
	p.namesOnce.Do(p.nameInputs)
	found := ""
	for _, c := range p.chartsOf[chart] {
		if f := path.Join(c.Name, file); c.Tree.Exists(f) {
			if found != "" {
				return ""
			}
			found = c.Tree.Display(f)
		}
	}
	return found
}

// nameInputs finds the charts of the plan by the names that they have, and the overlays by those that reports use.
func (p *Plan) nameInputs() {
	p.overlays = map[string]discover.File{}
	for _, f := range p.found.Kustomizations {
		p.overlays[f.Display()] = f
	}
	p.chartsOf = map[string][]discover.File{}
	for _, c := range p.found.Charts {
		var chart struct{ Name string }
		if text, err := c.Tree.ReadFile(path.Join(c.Name, "Chart.yaml")); err == nil && yaml.Unmarshal(text, &chart) == nil {
			p.chartsOf[chart.Name] = append(p.chartsOf[chart.Name], c)
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
	name, ok := kustomize.File(f.Tree, f.Name)
	if !ok {
		return lint.Position{}
	}
	text, err := f.Tree.ReadFile(name)
	var k struct{ Resources []yaml.Node }
	if err != nil || yaml.Unmarshal(text, &k) != nil {
		return lint.Position{}
	}
	for _, r := range k.Resources {
		if path.Clean(r.Value) == path.Base(file) {
			return lint.Position{File: f.Tree.Display(name), Line: r.Line}
		}
	}
	return lint.Position{}
}

func (p *Plan) overlay(dir string) (f discover.File, ok bool) {
	p.namesOnce.Do(p.nameInputs)
	f, ok = p.overlays[dir]
	return f, ok
}

// generatedMark is the attribute by which GitHub and other tools know generated files.
const generatedMark = "linguist-generated"

// GeneratedMark is the line of a .gitattributes file by which a file is generated: of those in the file's
// folder and above, the last line in the nearest one that says something of it. It is empty if there is none.
func (p *Plan) GeneratedMark(file string) lint.Position {
	for _, t := range p.found.Trees() {
		name, ok := tree.Below(t.Dir(), filepath.FromSlash(file))
		if !ok {
			continue
		}
		for dir := path.Dir(name); ; dir = path.Dir(dir) {
			if at, isGenerated, says := p.attributesOf(t, dir).of(name); says {
				if isGenerated {
					return at
				}
				return lint.Position{}
			}
			if dir == "." {
				break
			}
		}
	}
	return lint.Position{}
}

// attributes are the lines of a .gitattributes file that say which files are generated.
type attributes struct{ lines []attributeLine }

type attributeLine struct {
	lint.Position
	pattern     gitignore.Pattern
	isBase      bool // the pattern is for the last part of a path
	isGenerated bool
}

// of says whether the file with a name in the tree is generated. says is false if no line is about it.
func (a *attributes) of(name string) (at lint.Position, isGenerated, says bool) {
	parts := strings.Split(name, "/")
	for _, l := range slices.Backward(a.lines) {
		of := parts
		if l.isBase {
			of = parts[len(parts)-1:]
		}
		if l.pattern.Match(of, false) == gitignore.Exclude {
			return l.Position, l.isGenerated, true
		}
	}
	return lint.Position{}, false, false
}

// attributesOf reads the .gitattributes file of a folder, once.
func (p *Plan) attributesOf(t *tree.Tree, dir string) *attributes {
	p.attributesLock.Lock()
	defer p.attributesLock.Unlock()
	id := discover.ID{Dir: t.Dir(), Name: dir}
	if a, ok := p.attributes[id]; ok {
		return a
	}
	if p.attributes == nil {
		p.attributes = map[discover.ID]*attributes{}
	}
	a := &attributes{}
	p.attributes[id] = a
	name := path.Join(dir, ".gitattributes")
	text, err := t.ReadFile(name)
	if err != nil || !bytes.Contains(text, []byte(generatedMark)) {
		return a
	}
	var domain []string
	if dir != "." {
		domain = strings.Split(dir, "/")
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		fields := strings.Fields(line)
		if !strings.Contains(line, generatedMark) || fields[0][0] == '#' || fields[0][0] == '!' || strings.HasSuffix(fields[0], "/") {
			continue
		}
		for _, attribute := range fields[1:] {
			key, value, _ := strings.Cut(strings.TrimLeft(attribute, "-!"), "=")
			if key != generatedMark {
				continue
			}
			l := attributeLine{Position: lint.Position{File: t.Display(name), Line: n}, isBase: !strings.Contains(fields[0], "/")}
			l.isGenerated = attribute[0] != '-' && attribute[0] != '!' && value != "false"
			of := domain
			if l.isBase {
				of = nil
			}
			l.pattern = gitignore.ParsePattern(fields[0], of)
			a.lines = append(a.lines, l)
		}
	}
	return a
}

// makesBundle is the command by which the Makefile of an operator makes its bundle of config/manifests.
const makesBundle = "generate bundle"

// BundleSource is the kustomization from which operator-sdk makes the bundle in a folder. It is empty if no
// Makefile in the folder that holds the bundle, or above, does that.
func (p *Plan) BundleSource(root string) string {
	dir := path.Join(root, "config/manifests")
	source := p.kustomizationOf(dir)
	f, ok := p.overlay(dir)
	if !ok || source == "" {
		return ""
	}
	for at := path.Join(f.Name, "../.."); ; at = path.Dir(at) {
		if text, err := f.Tree.ReadFile(path.Join(at, "Makefile")); err == nil && bytes.Contains(text, []byte(makesBundle)) {
			return source
		}
		if at == "." {
			return ""
		}
	}
}

var (
	makesRoles = regexp.MustCompile(`(?m)^[^#\n]*\brbac:roleName=.*$`)
	rolesHere  = regexp.MustCompile(`\boutput:rbac:.*/rbac/?(?:["']?\s|$)`)
)

// RoleMaker is the line of a project's Makefile that has controller-gen make config/rbac/role.yaml: the
// overlay is that of config/rbac. It is empty if there is none, or if the roles go somewhere else.
func (p *Plan) RoleMaker(overlay string) lint.Position {
	f, ok := p.overlay(overlay)
	if !ok || !strings.HasSuffix("/"+f.Name, "/config/rbac") {
		return lint.Position{}
	}
	name := path.Join(f.Name, "../../Makefile")
	text, err := f.Tree.ReadFile(name)
	if err != nil {
		return lint.Position{}
	}
	for _, at := range makesRoles.FindAllIndex(text, -1) {
		if line := text[at[0]:at[1]]; !bytes.Contains(line, []byte("output:rbac:")) || rolesHere.Match(line) {
			return lint.Position{File: f.Tree.Display(name), Line: 1 + bytes.Count(text[:at[0]], []byte("\n"))}
		}
	}
	return lint.Position{}
}
