package attributes

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kubevet/kubevet/render/tree"
)

// The last line of the nearest file decides, as in Git, whose patterns for attributes are not for what is deeper.
func TestGenerated(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		".gitattributes": "/all/** linguist-generated\n/all/own.yaml -linguist-generated\n# *.yaml linguist-generated\n*.gen.yaml text linguist-generated=true\nfolder/ linguist-generated\nlinguist-generated\n" +
			"examples/* linguist-generated\ndocs/**/api/* linguist-generated\n**/made linguist-generated\n",
		"sub/.gitattributes": "*.gen.yaml linguist-generated=false\n/made.yaml linguist-generated\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tr, err := tree.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close() //nolint:errcheck // read only
	var files Files
	for name, want := range map[string]int{
		"all/deep/a.yaml": 1, "all/own.yaml": 0, "other.yaml": 0, "x.gen.yaml": 4, "deep/x.gen.yaml": 4, "folder/a.yaml": 0,
		"examples/a.yaml": 7, "examples/deep/a.yaml": 0, "docs/api/a.yaml": 8, "docs/v1/v2/api/a.yaml": 8, "docs/api/deep/a.yaml": 0,
		"made": 9, "deep/made": 9, "made/a.yaml": 0, "all": 0,
		"sub/x.gen.yaml": 0, "sub/made.yaml": 2, "sub/deep/made.yaml": 0,
	} {
		if got := files.Generated(tr, name); got.Line != want {
			t.Errorf("%s: line %d; want %d", name, got.Line, want)
		}
	}
}
