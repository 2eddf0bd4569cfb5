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

// makeRule is a rule of a Makefile whose targets are manifests.
type makeRule struct {
	at       int // its line
	targets  []makeTarget
	commands strings.Builder
}

// makeTarget is a manifest that a rule makes: its name in the tree, and those of the files among what it is made from, the first one first.
type makeTarget struct {
	name string
	from []string
}

// rules takes the rules of a Makefile whose targets are manifests and whose recipe makes them.
func (s *instructions) rules(text string) {
	set := variables.OfMakefile(withIncluded(s.tree, s.name, text))
	var r makeRule
	n := 0
	end := func() {
		s.recipe(r.targets, r.commands.String(), r.at)
		r = makeRule{}
	}
	for line := range strings.Lines(text) {
		n++
		switch command, isRecipe := strings.CutPrefix(line, "\t"); {
		case isRecipe:
			if len(r.targets) > 0 {
				r.commands.WriteString(command)
			}
		case strings.TrimSpace(line) != "" && line[0] != '#':
			end()
			if m := rule.FindStringSubmatch(set.Expand(strings.TrimRight(line, "\r\n"), variables.Make)); m != nil && !setsVariable.MatchString(m[2]) {
				r.targets, r.at = s.manifests(m[1], m[2]), n
			}
		}
	}
	end()
}

// takesFirst matches what names the first prerequisite of a rule in its recipe, and takesAll what names all.
var (
	takesFirst = regexp.MustCompile(`\$(?:<|[({]<[FD]?[)}])`)
	takesAll   = regexp.MustCompile(`\$(?:[\^+]|[({][\^+][FD]?[)}])`)
)

// recipe takes the commands of a rule, whose targets at a line are manifests.
func (s *instructions) recipe(targets []makeTarget, commands string, at int) {
	if len(targets) == 0 || !generates.MatchString(commands) && !runsProgram.MatchString(commands) || editsInPlace.MatchString(commands) {
		return
	}
	w := writer{Position: lint.Position{File: s.tree.Display(s.name), Line: at}}
	isOne := len(toTarget.FindAllStringIndex(commands, 2)) == 1
	if w.overlay, w.source = s.overlayOf(commands); w.source == "" && len(targets) == 1 && isOne {
		w.from(s, commands)
	}
	for _, target := range targets {
		of := w
		if takes := takesFirst.MatchString(commands) || len(target.from) == 1 && takesAll.MatchString(commands); takes && isOne && of.source == "" && len(of.bases) == 0 && len(target.from) > 0 {
			of.source = s.tree.Display(target.from[0])
			of.bases = s.manifestsIn(target.from[1:])
		}
		s.targets[target.name] = of
	}
}

// manifestsIn are the manifests among some files, as reports call them.
func (s *instructions) manifestsIn(files []string) (l []string) {
	for _, name := range files {
		if discover.HasManifestName(name) && !isValues(name) {
			l = append(l, s.tree.Display(name))
		}
	}
	return l
}

// maxMatches is how many files in a folder are taken for the targets of one rule with a pattern.
const maxMatches = 200

// manifests are the targets of a rule that are files with the names of manifests, with the files of its prerequisites. Make runs in the
// folder of the Makefile, or above that of one it includes.
func (s *instructions) manifests(targets, prerequisites string) (l []makeTarget) {
	s.dir = ""
	pattern := ""
	if of, from, isStatic := strings.Cut(prerequisites, ":"); isStatic {
		pattern, prerequisites = strings.TrimSpace(of), from
	}
	prerequisites, _, _ = strings.Cut(prerequisites, "|") // what follows is only to be there
	for target := range strings.FieldsSeq(targets) {
		of := target
		if pattern != "" {
			of = pattern
		}
		for _, name := range s.matching(target) {
			from, ok := s.prerequisites(prerequisites, stemOf(name, of), strings.Contains(target, "%"))
			if ok && !slices.Contains(from, name) { // else the target is in another folder
				l = append(l, makeTarget{name, from})
			}
		}
	}
	return l
}

// matching are the manifests that the target of a rule is, or whose names fit its pattern.
func (s *instructions) matching(target string) (l []string) {
	if !discover.HasManifestName(target) || isValues(target) {
		return nil
	}
	dir, base := path.Split(target)
	if !strings.Contains(base, "%") {
		if name, ok := s.fileOf(target); ok {
			l = append(l, name)
		}
		return l
	}
	folder, ok := s.fileOf(path.Clean(dir))
	if dir == "" || !ok {
		return nil
	}
	before, after, _ := strings.Cut(base, "%")
	entries, _ := s.tree.ReadDir(folder) // what cannot be listed has none
	for _, e := range entries {
		name := e.Name()
		if isMatch := len(name) > len(before)+len(after) && strings.HasPrefix(name, before) && strings.HasSuffix(name, after); isMatch && e.Type().IsRegular() && len(l) < maxMatches {
			l = append(l, path.Join(folder, name))
		}
	}
	return l
}

