package reliability

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
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
// rendered completely. It must hold others of the kind in the namespace: without any, they are made in
// another way. Names that custom resources, arguments or variables contain pass, since
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
	held, order := coreObjects(p.Unit)
	dangling, used := danglingReferences(p, held)
	if len(dangling) == 0 {
		return
	}
	// near is the index in order of what a reference may mean instead.
	near, names := make([]int, len(dangling)), map[string]bool{}
	for at, r := range dangling {
		n := r.target()
		near[at] = slices.IndexFunc(order, func(other needed) bool {
			return other.kind == n.kind && other.namespace == n.namespace && !used[other] && isSlip(n.name, other.name)
		})
		names[n.name] = true
		if near[at] >= 0 {
			names[order[near[at]].name] = true
		}
	}
	mentioned := mentionedNames(p.Unit, names)
	own := ownNamespaces(p)
	for at, r := range dangling {
		n, i := r.target(), near[at]
		d := r.diagnostic(r.name, r.verb+" "+n.kind+" "+n.name+", which does not exist; want ")
		d.Absence = true
		switch {
		case mentioned[n.name] || i >= 0 && mentioned[order[i].name]:
			continue
		case i >= 0:
			near := held[order[i]]
			d.Fix.Value, d.Message = near.Name, d.Message+near.Name
			d.Related = []lint.Related{{Object: near, At: near.Root.Get("metadata.name"), Label: "nothing uses this one"}}
		case own[n.namespace] && n.kind != "Secret" && hasKind(order, n) && !p.MayExistElsewhere(r.object, n.kind):
			d.Message += "one of namespace " + n.namespace
		default:
			continue
		}
		p.Report(d)
	}
}

// coreObjects are the objects of a unit that are of the core group, among them all that
// references name, and what names them, in the order of the unit.
func coreObjects(u *lint.Unit) (held map[needed]*lint.Object, order []needed) {
	held = map[needed]*lint.Object{}
	for _, o := range u.Objects {
		if o.Group() == "" && o.Name != "" {
			n := needed{o.Kind, o.Namespace, o.Name}
			held[n], order = o, append(order, n)
		}
	}
	return held, order
}

// danglingReferences are the references to objects that the unit does not hold, and that
// nobody else is known to create. Used is what all references name.
func danglingReferences(p *lint.Pass, held map[needed]*lint.Object) (dangling []reference, used map[needed]bool) {
	used = map[needed]bool{}
	serving := servingSecrets(p.Unit)
	for r := range references(p.Unit) {
		n := r.target()
		used[n] = true
		// One of the two may name no namespace.
		elsewhere := slices.ContainsFunc(cluster.Of(p).MayBeIn(n.namespace), func(other string) bool {
			at := needed{n.kind, other, n.name}
			used[at] = used[at] || held[at] != nil
			return held[at] != nil
		})
		if held[n] == nil && !elsewhere && !r.optional && isName(n.name) && !isGiven(n) && !isGenerated(r, serving) {
			dangling = append(dangling, r)
		}
	}
	return dangling, used
}

// ownNamespaces are those that the unit declares and fills by itself: it has the
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

// isGiven reports whether somebody else than the unit creates the object.
func isGiven(n needed) bool {
	return slices.Contains(given[n.kind], n.name) || n.namespace == "kube-system" && slices.Contains(givenInSystem, n.name)
}

// isGenerated reports whether a controller creates the Secret of a certificate, since an
// annotation asks for it. Serving is that of servingSecrets.
func isGenerated(r reference, serving map[string]bool) bool {
	if r.kind != "Secret" {
		return false
	}
	for name := range r.object.Root.Get("metadata.annotations").Entries() {
		if r.object.Kind == "Ingress" && (strings.HasPrefix(name, "cert-manager.io/") || strings.HasPrefix(name, "certmanager.k8s.io/") || name == "kubernetes.io/tls-acme") {
			return true
		}
	}
	return serving[text(r.name)]
}

// servingSecrets are the names of the Secrets that OpenShift creates for Services.
func servingSecrets(u *lint.Unit) map[string]bool {
	names := map[string]bool{}
	for _, o := range u.Objects {
		if !o.Is("", "Service") {
			continue
		}
		annotations := o.Root.Get("metadata.annotations")
		for _, name := range []string{"service.beta.openshift.io/serving-cert-secret-name", "service.alpha.openshift.io/serving-cert-secret-name"} {
			names[text(annotations.Child(name))] = true
		}
	}
	return names
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

// mentionedNames are those of some names that something mentions that may make or use
// an object: a custom resource, or a container's arguments or variables.
func mentionedNames(u *lint.Unit, names map[string]bool) map[string]bool {
	m := mentions{names: names, found: map[string]bool{}, starts: map[string]bool{}}
	for name := range names {
		m.parts = max(m.parts, strings.Count(name, ".")+1)
	}
	for _, o := range u.Objects {
		if strings.Contains(o.Group(), ".") && !strings.HasSuffix(o.Group(), ".k8s.io") {
			m.value(o.Root)
		}
		for _, w := range o.Workloads {
			m.containers(w)
		}
	}
	for name := range names {
		if m.hasStart(name) {
			m.found[name] = true
		}
	}
	return m.found
}

// mentions looks for names in texts.
type mentions struct {
	names map[string]bool
	parts int // of the name with most dots
	found map[string]bool
	// starts are whole texts: operators name what they make after their resource.
	starts map[string]bool
}

// containers looks at the arguments and variables of a workload's containers.
func (m *mentions) containers(w *lint.Workload) {
	for _, h := range w.Containers {
		m.value(h.Get("command"))
		m.value(h.Get("args"))
		for v := range h.Get("env").Items() {
			m.value(v.Get("value"))
		}
	}
}

// hasStart reports whether a name is one of the texts that were looked at, of three characters
// at least, with a hyphen and more after it.
func (m *mentions) hasStart(name string) bool {
	for i := range len(name) {
		if i > 2 && name[i] == '-' && m.starts[name[:i]] {
			return true
		}
	}
	return false
}

// value looks at all texts in a value.
func (m *mentions) value(v lint.Value) {
	if v.IsScalar() {
		m.text(v.Node.Value)
	}
	for c := range v.Items() {
		m.value(c)
	}
	for _, c := range v.Entries() {
		m.value(c)
	}
}

// text looks for names in a text that are not parts of other words.
func (m *mentions) text(text string) {
	m.starts[text] = true
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !isNameRune(r) && r != '.' }) {
		parts := strings.Split(word, ".")
		for from := range parts {
			for n := 1; n <= m.parts && from+n <= len(parts); n++ {
				if name := strings.Join(parts[from:from+n], "."); m.names[name] {
					m.found[name] = true
				}
			}
		}
	}
}

func isNameRune(r rune) bool { return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' }
