package helm

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/helm/blocktext"
	"github.com/kubevet/kubevet/render/helm/branch"
	"github.com/kubevet/kubevet/render/helm/capabilities"
	"github.com/kubevet/kubevet/render/helm/chartfile"
	"github.com/kubevet/kubevet/render/helm/lookup"
	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
	"github.com/kubevet/kubevet/render/manifest"
)

// rendering is one chart in one scenario. The trace data stays in memory until the last
// object is released.
type rendering struct {
	*trace.Tracer
	mu       sync.Mutex // held while origins are resolved
	chart    *Chart
	scenario Scenario
	home     string // full path of the linted chart, which is its name
	fileNames
	keys *values.Index
	// cluster is the objects that lookup finds.
	cluster lookup.Objects
	mask    *masker // nil until there is a problem
	// plain are the files of the chart and its subcharts that are no templates, and byContent those that have a text, of one chart and, without an owner,
	// of all: nil if several have it.
	plain     []plainFile
	byContent map[content]*chart.File
	out       *lint.Rendered
	tasks     []task
	// owners are the full paths of the charts that have a file, by its name in reports: a chart that is taken in twice
	// by alias has two, and its partials are executed from the last one for both.
	owners map[string][]string
	// charts are as in a Unit.
	charts map[string]lint.ChartVersions
	files  []*output
	// executing is called with each file's name before the file is executed. It may be
	// nil.
	executing func(file string)
	// disabled are the disabled objects of each kind that was requested.
	disabled map[string][]lint.DisabledObject
	// merged is what Helm made of the values, and seen what the templates see of it.
	merged merged
	seen   map[string]any
	scopes []*scope
	// hasSchema is set if a chart has a schema, and violated has what of the values breaks it.
	hasSchema bool
	violated  map[string]bool
	// lackedAPIs are the failures for want of API versions of custom resources.
	lackedAPIs []failure
	// ran is what became of each template that was executed, by its name.
	ran map[string]*ran
	// kept is what keptShared found.
	kept *bool
	// of is the rendering of which this one is a trial, and set what the trial sets. Nil if
	// it is none.
	of  *rendering
	set []values.Setting
	// readers are the templates that may read what the trial sets, by the chart that they are
	// of; known is what finds them in a rendering that is none.
	readers map[string]map[string]bool
	known   *trace.Readers
	// volumeKeys are the keys that are named for volumes. It is nil until one asks.
	volumeKeys *volumeKeys
	// merges are the maps that templates merge from values, by the template and the variable that has the map.
	merges blocktext.Merges
	// extensible are the maps into which templates merged an empty map of the values, by the names of their entries. It is nil until one asks.
	extensible map[string][]extensible
	// templates are those that printed the objects, by these.
	templates map[*lint.Object]string
	// comparedKeys are those that a template compares with texts. It is nil until they are asked for.
	comparedKeys map[string]bool
	// appendedTo is what templates print right behind keys: see AppendedTo. It is nil until it is asked for.
	appendedTo map[ownedKey]string
	// fieldHelpers says of helpers, keys and fields whether a field can be added in the helper: see isFieldOf.
	fieldHelpers map[string]bool
	// secretNames are the names that end in Secret of keys that a template reads. It is nil until they are asked for.
	secretNames map[string]bool
	// readerCounts is how many templates may read a key, by the key.
	readerCounts map[string]int
	// unreadNotes is what is known of keys at wrong places, by the chart whose key is a new one.
	unreadNotes map[string]string
	// texts are the sources of the templates, and withWord those that have a word. They are nil until one asks.
	texts    *trace.Texts
	withWord map[string]*trace.TextsWith
	// failedWith are the values that the chart refused in a trial.
	failedWith map[string]bool
	// lackedWith are those with which one failed without what a missing dependency may have.
	lackedWith map[string]bool
	// only are the templates that a trial executes, if it is not to render all that may change.
	only map[string]bool
}

// merged is a chart with its dependencies, and what its templates are given. None of it changes
// while they are executed.
type merged struct {
	chart   *chart.Chart
	values  map[string]any
	release map[string]any
	caps    chartutil.Capabilities
}

// task is a template to execute.
type task struct {
	name  string // full name: web/templates/deployment.yaml
	file  *chart.File
	src   *trace.Source
	scope map[string]any
	base  string // full path of the templates folder
}

