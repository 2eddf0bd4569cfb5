package mesh

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
)

// StrictMTLS reports where a service mesh accepts or sends traffic without mutual TLS.
//
// Anyone on the network between pods, such as a pod that was taken over or a node, can read and change
// such traffic, and pods outside of the mesh can pose as clients.
//
// Reported are PeerAuthentications of Istio with mode DISABLE, also for a port, DestinationRules with mode
// DISABLE for a host of the cluster, and with low severity mode PERMISSIVE and Linkerd's default inbound
// policies that accept clients without identity. Where pods of the host have no sidecar, they need one first: without it they
// cannot answer mutual TLS. PERMISSIVE is meant for the time of a migration. In the strict
// profile a Namespace of Istio's mesh also needs a PeerAuthentication with mode STRICT, of its own or of
// istio-system, if the input has policies of Istio at all.
var StrictMTLS = &lint.Rule{
	ID:        "mesh-strict-mtls",
	Title:     "Mesh allows traffic without mutual TLS",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-service-mesh-encryption", "infra-service-mesh", "infra-encryption"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Encryption"},
		{Standard: owasp, Control: "K05"},
	},
	Fix:   "set mode: STRICT once all clients are in the mesh",
	Check: lint.UnitCheck(checkMTLS),
}

func checkMTLS(p *lint.Pass) {
	for _, o := range p.Unit.Objects {
		switch {
		case o.Is(istioSecurity, "PeerAuthentication"):
			checkPeerAuthentication(p, o)
		case o.Is(istioNetworking, "DestinationRule"):
			checkDestinationRule(p, o)
		case o.Is("", "Namespace"):
			checkInboundPolicy(p, o, o.Root.Get("metadata"))
		}
		for _, w := range o.Workloads {
			checkInboundPolicy(p, o, w.Metadata)
		}
	}
	if p.Profile != lint.Strict {
		return
	}
	policies, namespaces := istioObjects(p.Unit)
	for _, ns := range namespaces {
		strict := slices.ContainsFunc(policies, func(o *lint.Object) bool {
			mode := o.Root.Get("spec.mtls.mode")
			return o.Is(istioSecurity, "PeerAuthentication") && coversNamespace(o, ns.Name) && (mode.Text() == "STRICT" || !mode.IsKnown())
		})
		if !strict {
			p.Report(lint.Diagnostic{
				Object: ns, At: ns.Root.Get("metadata"), Absence: true, Severity: lint.Low,
				Message: called(ns) + " is in the mesh and has no PeerAuthentication with mode STRICT; want one for all its pods",
				Fix:     lint.Intent{Title: "add {apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: default" + inNamespace(ns) + "}, spec: {mtls: {mode: STRICT}}}"},
			})
		}
	}
}

func checkPeerAuthentication(p *lint.Pass, o *lint.Object) {
	report := func(v lint.Value) {
		if mode := v.Text(); mode == "DISABLE" || mode == "PERMISSIVE" {
			p.Report(lint.Diagnostic{
				Object: o, At: v, Fix: lint.Intent{Value: "STRICT"}, Severity: lint.Low.If(mode == "PERMISSIVE"),
				Message: fmt.Sprintf("PeerAuthentication %s sets %s: %s, which accepts traffic without mutual TLS; want STRICT", o.Name, v.Path(), mode),
			})
		}
	}
	report(o.Root.Get("spec.mtls.mode"))
	for _, port := range o.Root.Get("spec.portLevelMtls").Entries() {
		report(port.Get("mode"))
	}
}

func checkDestinationRule(p *lint.Pass, o *lint.Object) {
	host := o.Root.Get("spec.host").Text()
	if !isClusterHost(host) {
		return
	}
	policies := []lint.Value{o.Root.Get("spec.trafficPolicy")}
	for subset := range o.Root.Get("spec.subsets").Items() {
		policies = append(policies, subset.Get("trafficPolicy"))
	}
	for _, policy := range policies {
		tls := []lint.Value{policy.Get("tls.mode")}
		for port := range policy.Get("portLevelSettings").Items() {
			tls = append(tls, port.Get("tls.mode"))
		}
		for _, v := range tls {
			if v.Text() == "DISABLE" {
				want, fix := wantMutual(p, o, host)
				p.Report(lint.Diagnostic{
					Object: o, At: v, Fix: fix,
					Message: fmt.Sprintf("DestinationRule %s sets %s: DISABLE, which sends traffic to %s without mutual TLS; want %s", o.Name, v.Path(), host, want),
				})
			}
		}
	}
}

// wantMutual is what is wanted of a DestinationRule for a host of the cluster, and its fix. Pods without sidecar cannot answer mutual TLS.
func wantMutual(p *lint.Pass, o *lint.Object, host string) (want string, fix lint.Intent) {
	w, by := outOfMesh(p, o, host)
	if w == nil {
		return "ISTIO_MUTUAL", lint.Intent{Title: "set mode: ISTIO_MUTUAL", Value: "ISTIO_MUTUAL"}
	}
	return "a sidecar in the pods of " + w.KindName() + ", and then ISTIO_MUTUAL",
		lint.Advice("set mode: ISTIO_MUTUAL only once the pods of " + w.KindName() + " have the sidecar of Istio, which " + by + " keeps out")
}

// outOfMesh is the first workload to whose pods a host leads and which have no sidecar, and what keeps it out. It is nil if there is none, or if the
// Service or its pods are not known.
func outOfMesh(p *lint.Pass, o *lint.Object, host string) (w *lint.Workload, by string) {
	name, rest, isLong := strings.Cut(host, ".")
	namespace := o.Namespace
	if isLong {
		namespace, _, _ = strings.Cut(rest, ".")
	}
	if p.Unit.Kind == lint.UnitChart && namespace == cmp.Or(p.Unit.ReleaseNamespace, "default") {
		namespace = "" // as objects of the release have it
	}
	c := cluster.Of(p)
	s := c.Service(namespace, name)
	if s == nil || !s.HasSelector() || !c.MayBeTogether(o, s.Object) {
		return nil, ""
	}
	for _, pods := range c.SelectNear(s.Object, s.Selector).Pods {
		if by := cluster.KeptFromSidecar(pods.Workload); by != "" {
			return pods.Workload, by
		}
	}
	return nil, ""
}

const inboundPolicy = "config.linkerd.io/default-inbound-policy"

func checkInboundPolicy(p *lint.Pass, o *lint.Object, metadata lint.Value) {
	switch v := metadata.Get("annotations").Child(inboundPolicy); v.Text() {
	case "all-unauthenticated", "cluster-unauthenticated":
		p.Report(lint.Diagnostic{
			Object: o, At: v, Severity: lint.Low,
			Message: fmt.Sprintf("%s sets %s: %s, which accepts clients without identity; want cluster-authenticated, all-authenticated or deny", o.KindName(), inboundPolicy, v.Text()),
		})
	}
}
