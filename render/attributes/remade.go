package attributes

import (
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// output is a command that writes a file of the tree, with those that pipe to it.
type output struct {
	place string
	// dir is where it runs.
	dir  string
	line int
	// commands are the words of each of them.
	commands [][]string
	// adds is set if it writes behind what is there, and isEmptied if its recipe, or script, has emptied the folder before.
	adds, isEmptied bool
}

// redirects takes the words of a command which writes to files, after those that pipe to it.
func (c *copies) redirects(commands [][]string, text string, line int) {
	words := commands[len(commands)-1]
	i := slices.IndexFunc(words, func(w string) bool { return w == ">" || w == "tee" })
	if i < 0 || i == len(words)-1 || len(c.outputs) >= maxTransfers {
		return
	}
	adds := strings.Contains(text, ">>")
	to := words[i+1]
	if words[i] == "tee" && (to == "-a" || to == "--append") && i+2 < len(words) {
		to, adds = words[i+2], true
	}
	commands = append(slices.Clone(commands[:len(commands)-1]), words[:i])
	place := c.resolve(strings.TrimRight(to, ")}"))
	if isManifest := discover.HasManifestName(place) || path.Ext(place) == ".tpl"; isKnown(place) && isManifest && !isValues(place) && isFile(c.tree, place) {
		c.outputs = append(c.outputs, output{place, c.dir, line, commands, adds, c.isEmptied(place)})
	}
}

// isEmptied reports whether commands of the same recipe, or script, have emptied a folder with a file so far.
func (c *copies) isEmptied(place string) bool {
	return slices.ContainsFunc(c.emptied, func(e emptied) bool { return e.recipe == c.recipe && e.place != place && covers(e.place, place) })
}

// isFile reports whether a tree has a file of a name: no folder, and nothing else.
func isFile(t *tree.Tree, name string) bool {
	info, err := t.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// remade are the files that a text writes anew each time, from other files of the tree, or of those that it makes in a folder which it empties: it
// removes them first, or writes over what is there.
func (c *copies) remade(d *downloads) map[string]writer {
	l := map[string]writer{}
	isKept := map[string]bool{} // what was in the file, or in another one of its name
	isBegun := map[string]bool{}
	for _, o := range c.outputs {
		w, isKnown := l[o.place]
		from, isMade := c.sources(o, d)
		isBegun[o.place] = isBegun[o.place] || o.begins()
		isAdded := !isKnown && o.adds && !isBegun[o.place] && !slices.ContainsFunc(c.removed, func(r string) bool { return covers(r, o.place) })
		isKept[o.place] = isKept[o.place] || isAdded || slices.Contains(from, c.tree.Display(o.place))
		if isMade || !isKnown && o.isEmptied && o.copies() {
			w.Position = lint.Position{File: c.tree.Display(c.name), Line: o.line}
			w.add(from)
			w.overlay = c.overlayOf(o.commands[0], o.dir)
			l[o.place] = w
		}
	}
	for place, w := range l {
		if isKept[place] {
			delete(l, place)
			continue
		}
		w.single()
		l[place] = w
	}
	return l
}

// add notes files from which a file is made.
func (w *writer) add(from []string) {
	for _, name := range from {
		if !slices.Contains(w.bases, name) && len(w.bases) < maxBases {
			w.bases = append(w.bases, name)
		}
	}
}

// single makes the only file from which a file is made its source. Of several, the manifests and charts count.
func (w *writer) single() {
	if len(w.bases) == 1 {
		w.source, w.bases = w.bases[0], nil
		return
	}
	w.overlay = ""
	w.bases = slices.DeleteFunc(w.bases, func(name string) bool { return path.Base(name) != chartFile && !discover.HasManifestName(name) })
}

// maxBases is how many files are kept from which a file is made.
const maxBases = 16

// copying are the commands that write what they read from files, perhaps changed.
var copying = []string{"cat", "sed", "gsed", "m4", "awk", "envsubst", "yq", "jq", "gomplate", "jinja2", "j2", "ytt"}

// copies reports whether a command only writes what it reads, perhaps changed.
func (o output) copies() bool {
	first := o.commands[0]
	return len(first) > 1 && slices.Contains(copying, path.Base(first[0]))
}

// begins reports whether a command makes a file anew with a line that it prints: a heading.
func (o output) begins() bool {
	first := o.commands[0]
	return !o.adds && len(first) > 1 && (first[0] == "echo" || first[0] == "printf")
}

// overlayOf is the folder of the overlay that a command builds which runs in a folder. It is empty if there is none, or if it is not known which.
func (c *copies) overlayOf(words []string, dir string) string {
	named := builtFolder(strings.Join(words, " "))
	if named == "" {
		return ""
	}
	at := *c
	at.dir = dir
	place := at.resolve(named)
	if _, ok := kustomize.File(c.tree, place); !ok || !isKnown(place) {
		return ""
	}
	return place
}

// sources are the files, as reports call them, from which commands write another: those that they read, and the charts and overlays of which
// programs of the tree write what they make. ok is false if no file of the tree has a part in it.
func (c *copies) sources(o output, d *downloads) (l []string, ok bool) {
	at := *c
	at.dir = o.dir
	for _, words := range o.commands {
		for len(words) > 0 && slices.Contains([]string{"bash", "sh", "python", "python3", "go", "run", "exec"}, words[0]) {
			words = words[1:]
		}
		if len(words) == 0 {
			continue
		}
		if program := at.resolve(words[0]); strings.Contains(words[0], "/") && isKnown(program) && isFile(c.tree, program) {
			l, ok = append(l, d.makes(program)...), true
			continue
		}
		if overlay := c.overlayOf(words, o.dir); overlay != "" {
			name, _ := kustomize.File(c.tree, overlay)
			l, ok = append(l, c.tree.Display(name)), true
			continue
		}
		if !slices.Contains(copying, path.Base(words[0])) {
			continue
		}
		for _, w := range words[1:] {
			name := at.resolve(strings.TrimPrefix(w, "<"))
			if w != "<" && !strings.HasPrefix(w, "-") && isKnown(name) && isFile(c.tree, name) {
				l, ok = append(l, c.tree.Display(name)), true
			}
		}
	}
	return l, ok
}

// makes is the chart or overlay, as reports call it, of which a shell script writes what it makes. It is nil if there is none, or if it is not
// known which.
func (d *downloads) makes(script string) []string {
	l, known := d.madeBy[script]
	if !known {
		l = d.readMakes(script)
		d.madeBy[script] = l
	}
	return l
}

func (d *downloads) readMakes(script string) []string {
	text, err := d.tree.ReadFile(script)
	if err != nil || len(text) > maxText || !isShell(script) {
		return nil
	}
	var commands strings.Builder
	for line := range strings.Lines(string(text)) {
		if first := strings.TrimLeft(line, " \t"); !strings.HasPrefix(first, "#") && !strings.HasPrefix(first, "echo ") {
			commands.WriteString(line)
		}
	}
	s := instructions{downloads: d, name: script, isShell: true}
	if _, source := s.overlayOf(commands.String()); source != "" {
		return []string{source}
	}
	if dir, _, _ := s.chartOf(commands.String()); dir != "" {
		return []string{d.tree.Display(path.Join(dir, chartFile))}
	}
	return nil
}
