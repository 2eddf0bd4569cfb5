package lint

import "testing"

func TestTitleInSentence(t *testing.T) {
	for title, want := range map[string]string{
		"Pod shares the node's network": "pod shares the node's network",
		"NetworkPolicy selects no pod":  "NetworkPolicy selects no pod",
		"RBAC is off":                   "RBAC is off",
	} {
		if got := (&Rule{Title: title}).titleInSentence(); got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
}
