package attributes

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/generated"
	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

const (
	// ofOthers are the words for what is copied, and kinds what that is.
	ofOthers = `(?:upstream|vendored|third[- ]party|mirrored|imported)`
	kinds    = `(?:charts|manifests|crds|yamls)`
)

var (
	// holdsCopies matches a heading which names all that is in the folder, and a sentence which says it.
	holdsCopies = regexp.MustCompile(`^(?:all |our |the )?` + ofOthers + ` (?:helm |kubernetes )?` + kinds + `$`)
	saysCopies  = regexp.MustCompile(`\bthis (?:directory|folder) (?:contains|holds|has|stores|is for) (?:all |our |the |helm |kubernetes )*(?:` +
		ofOthers + ` (?:helm |kubernetes )?` + kinds + `\b|` + kinds + ` (?:that are |which are )?` + taken + `)` +
		`|\b` + contents + ` ` + here + ` (?:are|were|have been) ` + taken)
	// saysUnchanged matches a sentence which says that a chart is a copy of one elsewhere, and saysCopy one that does not say
	// whether it was changed.
	saysUnchanged = regexp.MustCompile(`\b(?:this|it) (?:helm )?(?:chart )?is an? (?:unmodified|unchanged|verbatim|exact|1:1) (?:copy|mirror|clone) `)
	saysCopy      = regexp.MustCompile(`^this (?:helm )?(?:chart )?is an? (?:copy|mirror|clone) .*https?://`)
	// saysElsewhere matches a sentence which says that a chart is edited in, or comes from, the repository with an address.
	saysElsewhere = regexp.MustCompile(`\b(?:` +
		`(?:contributions|changes|prs|pull requests) (?:to|for) this (?:helm )?chart (?:must|should|need to|have to) be (?:written|made|sent|submitted|opened|contributed)\b` +
		`|this (?:helm )?chart is (?:an? (?:read[- ]only )?(?:mirror|copy) of|(?:automatically )?(?:mirrored|synced|synchroni[sz]ed|published|copied) from|developed (?:in|at)|maintained (?:in|at))` +
		`)(?:[^.]|\.[^ ])*?https://(?:github|gitlab)\.com/([\w.-]+/[\w.-]+)([\w./-]*)`)
	// aboutChanges matches the heading of what was changed in a copy, and noChanges what it says if that is nothing.
	aboutChanges = regexp.MustCompile(`\b(?:chang|modif|differ)`)
	noChanges    = regexp.MustCompile(`^[-+. ]*(?:no (?:changes|modifications|differences)|none|nothing)[. ]*$`)
	// isAdapted matches words of those who edit what they copied.
	isAdapted = regexp.MustCompile(`\b(?:adapted|adjusted|modified|changed|customi[sz]ed|patched|forked|forks?|edited|tweaked|based on)\b`)
)

// taken matches how files come from another project.
const taken = `(?:vendored|pulled|fetched|downloaded|mirrored|copied|imported) (?:unchanged |unmodified |verbatim |as[- ]is )?(?:from|by|with)\b`

// vendoredLine is the line of the README of a folder which says that what is in it was copied from other projects: its title, or
// a sentence. It is 0 if none does.
func vendoredLine(l []paragraph) int {
	for i, p := range l {
		if p.isHeading && i == 0 && holdsCopies.MatchString(p.text) || !p.isHeading && saysCopies.MatchString(p.text) && !isAdapted.MatchString(p.text) {
			return p.line
		}
	}
	return 0
}

// unchangedLine is the line of the README of a chart which says that it is a copy of one elsewhere, and unchanged. It is 0 if
// none does.
func unchangedLine(l []paragraph) int {
	at := 0 // that says that it is a copy
	for i, p := range l {
		switch {
		case p.isHeading:
		case saysUnchanged.MatchString(p.text):
			return p.line
		case saysCopy.MatchString(p.text):
			at = p.line
		case at > 0 && l[i-1].isHeading && aboutChanges.MatchString(l[i-1].text) && noChanges.MatchString(p.text):
			return at
		}
	}
	return 0
}

