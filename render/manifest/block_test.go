package manifest

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestBlockReader reads texts that the blockReader takes, and texts that it leaves to the parser.
func TestBlockReader(t *testing.T) {
	for _, text := range []string{
		"a: 1\n", "a:\n", "a:\nb: ~", "--- # c\na: b # c\n# c\n\n  # c\nb: c#d\n", "a:\n- 1\n- b: 2\n  c: 3\n-\n- - x\n  - y\nd: 4\n",
		"a:\n  - 1\n  -   b: 2\n      c:\n      - 3\n", "a: &x\n  b: 1\nc: *x\nd: &y [1, a, 'b']\ne: &z 5\nf: [{a: b, \"c\": d}, []]\ng: {}\n",
		"a: &x\n- 1\nb: *x\n", "a: &x 1\nb: &x 2\nc: *x\n", "<<: a\nb: <<\n", "- a\n- b\n", "a: 'it''s' # c\nb: \"x\\n\\\"\\\\\"\nc: ''\n",
		"a: |\n  x\n\n   y\n  \n\nb: |-\n    z\n  # c\nc: |+\n  z\n\n\nd: |\n\n  x\n", "a: |\n  x", "a: |+\n  x\n\n", "a: |\n  x\n    \n  y\n",
		"a: >\n  x\n  y\n\n  z\n   q\n  r\nb: >-\n  x\n\n\n  y\n", "- |\n x\n- >\n y\n", "a: 2001-01-01\nb: 0x1f\nc: 1_000\nd: 1e3\ne: .5\nf: -1\ng: yes\nh: True\ni: 0o7\nj: -.inf\n",
		"a: é ü # ß\nb: 'ü'\n", "a: --x\nb: -y\nc: -\u0031\n", "a: x [y] {z}, 'q' \"r\" &s *t !u %v @w\n", "1: a\ntrue: b\nnull: c\n",
		"'a b': c\n\"d\": e\n", "a: b\na: c\n", "a:\n\n\n  b: c\n\n", "a: b   \nc:   \n  d: e  # f\n",
		"a: b\n c\n", "a: b\n   - c # d\ne:\n- f\n\n  \n  #g\n", "a: b\n\n  \n  - c\n\n  d 'e\n\n\nf: g", "- a\n  b\n- c\n", "- a\n - b\n", "a:\n- b\n  c\n", "a: 'b\n  c'\n", "a: 'b  \n\n\n  ''c\n  d: '\ne: \"f \\n \n g #\n\n h\n \"  # i\n", "a: \"\n b\"\n", "- 'a\n b'\n",
	} {
		if !agrees(t, text, chunk{line: 1, text: []byte(text)}) {
			t.Errorf("%q is not read", text)
		}
	}
	for _, text := range []string{
		"", "a", "a\n", "a: [b,\n c]\n", "a: b: c\n", "a: *x\n", "a: !!str 1\n", "? a\n: b\n", "a: |2\n   x\n", "a: |\nb: c\n", "a: |\n    \n  x\n",
		"a: b\n  c: d\n", "a: b # c\n  d\n", "a: b\n  c # d\n  e\n", "a: 'b\nc'\n", "'a\n b': c\n", "a: ['b\n  c']\n", "a: \"b\\\n  c\"\n", "a: 'b\n", "a: 'b\n  c'd\n", "a:\n  b\n  c\n", "a: b\n  # c\n  d\n",
		"a:\tb\n", "a: b\r\n", "a: \"\\u0041\"\n", "a: \"\\", "\"\\", "a: \u0085\n", "a: \xff\n", "a: \ufeff\n", "%YAML 1.1\n", "a: b\n  c: d\n", " a: b\n", "a: &x\nb: c\n", "a: - b\n", "- a\nb: c\n",
		"a: 1\n- b\n", "a: @b\n", "a: [b c]\n", "a: [b,]\n", "a: {b}\n", "a: {b: }\n", "a: [b: c]\n", "a: \"b\"c\n", "a: [b]c\n", "a b: c\n", "a: b\n...\n", "- &a b: c\n", "a: |\n  x\n y\n",
		"- - a\n b: c\n", "a:\n    b: c\n  d: e\n", "a: & b\n", "a: -\n", "--- a\n", "{a: b}\n", strings.Repeat("a", 2000) + ": b\n", strings.Repeat("- ", 200) + "a\n",
	} {
		if agrees(t, text, chunk{line: 1, text: []byte(text)}) {
			t.Errorf("%q is read", text)
		}
	}
}

