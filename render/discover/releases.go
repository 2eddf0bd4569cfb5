package discover

import (
	"bytes"
	"cmp"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/tree"
	"github.com/kubevet/kubevet/render/unpacked"
)

// release matches the three numbers of a version, and what marks it as one before a release. Two
// numbers are left alone: they often are a version of Kubernetes that all go on being in use.
var release = regexp.MustCompile(`v?\d+\.\d+\.\d+(?:-(?:alpha|beta|rc|pre)(?:\.?\d+)*)?`)

// minorRelease is the name of a folder that is a release if it holds a chart: a chart is for no single version
// of Kubernetes.
var minorRelease = regexp.MustCompile(`^v?\d+\.\d+$`)

// beforeRelease marks a version that is not for general use yet. Other suffixes say who built it.
var beforeRelease = regexp.MustCompile(`^(?:alpha|beta|rc|pre|dev|snapshot)`)

// minReleases is how many versions of the same thing are taken for releases that are kept.
const minReleases = 3

// releases are the versions of a folder or file that are side by side.
type releases struct {
	names map[string]bool
	// twin is the folder in which the next release is made. It is empty if none is known.
	twin string
	// later is the version of the repository, if these are bundles of versions long before it. It is empty if it is not known.
	later string
	// newest is the newest version, and stable the newest that is for general use. Their names
	// are empty if there is none.
	newest, stable newest
}

type newest struct {
	name string
	of   *semver.Version
}

func (n *newest) add(name string, v *semver.Version) {
	if n.of == nil || v.GreaterThan(n.of) {
		n.name, n.of = name, v
	}
}

func (r *releases) add(name string, v *semver.Version) {
	r.names[name] = true
	r.newest.add(name, v)
	if !beforeRelease.MatchString(v.Prerelease()) {
		r.stable.add(name, v)
	}
}

// follower is the name of the release that follows another. It is empty if that one is the newest, of all
// or of those for general use.
func (r *releases) follower(name string) string {
	if len(r.names) < minReleases || name == r.newest.name || name == r.stable.name {
		return ""
	}
	return cmp.Or(r.stable.name, r.newest.name)
}

// inSeries is the name of a folder or file without its version: what all releases of it share, which may have been files
// before they were folders. A folder is a release if its name ends in a version. ok is false if it is none.
func inSeries(base string, isDir, isChart bool) (series string, version *semver.Version, ok bool) {
	if isChart && minorRelease.MatchString(base) {
		version, err := semver.NewVersion(base)
		return "*", version, err == nil
	}
	at := release.FindStringIndex(base)
	if at == nil {
		return "", nil, false
	}
	text := base[at[0]:at[1]]
	if isDir {
		if at[0] > 0 && !strings.HasSuffix(base[:at[0]], "-") {
			return "", nil, false
		}
		text = base[at[0]:] // v3.7.2-eksbuild.1
		at[1] = len(base)
	}
	version, err := semver.NewVersion(text)
	rest := base[at[1]:]
	if HasManifestName(base) && rest == path.Ext(base) {
		rest = ""
	}
	return base[:at[0]] + "*" + rest, version, err == nil
}

// SkipOlderReleases skips what a repository keeps of releases that a later one follows:
// deploy/v1.2.0 and deploy/v1.3.0 beside deploy/v1.4.0, or app-1.2.0.yaml. They were published and
// are edited no more. What the command line names, or is in a folder that it names, is kept, and so is a folder
// to which a symbolic link leads.
func (f *Found) SkipOlderReleases() {
	charts := map[ID]bool{}
	for _, c := range f.Charts {
		charts[c.ID()] = true
	}
	all := map[ID]*releases{} // by the paths of their series
	for _, l := range f.lists() {
		for _, file := range *l {
			for _, s := range f.releasesOf(file, charts) {
				if all[s.series] == nil {
					all[s.series] = &releases{names: map[string]bool{}}
				}
				all[s.series].add(s.name, s.version)
			}
		}
	}
	f.findTwins(all, charts)
	f.findOldBundles(all)
	f.skipEach(func(file File) (name, reason string) {
		for _, s := range f.releasesOf(file, charts) {
			of := all[s.series]
			follower := of.follower(s.name)
			switch {
			case f.linked[ID{s.series.Dir, s.name}]:
			case follower != "":
				return s.name, "a release that " + path.Base(follower) + " follows: name it to lint it"
			case of.later != "":
				return s.name, "a bundle of a release long before version " + of.later + " of the repository: name it to lint it"
			case of.twin != "":
				return s.name, "a release of " + file.Tree.Display(of.twin) + ", which is linted: name it to lint it"
			}
		}
		return "", ""
	})
}

