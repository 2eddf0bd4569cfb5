package attributes

import "testing"

// A file that git diff checks, after a generator has run, is generated if it is as a program writes it. What is compared with a commit may be
// edited by hand.
func TestCompared(t *testing.T) {
	const byProgram = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
	for what, c := range map[string]struct {
		file, text string
		line       int
	}{
		"pattern rule":     {"Makefile", "check/%: gen/%\n\t@# As it is committed.\n\tgit diff --exit-code -- $*/gen\n", 3},
		"folder":           {"hack/verify.sh", "make all\ngit diff --exit-code app/gen\n", 2},
		"several":          {"verify.sh", "make all && git diff -s --quiet -- docs app/gen/*.yaml\n", 1},
		"all":              {"verify.sh", "git diff --exit-code .\n", 0},
		"any":              {"verify.sh", "git diff --exit-code -- '*'\n", 0},
		"no path":          {"verify.sh", "git diff --exit-code\n", 0},
		"only shown":       {"verify.sh", "git diff -- app/gen\n", 0},
		"a commit":         {"release.sh", "git diff --quiet origin/main app/gen\n", 0},
		"a commit and --":  {"release.sh", "git diff --quiet HEAD -- app/gen\n", 0},
		"what is staged":   {"release.sh", "git diff --cached --quiet -- app/gen\n", 0},
		"all but the path": {"verify.sh", "git diff --exit-code -- ':!app/gen'\n", 0},
		"another folder":   {"verify.sh", "git diff --exit-code -- app/generated\n", 0},
		"unknown":          {"verify.sh", "git diff --exit-code -- $1/gen\n", 0},
	} {
		in := treeOf(t, map[string]string{"app/gen/web.yaml": byProgram, "app/gen/by-hand.yaml": "kind: Service\n" + byProgram[:15], c.file: c.text})
		var f Files
		if at := f.Compared(in, "app/gen/web.yaml"); at.Line != c.line {
			t.Errorf("%s: line %d; want %d", what, at.Line, c.line)
		}
		if at := f.Compared(in, "app/gen/by-hand.yaml"); at.File != "" {
			t.Errorf("%s: a file that is written by hand", what)
		}
	}
}