// Render renders the chart in a scenario. The context limits the time: what is not
// rendered by then is reported as a problem. If one template fails, the others are still
// rendered.
func (c *Chart) Render(ctx context.Context, s Scenario) *lint.Rendered {
	out, _ := c.RenderReach(ctx, s)
	return out
}

func newRendering(ctx context.Context, c *Chart) *rendering {
	tracer := trace.NewTracer(trace.NewBudget(ctx, c.limits, int(c.steps.Load())))
	tracer.Conversions = &c.library.Conversions
	return &rendering{
		Tracer:    tracer,
		chart:     c,
		home:      c.Name,
		fileNames: newFileNames(),
		out:       &lint.Rendered{},
		disabled:  map[string][]lint.DisabledObject{},
		ran:       map[string]*ran{},
		owners:    map[string][]string{},
		charts:    map[string]lint.ChartVersions{},
		templates: map[*lint.Object]string{},
	}
}

func (r *rendering) render(s *Scenario) {
	if !r.prepare(s) {
		return
	}
	r.out.Unit = &lint.Unit{Kind: lint.UnitChart, Input: r.chart.Dir, Scenario: cmp.Or(s.Name, lint.DefaultScenario), Disabled: r.disabledObjects, Unrendered: r.unrenderedKinds, Try: r.try, Refuses: r.refuses, Lacks: r.hasLacked, IsBesideOthers: s.IsBesideOthers, ReleaseNamespace: s.Namespace}
	if s.ReleaseName == "" {
		r.out.Unit.MadeUpRelease = madeUpRelease(r.chart.Name)
	}
	if s.ofTests && !s.trial {
		r.out.Unit.IsOnlyTested = r.isOnlyTested
	}
	r.out.Unit.About, r.out.Unit.Charts = chartfile.About(r.merged.chart), r.charts
	of := r.merged.chart
	r.out.Unit.Holds = func(text string) (templates, values bool) { return holds(of, text) }
	r.addChartNotes()
	crds := r.readCRDs(r.merged.chart)
	r.executing = s.Executing
	r.read(r.parse())
	r.addCRDs(crds())
	for _, f := range r.files {
		before := len(r.out.Unit.Objects)
		f.addTo(r.out, s)
		if !s.trial {
			for _, o := range r.out.Unit.Objects[before:] {
				r.templates[o] = f.task.name
			}
		}
	}
	r.out.Unit.IsRefused = slices.ContainsFunc(r.out.Problems, func(p lint.Problem) bool { return p.Code == lint.CodeMissingValue })
	r.out.Unit.Cost = r.cost()
}

// addChartNotes adds the notes on the charts that the values take in.
func (r *rendering) addChartNotes() {
	if len(r.chart.notes) == 0 {
		return
	}
	isRendered := map[string]bool{}
	r.names.eachChart(r.merged.chart, func(file string, _ *chart.Chart) { isRendered[file] = true })
	for _, n := range r.chart.notes {
		if isRendered[n.file] {
			r.note(n.note)
		}
	}
}

// defaultNamespace is the namespace to which Helm installs by default. A release is rendered for it if its namespace
// is not known.
const defaultNamespace = "default"

// comparesDefault matches the condition of a template that may print something else, or fail, in the default namespace.
var comparesDefault = regexp.MustCompile("\\b(?:eq|ne)\\s+(?:\\(?\\$?\\.Release\\.Namespace\\)?\\s+[\"`]default[\"`]|[\"`]default[\"`]\\s+\\(?\\$?\\.Release\\.Namespace\\b)|" +
	"\\.Release\\.Namespace\\s*\\|\\s*(?:eq|ne)\\s+[\"`]default[\"`]")

// comparesNamespace reports whether a template of a chart or its subcharts compares the namespace of the release with
// the default one.
func (s *sources) comparesNamespace() bool {
	return slices.ContainsFunc(s.files, func(f *loader.BufferedFile) bool {
		return strings.HasPrefix(f.Name, "templates/") && bytes.Contains(f.Data, []byte(".Release.Namespace")) && comparesDefault.Match(f.Data)
	}) || slices.ContainsFunc(s.subs, (*sources).comparesNamespace)
}

