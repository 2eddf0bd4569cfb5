package discover

import (
	"strings"
	"testing"
)

const fluxOf = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a, namespace: flux-system}\nspec:\n  path: "

// What only tests apply is skipped, unless it is named, Flux or Argo CD deploys it, or a document outside of the folder
// tells to apply it.
func TestTestFolders(t *testing.T) {
	const application = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n  generators:\n  - git:\n      directories:\n      - path: sets/*/tests # all\n"
	write(t, map[string]string{
		".git/HEAD":                     "",
		"README.md":                     "Try it:\n\n    kubectl apply \\\n      -f https://example.com/raw/main/tests/one.yaml -n e2e\n    kubectl apply -k ./x -f tests/one/\n",
		"tests/README.md":               "kubectl apply -f only-tests.yaml\n",
		"tests/one.yaml":                pod,
		"tests/one/a.yaml":              pod,
		"tests/only-tests.yaml":         pod,
		"tests/values.yaml":             "a: b\n",
		"tests/web/kustomization.yaml":  "resources: [a.yaml]\n",
		"tests/web/a.yaml":              pod,
		"tests/web/b.yaml":              pod,
		"tests/db/Chart.yaml":           "name: db\n",
		"op/go.mod":                     "module m\n",
		"op/test/e2e/a.yaml":            pod,
		"op/hack/e2e.sh":                "kubectl apply -f op/test/e2e\n",
		"op/e2e/a/b/c.yaml":             pod,
		"py/test/pyproject.toml":        "",
		"py/test/a.yaml":                pod,
		"lib/unit-tests/a.yaml":         pod,
		"lib/test-cases/a.yaml":         pod,
		"lib/src/test-util/main/a.yaml": pod,
		"tf/test/golden/a.json":         "{}",
		"tf/test/a.yaml":                pod,
		"clusters/test/a.yaml":          pod, // no program is here
		"clusters/load-test/a.yaml":     pod,
		"app/Dockerfile":                "",
		"app/prod/a.yaml":               pod,
		"app/test/a.yaml":               pod,
		"flux.yaml":                     fluxOf + "./apps\n",
		"apps/tests/a.yaml":             pod,
		"built.yaml":                    fluxOf + "'./built'\n",
		"built/kustomization.yaml":      "resources: []\n",
		"built/tests/a.yaml":            pod,
		"argo.yaml":                     application,
		"flow.yaml":                     "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {repoURL: a, path: flow/tests}}\n",
		"flow/tests/a.yaml":             pod,
		"sets/x/tests/a.yaml":           pod,
		"sets/x/y/tests/a.yaml":         pod,
	})
	for root, want := range map[string]string{
		".": "manifest app/prod/a.yaml\nmanifest app/test/a.yaml\nmanifest apps/tests/a.yaml\nmanifest argo.yaml\nmanifest built.yaml\n" +
			"manifest clusters/load-test/a.yaml\nmanifest clusters/test/a.yaml\nmanifest flow.yaml\nmanifest flow/tests/a.yaml\nmanifest flux.yaml\nmanifest sets/x/tests/a.yaml\n" +
			"manifest tests/one.yaml\nmanifest tests/one/a.yaml\nmanifest tests/values.yaml\n" +
			"overlay built\noverlay tests/web\nskipped built/tests\nskipped lib/src/test-util\nskipped lib/test-cases\nskipped lib/unit-tests\nskipped op/e2e\nskipped op/test\n" +
			"skipped py/test\nskipped sets/x/y/tests\nskipped tests\nskipped tf/test\nskipped tf/test/golden",
		"op":                    "skipped op/e2e\nskipped op/test",
		"op/test":               "manifest op/test/e2e/a.yaml",
		"op/e2e/a":              "manifest op/e2e/a/b/c.yaml",
		"lib/unit-tests/a.yaml": "manifest lib/unit-tests/a.yaml",
	} {
		if got := describe(In([]string{root}, nil)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", root, got, want)
		}
	}
}

// What nothing but tests name is for them, if it is in a folder of a CI system or of pytest.
func TestOnlyTestsName(t *testing.T) {
	for name, test := range map[string]struct {
		files   map[string]string
		skipped bool
	}{
		"pytest":              {map[string]string{"ci/run/conftest.py": "", "ci/run/extra/queue.yaml": pod, "ci/run/test_queue.py": "install(\"./extra/queue.yaml\")\n"}, true},
		"another one":         {map[string]string{"ci/run/extra/queue.yaml": pod, "ci/run/test_queue.py": "install(\"./more/queue.yaml\")\n"}, false},
		"a script, too":       {map[string]string{"ci/queue.yaml": pod, "ci/test_queue.py": "install(\"queue.yaml\")\n", "deploy.sh": "kubectl apply -f ci/queue.yaml\n"}, false},
		"the folder":          {map[string]string{"ci/queue.yaml": pod, "ci/test_queue.py": "install(\"queue.yaml\")\n", "README.md": "`kubectl apply -f ci/`\n"}, false},
		"a workflow":          {map[string]string{"ci/queue.yaml": pod, ".github/workflows/functional_test.yaml": "# ci/queue.yaml\nrun: kubectl apply -f ci/queue.yaml\n", "x.sh": "# ci/queue.yaml\n"}, true},
		"another workflow":    {map[string]string{"ci/queue.yaml": pod, ".github/workflows/deploy.yaml": "run: kubectl apply -f ci/queue.yaml\n"}, false},
		"a cluster for tests": {map[string]string{"ci/queue.yaml": pod, ".github/workflows/ci.yaml": "run: kind create cluster && kubectl apply -f ci/queue.yaml\n"}, true},
		"folder of GitHub":    {map[string]string{".github/setup/queue.yaml": pod, ".github/workflows/charts.yaml": "jobs:\n  lint:\n    steps: []\n  install:\n    steps:\n    - uses: helm/kind-action@v1\n    - run: kubectl apply -f .github/setup/queue.yaml\n"}, true},
		"k3d":                 {map[string]string{".github/setup/queue.yaml": pod, ".github/actions/up/action.yaml": "steps:\n- uses: AbsaOSS/k3d-action@v2\n- run: kubectl apply -f .github/setup/queue.yaml\n"}, true},
		"another job":         {map[string]string{".github/setup/queue.yaml": pod, ".github/workflows/charts.yaml": "jobs:\n  install:\n    steps:\n    - uses: helm/kind-action@v1\n    - run: kubectl apply -f .github/setup/queue.yaml\n  deploy:\n    steps:\n    - run: kubectl apply -f .github/setup/queue.yaml\n"}, false},
		"no cluster":          {map[string]string{".github/setup/queue.yaml": pod, ".github/workflows/charts.yaml": "jobs:\n  deploy:\n    steps:\n    - run: kubectl apply -f .github/setup/queue.yaml\n"}, false},
		"no workflow":         {map[string]string{".github/setup/queue.yaml": pod}, false},
		"another folder":      {map[string]string{"config/queue.yaml": pod, "e2e/e2e_test.go": "filepath.Join(\"config\", \"queue.yaml\")\n"}, false},
		"another beside it":   {map[string]string{"ci/queue.yaml": pod, "e2e/queue.yaml": "a: b\n", "e2e/e2e_test.go": "open(\"queue.yaml\")\n"}, false},
		"two of them":         {map[string]string{"ci/queue.yaml": pod, "ci/other/queue.yaml": pod, "e2e/e2e_test.go": "filepath.Join(\"ci\", \"queue.yaml\")\n"}, false},
		"nothing":             {map[string]string{"ci/queue.yaml": pod}, false},
	} {
		t.Run(name, func(t *testing.T) {
			test.files[".git/HEAD"] = ""
			write(t, test.files)
			f := In([]string{"."}, nil)
			f.Roots()
			skipped, _ := f.SkipUnlisted()
			if is := len(skipped) == 1 && strings.Contains(skipped[0].Reason, "only tests name it"); is != test.skipped {
				t.Errorf("skipped %q; want %v", skipped, test.skipped)
			}
		})
	}
}
