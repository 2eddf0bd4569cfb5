package pod

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/access"
	"github.com/kubevet/kubevet/lint/cluster/dirs"
	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/rules/podsecurity"
)

const (
	enforceLabel        = naming.EnforceLabel
	enforceVersionLabel = naming.EnforceLabel + "-version"
)

// NamespacePodSecurity reports namespaces for which the API server enforces no Pod Security Standard.
//
// Anyone who may create a pod there, for example with the stolen token of a build job, may create a
// privileged one and take over its node.
//
// The label pod-security.kubernetes.io/enforce must be baseline or restricted. privileged enforces
// nothing. The API server refuses other values, and a malformed enforce-version. A missing label has
// medium severity, since the cluster may enforce a standard by default. The fix names the strictest
// level that the namespace's own workloads in the input meet; of several with one name the nearest counts.
// It says so if one of them may create pods there, or custom resources of which an operator may make some: these must meet the
// level, too, and so must a pod that a ConfigMap of the namespace has as a text. Of custom resources themselves, such as those of databases and the Operator Lifecycle Manager, the pods are not
// known, but for the fields that are set. If they do not even meet baseline, the severity is medium, and the workload that needs more is named. It is low for
// privileged if none of the workloads meets baseline: they have a namespace of their own. What HelmReleases,
// Argo CD Applications and charts that are not in the repository install is not known: it is asked whether
// those pods meet the level, and the severity of privileged is medium. So it is for an Application whose namespace is not known,
// which may be any. ApplicationSets with generators that read the repository are expanded. Values of a HelmRelease or Application
// that say hostNetwork, hostPID, hostIPC, privileged or hostPath count as a workload that needs more, also those
// that a HelmRelease takes from a ConfigMap of the repository, and an Application from files of it. So do workloads of other overlays
// that use their node, unless a patch may change them. A Namespace
// without the label passes if the repository has it another time with one, unless the two are variants of
// each other, or a workload of the namespace is in its directory or below. So does one to which a policy of
// admission in the repository, such as one of Kyverno, gives the label, or may do so, and one without the label in a repository that configures a
// cluster of Talos Linux, which enforces baseline by itself, unless a file there sets admissionControl. If a service mesh adds containers to the
// pods, the fix says that these need NET_ADMIN, which baseline refuses, unless the mesh has a CNI plugin
// and its control plane is set to use it. The labels for warn and audit
// keep no pod out. kube-system, kube-public and kube-node-lease are exempt. Overlays may make a Namespace each of one file: the
// fix is then one that fits all of them.
var NamespacePodSecurity = &lint.Rule{
	ID:        "namespace-pod-security",
	Title:     "Namespace enforces no Pod Security Standard",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-security-standards-namespace", "infra-pod-security-policies", "admission-pod-security"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.2.1"},
		{Standard: nsa, Control: "Pod security enforcement"},
		{Standard: owasp, Control: "K04"},
	},
	Fix: "set the label pod-security.kubernetes.io/enforce to restricted, or to baseline: kubectl label --dry-run=server lists the pods that do not meet a level, and if they need more, set the labels for warn and audit and ignore the finding",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		for _, o := range p.Unit.Objects {
			if o.Is("", "Namespace") && !slices.Contains(cluster.SystemNamespaces, o.Name) && !node.IsComputed(o.Name) {
				checkNamespacePodSecurity(p, o)
			}
		}
	}),
}

