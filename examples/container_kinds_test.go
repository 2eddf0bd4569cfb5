package examples_test

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/examples"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/rules"
)

// kinds are the kinds of containers, and how messages start that are about one.
var kinds = []struct {
	kind  lint.ContainerKind
	label string
}{
	{lint.KindInit, `init container `},
	{lint.KindSidecar, `sidecar container `},
	{lint.KindContainer, `container `},
	{lint.KindEphemeral, `ephemeral container `},
}

// looksAt is the kinds of containers that a rule looks at whose check does not say:
// what has a reason. Without an entry it is all of them.
var looksAt = map[string]lint.ContainerKind{
	// Ephemeral containers may have no resources.
	"cpu-limit":               lint.Resourced,
	"cpu-request":             lint.Resourced,
	"ephemeral-storage-limit": lint.Resourced,
	"memory-limit":            lint.Resourced,
	"memory-request":          lint.Resourced,
	"requests-within-limits":  lint.Resourced,
	"resource-unit":           lint.Resourced,
	"sensitive-cpu-limit":     lint.Resourced,
	"valid-pod-resources":     lint.Resourced,
	"within-limit-range":      lint.Resourced,
	// Ephemeral containers may have neither ports nor probes nor hooks.
	"no-host-port":  lint.Resourced,
	"no-probe-host": lint.Resourced,
	// Other containers have no probes: valid-container reports them.
	"valid-probe": lint.LongRunning,
	// A sidecar is an init container with an allowed policy.
	"restart-policy": lint.KindInit | lint.KindContainer | lint.KindEphemeral,
	// Sidecars serve their pod, and not by the pod's Service.
	"readiness-probe": lint.KindContainer,
	// The control plane's programs run in the pod's own containers.
	"encryption-at-rest": lint.KindContainer,
	"token-expiration":   lint.KindContainer,
}

// TestContainerKinds: the example of a rule about containers shows containers of every
// kind that the rule looks at, and has a finding on each.
func TestContainerKinds(t *testing.T) {
	for _, rule := range rules.All() {
		if isAboutFiles(rule) {
			continue
		}
		data, err := fs.ReadFile(examples.Files, rule.ID+".yaml")
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		about := lint.ContainerKind(0)
		for _, f := range check(t, rule, rule.ID+".yaml", data) {
			for _, s := range kinds {
				if name, ok := strings.CutPrefix(f.Message, s.label); ok && strings.IndexAny(name, `"123456789`) == 0 { // or its number
					found[s.label] = true
					about |= s.kind
				}
			}
		}
		of, says := checked(rule)
		if about == 0 {
			if of&lint.Containers != 0 {
				t.Errorf("%s looks at containers, and no message of its example starts with one", rule.ID)
			}
			continue // about pods, or other objects
		}
		if section := rules.Section(rule.ID); section == "controlplane" || section == "admission" || section == "certificates" {
			of = lint.KindContainer // the programs of the control plane run in the pod's own containers
		} else if only, listed := looksAt[rule.ID]; listed {
			if says && of == only || about&^only != 0 {
				t.Errorf("%s: the exception is not needed, or not true", rule.ID)
			}
			of = only
		}
		if of == 0 {
			of = lint.Containers
		}
		shown := shownKinds(t, rule.ID, data)
		for _, s := range kinds {
			if of&s.kind == 0 {
				continue
			}
			if shown&s.kind == 0 {
				t.Errorf("%s: the example shows no container of the kind: %s…", rule.ID, s.label)
			} else if !found[s.label] {
				t.Errorf("%s: the example has no finding of the kind: %s…", rule.ID, s.label)
			}
		}
	}
}

// checked is the kinds of containers that a rule's check asks for. One that is about
// objects or units as a whole does not say, and counts as all of them if it finds any.
func checked(rule *lint.Rule) (of lint.ContainerKind, says bool) {
	switch c := rule.Check.(type) {
	case lint.Field:
		return c.Of, true
	case lint.PodOrContainerCheck:
		return c.Of, true
	}
	return 0, false
}

