package discover

import (
	"bytes"
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// undeployed finds the kustomizations and folders that nobody deploys: another kustomization has them in a comment, or has in a
// comment, or leaves out, the file whose objects of Flux or Argo CD deploy them. What only these refer to is not deployed either.
type undeployed struct {
	*Found
	files map[ID]File // kustomizations and manifests
	trees map[string]*tree.Tree
	// lists are the shapes of the files with objects of Flux or Argo CD that a kustomization lists.
	lists    map[ID]map[shape]bool
	mentions Mentions
	queue    []job
}

// job is what may be not deployed, and why.
type job struct {
	ID
	reason string
	// isSure is set if names do not make it used: they may be those of another folder.
	isSure bool
}

// shape is what the paths of files have in common that are the same for several folders: web/ks.yaml and shop/ks.yaml.
type shape struct {
	base  string
	depth int
}

const nothingElse = ", and nothing else names it: name it to lint it"

// findUndeployed sets dead: kustomizations, folders, and files with objects that deploy others. The value is why, and empty if
// something is only a part of what is dead. It is to be called once the kustomizations are read.
func (f *Found) findUndeployed() {
	f.dead, f.inComment, f.byHand = map[ID]string{}, map[ID]File{}, map[ID]bool{}
	u := &undeployed{
		Found: f, files: map[ID]File{}, trees: map[string]*tree.Tree{}, lists: map[ID]map[shape]bool{},
	}
	for _, l := range [][]File{f.Manifests, f.Kustomizations} {
		for _, file := range l {
			u.files[file.ID()], u.trees[file.Tree.Dir()] = file, file.Tree
		}
	}
	for _, k := range f.Kustomizations {
		names, byHand := inComments(k)
		for name := range byHand {
			f.byHand[ID{k.Tree.Dir(), name}] = true
		}
		for name := range names {
			if id := (ID{k.Tree.Dir(), name}); u.inComment[id].Tree == nil && name != k.Name {
				u.inComment[id] = k
			}
		}
	}
	for id, by := range u.inComment {
		u.queue = append(u.queue, job{ID: id, reason: commentedBy(by)})
	}
	for _, k := range f.Kustomizations {
		u.ask(k)
	}
	u.findStems()
	u.findLeftOut()
	for _, m := range f.Manifests {
		if by, ok := u.leftOut(m); ok {
			u.queue = append(u.queue, job{ID: m.ID(), reason: by.Display() + " lists others like it, but not this one" + nothingElse})
		}
	}
	slices.SortStableFunc(u.queue, func(a, b job) int { return cmp.Or(cmp.Compare(a.Dir, b.Dir), cmp.Compare(a.Name, b.Name)) })
	for len(u.queue) > 0 {
		next := u.queue[0]
		u.queue = u.queue[1:]
		u.look(next)
	}
	u.findUninstalled()
}

// findUninstalled sets uninstalled: the charts that only HelmReleases install which are not applied, or that an ApplicationSet leaves out. All files
// that name a chart of the first kind are parts of kustomizations that are not deployed, in the folder with the chart, and nothing else names it.
func (u *undeployed) findUninstalled() {
	u.uninstalled = map[ID]string{}
	if len(u.Kustomizations) == 0 { // as in findLeftOut
		return
	}
	for _, c := range u.Charts {
		uses := u.usesOf(c.Tree)
		if reason := u.notInstalledBy(c); reason != "" && !uses.hasOpenChart && !u.mayBeInstalled(c) {
			u.uninstalled[c.ID()] = reason
		}
	}
}

// notInstalledBy says what would install a chart, and does not. It is empty if nothing says that.
func (u *undeployed) notInstalledBy(c File) (reason string) {
	uses := u.usesOf(c.Tree)
	files := uses.releases[c.Name]
	isInUse := func(file string) bool { return !u.isOfDead(c, file) || uses.isPathNamed(file) }
	switch by := uses.leftOutBy(c.Name); {
	case slices.ContainsFunc(files, isInUse):
		return ""
	case by != "":
		return c.Tree.Display(by) + " leaves it out" + nothingElse
	case len(files) > 0:
		return "only " + c.Tree.Display(slices.Min(files)) + " installs it, which is not applied: name it to lint it"
	}
	return ""
}

// mayBeInstalled reports whether something may install a chart, but for HelmReleases.
func (u *undeployed) mayBeInstalled(c File) bool {
	uses := u.usesOf(c.Tree)
	_, isBuilt := u.refs[c.ID()]
	return isBuilt || c.Named || u.isNamed(c) || u.linked[c.ID()] || uses.isNamed(c.Name, c.Name) || hasUse(uses.installed, lastSteps(c.Name), c.Name) ||
		uses.isDeployed(c.Tree, c.Name)
}

// isOfDead reports whether a file is a part of kustomizations that are not deployed, and of no others. A chart is below the folder that holds each.
func (u *undeployed) isOfDead(chart File, file string) bool {
	id := ID{chart.Tree.Dir(), file}
	by := u.referrers[id]
	return len(by) > 0 && !u.byHand[id] && !slices.ContainsFunc(by, func(k ID) bool {
		_, isDead := u.dead[k]
		return !isDead || path.Dir(k.Name) == "." || !strings.HasPrefix(chart.Name, path.Dir(k.Name)+"/")
	})
}

// ask has what may be not deployed looked at: a kustomization, and the folders that it says are excluded.
func (u *undeployed) ask(k File) {
	if reason, isSure := u.whyUnused(k); reason != "" {
		u.queue = append(u.queue, job{k.ID(), reason, isSure})
	}
	for _, dir := range excludedFolders(k, u.refs[k.ID()].Paths) {
		u.queue = append(u.queue, job{ID: ID{k.Tree.Dir(), dir}, reason: k.Display() + " says that it is not deployed" + nothingElse})
	}
}

// whyUnused says why nobody may build a kustomization. It is empty if nothing says that. isSure is as in a job.
func (u *undeployed) whyUnused(k File) (reason string, isSure bool) {
	if by, ok := u.scaffold(k); ok && !slices.Contains(u.refs[by.ID()].Paths, k.Name) {
		return "kubebuilder made it for " + by.Display() + ", which leaves it out" + nothingElse, false
	}
	if chart, ok := u.supplanted(k); ok {
		return "kubebuilder made it, and the Makefile builds other folders beside it; the project has the chart " + chart.Display() + nothingElse, false
	}
	if by, ok := u.unreached(k); ok {
		return by.Display() + " does not list it" + nothingElse, false
	}
	if readme, folder := u.illustrates(k); folder != "" {
		return readme + " says that it is an example, and what it refers to is in " + folder + " only: name it to lint it", true
	}
	return "", false
}

// unreached is the nearest kustomization above another one, if Flux or Argo CD deploys it, and it does not list what is below it. ok
// is false if other objects of theirs may deploy it.
func (u *undeployed) unreached(k File) (by File, ok bool) {
	for dir := range Above(k.Name) {
		id := ID{k.Tree.Dir(), dir}
		if refs, isKustomization := u.refs[id]; isKustomization {
			by = u.files[id]
			return by, !refs.Component && !refs.MakesChart && !u.startsIn(k, dir) && u.deployedByGitOps()[id] && !u.usesOf(k.Tree).hasUnknown
		}
		if k.Tree.Exists(path.Join(dir, "Chart.yaml")) {
			break
		}
	}
	return by, false
}

// startsIn reports whether a kustomization lists a file that makes Flux or Argo CD deploy a folder, or one above it: somebody applied that first,
// by hand.
func (u *undeployed) startsIn(k File, folder string) bool {
	names := u.usesOf(k.Tree).names
	return slices.ContainsFunc(u.refs[k.ID()].Paths, func(name string) bool {
		return slices.ContainsFunc(names[name], func(of string) bool { return of == folder || strings.HasPrefix(folder, of+"/") })
	})
}

// saysExample matches what a README says of something that is an example.
var saysExample = regexp.MustCompile(`(?i)\bexample (?:of|output)\b|\b(?:an?|the) example\b`)

// illustrates is the folder that is meant by a kustomization which refers to nothing that exists: all of it is in a folder beside that in
// which the kustomization is, at the same places, and a README says that the kustomization is an example. Each is empty if there is none.
func (u *undeployed) illustrates(k File) (readme, folder string) {
	missing := u.refs[k.ID()].Missing
	if len(missing) == 0 || k.Named {
		return "", ""
	}
	top := path.Dir(missing[0])
	for top != "." && !strings.HasPrefix(k.Name, top+"/") {
		top = path.Dir(top)
	}
	above := path.Dir(top)
	text, err := k.Tree.ReadFile(path.Join(above, "README.md"))
	if top == "." || err != nil || len(text) > maxGoFile {
		return "", ""
	}
	part, _, _ := strings.Cut(strings.TrimPrefix(k.Name, top+"/"), "/")
	isTold := func(line string) bool {
		return strings.Contains(line, path.Base(top)+"/"+part) && saysExample.MatchString(line)
	}
	if !slices.ContainsFunc(strings.Split(string(text), "\n"), isTold) {
		return "", ""
	}
	entries, _ := k.Tree.ReadDir(above) // the walk of what is linted reports what cannot be listed
	for _, e := range entries {
		other := path.Join(above, e.Name())
		isThere := func(name string) bool {
			rest, ok := strings.CutPrefix(name, top+"/")
			return ok && k.Tree.Exists(path.Join(other, rest))
		}
		if e.IsDir() && other != top && !slices.ContainsFunc(missing, func(name string) bool { return !isThere(name) }) {
			return k.Tree.Display(path.Join(above, "README.md")), k.Tree.Display(other)
		}
	}
	return "", ""
}

func commentedBy(k File) string { return k.Display() + " has it in a comment" + nothingElse }

// findStems looks for kustomizations in whose place Flux deploys others: app-false or app-true, by a path that ends in
// app-${MODE:=false}, which never gives app.
func (u *undeployed) findStems() {
	hasOthers := map[ID]bool{} // by what their names begin with
	for _, k := range u.Kustomizations {
		dir, base := path.Split(k.Name)
		for i, c := range base {
			if c == '-' || c == '_' || c == '.' {
				hasOthers[ID{k.Tree.Dir(), dir + base[:i]}] = true
			}
		}
	}
	for _, k := range u.Kustomizations {
		if !hasOthers[k.ID()] {
			continue
		}
		if by := u.usesOf(k.Tree).stems[k.Name]; by.path != "" {
			u.queue = append(u.queue, job{ID: k.ID(), reason: k.Tree.Display(by.file) + " deploys " + by.path + " in its place" + nothingElse})
		}
	}
}

// scaffold is the kustomization config/default of a project of kubebuilder for which kubebuilder made another one, such as
// config/prometheus. Alone that is no use to anybody: its objects are in the namespace system, which config/default replaces.
func (u *undeployed) scaffold(k File) (by File, ok bool) {
	config, base := path.Split(k.Name)
	switch base {
	case "certmanager", "manager", "network-policy", "prometheus", "rbac", "webhook":
	default:
		return by, false
	}
	if by, ok = u.files[ID{k.Tree.Dir(), config + "default"}]; !ok || path.Base(config) != "config" {
		return by, false
	}
	project, err := k.Tree.ReadFile(path.Join(config, "../PROJECT"))
	return by, err == nil && bytes.Contains(project, []byte("kubebuilder.io"))
}

var (
	// projectName matches the name of a project of kubebuilder.
	projectName = regexp.MustCompile(`(?m)^projectName:[ \t]*["']?([\w.-]+)`)
	// buildsConfig matches a command of a Makefile that builds a folder in config.
	buildsConfig = regexp.MustCompile(`(?i)\bkustomize\b\)?\}?[ \t]+build[ \t]+(?:\./)?config/`)
)

// supplanted is the chart of a project of kubebuilder which is installed in place of config/default: the Makefile builds other folders in
// config, but not that one.
func (u *undeployed) supplanted(k File) (chart File, ok bool) {
	config, base := path.Split(k.Name)
	if base != "default" || path.Base(config) != "config" {
		return chart, false
	}
	top := path.Join(config, "..")
	project, err := k.Tree.ReadFile(path.Join(top, "PROJECT"))
	name := projectName.FindSubmatch(project)
	if err != nil || name == nil || !bytes.Contains(project, []byte("kubebuilder.io")) {
		return chart, false
	}
	makefile, err := k.Tree.ReadFile(path.Join(top, "Makefile"))
	if err != nil || !buildsConfig.Match(makefile) || bytes.Contains(makefile, []byte("config/default")) {
		return chart, false
	}
	for _, c := range u.Charts {
		if c.Tree == k.Tree && path.Base(c.Name) == string(name[1]) && (top == "." || strings.HasPrefix(c.Name, top+"/")) {
			return c, true
		}
	}
	return chart, false
}

// look decides about one file or folder, and has what it deploys or refers to looked at.
func (u *undeployed) look(j job) {
	t := u.trees[j.Dir]
	if _, known := u.dead[j.ID]; known || t == nil || u.isReferred(j.ID) {
		return
	}
	file, isFound := u.files[j.ID]
	switch refs, isKustomization := u.refs[j.ID]; {
	case isKustomization:
		if !j.isSure && u.isUsed(file, refs) {
			return
		}
		u.dead[j.ID] = j.reason
		for _, name := range refs.Paths {
			u.queue = append(u.queue, job{ID: ID{j.Dir, name}})
		}
	case isFound:
		u.lookAtFile(file, j)
	case !u.usesOf(t).isDeployed(t, j.Name) && !u.byHand[j.ID] && u.isNamedFolder(j.ID):
		u.dead[j.ID] = j.reason
	}
}

// isNamedFolder reports a folder without a kustomization that an object of Flux or Argo CD named.
func (u *undeployed) isNamedFolder(id ID) bool {
	info, err := u.trees[id.Dir].Stat(id.Name)
	return err == nil && info.IsDir() && u.inComment[id].Tree == nil
}

// isUsed reports whether a kustomization is used in another way than as a part of others.
func (u *undeployed) isUsed(k File, refs kustomize.Refs) bool {
	uses := u.usesOf(k.Tree)
	return k.Named || u.linked[k.ID()] || u.byHand[k.ID()] || refs.Component || refs.MakesChart || uses.isNamed(k.Name, k.Name) || uses.isDeployed(k.Tree, k.Name)
}

// lookAtFile decides about a file with objects that deploy others.
func (u *undeployed) lookAtFile(f File, j job) {
	uses := u.usesOf(f.Tree)
	names := uses.names[f.Name]
	if f.Named || len(names) == 0 || !mayStart(f) || u.fragments[f.ID()] || u.byHand[f.ID()] || u.starts(f, names) {
		return
	}
	u.deployedByGitOps()          // before anything is forgotten
	recall := uses.forget(f.Name) // it cannot be what deploys itself
	if uses.isPathNamed(f.Name) || u.isAppliedPlainly(f) {
		recall()
		return
	}
	u.dead[f.ID()] = j.reason
	for _, name := range names {
		if ok, _ := uses.namesDeployed(name); !ok {
			u.queue = append(u.queue, job{ID: ID{j.Dir, name}, reason: "only " + f.Display() + " deploys it, which nobody applies: name it to lint it"})
		}
	}
}

// starts reports whether a file deploys the folder of the kustomization that has it in a comment: it is applied first, by hand.
func (u *undeployed) starts(f File, names []string) bool {
	by := u.inComment[f.ID()]
	return by.Tree != nil && slices.ContainsFunc(names, func(name string) bool {
		return name == by.Name || strings.HasPrefix(by.Name, name+"/") || slices.Contains(u.refs[ID{f.Tree.Dir(), name}].Paths, by.Name)
	})
}

// isAppliedPlainly reports whether Flux or Argo CD deploys a file without a kustomization that lists it.
func (u *undeployed) isAppliedPlainly(f File) bool {
	uses := u.usesOf(f.Tree)
	for dir := path.Dir(f.Name); dir != "."; dir = path.Dir(dir) {
		_, isKustomization := u.refs[ID{f.Tree.Dir(), dir}]
		if ok, plain := uses.namesDeployed(dir); ok && (plain || !isKustomization) {
			return true
		}
		if isKustomization {
			break
		}
	}
	return false
}

// leftOut is the kustomization that Flux or Argo CD deploys and that lists files like a file, but not it. Like it are those of
// the same name in folders beside its own, and, if it is beside the kustomization, all. They deploy what is below the
// kustomization's folder. One beside the file may also be applied otherwise, and deploy what is elsewhere: see isBesideLike.
func (u *undeployed) leftOut(f File) (by File, ok bool) {
	if u.Referred[f.ID()] || !HasManifestName(f.Name) {
		return by, false
	}
	dir := path.Dir(f.Name)
	for depth := 1; depth <= 2 && dir != "."; depth++ {
		k, isKustomization := u.files[ID{f.Tree.Dir(), dir}]
		if isKustomization && u.listed(k)[shapeOf(k, f.Name)] {
			if u.deployedByGitOps()[k.ID()] && u.deploysBelow(f, dir) || depth == 1 && u.isBesideLike(k, f) {
				return k, true
			}
		}
		dir = path.Dir(dir)
	}
	return by, false
}

// isBesideLike reports whether a kustomization lists files beside a file that deploy folders elsewhere, as that one does. One that deploys the
// kustomization, or objects that deploy others, may be what somebody applies first, by hand. So may one that a script names, or a README of its folder or above.
func (u *undeployed) isBesideLike(k, f File) bool {
	uses, refs := u.usesOf(f.Tree), u.refs[k.ID()]
	isElsewhere := func(name string) bool { return !strings.HasPrefix(name, k.Name+"/") }
	isLike := func(name string) bool {
		return path.Dir(name) == k.Name && slices.ContainsFunc(uses.names[name], isElsewhere)
	}
	mayBeFirst := func(name string) bool {
		return strings.HasPrefix(k.Name+"/", name+"/") || uses.holdStarters[name]
	}
	names := uses.names[f.Name]
	return len(names) > 0 && !refs.Component && !refs.MakesChart && slices.ContainsFunc(refs.Paths, isLike) && !slices.ContainsFunc(names, mayBeFirst) &&
		!uses.isNamed(f.Name, "") && !u.mentions.Has(f) && !u.appliesAny(f.Tree, k.Name)
}

func shapeOf(k File, name string) shape {
	rel := strings.TrimPrefix(name, k.Name+"/")
	if depth := strings.Count(rel, "/"); depth > 0 {
		return shape{path.Base(rel), depth}
	}
	return shape{}
}

// listed are the shapes of the files that a kustomization lists and that have objects of Flux or Argo CD.
func (u *undeployed) listed(k File) map[shape]bool {
	shapes, known := u.lists[k.ID()]
	if !known {
		shapes = map[shape]bool{}
		for _, name := range u.refs[k.ID()].Paths {
			if HasManifestName(name) && strings.HasPrefix(name, k.Name+"/") && len(u.usesOf(k.Tree).names[name]) > 0 {
				shapes[shapeOf(k, name)] = true
			}
		}
		u.lists[k.ID()] = shapes
	}
	return shapes
}

// deploysBelow reports whether a file has objects that deploy folders, all of them in a folder.
func (u *undeployed) deploysBelow(f File, dir string) bool {
	names := u.usesOf(f.Tree).names[f.Name]
	return len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return !strings.HasPrefix(name, dir+"/") })
}

