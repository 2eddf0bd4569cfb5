package discover

import (
	"bytes"
	"crypto/sha256"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/generated"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// SkipUnlisted skips the manifests beside and below a kustomization that Flux or Argo CD deploys, if no kustomization refers to
// them and nothing else names them: nobody applies them. So it does in folders that nobody deploys, with copies of what a
// kustomization lists, with what a Go program embeds and does not read, with what tasks of Ansible remove, with what scripts only delete, and with charts that are not installed. It is to be called after Roots.
func (f *Found) SkipUnlisted() (skipped []lint.Skip, dead map[ID]bool) {
	before := len(f.Skipped)
	dead = map[ID]bool{}
	listed, embeds, tests, lists := listedTexts{Found: f}, embeds{}, testNames{Found: f}, jsonnetLists{}
	tests.read() // before the lists are changed
	removals := removals{Found: f}
	removals.read()
	deletions := deletions{Found: f, manifests: slices.Clone(f.Manifests), trees: map[*tree.Tree]*deleted{}}
	unread := func(m File) string { return f.unread(m, &embeds) }
	others := []func(File) string{listed.copied, unread, listed.stray, tests.why, removals.why, deletions.why}
	why := func(m File) (name, reason string) {
		if name, reason = f.unlisted(m); reason != "" {
			return name, reason
		}
		if name, reason = lists.leavesOut(m); reason != "" && !f.MayBeApplied(m) && m.LooksLikeManifest() {
			return name, reason
		}
		for _, why := range others {
			if reason = why(m); reason != "" {
				break
			}
		}
		return m.Name, reason
	}
	f.skipEach(f.ofUninstalled)
	f.skipEach(func(m File) (name, reason string) {
		if m.Named || f.Referred[m.ID()] || f.fragments[m.ID()] || !HasManifestName(m.Name) {
			return "", ""
		}
		if name, reason = why(m); reason != "" {
			dead[m.ID()] = true
		}
		return name, reason
	})
	return f.Skipped[before:], dead
}

// ofUninstalled says why a chart is not installed, or that of a file beside its templates. Both are empty if it may be.
func (f *Found) ofUninstalled(of File) (chart, reason string) {
	if len(f.uninstalled) == 0 || of.Named {
		return "", ""
	}
	if reason = f.uninstalled[of.ID()]; reason != "" {
		return of.Name, reason
	}
	if HasManifestName(of.Name) {
		for dir := range Above(of.Name) {
			if reason = f.uninstalled[ID{of.Tree.Dir(), dir}]; reason != "" {
				return dir, reason
			}
		}
	}
	return "", ""
}

// unlisted says why nobody applies a manifest, and of which file or folder that is to be said. Both are empty if somebody may.
func (f *Found) unlisted(m File) (name, reason string) {
	if reason, isDead := f.dead[m.ID()]; isDead {
		return m.Name, reason
	}
	if f.isLeftOver(m) {
		return m.Name, "outside of what Flux deploys, and nothing names it: name it to lint it"
	}
	dir, ok := f.decides(m)
	if !ok || f.isNamedBelow(m, dir) {
		return "", ""
	}
	id := ID{m.Tree.Dir(), dir}
	reason, isDead := f.dead[id]
	switch refs, isKustomization := f.refs[id]; {
	case isDead && !isKustomization:
		name = dir
	case !isDead && (refs.Component || !f.deployedByGitOps()[id]):
		return "", ""
	case f.inComment[m.ID()].Tree != nil:
		name, reason = m.Name, commentedBy(f.inComment[m.ID()])
	case dir == path.Dir(m.Name):
		name, reason = m.Name, "the kustomization beside it does not list it"+nothingElse
	default:
		name, reason = m.Name, m.Tree.Display(dir)+" does not list it"+nothingElse
	}
	if !m.LooksLikeManifest() || mayStart(m) || f.usesOf(m.Tree).isNamed(m.Name, "") || f.byHand[m.ID()] {
		return "", ""
	}
	return name, reason
}

// IsBesideOnly reports whether a manifest is beside a kustomization that does not list it and takes all that it has from other
// folders, and nothing else names the manifest.
func (f *Found) IsBesideOnly(m File) bool {
	id := ID{m.Tree.Dir(), path.Dir(m.Name)}
	refs, ok := f.refs[id]
	if !ok || m.Named || refs.Component || f.Referred[m.ID()] || f.fragments[m.ID()] || f.byHand[m.ID()] || f.inComment[m.ID()].Tree != nil {
		return false
	}
	if len(refs.Paths) == 0 || f.listsOwn(id) {
		return false
	}
	u := f.usesOf(m.Tree)
	_, plain := u.namesDeployed(id.Name)
	return !plain && !u.isNamed(m.Name, "") && !isToldOf(m)
}

// ImageAliases are the names of images that are no more than names for the kustomization in a folder, if it lists manifests of the folder.
// There are none if it is a part of others, which may list the rest.
func (f *Found) ImageAliases(folder ID) map[string]bool {
	if refs := f.refs[folder]; !refs.Component && len(refs.Aliases) > 0 && f.listsOwn(folder) {
		return refs.Aliases
	}
	return nil
}

// listsOwn reports whether there is a kustomization in a folder that lists manifests of the folder.
func (f *Found) listsOwn(folder ID) bool {
	return slices.ContainsFunc(f.refs[folder].Paths, func(name string) bool { return path.Dir(name) == folder.Name && HasManifestName(name) })
}

// IsBesideListed reports whether a manifest is beside a kustomization that lists others of the folder.
func (f *Found) IsBesideListed(m File) bool {
	return f.listsOwn(ID{m.Tree.Dir(), path.Dir(m.Name)})
}

// MayBeApplied reports whether a kustomization, Flux or Argo CD takes a manifest by itself, or a text names it or its folder.
func (f *Found) MayBeApplied(m File) bool {
	u, dir := f.usesOf(m.Tree), path.Dir(m.Name)
	isInUse := f.Referred[m.ID()] || f.fragments[m.ID()] || f.byHand[m.ID()] || f.linked[ID{m.Tree.Dir(), dir}]
	return isInUse || u.isDeployed(m.Tree, dir) || u.isPathNamed(m.Name) || u.isPathNamed(dir)
}

// forReference matches what a document says of a file that is not there to be applied.
var forReference = regexp.MustCompile(`(?i)\b(?:only|just|purely) (?:as |for )(?:an? |the )?(?:[\w-]+ )?reference\b`)

// ReferenceOnly says why nobody applies the release of another project with a version: nothing names the file as a path, and commands apply
// the same version from the web, or a document beside the file says that it is a reference. It is empty if somebody may.
func (f *Found) ReferenceOnly(m File, version string) string {
	if m.Named || f.MayBeApplied(m) {
		return ""
	}
	base := path.Base(m.Name)
	u := f.usesOf(m.Tree)
	if hasUse(u.byPrograms, base, "") || hasUse(u.byDocuments, near(path.Dir(m.Name), base), "") {
		return ""
	}
	entries, _ := m.Tree.ReadDir(path.Dir(m.Name)) // the walk of what is linted reports what cannot be listed
	for _, e := range entries {
		if !e.Type().IsRegular() || !isForPeople(e.Name()) {
			continue
		}
		name := path.Join(path.Dir(m.Name), e.Name())
		text, err := m.Tree.ReadFile(name)
		isIt := func(line string) bool { return strings.Contains(line, base) && forReference.MatchString(line) }
		if err == nil && len(text) <= maxGoFile && slices.ContainsFunc(strings.Split(string(text), "\n"), isIt) {
			return m.Tree.Display(name) + " says that it is only for reference" + nothingElse
		}
	}
	project, _, _ := strings.Cut(base, "-")
	for address := range u.published {
		if strings.HasPrefix(address, "//") && strings.Contains(address, project) && strings.Contains(address, "/v"+version+"/") {
			return "commands apply this version from the web" + nothingElse
		}
	}
	return ""
}

// isToldOf reports whether a document or script in the folder of a manifest has its name, in whatever sentence, but for the commands of a document that
// write the manifest, and hand it to what makes others of it.
func isToldOf(m File) bool {
	dir, base := path.Split(m.Name)
	entries, _ := m.Tree.ReadDir(path.Clean(dir)) // the walk of what is linted reports what cannot be listed
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		if !e.Type().IsRegular() || !isForPeople(e.Name()) && !isForProgram(dir, e.Name()) {
			return false
		}
		data, err := m.Tree.ReadFile(path.Join(dir, e.Name()))
		text := string(data)
		if isForPeople(e.Name()) {
			text = withoutSteps(text, base)
		}
		isIt := func(word string) bool { return strings.TrimRight(word, ".") == base }
		return err == nil && len(data) <= maxGoFile && slices.ContainsFunc(strings.FieldsFunc(text, isBetweenNames), isIt)
	})
}

