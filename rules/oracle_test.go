package rules

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/document"
	"github.com/kubevet/kubevet/render/embedded"
	"github.com/kubevet/kubevet/render/manifest"
)

// The oracle is cases from other projects' test suites: a manifest, a concept such
// as host-network, and whether the manifest passes. A concept is mapped to a rule if
// both ask the same question:
//
//   - testdata/oracle-rules.json maps each rule to the concepts that all its findings
//     are about;
//   - testdata/oracle-known.json narrows rules down to the findings that are about a
//     further concept, and lists the cases in which we disagree, with the reason;
//   - testdata/oracle-unmapped.json says why the other concepts of the groups in
//     mappedGroups have no rule.

// mappedGroups are the groups of concepts of which each is mapped, or is not for a reason.
var mappedGroups = []string{"control-plane", "dockerfile", "exposure", "image", "namespace", "network", "pod-security", "rbac", "reliability", "resources", "secrets", "service-account"}

// agreement is the share of cases, without the known disagreements, that must agree.
const agreement = 0.99

// oracleCase is one line of oracle.jsonl.
type oracleCase struct {
	ID       string              `json:"id"`
	Suite    string              `json:"suite"`
	Concept  string              `json:"concept"`
	Dir      string              `json:"dir"`
	Files    []string            `json:"files"`
	Resource string              `json:"resource"`
	Ranges   map[string][][2]int `json:"ranges"`
	Verdict  string              `json:"verdict"`
	Lines    []int               `json:"lines"`
	Implied  bool                `json:"implied"`
	Note     string              `json:"note"`
}

// narrowing maps a rule to a concept for some of its findings.
type narrowing struct {
	Rule    string `json:"rule"`
	Concept string `json:"concept"`
	// Path is what the finding's path must hold. Empty: any.
	Path string `json:"path,omitempty"`
	// Says is what the finding's message must hold. Empty: any.
	Says string `json:"says,omitempty"`
	// Severity is what the finding's severity must be. Empty: any.
	Severity string `json:"severity,omitempty"`
	// With is a rule that must have a finding about the same object too. Empty: none.
	With string `json:"with,omitempty"`
}

type disagreement struct {
	Reason string   `json:"reason"`
	Cases  []string `json:"cases"`
}

type oracleKnown struct {
	Narrowed      []narrowing    `json:"narrowed"`
	Disagreements []disagreement `json:"disagreements"`
	// Lines is the cases in which we point to another line than the suite.
	Lines []disagreement `json:"lines"`
}

// reasons says why for each case of a list.
func reasons(t *testing.T, list []disagreement) map[string]string {
	t.Helper()
	m := map[string]string{}
	for _, d := range list {
		for _, id := range d.Cases {
			if d.Reason == "" || m[id] != "" {
				t.Errorf("case %s: listed twice, or without a reason", id)
			}
			m[id] = d.Reason
		}
	}
	return m
}

type score struct{ tp, fp, fn, tn, known int }

