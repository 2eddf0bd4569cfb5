package discover

import (
	"path"
	"regexp"
	"slices"

	"github.com/Masterminds/semver/v3"

	"github.com/kubevet/kubevet/lint"
)

// release matches the three numbers of a version, and what marks it as one before a release. Two
// numbers are left alone: they often are a version of Kubernetes that all go on being in use.
var release = regexp.MustCompile(`v?\d+\.\d+\.\d+(?:-(?:alpha|beta|rc|pre)(?:\.?\d+)*)?`)

// minReleases is how many versions of the same thing are taken for releases that are kept.
const minReleases = 3

// releases are the versions of a folder or file that are side by side.
type releases struct {
	names  map[string]bool
	newest string
	of     *semver.Version
}

func (r *releases) add(name string, v *semver.Version) {
	r.names[name] = true
	if r.of == nil || v.GreaterThan(r.of) {
		r.newest, r.of = name, v
	}
}

// inSeries is the name of a folder or file without its version: what all releases of it share. A folder
// is a release if its whole name is a version. ok is false if it is none.
func inSeries(base string, isDir bool) (series string, version *semver.Version, ok bool) {
	at := release.FindStringIndex(base)
	if at == nil {
		return "", nil, false
	}
	text := base[at[0]:at[1]]
	if isDir {
		if at[0] > 0 {
			return "", nil, false
		}
		text = base // v3.7.2-eksbuild.1
		at[1] = len(base)
	}
	version, err := semver.NewVersion(text)
	return base[:at[0]] + "*" + base[at[1]:], version, err == nil
}

// SkipOlderReleases skips what a repository keeps of releases that a later one follows:
// deploy/v1.2.0 and deploy/v1.3.0 beside deploy/v1.4.0, or app-1.2.0.yaml. They were published and
// are edited no more. What the command line names, or is in a folder that it names, is kept.
func (f *Found) SkipOlderReleases() {
	lists := []*[]File{&f.Charts, &f.Kustomizations, &f.Manifests, &f.Documents, &f.InCharts}
	all := f.allReleases(lists)
	listed := map[ID]bool{} // among the skipped ones
	for _, l := range lists {
		*l = slices.DeleteFunc(*l, func(file File) bool {
			for _, s := range f.releasesOf(file) {
				r, id := all[s.series], ID{s.series.Dir, s.name}
				if len(r.names) < minReleases || s.name == r.newest {
					continue
				}
				if !listed[id] {
					listed[id] = true
					f.Skipped = append(f.Skipped, lint.Skip{File: file.Tree.Display(s.name), Reason: "a release that " + path.Base(r.newest) + " follows: name it to lint it"})
				}
				return true
			}
			return false
		})
	}
}

// allReleases finds the releases in lists of files, by the path of their series.
func (f *Found) allReleases(lists []*[]File) map[ID]*releases {
	all := map[ID]*releases{}
	for _, l := range lists {
		for _, file := range *l {
			for _, s := range f.releasesOf(file) {
				if all[s.series] == nil {
					all[s.series] = &releases{names: map[string]bool{}}
				}
				all[s.series].add(s.name, s.version)
			}
		}
	}
	return all
}

// step is a folder or file that is a release.
type step struct {
	name    string
	series  ID
	version *semver.Version
}

// releasesOf gives the folders of a file, and the file itself, that are releases, from the top down.
func (f *Found) releasesOf(file File) (found []step) {
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
		if series, v, ok := inSeries(path.Base(name), i < len(file.Name) || !HasManifestName(name)); ok {
			found = append(found, step{name, ID{file.Tree.Dir(), path.Join(path.Dir(name), series)}, v})
		}
	}
	return found
}
