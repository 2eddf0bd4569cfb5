package lint

import "testing"

// Within a sentence a title loses its capital letter, but for acronyms and kinds.
func TestTitleInSentence(t *testing.T) {
	for title, want := range map[string]string{
		"Namespace enforces nothing":          "namespace enforces nothing",
		"ConfigMap or Secret is not valid":    "ConfigMap or Secret is not valid",
		"CustomResourceDefinition is invalid": "CustomResourceDefinition is invalid",
		"CPU is not limited":                  "CPU is not limited",
		"A container runs as root":            "a container runs as root",
	} {
		if got := (&Rule{Title: title}).titleInSentence(); got != want {
			t.Errorf("%q becomes %q; want %q", title, got, want)
		}
	}
}
