package mesh

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/selector"
)

// ServerAuthorized reports Servers of Linkerd that no policy authorizes a client to call.
//
// Linkerd refuses every request to the ports that a Server selects, unless a policy allows it. Teams then
// open the Server to all, or take its pods out of the mesh.
//
// A ServerAuthorization names the Server or selects it by its labels; an AuthorizationPolicy has as target the Server,
// one of its routes (HTTPRoute or GRPCRoute), or its namespace. A Server with an accessPolicy other than deny needs no policy.
// The rule reports nothing if the policy may be outside the input, disabled by values of the chart, or in a part that
// was not rendered.
var ServerAuthorized = &lint.Rule{
	ID:        "mesh-server-authorized",
	Title:     "No policy allows requests to the Server",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-service-mesh"},
	Fix:       "add an AuthorizationPolicy that has the Server as target and says who may call",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		policy := o.Root.Get("spec.accessPolicy")
		if !o.Is(linkerdPolicy, "Server") || !policy.IsKnown() || policy.Text() != "" && policy.Text() != "deny" {
			return
		}
		if slices.ContainsFunc(p.Unit.Objects, func(by *lint.Object) bool { return authorizes(p, by, o) }) || p.MayExistElsewhere(o, "ServerAuthorization", "AuthorizationPolicy") {
			return
		}
		p.Report(lint.Diagnostic{
			Object: o, At: o.Root.Get("metadata.name"), KnownPart: true,
			Message: o.KindName() + " has no AuthorizationPolicy and no ServerAuthorization, so every request is refused; want one that says who may call",
		})
	}),
}

// authorizes reports whether a policy of Linkerd is about a Server, or may be.
func authorizes(p *lint.Pass, by, server *lint.Object) bool {
	if by.Group() != linkerdPolicy || by.Namespace != server.Namespace {
		return false
	}
	switch spec := by.Root.Get("spec"); by.Kind {
	case "ServerAuthorization":
		name, labelled := spec.Get("server.name"), spec.Get("server.selector")
		if s, known := selector.New(labelled); labelled.IsSet() && known {
			return s.Matches(labels.Set(server.Root.Get("metadata.labels").StringMap()))
		}
		return name.Text() == server.Name || !name.IsKnown() || labelled.IsSet()
	case "AuthorizationPolicy":
		target := spec.Get("targetRef")
		switch target.Get("kind").Text() {
		case "Server":
			return target.Get("name").Text() == server.Name || !target.Get("name").IsKnown()
		case "Namespace":
			return true
		}
		return leadsTo(p, target, server)
	}
	return false
}

// leadsTo reports whether the target of a policy is a route of a Server, or may be: the unit
// does not show it. Linkerd and the Gateway API have kinds of routes with the same names.
func leadsTo(p *lint.Pass, target lint.Value, server *lint.Object) bool {
	shown := false
	for _, o := range p.Unit.Objects {
		if !o.Is(target.Get("group").Text(), target.Get("kind").Text()) || o.Name != target.Get("name").Text() || o.Namespace != server.Namespace {
			continue
		}
		shown = true
		for ref := range o.Root.Get("spec.parentRefs").Items() {
			if isServer(ref, o, server) {
				return true
			}
		}
	}
	return !shown
}

// isServer reports whether a route names a Server as its parent, or may.
func isServer(ref lint.Value, route, server *lint.Object) bool {
	is := func(field, unset, want string) bool {
		v := ref.Get(field)
		return !v.IsKnown() || cmp.Or(v.Text(), unset) == want
	}
	return is("name", "", server.Name) && is("kind", "Gateway", server.Kind) && is("namespace", route.Namespace, server.Namespace)
}
