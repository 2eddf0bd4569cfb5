// Package generated finds files that say that they are generated.
package generated

import (
	"bytes"
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/naming"
)

// maxHeading is how many lines of a file are searched for a heading.
const maxHeading = 30

var (
	headingLine = regexp.MustCompile(`^\s*(?:#|//|\{\{-?\s*/\*|/\*|\*)`)
	isGenerated = regexp.MustCompile(`\b(?:auto-?)?generated\b`)
	// saysSo matches what says that a file is generated each time, or not to be edited at all: no more is needed.
	saysSo = regexp.MustCompile(`\bthis (?:file|manifest) is (?:auto-?|automatically )?generated (?:by|from|with|using)\b|` +
		`\b(?:do not|don't|never) (?:edit|modify|change) (?:this file )?(?:directly|manually|by hand)(?:\W*$|[.,;:!)])|` +
		`\bthis file (?:should not|must not|is not to) be (?:edited|modified|changed)\b`)
	namedSo   = regexp.MustCompile(`(?i)(?:^|[-_.])generated\.(?:ya?ml|json)$`)
	notByHand = regexp.MustCompile(`\b(?:do not|don't|never|should not|must not)(?: be)? (?:manually |directly )?(?:edit|modif|change)`)
)

// Line is the line of the comment at the top of a file which says that the file is generated and
// not to be edited. It is 0 if there is none.
func Line(file []byte) int {
	var text strings.Builder
	rest, at := file, 0
	for line := 1; line <= maxHeading && len(rest) > 0; line++ {
		var l []byte
		l, rest, _ = bytes.Cut(rest, []byte("\n"))
		l = bytes.TrimSpace(l)
		mark := headingLine.Find(l)
		switch {
		case len(l) == 0 || string(l) == "---":
		case mark == nil:
			return 0
		default:
			lower := strings.ToLower(string(l[len(mark):]))
			if at == 0 && strings.Contains(lower, "generated") && isGenerated.MatchString(lower) { // patterns are slow
				at = line
			}
			if mentions(lower) && saysSo.MatchString(lower) {
				return line
			}
			text.WriteString(strings.Trim(lower, "# "))
			text.WriteString(" ")
		}
		if at > 0 && notByHand.MatchString(text.String()) {
			return at
		}
	}
	return 0
}

// mentions is quick and says whether a pattern is worth a try.
func mentions(lower string) bool {
	return strings.Contains(lower, "generated") || strings.Contains(lower, "edit") || strings.Contains(lower, "modif") || strings.Contains(lower, "change")
}

// IsNamed reports whether the name of a file says that it is generated: all-generated.yaml.
func IsNamed(name string) bool { return namedSo.MatchString(path.Base(name)) }

