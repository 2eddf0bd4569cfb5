package helm

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/Masterminds/semver/v3"
	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/ignore"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/chartfile"
	"github.com/kubevet/kubevet/render/helm/siblings"
	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
	"github.com/kubevet/kubevet/render/tree"
)

// Limits for a chart's files. Helm has the second one too, and the first one for
// archives.
const (
	maxChartBytes    = 100 << 20
	maxFileBytes     = 5 << 20
	maxChartFiles    = 20_000
	maxFolderDepth   = 32
	maxSubchartDepth = 16
	maxSiblings      = 256 // charts of the tree loaded as dependencies, counted each time they are loaded
)

// collector reads charts from a tree.
type collector struct {
	tree     *tree.Tree
	problems []lint.Problem
	bytes    int64
	count    int
	missing  []missingDependency // of missing dependencies
	siblings int                 // charts of the tree loaded as dependencies
	notes    []chartNote         // of dependencies in another version
	// charts are those of the tree. Nil if they are not known.
	charts *charts
	// isLinked is set for the chart directories in which there is a symbolic link.
	isLinked map[string]bool
}

func newCollector(t *tree.Tree, charts *charts) *collector {
	return &collector{tree: t, charts: charts, isLinked: map[string]bool{}}
}

func (l *collector) add(p lint.Problem) { l.problems = append(l.problems, p) }

func (l *collector) problem(code lint.ProblemCode, file, message, help string) {
	l.add(lint.Problem{Code: code, Position: lint.Position{File: file}, Message: message, Help: help})
}

// Loader loads charts, several at the same time if need be. It knows the charts of the trees: a subchart may be a copy
// of one.
type Loader struct {
	// Find lists the directories of the charts in a tree, without those in charts folders. It is called once for a tree.
	Find  func(*tree.Tree) []string
	mu    sync.Mutex
	trees map[*tree.Tree]*charts
}

