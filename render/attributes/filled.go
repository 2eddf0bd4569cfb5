package attributes

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/variables"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/tree"
)

// Filled is the line of a Makefile or a shell script which has a generator write into a folder that the same commands empty before:
// what is edited in a file of the folder is lost, or in one that they copy or move out of it. isBuilt is set if that builds overlays into the
// folder. It is empty if there is none.
func (f *Files) Filled(t *tree.Tree, name string) (at lint.Position, isBuilt bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.downloadsOf(t)
	if len(d.filled) == 0 {
		return at, false
	}
	if of, ok := d.filled[name]; ok {
		return of.Position, of.isBuilt
	}
	for dir := range discover.Above(name) {
		if of, ok := d.filled[dir]; ok {
			return of.Position, of.isBuilt
		}
	}
	return at, false
}

// filler is a line that has a generator write into a folder. isBuilt is set if that builds overlays.
type filler struct {
	lint.Position
	isBuilt bool
	// source is the Chart.yaml of the chart that Helm renders to a file from which the folder is filled, as reports call it. It is empty if there is none.
	source string
}

// emptied is a folder that commands remove with all that is in it.
type emptied struct {
	place string
	// recipe is the rule of the Makefile, counted by its line: other rules may never run. isMade is set if a later command of it makes
	// the folder again, and by is the line that has a generator write into it.
	recipe, by int
	isMade     bool
	// isBuilt is set if that generator builds overlays.
	isBuilt bool
	// chart is the folder of the chart that Helm renders to a file which the generator reads. It is empty if there is none.
	chart string
}

var (
	// runsGenerator matches a program that may write files and that is not of those that generates matches: also any that is given a folder for what
	// it writes.
	runsGenerator = regexp.MustCompile(`\b(?:docker|podman) run\b|\bgo run\b|\bkubectl[ -]slice\b|\s--output-dir\b`)
	// otherFolder matches a variable that a script sets to a folder by its other name.
	otherFolder = regexp.MustCompile(`^(?:export\s+|readonly\s+|local\s+)?([A-Za-z_]\w*)=["']?\$\(\s*cd (?:-P |-- )*["']?(@(?:text|top)(?:/[\w./-]+)?|[\w.-][\w./-]*)["']?\s*(?:[12&]?>\s*/dev/null\s*)?(?:2>&1\s*)?&&\s*pwd(?: -P)?\s*\)["']?$`)
	// buildsOverlays matches a command that writes what overlays are built to.
	buildsOverlays = regexp.MustCompile(`\bskaffold render\b|` + buildsOverlay.String())
	// startsRule matches a line of a Makefile that is in no recipe and not a comment.
	startsRule = regexp.MustCompile(`^[^\s#]`)
)

func mayGenerate(text []byte) bool { return generates.Match(text) || runsGenerator.Match(text) }

// ruleStarts are the numbers of the lines at which rules of a Makefile may begin.
func ruleStarts(text string) (l []int) {
	n := 0
	for line := range strings.Lines(text) {
		if n++; startsRule.MatchString(line) {
			l = append(l, n)
		}
	}
	return l
}

// recipeOf is the line of the rule that a line belongs to.
func recipeOf(starts []int, line int) int {
	i, _ := slices.BinarySearch(starts, line+1)
	if i == 0 {
		return 0
	}
	return starts[i-1]
}

// enterVariable reports whether a line sets a variable to a folder by its other name: DIR=$(cd "$OTHER" && pwd).
func (c *copies) enterVariable(line string) bool {
	if !strings.Contains(line, "pwd") {
		return false
	}
	m := otherFolder.FindStringSubmatch(c.set.Expand(line, variables.Shell))
	if m == nil {
		return false
	}
	place := c.resolve(m[2])
	if c.set[m[1]] = unknown; isKnown(place) {
		c.set[m[1]] = atTop + "/" + place
	}
	return true
}

// empty notes what rm -r removes.
func (c *copies) empty(names []string) {
	for _, name := range names {
		name = strings.TrimSuffix(name, "/*")
		if isKnown(name) && name != "." && !strings.ContainsAny(name, "*?[{") && len(c.emptied) < maxTransfers && c.tree.Exists(name) {
			c.emptied = append(c.emptied, emptied{place: name, recipe: c.recipe})
		}
	}
}