func checkNamespacePodSecurity(p *lint.Pass, o *lint.Object) {
	labels := o.Root.Get("metadata.labels")
	enforce, version := labels.Child(enforceLabel), labels.Child(enforceVersionLabel)
	d := lint.Diagnostic{Object: o, At: enforce}
	ns := `namespace "` + o.Name + `"`
	if o.Name == "" {
		ns = "the release namespace"
	}
	switch level, err := podsecurity.ParseLevel(enforce.Text()); {
	case isEnforcedAtAdmission(p, o), !enforce.IsSet() && (isEnforcedElsewhere(p, o) || isOfTalos(p, o)):
	case !enforce.IsSet():
		d.Severity = lint.Medium
		d.Message = ns + " does not set the label " + enforceLabel
	case err != nil:
		d.Message = ns + " sets the label " + enforceLabel + ": " + enforce.Text() + ", which is not a level"
	case level == podsecurity.Privileged:
		d.Message = ns + " sets the label " + enforceLabel + ": privileged, which enforces nothing"
	}
	if d.Message != "" {
		suggestLevel(p, o, &d)
		p.Report(d)
	}
	if _, err := podsecurity.ParseVersion(version.Text(), p.Version); version.IsSet() && err != nil {
		p.Report(lint.Diagnostic{
			Object: o, At: version, Fix: lint.Intent{Title: "set the label " + enforceVersionLabel + " to latest", Value: "latest"},
			Message: ns + " sets the label " + enforceVersionLabel + ": " + version.Text() + "; want latest or a form like v1.31",
		})
	}
}

// isEnforcedAtAdmission reports whether a policy of admission gives a Namespace a label that enforces a standard, or may do so.
func isEnforcedAtAdmission(p *lint.Pass, o *lint.Object) bool {
	value, may := cluster.AdmittedLabel(p, o, enforceLabel)
	level, err := podsecurity.ParseLevel(value)
	return may && (value == "" || err == nil && level != podsecurity.Privileged)
}

// talosIn are the folders with the configuration of a cluster of Talos Linux whose API server enforces baseline where a Namespace has no label, as
// Talos configures it. There are none if a file sets another configuration of admission.
var talosIn = lint.RepositoryIndex("clusters of Talos", func(documents []*lint.Document) (folders []string) {
	for _, d := range documents {
		text, _ := d.Data.(string)
		switch {
		case d.Kind != lint.DocumentTalos:
		case strings.Contains(text, "admissionControl"):
			return nil
		case strings.HasPrefix(text, "machine:") || strings.Contains(text, "\nmachine:") || strings.Contains(text, "talosVersion:"):
			folders = append(folders, path.Dir(path.Clean(d.File)))
		}
	}
	slices.Sort(folders)
	return slices.Compact(folders)
})

// isOfTalos reports whether a Namespace is for a cluster of Talos Linux that enforces baseline, as far as the repository shows its clusters.
func isOfTalos(p *lint.Pass, o *lint.Object) bool {
	return slices.ContainsFunc(talosIn(p), func(folder string) bool { return !cluster.AreOfOtherClusters(p, folder, cluster.DirOf(p, o)) })
}

// labeledNamespaces are the Namespaces of the repository that enforce a standard, by their names.
var labeledNamespaces = lint.UnitIndex("labeled namespaces", func(p *lint.Pass) map[string][]*lint.Object {
	byName := map[string][]*lint.Object{}
	for _, o := range slices.Concat(p.Unit.Objects, p.Unit.Namespaces) {
		if o.Is("", "Namespace") {
			level, err := podsecurity.ParseLevel(o.Root.Get("metadata.labels").Child(enforceLabel).Text())
			if err == nil && level != podsecurity.Privileged {
				byName[o.Name] = append(byName[o.Name], o)
			}
		}
	}
	return byName
})

// maxCopies is how many times a repository may have a Namespace with a label for one to count for the
// others. More are variants.
const maxCopies = 16

// isEnforcedElsewhere reports whether the repository has a Namespace another time, with a label that
// enforces a standard: one that makes the Namespace before anything else is there, for one.
func isEnforcedElsewhere(p *lint.Pass, o *lint.Object) bool {
	labeled := labeledNamespaces(p)[o.Name]
	if len(labeled) == 0 || len(labeled) > maxCopies {
		return false
	}
	if p.Unit.Kind != lint.UnitManifests && len(cluster.Of(p).Workloads.In(o.Name)) > 0 || workloadDirs(p)[[2]string{o.Name, cluster.DirOf(p, o)}] {
		return false
	}
	return slices.ContainsFunc(labeled, func(other *lint.Object) bool {
		return !dirs.AreVariants(cluster.FileOf(p, o), cluster.FileOf(p, other))
	})
}

