package repository

import (
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// RepositorySecurityPolicy reports a SECURITY.md that says no way to report a
// vulnerability: it holds neither a mail address nor a link, not even to a file of the repository,
// and does not speak of private reporting or advisories, of issues, or of a person to contact as @name.
//
// Anyone who finds a flaw then publishes it, or reports it to nobody.
//
// The files SECURITY.md, .github/SECURITY.md and docs/SECURITY.md are read. A repository
// without one is not reported, since an organization can have one for all of its
// repositories; the checklist asks for it.
var RepositorySecurityPolicy = &lint.Rule{
	ID:        "repository-security-policy",
	Title:     "Security policy names no way to report a vulnerability",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-security-policy"},
	Fix:       "name a mail address or a page to which vulnerabilities are reported",
	Check:     lint.DocumentCheck{Of: lint.DocumentPolicy, Check: checkSecurityPolicy},
}

// contact matches what a report can be sent to.
var contact = regexp.MustCompile(`(?i)[\w.+-]+(@|\s*\[at\]\s*|\s*\(at\)\s*)[\w-]+\.[\w.-]+|\bat\s+[\x60"']?[\w-]+\.(com|org|net|io|dev)\b|https?://|advisor(y|ies)|report a vulnerability|private vulnerability reporting|` +
	`\]\([^)#\s]|\b(?:contact|message|ask)\s+@\w|\b(?:open|creat|fil|rais|submit)\w*\s+(?:an?\s+)?(?:\w+\s+){0,2}issue\b`)

// tracker matches a place where issues are public, and refuses a sentence that forbids to use it.
var (
	tracker = regexp.MustCompile(`(?i)\b(?:(?:github|gitlab)\s+issues?|issue\s+tracker)\b`)
	refuses = regexp.MustCompile(`(?i)\b(?:not|never|avoid|without|instead\s+of)\b|n['’]t\b`)
)

// usesTracker reports whether a sentence of a policy sends reports to the issues of the repository.
func usesTracker(text string) bool {
	for sentence := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(".!?;", r) }) {
		if tracker.MatchString(sentence) && !refuses.MatchString(sentence) {
			return true
		}
	}
	return false
}

func checkSecurityPolicy(p *lint.Pass, d *lint.Document) {
	text, _ := d.Data.(string)
	if contact.MatchString(text) || usesTracker(text) {
		return
	}
	line, first := 1, ""
	for first = range strings.Lines(text) {
		if first = strings.TrimSpace(first); first != "" {
			break
		}
		line++
	}
	if first == "" {
		return // an empty file is no policy
	}
	first, _, _ = strings.Cut(first, " #") // a heading may end with #, too
	p.Report(lint.Diagnostic{
		Document: d, At: lint.TextValue(line, 1, first), KnownPart: true,
		Message: "security policy says nowhere to send a report; want a mail address or a link",
	})
}