// inRelease reports whether an object is in the namespace of the release. Where the chart's name stands for that, a
// template may have a namespace with the same name.
func (f *output) inRelease(o *lint.Object, s *Scenario) bool {
	switch {
	case s.Namespace != "" || f.chart.namespace == defaultNamespace:
		return o.Namespace == cmp.Or(s.Namespace, defaultNamespace)
	case o.Namespace != f.chart.namespace:
		return false
	}
	return f.isOfRelease(o.Root.Get("metadata.namespace"))
}

// isOfRelease reports whether a value is one of .Release.
func (f *output) isOfRelease(v lint.Value) bool {
	if v.Node == nil || v.Node.Line < 1 {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.resolve()
	p, _ := f.onlyPiece(f.span(v.Node))
	return p != nil && len(p.Keys) == 1 && p.Keys[0].Object() == releaseObject
}

// releaseObject is what identifies the values of .Release.
const releaseObject = "Release"

func (r *rendering) problem(p lint.Problem) { r.out.Problems = append(r.out.Problems, p) }
func (r *rendering) note(p lint.Problem)    { r.out.Notes = append(r.out.Notes, p) }

// merge computes the values that templates see, as helm install does. ok is false if Helm cannot.
func (r *rendering) merge(s *Scenario) (ok bool) {
	hc := r.chart.root.buildAt(&r.fileNames, 0, 0, 0, r.chart.root.installedBy(s.Installed))
	user, problems := s.userValues()
	r.out.Problems = append(r.out.Problems, problems...)
	at := lint.Position{File: r.chart.root.path("Chart.yaml")}
	if err := chartutil.ProcessDependenciesWithMerge(hc, user); err != nil {
		r.problem(lint.Problem{Code: lint.CodeInvalidValues, Position: at, Message: "applying the dependencies' conditions and imports: " + err.Error()})
		return false
	}
	release := chartutil.ReleaseOptions{
		Name:      cmp.Or(s.ReleaseName, madeUpRelease(r.chart.Name)),
		Namespace: cmp.Or(s.Namespace, r.chart.namespace),
		Revision:  1,
		IsInstall: true,
	}
	caps := r.capabilities(hc, s.Version, s.APIVersions)
	rv, err := chartutil.ToRenderValuesWithSchemaValidation(hc, user, release, caps, true)
	if err != nil {
		r.problem(lint.Problem{Code: lint.CodeInvalidValues, Position: at, Message: "merging the values: " + err.Error()})
		return false
	}
	r.merged = merged{chart: hc, values: rv["Values"].(chartutil.Values), release: rv["Release"].(map[string]any), caps: *caps}
	return true
}

// prepare merges the values, unless a trial has them already. It validates them, and makes the copies
// that templates see. ok is false if Helm cannot merge them.
func (r *rendering) prepare(s *Scenario) (ok bool) {
	if r.merged.chart == nil && !r.merge(s) {
		return false
	}
	m := &r.merged
	r.keys = values.New(m.chart, r.names, s.Set, s.over, s.Values, m.values, r.chart.trees)
	r.keys.Editable = r.isEditable
	r.keys.IsPacked = r.chart.root.installedBy(s.Installed) != nil
	r.keys.Copied = func(file string) bool { return r.packed[file] }
	r.keys.IsTwin = func(file string) bool { return r.twins[file] }
	r.validate(m.chart, m.values)
	r.IDs.Snapshot = m.values
	if r.of == nil {
		objects, problems := lookup.Read(s.Lookup)
		r.cluster, r.out.Problems = objects, append(r.out.Problems, problems...)
	}
	kube := &trace.Key{Name: "Capabilities"}
	caps := m.caps
	r.seen = map[string]any{
		"Values":  r.IDs.Clone(m.values, &trace.Key{Name: trace.ValuesObject}),
		"Release": r.IDs.Clone(m.release, &trace.Key{Name: releaseObject}),
	}
	caps.KubeVersion.Version = r.IDs.Name(caps.KubeVersion.Version, kube.Child("KubeVersion"))
	r.seen["Capabilities"] = &caps
	return true
}

// parse parses all templates in Helm's order. The outer chart's templates come last and
// win.
func (r *rendering) parse() *template.Template {
	r.collect(r.merged.chart, r.seen)
	r.tasks = lastOfEach(r.tasks)
	slices.SortFunc(r.tasks, compareTasks)
	tm := template.New("gotpl").Option("missingkey=zero")
	functions := r.Funcs(tm)
	functions["lookup"] = r.cluster.Find
	tm.Funcs(functions)
	kept := r.tasks[:0]
	texts := 0
	all := make([]trace.TemplateText, len(r.tasks))
	for i, t := range r.tasks {
		all[i] = trace.TemplateText{Name: t.name, Src: t.src}
	}
	for i, e := range r.chart.library.Compile(all, functions) {
		t := r.tasks[i]
		t.src = e.Src
		r.Sources[t.name] = t.src
		if e.Err != nil {
			r.problem(r.parseProblem(t, e.Err))
			continue
		}
		r.Compiled = append(r.Compiled, e.Compiled)
		texts += len(e.Texts)
		kept = append(kept, t)
	}
	r.tasks = kept
	if r.of != nil {
		r.Share(r.of.Tracer)
	} else {
		r.Texts = make(map[*byte]*trace.Site, texts+texts/8)
	}
	for i, c := range r.Compiled {
		if err := r.Use(c, tm.New(r.tasks[i].name)); err != nil {
			r.problem(r.parseProblem(r.tasks[i], err))
		}
	}
	return tm
}

// lastOfEach are the templates without those of which a later one has the name: of two subcharts with one name, Helm takes the
// last one's.
func lastOfEach(l []task) []task {
	last := make(map[string]int, len(l))
	for i, t := range l {
		last[t.name] = i
	}
	kept := l[:0]
	for i, t := range l {
		if last[t.name] == i {
			kept = append(kept, t)
		}
	}
	return kept
}

// compareTasks compares two templates by Helm's order.
func compareTasks(a, b task) int {
	return cmp.Or(cmp.Compare(strings.Count(b.name, "/"), strings.Count(a.name, "/")), cmp.Compare(b.name, a.name))
}

// collect lists the templates of a chart and its subcharts, each with the values that it
// sees.
func (r *rendering) collect(c *chart.Chart, above map[string]any) map[string]any {
	subs := map[string]any{}
	owner := c.ChartFullPath()
	for _, f := range c.Files {
		r.plain = append(r.plain, plainFile{f, owner})
	}
	seen := map[string]any{
		"Chart": struct {
			chart.Metadata
			IsRoot bool
		}{r.metadata(c), c.IsRoot()},
		"Files":        r.NewFiles(c.Files, r.names, owner),
		"Release":      above["Release"],
		"Capabilities": above["Capabilities"],
		"Values":       chartutil.Values{},
		"Subcharts":    subs,
	}
	if c.IsRoot() {
		seen["Values"] = chartutil.Values(above["Values"].(map[string]any)) // templates can call its methods
	} else if own, err := chartutil.Values(above).Table("Values." + c.Name()); err == nil {
		seen["Values"] = own
	}
	for _, d := range c.Dependencies() {
		if subs[d.Name()] != nil {
			r.note(lint.Problem{
				Position: lint.Position{File: r.keys.FileOf(c, "Chart.yaml")},
				Message:  "charts/ has two charts named " + d.Name() + ", such as an old version: Helm merges their values, and takes the templates of both, of one name those of the last",
				Help:     "remove the one that Chart.yaml does not require",
			})
		}
		subs[d.Name()] = r.collect(d, seen)
	}
	r.scopes = append(r.scopes, &scope{seen, maps.Clone(seen)}, &scope{subs, maps.Clone(subs)})
	library := strings.EqualFold(c.Metadata.Type, "library")
	for _, f := range c.Templates {
		if library && !branch.IsPartial(f.Name) {
			continue
		}
		name := path.Join(owner, f.Name)
		r.owners[r.names[f]] = append(r.owners[r.names[f]], owner)
		r.tasks = append(r.tasks, task{
			name:  name,
			file:  f,
			src:   &trace.Source{File: r.names[f], Text: r.text(name, f.Data), Owner: owner},
			scope: seen,
			base:  path.Join(owner, "templates"),
		})
	}
	return seen
}

// text is the text of a template. A trial shares it with the rendering that it is of: a chart with
// large CRDs was copied for each trial otherwise.
func (r *rendering) text(name string, data []byte) string {
	if r.of != nil {
		if s := r.of.Sources[name]; s != nil && s.Text == string(data) {
			return s.Text
		}
	}
	return string(data)
}

// metadata is the part of a Chart.yaml that templates see. The version, with which images
// are often tagged, has an identity, so its place is known.
func (r *rendering) metadata(c *chart.Chart) chart.Metadata {
	m := *c.Metadata
	if c.IsRoot() {
		m.Name = cmp.Or(r.scenario.Alias, m.Name)
	}
	for _, f := range c.Raw {
		if f.Name == "Chart.yaml" {
			of := &trace.Key{Name: chartObject + r.names[f]}
			r.charts[r.names[f]] = lint.ChartVersions{Version: cmp.Or(r.versions[f], m.Version), AppVersion: m.AppVersion}
			m.AppVersion = r.IDs.Name(m.AppVersion, of.Child("appVersion"))
			m.Version = r.IDs.Name(cmp.Or(r.versions[f], m.Version), of.Child("version"))
		}
	}
	return m
}

// holds reports whether templates of a chart and its subcharts have a text, or their values.
func holds(c *chart.Chart, text string) (templates, values bool) {
	has := func(f *chart.File) bool { return bytes.Contains(f.Data, []byte(text)) }
	templates = slices.ContainsFunc(c.Templates, has)
	values = slices.ContainsFunc(c.Raw, func(f *chart.File) bool { return f.Name == chartutil.ValuesfileName && has(f) })
	for _, d := range c.Dependencies() {
		t, v := holds(d, text)
		templates, values = templates || t, values || v
	}
	return templates, values
}

// read executes the templates. At the same time it parses the output of those that are
// done.
func (r *rendering) read(tm *template.Template) {
	printed := make(chan *output, len(r.tasks))
	var readers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(r.tasks)) {
		readers.Go(func() {
			for f := range printed {
				f.documents = r.chart.documents.of(f.task.src.File, f.text, manifest.HelmDocuments)
			}
		})
	}
	r.run(tm, func(f *output) {
		if !f.isNotes() {
			printed <- f
		}
	})
	close(printed)
	readers.Wait()
}