// workloadDirs has the namespaces of workloads with their directories and those above.
var workloadDirs = lint.UnitIndex("directories of workloads", func(p *lint.Pass) map[[2]string]bool {
	found := map[[2]string]bool{}
	for _, w := range p.Unit.Workloads() {
		for _, dir := range dirs.Above(cluster.DirOf(p, w.Object)) {
			found[[2]string{w.Namespace, dir}] = true
		}
	}
	return found
})

// alone is what to do about a namespace of pods that baseline would refuse.
const alone = "let nobody else create pods in the namespace, set the labels for warn and audit, and ignore the finding with that reason"

// suggestLevel completes the finding with the strictest level that the namespace's own
// workloads meet.
func suggestLevel(p *lint.Pass, o *lint.Object, d *lint.Diagnostic) {
	own := workloadsOf(p, o)
	known := slices.DeleteFunc(slices.Clone(own), isPartial)
	meets := func(w *lint.Workload, level podsecurity.Level) bool {
		return len(podsecurity.Evaluate(level, p.Version, w)) == 0
	}
	refused := func(level podsecurity.Level) []*lint.Workload {
		return slices.DeleteFunc(slices.Clone(own), func(w *lint.Workload) bool { return meets(w, level) })
	}
	needs, unread := unreadOf(p, o, own)
	elsewhere := cluster.PodsElsewhere(p, o)
	beside := slices.DeleteFunc(slices.Clone(elsewhere), func(w *lint.Workload) bool { return meets(w, podsecurity.Baseline) })
	above := append(refused(podsecurity.Baseline), beside...)
	switch {
	case len(above) > 0:
		what, do := names(above), " does not meet"
		if len(above) > 1 {
			do = " do not meet"
		}
		d.Message += "; want baseline, which its " + what + do
		for _, w := range above {
			d.Related = append(d.Related, lint.Related{Object: w.Object, At: w.Root.Get("metadata.name"), Label: "does not meet baseline"})
		}
		keepPrivileged(d, what, len(above) > 1, len(beside) > 0 || len(above) < len(own))
	case needs != nil:
		what := needs.KindName()
		d.Message += "; want baseline, which the values of " + what + " do not meet"
		d.Related = []lint.Related{{Object: needs.Object, At: askedAt(needs), Label: "does not meet baseline"}}
		keepPrivileged(d, what, false, len(own) > 0)
	case len(own) == 0 && unread == lacksInput: // the fix of the rule says how to find out
		d.Message += "; want baseline or restricted, unless the pods of " + lacksInput + " need more"
		if d.At.IsSet() {
			d.Severity = lint.Medium
		}
	case len(known) == 0 && unread != "":
		d.Severity = lint.Medium
		d.Message += "; want baseline or restricted, unless the pods of " + unread + " need more"
		d.Fix = lint.Advice("set the label " + enforceLabel + " to the strictest level that the pods of " + unread +
			" meet: kubectl label --dry-run=server lists those that do not; if they do not even meet baseline, " + alone)
	case len(own) == 0:
		d.Fix.Value = string(podsecurity.Restricted)
		d.Message += "; want baseline or restricted"
	case len(refused(podsecurity.Restricted)) == 0 && cluster.Injector(o, own) == "Istio" && slices.ContainsFunc(own, lacksPodSeccomp):
		d.Message += "; want baseline, since its workloads set seccompProfile on containers alone: restricted refuses the container of Istio, which has none"
		setLevel(p, o, podsecurity.Baseline, own, unread, d)
	case len(refused(podsecurity.Restricted)) == 0:
		d.Message += "; want restricted, which its workloads meet"
		setLevel(p, o, podsecurity.Restricted, own, unread, d)
	default:
		d.Message += "; want baseline, the strictest level that its workloads meet"
		setLevel(p, o, podsecurity.Baseline, own, unread, d)
	}
	if mesh := cluster.Injector(o, slices.Concat(own, elsewhere)); mesh != "" && len(above) == 0 && needs == nil {
		d.Message += ", if " + mesh + " has its CNI plugin"
		d.Fix = lint.Advice(cmp.Or(d.Fix.Title, p.Rule.Fix) + "; unless the CNI plugin of " + mesh + " is installed and the values of its control plane enable it, the init container that it adds needs NET_ADMIN, which baseline refuses")
	}
	share(p, o, d)
}

