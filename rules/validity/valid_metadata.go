package validity

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// ValidMetadata reports annotations, namespaces, finalizers and owners that the API server refuses: a key
// with two slashes, more than 256 KiB of annotations, a namespace that is no name, an owner without uid.
//
// The object is refused as a whole. For annotations of a pod template that happens only when
// the controller makes the pods, and no error is shown: the old version keeps running.
//
// Labels and names have rules of their own: valid-labels and valid-name. Values of annotations may
// hold anything.
var ValidMetadata = &lint.Rule{
	ID:        "valid-metadata",
	Title:     "Annotation, namespace, finalizer or owner is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "change or remove the field that the API server refuses",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		s := subject{Pass: p, object: o, Value: o.Root, reported: &paths{}}
		s.apply(metadata)
		for _, w := range o.Workloads {
			if w.Template.Path() != "" && isBuiltin(o) {
				annotations(s, w.Template.Get("metadata.annotations"))
			}
		}
	}),
}

// metadata is the constraints on all objects.
var metadata = steps([]row{
	{"metadata.annotations", annotations},
	{"metadata.namespace", dnsLabel},
	{"metadata.generateName", func(s subject, v lint.Value) {
		if t := v.Text(); t != "" && len(validation.IsDNS1123Subdomain(strings.TrimSuffix(t, "-"))) > 0 && !strings.ContainsAny(t, ":") {
			s.refuse(v, "must start a valid name", "lower-case letters, digits and dashes")
		}
	}},
	{"metadata.finalizers[]", all(qualified, finalizer)},
	{"metadata.ownerReferences[]", requires("apiVersion", "kind", "name", "uid")},
	{"metadata.ownerReferences", oneController},
})

// finalizer is one of a controller, whose name begins with a domain, or one of the API server's own.
func finalizer(s subject, v lint.Value) {
	t := v.Text()
	switch s.object.Group() {
	case "", "apps", "batch", "autoscaling", "networking.k8s.io", "policy", "rbac.authorization.k8s.io", "storage.k8s.io":
	default:
		return
	}
	if t != "" && !strings.Contains(t, "/") && t != "kubernetes" && t != "orphan" && t != "foregroundDeletion" {
		s.refuse(v, "must be a standard finalizer or have a domain", "a form such as example.com/"+t)
	}
}

// oneController is the owners of an object, of which one may be its controller.
func oneController(s subject, v lint.Value) {
	controllers := 0
	for owner := range v.Items() {
		if c := owner.Get("controller"); c.True() {
			if controllers++; controllers == 2 {
				s.refuse(c, "may be true for one owner only", "it removed")
			}
		}
	}
}

// maxAnnotations is how many bytes the annotations of an object may have.
const maxAnnotations = 256 << 10

func annotations(s subject, v lint.Value) {
	size := 0
	for key, c := range v.Entries() {
		if c.IsScalar() {
			size += len(key) + len(c.Node.Value)
		}
		if k := c.AtKey(); k.IsKnown() && len(isQualified(strings.ToLower(key))) > 0 && !node.MayHavePlaceholder(key) {
			s.isKey = true
			s.refuse(k, "must be a qualified name", "letters, digits, -, _ and . after an optional DNS name and a slash")
		}
	}
	if size > maxAnnotations {
		s.refuseFor(v, "may have at most 262144 bytes", "less, or a ConfigMap", "shorten the annotations, or keep the text in a ConfigMap")
	}
}
