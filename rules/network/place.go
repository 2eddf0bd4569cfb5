package network

import (
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/connect"
	"github.com/kubevet/kubevet/lint/naming"
)

// place is where a fix adds a policy for an object.
type place struct {
	// in begins what is to be done there. It is empty if any file will do.
	in string
	// lister is the kustomization that has to list the file. It is empty if none has to.
	lister string
	// setsNamespace is set if the kustomization gives the policy the namespace of the object.
	setsNamespace bool
	// home says so if the kustomization is the one that lists the other policies of the namespace. It is empty if it is not.
	home string
}

// placeFor is the deepest kustomization that gives an object its namespace: what it lists comes into all overlays that the object
// comes into, and into the namespace that each gives it. If no kustomization sets one and the object has it in its own file, it is the
// one that lists that file, often with the other policies of the application. Without any, it is the kustomization that is built.
func placeFor(p *lint.Pass, o *lint.Object) place {
	if p.Unit.Kind != lint.UnitOverlay {
		return place{}
	}
	through := p.Kustomizations(o)
	if home, ok := homeOf(p, o, through); ok {
		return home
	}
	for i, k := range slices.Backward(through) {
		if k.Namespace == "" {
			continue
		}
		if i == 0 && p.Unit.AllFiles || !isGiven(o, through) {
			break
		}
		return listedBy(k.File, true)
	}
	if len(through) > 0 && !p.Unit.AllFiles {
		if namesNamespace(p, o, through) {
			return listedBy(through[len(through)-1].File, false)
		}
		return listedBy(examplesLast(through)[0].File, false)
	}
	trail := p.Locate(o, o.Root.Get("kind")).Trail
	switch i := slices.IndexFunc(trail, isResource); {
	case i >= 0:
		return listedBy(trail[i].Position.File, false)
	case p.Unit.AllFiles: // Flux lists all files but those beside a kustomization.yaml
		return place{in: "in a file of the folder, "}
	}
	return listedBy("the kustomization", false)
}

// namesNamespace reports whether the file of an object itself has its namespace, or the name of a Namespace, so that it is the same
// in all overlays.
func namesNamespace(p *lint.Pass, o *lint.Object, through []lint.Kustomization) bool {
	field := "metadata.namespace"
	if o.Is("", "Namespace") {
		field = "metadata.name"
	}
	at := o.Root.Get(field)
	isSet := func(k lint.Kustomization) bool { return k.Namespace != "" }
	return at.IsSet() && !slices.ContainsFunc(through, isSet) && p.Locate(o, at).File == cluster.FileOf(p, o)
}

// homes are the kustomizations that list all policies which the repository has for a namespace, by its name. There is none for a
// namespace whose policies several list.
var homes = lint.UnitIndex("homes of network policies", func(p *lint.Pass) map[string]lint.Kustomization {
	l := map[string]lint.Kustomization{}
	for _, policy := range connect.Of(p).OtherPolicies() {
		if by, has := l[policy.Namespace]; has && by != policy.Lister {
			l[policy.Namespace] = lint.Kustomization{}
		} else {
			l[policy.Namespace] = policy.Lister
		}
	}
	return l
})

// homeOf is where the repository has its policies for the namespace of an object, if that is not with the object.
func homeOf(p *lint.Pass, o *lint.Object, through []lint.Kustomization) (at place, ok bool) {
	namespace := o.Namespace
	if o.Is("", "Namespace") {
		namespace = o.Name
	}
	home := homes(p)[namespace]
	if namespace == "" || home.File == "" || slices.ContainsFunc(through, func(k lint.Kustomization) bool { return k.File == home.File }) {
		return at, false
	}
	at = listedBy(home.File, home.Namespace == namespace)
	at.home = `where the policies of namespace "` + namespace + `" are, `
	at.in = at.home + at.in
	return at, true
}

// basesOf are the kustomizations that all of some workloads come through, if a policy that one of them lists gets their namespace: the
// outermost first, or the deepest if the workloads themselves have their namespace. Where the policies of the namespace have a place, at, it is that.
func basesOf(p *lint.Pass, at place, workloads []*lint.Workload) (l []string) {
	if at.home != "" {
		return []string{at.lister}
	}
	if p.Unit.Kind != lint.UnitOverlay || p.Unit.AllFiles {
		return nil
	}
	for i, w := range workloads {
		through := examplesLast(p.Kustomizations(w.Object))
		if len(through) == 0 {
			return nil
		}
		isSet := slices.ContainsFunc(through, func(k lint.Kustomization) bool { return k.Namespace != "" })
		names := !isSet && w.Namespace != ""
		if isSet && !isGiven(w.Object, through) || names && !namesNamespace(p, w.Object, through) {
			return nil
		}
		if names { // beside the object is best
			slices.Reverse(through)
		}
		if i == 0 {
			for _, k := range through {
				l = append(l, k.File)
			}
		}
		l = slices.DeleteFunc(l, func(file string) bool {
			return !slices.ContainsFunc(through, func(k lint.Kustomization) bool { return k.File == file })
		})
	}
	return l
}

// examplesLast is some kustomizations with those at the end that only show how the others are used.
func examplesLast(through []lint.Kustomization) []lint.Kustomization {
	l := slices.Clone(through)
	slices.SortStableFunc(l, func(a, b lint.Kustomization) int {
		switch isLast := naming.SaysExamples(path.Dir(a.File)); {
		case isLast == naming.SaysExamples(path.Dir(b.File)):
			return 0
		case isLast:
			return 1
		}
		return -1
	})
	return l
}

func listedBy(lister string, setsNamespace bool) place {
	return place{in: lint.ListedBy(lister) + ", ", lister: lister, setsNamespace: setsNamespace}
}

// isGiven reports whether an object has the namespace that the outermost of its kustomizations sets which sets one: no patch has given
// it another.
func isGiven(o *lint.Object, through []lint.Kustomization) bool {
	i := slices.IndexFunc(through, func(k lint.Kustomization) bool { return k.Namespace != "" })
	if o.Is("", "Namespace") {
		return through[i].Namespace == o.Name
	}
	return through[i].Namespace == o.Namespace
}

// isResource reports whether a kustomization.yaml lists what a step leads to.
func isResource(s lint.Step) bool {
	return s.Kind == lint.StepKustomization && strings.HasPrefix(s.Label, "resources[")
}

// fix is one that is done in the place. Do gives its text for what begins it.
func (at place) fix(do func(in string) string) lint.Intent {
	in := lint.Intent{Title: do(at.in)}
	in.Together, in.Files = at.together(do)
	return in
}

// together is the text of a fix that is done in the places of several objects, and this one.
func (at place) together(do func(in string) string) (text string, files []string) {
	if at.lister == "" {
		return "", nil
	}
	return do(lint.ListedInFiles + ", "), []string{at.lister}
}
