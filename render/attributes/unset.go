package attributes

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint/variables"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/tree"
)

var (
	// anyAssignment matches where a Makefile, or a shell in it, sets a variable to anything: for a target, or in a loop, too.
	anyAssignment = regexp.MustCompile(`(?m)(?:^|[\s:;("'])(?:([A-Za-z_]\w*)[ \t]*[:?+!]*=|(?:define|foreach|for|read)[ \t]+([A-Za-z_]\w*))`)
	// pathOf matches the path that a Makefile gives by a variable, as far as it is known, and pathsOfWork a variable for a folder that it removes or
	// makes as a whole.
	pathOf      = regexp.MustCompile(`\$[({]([A-Za-z_]\w*)[)}]/([\w.@-][\w./@-]*)`)
	pathsOfWork = regexp.MustCompile(`\b(?:rm|mkdir)\b[^\n;&|]*?\$[({]([A-Za-z_]\w*)[)}]/?\*?["']?(?:[\s;&|]|$)`)
	// comment matches a line of a Makefile that is one, in a recipe too.
	comment = regexp.MustCompile(`(?m)^[ \t@]*#.*$`)
)

const (
	// maxUnset is how many variables of a Makefile are looked at, and how many paths that it gives by each.
	maxUnset, maxUnsetPaths = 16, 64
	// maxPlaces is how many files and folders with one name are looked at.
	maxPlaces = 16
)

// withFolders is a Makefile, for its variables, with those for folders of the tree that a file sets which the tree does not have: a submodule with
// common rules is often not checked out. Such a variable stands for the only folder that has all which the Makefile gives by it.
func (c *copies) withFolders(text string) string {
	if c.placesOf == nil || !misses(c.tree, c.name, text) {
		return text
	}
	code := comment.ReplaceAllString(text, "")
	var set strings.Builder
	for name, paths := range unsetPaths(code) {
		switch dir, ok := c.onlyFolder(paths); {
		case ok && dir == ".":
			set.WriteString("\n" + name + " := " + atTop)
		case ok:
			set.WriteString("\n" + name + " := " + atTop + "/" + dir)
		}
	}
	return text + set.String()
}

// misses reports whether a Makefile includes a file that the tree does not have.
func misses(t *tree.Tree, name, text string) bool {
	return slices.ContainsFunc(includes.FindAllStringSubmatch(text, maxIncluded), func(m []string) bool {
		word := ofTop.ReplaceAllString(m[1], "")
		return !strings.ContainsAny(word, "$*?[") && !t.Exists(path.Join(path.Dir(name), word)) && !t.Exists(path.Clean(word))
	})
}

// unsetPaths are the paths that a Makefile gives by variables which it does not set, as far as they are known. What it removes or makes as a whole is
// a folder for its work: what is there may only have the names of what is in the tree.
func unsetPaths(code string) map[string][]string {
	isSet := map[string]bool{}
	for _, m := range slices.Concat(anyAssignment.FindAllStringSubmatch(code, -1), pathsOfWork.FindAllStringSubmatch(code, -1)) {
		isSet[m[1]], isSet[m[len(m)-1]] = true, true
	}
	paths := map[string][]string{}
	for _, m := range pathOf.FindAllStringSubmatch(variables.OfMakefile(code).Expand(code, variables.Make), -1) {
		name, at := m[1], path.Clean(m[2])
		switch l, known := paths[name]; {
		case isSet[name] || !known && len(paths) == maxUnset || slices.Contains(l, at):
		case len(l) == maxUnsetPaths:
			isSet[name] = true
			delete(paths, name)
		default:
			paths[name] = append(l, at)
		}
	}
	return paths
}

// onlyFolder is the only folder of the tree that has all of some paths, of which one must have two parts. ok is false if there is none, or if there are
// several.
func (c *copies) onlyFolder(paths []string) (only string, ok bool) {
	i := slices.IndexFunc(paths, func(p string) bool { return strings.Contains(p, "/") })
	if i < 0 {
		return "", false
	}
	for _, place := range c.placesOf(path.Base(paths[i])) {
		dir, fits := strings.CutSuffix("./"+place, "/"+paths[i])
		dir = path.Clean(dir)
		if !fits || slices.ContainsFunc(paths, func(p string) bool { return strings.HasPrefix(p, "../") || !c.tree.Exists(path.Join(dir, p)) }) {
			continue
		}
		if ok {
			return "", false
		}
		only, ok = dir, true
	}
	return only, ok
}

// placesOf are the files and folders of the tree with a name. There are none if it has too many.
func (d *downloads) placesOf(base string) []string {
	if d.places == nil {
		d.places = map[string][]string{}
		known := map[string]bool{".": true}
		for _, name := range discover.FilesEnding(d.tree, "") {
			for at := name; !known[at]; at = path.Dir(at) {
				known[at] = true
				d.places[path.Base(at)] = append(d.places[path.Base(at)], at)
			}
		}
	}
	if l := d.places[base]; len(l) <= maxPlaces {
		return l
	}
	return nil
}
