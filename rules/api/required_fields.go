package api

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// RequiredFields reports objects that lack a field without which the API server refuses them.
//
// An installation stops half-way, with some of the objects in place.
//
// Checked are the fields that are left out by mistake: the name of an object, the spec of a Service, selector and template of
// workloads, schedule of CronJobs, a pod's containers, their names and ports, its constraints on spread,
// pathType and backend of Ingress paths, access modes and storage of claims, what an autoscaler scales and how
// far. Objects that are no more than a part, such as patches, are reported too: keep them where a
// kustomization names them. A field that a chart leaves empty, to be set by its user, is low, and none if the chart
// refuses to be installed without values of its user. What a Go program embeds by its file name, without name or selector, is not
// checked: the program adds what it lacks. Nor is a Pod without name that a pipeline of
// Jenkins reads as the template of its agents' pods.
var RequiredFields = &lint.Rule{
	ID:        "required-fields",
	Title:     "Required field is missing",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-upgrades"},
	Fix:       "add the field",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		if p.IsSkeleton(o) {
			return
		}
		if name := o.Root.Get("metadata.name"); needsName(o) && isEmpty(name) && isEmpty(o.Root.Get("metadata.generateName")) && name.IsKnown() && !name.IsUnholdable() && !p.IsForUser(o, name) {
			p.Report(lint.Diagnostic{Object: o, At: name, Severity: lint.Low.If(isLeftEmpty(p, name)), Message: o.Kind + " does not set metadata.name, which is required; want it set"})
		}
		if isPartOfWorkload(o) {
			p.Report(lint.Diagnostic{
				Object: o, At: o.Root.Get("spec"), Fix: lint.Advice("add both, or if this is a part of an object that something else installs, make it a patch, or apply it on the server side, with the sync option ServerSideApply=true of Argo CD for one"),
				Message: o.KindName() + " sets neither spec.selector nor the spec of its pods, which are required; want both, unless it is a part of another one",
			})
			return
		}
		for _, r := range required {
			if r.apiVersion != o.APIVersion || r.kind != o.Kind {
				continue
			}
			for _, field := range r.fields {
				if field == "spec.selector" && p.Unit.IsComponent { // labels of the overlay that uses it may set it
					continue
				}
				checkRequired(p, lint.Diagnostic{Object: o}, o.KindName(), o.Root, field)
			}
		}
		if path := podSpecs[o.Kind]; path != "" && len(o.Workloads) == 0 && loadTable().find(o) != nil {
			if parent, _ := strings.CutSuffix(path, ".spec"); o.Kind == "Pod" || o.Root.Get(parent).IsSet() {
				checkRequired(p, lint.Diagnostic{Object: o}, o.KindName(), o.Root, path)
			}
		}
		for _, w := range o.Workloads {
			if group := o.Group(); group != "" && group != "apps" && group != "batch" {
				continue
			}
			for _, field := range []string{"containers", "topologySpreadConstraints[].maxSkew", "topologySpreadConstraints[].topologyKey", "topologySpreadConstraints[].whenUnsatisfiable"} {
				checkRequired(p, lint.Diagnostic{Subject: w.Pod}, w.Pod.Label(), w.Pod.Value, field)
			}
			for _, h := range w.Containers {
				label := h.Label()
				for _, field := range []string{"name", "ports[].containerPort"} {
					checkRequired(p, lint.Diagnostic{Subject: h}, label, h.Value, field)
				}
			}
		}
	}),
}

// isPartOfWorkload reports whether a workload has a spec, and in it nothing of what says which pods it has: it is meant to change another one.
func isPartOfWorkload(o *lint.Object) bool {
	spec := o.Root.Get("spec")
	return o.APIVersion == "apps/v1" && podSpecs[o.Kind] == "spec.template.spec" && len(o.Workloads) == 0 && spec.IsMap() && spec.Len() > 0 &&
		!spec.Get("selector").IsSet() && spec.IsKnown() && !spec.Get("template.spec").IsSet() && spec.Get("template").IsKnown()
}

// podSpecs is where kinds hold the spec of their pods, without which there are no pods.
var podSpecs = map[string]string{
	"Pod": "spec", "Deployment": "spec.template.spec", "StatefulSet": "spec.template.spec", "DaemonSet": "spec.template.spec",
	"Job": "spec.template.spec", "ReplicaSet": "spec.template.spec", "ReplicationController": "spec.template.spec",
	"CronJob": "spec.jobTemplate.spec.template.spec",
}

// needsName reports objects that are stored by a name: those of built-in kinds, and custom resources with a
// namespace. Others without a name may be files that a program reads, and a name that is left empty is filled in by one. Reviews are answered at once, and LimitRanges are given one.
func needsName(o *lint.Object) bool {
	group := o.Group()
	if strings.Contains(group, ".") && loadTable().find(o) == nil && !builtinGroup(loadTable(), o) {
		_, missing := o.Root.Get("metadata.name").Anchor()
		return missing != "" && !isEmpty(o.Root.Get("metadata.namespace")) && !o.Is("install.istio.io", "IstioOperator") // a file for istioctl install -f
	}
	return loadTable().find(o) != nil && group != "authentication.k8s.io" && group != "authorization.k8s.io" && o.Kind != "List" && o.Kind != "LimitRange" && o.Kind != "Eviction" && o.Kind != "Binding"
}

