package attributes

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kubevet/kubevet/render/tree"
)

// A comment above or behind an entry of a kustomization says that the file was copied.
func TestListed(t *testing.T) {
	dir := t.TempDir()
	const text = `resources:
  # The following is vendored from:
  # https://example.com/releases/v1/first.yaml
  - first.yaml
  - second.yaml # downloaded from https://example.com/second.yaml
  # Copied from https://example.com/third.yaml and adapted
  - third.yaml
  # see https://example.com/docs
  - fourth.yaml
  # source: https://github.com/acme/shop/blob/main/fifth.yaml
  - fifth.yaml
  - https://example.com/copied/from.yaml
  # curl -sL https://example.com/x.yaml > sixth.yaml

  # for tests
  - sixth.yaml
  # curl -sL https://example.com/x.yaml > seventh.yaml
  - ./seventh.yaml
`
	for name, content := range map[string]string{"kustomization.yaml": text, "go.mod": "module github.com/acme/shop\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tr, err := tree.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close() //nolint:errcheck // read only
	var f Files
	for name, line := range map[string]int{"first": 2, "second": 5, "third": 0, "fourth": 0, "fifth": 0, "sixth": 0, "seventh": 17, "other": 0} {
		if at, isChart := f.Vendored(tr, name+".yaml"); at.Line != line || isChart {
			t.Errorf("%s: line %d, chart %t; want line %d", name, at.Line, isChart, line)
		}
	}
	if at := f.Lister(tr, "third.yaml"); at.Line != 7 {
		t.Errorf("third.yaml is listed at line %d; want 7", at.Line)
	}
	if !f.Holds(tr, "go.mod") || f.Holds(tr, "third.yaml") {
		t.Error("which files the tree holds")
	}
}
