package pod

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules/podsecurity"
)

// MeetsNamespacePodSecurity reports workloads whose pods their namespace refuses, since they do
// not meet the Pod Security Standard that it enforces.
//
// The Deployment is created and nothing runs: only the events of its ReplicaSet show the refusal. A
// person who finds it under pressure may remove the label from the namespace, and with it the protection
// of every other pod there.
//
// The rule applies to workloads in a namespace that the input declares with the label
// pod-security.kubernetes.io/enforce. It uses the version in enforce-version if there is one, and judges
// exactly as the API server does. Each workload is reported once, at the first value that is refused, and the
// finding lists the others.
var MeetsNamespacePodSecurity = &lint.Rule{
	ID:        "meets-namespace-pod-security",
	Title:     "Namespace refuses the pods",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-security-standards-namespace", "admission-pod-security"},
	Fix:       "change the pod so that it meets the level, or move it to a namespace that allows what it needs",
	Check:     lint.UnitCheck(checkMeetsNamespace),
}

// enforcement is what a namespace enforces, and where it says so.
type enforcement struct {
	object  *lint.Object
	label   lint.Value
	level   podsecurity.Level
	version lint.Version
}

func checkMeetsNamespace(p *lint.Pass) {
	enforced := map[string]enforcement{}
	for _, o := range p.Unit.Objects {
		if !o.Is("", "Namespace") {
			continue
		}
		labels := o.Root.Get("metadata.labels")
		label, version := labels.Child(enforceLabel), labels.Child(enforceVersionLabel)
		level, err := podsecurity.ParseLevel(label.Text())
		if err != nil {
			continue
		}
		e := enforcement{o, label, level, p.Version}
		if version.IsSet() {
			if e.version, err = podsecurity.ParseVersion(version.Text(), p.Version); err != nil {
				continue
			}
		}
		enforced[o.Name] = e
	}
	for _, w := range p.Unit.Workloads() {
		if e, ok := enforced[w.Namespace]; ok && w.Namespace != "" {
			judgeMeets(p, w, e)
		}
	}
}

// maxViolations limits how many of the values that are refused a finding shows.
const maxViolations = 12

func judgeMeets(p *lint.Pass, w *lint.Workload, e enforcement) {
	violations := podsecurity.Evaluate(e.level, e.version, w)
	if len(violations) == 0 {
		return
	}
	first, more := violations[0], ""
	if n := len(violations) - 1; n > 0 {
		more = " (and " + strconv.Itoa(n) + " more)"
	}
	related := []lint.Related{{Object: e.object, At: e.label, Label: "the namespace's label"}}
	for _, v := range violations[1:min(len(violations), maxViolations)] {
		related = append(related, lint.Related{Object: w.Object, At: v.At, Label: v.Message})
	}
	p.Report(lint.Diagnostic{
		Subject: first.Subject, At: first.At, Fix: meetFix(violations),
		Message: `namespace "` + w.Namespace + `" enforces ` + string(e.level) + " and refuses the pod: " + first.Message + more,
		Related: related,
	})
}

// meetFix is the fix for what is refused of a pod: the fields to set, if each has one value that is allowed. It is the rule's own where
// something is to be removed.
func meetFix(violations []podsecurity.Violation) lint.Intent {
	if len(violations) == 1 {
		return lint.Intent{Value: violations[0].Want}
	}
	var fields, subjects []string
	also := ""
	for _, v := range violations {
		field, isOwn := strings.CutPrefix(v.At.Path(), v.Subject.Path()+".")
		if v.Want == "" || !isOwn {
			return lint.Intent{AdviceOnly: true}
		}
		if strings.HasSuffix(field, "runAsNonRoot") {
			also = ", with " + alsoUser
		}
		fields, subjects = addOnce(fields, field+": "+v.Want), addOnce(subjects, v.Subject.Label())
	}
	return lint.Advice("set " + lint.AndOthers(fields, maxViolations) + " on " + lint.AndOthers(subjects, maxNamed) + also)
}

// addOnce adds a word to a list that does not have it.
func addOnce(list []string, word string) []string {
	if slices.Contains(list, word) {
		return list
	}
	return append(list, word)
}
