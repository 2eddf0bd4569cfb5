package discover

import (
	"bytes"
	"cmp"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/tree"
)

// removals are the manifests in roles of Ansible whose objects tasks remove: those that k8s tasks with state: absent name, if nothing else
// does.
type removals struct {
	*Found
	// by are what YAML files say of the manifests in roles, by the names of these in any folder.
	by map[ID]*removal
	// hasGlob are the trees in which a task takes all files of a folder.
	hasGlob map[*tree.Tree]bool
}

// removal is what YAML files say of manifests with one name.
type removal struct {
	// tasks are the files with tasks that remove them, by their role.
	tasks map[string]string
	// isElsewhere is set if something else names one of them, too.
	isElsewhere bool
}

// why says which tasks remove the objects in a manifest. It is empty if something else may name the manifest.
func (r *removals) why(m File) string {
	of := r.by[ID{m.Tree.Dir(), path.Base(m.Name)}]
	if of == nil || of.isElsewhere || r.hasGlob[m.Tree] {
		return ""
	}
	tasks := of.tasks[roleOf(m)]
	if tasks == "" || r.MayBeApplied(m) || r.usesOf(m.Tree).isNamed(m.Name, "") || !m.LooksLikeManifest() {
		return ""
	}
	return tasks + " removes the objects in it: name it to lint it"
}

// roleOf is the folder of the role of Ansible in which a file is: it has a folder with tasks, and the file is in that or in one for files or
// templates. It is empty if there is none.
func roleOf(m File) string {
	for dir := range Above(m.Name) {
		switch path.Base(dir) {
		case "tasks", "handlers", "templates", "files":
			role := path.Dir(dir)
			if m.Tree.Exists(path.Join(role, "tasks", "main.yml")) || m.Tree.Exists(path.Join(role, "tasks", "main.yaml")) {
				return role
			}
		}
	}
	return ""
}

// FilledByAnsible is the folder whose files Ansible may fill in, with a file in it, as reports call it: that of the templates of a role, or a scenario of
// Molecule, which tests a role. It is empty if there is none.
func FilledByAnsible(m File) string {
	role := roleOf(m)
	for dir := range Above(m.Name) {
		isTemplates := role != "" && dir == path.Join(role, "templates")
		if isTemplates || path.Base(path.Dir(dir)) == "molecule" && m.Tree.Exists(path.Join(dir, "molecule.yml")) {
			return m.Tree.Display(dir)
		}
	}
	return ""
}

// read looks for the names of all manifests in roles in the YAML files of their trees.
func (r *removals) read() {
	r.by, r.hasGlob = map[ID]*removal{}, map[*tree.Tree]bool{}
	var trees []*tree.Tree
	for _, m := range r.Manifests {
		if m.Named || r.Referred[m.ID()] || r.fragments[m.ID()] || !HasManifestName(m.Name) || roleOf(m) == "" {
			continue
		}
		r.by[ID{m.Tree.Dir(), path.Base(m.Name)}] = &removal{tasks: map[string]string{}}
		if !slices.Contains(trees, m.Tree) {
			trees = append(trees, m.Tree)
		}
	}
	for _, t := range trees {
		eachDir(t, func(dir string, entries []fs.DirEntry) func(string) bool {
			for _, e := range entries {
				if e.Type().IsRegular() && HasManifestName(e.Name()) {
					r.readFile(File{Tree: t, Name: path.Join(dir, e.Name())})
				}
			}
			return nil
		})
	}
}

// readFile takes the names in a YAML file.
func (r *removals) readFile(file File) {
	text, err := file.Tree.ReadFile(file.Name)
	if err != nil || len(text) > maxGoFile {
		return
	}
	r.hasGlob[file.Tree] = r.hasGlob[file.Tree] || bytes.Contains(text, []byte("fileglob"))
	named := map[string]int{}
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); !bytes.HasPrefix(line, []byte("#")) {
			r.count(file.Tree, string(line), named)
		}
	}
	if len(named) == 0 {
		return
	}
	removed := map[string]int{}
	for _, d := range manifest.Documents(text) {
		r.countRemoved(file.Tree, d.Node, removed)
	}
	role := roleOf(file)
	for base, n := range named {
		of := r.by[ID{file.Tree.Dir(), base}]
		if n != removed[base] {
			of.isElsewhere = true
		} else if of.tasks[role] == "" {
			of.tasks[role] = file.Display()
		}
	}
}

// count counts the names of manifests in roles in a text.
func (r *removals) count(t *tree.Tree, text string, to map[string]int) {
	for word := range strings.FieldsFuncSeq(text, isBetweenNames) {
		if r.by[ID{t.Dir(), word}] != nil {
			to[word]++
		}
	}
}