// lacksPodSeccomp reports whether a pod has no seccompProfile for containers that are added to it.
func lacksPodSeccomp(w *lint.Workload) bool {
	v := w.Pod.Get("securityContext.seccompProfile.type")
	return !v.IsSet() && v.IsKnown()
}

// maxNamed limits how many workloads a message names.
const maxNamed = 4

// names are the names of some workloads, as a sentence lists them.
func names(l []*lint.Workload) string {
	var text []string
	for _, w := range l {
		if name := w.KindName(); !slices.Contains(text, name) {
			text = append(text, name)
		}
	}
	return lint.AndOthers(text, maxNamed)
}

// lacksInput is what messages call the pods of an input of which parts are among the problems.
const lacksInput = "the inputs that could not be read"

// isPartial reports whether an operator makes the pods of a workload, with fields that no file shows.
func isPartial(w *lint.Workload) bool {
	return w.Pod.Partial || len(w.Containers) == 0 || slices.ContainsFunc(w.Containers, func(c lint.PodOrContainer) bool { return c.Partial })
}

// systemLabels are the namespaces of the cluster itself by the lines at which they have the label, or would get it.
var systemLabels = lint.UnitIndex("labels of system namespaces", func(p *lint.Pass) map[lint.Position][]string {
	at := map[lint.Position][]string{}
	for _, o := range slices.Concat(p.Unit.Objects, p.Unit.Namespaces) {
		if !o.Is("", "Namespace") || !slices.Contains(cluster.SystemNamespaces, o.Name) {
			continue
		}
		lines := []lint.Position{labelLine(p, o)}
		if !labelOf(o).IsSet() { // its own patch may set others, and it would get this one from its file all the same
			lines = append(lines, lineOf(p, o, o.Root.Get("kind")))
		}
		for _, line := range lines {
			if line.Line > 0 && !slices.Contains(at[line], o.Name) {
				at[line] = append(at[line], o.Name)
			}
		}
	}
	return at
})

func labelOf(o *lint.Object) lint.Value { return o.Root.Get("metadata.labels").Child(enforceLabel) }

// labelLine is the line to edit for the label of a Namespace, which may be in a patch. Without labels it is that of the Namespace itself.
func labelLine(p *lint.Pass, o *lint.Object) lint.Position {
	at, home := lineOf(p, o, labelOf(o)), lineOf(p, o, o.Root.Get("kind"))
	if !labelOf(o).IsSet() && at.File == home.File {
		return home
	}
	return at
}

func lineOf(p *lint.Pass, o *lint.Object, v lint.Value) lint.Position {
	at := p.Locate(o, v).Position
	return lint.Position{File: at.File, Line: at.Line}
}

// share completes the fix for a Namespace that overlays share: each may want another level, and one that is of the cluster
// none.
func share(p *lint.Pass, o *lint.Object, d *lint.Diagnostic) {
	if p.Unit.Kind != lint.UnitOverlay {
		return
	}
	also := ""
	if system := strings.Join(systemLabels(p)[labelLine(p, o)], " and "); system != "" {
		also = "; it is also the Namespace " + system
		if d.Fix.Value != "" {
			d.Fix = lint.Advice("in a patch of the overlay, set the label " + enforceLabel + " to " + d.Fix.Value + ": this is also the Namespace " + system)
		} else {
			d.Fix.Title = cmp.Or(d.Fix.Title, p.Rule.Fix) + also
		}
	}
	d.Fix.Together = "patch the label " + enforceLabel + " of this Namespace in each of the overlays, to the level that its pods meet, which is not the same for all: " +
		"kubectl label --dry-run=server lists those that do not; if they do not even meet baseline, " + alone + also
}

// keepPrivileged completes the finding of a namespace with pods that baseline would refuse. They should have a
// namespace of their own.
func keepPrivileged(d *lint.Diagnostic, what string, areSeveral, hasOthers bool) {
	d.Severity = lint.Medium
	if hasOthers {
		whose := " to a namespace of its own"
		if areSeveral {
			whose = " to a namespace of their own"
		}
		d.Fix = lint.Advice("move " + what + whose + " before you set the label to baseline, or set the labels for warn and audit and ignore the finding")
		return
	}
	if d.At.IsSet() { // it is a namespace of its own already, and privileged is meant
		d.Severity = lint.Low
	}
	d.Fix = lint.Advice("since baseline refuses the pods of " + what + ", " + alone)
}

