package api

import (
	"cmp"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// servedBy reports whether a version of Kubernetes serves the kind, as far as is known.
func (k *kind) servedBy(v lint.Version) bool {
	return reached(k.introduced, v, true) && !reached(k.removed, v, false)
}

// reached reports whether a version is at or after a point in the life of a
// kind, or what to make of a point that is not known.
func reached(point, v lint.Version, unknown bool) bool {
	if point == (lint.Version{}) {
		return unknown
	}
	return cmp.Or(cmp.Compare(v.Major, point.Major), cmp.Compare(v.Minor, point.Minor)) >= 0
}

// instead names what to use in place of a kind in a version of Kubernetes: what
// Kubernetes calls the replacement, or the most stable version of the same API that is
// served. It is nil if there is none.
func (t *table) instead(k *kind, v lint.Version) *kind {
	r := t.kinds[k.replacement]
	if r == nil && k.replacement != (kindKey{}) {
		r = &kind{kindKey: k.replacement} // no more is known of it
	}
	if r != nil && r.servedBy(v) && !reached(r.deprecated, v, false) {
		return r
	}
	var best *kind
	for _, other := range t.byName[k.kind] {
		sameAPI := other.group() == k.group() || t.replaces(other, k)
		if other != k && sameAPI && other.servedBy(v) && !reached(other.deprecated, v, false) && (best == nil || other.level() > best.level()) {
			best = other
		}
	}
	return best
}

// until is what comes before a replacement: a version of the same API that is more stable than that of an object, and was served earlier. It is nil if there is none.
func (t *table) until(o *lint.Object, instead *kind) (best *kind) {
	old := t.find(o)
	for _, other := range t.byName[o.Kind] {
		known := other.introduced != (lint.Version{})
		isBetween := old != nil && other.group() == old.group() && other.level() > old.level() && known && !reached(instead.introduced, other.introduced, true)
		if isBetween && (best == nil || other.level() > best.level()) {
			best = other
		}
	}
	return best
}

// replaces reports whether other is in the group to which what replaces k belongs.
func (t *table) replaces(other, k *kind) bool {
	return k.replacement != kindKey{} && other.group() == k.replacement.group()
}

// name is how messages call a kind in place of another.
func (k *kind) name(inPlaceOf string) string {
	if k.kind == inPlaceOf {
		return k.apiVersion
	}
	return k.kind + " of " + k.apiVersion
}

// level orders the versions of an API by how stable they are: alpha, beta, stable.
func (k *kind) level() int {
	version := k.apiVersion[strings.LastIndexByte(k.apiVersion, '/')+1:]
	switch {
	case strings.Contains(version, "alpha"):
		return 0
	case strings.Contains(version, "beta"):
		return 1
	}
	return 2
}

// withoutSuccessor is what to do about kinds of which no API is left.
var withoutSuccessor = map[string]string{
	"PodSecurityPolicy":    "remove the object, and label the namespaces for Pod Security Admission, which replaces it: pod-security.kubernetes.io/enforce",
	"PodPreset":            "remove the object, and set what it injects in the pods themselves",
	"AuditSink":            "remove the object, and configure the webhook of the audit log with flags of the API server",
	"ClusterCIDR":          "remove the object: nothing replaces it",
	"PodSchedulingContext": "remove the object: nothing replaces it",
}

// recent is how many minor versions Kubernetes maintains: a cluster that is not at the target version
// yet may not serve what is newer.
const recent = 3

// changesIn says what else to do to move an object to another version of its kind.
func changesIn(o *lint.Object, as *kind) string {
	text, more := "", ""
	if moves := movesTo(o, as); moves != "" {
		text, more = moves, " else"
	}
	if lacks := lackedIn(o, as); lacks != "" {
		text, more = text+", set "+lacks+", which is required there", " else"
	}
	return text + ", and read what" + more + " has changed in its fields"
}

// reportAPI reports the apiVersion of an object.
func reportAPI(p *lint.Pass, o *lint.Object, what string, instead *kind, isLow bool) {
	d := lint.Diagnostic{
		Object: o, At: o.Root.Get("apiVersion"),
		Message: "apiVersion " + o.APIVersion + " of " + o.Kind + " " + what,
	}
	if instead != nil {
		name := instead.name(o.Kind)
		d.Message += "; want " + name
		d.Fix.Title = "move the object to " + name
		if !reached(lint.Version{Major: instead.introduced.Major, Minor: instead.introduced.Minor + recent}, p.Version, true) {
			d.Fix.Title += " when the cluster is at " + instead.introduced.String() + ", which serves it first"
			if until := loadTable().until(o, instead); until != nil {
				d.Fix.Title += ", until then to " + until.name(o.Kind) + ", which is served since " + until.introduced.String()
			}
		}
		d.Fix.Title += changesIn(o, instead)
		if served := servedTwin(p, o); served != nil && !isLow && served.file != p.Locate(o, d.At).File {
			d.Fix = lint.Advice("remove the object: " + served.file + " has it at " + served.apiVersion)
		}
	} else {
		d.At = o.Root.Get("kind") // the object is to go, wherever its apiVersion comes from
		d.Message += "; want it removed"
		d.Fix.Title, d.Fix.Removal = withoutSuccessor[o.Kind], "remove the object"
	}
	d.Severity = lint.Low.If(isLow)
	p.Report(d)
}

// twin is where a manifest has an object with an apiVersion that the target version serves.
type twin struct{ file, apiVersion string }

// servedTwins are those of the CustomResourceDefinitions of a tree of manifests. Programs that install other versions for older clusters keep both.
var servedTwins = lint.UnitIndex("definitions at a served version", func(p *lint.Pass) map[string]*twin {
	twins := map[string]*twin{}
	if p.Unit.Kind != lint.UnitManifests {
		return twins
	}
	for _, o := range p.Unit.Objects {
		if o.Kind != "CustomResourceDefinition" || twins[o.Name] != nil {
			continue
		}
		if k := loadTable().find(o); k != nil && !reached(k.removed, p.Version, false) {
			twins[o.Name] = &twin{p.Locate(o, o.Root.Get("apiVersion")).File, o.APIVersion}
		}
	}
	return twins
})

// servedTwin is such a place of the definition that an object is. It is nil if there is none.
func servedTwin(p *lint.Pass, o *lint.Object) *twin {
	if o.Kind != "CustomResourceDefinition" || o.Name == "" {
		return nil
	}
	return servedTwins(p)[o.Name]
}
