package attributes

import (
	"bytes"
	"cmp"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/variables"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/tree"
)

// ControllerGen is the line of a Makefile or a shell script which has controller-gen make a file from markers in Go, and the
// generator that does: rbac, crd or webhook. Each is empty if there is none.
func (f *Files) ControllerGen(t *tree.Tree, name string) (at lint.Position, generator string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.downloadsOf(t)
	if m, ok := d.marked[name]; ok && m.isIn(t, name) && d.hasMarkers(m) {
		return m.Position, m.generator
	}
	if m, ok := d.marked[path.Dir(name)]; ok && m.generator == "crd" && m.isIn(t, name) {
		return m.Position, m.generator
	}
	return lint.Position{}, ""
}

// RoleMaker is the line of a Makefile or a shell script which has controller-gen make a role with a name, to which an overlay may have put a prefix.
// The file may be none of the repository. It is empty if there is none.
func (f *Files) RoleMaker(t *tree.Tree, role string) lint.Position {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.downloadsOf(t)
	for {
		if m, ok := d.roles[role]; ok && d.hasMarkers(m) {
			return m.Position
		}
		_, rest, ok := strings.Cut(role, "-")
		if !ok {
			return lint.Position{}
		}
		role = rest
	}
}

// marked is a line which has controller-gen make a file, or the files of a folder.
type marked struct {
	lint.Position
	generator string
	// role is the name of the role. It is empty if that is not known.
	role string
	// paths are the folders whose Go is searched for markers, with those below for the ones that end in /... It is nil if they are not known.
	paths []string
}

// generators are those of controller-gen that make manifests, and the names of the files that they write: empty if they name
// them after what is in them.
var generators = map[string]string{"rbac": "role.yaml", "crd": "", "webhook": "manifests.yaml"}

// crdMark is the annotation that controller-gen gives what it makes.
const crdMark = "controller-gen.kubebuilder.io/version"

// isIn reports whether a file has what the generator makes: else it was written by hand, and never made.
func (m marked) isIn(t *tree.Tree, name string) bool {
	text, err := t.ReadFile(name)
	if err != nil {
		return false
	}
	switch m.generator {
	case "rbac":
		return m.role == "" || bytes.Contains(text, []byte("name: "+m.role))
	case "crd":
		return bytes.Contains(text, []byte(crdMark))
	}
	return bytes.Contains(text, []byte("WebhookConfiguration"))
}

var (
	// runsControllerGen is quick and says whether a text may run controller-gen.
	runsControllerGen = regexp.MustCompile(`\b(?:rbac:|crd\b|webhook\b)[^\n]*(?:\\\n[^\n]*)*\b(?:paths=|output:)|(?i:controller[-_]?gen)`)
	// joinsValues matches the separator of several values of an option, which a shell takes for the end of a command if it is not in quotes.
	joinsValues = regexp.MustCompile(`;([\w./$({-])`)
	// declares matches a line of a script that sets variables, and assignment each of them.
	declares   = regexp.MustCompile(`^\s*(?:(?:declare|local|readonly|export|typeset)\s+(?:-\w+\s+)*)?(?:\w+=(?:"[^"]*"|'[^']*'|[^\s"';&|()]*)\s*)+$`)
	assignment = regexp.MustCompile(`(\w+)=(?:"([^"]*)"|'([^']*)'|(\S*))`)
	// writesFile matches what writes a file, in any language.
	writesFile = regexp.MustCompile(`>|\btee\b|\b(?:IO|File|fs)\.write|\bopen\(|-o\b|--output\b|\bdump\b`)
	// positional matches the arguments of a script.
	positional = regexp.MustCompile(`\$(?:[1-9]|\{[1-9][}:-])`)
)

