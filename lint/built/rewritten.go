package built

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/variables"
)

// rewrite is a command that puts a new value in the place of a tag in a file.
type rewrite struct {
	// by is the file with the command.
	by string
	rewritten
	// pattern is what sed replaces, as the command has it: it has to name the image if the files are in a variable.
	pattern string
	// old matches what sed replaces in a line, and new is what it writes. old is nil for yq, which sets the value of a key.
	old   *regexp.Regexp
	new   string
	lines *addressed
	key   string
}

// rewritten is a file that a command changes.
type rewritten struct {
	// file is the last parts of its path, or all of it if isWhole is set. It is empty if the files are in a variable.
	file    string
	isWhole bool
}

// maxRewrites limits how many commands are known that rewrite files: each image is compared with all.
const maxRewrites = 100

var (
	// rewriting matches the commands that may rewrite a YAML file. What follows has their expressions and files.
	rewriting = regexp.MustCompile(`(?:^|[\s;&|@(])(g?sed|yq|\$[({]G?SED[)}])\s(.*\.ya?ml\b.*)`)
	// rewritingAny matches a command of sed that rewrites files in place whose names a variable or a pattern has, or another command finds.
	rewritingAny = regexp.MustCompile(`(?:^|[\s;&|@(])(g?sed)\s(.*-i.*(?:[\s"/]\$|/\*|\{\}).*)`)
	// setsKey matches what gives a key of a YAML file a value, for yq.
	setsKey = regexp.MustCompile(`^\.((?:[\w.-]|<[\w -]+>)+)\s*=[^=]`)
	// shellWord matches a word of a command, with its quotes, or what ends the command.
	shellWord = regexp.MustCompile(`(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\;&|<>])+|[;&|<>]`)
	// isTest matches names of files whose commands only try out what is released.
	isTest = regexp.MustCompile(`(?i)test|e2e`)
)

// HasRewrite is a fast test whether a text may have a command that rewrites a YAML file.
func HasRewrite(text string) bool {
	return (strings.Contains(text, "sed ") || strings.Contains(text, "yq ") || strings.Contains(text, "SED")) && (rewriting.MatchString(text) || rewritingAny.MatchString(text))
}

// rewritesOf notes what the commands of a text for a shell rewrite.
// They run in a folder, which is empty if it is not known.
func (x *Images) rewritesOf(text, by, dir string, set variables.Set) {
	if !HasRewrite(text) || isTest.MatchString(path.Base(by)) {
		return
	}
	if leaves.MatchString(text) {
		dir = ""
	}
	for line := range strings.Lines(joined(text)) {
		if !set.Assign(line) {
			x.rewrite(set.Expand(strings.TrimRight(line, "\n"), variables.Shell), by, dir)
		}
	}
}

// replacement notes what a step of a workflow rewrites by an action of GitHub that finds text in a file and replaces it, as gha-find-replace does
// with regular expressions of Go. The file is of the folder in which the workflow runs.
func (x *Images) replacement(step lint.Value, by, dir string) {
	with := step.Get("with")
	find, to, files := with.Get("find"), with.Get("replace"), with.Get("include")
	if !strings.Contains(step.Get("uses").Written(), "find-replace") || !to.IsSet() || isTest.MatchString(path.Base(by)) {
		return
	}
	expression, file := find.Text(), knownFile(files.Text(), dir)
	if with.Get("regex").Text() == "false" {
		expression = regexp.QuoteMeta(expression)
	}
	re, err := regexp.Compile(expression)
	if err != nil || expression == "" || file.file == "" || re.MatchString("") || writesDigest(to.Written()) || len(x.rewrites) >= maxRewrites {
		return
	}
	x.rewrites = append(x.rewrites, rewrite{by: by, rewritten: file, old: re, pattern: expression, new: to.Written()})
}

// writesDigest reports whether what replaces a text has a digest.
func writesDigest(text string) bool {
	return strings.Contains(strings.ToLower(text), "digest") || strings.Contains(text, "sha256")
}

// leaves matches a command that goes to another folder.
var leaves = regexp.MustCompile(`(?m)(?:^|[\s;&|(@])(?:cd|pushd)\s`)

// rewrite notes what the first command of a line that may rewrite a file does, which runs in a folder.
func (x *Images) rewrite(line, by, dir string) {
	m := rewritingIn(line)
	if m == nil || strings.HasPrefix(strings.TrimSpace(line), "#") {
		return
	}
	if leaves.MatchString(line) {
		dir = ""
	}
	made, files := madeBy(m[1], m[2], dir)
	for _, r := range made {
		for _, r.rewritten = range files {
			if r.by = by; len(x.rewrites) < maxRewrites {
				x.rewrites = append(x.rewrites, r)
			}
		}
	}
}