// deploys matches the objects that make Flux or Argo CD deploy others. Labels of Flux have the same name.
var deploys = regexp.MustCompile(`\bapiVersion["']?:[ \t]*["']?(?:kustomize\.toolkit\.fluxcd\.io|argoproj\.io)/`)

// mayStart reports whether a manifest may be what makes Flux or Argo CD deploy the others: people apply that once, by hand.
func mayStart(f File) bool {
	text, err := f.Tree.ReadFile(f.Name)
	return err != nil || deploys.Match(text)
}

// directories are the patterns of a generator of Argo CD that lists folders. A folder that an excluded one matches gets no Application, whatever else
// matches it.
type directories struct {
	file               string
	included, excluded []string
}

// leavesOut reports whether a generator lists a folder but for what it excludes.
func (d *directories) leavesOut(dir string) bool {
	return matchesAny(d.included, dir) && matchesAny(d.excluded, dir)
}

func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		ok, err := path.Match(pattern, name)
		return ok && err == nil
	})
}

// excludes matches an entry of a generator that excludes what it names.
var excludes = regexp.MustCompile(`(?m)(?:^[ \t-]*|[{,][ \t]*)["']?exclude["']?:[ \t]*["']?true\b`)

// generator is what is read of a generator of an ApplicationSet.
type generator struct {
	Git struct {
		Directories []struct {
			Path    string
			Exclude bool
		}
	}
	Matrix, Merge struct{ Generators []generator }
}

