package plain

import (
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
)

// SkipReplaced skips the versions of operators that a later ClusterServiceVersion replaces or
// skips: they were published, and are kept so that the Operator Lifecycle Manager can upgrade from them.
// It skips a copy in a folder with the name of the version, too. With a version goes the rest of its folder,
// such as its CustomResourceDefinitions: a bundle is a folder, and has no workload of its own.
func SkipReplaced(read []Manifest, files []discover.File) {
	v := newVersions(read, files)
	if len(v.inFolder) == 0 {
		return
	}
	for folder := range v.inFolder {
		if isCurrent := func(o *lint.Object) bool { return v.why(o) == "" }; slices.ContainsFunc(v.inFolder[folder], isCurrent) {
			delete(v.inFolder, folder)
		}
	}
	for i, f := range files {
		if isRunning := func(o *lint.Object) bool { return !isVersion(o) && len(o.Workloads) > 0 }; slices.ContainsFunc(read[i].Objects, isRunning) {
			delete(v.inFolder, folderOf(f))
		}
	}
	for i, f := range files {
		m := &read[i]
		if f.Named || len(m.Objects) == 0 {
			continue
		}
		isOther := func(o *lint.Object) bool { return !isVersion(o) || v.why(o) == "" }
		if !slices.ContainsFunc(m.Objects, isOther) {
			m.drop(v.why(m.Objects[0]))
		} else if bundle := v.inFolder[folderOf(f)]; bundle != nil {
			m.drop("part of " + v.why(bundle[0]))
		}
	}
}

// versions are the ClusterServiceVersions of files.
type versions struct {
	inFolder map[discover.ID][]*lint.Object
	// replacedBy is the name of the version that replaces one, and copies are those that an original has.
	replacedBy map[string]string
	copies     map[*lint.Object]bool
}

func newVersions(read []Manifest, files []discover.File) *versions {
	v := &versions{map[discover.ID][]*lint.Object{}, map[string]string{}, map[*lint.Object]bool{}}
	originals := map[string]*lint.Object{}
	var published []*lint.Object
	for i, f := range files {
		for _, o := range read[i].Objects {
			if !isVersion(o) {
				continue
			}
			folder := folderOf(f)
			v.inFolder[folder] = append(v.inFolder[folder], o)
			v.replace(o.Root.Get("spec.replaces").Text(), o)
			for old := range o.Root.Get("spec.skips").Items() {
				v.replace(old.Text(), o)
			}
			if version := o.Root.Get("spec.version").Text(); version != "" && strings.TrimPrefix(path.Base(folder.Name), "v") == version {
				published = append(published, o)
			} else if originals[o.Name] == nil {
				originals[o.Name] = o
			}
		}
	}
	v.keepCircles()
	for _, o := range published {
		if original := originals[o.Name]; original != nil && sameNode(o.Root.Node, original.Root.Node) {
			v.copies[o] = true
		}
	}
	return v
}

// keepCircles takes the versions for current that only replace each other: none of them is the last.
func (v *versions) keepCircles() {
	replaces := map[string][]string{}
	var open []string
	for old, by := range v.replacedBy {
		if replaces[by] = append(replaces[by], old); v.replacedBy[by] == "" {
			open = append(open, by)
		}
	}
	kept := map[string]string{}
	for len(open) > 0 {
		by := open[len(open)-1]
		open = open[:len(open)-1]
		for _, old := range replaces[by] {
			if kept[old] == "" {
				kept[old] = by
				open = append(open, old)
			}
		}
	}
	v.replacedBy = kept
}

func isVersion(o *lint.Object) bool {
	return o.Is("operators.coreos.com", "ClusterServiceVersion")
}

func folderOf(f discover.File) discover.ID {
	return discover.ID{Dir: f.Tree.Dir(), Name: path.Dir(f.Name)}
}

func (v *versions) replace(old string, by *lint.Object) {
	if old != "" && old != by.Name && v.replacedBy[old] == "" {
		v.replacedBy[old] = by.Name
	}
}

// why says why a version is skipped. It is empty if it is not.
func (v *versions) why(o *lint.Object) string {
	switch {
	case v.replacedBy[o.Name] != "":
		return "a published version that " + v.replacedBy[o.Name] + " replaces"
	case v.copies[o]:
		return "a published copy of a version that is linted"
	}
	return ""
}
