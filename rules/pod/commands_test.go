package pod

import (
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// container is one with some fields.
func container(t *testing.T, fields string) lint.PodOrContainer {
	t.Helper()
	text := []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    " + strings.ReplaceAll(fields, "\n", "\n    ") + "\n")
	for d := range manifest.Each(text) {
		objects, _ := manifest.Objects(d.Node, manifest.NewSource("a.yaml", text))
		for _, o := range objects {
			o.AddWorkloads(nil)
			return o.Workloads[0].Containers[0]
		}
	}
	t.Fatal("no container")
	return lint.PodOrContainer{}
}

func TestInstallsPackages(t *testing.T) {
	t.Parallel()
	for fields, want := range map[string]string{
		"command: [sh]\nargs: [-c, apk add curl && curl http://a/]":                        "apk add",
		"command: [sh, -c, \"apk --no-cache add curl\"]":                                   "apk add",
		"command: [apk, add, curl]":                                                        "apk add",
		"command:\n- sh\n- -c\n- |\n  set -e\n  apt-get update -qq; apt-get install -y jq": "apt-get install",
		"args: [\"if true; then DEBIAN_FRONTEND=noninteractive apt-get install jq; fi\"]":  "apt-get install",
		"args: [\"microdnf -y install jq\"]":                                               "microdnf install",
		"args: [\"pip3 install requests && python x.py\"]":                                 "pip3 install",
		"args: [\"pip install --user requests\"]":                                          "",
		"args: [\"pip install -r x.txt --target /tmp/x\"]":                                 "",
		"args: [\"# apt-get install jq\\necho install jq\"]":                               "",
		"args: [\"echo apk info\"]":                                                        "",
		"args: [\"nsenter -t 1 -m -- sh -c 'apt-get install -y nfs-common'\"]":             "",
		"args: [\"chroot /host apt-get install -y nfs-common\"]":                           "",
		"image: a": "",
	} {
		if got := installsPackages(container(t, fields)); got != want {
			t.Errorf("%s: %q; want %q", fields, got, want)
		}
	}
}

func TestSavesInWorkingDir(t *testing.T) {
	t.Parallel()
	for fields, want := range map[string]string{
		"command: [wget]\nargs: ['http://a:80/']":                               "wget",
		"command: [sh, -c, 'wget -q --timeout=5 http://a/ && echo ok']":         "wget",
		"command: [wget]\nargs: ['web:80']":                                     "wget",
		"command: [wget, -qO-, 'web:80']":                                       "",
		"command: [sh, -c, 'curl web:80']":                                      "",
		"command: [wget, -qO-, 'http://a:80/']":                                 "",
		"command: [wget, --spider, 'http://a:80/']":                             "",
		"command: [wget, -O, /dev/null, 'http://a:80/']":                        "",
		"command: [sh, -c, 'cd /tmp && wget http://a/']":                        "",
		"command: [wget]\nargs: ['http://a:80/']\nworkingDir: /tmp":             "",
		"command: [sh, -c, 'curl -fsSLO http://a/b.tar']":                       "curl",
		"command: [sh, -c, 'curl -fsSL http://a/b.tar -o /tmp/b']":              "",
		"command: [sh, -c, 'curl http://a/b']":                                  "",
		"command: [wget, --version]":                                            "",
		"command: [sh, -c, 'until wget -q -O /dev/null http://a/; do :; done']": "",
	} {
		if got, _ := savesInWorkingDir(container(t, fields)); got != want {
			t.Errorf("%s: %q; want %q", fields, got, want)
		}
	}
}

func TestBuildsInRoot(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]bool{
		"gcr.io/kaniko-project/executor:v1.23.2-debug":      true,
		"gcr.io/kaniko-project/executor@sha256:0":           true,
		"registry.example.com:5000/tools/kaniko":            true,
		"registry.example.com/tools/kaniko-executor:v1":     true,
		"registry.example.com/kaniko/executor:v1":           true,
		"moby/buildkit:rootless":                            false,
		"registry.example.com/kaniko-project-dashboard:v1":  false,
		"registry.example.com/kaniko/dashboard/frontend:v1": false,
	} {
		if got := buildsInRoot(container(t, "image: '"+image+"'")); got != want {
			t.Errorf("%s: %v; want %v", image, got, want)
		}
	}
}
