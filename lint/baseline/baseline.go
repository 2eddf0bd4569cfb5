// Package baseline lets a team live with the findings that are there today and
// hear of new ones only. A baseline holds fingerprints with counts: moved lines
// change nothing, and a second defect of one fingerprint is new.
package baseline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// version is that of the file format.
const version = 1

// Reason is that of findings which a baseline ignores.
const Reason = "baseline"

// Entry is findings of one fingerprint.
type Entry struct {
	// Rule, File, Object, Container and Path are for people to read. File is
	// relative to the root of the repository; Path has no indexes.
	Rule      string `json:"rule"`
	File      string `json:"file,omitempty"`
	Object    string `json:"object,omitempty"`
	Container string `json:"container,omitempty"`
	Path      string `json:"path,omitempty"`
	// Fingerprint is what findings are known by.
	Fingerprint string `json:"fingerprint"`
	// Count is how many places have it; at least one.
	Count int `json:"count"`
}

// Baseline is findings that are known.
type Baseline struct {
	// Entries have one fingerprint each, and are sorted as people read them.
	Entries []Entry
	// Problems are the accepted problems, sorted.
	Problems []Problem
}

// Options say how findings are named and which entries a run can judge.
type Options struct {
	// File is how reports call the baseline.
	File string
	// Reason is why the baseline ignores findings. It is empty for Reason of this
	// package.
	Reason string
	// Prefix is the path of the working directory relative to the root of the
	// repository, as in lint.Checker.
	Prefix string
	// Ran are the rules that ran. Entries of others are not stale.
	Ran []*lint.Rule
	// Paths are what was linted, relative to the working directory: entries of
	// files in other places are not stale. If it is empty, all files count.
	Paths []string
	// Incomplete says that something could not be checked. Nothing is stale then.
	Incomplete bool
}

// New makes a baseline of findings as Checker gives them. Those that are
// ignored already are left out.
func New(findings []*lint.Finding, opts Options) *Baseline {
	b := &Baseline{}
	for _, places := range group(findings) {
		f := places[0][0]
		b.Entries = append(b.Entries, Entry{
			Rule: f.Rule.ID, File: f.Origin.Printed().Under(opts.Prefix).File, Object: f.Object.String(), Container: f.Container,
			Path: f.StablePath(), Fingerprint: f.Fingerprint, Count: len(places),
		})
	}
	b.sort()
	return b
}

