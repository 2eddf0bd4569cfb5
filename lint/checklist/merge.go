package checklist

import (
	"errors"
	"slices"
)

// mergeOrder is which of several verdicts on one item counts: a failure anywhere,
// else the best that any repository shows.
var mergeOrder = []Verdict{Fail, Pass, Attested, Expired, NeedsAttestation, NotApplicable, NoEvidence}

// Merge puts reports of several repositories together, by the names that they are
// given. An item fails if it fails anywhere; else the best verdict counts, since
// one repository can show what another one does not hold. Files are named with the
// report that they are of.
func Merge(names []string, reports []*Report) (*Report, error) {
	if len(reports) == 0 {
		return nil, errors.New("no report to merge")
	}
	out := *reports[0]
	out.Revision, out.Problems, out.Notes, out.Entries = "", 0, nil, nil
	seen := map[string]int{}
	for i, r := range reports {
		if r.Standard != out.Standard {
			return nil, errors.New(names[i] + " is of the standard " + r.Standard + ", and " + names[0] + " of " + out.Standard)
		}
		out.Problems += r.Problems
		out.Date = max(out.Date, r.Date)
		for _, n := range r.Notes {
			if n.File != "" {
				n.File = names[i] + ":" + n.File
			}
			out.Notes = append(out.Notes, n)
		}
		for _, e := range r.Entries {
			e = e.in(names[i])
			at, ok := seen[e.ID]
			if !ok {
				seen[e.ID] = len(out.Entries)
				out.Entries = append(out.Entries, e)
				continue
			}
			out.Entries[at] = out.Entries[at].join(e)
		}
	}
	out.Score = ScoreOf(out.Entries)
	return &out, nil
}

// in is the entry with files named as those of a report.
func (e Entry) in(name string) Entry {
	e.Findings, e.Evidence = nonNil(slices.Clone(e.Findings)), nonNil(slices.Clone(e.Evidence))
	for i := range e.Findings {
		e.Findings[i].File = name + ":" + e.Findings[i].File
	}
	for i := range e.Evidence {
		e.Evidence[i].File = name + ":" + e.Evidence[i].File
	}
	return e
}

// join puts the entries of two reports on one item together.
func (e Entry) join(f Entry) Entry {
	better := e
	if slices.Index(mergeOrder, f.Verdict) < slices.Index(mergeOrder, e.Verdict) {
		better = f
	}
	better.Findings = nonNil(slices.Concat(e.Findings, f.Findings))
	better.Evidence = nonNil(slices.Concat(e.Evidence, f.Evidence))
	better.Accepted = e.Accepted + f.Accepted
	better.Subjects = nonNil(slices.Clone(e.Subjects))
	for _, c := range f.Subjects {
		if i := slices.IndexFunc(better.Subjects, func(d Count) bool { return d.Subject == c.Subject }); i >= 0 {
			better.Subjects[i].N += c.N
		} else {
			better.Subjects = append(better.Subjects, c)
		}
	}
	return better
}

// Change is an item whose verdict or findings differ between two reports.
type Change struct {
	ID, Title string
	Was, Is   Verdict
	// New and Fixed are the findings that only one of the reports has.
	New, Fixed []EntryFinding
}

// IsBetter reports whether the item got better: a good verdict where there was none,
// or fewer findings with the same verdict.
func (c Change) IsBetter() bool {
	if c.Was.IsGood() != c.Is.IsGood() {
		return c.Is.IsGood()
	}
	return len(c.New) < len(c.Fixed)
}

// Since lists what changed from an earlier report to a later one.
func Since(earlier, later *Report) []Change {
	var l []Change
	for _, is := range later.Entries {
		was := earlier.Find(is.ID)
		if was == nil {
			l = append(l, Change{ID: is.ID, Title: is.Title, Is: is.Verdict, New: is.Findings})
			continue
		}
		c := Change{ID: is.ID, Title: is.Title, Was: was.Verdict, Is: is.Verdict, New: without(is.Findings, was.Findings), Fixed: without(was.Findings, is.Findings)}
		if c.Was != c.Is || len(c.New)+len(c.Fixed) > 0 {
			l = append(l, c)
		}
	}
	return l
}

// without lists the findings that another list does not have.
func without(l, other []EntryFinding) []EntryFinding {
	known := map[string]bool{}
	for _, f := range other {
		known[f.Fingerprint] = true
	}
	var out []EntryFinding
	for _, f := range l {
		if !known[f.Fingerprint] {
			out = append(out, f)
		}
	}
	return out
}
