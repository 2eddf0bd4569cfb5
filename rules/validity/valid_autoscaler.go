package validity

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// ValidAutoscaler reports HorizontalPodAutoscalers with fields that the API server refuses: fewer
// replicas at most than at least, a metric without its source, a policy out of range.
//
// An installation stops half-way, with some of the objects in place, and the workload is not
// scaled under load.
//
// A minimum of 0 is refused unless the feature gate HPAScaleToZero is on, which it is by default
// from Kubernetes 1.36 on. That what is scaled exists is checked by autoscaler-target-exists.
var ValidAutoscaler = &lint.Rule{
	ID:        "valid-autoscaler",
	Title:     "HorizontalPodAutoscaler is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "write the field as the API server demands",
	Check: objects(
		kind{"autoscaling", "HorizontalPodAutoscaler", []row{
			{"spec", replicasInOrder},
			{"spec.scaleTargetRef", needs("kind", "name")},
			{"spec.targetCPUUtilizationPercentage", atLeast(1)},
			{"spec.metrics[]", metric},
			{"spec.behavior.scaleUp", scaling},
			{"spec.behavior.scaleDown", scaling},
		}},
	),
}

func replicasInOrder(s subject, v lint.Value) {
	least, most := v.Get("minReplicas"), v.Get("maxReplicas")
	if s.Version.AtLeast(36) {
		atLeast(0)(s, least)
	} else {
		atLeast(1)(s, least)
	}
	atLeast(1)(s, most)
	n, ok1 := most.Int()
	m, ok2 := least.Int()
	if ok1 && ok2 && n >= 1 && n < m {
		s.refuse(most, "must be greater than or equal to minReplicas", least.Text()+" or more")
	}
}

// metricSources are the types of metrics, and the fields that hold them.
var metricSources = map[string]string{"Object": "object", "Pods": "pods", "Resource": "resource", "ContainerResource": "containerResource", "External": "external"}

func metric(s subject, v lint.Value) {
	typ := v.Get("type")
	if !v.IsMap() || !known(v, typ) {
		return
	}
	required(s, typ)
	oneOf("ContainerResource", "External", "Object", "Pods", "Resource")(s, typ)
	field := metricSources[typ.Text()]
	if field == "" {
		return
	}
	source := v.Get(field)
	if !source.IsSet() {
		s.refuse(source, "is required when the type is "+typ.Text(), "it set")
	}
	for _, other := range setFields(v, "object", "pods", "resource", "containerResource", "external") {
		if other.Key().Value != field {
			s.refuse(other, "must match the type "+typ.Text(), "it removed")
		}
	}
	if !source.IsMap() || s.object.APIVersion != "autoscaling/v2" {
		return
	}
	if strings.HasSuffix(field, "esource") {
		required(s, source.Get("name"))
	} else {
		required(s, source.Get("metric.name"))
	}
	if field == "containerResource" {
		required(s, source.Get("container"))
	}
	metricTarget(s, source.Get("target"), field)
}

func metricTarget(s subject, v lint.Value, source string) {
	typ := v.Get("type")
	if !v.IsMap() || !known(v, typ) {
		return
	}
	required(s, typ)
	oneOf("Utilization", "Value", "AverageValue")(s, typ)
	utilization, average, value := v.Get("averageUtilization"), v.Get("averageValue"), v.Get("value")
	atLeast(1)(s, utilization)
	positive(s, average)
	positive(s, value)
	if !known(utilization, average, value) {
		return
	}
	switch source {
	case "resource", "containerResource":
		switch {
		case !utilization.IsSet() && !average.IsSet():
			s.refuse(utilization, "must be set unless averageValue is", "one of the two")
		case utilization.IsSet() && average.IsSet():
			s.refuse(average, "may not be set together with averageUtilization", "one of the two")
		}
	case "pods":
		if !average.IsSet() {
			s.refuse(average, "must be set for a metric of pods", "it set")
		}
	default:
		if !value.IsSet() && !average.IsSet() {
			s.refuse(value, "must be set unless averageValue is", "one of the two")
		}
	}
}

func scaling(s subject, v lint.Value) {
	between(0, 3600)(s, v.Get("stabilizationWindowSeconds"))
	oneOf("Max", "Min", "Disabled")(s, v.Get("selectPolicy"))
	if policies := v.Get("policies"); policies.IsList() && policies.Len() == 0 {
		s.refuse(policies, "must specify at least one policy", "one policy")
	}
	for p := range v.Get("policies").Items() {
		needs("type", "value", "periodSeconds")(s, p)
		oneOf("Pods", "Percent")(s, p.Get("type"))
		atLeast(1)(s, p.Get("value"))
		between(1, 1800)(s, p.Get("periodSeconds"))
	}
}