// Made knows from what tools that write manifests made a file of the input.
type Made interface {
	// CopyOf is the same file in the chart of which the chart of a file is a copy, with its name, version, templates and values. It is empty
	// if the file is in none.
	CopyOf(file string) string
	// ChildOf is the same file in the chart of which a program makes the chart of a file, and the line of the program. Each is empty if none
	// does.
	ChildOf(file string) (source string, by lint.Position)
	// Template is the template that Helm names so where it writes what it rendered:
	// web/templates/all.yaml. It is empty if no chart of the input has it.
	Template(name string) string
	// LabelsChart reports whether the chart of a template gives what it renders the label helm.sh/chart.
	LabelsChart(template string) bool
	// BundleSource is the kustomization from which operator-sdk makes the bundle in a directory. It is
	// empty if the input has none, or if no Makefile makes the bundle.
	BundleSource(dir string) string
	// GeneratedMark is the line of a .gitattributes file, or of the README of a folder, which says that a file is
	// generated, and the file of which it is a copy. Each is empty if there is none.
	GeneratedMark(file string) (mark lint.Position, source string)
	// Named is the file that the text of a file calls by a name. It is empty if there is none.
	Named(file, name string) string
	// Holds reports whether the repository of a file has one with a name in any folder.
	Holds(file, base string) bool
	// Written is the line of a Makefile or script which has a generator write a file, and the file from which it does, or the
	// kustomizations that an overlay lists which commands make for it. Each is empty if there is none.
	Written(file string) (at lint.Position, source string, bases []string)
	// Rendered is the line of a Makefile or script that renders charts, where it names a file, and the only file of values that it renders them
	// with. Each is empty if there is none.
	Rendered(file string) (at lint.Position, values string)
	// Download is the line of a document or program which downloads a file. It is empty if none does.
	Download(file string) lint.Position
	// Copied is the line of a Makefile or script which copies a file into a folder that it empties, and the file of the input
	// that it copies. isForeign is set if the file comes from another project. Each is empty if there is none.
	Copied(file string) (at lint.Position, source string, isForeign bool)
	// Filled is the line of a Makefile or script which has a generator write into the folder of a file, or one above, that is
	// emptied before. It is empty if there is none.
	Filled(file string) lint.Position
	// Vendored is where it is written that a file was copied from another project: the line of the README of a folder, or the
	// folder itself, whose name says it. isChart is set if the folder holds the chart that the file is of. It is empty if
	// the file was not.
	Vendored(file string) (at lint.Position, isChart bool)
	// Archive is the repository, or the host, of the archive with which a script fills the folder of a file that was copied. It is empty if
	// none does.
	Archive(file string) (from string)
	// YttOverlay is the overlay of ytt, beside the folder that vendir fills with a file, which changes an object of the file. If there is
	// none, it is one for other objects, and isOfObject is not set. It is empty if there is none either.
	YttOverlay(file, kind, name string) (at lint.Position, isOfObject bool)
	// Defined is the line of a program of the repository that defines what a generator makes a file from, which a line marks as generated. It
	// is empty if it is not known.
	Defined(file string, mark lint.Position) lint.Position
	// Lister is where the kustomization in the folder of a file names the file as a resource. It is empty if none
	// does.
	Lister(file string) lint.Position
	// ControllerGen is the line of a Makefile or script which has controller-gen make a file, and the generator that does: rbac, crd
	// or webhook. Each is empty if there is none.
	ControllerGen(file string) (at lint.Position, generator string)
	// RoleMaker is the line of a Makefile or script of the repository of a file which has controller-gen make a role with the name of one in
	// the file, or an end of it. It is empty if none does.
	RoleMaker(file, role string) lint.Position
	// TemplateBeside is the template beside a file that has its name and one more ending, and its text. It is empty if there is none.
	TemplateBeside(file string) (name string, text []byte)
	// Marker is the only line of Go in the repository of a file with a marker by which controller-gen grants a resource. It is
	// empty if there is none, or several.
	Marker(file, resource string) lint.Position
}

// Mark makes the fixes of findings honest whose place is in a file that is generated or downloaded: what
// is edited there is lost when it is made again. sources are the files of the findings.
func Mark(findings []*lint.Finding, sources []lint.SourceText, made Made) {
	files := map[string]*file{}
	for _, f := range findings {
		files[f.Origin.File] = nil
	}
	for _, s := range sources {
		if f, ok := files[s.Name]; ok && f == nil {
			files[s.Name] = newFile(s, made)
		}
	}
	for _, f := range findings {
		of := files[f.Origin.File]
		if of == nil && f.Origin.File != "" { // a file of a subchart
			of = newFile(lint.SourceText{Name: f.Origin.File}, made)
			files[f.Origin.File] = of
		}
		if of == nil {
			continue
		}
		of.say(f, made)
	}
}

// say has the fix of a finding of the file say how the file came to be.
func (f *file) say(of *lint.Finding, made Made) {
	in, from := f.source(of, made)
	if in != "" {
		f.retitle(of, f.orPatch(of, in))
		of.Related = append(of.Related, from)
		return
	}
	if f.child(of, made) {
		return
	}
	of.MadeFrom, of.CopyOf = templateOf(of), made.CopyOf(of.Origin.File)
	at := f.renderedAt(of.Origin.Line, made)
	if at == 0 {
		return
	}
	place := lint.Position{File: of.Origin.File, Line: at}
	of.Related = append(of.Related, lint.RelatedPlace{Position: place, Label: "says that Helm rendered this: what is edited here is lost when it is rendered again"})
	if in = f.byRelease(of); in != "" {
		f.retitle(of, in)
	}
}