// stemOf is what stands for % in the name of a file that fits the pattern of a rule.
func stemOf(name, pattern string) string {
	before, after, ok := strings.Cut(path.Base(pattern), "%")
	stem := path.Base(name)
	if !ok || !strings.HasPrefix(stem, before) || !strings.HasSuffix(stem, after) || len(stem) < len(before)+len(after) {
		return ""
	}
	return stem[len(before) : len(stem)-len(after)]
}

// prerequisites are the files of the tree among those of a rule. ok is false if a target that fits a pattern has none with its stem: then
// another rule makes it, or none.
func (s *instructions) prerequisites(text, stem string, isPattern bool) (l []string, ok bool) {
	for word := range strings.FieldsSeq(text) {
		hasStem := strings.Contains(word, "%")
		name, found := s.fileOf(strings.ReplaceAll(word, "%", stem))
		if isThere := found && isFile(s.tree, name); isThere && (stem != "" || !hasStem) {
			l = append(l, name)
			ok = ok || hasStem
		}
	}
	return l, ok || !isPattern
}

// ofTop matches the variable that holds the folder of a project, before a path in it.
var ofTop = regexp.MustCompile(`^\$[({](?i:(?:\w+_)?(?:home|root|top|repo|curdir|pwd|(?:top|root|repo|project|base|src|source|makefile|mkfile)_?dir))[)}]/`)

// fileOf is the name in the tree of what a Makefile names, perhaps from the folder of the project.
func (s *instructions) fileOf(word string) (name string, ok bool) {
	return s.find(ofTop.ReplaceAllString(word, ""))
}

// includes matches a line of a Makefile that includes another one, and sources one of a shell script that runs another one.
var (
	includes = regexp.MustCompile(`(?m)^[-s]?include[ \t]+([^\s#]+)[ \t\r]*$`)
	sources  = regexp.MustCompile(`^(?:source|\.)\s+["']?([^\s"';&|]+)["']?\s*$`)
)

// maxIncluded is how many files are read for the variables of a text, and maxIncludedText how long one may be.
const (
	maxIncluded     = 8
	maxIncludedText = 64 << 10
)

// withIncluded is a Makefile after those that it includes, for its variables.
func withIncluded(t *tree.Tree, name, text string) string {
	var all strings.Builder
	for i, m := range includes.FindAllStringSubmatch(text, maxIncluded) {
		word := ofTop.ReplaceAllString(m[1], "")
		for _, dir := range []string{path.Dir(name), "."} {
			place := path.Join(dir, word)
			if strings.Contains(word, "$") || !isKnown(place) || place == name || i == maxIncluded || !isFile(t, place) {
				continue
			}
			if other, err := t.ReadFile(place); err == nil && len(other) <= maxIncludedText {
				all.Write(other)
				all.WriteByte('\n')
			}
			break
		}
	}
	if all.Len() == 0 {
		return text
	}
	return strings.ReplaceAll(all.String(), "\r\n", "\n") + text
}

// source takes the variables that a script sets which a line runs. It reports whether the line does no more.
func (c *copies) source(line string) bool {
	m := sources.FindStringSubmatch(line)
	if m == nil {
		return false
	}
	place := c.resolve(c.set.Expand(ownCommand.ReplaceAllString(m[1], atText), variables.Shell))
	if c.included++; c.included > maxIncluded || !isKnown(place) || !isFile(c.tree, place) {
		return true
	}
	if text, err := c.tree.ReadFile(place); err == nil && len(text) <= maxIncludedText {
		for _, l := range variables.Lines(string(text)) {
			c.assign(strings.TrimSpace(l.Text))
		}
	}
	return true
}

// setsText matches a line of a Makefile that sets a variable to a text.
var setsText = regexp.MustCompile(`^([A-Za-z_]\w*)\s*[:?]?=\s*([^\s$#]+)\s*$`)

// ImageVariable is the line of a Makefile that sets a variable to an image, and its name, if another line of the recipe that has a line sets
// an image to the variable. Each is empty if there is none, or several.
func ImageVariable(t *tree.Tree, makefile string, line int, image string) (at lint.Position, name string) {
	data, err := t.ReadFile(makefile)
	if err != nil || len(data) > maxText || !isMakefile(makefile) {
		return at, ""
	}
	text := string(data)
	n := 0
	for row := range strings.Lines(text) {
		n++
		if m := setsText.FindStringSubmatch(row); m != nil && m[2] == image {
			if name != "" {
				return lint.Position{}, ""
			}
			at, name = lint.Position{File: t.Display(makefile), Line: n}, m[1]
		}
	}
	if name == "" {
		return at, ""
	}
	starts := ruleStarts(text)
	setsImage := regexp.MustCompile(`(?:\bimage ?[=:] ?|\bset image [\w./:-]+=)["'\\]*\$[({]` + name + `[)}]`)
	for _, l := range variables.OfRecipes(text) {
		if recipeOf(starts, l.Number) == recipeOf(starts, line) && setsImage.MatchString(l.Text) {
			return at, name
		}
	}
	return lint.Position{}, ""
}
