package fixes

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint/place"
	"github.com/kubevet/kubevet/lint/texts"
)

// Fix is what a person does about a finding, at its place.
type Fix struct {
	// Title is one imperative clause, in lower case without full stop.
	Title string `json:",omitzero"`
	// Value is the value that the field should have, as YAML, if that alone fixes the
	// defect. It is empty if there is no such value, or if it depends on the application.
	Value string `json:",omitzero"`
	// Addition is what to add at the place, if the field is absent there.
	Addition place.Addition `json:",omitzero"`
	// Edits are the changes of text that do it. They were not tried. They are nil if only
	// a person can do it, and if nobody asked for them: see Checker.Edits.
	Edits []Edit `json:",omitzero"`
	// For is what the fix fits alone, such as a repository of images of which it names a digest. It
	// is empty if the fix fits all that is at its place.
	For string `json:",omitzero"`
	// Apart is the title if one values key is the place of fixes that fit different things.
	Apart string `json:",omitzero"`
	// Together is the title if the place is that of several objects which need different fixes, such as a file of which
	// overlays make an object each. It is empty if the rule's own is.
	Together string `json:",omitzero"`
	// Files are the kustomizations that Together names, where it has ListedInFiles.
	Files []string `json:",omitzero"`
	// InBase is the title for several objects if their kustomizations have one in common, with ListedInFiles. Bases are those that
	// would do for the object, the outermost first.
	InBase string   `json:",omitzero"`
	Bases  []string `json:",omitzero"`
	// Beside is the title if it says what else a values key is for. It is empty otherwise.
	Beside string `json:",omitzero"`
	// In is what the title begins with if it says where the fix is to be done, since its place is a dependency. It is empty
	// otherwise.
	In string `json:",omitzero"`
	// AddsObject says that the fix adds an object, which can be in any file.
	AddsObject bool `json:",omitzero"`
}

// Span is a part of a file: the bytes from Start to before End.
type Span struct {
	File       string `json:",omitzero"`
	Start, End int    `json:",omitzero"`
}

// Edit puts a text in the place of a span.
type Edit struct {
	Span `json:",omitzero"`
	New  string `json:",omitzero"`
}

