package checklist

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kubevet/kubevet/lint"
)

// Report is the verdicts of a run as JSON has them, and as every format is made of
// them. Within one Version no field is renamed or removed.
type Report struct {
	// Version is that of the form: 1.
	Version int       `json:"version"`
	Tool    lint.Tool `json:"tool"`
	// Date is the day that dates were compared with: 2026-05-01.
	Date string `json:"date"`
	// Revision is the commit that the repository was at. Empty: unknown.
	Revision string `json:"revision,omitempty"`
	// Standard is what the items are of: checklist, or another standard.
	Standard string  `json:"standard"`
	Score    Score   `json:"score"`
	Entries  []Entry `json:"items"`
	// Problems is how many parts of the input could not be checked.
	Problems int `json:"problems"`
	// Notes say what the verdicts do not cover, such as charts that are not in the input.
	Notes []ReportNote `json:"notes,omitempty"`
}

// ReportNote is a fact about the input that a reader of the verdicts must know.
type ReportNote struct {
	Message string `json:"message"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
}

// Entry is an item with its verdict.
type Entry struct {
	ID      string `json:"id"`
	Section string `json:"section"`
	Title   string `json:"title"`
	// Decided is files, files and attestation, or attestation.
	Decided  string         `json:"decided"`
	Verdict  Verdict        `json:"verdict"`
	Subjects []Count        `json:"subjects"`
	Findings []EntryFinding `json:"findings"`
	// Accepted is how many findings a comment or the configuration accepts.
	Accepted int `json:"accepted,omitempty"`
	// Advice is how many findings there are of rules that do not decide the item.
	Advice      int               `json:"advice,omitempty"`
	Evidence    []EntryEvidence   `json:"evidence"`
	Attestation *EntryAttestation `json:"attestation,omitempty"`
	// Reason is why the item does not apply.
	Reason string `json:"reason,omitempty"`
	// Needs is what would change the verdict.
	Needs string   `json:"needs,omitempty"`
	Rules []string `json:"rules"`
}

// EntryFinding is a finding of an item.
type EntryFinding struct {
	Rule        string `json:"rule"`
	Severity    string `json:"severity"`
	Message     string `json:"message"`
	File        string `json:"file"`
	Line        int    `json:"line,omitempty"`
	Column      int    `json:"column,omitempty"`
	Occurrences int    `json:"occurrences"`
	Fix         string `json:"fix"`
	Fingerprint string `json:"fingerprint"`
}

// EntryEvidence is a place that speaks for an item.
type EntryEvidence struct {
	File string `json:"file"`
	Line int    `json:"line,omitempty"`
	Says string `json:"says"`
}

// EntryAttestation is a person's word. The dates are days: 2026-05-01.
type EntryAttestation struct {
	By       string `json:"by"`
	Date     string `json:"date"`
	Evidence string `json:"evidence"`
	// Expires is the first day on which it is no longer valid.
	Expires string `json:"expires"`
}

// Score counts verdicts.
type Score struct {
	// Good is how many items pass or are attested, and Of how many apply.
	Good int `json:"good"`
	Of   int `json:"of"`
	// Percent is Good of Of, rounded down. It is 100 if no item applies.
	Percent int `json:"percent"`
}

// ScoreOf counts the verdicts of some items.
func ScoreOf(entries []Entry) Score {
	var s Score
	for _, e := range entries {
		switch e.Verdict {
		case NotApplicable:
			continue
		case Pass, Attested:
			s.Good++
		default:
		}
		s.Of++
	}
	s.Percent = 100
	if s.Of > 0 {
		s.Percent = s.Good * 100 / s.Of
	}
	return s
}

// NewReport makes a report of rows. The caller sets Tool.Version, Tool.Kubernetes
// and Revision.
func NewReport(standard string, rows []Row, in *Input) *Report {
	r := &Report{Version: 1, Standard: standard, Date: in.Now.Format(time.DateOnly), Problems: len(in.Report.Problems)}
	r.Tool = lint.NewTool(in.AllRules)
	for _, row := range rows {
		r.Entries = append(r.Entries, entryOf(row))
	}
	for _, n := range in.Report.Notes {
		r.Notes = append(r.Notes, ReportNote{n.Message, n.File, n.Line})
	}
	r.Score = ScoreOf(r.Entries)
	return r
}

func entryOf(r Row) Entry {
	e := Entry{
		ID: r.ID, Section: r.Section, Title: r.Title, Decided: r.Decided.String(), Verdict: r.Verdict, Accepted: len(r.Accepted), Advice: r.Advice,
		Subjects: nonNil(r.Subjects), Rules: nonNil(r.Rules), Reason: r.Reason, Needs: r.Needs,
		Findings: []EntryFinding{}, Evidence: []EntryEvidence{},
	}
	for _, f := range r.Findings {
		e.Findings = append(e.Findings, EntryFinding{
			Rule: f.Rule.ID, Severity: f.Severity.String(), Message: f.Message, File: f.Origin.File, Line: f.Origin.Line, Column: f.Origin.Column,
			Occurrences: max(1, len(f.Occurrences)), Fix: f.Fix.Title, Fingerprint: f.Fingerprint,
		})
	}
	for _, v := range r.Evidence {
		e.Evidence = append(e.Evidence, EntryEvidence{v.Position.File, v.Position.Line, v.Says})
	}
	if a := r.Attestation; a != nil {
		e.Attestation = &EntryAttestation{a.By, a.Date.Format(time.DateOnly), a.Evidence, a.Expires.Format(time.DateOnly)}
	}
	return e
}

func nonNil[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// Read reads a report that the format json has written.
func Read(data []byte) (*Report, error) {
	var r Report
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, errors.New("it is not JSON that kubevet checklist has written")
	}
	if r.Version != 1 || r.Tool.Name != "kubevet" || r.Entries == nil {
		return nil, errors.New("it is no checklist report of version 1; `kubevet checklist --format json` writes one")
	}
	for _, e := range r.Entries {
		if !slices.Contains(Verdicts, e.Verdict) {
			return nil, fmt.Errorf("item %q has the verdict %q, which this version does not know", e.ID, string(e.Verdict))
		}
	}
	return &r, nil
}

// Find is the entry of an ID, nil if there is none.
func (r *Report) Find(id string) *Entry {
	for i := range r.Entries {
		if r.Entries[i].ID == id {
			return &r.Entries[i]
		}
	}
	return nil
}

// Only is the report with some items alone. The score is that of these.
func (r *Report) Only(keep func(Entry) bool) *Report {
	c := *r
	c.Entries = []Entry{}
	for _, e := range r.Entries {
		if keep(e) {
			c.Entries = append(c.Entries, e)
		}
	}
	c.Score = ScoreOf(c.Entries)
	return &c
}
