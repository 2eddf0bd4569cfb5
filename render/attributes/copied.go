package attributes

import (
	"bytes"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/variables"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/tree"
)

// Copied is the line of a Makefile or a shell script which copies a file into a folder that the text empties, so that what is
// edited in the file is lost, and the file of the tree that it copies, as reports call it. isForeign is set if the file comes from
// another project. Each is empty if there is none.
func (f *Files) Copied(t *tree.Tree, name string) (at lint.Position, source string, isForeign bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.downloadsOf(t)
	if len(d.copied) == 0 {
		return at, "", false
	}
	var other *fill
	for dir := name; ; dir = path.Dir(dir) {
		for i := range d.copied[dir] {
			c := &d.copied[dir][i]
			switch from, ok := c.source(t, name); {
			case from != "":
				return c.Position, t.Display(from), false
			case ok && other == nil:
				other = c
			}
		}
		if dir == "." {
			break
		}
	}
	if other == nil {
		return at, "", false
	}
	return other.Position, "", other.isForeign
}

// fill is a command which copies files into a folder that is emptied, or in the place of a file that is removed.
type fill struct {
	lint.Position
	// to is the folder or the file, from what is copied: a file or folder of the tree, or a pattern of names in a folder. If it is
	// not in the tree, isOutside is set, and isForeign if it comes from another project.
	to, from                          string
	isOutside, isForeign, isRecursive bool
}

// source is the file of the tree from which a file is copied. It is empty if that is not in the tree. ok is false if the file is
// not copied.
func (c *fill) source(t *tree.Tree, name string) (from string, ok bool) {
	below := strings.TrimPrefix(strings.TrimPrefix(name, c.to), "/")
	dir, pattern := c.from, ""
	if base := path.Base(c.from); strings.ContainsAny(base, "*?[") {
		dir, pattern = path.Dir(c.from), base
	}
	first, rest, isDeep := strings.Cut(below, "/")
	if isDeep && !c.isRecursive {
		return "", false
	}
	if pattern != "" {
		if matches, err := path.Match(pattern, first); !matches || err != nil {
			return "", false
		}
	}
	if c.isOutside {
		return "", pattern != "" || !hasExtension(c.from) || path.Base(c.from) == path.Base(name) || below == ""
	}
	candidates := []string{path.Join(dir, below)}
	if pattern == "" && isDeep && first == path.Base(dir) {
		candidates = append(candidates, path.Join(dir, rest))
	}
	if path.Base(dir) == path.Base(name) && !isDeep || below == "" {
		candidates = append(candidates, dir)
	}
	for _, candidate := range candidates {
		if candidate != name && isFile(t, candidate) {
			return candidate, true
		}
	}
	return "", false
}

func hasExtension(name string) bool { return path.Ext(name) != "" }

// copies reads which files a text copies into folders that it empties. Places are names in the tree; those that are not known, or
// not in it, begin with a variable, a slash or two dots.
type copies struct {
	tree *tree.Tree
	name string // of the text
	// set are the variables that are known.
	set variables.Set
	// dir is the place in which commands run, and left those that pushd left, to which popd goes back.
	dir  string
	left []string
	// removed are what commands remove, and foreign the folders into which they fetch other projects.
	removed, foreign []string
	transfers        []transfer
	// fetched are the commands that fetch other projects into folders which were removed before.
	fetched []fill
	// emptied are the folders among what is removed, starts the lines at which rules of a Makefile begin, and recipe the rule of the
	// command.
	emptied []emptied
	starts  []int
	recipe  int
	// outputs are the commands that write manifests of the tree.
	outputs []output
	// compared is what commands check with git diff.
	compared []compared
	// took takes the words of each command as well, and each the lines. They are nil if nothing else is to be known.
	took func(words []string, line int)
	each func(Line)
	// rendered are the charts that Helm renders to files in a folder, and placed the files that are copied from there, by what they are made from.
	rendered map[string]string
	placed   map[string]writer
	// stored are the charts that Helm renders to one file, likewise.
	stored map[string]string
	// placesOf finds files and folders by their names. It is nil if the folders of variables which a missing file sets are not to be known.
	placesOf func(base string) []string
	// included is how many files were read for the variables that they set.
	included int
	// unsure are the variables that a script sets to several things, if each is not nil: which of them counts is not known.
	unsure map[string]bool
}

// Script is a text with commands for a shell, or a Makefile, by its name in a tree. Its commands run in a folder with some variables.
type Script struct {
	Tree      *tree.Tree
	Name, Dir string
	Set       variables.Set
}

