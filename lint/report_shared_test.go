package lint

import "testing"

// TestSharedMessage merges findings of several objects whose messages name other subjects.
func TestSharedMessage(t *testing.T) {
	of := func(name, message string) Occurrence {
		return Occurrence{Object: ObjectRef{Kind: "ClusterRole", Name: name}, Message: "ClusterRole " + name + " " + message}
	}
	for want, l := range map[string][]Occurrence{
		"each of 2 objects (ClusterRole a, ClusterRole b) lets ServiceAccount … get nodes/proxy; want less": {
			of("a", "lets ServiceAccount x get nodes/proxy; want less"), of("b", "lets ServiceAccount y get nodes/proxy; want less"),
		},
		"each of 2 objects (ClusterRole a, ClusterRole b) lets everybody in": {of("a", "lets everybody in"), of("b", "lets everybody in")},
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