// run executes the templates one at a time and in Helm's order, because a template may
// change the values that the next one sees.
func (r *rendering) run(tm *template.Template, printed func(*output)) {
	incomplete := map[int][]string{}
	var failures []failure
	for i, t := range r.tasks {
		if branch.IsPartial(t.name) {
			continue
		}
		if err := r.Budget.Stopped(); err != nil {
			r.problem(lint.Problem{
				Code:     lint.CodeLimit,
				Position: lint.Position{File: r.chart.Dir},
				Message:  fmt.Sprintf("rendering was stopped before %d of %d templates: %v", len(r.tasks)-i, len(r.tasks), r.Budget.Ctx.Err()),
				Help:     "give it more time, or look for a loop in the templates",
			})
			break
		}
		at := &trace.Key{Name: "Template"}
		t.scope["Template"] = chartutil.Values{"Name": r.IDs.Name(t.name, at.Child("Name")), "BasePath": r.IDs.Name(t.base, at.Child("BasePath"))}
		if r.executing != nil {
			r.executing(t.src.File)
		}
		done := r.before(t)
		if done == nil {
			done = r.runOne(tm, t)
			if done.output != nil {
				printed(done.output)
			}
		} else if done.output != nil {
			done = &ran{output: done.output.again()}
		}
		r.ran[t.name] = done
		switch {
		case done.output != nil:
			r.files = append(r.files, done.output)
		case done.failure != nil:
			failures = append(failures, *done.failure)
		default:
			incomplete[done.lacks] = append(incomplete[done.lacks], t.src.File)
		}
	}
	r.Budget.Close()
	r.addFailures(failures)
	r.lackedAPIs = ofAPIs(failures)
	for i, d := range r.chart.missing {
		if len(incomplete[i]) > 0 {
			r.problem(r.incompleteProblem(d, incomplete[i]))
		}
	}
	slices.SortFunc(r.files, func(a, b *output) int { return cmp.Compare(a.task.name, b.task.name) })
}