// Apply makes edits to the text of a file. ok is false if they are not within the text,
// or if they overlap.
func Apply(text string, edits []Edit) (changed string, ok bool) {
	edits = slices.SortedFunc(slices.Values(edits), func(a, b Edit) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	var b strings.Builder
	at := 0
	for _, e := range edits {
		if e.Start < at || e.End < e.Start || e.End > len(text) {
			return "", false
		}
		b.WriteString(text[at:e.Start] + e.New)
		at = e.End
	}
	return b.String() + text[at:], true
}

// OfRule is what a rule says itself: the fix, and the reason not to do it.
type OfRule struct{ Title, Unless string }

// Text is both.
func (r OfRule) Text() string { return Unless(r.Title, r.Unless) }

// Common is what two fixes for one cause have in common. If the titles differ, it is the
// rule's. isKey says that their place is a values key.
func (f Fix) Common(g Fix, r OfRule, isKey bool) Fix {
	f.Title, g.Title = strings.TrimPrefix(f.Title, f.In), strings.TrimPrefix(g.Title, g.In)
	inBase := f.inBase(g)
	switch {
	case g.For != f.For && isKey && f.Apart != "":
		f.Title, f.For = f.Apart, ""
	case g.Beside != f.Beside: // in one of the scenarios the key is for more
		if f.Beside == "" || g.Beside != "" && g.Beside < f.Beside {
			f.Beside = g.Beside
		}
		f.Title = f.Beside
	case strings.HasPrefix(g.Title, f.Title+" if "): // in one of the units there is more to look at
		f.Title = g.Title
	case strings.HasPrefix(f.Title, g.Title+" if "):
	case g.Title != f.Title && withoutEffects(g.Title) == withoutEffects(f.Title): // in one of the scenarios it changes more
		if len(g.Title) > len(f.Title) || len(g.Title) == len(f.Title) && g.Title > f.Title {
			f.Title = g.Title
		}
	case g.Title != f.Title && inBase != "":
		f.Title = inBase
	case g.Title != f.Title && f.Together != "" && g.Together == f.Together:
		f.Files = slices.Concat(f.Files, g.Files)
		slices.Sort(f.Files)
		f.Files = slices.Compact(f.Files)
		f.Title = f.Together
		if len(f.Files) > 0 {
			f.Title = strings.ReplaceAll(f.Together, ListedInFiles, ListedBy(f.Files...))
		}
	case g.Title != f.Title:
		f.Title = r.commonTitle(f.Title, g.Title)
	}
	if g.Together != f.Together {
		f.Together = ""
	}
	if g.Addition != f.Addition || g.Value != f.Value {
		f.Addition, f.Value = place.Addition{}, ""
	}
	if !slices.Equal(g.Edits, f.Edits) {
		f.Edits = nil
	}
	f.In = commonPlace(f.In, g.In)
	f.Title, f.AddsObject = f.In+f.Title, f.AddsObject && g.AddsObject
	return f
}

// besides matches what a title says that values change besides what it is about.
var besides = regexp.MustCompile(`, which (?:sets|adds|leaves out|changes) [^;]*?, too|, after which [^;]*? appl(?:y|ies)\b`)

// withoutEffects is a title without what values change besides what it is about.
func withoutEffects(title string) string { return besides.ReplaceAllString(title, "") }

// inBase is the title of two fixes that are done in a kustomization which both have in common. It is empty if there is none, or if
// they are the same in one place anyway.
func (f *Fix) inBase(g Fix) string {
	f.Bases = slices.DeleteFunc(slices.Clone(f.Bases), func(base string) bool { return !slices.Contains(g.Bases, base) })
	if f.InBase != g.InBase {
		f.InBase = ""
	}
	isOne := f.Together == g.Together && len(f.Files) == 1 && slices.Equal(f.Files, g.Files)
	if isOne || len(f.Bases) == 0 || f.InBase == "" {
		return ""
	}
	return strings.ReplaceAll(f.InBase, ListedInFiles, ListedBy(f.Bases[0]))
}

// commonPlace is where two fixes are to be done, as their titles begin. It is empty if that differs.
func commonPlace(in, other string) string {
	ofDependency := func(s string) bool { return s == InDependency || strings.HasPrefix(s, InSource) }
	switch {
	case in == other, other == "":
		return in
	case in == "":
		return other
	case ofDependency(in) && ofDependency(other):
		in, other = bundling(in), bundling(other)
		if in == other {
			return in
		}
		if chart, _, ok := strings.Cut(in, untilNewer); ok && chart+"), " == other {
			return other
		}
		if chart, _, ok := strings.Cut(other, untilNewer); ok && chart+"), " == in {
			return in
		}
		return InDependency
	}
	return ""
}

// bundling is what a title begins with for the dependency that bundles a chart, by what it begins with for that chart. Others stay.
func bundling(in string) string {
	_, dependency, ok := strings.Cut(in, bundledIn)
	end := strings.IndexAny(dependency, ";)")
	if !ok || end < 0 {
		return in
	}
	name, version, _ := strings.Cut(dependency[:end], " ")
	return InSource + name + " (here " + version + dependency[end:]
}

// Where a fix is to be done whose place is a dependency: that is no place at which a field can be set.
const (
	InDependency = "in the chart that this dependency comes from, "
	// InSource is before the directory of a chart of the repository, and the name of one of others.
	InSource = "in the chart "
	// bundledIn is before the name and the version of the dependency that bundles the chart.
	bundledIn = ", bundled in "
	// untilNewer follows the version of a chart of others, unless the title says when to ignore the finding.
	untilNewer = "; until a newer version has that, ignore the finding with a date"
)

// ListedInFiles is where a fix for several objects says in which files it is done: what ListedBy says of their kustomizations.
const ListedInFiles = "{listed in files}"

// MaxNamedFiles is how many files a fix names.
const MaxNamedFiles = 3

// ListedBy says where a fix adds an object: in a file of one kustomization, or of each.
func ListedBy(kustomizations ...string) string {
	switch n := len(kustomizations); {
	case n == 1:
		return "in a file that " + kustomizations[0] + " lists under resources"
	case n > MaxNamedFiles:
		return fmt.Sprintf("for each of the %d kustomizations, such as %s, in a file that it lists under resources", n, kustomizations[0])
	default:
		return "for each of " + texts.And(kustomizations) + ", in a file that it lists under resources"
	}
}

// commonTitle is what two titles of fixes have in common: if they differ in the reason not to do it, that is the rule's. If both set
// the same keys, and one has more to do beside them in a scenario, it is that one.
func (r OfRule) commonTitle(a, b string) string {
	if short := ofSubchart(a, b); short != "" {
		return short
	}
	if all := withBothKeys(a, b); all != "" {
		return all
	}
	a, reason, _ := strings.Cut(a, "; if ")
	b, other, _ := strings.Cut(b, "; if ")
	if a == b && reason != "" && other != "" {
		return Unless(a, r.Unless)
	}
	key, more, _ := strings.Cut(a, ", and ")
	if with, yet, _ := strings.Cut(b, ", and "); a == b || with != key || !strings.HasPrefix(key, "set ") || reason != other {
		return r.Text()
	} else if len(yet) > len(more) || len(yet) == len(more) && yet > more {
		more = yet
	}
	if reason != "" {
		more += "; if " + reason
	}
	return key + ", and " + more
}

// ofSubchart is the title of a fix that sets a key of a chart, if the other one does the same for the chart that takes it in, whose keys
// have the name of the chart before them. It is empty for others.
func ofSubchart(a, b string) string {
	if len(a) > len(b) {
		a, b = b, a
	}
	short, ok := strings.CutPrefix(a, "set ")
	if _, key, cut := strings.Cut(b[:len(b)-len(short)], "set "); ok && cut && strings.HasPrefix(b, "set ") && strings.HasSuffix(b, short) && strings.HasSuffix(key, ".") && !strings.ContainsAny(key, " :") {
		return a
	}
	return ""
}

// LeavesOut follows the key with which a chart does not make an object, in the title of a fix.
const LeavesOut = ", with which the chart makes "

// maxBothKeys is how many keys a title names that do the same for different charts.
const maxBothKeys = 6

// withBothKeys is the title of a fix by the keys of two, if these have one name below different charts, and each leaves out an object that
// takes the same value. It is empty for others.
func withBothKeys(a, b string) string {
	keys, rest, isA := strings.Cut(strings.TrimPrefix(a, "set "), LeavesOut)
	more, other, isB := strings.Cut(strings.TrimPrefix(b, "set "), LeavesOut)
	if !isA || !isB || rest != other {
		return ""
	}
	all := strings.Split(strings.ReplaceAll(keys, " and ", ", ")+", "+strings.ReplaceAll(more, " and ", ", "), ", ")
	slices.Sort(all)
	all = slices.Compact(all)
	name := all[0][strings.LastIndexByte(all[0], '.')+1:]
	if len(all) > maxBothKeys || slices.ContainsFunc(all, func(key string) bool { return !strings.HasSuffix(key, "."+name) || strings.ContainsAny(key, " :") }) {
		return ""
	}
	return "set " + texts.And(all) + LeavesOut + rest
}

// RenameKey gives a key that a fix names another name. Another key that begins with the same parts stays. has is
// false if the fix does not name it.
func RenameKey(fix, key, to string) (renamed string, has bool) {
	var b strings.Builder
	rest := fix
	for {
		before, after, found := strings.Cut(rest, " "+key)
		b.WriteString(before)
		if !found {
			return b.String(), has
		}
		if isWhole := after == "" || strings.ContainsAny(after[:1], ":, ;"); isWhole {
			has = true
			b.WriteString(" " + to)
		} else {
			b.WriteString(" " + key)
		}
		rest = after
	}
}

// Unless adds the reason not to do it to a fix that names none.
func Unless(fix, reason string) string {
	if reason == "" || strings.Contains(fix, "ignore the finding") {
		return fix
	}
	return fix + "; if " + reason + ", ignore the finding"
}

// InChart is what a title begins with whose place is a dependency, by the name and the version of its chart, and the dependency that bundles the
// chart, if there is one.
func InChart(taken, bundler, title string) string {
	name, version, _ := strings.Cut(taken, " ")
	in := InSource + name + " (here " + version
	if bundler != "" {
		in += bundledIn + bundler
	}
	if strings.Contains(title, "ignore the finding") {
		return in + "), "
	}
	return in + untilNewer + "), "
}

// IsNeeded reports whether a title says that the program needs what is found, so that there is nothing to change anywhere.
func IsNeeded(title string) bool {
	return strings.HasSuffix(title, ": ignore the finding with that reason")
}
