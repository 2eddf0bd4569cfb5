package plain

import (
	"bytes"
	"regexp"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
)

// unfilled matches an image with a placeholder of another program, which no cluster can pull: {{VERSION}}, @VERSION@.
var unfilled = regexp.MustCompile(`(?m)^[ \t-]*["']?image["']?:[ \t]*["']?[^#\s"']*(\{\{[^{}\n]{0,80}\}\}|@[A-Z][A-Z0-9_]*@|%[A-Z][A-Z0-9_]*%)`)

// form matches an image, or a part of it, that a person is to fill in, which no cluster accepts: <image-name>.
var form = regexp.MustCompile(`(?m)^[ \t-]*["']?image["']?:[ \t]*["']?[^#\s"']*(<[A-Za-z][\w .:/-]{0,80}>)["']?[ \t]*(?:#.*)?\r?$`)

// loneAction matches a line that holds nothing but an action of a template which another program fills in.
var loneAction = regexp.MustCompile(`(?m)^[ \t]*\{\{[^\n]*\}\}[ \t]*\r?$`)

// HasLoneActions reports whether a text is a template with lines that hold nothing but an action.
func HasLoneActions(text []byte) bool { return loneAction.Match(text) }

// WithoutLoneActions is a template without these lines: what is left of it may be YAML. Lines are as before.
func WithoutLoneActions(text []byte) []byte { return loneAction.ReplaceAll(text, []byte("#")) }

// SkipUnfilled skips the manifests with a placeholder for an image, or a part of it, that nothing in the repository fills in: no text names
// them, but for those of tests, and nothing else applies them. isNamed reports whether something may. A form is skipped at the top of the tree, too: isNamedBelow
// reports what isNamed does, but for what is there.
func SkipUnfilled(read []Manifest, files []discover.File, isNamed, isNamedBelow func(discover.File) bool) {
	for i, f := range files {
		if f.Named || len(read[i].Objects) == 0 {
			continue
		}
		if m := inImage(unfilled, read[i].Data); m != "" && !isNamed(f) {
			read[i].drop("its image has the placeholder " + m + ", and nothing here fills it in or applies the file: name it to lint it")
		} else if m := inImage(form, read[i].Data); m != "" && !isNamedBelow(f) {
			read[i].drop("a form: its image is to be filled in for " + m + ", and nothing here applies the file: name it to lint it")
		}
	}
}

// inImage is what a pattern matches in the first image of a text that it matches. It is empty if there is none.
func inImage(pattern *regexp.Regexp, text []byte) string {
	for line := range bytes.Lines(text) {
		if !bytes.Contains(line, []byte("image")) { // the patterns are slow
			continue
		}
		if m := pattern.FindSubmatch(bytes.TrimSuffix(line, []byte("\n"))); m != nil {
			return string(m[1])
		}
	}
	return ""
}

// SkipForKustomization skips the manifests beside a kustomization that lists others of the folder and not them, if nothing applies them and an
// image of theirs is no more than the name by which that kustomization replaces it: no cluster can pull it. aliases are these names of the
// kustomization in a folder, and mayBeApplied reports whether something may apply a file by itself.
func SkipForKustomization(read []Manifest, files []discover.File, aliases func(folder discover.ID) map[string]bool, mayBeApplied func(discover.File) bool) {
	for i, f := range files {
		if f.Named || len(read[i].Objects) == 0 {
			continue
		}
		if name := aliasIn(read[i].Objects, aliases(folderOf(f))); name != "" && !mayBeApplied(f) {
			read[i].drop("the kustomization beside it replaces the image " + name + " and does not list the file: name it to lint it")
		}
	}
}

// aliasIn is the first image of the containers of objects that is one of some names. It is empty if there is none.
func aliasIn(objects []*lint.Object, names map[string]bool) string {
	if len(names) == 0 {
		return ""
	}
	for _, o := range objects {
		for _, w := range o.Workloads {
			for _, c := range w.Containers {
				if image := c.Get("image").Text(); names[image] {
					return image
				}
			}
		}
	}
	return ""
}

// Skeletons are the files, as reports call them, that programs complete: the API server would refuse their only object as it is. Go programs embed it
// by the name of its file, and it lacks its name or, in a workload, the selector. Or it is a Pod without a name, which a pipeline of Jenkins reads as the
// template of its agents' pods.
func Skeletons(read []Manifest, files []discover.File) map[string]bool {
	var embedders discover.Embedders
	var agents discover.Agents
	l := map[string]bool{}
	for i, f := range files {
		if len(read[i].Objects) != 1 || !isSkeleton(read[i].Objects[0]) {
			continue
		}
		if embedders.Named(f) || read[i].Objects[0].Kind == "Pod" && agents.Read(f) {
			l[f.Display()] = true
		}
	}
	return l
}

func isSkeleton(o *lint.Object) bool {
	lacks := func(path string) bool { v := o.Root.Get(path); return !v.IsSet() && v.IsKnown() }
	switch o.Kind {
	case "Deployment", "StatefulSet", "DaemonSet":
		return o.APIVersion == "apps/v1" && (lacks("spec.selector") || isUnnamed(lacks))
	}
	return len(o.Workloads) > 0 && isUnnamed(lacks)
}

func isUnnamed(lacks func(string) bool) bool {
	return lacks("metadata.name") && lacks("metadata.generateName")
}