// runOne executes a template.
func (r *rendering) runOne(tm *template.Template, t task) *ran {
	f, err := r.Execute(tm, t.name, chartutil.Values(t.scope)) // templates can call methods of this type
	if err == nil {
		return &ran{output: &output{rendering: r, task: t, frame: f, text: strings.ReplaceAll(f.Out.String(), trace.NoValue, "")}}
	}
	if i := r.chart.lackedBy(err); i >= 0 {
		return &ran{lacks: i}
	}
	failed := r.failure(t, err)
	return &ran{failure: &failed}
}

// isNotes reports whether the file is NOTES.txt, which is rendered only to find errors.
func (f *output) isNotes() bool { return path.Base(f.task.name) == "NOTES.txt" }

// addTo adds the objects of a rendered file.
func (f *output) addTo(out *lint.Rendered, s *Scenario) {
	if f.isNotes() {
		return
	}
	file := f.task.src.File
	if !trace.IsBlank(f.text) {
		out.Texts = append(out.Texts, lint.RenderedText{Name: file, Text: f.text, Origin: f.lineOrigin, Locator: f})
	}
	for _, d := range f.documents {
		if d.Err != nil {
			out.Problems = append(out.Problems, f.invalidYAML(d))
			continue
		}
		objects, problems := manifest.Objects(d.Node, f)
		out.Problems = append(out.Problems, problems...)
		if len(objects)+len(problems) == 0 {
			out.Problems = append(out.Problems, f.notAnObject(d.Node))
		}
		for _, o := range objects {
			if o.Namespace != "" && f.inRelease(o, s) {
				o.Namespace = ""
			}
			if o.Is("", "Namespace") && o.Name == cmp.Or(s.Namespace, f.chart.namespace) && f.isOfRelease(o.Root.Get("metadata.name")) {
				o.Name, o.Identity = "", o.Name // what is in it has none, too
			}
			o.Vendored = f.vendored()
			f.kinds = append(f.kinds, o.Kind)
			out.Unit.Objects = append(out.Unit.Objects, o)
		}
	}
}

