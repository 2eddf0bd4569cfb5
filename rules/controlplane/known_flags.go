package controlplane

import (
	"strconv"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// KnownFlags reports flags that a program of Kubernetes does not have in its version: misspelt ones,
// and those that were removed.
//
// The program does not start, and on an upgrade the control plane stays down. A tool that drops
// unknown flags leaves the cluster without the protection that the flag was meant to give.
//
// The flags are those of the newest version that kubevet knows, and well-known ones that were removed
// before. In an older version only misspelt flags and flags that were removed by then are reported.
// Flags of etcd are compared with those of version 3.7.
var KnownFlags = &lint.Rule{
	ID:        "known-flags",
	Title:     "Program has no such flag",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-upgrades"},
	Refs:      controls(),
	Fix:       "correct or remove the flag",
	Check:     controlplane.Each(checkFlags),
}

func checkFlags(p *lint.Pass, c *controlplane.Component) {
	if !c.HasFlags() || !c.HasKnownVersion() {
		return
	}
	v := versionOf(p, c)
	for name, at := range c.Flags() {
		fact := controlplane.FactOf(c.Program, name, v)
		var message string
		switch {
		case fact.Known:
			continue
		case fact.Removed > 0:
			message = "with --" + name + switchValue(c, name) + ", which was removed in Kubernetes 1." + strconv.Itoa(fact.Removed) + "; want it removed"
		case fact.Meant != "":
			message = "with the unknown flag --" + name + "; did you mean --" + fact.Meant + "?"
		case c.Program != controlplane.Etcd && v.AtLeast(lint.Newest.Minor):
			message = "with --" + name + ", which it does not have in " + v.String() + "; want it removed"
		default:
			continue
		}
		d := c.Diagnostic(at, message)
		d.KnownPart = true // the name is what is wrong, whatever the value
		d.Severity = lint.Medium.If(fact.Removed > 0)
		p.Report(d)
	}
}

// switchValue is the value of a flag as it is written, if it is true or false. Others may be
// secrets.
func switchValue(c *controlplane.Component, name string) string {
	if text, _ := c.Flag(name); text == "true" || text == "false" {
		return "=" + text
	}
	return ""
}