// remake notes what mkdir makes.
func (c *copies) remake(names []string) {
	for i := range c.emptied {
		e := &c.emptied[i]
		e.isMade = e.isMade || e.recipe == c.recipe && slices.ContainsFunc(names, func(name string) bool { return covers(e.place, name) })
	}
}

// restore takes a command of git, which may bring back what was removed.
func (c *copies) restore(words []string) {
	if len(words) < 2 || words[1] != "checkout" && words[1] != "restore" {
		return
	}
	for _, w := range words[2:] {
		place := withoutPattern(c.resolve(w))
		c.emptied = slices.DeleteFunc(c.emptied, func(e emptied) bool { return covers(e.place, place) || covers(place, e.place) })
	}
}

// generate takes a command, with those to which it pipes what it writes.
func (c *copies) generate(text string, line int) {
	if len(c.emptied) == 0 || !generates.MatchString(text) && !runsGenerator.MatchString(text) || editsInPlace.MatchString(text) {
		return
	}
	isBuilt := buildsOverlays.MatchString(text)
	inContainer := strings.Contains(text, "docker run") || strings.Contains(text, "podman run")
	words := strings.Fields(apart.Replace(strings.ReplaceAll(strings.ReplaceAll(text, "|", " | "), "--output-dir=", "--output-dir ")))
	for i, w := range words {
		if i == 0 {
			continue
		}
		option := words[i-1]
		isFolder := option == "--output-dir" || (option == "-m" || option == "--multi") && slices.Contains(words[:i], "jsonnet")
		isOutput := isFolder || option == ">" || option == "-o" || option == "--output"
		place := c.resolve(withoutVariableName(w))
		c.fill(line, isFolder, func(e *emptied) bool {
			writesHere := isOutput && covers(e.place, place) || isFolder && path.Dir(e.place) == place || inContainer && isMounted(w, e.place)
			if writesHere {
				e.isBuilt, e.chart = e.isBuilt || isBuilt, c.storedIn(words)
			}
			return writesHere
		})
	}
}

// withoutVariableName is a path without its last part if only that has variables: a loop writes several files into one folder.
func withoutVariableName(word string) string {
	if dir, base := path.Split(word); strings.Contains(base, "$") && dir != "" && !strings.Contains(dir, "$") {
		return dir
	}
	return word
}

// fill notes the line that has a generator write into the folders that it writes to: makesFolder is set if it makes them.
func (c *copies) fill(line int, makesFolder bool, writesTo func(*emptied) bool) {
	for i := range c.emptied {
		e := &c.emptied[i]
		if e.by == 0 && e.recipe == c.recipe && (makesFolder || e.isMade) && writesTo(e) {
			e.by = line
		}
	}
}

// isMounted reports whether a word of a command that runs a container has a place of the tree in the path of a file or a mount.
func isMounted(word, place string) bool {
	return strings.Contains(word+"/", "/"+place+"/") || strings.Contains(word, "/"+place+":")
}

// filled are the folders that generators fill, by the line that has one do so, without those into which what was saved comes back.
func (c *copies) filled() map[string]filler {
	l := map[string]filler{}
	for _, e := range c.emptied {
		isSaved := slices.ContainsFunc(c.transfers, func(t transfer) bool {
			return covers(e.place, t.to) && slices.ContainsFunc(t.from, func(from string) bool { return c.comesBack(e.place, from) })
		})
		if _, known := l[e.place]; e.by > 0 && !known && !isSaved {
			l[e.place] = filler{Position: lint.Position{File: c.tree.Display(c.name), Line: e.by}, isBuilt: e.isBuilt, source: c.chartFile(e.chart)}
			c.takeOut(e, l)
		}
	}
	return l
}

// takeOut adds the files that commands copy or move out of a folder which a generator fills, after it has.
func (c *copies) takeOut(e emptied, l map[string]filler) {
	for _, t := range c.transfers {
		if t.line <= e.by || !isKnown(t.to) || recipeOf(c.starts, t.line) != e.recipe {
			continue
		}
		for _, from := range t.from {
			if from == e.place || !covers(e.place, from) {
				continue
			}
			to := t.to
			if !isFile(c.tree, to) {
				to = path.Join(to, path.Base(from))
			}
			if _, known := l[to]; !known && isFile(c.tree, to) {
				l[to] = filler{Position: lint.Position{File: c.tree.Display(c.name), Line: t.line}}
			}
		}
	}
}
