package lint

import (
	"slices"
	"testing"
)

// TestSharedMessage merges findings of several objects whose messages name other subjects.
func TestSharedMessage(t *testing.T) {
	of := func(name, message string) Occurrence {
		return Occurrence{Object: ObjectRef{Kind: "ClusterRole", Name: name}, Message: "ClusterRole " + name + " " + message}
	}
	hook := func(kind, name, hook, message string) Occurrence {
		return Occurrence{Object: ObjectRef{Kind: kind, Name: name}, Message: kind + " " + name + `, webhook "` + hook + `", ` + message}
	}
	for want, l := range map[string][]Occurrence{
		"each of 2 objects (ClusterRole a, ClusterRole b) lets ServiceAccount … get nodes/proxy; want less": {
			of("a", "lets ServiceAccount x get nodes/proxy; want less"), of("b", "lets ServiceAccount y get nodes/proxy; want less"),
		},
		"each of 2 objects (ClusterRole a, ClusterRole b) lets everybody in": {of("a", "lets everybody in"), of("b", "lets everybody in")},
		"each of 2 objects (MutatingWebhookConfiguration m, ValidatingWebhookConfiguration v) sets timeoutSeconds: 30; want 10 or less": {
			hook("MutatingWebhookConfiguration", "m", "a", "sets timeoutSeconds: 30; want 10 or less"),
			hook("ValidatingWebhookConfiguration", "v", "b", "sets timeoutSeconds: 30; want 10 or less"),
		},
		"": {of("a", "lets ServiceAccount x get secrets; want a"), of("b", "lets Group y list pods; want b")},
	} {
		if got := sharedMessage(l); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, l := range [][]Occurrence{
		nil,
		{of("a", "lets x in")},
		{of("a", "lets x in"), of("a", "lets y in")},
		{of("a", "a b"), of("b", "a b a b")},
		{of("a", "lets x in"), {Object: ObjectRef{Kind: "Role", Name: "b"}, Message: "lets x in"}},
	} {
		if got := sharedMessage(l); got != "" {
			t.Errorf("got %q for %v", got, l)
		}
	}
}

// A key that decides only some of the occurrences of a finding is no part of the trail that they have in common.
func TestCommonTrail(t *testing.T) {
	t.Parallel()
	value, mine, all := Step{Kind: StepValues, Label: "image"}, Step{Kind: StepDecides, Label: "a.enabled"}, Step{Kind: StepDecides, Label: "enabled"}
	for name, test := range map[string]struct {
		occurrences []Occurrence
		want        []Step
	}{
		"one":          {nil, []Step{value, mine, all}},
		"the same":     {[]Occurrence{{}, {}}, []Step{value, mine, all}},
		"another":      {[]Occurrence{{}, {Trail: []Step{all}}}, []Step{value, all}},
		"without keys": {[]Occurrence{{}, {Trail: []Step{value}}}, []Step{value}},
	} {
		f := Finding{Origin: Origin{Trail: []Step{value, mine, all}}, Occurrences: test.occurrences}
		if got := f.CommonTrail(); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v; want %v", name, got, test.want)
		}
	}
}