// TestBlockReaderAgrees reads the documents of the examples with the blockReader and with the
// parser. KUBEVET_YAML names a folder with more.
func TestBlockReaderAgrees(t *testing.T) {
	read, all := 0, 0
	for _, dir := range []string{"../../examples", os.Getenv("KUBEVET_YAML")} {
		if dir == "" {
			continue
		}
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() || !strings.HasSuffix(path, ".yaml") && !strings.HasSuffix(path, ".yml") {
				return nil //nolint:nilerr // what cannot be read is no test
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return nil //nolint:nilerr // what cannot be read is no test
			}
			for _, c := range split(UTF8(data)) {
				if !hasContent(c.text) {
					continue
				}
				all++
				if agrees(t, path, c) {
					read++
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if t.Logf("%d of %d documents", read, all); read == 0 {
		t.Error("no document was read")
	}
}

// FuzzBlockReader searches for a text that the blockReader reads in another way than the parser.
func FuzzBlockReader(f *testing.F) {
	for _, text := range []string{
		"a: 1\nb:\n- c: &x d\n  e: [f, {g: h}]\n- *x\n", "a: |\n  b\n\n   c\nd: >-\n  e\n  f\n\n  g\n", "a: 'b''c'\nd: \"e\\n\" # f\n", "<<: &a\n  b: c\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, c := range slices.Concat(split(data), splitHelm(data)) {
			if hasContent(c.text) {
				agrees(t, "fuzz", c)
			}
		}
	})
}

// agrees reports whether the blockReader reads a text. It is an error if the parser reads
// it in another way.
func agrees(t *testing.T, name string, c chunk) bool {
	t.Helper()
	got, ok := c.block(&compactor{})
	if !ok {
		return false
	}
	want := c.parse(&compactor{})
	if len(want) != 1 || want[0].Line != got.Line || fmt.Sprint(want[0].Err) != fmt.Sprint(got.Err) || len(want[0].Duplicates) != len(got.Duplicates) {
		t.Errorf("%s:%d: %+v, want %+v\n%s", name, c.line, got, want, c.text)
		return true
	}
	if diff := differ(got.Node, want[0].Node, map[*yaml.Node]*yaml.Node{}); diff != "" {
		t.Errorf("%s:%d: %s", name, c.line, diff)
	}
	return true
}

// differ says how two trees differ. Pairs are nodes that are in the same place of both.
func differ(a, b *yaml.Node, pairs map[*yaml.Node]*yaml.Node) string {
	if a == nil || b == nil {
		if a != b {
			return "one is nil"
		}
		return ""
	}
	pairs[a] = b
	x, y := *a, *b
	x.Content, y.Content, x.Alias, y.Alias = nil, nil, nil, nil
	switch {
	case fmt.Sprintf("%#v", x) != fmt.Sprintf("%#v", y):
		return fmt.Sprintf("%#v, want %#v", x, y)
	case len(a.Content) != len(b.Content):
		return fmt.Sprintf("line %d: %d children, want %d", a.Line, len(a.Content), len(b.Content))
	case a.Alias != nil && pairs[a.Alias] != b.Alias:
		return fmt.Sprintf("line %d: alias of another node", a.Line)
	}
	for i := range a.Content {
		if d := differ(a.Content[i], b.Content[i], pairs); d != "" {
			return d
		}
	}
	return ""
}
