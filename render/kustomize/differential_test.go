package kustomize

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/kustomize/walk"
	"github.com/kubevet/kubevet/render/tree"
)

// corpusVariable names a folder of checkouts, whose kustomizations are built
// by kustomize itself and by this package, and compared.
const corpusVariable = "KUBEVET_KUSTOMIZATIONS"

// overlay is a kustomization to try: a directory below that of a tree.
type overlay struct{ root, dir string }

// overlaysBelow lists kustomizations; each direct child of the folder is a tree.
func overlaysBelow(t testing.TB, folder string) []overlay {
	t.Helper()
	folder, err := filepath.Abs(folder)
	if err != nil {
		t.Fatal(err)
	}
	var l []overlay
	err = filepath.WalkDir(folder, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !isFileName(d.Name()) {
			return err
		}
		rel, err := filepath.Rel(folder, filepath.Dir(p))
		if err != nil {
			return err
		}
		top, below, _ := strings.Cut(filepath.ToSlash(rel), "/")
		l = append(l, overlay{filepath.Join(folder, top), cmpOr(below, ".")})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Compact(l)
}

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// sealed makes sure that kustomize itself fetches nothing either.
func sealed(t testing.TB) {
	t.Helper()
	t.Setenv("PATH", "")
	old := http.DefaultTransport
	http.DefaultTransport = refusing{}
	t.Cleanup(func() { http.DefaultTransport = old })
}

type refusing struct{}

func (refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, errors.New("no network in tests: " + r.URL.String())
}

// TestMain keeps kustomize's warnings out of the output of tests.
func TestMain(m *testing.M) {
	Quiet()
	m.Run()
}

// plain is what kustomize makes of an overlay.
func plain(o overlay, none bool) (string, error) {
	opts := krusty.MakeDefaultOptions()
	if none {
		opts.LoadRestrictions = types.LoadRestrictionsNone
	}
	m, err := krusty.MakeKustomizer(opts).Run(filesys.MakeFsOnDisk(), filepath.Join(o.root, o.dir))
	if err != nil {
		return "", err
	}
	y, err := m.AsYaml()
	return string(y), err
}

func openTree(t testing.TB, dir string) *tree.Tree {
	t.Helper()
	tr, err := tree.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tr.Close() })
	return tr
}

// tally counts what became of overlays and of the values in them.
type tally struct {
	overlays, identical, alike, partial, differs int
	scalars, exact, block, file, wrong           int
	crdScalars, crdExact                         int
	lines                                        map[string][]string // of files read again
	limits                                       *Limits             // nil for the default
}

func (c *tally) log(t *testing.T) {
	t.Helper()
	t.Logf("overlays %d: identical %d, failed alike %d, built in part where kustomize fails %d, differ %d", c.overlays, c.identical, c.alike, c.partial, c.differs)
	t.Logf("scalars outside CRDs %d: exact %.2f %%, block %d, file %d; wrong claims %d; CRDs: %d, exact %d",
		c.scalars, 100*float64(c.exact)/float64(max(c.scalars, 1)), c.block, c.file, c.wrong, c.crdScalars, c.crdExact)
}

// compare builds an overlay both ways.
func (c *tally) compare(t *testing.T, o overlay, none bool) {
	t.Helper()
	c.overlays++
	want, wantErr := plain(o, none)
	if !none && wantErr != nil && strings.Contains(wantErr.Error(), "security; file") {
		if _, err := plain(o, true); err == nil { // meant to be built without the restriction
			c.overlays--
			c.compare(t, o, true)
			return
		}
	}
	tr := openTree(t, o.root)
	defer tr.Close() //nolint:errcheck // read only
	got, _ := Build(t.Context(), tr, o.dir, Options{LoadRestrictionsRootOnly: !none, Limits: c.limits})
	switch {
	case wantErr != nil && got.Unit == nil && len(got.Problems) > 0:
		c.alike++
		return
	case wantErr != nil && len(got.Problems) > 0:
		c.partial++
	case wantErr != nil:
		c.differs++
		t.Errorf("%s/%s: kustomize fails, we do not: %v", o.root, o.dir, wantErr)
		return
	case got.Unit == nil:
		c.differs++
		t.Errorf("%s/%s: not built: %v", o.root, o.dir, got.Problems)
		return
	case got.Texts[0].Text != want:
		c.differs++
		t.Errorf("%s/%s: output differs; problems %v", o.root, o.dir, got.Problems)
		return
	default:
		c.identical++
	}
	for _, p := range got.Problems {
		if strings.Contains(" "+p.Message+" "+p.Help, " "+tr.Dir()) || filepath.IsAbs(p.File) {
			t.Errorf("%s/%s: absolute path in problem %v", o.root, o.dir, p)
		}
	}
	for _, obj := range got.Unit.Objects {
		c.origins(t, o, obj)
	}
}