// bundled matches the name of the file with the ClusterServiceVersion of a bundle for the Operator Lifecycle Manager. What it
// begins with is the package.
var bundled = regexp.MustCompile(`^(.+?)(?:[.-]v?\d+\.\d+\.\d+[\w.-]*?)?\.clusterserviceversion\.ya?ml$`)

// findOldBundles finds the series of bundles that are all long before the version of the repository. They were published, and
// cannot be changed. Where the repository has bundles of several packages, it is not known of which its version is.
func (f *Found) findOldBundles(all map[ID]*releases) {
	bundles := map[ID]*tree.Tree{} // their series
	packages := map[string]map[string]bool{}
	for _, file := range f.Manifests {
		m := bundled.FindStringSubmatch(path.Base(file.Name))
		if m == nil {
			continue
		}
		dir := file.Tree.Dir()
		if packages[dir] == nil {
			packages[dir] = map[string]bool{}
		}
		packages[dir][m[1]] = true
		for _, s := range f.releasesOf(file, nil) {
			if s.name != file.Name {
				bundles[s.series] = file.Tree
			}
		}
	}
	for series, t := range bundles {
		of := all[series]
		if of == nil || len(packages[series.Dir]) != 1 {
			continue
		}
		if now := statedVersion(t, path.Dir(series.Name)); now != nil && isLongBefore(of.newest.of, now) {
			of.later = now.String()
		}
	}
}

// manyReleases is after how many minor versions a release is an old one.
const manyReleases = 3

func isLongBefore(v, now *semver.Version) bool {
	return v.Major() < now.Major() || v.Major() == now.Major() && v.Minor()+manyReleases <= now.Minor()
}

// setsVersion matches where a Makefile gives the version of its project.
var setsVersion = regexp.MustCompile(`(?m)^(?:export )?VERSION[ \t]*[:?]?=[ \t]*(v?\d+\.\d+\.\d+)[ \t\r]*$`)

// statedVersion is the version that the files in a folder, or the nearest one above it, say that the project is at. It is nil if
// none does.
func statedVersion(t *tree.Tree, dir string) *semver.Version {
	for range maxLevels {
		for _, base := range []string{"VERSION", "version.txt", "VERSION.txt", "version/version.txt", "pkg/version/version.txt", "Makefile"} {
			text, err := t.ReadFile(path.Join(dir, base))
			if err != nil {
				continue
			}
			if base == "Makefile" {
				m := setsVersion.FindSubmatch(text)
				if m == nil {
					continue
				}
				text = m[1]
			}
			if v, err := semver.NewVersion(strings.TrimSpace(string(text))); err == nil {
				return v
			}
		}
		if dir == "." {
			break
		}
		dir = path.Dir(dir)
	}
	return nil
}

// inWork are names of folders in which projects make what they copy to the folder of a version at each release.
var inWork = []string{"latest", "main", "master", "dev", "devel", "next", "head", "edge", "unreleased"}

// findTwins finds in which folders, or files, the next releases are made: the one that holds the folders of the releases, or one beside
// them. It has most files of the newest release, by the same names.
func (f *Found) findTwins(all map[ID]*releases, charts map[ID]bool) {
	there := map[ID]bool{}
	files := map[ID][]string{} // of the newest releases, by their series
	var singles []ID           // those whose releases are a file each
	for _, l := range f.lists() {
		for _, file := range *l {
			there[file.ID()] = true
			for _, s := range f.releasesOf(file, charts) {
				of := all[s.series]
				switch {
				case len(of.names) < minReleases || s.name != of.newest.name:
				case s.name == file.Name:
					singles = append(singles, s.series)
				default:
					files[s.series] = append(files[s.series], strings.TrimPrefix(file.Name, s.name+"/"))
				}
			}
		}
	}
	for _, series := range singles {
		all[series].twin = twinFile(series, all[series].newest.name, there)
	}
	for series, names := range files {
		all[series].twin = twinOf(series, path.Dir(all[series].newest.name), there, names)
	}
}