// Line is a line with commands, in which the values of variables are where they are known.
type Line struct {
	Text   string
	Number int
	in     *copies
}

// Dir is the folder in which a line runs. ok is false if it is not known.
func (l Line) Dir() (_ string, ok bool) { return l.in.dir, isKnown(l.in.dir) }

// Place is the name in the tree of what the line calls by a name, from a folder. ok is false if it is not known, or not in the tree.
func (l Line) Place(dir, name string) (_ string, ok bool) {
	of := *l.in
	of.dir = dir
	place := of.resolve(name)
	return place, isKnown(place)
}

// EachLine hands on the lines of a script, or of the recipes of a Makefile.
func (s Script) EachLine(text string, each func(Line)) {
	c := &copies{tree: s.Tree, name: s.Name, dir: s.Dir, set: variables.Set{}, each: each}
	maps.Copy(c.set, s.Set)
	unix := strings.ReplaceAll(text, "\r\n", "\n")
	if isMakefile(s.Name) {
		c.makefile(unix)
		return
	}
	c.unsure = variables.SetTwice(unix)
	c.script(unix)
}

// transfer is a command which copies or moves something.
type transfer struct {
	line        int
	from        []string
	to          string
	isRecursive bool
	// isChanged is set if a later command of the recipe, or script, may change the file.
	isChanged bool
}

const (
	// atTop and atText begin the values of variables with the top of the tree, and with the folder of the text.
	atTop, atText = "@top", "@text"
	// maxTransfers is how many commands of a text are looked at: each is compared with the others.
	maxTransfers = 200
	// maxCompared is how many paths that git compares are kept: each file with a finding is compared with all.
	maxCompared = 1000
)

var (
	mayEmpty = regexp.MustCompile(`\brm\b|--delete\b`)
	// mayWrite matches what writes to a file whose name may be that of a manifest, or in a variable.
	mayWrite = regexp.MustCompile(`(?:>|\btee\b)[^\n]*(?:\.ya?ml\b|\.json\b|\$)`)
	mayFill  = regexp.MustCompile(`\b(?:cp|mv|rsync|clone)\b|` + untars)
	// topVariable matches a variable that a script sets to the top of the repository, and ownVariable one that it sets to its own
	// folder or one above.
	topVariable = regexp.MustCompile(`^\s*(?:export\s+|readonly\s+|local\s+)?([A-Za-z_]\w*)=["']?\$\(git rev-parse --show-toplevel[^)]*\)["']?\s*$`)
	ownVariable = regexp.MustCompile(`^\s*(?:export\s+|readonly\s+|local\s+)?([A-Za-z_]\w*)=["']?(?:\$\(\s*(?:unset \w+\s*&&\s*|CDPATH=(?:''|"")?\s+)?cd (?:-P |-- )*)?["']?` + ownFolder + `((?:/\.\.)*)/?["']?(?:\s*(?:&?>\s*/dev/null\s*(?:2>&1\s*)?)?&&\s*pwd(?: -P)?\s*\))?((?:/\.\.)*)["']?\s*$`)
	ownCommand  = regexp.MustCompile(ownFolder)
	// gitCommand matches a variable that a Makefile sets to a command of git.
	gitCommand = regexp.MustCompile(`(?m)^(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*[?:]*=[ \t]*(git[ \t][^\n#]*?)[ \t]*$`)
	// ownPath matches a variable that a script sets to its own path, and folderOf one that it sets to the folder of a place.
	ownPath  = regexp.MustCompile(`^\s*(?:export\s+|readonly\s+|local\s+)?([A-Za-z_]\w*)=["']?(?:` + ownName + `|\$\(\s*(?:realpath|readlink -f) ["']?` + ownName + `["']?\s*\))["']?\s*$`)
	folderOf = regexp.MustCompile(`^\s*(?:export\s+|readonly\s+|local\s+)?([A-Za-z_]\w*)=["']?\$\(\s*dirname (?:-- )?["']?(@(?:text|top)/[\w./-]+)["']?\s*\)["']?\s*$`)
)

// ownFolder matches the folder of a script.
const ownFolder = `\$\(\s*dirname (?:-- )?["']?(?:` + ownName + `|\$\(\s*(?:realpath|readlink -f) ["']?` + ownName + `["']?\s*\))["']?\s*\)`

// ownName matches the path by which a script is run.
const ownName = `\$(?:0|\{0\}|BASH_SOURCE|\{BASH_SOURCE(?:\[0\])?(?::-\$0)?\})`

