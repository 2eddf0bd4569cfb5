package bindings

import (
	"slices"
	"testing"
)

func TestRoles(t *testing.T) {
	const kind = "kind: RoleBinding\n"
	for text, want := range map[string][]string{
		kind + "roleRef:\n  apiGroup: a\n  kind: ClusterRole\n  name: reader\nsubjects: []\n":               {"reader"},
		kind + "roleRef:\n  kind: ClusterRole\n  name: \"a:b\" # c\n---\n" + kind + "roleRef:\n  name: c\n": {"a:b"},
		kind + "roleRef:\n  kind: Role\n  name: a\n":                                                        nil,
		kind + "roleRef:\n  kind: ClusterRole\n  name: {{ .Release.Name }}\n":                               nil,
		"roleRef:\n  kind: ClusterRole\n  name: a\n":                                                        nil,
	} {
		if got := Roles([]byte(text)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