// twinFile is the file beside the releases of a series, of one file each, that the next one is copied from: latest.yaml. It is empty if there
// is none.
func twinFile(series ID, newest string, there map[ID]bool) string {
	prefix, _, _ := strings.Cut(path.Base(series.Name), "*")
	for _, name := range inWork {
		if file := path.Join(path.Dir(newest), prefix+name+path.Ext(newest)); there[ID{series.Dir, file}] {
			return file
		}
	}
	return ""
}

// twinOf is the folder, in one that holds releases, in which the next release of a series is made: it has most of the files of the newest one.
// It is empty if there is none.
func twinOf(series ID, holder string, there map[ID]bool, files []string) string {
	prefix := strings.TrimSuffix(path.Base(series.Name), "*")
	for _, name := range append([]string{"."}, inWork...) {
		if prefix != "" && name != "." {
			name = prefix + name // app-dev beside app-v1.2.0
		}
		if dir := path.Join(holder, name); isTwin(there, series.Dir, dir, files) {
			return dir
		}
	}
	return ""
}

// isTwin reports whether a folder has most of the files.
func isTwin(there map[ID]bool, tree, dir string, names []string) bool {
	n := 0
	for _, name := range names {
		if there[ID{tree, path.Join(dir, name)}] {
			n++
		}
	}
	return 2*n > len(names)
}

// lists are those of what was found.
func (f *Found) lists() []*[]File {
	return []*[]File{&f.Charts, &f.Kustomizations, &f.Manifests, &f.Documents, &f.InCharts}
}

// skipEach takes out the files for which why gives a reason. What the reason is about, the file or a folder that it is
// in, is listed once.
func (f *Found) skipEach(why func(File) (name, reason string)) {
	listed := map[ID]bool{}
	for _, l := range f.lists() {
		*l = slices.DeleteFunc(*l, func(file File) bool {
			name, reason := why(file)
			if id := (ID{file.Tree.Dir(), name}); reason != "" && !listed[id] {
				listed[id] = true
				f.Skipped = append(f.Skipped, lint.Skip{File: file.Tree.Display(name), Reason: reason})
			}
			return reason != ""
		})
	}
}

// staging is the folder in which projects of Kubernetes' SIGs edit what they copy to the same path without it at each
// release.
const staging = "manifest_staging"

// SkipPromoted skips what a release copies from manifest_staging. What the command line names is kept.
func (f *Found) SkipPromoted() {
	staged := map[ID]bool{} // by the names that releases give them
	for _, l := range f.lists() {
		for _, file := range *l {
			if name, ok := strings.CutPrefix(file.Name, staging+"/"); ok {
				staged[ID{file.Tree.Dir(), name}] = true
			}
		}
	}
	f.skipEach(func(file File) (name, reason string) {
		if !staged[file.ID()] || file.Named || f.isNamed(file) {
			return "", ""
		}
		top, _, _ := strings.Cut(file.Name, "/")
		return top, "a release copies it from " + staging + ", which is linted: name it to lint it"
	})
}

// isNamed reports whether a file is in a folder below the top of the tree that the command line names.
func (f *Found) isNamed(file File) bool {
	for dir := file.Name; dir != "."; dir = path.Dir(dir) {
		if f.roots[ID{file.Tree.Dir(), dir}] {
			return true
		}
	}
	return false
}

// step is a folder or file that is a release.
type step struct {
	name    string
	series  ID
	version *semver.Version
}

// releasesOf gives the folders of a file, and the file itself, that are releases, from the top down.
func (f *Found) releasesOf(file File, charts map[ID]bool) (found []step) {
	if file.Named {
		return nil
	}
	for i := 0; i <= len(file.Name); i++ {
		if i < len(file.Name) && file.Name[i] != '/' {
			continue
		}
		name := file.Name[:i]
		if f.roots[ID{file.Tree.Dir(), name}] {
			found = found[:0]
			continue
		}
		if series, v, ok := inSeries(path.Base(name), i < len(file.Name) || !HasManifestName(name), charts[ID{file.Tree.Dir(), name}]); ok {
			found = append(found, step{name, ID{file.Tree.Dir(), path.Join(path.Dir(name), series)}, v})
		}
	}
	return found
}

const readme = "README.md"

