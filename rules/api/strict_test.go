package api

import (
	stdjson "encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// TestStrictDecoding compares what walk finds with what the API server's strict
// decoder says of the same documents: the examples, the corners in testdata, and
// the tree that KUBEVET_MANIFESTS names.
func TestStrictDecoding(t *testing.T) {
	scheme := newScheme(t)
	decoder := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme,
		json.SerializerOptions{Yaml: true, Strict: true})
	roots := []string{filepath.Join("..", "..", "examples"), "testdata"}
	if tree := os.Getenv("KUBEVET_MANIFESTS"); tree != "" {
		roots = append(roots, tree)
	} else {
		t.Log("SKIPPED: KUBEVET_MANIFESTS names no tree of real manifests")
	}
	documents, defective := 0, 0
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" && filepath.Ext(path) != ".yml" {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return nil //nolint:nilerr // a dangling link in somebody's tree
			}
			n, bad := compare(t, decoder, path, string(data))
			documents, defective = documents+n, defective+bad
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d documents of built-in kinds, %d with unknown fields or wrong types", documents, defective)
}

var separator = regexp.MustCompile(`(?m)^---(?:[ \t].*)?\r?\n`)

// compare compares the documents of a file with the decoder. Those that are no
// YAML, hold no built-in kind, a key twice, or a key that is a mapping, are skipped: the last
// two are what the YAML parser refuses before the decoder sees it.
func compare(t *testing.T, decoder runtime.Decoder, path, data string) (documents, defective int) {
	t.Helper()
	for i, text := range separator.Split(data, -1) {
		docs := manifest.Documents([]byte(text))
		if len(docs) != 1 || docs[0].Err != nil || docs[0].Node == nil || len(docs[0].Duplicates) > 0 {
			continue
		}
		o, ok := lint.NewObject(docs[0].Node, nil)
		if !ok {
			continue
		}
		if k := loadTable().find(o); k == nil || k.form == nil {
			continue
		}
		unknown, refused := decode(decoder, text)
		if strings.Contains(refused, "invalid map key") {
			continue
		}
		documents++
		got := walk(o)
		mistyped := len(got.mistyped) > 0
		for _, q := range got.quantities {
			mistyped = mistyped || !q.form.takes(resolve(q.value(o).Node))
		}
		if mistyped != (refused != "") {
			t.Errorf("%s, document %d: %d values of a wrong type; the decoder says %q", path, i+1, len(got.mistyped), refused)
		}
		var mine []string
		for _, u := range got.unknown {
			mine = append(mine, unquote.Replace(u.value(o).Path()))
		}
		slices.Sort(mine)
		if refused == "" && !slices.Equal(mine, unknown) && !hasAlias(docs[0].Node) {
			t.Errorf("%s, document %d: unknown fields:\n%s\nthe decoder says:\n%s", path, i+1, strings.Join(mine, "\n"), strings.Join(unknown, "\n"))
		}
		if mistyped || len(mine) > 0 {
			defective++
		}
	}
	return documents, defective
}

// unquote writes a path as the decoder does: keys that hold dots have no quotes.
var unquote = strings.NewReplacer(`["`, ".", `"]`, "")

var unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)

// decode gives the fields that the decoder does not know, and what it cannot
// read at all.
func decode(decoder runtime.Decoder, text string) (unknown []string, refused string) {
	_, _, err := decoder.Decode([]byte(text), nil, nil)
	switch {
	case err == nil:
		return nil, ""
	case runtime.IsStrictDecodingError(err):
		for _, m := range unknownField.FindAllStringSubmatch(err.Error(), -1) {
			unknown = append(unknown, m[1])
		}
		slices.Sort(unknown)
		return slices.Compact(unknown), ""
	}
	return nil, err.Error()
}

// hasAlias reports whether a document uses aliases: walk looks at what they
// expand to once, the decoder each time.
func hasAlias(n *yaml.Node) bool {
	return n.Kind == yaml.AliasNode || slices.ContainsFunc(n.Content, hasAlias)
}

// FuzzResolve compares the reading of scalars with the decoder's.
func FuzzResolve(f *testing.F) {
	for _, s := range []string{
		"yes", "y", "No", "~", "null", "0777", "0o17", "0x1F", "0b101", "-0b1", "1_000", "1e3", ".5", "+1.5", "1.", "1e400", ".inf", "-.inf", ".nan",
		"2026-01-31", "12:30:45", "18446744073709551615", "99999999999999999999", "1.0", "-", ".", "+", "-0", "\"1\"", "'yes'", "!!str 5", "!!int 5", "!!float 5", "1e-7", "1e21", "<<", "=", "0.1e1", "-1", "1 Gi", "1-2", "\n#\n !",
	} {
		f.Add(s)
	}
	f.Fuzz(checkResolve)
}

// loneTag finds the tag "!", also behind comments.
var loneTag = regexp.MustCompile(`(^|\s)!([^!]|$)`)

func checkResolve(t *testing.T, text string) {
	if loneTag.MatchString(text) {
		return // the parser of nodes does not know this tag, which nobody writes
	}
	doc := "v: " + text + "\n"
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(doc), &n); err != nil || len(n.Content) == 0 || n.Content[0].Kind != yaml.MappingNode {
		return
	}
	m := n.Content[0].Content
	if len(m) != 2 || m[1].Kind != yaml.ScalarNode || n.Content[0].Style&yaml.FlowStyle != 0 {
		return
	}
	converted, err := sigsyaml.YAMLToJSON([]byte(doc))
	if err != nil {
		return
	}
	var want struct {
		V stdjson.RawMessage `json:"v"`
	}
	if err := stdjson.Unmarshal(converted, &want); err != nil || want.V == nil {
		return
	}
	got := resolve(m[1])
	if got.kind == scalarOther {
		return
	}
	var is string
	switch v := string(want.V); {
	case v == "null":
		is = "null"
	case v[0] == '"':
		var s string
		if err := stdjson.Unmarshal(want.V, &s); err != nil {
			t.Fatal(err)
		}
		is = "string " + s
	case v == "true" || v == "false":
		is = "bool " + v
	default:
		is = "number " + v
	}
	names := map[scalarKind]string{scalarNull: "null", scalarString: "string", scalarBool: "bool", scalarInt: "number", scalarFloat: "number"}
	mine := strings.TrimSuffix(names[got.kind]+" "+got.text, " ")
	if mine != strings.TrimSuffix(is, " ") {
		t.Errorf("%q reads as %s; kubectl reads %s", text, mine, is)
	}
}
