// Package variables knows what Makefiles and shell scripts set by literals, and which lines their macros make.
package variables

import (
	"regexp"
	"strconv"
	"strings"
)

// Set are variables by their names. Those of which it is not known what they are have an empty value, or none.
type Set map[string]string

var (
	// makeAssignment matches a variable of a Makefile that is set to a literal.
	makeAssignment = regexp.MustCompile(`(?m)^(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*[?:]*=[ \t]*([^$#\n]*?)[ \t]*(?:#.*)?$`)
	// madeOf matches a variable of a Makefile that is set to others and literals: IMG ?= ${IMAGE}:${TAG}.
	madeOf = regexp.MustCompile(`(?m)^(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*[?:]*=[ \t]*((?:[^$#\n \t]*\$(?:\(\w+\)|\{\w+\}))+[^$#\n \t]*)[ \t]*(?:#.*)?$`)
	// shellAssignment matches a variable of a shell that is set to a word: IMAGE=app:dev, IMAGE="${IMAGE:-app:dev}".
	shellAssignment = regexp.MustCompile(`^\s*(?:export\s+|readonly\s+|local\s+)?([A-Za-z_]\w*)=["']?(?:\$\{\w+:?-([^}"'\s]+)\}|([^$"'\s;()` + "`" + `]+))["']?\s*(?:#.*)?$`)
	// anyShellAssignment matches one that is set to anything.
	anyShellAssignment = regexp.MustCompile(`^\s*(?:export\s+|readonly\s+|local\s+)?([A-Za-z_]\w*)=`)
	// Make matches where a Makefile puts the value of a variable.
	Make = regexp.MustCompile(`\$(?:\(\w+\)|\{\w+\})`)
	// Shell matches where a shell does.
	Shell = regexp.MustCompile(`\$\{\w+\}|\$\w+`)
)

// OfLiterals are those of a Makefile that are set to literals.
func OfLiterals(text string) Set {
	vars := Set{}
	for _, m := range makeAssignment.FindAllStringSubmatch(text, -1) {
		if old, ok := vars[m[1]]; ok && old != m[2] {
			m[2] = "" // which of them counts is not known
		}
		vars[m[1]] = m[2]
	}
	return vars
}

// OfMakefile are those of a Makefile: set to literals, or to others that are known.
func OfMakefile(text string) Set {
	vars := OfLiterals(text)
	empty := emptyIn(text)
	made := madeOf.FindAllStringSubmatch(text, -1)
	for range maxDepth {
		for _, m := range made {
			value := Make.ReplaceAllStringFunc(vars.Expand(m[2], Make), func(ref string) string {
				if empty[strings.Trim(ref, "$(){}")] {
					return ""
				}
				return ref
			})
			if strings.Contains(value, "$") || len(value) > maxValue {
				continue
			}
			if old, ok := vars[m[1]]; ok && old != value {
				value = ""
			}
			vars[m[1]] = value
		}
	}
	return vars
}

// emptyIn are the variables of a Makefile that are set to nothing wherever they are set: a prefix of names that the user may give.
func emptyIn(text string) map[string]bool {
	empty := map[string]bool{}
	for _, m := range makeAssignment.FindAllStringSubmatch(text, -1) {
		old, isKnown := empty[m[1]]
		empty[m[1]] = m[2] == "" && (old || !isKnown)
	}
	for _, m := range madeOf.FindAllStringSubmatch(text, -1) {
		empty[m[1]] = false
	}
	return empty
}

// Assign takes a line of a shell script. It reports whether the line does no more than to set a variable to a literal.
func (v Set) Assign(line string) bool {
	line = strings.TrimRight(line, "\r\n")
	if m := shellAssignment.FindStringSubmatch(line); m != nil {
		v[m[1]] = m[2] + m[3]
		return true
	}
	if m := anyShellAssignment.FindStringSubmatch(line); m != nil {
		delete(v, m[1])
	}
	return false
}

// Expand puts what is known in the place of variables, which a pattern matches: also ${{ env.NAME }} of a workflow.
func (v Set) Expand(text string, variable *regexp.Regexp) string {
	return variable.ReplaceAllStringFunc(text, func(ref string) string {
		if value := v[strings.TrimPrefix(strings.Trim(ref, "$(){} "), "env.")]; value != "" && len(value) <= maxValue {
			return value
		}
		return ref
	})
}

// defaulted matches where a shell puts the value of a variable, or a literal if that has none.
var defaulted = regexp.MustCompile(`\$\{(\w+):?-([^}$` + "`" + `]*)\}`)

// ExpandDefaults puts what is known in the place of variables that have a literal in the place of no value: ${IMAGE:-app:dev}.
func (v Set) ExpandDefaults(text string) string {
	return defaulted.ReplaceAllStringFunc(text, func(ref string) string {
		m := defaulted.FindStringSubmatch(ref)
		if value := v[m[1]]; value != "" && len(value) <= maxValue {
			return value
		}
		return m[2]
	})
}

