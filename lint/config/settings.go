package config

import (
	"maps"
	"path"
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/pods"
)

// Settings returns the settings that rules need.
func (c *Config) Settings() lint.Settings {
	s := lint.Settings{Registries: c.Registries, WorkloadWriters: c.WorkloadWriters, CertificateDays: c.CertificateDays}
	if len(c.Sensitive) > 0 {
		s.Sensitive = func(w *lint.Workload) bool {
			return slices.ContainsFunc(c.Sensitive, func(sel Selector) bool { return sel.matches(w) })
		}
	}
	if len(c.Systems) > 0 {
		s.System = c.system
	}
	for _, t := range c.Tiers {
		s.SandboxedRuntimes = append(s.SandboxedRuntimes, t.RuntimeClasses...)
		tier := lint.Tier{Name: t.Name, NodeLabels: maps.Clone(t.NodeSelector), Holds: func(w *lint.Workload) bool {
			return slices.ContainsFunc(c.Sensitive, func(sel Selector) bool { return sel.Tier == t.Name && sel.matches(w) })
		}}
		for _, toleration := range t.Tolerations {
			tier.Taints = append(tier.Taints, toleration.Key)
		}
		s.Tiers = append(s.Tiers, tier)
	}
	return s
}

// Shapes are the kinds that hold pods besides those that kubevet knows.
func (c *Config) Shapes() []pods.Shape {
	var l []pods.Shape
	for _, k := range c.WorkloadKinds {
		l = append(l, pods.Shape{Group: k.Group, Kind: k.Kind, Template: k.Template, PodSpec: k.PodSpec})
	}
	return l
}

// system is the name of the system that a workload belongs to. It is empty if none is known.
func (c *Config) system(w *lint.Workload) string {
	for _, s := range c.Systems {
		name := s.Name
		if s.Label != "" {
			name = w.Label(s.Label)
		}
		if name != "" && s.matches(w) {
			return name
		}
	}
	return ""
}

// matches reports whether a selector names a workload.
func (s Selector) matches(w *lint.Workload) bool {
	for key, value := range s.Labels {
		if have, ok := w.Labels()[key]; !ok || have != value {
			return false
		}
	}
	return anyGlob(s.Kinds, w.Kind) && anyGlob(s.Namespaces, w.Namespace) && anyGlob(s.Names, w.Name)
}

// anyGlob reports whether one of the globs matches, or there is none. They
// were found to be well formed when they were read.
func anyGlob(globs []string, name string) bool {
	return len(globs) == 0 || slices.ContainsFunc(globs, func(g string) bool {
		ok, err := path.Match(g, name)
		return ok && err == nil
	})
}
