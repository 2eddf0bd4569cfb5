// Package pod holds the rules on what pods and containers may do on their node:
// section 4 of the security checklist.
package pod

import (
	"cmp"
	"embed"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/pods"
)

// Source is the text of this package but for its tests: the rules' doc comments are
// read from it.
//
//go:embed *[^t].go *[^s]t.go *[^e]st.go
var Source embed.FS

// The standards that the rules of this package refer to.
const (
	baseline   = "Pod Security Standards (baseline)"
	restricted = "Pod Security Standards (restricted)"
	cis        = lint.CISBenchmark
	nsa        = lint.HardeningGuide
	owasp      = lint.OWASPTopTen
)

// onWindows reports whether the pod says that it runs on Windows. The API server
// refuses Linux's security fields there, from the version on in which it knows
// spec.os.
func onWindows(p *lint.Pass, w *lint.Workload) bool {
	return w.Windows && p.Version.AtLeast(25)
}

// selectsWindows reports whether the pod runs on Windows nodes and leaves it to
// its nodeSelector to say so, by today's label or the one before it. Linux's security
// fields do nothing there, but Pod
// Security, which reads spec.os alone, asks for them.
func selectsWindows(w *lint.Workload) bool {
	nodes := w.PodValue("nodeSelector")
	return (w.HasOuter() || !w.Pod.Get("os.name").IsSet()) && (nodes.Child("kubernetes.io/os").Text() == "windows" || nodes.Child("beta.kubernetes.io/os").Text() == "windows")
}

// whereSet is an absent field of a container or, where only the pod's can be set by a values key of the chart, that of the pod: it counts
// for the container. So it is if none of several containers has the field, and each has a key of its own: the pod's key does it for all. A
// key that takes the field counts more than a switch for a block that may have it, and one that the values file shows more than a new one.
// Without a key it is that of a pod whose securityContext is written and empty.
func whereSet(p *lint.Pass, h lint.PodOrContainer, own lint.Value, path string) lint.Value {
	at, ok := whereOffered(p, h, own, path)
	if pod, _ := podPlaces(h.Workload, path); !ok && hasEmptyContext(h.Workload) {
		return pod
	}
	return at
}

// hasEmptyContext reports whether a pod has the key of its securityContext, and nothing below it, as in securityContext: {}.
func hasEmptyContext(w *lint.Workload) bool {
	v := w.Pod.Get("securityContext")
	if v.IsSet() {
		return v.IsMap() && v.Len() == 0
	}
	key, missing := v.Anchor()
	return key != nil && missing == ""
}

// whereOffered is whereSet without the last case. ok is false if nothing decides between the container and its pod.
func whereOffered(p *lint.Pass, h lint.PodOrContainer, own lint.Value, path string) (at lint.Value, ok bool) {
	o := h.Workload.Object
	if h.Kind == lint.KindPod || isOnlyTested(p, h) { // the key of the pod is for what users get
		return own, true
	}
	pod, outer := podPlaces(h.Workload, path)
	if isShownForPod(p, o, own, pod, path) || !outer && lackApart(p, h.Workload, path) && p.OffersKey(o, pod) {
		return pod, true
	}
	for _, offers := range []func(*lint.Object, lint.Value) bool{p.OffersKey, p.OffersSwitch} {
		switch {
		case offers(o, own):
			return own, true
		case offers(o, pod):
			return pod, true
		}
	}
	if outer {
		return pod, true
	}
	return own, false
}

// orPod is the absent field of a pod, which counts for its container as well. It is zero if the container takes the field from elsewhere.
func orPod(p *lint.Pass, h lint.PodOrContainer, path string) (v lint.Value) {
	if pod, outer := podPlaces(h.Workload, path); h.Kind != lint.KindPod && !outer && p.Unit.Try != nil {
		return pod
	}
	return v
}

// isOnlyTested reports a container that only the values of a chart's tests add to what users get, too. Where they choose another kind of
// object, each of its containers is as good as those of the usual one.
func isOnlyTested(p *lint.Pass, c lint.PodOrContainer) bool {
	is := p.Unit.IsOnlyTested
	return is != nil && is(c.Workload.Object, c.Name) && !is(c.Workload.Object, "")
}