// mayApply matches a command that may apply what it is given.
var mayApply = regexp.MustCompile(`(?i)\b(?:kubectl|oc|kustomize|kapp|flux|argocd|apply|create|replace|install|deploy|upgrade)`)

// withoutSteps is the text of a document without the lines in blocks of code that have the name of a file and do not apply it, if one of them writes the
// file: it is a step between others.
func withoutSteps(text, base string) string {
	if !strings.Contains(text, base) {
		return text
	}
	var rest strings.Builder
	isCode, isWritten := false, false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			isCode = !isCode
		}
		_, to, writes := strings.Cut(line, ">")
		isStep := isCode && strings.Contains(line, base) && !mayApply.MatchString(line)
		isWritten = isWritten || isStep && writes && strings.TrimSpace(to) == base
		if !isStep {
			rest.WriteString(line)
		}
	}
	if !isWritten {
		return text
	}
	return rest.String()
}

// isLeftOver reports a manifest of a tree of which Flux deploys most, outside of that, if no other file has its name and no command applies its
// folder: somebody applied it once, by hand.
func (f *Found) isLeftOver(m File) bool {
	if len(f.refs) == 0 || f.byHand[m.ID()] || f.inComment[m.ID()].Tree != nil || strings.Count(m.Name, "/") > maxLevels {
		return false
	}
	u := f.usesOf(m.Tree)
	if !u.hasFlux || u.hasTop || u.isNamed(m.Name, "") || u.isDeployed(m.Tree, path.Dir(m.Name)) || f.mayBeApplied(m, u) {
		return false
	}
	if !m.LooksLikeManifest() || mayStart(m) { // they are read last
		return false
	}
	of := f.shareOf(m.Tree)
	isOutside := of.deployed > 0 && (path.Dir(m.Name) == "." || 2*of.deployed > of.all)
	return isOutside && !f.namedAnywhere(m.Tree)[path.Base(m.Name)]
}

