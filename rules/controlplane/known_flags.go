package controlplane

import (
	"strconv"
	"strings"

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
// Flags of etcd are compared with those of version 3.7. A kubeadm file whose extraArgs are a list in place of a
// mapping, or the reverse, is reported too, and flags of k3s and RKE2 that are no list of texts.
var KnownFlags = &lint.Rule{
	ID:        "known-flags",
	Title:     "Program has no such flag",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-upgrades"},
	Refs:      controls(),
	Fix:       "correct or remove the flag",
	Check: lint.Checks{
		controlplane.Each(checkFlags),
		lint.ObjectCheck(checkExtraArgs),
		lint.DocumentCheck{Of: lint.DocumentK3s, Check: checkArgs},
		lint.DocumentCheck{Of: lint.DocumentRKE2, Check: checkArgs},
	},
}

// checkExtraArgs reports flags of kubeadm's files that kubeadm cannot read: v1beta4 has lists, and
// the versions before it mappings.
func checkExtraArgs(p *lint.Pass, o *lint.Object) {
	wantsMap := strings.HasSuffix(o.APIVersion, "/v1beta1") || strings.HasSuffix(o.APIVersion, "/v1beta2") || strings.HasSuffix(o.APIVersion, "/v1beta3")
	for path, v := range controlplane.ExtraArgs(o) {
		d := lint.Diagnostic{Object: o, At: v, Severity: lint.Medium, Fix: lint.Advice("write the flags as this version of kubeadm's files has them")}
		switch {
		case v.IsMap() && !wantsMap:
			d.Message = o.Kind + " has a mapping in " + path + ", which " + o.APIVersion + " does not read; want a list of name and value"
			p.Report(d)
		case v.IsList() && wantsMap:
			d.Message = o.Kind + " has a list in " + path + ", which " + o.APIVersion + " does not read; want a mapping of names to values"
			p.Report(d)
		case v.IsList():
			for item := range v.Items() {
				if item.IsKnown() && (!item.IsMap() || !item.Get("name").IsSet() || !item.Get("value").IsSet()) {
					one := d
					one.At, one.Message = item, o.Kind+" has an element of "+path+" without name and value; want both"
					p.Report(one)
				}
			}
		}
	}
}

// checkArgs reports flags in a configuration of k3s or RKE2 that these do not pass on as
// flags: mappings in place of texts.
func checkArgs(p *lint.Pass, doc *lint.Document) {
	for key, v := range controlplane.Args(doc) {
		d := lint.Diagnostic{Document: doc, At: v, Severity: lint.Medium, Fix: lint.Advice("write each flag as name=value")}
		if v.IsMap() {
			d.Message = doc.Kind + " has a mapping in " + key + ", which the program does not read; want a list of name=value"
			p.Report(d)
			continue
		}
		for item := range v.Items() {
			if item.IsKnown() && !item.IsScalar() {
				one := d
				one.At, one.Message = item, doc.Kind+" has an element of "+key+" that is not text; want name=value"
				p.Report(one)
			}
		}
	}
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