// retitle has the fix of a finding of the file say in what it is done.
func (f *file) retitle(of *lint.Finding, in string) {
	title := strings.ReplaceAll(of.Fix.Title, toIgnore, toIgnore+inConfig) // a comment in the file is lost
	switch isAnywhere := f.isVendored() && of.Fix.AddsObject; {
	case isAdviceToIgnore(of.Fix.Title):
	case isAnywhere && f.isChart:
		title = "beside the chart, or in " + f.project("it") + ", " + title
	case !isAnywhere && in != "":
		title = "in " + in + ", " + title
	}
	of.Fix.Title = title
	of.Fix.Value, of.Fix.Addition, of.Fix.Edits = "", lint.Addition{}, nil
}

// source says in what a finding of the file is to be fixed, and where that is known from. in is empty if the file
// is not generated.
func (f *file) source(of *lint.Finding, made Made) (in string, from lint.RelatedPlace) {
	in = unknownSource
	from = lint.RelatedPlace{Position: lint.Position{File: of.Origin.File, Line: max(f.line, 1)}, Label: "says that the file is generated"}
	switch {
	case f.isFromFlux && f.lister.File != "":
		in = "a patch of " + path.Base(f.lister.File) + " beside this generated file"
		of.Related = append(of.Related, lint.RelatedPlace{Position: f.lister, Label: "takes the file: a patch here stays when it is generated again"})
		return in, from
	case f.isFromFlux:
		return "a patch of a kustomization.yaml beside this generated file, which flux bootstrap can write", from
	case f.isElsewhere:
		from.Label = "says that the file is generated from files which the repository does not have"
		return f.origin(of), from
	case f.line > 0 && (!f.isVendored() || f.madeOf != "" || f.written.File != ""):
		if f.written.File != "" {
			of.Related = append(of.Related, lint.RelatedPlace{Position: f.written, Label: "writes the file"})
		}
		if f.program != "" {
			in = f.program + ", which generates this file"
		}
		return f.rendered(of, made, f.from(of, in, made)), from
	case f.download.File != "":
		from.Position, from.Label = f.download, "downloads the file"
		return "the project that this file is downloaded from", from
	case f.marked.File != "":
		from.Position, from.Label = f.marked, "makes the file"
		return f.markers(of, made), from
	}
	source := f.madeFrom(of.Origin.Line, made)
	switch {
	case source != "":
		from.File, from.Label = source, "the source of the file"
		of.MadeFrom = []string{source}
		if len(f.templates) > 0 {
			in = byHelm
		}
	case f.written.File != "":
		from.Position, from.Label = f.written, "writes the file"
		in = f.from(of, in, made)
	case f.builtFrom != "":
		from.File, from.Label = f.builtFrom, "the overlay of which the file has all objects, as a program writes them"
		in = "a patch of " + f.builtFrom + ", from which this file is built"
	case f.renderer.File != "" && of.Origin.Line < f.templates[0].line:
		from.Position, from.Label = f.renderer, "names the file, for which it has Helm render the rest"
		in = "what " + path.Base(f.renderer.File) + " writes to this file"
	case f.copied.File != "":
		from.Position, from.Label = f.copied, "copies the file into a folder that is emptied before"
		switch {
		case f.copyOf != "":
			of.MadeFrom, in = []string{f.copyOf}, f.copyOf+", from which this copy is made"
		case f.isForeign:
			in = "the project that this file is copied from"
		}
	case f.filled.File != "":
		from.Position, from.Label = f.filled, "writes into the folder of the file, which is emptied before"
	case f.program != "":
		from.Label, in = "says that "+f.program+" generates the file", f.program+", which generates this file"
	case IsNamed(f.name):
		from.Label = "generated, as the name of the file says"
	case f.mark.File != "":
		from.Position, in = f.mark, f.marksSource(of, in)
	case f.isVendored():
		from.Position, from.Label = f.vendored, f.vendoredLabel()
		in = f.inYtt(of, made)
	default:
		if in, from = f.inSection(of); in == "" {
			return f.inBeside(of)
		}
	}
	return in, from
}

// marksSource says in what a finding is to be fixed of a file that another one marks as generated.
func (f *file) marksSource(of *lint.Finding, otherwise string) string {
	switch {
	case f.copyOf != "":
		of.MadeFrom = []string{f.copyOf}
		return f.copyOf + ", from which this copy is made"
	case f.defined.File != "":
		of.Related = append(of.Related, lint.RelatedPlace{Position: f.defined, Label: "defines what is in the folder of the file"})
		return f.defined.File + ", from which this file is generated"
	}
	return otherwise
}

