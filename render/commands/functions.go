package commands

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint/variables"
)

// function is one of a script for a shell.
type function struct {
	body  []string
	twice map[string]bool // the variables that it sets to several things
}

var (
	// startsFunction matches the line at which a function begins. It ends with a brace that is as far from the margin.
	startsFunction = regexp.MustCompile(`^([ \t]*)(?:function[ \t]+([A-Za-z_][\w-]*)[ \t]*(?:\([ \t]*\))?|([A-Za-z_][\w-]*)[ \t]*\([ \t]*\))[ \t]*\{[ \t]*$`)
	// callsBasename matches what a shell runs to get the last part of a path.
	callsBasename = regexp.MustCompile(`\$\([ \t]*basename[ \t]+["']?([\w./-]+)["']?[ \t]*\)`)
	// setsLocals matches the word before variables of a function.
	setsLocals = regexp.MustCompile(`^[ \t]*(?:local|declare)[ \t]+`)
)

// maxCalled is how many lines the functions that a script calls may have, all in all.
const maxCalled = 20000

// called is a script with the bodies of its functions in the place of the commands that call them, with what these hand over, and of which line of
// the script each line is: that of the call. Functions that functions call stay as they are.
func called(text string) (_ string, numbers []int) {
	rest, functions := functionsOf(text)
	var out strings.Builder
	budget, n := maxCalled, 0
	for line := range strings.Lines(rest) {
		n++
		out.WriteString(line)
		numbers = append(numbers, n)
		if len(functions) == 0 || strings.HasSuffix(line, "\\\n") || !strings.HasSuffix(line, "\n") && budget <= 0 {
			continue
		}
		for _, commands := range pipelines(line) {
			words := commands[0]
			if len(words) == 0 || functions[words[0]] == nil || budget <= 0 {
				continue
			}
			if !strings.HasSuffix(line, "\n") {
				out.WriteByte('\n')
			}
			for _, one := range functions[words[0]].with(words[1:]) {
				out.WriteString(one + "\n")
				numbers = append(numbers, n)
				budget--
			}
		}
	}
	return out.String(), append(numbers, n)
}

// functionsOf are the functions of a script, and the script with empty lines in their place.
func functionsOf(text string) (rest string, functions map[string]*function) {
	functions = map[string]*function{}
	lines := strings.Split(text, "\n")
	ends := map[string][]int{} // the lines with a brace alone, by what is before it
	for i, line := range lines {
		if margin, ok := strings.CutSuffix(strings.TrimRight(line, " \t"), "}"); ok && strings.TrimSpace(margin) == "" {
			ends[margin] = append(ends[margin], i)
		}
	}
	for i := 0; i < len(lines); i++ {
		m := startsFunction.FindStringSubmatch(lines[i])
		if m == nil {
			continue
		}
		l := ends[m[1]]
		k, _ := slices.BinarySearch(l, i)
		if k == len(l) {
			continue
		}
		body := slices.Clone(lines[i+1 : l[k]])
		functions[m[2]+m[3]] = &function{body, variables.SetTwice(strings.Join(body, "\n"))}
		for ; i < l[k]; i++ {
			lines[i] = ""
		}
		lines[i] = ""
	}
	return strings.Join(lines, "\n"), functions
}

// with are the lines of a function that is called with some words, without those that set variables.
func (f *function) with(args []string) (l []string) {
	set := variables.Set{}
	for i, arg := range args {
		set[strconv.Itoa(i+1)] = arg
	}
	for _, line := range f.body {
		if strings.TrimSpace(line) == "shift" || strings.HasPrefix(strings.TrimSpace(line), "shift ") {
			return l // what the numbers mean from here on is not known
		}
		line = callsBasename.ReplaceAllStringFunc(set.Expand(line, variables.Shell), func(call string) string {
			return path.Base(callsBasename.FindStringSubmatch(call)[1])
		})
		if f.assign(set, line) {
			continue
		}
		l = append(l, line)
	}
	return l
}

// assign reports whether a line does no more than to set variables.
func (f *function) assign(set variables.Set, line string) bool {
	assignments := []string{line}
	if rest := setsLocals.ReplaceAllString(line, ""); rest != line {
		assignments = strings.Fields(rest)
	}
	isAssigned := true
	for _, one := range assignments {
		isAssigned = set.Assign(one) && isAssigned
		if name, _, ok := strings.Cut(strings.TrimSpace(one), "="); ok && f.twice[name] {
			delete(set, name)
		}
	}
	return isAssigned
}