// origins asks for the origin of every scalar and reads the claimed line again.
func (c *tally) origins(t *testing.T, o overlay, obj *lint.Object) {
	t.Helper()
	crd := obj.Kind == "CustomResourceDefinition"
	n := 0
	var walk func(v lint.Value)
	walk = func(v lint.Value) {
		switch {
		case v.IsMap():
			for _, e := range v.Entries() {
				walk(e)
			}
		case v.IsList():
			for e := range v.Items() {
				walk(e)
			}
		case v.IsScalar():
			if n++; crd && n%50 != 0 { // they are many and all alike
				return
			}
			origin := obj.Locate(v)
			if crd {
				c.crdScalars++
				if origin.Precision == lint.PrecisionExact {
					c.crdExact++
				}
			} else {
				c.scalars++
				switch origin.Precision {
				case lint.PrecisionExact:
					c.exact++
				case lint.PrecisionBlock:
					c.block++
				case lint.PrecisionFile:
					c.file++
				}
				if origin.Precision != lint.PrecisionExact && os.Getenv("KUBEVET_SHOW") != "" {
					t.Logf("%s: %s/%s %s %s = %.40q: %v", origin.Precision, o.root, o.dir, obj.Ref(), v.Path(), v.Node.Value, origin.Position)
				}
			}
			if why := c.checkClaim(origin, v); why != "" {
				c.wrong++
				t.Errorf("%s/%s: %s %s = %.60q claimed at %v: %s", o.root, o.dir, obj.Ref(), v.Path(), v.Node.Value, origin.Position, why)
			}
		}
	}
	walk(obj.Root)
}

// checkClaim reads the line of an exact claim and returns what is wrong with it.
func (c *tally) checkClaim(o lint.Origin, v lint.Value) string {
	n := v.Node
	if filepath.IsAbs(o.File) || o.File == "" {
		return "no relative file"
	}
	if o.Precision != lint.PrecisionExact {
		return ""
	}
	lines, ok := c.lines[o.File]
	if !ok {
		data, err := os.ReadFile(o.File)
		if err != nil {
			return err.Error()
		}
		if c.lines == nil {
			c.lines = map[string][]string{}
		}
		lines = strings.Split(strings.TrimPrefix(string(data), "\ufeff"), "\n")
		c.lines[o.File] = lines
	}
	if o.Line < 1 || o.Line > len(lines) {
		return "no such line"
	}
	line := strings.TrimSuffix(lines[o.Line-1], "\r")
	if line != o.Text {
		return "text of the origin is not that of the line"
	}
	value := strings.TrimSpace(n.Value)
	first, _, _ := strings.Cut(value, "\n")
	at := line
	if o.Column > 0 {
		r := []rune(line)
		if o.Column > len(r)+1 || o.EndColumn > len(r)+1 || o.EndColumn < o.Column {
			return "columns outside of the line"
		}
		at = string(r[o.Column-1 : o.EndColumn-1])
	}
	at = strings.Trim(strings.TrimSpace(at), `"'`)
	plainOf := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(" \t\r\\\"'", r) {
				return -1
			}
			return r
		}, s)
	}
	switch {
	case at == value, strings.HasPrefix(at, "|"), strings.HasPrefix(at, ">"):
		return ""
	case first != "" && (strings.Contains(plainOf(at), plainOf(first)) || strings.Contains(plainOf(first), plainOf(at))):
		return ""
	case strings.Contains(at, "$(") && fillsVariables(at, value):
		return ""
	case c.isCopied(o, at, plainOf(first), plainOf), c.isReplaced(o, at, v.Path(), value): // the place is a path
		return ""
	case isLiteral(at, value):
		return ""
	case len(o.Trail) > 0 && o.Trail[0].Kind == lint.StepKustomization && strings.Contains(o.Trail[0].Label, "Generator") && isText(strings.Join(lines, "\n"), value):
		return ""
	case value == "" && (at == "" || at == "''" || at == `""`):
		return ""
	case strings.Contains(at, `\n`) || strings.Contains(at, `\u`) || strings.Contains(at, `\x`):
		if text, err := strconv.Unquote(`"` + at + `"`); err != nil || strings.TrimSpace(text) == value {
			return ""
		}
	}
	return "line holds " + at
}

// references is the references to variables in a quoted text.
var references = regexp.MustCompile(`\\\$\\\([^)]*\\\)`)

// fillsVariables reports whether a value is a text with something in place of its variables.
func fillsVariables(text, value string) bool {
	pattern := references.ReplaceAllString(regexp.QuoteMeta(text), "(?s:.*)")
	ok, err := regexp.MatchString("^"+pattern+"$", value)
	return err == nil && ok
}

// isText reports whether a value is a text, as it is or in base64.
func isText(text, value string) bool {
	text = strings.TrimSpace(text)
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(value), ""))
	return text == value || err == nil && strings.TrimSpace(string(data)) == text
}

// isLiteral reports whether a text is KEY=VALUE with the value, as it is or in base64.
func isLiteral(text, value string) bool {
	_, literal, ok := strings.Cut(text, "=")
	return ok && (isText(literal, value) || isText(strings.Trim(literal, `"'`), value))
}

