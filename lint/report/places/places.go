// Package places groups the findings of a report by what a person edits: one place in
// one file, with all that is wrong there and the lines to add.
package places

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// File is the places of one file.
type File struct {
	// Name is the file's. Empty: the findings are in no known file.
	Name string
	// Places come worst first, then in the order of the file.
	Places []*Place
}

// Place is where a person edits, and the findings that this concerns.
type Place struct {
	// Origin is the place, with its source line. The trail is that of the first finding.
	lint.Origin
	// Severity is that of the worst finding.
	Severity lint.Severity
	// Findings are all of the place, the worst first.
	Findings []*lint.Finding
	// Add are the lines to add. They fix the findings that Add names. They are nil if there are none.
	Add *Snippet
}

// key is equal for findings of one place.
type key struct {
	at lint.Position
	// object is set where the place has no line.
	object lint.ObjectRef
	// values is set if the lines to add belong into a values file that is not at.
	values bool
}

func keyOf(f *lint.Finding) key {
	k := key{at: f.Origin.Position}
	_, k.values = valuesKey(f)
	if f.Origin.Line == 0 {
		k.object = f.Object
	}
	return k
}

// Group groups findings by file and place, with the lines to add: the file with the worst place first.
func Group(findings []*lint.Finding) []*File {
	files := group(findings)
	for _, f := range files {
		for _, p := range f.Places {
			p.Add = newSnippet(p)
		}
	}
	return files
}

// Ordered are findings in the order of Group: that in which people read them.
func Ordered(findings []*lint.Finding) []*lint.Finding {
	l := make([]*lint.Finding, 0, len(findings))
	for _, f := range group(findings) {
		for _, p := range f.Places {
			l = append(l, p.Findings...)
		}
	}
	return l
}

// Count is how many places findings are at.
func Count(findings []*lint.Finding) int {
	seen := map[key]bool{}
	for _, f := range findings {
		seen[keyOf(f)] = true
	}
	return len(seen)
}

// group is Group without the lines to add.
func group(findings []*lint.Finding) []*File {
	byKey := map[key]*Place{}
	byName := map[string]*File{}
	for _, f := range findings {
		k := keyOf(f)
		p := byKey[k]
		if p == nil {
			p = &Place{Origin: f.Origin, Severity: f.Severity}
			p.Trail = f.CommonTrail()
			byKey[k] = p
			file := byName[f.Origin.File]
			if file == nil {
				file = &File{Name: f.Origin.File}
				byName[file.Name] = file
			}
			file.Places = append(file.Places, p)
		}
		p.Severity = min(p.Severity, f.Severity)
		p.Findings = append(p.Findings, f)
	}
	for _, f := range byName {
		for _, p := range f.Places {
			slices.SortStableFunc(p.Findings, func(a, b *lint.Finding) int {
				return cmp.Or(cmp.Compare(a.Severity, b.Severity), strings.Compare(a.Rule.ID, b.Rule.ID))
			})
		}
		slices.SortStableFunc(f.Places, func(a, b *Place) int {
			return cmp.Or(cmp.Compare(a.Severity, b.Severity), a.Compare(b.Position))
		})
	}
	return slices.SortedFunc(maps.Values(byName), func(a, b *File) int {
		return cmp.Or(cmp.Compare(a.Places[0].Severity, b.Places[0].Severity), strings.Compare(a.Name, b.Name))
	})
}

// maxHeld is how many findings of a file Each holds.
const maxHeld = 1 << 15

// Each goes through the findings of files in the order of Ordered, without holding all
// of a large file. To read findings is costly: it does so twice for a file that it can
// hold, and more often only for others. Each file's must be sorted by position.
func Each(files []iter.Seq[*lint.Finding], do func(*lint.Finding)) {
	var l []*readFile
	for _, findings := range files {
		f := &readFile{findings: findings, worst: lint.Low}
		for g := range findings {
			f.name, f.worst = g.Origin.File, min(f.worst, g.Severity)
			f.n++
		}
		l = append(l, f)
	}
	slices.SortStableFunc(l, func(a, b *readFile) int {
		return cmp.Or(cmp.Compare(a.worst, b.worst), strings.Compare(a.name, b.name))
	})
	for _, f := range l {
		f.each(do)
	}
}

