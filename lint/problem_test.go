package lint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestProblemCodes holds that each constant of a code is explained by ProblemKinds, in
// the order of the constants, and that a package reports problems with it.
func TestProblemCodes(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "report.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names, codes []string
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 {
			return true
		}
		if typ, ok := v.Type.(*ast.Ident); ok && typ.Name == "ProblemCode" {
			names = append(names, v.Names[0].Name)
			codes = append(codes, strings.Trim(v.Values[0].(*ast.BasicLit).Value, `"`))
		}
		return true
	})
	if len(codes) < 20 || len(codes) != len(ProblemKinds) {
		t.Fatalf("%d codes and %d explanations", len(codes), len(ProblemKinds))
	}
	for i, k := range ProblemKinds {
		if string(k.Code) != codes[i] || k.Title == "" || k.Explanation == "" || k.Help == "" {
			t.Errorf("explanation %d is of %q, want one of %q with title, explanation and help", i, k.Code, codes[i])
		}
	}
	used := map[string]bool{}
	use := regexp.MustCompile(`\bCode[A-Z]\w*`)
	err = filepath.WalkDir("..", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (e.Name() == "testdata" || strings.HasPrefix(e.Name(), ".") && name != ".."):
			return fs.SkipDir
		case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || name == filepath.Join("..", "lint", "report.go"):
			return nil
		}
		text, err := os.ReadFile(name)
		for _, code := range use.FindAllString(string(text), -1) {
			used[code] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !used[name] {
			t.Errorf("no package reports %s", name)
		}
	}
}
