package api

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// moved is a field of former versions of a kind that a version has under another name. The paths have [] for the elements of lists; to begins
// where from ends in a mapping that both are in.
type moved struct {
	apiVersion, kind, from, to string
}

// movedFields are the fields that moved between versions in which Kubernetes has served the kinds.
var movedFields = []moved{
	{"apiextensions.k8s.io/v1", "CustomResourceDefinition", "spec.version", "spec.versions[].name"},
	{"apiextensions.k8s.io/v1", "CustomResourceDefinition", "spec.validation", "spec.versions[].schema"},
	{"apiextensions.k8s.io/v1", "CustomResourceDefinition", "spec.subresources", "spec.versions[].subresources"},
	{"apiextensions.k8s.io/v1", "CustomResourceDefinition", "spec.additionalPrinterColumns", "spec.versions[].additionalPrinterColumns"},
	{"apiextensions.k8s.io/v1", "CustomResourceDefinition", "spec.versions[].additionalPrinterColumns[].JSONPath", "spec.versions[].additionalPrinterColumns[].jsonPath"},
	{"apiextensions.k8s.io/v1", "CustomResourceDefinition", "spec.conversion.webhookClientConfig", "spec.conversion.webhook.clientConfig"},
	{"apiextensions.k8s.io/v1", "CustomResourceDefinition", "spec.conversion.conversionReviewVersions", "spec.conversion.webhook.conversionReviewVersions"},
	{"networking.k8s.io/v1", "Ingress", "spec.backend", "spec.defaultBackend"},
	{"networking.k8s.io/v1", "Ingress", "spec.defaultBackend.serviceName", "spec.defaultBackend.service.name"},
	{"networking.k8s.io/v1", "Ingress", "spec.defaultBackend." + servicePort, "spec.defaultBackend.service.port"},
	{"networking.k8s.io/v1", "Ingress", "spec.rules[].http.paths[].backend.serviceName", "spec.rules[].http.paths[].backend.service.name"},
	{"networking.k8s.io/v1", "Ingress", "spec.rules[].http.paths[].backend." + servicePort, "spec.rules[].http.paths[].backend.service.port"},
	{"autoscaling/v2", "HorizontalPodAutoscaler", "spec.metrics[].resource.targetAverageUtilization", "spec.metrics[].resource.target.averageUtilization"},
	{"autoscaling/v2", "HorizontalPodAutoscaler", "spec.metrics[].resource.targetAverageValue", "spec.metrics[].resource.target.averageValue"},
	{"autoscaling/v2", "HorizontalPodAutoscaler", "spec.metrics[].pods.metricName", "spec.metrics[].pods.metric.name"},
	{"autoscaling/v2", "HorizontalPodAutoscaler", "spec.metrics[].pods.targetAverageValue", "spec.metrics[].pods.target.averageValue"},
}

// servicePort is a field that held a number or a name, for which there are two fields now.
const servicePort = "servicePort"

// movedTo is where a version of the kind has the unknown field: the path, and what of it is below the mapping that has the unknown field. Both are
// empty if it has none.
func (d defect) movedTo(o *lint.Object, as *kind) (path, below string) {
	from := pathOf(d.steps)
	i := slices.IndexFunc(movedFields, func(m moved) bool { return m.apiVersion == as.apiVersion && m.kind == as.kind && m.from == from })
	if i < 0 {
		return "", ""
	}
	path = movedFields[i].to
	if strings.HasSuffix(from, servicePort) {
		field := ".name"
		if _, isNumber := d.value(o).Int(); isNumber {
			field = ".number"
		}
		path += field
	}
	return path, strings.TrimPrefix(path, from[:strings.LastIndexByte(from, '.')+1])
}

// isTakenAt reports whether every mapping at a path below the one that has the unknown key sets the field there.
func (d defect) isTakenAt(o *lint.Object, below string) bool {
	n := 0
	for v := range (defect{steps: d.steps[:len(d.steps)-1]}).value(o).Each(below) {
		if n++; !v.IsSet() {
			return false
		}
	}
	return n > 0
}

// movesTo continues a fix with which fields of an object another version of its kind has elsewhere. It is empty if there are none.
func movesTo(o *lint.Object, as *kind) string {
	if as.form == nil {
		return ""
	}
	var w walker
	w.value(o.Root.Node, as.form)
	var moves, taken []string
	known := map[string]bool{}
	for _, d := range w.found.unknown {
		path, below := d.movedTo(o, as)
		from := pathOf(d.steps)
		if path == "" || known[from+path] {
			continue
		}
		known[from+path] = true
		switch {
		case d.isTakenAt(o, below):
			taken = append(taken, strings.ReplaceAll(from, "[]", "[*]"))
		case from == "spec.version":
			moves = append(moves, from+" to spec.versions[*].name, with served and storage beside it")
		default:
			moves = append(moves, strings.ReplaceAll(from+" to "+path, "[]", "[*]"))
		}
	}
	text := ""
	if len(moves) > 0 {
		text = ", move " + lint.AndOthers(moves, maxMoves)
	}
	if len(taken) > 0 {
		text += ", remove " + lint.AndOthers(taken, maxMoves)
	}
	return text
}

// maxMoves is how many fields a fix names.
const maxMoves = 6
