package kustomize

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// definition is a CustomResourceDefinition with a schema that kustomize does not get, since it is large.
func definition() string {
	var b strings.Builder
	b.WriteString(`apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: shops.example.com
spec:
  group: example.com
  names: {kind: Shop, plural: shops}
  scope: Namespaced
  versions:
  - name: v1
    schema:
      # The schema of a shop.
      openAPIV3Schema:
        type: object
        properties:
`)
	for i := range 600 {
		fmt.Fprintf(&b, "          field%d:\n            description: |\n              One field.\n\n              It is on.\n            type: string\n            default: \"on\"\n", i)
	}
	b.WriteString("        # The end.\n    served: true\n    storage: true\n")
	return b.String()
}

// An overlay with large schemas is what kustomize makes of it, whether it changes a schema or not.
func TestSchemas(t *testing.T) {
	sealed(t)
	const target = "  target: {kind: CustomResourceDefinition}\n"
	for name, patches := range map[string]string{
		"none":     "",
		"forged":   "",
		"beside":   "patches:\n- patch: |\n    apiVersion: apiextensions.k8s.io/v1\n    kind: CustomResourceDefinition\n    metadata: {name: shops.example.com}\n    spec: {conversion: {strategy: None}}\n",
		"into":     "patches:\n- patch: |\n    - {op: replace, path: /spec/versions/0/schema/openAPIV3Schema/properties/field7/type, value: integer}\n" + target,
		"add":      "patches:\n- patch: |\n    - {op: add, path: /spec/versions/0/schema/openAPIV3Schema/description, value: changed}\n" + target,
		"copy":     "patches:\n- patch: |\n    - {op: copy, from: /spec/versions/0/schema, path: /spec/versions/0/other}\n" + target,
		"move":     "patches:\n- patch: |\n    - {op: move, from: /spec/versions/0, path: /spec/versions/-}\n" + target,
		"remove":   "patches:\n- patch: |\n    - {op: remove, path: /spec/versions/0/schema/openAPIV3Schema}\n" + target,
		"metadata": "namePrefix: my-\ncommonAnnotations: {a: b}\nlabels:\n- pairs: {c: d}\n",
	} {
		dir := t.TempDir()
		forged := "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: forged}\nspec:\n  versions:\n  - schema:\n      openAPIV3Schema: {x-kubevet-hidden: 0}\n"
		for file, text := range map[string]string{"kustomization.yaml": "resources: [crd.yaml, forged.yaml]\n" + patches, "crd.yaml": definition(), "forged.yaml": forged} {
			if file == "forged.yaml" && name != "forged" { // the mark of a schema that kustomize does not get
				text = "# no object\n"
			}
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := plain(overlay{dir, "."}, false)
		if err != nil {
			t.Fatal(name, err)
		}
		out, _ := Build(t.Context(), openTree(t, dir), ".", Options{})
		if len(out.Problems) > 0 || len(out.Texts) == 0 || out.Texts[0].Text != want {
			t.Errorf("%s: another text than that of kustomize; problems: %v", name, out.Problems)
		}
		root := out.Unit.Objects[0].Root
		at := out.Unit.Objects[0].Locate(root.At("spec.versions[0].schema.openAPIV3Schema.properties.field9.type"))
		if name == "none" && (at.Line != lineOfText(definition(), "field9:")+5 || filepath.Base(at.File) != "crd.yaml") {
			t.Errorf("field9 is at %s:%d", at.File, at.Line)
		}
	}
}

// lineOfText is the line of a text that has a part.
func lineOfText(text, part string) int {
	before, _, _ := strings.Cut(text, part)
	return strings.Count(before, "\n") + 1
}
