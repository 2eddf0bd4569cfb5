package attributes

import (
	"bytes"
	"cmp"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/tree"
)

var (
	// rendersChart matches a command that renders a chart.
	rendersChart = regexp.MustCompile(`\b(?i:helm)[\w.-]*\b["')}]* template\b`)
	// variableFolder matches a folder that a variable gives: that of the repository, often.
	variableFolder = regexp.MustCompile(`\$(?:\w+|\{\w+\}|\(\w+\))/`)
	// manifestIn matches the path of a manifest in a text.
	manifestIn = regexp.MustCompile(`[\w.-][\w./-]*\.(?:yaml|yml|json)\b`)
)

// renderer is where a program that renders charts names a manifest, and the only file of values that it renders charts with, empty if there is
// none, or if there are several.
type renderer struct {
	at     lint.Position
	values string
}

// Rendered is the line of a Makefile or a shell script which renders charts, where it names a file, and the only file of values with which it
// does, as reports call it. Each is empty if there is none.
func (f *Files) Rendered(t *tree.Tree, name string) (at lint.Position, values string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.downloadsOf(t).rendered[name]
	return r.at, r.values
}

// valuesOption matches the option of Helm that names a file of values.
var valuesOption = regexp.MustCompile(`\s(?:-f|--values)[ =]+["']?([^\s"']+)`)

// onlyValues is the only file of values that a text names for Helm, as reports call it. It is empty if there is none, or if there are several.
func (s *instructions) onlyValues(text string) (values string) {
	for _, m := range valuesOption.FindAllStringSubmatch(text, -1) {
		name, ok := s.find(m[1])
		if !ok || values != "" && values != s.tree.Display(name) {
			return ""
		}
		values = s.tree.Display(name)
	}
	return values
}

// rendersFiles notes the manifests that the text of a program names, if it renders charts: it may write them line by line, and
// change what Helm gives.
func (s *instructions) rendersFiles(text string) {
	if !s.isShell || !rendersChart.MatchString(text) {
		return
	}
	n, dir, values := 0, s.dir, s.onlyValues(text)
	for line := range strings.Lines(text) {
		n++
		s.dir = dir
		s.enter(line)
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, word := range manifestIn.FindAllString(variableFolder.ReplaceAllString(line, " "), -1) {
			if !discover.HasManifestName(word) || isValues(word) {
				continue
			}
			if name, ok := s.find(word); ok && s.rendered[name].at.File == "" {
				s.rendered[name] = renderer{lint.Position{File: s.tree.Display(s.name), Line: n}, values}
			}
		}
	}
	s.dir = dir
}

// Chart is the folder of the chart of which a command renders a file with the chart's own values, whole. It is empty if none
// is known.
func (f *Files) Chart(t *tree.Tree, name string) string {
	w := f.writerOf(t, name)
	return w.chart
}

var (
	// enters matches the command at the beginning of a line that goes to the folder in which the others run.
	enters = regexp.MustCompile(`^[\s@-]*cd\s+([^\s;&|]+)\s*&&`)
	// toTarget matches what writes to the target of a rule.
	toTarget = regexp.MustCompile(`>\s*["']?\$[@({]?@`)
	// assigns matches what yq does when it changes a field.
	assigns = regexp.MustCompile(`[^=!<>]=[^=]`)
	// isOptions matches the variables of Makefiles for options.
	isOptions = regexp.MustCompile(`(?i)arg|opt|flag|value|set`)
	// oneVariable matches the last part of the path of a folder, if it is a variable.
	oneVariable = regexp.MustCompile(`^([\w./-]+)/\$[({]\w+[)}]$`)
)

// givesNoValues are the options of helm template with a value of theirs that is none of the chart.
var givesNoValues = []string{"-n", "--namespace", "--kube-version", "-a", "--api-versions", "--version", "--timeout"}