// generatorsIn are the generators in a file that exclude folders. There are none if the file is no YAML, such as a template.
func generatorsIn(file string, text []byte) (found []*directories) {
	if !hasAny(text, "exclude") || !excludes.Match(text) || !listsFolders.Match(text) {
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var set struct {
			Kind string
			Spec struct{ Generators []generator }
		}
		if decoder.Decode(&set) != nil {
			return found
		}
		if set.Kind == "ApplicationSet" {
			found = addGenerators(found, file, set.Spec.Generators)
		}
	}
}

func addGenerators(to []*directories, file string, all []generator) []*directories {
	for _, g := range all {
		d := &directories{file: file}
		for _, entry := range g.Git.Directories {
			name := strings.TrimPrefix(entry.Path, "./")
			if entry.Exclude {
				d.excluded = append(d.excluded, name)
			} else {
				d.included = append(d.included, name)
			}
		}
		if len(d.excluded) > 0 {
			to = append(to, d)
		}
		to = addGenerators(addGenerators(to, file, g.Matrix.Generators), file, g.Merge.Generators)
	}
	return to
}

// addDeployedIn adds the folders that the objects in a file deploy, without those that their generators exclude.
func (u *uses) addDeployedIn(file string, text []byte) {
	plain := hasAny(text, "directory") && isPlainSource.Match(text)
	of := map[string]*directories{} // by what is included
	excluded := map[string]int{}
	for _, d := range generatorsIn(file, text) {
		if u.excluding += len(d.included) + len(d.excluded); u.excluding > maxPatterns {
			break // its folders count as deployed
		}
		u.generators = append(u.generators, d)
		for _, name := range d.included {
			of[name] = d
		}
		for _, name := range d.excluded {
			excluded[name]++
		}
	}
	for _, m := range inLinesWith("path", string(text), gitOpsPath) {
		name := m[1] + m[2]
		key := strings.TrimPrefix(name, "./")
		if excluded[key] > 0 {
			excluded[key]--
			continue
		}
		u.addDeployed(file, name, plain, of[key])
	}
}

