package api

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/lint/node"
)

// ValidName reports names of objects and containers that the API server refuses.
//
// The object is refused as a whole. For containers of a pod template that happens only
// when the controller makes the pods, and no error is shown: the old version goes on
// running.
//
// Looked at are the kinds that are common and whose names are DNS names: lower-case letters,
// digits and dashes, and for most kinds dots. A CronJob has at most 52 characters, since it
// names its jobs, and a Job 63, since its name is a label of its pods. Before Kubernetes 1.36 the name of a Service starts with a letter. If a chart puts a
// name together and a part of it is empty in its default values, as in -web, the severity is low: the user must
// give it. Nor is a name too long that begins with the name of the chart, which stands for the one of a release, and has room for a shorter one.
// Placeholders that something else fills in pass.
var ValidName = &lint.Rule{
	ID:        "valid-name",
	Title:     "Name is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-upgrades"},
	Fix:       "write the name with lower-case letters, digits and dashes",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		if loadTable().find(o) == nil {
			return
		}
		form, ok := nameForms[o.Kind]
		if o.Kind == "Service" && !p.Version.AtLeast(36) {
			form = oldService
		}
		if o.Kind == "Job" && !o.Root.Get("spec.manualSelector").True() {
			form.most = mostOfLabel
		}
		if ok {
			form.check(p, lint.Diagnostic{Object: o, At: o.Root.Get("metadata.name")}, o.Kind)
		}
		for _, w := range o.Workloads {
			for _, c := range w.Containers {
				label.check(p, lint.Diagnostic{Subject: c, At: c.Get("name")}, "container")
			}
		}
	}),
}

// mostOfLabel is how many characters the value of a label may have.
const mostOfLabel = 63

// nameForm is what names must look like.
type nameForm struct {
	form *regexp.Regexp
	want string
	most int
}

var (
	label = nameForm{regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`), "lower-case letters, digits and dashes", 63}
	// oldService is before 1.36, from which on Services have names like pods.
	oldService = nameForm{regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`), "a letter and then lower-case letters, digits and dashes", 63}
	// segment is what may be a part of a URL's path.
	segment   = nameForm{regexp.MustCompile(`^[^/%]+$`), "a name without / and %", 1 << 20}
	subdomain = nameForm{regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`), "lower-case letters, digits, dashes and dots", 253}
)

// nameForms is the kinds whose names are looked at.
var nameForms = map[string]nameForm{
	"Namespace": label,
	"Service":   label,
	"CronJob":   {subdomain.form, subdomain.want, 52},

	"ConfigMap": subdomain, "DaemonSet": subdomain, "Deployment": subdomain, "HorizontalPodAutoscaler": subdomain,
	"Ingress": subdomain, "Job": subdomain, "NetworkPolicy": subdomain, "PersistentVolume": subdomain,
	"PersistentVolumeClaim": subdomain, "Pod": subdomain, "ReplicaSet": subdomain,
	"Secret": subdomain, "ServiceAccount": subdomain, "StatefulSet": label, "StorageClass": subdomain,
	"IngressClass": subdomain, "LimitRange": subdomain, "MutatingWebhookConfiguration": subdomain, "PriorityClass": subdomain,
	"ReplicationController": subdomain, "ResourceQuota": subdomain, "RuntimeClass": subdomain,
	"ValidatingAdmissionPolicy": subdomain, "ValidatingAdmissionPolicyBinding": subdomain, "ValidatingWebhookConfiguration": subdomain,

	"ClusterRole": segment, "ClusterRoleBinding": segment, "PodDisruptionBudget": segment, "Role": segment, "RoleBinding": segment,
}

// plain reports names that are valid for sure: most are, and a regular expression is slow.
func (f nameForm) plain(name string) bool {
	switch f.form {
	case label.form:
		return plainWord(name, "-", f.most)
	case subdomain.form:
		return len(name) <= f.most && plainDomain(name)
	}
	return false
}

// plainDomain reports words that dots join.
func plainDomain(s string) bool {
	for word := range strings.SplitSeq(s, ".") {
		if !plainWord(word, "-", 63) {
			return false
		}
	}
	return len(s) <= 253
}

// plainWord reports up to most letters and digits of ASCII, and between them some others.
// Capitals count where underscores do.
func plainWord(s, between string, most int) bool {
	capitals := strings.Contains(between, "_")
	alnum := func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || capitals && c >= 'A' && c <= 'Z'
	}
	if s == "" || len(s) > most || !alnum(s[0]) || !alnum(s[len(s)-1]) {
		return false
	}
	for i := range len(s) {
		if !alnum(s[i]) && strings.IndexByte(between, s[i]) < 0 {
			return false
		}
	}
	return true
}

func (f nameForm) check(p *lint.Pass, d lint.Diagnostic, what string) {
	if !d.At.IsScalar() || isPlaceholder(d.At.Node) || node.HasCapitals(d.At.Node.Value) {
		return
	}
	name := d.At.Node.Value
	if name == "" || f.plain(name) { // required-fields reports the absence
		return
	}
	d.Message = what + ` name "` + name + `"`
	switch {
	case p.Unit.Kind == lint.UnitChart && f.lacksPart(name):
		d.Severity, d.Range = lint.Low, emptyPart(name)
		why := " with these values"
		d.Fix = lint.Advice("give the value of the empty part a default, or take it by required")
		if key := p.KeyOfPart(d); key != "" {
			why = ", since " + key + " is empty"
			d.Fix = lint.Advice("set " + key + ", or take it by required")
		}
		d.Message += " has an empty part" + why + "; want it to begin and end with a letter or a digit"
	case !f.form.MatchString(name):
		d.Message += " is not valid; want " + f.want
		if from, to := naming.OddPart(name); to > 0 {
			d.Range = &lint.Range{From: from, To: to} // a values key may have it
		}
	case len(name) > f.most && len(name)-releasePart(p, name) < f.most: // another release may have a shorter name
		return
	case len(name) > f.most:
		d.Fix = lint.Intent{Title: "shorten the name to at most " + strconv.Itoa(f.most) + " characters"}
		d.Message += " has " + strconv.Itoa(len(name)) + " characters; want at most " + strconv.Itoa(f.most)
	default:
		return
	}
	p.Report(d)
}

// releasePart is how long the part of a name is that may be the name of a release, for which the chart's own is used where it is not known.
func releasePart(p *lint.Pass, name string) int {
	chart := path.Base(p.Unit.Input)
	if p.Unit.Kind != lint.UnitChart || !strings.HasPrefix(name, chart) {
		return 0
	}
	return len(chart)
}

// lacksPart reports whether a name would be valid if something were in front of or behind its
// separators: a chart joined it with an empty value.
func (f nameForm) lacksPart(name string) bool {
	if f.form.MatchString(name) {
		return false
	}
	rest := strings.Trim(name, "-.")
	return rest == "" || rest != name && f.form.MatchString(rest)
}

// emptyPart is where a name lacks a part: at its beginning or, if that is there, at its end.
func emptyPart(name string) *lint.Range {
	if strings.HasPrefix(name, "-") || strings.HasPrefix(name, ".") {
		return &lint.Range{}
	}
	return &lint.Range{From: len(name), To: len(name)}
}