// enter notes the folder in which the commands of a line run that begins with cd.
func (s *instructions) enter(line string) {
	if m := enters.FindStringSubmatch(line); m != nil {
		s.dir, _ = s.find(m[1])
	}
}

// chartOf is the folder of the only chart that a text with commands renders to one file, and what the file is made from, as
// reports call it: the template, if it is only one, or else its Chart.yaml. isWhole is set if these are the values of the chart, and
// nothing changes what they give. The folder is empty if there is no such chart, or if it is not known which.
func (s *instructions) chartOf(text string) (dir, source string, isWhole bool) {
	text = strings.NewReplacer("\\\r\n", " ", "\\\n", " ").Replace(text)
	found := rendersChart.FindAllStringIndex(text, 2)
	if len(found) != 1 || strings.Contains(text, ">>") {
		return "", "", false
	}
	before := s.dir
	s.enter(text[strings.LastIndex(text[:found[0][0]], "\n")+1:])
	defer func() { s.dir = before }()
	arguments, rest, _ := strings.Cut(text[found[0][1]:], "\n")
	arguments, filters, _ := strings.Cut(arguments, "|")
	r := rendering{isPlain: !assigns.MatchString(filters + rest)}
	r.read(strings.Fields(apart.Replace(arguments)))
	for _, word := range r.words {
		of := s.chartFolder(word)
		if of != "" && dir != "" && of != dir {
			return "", "", false
		}
		dir = cmp.Or(of, dir)
	}
	if dir == "" {
		return "", "", false
	}
	isWhole = r.isPlain
	for _, name := range r.values {
		own, ok := s.find(name)
		isWhole = isWhole && ok && own == path.Join(dir, "values.yaml")
	}
	source = path.Join(dir, chartFile)
	if len(r.templates) == 1 && s.tree.Exists(path.Join(dir, r.templates[0])) {
		source = path.Join(dir, r.templates[0])
	}
	return dir, s.tree.Display(source), isWhole
}

// rendering is what the arguments of helm template say.
type rendering struct {
	words             []string // that are no options
	templates, values []string
	// isPlain is set if nothing but files of values changes what the chart gives.
	isPlain bool
}

func (r *rendering) read(words []string) {
	for i := 0; i < len(words); i++ {
		option, value, hasValue := strings.Cut(words[i], "=")
		takesNext := !hasValue && i+1 < len(words)
		if takesNext {
			value = words[i+1]
		}
		switch {
		case option == ">" || option == "-o" || slices.Contains(givesNoValues, option):
		case option == "-s" || option == "--show-only":
			r.templates = append(r.templates, value)
		case option == "-f" || option == "--values":
			r.values = append(r.values, value)
		case strings.HasPrefix(option, "--set") || option == "--post-renderer":
			r.isPlain = false
		case strings.HasPrefix(option, "-"): // a flag, or none that matters
			takesNext = false
		default:
			r.words = append(r.words, words[i])
			r.isPlain = r.isPlain && (!strings.HasPrefix(option, "$") || !isOptions.MatchString(option))
			takesNext = false
		}
		if takesNext {
			i++
		}
	}
}

const chartFile = "Chart.yaml"

// chartFolder is the folder of a chart that a word names: the only one in a folder, if a variable names it there. It is empty if
// there is none.
func (s *instructions) chartFolder(word string) string {
	if m := oneVariable.FindStringSubmatch(word); m != nil {
		parent, ok := s.find(m[1])
		if !ok {
			return ""
		}
		only, known := s.onlyCharts[parent]
		if !known {
			only = s.onlyChart(parent)
			s.onlyCharts[parent] = only
		}
		return only
	}
	if dir, ok := s.find(word); ok && s.tree.Exists(path.Join(dir, chartFile)) {
		return dir
	}
	return ""
}