// byHelm is where what Helm rendered is changed: a namespace is an option.
const byHelm = "the chart or the options with which Helm renders this file"

// rendered says in what a finding is to be fixed of a file which says that it is generated, if Helm says of which template of the input
// it rendered the object.
func (f *file) rendered(of *lint.Finding, made Made, otherwise string) string {
	h, ok := f.headingAt(of.Origin.Line)
	t := made.Template(h.name)
	if !ok || t == "" || len(of.MadeFrom) > 0 {
		return otherwise
	}
	of.MadeFrom = []string{t}
	of.Related = append(of.Related, lint.RelatedPlace{Position: lint.Position{File: t, Line: 1}, Label: "the source of the object"})
	return byHelm
}

// from says in which file a finding is to be fixed, if it is known from which one the file is made.
func (f *file) from(of *lint.Finding, otherwise string, made Made) string {
	of.MadeFrom = f.bases
	if f.madeOf == "" {
		return otherwise
	}
	if len(f.bases) == 0 {
		of.MadeFrom = []string{f.madeOf}
	}
	switch {
	case isKustomization(f.madeOf):
		if in := f.roleMarkers(of, made); in != "" {
			return in
		}
		return f.madeOf + " or what it lists, from which this file is built"
	case path.Base(f.madeOf) == chartFile:
		return "the chart " + path.Dir(f.madeOf) + ", from which this file is rendered"
	}
	return f.madeOf + isMadeFrom
}

const chartFile = "Chart.yaml"

func isKustomization(name string) bool {
	switch path.Base(name) {
	case "kustomization.yaml", "kustomization.yml", "Kustomization":
		return true
	}
	return false
}

func (f *file) isVendored() bool { return f.vendored.File != "" || f.isElsewhere }

func isVendir(name string) bool {
	return path.Base(name) == "vendir.yml" || path.Base(name) == "vendir.yaml"
}

// vendoredLabel is what is told of the place which says that the file was copied from another project.
func (f *file) vendoredLabel() string {
	switch isItself := f.vendored.File == f.name; {
	case f.archive != "":
		return "fills the folder of the file from " + f.archive + ", so that edits are lost"
	case isItself && f.isComment(f.vendored.Line):
		return "says from where the file was copied"
	case isItself && f.vendored.Line > 1:
		return "has the label of a chart that the repository does not have, in a generated file"
	case isItself:
		return "has the version of its objects in its name"
	case isKustomization(f.vendored.File):
		return "says from where the file was copied"
	case isVendir(f.vendored.File):
		return "has vendir fill the folder of the file, so that edits are lost"
	}
	return "holds copies of another project's files"
}

// inYtt is the overlay of ytt, or one beside those of others, by which an object is changed that vendir fetches. Without any it is what changes
// another project's file.
func (f *file) inYtt(of *lint.Finding, made Made) string {
	if f.isChart || !isVendir(f.vendored.File) {
		return f.origin(of)
	}
	at, isOfObject := made.YttOverlay(f.name, of.Object.Kind, of.Object.Name)
	switch {
	case at.File == "":
		return f.origin(of)
	case isOfObject:
		of.Related = append(of.Related, lint.RelatedPlace{Position: at, Label: "is an overlay of the object: what is set there stays"})
		return path.Base(at.File) + " beside this copy, the overlay of the object"
	}
	return "an overlay of ytt beside this copy, as in " + path.Base(at.File)
}

// origin says where a file that was copied from another project can be changed so that it lasts.
func (f *file) origin(of *lint.Finding) string {
	switch base := path.Base(f.name); {
	case f.lister.File != "":
		of.Related = append(of.Related, lint.RelatedPlace{Position: f.lister, Label: "takes the file: a patch here stays when it is copied again"})
		return "a patch of " + path.Base(f.lister.File) + " beside this copy"
	case !f.isChart && strings.Contains(f.name, "/templates/"):
		return f.project("this file") + ", or by a newer release of it"
	case !f.isChart:
		return f.project("this file") + ", or in a patch"
	case strings.HasPrefix(base, "values"):
		return "the values that this chart is installed with, or in " + f.project("it")
	}
	return f.project("this chart")
}

