package checklist

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubevet/kubevet/lint"
)

// Verdict is what is known of an item.
type Verdict string

// The verdicts. Pass, Attested and NotApplicable are good; the others are not.
const (
	// Pass: the input holds subjects of the item, and no rule of it finds anything.
	// Where a person's word belongs to the item, it is given.
	Pass Verdict = "pass"
	// Fail: a rule of the item finds something.
	Fail Verdict = "fail"
	// Attested: a person gives their word, and no file says otherwise.
	Attested Verdict = "attested"
	// Expired: the word that was given is too old.
	Expired Verdict = "expired"
	// NeedsAttestation: nobody gives their word, and files alone cannot decide the item.
	NeedsAttestation Verdict = "needs-attestation"
	// NoEvidence: the input holds nothing that the item is about.
	NoEvidence Verdict = "no-evidence"
	// NotApplicable: the team says that the item does not apply to it.
	NotApplicable Verdict = "not-applicable"
)

// Verdicts is every verdict, the good ones first. It must not be changed.
var Verdicts = []Verdict{Pass, Attested, NotApplicable, Fail, Expired, NeedsAttestation, NoEvidence}

// IsGood reports whether a verdict is pass, attested or not applicable.
func (v Verdict) IsGood() bool { return v == Pass || v == Attested || v == NotApplicable }

// String gives the verdict in words: needs attestation.
func (v Verdict) String() string { return strings.ReplaceAll(string(v), "-", " ") }

// Attestation is a person's word that an item holds.
type Attestation struct {
	Item string `json:"-"`
	By   string `json:"by"`
	// Date is the day on which they found it to hold.
	Date time.Time `json:"date"`
	// Evidence is a link, or a file of the repository.
	Evidence string `json:"evidence"`
	// Expires is the first day on which it is no longer valid. Zero: the maximum age of
	// the item decides. Evaluate sets it.
	Expires time.Time `json:"expires"`
	// Position is where the configuration has it.
	Position lint.Position `json:"-"`
}

// Exemption says that an item does not apply.
type Exemption struct {
	Item, Reason string
	// By and Date say who decided it and when. They may be empty.
	By       string
	Date     time.Time
	Position lint.Position
}

// Input is what the verdicts come from.
type Input struct {
	// Report has the findings of a run, ignored ones too.
	Report *lint.Report
	// Rules are those that ran.
	Rules []*lint.Rule
	// AllRules are those that exist.
	AllRules     []*lint.Rule
	View         View
	Attestations []Attestation
	Exemptions   []Exemption
	// Revision is the commit that the repository is at. It is empty if unknown.
	Revision string
	// Kubernetes is the version that the input was checked for.
	Kubernetes lint.Version
	// Now is the day of the report.
	Now time.Time
}

// Row is a requirement with its verdict.
type Row struct {
	ID, Title string
	// Section is the title of the section that the row is in.
	Section string
	Decided Decided
	Verdict Verdict
	// Subjects are those that the input holds, with their number.
	Subjects []Count
	// Findings are those of the rules of the row, the worst first. Accepted are those
	// that comments or the configuration accept.
	Findings, Accepted []*lint.Finding
	// Advice is how many findings there are of rules that do not decide the row.
	Advice int
	// Evidence is where the input speaks for the row.
	Evidence []Evidence
	// Attestation is nil if nobody attests the row.
	Attestation *Attestation
	// Reason is why the row does not apply. Empty if it does.
	Reason string
	// Needs says what would change the verdict. Empty if it is good.
	Needs string
	// Rules are the IDs of the rules that decide the row.
	Rules []string
}

// Count is a number of subjects.
type Count struct {
	Subject Subject `json:"subject"`
	N       int     `json:"count"`
}

// String gives "1 workload" or "3 workloads".
func (c Count) String() string {
	one, ok := singular[c.Subject]
	if !ok {
		one = string(c.Subject)
	}
	return lint.Count(c.N, one, string(c.Subject))
}

// Tally counts the row's findings by severity.
func (r Row) Tally() (t lint.Tally) {
	for _, f := range r.Findings {
		t[f.Severity]++
	}
	return t
}

// Evaluate gives every item of the checklist its verdict, in the order of the checklist.
func Evaluate(in Input) []Row {
	var rows []Row
	for _, i := range Items {
		rows = append(rows, in.item(i))
	}
	return rows
}

// deciding lists the IDs of the rules that decide an item, and those of the items
// that it is decided as.
func (i Item) deciding() []string {
	l := slices.Clone(i.Rules)
	for _, id := range i.As {
		if other, ok := Find(id); ok {
			l = append(l, other.deciding()...)
		}
	}
	return l
}

func (in *Input) item(i Item) Row {
	r := Row{ID: i.ID, Title: i.Title, Section: i.Section().Title, Decided: i.Decided}
	ids := append([]string{i.ID}, i.As...)
	var advice []string
	r.Rules, advice = RulesOf(i, in.AllRules)
	in.files(&r, i.Subjects)
	for _, f := range in.Report.Findings {
		if slices.Contains(advice, f.Rule.ID) {
			r.Advice++
		}
	}
	for _, e := range in.View.Evidence {
		if slices.Contains(ids, e.Item) {
			r.Evidence = append(r.Evidence, e)
		}
	}
	in.decide(&r, i)
	return r
}

