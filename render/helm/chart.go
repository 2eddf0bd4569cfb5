package helm

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kubevet/kubevet/render/helm/values"

	"github.com/kubevet/kubevet/render/helm/chartfile"
	"github.com/kubevet/kubevet/render/helm/schema"
	"github.com/kubevet/kubevet/render/helm/siblings"
	"github.com/kubevet/kubevet/render/helm/trace"

	yamlv3 "go.yaml.in/yaml/v3"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/tree"
)

// ChartTime is the time limit for one rendering of a chart. Pass Render a context with
// this timeout. What is not rendered by then is reported as a problem that names the
// chart. Real charts take at most a second or two.
const ChartTime = time.Minute

// Chart is the files of a chart and its subcharts. It does not change, and Render may be
// called from several goroutines.
type Chart struct {
	// Name is the name in Chart.yaml.
	Name string
	// Dir is the path of the chart directory or archive, as reports print it.
	Dir string
	// Library is set for library charts, which other charts use and which render to
	// nothing.
	Library bool
	// namespace is what the release is rendered for if its namespace is not known.
	namespace string
	root      *sources
	missing   []missingDependency // dependencies that could not be loaded
	notes     []chartNote         // of dependencies in another version
	// ignoredTests are values files of tests that .helmignore excludes.
	ignoredTests []*loader.BufferedFile
	// documents, schemas, library and trees hold data that scenarios share.
	documents *documents
	schemas   *schema.Schemas
	library   *trace.Library
	trees     *values.Trees
	usual     *usual
	limits    trace.Limits
	// steps is how many steps the chart's scenarios have taken so far.
	steps *atomic.Int64
}

// chartNote says how a chart, or one that it takes in, was rendered. It is printed where that chart is: file is the place of its Chart.yaml.
type chartNote struct {
	note lint.Problem
	file string
}

// documents are the documents in a chart's files and in the output of its templates. Most
// of them are the same in all scenarios, and parsing YAML takes longer than executing
// templates.
type documents struct {
	mu     sync.Mutex
	byFile map[string]readText
}

// readText is a text and the result of reading it.
type readText struct {
	text string
	docs []manifest.Document
}

// of is the documents of a file's text. The first text of each file is remembered.
func (d *documents) of(file, text string, read func([]byte) []manifest.Document) []manifest.Document {
	d.mu.Lock()
	known, ok := d.byFile[file]
	d.mu.Unlock()
	if ok && known.text == text {
		return known.docs
	}
	docs := read([]byte(text))
	if !ok {
		d.mu.Lock()
		d.byFile[file] = readText{text, docs}
		d.mu.Unlock()
	}
	return docs
}

// sources is the files of one chart. Those of its subcharts are kept separately.
type sources struct {
	dir   string // as reports print it
	name  string // in the tree; empty for what is in charts/
	files []*loader.BufferedFile
	subs  []*sources
	// origin is the chart of the tree that this one is a copy of. places are the places of the files that are
	// equal in both, as reports print them: those of the origin. For symbolic links they are what these lead to.
	origin *sources
	places map[string]string
	// changed are the files that the origin has with other contents.
	changed map[string]bool
	// inCharts is set if the chart is in the charts folder of another, and originInCharts if the origin is.
	inCharts, originInCharts bool
	// isCopied is set if a charts folder has a packed chart beside the folder of this one, or of one around it, with the same name and version:
	// Helm takes any of the two.
	isCopied bool
	// loaded is the chart without its subcharts, as built by checked.
	loaded *chart.Chart
	// version is what templates see in the place of a version that a program fills in.
	version string
}

// path is the name of a chart's file as reports print it.
func (s *sources) path(name string) string {
	if place, ok := s.places[name]; ok {
		return place
	}
	return path.Join(s.dir, name)
}