// mayCopy is quick and says whether a text may copy files into folders that it empties, or write manifests. What a CI system does so, it does in
// a checkout of its own.
func mayCopy(name string, text []byte) bool {
	if !isShell(name) || discover.HasManifestName(name) || path.Base(name) == "Jenkinsfile" {
		return false
	}
	return mayEmpty.Match(text) && (mayFill.Match(text) || mayGenerate(text)) || mayWrite.Match(text) || mayRender(text) || mayCompare.Match(text)
}

// copiesIn notes which files a text copies into folders that it empties, and which manifests it writes.
func (d *downloads) copiesIn(name string, text []byte) {
	if !mayCopy(name, text) {
		return
	}
	unix := string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
	starts := []string{path.Dir(name)}
	if !isMakefile(name) || path.Ext(name) == ".mk" {
		starts = append(starts, ".")
	}
	for _, dir := range slices.Compact(starts) {
		c := &copies{tree: d.tree, name: name, dir: dir, set: variables.Set{}, placesOf: d.placesOf}
		if isMakefile(name) {
			c.makefile(unix)
		} else {
			c.script(unix)
		}
		if d.take(c) {
			return
		}
	}
}

// take notes what the commands of a text copy, fill and write. It reports whether there is any.
func (d *downloads) take(c *copies) bool {
	found, filled, remade := c.fills(), c.filled(), c.remade(d)
	maps.Copy(remade, c.placed)
	for place, w := range remade {
		if _, known := d.written[place]; !known {
			d.written[place] = w
		}
	}
	for _, one := range found {
		d.copied[one.to] = append(d.copied[one.to], one)
	}
	for place, at := range filled {
		if _, known := d.filled[place]; !known {
			d.filled[place] = at
		}
	}
	if len(d.compared)+len(c.compared) <= maxCompared {
		d.compared = append(d.compared, c.compared...)
	}
	return len(found)+len(filled)+len(remade)+len(c.compared) > 0
}

func (c *copies) makefile(text string) {
	c.set = variables.OfMakefile(c.withFolders(withIncluded(c.tree, c.name, text)))
	c.set["CURDIR"] = atText
	for _, m := range gitCommand.FindAllStringSubmatch(text, -1) {
		c.set[m[1]] = c.set.Expand(m[2], variables.Make)
	}
	c.starts = ruleStarts(text)
	dir := c.dir
	for _, l := range variables.OfRecipes(text) {
		c.dir, c.recipe = dir, recipeOf(c.starts, l.Number) // each line has a shell of its own
		c.line(strings.ReplaceAll(c.set.Expand(l.Text, variables.Make), "$$", "$"), l.Number)
	}
}

func (c *copies) script(text string) {
	for _, l := range variables.Lines(text) {
		line := strings.TrimSpace(l.Text)
		switch top, own := topVariable.FindStringSubmatch(line), ownVariable.FindStringSubmatch(line); {
		case top != nil:
			c.set[top[1]] = atTop
		case own != nil:
			c.set[own[1]] = atText + own[2] + own[3]
		case c.ownName(line), c.enterVariable(line), c.source(line):
		case strings.HasPrefix(line, "#") || c.assign(line) || c.took != nil && c.declare(line):
		default:
			c.line(ownCommand.ReplaceAllString(c.set.Expand(line, variables.Shell), atText), l.Number)
		}
	}
}

// assign reports whether a line of a script does no more than to set a variable to a literal.
func (c *copies) assign(line string) bool {
	isAssigned := c.set.Assign(c.set.Expand(line, variables.Shell))
	if name, _, ok := strings.Cut(line, "="); ok {
		if words := strings.Fields(name); len(words) > 0 && c.unsure[words[len(words)-1]] {
			delete(c.set, words[len(words)-1])
		}
	}
	return isAssigned
}

// ownName reports whether a line sets a variable to the path of the script, or to the folder of one that is known.
func (c *copies) ownName(line string) bool {
	if m := ownPath.FindStringSubmatch(line); m != nil {
		c.set[m[1]] = atText + "/" + path.Base(c.name)
		return true
	}
	if !strings.Contains(line, "dirname") {
		return false
	}
	m := folderOf.FindStringSubmatch(c.set.Expand(line, variables.Shell))
	if m != nil {
		c.set[m[1]] = path.Dir(m[2])
	}
	return m != nil
}

// line takes the commands of a line.
func (c *copies) line(text string, number int) {
	if c.each != nil {
		c.each(Line{c.set.ExpandDefaults(text), number, c})
	}
	if c.took != nil {
		text = joinsValues.ReplaceAllString(text, ",$1")
	}
	text = strings.ReplaceAll(text, `\;`, " ") // of find -exec
	for command := range strings.SplitSeq(between.Replace(text), "\n") {
		c.piped(command, number)
	}
}

