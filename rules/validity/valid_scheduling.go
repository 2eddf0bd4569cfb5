package validity

import "github.com/kubevet/kubevet/lint"

// ValidScheduling reports affinities, tolerations and spread constraints that the API server
// refuses: an operator with values that it does not take, a weight out of range.
//
// The API server refuses such a pod. For a Deployment or Job it may do so only when the controller
// makes the pod, and no error is shown: the old version keeps running.
//
// Operators of tolerations and what a constraint must have at least are reported by valid-value
// and required-fields. Pods of custom resources are not checked.
var ValidScheduling = &lint.Rule{
	ID:        "valid-scheduling",
	Title:     "Affinity, toleration or spread constraint is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "change or remove the field that the API server refuses",
	Check: pods(
		row{"nodeSelector", keys(labelKey)},
		row{"nodeSelector{}", labelValue},
		row{"tolerations[]", toleration},
		row{"topologySpreadConstraints[]", spread},
		row{"topologySpreadConstraints", func(s subject, v lint.Value) {
			seen := map[string]bool{}
			for c := range v.Items() {
				key := c.Get("topologyKey").Text() + " " + c.Get("whenUnsatisfiable").Text()
				if known(c, c.Get("topologyKey"), c.Get("whenUnsatisfiable")) && seen[key] {
					s.refuseFor(c.Get("topologyKey"), "is a duplicate of another constraint with the same whenUnsatisfiable", "each pair once", "remove or change one of the two constraints")
				}
				seen[key] = true
			}
		}},
		row{"affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution", requires("nodeSelectorTerms")},
		row{"affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[]", requiredTerm},
		row{"affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[].preference", nodeTerm},
		row{"affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[]", weight},
		row{"affinity.podAffinity", podAffinity},
		row{"affinity.podAntiAffinity", podAffinity},
	),
}

// requiredTerm is a term that a node must match. The values of preferred ones are not checked.
func requiredTerm(s subject, v lint.Value) {
	nodeTerm(s, v)
	for e := range v.Get("matchExpressions").Items() {
		for value := range e.Get("values").Items() {
			labelValue(s, value)
		}
	}
}

func toleration(s subject, v lint.Value) {
	key, op, value, effect, seconds := v.Get("key"), v.Get("operator"), v.Get("value"), v.Get("effect"), v.Get("tolerationSeconds")
	if !known(v, key, op, value, effect, seconds) {
		return
	}
	labelKey(s, key)
	switch op.Text() {
	case "Exists":
		if !isEmpty(value) {
			s.refuse(value, "must be empty when operator is Exists", "it removed")
		}
	case "Equal", "":
		if isEmpty(key) {
			s.refuse(op, "must be Exists when key is empty, which means all keys and values", "Exists")
		}
		labelValue(s, value)
	}
	if e := effect.Text(); seconds.IsSet() && (e == "" || e == "NoSchedule" || e == "PreferNoSchedule") {
		s.refuse(effect, "must be NoExecute when tolerationSeconds is set", "NoExecute")
	}
}

func spread(s subject, v lint.Value) {
	if !v.IsMap() || !known(v) {
		return
	}
	if n, ok := v.Get("maxSkew").Int(); ok && n <= 0 {
		s.refuse(v.Get("maxSkew"), "must be greater than zero", "1 or more")
	}
	labelSelector(s, v.Get("labelSelector"))
	domains := v.Get("minDomains")
	atLeast(1)(s, domains)
	if when := v.Get("whenUnsatisfiable"); domains.IsSet() && when.IsSet() && when.Text() != "DoNotSchedule" && when.IsKnown() {
		s.refuse(domains, "may be set only when whenUnsatisfiable is DoNotSchedule", "it removed")
	}
	oneOf("Honor", "Ignore")(s, v.Get("nodeAffinityPolicy"))
	oneOf("Honor", "Ignore")(s, v.Get("nodeTaintsPolicy"))
	labels := v.Get("matchLabelKeys")
	if labels.Len() > 0 && !v.Get("labelSelector").IsSet() {
		s.refuseFor(labels, "may not be specified when labelSelector is not set", "a labelSelector", "set labelSelector, or remove "+s.path(labels))
	}
	for label := range labels.Items() {
		labelKey(s, label)
	}
}

func nodeTerm(s subject, v lint.Value) {
	for e := range v.Get("matchExpressions").Items() {
		required(s, e.Get("key"))
		labelKey(s, e.Get("key"))
		operatorValues(s, e, "In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
	}
	for e := range v.Get("matchFields").Items() {
		oneOf("metadata.name")(s, e.Get("key"))
		oneOf("In", "NotIn")(s, e.Get("operator"))
		if values := e.Get("values"); known(values) && values.Len() != 1 {
			s.refuse(values, "must have exactly one element", "one value")
		}
		for value := range e.Get("values").Items() {
			dnsSubdomain(s, value)
		}
	}
}

func weight(s subject, v lint.Value) {
	w := v.Get("weight")
	if !w.IsSet() {
		required(s, w)
	}
	between(1, 100)(s, w)
}

func podAffinity(s subject, v lint.Value) {
	for term := range v.Get("requiredDuringSchedulingIgnoredDuringExecution").Items() {
		podTerm(s, term)
	}
	for preferred := range v.Get("preferredDuringSchedulingIgnoredDuringExecution").Items() {
		weight(s, preferred)
		term := preferred.Get("podAffinityTerm")
		required(s, term)
		if term.IsSet() {
			podTerm(s, term)
		}
	}
}

func podTerm(s subject, v lint.Value) {
	if !known(v) {
		return
	}
	required(s, v.Get("topologyKey"))
	labelKey(s, v.Get("topologyKey"))
	labelSelector(s, v.Get("labelSelector"))
	labelSelector(s, v.Get("namespaceSelector"))
	for ns := range v.Get("namespaces").Items() {
		dnsLabel(s, ns)
	}
	for _, field := range []string{"matchLabelKeys", "mismatchLabelKeys"} {
		if labels := v.Get(field); labels.Len() > 0 && !v.Get("labelSelector").IsSet() {
			s.refuseFor(labels, "may not be specified when labelSelector is not set", "a labelSelector", "set labelSelector, or remove "+s.path(labels))
		}
	}
}