// project is that from which a file or a chart was copied.
func (f *file) project(what string) string {
	if f.archive != "" {
		return f.archive + ", from which " + path.Base(f.vendored.File) + " copies " + what
	}
	return "the project that " + what + " comes from"
}

const (
	// toIgnore is how fixes call it.
	toIgnore = "ignore the finding"
	// inConfig is where an ignored finding stays so. Package config, which knows the name, imports too much.
	inConfig = " in .kubevet.yaml"
)

// isAdviceToIgnore reports whether a fix asks for no change. Most that name a reason to ignore the finding ask for one
// as well.
func isAdviceToIgnore(fix string) bool {
	return strings.HasPrefix(fix, toIgnore) || strings.HasSuffix(fix, ": "+toIgnore+" with that reason")
}

// file is what a file says about how it came to be.
type file struct {
	name string
	// builtFrom is the kustomization of the overlay from which the file is built. It is empty if none is known.
	builtFrom string
	line      int // that says that it is generated
	sections  []section
	beside    beside
	// templates are the headings that Helm writes above what it rendered, in their order.
	templates     []heading
	hasChartLabel bool
	// namesChart is set if the label has a value.
	namesChart bool
	// documents are the lines of a file with such headings that begin a document.
	documents []int
	// bundleSource is the kustomization from which operator-sdk makes the bundle that the file is of. It is empty for
	// others.
	bundleSource string
	// isFromFlux is set if Flux wrote the file, for the cluster.
	isFromFlux bool
	// lister is where a kustomization takes a file that Flux wrote for the cluster, or that is a copy. It is empty for others.
	lister lint.Position
	// isElsewhere is set if the file says that it is generated from files which the repository does not have.
	isElsewhere bool
	// marked is the line that has controller-gen make the file, and generator what of it does. Each is empty if there is none.
	marked    lint.Position
	generator string
	text      []byte
	// program is the one of the input which the file says generates it. It is empty if there is none.
	program string
	// mark is the line of a .gitattributes file or README which says that the file is generated, likewise, and copyOf the
	// file of which it is a copy.
	mark   lint.Position
	copyOf string
	// defined is the line which defines what is in the folder of the file, likewise.
	defined lint.Position
	// written is the line which writes the file, likewise, and madeOf the file from which it is made, as that line or the
	// heading says it.
	written lint.Position
	madeOf  string
	// bases are the folders' kustomizations that an overlay lists which commands make, build to the file, and remove again.
	bases []string
	// renderer is the line of a program which names the file and renders charts, likewise: what is above the headings of Helm is from it, too.
	renderer lint.Position
	// values is the only file of values with which that program renders charts, likewise.
	values string
	// download is the line which downloads the file, likewise.
	download lint.Position
	// copied is the line which copies the file into a folder that is emptied, likewise, and isForeign is set if it comes from
	// another project.
	copied    lint.Position
	isForeign bool
	// filled is the line which has a generator write into a folder that is emptied, likewise.
	filled lint.Position
	// vendored is where it is written that the file was copied from another project, likewise, and isChart is set if it is
	// of a chart.
	vendored lint.Position
	isChart  bool
	// archive is the repository from which a script downloads it, likewise.
	archive string
}

// isFromFlux reports whether the comment at a line of a file says that Flux wrote it: its source is in no repository of
// the cluster, and flux bootstrap writes it again.
func isFromFlux(text []byte, line int) bool {
	n := 0
	for l := range bytes.Lines(text) {
		if n++; n == line {
			return bytes.Contains(l, []byte("generated by flux"))
		}
	}
	return false
}

type heading struct {
	line int
	name string
}

const (
	helmHeading = "# Source: "
	// bundleMark is the annotation that operator-sdk gives the ClusterServiceVersions it makes.
	bundleMark = "operators.operatorframework.io/builder: operator-sdk"
)

