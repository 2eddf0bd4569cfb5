package network

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/connect"
)

// NoPublicControlPlane reports what exposes the API server, the kubelet, etcd, or a dashboard of the
// cluster to the Internet.
//
// Anyone who finds such an address has the whole cluster before them: one token, one vulnerability, or one
// setting that is too open, and it is theirs. Scanners find it within minutes.
//
// Reported are Services of type LoadBalancer or NodePort, Ingresses and routes that lead to the ports of
// the kubelet, the controller manager, the scheduler or etcd, to the Service kubernetes of the API server, or
// to the Kubernetes Dashboard. A load balancer that is internal, that asks for private addresses, or that has source ranges, is fine.
// Definitions of clusters are reported with medium severity if every address reaches their API server: those of eksctl,
// kops, Cluster API (AWS with EKS and ROSA, Azure with AKS, Google Cloud with GKE, OpenStack), ACK, Azure Service Operator, Config
// Connector, Crossplane, HyperShift and Rancher. The defaults of each API count: EKS, AKS and GKE have a public endpoint
// unless the definition says otherwise. Private endpoints and those with a list of addresses are fine.
var NoPublicControlPlane = &lint.Rule{
	ID:        "no-public-control-plane",
	Title:     "Control plane is open to the Internet",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"network-api-exposure", "infra-network-segmentation"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Network separation and hardening"},
		{Standard: owasp, Control: "K06"},
	},
	Fix: "keep it inside of the cluster, and reach it by kubectl, a VPN, or an internal load balancer with source ranges",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		switch {
		case o.Is("", "Service"):
			checkControlPlaneService(p, o)
		default:
			checkControlPlaneRoute(p, o)
			checkPublicEndpoint(p, o)
		}
	}),
}

// controlPlanePorts are the ports of the control plane that nothing else uses.
var controlPlanePorts = map[int64]string{
	2379: "etcd", 2380: "etcd", 10250: "the kubelet", 10255: "the kubelet", 10257: "the controller manager", 10259: "the scheduler",
}

// controlPlanePods are names in labels of the control plane's pods and of dashboards.
var controlPlanePods = map[string]string{
	"kube-apiserver": "the API server", "kubernetes-dashboard": "the Kubernetes Dashboard", "kube-controller-manager": "the controller manager",
	"kube-scheduler": "the scheduler", "k8s-dashboard": "the Kubernetes Dashboard",
}

// leadsTo says which part of the control plane a Service leads to. It is empty for others.
func leadsTo(o *lint.Object) (what string, at lint.Value) {
	if o.Name == "kubernetes" && connect.SameNamespace(o.Namespace, "") {
		return "the API server", o.Root.Get("metadata.name")
	}
	for _, label := range []string{"component", "k8s-app", "app", "app.kubernetes.io/name", "app.kubernetes.io/part-of"} {
		if v := o.Root.Get("spec.selector").Child(label); controlPlanePods[v.Text()] != "" {
			return controlPlanePods[v.Text()], v
		}
	}
	for port := range o.Root.Get("spec.ports").Items() {
		v := port.Get("targetPort")
		if !v.IsSet() {
			v = port.Get("port")
		}
		if n, _ := v.Int(); controlPlanePorts[n] != "" {
			return controlPlanePorts[n], v
		}
	}
	return "", lint.Value{}
}

// proxyOf is the container to which all ports of a Service lead beside one with the image of the Kubernetes Dashboard: a proxy in front of it. It is
// empty if a port leads to the dashboard itself, or that is not known.
func proxyOf(p *lint.Pass, s *cluster.Service) (proxy string) {
	for _, pods := range cluster.Of(p).Pods {
		if !s.Selects(pods) {
			continue
		}
		var dashboard bool
		declared := map[string]lint.PodOrContainer{}
		for _, c := range pods.Select(lint.Containers) {
			isDashboard := dashboardImage.MatchString(c.Get("image").Text())
			dashboard = dashboard || isDashboard
			for port := range c.Get("ports").Items() {
				if !isDashboard {
					declared[port.Get("containerPort").Text()], declared[port.Get("name").Text()] = c, c
				}
			}
		}
		if proxy = targetOf(s, declared); proxy == "" || !dashboard {
			return ""
		}
	}
	return proxy
}

// targetOf is the last container to which a port of a Service leads. It is empty if a port leads to none of those that declare ports.
func targetOf(s *cluster.Service, declared map[string]lint.PodOrContainer) (label string) {
	for port := range s.Root.Get("spec.ports").Items() {
		to := port.Get("targetPort")
		if !to.IsSet() {
			to = port.Get("port")
		}
		c, ok := declared[to.Text()]
		if !ok || to.Text() == "" {
			return ""
		}
		label = c.Label()
	}
	return label
}

// dashboardImage matches the images of the Kubernetes Dashboard.
var dashboardImage = regexp.MustCompile(`(?:^|/)(?:kubernetes-dashboard|dashboard)[\w-]*(?:[:@]|$)`)

func checkControlPlaneService(p *lint.Pass, o *lint.Object) {
	kind := o.Root.Get("spec.type").Text()
	what, at := leadsTo(o)
	if what == "" || kind != "LoadBalancer" && kind != "NodePort" || connect.IsInternalLoadBalancer(o) {
		return
	}
	ranges := o.Root.Get("spec.loadBalancerSourceRanges")
	if kind == "LoadBalancer" && ranges.Len() > 0 && !slices.ContainsFunc(ranges.Strings(), isEverywhere) {
		return
	}
	p.Report(lint.Diagnostic{
		Object: o, At: o.Root.Get("spec.type"), Fix: lint.Intent{AdviceOnly: true}, Severity: lint.Medium.If(kind == "NodePort"),
		Related: []lint.Related{{Object: o, At: at, Label: "leads to " + what}},
		Message: fmt.Sprintf("%s exposes %s to the outside by type: %s; want type: ClusterIP", o.KindName(), what, kind),
	})
}

// checkControlPlaneRoute reports an Ingress or a route. A Service of that name that the unit
// does not show is known by its name alone.
func checkControlPlaneRoute(p *lint.Pass, o *lint.Object) {
	for _, b := range connect.Backends(o) {
		name := b.Name.Text()
		what, proxy := "", ""
		if s := cluster.Of(p).Service(b.Namespace, name); s != nil {
			what, _ = leadsTo(s.Object)
			proxy = proxyOf(p, s)
		}
		switch {
		case what != "":
		case name == "kubernetes" && connect.SameNamespace(b.Namespace, ""):
			what = "the API server"
		case strings.HasPrefix(name, "kubernetes-dashboard"):
			what = "the Kubernetes Dashboard"
		}
		if what != "" {
			d := lint.Diagnostic{
				Object: o, At: b.Name, Fix: lint.Intent{AdviceOnly: true},
				Message: fmt.Sprintf("%s exposes %s to the outside by Service %s; want no such backend", o.KindName(), what, name),
			}
			if proxy != "" {
				d.Severity = lint.Medium
				d.Message += ", unless " + proxy + ", to which the Service leads, only lets in users who have logged in"
			}
			p.Report(d)
			return
		}
	}
}
