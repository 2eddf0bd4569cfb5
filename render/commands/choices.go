package commands

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v3/pkg/strvals"
	k8syaml "sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/helm"
)

// variable matches what is not known of a word.
var variable = regexp.MustCompile(`\$\{\{[^}]*\}\}|\{\{[^}]*\}\}|\$\([^)]*\)|\$\{[^}]*\}|\$[\w@*#?]+|` + "`[^`]*`" + `|<\([^)]*\)|<[\w -]+>`)

func isUnknown(word string) bool {
	return variable.MatchString(word) || strings.ContainsAny(word, "$`")
}

// choice is what may stand for a variable. The zero value is for words without one.
type choice struct{ variable, value string }

func (c choice) in(word string) string {
	if c.variable == "" {
		return word
	}
	return strings.ReplaceAll(word, c.variable, c.value)
}

// maxChoices limits for how many values of a variable a command is looked at.
const maxChoices = 32

// choices are what may stand for the only variable of a path, for which there is something in the tree at the path with an ending: the
// environments that have a values file, say. There is one without a variable if the path is known.
func (r *reader) choices(in at, from, word, ending string) (l []choice) {
	found := variable.FindAllString(word, -1)
	if len(found) == 0 {
		return []choice{{}}
	}
	start := strings.Index(word, found[0])
	slash := strings.LastIndex(word[:start], "/") + 1
	if slices.ContainsFunc(found, func(other string) bool { return other != found[0] }) || word == found[0] || slash == 0 && ending != "" {
		return nil
	}
	dir, ok := in.Place(from, path.Clean(word[:slash]))
	if !ok {
		return nil
	}
	part, _, _ := strings.Cut(word[slash:], "/")
	before, after, _ := strings.Cut(part, found[0])
	if strings.Contains(after, found[0]) || before+after == "" && slash == 0 {
		return nil
	}
	entries, _ := r.tree.ReadDir(dir) // what cannot be listed has none
	for _, e := range entries {
		rest, isBefore := strings.CutPrefix(e.Name(), before)
		value, isAfter := strings.CutSuffix(rest, after)
		if !isBefore || !isAfter || value == "" || strings.HasPrefix(value, ".") {
			continue
		}
		c := choice{found[0], value}
		place, ok := in.Place(from, c.in(word)+ending)
		if info, err := r.tree.Stat(place); ok && err == nil && info.Mode().IsRegular() && len(l) < maxChoices {
			l = append(l, c)
		}
	}
	return l
}

// notInName matches what is no part of the name of a variable.
var notInName = regexp.MustCompile(`\W+`)

// settings are the values that the options of a command set. What is not known of them is a variable. ok is false if it is not known which
// keys they set.
func (r *reader) settings(dir string, c *command, in at, chosen func(string) string) (f helm.ValuesFile, ok bool) {
	if len(c.settings) > maxSettings {
		return f, false
	}
	all := map[string]any{}
	for _, s := range c.settings {
		for _, text := range s.each(chosen(s.text)) {
			if !r.set(all, dir, s.option, text) {
				return f, false
			}
		}
	}
	if len(all) == 0 {
		return f, true
	}
	data, err := k8syaml.Marshal(all)
	if err != nil || len(data) > maxText {
		return f, false
	}
	set := helm.ValuesFile{Name: r.tree.Display(in.name), Data: data}
	position := set.Positions()
	position(nil) // it is parsed before several scenarios ask
	hasSecret := slices.ContainsFunc(c.settings, func(s setting) bool { return namesSecret(s.text) })
	set.At = func(steps []string) lint.Position {
		at := lint.Position{File: set.Name}
		if _, isSet := position(steps); isSet {
			return r.placeOf(strings.Join(steps, "."), lint.Position{File: set.Name, Line: in.number}, in.given)
		}
		return at
	}
	set.LineAt = func(at lint.Position) string {
		if hasSecret { // it may be on the same line
			return ""
		}
		return r.tree.LineAt(at)
	}
	return set, true
}