// piped takes a command, with those to which it pipes what it writes.
func (c *copies) piped(command string, number int) {
	var piped [][]string
	for one := range strings.SplitSeq(command, "|") {
		words := strings.Fields(apart.Replace(strings.TrimLeft(one, "@-+({ \t")))
		for len(words) > 0 && slices.Contains([]string{"then", "do", "else", "sudo", "!"}, words[0]) {
			words = words[1:]
		}
		if piped = append(piped, words); len(words) > 1 {
			c.changes(words, number)
			c.redirects(piped, command, number)
		}
		if i := slices.Index(words, ">"); i >= 0 && words[0] != "curl" {
			words = words[:i]
		}
		if len(words) > 1 || len(words) == 1 && words[0] == "popd" {
			c.command(words, number)
		}
		if c.took != nil {
			c.took(words, number)
		}
	}
	c.generate(command, number)
	c.render(piped, number)
}

// changes notes the copied files that a command may change, which is one that names them.
func (c *copies) changes(words []string, line int) {
	if slices.Contains([]string{"cp", "mv", "rsync", "rm", "git"}, words[0]) {
		return
	}
	for i := range c.transfers {
		t := &c.transfers[i]
		if t.isChanged || recipeOf(c.starts, t.line) != recipeOf(c.starts, line) {
			continue
		}
		for _, w := range words[1:] {
			if strings.HasSuffix(w, path.Base(t.to)) && c.resolve(w) == t.to && isFile(c.tree, t.to) {
				t.isChanged = true
				break
			}
		}
	}
}

func (c *copies) command(words []string, line int) {
	var names []string
	isRecursive, deletes := false, false
	for _, w := range words[1:] {
		switch {
		case !strings.HasPrefix(w, "-"):
			names = append(names, c.resolve(strings.TrimRight(w, ")}")))
		case strings.HasPrefix(w, "--"):
			deletes = deletes || strings.HasPrefix(w, "--delete")
			isRecursive = isRecursive || w == "--recursive" || w == "--archive"
		default:
			isRecursive = isRecursive || strings.ContainsAny(w, "rRa")
		}
	}
	switch words[0] {
	case "cd", "pushd":
		if len(names) > 0 {
			c.enter(names[0], words[0] == "pushd")
		}
	case "popd":
		c.leave()
	case "rm":
		c.removed = append(c.removed, names...)
		if isRecursive {
			c.empty(names)
		}
	case "mkdir":
		c.remake(names)
	case "cp", "mv", "rsync":
		if n := len(names) - 1; n > 0 && len(c.transfers) < maxTransfers {
			c.transfers = append(c.transfers, transfer{line: line, from: names[:n], to: names[n], isRecursive: isRecursive || words[0] == "mv"})
			if deletes {
				c.removed = append(c.removed, names[n])
			}
		}
	default:
		c.fetch(words, line)
	}
}

// enter goes to a place.
func (c *copies) enter(place string, comesBack bool) {
	if comesBack {
		c.left = append(c.left, c.dir)
	}
	c.dir = place
}

// leave goes back to the place that the last pushd left.
func (c *copies) leave() {
	c.dir = unknown
	if n := len(c.left) - 1; n >= 0 {
		c.dir, c.left = c.left[n], c.left[:n]
	}
}

// unknown begins the places that are not known.
const unknown = "$"

// resolve is the place that a command calls by a name.
func (c *copies) resolve(name string) string {
	name = bracedVariable.ReplaceAllString(name, "$$$1")
	dir := c.dir
	if rest, ok := strings.CutPrefix(name, atTop); ok {
		dir, name = ".", strings.TrimPrefix(rest, "/")
	} else if rest, ok := strings.CutPrefix(name, atText); ok {
		dir, name = path.Dir(c.name), strings.TrimPrefix(rest, "/")
	}
	switch {
	case strings.HasPrefix(name, unknown), path.IsAbs(name), strings.HasPrefix(name, "~"):
		return path.Clean(name)
	case strings.ContainsAny(name, "$`"):
		return unknown
	}
	return path.Join(dir, name)
}

var bracedVariable = regexp.MustCompile(`\$\{(\w+)\}`)

// isKnown reports whether a place is in the tree.
func isKnown(place string) bool {
	return !strings.HasPrefix(place, unknown) && !strings.HasPrefix(place, "~") && !path.IsAbs(place) && place != ".." && !strings.HasPrefix(place, "../")
}