// countRemoved counts the names in the tasks that remove objects, also in blocks of tasks.
func (r *removals) countRemoved(t *tree.Tree, n *yaml.Node, to map[string]int) {
	if n == nil {
		return
	}
	if !removesObjects(n) {
		for _, child := range n.Content {
			r.countRemoved(t, child, to)
		}
		return
	}
	for s := range node.Scalars(n) {
		r.count(t, s.Value, to)
	}
}

// removesObjects reports whether a node is a task of Ansible that removes objects from a cluster.
func removesObjects(task *yaml.Node) bool {
	for _, module := range []string{"kubernetes.core.k8s", "community.kubernetes.k8s", "k8s"} {
		if node.Text(task, module, "state") == "absent" {
			return true
		}
	}
	return false
}

// deletions are the manifests that scripts delete and nothing applies: the only name of such a manifest in its tree is in kubectl delete -f.
type deletions struct {
	*Found
	manifests []File // before the lists are changed
	trees     map[*tree.Tree]*deleted
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
	of = &deleted{by: map[string]string{}, files: map[string]bool{}, folders: map[string]bool{}, ends: map[string]bool{}, bases: map[string]bool{}}
	d.trees[t] = of
	_ = eachText(t, func(dir, base string) bool { return isForProgram(dir, base) && !isTestProgram(dir, base) }, func(dir, base, text string) { // the second reading finds what is missed
		for _, key := range deletedBy(text) {
			of.by[key] = cmp.Or(of.by[key], path.Join(dir, base))
		}
	})
	for _, m := range d.manifests {
		if m.Tree == t && of.by[lastSteps(m.Name)] != "" {
			folder := path.Dir(m.Name)
			of.bases[path.Base(m.Name)], of.files[stemOf(m.Name)] = true, false
			of.folders[lastSteps(folder)], of.ends[path.Base(folder)] = false, false
		}
	}
	if len(of.bases) > 0 && eachText(t, func(string, string) bool { return true }, of.read) {
		of.isOpen = true
	}
	return of
}

// eachText calls do with the texts of the files of a tree that are wanted. misses is set if one of these is a program that cannot be read, or is too long.
func eachText(t *tree.Tree, isWanted func(dir, base string) bool, do func(dir, base, text string)) (misses bool) {
	eachDir(t, func(dir string, entries []fs.DirEntry) func(string) bool {
		for _, e := range entries {
			if !e.Type().IsRegular() || !isWanted(dir, e.Name()) {
				continue
			}
			if text, err := t.ReadFile(path.Join(dir, e.Name())); err == nil && len(text) <= maxGoFile {
				do(dir, e.Name(), string(text))
			} else {
				misses = misses || isForProgram(dir, e.Name())
			}
		}
		return nil
	})
	return misses
}

// read looks for the names of what is deleted in a file, but for the commands that delete. Programs and documents may have the name of a file without its
// ending.
func (of *deleted) read(dir, base, text string) {
	isCode := isForProgram(dir, base)
	if !isCode && !of.mayName(text) {
		return
	}
	if isCode {
		text = of.withoutDeletions(text)
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

// mayName is quick and reports whether a text may have one of the names.
func (of *deleted) mayName(text string) bool {
	if len(of.files)+len(of.ends) > maxQuick {
		return true
	}
	for _, names := range []map[string]bool{of.files, of.ends} {
		for name := range names {
			if strings.Contains(text, name) {
				return true
			}
		}
	}
	return false
}

// maxQuick is how many names are looked for one by one.
const maxQuick = 20

// withoutDeletions is the text of a program without the commands that delete. It notes what others apply.
func (of *deleted) withoutDeletions(text string) string {
	var rest strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		if strings.Contains(line, "delete") { // the patterns are slow
			line = deletes.ReplaceAllString(line, " ")
		}
		if strings.Contains(line, "apply") || strings.Contains(line, "create") || strings.Contains(line, "replace") {
			of.applies = of.applies || appliesFile.MatchString(line)
			of.isOpen = of.isOpen || appliesFound.MatchString(line)
		}
		rest.WriteString(line)
	}
	return rest.String()
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
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		if !strings.Contains(line, "delete") { // the pattern is slow
			continue
		}
		for _, m := range filenames.FindAllStringSubmatch(strings.Join(deletes.FindAllString(line, -1), " "), -1) {
			if key := lastSteps(unquote.Replace(m[1])); strings.Contains(key, "/") && HasManifestName(key) && !strings.ContainsAny(key, "$*{") {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// stemOf is the name of a file without its folder and its ending.
func stemOf(name string) string { return strings.TrimSuffix(path.Base(name), path.Ext(name)) }