// placeOf is the place of a key that an option of a command sets: on the command, or on one of the lines that give it a text. Where it is found on
// none, it is the line of the command.
func (r *reader) placeOf(key string, command lint.Position, given []lint.Position) lint.Position {
	at := command
	r.findKey(&at, key)
	for _, g := range given {
		if at.Column > 0 {
			break
		}
		there := lint.Position{File: r.tree.Display(g.File), Line: g.Line}
		if r.findKey(&there, key); there.Column > 0 {
			at = there
		}
	}
	return at
}

// namesSecret reports whether an option may set a secret.
func namesSecret(text string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '=' }), func(key string) bool {
		return helm.IsSecretName(key[strings.LastIndex(key, ".")+1:])
	})
}

// maxLines is how many lines of a command are searched for a setting.
const maxLines = 50

// findKey moves a position from the first line of a command to the last step of the key that an option of it sets. Where it does not find that, it
// stays on the line.
func (r *reader) findKey(at *lint.Position, key string) {
	for line := at.Line; line < at.Line+maxLines; line++ {
		text := r.tree.LineAt(lint.Position{File: at.File, Line: line})
		if before, _, ok := strings.Cut(text, key+"="); ok {
			at.Line = line
			at.Column = utf8.RuneCountInString(before+key[:strings.LastIndex(key, ".")+1]) + 1
			return
		}
		if !strings.HasSuffix(strings.TrimSpace(text), `\`) {
			return
		}
	}
}

// each are the settings of an option, which may have several.
func (s setting) each(text string) []string {
	if s.option == "--set-json" || s.option == "--set-literal" || strings.ContainsAny(text, "{[\\") && !isUnknown(text) {
		return []string{text}
	}
	var l []string
	for one := range strings.SplitSeq(text, ",") {
		if n := len(l); n > 0 && !strings.Contains(one, "=") {
			l[n-1] += "," + one
		} else {
			l = append(l, one)
		}
	}
	return l
}

// set sets what an option sets. ok is false if it is not known which keys that are.
func (r *reader) set(all map[string]any, dir, option, text string) (ok bool) {
	key, value, _ := strings.Cut(text, "=")
	if key == "" || isUnknown(key) || len(text) > maxSetting || highIndex.MatchString(text) {
		return false
	}
	if isUnknown(value) {
		if !r.takesText(dir, key) {
			return true
		}
		value = variable.ReplaceAllStringFunc(value, func(ref string) string {
			return "${" + strings.Trim("v"+notInName.ReplaceAllString(ref, "_"), "_") + "}"
		})
	}
	var err error
	switch option {
	case "--set-json":
		err = strvals.ParseJSON(key+"="+value, all)
	case "--set-string", "--set-literal":
		err = strvals.ParseIntoString(key+"="+value, all)
	case "--set-file":
		err = strvals.ParseIntoString(key+"=${file}", all)
	default:
		err = strvals.ParseInto(key+"="+value, all)
	}
	return err == nil
}

// takesText reports whether the chart may have a text at a key: what it has there is no number, mapping or the like.
func (r *reader) takesText(dir, key string) bool {
	values, known := r.values[dir]
	if !known {
		var n yaml.Node
		if text, err := r.tree.ReadFile(path.Join(dir, "values.yaml")); err == nil && len(text) <= maxText && yaml.Unmarshal(text, &n) == nil && node.IsExpandable(&n) {
			values = node.NewValue(&n)
		}
		r.values[dir] = values
	}
	v := values.Get(key)
	return !v.IsSet() || v.IsScalar() && v.Node.ShortTag() == "!!str"
}

// maxSettings is how many options of a command that set values are read, and maxSetting how long one may be. No chart needs an index of three
// digits, for which Helm makes a list of that length.
const (
	maxSettings = 100
	maxSetting  = 2048
)

var highIndex = regexp.MustCompile(`\[\d{3}`)
