package unpacked

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kubevet/kubevet/render/tree"
)

// A folder with the name of a release is one of another project with two more signs: a license and a README, what it states, a download.
func TestIn(t *testing.T) {
	const (
		dir     = "app/mesh-1.2.3"
		sample  = dir + "/samples/a.yaml"
		license = dir + "/LICENSE"
		readme  = dir + "/README.md"
	)
	with := func(more ...string) map[string]string {
		files := map[string]string{sample: "a: 1\n"}
		for i := 0; i < len(more); i += 2 {
			files[more[i]] = more[i+1]
		}
		return files
	}
	for name, test := range map[string]struct {
		files map[string]string
		line  int // of the download; -1: no release
	}{
		"its name alone":           {with(), -1},
		"a license":                {with(license, "a", readme, "a"), -1},
		"its version":              {with(dir+"/VERSION", "v1.2.3\n"), -1},
		"both":                     {with(license, "a", readme, "a", dir+"/VERSION", "v1.2.3\n"), 0},
		"another version":          {with(license, "a", readme, "a", dir+"/VERSION", "1.2.30\n"), -1},
		"manifests and samples":    {with(license, "a", readme, "a", dir+"/manifests/a.yaml", "a: 1\n"), 0},
		"the license of the tree":  {with(license, "a", readme, "a", dir+"/VERSION", "1.2.3\n", "LICENSE", "a\n"), -1},
		"another release":          {with(license, "a", readme, "a", dir+"/VERSION", "1.2.3\n", "app/mesh-1.2.2/a", "a"), -1},
		"what is made beside it":   {with(license, "a", readme, "a", dir+"/VERSION", "1.2.3\n", "app/mesh/a", "a"), -1},
		"a chart":                  {with(license, "a", readme, "a", dir+"/VERSION", "1.2.3\n", dir+"/Chart.yaml", "name: mesh\n"), -1},
		"the tree's own name":      {with(license, "a", readme, "a", dir+"/VERSION", "1.2.3\n", "go.mod", "module example.com/mesh\n"), -1},
		"a download alone":         {with("up.sh", "curl -LO https://a.example/mesh-1.2.3.tgz\n"), -1},
		"a download and a license": {with(license, "a", readme, "a", "up.sh", "#!/bin/sh\ncurl -LO https://a.example/mesh-1.2.3-linux.tgz\n"), 2},
		"on two lines":             {with(dir+"/VERSION", "1.2.3\n", "up.sh", "curl -L \\\n  https://a.example/mesh-v1.2.3.tgz | tar xz\n"), 1},
		"its installer":            {with(dir+"/VERSION", "1.2.3\n", "up.sh", "\ncurl https://mesh.example/get | sh\ncd mesh-1.2.3\n"), 2},
		"a version in a variable":  {with(dir+"/VERSION", "1.2.3\n", "up.sh", "wget https://a.example/mesh-$V.tgz\ntar xzf mesh-$V.tgz\n"), 1},
		"another folder":           {with(dir+"/VERSION", "1.2.3\n", "up.sh", "curl https://mesh.example/get | sh\ncd mesh-1.2.30\n"), -1},
		"in a comment":             {with(dir+"/VERSION", "1.2.3\n", "up.sh", "# curl https://mesh.example/get | sh\ncd mesh-1.2.3\n"), -1},
		"a script that it has":     {with(dir+"/VERSION", "1.2.3\n", dir+"/up.sh", "curl -LO https://a.example/mesh-1.2.3.tgz\n"), -1},
	} {
		t.Run(name, func(t *testing.T) {
			top := t.TempDir()
			var scripts []string
			for file, text := range test.files {
				at := filepath.Join(top, filepath.FromSlash(file))
				if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				if filepath.Ext(file) == ".sh" {
					scripts = append(scripts, file)
				}
			}
			opened, err := tree.Open(top)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = opened.Close() })
			found := In(opened, []string{sample}, func() []string { return scripts })
			of, ok := found[dir]
			if ok != (test.line >= 0) || ok && of.At.Line != test.line {
				t.Errorf("got %+v, want line %d", found, test.line)
			}
		})
	}
}
