package session

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report/places"
)

// wantedValues are values for what depends on the application, by the key.
var wantedValues = map[string]string{"cpu": "100m", "memory": "64Mi", "ephemeral-storage": "1Gi"}

// TestPaste pastes the lines that reports offer, fills in what depends on the
// application, and lints again: the findings that the lines are for are fixed, and
// nothing else came.
func TestPaste(t *testing.T) {
	archives, err := filepath.Glob("testdata/paste/*.txtar")
	if err != nil || len(archives) < 2 {
		t.Fatalf("%d archives, %v", len(archives), err)
	}
	for _, name := range archives {
		t.Run(filepath.Base(name), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files, err := txtar.FS(archive)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := os.CopyFS(dir, files); err != nil {
				t.Fatal(err)
			}
			t.Chdir(dir)
			before := lintHere(t)
			fixed := map[string]bool{}
			var pasted []string
			for _, f := range places.Group(before.Findings) {
				for _, p := range slices.SortedFunc(slices.Values(f.Places), func(a, b *places.Place) int { return cmp.Or(b.Line-a.Line, b.Column-a.Column) }) {
					if p.Add == nil {
						continue
					}
					for _, g := range p.Add.Fixes {
						fixed[g.Rule.ID+" "+g.Fingerprint] = true
					}
					pasted = append(pasted, paste(t, p)...)
				}
			}
			if want := string(archive.Comment); strings.Join(pasted, "\n")+"\n" != want {
				t.Errorf("pasted:\n%s\nwant:\n%s", strings.Join(pasted, "\n"), want)
			}
			known := map[string]bool{}
			for _, f := range before.Findings {
				known[f.Rule.ID+" "+f.Fingerprint] = true
			}
			after := lintHere(t)
			if len(after.Problems) > 0 {
				t.Errorf("problems: %v", after.Problems)
			}
			for _, f := range after.Findings {
				switch id := f.Rule.ID + " " + f.Fingerprint; {
				case fixed[id]:
					t.Errorf("still there: %s: %s", f.Origin.Position, f.Message)
				case !known[id]:
					t.Errorf("new: %s: %s", f.Origin.Position, f.Message)
				}
			}
		})
	}
}

// lintHere lints the working directory, with values.yaml of the test if there is one.
func lintHere(t *testing.T) *lint.Report {
	t.Helper()
	o := Options{NoConfig: true, Jobs: 1}
	if _, err := os.Stat("pasted-values.yaml"); err == nil {
		o.Values = []string{"pasted-values.yaml"}
	}
	r, err := New(o).Lint(t.Context(), []string{"."})
	if err != nil {
		t.Fatal(err)
	}
	return r.Report()
}

// paste adds the lines of a place to its file, or to the values that the chart is
// linted with. It returns the lines as they were offered.
func paste(t *testing.T, p *places.Place) (offered []string) {
	t.Helper()
	var add []string
	for _, l := range p.Add.Lines {
		offered = append(offered, l.Text)
		text := l.Text
		for key, value := range wantedValues {
			text = strings.ReplaceAll(text, key+": "+places.Placeholder, key+": "+value)
		}
		add = append(add, text)
	}
	if p.Add.InValues {
		have, err := os.ReadFile("pasted-values.yaml")
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if err := os.WriteFile("pasted-values.yaml", []byte(string(have)+strings.Join(add, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return offered
	}
	data, err := os.ReadFile(p.File)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	if b := p.Add.Brace; b > 0 {
		line := []rune(lines[p.Line-1])
		add = slices.Concat([]string{string(line[:b])}, add, []string{strings.Repeat(" ", b) + string(line[b:])})
		lines = slices.Concat(lines[:p.Line-1], add, lines[p.Line:])
		if err := os.WriteFile(p.File, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		return offered
	}
	from := p.Line
	if p.Add.Replaces {
		from--
	}
	to := p.Line
	if p.Add.BelowEntry { // below the list that begins at the line
		for to < len(lines) && (strings.HasPrefix(lines[to], strings.Repeat(" ", p.Column)) || strings.HasPrefix(lines[to], strings.Repeat(" ", p.Column-1)+"- ")) {
			to++
		}
		from = to
	}
	lines = slices.Concat(lines[:from], add, lines[to:])
	if err := os.WriteFile(p.File, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return offered
}