// controllerGen notes the files which a text has controller-gen make. It reports whether it depends on the arguments of the text.
func (d *downloads) controllerGen(name string, text []byte, args []string) (needsArguments bool) {
	starts := []string{path.Dir(name)}
	if !isMakefile(name) || path.Ext(name) == ".mk" {
		starts = append(starts, ".")
	}
	unix := string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
	for _, dir := range slices.Compact(starts) {
		g := &controllerGen{copies: copies{tree: d.tree, name: name, dir: dir, set: variables.Set{}}, made: map[string]marked{}, roles: map[string]marked{}}
		g.took = g.take
		if isMakefile(name) {
			g.makefile(unix)
		} else {
			for i, arg := range args {
				g.set[strconv.Itoa(i+1)] = arg
			}
			g.script(unix)
		}
		g.pass(unix)
		d.note(g)
		if len(g.made) > 0 && !isMakefile(name) && slices.ContainsFunc(slices.Collect(maps.Keys(g.made)), d.tree.Exists) {
			return false
		}
		needsArguments = needsArguments || g.isUnknown
	}
	return needsArguments && !isMakefile(name) && args == nil && positional.Match(text)
}

// note takes what a text has controller-gen make.
func (d *downloads) note(g *controllerGen) {
	for role, m := range g.roles {
		if known, has := d.roles[role]; !has || m.Compare(known.Position) < 0 {
			d.roles[role] = m
		}
	}
	for place, m := range g.made {
		if _, known := d.marked[place]; !known && d.tree.Exists(place) {
			d.marked[place] = m
		}
	}
}

// controllerGen reads what a text has controller-gen make.
type controllerGen struct {
	copies
	// made are the files and folders by their names in the tree.
	made map[string]marked
	// roles are those that it makes, wherever that is, by their names.
	roles map[string]marked
	// isUnknown is set if it is not known where a command writes to.
	isUnknown bool
}

// take takes the words of a command.
func (g *controllerGen) take(words []string, line int) {
	c := commandOf(words)
	if c == nil {
		return
	}
	for generator, options := range c.generators {
		m := marked{Position: lint.Position{File: g.tree.Display(g.name), Line: line}, generator: generator, paths: g.pathsOf(c)}
		if role := options["roleName"]; !strings.Contains(role, "$") {
			m.role = role
		}
		if _, known := g.roles[m.role]; generator == "rbac" && m.role != "" && !known {
			g.roles[m.role] = m
		}
		dir, ok := c.outputs[generator]
		if !ok {
			dir, ok = c.outputs[""]
		}
		switch {
		case !ok:
			dir = "config/" + generator
		case dir == "":
			continue
		}
		if dir = g.resolve(dir); !isKnown(dir) {
			g.isUnknown = true
			continue
		}
		file := generators[generator]
		if named := options["fileName"]; named != "" {
			file = named
		}
		if place := path.Join(dir, file); g.made[place].Line == 0 {
			g.made[place] = m
		}
	}
}

// pathsOf are the folders that a command searches, by their names in the tree. Nil if one of them is not known.
func (g *controllerGen) pathsOf(c *command) (paths []string) {
	for _, p := range c.paths {
		dir, isBelow := strings.CutSuffix(p, "...")
		if dir = g.resolve(path.Clean(cmp.Or(dir, "."))); !isKnown(dir) {
			return nil
		}
		if isBelow {
			dir += "/..."
		}
		paths = append(paths, dir)
	}
	return paths
}

// hasMarkers reports whether controller-gen finds markers for a role where it searches, as far as the tree has any: without them it makes none.
func (d *downloads) hasMarkers(m marked) bool {
	if m.generator != "rbac" || m.paths == nil {
		return true
	}
	d.findMarkers()
	return len(d.markedGo) == 0 || slices.ContainsFunc(d.markedGo, func(file string) bool {
		return slices.ContainsFunc(m.paths, func(p string) bool {
			dir, isBelow := strings.CutSuffix(p, "/...")
			return path.Dir(file) == dir || isBelow && (dir == "." || strings.HasPrefix(file, dir+"/"))
		})
	})
}

// command is one that runs controller-gen.
type command struct {
	// paths are the folders that it searches for markers, as it names them.
	paths []string
	// generators are those with their options.
	generators map[string]map[string]string
	// outputs are the folders that generators write to, by their names. The one for all has none. One that writes no files is empty.
	outputs map[string]string
}

