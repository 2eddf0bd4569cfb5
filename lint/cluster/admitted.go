package cluster

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/admission"
)

// mutations are what policies of the unit and of the repository change of objects when the API server admits them.
var mutations = lint.UnitIndex("mutations at admission", func(p *lint.Pass) (l []admission.Mutation) {
	for _, o := range slices.Concat(p.Unit.Objects, p.Unit.Policies) {
		if o.Namespace == "" && admission.IsPolicy(o.Group(), o.Kind) && IsOfOtherCluster(p, FileOf(p, o)) {
			continue
		}
		l = append(l, admission.Mutations(o.Group(), o.Kind, o.Namespace, o.Root)...)
	}
	return l
})

// AdmittedLabel is the value that policies of admission give a label of an object, and whether they may give it one. The value is
// empty if it is not known.
func AdmittedLabel(p *lint.Pass, o *lint.Object, label string) (value string, may bool) {
	value, is := admission.Label(mutations(p), o.Target(), label)
	return value, is != admission.No
}
