package plain

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
)

// Tests of operators compare parts of objects with what the cluster holds. Those files
// are no manifests: nothing applies them.

// comparing matches the names of such files in the folders of KUTTL tests, and of
// Chainsaw tests without a file of their own: 00-assert.yaml, 01-errors.yaml.
var comparing = regexp.MustCompile(`^[0-9]+-(?:assert|errors?)(?:[-_.].*)?\.ya?ml$`)

// testFiles is what tests say of the manifests that were read.
type testFiles struct {
	compared, applied []testFile
	// isForTest reports whether a file is for a test in a folder alone, which applies it.
	isForTest func(f discover.File, folder string) bool
	// steps are the folders of KUTTL tests. Their other files may be parts of objects
	// too: KUTTL merges them into what is there.
	steps map[discover.ID]bool
}

// testFile is a file that a test names, or a pattern of several.
type testFile struct {
	dir, pattern string
	// folder is that of the test.
	folder string
	// near is set if it lies in the test's folder or below.
	near bool
}

func (t testFile) names(f discover.File) bool {
	if t.dir != f.Tree.Dir() {
		return false
	}
	ok, err := path.Match(t.pattern, f.Name)
	return t.pattern == f.Name || err == nil && ok
}

// SkipCompared skips the files that tests compare with what the cluster holds, and those in the folder of a test that it applies, unless something
// else may apply them.
func SkipCompared(read []Manifest, files []discover.File, isForTest func(f discover.File, folder string) bool) {
	tests := readTests(read, files)
	tests.isForTest = isForTest
	for i, f := range files {
		switch m := &read[i]; {
		case f.Named || m.Skip != "":
		case tests.skips(f, m):
			m.drop("a test compares it with what the cluster holds")
		case tests.onlyApplies(f, m):
			m.drop("a test beside it applies it to a cluster for tests: name it to lint it")
		}
	}
}

// onlyApplies reports a file in the folder of a test that the test applies, and nothing else. A policy may be there because the test is of it.
func (t *testFiles) onlyApplies(f discover.File, m *Manifest) bool {
	if len(m.Objects) == 0 || slices.ContainsFunc(m.Objects, isPolicy) {
		return false
	}
	return slices.ContainsFunc(t.applied, func(file testFile) bool { return file.near && file.names(f) && t.isForTest(f, file.folder) })
}

// isPolicy reports an object by which a cluster refuses others, or changes them.
func isPolicy(o *lint.Object) bool {
	switch group := o.Group(); group {
	case "kyverno.io", "policies.kyverno.io", "templates.gatekeeper.sh", "constraints.gatekeeper.sh", "policies.kubewarden.io":
		return o.Kind != "PolicyException"
	default:
		return group == "admissionregistration.k8s.io"
	}
}

func readTests(read []Manifest, files []discover.File) *testFiles {
	t := &testFiles{steps: map[discover.ID]bool{}}
	for i, f := range files {
		if comparing.MatchString(path.Base(f.Name)) {
			t.steps[discover.ID{Dir: f.Tree.Dir(), Name: path.Dir(f.Name)}] = true
		}
		for _, o := range read[i].Objects {
			switch {
			case o.Is("chainsaw.kyverno.io", "Test"):
				for step := range o.Root.Get("spec.steps").Items() {
					t.step(f, step)
				}
			case o.Is("chainsaw.kyverno.io", "StepTemplate"), o.Is("chainsaw.kyverno.io", "TestStep"):
				t.step(f, o.Root.Get("spec"))
			case o.Is("cli.kyverno.io", "Test"):
				t.listed(f, &t.applied, o.Root.Get("resources"))
			case o.Is("kuttl.dev", "TestStep"), o.Is("kudo.dev", "TestStep"):
				t.listed(f, &t.compared, o.Root.Get("assert"), o.Root.Get("error"))
				t.listed(f, &t.applied, o.Root.Get("apply"))
			}
		}
	}
	return t
}

// step takes the operations of a step of Chainsaw. Its patches are parts of objects.
func (t *testFiles) step(f discover.File, step lint.Value) {
	for _, block := range [...]string{"try", "catch", "finally", "cleanup"} {
		for operation := range step.Get(block).Items() {
			for _, name := range [...]string{"assert", "error", "patch"} {
				t.add(f, &t.compared, operation.Get(name+".file"))
			}
			for _, name := range [...]string{"apply", "create", "update"} {
				t.add(f, &t.applied, operation.Get(name+".file"))
			}
		}
	}
}

func (t *testFiles) listed(f discover.File, to *[]testFile, lists ...lint.Value) {
	for _, l := range lists {
		for name := range l.Items() {
			t.add(f, to, name)
		}
	}
}

func (t *testFiles) add(f discover.File, to *[]testFile, name lint.Value) {
	if text := name.Text(); text != "" {
		here := path.Dir(f.Name)
		name := path.Join(here, text)
		*to = append(*to, testFile{f.Tree.Dir(), name, here, here == "." || strings.HasPrefix(name, here+"/")})
	}
}

// skips reports a file that tests compare with the cluster, or merge into what it holds.
// Of other folders that is a file of nothing but parts of objects: a test may compare a
// manifest that is applied elsewhere.
func (t *testFiles) skips(f discover.File, m *Manifest) bool {
	isWhole := func(o *lint.Object) bool {
		return !isPartial(o) && (o.Root.Get("spec").IsSet() || !o.Root.Get("status").IsSet())
	}
	hasParts := len(m.Objects) > 0 && !slices.ContainsFunc(m.Objects, isWhole)
	names := func(file testFile) bool { return file.names(f) }
	switch {
	case slices.ContainsFunc(t.applied, names):
		return false
	case slices.ContainsFunc(t.compared, func(file testFile) bool { return (file.near || hasParts) && names(file) }), comparing.MatchString(path.Base(f.Name)):
		return true
	}
	return hasParts && t.steps[discover.ID{Dir: f.Tree.Dir(), Name: path.Dir(f.Name)}] && strings.ContainsAny(path.Base(f.Name)[:1], "0123456789")
}