// notAnObject reports a document that Helm would send to the API server, which rejects
// it.
func (f *output) notAnObject(n *yaml.Node) lint.Problem {
	if p, ok := manifest.Misspelt(n, f); ok {
		return p
	}
	return lint.Problem{
		Code:     lint.CodeNotAnObject,
		Position: f.node(n).Position,
		Message:  "renders to " + described(n) + ", which is no Kubernetes object: helm install fails",
		Help:     "print an object with apiVersion and kind, or nothing; helpers belong into a file whose name starts with _",
	}
}

// described says what a document is that is no object.
func described(n *yaml.Node) string {
	what := "text"
	switch root := node.NewValue(n); {
	case root.IsMap():
		what = "a mapping without apiVersion"
		if api := root.Get("apiVersion"); api.IsScalar() && api.Text() != "" {
			what = "a mapping without kind"
		} else if kind := root.Get("kind"); !kind.IsScalar() || kind.Text() == "" {
			what += " and kind"
		}
	case root.IsList():
		what = "a list"
	}
	return what
}

// near is a line of a text and the lines around it, in a document that starts at line
// start. The contents of a Secret are left out, and so are other values whose key looks
// secret.
func near(text string, line, start int) string {
	lines := strings.Split(text, "\n")
	from, to := max(line-3, 0), min(line+2, len(lines))
	if from >= to {
		return ""
	}
	ofSecret := false
	for i := max(start-1, 0); i < len(lines) && (i < line || !strings.HasPrefix(lines[i], "---")); i++ {
		ofSecret = ofSecret || secretKind.MatchString(lines[i])
	}
	l := slices.Clone(lines[from:to])
	for i := range l {
		if name, value, ok := strings.Cut(l[i], ":"); ok && value != "" && (ofSecret || trace.SecretName.MatchString(strings.Trim(name, " -\"'"))) {
			l[i] = name + ": ‹masked›"
		} else if !ok && ofSecret {
			l[i] = "‹masked›"
		}
	}
	return strings.Join(l, "\n")
}

var secretKind = regexp.MustCompile(`^\s*kind:\s*["']?Secret\b`)

// vendored is the name of the third-party subchart that the file belongs to.
func (f *output) vendored() string { return f.thirdParty(f.task.file, f.task.src.Owner) }

// crdFile is a file of crds/, and the result of reading it.
type crdFile struct {
	name, vendored string
	data           []byte
	docs           []manifest.Document
}