// readFile is a file whose findings are read whenever they are needed.
type readFile struct {
	findings iter.Seq[*lint.Finding]
	name     string
	n        int
	worst    lint.Severity
}

func (f *readFile) each(do func(*lint.Finding)) {
	if f.n <= maxHeld {
		for _, g := range Ordered(slices.Collect(f.findings)) {
			do(g)
		}
		return
	}
	for _, severity := range lint.Severities[f.worst-lint.Critical:] {
		for p := range byLine(f.findings) {
			if p.Severity != severity {
				continue
			}
			for _, g := range p.Findings {
				do(g)
			}
		}
	}
}

// byLine yields the places of a file, line by line.
func byLine(findings iter.Seq[*lint.Finding]) iter.Seq[*Place] {
	return func(yield func(*Place) bool) {
		var l []*lint.Finding
		flush := func() bool {
			for _, f := range group(l) {
				for _, p := range f.Places {
					if !yield(p) {
						return false
					}
				}
			}
			l = nil
			return true
		}
		for f := range findings {
			if len(l) > 0 && f.Origin.Line != l[0].Origin.Line && !flush() {
				return
			}
			l = append(l, f)
		}
		flush()
	}
}

// Others are the findings of the place that adding lines does not fix.
func (p *Place) Others() []*lint.Finding {
	if p.Add == nil {
		return p.Findings
	}
	return slices.DeleteFunc(slices.Clone(p.Findings), func(f *lint.Finding) bool { return slices.Contains(p.Add.Fixes, f) })
}

// Headline says what the lines to add are for: container "agent" lacks 5 settings. Of
// one setting it is the message of the finding. It is empty if there are no lines.
func (p *Place) Headline() string {
	switch {
	case p.Add == nil:
		return ""
	case len(p.Add.Fixes) == 1:
		return p.Add.Fixes[0].Message
	case p.Add.settings == 1:
		return p.subject() + " lacks a setting"
	}
	return fmt.Sprintf("%s lacks %d settings", p.subject(), p.Add.settings)
}

// subject is what the lines are added to: a container, a pod, or a key.
func (p *Place) subject() string {
	first := p.Add.Fixes[0]
	same := func(of func(f *lint.Finding) string) bool {
		return !slices.ContainsFunc(p.Add.Fixes, func(f *lint.Finding) bool { return of(f) != of(first) })
	}
	if k := p.entryKey(first); k != "" {
		return k
	}
	if k := p.key(); k != "" && first.Fix.Addition.Indent > 0 && !p.Add.InValues {
		return k
	}
	if first.Subject != "" && first.Container != "" && same(func(f *lint.Finding) string { return f.Subject }) {
		return first.Subject
	}
	if first.Subject != "" {
		return containers(p.Add.Fixes)
	}
	return first.Object.String()
}

// entryKey is the whole key of the values entry that is the place, such as
// api.resources. Empty: the place is none.
func (p *Place) entryKey(f *lint.Finding) string {
	for _, s := range f.Origin.Trail {
		if s.Kind == lint.StepValues && s.Missing && s.Position == p.Position {
			return strings.TrimSuffix(s.Label, "."+f.Fix.Addition.Path)
		}
	}
	return ""
}

// key is the text at the place: the key of a mapping. Empty: it is not known.
func (p *Place) key() string {
	runes := []rune(p.Text)
	if p.Column < 1 || p.EndColumn <= p.Column || p.EndColumn-1 > len(runes) {
		return ""
	}
	return string(runes[p.Column-1 : p.EndColumn-1])
}

// containers counts the containers and pods in which findings occur.
func containers(findings []*lint.Finding) string {
	names := map[string]bool{}
	noun := "pod"
	for _, f := range findings {
		for _, o := range f.Occurrences {
			names[o.Object.String()+"\x00"+o.Container] = true
			if o.Container != "" {
				noun = "container"
			}
		}
	}
	if len(names) == 1 {
		return "the " + noun
	}
	return fmt.Sprintf("each of %d %ss", len(names), noun)
}
