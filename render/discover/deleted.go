package discover

import (
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/render/tree"
)

// deletions are the manifests that scripts delete and nothing applies: the only name of such a manifest in its tree is in kubectl delete -f.
type deletions struct {
	*Found
	trees map[*tree.Tree]*deleted
}

// deleted is what the programs of a tree delete.
type deleted struct {
	// by are the programs with commands that delete files, by the last two parts of the paths of these.
	by map[string]string
	// files are the names of these files without their endings, folders the last two parts of the paths of their folders, and ends the last ones. The
	// value is set if other text has it: of ends, before a file that is not known.
	files, folders, ends map[string]bool
	// bases are the names of the files.
	bases map[string]bool
	// applies is set if a program applies another manifest, and isOpen if one may apply any of them.
	applies, isOpen bool
}

var (
	// deletes matches a command that deletes objects, to its end.
	deletes = regexp.MustCompile("\\b(?:kubectl|oc)(?:\\s+--?[\\w-]+(?:[= ][^\\s-]\\S*)?)*?\\s+delete\\s[^|;&#`\\n]*")
	// filenames matches the option that names a file, and its path.
	filenames = regexp.MustCompile(`(?:-f|--filename)[ =](\S+)`)
	// appliesFile matches a command that applies a file which it names, and appliesFound one that applies what another command lists, or all files below a folder.
	appliesFile  = regexp.MustCompile(`\b(?:kubectl|oc)\b[^|;&\n]*\b(?:apply|create|replace)\b[^|;&\n]*[\w-]\.(?:yaml|yml|json)\b`)
	appliesFound = regexp.MustCompile(`(?:\bxargs\b|-exec\b)[^|;&\n]*\b(?:apply|create|replace)\b|\b(?:kubectl|oc)\b[^|;&\n]*\b(?:apply|create|replace)\b[^|;&\n]* (?:-R|--recursive)\b`)
)

// why says which program deletes the objects in a manifest. It is empty if something may apply the manifest, or if the programs of the
// tree apply no other: then a person may apply all of them.
func (d *deletions) why(m File) string {
	of := d.of(m.Tree)
	by := of.by[lastSteps(m.Name)]
	folder := path.Dir(m.Name)
	if by == "" || of.isOpen || !of.applies || of.files[stemOf(m.Name)] || of.folders[lastSteps(folder)] || of.ends[path.Base(folder)] {
		return ""
	}
	if d.mayBeApplied(m, d.usesOf(m.Tree)) || !m.LooksLikeManifest() {
		return ""
	}
	return m.Tree.Display(by) + " deletes the objects in it" + nothingElse
}

// of reads what the programs of a tree delete, once, and where else it has the names of that.
func (d *deletions) of(t *tree.Tree) *deleted {
	of := d.trees[t]
	if of != nil {
		return of
	}
	of = &deleted{by: d.usesOf(t).deleted, files: map[string]bool{}, folders: map[string]bool{}, ends: map[string]bool{}, bases: map[string]bool{}}
	d.trees[t] = of
	if len(of.by) == 0 {
		return of
	}
	for _, m := range d.Manifests {
		if m.Tree == t && of.by[lastSteps(m.Name)] != "" {
			folder := path.Dir(m.Name)
			of.bases[path.Base(m.Name)], of.files[stemOf(m.Name)] = true, false
			of.folders[lastSteps(folder)], of.ends[path.Base(folder)] = false, false
		}
	}
	if len(of.bases) == 0 {
		return of
	}
	eachDir(t, func(dir string, entries []fs.DirEntry) func(string) bool {
		for _, e := range entries {
			if text, err := t.ReadFile(path.Join(dir, e.Name())); e.Type().IsRegular() && err == nil && len(text) <= maxGoFile {
				of.read(dir, e.Name(), string(text))
			}
		}
		return nil
	})
	return of
}

// read looks for the names of what is deleted in a file, but for the commands that delete. Programs and documents may have the name of a file without its
// ending.
func (of *deleted) read(dir, base, text string) {
	isCode := isForProgram(dir, base)
	if isCode {
		text = deletes.ReplaceAllString(strings.ReplaceAll(text, "\\\n", " "), " ")
		of.applies = of.applies || appliesFile.MatchString(text)
		of.isOpen = of.isOpen || appliesFound.MatchString(text)
	}
	for word := range strings.FieldsFuncSeq(text, isBetweenSteps) {
		last := strings.TrimRight(path.Base(word), ".")
		if stem := stemOf(last); of.bases[last] || isCode || isForPeople(base) {
			if _, isIt := of.files[stem]; isIt && last != base {
				of.files[stem] = true
			}
		}
		if isNamed, isIt := of.ends[last]; isIt {
			of.ends[last] = isNamed || strings.HasSuffix(word, "/")
			of.nameFolder(lastSteps(word))
		}
	}
}

// nameFolder notes that a text names a folder, by the last parts of its path.
func (of *deleted) nameFolder(key string) {
	if _, isIt := of.folders[key]; isIt {
		of.folders[key] = true
	}
}

// unquote leaves out the quotes of a shell.
var unquote = strings.NewReplacer(`"`, "", `'`, "")

// deletedBy are the files that the commands in a text delete, by the last two parts of their paths.
func deletedBy(text string) (keys []string) {
	if !strings.Contains(text, "delete") { // the pattern is slow
		return nil
	}
	for _, command := range deletes.FindAllString(strings.ReplaceAll(text, "\\\n", " "), -1) {
		for _, m := range filenames.FindAllStringSubmatch(command, -1) {
			if key := lastSteps(unquote.Replace(m[1])); strings.Contains(key, "/") && HasManifestName(key) && !strings.ContainsAny(key, "$*{") {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// stemOf is the name of a file without its folder and its ending.
func stemOf(name string) string { return strings.TrimSuffix(path.Base(name), path.Ext(name)) }
