package reliability

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/suggest"
)

// ReferenceExists reports names of ConfigMaps, Secrets, ServiceAccounts and
// PersistentVolumeClaims that do not exist, where the input is complete enough to say so.
//
// The pod never starts, or an Ingress serves a certificate that no client trusts. Most often a name is
// misspelt, or an object was renamed and one place forgotten.
//
// A missing object alone is no defect: people, pipelines and operators create objects too. The rule
// reports a name if the input has an object of the kind in the namespace that
// nothing uses, and whose name differs by two letters at most, or by the hash that Kustomize
// appends. It also reports a name, except of Secrets, if the input declares the namespace,
// has no custom resources that could create more, and could be read and
// rendered completely. For a ServiceAccount the input must declare others of the namespace. Names that custom resources, arguments or variables contain pass, since
// their programs may create the objects. So do optional references, and objects that Kubernetes,
// OpenShift, Istio, cert-manager or other well-known operators create.
var ReferenceExists = &lint.Rule{
	ID:        "reference-exists",
	Title:     "Referenced object does not exist",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "give both the same name",
	Check:     lint.UnitCheck(checkReferences),
}

func checkReferences(p *lint.Pass) {
	held := map[needed]*lint.Object{}
	var order []needed
	for _, o := range p.Unit.Objects {
		if o.Group() == "" && o.Name != "" {
			n := needed{o.Kind, o.Namespace, o.Name}
			held[n], order = o, append(order, n)
		}
	}
	used := map[needed]bool{}
	var dangling []reference
	for r := range references(p.Unit) {
		n := r.target()
		used[n] = true
		if held[n] == nil && !r.optional && isName(n.name) && !isGiven(n) && !isGenerated(p.Unit, r) {
			dangling = append(dangling, r)
		}
	}
	if len(dangling) == 0 {
		return
	}
	own := ownNamespaces(p)
	for _, r := range dangling {
		n := r.target()
		d := r.diagnostic(r.name, r.verb+" "+n.kind+" "+n.name+", which does not exist; want ")
		i := slices.IndexFunc(order, func(near needed) bool {
			return near.kind == n.kind && near.namespace == n.namespace && !used[near] && isSlip(n.name, near.name)
		})
		switch {
		case isMentioned(p.Unit, n.name) || i >= 0 && isMentioned(p.Unit, order[i].name):
			continue
		case i >= 0:
			near := held[order[i]]
			d.Want, d.Message = near.Name, d.Message+near.Name
			d.Related = []lint.Related{{Object: near, At: near.Root.Get("metadata.name"), Label: "nothing uses this one"}}
		case own[n.namespace] && n.kind != "Secret" && (n.kind != "ServiceAccount" || hasKind(order, n)) && !p.MayExistElsewhere(r.object, n.kind):
			d.Message += "one of namespace " + n.namespace
		default:
			continue
		}
		p.Report(d)
	}
}

// ownNamespaces are those that the unit declares and fills alone: it has the
// Namespace, and no custom resources from which an operator could create more. What
// their pods need must come from the unit.
func ownNamespaces(p *lint.Pass) map[string]bool {
	if viewOf(p).operands {
		return nil
	}
	m := map[string]bool{}
	for _, o := range p.Unit.Objects {
		if o.Is("", "Namespace") {
			m[o.Name] = true
		}
	}
	return m
}

// hasKind reports whether the unit has objects of the kind that is needed in its
// namespace. If it has none, they are made in another place.
func hasKind(have []needed, n needed) bool {
	return slices.ContainsFunc(have, func(h needed) bool { return h.kind == n.kind && h.namespace == n.namespace })
}

// given is the objects that Kubernetes, OpenShift and well-known operators create in every
// namespace, or in every one that uses them.
var given = map[string][]string{
	"ConfigMap": {
		"kube-root-ca.crt",
		"istio-ca-root-cert", "istio-ca-crl", // Istio
		"openshift-service-ca.crt", "config-trusted-cabundle", "config-service-cabundle", // OpenShift
		"odh-trusted-ca-bundle",        // Open Data Hub
		"linkerd-identity-trust-roots", // Linkerd
	},
	"Secret": {"istio-ca-secret", "cacerts"},
	"ServiceAccount": {
		"default",
		"builder", "deployer", "pipeline", // OpenShift
		"default-editor", "default-viewer", // Kubeflow
	},
}