// podMakersIn are the objects in a namespace that others make pods of. An OperatorGroup only says for whom: it counts where nothing else does.
func podMakersIn(p *lint.Pass, namespace string) []*lint.Object {
	all := cluster.PodMakersIn(p, namespace)
	isGroup := func(o *lint.Object) bool { return o.Is("operators.coreos.com", "OperatorGroup") }
	if l := slices.DeleteFunc(slices.Clone(all), isGroup); len(l) > 0 {
		return l
	}
	return all
}

// unreadOf is what is installed in a namespace beside its workloads, as far as the repository says so: the first release
// whose values ask for what baseline refuses, and what else is not known. An Application of a folder may be what
// installs the workloads. Of custom resources an operator may make pods.
func unreadOf(p *lint.Pass, o *lint.Object, own []*lint.Workload) (needs *cluster.Release, unread string) {
	var names []string
	add := func(name string) {
		if !slices.Contains(names, name) { // an overlay and its manifests have one each
			names = append(names, name)
		}
	}
	for _, r := range cluster.ReleasesIn(p, o) {
		switch {
		case askedAt(&r).IsSet():
			return &r, ""
		case r.IsChart || len(own) == 0:
			add(calledInText(r.Object))
		}
	}
	for _, w := range own {
		if isPartial(w) {
			add(w.KindName())
		}
	}
	for _, maker := range podMakersIn(p, o.Name) {
		add(maker.KindName())
	}
	if len(own)+len(names) == 0 {
		for _, k := range cluster.AppliersIn(p, o) {
			add(k.KindName())
		}
	}
	for _, name := range cluster.ReleasesAnywhere(p) {
		add(name)
	}
	switch {
	case len(names) > 0:
		return nil, lint.AndOthers(names, maxNamed)
	case p.LacksInput(o):
		return nil, lacksInput
	}
	return nil, ""
}

// calledInText is how messages call what installs something. The name of what an ApplicationSet makes may be a template.
func calledInText(o *lint.Object) string {
	if strings.Contains(o.Name, "{{") {
		return "what an ApplicationSet makes"
	}
	return o.KindName()
}

// askedAt is where a release asks for a pod which baseline refuses, absent if it does not.
func askedAt(r *cluster.Release) lint.Value {
	if !slices.ContainsFunc(r.More, func(values lint.Value) bool { return nodeAccess(values).IsSet() }) {
		return nodeAccess(r.Values)
	}
	for _, list := range [...]string{"spec.valuesFrom", "spec.source.helm.valueFiles", "spec.source.helm.values", "spec.sources[].helm.valueFiles", "spec.sources[].helm.values"} {
		for v := range r.Root.Each(list) {
			if v.IsSet() {
				return v
			}
		}
	}
	return r.Root.Get("spec")
}

// nodeAccess is the first of a chart's values that asks for a pod which baseline refuses, absent if none does. What
// the values disable does not count.
func nodeAccess(v lint.Value) lint.Value { return accessSearch{}.find(v) }

// accessSearch has the values that were looked at: aliases may repeat them.
type accessSearch map[*yaml.Node]bool

func (s accessSearch) find(v lint.Value) lint.Value {
	if v.IsScalar() || s[v.Node] {
		return lint.Value{}
	}
	s[v.Node] = true
	if enabled, ok := v.Get("enabled").Bool(); ok && !enabled {
		return lint.Value{}
	}
	for key, c := range v.Entries() {
		if isNodeAccess(key, c) {
			return c
		}
		if found := s.find(c); found.IsSet() {
			return found
		}
	}
	for c := range v.Items() {
		if found := s.find(c); found.IsSet() {
			return found
		}
	}
	return lint.Value{}
}

