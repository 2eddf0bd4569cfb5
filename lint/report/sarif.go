package report

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report/plain"
)

// SARIFOptions say how SARIF writes. None has to be set.
type SARIFOptions struct {
	// Doc gives the documentation of a rule: paragraphs of plain text.
	Doc func(ruleID string) string
	// HelpURI gives the web page of a rule. Empty: it has none.
	HelpURI func(ruleID string) string
	// Version is that of the program.
	Version string
	// Prefix is the path of the working directory relative to the root of the
	// repository, with forward slashes.
	Prefix string
}

// What GitHub's code scanning takes. It refuses a run with more results, and
// shows the first of them by severity.
const (
	sarifMaxResults = 25000
	sarifMaxShown   = 5000
	// sarifMaxTags is how many tags of a rule are kept; over twenty are refused.
	sarifMaxTags = 10
	// sarifMaxDescription limits the descriptions of a rule, in characters.
	sarifMaxDescription = 1024
)

// sarifRoot is the base of the URIs: the root of the repository. Its own URI
// is left out, so that a report says nothing about the machine it was made on.
const sarifRoot = "%SRCROOT%"

// SARIF 2.1.0, as far as it is written. The names are those of the standard.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool               sarifTool                `json:"tool"`
		Invocations        []sarifInvocation        `json:"invocations"`
		OriginalURIBaseIDs map[string]sarifArtifact `json:"originalUriBaseIds"`
		ColumnKind         string                   `json:"columnKind"`
		Results            []sarifResult            `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string            `json:"name"`
		Version        string            `json:"version,omitempty"`
		InformationURI string            `json:"informationUri"`
		Rules          []sarifRule       `json:"rules"`
		Notifications  []sarifDescriptor `json:"notifications"`
	}
	sarifDescriptor struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
	}
	sarifRule struct {
		ID                   string              `json:"id"`
		ShortDescription     sarifText           `json:"shortDescription"`
		FullDescription      sarifText           `json:"fullDescription"`
		DefaultConfiguration sarifConfiguration  `json:"defaultConfiguration"`
		HelpURI              string              `json:"helpUri,omitempty"`
		Help                 sarifText           `json:"help"`
		Properties           sarifRuleProperties `json:"properties"`
	}
	sarifConfiguration struct {
		Level string `json:"level"`
	}
	sarifRuleProperties struct {
		SecuritySeverity string   `json:"security-severity"`
		Precision        string   `json:"precision"`
		Tags             []string `json:"tags"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifInvocation struct {
		ExecutionSuccessful        bool                `json:"executionSuccessful"`
		ToolExecutionNotifications []sarifNotification `json:"toolExecutionNotifications"`
	}
	sarifNotification struct {
		Descriptor sarifReference  `json:"descriptor"`
		Level      string          `json:"level"`
		Message    sarifText       `json:"message"`
		Locations  []sarifLocation `json:"locations,omitempty"`
	}
	sarifReference struct {
		ID    string `json:"id"`
		Index int    `json:"index"`
	}
	sarifResult struct {
		RuleID              string            `json:"ruleId"`
		RuleIndex           int               `json:"ruleIndex"`
		Level               string            `json:"level"`
		Message             sarifText         `json:"message"`
		Locations           []sarifLocation   `json:"locations"`
		RelatedLocations    []sarifLocation   `json:"relatedLocations,omitempty"`
		PartialFingerprints map[string]string `json:"partialFingerprints"`
		// Suppressions are of findings that are ignored.
		Suppressions []sarifSuppression    `json:"suppressions,omitempty"`
		Properties   sarifResultProperties `json:"properties"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"` // inSource for a comment, external for the config or a baseline
		Justification string `json:"justification,omitempty"`
		// Location is where the comment or the entry is.
		Location *sarifLocation `json:"location,omitempty"`
	}
	sarifResultProperties struct {
		Severity  string   `json:"severity"`
		Object    string   `json:"object,omitempty"`
		Objects   []string `json:"objects,omitempty"`
		Container string   `json:"container,omitempty"`
		Path      string   `json:"path"`
		Units     []string `json:"units"`
		Precision string   `json:"precision"`
		// Trail is the steps that no file of the repository holds.
		Trail []string `json:"trail,omitempty"`
		Fix   string   `json:"fix"`
	}
	sarifLocation struct {
		ID               int           `json:"id,omitempty"`
		Message          *sarifText    `json:"message,omitempty"`
		PhysicalLocation sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI         string     `json:"uri,omitempty"`
		URIBaseID   string     `json:"uriBaseId,omitempty"`
		Description *sarifText `json:"description,omitempty"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
)

// SARIF writes a report for code scanning, within GitHub's limits. Over these
// it keeps the worst findings, and a notification counts the others.
func SARIF(out io.Writer, r *lint.Report, opts SARIFOptions) error {
	var kept []*lint.Finding
	if r.Tally().Total() > sarifMaxShown {
		kept = worst(r.All(), sarifMaxResults)
	} else {
		kept = slices.Collect(r.All())
	}
	// What is ignored must not take the place of what is not.
	all := r
	r = plain.Report(fromRoot(r.Having(kept, worst(r.AllIgnored(), sarifMaxResults-len(kept))), opts.Prefix))
	rules, index := sarifRules(slices.Concat(r.Findings, r.Ignored), opts)
	run := sarifRun{
		Tool: sarifTool{sarifDriver{
			Name: "kubevet", Version: opts.Version, InformationURI: "https://github.com/kubevet/kubevet",
			Rules: rules, Notifications: sarifDescriptors,
		}},
		Invocations: []sarifInvocation{{
			ExecutionSuccessful:        len(r.Problems) == 0,
			ToolExecutionNotifications: sarifNotifications(all, r),
		}},
		OriginalURIBaseIDs: map[string]sarifArtifact{sarifRoot: {Description: &sarifText{Text: "the root of the repository"}}},
		ColumnKind:         "unicodeCodePoints",
		Results:            []sarifResult{},
	}
	for _, f := range slices.Concat(r.Findings, r.Ignored) {
		run.Results = append(run.Results, newSARIFResult(f, index[f.Rule.ID]))
	}
	return WriteJSON(out, sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	})
}

// The kinds of notifications, as indexes of sarifDescriptors.
const (
	sarifProblem = iota
	sarifNote
	sarifLimit
)

var sarifDescriptors = []sarifDescriptor{
	sarifProblem: {"problem", sarifText{Text: "something could not be checked"}},
	sarifNote:    {"note", sarifText{Text: "a fact worth knowing that needs no action"}},
	sarifLimit:   {"limit", sarifText{Text: "there are more findings than code scanning takes or shows"}},
}

// sarifNotifications are the problems and notes of the report that is written, and how
// much of the whole report was left out.
func sarifNotifications(whole, r *lint.Report) []sarifNotification {
	l := []sarifNotification{}
	add := func(kind int, level, text string, at lint.Position) {
		n := sarifNotification{
			Descriptor: sarifReference{sarifDescriptors[kind].ID, kind}, Level: level, Message: sarifText{Text: text},
		}
		if at.File != "" {
			n.Locations = []sarifLocation{newSARIFLocation(at)}
		}
		l = append(l, n)
	}
	for _, p := range r.Problems {
		add(sarifProblem, "error", problemText(p), p.Position)
	}
	for _, n := range r.Notes {
		add(sarifNote, "note", problemText(n), n.Position)
	}
	all, kept := whole.Tally().Total(), r.Findings
	if all > len(kept) {
		add(sarifLimit, "warning", fmt.Sprintf("%d of %d findings are here, the worst first, as code scanning takes no more; left out: %s",
			len(kept), all, tally(whole.Tally()).minus(tallyOf(kept))), lint.Position{})
	}
	if n := whole.CountIgnored() - len(r.Ignored); n > 0 {
		add(sarifLimit, "note", fmt.Sprintf("left out, as code scanning takes no more: %d ignored findings of %d", n, whole.CountIgnored()), lint.Position{})
	}
	if len(kept) > sarifMaxShown {
		add(sarifLimit, "note", fmt.Sprintf("code scanning shows %d of %d findings, the worst first", sarifMaxShown, all), lint.Position{})
	}
	return l
}

// sarifRules describes the rules of the findings, sorted, and gives the index of each.
func sarifRules(findings []*lint.Finding, opts SARIFOptions) ([]sarifRule, map[string]int) {
	byID := map[string]*lint.Rule{}
	var ids []string
	for _, f := range findings {
		if byID[f.Rule.ID] == nil {
			byID[f.Rule.ID] = f.Rule
			ids = append(ids, f.Rule.ID)
		}
	}
	slices.Sort(ids)
	rules, index := []sarifRule{}, map[string]int{}
	for i, id := range ids {
		index[id] = i
		rules = append(rules, newSARIFRule(byID[id], opts))
	}
	return rules, index
}

// GitHub makes words of the scores, for rules that have the tag "security".
var (
	sarifLevels = [...]string{lint.Critical: "error", lint.High: "error", lint.Medium: "warning", lint.Low: "note"}
	sarifScores = [...]string{lint.Critical: "9.5", lint.High: "8.0", lint.Medium: "5.5", lint.Low: "3.0"}
)

func newSARIFRule(r *lint.Rule, opts SARIFOptions) sarifRule {
	doc := []string{r.Title}
	if opts.Doc != nil {
		if l := paragraphs(opts.Doc(r.ID)); len(l) > 0 {
			doc = l
		}
	}
	s := sarifRule{
		ID:                   r.ID,
		ShortDescription:     sarifText{Text: cut(r.Title, sarifMaxDescription)},
		FullDescription:      sarifText{Text: cut(doc[0], sarifMaxDescription)},
		DefaultConfiguration: sarifConfiguration{sarifLevels[r.Severity]},
		Help:                 sarifHelp(r, doc),
		Properties: sarifRuleProperties{
			SecuritySeverity: sarifScores[r.Severity], Precision: "high", Tags: sarifTags(r),
		},
	}
	if opts.HelpURI != nil {
		s.HelpURI = opts.HelpURI(r.ID)
	}
	return s
}

// sarifHelp is all that there is to know of a rule.
func sarifHelp(r *lint.Rule, doc []string) sarifText {
	var text, markdown strings.Builder
	for _, p := range doc {
		fmt.Fprintf(&text, "%s\n\n", p)
		fmt.Fprintf(&markdown, "%s\n\n", escapeMarkdown(p))
	}
	fmt.Fprintf(&text, "Fix: %s\n", r.FixText())
	fmt.Fprintf(&markdown, "**Fix:** %s\n", escapeMarkdown(r.FixText()))
	for i, ref := range r.Refs {
		if i == 0 {
			fmt.Fprint(&text, "\nAsked by:\n")
			fmt.Fprint(&markdown, "\n**Asked by:**\n\n")
		}
		control := ref.Standard + ", " + ref.Control
		fmt.Fprintf(&text, "- %s\n", control)
		fmt.Fprintf(&markdown, "- %s\n", escapeMarkdown(control))
	}
	return sarifText{text.String(), markdown.String()}
}

// paragraphs splits a text at its empty lines, and puts each part on one line.
func paragraphs(text string) []string {
	var l []string
	var p []string
	for line := range strings.Lines(text + "\n\n") {
		words := strings.Fields(line)
		if len(words) == 0 && len(p) > 0 {
			l = append(l, strings.Join(p, " "))
			p = nil
		}
		p = append(p, words...)
	}
	return l
}

func sarifTags(r *lint.Rule) []string {
	tags := []string{"security", "kubernetes", r.Profile.String()}
	for _, item := range r.Checklist {
		if !slices.Contains(tags, item) {
			tags = append(tags, item)
		}
	}
	return tags[:min(len(tags), sarifMaxTags)]
}

func newSARIFResult(f *lint.Finding, rule int) sarifResult {
	at := place(f)
	// Code scanning refuses a result without a place in a file.
	at.Line = max(at.Line, 1)
	res := sarifResult{
		RuleID: f.Rule.ID, RuleIndex: rule, Level: sarifLevels[f.Severity],
		Locations:           []sarifLocation{newSARIFLocation(at)},
		PartialFingerprints: map[string]string{"kubevet/v1": f.Fingerprint},
		Properties: sarifResultProperties{
			Severity: f.Severity.String(), Object: f.Object.String(), Container: f.Container, Path: f.Path,
			Units: append([]string{}, f.Units()...), Precision: f.Origin.Precision.String(), Fix: f.Fix.Title,
		},
	}
	if objects := f.Objects(); len(objects) > 1 {
		for _, o := range objects {
			res.Properties.Objects = append(res.Properties.Objects, o.String())
		}
	}
	if f.Ignored != nil {
		res.Suppressions = []sarifSuppression{newSARIFSuppression(f.Ignored)}
	}
	relate := func(label string, p lint.Position) {
		l := newSARIFLocation(p)
		l.ID, l.Message = len(res.RelatedLocations)+1, &sarifText{Text: label}
		res.RelatedLocations = append(res.RelatedLocations, l)
	}
	for _, s := range f.Origin.Trail {
		if s.Kind == lint.StepRendered || s.Position.File == "" {
			res.Properties.Trail = append(res.Properties.Trail, stepNames[s.Kind]+": "+step(s))
			continue
		}
		relate(strings.TrimSpace(stepNames[s.Kind]+" "+s.Label), s.Position)
	}
	for _, rel := range f.Related {
		relate(cmp.Or(rel.Label, "see also"), rel.Position)
	}
	res.Message.Text = sarifMessage(f.Message+"; fix: "+f.Fix.Title, res.RelatedLocations)
	return res
}

// newSARIFSuppression says who ignores a finding, and why.
func newSARIFSuppression(i *lint.Ignored) sarifSuppression {
	s := sarifSuppression{Kind: "external", Justification: i.Reason}
	if i.By == lint.ByComment {
		s.Kind = "inSource"
	}
	if !i.Until.IsZero() {
		s.Justification += " (until " + i.Until.Format(time.DateOnly) + ")"
	}
	if i.Position.File != "" {
		at := newSARIFLocation(i.Position)
		s.Location = &at
	}
	return s
}

// sarifMessage links a message to the related locations: GitHub shows those
// alone that the message links to.
func sarifMessage(text string, related []sarifLocation) string {
	if strings.Contains(text, "](") { // what a manifest says must not become a link
		text = escapeLinkText(text)
	}
	var links []string
	for _, l := range related {
		links = append(links, fmt.Sprintf("[%s](%d)", escapeLinkText(l.Message.Text), l.ID))
	}
	if len(links) > 0 {
		text += "; see " + strings.Join(links, ", ")
	}
	return text
}

func escapeLinkText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(s)
}

func newSARIFLocation(p lint.Position) sarifLocation {
	var l sarifLocation
	l.PhysicalLocation.ArtifactLocation = newSARIFArtifact(p.File)
	if p.Line > 0 {
		l.PhysicalLocation.Region = &sarifRegion{StartLine: p.Line, StartColumn: p.Column, EndColumn: p.EndColumn}
	}
	return l
}

// newSARIFArtifact names a file by URI. No file is the root itself.
func newSARIFArtifact(file string) sarifArtifact {
	if isAbs(file) {
		return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(file, "/")}).String()}
	}
	segments := strings.Split(cmp.Or(file, "."), "/")
	for i, s := range segments {
		// A colon in the first segment would end a scheme.
		segments[i] = strings.ReplaceAll(url.PathEscape(s), ":", "%3A")
	}
	return sarifArtifact{URI: strings.Join(segments, "/"), URIBaseID: sarifRoot}
}