// placeFiles finds the files that are equal in the chart and its origin. Packing a chart formats its Chart.yaml anew:
// if it says the same, that of the origin takes its place, and so does a values.yaml that differs in comments alone.
func (s *sources) placeFiles() {
	if s.origin == nil {
		return
	}
	s.changed = map[string]bool{}
	if s.places == nil {
		s.places = map[string]string{}
	}
	texts := map[string][]byte{}
	for _, f := range s.origin.files {
		texts[f.Name] = f.Data
	}
	for i, f := range s.files {
		text, ok := texts[f.Name]
		if !ok {
			continue
		}
		if f.Name == "Chart.yaml" && sameMetadata(text, f.Data) || f.Name == "values.yaml" && sameValues(text, f.Data) {
			s.files[i] = &loader.BufferedFile{Name: f.Name, Data: text}
		} else if !bytes.Equal(text, f.Data) {
			s.changed[f.Name] = true
			continue
		}
		s.places[f.Name] = s.origin.path(f.Name)
	}
}

// sameMetadata reports whether two texts of Chart.yaml say the same.
func sameMetadata(a, b []byte) bool {
	var x, y chart.Metadata
	return yaml.Unmarshal(a, &x) == nil && yaml.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// sameValues reports whether two values files say the same.
func sameValues(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var l [2]map[string]any
	for i, text := range [][]byte{a, b} {
		var n yamlv3.Node
		if yamlv3.Unmarshal(text, &n) != nil || !node.IsExpandable(&n) || yaml.Unmarshal(text, &l[i]) != nil {
			return false
		}
	}
	return reflect.DeepEqual(l[0], l[1])
}

// isEditable reports whether a file of the chart or of the user can be edited. Files of
// packed subcharts, and of those that a repository replaces, cannot.
func (r *rendering) isEditable(file string) bool {
	return !isPacked(strings.TrimPrefix(file, r.chart.Dir)) && r.takenBy(file) == nil
}

// isPacked reports whether a file is in a packed chart.
func isPacked(file string) bool { return strings.Contains(file, ".tgz/") }

// utf8BOM is what some editors put at the start of a text. Helm removes it too.
const utf8BOM = "\xef\xbb\xbf"

// Load reads a chart directory or a packaged chart (.tgz) from a tree. The chart is nil
// if it cannot be rendered, and the problems say why. If only parts of it are missing,
// Load returns both the chart and problems. For the files of a subchart that is a copy of a
// chart of the tree it knows the place in that chart.
func (all *Loader) Load(t *tree.Tree, name string) (*Chart, []lint.Problem) {
	l := newCollector(t, all.chartsOf(t))
	root := l.checked(l.load(name, 0))
	if root == nil {
		return nil, l.problems
	}
	m := root.loaded.Metadata
	l.completeDependencies(root, name)
	namespace := defaultNamespace
	if root.comparesNamespace() {
		namespace = m.Name
	}
	return &Chart{
		ignoredTests: l.testValues(name, root.files),

		Name:      m.Name,
		Dir:       root.dir,
		Library:   strings.EqualFold(m.Type, "library"),
		namespace: namespace,
		root:      root,
		missing:   l.missing,
		notes:     l.notes,
		usual:     &usual{},
		documents: &documents{byFile: map[string]readText{}},
		schemas:   &schema.Schemas{},
		library:   &trace.Library{ByName: map[string]*trace.Entry{}},
		trees:     &values.Trees{ByFile: map[string]values.ReadTree{}},
		limits:    trace.DefaultLimits,
		steps:     new(atomic.Int64),
	}, l.problems
}

// fromFiles adds the files of a chart to its sources, and those of its subcharts from
// the folders and archives in charts/.
func (l *collector) fromFiles(s *sources, files []*loader.BufferedFile, depth int) {
	subs := map[string][]*loader.BufferedFile{}
	for _, f := range files {
		rest, ok := strings.CutPrefix(f.Name, "charts/")
		if !ok || path.Ext(f.Name) == ".prov" {
			s.files = append(s.files, f)
			continue
		}
		folder, inner, nested := strings.Cut(rest, "/")
		if strings.IndexAny(folder, "_.") == 0 {
			continue
		}
		if nested || path.Ext(folder) == ".tgz" {
			subs[folder] = append(subs[folder], &loader.BufferedFile{Name: inner, Data: f.Data})
		}
	}
	s.placeFiles()
	for _, folder := range trace.SortedKeys(subs) {
		if sub := l.subchart(s, folder, subs[folder], depth+1); sub != nil {
			s.subs = append(s.subs, sub)
		}
	}
	s.noteCopied()
}

// noteCopied notes which subcharts are there as a folder and as a packed chart.
func (s *sources) noteCopied() {
	packed := map[siblings.ID]bool{}
	for _, sub := range s.subs {
		if isPacked(sub.dir + "/") {
			packed[sub.id()] = true
		}
	}
	for _, sub := range s.subs {
		if packed[sub.id()] && !isPacked(sub.dir+"/") {
			sub.setCopied()
		}
	}
}

// id is the name and the version of a loaded chart.
func (s *sources) id() siblings.ID {
	return siblings.ID{Name: s.loaded.Metadata.Name, Version: s.loaded.Metadata.Version}
}

// setCopied notes that there is a packed copy of the chart and its subcharts.
func (s *sources) setCopied() {
	s.isCopied = true
	for _, sub := range s.subs {
		sub.setCopied()
	}
}

// subchart makes the sources of a chart in the charts/ of another. A packaged chart is a single file
// without a name.
func (l *collector) subchart(parent *sources, folder string, files []*loader.BufferedFile, depth int) *sources {
	at := parent.dir + "/charts/" + folder
	if depth > maxSubchartDepth {
		l.problem(lint.CodeLimit, at, fmt.Sprintf("subcharts are nested deeper than %d levels", maxSubchartDepth), "")
		return nil
	}
	if path.Ext(at) == ".tgz" && files[0].Name == "" {
		unpacked, err := l.unpack(files[0].Data)
		if err != nil {
			l.problem(lint.CodeInvalidChart, at, "reading the packaged chart: "+err.Error(), "package the chart again, or take it out of charts/")
			return nil
		}
		files = unpacked
	}
	i := slices.IndexFunc(files, func(f *loader.BufferedFile) bool { return f.Name == "Chart.yaml" })
	if i < 0 {
		l.problem(lint.CodeInvalidChart, at, "Chart.yaml is missing", "a folder in charts/ must be a chart; its name may start with _ or . if it is none")
		return nil
	}
	s := &sources{dir: at, inCharts: true}
	s.origin, s.originInCharts = l.originOf(parent, files, files[i].Data, isPacked(at+"/"))
	l.fromFiles(s, files, depth)
	return l.checked(s)
}

// checked is the sources of a chart that Helm can build. Nil if Helm cannot build it.
func (l *collector) checked(s *sources) *sources {
	if s == nil {
		return nil
	}
	l.fillVersions(s)
	c, err := loader.LoadFiles(s.files)
	if err != nil {
		l.add(brokenChart(s, err))
		return nil
	}
	if err := (&trace.Measured{}).Measure(reflect.ValueOf(c.Values), 0); err != nil { // Helm copies them with a nested call per level
		l.problem(lint.CodeLimit, s.path("values.yaml"), strings.TrimPrefix(err.Error(), trace.ErrBudget.Error()+": "), "correct the file; nothing of the chart was rendered")
		return nil
	}
	s.loaded = c
	return s
}

// fillVersions puts versions in the place of those that a program fills in before Helm sees the chart.
func (l *collector) fillVersions(s *sources) {
	i := slices.IndexFunc(s.files, func(f *loader.BufferedFile) bool { return f.Name == "Chart.yaml" })
	if i < 0 {
		return
	}
	text, found := chartfile.Fill(s.files[i].Data)
	for _, p := range found {
		if p.Key == "version" {
			s.version = p.Text
			l.notes = append(l.notes, chartNote{lint.Problem{
				Position: lint.Position{File: s.path("Chart.yaml"), Line: p.Line},
				Message:  "a program fills in the version of the chart, " + p.Written + ": it was rendered with " + chartfile.NoVersion,
			}, s.path("Chart.yaml")})
		}
	}
	if len(found) > 0 {
		s.files[i] = &loader.BufferedFile{Name: "Chart.yaml", Data: text}
	}
}

// fileNames say where the files of a chart are.
type fileNames struct {
	// names are the files as reports print them.
	names filesByChart
	// levels are how deep the third-party subcharts are nested that files belong to. It is 0 for a file of the
	// chart's own project.
	levels map[*chart.File]int
	// packed are the places of files that are packed copies.
	packed map[string]bool
	// twins are those of charts beside which there is a packed copy: Helm takes any of the two.
	twins map[string]bool
	// repacked are the dependencies by which a chart of the tree has a packed copy of the files at their places.
	repacked map[string]*taken
	// own are the places of files that a person of the project edits: those of its charts, and of charts in charts/ that no
	// repository replaces.
	own map[string]bool
	// taken are the dependencies by which other files are taken in.
	taken map[string]*taken
	// sources are the directories of the charts of the tree that have another version of those files.
	sources map[string]string
	// versions are what templates see in the place of versions that a program fills in, by Chart.yaml.
	versions map[*chart.File]string
}

// taken is a dependency of a chart that comes packed, or from a repository, or what installs a packed chart at the top: its files are not edited where they are.
type taken struct {
	// place is the entry of the dependency. Nil if there is no line for it.
	place func() *lint.Entry
	// packs is the chart of the tree that the dependency names by file:// and of which it is a packed copy, as reports print it. It is empty if
	// there is none.
	packs string
	// isInstalled is set for a packed chart at the top: something of the repository installs it.
	isInstalled bool
	// releases is the chart of the tree of which the dependency takes a packed copy from a repository, likewise.
	releases string
}

// filesByChart says where files of charts are, as reports print it.
type filesByChart map[*chart.File]string

// eachChart visits a chart and those that it takes in, with the places of their Chart.yaml.
func (n filesByChart) eachChart(c *chart.Chart, visit func(file string, c *chart.Chart)) {
	for _, f := range c.Raw {
		if f.Name == "Chart.yaml" {
			visit(n[f], c)
		}
	}
	for _, d := range c.Dependencies() {
		n.eachChart(d, visit)
	}
}

func newFileNames() fileNames {
	return fileNames{map[*chart.File]string{}, map[*chart.File]int{}, map[string]bool{}, map[string]bool{}, map[string]*taken{}, map[string]bool{}, map[string]*taken{}, map[string]string{}, map[*chart.File]string{}}
}

// takenBy is the dependency by which a file is taken in. Nil if it is edited where it is.
func (n *fileNames) takenBy(file string) *taken {
	if n.own[file] {
		return nil
	}
	return n.taken[file]
}

// thirdParty is the name of the third-party subchart that a file belongs to, given the full path of its chart. It
// is empty if the file belongs to none.
func (n *fileNames) thirdParty(f *chart.File, owner string) string {
	if level := n.levels[f]; level > 0 {
		return strings.Split(owner, "/charts/")[level]
	}
	return ""
}

// build makes a new Helm chart, which Helm's own functions then change. It notes where its files are.
func (s *sources) build(n *fileNames) *chart.Chart { return s.buildAt(n, 0, 0, 0, nil) }

// installedBy is what installs a packed chart at the top, by the line that names it. Nil if the chart is not packed, or if the line is not known.
func (s *sources) installedBy(at *lint.Entry) *taken {
	if at == nil || at.Line == 0 || !isPacked(s.dir+"/") {
		return nil
	}
	e := *at
	e.Key = s.loaded.Name()
	e.Chart = e.Key + " " + s.loaded.Metadata.Version
	return &taken{place: func() *lint.Entry { return &e }, isInstalled: true}
}

// buildAt is build for a chart that is nested. level is that of the chart above, and originLevel that of its origin. by is
// the dependency by which it is taken in, nil if the files at its place are edited there.
func (s *sources) buildAt(n *fileNames, depth, level, originLevel int, by *taken) *chart.Chart {
	if level == 0 && s.inCharts {
		level = depth
	}
	if !s.originInCharts {
		originLevel = 0
	} else if originLevel == 0 {
		originLevel = depth
	}
	c := copied(s.loaded)
	for _, l := range [][]*chart.File{c.Raw, c.Templates, c.Files} {
		for _, f := range l {
			n.add(s, f, level, originLevel, by)
		}
	}
	for _, sub := range s.subs {
		below := by
		if by == nil && !s.keeps(sub) {
			below = &taken{place: sync.OnceValue(func() *lint.Entry { return s.dependency(sub) }), packs: s.packs(sub), releases: s.releases(sub)}
		} else if by != nil {
			below = by.bundling(sub.loaded.Metadata)
		}
		c.AddDependency(sub.buildAt(n, depth+1, level, originLevel, below))
	}
	return c
}

// bundling is what takes in a chart that is in the one that t takes in: the line is the same, and the chart another one.
func (t *taken) bundling(m *chart.Metadata) *taken {
	below := *t
	below.place = sync.OnceValue(func() *lint.Entry {
		e := t.place()
		if e == nil || e.Chart == "" || m.Version == "" {
			return e
		}
		nested := *e
		nested.Chart, nested.Bundler = m.Name+" "+m.Version, cmp.Or(e.Bundler, e.Chart)
		return &nested
	})
	return &below
}

// packs is the chart of the tree that a chart names by file:// and has a packed copy of. It is empty if there is none.
func (s *sources) packs(sub *sources) string {
	if sub.origin == nil || sub.originInCharts || !isPacked(sub.dir+"/") || !s.names(sub.metadata().Name, sub.origin.name) {
		return ""
	}
	return sub.origin.dir
}

// releases is the chart of the tree of which a chart takes a packed copy from a repository. It is empty if there is none.
func (s *sources) releases(sub *sources) string {
	if sub.origin == nil || sub.originInCharts || !isPacked(sub.dir+"/") || !takesFromRepository(s.loaded.Metadata, sub.loaded.Name()) {
		return ""
	}
	return sub.origin.dir
}

// add notes where a file of a chart is.
func (n *fileNames) add(s *sources, f *chart.File, level, originLevel int, by *taken) {
	n.names[f], n.levels[f] = s.path(f.Name), level
	if f.Name == "Chart.yaml" && s.version != "" {
		n.versions[f] = s.version
	}
	if s.isCopied {
		n.packed[n.names[f]], n.twins[n.names[f]] = true, true
	}
	if place, ok := s.places[f.Name]; ok {
		n.levels[f], n.packed[place] = originLevel, isPacked(path.Join(s.dir, f.Name))
		if by != nil && s.origin != nil && (s.origin.dir == by.packs || s.origin.dir == by.releases) {
			n.repacked[place] = by
		}
	}
	if by == nil || n.levels[f] == 0 && !by.isInstalled {
		n.own[n.names[f]] = true
		return
	}
	n.taken[n.names[f]] = by
	if s.changed[f.Name] && !s.originInCharts {
		n.sources[n.names[f]] = s.origin.dir
	}
}

// fileRepository begins the repository of a dependency that is another chart beside it.
const fileRepository = "file://"

// keeps reports whether a subchart is edited where it is: it is not packed, and no repository replaces it.
func (s *sources) keeps(sub *sources) bool {
	return !isPacked(sub.dir+"/") && (!takesFromRepository(s.loaded.Metadata, sub.loaded.Name()) || !sub.mayBeUnpacked())
}

// mayBeUnpacked reports whether the folder of a chart may be one into which Helm unpacked it: it has the chart's name.
func (s *sources) mayBeUnpacked() bool {
	m := s.loaded.Metadata
	folder := path.Base(s.dir)
	return folder == m.Name || folder == m.Name+"-"+m.Version
}

// takesFromRepository reports whether a chart takes in a dependency with a name from a repository.
func takesFromRepository(m *chart.Metadata, name string) bool {
	return slices.ContainsFunc(m.Dependencies, func(d *chart.Dependency) bool {
		return d != nil && d.Name == name && d.Repository != "" && !strings.HasPrefix(d.Repository, fileRepository) && !pageOfRepository.MatchString(d.Repository)
	})
}

// pageOfRepository matches the address of a Git repository's page, from which Helm takes no chart: the page has no index.
var pageOfRepository = regexp.MustCompile(`^https?://(?:www\.)?(?:github|gitlab)\.com/[^/?#]+/[^/?#]+?/?$`)

// copied is a copy of a chart without its subcharts. The copy shares only the files,
// which are never changed. Copying takes a tenth of the time of reading.
func copied(c *chart.Chart) *chart.Chart {
	m := *c.Metadata
	m.Annotations = maps.Clone(m.Annotations)
	m.Dependencies = slices.Clone(m.Dependencies)
	for i, d := range m.Dependencies {
		if d != nil {
			own := *d
			own.ImportValues = slices.Clone(d.ImportValues)
			m.Dependencies[i] = &own
		}
	}
	values, _ := copiedValue(c.Values).(map[string]any)
	return &chart.Chart{
		Raw: c.Raw, Metadata: &m, Lock: c.Lock, Templates: slices.Clone(c.Templates), Values: values,
		Schema: c.Schema, Files: slices.Clone(c.Files),
	}
}

func copiedValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if v == nil {
			return v
		}
		m := make(map[string]any, len(v))
		for k, e := range v {
			m[k] = copiedValue(e)
		}
		return m
	case []any:
		l := make([]any, len(v))
		for i, e := range v {
			l[i] = copiedValue(e)
		}
		return l
	}
	return v
}

