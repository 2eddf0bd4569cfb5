package api

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/suggest"
)

// AvailableAPI reports objects whose API the target version of Kubernetes does not
// serve yet, built-in kinds under an apiVersion that never had them, such as core/v1, and kinds of
// built-in groups that are misspelt, such as pod or Deploymnt.
//
// The API server refuses such an object: an installation stops half-way, and what
// should have guarded the rest (a policy, a budget) is not there.
//
// When an API came is what Kubernetes' own sources say; the target is the newest
// version unless --kube-version names another. A kind is compared with the built-in
// ones only if its apiVersion is a built-in group's, or one that no custom resource can have: a group without
// a dot, such as app/v1, or a name that is one letter away from a group of Kubernetes. The kinds of custom resources are
// not known. That a cluster may have alpha and beta APIs switched off is not looked at.
var AvailableAPI = &lint.Rule{
	ID:        "available-api",
	Title:     "API is not available in the target version",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-upgrades"},
	Fix:       "use an apiVersion that the target version serves",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		t := loadTable()
		if k := t.find(o); k != nil {
			if !reached(k.introduced, p.Version, true) {
				reportAPI(p, o, "is served since "+k.introduced.String()+" only", t.instead(k, p.Version), false)
			}
			return
		}
		if t.kinds[kindKey{o.Kind, o.APIVersion}] != nil {
			p.Report(lint.Diagnostic{
				Object: o, At: o.Root.Get("apiVersion"),
				Message: "apiVersion " + o.APIVersion + " and kind " + o.Kind + " are swapped; want apiVersion " + o.Kind + " and kind " + o.APIVersion,
				Fix:     lint.Intent{Title: "swap apiVersion and kind"},
			})
			return
		}
		if !builtinGroup(t, o) {
			if meant := t.meant(o, p.Version); meant != nil {
				reportAPI(p, o, "does not exist", meant, false)
			}
			return
		}
		if known := t.served(o.Kind, p.Version); known != nil {
			reportAPI(p, o, "does not exist", known, false)
		} else if near := t.misspelt(o); near != "" {
			p.Report(lint.Diagnostic{
				Object: o, At: o.Root.Get("kind"),
				Message: "kind " + o.Kind + " does not exist in " + o.APIVersion + "; want " + near,
				Fix:     lint.Intent{Title: "write kind: " + near, Value: near},
			})
		}
	}),
}

// served is the kind of that name with the most stable apiVersion. It is nil if no
// group has one, or if several have and it is not clear which was meant.
func (t *table) served(name string, v lint.Version) *kind {
	var best *kind
	for _, k := range t.byName[name] {
		if !k.servedBy(v) || reached(k.deprecated, v, false) {
			continue
		}
		if best != nil && best.group() != k.group() && best.level() == k.level() {
			return nil
		}
		if best == nil || k.level() > best.level() {
			best = k
		}
	}
	return best
}

// meant is the built-in kind that an object of another group was probably meant to be. It is nil if the
// object may be a custom resource. The group of one is a domain with a dot, so a group without a dot that
// Kubernetes does not have is a mistake: core/v1 for v1, app/v1 for apps/v1. So is a domain that differs from
// that of Kubernetes in one letter and has a kind of it.
func (t *table) meant(o *lint.Object, v lint.Version) *kind {
	group := o.Group()
	if node.MayHavePlaceholder(o.APIVersion) || node.HasCapitals(o.APIVersion) {
		return nil
	}
	if !strings.Contains(group, ".") {
		return t.served(o.Kind, v)
	}
	var best *kind
	for _, k := range t.byName[o.Kind] {
		if k.servedBy(v) && suggest.Distance(group, k.group()) == 1 && (best == nil || k.level() > best.level()) {
			best = k
		}
	}
	return best
}

// misspelt is the kind of an object's apiVersion that its kind was probably meant to be.
// It is empty if none is near.
func (t *table) misspelt(o *lint.Object) string {
	if strings.HasSuffix(o.Kind, "List") {
		return ""
	}
	var names []string
	for key := range t.kinds {
		if key.apiVersion == o.APIVersion {
			names = append(names, key.kind)
		}
	}
	slices.Sort(names)
	return closest(o.Kind, names)
}

// builtinGroup reports whether an object's API group is Kubernetes' own.
func builtinGroup(t *table, o *lint.Object) bool {
	return slices.Contains(t.groups, o.Group())
}
