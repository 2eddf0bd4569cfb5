package rules

import (
	"slices"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// TestOneFinding demands that a wrong value gives one finding of all the rules that look at
// it: the values are at column 26 of a line of their own.
func TestOneFinding(t *testing.T) {
	t.Parallel()
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: a}\nspec:\n  containers:\n  - name: a\n"
	const image = "    image: r.example.com/a@sha256:3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d\n"
	for text, want := range map[string]string{
		pod + "    image:               \" r.example.com/a@sha256:3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d\"\n": "valid-container",
		pod + "    image:               \"\"\n":                                                        "valid-image-reference",
		pod + "    image:               \" \"\n":                                                       "valid-image-reference",
		pod + "    image:               a@sha256:abc\n":                                                "valid-image-reference",
		pod + image + "    resources:\n      limits:\n        memory:          128m\n":                 "resource-unit",
		pod + image + "    resources:\n      limits:\n        memory:          512\n":                  "resource-unit",
		pod + image + "    resources:\n      requests:\n        memory:          128MB\n":              "valid-quantity",
		pod + image + "    resources:\n      limits:\n        memory:          -1\n":                   "valid-container",
		pod + image + "    imagePullPolicy:     Sometimes\n":                                           "valid-value",
		pod + image + "    restartPolicy:       Sometimes\n":                                           "restart-policy",
		pod + image + "    env:\n    - name: A\n      value:             glpat-Zx7Kq2Vn9Rt4Bm6Wc8Yd\n": "no-secret-in-env",
	} {
		u := &lint.Unit{Input: "a.yaml"}
		source := manifest.NewSource("a.yaml", []byte(text))
		u.Objects, _ = manifest.Objects(manifest.Documents([]byte(text))[0].Node, source)
		c := lint.Checker{Rules: All(), Version: lint.Newest, Profile: lint.Strict}
		findings, _ := c.Check(u)
		var got []string
		for _, f := range findings {
			if f.Origin.Column == 26 {
				got = append(got, f.Rule.ID)
			}
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%v; want %s in\n%s", got, want, text)
		}
	}
}