// SkipDeprecated skips the charts of which Chart.yaml, or the heading of the README, says that they are no longer maintained, if a tree has others that programs
// are installed with. What the command line names, and what Flux or Argo CD deploys, is kept.
func (f *Found) SkipDeprecated() {
	deprecated, maintained := f.findDeprecated()
	if len(deprecated) == 0 {
		return
	}
	why := func(id ID) string {
		if by := deprecated[id]; by != "" && maintained[id.Dir] {
			return "deprecated, as its " + by + " says: name it to lint it"
		}
		return ""
	}
	f.skipEach(func(file File) (name, reason string) {
		if file.Named {
			return "", ""
		}
		if reason := why(file.ID()); reason != "" || !HasManifestName(file.Name) {
			return file.Name, reason
		}
		for dir := range Above(file.Name) {
			if reason := why(ID{file.Tree.Dir(), dir}); reason != "" {
				return dir, reason
			}
		}
		return "", ""
	})
}

// findDeprecated gives the file that says so of each deprecated chart, and the trees that have charts which are not deprecated.
func (f *Found) findDeprecated() (deprecated map[ID]string, maintained map[string]bool) {
	deprecated, maintained = map[ID]string{}, map[string]bool{}
	for _, c := range f.Charts {
		text, err := c.Tree.ReadFile(path.Join(c.Name, "Chart.yaml"))
		if err != nil {
			continue
		}
		by := deprecatedBy(c, text)
		switch {
		case by == "":
			maintained[c.Tree.Dir()] = maintained[c.Tree.Dir()] || !ofLibrary.Match(text)
		case !c.Named && f.Parts[c.ID()] == nil && !f.linked[c.ID()] && !f.usesOf(c.Tree).isDeployed(c.Tree, c.Name):
			deprecated[c.ID()] = by
		}
	}
	f.dropNamed(deprecated)
	return deprecated, maintained
}

// deprecatedBy is the file of a chart that says that it is no longer maintained. It is empty if none does. text is that of its Chart.yaml.
func deprecatedBy(c File, text []byte) string {
	if saysDeprecated.Match(text) {
		return "Chart.yaml"
	}
	if heading, err := c.Tree.ReadFile(path.Join(c.Name, readme)); err == nil && c.Name != "." && isHeadedDeprecated(heading) {
		return readme
	}
	return ""
}

// dropNamed takes out the charts whose README alone says that they are deprecated, and whose path a file with YAML or JSON has that is in
// another folder: something is still made of them.
func (f *Found) dropNamed(deprecated map[ID]string) {
	toldOf := func(id ID) bool { return deprecated[id] == readme }
	if !slices.ContainsFunc(slices.Collect(maps.Keys(deprecated)), toldOf) {
		return
	}
	for _, l := range [][]File{f.InCharts, f.Manifests} {
		for _, file := range l {
			text, err := file.Tree.ReadFile(file.Name)
			if err != nil || len(text) > maxGoFile {
				continue
			}
			for word := range strings.FieldsFuncSeq(string(text), isBetweenSteps) {
				if id := (ID{file.Tree.Dir(), strings.Trim(strings.TrimPrefix(word, "./"), "/")}); toldOf(id) && !strings.HasPrefix(file.Name, id.Name+"/") {
					delete(deprecated, id)
				}
			}
		}
	}
}

// maxHeading is in how many lines of a README the heading may be.
const maxHeading = 10

// saysSoInHeading matches the heading of a document about something that is deprecated, and not of one about a part of it that is, such as
// deprecated values.
var saysSoInHeading = regexp.MustCompile(`^#[^#\pL\pN]*(?i:deprecated|deprecation (?:notice|warning))(?:$|[^\pL\pN]*$|[^\pL\pN\s]|\s+[^\pL\pN\s])`)

// isHeadedDeprecated reports whether a heading of the first level at the top of a README says that its subject is deprecated.
func isHeadedDeprecated(text []byte) bool {
	n := 0
	for line := range bytes.Lines(text) {
		if n++; n > maxHeading {
			break
		}
		if saysSoInHeading.Match(bytes.TrimSpace(line)) {
			return true
		}
	}
	return false
}

