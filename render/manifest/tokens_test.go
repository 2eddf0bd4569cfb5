package manifest_test

import (
	"testing"

	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/manifest"
)

// A comment is a token in place of a value only where the API server refuses null.
func TestTokens(t *testing.T) {
	const binding = "kind: RoleBinding\nmetadata:\n  name: a\n  namespace: #{SPACE}\nroleRef:\n  kind: Role\n  name: #{ROLE}\nsubjects:\n- kind: ServiceAccount\n  name: #{ACCOUNT}\n  namespace: #{SPACE}\n"
	container := func(line string) string {
		return "kind: Pod\nspec:\n  serviceAccountName: #{ACCOUNT}\n  containers:\n  - name: app\n    " + line + "\n    securityContext: #{CONTEXT}\n"
	}
	image, context := []string{"spec", "containers", "0", "image"}, []string{"spec", "containers", "0", "securityContext"}
	for name, tt := range map[string]struct {
		text string
		path []string
		want string
	}{
		"image":                  {container("image: #{IMAGE}"), image, "#{IMAGE}"},
		"image, two marks":       {container("image: #{IMAGE}# "), image, "#{IMAGE}#"},
		"image is there":         {container("image: app:1.0 #{IMAGE}"), image, "app:1.0"},
		"another comment":        {container("image: #{IMAGE} of a release"), image, ""},
		"explicit null":          {container("image: null #{IMAGE}"), image, "null"},
		"optional field":         {container("image: #{IMAGE}"), context, ""},
		"account of a pod":       {container("image: #{IMAGE}"), []string{"spec", "serviceAccountName"}, ""},
		"image elsewhere":        {"kind: Pod\nspec:\n  image: #{IMAGE}\n", []string{"spec", "image"}, ""},
		"name":                   {"metadata:\n  name: #{NAME}\n", []string{"metadata", "name"}, "#{NAME}"},
		"namespace of an object": {binding, []string{"metadata", "namespace"}, ""},
		"role":                   {binding, []string{"roleRef", "name"}, "#{ROLE}"},
		"subject":                {binding, []string{"subjects", "0", "name"}, "#{ACCOUNT}"},
		"namespace of a subject": {binding, []string{"subjects", "0", "namespace"}, "#{SPACE}"},
		"JSON has no tokens":     {`{"metadata": {"name": null}}`, []string{"metadata", "name"}, "null"},
	} {
		t.Run(name, func(t *testing.T) {
			docs := manifest.Documents([]byte(tt.text))
			if len(docs) != 1 || docs[0].Err != nil {
				t.Fatalf("got %+v", docs)
			}
			n := docs[0].Node
			for _, key := range tt.path {
				if key == "0" {
					n = n.Content[0]
				} else {
					_, n = node.Get(n, key)
				}
			}
			if n.Value != tt.want {
				t.Errorf("got %q, want %q", n.Value, tt.want)
			}
		})
	}
}