// SetTwice are the variables that a shell script sets to several things.
func SetTwice(text string) map[string]bool {
	first, twice := map[string]string{}, map[string]bool{}
	for line := range strings.Lines(text) {
		m := anyShellAssignment.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		value := strings.TrimSpace(line)
		if old, ok := first[m[1]]; ok && old != value {
			twice[m[1]] = true
		}
		first[m[1]] = value
	}
	return twice
}

// maxValue is how long a value may be, in bytes: a text may use it very often.
const maxValue = 256

// Line is one of a text, with those that a backslash joins to it.
type Line struct {
	Text string
	// Number is that of its first line, counted from 1.
	Number int
}

// Lines are those of a text.
func Lines(text string) (l []Line) {
	n, isOpen := 0, false
	for line := range strings.Lines(text) {
		n++
		line, goesOn := strings.CutSuffix(strings.TrimRight(line, "\r\n"), `\`)
		if isOpen {
			l[len(l)-1].Text += " " + strings.TrimSpace(line)
		} else {
			l = append(l, Line{line, n})
		}
		isOpen = goesOn
	}
	return l
}

// The limits on what macros make: lines of a Makefile, and macros that use others.
const (
	maxMade  = 10_000
	maxDepth = 3
	maxText  = 1 << 20
)

var (
	defines  = regexp.MustCompile(`^(?:override\s+|export\s+)*define\s+([\w.-]+)\s*[?:]*=?\s*$`)
	calls    = regexp.MustCompile(`\$[({]call\s+([\w.-]+)\s*`)
	argument = regexp.MustCompile(`\$(?:\((\d)\)|\{(\d)\}|(\d))`)
	sets     = regexp.MustCompile(`\$[({]eval\s+([\w.-]+)\s*[?:]*=\s*(.*?)\s*[)}]\s*$`)
)

// makefile is one whose macros are put in the place of their calls.
type makefile struct {
	macros map[string][]Line
	made   []Line
	size   int
}

// OfRecipes are the lines of a Makefile's recipes. The lines of a macro are in the place of each of its calls, with the
// arguments and what it sets. Calls beyond a limit are left as they are.
func OfRecipes(text string) []Line {
	m := makefile{macros: map[string][]Line{}}
	var recipes []Line
	name := ""
	for _, l := range Lines(text) {
		start := defines.FindStringSubmatch(l.Text)
		switch trimmed := strings.TrimSpace(l.Text); {
		case name != "" && trimmed == "endef":
			name = ""
		case name != "":
			m.macros[name] = append(m.macros[name], l)
		case start != nil:
			name = start[1]
			m.macros[name] = nil
		case strings.HasPrefix(l.Text, "\t"):
			recipes = append(recipes, l)
		}
	}
	for _, l := range recipes {
		m.expand(l, 0)
	}
	return m.made
}

// expand adds a line, or what the macros make that it calls.
func (m *makefile) expand(l Line, depth int) {
	for {
		found := calls.FindStringSubmatchIndex(l.Text)
		if found == nil || depth >= maxDepth {
			m.add(l)
			return
		}
		name, before := l.Text[found[2]:found[3]], l.Text[:found[0]]
		if strings.Count(before, "(") == strings.Count(before, ")") && strings.TrimSpace(before) != "" {
			m.add(Line{before, l.Number})
		}
		args, rest := arguments(l.Text[found[1]:])
		l.Text = rest
		m.call(m.macros[name], args, depth)
	}
}

func (m *makefile) add(l Line) {
	if m.size += len(l.Text); len(m.made) < maxMade && m.size < maxText {
		m.made = append(m.made, l)
	}
}

func (m *makefile) call(macro []Line, args []string, depth int) {
	set := Set{}
	for _, l := range macro {
		if len(m.made) >= maxMade || m.size >= maxText {
			return
		}
		l.Text = argument.ReplaceAllStringFunc(l.Text, func(ref string) string {
			if i, _ := strconv.Atoi(strings.Trim(ref, "$(){}")); 0 < i && i <= len(args) && len(args[i-1]) <= maxValue {
				return args[i-1]
			}
			return ref
		})
		l.Text = set.Expand(l.Text, Make)
		m.size += len(l.Text)
		if s := sets.FindStringSubmatch(l.Text); s != nil {
			set[s[1]] = s[2]
			continue
		}
		m.expand(l, depth+1)
	}
}

// arguments are those of a call, from the comma before the first one to the parenthesis that ends it, and what follows.
func arguments(text string) (args []string, rest string) {
	depth, start := 0, -1
	for i, c := range text {
		switch {
		case c == '(' || c == '{':
			depth++
		case (c == ')' || c == '}') && depth > 0:
			depth--
		case c == ')' || c == '}' || c == ',' && depth == 0:
			if start >= 0 {
				args = append(args, strings.TrimSpace(text[start:i]))
			}
			if c != ',' {
				return args, text[i+1:]
			}
			start = i + 1
		}
	}
	return args, ""
}
