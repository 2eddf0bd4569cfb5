package validity

import "github.com/kubevet/kubevet/lint"

// ValidWorkload reports Deployments, StatefulSets, DaemonSets and ReplicaSets with fields that the
// API server refuses: a rolling update under Recreate, negative numbers, a deadline for pods that
// run on.
//
// An installation stops half-way, with some of the objects in place and the old version of this
// one still running.
//
// The selector and the policy for restarts have rules of their own: selector-matches-template and
// restart-policy.
var ValidWorkload = &lint.Rule{
	ID:        "valid-workload",
	Title:     "Fields of a workload are not valid together",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "change or remove the field that the API server refuses",
	Check: objects(
		kind{"apps", "Deployment", append([]row{
			{"spec.revisionHistoryLimit", atLeast(0)},
			{"spec.progressDeadlineSeconds", progressDeadline},
			{"spec.strategy", func(s subject, v lint.Value) {
				if v.Get("type").Text() == "Recreate" && v.Get("rollingUpdate").IsSet() {
					s.refuse(v.Get("rollingUpdate"), "may not be specified when the type is Recreate", "it removed")
				}
			}},
			{"spec.strategy.rollingUpdate", rollingUpdate},
		}, replicated...)},
		kind{"apps", "ReplicaSet", replicated},
		kind{"", "ReplicationController", []row{
			{"spec.replicas", atLeast(0)},
			{"spec.minReadySeconds", atLeast(0)},
			{"spec.template.spec.activeDeadlineSeconds", noDeadline},
		}},
		kind{"apps", "StatefulSet", append([]row{
			{"spec.serviceName", dnsLabel},
			{"spec.updateStrategy", func(s subject, v lint.Value) {
				if v.Get("type").Text() == "OnDelete" && v.Get("rollingUpdate").IsSet() {
					s.refuse(v.Get("rollingUpdate"), "may be specified only when the type is RollingUpdate", "it removed")
				}
			}},
			{"spec.updateStrategy.rollingUpdate.partition", atLeast(0)},
			{"spec.updateStrategy.rollingUpdate.maxUnavailable", since(37, all(countOrPercent, upTo100, notZero))},
			{"spec.persistentVolumeClaimRetentionPolicy.whenDeleted", oneOf("Retain", "Delete")},
			{"spec.persistentVolumeClaimRetentionPolicy.whenScaled", oneOf("Retain", "Delete")},
			{"spec.ordinals.start", atLeast(0)},
		}, replicated...)},
		kind{"apps", "DaemonSet", append([]row{
			{"spec.revisionHistoryLimit", atLeast(0)},
			{"spec.updateStrategy.rollingUpdate", rollingDaemons},
		}, replicated...)},
	),
}

// replicated is what workloads of apps have in common.
var replicated = []row{
	{"spec.replicas", atLeast(0)},
	{"spec.minReadySeconds", atLeast(0)},
	{"spec.selector", labelSelector},
	{"spec.selector", func(s subject, v lint.Value) {
		if v.IsMap() && known(v, v.Get("matchLabels"), v.Get("matchExpressions")) && v.Get("matchLabels").Len() == 0 && v.Get("matchExpressions").Len() == 0 {
			reason := "must not be empty"
			if v.Len() > 0 { // the labels themselves, most of the time
				reason = "has neither matchLabels nor matchExpressions"
			}
			s.refuseFor(v, reason, "the labels of the template", "write the labels of the template to "+s.path(v)+".matchLabels")
		}
	}},
	{"spec.template.spec.activeDeadlineSeconds", noDeadline},
}

var noDeadline = forbidden("may not be set for pods that run on")

func notZero(s subject, v lint.Value) {
	if isZero(v) {
		s.refuse(v, "must not be 0", "1 or more")
	}
}

func progressDeadline(s subject, v lint.Value) {
	atLeast(0)(s, v)
	deadline, ok := v.Int()
	ready, _ := s.Get("spec.minReadySeconds").Int()
	if ok && deadline >= 0 && deadline <= ready {
		s.refuse(v, "must be greater than minReadySeconds", "more than "+s.Get("spec.minReadySeconds").Text())
	}
}

// rollingUpdate is how a Deployment replaces its pods.
func rollingUpdate(s subject, v lint.Value) {
	surge, unavailable := v.Get("maxSurge"), v.Get("maxUnavailable")
	countOrPercent(s, surge)
	countOrPercent(s, unavailable)
	upTo100(s, unavailable)
	if isZero(surge) && isZero(unavailable) {
		s.refuseFor(unavailable, "may not be 0 when maxSurge is 0", "one of them greater than 0", "set maxUnavailable or maxSurge to more than 0")
	}
}

// rollingDaemons is how a DaemonSet replaces its pods.
func rollingDaemons(s subject, v lint.Value) {
	surge, unavailable := v.Get("maxSurge"), v.Get("maxUnavailable")
	countOrPercent(s, surge)
	countOrPercent(s, unavailable)
	upTo100(s, surge)
	upTo100(s, unavailable)
	if !known(v, surge, unavailable) {
		return
	}
	switch hasSurge := surge.IsSet() && !isZero(surge); {
	case hasSurge && !isZero(unavailable): // unset is 1
		s.refuseFor(surge, "may not be set when maxUnavailable is not 0", "maxUnavailable: 0", "set maxUnavailable: 0, or remove "+s.path(surge))
	case !hasSurge && unavailable.IsSet() && isZero(unavailable):
		s.refuseFor(unavailable, "may not be 0 when maxSurge is 0", "one of them greater than 0", "set maxUnavailable or maxSurge to more than 0")
	}
}
