package validity

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubevet/kubevet/lint"
)

// ValidAutoscaler reports HorizontalPodAutoscalers with fields that the API server refuses: fewer
// replicas at most than at least, a metric without its source, a policy out of range.
//
// An installation stops half-way, with some of the objects in place, and the workload is not
// scaled under load.
//
// A minimum of 0 is refused unless the feature gate HPAScaleToZero is on, which it is by default
// from Kubernetes 1.37 on; a metric of an object or from outside is needed then. That what is scaled exists is checked by autoscaler-target-exists.
var ValidAutoscaler = &lint.Rule{
	ID:        "valid-autoscaler",
	Title:     "HorizontalPodAutoscaler is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "change or remove the field that the API server refuses",
	Check: objects(
		kind{"autoscaling", "HorizontalPodAutoscaler", []row{
			{"spec", replicasInOrder},
			{"spec.scaleTargetRef", requires("kind", "name")},
			{"spec.scaleTargetRef.kind", pathSegment},
			{"spec.scaleTargetRef.name", pathSegment},
			{"spec.scaleTargetRef.apiVersion", since(34, targetAPI)},
			{"spec.targetCPUUtilizationPercentage", atLeast(1)},
			{"spec.metrics[]", metric},
			{"spec.behavior.scaleUp", scaling},
			{"spec.behavior.scaleDown", scaling},
		}},
	),
}

func replicasInOrder(s subject, v lint.Value) {
	least, most := v.Get("minReplicas"), v.Get("maxReplicas")
	if s.Version.AtLeast(37) {
		atLeast(0)(s, least)
		scaleToZero(s, v)
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

// scaleToZero asks for a metric that is there without a pod.
func scaleToZero(s subject, v lint.Value) {
	if n, ok := v.Get("minReplicas").Int(); !ok || n != 0 || s.object.APIVersion != "autoscaling/v2" {
		return
	}
	metrics := v.Get("metrics")
	for m := range metrics.Items() {
		if t := m.Get("type"); !known(m, t) || t.Text() == "Object" || t.Text() == "External" {
			return
		}
	}
	if metrics.IsKnown() {
		s.refuseFor(metrics, "must have an Object or External metric when minReplicas is 0", "one of these", "add an Object or External metric, or set minReplicas: 1")
	}
}

// targetAPI is the API of what is scaled, which has a group.
func targetAPI(s subject, v lint.Value) {
	if group, _, ok := strings.Cut(v.Text(), "/"); v.IsKnown() && (!ok || group == "") {
		s.refuse(v, "must specify an API group", "a form such as apps/v1")
	}
}

// pathSegment is a name that may be a part of a URL's path.
var pathSegment = text("may not contain / or %, and may not be . or ..", "a name", func(t string) []string {
	if t == "." || t == ".." || strings.ContainsAny(t, "/%") {
		return []string{t}
	}
	return nil
})

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
		dnsLabel(s, source.Get("container"))
	}
	if field == "containerResource" {
		name := source.Get("name")
		qualified(s, name)
		if t := name.Text(); t != "" && t != "cpu" && t != "memory" && t != "ephemeral-storage" && t != "storage" && !strings.Contains(t, "/") && !strings.HasPrefix(t, "hugepages-") && len(validation.IsQualifiedName(t)) == 0 {
			s.refuse(name, "must be a standard resource type, or a name with a domain", "cpu or memory")
		}
	}
	pathSegment(s, source.Get("metric.name"))
	if field == "object" {
		required(s, source.Get("describedObject.kind"))
		required(s, source.Get("describedObject.name"))
	}
	if target := source.Get("target"); !target.IsSet() {
		required(s, target)
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
			s.refuseFor(utilization, "must be set unless averageValue is", "one of the two", "set "+s.path(utilization)+" or averageValue")
		case utilization.IsSet() && average.IsSet():
			s.refuseFor(average, "may not be set together with averageUtilization", "one of the two", "remove "+s.path(average)+" or averageUtilization")
		}
	case "pods":
		if !average.IsSet() {
			s.refuse(average, "must be set for a metric of pods", "it set")
		}
	default:
		if !value.IsSet() && !average.IsSet() {
			s.refuseFor(value, "must be set unless averageValue is", "one of the two", "set "+s.path(value)+" or averageValue")
		} else if source == "external" && value.IsSet() && average.IsSet() {
			s.refuseFor(average, "may not be set together with value", "one of the two", "remove "+s.path(average)+" or value")
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
		requires("type", "value", "periodSeconds")(s, p)
		oneOf("Pods", "Percent")(s, p.Get("type"))
		atLeast(1)(s, p.Get("value"))
		between(1, 1800)(s, p.Get("periodSeconds"))
	}
}