// fetch notes the folder into which a command brings another project, and what commands of git do.
func (c *copies) fetch(words []string, line int) {
	if words[0] == "git" {
		c.restore(words)
		c.clone(words, line)
		c.remote(words)
		if len(words) > 2 && words[1] == "diff" {
			c.compare(words, line)
		}
		return
	}
	if !slices.Contains([]string{"curl", "wget", "tar", "unzip", "helm"}, words[0]) {
		return
	}
	for i, w := range words[:len(words)-1] {
		if slices.Contains([]string{"-o", "-O", "-C", "-d", "--output", "--directory", "--untardir", "--destination", ">"}, w) {
			c.foreign = append(c.foreign, c.resolve(words[i+1]))
		}
	}
	if into, name := pullOf(words); name != "" {
		into = c.resolve(into)
		c.replace(into, line)
		c.replace(path.Join(into, name), line)
	}
}

// replace notes that a command fetches another project into a folder, if that was removed before.
func (c *copies) replace(to string, line int) {
	if to == "." || !isKnown(to) || len(c.fetched) >= maxTransfers || !c.tree.Exists(to) || !slices.ContainsFunc(c.removed, func(r string) bool { return covers(r, to) }) {
		return
	}
	at := lint.Position{File: c.tree.Display(c.name), Line: line}
	c.fetched = append(c.fetched, fill{Position: at, to: to, from: unknown, isOutside: true, isForeign: true, isRecursive: true})
}

// clone notes the folder into which git clones a repository.
func (c *copies) clone(words []string, line int) {
	i := slices.Index(words, "clone")
	if i < 0 || i == len(words)-1 {
		return
	}
	to := words[len(words)-1]
	if strings.Contains(to, ":") || strings.HasSuffix(to, ".git") || strings.HasPrefix(words[len(words)-2], "-") || i == len(words)-2 { // the address
		to = strings.TrimSuffix(path.Base(to), ".git")
	}
	of := *c
	if at := slices.Index(words[:i], "-C"); at >= 0 && at+1 < i {
		of.dir = c.resolve(words[at+1])
	}
	place := of.resolve(to)
	c.foreign = append(c.foreign, place)
	c.replace(place, line)
}

// remote notes the folder to whose repository git adds another one, from which it fetches: git -C DIR remote add NAME ADDRESS.
func (c *copies) remote(words []string) {
	if len(words) < 7 || words[1] != "-C" || words[3] != "remote" || words[4] != "add" {
		return
	}
	if place := c.resolve(words[2]); !isKnown(place) || !c.tree.Exists(place) {
		c.foreign = append(c.foreign, place)
	}
}

// fills are the commands that copy files into what is emptied, or fetch another project there.
func (c *copies) fills() (l []fill) {
	l = c.fetched
	for _, t := range c.transfers {
		if t.to == "." || !isKnown(t.to) || !c.tree.Exists(t.to) || !slices.ContainsFunc(c.removed, func(r string) bool { return empties(r, t.to) }) {
			continue
		}
		for _, from := range t.from {
			one := fill{Position: lint.Position{File: c.tree.Display(c.name), Line: t.line}, to: t.to, from: from, isRecursive: t.isRecursive}
			one.isForeign = slices.ContainsFunc(c.foreign, func(place string) bool { return place != "." && covers(place, from) })
			one.isOutside = one.isForeign || !isKnown(from) || !c.tree.Exists(withoutPattern(from))
			isWanted := one.isForeign || isKnown(from)
			one.isForeign = one.isForeign && !t.isChanged
			if isWanted && !covers(t.to, from) && !c.comesBack(t.to, from) {
				l = append(l, one)
			}
		}
	}
	return l
}

// comesBack reports whether what is copied from a place to another was saved there before.
func (c *copies) comesBack(to, from string) bool {
	return slices.ContainsFunc(c.transfers, func(t transfer) bool {
		return covers(t.to, withoutPattern(from)) && slices.ContainsFunc(t.from, func(saved string) bool { return covers(to, withoutPattern(saved)) })
	})
}

// empties reports whether a command that removes a place empties a folder, or removes a file.
func empties(removed, place string) bool {
	return covers(removed, place) || withoutPattern(removed) == place
}

// covers reports whether a place is another, or in it.
func covers(outer, place string) bool { return place == outer || strings.HasPrefix(place, outer+"/") }

// withoutPattern is the folder in which a pattern finds files.
func withoutPattern(place string) string {
	for strings.ContainsAny(place, "*?[{") {
		place = path.Dir(place)
	}
	return place
}
