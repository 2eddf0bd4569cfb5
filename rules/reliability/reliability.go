// Package reliability holds the rules on whether workloads stay up: probes,
// replicas, budgets, and references that lead somewhere.
package reliability

import (
	"embed"
	"path"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
)

// Source is the text of this package; the rules' doc comments are read from it.
//
//go:embed *.go
var Source embed.FS

// availability is the checklist item that asks that services stay up.
const availability = "auth-denial-of-service"

// runsOn reports whether the workload's pods run until they are stopped: those of
// jobs end, and a pod that is a Helm hook or is not restarted does too.
func runsOn(w *lint.Workload) bool {
	policy := w.Pod.Get("restartPolicy").Text()
	return !w.Batch && w.Hook == "" && (policy == "" || policy == "Always")
}

// isBuiltin reports whether the kind of the workload is Kubernetes' own.
func isBuiltin(w *lint.Workload) bool {
	switch w.Group() {
	case "", "apps", "batch", "extensions":
		return true
	}
	return false
}

// isReplicated reports whether the kind of workload has replicas that stand in for
// each other.
func isReplicated(w *lint.Workload) bool {
	return isBuiltin(w) && (w.Kind == "Deployment" || w.Kind == "StatefulSet")
}

// replicas is how many pods a Deployment, StatefulSet, ReplicaSet or
// ReplicationController asks for; ok is false for other kinds.
func replicas(w *lint.Workload) (n int64, ok bool) {
	switch w.Kind {
	case "Deployment", "StatefulSet", "ReplicaSet", "ReplicationController":
	default:
		return 0, false
	}
	v := w.Root.Get("spec.replicas")
	if !isBuiltin(w) {
		return 0, false
	}
	if !v.IsSet() {
		return 1, true
	}
	return v.Int()
}

// autoscaler is the HorizontalPodAutoscaler of the unit that scales a workload, or nil.
func autoscaler(u *lint.Unit, w *lint.Workload) *lint.Object {
	for _, o := range u.Objects {
		if !scales(o) {
			continue
		}
		if ref := o.Root.Get("spec.scaleTargetRef"); o.Namespace == w.Namespace &&
			ref.Get("kind").Text() == w.Kind && text(ref.Get("name")) == w.Name {
			return o
		}
	}
	return nil
}

// scales reports whether the object sets the replicas of another.
func scales(o *lint.Object) bool {
	return o.Is("autoscaling", "HorizontalPodAutoscaler") || o.Is("keda.sh", "ScaledObject")
}

// text is a scalar as it is written: a name is text, even if it looks like a boolean.
func text(v lint.Value) string {
	if !v.IsScalar() {
		return ""
	}
	return v.Node.Value
}

// selector reads a label selector. ok is false if it is none, selects everything,
// or cannot be read: nobody can tell then what was meant.
func selector(v lint.Value) (s labels.Selector, ok bool) {
	l := metav1.LabelSelector{MatchLabels: v.Get("matchLabels").StringMap()}
	for e := range v.Get("matchExpressions").Items() {
		l.MatchExpressions = append(l.MatchExpressions, metav1.LabelSelectorRequirement{
			Key:      text(e.Get("key")),
			Operator: metav1.LabelSelectorOperator(text(e.Get("operator"))),
			Values:   e.Get("values").Strings(),
		})
	}
	s, err := metav1.LabelSelectorAsSelector(&l)
	return s, err == nil && v.IsMap() && !s.Empty()
}

// selected lists the workloads of a namespace that a selector matches.
func selected(u *lint.Unit, namespace string, s labels.Selector) []*lint.Workload {
	var l []*lint.Workload
	for _, w := range u.Workloads() {
		if w.Namespace == namespace && s.Matches(labels.Set(w.Labels())) {
			l = append(l, w)
		}
	}
	return l
}

// mayMatch reports whether a workload's pods may come to match a selector: they
// share a label with it, contradict none, and could get the rest when they run,
// as leaders of a cluster do.
func mayMatch(w *lint.Workload, s labels.Selector) bool {
	set := labels.Set(w.Labels())
	requirements, _ := s.Requirements()
	shared := false
	for _, r := range requirements {
		if !set.Has(r.Key()) {
			continue
		}
		if !r.Matches(set) {
			return false
		}
		shared = true
	}
	return shared
}