// chartsOf are the charts of a tree. They are nil if they cannot be found.
func (all *Loader) chartsOf(t *tree.Tree) *charts {
	if all.Find == nil {
		return nil
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	c := all.trees[t]
	if c == nil {
		c = &charts{tree: t, loaded: map[string]*sources{}}
		c.known = sync.OnceValue(func() *siblings.Charts { return siblings.Find(t, all.Find(t)) })
		if all.trees == nil {
			all.trees = map[*tree.Tree]*charts{}
		}
		all.trees[t] = c
	}
	return c
}

// charts are those of a tree.
type charts struct {
	tree *tree.Tree
	// known finds them at the first question.
	known  func() *siblings.Charts
	mu     sync.Mutex
	loaded map[string]*sources
}

// References are the directories of the charts of a tree that a chart takes in by name and version: Chart.yaml gives no path, and
// its charts folder does not have them.
func (all *Loader) References(t *tree.Tree, dir string) []string {
	known := all.chartsOf(t)
	if known == nil {
		return nil
	}
	return known.known().References(dir)
}

// LocalReferences are the directories of the charts of a tree that a chart takes in by file://. Where the tree has no chart in the folder,
// it is the one with the name and an admitted version.
func (all *Loader) LocalReferences(t *tree.Tree, dir string) []string {
	dirs := References(t, dir)
	isMissing := func(dir string) bool { return !t.Exists(path.Join(dir, "Chart.yaml")) }
	if !slices.ContainsFunc(dirs, isMissing) {
		return dirs
	}
	if known := all.chartsOf(t); known != nil {
		dirs = append(dirs, known.known().Placed(dir)...)
	}
	return dirs
}

// load loads the chart of a directory once. What cannot be loaded is reported where it is linted.
func (c *charts) load(dir string) *sources {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.loaded[dir]
	if !ok {
		s = newCollector(c.tree, nil).load(dir, 0)
		c.loaded[dir] = s
	}
	return s
}

// originOf is the chart of the tree with the name and version of a subchart, or the subchart with these that
// the origin of its parent has: then inCharts is set. Of several charts it is the one that the parent names. If none has the
// version, it is the only one with the name, for a packed copy of what the parent names by file://, and for another release of that
// chart that is packed or that a repository replaces: what is equal in both is edited there.
func (l *collector) originOf(parent *sources, files []*loader.BufferedFile, text []byte, isPackedCopy bool) (origin *sources, inCharts bool) {
	id := siblings.IDOf(text)
	if l.charts == nil || id.Name == "" {
		return nil, false
	}
	dirs := l.charts.known().Dirs(id)
	if len(dirs) > 1 {
		dirs = slices.DeleteFunc(slices.Clone(dirs), func(dir string) bool { return !parent.names(id.Name, dir) })
	}
	if len(dirs) == 1 {
		return l.charts.load(dirs[0]), false
	}
	if same := l.charts.known().Named(id.Name); len(dirs) == 0 && len(same) == 1 { // another version of it
		byPath := isPackedCopy && parent.names(id.Name, "")
		if byPath || (isPackedCopy || takesFromRepository(parent.metadata(), id.Name)) && l.charts.load(same[0]).hasReleased(files) {
			return l.charts.load(same[0]), false
		}
	}
	if parent.origin != nil {
		for _, sub := range parent.origin.subs {
			if siblings.IDOf(sub.file("Chart.yaml")) == id {
				return sub, true
			}
		}
	}
	return nil, false
}

// hasReleased reports whether the files of a dependency with the same name are those of another release of the chart: a template is equal
// in both.
func (s *sources) hasReleased(files []*loader.BufferedFile) bool {
	if s == nil {
		return false
	}
	own := map[string][]byte{}
	for _, f := range s.files {
		own[f.Name] = f.Data
	}
	return slices.ContainsFunc(files, func(f *loader.BufferedFile) bool {
		return strings.HasPrefix(f.Name, "templates/") && len(bytes.TrimSpace(f.Data)) > 0 && bytes.Equal(f.Data, own[f.Name])
	})
}

// names reports whether a chart takes in a dependency from a directory of the tree, or from any if that is empty.
func (s *sources) names(dependency, dir string) bool {
	from := s.name
	if s.origin != nil {
		from = s.origin.name
	}
	return from != "" && slices.ContainsFunc(s.metadata().Dependencies, func(d *chart.Dependency) bool {
		if d == nil || d.Name != dependency {
			return false
		}
		rel, ok := strings.CutPrefix(d.Repository, fileRepository)
		return ok && (dir == "" || path.Join(from, rel) == dir)
	})
}

// load reads the chart with a name in the tree: a directory or an archive.
func (l *collector) load(name string, depth int) *sources {
	display := l.tree.Display(name)
	info, err := l.tree.Stat(name)
	if err != nil {
		l.problem(lint.CodeUnreadable, display, "opening the chart: "+err.Error(), "")
		return nil
	}
	var files []*loader.BufferedFile
	if !info.IsDir() {
		data, err := l.tree.ReadFile(name)
		if err == nil {
			files, err = l.unpack(data)
		}
		if err != nil {
			l.problem(lint.CodeInvalidChart, display, "reading the packaged chart: "+err.Error(), "give a chart directory, or an archive made by helm package")
			return nil
		}
	} else {
		if files = l.directory(name); l.hidesChart(name, files) {
			return nil
		}
	}
	s := &sources{dir: display, name: name, places: l.targets(name, files)}
	l.fromFiles(s, files, depth)
	return s
}

// targets are the places of the templates and values of a chart directory that symbolic links lead to, as reports print them: what
// several charts have by links is edited there.
func (l *collector) targets(dir string, files []*loader.BufferedFile) map[string]string {
	if !l.isLinked[dir] {
		return nil
	}
	places := map[string]string{}
	for _, f := range files {
		if !strings.HasPrefix(f.Name, "templates/") && f.Name != "values.yaml" {
			continue
		}
		name := path.Join(dir, f.Name)
		if target, err := l.tree.Follow(name); err == nil && target != name && l.tree.Exists(target) {
			places[f.Name] = l.tree.Display(target)
		}
	}
	return places
}

// unpack reads an archive. Helm limits the contents of one archive, but not the total of
// nested archives and of several in one folder.
func (l *collector) unpack(data []byte) ([]*loader.BufferedFile, error) {
	files, err := loader.LoadArchiveFiles(bytes.NewReader(data))
	for _, f := range files {
		l.bytes += int64(len(f.Data))
	}
	l.count += len(files)
	if err == nil && (l.bytes > maxChartBytes || l.count > maxChartFiles) {
		return nil, fmt.Errorf("with it the chart has more than %d MiB or %d files", maxChartBytes>>20, maxChartFiles)
	}
	return files, err
}

// directory reads the files of a chart directory, except those that .helmignore excludes.
func (l *collector) directory(dir string) []*loader.BufferedFile {
	rules := ignore.Empty()
	if data, err := l.tree.ReadFile(path.Join(dir, ignore.HelmIgnore)); err == nil {
		if r, err := ignore.Parse(bytes.NewReader(data)); err == nil {
			rules = r
		} else {
			l.problem(lint.CodeInvalidChart, l.tree.Display(path.Join(dir, ignore.HelmIgnore)), err.Error(), "")
		}
	}
	rules.AddDefaults()
	var files []*loader.BufferedFile
	root, err := l.tree.Stat(dir)
	if err != nil {
		return nil
	}
	l.walk(dir, "", rules, []os.FileInfo{root}, &files)
	return files
}

// hidesChart reports the line of .helmignore that hides Chart.yaml from Helm, if one does.
func (l *collector) hidesChart(dir string, files []*loader.BufferedFile) bool {
	if slices.ContainsFunc(files, func(f *loader.BufferedFile) bool { return f.Name == "Chart.yaml" }) {
		return false
	}
	info, err := l.tree.Stat(path.Join(dir, "Chart.yaml"))
	if err != nil {
		return false
	}
	text, err := l.tree.ReadFile(path.Join(dir, ignore.HelmIgnore))
	if err != nil {
		return false
	}
	line, rule := chartfile.IgnoredBy(text, "Chart.yaml", info)
	if line == 0 {
		return false
	}
	p := lint.Problem{
		Code:     lint.CodeInvalidChart,
		Position: lint.Position{File: l.tree.Display(path.Join(dir, ignore.HelmIgnore)), Line: line},
		Message:  rule + " hides Chart.yaml, so Helm refuses the chart",
		Help:     "remove the line; nothing of the chart was rendered",
	}
	if strings.HasPrefix(rule, "!") {
		p.Message = rule + " hides all files with other names, Chart.yaml too, so Helm refuses the chart"
		p.Help = "remove the line: unlike Git, Helm ignores all that a line with ! does not match; nothing of the chart was rendered"
	}
	l.add(p)
	return true
}

// walk adds the files below a folder. Above is the folders that led there, to detect
// links in circles.
func (l *collector) walk(dir, rel string, rules *ignore.Rules, above []os.FileInfo, files *[]*loader.BufferedFile) {
	at := path.Join(dir, rel)
	entries, err := l.tree.ReadDir(at)
	if err != nil {
		l.problem(lint.CodeUnreadable, l.tree.Display(at), "reading the folder: "+err.Error(), "")
		return
	}
	for _, e := range entries {
		name := path.Join(rel, e.Name())
		l.isLinked[dir] = l.isLinked[dir] || e.Type()&fs.ModeSymlink != 0
		info, err := l.info(path.Join(dir, name), e)
		if err != nil {
			if !rules.Ignore(name, linkInfo{name: e.Name()}) {
				l.problem(lint.CodeUnreadable, l.tree.Display(path.Join(dir, name)), "reading the file: "+err.Error(), "")
			}
			continue
		}
		if rules.Ignore(name, info) {
			continue
		}
		if info.IsDir() {
			if len(above) < maxFolderDepth && !isAbove(above, info) {
				l.walk(dir, name, rules, append(slices.Clip(above), info), files)
			}
			continue
		}
		if f := l.read(path.Join(dir, name), name, info); f != nil {
			*files = append(*files, f)
		}
	}
}

// info is the information about the file itself, after links are followed.
func (l *collector) info(name string, e fs.DirEntry) (os.FileInfo, error) {
	if e.Type()&fs.ModeSymlink != 0 {
		return l.tree.Stat(name)
	}
	return e.Info()
}

func isAbove(above []os.FileInfo, info os.FileInfo) bool {
	for _, a := range above {
		if os.SameFile(a, info) {
			return true
		}
	}
	return false
}

func (l *collector) read(name, inChart string, info os.FileInfo) *loader.BufferedFile {
	display := l.tree.Display(name)
	switch {
	case !info.Mode().IsRegular():
		l.problem(lint.CodeUnreadable, display, "not a regular file: Helm refuses the chart", "take it out, or name it in .helmignore")
		return nil
	case info.Size() > maxFileBytes:
		l.problem(lint.CodeLimit, display, fmt.Sprintf("larger than %d MiB: Helm refuses the chart", maxFileBytes>>20), "take it out, or name it in .helmignore")
		return nil
	case l.bytes+info.Size() > maxChartBytes || l.count >= maxChartFiles:
		if l.count >= 0 {
			l.problem(lint.CodeLimit, display, fmt.Sprintf("the chart has more than %d MiB or %d files; the rest is not read", maxChartBytes>>20, maxChartFiles),
				"name in .helmignore what does not belong to the chart")
			l.bytes = maxChartBytes
		}
		return nil
	}
	data, err := l.tree.ReadFile(name)
	if err != nil {
		l.problem(lint.CodeUnreadable, display, "reading the file: "+err.Error(), "")
		return nil
	}
	l.bytes += info.Size()
	l.count++
	return &loader.BufferedFile{Name: inChart, Data: bytes.TrimPrefix(data, []byte(utf8BOM))}
}

// testValues reads the values files of a chart's tests, and those beside its own, that .helmignore keeps out of
// packages: tools that test charts read them from the directory.
func (l *collector) testValues(dir string, known []*loader.BufferedFile) (files []*loader.BufferedFile) {
	return append(l.ignoredValues(dir, "ci", isTestValues, known), l.ignoredValues(dir, "", func(name string) bool { return isBesideValues(name) || isValuesTemplate(name) }, known)...)
}

// ignoredValues reads the values files of a folder of a chart whose names are wanted, and that are not known.
func (l *collector) ignoredValues(dir, folder string, isWanted func(name string) bool, known []*loader.BufferedFile) (files []*loader.BufferedFile) {
	entries, err := l.tree.ReadDir(path.Join(dir, folder))
	if err != nil {
		return nil
	}
	for _, e := range entries {
		name := path.Join(folder, e.Name())
		if !isWanted(name) || slices.ContainsFunc(known, func(f *loader.BufferedFile) bool { return f.Name == name }) {
			continue
		}
		info, err := l.info(path.Join(dir, name), e)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if f := l.read(path.Join(dir, name), name, info); f != nil {
			files = append(files, f)
		}
	}
	return files
}

// linkInfo represents a broken link when ignore rules are applied.
type linkInfo struct {
	os.FileInfo
	name string
}

func (i linkInfo) Name() string { return i.name }
func (linkInfo) IsDir() bool    { return false }

// completeDependencies loads charts of the tree that charts/ does not have: those that Chart.yaml refers to by file://, and those
// that have the name and a version of a dependency. It reports the other missing dependencies. The last element of chain is
// the chart itself, those before it are the charts that led to it.
func (l *collector) completeDependencies(s *sources, chain ...string) {
	for i, d := range s.metadata().Dependencies {
		if d == nil {
			continue
		}
		if s.has(d.Name) {
			l.compareVersion(s, i, d)
			continue
		}
		at := s.dependencyLine(i, d)
		from, isKnown := l.siblingOf(s, d, chain)
		if from.Fits && l.takeFromTree(s, i, at, from, chain) {
			continue
		}
		howTo := "run helm dependency build " + s.dir
		if d.Repository == "" { // Helm then looks for it in charts/ only
			howTo = "add the repository of the dependency, or put the chart into " + s.dir + "/charts/" + d.Name
		}
		help := howTo + "; the rest of the chart was rendered without it"
		if isKnown && !from.Fits {
			help += "; " + l.tree.Display(from.Dir) + " is version " + from.Version
		}
		p := lint.Problem{Code: lint.CodeMissingDependency, Position: at, Message: "dependency " + withVersion(d) + " is missing from charts/", Help: help}
		l.missing = append(l.missing, missingDependency{p, d.Name, cmp.Or(d.Alias, d.Name), howTo})
		l.add(p)
	}
}

// siblingOf is the chart of the tree that a dependency is: the one to which it refers by file://, which has no version here, or
// one with its name. ok is false if there is none.
func (l *collector) siblingOf(s *sources, d *chart.Dependency, chain []string) (from siblings.Sibling, ok bool) {
	if len(chain) > maxSubchartDepth+1 {
		return from, false
	}
	if rel, ok := strings.CutPrefix(d.Repository, fileRepository); ok {
		target := path.Join(chain[len(chain)-1], rel)
		if !path.IsAbs(rel) && !strings.HasPrefix(target, "..") && l.tree.Exists(path.Join(target, "Chart.yaml")) {
			return siblings.Sibling{Dir: target, Fits: true}, true
		}
	}
	if l.charts == nil {
		return from, false
	}
	return l.charts.known().Of(d, s.loaded.Lock, chain)
}

// takeFromTree loads a chart of the tree as a dependency. It reports whether that, or a problem, settled the dependency.
func (l *collector) takeFromTree(s *sources, i int, at lint.Position, from siblings.Sibling, chain []string) bool {
	d := s.loaded.Metadata.Dependencies[i]
	if l.isTooMuch(d, at, from.Dir, chain) {
		return true
	}
	l.siblings++
	sub := l.checked(l.load(from.Dir, len(chain)))
	if sub == nil {
		return false
	}
	l.completeDependencies(sub, append(slices.Clip(chain), from.Dir)...)
	s.subs = append(s.subs, sub)
	if from.Version == "" {
		return true
	}
	d.Repository = fileRepository + from.Dir // its files are edited where they are
	message := fmt.Sprintf("dependency %s is missing from charts/: %s, which is version %s, was rendered in its place", withVersion(d), sub.dir, from.Version)
	if from.Locked != "" && from.Locked != from.Version {
		message += "; Chart.lock names " + from.Locked
	}
	l.notes = append(l.notes, chartNote{lint.Problem{Position: at, Message: message}, sub.path("Chart.yaml")})
	return true
}

// isTooMuch reports a dependency that cannot be loaded from the tree: it leads in a circle, or there are too many.
func (l *collector) isTooMuch(d *chart.Dependency, at lint.Position, target string, chain []string) bool {
	const help = "; the rest of the chart was rendered without it"
	switch {
	case slices.Contains(chain, target):
		l.add(lint.Problem{
			Code: lint.CodeInvalidChart, Position: at, Message: fmt.Sprintf("dependency %s leads back to a chart that depends on it", d.Name),
			Help: "remove one of the dependencies" + help,
		})
	case l.siblings >= maxSiblings:
		l.add(lint.Problem{
			Code: lint.CodeLimit, Position: at, Message: fmt.Sprintf("more than %d charts of the tree are loaded as dependencies", maxSiblings),
			Help: "simplify the dependencies" + help,
		})
	default:
		return false
	}
	return true
}

func withVersion(d *chart.Dependency) string { return strings.TrimSuffix(d.Name+" "+d.Version, " ") }

// compareVersion notes a dependency of which charts/ has other versions than Chart.yaml requires: Helm installs what is there.
func (l *collector) compareVersion(s *sources, i int, d *chart.Dependency) {
	required, err := semver.NewConstraint(d.Version)
	if d.Version == "" || err != nil {
		return
	}
	var has *sources
	for _, sub := range s.subs {
		m := sub.loaded.Metadata
		if m.Name != d.Name {
			continue
		}
		v, err := semver.NewVersion(m.Version)
		if err != nil || required.Check(v) {
			return
		}
		has = sub
	}
	at, version := s.dependencyLine(i, d), has.loaded.Metadata.Version
	l.notes = append(l.notes, chartNote{lint.Problem{
		Position: at,
		Message:  fmt.Sprintf("charts/ has %s %s, and %s requires %s: %s was rendered, as Helm installs it", d.Name, version, path.Base(at.File), d.Version, version),
		Help:     "run helm dependency update " + s.dir,
	}, has.path("Chart.yaml")})
}

// has reports whether there is a subchart with that name.
func (s *sources) has(name string) bool {
	for _, sub := range s.subs {
		if sub.metadata().Name == name {
			return true
		}
	}
	return false
}

// dependencyLine is the position of a dependency in Chart.yaml, or in the older
// requirements.yaml.
func (s *sources) dependencyLine(i int, d *chart.Dependency) lint.Position {
	for _, name := range []string{"Chart.yaml", "requirements.yaml"} {
		var doc struct {
			Dependencies []yaml.Node `yaml:"dependencies"`
		}
		if yaml.Unmarshal(s.file(name), &doc) != nil || i >= len(doc.Dependencies) {
			continue
		}
		n := doc.Dependencies[i]
		for j := 0; j+1 < len(n.Content); j += 2 {
			if n.Content[j].Value == "name" && n.Content[j+1].Value == d.Name {
				v := n.Content[j+1]
				return lint.Position{File: s.path(name), Line: v.Line, Column: v.Column}
			}
		}
	}
	return lint.Position{File: s.dir + "/Chart.yaml"}
}

// dependency is the entry of a chart in charts/ among the dependencies. For one that is not listed it is the line of these or, without
// any, of the chart's name. Nil if there is no such line.
func (s *sources) dependency(sub *sources) *lint.Entry {
	name, taken := sub.loaded.Name(), ""
	if m := sub.loaded.Metadata; m != nil && m.Version != "" {
		taken = name + " " + m.Version
	}
	for i, d := range s.metadata().Dependencies {
		if d == nil || d.Name != name {
			continue
		}
		at := s.dependencyLine(i, d)
		if at.Line == 0 {
			return nil
		}
		at.EndColumn = at.Column + utf8.RuneCountInString(name)
		text := string(s.file(strings.TrimPrefix(at.File, path.Dir(at.File)+"/")))
		return &lint.Entry{Position: at, Text: trace.LinesOf(text).Line(at.Line), Key: name, Chart: taken}
	}
	archive := strings.TrimPrefix(sub.dir, s.dir+"/")
	for _, place := range [][2]string{{"Chart.yaml", "dependencies"}, {"requirements.yaml", "dependencies"}, {"Chart.yaml", "name"}} {
		data := s.file(place[0])
		line := values.TopLevelLine(data, place[1])
		if line == 0 {
			continue
		}
		text := string(data)
		at := lint.Position{File: s.path(place[0]), Line: line, Column: 1, EndColumn: 1 + len(place[1])}
		return &lint.Entry{Position: at, Text: trace.LinesOf(text).Line(line), Key: path.Base(archive), Unlisted: archive}
	}
	return nil
}

// References are the directories in the tree to which the Chart.yaml of a chart refers by file://.
func References(t *tree.Tree, name string) (dirs []string) {
	for _, file := range []string{"Chart.yaml", "requirements.yaml"} {
		text, err := t.ReadFile(path.Join(name, file))
		if err != nil || !bytes.Contains(text, []byte(fileRepository)) {
			continue
		}
		m := new(chart.Metadata)
		if sigsyaml.Unmarshal(text, m) != nil {
			continue
		}
		for _, d := range m.Dependencies {
			if d == nil {
				continue
			}
			if rel, ok := strings.CutPrefix(d.Repository, fileRepository); ok && !path.IsAbs(rel) {
				dirs = append(dirs, path.Join(name, rel))
			}
		}
	}
	return dirs
}