// commandOf reads the words of a command. It is nil if that does not run controller-gen.
func commandOf(words []string) *command {
	c := &command{generators: map[string]map[string]string{}, outputs: map[string]string{}}
	isProgram := false
	for i, w := range words {
		if strings.HasPrefix(w, "#") {
			break
		}
		head, rest, _ := strings.Cut(w, ":")
		_, isGenerator := generators[head]
		lower := strings.ToLower(w)
		switch {
		case i == 0 && (w == "echo" || w == "printf"):
			return nil
		case isGenerator:
			c.generators[head] = optionsOf(rest)
		case head == "output":
			c.output(rest)
			isProgram = true
		case head == w && strings.HasPrefix(w, "paths="):
			c.paths = append(c.paths, strings.FieldsFunc(strings.Trim(w[len("paths="):], `"'`), func(r rune) bool { return r == ';' || r == ',' })...)
			isProgram = true
		default:
			isProgram = isProgram || strings.HasPrefix(w, "paths=") ||
				strings.Contains(strings.ReplaceAll(lower, "_", "-"), "controller-gen")
		}
	}
	if !isProgram || len(c.generators) == 0 {
		return nil
	}
	return c
}

func optionsOf(text string) map[string]string {
	options := map[string]string{}
	for option := range strings.SplitSeq(text, ",") {
		if key, value, ok := strings.Cut(option, "="); ok {
			options[key] = value
		}
	}
	return options
}

// output takes what follows output: in an option. It is dir=config, rbac:dir=config, or rbac:artifacts:config=config.
func (c *command) output(text string) {
	generator := ""
	if _, isGenerator := generators[text[:max(strings.Index(text, ":"), 0)]]; isGenerator {
		generator, text, _ = strings.Cut(text, ":")
	} else if head, _, _ := strings.Cut(text, ":"); head == "object" || head == "schemapatch" || head == "applyconfiguration" {
		return
	}
	for part := range strings.SplitSeq(text, ":") {
		if key, value, _ := strings.Cut(part, "="); key == "dir" || key == "config" {
			c.outputs[generator] = value
			return
		}
	}
	c.outputs[generator] = ""
}

// maxFolders is how many folders beside a file that controller-gen makes are searched for those that a script makes of it.
const maxFolders = 50

// pass adds what a text makes of the files that controller-gen makes: copies, and the roles that a script writes to folders below.
func (g *controllerGen) pass(text string) {
	first := maps.Clone(g.made)
	for _, t := range g.transfers {
		for _, from := range t.from {
			if m, ok := first[withoutPattern(from)]; ok && isKnown(t.to) {
				m.Line = t.line
				g.add(g.copyIn(t.to, from, m), m)
			}
		}
	}
	if isMakefile(g.name) {
		return
	}
	writes := linesThatWrite(text)
	for place, m := range first {
		if m.generator == "rbac" {
			g.below(place, m, writes)
		}
	}
}

// copyIn is the place of a copy: the file, if it is copied into a folder that is there.
func (g *controllerGen) copyIn(to, from string, m marked) string {
	if info, err := g.tree.Stat(to); err == nil && info.IsDir() && m.generator != "crd" {
		return path.Join(to, path.Base(from))
	}
	return to
}

func linesThatWrite(text string) (l []string) {
	for line := range strings.Lines(text) {
		if writesFile.MatchString(line) && !strings.HasPrefix(strings.TrimSpace(line), "#") {
			l = append(l, line)
		}
	}
	return l
}

// below adds the files with the name of a role in the folders below it, if a line that writes names folder and file.
func (g *controllerGen) below(place string, m marked, writes []string) {
	m.role = "" // a script may give it another one
	dir, base := path.Split(place)
	entries, _ := g.tree.ReadDir(path.Clean(dir)) // what cannot be listed has none
	for _, e := range entries[:min(len(entries), maxFolders)] {
		if e.IsDir() && slices.ContainsFunc(writes, func(line string) bool { return hasWord(line, e.Name()) && hasWord(line, base) }) {
			g.add(path.Join(dir, e.Name(), base), m)
		}
	}
}

func (g *controllerGen) add(place string, m marked) {
	if g.made[place].Line == 0 {
		g.made[place] = m
	}
}

// hasWord reports whether a line has a name that is no part of a longer one.
func hasWord(line, name string) bool {
	return slices.Contains(strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\n\"'`/(){},;:=", r) }), name)
}

