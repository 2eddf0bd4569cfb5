package main

import (
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// maxFiles is how many files a package may have, without its tests. A larger one is hard to
// find one's way in: split it by meaning.
const maxFiles = 15

// TestPackagesAreSmall counts the files of each package. A package of rules has one file a
// rule, and package trace is one mechanism.
func TestPackagesAreSmall(t *testing.T) {
	files := map[string]int{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := d.Name(); d.IsDir() && (base == "testdata" || base == "tools" || name != "." && strings.HasPrefix(base, ".")) {
			return filepath.SkipDir
		}
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			files[path.Dir(filepath.ToSlash(name))]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("found packages %v", files)
	}
	for dir, n := range files {
		if n > maxFiles && !strings.HasPrefix(dir, "rules/") && dir != "render/helm/trace" {
			t.Errorf("%s has %d files besides tests; want at most %d", dir, n, maxFiles)
		}
	}
}
