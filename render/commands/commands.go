// Package commands reads with which values scripts, Makefiles, workflows and documents of a tree have Helm install its charts,
// and which archives they download and unpack in its folders.
package commands

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/attributes"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/tree"
)

// Release is what a command installs of a chart, or renders to a file of the tree.
type Release struct {
	Name, Namespace string
	// By is the file with the command, as reports call it.
	By string
	// Values are those of the files, and of the other options.
	Values []helm.ValuesFile
	// IsFromDocument is set if a document has the command.
	IsFromDocument bool
	// Stored is the file to which the command renders the chart, as reports call it. It is empty if it installs the chart.
	Stored string
	// files are the names of the files in the tree.
	files []string
	// isOneOfSeveral is set if the file has others of the chart with the same name.
	isOneOfSeveral bool
}

// Title is how reports call the release.
func (r *Release) Title() string {
	if r.Stored != "" {
		return r.Stored + " of " + r.By
	}
	if r.Name == "" || r.isOneOfSeveral {
		return strings.Join(r.files, ", ") + " in " + r.By
	}
	return "release " + r.Name + " of " + r.By
}

// Reader reads the texts of each tree once. The zero value is ready for use, also by several goroutines.
type Reader struct {
	mu    sync.Mutex
	known map[*tree.Tree]map[string]*chart
}

// chart is what commands install of a chart.
type chart struct {
	releases []Release
	// hasOthers is set if a command installs it with its own values alone, or with some that are not known.
	hasOthers bool
}

// Of are the releases of a chart of a tree by commands. isAll is set if no command installs it with other values.
func (r *Reader) Of(t *tree.Tree, dir string) (releases []Release, isAll bool) {
	c := r.chart(t, dir)
	if c == nil {
		return nil, false
	}
	isInstalled := slices.ContainsFunc(c.releases, func(r Release) bool { return r.Stored == "" })
	return c.releases, isInstalled && !c.hasOthers
}

// Installs reports whether a command installs a chart of a tree, with any values.
func (r *Reader) Installs(t *tree.Tree, dir string) bool { return r.chart(t, dir) != nil }

// chart is what commands install of a chart. It is nil if none does.
func (r *Reader) chart(t *tree.Tree, dir string) *chart {
	r.mu.Lock()
	defer r.mu.Unlock()
	charts, known := r.known[t]
	if !known {
		charts = read(t)
		if r.known == nil {
			r.known = map[*tree.Tree]map[string]*chart{}
		}
		r.known[t] = charts
	}
	return charts[dir]
}

const (
	maxText     = 1 << 20
	maxCommands = 1000
	maxReleases = 8
	maxFiles    = 50
)

// reader reads the texts of a tree.
type reader struct {
	tree   *tree.Tree
	charts map[string]*chart
	// values are those of charts that were asked for.
	values map[string]lint.Value
	// calls are those of the templates of pipelines, by their names. They are nil until one is asked for.
	calls map[string][]call
	n     int
}

// trying matches what is only in texts that install charts to try them: in a cluster on the machine that runs them. A comment runs nothing.
var trying = regexp.MustCompile(`(?m)^[ \t]*(?:[^#\s].*)?(?:\b(?:kind create cluster|kind load |minikube start|k3d cluster create|ct install)|` +
	`\b(?:kind-action|setup-kind|setup-minikube|setup-k3d|k3d-action|chart-testing-action)\b)`)