// isEmpty reports what the API server takes as unset: absent, or empty text or lists.
func isEmpty(v lint.Value) bool {
	return !v.IsSet() || v.IsScalar() && v.Node.Value == "" || v.IsList() && v.Len() == 0
}

// required is the fields that kinds must have. "[]" after a key means each
// element of the list.
var required = []struct {
	apiVersion, kind string
	fields           []string
}{
	{"apps/v1", "Deployment", []string{"spec.selector", "spec.template"}},
	{"apps/v1", "StatefulSet", []string{"spec.selector", "spec.template", "spec.volumeClaimTemplates[].spec.accessModes", "spec.volumeClaimTemplates[].spec.resources.requests.storage"}},
	{"apps/v1", "DaemonSet", []string{"spec.selector", "spec.template"}},
	{"apps/v1", "ReplicaSet", []string{"spec.selector", "spec.template"}},
	{"batch/v1", "Job", []string{"spec.template"}},
	{"batch/v1", "CronJob", []string{"spec.schedule", "spec.jobTemplate"}},
	{"v1", "PersistentVolumeClaim", []string{"spec.accessModes", "spec.resources.requests.storage"}},
	{"v1", "PersistentVolume", []string{"spec.accessModes", "spec.capacity.storage"}},
	{"v1", "ReplicationController", []string{"spec.template"}},
	{"v1", "Service", []string{"spec"}},
	{"apiextensions.k8s.io/v1", "CustomResourceDefinition", []string{"spec"}},
	{"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", []string{"spec"}},
	{"networking.k8s.io/v1", "Ingress", []string{"spec.rules[].http.paths[].pathType", "spec.rules[].http.paths[].backend"}},
	{"autoscaling/v2", "HorizontalPodAutoscaler", []string{"spec.maxReplicas", "spec.scaleTargetRef"}},
	{"autoscaling/v1", "HorizontalPodAutoscaler", []string{"spec.maxReplicas", "spec.scaleTargetRef"}},
	{"storage.k8s.io/v1", "StorageClass", []string{"provisioner"}},
	{"rbac.authorization.k8s.io/v1", "RoleBinding", []string{"roleRef"}},
	{"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", []string{"roleRef"}},
}

// lackedIn is the first field that an object lacks and that another version of its kind requires. It is empty if it lacks none.
func lackedIn(o *lint.Object, as *kind) string {
	if as.apiVersion == "apiextensions.k8s.io/v1" && lacksSchema(o) {
		return "spec.versions[*].schema"
	}
	for _, r := range required {
		if r.apiVersion != as.apiVersion || r.kind != as.kind {
			continue
		}
		for _, field := range r.fields {
			for v := range o.Root.Each(field) {
				if isEmpty(v) && v.IsKnown() {
					return strings.ReplaceAll(field, "[]", "[*]")
				}
			}
		}
	}
	return ""
}

// lacksSchema reports a CustomResourceDefinition of which a version has no schema, and that has none for all of them.
func lacksSchema(o *lint.Object) bool {
	for v := range o.Root.Each("spec.versions[].schema") {
		if !v.IsSet() && v.IsKnown() {
			return !o.Root.Get("spec.validation").IsSet()
		}
	}
	return false
}

func checkRequired(p *lint.Pass, d lint.Diagnostic, label string, v lint.Value, path string) {
	for v := range v.Each(path) {
		if !isEmpty(v) || v.IsUnholdable() { // the latter is reported by field-types
			continue
		}
		o := d.Object
		if d.Subject.Workload != nil {
			o = d.Subject.Workload.Object
		}
		if p.IsForUser(o, v) {
			continue
		}
		d.At, d.Fix = v, lint.Intent{}
		d.Severity = lint.Low.If(isLeftEmpty(p, v))
		if path, ok := strings.CutSuffix(v.Path(), ".pathType"); ok {
			d.Fix.Value = "Prefix"
			if strings.HasSuffix(path, "]") && d.Object.Root.Get(path+".path").Text() == "" {
				d.Fix.Value = "ImplementationSpecific" // the others need a path
			}
			d.Fix.Title = "set pathType: " + d.Fix.Value
		}
		d.Message = label + " does not set " + strings.TrimPrefix(strings.TrimPrefix(v.Path(), subjectPath(d)), ".") + ", which is required; want it set"
		p.Report(d)
	}
}

// isLeftEmpty reports whether a chart prints the key of an empty field: its user must give the value.
func isLeftEmpty(p *lint.Pass, v lint.Value) bool {
	_, missing := v.Anchor()
	return missing == "" && p.Unit.Kind == lint.UnitChart
}