// isNodeAccess reports whether one of a chart's values asks for a pod which baseline refuses.
func isNodeAccess(key string, v lint.Value) bool {
	switch key {
	case "hostNetwork", "hostPID", "hostIPC", "privileged":
		return v.True()
	case "hostPath":
		return v.Len() > 0 || v.Text() != ""
	case "type":
		return v.Text() == "hostPath"
	}
	return false
}

// workloadsOf is the workloads of a Namespace, those that are nearest to it first. The directories
// of a tree of manifests may be variants of each other: of workloads with one name, it has the nearest.
//
// A name with a placeholder is another one in each directory, as far as is known.
func workloadsOf(p *lint.Pass, o *lint.Object) []*lint.Workload {
	c, isManifest := cluster.Of(p), p.Unit.Kind == lint.UnitManifests
	onlyBeside := isManifest && node.MayHavePlaceholder(o.Name)
	var l []*lint.Workload
	for _, w := range p.Unit.Workloads() {
		if w.Namespace == o.Name && (!onlyBeside || c.SameDir(o, w.Object)) {
			l = append(l, w)
		}
	}
	if !isManifest {
		return l
	}
	slices.SortStableFunc(l, func(a, b *lint.Workload) int { return c.Distance(o, a.Object) - c.Distance(o, b.Object) })
	first := map[lint.ObjectRef]*lint.Object{}
	return slices.DeleteFunc(l, func(w *lint.Workload) bool {
		if first[w.Ref()] == nil {
			first[w.Ref()] = w.Object
		}
		return w.Name != "" && first[w.Ref()] != w.Object
	})
}

// setLevel sets the label to the level that a namespace's workloads meet. Whether the pods that one of these
// creates meet it is not known, nor those that were not read.
func setLevel(p *lint.Pass, o *lint.Object, level podsecurity.Level, own []*lint.Workload, unread string, d *lint.Diagnostic) {
	set := "set the label " + enforceLabel + " to " + string(level)
	list := ": kubectl label --dry-run=server lists those that do not"
	by, custom := makerOf(p, own)
	switch {
	case by != nil && custom == "":
		maker := by.Kind + " " + by.Name
		if below := embeddedBelow(p, o, by.Object, level); below != nil {
			text := below.key + " of ConfigMap " + below.in.Name
			d.Message += ", but its " + maker + " may create pods, and the " + below.Kind + " in " + text + " does not meet it"
			d.Related = []lint.Related{{Object: below.in, At: below.at, Label: "does not meet " + string(level)}}
			d.Fix = lint.Advice(set + " only if " + maker + " creates no pods from " + text + " in the namespace: " +
				"kubectl label --dry-run=server does not list those that are there for moments; if " + maker + " creates such pods, " + alone)
			return
		}
		d.Message += ", if the pods that its " + maker + " may create meet it"
		d.Fix = lint.Advice(set + " if the pods that " + maker + " creates meet it" + list + ", as far as they are there at that time")
	case by != nil:
		maker, of := by.KindName(), "the pods of the "+custom+" resources that "
		d.Message += ", if " + of + "its " + maker + " may create meet it"
		d.Fix = lint.Advice(set + " if " + of + maker + " creates meet it" + list)
	case unread != "":
		if d.At.IsSet() {
			d.Severity = lint.Medium
		}
		d.Message += ", if the pods of " + unread + " meet it"
		d.Fix = lint.Advice(set + " if the pods of " + unread + " meet it" + list + "; if they need more, " + alone)
	default:
		d.Fix = lint.Intent{Title: set, Value: string(level)}
	}
}

// makerOf is the workload of some that may create pods, of several the first of those with the most rights: one that may do everything, then
// one that may create pods, and then one that may create custom resources of the group custom, of which pods may come. It is nil if none may.
func makerOf(p *lint.Pass, own []*lint.Workload) (by *lint.Workload, custom string) {
	makers, customs := access.PodMakers(p), access.CustomMakers(p)
	for _, w := range own {
		full, makes := makers[w]
		switch {
		case full:
			return w, ""
		case makes && (by == nil || custom != ""):
			by, custom = w, ""
		case !makes && by == nil && customs[w] != "":
			by, custom = w, customs[w]
		}
	}
	return by, custom
}