// declare takes a line of a script that only sets variables, of which it may know some. It reports whether it is one.
func (c *copies) declare(line string) bool {
	if !declares.MatchString(line) {
		return false
	}
	for _, m := range assignment.FindAllStringSubmatch(line, -1) {
		if value := c.set.Expand(m[2]+m[3]+m[4], variables.Shell); strings.ContainsAny(value, "$`") {
			delete(c.set, m[1])
		} else {
			c.set[m[1]] = value
		}
	}
	return true
}

const (
	// maxScripts is how many scripts are read again with the arguments with which others run them, and maxCalls how often each is.
	maxScripts = 20
	maxCalls   = 5
)

// withArguments reads the scripts again which have controller-gen write to where their arguments say.
func (d *downloads) withArguments(scripts, texts []string) {
	if len(scripts) == 0 {
		return
	}
	scripts = scripts[:min(len(scripts), maxScripts)]
	calls := map[string][][]string{}
	for _, name := range texts {
		text, err := d.tree.ReadFile(name)
		if err != nil || len(text) > maxText {
			continue
		}
		isNamed := func(script string) bool { return script != name && bytes.Contains(text, []byte(path.Base(script))) }
		if named := slices.DeleteFunc(slices.Clone(scripts), func(script string) bool { return !isNamed(script) }); len(named) > 0 {
			callsIn(string(text), named, calls)
		}
	}
	for _, script := range scripts {
		text, err := d.tree.ReadFile(script)
		if err != nil {
			continue
		}
		for _, args := range calls[script] {
			d.controllerGen(script, text, args)
		}
	}
}

// callsIn adds the arguments with which the commands of a text run scripts.
func callsIn(text string, scripts []string, to map[string][][]string) {
	set := variables.OfMakefile(text)
	for _, l := range variables.Lines(text) {
		for command := range strings.SplitSeq(between.Replace(l.Text), "\n") {
			words := strings.Fields(apart.Replace(set.Expand(command, variables.Make)))
			for i, w := range words {
				for _, script := range scripts {
					if path.Base(w) == path.Base(script) && len(to[script]) < maxCalls {
						to[script] = append(to[script], words[i+1:])
					}
				}
			}
		}
	}
}

// markers are the markers in Go by which controller-gen grants a resource, by its name.
type markers map[string][]lint.Position

var (
	rbacMarker      = regexp.MustCompile(`^\s*//\s*\+kubebuilder:rbac:(.*)$`)
	markerResources = regexp.MustCompile(`(?:^|,)resources=("[^"]*"|` + "`[^`]*`" + `|\{[^}]*\}|[^,\s]*)`)
)

// Marker is the only line of Go with a marker by which controller-gen grants a resource. It is empty if there is none, or several.
func (f *Files) Marker(t *tree.Tree, resource string) lint.Position {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.downloadsOf(t)
	d.findMarkers()
	if l := d.markers[resource]; len(l) == 1 {
		return l[0]
	}
	return lint.Position{}
}

// findMarkers finds the markers in the Go of the tree, once.
func (d *downloads) findMarkers() {
	if d.markers != nil {
		return
	}
	m := markers{}
	d.markers = m
	for _, name := range discover.GoFiles(d.tree) {
		text, err := d.tree.ReadFile(name)
		if err != nil || len(text) > maxText || !bytes.Contains(text, []byte("+kubebuilder:rbac:")) {
			continue
		}
		d.markedGo = append(d.markedGo, name)
		n := 0
		for line := range bytes.Lines(text) {
			n++
			if found := rbacMarker.FindSubmatch(bytes.TrimRight(line, "\r\n")); found != nil {
				m.add(string(found[1]), lint.Position{File: d.tree.Display(name), Line: n})
			}
		}
	}
}

// add notes the resources of a marker. More than two markers are as good as two.
func (m markers) add(marker string, at lint.Position) {
	found := markerResources.FindStringSubmatch(marker)
	if found == nil {
		return
	}
	for resource := range strings.FieldsFuncSeq(found[1], func(r rune) bool { return strings.ContainsRune(";,{}\"` ", r) }) {
		if len(m[resource]) < 2 {
			m[resource] = append(m[resource], at)
		}
	}
}
