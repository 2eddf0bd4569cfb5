package commands

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kubevet/kubevet/render/tree"
)

// What a script downloads and unpacks in a folder that it empties before is another project's.
func TestArchives(t *testing.T) {
	const get = "get() {\n  local repo=$1\n  dir=$2\n  ref=$3\n  if [ -z \"$ref\" ]; then\n    ref=\"HEAD\"\n  fi\n  curl -sL https://github.com/${repo}/archive/${ref}.tar.gz | tar xz -C charts --strip 2 $OPTIONS \"*${dir}*\"\n}\n"
	for what, c := range map[string]struct {
		file, text, from string
		line             int
	}{
		"function":        {"sync.sh", get + "find charts -mindepth 1 -type d -exec rm -rf {} +\nget \"acme/db-src\" \"helm/db\" 2\nget acme/shop helm/web\n", "acme/shop", 12},
		"of the script":   {"sync.sh", get + "rm -rf charts/*\nget $1 $2\nget acme/shop helm/web\n", "acme/shop", 12},
		"other arguments": {"sync.sh", get + "rm -rf charts/*\nget $1 $2\n", "", 0},
		"another chart":   {"sync.sh", get + "rm -rf charts/*\nget acme/db helm/db\nget acme/queue helm/queue\n", "", 0},
		"only another":    {"sync.sh", get + "rm -rf charts/*\nget acme/db-src helm/db\n", "", 0},
		"one folder":      {"sync.sh", "rm -rf charts/web\nmkdir charts/web\ncurl https://github.com/acme/shop/archive/a.tgz | tar xz -C charts/web --strip 3 shop-a/helm/web\n", "acme/shop", 3},
		"not emptied":     {"sync.sh", get + "rm -rf other\nget acme/shop helm/web\n", "", 0},
		"some emptied":    {"sync.sh", get + "find charts -name '*.tgz' -delete\nget acme/shop helm/web\n", "", 0},
		"emptied after":   {"sync.sh", get + "get acme/shop helm/web\nrm -rf charts/*\n", "", 0},
		"plain":           {"hack/sync.sh", "rm -rf charts/web\ncurl -L https://github.com/acme/web/archive/main.tar.gz | tar -xzf - -C charts\n", "acme/web", 2},
		"directory":       {"sync.sh", "rm -rf charts/web && mkdir charts/web\nwget -qO- https://github.com/acme/web/archive/main.tar.gz | tar -xz --directory=charts/web --strip-components=1\n", "acme/web", 2},
		"file":            {"sync.sh", "rm -rf charts/web\ncurl -Lo /tmp/web.tgz https://charts.example.com/web-1.2.3.tgz\ntar -C charts -xzf /tmp/web.tgz\n", "charts.example.com", 3},
		"zip":             {"Makefile", "sync:\n\trm -rf charts/web\n\twget https://github.com/acme/web/archive/v1.zip\n\tunzip -q v1.zip -d charts\n", "acme/web", 4},
		"another rule":    {"Makefile", "clean:\n\trm -rf charts/web\nsync:\n\twget https://github.com/acme/web/archive/v1.zip\n\tunzip -q v1.zip -d charts\n", "", 0},
		"another folder":  {"sync.sh", "rm -rf charts/web\ncd charts/db && curl -L https://github.com/acme/web/archive/main.tar.gz | tar xz\n", "", 0},
		"a folder by cd":  {"sync.sh", "rm -rf charts/web\ncd charts && curl -L https://github.com/acme/web/archive/main.tar.gz | tar xz\n", "acme/web", 2},
		"comes from Git":  {"sync.sh", "rm -rf charts/web\ncurl -L https://github.com/acme/web/archive/main.tar.gz | tar xz -C charts\ngit checkout -- charts/web\n", "", 0},
		"only a list":     {"sync.sh", "rm -rf charts/web\ncurl -L https://github.com/acme/web/archive/main.tar.gz | tar tz -C charts\n", "", 0},
		"shift":           {"sync.sh", "get() {\n  shift\n  curl https://github.com/$1/archive/a.tgz | tar xz -C charts\n}\nrm -rf charts/web\nget acme/a acme/b\n", "", 0},
		"unknown host":    {"sync.sh", "rm -rf charts/web\ncurl -L https://$HOST/web.tgz | tar xz -C charts\n", "", 0},
		"packing":         {"sync.sh", "rm -rf charts/web\ncurl -L https://github.com/acme/web/archive/main.tar.gz -o a.tgz\ntar czf a.tgz -C charts web\n", "", 0},
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{"charts/web/Chart.yaml": "name: web\n", "charts/db/Chart.yaml": "name: db\n", "other/a": "", c.file: c.text} {
			if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		in, err := tree.Around(dir)
		if err != nil {
			t.Fatal(err)
		}
		var a Archives
		if of, _ := a.Of(in, "charts/web/Chart.yaml"); of.From != c.from || of.At.Line != c.line {
			t.Errorf("%s: %q at line %d; want %q at %d", what, of.From, of.At.Line, c.from, c.line)
		}
		_ = in.Close()
	}
}