// madeBy is what the arguments of sed or yq in a folder replace, and in which files: in one that is empty if their names are not known.
func madeBy(tool, arguments, dir string) (made []rewrite, files []rewritten) {
	isExtended, inVariable := false, false
	for _, word := range shellWord.FindAllString(arguments, -1) {
		if strings.ContainsAny(word[:1], ";&|<>") {
			break
		}
		isExtended = isExtended || isShort.MatchString(word) && strings.ContainsAny(word, "Er")
		word = unquoted(word)
		if r, ok := rewriteOf(tool, word, isExtended); ok {
			made = append(made, r)
		} else if file := knownFile(word, dir); file.file != "" {
			files = append(files, file)
		} else if isUnknownFile(word) {
			inVariable = true
		}
	}
	if inVariable && len(files) == 0 {
		made = slices.DeleteFunc(made, func(r rewrite) bool { return r.old == nil || r.lines != nil || !strings.ContainsAny(r.pattern, ":/") })
		files = []rewritten{{}}
	}
	return made, files
}

// isUnknownFile reports whether a word of a command may name manifests that are not known: by a variable, a pattern, or as what
// another command finds.
func isUnknownFile(word string) bool {
	if isVariable.MatchString(word) || word == "{}" {
		return true
	}
	if isExpression(word) || strings.HasPrefix(word, "-") {
		return false
	}
	ext := path.Ext(word)
	return strings.Contains(word, "/") && strings.ContainsAny(word, "$*") && (strings.ContainsAny(ext, "*$") || ext == "" || ext == ".yaml" || ext == ".yml")
}

// isExpression reports whether a word is what sed substitutes.
func isExpression(word string) bool {
	return len(word) > 3 && word[0] == 's' && strings.ContainsRune("/|#~,@:;!+%", rune(word[1]))
}

// rewritingIn are the tool of the first command of a line that may rewrite files, and what follows it. It is nil if there is none.
func rewritingIn(line string) []string {
	if m := rewriting.FindStringSubmatch(line); m != nil {
		return m
	}
	return rewritingAny.FindStringSubmatch(line)
}

// isVariable matches a word that is a variable of the shell.
var isVariable = regexp.MustCompile(`^\$(?:\w+|\{\w+\})$`)