func (b *Baseline) sort() {
	slices.SortFunc(b.Entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Object, b.Object),
			cmp.Compare(a.Container, b.Container), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	slices.SortFunc(b.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
}

// place distinguishes defects of one fingerprint: several units that
// show one line show one defect.
type place struct {
	lint.Position
	message string
}

// group gives the findings of each fingerprint, by place, sorted. Those that
// are ignored already are left out.
func group(findings []*lint.Finding) [][][]*lint.Finding {
	l := slices.DeleteFunc(slices.Clone(findings), func(f *lint.Finding) bool { return f.Ignored != nil })
	at := func(f *lint.Finding) place { return place{f.Origin.Printed(), f.Message} }
	slices.SortFunc(l, func(a, b *lint.Finding) int {
		return cmp.Or(cmp.Compare(a.Fingerprint, b.Fingerprint), a.Origin.Printed().Compare(b.Origin.Printed()),
			cmp.Compare(a.Message, b.Message), a.Object.Compare(b.Object))
	})
	var groups [][][]*lint.Finding
	for i, f := range l {
		switch {
		case i == 0 || f.Fingerprint != l[i-1].Fingerprint:
			groups = append(groups, [][]*lint.Finding{{f}})
		case at(f) != at(l[i-1]):
			last := &groups[len(groups)-1]
			*last = append(*last, []*lint.Finding{f})
		default:
			last := groups[len(groups)-1]
			last[len(last)-1] = append(last[len(last)-1], f)
		}
	}
	return groups
}

// Apply separates new findings from known ones; the latter are copies that the
// baseline ignores. Findings must be as Checker gives them, after ignore.Applier:
// those that are ignored already are in neither. Of findings of one
// fingerprint the first places are the known ones. Stale are the entries, or the
// part of their counts, that no finding is left for.
func (b *Baseline) Apply(findings []*lint.Finding, opts Options) (fresh, known []*lint.Finding, stale []Entry) {
	left := map[string]int{}
	for _, e := range b.Entries {
		left[e.Fingerprint] += e.Count
	}
	for _, places := range group(findings) {
		for _, same := range places {
			fingerprint := same[0].Fingerprint
			if left[fingerprint] == 0 {
				fresh = append(fresh, same...)
				continue
			}
			left[fingerprint]--
			for _, f := range same {
				known = append(known, f.AsIgnored(lint.Ignored{By: lint.ByBaseline, Reason: cmp.Or(opts.Reason, Reason), Position: lint.Position{File: opts.File}}))
			}
		}
	}
	for _, e := range b.Entries {
		if n := left[e.Fingerprint]; n > 0 && opts.judges(e) {
			e.Count = n
			stale = append(stale, e)
		}
	}
	return fresh, known, stale
}

// Mark gives all findings, with those that the baseline knows as copies that it
// ignores, and the stale entries. See Apply.
func (b *Baseline) Mark(findings []*lint.Finding, opts Options) (marked []*lint.Finding, stale []Entry) {
	fresh, known, stale := b.Apply(findings, opts)
	for _, f := range findings {
		if f.Ignored != nil {
			marked = append(marked, f)
		}
	}
	return slices.Concat(marked, fresh, known), stale
}

// judges reports whether a run can say that an entry is stale.
func (o Options) judges(e Entry) bool {
	if o.Incomplete || !slices.ContainsFunc(o.Ran, func(r *lint.Rule) bool { return r.IsCalled(e.Rule) }) {
		return false
	}
	return o.covers(e.File)
}

// covers reports whether a file, relative to the root of the repository, was linted.
func (o Options) covers(file string) bool {
	return len(o.Paths) == 0 || slices.ContainsFunc(o.Paths, func(p string) bool {
		dir := path.Clean(lint.Position{File: cmp.Or(p, ".")}.Under(o.Prefix).File)
		return dir == "." || file == dir || strings.HasPrefix(file, dir+"/")
	})
}

// Prune is the baseline without what is stale. It only ever gets smaller.
func (b *Baseline) Prune(stale []Entry) *Baseline {
	fixed := map[string]int{}
	for _, e := range stale {
		fixed[e.Fingerprint] += e.Count
	}
	p := &Baseline{Problems: b.Problems}
	for _, e := range b.Entries {
		if e.Count -= fixed[e.Fingerprint]; e.Count > 0 {
			p.Entries = append(p.Entries, e)
		}
	}
	return p
}

// Notes reports stale entries and problems: one note, with a line for each in its
// detail.
func Notes(stale []Entry, fixed []Problem, opts Options) []lint.Problem {
	if len(stale)+len(fixed) == 0 {
		return nil
	}
	var detail strings.Builder
	for _, e := range stale {
		fmt.Fprintf(&detail, "%s: %s", cmp.Or(e.File, "unknown place"), e.Rule)
		for _, s := range []struct{ label, text string }{{" in ", e.Object}, {", container ", e.Container}, {", ", e.Path}} {
			if s.text != "" {
				fmt.Fprint(&detail, s.label+s.text)
			}
		}
		if e.Count > 1 {
			fmt.Fprintf(&detail, " (%d)", e.Count)
		}
		fmt.Fprintln(&detail)
	}
	for _, p := range fixed {
		fmt.Fprintf(&detail, "%s: %s: %s\n", cmp.Or(p.File, "unknown place"), p.Code, p.Message)
	}
	entries := "entries have"
	if len(stale)+len(fixed) == 1 {
		entries = "entry has"
	}
	what := "finding"
	if len(stale) == 0 {
		what = "problem"
	} else if len(fixed) > 0 {
		what = "finding or problem"
	}
	return []lint.Problem{{
		Position: lint.Position{File: opts.File},
		Message:  fmt.Sprintf("%d %s no %s any more", len(stale)+len(fixed), entries, what),
		Help:     "take them out with kubevet baseline --prune; -v lists them",
		Detail:   detail.String(),
	}}
}

// document is the file, as it is read.
type document struct {
	Version  int     `json:"version"`
	Findings []Entry `json:"findings"`
	// Problems is only there if any are accepted.
	Problems []Problem `json:"problems"`
}

// Read reads a baseline. The error says what is wrong with the file.
func Read(in io.Reader) (*Baseline, error) {
	data, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	// The version first: another one may have other fields.
	var head struct {
		Version *int `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, describe(data, err)
	}
	switch {
	case head.Version == nil:
		return nil, errors.New("no baseline: it has no version")
	case *head.Version != version:
		return nil, fmt.Errorf("version %d of the baseline is not known; want %d", *head.Version, version)
	}
	var d document
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return nil, describe(data, err)
	}
	b := &Baseline{Entries: d.Findings, Problems: d.Problems}
	for i, p := range b.Problems {
		if p.Code == "" || p.Message == "" {
			return nil, fmt.Errorf("problem %d has no code or no message", i+1)
		}
	}
	seen := map[string]bool{}
	for i, e := range b.Entries {
		switch {
		case e.Fingerprint == "" || e.Rule == "":
			return nil, fmt.Errorf("finding %d has no fingerprint or no rule", i+1)
		case e.Count < 1:
			return nil, fmt.Errorf("finding %d has the count %d; want 1 or more", i+1, e.Count)
		case seen[e.Fingerprint]:
			return nil, fmt.Errorf("finding %d has the fingerprint %s of another", i+1, e.Fingerprint)
		}
		seen[e.Fingerprint] = true
	}
	b.sort()
	return b, nil
}

// describe names the line of an error, where it is known.
func describe(data []byte, err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		at := min(int(syntax.Offset), len(data))
		return fmt.Errorf("line %d: %w", bytes.Count(data[:at], []byte("\n"))+1, err)
	}
	return fmt.Errorf("no baseline: %w", err)
}

// Write writes a baseline, with each finding on a line of its own: changes are
// easy to read, and those of two branches merge.
func (b *Baseline) Write(out io.Writer) error {
	var w bytes.Buffer
	fmt.Fprintf(&w, "{\n  \"version\": %d,\n  \"findings\": ", version)
	if err := writeList(&w, b.Entries); err != nil {
		return err
	}
	if len(b.Problems) > 0 {
		w.WriteString(",\n  \"problems\": ")
		if err := writeList(&w, b.Problems); err != nil {
			return err
		}
	}
	w.WriteString("\n}\n")
	_, err := out.Write(w.Bytes())
	return err
}

// writeList writes a list with each element on a line of its own.
func writeList[E any](w *bytes.Buffer, l []E) error {
	w.WriteByte('[')
	for i, e := range l {
		if i > 0 {
			w.WriteByte(',')
		}
		w.WriteString("\n    ")
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(e); err != nil {
			return err
		}
		w.Truncate(w.Len() - 1) // the line break of the encoder
	}
	if len(l) > 0 {
		w.WriteString("\n  ")
	}
	w.WriteByte(']')
	return nil
}
