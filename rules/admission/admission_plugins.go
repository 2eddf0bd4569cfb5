package admission

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
	"github.com/kubevet/kubevet/lint/suggest"
)

// AdmissionPlugins reports API servers that enable AlwaysAdmit, that lack NodeRestriction, that
// disable ServiceAccount, NamespaceLifecycle or PodSecurity, or that name a plugin which their version
// does not have. The strict profile also asks for AlwaysPullImages and DenyServiceExternalIPs.
//
// Without NodeRestriction a kubelet, and so everyone who breaks out of a container, changes the labels
// of other nodes and attracts their pods. Without AlwaysPullImages a pod uses a private image that
// another tenant has pulled. Without DenyServiceExternalIPs a tenant takes over traffic to any
// address.
//
// Plugins that are on by default need not be named. kubeadm enables NodeRestriction unless extraArgs
// names other plugins: then it must be among them. An API server does not start with the name of a
// plugin that was removed, such as PodSecurityPolicy since Kubernetes 1.25. AlwaysAdmit is high.
var AdmissionPlugins = &lint.Rule{
	ID:        "admission-plugins",
	Title:     "API server runs without important admission plugins",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"admission-controllers", "network-load-balancer-external-ips"},
	Refs:      controls("1.2.3", "1.2.10", "1.2.11", "1.2.12", "1.2.13", "1.2.14"),
	Fix:       "set --enable-admission-plugins=NodeRestriction, and remove what must not be there",
	Check:     controlplane.Each(checkPlugins),
}

// The flags that say which plugins run.
const (
	enableFlag  = "enable-admission-plugins"
	disableFlag = "disable-admission-plugins"
	orderFlag   = "admission-control" // before Kubernetes 1.10: exactly these
)

// removedPlugins are plugins that were removed, with the minor version that did.
var removedPlugins = map[string]int{
	"DenyEscalatingExec":    21,
	"DenyExecOnPrivileged":  21,
	"InitialResources":      11,
	"PersistentVolumeLabel": 31,
	"PodSecurityPolicy":     25,
	"SecurityContextDeny":   30,
}

// knownPlugins are those of Kubernetes 1.37.
var knownPlugins = []string{
	"AlwaysAdmit", "AlwaysDeny", "AlwaysPullImages", "CertificateApproval", "CertificateSigning", "CertificateSubjectRestriction",
	"ClusterTrustBundleAttest", "DefaultIngressClass", "DefaultStorageClass", "DefaultTolerationSeconds", "DenyServiceExternalIPs",
	"EventRateLimit", "ExtendedResourceToleration", "ImagePolicyWebhook", "LimitPodHardAntiAffinityTopology", "LimitRanger",
	"MutatingAdmissionPolicy", "MutatingAdmissionWebhook", "NamespaceAutoProvision", "NamespaceExists", "NamespaceLifecycle",
	"NodeDeclaredFeatureValidator", "NodeRestriction", "OwnerReferencesPermissionEnforcement", "PersistentVolumeClaimResize", "PodGroupProtection", "PodResizeValidator",
	"PodNodeSelector", "PodSecurity", "PodTolerationRestriction", "PodTopologyLabels", "Priority", "ResourceQuota", "RuntimeClass",
	"ServiceAccount", "StorageObjectInUseProtection", "TaintNodesByCondition", "ValidatingAdmissionPolicy", "ValidatingAdmissionWebhook",
}

// byDefault are the plugins that are on by default and must stay so.
var byDefault = []string{"NamespaceLifecycle", "PodSecurity", "ServiceAccount"}

func checkPlugins(p *lint.Pass, c *controlplane.Component) {
	if c.Program != controlplane.APIServer {
		return
	}
	checkNames(p, c)
	checkMissing(p, c)
	off := c.Lookup(disableFlag, "")
	if off.State != controlplane.Set {
		return
	}
	var l []string
	for _, name := range pluginsIn(off.Text) {
		if slices.Contains(byDefault, name) {
			l = append(l, name)
		}
	}
	if len(l) > 0 {
		d := c.Diagnostic(off.At, "with "+off.Name+"="+off.Text+off.By()+"; want "+lint.And(l)+" on")
		d.Fix.Title = "take " + lint.And(l) + " off the list"
		p.Report(d)
	}
}

// checkNames judges the plugins that are named.
func checkNames(p *lint.Pass, c *controlplane.Component) {
	v := cmp.Or(c.Version, p.Version)
	for _, flag := range []string{enableFlag, orderFlag, disableFlag} {
		r := c.Lookup(flag, "")
		if r.State != controlplane.Set {
			continue
		}
		for _, name := range pluginsIn(r.Text) {
			minor, isRemoved := removedPlugins[name]
			switch {
			case name == "AlwaysAdmit" && flag != disableFlag:
				d := c.Diagnostic(r.At, "with the plugin AlwaysAdmit in "+r.Name+r.By()+"; want it removed")
				d.Severity, d.Fix.Title = lint.High, "take AlwaysAdmit off the list"
				p.Report(d)
			case isRemoved && v.AtLeast(minor) && c.HasKnownVersion():
				p.Report(c.Diagnostic(r.At, "with the plugin "+name+", which was removed in Kubernetes 1."+strconv.Itoa(minor)+", so that it does not start; want it removed"))
			case !isRemoved && !slices.Contains(knownPlugins, name):
				if meant := suggest.Closest(name, knownPlugins); meant != "" {
					p.Report(c.Diagnostic(r.At, "with the unknown plugin "+name+" in "+r.Name+r.By()+"; did you mean "+meant+"?"))
				}
			}
		}
	}
}

// checkMissing judges the plugins that are not on by default.
func checkMissing(p *lint.Pass, c *controlplane.Component) {
	r := enabled(c)
	if r.State == controlplane.Unknown {
		return
	}
	wanted := []string{"NodeRestriction"}
	if p.Profile >= lint.Strict {
		wanted = []string{"AlwaysPullImages", "DenyServiceExternalIPs", "NodeRestriction"}
	}
	have := pluginsIn(r.Text)
	wanted = slices.DeleteFunc(wanted, func(name string) bool { return slices.Contains(have, name) })
	if len(wanted) == 0 {
		return
	}
	d := c.Diagnostic(r.At, "without "+lint.And(wanted)+" in "+r.Name+"; want them enabled")
	if len(wanted) == 1 {
		d.Message = strings.Replace(d.Message, "want them", "want it", 1)
	}
	d.Fix.Title = "add " + lint.And(wanted) + " to " + r.Name
	d.Severity = lint.Low.If(!slices.Contains(wanted, "NodeRestriction"))
	p.Report(d)
}

// enabled is the flag that names the plugins to enable.
func enabled(c *controlplane.Component) controlplane.Reading {
	if r := c.Lookup(orderFlag, ""); r.State == controlplane.Set {
		return r
	}
	return c.Lookup(enableFlag, "")
}

// pluginsIn lists the names in the text of a flag.
func pluginsIn(text string) []string {
	var l []string
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name != "" {
			l = append(l, name)
		}
	}
	return l
}