func newFile(s lint.SourceText, made Made) *file {
	f := &file{name: s.Name, builtFrom: s.BuiltFrom, line: Line(s.Text), sections: sectionsOf(s.Text), beside: besideOf(s, made), text: s.Text, download: made.Download(s.Name)}
	f.program = program(s, made, f.line > 0)
	f.marked, f.generator = made.ControllerGen(s.Name)
	if f.mark, f.copyOf = made.GeneratedMark(s.Name); f.mark.File != "" {
		f.defined = made.Defined(s.Name, f.mark)
	}
	f.written, f.madeOf, f.bases = made.Written(s.Name)
	f.filled = made.Filled(s.Name)
	at, source, isForeign := made.Copied(s.Name)
	f.copied, f.copyOf, f.isForeign = at, cmp.Or(source, f.copyOf), isForeign
	if f.copyOf != "" {
		_, from, _ := made.Written(f.copyOf) // which may be made, too
		f.copyOf = cmp.Or(from, f.copyOf)
	}
	if f.line > 0 {
		f.madeOf = cmp.Or(namedSource(s, made), f.madeOf, source)
	}
	f.vendored, f.isChart = made.Vendored(s.Name)
	f.archive = made.Archive(s.Name)
	f.isFromFlux = isFromFlux(s.Text, f.line)
	f.isElsewhere = f.line > 0 && f.madeOf == "" && f.written.File == "" && isFromElsewhere(s, made)
	if f.isFromFlux || f.isVendored() && !f.isChart {
		f.lister = made.Lister(s.Name)
	}
	if root, ok := strings.CutSuffix(path.Dir(f.name), "bundle/manifests"); ok && bytes.Contains(s.Text, []byte(bundleMark)) {
		f.bundleSource = made.BundleSource(root)
	}
	if !bytes.Contains(s.Text, []byte(helmHeading)) {
		return f
	}
	f.hasChartLabel = bytes.Contains(s.Text, []byte(naming.ChartLabel))
	f.namesChart = f.hasChartLabel && namesChart.Match(s.Text)
	n := 0
	for l := range bytes.Lines(s.Text) {
		n++
		if name, ok := bytes.CutPrefix(bytes.TrimSpace(l), []byte(helmHeading)); ok {
			f.templates = append(f.templates, heading{n, string(name)})
		} else if bytes.HasPrefix(l, []byte("---")) {
			f.documents = append(f.documents, n)
		}
	}
	if len(f.templates) > 0 {
		f.renderer, f.values = made.Rendered(s.Name)
	}
	return f
}

// renderedAt is the line of the heading that Helm wrote above an object at a line, with its label for the chart in the file: the chart may be
// none of the input. It is 0 if there is none.
func (f *file) renderedAt(line int, made Made) int {
	h, ok := f.headingAt(line)
	if !f.namesChart && !f.isAllRendered() || !ok || !strings.Contains(h.name, "/templates/") || made.Template(h.name) != "" { // or a template that was made of it
		return 0
	}
	return h.line
}

// minRendered is how many headings of Helm a file must have to be taken for what Helm rendered as a whole.
const minRendered = 3

// isAllRendered reports whether all documents of a file have a heading.
func (f *file) isAllRendered() bool {
	return len(f.templates) >= minRendered && len(f.templates) >= len(f.documents)
}

// headingAt is the heading that Helm wrote in the document of an object at a line. ok is false if there is none.
func (f *file) headingAt(line int) (h heading, ok bool) {
	i, _ := slices.BinarySearchFunc(f.templates, line, func(h heading, line int) int { return h.line - line })
	begin, _ := slices.BinarySearch(f.documents, line)
	if i == 0 || begin > 0 && f.documents[begin-1] > f.templates[i-1].line {
		return h, false
	}
	return f.templates[i-1], true
}

// namesChart matches the label as Helm writes it. In a template it is an action.
var namesChart = regexp.MustCompile(regexp.QuoteMeta(naming.ChartLabel) + `["']?: *["']?[\w.-]+-\d`)

// madeFrom is the file of the input from which the text at a line was made. It is empty if there is
// none.
func (f *file) madeFrom(line int, made Made) string {
	n, exact := slices.BinarySearchFunc(f.templates, line, func(h heading, line int) int { return h.line - line })
	if !exact {
		n--
	}
	if n >= 0 {
		t := made.Template(f.templates[n].name)
		isTemplate := path.Dir(t) == path.Dir(f.name)
		if isTemplate || t != "" && !f.hasChartLabel && made.LabelsChart(t) && f.written.File == "" && f.renderer.File == "" { // or written by hand since
			return ""
		}
		return t
	}
	return f.bundleSource
}
