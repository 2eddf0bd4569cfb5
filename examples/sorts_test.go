package examples_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/examples"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/rules"
)

// sorts are the sorts of containers, and how messages start that are about one.
var sorts = []struct {
	sort  lint.Sort
	label string
}{
	{lint.SortInit, `init container `},
	{lint.SortSidecar, `sidecar container `},
	{lint.SortContainer, `container `},
	{lint.SortEphemeral, `ephemeral container `},
}

// looksAt is the sorts of containers that a rule looks at whose check does not say:
// what has a reason. Without an entry it is all of them.
var looksAt = map[string]lint.Sort{
	// Ephemeral containers may have neither ports nor probes nor hooks.
	"no-host-port":      lint.Resourced,
	"no-probe-host":     lint.Resourced,
	"distinct-probes":   lint.LongRunning,
	"probe-port-exists": lint.LongRunning,
	// Sidecars serve their pod, and not by the pod's Service.
	"readiness-probe": lint.SortContainer,
	// The control plane's programs run in the pod's own containers.
	"encryption-at-rest": lint.SortContainer,
	"token-expiration":   lint.SortContainer,
}

// TestSorts: the example of a rule about containers shows containers of every
// sort that the rule looks at, and has a finding on each.
func TestSorts(t *testing.T) {
	for _, rule := range rules.All() {
		data, err := fs.ReadFile(examples.Files, rule.ID+".yaml")
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		about := lint.Sort(0)
		for _, f := range check(t, rule, rule.ID+".yaml", data) {
			for _, s := range sorts {
				if strings.HasPrefix(f.Message, s.label+`"`) || strings.HasPrefix(f.Message, s.label+"does ") {
					found[s.label] = true
					about |= s.sort
				}
			}
		}
		if about == 0 {
			continue // about pods, or other objects
		}
		shown := shownSorts(t, rule.ID, data)
		for _, s := range sorts {
			if of := lookedAt(rule); of&s.sort == 0 {
				continue
			}
			if shown&s.sort == 0 {
				t.Errorf("%s: the example shows no container of the sort: %s…", rule.ID, s.label)
			} else if !found[s.label] {
				t.Errorf("%s: the example has no finding of the sort: %s…", rule.ID, s.label)
			}
		}
	}
}

// lookedAt is the sorts of containers that a rule looks at.
func lookedAt(rule *lint.Rule) lint.Sort {
	if of, ok := looksAt[rule.ID]; ok {
		return of
	}
	switch c := rule.Check.(type) {
	case lint.Field:
		return c.Of
	case lint.HolderCheck:
		return c.Of
	}
	return lint.Containers
}

// shownSorts is the sorts of the containers in an example.
func shownSorts(t *testing.T, id string, data []byte) lint.Sort {
	t.Helper()
	var shown lint.Sort
	for _, d := range manifest.Documents(data) {
		objects, _ := manifest.Objects(d.Node, manifest.NewSource(id, data))
		for _, o := range objects {
			for _, w := range o.Workloads {
				for _, c := range w.Containers {
					shown |= c.Sort
				}
			}
		}
	}
	return shown
}

// inherits is the rules on fields that a container takes from its pod, and the field.
var inherits = map[string]string{
	"apparmor-profile":        "securityContext.appArmorProfile.type",
	"high-group-id":           "securityContext.runAsGroup",
	"high-user-id":            "securityContext.runAsUser",
	"no-run-as-root-user":     "securityContext.runAsUser",
	"no-windows-host-process": "securityContext.windowsOptions.hostProcess",
	"run-as-non-root":         "securityContext.runAsNonRoot",
	"seccomp-profile":         "securityContext.seccompProfile.type",
	"selinux-options":         "securityContext.seLinuxOptions.type",
}

// TestInheritance: the example of a rule about a field that containers take from
// their pod shows all four cases: what neither sets, what the pod sets right for a
// container that says nothing, what the pod sets wrong, and what a container does.
func TestInheritance(t *testing.T) {
	for id, path := range inherits {
		data, err := fs.ReadFile(examples.Files, id+".yaml")
		if err != nil {
			t.Fatal(err)
		}
		findings := check(t, rules.Find(id), id+".yaml", data)
		found := func(h lint.Holder) bool {
			return slices.ContainsFunc(findings, func(f *lint.Finding) bool {
				return f.Object == h.Workload.Ref() && strings.HasPrefix(f.Message, h.Label()+" ")
			})
		}
		cases := map[string]bool{}
		for _, d := range manifest.Documents(data) {
			objects, _ := manifest.Objects(d.Node, manifest.NewSource(id, data))
			for _, o := range objects {
				for _, w := range o.Workloads {
					for _, c := range w.Containers {
						own, pod := c.Get(path).IsSet(), w.PodValue(path).IsSet()
						cases["unset"] = cases["unset"] || !own && !pod
						cases["inherited"] = cases["inherited"] || !own && pod && !found(c) && !found(w.Pod)
						cases["wrong on the pod"] = cases["wrong on the pod"] || pod && found(w.Pod)
						cases["wrong on the container"] = cases["wrong on the container"] || own && found(c)
					}
				}
			}
		}
		for _, want := range []string{"unset", "inherited", "wrong on the pod", "wrong on the container"} {
			if !cases[want] {
				t.Errorf("%s: the example has no case: %s", id, want)
			}
		}
	}
}
