// Package kustomize builds overlays as kustomize does, without network and
// without running anything, and knows for each field of the output in which
// file and line a person edits it: a patch, a base, or the entry of a
// kustomization that set it.
package kustomize

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/krusty"
	library "sigs.k8s.io/kustomize/api/provenance"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/openapi"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/kustomize/source"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/tree"
)

// Options change how overlays are built. The zero value is what kustomize does
// offline, with --load-restrictor LoadRestrictionsNone.
type Options struct {
	// LoadRestrictionsRootOnly refuses files outside the directory of the
	// kustomization that names them, as kustomize does by default. False reads them, as
	// Flux and kustomize with --load-restrictor LoadRestrictionsNone do. Nothing outside
	// the tree is ever read.
	LoadRestrictionsRootOnly bool
	// Outside is called with the place of each entry that names such a file and that is
	// read. Nil if unset.
	Outside func(lint.Position)
	// HelmChart renders an entry of helmCharts. If nil,
	// each entry is a Problem, and its objects are missing from the output.
	HelmChart func(context.Context, HelmChart) *lint.Rendered
	// IgnoredBy is the line of a .gitignore for which Git ignores a name in the tree. It has no file if Git does not. Nil if unset.
	IgnoredBy func(name string) lint.Position
	// ChartGiver is the file, as reports call it, by which Fleet gives the objects of a Helm chart to the kustomization. It is
	// empty if there is none. Nil if unset.
	ChartGiver func() string
	// Changes are put into the kustomization that is built. Nil if unset.
	Changes *Changes
	// Limits are used in place of DefaultLimits if set.
	Limits *Limits
}

// HelmChart is an entry of helmCharts whose chart lies in the tree.
type HelmChart struct {
	types.HelmChart
	// Dir is the chart's directory, a name in the tree.
	Dir string
	// Kustomization is the directory that relative paths of the entry start
	// from, a name in the tree.
	Kustomization string
	// Position is that of the entry.
	Position lint.Position
	// Inline is the position of the value at some steps of valuesInline, list
	// indexes in brackets. ok is false if it is not there.
	Inline func(steps []string) (at lint.Position, ok bool)
}

// maxDropped is how many broken entries are left out of one overlay before it
// counts as not built.
const maxDropped = 20

// Build builds the kustomization in a directory of a tree. An entry that cannot
// be built offline or is broken is a Problem and left out, so that the rest is
// there; Unit is nil if nothing could be built. The second result names the
// files of the tree that were read, sorted.
func Build(ctx context.Context, t *tree.Tree, dir string, opts Options) (*lint.Rendered, []string) {
	b := &build{ctx: ctx, tree: t, dir: dir, opts: opts, dropped: map[entry]bool{}, hidesSchemas: true}
	b.files = newFiles(b)
	out := &lint.Rendered{}
	var broken, notes []lint.Problem
	for round := 0; ; round++ {
		m, err := b.run()
		if b.hidesSchemas && b.files.schemas.Any() && (err != nil || !b.showSchemas(m)) && ctx.Err() == nil { // a patch may need them
			b.hidesSchemas = false
			b.files = newFiles(b)
			m, err = b.run()
		}
		if ended := ctx.Err(); ended != nil {
			broken = append(broken, b.rootProblem(lint.CodeInterrupted, fmt.Sprintf("not built: %v", ended), ""))
			break
		}
		if err == nil {
			b.provenance = provenance{}
			b.render(out, m)
			break
		}
		p, at, ok := b.diagnose(err)
		isLast := !ok || b.dropped[at] || round >= maxDropped
		switch {
		case b.unmatched != "" && b.isComponent() && !isLast:
			out.Skipped = append(out.Skipped, lint.Skip{File: b.unmatched, Reason: "a patch of a component for what only an overlay has"})
		case b.follows:
			notes = append(notes, b.following(p))
		default:
			broken = append(broken, p)
		}
		if isLast {
			break
		}
		b.dropped[at] = true
		b.files = newFiles(b)
	}
	out.Problems = append(append(out.Problems, b.files.problems...), broken...)
	out.Notes = append(append(out.Notes, b.files.notes...), notes...)
	out.Sources = append(out.Sources, b.files.texts...)
	return out, b.files.read()
}

// following is the note of what may be wrong only since something was left out: it may have what is missing, so that there is nothing to correct.
func (b *build) following(p lint.Problem) lint.Problem {
	if b.leftOut() {
		by, why := "a resource that was left out", ""
		if b.isComponent() {
			by = "an overlay that uses the component"
		} else if giver := b.chartGiver(); giver != "" {
			by, why = "the Helm chart of "+giver, ": Fleet gives its objects to the kustomization, and kubevet does not"
		}
		p.Code, p.Help = "", ""
		p.Message = strings.TrimSuffix(p.Message, restBuilt) + "; " + by + " may have it" + why
	}
	return p
}