// RulesOf lists the IDs of the rules that decide an item: those that it names, and those
// of the items that it is decided as. What the other rules that name the item find is
// advice.
func RulesOf(i Item, rules []*lint.Rule) (deciding, advice []string) {
	named, ids := i.deciding(), append([]string{i.ID}, i.As...)
	for _, r := range rules {
		switch {
		case slices.Contains(named, r.ID):
			deciding = append(deciding, r.ID)
		case overlap(r.Checklist, ids):
			advice = append(advice, r.ID)
		}
	}
	return deciding, advice
}

// files fills in what the input and the rules say of a row.
func (in *Input) files(r *Row, subjects []Subject) {
	of := func(l []*lint.Finding) (out []*lint.Finding) {
		for _, f := range l {
			if slices.Contains(r.Rules, f.Rule.ID) {
				out = append(out, f)
			}
		}
		slices.SortStableFunc(out, func(a, b *lint.Finding) int { return cmp.Compare(a.Severity, b.Severity) })
		return out
	}
	r.Findings, r.Accepted = of(in.Report.Findings), of(in.Report.Ignored)
	for _, s := range subjects {
		seen, ok := in.View.Subjects[s]
		if !ok {
			continue
		}
		r.Subjects = append(r.Subjects, Count{s, seen.N})
		for _, at := range seen.At {
			r.Evidence = append(r.Evidence, Evidence{Item: r.ID, Position: at, Says: string(s)})
		}
	}
}

// decide gives a row its verdict.
func (in *Input) decide(r *Row, i Item) {
	r.Attestation = in.attestation(i)
	valid := r.Attestation != nil && in.Now.Before(r.Attestation.Expires)
	ids := append([]string{i.ID}, i.As...)
	seen := len(r.Subjects) > 0 && len(r.unseen(i)) == 0 && in.ran(r.Rules) || slices.ContainsFunc(in.View.Evidence, func(e Evidence) bool { return slices.Contains(ids, e.Item) })
	e := slices.IndexFunc(in.Exemptions, func(e Exemption) bool { return e.Item == i.ID })
	switch {
	case len(r.Findings) > 0:
		r.Verdict = Fail
		r.Needs = "correct " + findingsCount(len(r.Findings))
	case e >= 0:
		r.Verdict, r.Reason = NotApplicable, in.Exemptions[e].Reason
	case i.Decided == ByFiles && seen:
		r.Verdict = Pass
	case i.Decided == ByFiles && valid, i.Decided != ByFiles && valid && !seen:
		r.Verdict = Attested
	case i.Decided != ByFiles && valid:
		r.Verdict = Pass
	case r.Attestation != nil:
		r.Verdict = Expired
		r.Needs = fmt.Sprintf("a new attestation: that of %s expired on %s", r.Attestation.By, r.Attestation.Expires.Format(time.DateOnly))
	case i.Decided == ByFiles:
		r.Verdict, r.Needs = NoEvidence, in.missing(r, i)
	default:
		r.Verdict, r.Needs = NeedsAttestation, "an attestation that is at most "+months(i.MaxAge)+" old"
		if i.Evidence != "" && !seen {
			r.Needs += "; files that show a part of it: " + i.Evidence
		}
	}
}

// missing says what the input lacks for a verdict.
func (in *Input) missing(r *Row, i Item) string {
	switch {
	case len(r.Subjects) == 0 || len(r.Rules) == 0:
		return "files that show it: " + i.Evidence
	case len(r.unseen(i)) > 0:
		return "files that show the rest: " + strings.Join(r.unseen(i), "; ")
	default:
		return "the rules that were switched off: " + strings.Join(in.off(r.Rules), ", ")
	}
}

// unseen lists the parts of an item that the input holds no subject of.
func (r *Row) unseen(i Item) []string {
	var l []string
	for _, part := range i.Parts {
		if !slices.ContainsFunc(r.Subjects, func(c Count) bool { return slices.Contains(part, c.Subject) }) {
			var names []string
			for _, s := range part {
				names = append(names, string(s))
			}
			l = append(l, strings.Join(names, ", "))
		}
	}
	return l
}

// ran reports whether all of some rules were checked. One that is switched off could
// have found something.
func (in *Input) ran(ids []string) bool { return len(ids) > 0 && len(in.off(ids)) == 0 }

// off lists those of some rules that were not checked.
func (in *Input) off(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return slices.ContainsFunc(in.Rules, func(r *lint.Rule) bool { return r.ID == id })
	})
}

// defaultMaxAge is how many months an attestation is valid for an item that files
// usually decide.
const defaultMaxAge = 12

// attestation is the latest for an item, with the day on which it expires.
func (in *Input) attestation(i Item) *Attestation {
	var latest *Attestation
	for _, a := range in.Attestations {
		if a.Item == i.ID && (latest == nil || a.Date.After(latest.Date)) {
			latest = &a
		}
	}
	if latest == nil {
		return nil
	}
	end := latest.Date.AddDate(0, cmp.Or(i.MaxAge, defaultMaxAge), 0)
	if latest.Expires.IsZero() || latest.Expires.After(end) {
		latest.Expires = end
	}
	return latest
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

func findingsCount(n int) string {
	if n == 1 {
		return "the finding"
	}
	return fmt.Sprintf("the %d findings", n)
}

func months(n int) string { return fmt.Sprintf("%d months", n) }