// maxTogether limits how many containers of a pod are looked at together: each of them is compared with all.
const maxTogether = 32

// lackApart reports whether a pod has several containers, of which none has a field, and no values key is for all of them. Those that only the
// values of a chart's tests add do not count.
func lackApart(p *lint.Pass, w *lint.Workload, path string) bool {
	containers := w.Select(lint.Containers)
	if len(containers) > maxTogether {
		return false
	}
	containers = slices.DeleteFunc(slices.Clone(containers), func(c lint.PodOrContainer) bool { return isOnlyTested(p, c) })
	if len(containers) < 2 || slices.ContainsFunc(containers, func(c lint.PodOrContainer) bool { return c.Get(path).IsSet() }) {
		return false
	}
	first := p.Locate(w.Object, containers[0].Get(path)).Entry
	return first == nil || slices.ContainsFunc(containers[1:], func(c lint.PodOrContainer) bool {
		e := p.Locate(w.Object, c.Get(path)).Entry
		return e == nil || e.Position != first.Position
	})
}

// podPlaces is where an absent field of a pod is set: on the pod or, where it takes the field from its object, such as a Workflow, there.
// outer is set if the object may have it, which has many pods.
func podPlaces(w *lint.Workload, path string) (v lint.Value, outer bool) {
	if v, ok := w.OuterValue(path); ok {
		return v, true
	}
	return w.Pod.Get(path), w.HasOuter()
}

// nameField makes a fix name the field at which the finding is, where pods take fields from their object, such as a Workflow: its templates
// have some of the fields of a pod, and no spec.
func nameField(p *lint.Pass, d *lint.Diagnostic, path string) {
	w := d.Subject.Workload
	if !w.HasOuter() || d.Subject.Kind == lint.KindPod {
		return
	}
	field, where := path, " on the container"
	outer, ok := w.OuterValue(path)
	switch d.At.Path() {
	case outer.Path():
		field, where = outer.Path(), " in the "+w.Kind
		if strings.HasSuffix(w.Kind, "WorkflowTemplate") { // whose spec such Workflows do not read
			where += " and in each Workflow that calls its templates by templateRef"
		}
	case w.Pod.Get(path).Path():
		if where = " in the template"; !ok && hasContext(outer) {
			where += ", whose securityContext replaces that of the " + w.Kind
		}
	}
	named := func(title string) string {
		title = strings.Replace(title, "set "+path, "set "+field, 1)
		for _, pod := range []string{" on the pod or on the container", " on the pod or the container", " on the pod"} {
			if strings.Contains(title, pod) {
				return strings.Replace(title, pod, where, 1)
			}
		}
		return title
	}
	d.Fix.Title = named(cmp.Or(d.Fix.Title, p.Rule.Fix))
	d.Fix.Together = named(p.Rule.FixText())
}

// hasContext reports whether there is a securityContext for a field in it, be the field absent or not.
func hasContext(field lint.Value) bool {
	_, missing := field.Anchor()
	return !strings.HasPrefix(missing, "securityContext")
}

// isShownForPod reports whether the values file of a chart shows where to set a field of a pod, and less of where to set that of its container.
func isShownForPod(p *lint.Pass, o *lint.Object, own, pod lint.Value, path string) bool {
	declared, _, commented := p.DeclaresKey(o, pod, path)
	if !declared || pod.IsSet() {
		return false
	}
	_, isNew, ownCommented := p.DeclaresKey(o, own, path)
	return isNew && p.OffersKey(o, pod) || commented && !ownCommented
}

// linuxRules are the rules on fields that do nothing on Windows nodes. The first one that runs reports what they have in common: see
// reportOS.
var linuxRules = []string{"seccomp-profile", "no-privilege-escalation", "drop-all-capabilities"}

