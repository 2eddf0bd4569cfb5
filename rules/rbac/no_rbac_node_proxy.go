package rbac

import (
	"regexp"
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// nodeProxy is the power that NoRBACNodeProxy is about.
const nodeProxy = "node-proxy"

// NoRBACNodeProxy reports roles that let their subjects use nodes/proxy.
//
// It is the whole API of the kubelet: commands in every container of the node, and its logs. No admission
// plugin sees these requests, and the API server's audit log shows only part of them. get is enough to run
// commands.
//
// The severity is for a person who has the right, and one more for everybody. It is one less in a namespace,
// for a service account that a workload of the input runs as, and for a role that nothing in the input binds;
// where it comes out low for these two, the rule is part of the strict profile only. ClusterRoles of
// Kubernetes' own are exempt in what Kubernetes grants them, and entries on all resources are reported by
// no-rbac-wildcard. Entries with resourceNames pass. A Role cannot grant it, since nodes belong to no namespace:
// see effective-rbac-rule.
var NoRBACNodeProxy = &lint.Rule{
	ID:        "no-rbac-node-proxy",
	Title:     "Role can use the API of kubelets",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege, infraRBAC},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.10"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:   grantRead + readDirectly,
	Check: grants("nodes/metrics, nodes/stats or nodes/log", nodeProxy),
}

const readDirectly = ", and let it read port 10250 of the nodes first if it reads below /api/v1/nodes/NAME/proxy of the API server"

// grantedPart is a part of nodes/proxy that a role lets its subjects get. It is empty if it grants none.
func grantedPart(r *access.Role) string {
	for _, rule := range r.Rules {
		if rule.Named || !slices.Contains(rule.Groups, "") || !slices.Contains(rule.Verbs, "get") && !slices.Contains(rule.Verbs, "*") {
			continue
		}
		for _, part := range []string{"nodes/metrics", "nodes/stats", "nodes/log"} {
			if slices.Contains(rule.Resources, part) {
				return part
			}
		}
	}
	return ""
}

const grantRead = "grant what the program reads in place of nodes/proxy: nodes/metrics, nodes/stats, nodes/log, and from v1.33 on nodes/pods, nodes/healthz or nodes/configz"

// adviseOnProxy makes the fix say what has to change first where the program that has a token for the right reads the
// kubelets through the API server: that path is nodes/proxy, whatever is read. See
// https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/.
func adviseOnProxy(p *lint.Pass, r *access.Role, rule *access.PolicyRule, holder *access.Subject, d *lint.Diagnostic) {
	grant := grantRead
	if part := grantedPart(r); part != "" && slices.Contains(rule.Resources, "nodes/proxy") {
		grant = "remove nodes/proxy, since the role grants " + part + " already (for /pods, name nodes/pods in its place, from v1.33 on)"
		d.Fix = lint.Advice(grant + readDirectly)
	}
	s := program(r, holder)
	if s == nil {
		return
	}
	at, ok := proxyPath(p, s.Workload)
	if !ok {
		return
	}
	d.Fix.Title = "let the program read port 10250 of the nodes in place of /api/v1/nodes/NAME/proxy of the API server, and then " + grant
	d.Fix.AdviceOnly = true
	d.Related = append(d.Related, at)
}

// throughServer matches the paths of the API server below which it passes requests on to a kubelet. The name of the node
// may be a reference.
var throughServer = regexp.MustCompile(`/api/v1/nodes/[^/\s]{1,100}/proxy\b`)

// proxyPath is the place in a workload, or in a ConfigMap or Secret that it uses, that names such a path.
func proxyPath(p *lint.Pass, w *lint.Workload) (at lint.Related, ok bool) {
	const label = "reads through the API server"
	if v := proxyPathIn(w.Root); v.IsSet() {
		return lint.Related{Object: w.Object, At: v, Label: label}, true
	}
	paths := proxyPaths(p)
	if len(paths) == 0 {
		return lint.Related{}, false
	}
	names := fileNames(w)
	for _, found := range paths {
		if o := found.Object; o.Namespace == w.Namespace && slices.Contains(names, o.Kind+"/"+o.Name) {
			found.Label = label
			return found, true
		}
	}
	return lint.Related{}, false
}

// proxyPaths are the places in the ConfigMaps and Secrets of the unit that name such a path, one for each object.
var proxyPaths = lint.UnitIndex("paths through the API server", func(p *lint.Pass) (l []lint.Related) {
	for _, o := range p.Unit.Objects {
		if !o.Is("", "ConfigMap") && !o.Is("", "Secret") {
			continue
		}
		if v := proxyPathIn(o.Root); v.IsSet() {
			l = append(l, lint.Related{Object: o, At: v})
		}
	}
	return l
})

// proxyPathIn is the first value that names such a path. It is absent if there is none.
func proxyPathIn(v lint.Value) lint.Value {
	if v.IsScalar() {
		if throughServer.MatchString(v.Node.Value) {
			return v
		}
		return lint.Value{}
	}
	for _, child := range v.Entries() {
		if found := proxyPathIn(child); found.IsSet() {
			return found
		}
	}
	for child := range v.Items() {
		if found := proxyPathIn(child); found.IsSet() {
			return found
		}
	}
	return lint.Value{}
}

// fileNames are the ConfigMaps and Secrets that a pod uses, as kind/name.
func fileNames(w *lint.Workload) (l []string) {
	add := func(kind string, name lint.Value) {
		if name.IsSet() {
			l = append(l, kind+"/"+name.Text())
		}
	}
	volume := func(v lint.Value, secretName string) {
		add("ConfigMap", v.Get("configMap.name"))
		add("Secret", v.Get("secret."+secretName))
	}
	for v := range w.Pod.Get("volumes").Items() {
		volume(v, "secretName")
		for source := range v.Get("projected.sources").Items() {
			volume(source, "name")
		}
	}
	for _, c := range w.Containers {
		for e := range c.Get("env").Items() {
			add("ConfigMap", e.Get("valueFrom.configMapKeyRef.name"))
			add("Secret", e.Get("valueFrom.secretKeyRef.name"))
		}
		for e := range c.Get("envFrom").Items() {
			add("ConfigMap", e.Get("configMapRef.name"))
			add("Secret", e.Get("secretRef.name"))
		}
	}
	return l
}
