package manifest_test

import (
	"testing"

	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/manifest"
)

// A comment is a token in place of a value only where the API server refuses the object with null.
func TestTokens(t *testing.T) {
	const pod = "kind: Pod\nspec:\n  serviceAccountName: #{ACCOUNT}\n  containers:\n  - name: app\n"
	account := []string{"spec", "serviceAccountName"}
	for name, tt := range map[string]struct {
		text string
		path []string
		want string
	}{
		"image":              {pod + "    image: #{IMAGE}\n", account, "#{ACCOUNT}"},
		"image, two marks":   {pod + "    image: #{IMAGE}# \n", account, "#{ACCOUNT}"},
		"image is there":     {pod + "    image: app:1.0 #{IMAGE}\n", account, ""},
		"another comment":    {pod + "    image: #{IMAGE} of a release\n", account, ""},
		"image elsewhere":    {"kind: Pod\nspec:\n  serviceAccountName: #{ACCOUNT}\n  image: #{IMAGE}\n", account, ""},
		"name":               {"metadata:\n  name: #{NAME}\n  namespace: #{SPACE}\n", []string{"metadata", "namespace"}, "#{SPACE}"},
		"namespace":          {"metadata:\n  name: a\n  namespace: #{SPACE}\n", []string{"metadata", "namespace"}, ""},
		"subject":            {"roleRef:\n  kind: #{KIND}\nsubjects:\n- name: a\n  namespace: #{SPACE}\n", []string{"roleRef", "kind"}, "#{KIND}"},
		"above a list":       {"metadata:\n  name: #{NAME}\nlist: #{LIST}\n- a\n", []string{"list"}, ""},
		"explicit null":      {"metadata:\n  name: #{NAME}\n  namespace: null #{SPACE}\n", []string{"metadata", "namespace"}, "null"},
		"role of a binding":  {"roleRef:\n  kind: Role\n  name: #{ROLE}\n", []string{"roleRef", "name"}, "#{ROLE}"},
		"JSON has no tokens": {`{"metadata": {"name": null}}`, []string{"metadata", "name"}, "null"},
	} {
		t.Run(name, func(t *testing.T) {
			docs := manifest.Documents([]byte(tt.text))
			if len(docs) != 1 || docs[0].Err != nil {
				t.Fatalf("got %+v", docs)
			}
			n := docs[0].Node
			for _, key := range tt.path {
				for k, v := range node.Entries(n) {
					if k.Value == key {
						n = v
						break
					}
				}
			}
			if n.Value != tt.want {
				t.Errorf("got %q, want %q", n.Value, tt.want)
			}
		})
	}
}
