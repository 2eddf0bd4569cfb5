package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/kubevet/kubevet/examples"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/checklist"
)

var kebab = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

func TestAll(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range sections {
		if !slices.IsSortedFunc(s.rules, func(a, b *lint.Rule) int { return strings.Compare(a.ID, b.ID) }) {
			t.Errorf("the rules of %s are not sorted by id", s.name)
		}
		for _, r := range s.rules {
			for _, id := range append([]string{r.ID}, r.Aliases...) {
				if seen[id] {
					t.Errorf("%s: the id is taken", id)
				}
				seen[id] = true
				if !kebab.MatchString(id) {
					t.Errorf("%s: the id is not in kebab case", id)
				}
				if Find(id) != r {
					t.Errorf("%s: Find does not find it", id)
				}
			}
		}
	}
	if !slices.IsSortedFunc(sections, func(a, b section) int { return strings.Compare(a.name, b.name) }) {
		t.Error("the sections are not sorted")
	}
	if r := Find("no-such-rule"); r != nil {
		t.Error("Find finds", r.ID)
	}
}

// standards is what a Ref may name.
var standards = []string{
	"Pod Security Standards (baseline)",
	"Pod Security Standards (restricted)",
	"CIS Kubernetes Benchmark v2.0.0",
	"OWASP Kubernetes Top Ten 2025",
	"NSA/CISA Kubernetes Hardening Guide",
}

func TestMetadata(t *testing.T) {
	benchmark, ok := checklist.FindStandard("cis")
	if !ok {
		t.Fatal("no table of the CIS Benchmark")
	}
	for _, r := range All() {
		t.Run(r.ID, func(t *testing.T) {
			if r.Title == "" || strings.HasSuffix(r.Title, ".") {
				t.Errorf("title %q; want a short sentence without full stop", r.Title)
			}
			if fault := faultOfFix(r); fault != "" {
				t.Errorf("fix %q %s; want one imperative clause in lower case without full stop", r.Fix, fault)
			}
			if r.Check == nil {
				t.Error("no check")
			}
			if len(r.Checklist) == 0 {
				t.Error("no checklist item")
			}
			for _, item := range r.Checklist {
				if _, ok := checklist.Find(item); !ok {
					t.Errorf("checklist item %q does not exist", item)
				}
			}
			for _, ref := range r.Refs {
				if !slices.Contains(standards, ref.Standard) || ref.Control == "" {
					t.Errorf("reference %+v; want a control of %q", ref, standards)
				}
				if ref.Standard == lint.CISBenchmark && !slices.ContainsFunc(benchmark.Controls, func(c checklist.Control) bool { return benchmark.Has(c, ref) }) {
					t.Errorf("reference %+v; the benchmark has no such control", ref)
				}
			}
			if _, _, err := examples.Of(r.ID); err != nil {
				t.Error("no example:", err)
			}
		})
	}
}

// faultOfFix says what is wrong with the form of a fix.
func faultOfFix(r *lint.Rule) string {
	first, _ := utf8.DecodeRuneInString(r.Fix)
	switch {
	case r.Fix == "":
		return "is empty"
	case unicode.IsUpper(first):
		return "starts in upper case"
	case strings.HasSuffix(r.Fix, ".") || strings.ContainsAny(r.Fix, ";\n"):
		return "is a sentence"
	}
	return ""
}

func TestDoc(t *testing.T) {
	for _, r := range All() {
		d, err := Doc(r.ID)
		if err != nil {
			t.Error(err)
			continue
		}
		if !strings.HasPrefix(d.Reports, "Reports ") {
			t.Errorf("%s: documentation starts with %.40q; want Reports …", r.ID, d.Reports)
		}
		for p := range strings.SplitSeq(d.Text(), "\n\n") {
			if !strings.HasSuffix(p, ".") || strings.ContainsAny(p, "\n\t") {
				t.Errorf("%s: not a paragraph of whole sentences: %q", r.ID, p)
			}
		}
	}
	if _, err := Doc("no-such-rule"); err == nil {
		t.Error("documentation of no rule")
	}
}

// TestEmbedded holds the patterns that embed the source: all of it but tests, which have
// no place in the binary.
func TestEmbedded(t *testing.T) {
	for _, s := range sections {
		entries, err := os.ReadDir(s.name)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
				want = append(want, e.Name())
			}
		}
		files, err := s.source.ReadDir(".")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range files {
			got = append(got, f.Name())
		}
		if !slices.Equal(got, want) {
			t.Errorf("rules/%s embeds\n%v\nwant\n%v\n(see the patterns of go:embed there)", s.name, got, want)
		}
	}
}

// TestListed finds each rule in the packages' source, so that none can be
// written and forgotten.
func TestListed(t *testing.T) {
	listed := map[string]bool{}
	for _, r := range All() {
		listed[strings.ReplaceAll(r.ID, "-", "_")+".go"] = true
	}
	for _, s := range sections {
		files, err := s.source.ReadDir(".")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := s.source.ReadFile(f.Name())
			if err != nil {
				t.Fatal(err)
			}
			file, err := parser.ParseFile(token.NewFileSet(), f.Name(), text, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			if n := ruleVars(file); n > 1 || n == 1 && !listed[f.Name()] {
				t.Errorf("%s/%s holds %d rules; want one, that is listed in All and names the file", s.name, f.Name(), n)
			}
		}
	}
	files, err := filepath.Glob("*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		dir := filepath.Dir(name)
		if slices.ContainsFunc(sections, func(s section) bool { return s.name == dir }) {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err == nil && ruleVars(file) > 0 {
			t.Errorf("%s holds a rule, but package %s is no section", name, dir)
		}
	}
}

// ruleVars counts the package-level variables of a file that are rules.
func ruleVars(file *ast.File) int {
	n := 0
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, spec := range g.Specs {
			for _, v := range spec.(*ast.ValueSpec).Values {
				if isRule(v) {
					n++
				}
			}
		}
	}
	return n
}

func isRule(e ast.Expr) bool {
	u, ok := e.(*ast.UnaryExpr)
	if !ok {
		return false
	}
	lit, ok := u.X.(*ast.CompositeLit)
	if !ok {
		return false
	}
	sel, ok := lit.Type.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Rule"
}