// chartGiver is that of the options.
func (b *build) chartGiver() string {
	if b.opts.ChartGiver == nil {
		return ""
	}
	return b.opts.ChartGiver()
}

// isComponent reports whether what is built is a component by itself. What it changes may be in the overlays that use it.
func (b *build) isComponent() bool {
	k := b.files.kustomizations[b.dir]
	return k != nil && k.spec.Kind == types.ComponentKind
}

// showSchemas puts the schemas into the objects again that kustomize did not get. It reports false if the overlay changes one.
func (b *build) showSchemas(m resmap.ResMap) bool {
	for _, r := range m.Resources() {
		if !b.files.schemas.Show(r.YNode()) {
			return false
		}
	}
	return true
}

// missingEntry is the first whose file or folder does not exist, other than what a ConfigMap or Secret is generated from: kustomize
// builds nothing until it does. The label is empty if there is none.
type missingEntry struct {
	lint.Position
	label string
}

// note takes the problem of an entry.
func (m *missingEntry) note(p lint.Problem, by user) {
	if p.Code == lint.CodeMissingFile && !p.IsData && (m.label == "" || p.Compare(m.Position) < 0) {
		m.Position, m.label = p.Position, by.label()
	}
}

// build is one run of Build.
type build struct {
	ctx     context.Context //nolint:containedctx // lives as long as one call
	tree    *tree.Tree
	dir     string
	opts    Options
	dropped map[entry]bool // entries to leave out
	files   *files
	objects []*object
	// missingPatches are the patches that do not exist, as kustomizations name them.
	missingPatches []string
	missing        missingEntry
	// caseSearches is how many names were looked for in other upper and lower case.
	caseSearches int
	// trials are builds made to find broken entries, trialCost their objects squared.
	trials, trialCost int
	// follows is set if what diagnose found comes of what was left out before, or may be in the overlay that uses the component.
	follows bool
	// unmatched is the file of the patch that diagnose found to match nothing, as reports call it. It is empty if that is none.
	unmatched string
	provenance
	// hidesSchemas is set as long as kustomize does not get the schemas of CustomResourceDefinitions.
	hidesSchemas bool
	// ownSchema is set once a kustomization is found to have the field openapi.
	ownSchema bool
}

// provenance is what is found once for all objects of an overlay.
type provenance struct {
	declared       map[string]*declarations // by kind
	kustomizations []*kustomization         // with those that plugins are read as
	layers         map[passed][]*kustomization
	rootUsers      map[passed]user
	severalUsers   map[*kustomization]bool
	routes         map[*kustomization][]routeTo
	// routeSteps counts the kustomizations that were looked at for routes.
	routeSteps      int
	routeNamespaces map[*kustomization]map[string]bool
	// renamedBy is the Namespaces that are declared, by the names that the routes to them give them.
	renamedBy   map[string][]declared
	usersOf     map[*source.Source]user
	patterns    map[string]*regexp.Regexp
	selectors   map[string]labels.Selector
	fields      map[*types.SourceSelector]copied
	affixPairs  []affixPair
	comparisons int
}

func (b *build) limits() *Limits {
	if b.opts.Limits != nil {
		return b.opts.Limits
	}
	return &DefaultLimits
}

// render makes objects and text of what was built.
func (b *build) render(out *lint.Rendered, m resmap.ResMap) {
	unit := &lint.Unit{Kind: lint.UnitOverlay, Input: b.tree.Display(b.dir), MissingPatches: b.missingPatches, IsComponent: b.isComponent()}
	var text bytes.Buffer
	line := 1
	for i, r := range m.Resources() {
		if i > 0 {
			text.WriteString("---\n")
			line++
		}
		chunk, err := r.AsYAML()
		if err != nil {
			out.Problems = append(out.Problems, b.rootProblem(lint.CodeInvalidKustomization, fmt.Sprintf("%s cannot be written as YAML: %v", r.CurId(), err), ""))
			continue
		}
		quoteWords(r.YNode())
		o := &object{build: b, root: r.YNode(), line: line, text: chunk, lines: bytes.Count(chunk, []byte("\n"))}
		b.objects = append(b.objects, o)
		objects, problems := manifest.Objects(o.root, o)
		for _, lo := range objects {
			lo.Identity = o.identity(lo)
		}
		unit.Objects = append(unit.Objects, objects...)
		out.Problems = append(out.Problems, problems...)
		text.Write(chunk)
		line += o.lines
	}
	out.Unit = unit
	out.Texts = []lint.RenderedText{{Name: b.rootFile(), Text: text.String(), Origin: b.originOfLine}}
}

// quoteWords quotes the strings of an object that are booleans to others, such as yes and on:
// kustomize reads YAML 1.2, and writes them in quotes.
func quoteWords(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.Style == 0 && n.ShortTag() == "!!str" && isWord(n.Value) {
		n.Style = yaml.DoubleQuotedStyle
	}
	for _, c := range n.Content {
		quoteWords(c)
	}
}