// readCRDs reads the files of crds/ while templates are executed. They are often larger
// than all rendered output. The returned function waits for them.
func (r *rendering) readCRDs(hc *chart.Chart) func() []crdFile {
	var files []crdFile
	for _, crd := range hc.CRDObjects() {
		files = append(files, crdFile{name: r.names[crd.File], vendored: r.thirdParty(crd.File, strings.TrimSuffix(crd.Filename, "/"+crd.File.Name)), data: crd.File.Data})
	}
	var reading sync.WaitGroup
	reading.Go(func() {
		trace.Parallel(len(files), func(i int) {
			f := &files[i]
			f.docs = r.chart.documents.of(f.name, string(f.data), manifest.Documents)
		})
	})
	return func() []crdFile {
		reading.Wait()
		return files
	}
}

// addCRDs adds the objects of crds/, which Helm installs unchanged.
func (r *rendering) addCRDs(files []crdFile) {
	for _, f := range files {
		src := manifest.NewSource(f.name, f.data)
		for _, d := range f.docs {
			r.out.Problems = append(r.out.Problems, src.Problems(d)...)
			if d.Node == nil {
				continue
			}
			objects, problems := manifest.Objects(d.Node, src)
			r.out.Problems = append(r.out.Problems, problems...)
			if len(objects)+len(problems) == 0 {
				r.problem(notAnObjectOf(d.Node, src))
			}
			for _, o := range objects {
				o.Vendored = f.vendored
				r.out.Unit.Objects = append(r.out.Unit.Objects, o)
			}
		}
	}
}

// notAnObjectOf is the problem of a document of crds/ that is no object.
func notAnObjectOf(n *yaml.Node, src *manifest.Source) lint.Problem {
	if p, ok := manifest.Misspelt(n, src); ok {
		return p
	}
	return lint.Problem{
		Code:     lint.CodeNotAnObject,
		Position: src.LocateNode(n).Position,
		Message:  "holds " + described(n) + ", which is no Kubernetes object: helm install fails",
		Help:     "write an object with apiVersion and kind, or move the file out of crds/",
	}
}

// helmVersion is the Helm that charts see. A chart which needs Helm 4 refuses the version of the library; what renders with Helm 3 does
// so with Helm 4.
const helmVersion = "v4.2.0"

// capabilities are those of the wanted Kubernetes version or, if the chart does not allow
// it, of the newest version that the chart allows. The default version is lint.Newest.
func (r *rendering) capabilities(hc *chart.Chart, want lint.Version, apis []string) *chartutil.Capabilities {
	if want == (lint.Version{}) {
		want = lint.Newest
	}
	caps := &chartutil.Capabilities{
		KubeVersion: kubeVersion(want, 0),
		APIVersions: append(capabilities.APIVersions(want), apis...),
		HelmVersion: chartutil.DefaultCapabilities.HelmVersion,
	}
	caps.HelmVersion.Version = helmVersion
	constraint := hc.Metadata.KubeVersion
	if constraint == "" || chartutil.IsCompatibleRange(constraint, caps.KubeVersion.Version) {
		return caps
	}
	at := lint.Position{File: r.chart.root.path("Chart.yaml"), Line: values.TopLevelLine(r.chart.root.file("Chart.yaml"), "kubeVersion")}
	for minor := lint.Newest.Minor; minor >= 0; minor-- {
		for _, patch := range []int{0, 99} {
			v := kubeVersion(lint.Version{Major: 1, Minor: minor}, patch)
			if chartutil.IsCompatibleRange(constraint, v.Version) {
				caps.KubeVersion = v
				caps.APIVersions = append(capabilities.APIVersions(lint.Version{Major: 1, Minor: minor}), apis...)
				r.note(lint.Problem{Position: at, Message: fmt.Sprintf("the chart does not allow Kubernetes %s (kubeVersion: %s); rendered for %s", want, constraint, v.Version)})
				return caps
			}
		}
	}
	r.note(lint.Problem{Position: at, Message: fmt.Sprintf("no known Kubernetes satisfies kubeVersion: %s; rendered for %s", constraint, want)})
	return caps
}

func kubeVersion(v lint.Version, patch int) chartutil.KubeVersion {
	return chartutil.KubeVersion{
		Version: fmt.Sprintf("%s.%d", v, patch),
		Major:   strconv.Itoa(v.Major),
		Minor:   strconv.Itoa(v.Minor),
	}
}
