package manifest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/releaseutil"

	"github.com/kubevet/kubevet/lint/node"
)

// TestSplitHelm compares the parts of random texts with those of Helm's own
// function, and their lines and columns with the text.
func TestSplitHelm(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	parts := []string{"---", "---", "\n", "\n", " ", "\t", "a: b", "# c", "...", "--- ", "-", "x: |", "\f", "\u00a0", "ä", "\r\n"}
	for range 20000 {
		var b strings.Builder
		for range rnd.IntN(14) {
			b.WriteString(parts[rnd.IntN(len(parts))])
		}
		text := b.String()
		byName := releaseutil.SplitManifests(text)
		want := make([]string, 0, len(byName))
		for i := range len(byName) {
			if d := byName[fmt.Sprintf("manifest-%d", i)]; d != "" {
				want = append(want, d)
			}
		}
		var got []string
		lines := strings.Split(text, "\n")
		for _, c := range splitHelm([]byte(text)) {
			got = append(got, string(c.text))
			at := strings.Join(lines[c.line-1:], "\n")
			if rest := string([]rune(at)[c.column:]); !strings.HasPrefix(rest, string(c.text)) {
				t.Errorf("%q: %q is said to be at %d:%d", text, c.text, c.line, c.column)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q\n got %q\nHelm %q", text, got, want)
		}
	}
}

// TestHelmIndented pins that documents whose first line is indented are read, with
// the lines and columns of the text.
func TestHelmIndented(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"first line", "\n   apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", "apiVersion 2:16 metadata.name 4:18"},
		{"tab before a line", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n\t\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", "apiVersion 1:13 metadata.name 3:18 apiVersion 6:13 metadata.name 8:18"},
		{"comment behind a marker", "--- # c\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---", "apiVersion 2:13 metadata.name 4:18"},
		{"glued", "---apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", "apiVersion 1:16 metadata.name 3:18"},
	} {
		var got []string
		for _, d := range HelmDocuments([]byte(tt.text)) {
			if d.Err != nil {
				t.Errorf("%s: %v", tt.name, d.Err)
				continue
			}
			for _, path := range []string{"apiVersion", "metadata.name"} {
				n := node.NewValue(d.Node).Get(path).Node
				got = append(got, fmt.Sprintf("%s %d:%d", path, n.Line, n.Column))
			}
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, s, tt.want)
		}
	}
}