func TestOracle(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", "..", "shared", "oracle"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "oracle.jsonl"))
	if err != nil {
		t.Skip("SKIPPED: the oracle is not at hand:", err)
	}
	var mapped map[string][]string
	readJSON(t, "oracle-rules.json", &mapped)
	var known oracleKnown
	readJSON(t, "oracle-known.json", &known)

	narrowed := known.Narrowed
	for _, rule := range slices.Sorted(maps.Keys(mapped)) {
		for _, concept := range mapped[rule] {
			narrowed = append(narrowed, narrowing{Rule: rule, Concept: concept})
		}
	}
	byConcept := map[string][]narrowing{}
	for _, n := range narrowed {
		if Find(n.Rule) == nil {
			t.Errorf("the map names a rule %q that does not exist", n.Rule)
		}
		byConcept[n.Concept] = append(byConcept[n.Concept], n)
	}
	disagree := reasons(t, known.Disagreements)

	checkUnmapped(t, root, byConcept)

	scans := map[string][]*lint.Finding{}
	scores := map[string]*score{}
	var total score
	lines := placed{known: reasons(t, known.Lines)}
	cases := bufio.NewScanner(bytes.NewReader(text))
	cases.Buffer(nil, 1<<20)
	for cases.Scan() {
		var c oracleCase
		if err := json.Unmarshal(cases.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if c.Implied || byConcept[c.Concept] == nil {
			continue
		}
		if _, done := scans[c.Dir]; !done {
			scans[c.Dir] = scan(t, filepath.Join(root, "cases"), c.Dir)
		}
		s := scores[c.Concept]
		if s == nil {
			s = &score{}
			scores[c.Concept] = s
		}
		hits := c.hits(scans[c.Dir], byConcept[c.Concept])
		flagged, bad := len(hits) > 0, c.Verdict == "fail"
		if reason := disagree[c.ID]; reason != "" {
			delete(disagree, c.ID)
			if flagged == bad {
				t.Errorf("case %s (%s) agrees by now; take it off the list", c.ID, c.Concept)
			}
			s.known++
			total.known++
			continue
		}
		if flagged && bad && len(c.Files) == 1 {
			lines.compare(t, c, hits)
		}
		for _, s := range []*score{s, &total} {
			switch {
			case flagged && bad:
				s.tp++
			case flagged:
				s.fp++
			case bad:
				s.fn++
			default:
				s.tn++
			}
		}
		if flagged != bad {
			t.Logf("%s: %s: want %s, found %d: %s %s (%s)", c.Concept, c.ID, c.Verdict, len(hits), strings.Join(c.Files, " "), c.Resource, c.Note)
			for _, f := range hits {
				t.Logf("\t%s: %s", f.Origin.Position, f.Message)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(disagree)) {
		t.Errorf("case %s is listed as a disagreement, but there is no such case in the mapped concepts", id)
	}

	t.Logf("%-34s %4s %4s %4s %4s %5s  %s", "concept", "TP", "FP", "FN", "TN", "known", "agreement")
	row := func(name string, s *score) {
		t.Logf("%-34s %4d %4d %4d %4d %5d  %.3f", name, s.tp, s.fp, s.fn, s.tn, s.known, s.agreement())
	}
	for _, concept := range slices.Sorted(maps.Keys(byConcept)) {
		if scores[concept] == nil {
			t.Errorf("the map names a concept %q that has no cases", concept)
			continue
		}
		row(concept, scores[concept])
	}
	row("all", &total)
	t.Logf("%d of %d expected lines are within one of ours", lines.hit, lines.expected)
	if a := total.agreement(); a < agreement {
		t.Errorf("agreement is %.4f; want %.2f", a, agreement)
	}
}

// checkUnmapped compares the list of what is not mapped with the concepts there are.
func checkUnmapped(t *testing.T, root string, mapped map[string][]narrowing) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "concepts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var concepts map[string]struct{ Group string }
	if err := json.Unmarshal(text, &concepts); err != nil {
		t.Fatal(err)
	}
	var unmapped map[string][]string
	readJSON(t, "oracle-unmapped.json", &unmapped)
	listed := map[string]bool{}
	for reason, l := range unmapped {
		for _, concept := range l {
			if _, known := concepts[concept]; !known || mapped[concept] != nil || listed[concept] || reason == "" {
				t.Errorf("concept %q is listed as not mapped, but there is none, or it is mapped, or listed twice", concept)
			}
			listed[concept] = true
		}
	}
	for _, concept := range slices.Sorted(maps.Keys(concepts)) {
		if slices.Contains(mappedGroups, concepts[concept].Group) && mapped[concept] == nil && !listed[concept] {
			t.Errorf("concept %q is neither mapped nor listed with a reason", concept)
		}
	}
}

// placed counts the lines that suites expect findings on. Each must be within one
// of ours, unless the case is known.
type placed struct {
	known         map[string]string
	expected, hit int
}

func (p *placed) compare(t *testing.T, c oracleCase, hits []*lint.Finding) {
	t.Helper()
	var missed []int
	for _, line := range c.Lines {
		p.expected++
		if slices.ContainsFunc(hits, func(f *lint.Finding) bool { return max(line-f.Origin.Line, f.Origin.Line-line) <= 1 }) {
			p.hit++
			continue
		}
		missed = append(missed, line)
	}
	switch known := p.known[c.ID] != ""; {
	case known && len(missed) == 0:
		t.Errorf("case %s (%s): the lines agree by now; take it off the list", c.ID, c.Concept)
	case !known && len(missed) > 0:
		t.Errorf("case %s (%s): nothing found near the lines %v of %s", c.ID, c.Concept, missed, c.Files[0])
	}
}

func (s *score) agreement() float64 {
	return float64(s.tp+s.tn) / float64(max(1, s.tp+s.fp+s.fn+s.tn))
}

// hits is the findings that are about the case: of its concept, in one of its
// files, and within its object where the verdict is on one object.
func (c oracleCase) hits(findings []*lint.Finding, about []narrowing) []*lint.Finding {
	var l []*lint.Finding
	for _, f := range findings {
		if !slices.ContainsFunc(about, func(n narrowing) bool { return n.matches(c, f, findings) }) {
			continue
		}
		if c.isAbout(f) {
			l = append(l, f)
		}
	}
	return l
}

// isAbout reports whether a finding is about the case: at its place, or in its list of
// workloads.
func (c oracleCase) isAbout(f *lint.Finding) bool {
	return c.holds(f.Origin.Position) || listsWorkloads(f) && slices.ContainsFunc(f.Related, func(r lint.RelatedPlace) bool { return c.holds(r.Position) })
}

// holds reports whether a place is in the files of the case, and within its object where
// the verdict is on one object.
func (c oracleCase) holds(at lint.Position) bool {
	if !slices.Contains(c.Files, at.File) {
		return false
	}
	ranges := c.Ranges[at.File]
	return len(ranges) == 0 || slices.ContainsFunc(ranges, func(r [2]int) bool { return r[0] <= at.Line && at.Line <= r[1] })
}

// listsWorkloads reports whether a finding is about several workloads, which it lists as
// related places.
func listsWorkloads(f *lint.Finding) bool {
	return strings.HasPrefix(f.Rule.ID, "network-policy-") || strings.HasPrefix(f.Rule.ID, "no-rbac-") || f.Rule.ID == "effective-rbac-rule"
}

func (n narrowing) matches(c oracleCase, f *lint.Finding, all []*lint.Finding) bool {
	if n.Rule != f.Rule.ID || !strings.Contains(f.Path, n.Path) || !strings.Contains(f.Message, n.Says) {
		return false
	}
	if n.Severity != "" && n.Severity != f.Severity.String() {
		return false
	}
	return n.With == "" || slices.ContainsFunc(all, func(g *lint.Finding) bool { return g.Rule.ID == n.With && c.isAbout(g) })
}

// scan runs all rules over the manifests of a directory, which are one unit.
func scan(t *testing.T, root, dir string) []*lint.Finding {
	t.Helper()
	u := &lint.Unit{Input: dir}
	err := fs.WalkDir(os.DirFS(root), dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		reader, isDocument := document.Find(name, func() []byte { return nil })
		if !isDocument && !slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name)) {
			return nil
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		if isDocument {
			documents, problems := reader.Read(reader.Kind, name, data)
			u.Documents = append(u.Documents, documents...)
			for _, p := range problems {
				t.Logf("%s: %s", p.Position, p.Message)
			}
			return nil
		}
		source := manifest.NewSource(name, data)
		for _, doc := range manifest.Documents(data) {
			if doc.Node != nil {
				objects, _ := manifest.Objects(doc.Node, source)
				u.Objects = append(u.Objects, objects...)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	embedded.Add(u)
	c := lint.Checker{Rules: All(), Version: lint.Newest, Profile: lint.Strict}
	findings, problems := c.Check(u)
	for _, p := range problems {
		t.Errorf("%s: %s\n%s", dir, p.Message, p.Detail)
	}
	slices.SortStableFunc(findings, func(a, b *lint.Finding) int {
		return cmp.Or(a.Origin.Compare(b.Origin.Position), cmp.Compare(a.Rule.ID, b.Rule.ID))
	})
	return findings
}

func readJSON(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}