// isCopied reports whether a claim is the path that a JSON patch copies or moves from. The
// trail begins with the line of the copied value.
func (c *tally) isCopied(o lint.Origin, at, first string, plainOf func(string) string) bool {
	return strings.HasPrefix(at, "/") && first != "" && strings.Contains(plainOf(c.source(o)), first)
}

// isReplaced reports whether a claim is the field path of a replacement that leads to
// the path of a value, and the trail begins with the line of what is copied: the value
// holds at least a word of it.
func (c *tally) isReplaced(o lint.Origin, at, path, value string) bool {
	parts := walk.SplitFieldPath(at)
	source := c.source(o)
	if len(parts) == 0 || source == "" || strings.ContainsAny(at, " \t{}:") {
		return false
	}
	last := strings.Trim(parts[len(parts)-1], "[]\"")
	if last != "*" && !strings.Contains(last, "=") && !strings.HasSuffix(strings.TrimRight(path, "]\""), last) {
		return false
	}
	if isLiteral(source, value) { // an empty one has no word
		return true
	}
	words := strings.FieldsFunc(source, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(value, w) })
}

// source is the line that a trail begins with, where that is what an entry copies.
func (c *tally) source(o lint.Origin) string {
	if len(o.Trail) == 0 || o.Trail[0].Kind != lint.StepBase || !strings.Contains(o.Trail[0].Label, " ") {
		return ""
	}
	data, err := os.ReadFile(o.Trail[0].Position.File)
	lines := strings.Split(string(data), "\n")
	line := o.Trail[0].Position.Line
	if err != nil || line < 1 || line > len(lines) {
		return ""
	}
	return lines[line-1]
}

func TestBuildLikeKustomize(t *testing.T) {
	sealed(t)
	folder := os.Getenv(corpusVariable)
	if folder == "" {
		t.Skip("SKIPPED: set " + corpusVariable + " to a folder of checkouts to compare with kustomize on real overlays")
	}
	var c tally
	for _, o := range overlaysBelow(t, folder) {
		c.compare(t, o, false)
	}
	c.log(t)
}

// TestClaimsCanFail moves each exact claim of an overlay to the other lines of its file: only
// a line that holds the value too may pass.
func TestClaimsCanFail(t *testing.T) {
	sealed(t)
	dir := write(t, claimsOverlay)
	t.Chdir(dir)
	r, _ := Build(t.Context(), openTree(t, dir), ".", Options{})
	if r.Unit == nil || len(r.Problems) > 0 {
		t.Fatalf("not built: %v", r.Problems)
	}
	var c tally
	moved, passed := 0, 0
	var walk func(o *lint.Object, v lint.Value)
	walk = func(o *lint.Object, v lint.Value) {
		for _, e := range v.Entries() {
			walk(o, e)
		}
		for e := range v.Items() {
			walk(o, e)
		}
		if !v.IsScalar() {
			return
		}
		origin := o.Locate(v)
		if why := c.checkClaim(origin, v); why != "" {
			t.Errorf("%s: %s", v.Path(), why)
		}
		for i, line := range c.lines[origin.File] {
			if wrong := origin; origin.Precision == lint.PrecisionExact && i+1 != origin.Line && line != "" && !strings.Contains(line, v.Node.Value) {
				wrong.Line, wrong.Column, wrong.EndColumn, wrong.Text = i+1, 0, 0, line
				if moved++; c.checkClaim(wrong, v) == "" {
					passed++
					t.Logf("%s = %s passes at %s:%d %q", v.Path(), v.Node.Value, wrong.File, wrong.Line, line)
				}
			}
		}
	}
	for _, o := range r.Unit.Objects {
		walk(o, o.Root)
	}
	if moved < 300 || passed > 0 {
		t.Errorf("%d of %d wrong claims pass; want none of at least 300", passed, moved)
	}
}

// claimsOverlay sets values in each way: base, patch, replacement, copy, variable, generator, image and label.
const claimsOverlay = `-- kustomization.yaml --
resources: [pod.yaml, settings.yaml]
namePrefix: pre-
labels:
- pairs: {team: shop}
images:
- name: registry.example.org/b
  newTag: stable
configMapGenerator:
- name: generated
  literals: [color=blue]
patches:
- target: {kind: Pod}
  patch: |-
    - op: add
      path: /spec/hostIPC
      value: true
    - op: copy
      from: /spec/containers/0/securityContext
      path: /spec/containers/1/securityContext
replacements:
- source: {kind: ConfigMap, name: settings, fieldPath: data.host}
  targets:
  - select: {kind: Pod}
    fieldPaths: [spec.hostNetwork]
vars:
- name: IMAGE
  objref: {kind: ConfigMap, name: settings, apiVersion: v1}
  fieldref: {fieldpath: data.image}
-- pod.yaml --
apiVersion: v1
kind: Pod
metadata:
  name: p
spec:
  hostNetwork: false
  containers:
  - name: one
    image: registry.example.org/a:7
    args: ["--image=$(IMAGE)"]
    securityContext:
      privileged: true
  - name: two
    image: registry.example.org/b:7
-- settings.yaml --
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  host: "true"
  image: registry.example.org/c
`