// onlyChart is the only chart in a folder. It is empty if there is none, or several.
func (s *instructions) onlyChart(folder string) (only string) {
	entries, _ := s.tree.ReadDir(folder)
	for _, e := range entries {
		switch at := path.Join(folder, e.Name()); {
		case !e.IsDir() || !s.tree.Exists(path.Join(at, chartFile)):
		case only != "":
			return ""
		default:
			only = at
		}
	}
	return only
}

// mayRender is quick and says whether a text may have Helm render a chart to files in a folder.
func mayRender(text []byte) bool {
	return bytes.Contains(text, []byte("--output-dir")) && rendersChart.Match(text)
}

// render takes commands, each of which pipes what it writes to the next one: Helm may render a chart to a folder, or files of that may be
// copied to another one.
func (c *copies) render(commands [][]string, line int) {
	last := commands[len(commands)-1]
	if i := slices.Index(last, "--output-dir"); i >= 0 && i+1 < len(last) && slices.Contains(last, "template") {
		c.renderTo(c.resolve(last[i+1]), last[1:])
		return
	}
	c.store(last)
	at := slices.IndexFunc(last, func(word string) bool { return word == "cp" || word == "mv" })
	if len(c.rendered) == 0 || at < 0 || len(last)-at < 3 {
		return
	}
	from, to := c.resolve(last[len(last)-2]), c.resolve(last[len(last)-1])
	if first := commands[0]; last[0] == "xargs" && len(first) > 1 && first[0] == "find" {
		from = c.resolve(first[1])
	}
	for _, folder := range slices.Sorted(maps.Keys(c.rendered)) {
		if isKnown(to) && covers(folder, withoutPattern(from)) {
			c.place(c.rendered[folder], to, line)
		}
	}
}

// store notes the chart that a command has Helm render to one file.
func (c *copies) store(words []string) {
	i := slices.Index(words, ">")
	if i < 0 || i+1 == len(words) || len(c.stored) >= maxTransfers || !slices.Contains(words[:i], "template") {
		return
	}
	for _, word := range words[1:i] {
		if chart := c.resolve(word); isKnown(chart) && isFile(c.tree, path.Join(chart, chartFile)) {
			if c.stored == nil {
				c.stored = map[string]string{}
			}
			c.stored[c.resolve(words[i+1])] = chart
		}
	}
}

// storedIn is the folder of the chart that Helm renders to the only such file which a command names. It is empty if there is none, or several.
func (c *copies) storedIn(words []string) (only string) {
	for _, word := range words {
		chart := c.stored[c.resolve(word)]
		if chart != "" && only != "" && chart != only {
			return ""
		}
		only = cmp.Or(only, chart)
	}
	return only
}

// chartFile is the Chart.yaml of the chart in a folder, as reports call it. It is empty without a folder.
func (c *copies) chartFile(folder string) string {
	if folder == "" {
		return ""
	}
	return c.tree.Display(path.Join(folder, chartFile))
}

// renderTo notes the chart among the words of a command which renders it to a folder.
func (c *copies) renderTo(folder string, words []string) {
	for _, word := range words {
		if chart := c.resolve(word); len(c.rendered) < maxTransfers && isKnown(chart) && isFile(c.tree, path.Join(chart, chartFile)) {
			if c.rendered == nil {
				c.rendered, c.placed = map[string]string{}, map[string]writer{}
			}
			c.rendered[folder] = chart
		}
	}
}

// place notes that the files in a folder with the names of templates of a chart are made from these.
func (c *copies) place(chart, to string, line int) {
	entries, err := c.tree.ReadDir(to)
	if err != nil {
		return // a folder that the repository does not have
	}
	for _, e := range entries[:min(len(entries), maxMatches)] {
		template, name := path.Join(chart, "templates", e.Name()), path.Join(to, e.Name())
		if e.Type().IsRegular() && discover.HasManifestName(name) && isFile(c.tree, template) && name != template {
			c.placed[name] = writer{Position: lint.Position{File: c.tree.Display(c.name), Line: line}, source: c.tree.Display(template), isOfChart: true}
		}
	}
}