// mayBeApplied reports whether a kustomization, a chart or an object of Flux is in the folder of a manifest or above, or a command applies such a
// folder, or may apply any file of it.
func (f *Found) mayBeApplied(m File, u *uses) bool {
	if f.appliesAny(m.Tree, path.Dir(m.Name)) {
		return true
	}
	for dir := path.Dir(m.Name); ; dir = path.Dir(dir) {
		id := ID{m.Tree.Dir(), dir}
		if _, isBuilt := f.refs[id]; isBuilt || f.Referred[id] || f.linked[id] || f.roots[id] && dir != "." || m.Tree.Exists(path.Join(dir, "Chart.yaml")) {
			return true
		}
		if dir == "." {
			return false
		}
		if f.byHand[id] || u.starters[dir] || u.isNamed(dir, "") {
			return true
		}
	}
}

// anyFile matches a command that applies a folder, or files that are not known.
var anyFile = regexp.MustCompile(`\b(?:kubectl|oc)\b.*(?:-f|--filename|-R)[ =]["']?(?:\.(?:[/"'\s]|$)|\$\{?\w+\}?["']?(?:[\s;&|)]|$)|[^\s|;&]*\*)`)

// appliesAny reports whether a program in a folder may apply any of the files there.
func (f *Found) appliesAny(t *tree.Tree, dir string) bool {
	id := ID{t.Dir(), dir}
	applies, known := f.appliers[id]
	if !known && dir != "." {
		entries, _ := t.ReadDir(dir) // the walk of what is linted reports what cannot be listed
		applies = slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
			if !e.Type().IsRegular() || !isForProgram(dir, e.Name()) && !isForPeople(e.Name()) {
				return false
			}
			text, err := t.ReadFile(path.Join(dir, e.Name()))
			return err != nil || anyFile.Match(text)
		})
		f.appliers[id] = applies
	}
	return applies
}