// findUnpacked finds the releases of other projects that trees hold as they were unpacked.
func (f *Found) findUnpacked() {
	f.unpacked = map[*tree.Tree]map[string]unpacked.Release{}
	files := map[*tree.Tree][]string{}
	for _, l := range f.lists() {
		for _, file := range *l {
			name := file.Name
			if !HasManifestName(name) {
				name = path.Join(name, "Chart.yaml") // a folder
			}
			files[file.Tree] = append(files[file.Tree], name)
		}
	}
	for t, names := range files {
		f.unpacked[t] = unpacked.In(t, names, func() []string { return Instructions(t) })
	}
}

// UnpackedRelease is the release of another project that a file was unpacked with. Its folder is empty if there is none.
func (f *Found) UnpackedRelease(file File) (of unpacked.Release) {
	if len(f.unpacked[file.Tree]) == 0 {
		return of
	}
	for dir := range Above(file.Name) {
		if r, ok := f.unpacked[file.Tree][dir]; ok {
			of = r // the outermost one
		}
	}
	return of
}

// SkipUnpacked skips what is in releases of other projects that were unpacked in a tree, and that nothing outside of them names: the samples
// and charts that came with a program. What the command line names is kept.
func (f *Found) SkipUnpacked() {
	named := map[*tree.Tree]map[string]bool{}
	f.skipEach(func(file File) (name, reason string) {
		of := f.UnpackedRelease(file)
		if of.Dir == "" || file.Named || f.isNamed(file) || f.linked[ID{file.Tree.Dir(), of.Dir}] {
			return "", ""
		}
		if named[file.Tree] == nil {
			named[file.Tree] = f.namedInUnpacked(file.Tree)
		}
		if f.usesOf(file.Tree).takesFrom(of.Dir, file, named[file.Tree]) {
			return "", ""
		}
		what := "a release of another project, as it was unpacked"
		if of.At.Line > 0 {
			what = "a release of another project, which " + of.At.File + " downloads"
		}
		return of.Dir, what + ": name it to lint what nothing else names of it"
	})
}

// takesFrom reports whether a file of an unpacked release, or a folder that it is in, is named or deployed from outside of the release. named is
// what texts name with the folder of the release.
func (u *uses) takesFrom(release string, file File, named map[string]bool) bool {
	if u.hasTop || u.isDeployed(file.Tree, path.Dir(file.Name)) || appliesAll(u.byPrograms, release) || appliesAll(u.byDocuments, release) {
		return true
	}
	for at := file.Name; at != release && at != "."; at = path.Dir(at) {
		key, base := lastSteps(at), path.Base(at)
		isTold := hasUse(u.byDocuments, key, release) || hasUse(u.byPrograms, key, release) || hasUse(u.byPrograms, base, release)
		if isTold || named[at] || hasUse(u.inPrograms, key, release) || hasUse(u.installed, key, release) {
			return true
		}
		if ok, _ := u.namesDeployed(at); ok {
			return true
		}
	}
	return false
}

// appliesAll reports whether a command outside of a folder applies the folder as a whole.
func appliesAll(l map[string]folders, dir string) bool {
	return hasUse(l, lastSteps(dir), dir) || hasUse(l, path.Base(dir), dir)
}

// namedInUnpacked are the files and folders in unpacked releases that texts outside of them name with the folder of the release.
func (f *Found) namedInUnpacked(t *tree.Tree) map[string]bool {
	found := map[string]bool{}
	releases := f.unpacked[t]
	eachDir(t, func(dir string, entries []fs.DirEntry) func(string) bool {
		for _, e := range entries {
			base := e.Name()
			isText := isForPeople(base) || isForProgram(dir, base) || HasManifestName(base)
			if !e.Type().IsRegular() || !isText && !slices.Contains(programEndings, path.Ext(base)) {
				continue
			}
			if text, err := t.ReadFile(path.Join(dir, base)); err == nil && len(text) <= maxGoFile {
				addInUnpacked(found, releases, string(text))
			}
		}
		return func(base string) bool { return releases[path.Join(dir, base)].Dir != "" }
	})
	return found
}

func addInUnpacked(to map[string]bool, releases map[string]unpacked.Release, text string) {
	for dir := range releases {
		start := path.Base(dir) + "/"
		if !strings.Contains(text, start) {
			continue
		}
		for token := range strings.FieldsFuncSeq(text, isBetweenSteps) {
			if before, in, ok := strings.Cut(token, start); ok && (before == "" || strings.HasSuffix(before, "/")) {
				to[path.Join(dir, in)] = true
			}
		}
	}
}