// leftOutBy is the file with the ApplicationSet that lists the folders beside a folder and excludes it. It is empty if there is none, or others of which
// the folders are not known.
func (u *uses) leftOutBy(dir string) string {
	if u.hasUnknown {
		return ""
	}
	for _, d := range u.generators {
		if d.leavesOut(dir) {
			return d.file
		}
	}
	return ""
}

// findLeftOut has the folders looked at that an ApplicationSet excludes, or lists in a comment: those of kustomizations, and those with manifests
// and none. Without any kustomization what a tree says of its files is not read for this.
func (u *undeployed) findLeftOut() {
	if len(u.Kustomizations) == 0 {
		return
	}
	known := map[ID]bool{}
	ask := func(f File, dir string) {
		id := ID{f.Tree.Dir(), dir}
		if known[id] {
			return
		}
		known[id] = true
		uses := u.usesOf(f.Tree)
		if by := uses.leftOutBy(dir); by != "" {
			u.queue = append(u.queue, job{ID: id, reason: f.Tree.Display(by) + " leaves it out" + nothingElse})
		} else if by := uses.inComments[dir]; by != "" && !uses.hasOpen {
			u.queue = append(u.queue, job{ID: id, reason: f.Tree.Display(by) + " has it in a comment" + nothingElse})
		}
	}
	for _, k := range u.Kustomizations {
		ask(k, k.Name)
	}
	for _, m := range u.Manifests {
		for dir := range Above(m.Name) {
			if _, isKustomization := u.refs[ID{m.Tree.Dir(), dir}]; isKustomization || m.Named {
				break
			}
			ask(m, dir)
		}
	}
}