// share is how many kustomizations a tree has, and how many of them Flux and Argo CD deploy.
type share struct{ deployed, all int }

func (f *Found) shareOf(t *tree.Tree) share {
	if f.shares == nil {
		f.shares = map[string]share{}
		for id := range f.refs {
			of := f.shares[id.Dir]
			of.all++
			if f.deployedByGitOps()[id] {
				of.deployed++
			}
			f.shares[id.Dir] = of
		}
	}
	return f.shares[t.Dir()]
}

// namedAnywhere are the names of the manifests of a tree, and of the files at its top, that other files have in them.
func (f *Found) namedAnywhere(t *tree.Tree) map[string]bool {
	if named, known := f.namedBases[t]; known {
		return named
	}
	wanted, named := map[string]bool{}, map[string]bool{}
	entries, _ := t.ReadDir(".") // the walk of what is linted reports what cannot be listed
	for _, e := range entries {
		wanted[e.Name()] = true
	}
	for _, m := range f.Manifests {
		wanted[path.Base(m.Name)] = true
	}
	eachDir(t, func(dir string, entries []fs.DirEntry) func(string) bool {
		for _, e := range entries {
			if !e.Type().IsRegular() {
				continue
			}
			text, err := t.ReadFile(path.Join(dir, e.Name()))
			if err != nil || len(text) > maxGoFile || bytes.IndexByte(text, 0) >= 0 {
				continue
			}
			for word := range bytes.FieldsFuncSeq(text, isBetweenNames) {
				if word := string(bytes.TrimRight(word, ".")); wanted[word] && word != e.Name() {
					named[word] = true
				}
			}
		}
		return nil
	})
	f.namedBases[t] = named
	return named
}

// decides is the nearest folder above a manifest with a kustomization, or that nobody deploys. ok is false if there is none, or a
// chart before it.
func (f *Found) decides(m File) (dir string, ok bool) {
	if len(f.refs) == 0 {
		return "", false
	}
	for dir = path.Dir(m.Name); ; dir = path.Dir(dir) {
		id := ID{m.Tree.Dir(), dir}
		_, isKustomization := f.refs[id]
		_, isDead := f.dead[id]
		switch {
		case isKustomization || isDead:
			return dir, true
		case dir == "." || f.Referred[id] || m.Tree.Exists(path.Join(dir, "Chart.yaml")):
			return "", false
		}
	}
}

// isNamedBelow reports whether something applies a folder of a manifest that is below another folder.
func (f *Found) isNamedBelow(m File, above string) bool {
	for dir := path.Dir(m.Name); dir != above; dir = path.Dir(dir) {
		uses := f.usesOf(m.Tree)
		if ok, _ := uses.namesDeployed(dir); ok || f.byHand[ID{m.Tree.Dir(), dir}] || uses.isNamed(dir, dir) {
			return true
		}
	}
	return false
}

// listedTexts are the texts of files that kustomizations list, by the names of the files in any folder, and the folders of such files.
type listedTexts struct {
	*Found
	folders map[ID]bool
	byName  map[ID][]string
	texts   map[ID]map[[sha256.Size]byte]string
}

// copied says of which file that a kustomization lists a generated file is a copy: that one is linted. It is empty if it is none.
func (l *listedTexts) copied(m File) string {
	known := l.named(m)
	if len(known) == 0 {
		return ""
	}
	text, err := m.Tree.ReadFile(m.Name)
	if of := known[sha256.Sum256(text)]; err == nil && of != "" {
		return "the same as " + m.Tree.Display(of) + ", which a kustomization lists: name it to lint it"
	}
	return ""
}

// noGroup matches the group of a definition that has none.
var noGroup = regexp.MustCompile(`(?m)^  group: ""\s*$`)