// maxFirst is how many paragraphs of the README of a chart may say where it is edited, and maxSection the level of the headings
// after which none does.
const (
	maxFirst   = 4
	maxSection = 2
)

// elsewhereLine is the line at the top of the README of a chart in a folder which says that the chart is edited in another
// repository. It is 0 if none does. isOwn reports the names of the repository that has the README: charts are copied with
// their READMEs.
func elsewhereLine(l []paragraph, dir string, isOwn func(repository string) bool) int {
	n := 0
	for _, p := range l {
		if p.isHeading {
			if p.level >= maxSection {
				return 0
			}
			continue
		}
		if n++; n > maxFirst {
			return 0
		}
		m := saysElsewhere.FindStringSubmatch(p.text)
		if m == nil {
			continue
		}
		if isOwn(strings.TrimSuffix(m[1], ".git")) || strings.HasSuffix(m[2], "/"+strings.ToLower(dir)) {
			return 0
		}
		return p.line
	}
	return 0
}

// isVendored reports the names of folders for the charts of other projects.
func isVendored(base string) bool {
	switch strings.ReplaceAll(strings.ToLower(base), "_", "-") {
	case "upstream", "upstream-charts", "vendor", "vendored", "third-party", "thirdparty", "external-charts":
		return true
	}
	return false
}

// releaseName matches the name of a file with the version of a release: pipeline-v0.70.0-release.yaml.
var releaseName = regexp.MustCompile(`(?:^|[-_])v?(\d+\.\d+\.\d+)(?:[-_.](?:release|install|bundle|all|full))?\.ya?ml$`)

// ReleaseOf is the version of its objects that a file has in its name: it is kept as the project that made it published it. It is empty if
// the file is no such release.
func ReleaseOf(t *tree.Tree, name string) (version string) {
	m := releaseName.FindStringSubmatch(path.Base(name))
	if m == nil {
		return ""
	}
	text, err := t.ReadFile(name)
	if err == nil && regexp.MustCompile(`app\.kubernetes\.io/version: *["']?v?`+regexp.QuoteMeta(m[1])+`["']?\s`).Match(text) {
		return m[1]
	}
	return ""
}

// Vendored is where it is written that a file was copied from another project, so that what is edited there is lost with the
// next copy: the line of a README, a comment at the entry of a kustomization, a command that pulls a chart, or the folder above a chart or the file itself, whose name says it. isChart is set if the folder holds the
// chart that the file is of. It is empty if nothing says it.
func (f *Files) Vendored(t *tree.Tree, name string) (at lint.Position, isChart bool) {
	if ReleaseOf(t, name) != "" {
		return lint.Position{File: t.Display(name), Line: 1}, false
	}
	e := f.entryOf(t, name)
	if e.copied.File != "" {
		return e.copied, false
	}
	if e.at.File != "" {
		if line := f.vendoredAtTop(t, name); line > 0 {
			return lint.Position{File: t.Display(name), Line: line}, false
		}
	}
	for dir := range discover.Above(name) {
		r := f.readme(t, dir)
		switch isNext := t.Exists(path.Join(dir, "Chart.yaml")); {
		case isNext && r.unchanged.Line > 0:
			return r.unchanged, true
		case isNext && r.elsewhere.Line > 0:
			return r.elsewhere, true
		case isNext:
			if at := f.pulledAt(t, dir); at.File != "" {
				return at, true
			}
			isChart = true
		case r.vendored.Line > 0 && (isChart || !inChart(t, dir)):
			return r.vendored, isChart
		case isChart && isVendored(path.Base(dir)) && (path.Base(dir) != "vendor" || f.namesOrigin(t, name)):
			return lint.Position{File: t.Display(dir)}, true
		}
	}
	return lint.Position{}, false
}