// shownKinds is the kinds of the containers in an example.
func shownKinds(t *testing.T, id string, data []byte) lint.ContainerKind {
	t.Helper()
	var shown lint.ContainerKind
	for _, d := range manifest.Documents(data) {
		objects, _ := manifest.Objects(d.Node, manifest.NewSource(id, data))
		for _, o := range objects {
			for _, w := range o.Workloads {
				for _, c := range w.Containers {
					shown |= c.Kind
				}
			}
		}
	}
	return shown
}

// inheritable is the fields that a container takes from its pod, and values for each: a
// rule that goes by the field separates one from the others, or from none.
var inheritable = map[string][]string{
	"securityContext.appArmorProfile.type":       {"RuntimeDefault", "Unconfined"},
	"securityContext.runAsGroup":                 {"0", "500", "20000"},
	"securityContext.runAsNonRoot":               {"false", "true"},
	"securityContext.runAsUser":                  {"0", "500", "20000"},
	"securityContext.seLinuxOptions.type":        {"container_t", "spc_t"},
	"securityContext.seccompProfile.type":        {"RuntimeDefault", "Unconfined"},
	"securityContext.windowsOptions.hostProcess": {"false", "true"},
}

// minds is the rules by what they mind besides the field that they are about.
var minds = map[string]map[string]string{
	"run-as-non-root": {
		"securityContext.runAsUser":                  "a user of 0 makes it worse",
		"securityContext.windowsOptions.hostProcess": "another rule reports it, which makes this one low",
	},
	"valid-pod": {
		"securityContext.windowsOptions.hostProcess": "all containers of a pod have it or none, and each case is in the referee's variants",
	},
}

// inherits is the inheritable fields that a rule goes by: what it says of a pod changes
// with the pod's value.
func inherits(t *testing.T, rule *lint.Rule) []string {
	t.Helper()
	var paths []string
	for _, path := range slices.Sorted(maps.Keys(inheritable)) {
		verdicts := map[string]bool{}
		for _, value := range append([]string{""}, inheritable[path]...) {
			set := ""
			if value != "" {
				parts := strings.Split(path, ".")
				set = "  " + strings.Join(parts, ": {") + ": " + value + strings.Repeat("}", len(parts)-1) + "\n"
			}
			text := "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\nspec:\n" + set +
				"  containers:\n  - {name: a, image: b}\n"
			var l []string
			for _, f := range check(t, rule, "probe.yaml", []byte(text)) {
				l = append(l, f.Severity.String()+" "+f.Message)
			}
			slices.Sort(l)
			verdicts[strings.Join(l, "\n")] = true
		}
		if len(verdicts) > 1 {
			paths = append(paths, path)
		}
	}
	return paths
}

// TestInheritance: the example of a rule about a field that containers take from
// their pod shows all four cases: what neither sets, what the pod sets right for a
// container that says nothing, what the pod sets wrong, and what a container does.
func TestInheritance(t *testing.T) {
	reported := map[string]bool{}
	for _, rule := range rules.All() {
		for _, path := range inherits(t, rule) {
			reported[path] = true
			if reason, beside := minds[rule.ID][path]; !beside || reason == "" {
				showsInheritance(t, rule.ID, path)
			}
			delete(minds[rule.ID], path)
		}
	}
	for id, l := range minds {
		for path := range l {
			t.Errorf("%s does not go by %s: the exception is not needed", id, path)
		}
	}
	for path := range inheritable {
		if !reported[path] {
			t.Errorf("no rule goes by the pod's %s: the probe has the wrong values", path)
		}
	}
}

func showsInheritance(t *testing.T, id, path string) {
	t.Helper()
	data, err := fs.ReadFile(examples.Files, id+".yaml")
	if err != nil {
		t.Fatal(err)
	}
	findings := check(t, rules.Find(id), id+".yaml", data)
	found := func(h lint.PodOrContainer) bool {
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
			t.Errorf("%s: the example has no case of %s: %s", id, path, want)
		}
	}
}