func read(t *tree.Tree) map[string]*chart {
	r := &reader{tree: t, charts: map[string]*chart{}, values: map[string]lint.Value{}}
	for _, name := range discover.Instructions(t) {
		if forTests.MatchString(name) && !isYAML(name) {
			continue
		}
		text, err := t.ReadFile(name)
		if err != nil || len(text) > maxText || r.isForTests(name, text) || !bytes.Contains(bytes.ToLower(text), []byte("helm")) || !isMakefile(name) && trying.Match(text) {
			continue
		}
		r.text(name, bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
	}
	return r.charts
}

func isMakefile(name string) bool {
	return path.Ext(name) == ".mk" || strings.Contains(strings.ToLower(path.Base(name)), "makefile")
}

// text takes the commands of a text.
func (r *reader) text(name string, text []byte) {
	base := strings.ToLower(path.Base(name))
	switch ext := path.Ext(base); {
	case isMakefile(name):
		r.script(attributes.Script{Tree: r.tree, Name: name, Dir: path.Dir(name)}, string(text), at{name: name})
	case ext == ".sh" || ext == ".bash":
		r.script(attributes.Script{Tree: r.tree, Name: name, Dir: path.Dir(name)}, string(text), at{name: name})
	case ext == ".yaml" || ext == ".yml":
		r.pipeline(name, text)
	case strings.HasPrefix(base, "justfile") || ext == ".just":
		r.script(attributes.Script{Tree: r.tree, Name: name, Dir: path.Dir(name)}, justVariables(string(text)), at{name: name})
	case ext == ".md":
		r.script(attributes.Script{Tree: r.tree, Name: name, Dir: path.Dir(name)}, fenced(string(text)), at{name: name, isDocument: true})
	}
}

var (
	justAssignment = regexp.MustCompile(`(?m)^([A-Za-z_]\w*)\s*:=\s*(["'][^"'\n]*["'])[ \t]*$`)
	justVariable   = regexp.MustCompile(`\{\{\s*([A-Za-z_]\w*)\s*\}\}`)
)

// justVariables is a justfile with the variables as a shell has them.
func justVariables(text string) string {
	return justVariable.ReplaceAllString(justAssignment.ReplaceAllString(text, "$1=$2"), "$${$1}")
}

// fenced are the lines of a document in blocks of code, where they are.
func fenced(text string) string {
	var out strings.Builder
	isCode := false
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~") {
			isCode = !isCode
		} else if isCode {
			out.WriteString(strings.TrimPrefix(strings.TrimSpace(line), "$ "))
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// script takes the commands of a script, which begins after the line of its file that before has. Documents show what may be set.
func (r *reader) script(s attributes.Script, text string, before at) {
	s.EachLine(text, func(line attributes.Line) {
		if r.n <= maxCommands && strings.Contains(strings.ToLower(line.Text), "helm") {
			in := before
			in.Line, in.number = line, before.number+line.Number
			r.line(s.Dir, in)
		}
	})
}

// line takes the commands of a line of a script that runs in a folder.
func (r *reader) line(of string, in at) {
	dir, isKnown := in.Dir()
	for _, p := range pipelines(in.Text) {
		for i, words := range p {
			if to := folderOf(words); to != "" {
				dir, isKnown = in.Place(dir, to)
				continue
			}
			c := commandOf(words)
			if c == nil {
				continue
			}
			in.dirs = nil
			if isKnown {
				in.dirs = append(in.dirs, dir)
			}
			in.dirs = append(in.dirs, of, ".")
			if c.verb == "template" && !appliedBy(p[i+1:]) {
				if c.stored = r.storedBy(in); c.stored == "" {
					continue
				}
			}
			r.n++
			r.install(c, in)
		}
	}
}

// at is where a command is, and the folders in which it may run: the first one is the most likely.
type at struct {
	attributes.Line
	name       string
	number     int
	dirs       []string
	isDocument bool
	// given are the lines of a call that give the template with the command options.
	given []lint.Position
}

// folderOf is the folder to which a command goes. It is empty for other commands.
func folderOf(words []string) string {
	if len(words) == 2 && (words[0] == "cd" || words[0] == "pushd") {
		return words[1]
	}
	return ""
}

// appliedBy reports whether what a command prints is applied by one of those that read it.
func appliedBy(commands [][]string) bool {
	return slices.ContainsFunc(commands, func(words []string) bool {
		return slices.Contains(words, "apply") || slices.Contains(words, "create") || slices.Contains(words, "replace")
	})
}

// redirects matches where a command writes what it prints, or adds it, to a file.
var redirects = regexp.MustCompile(`(?:^|[^\d&<>])>>?[ \t]*["']?([^\s"'|;&<>]+)`)

// storedBy is the only manifest of the tree to which a line of a script writes what commands print, as reports call it. It is empty if there is
// none, or if it is for tests or an example. What documents show is not done.
func (r *reader) storedBy(in at) string {
	found := redirects.FindAllStringSubmatch(in.Text, 2)
	if in.isDocument || len(found) != 1 || !discover.HasManifestName(found[0][1]) {
		return ""
	}
	for _, dir := range in.dirs {
		place, ok := in.Place(dir, found[0][1])
		if !ok {
			continue
		}
		if info, err := r.tree.Stat(place); err == nil && info.Mode().IsRegular() && !forTests.MatchString(place) {
			return r.tree.Display(place)
		}
	}
	return ""
}

// install takes a command that installs a chart. It is that of the first folder in which the command finds it.
func (r *reader) install(c *command, in at) {
	for _, dir := range in.dirs {
		if r.installIn(c, in, dir) {
			return
		}
	}
}

const chartFile = "Chart.yaml"

// installIn reports whether a command installs charts of the tree if it runs in a folder.
func (r *reader) installIn(c *command, in at, dir string) (isFound bool) {
	for i, word := range slices.Backward(c.names) {
		if i > 0 && len(c.names) > 1 || len(c.names) == 1 { // the first one of several is the name of the release
			for _, chosen := range r.choices(in, dir, word, "/"+chartFile) {
				place, ok := in.Place(dir, chosen.in(word))
				if !ok || !r.tree.Exists(path.Join(place, chartFile)) {
					continue
				}
				isFound = true
				r.installChart(place, c, in, dir, chosen)
			}
		}
		if isFound {
			return true
		}
	}
	return false
}

// installChart takes what a command installs of a chart, with what stands for a variable. A document in the folder of the chart, which may be a
// copy, shows those who install it what they may do.
func (r *reader) installChart(dir string, c *command, in at, from string, chosen choice) {
	if in.isDocument && (dir == "." || strings.HasPrefix(in.name, dir+"/")) {
		return
	}
	of := r.charts[dir]
	if of == nil {
		of = &chart{}
		r.charts[dir] = of
	}
	all := []choice{chosen}
	for _, word := range c.files {
		if word = chosen.in(word); isUnknown(word) {
			if all = r.choices(in, from, word, ""); len(all) == 0 {
				of.hasOthers = of.hasOthers || !in.isDocument && c.stored == ""
				return
			}
			break
		}
	}
	for _, one := range all {
		release, isKnown := r.release(dir, c, in, from, func(word string) string { return one.in(chosen.in(word)) })
		release.Stored = c.stored
		of.take(release, isKnown)
	}
}

// take takes what a command installs or renders. isKnown is false if not all values are known.
func (c *chart) take(r Release, isKnown bool) {
	isFull := len(c.releases) == maxReleases
	switch {
	case slices.ContainsFunc(r.files, forTests.MatchString):
	case r.Stored != "" && (!isKnown || len(r.Values) == 0 || isFull): // it has the values of the chart, or unknown ones
	case r.IsFromDocument && (!isKnown || len(r.files) == 0): // what may be set, or what the reader is to write
	case r.Stored == "" && (!isKnown || len(r.files) == 0 || isFull):
		c.hasOthers = true
	case !slices.ContainsFunc(c.releases, func(other Release) bool { return isSame(other, r) }):
		c.add(r)
	}
}

func (c *chart) add(r Release) {
	for i := range c.releases {
		if other := &c.releases[i]; other.By == r.By && other.Name == r.Name && other.Stored+r.Stored == "" {
			other.isOneOfSeveral, r.isOneOfSeveral = true, true
		}
	}
	c.releases = append(c.releases, r)
}

// isSame reports whether two releases have the same values, or the same files in one text.
func isSame(a, b Release) bool {
	if a.Stored != "" || b.Stored != "" { // only one of them may count in place of the chart's own values
		return (a.Stored != "") == (b.Stored != "") && haveSameValues(a, b)
	}
	return a.By == b.By && slices.Equal(a.files, b.files) || haveSameValues(a, b)
}

func haveSameValues(a, b Release) bool {
	return slices.EqualFunc(a.Values, b.Values, func(a, b helm.ValuesFile) bool { return bytes.Equal(a.Data, b.Data) })
}

// forTests matches a word in the path of a script or of values for tests, examples, or clusters on a machine of those who develop the chart.
var forTests = regexp.MustCompile(`(?i)(?:^|[-_./])(?:ci|tests?|testing|e2e|integration|sim|local|localhost|kind|minikube|k3d|docker-desktop|examples?|samples?|demos?|tutorials?|template)(?:[-_./]|$)`)

// release is what a command installs of a chart. isKnown is false if not all values are known.
func (r *reader) release(dir string, c *command, in at, from string, chosen func(string) string) (release Release, isKnown bool) {
	release.By, release.IsFromDocument = r.tree.Display(in.name), in.isDocument
	if name := chosen(c.release); !isUnknown(name) {
		release.Name = name
	}
	if namespace := chosen(c.namespace); !isUnknown(namespace) {
		release.Namespace = namespace
	}
	for i, word := range c.files {
		place, ok := in.Place(from, chosen(word))
		switch {
		case !ok || i == maxFiles:
			return release, false
		case i == 0 && place == path.Join(dir, "values.yaml"):
			continue
		}
		text, err := r.tree.ReadFile(place)
		if err != nil || len(text) > maxText {
			return release, false
		}
		values := helm.ValuesFile{Name: r.tree.Display(place), Data: text}
		values.Positions()(nil) // it is parsed before several scenarios ask
		release.Values, release.files = append(release.Values, values), append(release.files, place)
	}
	if in.isDocument {
		return release, true
	}
	set, ok := r.settings(dir, c, in, chosen)
	if ok && set.Data != nil {
		release.Values = append(release.Values, set)
	}
	return release, ok
}