func (s *sources) file(name string) []byte {
	for _, f := range s.files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// metadata is the chart's Chart.yaml, with the dependencies of the old requirements.yaml.
func (s *sources) metadata() *chart.Metadata {
	m := new(chart.Metadata)
	for _, name := range []string{"Chart.yaml", "requirements.yaml"} {
		if data := s.file(name); data != nil {
			_ = yaml.Unmarshal(data, m)
		}
	}
	return m
}

var (
	yamlLine   = regexp.MustCompile(`line (\d+): `)
	brokenFile = regexp.MustCompile(`cannot load (\S+\.(?:yaml|lock))`)
)

// brokenChart locates Helm's error about a chart's own files.
func brokenChart(s *sources, err error) lint.Problem {
	name := "Chart.yaml"
	msg := err.Error()
	if m := brokenFile.FindStringSubmatch(msg); m != nil {
		name = m[1]
	}
	p := lint.Problem{Code: lint.CodeInvalidChart, Position: lint.Position{File: s.path(name)}, Help: "correct the file; nothing of the chart was rendered"}
	if invalid, ok := errors.AsType[chart.ValidationError](err); ok {
		p.Message = "invalid chart: " + strings.TrimPrefix(string(invalid), "validation: ")
		if text := s.file(name); toFill.Match(text) || len(bytes.TrimSpace(text)) == 0 && scaffold.MatchString(s.dir) {
			p.Help = lint.TemplateHelp
		}
		return p
	}
	if m := yamlLine.FindStringSubmatchIndex(msg); m != nil {
		p.Line, _ = strconv.Atoi(msg[m[2]:m[3]])
		msg = "invalid YAML: " + trace.WithoutQuotes(msg[m[1]:])
	} else if _, cause, ok := strings.Cut(msg, "error converting YAML to JSON: yaml: "); ok {
		msg = "invalid YAML: " + trace.WithoutQuotes(cause)
		// The parser quotes what it read as the key {{ of a flow mapping.
		if before, _, ok := strings.Cut(msg, "invalid map key"); ok {
			msg = before + "a mapping is the key of another one"
		}
	}
	p.Message = msg
	text := s.file(name)
	if !strings.HasPrefix(msg, "invalid YAML: ") {
		return p
	}
	if at := filledIn.FindIndex(text); at != nil {
		p.Line = cmp.Or(p.Line, 1+bytes.Count(text[:at[0]], []byte("\n")))
		p.Help = lint.TemplateHelp
	} else if p.Line > 0 && manifest.NewSource(p.File, text).HasPlaceholderLine(p.Line) {
		p.Help = lint.TemplateHelp
	}
	return p
}

// filledIn is a value that another program fills in: name: {{ .Name }}.
var filledIn = regexp.MustCompile(`(?m)^[ \t]*(?:- )?[\w./-]+:[ \t]+(?:\{\{|%%\w+%%|@@\w+@@)`)

var (
	// toFill matches a name or version in a Chart.yaml that another program fills in.
	toFill = regexp.MustCompile(`(?m)^(?:name|version|appVersion):[ \t]+["']?(?:\$\{\w+\}|%%\w+%%|@@?\w+@@?|<\w+>|\[\[|__\w+__)`)
	// scaffold matches the directory of a chart from which others are made.
	scaffold = regexp.MustCompile(`(?i)(?:^|[/_-])(?:template|scaffold|skeleton|boilerplate|starter)(?:[/_-]|$)`)
)

// withCRDs puts the files of crds/ that have objects in a rendering before the texts of
// the rendering.
func (c *Chart) withCRDs(out *lint.Rendered) []lint.RenderedText {
	used := map[string]bool{}
	for _, o := range out.Unit.Objects {
		used[o.Locate(o.Root).File] = true
	}
	var l []lint.RenderedText
	var add func(s *sources)
	add = func(s *sources) {
		for _, f := range s.files {
			if name := s.path(f.Name); strings.HasPrefix(f.Name, "crds/") && used[name] {
				src := manifest.NewSource(name, f.Data)
				l = append(l, lint.RenderedText{Name: name, Text: string(f.Data), Origin: src.LocateLine, Locator: src})
			}
		}
		for _, sub := range s.subs {
			add(sub)
		}
	}
	add(c.root)
	return append(l, out.Texts...)
}

// Printed is the output of helm template for a rendering of the chart: its texts, and the
// chart's CRDs if crds is set. Documents for which skip returns true are blank in it, and
// so are documents that are not YAML.
func (c *Chart) Printed(out *lint.Rendered, crds bool, skip func(*lint.Object) bool) []lint.RenderedText {
	if out.Unit == nil {
		return nil
	}
	texts := out.Texts
	if crds {
		texts = c.withCRDs(out)
	}
	l := make([]lint.RenderedText, len(texts))
	for i, t := range texts {
		t.Text = without(t.Text, skip)
		l[i] = t
	}
	return l
}

// without replaces documents by blank lines, so that the other documents keep their line
// numbers.
func without(text string, skip func(*lint.Object) bool) string {
	docs := manifest.HelmDocuments([]byte(text))
	lines := strings.SplitAfter(text, "\n")
	changed := false
	for i, d := range docs {
		if d.Err == nil {
			if o, ok := lint.NewObject(d.Node, nil); !ok || !skip(o) {
				continue
			}
		}
		end := len(lines)
		if i+1 < len(docs) {
			end = docs[i+1].Line - 1
		}
		for l := d.Line - 1; l < end && l < len(lines); l++ {
			lines[l] = strings.Repeat("\n", strings.Count(lines[l], "\n"))
		}
		changed = true
	}
	if !changed {
		return text
	}
	return strings.Join(lines, "")
}
