package discover

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

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
	if !excludes.Match(text) || !listsFolders.Match(text) {
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
	plain := isPlainSource.Match(text)
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
	for _, m := range gitOpsPath.FindAllSubmatch(text, -1) {
		name := string(m[1]) + string(m[2])
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

// findLeftOut has the folders looked at that an ApplicationSet excludes: those of kustomizations, and those with manifests and none. Without any
// kustomization what a tree says of its files is not read for this.
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
		if by := u.usesOf(f.Tree).leftOutBy(dir); by != "" {
			u.queue = append(u.queue, job{ID: id, reason: f.Tree.Display(by) + " leaves it out" + nothingElse})
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