// pulledAt is the line of an instruction, or of a comment in a kustomization above, which has Helm pull the chart of a folder. It is empty if none
// does.
func (f *Files) pulledAt(t *tree.Tree, chart string) lint.Position {
	for dir := range discover.Above(chart) {
		if at, ok := f.readme(t, dir).pulled[chart]; ok {
			return at
		}
	}
	if at, ok := f.readme(t, ".").pulled[chart]; ok {
		return at
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.downloadsOf(t).pulled[chart]
}

// pullsIn are the comments of the kustomization in a folder that have Helm pull charts, by the folders of these. It is nil if there are none.
func pullsIn(t *tree.Tree, dir string) map[string]lint.Position {
	name, ok := kustomize.File(t, dir)
	if !ok {
		return nil
	}
	text, err := t.ReadFile(name)
	if err != nil || len(text) > maxText || !bytes.Contains(text, []byte(untars)) {
		return nil
	}
	pulled := map[string]lint.Position{}
	eachPull(string(text), func(chart string, line int) {
		pulled[path.Join(dir, chart)] = lint.Position{File: t.Display(name), Line: line}
	})
	return pulled
}

// pulls notes the folders into which the commands of a text have Helm pull charts: the text may be for its own folder, or for the top of the tree.
func (d *downloads) pulls(name, text string) {
	if !strings.Contains(text, untars) {
		return
	}
	eachPull(text, func(chart string, line int) {
		for _, dir := range []string{path.Dir(name), "."} {
			if place := path.Join(dir, chart); d.pulled[place].File == "" {
				d.pulled[place] = lint.Position{File: d.tree.Display(name), Line: line}
			}
		}
	})
}

// untars is the option by which Helm unpacks a chart that it pulls.
const untars = "--untar"

// eachPull hands on the charts that commands in a text have Helm pull and unpack: the folder of each, and the line where its command begins. What
// names no folder may be for people who want to look at the chart.
func eachPull(text string, each func(chart string, line int)) {
	command, at, n := "", 0, 0
	for line := range strings.Lines(text) {
		n++
		if command == "" {
			at = n
		}
		rest, goesOn := strings.CutSuffix(strings.TrimSpace(line), `\`)
		command += strings.TrimLeft(rest, "# \t") + " "
		if goesOn && len(command) < maxCommand {
			continue
		}
		for one := range strings.SplitSeq(between.Replace(command), "\n") {
			if chart := pulledTo(strings.Fields(apart.Replace(one))); chart != "" {
				each(chart, at)
			}
		}
		command = ""
	}
}

// maxCommand is how long a command of several lines may be, in bytes.
const maxCommand = 4 << 10

// pulledTo is the folder of the chart that a command has Helm pull and unpack. It is empty if it is not known, or if the command does something else.
func pulledTo(words []string) string {
	into, name := pullOf(words)
	if into == "" || name == "" || path.IsAbs(into) || strings.ContainsAny(into+name, "$`{}*<>~") {
		return ""
	}
	return path.Join(into, name)
}

// pullOf is the chart that a command has Helm pull, and the folder in which it is unpacked: empty if the command does not name one. The name is
// empty if the command does something else.
func pullOf(words []string) (into, name string) {
	i := slices.Index(words, "helm")
	if i < 0 || i+1 == len(words) || words[i+1] != "pull" && words[i+1] != "fetch" || !slices.Contains(words, untars) {
		return "", ""
	}
	to := map[string]string{}
	for i += 2; i < len(words); i++ {
		option, value, hasValue := strings.Cut(words[i], "=")
		switch {
		case !strings.HasPrefix(option, "-"):
			if name == "" {
				name = words[i]
			}
			continue
		case hasValue, pullsWithout[option]:
		case i+1 < len(words):
			i++
			value = words[i]
		}
		to[option] = value
	}
	if name = path.Base(name); name == "." || strings.HasSuffix(name, ".tgz") {
		return "", ""
	}
	return path.Join(to["-d"], to["--destination"], to["--untardir"]), name // Helm appends the last one
}

// pullsWithout are the options of helm pull that take no value.
var pullsWithout = map[string]bool{
	untars: true, "--devel": true, "--prov": true, "--verify": true, "--debug": true, "--insecure-skip-tls-verify": true, "--pass-credentials": true,
	"--plain-http": true,
}

// chartOrigin matches how Chart.yaml says where the chart comes from.
var chartOrigin = regexp.MustCompile(`(?m)^(?:home|icon|sources)[ \t]*:[^#]*?https?://(?:(?:github|gitlab)\.com/([\w.-]+/[\w.-]+))?`)

// namesOrigin reports whether the chart that a file is of, the outermost one below a folder called vendor, says that it comes from another
// place than the repository. Such a folder may be for what a project has made for each of its vendors, too.
func (f *Files) namesOrigin(t *tree.Tree, name string) bool {
	is := false
	for dir := range discover.Above(name) {
		if path.Base(dir) == "vendor" && !t.Exists(path.Join(dir, "Chart.yaml")) {
			break
		}
		text, err := t.ReadFile(path.Join(dir, "Chart.yaml"))
		if err != nil || len(text) > maxFile {
			continue
		}
		is = false
		for _, m := range chartOrigin.FindAllSubmatch(text, maxLinks) {
			of := strings.TrimSuffix(string(m[1]), ".git")
			is = is || of == "" || !isOwn(t, strings.ToLower(f.moduleOf(t)), strings.ToLower(of))
		}
	}
	return is
}

// saysVendored matches a comment at the top of a file which says that the file is a copy, and from what address.
var saysVendored = regexp.MustCompile(`^#+ *(?:vendored|mirrored) (?:\w+ ){0,3}?from:? +(?:https?://)?([\w-]+(?:\.[\w-]+)+/\S+)`)

// vendoredAtTop is the line of the comment at the top of a file which says that the file is another project's, as it is. It is 0 if none does.
func (f *Files) vendoredAtTop(t *tree.Tree, name string) (at int) {
	text, err := t.ReadFile(name)
	if err != nil {
		return 0
	}
	n := 0
	for line := range bytes.Lines(text) {
		n++
		if !bytes.HasPrefix(line, []byte("#")) {
			break
		}
		lower := strings.ToLower(string(line))
		if isAdapted.MatchString(anyURL.ReplaceAllString(lower, "")) {
			return 0
		}
		if m := saysVendored.FindStringSubmatch(lower); m != nil && at == 0 {
			at = n
			of := repositoryIn.FindStringSubmatch(m[1])
			if of != nil && isOwn(t, strings.ToLower(f.moduleOf(t)), strings.TrimSuffix(of[1], ".git")) {
				return 0
			}
		}
	}
	return at
}

// moduleOf is the first line of go.mod of a tree.
func (f *Files) moduleOf(t *tree.Tree) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.downloadsOf(t).module
}

// inChart reports whether a folder is in that of a chart: then the chart is the project's own.
func inChart(t *tree.Tree, dir string) bool {
	for ; ; dir = path.Dir(dir) {
		if t.Exists(path.Join(dir, "Chart.yaml")) {
			return true
		}
		if dir == "." {
			return false
		}
	}
}

// chartLabel matches the label for the chart as Helm writes it, with the name and the version of the chart. In a template of a
// chart of the project it is an action.
var chartLabel = regexp.MustCompile(`(?m)^[ \t]*["']?` + regexp.QuoteMeta(naming.ChartLabel) + `["']?: *["']?([\w.-]+?)-v?(\d+\.\d+\.\d+[\w.+-]*)["']?[ \t\r]*$`)

// Labeled is the line of a file which says that it is generated where it first has the label of a chart, and the name and the version of
// that chart: the file is what another project has published. It is empty if there is none, or if the file has labels of several.
func Labeled(t *tree.Tree, name string) (at lint.Position, chart, version string) {
	text, err := t.ReadFile(name)
	if err != nil || !bytes.Contains(text, []byte(naming.ChartLabel)) || !generated.SaysGenerated(text) {
		return at, "", ""
	}
	for _, m := range chartLabel.FindAllSubmatchIndex(text, -1) {
		of, v := string(text[m[2]:m[3]]), string(text[m[4]:m[5]])
		switch {
		case at.Line == 0:
			at = lint.Position{File: t.Display(name), Line: 1 + bytes.Count(text[:m[2]], []byte("\n"))}
			chart, version = of, v
		case of != chart || strings.TrimPrefix(v, "v") != version:
			return lint.Position{}, "", ""
		}
	}
	return at, chart, version
}