// givenInSystem is what clusters have in kube-system.
var givenInSystem = []string{
	"extension-apiserver-authentication", "kubeadm-config", "kubelet-config", "kube-proxy", "coredns", "kube-dns", "aws-auth", "cluster-info",
}

// isGiven reports whether something outside the unit creates the object.
func isGiven(n needed) bool {
	return slices.Contains(given[n.kind], n.name) || n.namespace == "kube-system" && slices.Contains(givenInSystem, n.name)
}

// isGenerated reports whether a controller creates the Secret of a certificate, since an
// annotation asks for it.
func isGenerated(u *lint.Unit, r reference) bool {
	if r.kind != "Secret" {
		return false
	}
	for name := range r.object.Root.Get("metadata.annotations").Entries() {
		if r.object.Kind == "Ingress" && (strings.HasPrefix(name, "cert-manager.io/") || strings.HasPrefix(name, "certmanager.k8s.io/") || name == "kubernetes.io/tls-acme") {
			return true
		}
	}
	return slices.ContainsFunc(u.Objects, func(o *lint.Object) bool {
		if !o.Is("", "Service") {
			return false
		}
		annotations := o.Root.Get("metadata.annotations")
		for _, name := range []string{"service.beta.openshift.io/serving-cert-secret-name", "service.alpha.openshift.io/serving-cert-secret-name"} {
			if text(annotations.Child(name)) == text(r.name) {
				return true
			}
		}
		return false
	})
}

// isSlip reports whether two names were meant to be one: they differ by two letters at
// most, of at least six, and in no digit, or by the hash that Kustomize appends.
func isSlip(a, b string) bool {
	if isHashed(a, b) || isHashed(b, a) {
		return true
	}
	if min(len(a), len(b)) < 6 || digits(a) != digits(b) || suggest.Distance(a, b) > 2 {
		return false
	}
	// web-a and web-b are two names, as are those that differ in a word.
	words := func(s string) []string {
		return strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '.' })
	}
	x, y := words(a), words(b)
	if len(x) != len(y) {
		return strings.Join(x, "") == strings.Join(y, "")
	}
	for i := range x {
		if x[i] != y[i] && min(len(x[i]), len(y[i])) < 4 {
			return false
		}
	}
	return true
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// isHashed reports whether a name is another with a hash of Kustomize's: ten
// letters and digits that spell nothing.
func isHashed(name, plain string) bool {
	hash, ok := strings.CutPrefix(name, plain+"-")
	return ok && len(hash) == 10 && strings.Trim(hash, "bcdfghkmt2456789") == ""
}

// isMentioned reports whether something that may make or use an object names it: a
// custom resource, or a container's arguments or variables.
func isMentioned(u *lint.Unit, name string) bool {
	return slices.ContainsFunc(u.Objects, func(o *lint.Object) bool {
		if strings.Contains(o.Group(), ".") && !strings.HasSuffix(o.Group(), ".k8s.io") && mentions(o.Root, name) {
			return true
		}
		return slices.ContainsFunc(o.Workloads, func(w *lint.Workload) bool {
			return slices.ContainsFunc(w.Containers, func(h lint.PodOrContainer) bool {
				return mentions(h.Get("command"), name) || mentions(h.Get("args"), name) ||
					slices.ContainsFunc(slices.Collect(h.Get("env").Items()), func(v lint.Value) bool { return mentions(v.Get("value"), name) })
			})
		})
	})
}

// mentions reports whether a text somewhere in a value holds a name, or starts it:
// operators name what they make after their resource.
func mentions(v lint.Value, name string) bool {
	if v.IsScalar() {
		return holdsName(v.Node.Value, name) || len(v.Node.Value) > 2 && strings.HasPrefix(name, v.Node.Value+"-")
	}
	for c := range v.Items() {
		if mentions(c, name) {
			return true
		}
	}
	for _, c := range v.Entries() {
		if mentions(c, name) {
			return true
		}
	}
	return false
}

// holdsName reports whether a name is in a text, and not as a part of another.
func holdsName(text, name string) bool {
	part := func(s string) bool { return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" }
	for {
		before, after, ok := strings.Cut(text, name)
		if !ok {
			return false
		}
		if !part(before[max(0, len(before)-1):]) && !part(after[:min(1, len(after))]) {
			return true
		}
		text = after
	}
}