// isWord reports whether a text is a boolean in YAML 1.1, and not in YAML 1.2.
func isWord(text string) bool {
	switch text {
	case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF":
		return true
	}
	return false
}

// rootFile is how reports call the kustomization that is built.
func (b *build) rootFile() string {
	if k := b.files.kustomizations[b.dir]; k != nil {
		return k.source.Text.File
	}
	return b.tree.Display(b.dir)
}

// rootProblem is one that has no better place than the kustomization.
func (b *build) rootProblem(code lint.ProblemCode, message, help string) lint.Problem {
	return lint.Problem{Position: lint.Position{File: b.rootFile()}, Code: code, Message: message, Help: help}
}

// originOfLine is where a line of the output came from.
func (b *build) originOfLine(line int) lint.Origin {
	i, found := slices.BinarySearchFunc(b.objects, line, func(o *object, line int) int { return o.line - line })
	if !found {
		i--
	}
	if i < 0 {
		return lint.Origin{}
	}
	return b.objects[i].originOfLine(line - b.objects[i].line + 1)
}

// schema guards the OpenAPI schema, which kustomize keeps in package state. All
// overlays without a schema of their own share the built-in one and are built at
// the same time; one with the field openapi is built alone, between two resets.
// kustomize itself never forgets such a schema: the next overlay would be built
// with it, too.
var schema struct {
	sync.RWMutex
	ready bool // the built-in schema is loaded, and nothing else is
}

// withBuiltInSchema calls a function while the schema is the built-in one.
func withBuiltInSchema(build func()) {
	for {
		schema.RLock()
		if schema.ready {
			break
		}
		schema.RUnlock()
		schema.Lock()
		if !schema.ready {
			openapi.ResetOpenAPI()
			openapi.Schema() // loads it: kustomize would, but not safely for concurrent use
			schema.ready = true
		}
		schema.Unlock()
	}
	defer schema.RUnlock()
	build()
}

// withOwnSchema calls a function that may change the schema.
func withOwnSchema(build func()) {
	schema.Lock()
	defer schema.Unlock()
	schema.ready = false
	openapi.ResetOpenAPI()
	defer openapi.ResetOpenAPI()
	build()
}

// run has kustomize build what files show it.
func (b *build) run() (m resmap.ResMap, err error) {
	if !b.ownSchema {
		withBuiltInSchema(func() { m, err = b.krusty() })
		if !b.files.wantsSchema {
			return m, err
		}
		b.ownSchema = true
		b.files = newFiles(b)
	}
	withOwnSchema(func() { m, err = b.krusty() })
	return m, err
}

func (b *build) krusty() (m resmap.ResMap, err error) {
	guardLog()
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, &panicError{value: p, stack: debug.Stack()}
		}
	}()
	o := krusty.MakeDefaultOptions()
	if !b.opts.LoadRestrictionsRootOnly {
		o.LoadRestrictions = types.LoadRestrictionsNone
	}
	m, err = krusty.MakeKustomizer(o).Run(b.files, b.files.path(b.dir))
	if err == nil {
		nameRelease(m)
	}
	return m, err
}

// release is the version of kustomize that is made of the library in go.mod. The library calls itself (devel), or has the version of this program,
// which may be no value of a label.
const release = "v5.8.2"

// nameRelease has the label with which kustomize names itself, if buildMetadata asks for it, name a release.
func nameRelease(m resmap.ResMap) {
	own := "kustomize-" + library.GetProvenance().Semver()
	for _, r := range m.Resources() {
		label := node.Child(node.Child(node.Child(r.YNode(), "metadata"), "labels"), konfig.ManagedbyLabelKey)
		if label != nil && label.Value == own {
			label.Value, label.Style = "kustomize-"+release, 0
		}
	}
}

// panicError is a panic of kustomize.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("kustomize crashes on it: %v", e.value) }

// Quiet keeps kustomize's warnings about deprecated fields, which name no file,
// off standard error: it sets os.Stderr, so a program calls it once, before it
// starts goroutines, and writes to the os.Stderr that it had before.
func Quiet() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
}

var guardLog = sync.OnceFunc(func() { log.SetOutput(logGuard{log.Writer()}) })

// logGuard drops what kustomize logs, and keeps its log.Fatal from ending the
// process: the call panics, and krusty recovers.
type logGuard struct{ next io.Writer }

// Write passes on what is not of kustomize.
func (g logGuard) Write(p []byte) (int, error) {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	fatal := false
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		fatal = fatal || strings.HasPrefix(f.Function, "log.Fatal")
		if strings.HasPrefix(f.Function, "sigs.k8s.io/kustomize/") {
			if fatal {
				panic(strings.TrimSpace(string(p)))
			}
			return len(p), nil
		}
	}
	return g.next.Write(p)
}
