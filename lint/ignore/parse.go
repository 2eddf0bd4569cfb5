package ignore

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/kubevet/kubevet/lint/suggest"
)

// word is what directives start with.
const word = "kubevet:ignore"

// Placeholder is what Insert gives for a reason. Until a person has replaced it, the comment ignores nothing.
const Placeholder = "<reason>"

// form is how to write a directive, for help.
const form = `write "# kubevet:ignore rule-id reason", with "until 2027-03-01" at the end if it is to end`

// dateForm is how dates are written.
const dateForm = time.DateOnly

// isMarked reports whether the text of a comment starts as a directive does.
func isMarked(text string) bool {
	_, _, ok := cutMarker(strings.TrimSpace(text))
	return ok
}

// cutMarker takes what a directive starts with off a comment. Exact is false if
// it is misspelt; ok is false if the comment is about something else.
func cutMarker(text string) (rest string, exact, ok bool) {
	if rest, found := strings.CutPrefix(text, word); found && (rest == "" || isBlank(rest[0])) {
		return rest, true, true
	}
	head, rest := cutLetters(text)
	if !similar(head, "kubevet") {
		return "", false, false
	}
	joint := len(rest)
	rest = strings.TrimLeft(rest, ":=-_./@ \t")
	joint -= len(rest)
	separated := strings.ContainsAny(text[len(head):len(head)+joint], ":=-_./@")
	verb, rest := cutLetters(rest)
	switch {
	case verb == "" || !similar(verb, "ignore") && !slices.Contains(otherVerbs, strings.ToLower(verb)):
		return "", false, false
	case !separated && joint > 0:
		// "kubevet ignores what it cannot read" is prose; a rule's id is not.
		next := strings.FieldsFunc(rest, func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
		if len(next) == 0 || !strings.Contains(next[0], "-") || !isRuleID(next[0]) {
			return "", false, false
		}
	}
	return rest, false, true
}

// otherVerbs are what other linters' comments say.
var otherVerbs = []string{"disable", "skip", "suppress", "nolint", "noqa", "allow", "exclude", "off"}

// neighbours are words that look like ours and mean something else.
var neighbours = []string{"kubelet", "kubectl", "kubeval", "kubespec"}

// similar reports whether a word was meant to be another.
func similar(have, want string) bool {
	have = strings.ToLower(have)
	if slices.Contains(neighbours, have) {
		return false
	}
	return have != "" && (have == want || suggest.Closest(have, []string{want}) != "" && len(have)+2 >= len(want))
}

// cutLetters takes the first word off a text.
func cutLetters(text string) (letters, rest string) {
	i := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
	if i < 0 {
		return text, ""
	}
	return text[:i], text[i:]
}

// parse reads the text of a comment. The second result is false if the comment
// is no directive and was not meant to be one.
func parse(text string) (Directive, bool) {
	rest, exact, ok := cutMarker(text)
	if !ok {
		return Directive{}, false
	}
	var d Directive
	if !exact {
		end := len(text) - len(rest)
		if i := strings.IndexFunc(rest, unicode.IsSpace); i >= 0 {
			end += i
		} else {
			end = len(text)
		}
		start := text[:end]
		d.Fault = &Fault{fmt.Sprintf("the comment ignores nothing: it starts with %q, not %q", start, word), form}
		return d, true
	}
	rules, reason, fault := cutRules(rest)
	if fault == nil {
		d.Rules = rules
		d.Reason, d.Until, fault = cutUntil(reason)
	}
	if fault == nil && d.Reason == Placeholder {
		fault = &Fault{"still has " + Placeholder + " where the reason belongs", "say there why the finding is all right"}
	}
	if fault == nil && !strings.ContainsFunc(d.Reason, isWordRune) {
		fault = &Fault{"has no reason", "say after the rule why the finding is all right: " + word + " " + strings.Join(rules, ",") + " the reason"}
	}
	if fault != nil {
		d.Fault = &Fault{"the comment ignores nothing: it " + fault.Message, fault.Help}
	}
	return d, true
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// cutRules takes the list of rules off what follows the marker. After a comma
// the list goes on, blanks or not.
func cutRules(text string) (rules []string, rest string, fault *Fault) {
	rest = strings.TrimSpace(text)
	if rest == "" {
		return nil, "", &Fault{"names no rule", form}
	}
	var b strings.Builder
	for more := true; more && rest != ""; {
		var next string
		if i := strings.IndexFunc(rest, unicode.IsSpace); i >= 0 {
			next, rest = rest[:i], strings.TrimSpace(rest[i:])
		} else {
			next, rest = rest, ""
		}
		b.WriteString(next)
		more = strings.HasSuffix(next, ",") || strings.HasPrefix(rest, ",")
	}
	list := strings.TrimSuffix(b.String(), ":")
	for id := range strings.SplitSeq(list, ",") {
		switch {
		case id == "":
			return nil, "", &Fault{fmt.Sprintf("has a comma too many in %q", list), "put one comma between two rules, and none after the last"}
		case id == "*" || strings.EqualFold(id, "all"):
			return nil, "", &Fault{fmt.Sprintf("names no rule but %q", id), "name each rule by its id; there is no word for all of them"}
		case !isRuleID(id):
			help := "name the rule by its id, as the finding shows it in brackets"
			if lower := strings.ToLower(id); isRuleID(lower) {
				help = fmt.Sprintf("write %q", lower)
			}
			return nil, "", &Fault{fmt.Sprintf("names %q, which is no id of a rule", id), help}
		}
		if !slices.Contains(rules, id) {
			rules = append(rules, id)
		}
	}
	words := strings.Fields(rest)
	for len(words) > 0 && strings.Trim(words[0], "-–—:#") == "" {
		words = words[1:] // rule-id -- reason
	}
	return rules, strings.Join(words, " "), nil
}

// isRuleID reports whether a word has the form of a rule's id.
func isRuleID(id string) bool {
	for part := range strings.SplitSeq(id, "-") {
		if part == "" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return false
		}
	}
	return true
}

// untilWords are what people write for until before a date.
var untilWords = []string{"until", "til", "till", "expires", "expire", "expiry"}

// cutUntil takes the date off the end of a reason. What looks like a date that
// was meant to be one, and is none, is a fault: it would be ignored for ever.
func cutUntil(text string) (reason string, until time.Time, fault *Fault) {
	words := strings.Fields(text)
	for i, w := range words {
		if joined := joinedDate(w); joined != "" {
			return "", time.Time{}, &Fault{fmt.Sprintf("has %q", w), fmt.Sprintf("write %q", "until "+joined)}
		}
		key := strings.ToLower(strings.Trim(w, "()[]:=,;"))
		if i+1 == len(words) || !slices.Contains(untilWords, key) {
			continue
		}
		after := words[i+1:]
		date := strings.Trim(after[0], "()[].,;")
		if !startsWithDigit(date) || len(after) > 1 && strings.Count(date, "-") != 2 {
			continue // until 3 other teams agree
		}
		if until, fault = readDate(w, date, after); fault != nil {
			return "", time.Time{}, fault
		}
		return strings.TrimRight(strings.Join(words[:i], " "), ",; "), until, nil
	}
	return strings.Join(words, " "), time.Time{}, nil
}

// readDate reads the date after a word that was meant to be until. After is
// all words behind that.
func readDate(word, date string, after []string) (time.Time, *Fault) {
	const help = `put the date last, as in "until 2027-03-01"`
	day, err := time.Parse(dateForm, date)
	switch {
	case err != nil:
		return day, &Fault{fmt.Sprintf("ends on %q, which is no date", date), help + ", or word the reason without until"}
	case len(after) > 1:
		return day, &Fault{"has text after its date " + date, help}
	case word != "until" || after[0] != date:
		return day, &Fault{fmt.Sprintf("ends with %q", word+" "+after[0]), fmt.Sprintf("write %q", "until "+date)}
	}
	return day, nil
}

// joinedDate is the date of a word like until=2027-03-01. It is empty if it is another
// word.
func joinedDate(w string) string {
	key, date, ok := strings.Cut(strings.ToLower(strings.Trim(w, "()[].,;")), "=")
	if !ok {
		key, date, _ = strings.Cut(key, ":")
	}
	if !slices.Contains(untilWords, key) || !startsWithDigit(date) {
		return ""
	}
	return date
}

func startsWithDigit(s string) bool { return s != "" && '0' <= s[0] && s[0] <= '9' }
