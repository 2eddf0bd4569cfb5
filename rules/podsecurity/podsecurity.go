// Package podsecurity judges pods as Pod Security Admission, the API server's own
// admission plugin, does: by level, and by version of the standard.
//
// The rules of package pod ask for what is safe; this package answers whether a
// namespace that enforces a level would admit the pod. The two differ in places.
package podsecurity

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// Level is one of the Pod Security Standards.
type Level string

// The levels, from lax to strict.
const (
	Privileged Level = "privileged"
	Baseline   Level = "baseline"
	Restricted Level = "restricted"
)

// ParseLevel reads the name of a level.
func ParseLevel(name string) (Level, error) {
	switch l := Level(name); l {
	case Privileged, Baseline, Restricted:
		return l, nil
	}
	return "", fmt.Errorf("unknown Pod Security level %q; want privileged, baseline or restricted", name)
}

// Parse reads a level with or without a version, as labels and flags give them:
// restricted, baseline:latest, restricted:v1.31.
func Parse(text string, cluster lint.Version) (Level, lint.Version, error) {
	name, version, ok := strings.Cut(text, ":")
	if !ok {
		version = "latest"
	}
	level, err := ParseLevel(name)
	if err != nil {
		return "", lint.Version{}, err
	}
	v, err := ParseVersion(version, cluster)
	return level, v, err
}

// ParseVersion reads a version of the standard: latest, which is that of the
// cluster, or v1.31. A newer one than the cluster's is the cluster's.
func ParseVersion(name string, cluster lint.Version) (lint.Version, error) {
	if name == "latest" {
		return cluster, nil
	}
	digits, ok := strings.CutPrefix(name, "v1.")
	minor, err := strconv.Atoi(digits)
	if !ok || err != nil || minor < 0 || strconv.Itoa(minor) != digits {
		return lint.Version{}, fmt.Errorf("invalid Pod Security version %q; want latest or a form like v1.31", name)
	}
	if minor > cluster.Minor {
		return cluster, nil
	}
	return lint.Version{Major: 1, Minor: minor}, nil
}

// Violation is a value for which a level refuses a pod.
type Violation struct {
	// Check is the id of the check, as Pod Security Admission calls it: hostPorts.
	Check   string
	Subject lint.PodOrContainer
	// At is the value that is refused, or absent and required.
	At lint.Value
	// Message names the pod or container, the path, what is, and what a level wants.
	Message string
	// Want is the value that At should have, if there is just one.
	Want string
}

// Evaluate lists the violations of a level in a version, check by check. An
// absent value of a pod that is generated from another source is no defect.
func Evaluate(level Level, version lint.Version, w *lint.Workload) []Violation {
	var l []Violation
	for _, c := range active(level, version) {
		l = append(l, c.evaluate(version, w)...)
	}
	return l
}

// Rules is a rule for each check that a level has in a version: what
// kubevet --pod-security runs.
func Rules(level Level, version lint.Version) []*lint.Rule {
	var l []*lint.Rule
	for _, c := range active(level, version) {
		l = append(l, c.toRule(version))
	}
	return l
}

// AllRules is a rule for each check of any level, in the newest version. It is for
// looking rules up by id.
func AllRules() []*lint.Rule {
	var l []*lint.Rule
	for _, c := range checks {
		l = append(l, c.toRule(lint.Newest))
	}
	return l
}

func (c check) toRule(version lint.Version) *lint.Rule {
	return &lint.Rule{
		ID:        "pod-security-" + c.rule,
		Title:     c.title,
		Severity:  lint.High,
		Checklist: []string{"pod-security-standards-namespace", "admission-pod-security"},
		Refs:      []lint.Ref{{Standard: "Pod Security Standards (" + string(c.level) + ")", Control: c.control}},
		Fix:       c.fix,
		Check: lint.PodCheck(func(p *lint.Pass, w *lint.Workload) {
			for _, v := range c.evaluate(version, w) {
				p.Report(lint.Diagnostic{Subject: v.Subject, At: v.At, Message: v.Message, Fix: lint.Intent{Value: v.Want}})
			}
		}),
	}
}

// Explain describes a rule of AllRules: what it reports, why, and when. ok is false if
// the id is none of them.
func Explain(id string) (text string, ok bool) {
	for _, c := range checks {
		if id != "pod-security-"+c.rule {
			continue
		}
		text = "Reports what the check " + c.id + " of Pod Security Admission refuses.\n\n" +
			"A namespace that enforces the level " + string(c.level) + " refuses such pods. The check is the control " + c.control + " of the standard."
		if c.since > 0 {
			text += " It applies from version 1." + strconv.Itoa(c.since) + " of the standard on."
		}
		return text + "\n\nThe rule runs with --pod-security only.", true
	}
	return "", false
}

// active is the checks of a level: those of the restricted level take the place
// of some of the baseline's.
func active(level Level, version lint.Version) []check {
	if level == Privileged {
		return nil
	}
	replaced := map[string]bool{}
	var l []check
	for _, c := range checks {
		if level == Restricted && c.level == Restricted && version.AtLeast(c.since) {
			replaced[c.replaces] = true
		}
	}
	for _, c := range checks {
		if version.AtLeast(c.since) && !replaced[c.id] && (level == Restricted || c.level == Baseline) {
			l = append(l, c)
		}
	}
	return l
}

func (c check) evaluate(version lint.Version, w *lint.Workload) []Violation {
	j := &judge{check: c.id, version: version, w: w}
	c.run(j)
	return j.found
}

// judge is one check of one pod.
type judge struct {
	check   string
	version lint.Version
	w       *lint.Workload
	found   []Violation
}

// refuse notes a violation, unless it is an absent value that something outside
// the object can set.
func (j *judge) refuse(h lint.PodOrContainer, at lint.Value, want, format string, args ...any) {
	if h.IsDefinite(at) {
		j.found = append(j.found, Violation{j.check, h, at, h.Label() + " " + fmt.Sprintf(format, args...), want})
	}
}

// placeOf is where a value is to be set: an absent one that pods take from their object, such as a Workflow, is at that.
func (j *judge) placeOf(v lint.Value, path string) lint.Value {
	if outer, ok := j.w.OuterValue(path); ok && !v.IsSet() {
		return outer
	}
	return v
}

func (j *judge) parts() []lint.PodOrContainer { return j.w.Select(lint.KindPod | lint.Containers) }

// windows reports whether the pod is exempt from fields that only Linux has.
func (j *judge) windows() bool { return j.w.Windows && j.version.AtLeast(25) }

// userNamespace reports whether root in the pod is an unprivileged user on the node.
func (j *judge) userNamespace() bool { return !j.w.HostUsers() && j.version.AtLeast(35) }
