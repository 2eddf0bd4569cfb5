package mesh

import (
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
// policies that accept clients without identity. Pods without a proxy, by sidecar.istio.io/inject: "false", take no mutual TLS: the proxy comes first.
// PERMISSIVE is meant for the time of a migration. In the strict
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
				p.Report(lint.Diagnostic{
					Object: o, At: v, Fix: enableMTLS(p, o, host),
					Message: fmt.Sprintf("DestinationRule %s sets %s: DISABLE, which sends traffic to %s without mutual TLS; want ISTIO_MUTUAL", o.Name, v.Path(), host),
				})
			}
		}
	}
}

// enableMTLS is the fix for a DestinationRule that turns off mutual TLS to a host.
func enableMTLS(p *lint.Pass, rule *lint.Object, host string) lint.Intent {
	of := service{namespace: rule.Namespace}
	name, rest, _ := strings.Cut(host, ".")
	if of.name = name; rest != "" {
		of.namespace, _, _ = strings.Cut(rest, ".")
	}
	if w := withoutProxy(p)[of]; w != nil {
		fix := lint.Advice("first take " + proxySwitch + `: "false" from the pods of ` + w.KindName() + ", which have no proxy for mutual TLS, then set mode: ISTIO_MUTUAL")
		fix.Unless = "they cannot have a proxy"
		return fix
	}
	return lint.Intent{Title: "set mode: ISTIO_MUTUAL", Value: "ISTIO_MUTUAL"}
}

// service names a Service.
type service struct{ namespace, name string }

// proxySwitch is the label, or annotation, that takes the proxy of Istio from pods, or gives it.
const proxySwitch = "sidecar.istio.io/inject"

// withoutProxy are the Services of a unit that lead to pods without Istio's proxy, with the first workload of these.
var withoutProxy = lint.UnitIndex("Services of pods without a proxy of Istio", func(p *lint.Pass) map[service]*lint.Workload {
	all := map[service]*lint.Workload{}
	c := cluster.Of(p)
	for _, o := range p.Unit.Objects {
		for _, w := range o.Workloads {
			labels, annotations := w.Metadata.Get("labels"), w.Metadata.Get("annotations")
			pods := c.PodsOf(w)
			if pods == nil || labels.Child(proxySwitch).Text() != "false" && annotations.Child(proxySwitch).Text() != "false" {
				continue
			}
			for _, s := range c.ServicesTo(pods) {
				if of := (service{s.Namespace, s.Name}); all[of] == nil {
					all[of] = w
				}
			}
		}
	}
	return all
})

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