// reportOS reports a pod that selects Windows nodes and leaves it to its nodeSelector to say so, once for all rules on fields that only
// Linux has. ok is false if it is no such pod.
func reportOS(p *lint.Pass, h lint.PodOrContainer) (ok bool) {
	w := h.Workload
	if !selectsWindows(w) {
		return false
	}
	first := slices.IndexFunc(linuxRules, p.Runs)
	isFirst := h.Kind == lint.KindPod || len(w.Containers) > 0 && h.Path() == w.Containers[0].Path()
	if !isFirst || first < 0 || linuxRules[first] != p.Rule.ID || !lacksLinuxField(w) {
		return true
	}
	lacks := "spec.os.name"
	set := "set spec.os.name: windows on the pod: it selects no nodes, as the nodeSelector does, but says that fields which only Linux has are not required"
	if w.HasOuter() {
		lacks = "os.name by podSpecPatch"
		set = `set podSpecPatch: '{"os":{"name":"windows"}}' beside the nodeSelector: os.name selects no nodes, but says that fields which only Linux has are not required`
	}
	if field := linuxField(w); field != "" {
		set += "; remove " + field + " and other such fields, which the API server refuses beside it"
	}
	nodes := w.PodValue("nodeSelector")
	at := nodes.Child("kubernetes.io/os")
	if !at.IsSet() {
		at = nodes.Child("beta.kubernetes.io/os")
	}
	p.Report(lint.Diagnostic{
		Subject: w.Pod, At: at, Severity: lint.Low, Fix: lint.Advice(set),
		Message: w.Pod.Label() + " selects Windows nodes and does not set " + lacks + "; want windows",
	})
	return true
}

// lacksLinuxField reports whether Pod Security asks a pod for a field that only Linux has. A container of which only a part is known
// may have it.
func lacksLinuxField(w *lint.Workload) bool {
	return slices.ContainsFunc(w.Containers, func(c lint.PodOrContainer) bool {
		profile, _ := c.Effective(seccompPath)
		escalation, isSet := c.Get("securityContext.allowPrivilegeEscalation").Bool()
		return !c.Partial && (!profile.IsSet() || escalation || !isSet || !slices.Contains(c.Get("securityContext.capabilities.drop").Strings(), "ALL"))
	})
}

// linuxField is the first field of the pod and its containers that only Linux has. It is empty if there is none.
func linuxField(w *lint.Workload) string {
	for _, h := range w.Select(lint.KindPod | lint.Containers) {
		fields := pods.LinuxContainerFields
		if h.Kind == lint.KindPod {
			fields = pods.LinuxPodFields
		}
		for _, f := range fields {
			if v := h.Get(f); v.IsSet() && v.Text() != "false" {
				return f
			}
		}
	}
	return ""
}

// neverOnLinux reports whether the pod runs on Windows according to any field.
func neverOnLinux(p *lint.Pass, w *lint.Workload) bool { return onWindows(p, w) || selectsWindows(w) }

// isHostProcess reports whether the pod has a container that is a process of a
// Windows node.
func isHostProcess(w *lint.Workload) bool {
	return slices.ContainsFunc(w.Select(lint.KindPod|lint.Containers), func(h lint.PodOrContainer) bool {
		return h.Get("securityContext.windowsOptions.hostProcess").True()
	})
}

// inUserNamespace reports whether root in the pod is an unprivileged user on the
// node. Pod Security counts that from 1.35 on.
func inUserNamespace(p *lint.Pass, w *lint.Workload) bool {
	return !w.HostUsers() && p.Version.AtLeast(35)
}

func isPrivileged(h lint.PodOrContainer) bool { return h.Get("securityContext.privileged").True() }

// withoutNsenter is what to do about hostPID: true in a pod with a container that enters the node.
func withoutNsenter(h lint.PodOrContainer) lint.Intent {
	for _, c := range h.Workload.Select(lint.Containers) {
		if runsNsenter(c) {
			return lint.Advice("remove hostPID: true together with the nsenter of " + c.Label() + ", which enters processes of the node; if the pod must do that, ignore the finding with that reason")
		}
	}
	return lint.Intent{}
}

// runsNsenterIn reports whether a container of a pod calls nsenter.
func runsNsenterIn(w *lint.Workload) bool { return slices.ContainsFunc(w.Containers, runsNsenter) }

// runsNsenter reports whether a container calls nsenter: without hostPID it finds no process of the node.
func runsNsenter(c lint.PodOrContainer) bool {
	for _, path := range []string{"command", "args", "lifecycle.postStart.exec.command", "lifecycle.preStop.exec.command"} {
		for part := range c.Get(path).Items() {
			if strings.Contains(part.Text(), "nsenter ") || strings.HasSuffix(part.Text(), "nsenter") {
				return true
			}
		}
	}
	return false
}
