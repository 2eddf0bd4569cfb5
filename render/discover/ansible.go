package discover

import (
	"bytes"
	"io/fs"
	"path"
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