// stray says of a definition that it has no group: controller-gen made it of a type without one, beside files that a kustomization lists, names the
// file _PLURAL.yaml, and no API server takes what is in it. It is empty for others.
func (l *listedTexts) stray(m File) string {
	if !strings.HasPrefix(path.Base(m.Name), "_") {
		return ""
	}
	if l.folders == nil {
		l.folders = map[ID]bool{}
		for id := range l.Referred {
			l.folders[ID{id.Dir, path.Dir(id.Name)}] = true
		}
	}
	text, err := m.Tree.ReadFile(m.Name)
	if err != nil || !l.folders[ID{m.Tree.Dir(), path.Dir(m.Name)}] || !bytes.Contains(text, []byte("controller-gen.kubebuilder.io/version")) ||
		!noGroup.Match(text) || l.usesOf(m.Tree).isNamed(m.Name, "") {
		return ""
	}
	return "a definition without a group, and the kustomization that lists others of the folder does not list it: name it to lint it"
}

// unread says which Go program embeds the folder of a manifest and does not read it. It is empty if none does, or something else
// names the file.
func (f *Found) unread(m File, e *embeds) string {
	of := e.unread(m)
	if of == "" || !m.LooksLikeManifest() || f.usesOf(m.Tree).isNamed(m.Name, "") {
		return ""
	}
	return "the Go program in " + m.Tree.Display(of) + " embeds the folder and names others in it, but not this one: name it to lint it"
}

// named are the texts of the listed files that have the name of a file, and one file for each.
func (l *listedTexts) named(m File) map[[sha256.Size]byte]string {
	if l.byName == nil {
		l.byName, l.texts = map[ID][]string{}, map[ID]map[[sha256.Size]byte]string{}
		for id := range l.Referred {
			if base := (ID{id.Dir, path.Base(id.Name)}); HasManifestName(id.Name) && l.isReferred(id) {
				l.byName[base] = append(l.byName[base], id.Name)
			}
		}
	}
	base := ID{m.Tree.Dir(), path.Base(m.Name)}
	if l.texts[base] == nil {
		l.texts[base] = map[[sha256.Size]byte]string{}
		slices.Sort(l.byName[base])
		for _, name := range slices.Backward(l.byName[base]) {
			if text, err := m.Tree.ReadFile(name); err == nil && generated.Line(text) > 0 {
				l.texts[base][sha256.Sum256(text)] = name
			}
		}
	}
	return l.texts[base]
}

// deployedByGitOps are the kustomizations that Flux and Argo CD deploy, by themselves or as parts of others: also those that
// objects deploy which nobody applies.
func (f *Found) deployedByGitOps() map[ID]bool {
	if f.deployed == nil {
		f.deployed = map[ID]bool{}
		for _, k := range f.Kustomizations {
			u := f.usesOf(k.Tree)
			if ok, plain := u.namesDeployed(k.Name); ok && !plain || f.isTakenByFlux(k, u) {
				reach(f.refs, k.ID(), f.deployed, nil)
			}
		}
	}
	return f.deployed
}

// isTakenByFlux reports whether a kustomization is below a folder without one that Flux deploys: Flux writes one for that folder,
// which takes in the nearest ones below it.
func (f *Found) isTakenByFlux(k File, u *uses) bool {
	if !u.hasFlux {
		return false
	}
	for dir := range Above(k.Name) {
		_, isKustomization := f.refs[ID{k.Tree.Dir(), dir}]
		switch ok, plain := u.namesDeployed(dir); {
		case isKustomization || k.Tree.Exists(path.Join(dir, "Chart.yaml")):
			return false
		case ok:
			return !plain
		}
	}
	return false
}

// reach adds a kustomization and what it is made of. What was not there before is added to more, too, unless that is nil.
func reach(refs map[ID]kustomize.Refs, id ID, to, more map[ID]bool) {
	if to[id] {
		return
	}
	to[id] = true
	if more != nil {
		more[id] = true
	}
	for _, name := range refs[id].Paths {
		reach(refs, ID{id.Dir, name}, to, more)
	}
}
