package validity

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/suggest"
)

// ValidQuota reports ResourceQuotas and LimitRanges that the API server refuses: a default above
// the maximum, a negative amount, a scope that does not fit.
//
// The limit is not there, and one namespace can use up the nodes of all.
//
// Amounts that are no quantities are reported by valid-quantity.
var ValidQuota = &lint.Rule{
	ID:        "valid-quota",
	Title:     "ResourceQuota or LimitRange is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "change or remove the field that the API server refuses",
	Check: objects(
		kind{"", "ResourceQuota", []row{
			{"spec.hard{}", notNegative},
			{"spec.hard", keys(all(qualified, quotaResource))},
			{"spec.hard{}", wholeCount},
			{"spec.scopes[]", oneOf("Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity", "VolumeAttributesClass")},
			{"spec.scopes", func(s subject, v lint.Value) {
				excludes := map[string]string{"Terminating": "NotTerminating", "NotTerminating": "Terminating", "BestEffort": "NotBestEffort", "NotBestEffort": "BestEffort"}
				seen := map[string]bool{}
				for scope := range v.Items() {
					if seen[excludes[scope.Text()]] {
						s.refuseFor(scope, "conflicts with "+excludes[scope.Text()], "one of the two", "remove "+s.path(scope)+" or "+excludes[scope.Text()])
					}
					seen[scope.Text()] = true
				}
			}},
		}},
		kind{"", "LimitRange", []row{
			{"spec.limits[]", limit},
			{"spec.limits", unique("type")},
		}},
	),
}

// counted are the resources of a quota that are whole numbers.
var counted = strings.Fields("pods resourcequotas services replicationcontrollers secrets configmaps persistentvolumeclaims services.nodeports services.loadbalancers")

// measured are the other resources of a quota that need no domain.
var measured = strings.Fields("cpu memory ephemeral-storage requests.cpu requests.memory requests.storage requests.ephemeral-storage limits.cpu limits.memory limits.ephemeral-storage")

// quotaResource is a key of what a quota limits.
func quotaResource(s subject, v lint.Value) {
	name := v.Text()
	if name == "" || strings.Contains(name, "/") || strings.HasPrefix(strings.TrimPrefix(name, "requests."), "hugepages-") || len(isQualified(name)) > 0 {
		return
	}
	if standard := slices.Concat(measured, counted); !slices.Contains(standard, name) {
		want := suggest.Closest(name, standard)
		if want == "" {
			want = "a name such as requests.cpu, limits.memory or count/deployments.apps"
		}
		s.refuse(v, "must be a standard resource for quota, or a name with a domain", want)
	}
}

// wholeCount is an amount of what a quota counts.
func wholeCount(s subject, v lint.Value) {
	if q, ok := quantity(v); ok && v.Key() != nil && slices.Contains(counted, v.Key().Value) && q.MilliValue()%1000 != 0 {
		s.refuse(v, "must be an integer", "a whole number")
	}
}

// limit is what a LimitRange says of one type of object.
func limit(s subject, v lint.Value) {
	if !v.IsMap() || !known(v) {
		return
	}
	required(s, v.Get("type"))
	text("must be a standard type or one with a domain", "Container, Pod or PersistentVolumeClaim", func(t string) []string {
		if t == "Container" || t == "Pod" || t == "PersistentVolumeClaim" {
			return nil
		}
		if !strings.Contains(t, "/") {
			return []string{t}
		}
		return validation.IsQualifiedName(t)
	})(s, v.Get("type"))
	for _, field := range []string{"min", "max", "default", "defaultRequest"} {
		keys(qualified)(s, v.Get(field))
	}
	if v.Get("type").Text() == "Pod" {
		for _, field := range []string{"default", "defaultRequest"} {
			if w := v.Get(field); w.Len() > 0 {
				s.refuse(w, "may not be specified when the type is Pod", "it removed")
			}
		}
	}
	limitOrder(s, v)
	for _, ratio := range v.Get("maxLimitRequestRatio").Entries() {
		if q, ok := quantity(ratio); ok && q.MilliValue() < 1000 {
			s.refuse(ratio, "must be greater than or equal to 1", "1 or more")
		}
	}
}

// limitOrder compares the amounts: of two fields the first may not have more than the second.
func limitOrder(s subject, v lint.Value) {
	order := [][2]string{{"min", "max"}, {"min", "defaultRequest"}, {"min", "default"}, {"defaultRequest", "max"}, {"defaultRequest", "default"}, {"default", "max"}}
	reported := map[string]bool{}
	for _, o := range order {
		for name, less := range v.Get(o[0]).Entries() {
			more := v.Get(o[1]).Child(name)
			a, ok1 := quantity(less)
			b, ok2 := quantity(more)
			if ok1 && ok2 && a.Cmp(b) > 0 && !reported[o[0]+name] {
				reported[o[0]+name] = true
				s.refuse(less, "must be less than or equal to "+o[1]+" "+more.Text(), more.Text()+" or less")
			}
		}
	}
}