// selectsNothing reports whether a selector of a unit that is whole enough to say
// so matches no pods and never will.
func selectsNothing(u *lint.Unit, namespace string, s labels.Selector) bool {
	if hasOperands(u) {
		return false
	}
	some := false
	for _, w := range u.Workloads() {
		if w.Namespace != namespace {
			continue
		}
		if w.OpenLabels || s.Matches(labels.Set(w.Labels())) || mayMatch(w, s) {
			return false
		}
		some = true
	}
	return some
}

// hasNeighbours reports whether a workload stands in the directory of an object, of
// which at is a part. In a chart everything belongs together wherever it stands.
func hasNeighbours(u *lint.Unit, o *lint.Object, at lint.Value) bool {
	if u.Scenario != "" {
		return true
	}
	dir := path.Dir(o.Locate(at).File)
	return slices.ContainsFunc(u.Workloads(), func(w *lint.Workload) bool {
		return w.Namespace == o.Namespace && path.Dir(w.Locate(w.Pod.Value).File) == dir
	})
}

// hasOperands reports whether the unit holds custom resources from which an
// operator may make workloads and services that no file names.
func hasOperands(u *lint.Unit) bool {
	for _, o := range u.Objects {
		group := o.Group()
		if strings.Contains(group, ".") && !strings.HasSuffix(group, ".k8s.io") && !inert[o.Kind] {
			return true
		}
	}
	return false
}

// inert is kinds of custom resources from which no pods and no services come.
var inert = map[string]bool{
	"ServiceMonitor": true, "PodMonitor": true, "PrometheusRule": true, "Probe": true, "ScrapeConfig": true,
	"Certificate": true, "Issuer": true, "ClusterIssuer": true,
	"VirtualService": true, "DestinationRule": true, "ServiceEntry": true, "Sidecar": true, "PeerAuthentication": true,
	"AuthorizationPolicy": true, "RequestAuthentication": true, "EnvoyFilter": true,
	"ExternalSecret": true, "SecretStore": true, "ClusterSecretStore": true, "SealedSecret": true,
	"ScaledObject": true, "TriggerAuthentication": true,
	"IngressRoute": true, "IngressRouteTCP": true, "IngressRouteUDP": true, "Middleware": true, "TLSOption": true,
	"CiliumNetworkPolicy": true, "CiliumClusterwideNetworkPolicy": true, "NetworkPolicy": true, "GlobalNetworkPolicy": true,
	"Route": true, "SecurityContextConstraints": true, "BackendConfig": true, "FrontendConfig": true, "ManagedCertificate": true,
}

// serviceSelector is what a service selects; ok is false if it selects nothing by
// design: it has no selector, or names a host outside.
func serviceSelector(o *lint.Object) (s labels.Selector, ok bool) {
	v := o.Root.Get("spec.selector")
	if !o.Is("", "Service") || v.Len() == 0 || o.Root.Get("spec.type").Text() == "ExternalName" {
		return nil, false
	}
	return labels.SelectorFromSet(v.StringMap()), true
}

// services lists those of a namespace, by name.
func services(u *lint.Unit, namespace string) map[string]*lint.Object {
	m := map[string]*lint.Object{}
	for _, o := range u.Objects {
		if o.Is("", "Service") && o.Namespace == namespace && o.Name != "" {
			m[o.Name] = o
		}
	}
	return m
}

// isNumber reports whether a port is given as a number, be it in quotes: no name may be
// all digits.
func isNumber(port lint.Value) bool {
	_, err := strconv.ParseInt(text(port), 10, 32)
	return err == nil
}

// namedPorts is the names of the ports that containers of a workload declare.
func namedPorts(w *lint.Workload) map[string]bool {
	m := map[string]bool{}
	for _, c := range w.Holders(lint.LongRunning) {
		for port := range c.Get("ports").Items() {
			m[text(port.Get("name"))] = true
		}
	}
	delete(m, "")
	return m
}
