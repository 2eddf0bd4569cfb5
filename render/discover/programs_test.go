package discover

import "testing"

// Cases of a test program in Python or shell are linted if they are named, or if a program applies or checks them.
func TestSkipTestInputs(t *testing.T) {
	write(t, map[string]string{
		".git/HEAD":                     "",
		"ci/run_template_tests.sh":      "find ./helm/template-tests -type f -exec helm template {} +\nls helm/applied-tests helm/built-tests\n",
		"ci/test_render.py":             "CASES = 'unit-tests/'\nMORE = \"lib/test-cases\"\nWHERE = 'clusters/my-test'\n",
		"ci/setup.sh":                   "kubectl apply -f helm/applied-tests\n",
		"ci/test-build.bats":            "kustomize build helm/built-tests/one\n",
		"ci/deploy.sh":                  "echo helm/other-tests\n",
		"clusters/my-test/a.yaml":       pod,
		"helm/applied-tests/a.yaml":     pod,
		"helm/built-tests/a.yaml":       pod,
		"helm/other-tests/a.yaml":       pod,
		"helm/template-tests/a.yaml":    pod,
		"helm/template-tests/b/c.yaml":  pod,
		"helm/template-tests/none.yaml": "a: b\n",
		"lib/test-cases/a.yaml":         pod,
		"tests/a.yaml":                  pod,
		"unit-tests/a.yaml":             pod,
	})
	for root, want := range map[string]string{
		".": "manifest clusters/my-test/a.yaml\nmanifest helm/applied-tests/a.yaml\nmanifest helm/built-tests/a.yaml\nmanifest helm/other-tests/a.yaml\n" +
			"manifest helm/template-tests/none.yaml\nmanifest tests/a.yaml\nskipped helm/template-tests\nskipped lib/test-cases\nskipped unit-tests",
		"unit-tests":                 "manifest unit-tests/a.yaml",
		"helm/template-tests/a.yaml": "manifest helm/template-tests/a.yaml",
	} {
		found := In([]string{root}, nil)
		found.SkipTestInputs()
		if got := describe(found); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", root, got, want)
		}
	}
}
