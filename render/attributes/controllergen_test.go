package attributes

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/kubevet/kubevet/render/tree"
)

// What controller-gen makes is where its options say, or below config. A script may take the folder from its arguments, and write roles to
// folders below.
func TestControllerGen(t *testing.T) {
	const (
		role = "kind: Role\nmetadata:\n  name: shop\n"
		crd  = "metadata:\n  annotations:\n    controller-gen.kubebuilder.io/version: v0.17.0\n"
		hook = "kind: ValidatingWebhookConfiguration\n"

		marker = "package a\n\n// +kubebuilder:rbac:groups=core,resources=pods,verbs=get\n"
	)
	for what, c := range map[string]struct {
		files      map[string]string
		name, want string // and not elsewhere
		line       int
	}{
		"default role":    {map[string]string{"Makefile": "gen:\n\tcontroller-gen rbac:roleName=shop paths=./...\n"}, "config/rbac/role.yaml", "rbac", 2},
		"default crd":     {map[string]string{"Makefile": "gen:\n\t$(CONTROLLER_GEN) crd rbac:roleName=shop paths=./...\n"}, "config/crd/shop.yaml", "crd", 2},
		"default webhook": {map[string]string{"Makefile": "gen:\n\t@$(CONTROLLER_GEN) webhook paths=./...\n"}, "config/webhook/manifests.yaml", "webhook", 2},
		"searched": {
			map[string]string{"Makefile": "gen:\n\tcontroller-gen rbac:roleName=shop paths=\"./api/...;./pkg\"\n", "pkg/a.go": marker}, "config/rbac/role.yaml", "rbac", 2,
		},
		"not searched": {
			map[string]string{"Makefile": "gen:\n\tcontroller-gen rbac:roleName=shop paths=./api/... paths=./pkg\n", "pkg/b/a.go": marker}, "config/rbac/role.yaml", "", 0,
		},
		"hand-written": {map[string]string{"Makefile": "gen:\n\tcontroller-gen rbac:roleName=other paths=./...\n"}, "config/rbac/role.yaml", "", 0},
		"no output":    {map[string]string{"Makefile": "gen:\n\tcontroller-gen rbac:roleName=shop output:stdout\n"}, "config/rbac/role.yaml", "", 0},
		"other output": {map[string]string{"Makefile": "gen:\n\tcontroller-gen rbac:roleName=shop output:rbac:dir=other\n"}, "config/rbac/role.yaml", "", 0},
		"echo":         {map[string]string{"Makefile": "gen:\n\t@echo rbac by controller-gen\n"}, "config/rbac/role.yaml", "", 0},
		"comment":      {map[string]string{"Makefile": "gen:\n\ttool crd # rbac by controller-gen\n"}, "config/rbac/role.yaml", "", 0},
		"for code":     {map[string]string{"Makefile": "gen:\n\tcontroller-gen rbac object output:object:dir=api\n"}, "config/rbac/role.yaml", "rbac", 2},
		"for all": {
			map[string]string{"sub/Makefile": "OUT = deploy\ngen:\n\ttool crd:maxDescLen=0 \\\n\t  rbac:roleName=shop,headerFile=x \\\n\t  paths=\"./a/...;./b/...\" output:artifacts:config=\"$(OUT)/crds\"\n"},
			"sub/deploy/crds/shop.yaml", "crd", 3,
		},
		"file name": {map[string]string{"Makefile": "gen:\n\tcontroller-gen rbac:roleName=shop,fileName=all.yaml output:rbac:artifacts:config=out\n"}, "out/all.yaml", "rbac", 2},
		"script": {
			map[string]string{"hack/gen.sh": "cd $(dirname \"$0\")/..\ncontroller-gen rbac:roleName=${ROLE} paths=./... output:rbac:dir=out\n"}, "out/role.yaml", "rbac", 2,
		},
		"copy": {
			map[string]string{"Makefile": "gen:\n\tcontroller-gen rbac:roleName=shop crd output:crd:dir=config/crd\n\tcp config/crd/* chart/crds\n\tmv config/rbac/role.yaml chart/crds/\n"},
			"chart/crds/shop.yaml", "crd", 3,
		},
		"copy of a role": {
			map[string]string{"Makefile": "gen:\n\tcontroller-gen rbac:roleName=shop\n\tmv config/rbac/role.yaml out/\n"}, "out/role.yaml", "rbac", 3,
		},
		"arguments": {
			map[string]string{
				"Makefile": "DIR = config\ngen:\n\tX=1 ./hack/gen.sh './...' '$(DIR)/rbac/'\n",
				"hack/gen.sh": "declare -r paths=\"$1\" dir=\"$2\"\nhack/controller-gen.sh rbac:roleName=tmp paths=$paths \\\n  output:dir=\"${dir}\"\n" +
					"python3 -c '\n# \"notes\", \"role.yaml\"\nopen(os.path.join(dir, \"one\", \"role.yaml\"), \"w\").write(text)'\n",
			},
			"config/rbac/one/role.yaml", "rbac", 2,
		},
		"other folder": {
			map[string]string{"gen.sh": "controller-gen rbac:roleName=tmp\n# > notes/role.yaml\necho > one/role.yaml\n"}, "config/rbac/notes/role.yaml", "", 0,
		},
	} {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			files := map[string]string{
				"config/crd/shop.yaml": crd, "config/webhook/manifests.yaml": hook, "sub/deploy/crds/shop.yaml": crd, "chart/crds/shop.yaml": crd,
				"config/crd/hand.yaml": "kind: CustomResourceDefinition\n", "out/all.yaml": role, "chart/crds/hand.yaml": role,
			}
			for _, place := range []string{"config/rbac", "config/rbac/one", "config/rbac/notes", "out", "other", "sub/config/rbac"} {
				files[place+"/role.yaml"] = role
			}
			maps.Copy(files, c.files)
			for name, text := range files {
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
			var f Files
			if at, generator := f.ControllerGen(tr, c.name); generator != c.want || at.Line != c.line {
				t.Errorf("%s: %q at %d; want %q at %d", c.name, generator, at.Line, c.want, c.line)
			}
			for _, name := range []string{"config/crd/hand.yaml", "chart/crds/hand.yaml", "sub/config/rbac/role.yaml"} {
				if _, generator := f.ControllerGen(tr, name); generator != "" {
					t.Errorf("%s: %q", path.Base(name), generator)
				}
			}
		})
	}
}

// A marker is known by a resource if no other one names it.
func TestMarkers(t *testing.T) {
	dir := t.TempDir()
	const text = "package a\n\n// +kubebuilder:rbac:groups=core,resources=pods;services,verbs=get\n//+kubebuilder:rbac:groups=\"\",resources={pods,secrets},verbs=get\n" +
		"// +kubebuilder:rbac:groups=\"\",resources=\"pods/exec\",verbs=create\n// kubebuilder:rbac:resources=nodes\n// +kubebuilder:rbac:verbs=get\n"
	if err := os.WriteFile(filepath.Join(dir, "a.go"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a_test.go"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	tr, err := tree.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close() //nolint:errcheck // read only
	var f Files
	for resource, line := range map[string]int{"pods": 0, "services": 3, "secrets": 4, "pods/exec": 5, "nodes": 0, "get": 0} {
		if at := f.Marker(tr, resource); at.Line != line {
			t.Errorf("%s: line %d; want %d", resource, at.Line, line)
		}
	}
}