// unquoted is a word of a shell without its quotes.
func unquoted(word string) string {
	var b strings.Builder
	var open byte
	for i := 0; i < len(word); i++ {
		switch c := word[i]; {
		case c == open:
			open = 0
		case open == 0 && (c == '"' || c == '\''):
			open = c
		case open == '"' && c == '\\' && i+1 < len(word) && word[i+1] == '"':
			i++
			b.WriteByte('"')
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// isShort matches flags of one letter each.
var isShort = regexp.MustCompile(`^-[A-Za-z]+$`)

// rewriteOf is what a word says to sed or yq. ok is false if it says nothing to replace, if that is not known, or if a digest is written.
func rewriteOf(tool, word string, isExtended bool) (r rewrite, ok bool) {
	if writesDigest(word) {
		return r, false
	}
	if tool == "yq" {
		if m := setsKey.FindStringSubmatch(word); m != nil {
			r.key = m[1]
		}
		return r, r.key != ""
	}
	lines, word, ok := addressesOf(word, isExtended)
	if !ok || !isExpression(word) {
		return r, false
	}
	old, rest, ok := strings.Cut(word[2:], word[1:2])
	if !ok || old == "" || strings.HasSuffix(old, `\`) || unknown.MatchString(old) {
		return r, false
	}
	re, err := compiled(old, isExtended)
	if err != nil || re.MatchString("") {
		return r, false
	}
	to, _, _ := strings.Cut(rest, word[1:2])
	return rewrite{old: re, lines: lines, pattern: old, new: to}, true
}

// compiled is what a regular expression of sed matches.
func compiled(text string, isExtended bool) (*regexp.Regexp, error) {
	if !isExtended {
		text = basic.Replace(text)
	}
	return regexp.Compile(text)
}

// addresses matches the lines to which an expression of sed applies, by patterns: /FROM/,/TO/{COMMAND}.
var addresses = regexp.MustCompile(`^/((?:\\.|[^/\\])+)/(?:,/((?:\\.|[^/\\])+)/)?\s*\{?\s*`)

// addressed are the lines of a file to which sed applies a command: those that one pattern matches, or from one to the next that another
// matches.
type addressed struct {
	first, last *regexp.Regexp
	// isExact is set if the other pattern has the indent of the line, and key is that pattern without it.
	isExact bool
	key     *regexp.Regexp
}

// addressesOf are the lines to which an expression of sed applies, nil for all, and the command in it. ok is false if they are not known.
func addressesOf(word string, isExtended bool) (lines *addressed, command string, ok bool) {
	m := addresses.FindStringSubmatch(word)
	if m == nil {
		return nil, word, true
	}
	if unknown.MatchString(m[1] + m[2]) {
		return nil, "", false
	}
	lines = &addressed{}
	var err error
	if lines.first, err = compiled(m[1], isExtended); err == nil && m[2] != "" {
		lines.isExact = strings.HasPrefix(m[2], "^")
		if lines.last, err = compiled(m[2], isExtended); err == nil {
			lines.key, err = compiled(strings.TrimLeft(m[2], "^ "), isExtended)
		}
	}
	return lines, word[len(m[0]):], err == nil
}

// has reports whether the line of a field is one of them. Of those from one to another it is known if the first is that of a field which
// holds it, as people write it, with an indent of two spaces, and no other line between them can be the last: no other field of the same
// map has the name and indent, and no other container of its list comes before the first.
func (a *addressed) has(line, field string) bool {
	switch {
	case a == nil:
		return true
	case a.last == nil:
		return a.first.MatchString(line)
	}
	holder, isFirst := strings.CutSuffix(field, "[0].image")
	if isFirst && !a.key.MatchString(line) || !isFirst && (!a.isExact || !a.last.MatchString(line)) {
		return false
	}
	keys := node.SplitKeys(holder)
	for depth, key := range keys {
		isLast := depth == len(keys)-1 // the list, or the field itself
		if isFirst == isLast && a.first.MatchString(strings.Repeat("  ", depth)+key+":") {
			return true
		}
	}
	return false
}

var (
	// unknown matches what is not known before a shell runs.
	unknown = regexp.MustCompile(`\$[\w({]|` + "`|" + string(node.UnknownPart))
	// basic makes extended expressions of the basic ones that sed takes by default.
	basic = strings.NewReplacer(`\\`, `\\`, `\(`, `(`, `\)`, `)`, `\{`, `{`, `\}`, `}`, `\+`, `+`, `\?`, `?`, `\|`, `|`,
		`(`, `\(`, `)`, `\)`, `{`, `\{`, `}`, `\}`, `+`, `\+`, `?`, `\?`, `|`, `\|`)
)

// knownFile is a YAML file with its path, if that is known: all of it for one that is in the folder of the command.
func knownFile(word, dir string) (f rewritten) {
	if ext := path.Ext(word); ext != ".yaml" && ext != ".yml" || strings.ContainsAny(word, "*?[ ") || unknown.MatchString(word) {
		return f
	}
	word = path.Clean(word)
	for strings.HasPrefix(word, "../") {
		word = word[len("../"):]
	}
	switch {
	case path.IsAbs(word):
		return f
	case strings.Contains(word, "/"):
		f.file = word
	case dir != "":
		f = rewritten{path.Join(dir, word), true}
	}
	return f
}

// ownVariables adds the variables of the jobs of a workflow that have one value in all of them.
func ownVariables(d *lint.Document, global variables.Set) variables.Set {
	set := maps.Clone(global)
	for _, job := range d.Root.Get("jobs").Entries() {
		for name, v := range job.Get("env").Entries() {
			if old, ok := set[name]; !v.IsScalar() || strings.Contains(v.Written(), "$") || ok && old != v.Written() {
				set[name] = ""
			} else {
				set[name] = v.Written()
			}
		}
	}
	return set
}

// Rewriter is the file with a command that puts another value in the place of a tag when it runs, as the release of a chart does: a
// digest behind the tag is then not that of the image. It is empty if none is known. field is the path with the tag in its object, and
// at where it is written.
// It is "the release" if a comment behind the tag says that this replaces it.
func (x *Images) Rewriter(tag, field string, at func() lint.Origin) string {
	if tag == "" {
		return ""
	}
	o := at()
	line := o.Text
	if o.Entry != nil {
		line = o.Entry.Text
	}
	if value, comment, ok := strings.Cut(line, " #"); ok && strings.Contains(value, tag) && saysReplaced.MatchString(comment) {
		return "the release"
	}
	for _, r := range x.rewrites {
		if r.file == "" {
			if r.namesImage(o.Text, tag) && replaces(r.old, o.Text, tag) {
				return r.by
			}
			continue
		}
		if r.old != nil && r.isOf(o.File) && r.lines.has(o.Text, field) && replaces(r.old, o.Text, tag) {
			return r.by
		}
		for _, s := range o.Trail {
			if s.Kind == lint.StepValues && r.isOf(s.Position.File) && r.replacesKey(s.Label, tag) {
				return r.by
			}
		}
	}
	return ""
}

// saysReplaced matches a comment which says that a release replaces what is in the line, also as release-please knows it.
var saysReplaced = regexp.MustCompile(`(?i)\b(?:be|is|are|gets?) (?:automatically |then )?(?:replaced|overwritten|overridden|substituted|set|updated|bumped|filled(?: in)?|injected)\b.*\b(?:at|on|during|by|in|for|with|when) .*\breleas|` +
	`\bx-release-please-(?:version|major|minor|patch)\b`)

// IsCompleted reports whether a command puts an image with a tag in the place of one without, which is what a line has. field is its path in
// its object, and at where it is written.
func (x *Images) IsCompleted(image, field string, at func() lint.Origin) bool {
	r := dockerfile.ParseReference(image)
	if len(x.rewrites) == 0 || r.Tag != "" || r.Digest != "" {
		return false
	}
	o := at()
	return slices.ContainsFunc(x.rewrites, func(r rewrite) bool {
		return r.old != nil && r.isOf(o.File) && r.lines.has(o.Text, field) && endsWithTag.MatchString(r.new) && replaces(r.old, o.Text, image)
	})
}

// endsWithTag matches what ends with the tag of an image.
var endsWithTag = regexp.MustCompile(`:[^/\s:]+$`)

// AppVersionRewriter is the file with a command that puts another version in the place of the appVersion of the chart in a folder. It is empty
// if none is known.
func (x *Images) AppVersionRewriter(folder, version string) string {
	const field = "appVersion"
	file := path.Join(folder, "Chart.yaml")
	i := slices.IndexFunc(x.rewrites, func(r rewrite) bool {
		return version != "" && r.isOf(file) && (r.key == field || r.old != nil && (replaces(r.old, field+": "+version, version) || replaces(r.old, field+`: "`+version+`"`, version)))
	})
	if i < 0 {
		return ""
	}
	return x.rewrites[i].by
}

// namesImage reports whether the pattern has the name of the image before a tag in a line, or that of its owner.
func (r rewrite) namesImage(line, tag string) bool {
	before, _, ok := cutLast(line, ":"+tag)
	if !ok {
		return false
	}
	name := before[1+strings.LastIndexAny(before, " \t\"'=,[{"):]
	owner, base := path.Split(name)
	owner = path.Base(owner) + "/"
	return len(base) > 2 && strings.Contains(r.pattern, base+":") || len(owner) > 3 && strings.Contains(r.pattern, owner)
}

// cutLast cuts a text at the last place of a part of it.
func cutLast(text, part string) (before, after string, ok bool) {
	i := strings.LastIndex(text, part)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(part):], true
}

// isOf reports whether a file is the one that the command changes.
func (r rewrite) isOf(file string) bool {
	return r.file != "" && (file == r.file || !r.isWhole && strings.HasSuffix(file, "/"+r.file))
}

// tagKey matches the last part of the keys by which charts take a tag, or an image with its tag.
var tagKey = regexp.MustCompile(`(?i)tag|version|image`)

// isStep reports whether a step of a path is the one that a comment names, which may have a word for any: <service>.
func isStep(named, step string) bool { return named == step || strings.HasPrefix(named, "<") }

// replacesKey reports whether the value of a key of a chart is replaced, which is or ends with a tag. Its line is taken to be as people
// write it, with an indent of two spaces.
func (r rewrite) replacesKey(key, tag string) bool {
	if r.old == nil {
		return r.key == key || strings.Contains(r.key, "<") && slices.EqualFunc(node.SplitKeys(r.key), node.SplitKeys(key), isStep)
	}
	if r.lines != nil {
		return false
	}
	parts := node.SplitKeys(key)
	if len(parts) == 0 {
		return false
	}
	last := parts[len(parts)-1]
	line := strings.Repeat("  ", len(parts)-1) + last + ": "
	return tagKey.MatchString(last) && (replaces(r.old, line+tag, tag) || replaces(r.old, line+`"`+tag+`"`, tag))
}

// replaces reports whether a tag at the end of a line, but for a comment and quotes, is a part of what sed replaces.
func replaces(old *regexp.Regexp, line, tag string) bool {
	line, _, _ = strings.Cut(line, " #")
	end := strings.LastIndex(line, tag)
	if end < 0 {
		return false
	}
	for _, m := range old.FindAllStringIndex(line, -1) {
		if m[0] <= end && m[1] >= end+len(tag) {
			return true
		}
	}
	return false
}
