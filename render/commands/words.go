package commands

import (
	"path"
	"slices"
	"strings"
)

// command is one of Helm that installs a chart.
type command struct {
	verb string
	// stored is the manifest to which it renders the chart in place of that, as reports call it.
	stored string
	// release is the name of the release: empty if it is not given. names are all words that are no options.
	release, namespace string
	names              []string
	files              []string
	settings           []setting
}

// setting is an option that sets values.
type setting struct{ option, text string }

// printing are the commands that print others, and inOther those that run others where the files of the tree have other names.
var (
	printing = []string{"echo", "printf", "log", "info", "warn", "error", "print", "cat", "usage", "say"}
	inOther  = []string{"docker", "podman", "nerdctl", "kubectl", "oc", "ssh", "vagrant", "multipass"}
)

// takesValue are the options of Helm with a value that matters here to nobody.
var takesValue = []string{
	"--version", "--timeout", "--kube-context", "--kubeconfig", "--description", "--history-max", "--post-renderer", "--post-renderer-args", "--keyring", "--ca-file", "--cert-file",
	"--key-file", "--username", "--password", "-a", "--api-versions", "--kube-version", "--name-template", "-o", "--output", "-l", "--labels", "-C", "--context", "--output-dir",
	"-s", "--show-only", "--kube-as-user", "--kube-token", "--kube-apiserver", "--registry-config", "--repository-config", "--suppress", "--three-way-merge-mode",
}

// maxBefore is how many words may be before Helm in a command: sudo, retry 3.
const maxBefore = 4

// commandOf is the command that words are. It is nil for others.
func commandOf(words []string) *command {
	at := slices.IndexFunc(words, isHelm)
	if at < 0 || at > maxBefore || slices.ContainsFunc(words[:at], func(w string) bool { return slices.Contains(printing, w) || slices.Contains(inOther, w) }) {
		return nil
	}
	words = words[at+1:]
	for len(words) > 0 && (words[0] == "secrets" || words[0] == "diff" || words[0] == "tiller" || words[0] == "run" || strings.HasPrefix(words[0], "-") && strings.Contains(words[0], "=")) {
		words = words[1:]
	}
	for len(words) > 1 && strings.HasPrefix(words[0], "-") { // options before the verb
		_, words = optionOf(words)
	}
	if len(words) < 2 || !slices.Contains([]string{"install", "upgrade", "template"}, words[0]) && !isUnknown(words[0]) {
		return nil
	}
	c := &command{verb: words[0]}
	if !c.read(words[1:]) || isUnknown(c.verb) && (len(c.names) < 2 || len(c.files) == 0) { // only these verbs take a release, a chart and values
		return nil
	}
	if len(c.names) > 1 && c.release == "" {
		c.release = c.names[0]
	}
	return c
}

// isHelm reports the names of Helm, and of variables for it.
func isHelm(word string) bool {
	name := strings.ToLower(strings.Trim(path.Base(word), "@-${()}"))
	return name == "helm" || name == "helm3" || strings.HasPrefix(word, "$") && strings.HasSuffix(name, "helm")
}

// optionOf is the option that words begin with, with its value if it takes one, and the words after it.
func optionOf(words []string) (option [2]string, rest []string) {
	name, value, hasValue := strings.Cut(words[0], "=")
	needsValue := slices.Contains(takesValue, name) || slices.Contains([]string{"-f", "--values", "-n", "--namespace", "--name", "--repo"}, name) || strings.HasPrefix(name, "--set")
	if !needsValue || hasValue || len(words) < 2 {
		return [2]string{name, value}, words[1:]
	}
	return [2]string{name, words[1]}, words[2:]
}

// read takes the arguments of a command. It reports whether the chart may be one of the tree.
func (c *command) read(words []string) bool {
	for len(words) > 0 {
		if !strings.HasPrefix(words[0], "-") {
			if words[0] != `\` {
				c.names = append(c.names, words[0])
			}
			words = words[1:]
			continue
		}
		var option [2]string
		option, words = optionOf(words)
		switch name, value := option[0], option[1]; {
		case name == "--repo":
			return false
		case name == "-f" || name == "--values":
			for file := range strings.SplitSeq(value, ",") {
				c.files = append(c.files, file)
			}
		case strings.HasPrefix(name, "--set"):
			c.settings = append(c.settings, setting{name, value})
		case name == "-n" || name == "--namespace":
			c.namespace = value
		case name == "--name":
			c.release = value
		}
	}
	return len(c.names) > 0 && len(c.names) < 4
}

// words splits a line into commands.
type words struct {
	all     [][][]string
	word    strings.Builder
	isWord  bool // a word has begun, perhaps an empty one
	skips   bool // the next word is the file to which a command writes
	comment bool
	open    int // how many expressions have no end
}

// pipelines are the commands of a line, with those to which they pipe what they print, as words without quotes. What the shell
// runs to get a word, $(…), stays as it is.
func pipelines(line string) [][][]string {
	w := &words{all: [][][]string{{nil}}}
	for i := 0; i < len(line) && !w.comment; {
		i += w.take(line[i:])
	}
	w.endWord()
	return w.all
}

// take takes what a text begins with, and says how long that is.
func (w *words) take(text string) int {
	if n := w.expressionAt(text); n > 0 {
		w.add(text[:n])
		return n
	}
	switch c := text[0]; c {
	case '\'', '"':
		return w.quoted(text)
	case ' ', '\t', '\n':
		w.endWord()
	case '\\':
		if len(text) > 1 && text[1] != '\n' {
			w.add(text[1:2])
			return 2
		}
	case '|', ';', '&':
		w.endWord()
		double := len(text) > 1 && text[1] == c
		switch {
		case c == '|' && !double:
			w.all[len(w.all)-1] = append(w.all[len(w.all)-1], nil)
		default:
			w.all = append(w.all, [][]string{nil})
		}
		if double {
			return 2
		}
	case '>':
		if _, err := w.redirected(); !err {
			w.endWord()
		}
		w.skips = true
		return len(text) - len(strings.TrimLeft(text, ">&"))
	case '(', ')':
		w.endWord()
	case '#':
		w.comment = !w.isWord
		w.add("#")
	default:
		w.add(text[:1])
	}
	return 1
}

// redirected drops the number of what is redirected: 2>file.
func (w *words) redirected() (number string, isDropped bool) {
	if s := w.word.String(); w.isWord && (s == "1" || s == "2") {
		w.word.Reset()
		w.isWord = false
		return s, true
	}
	return "", false
}

func (w *words) add(text string) {
	w.word.WriteString(text)
	w.isWord = true
}

func (w *words) endWord() {
	if !w.isWord {
		return
	}
	word := w.word.String()
	w.word.Reset()
	w.isWord = false
	if w.skips {
		w.skips = false
		return
	}
	p := w.all[len(w.all)-1]
	if !w.comment && (len(p[len(p)-1]) > 0 || !isPrefix(word)) {
		p[len(p)-1] = append(p[len(p)-1], word)
	}
}

// isPrefix reports what is before a command.
func isPrefix(word string) bool {
	switch word {
	case "then", "do", "else", "sudo", "!", "{", "if", "time", "exec", "-", "@", "run:", "-run:":
		return true
	}
	name, _, ok := strings.Cut(word, "=")
	return ok && name != "" && !strings.ContainsAny(name, "-/.$")
}

// quoted takes a text in quotes.
func (w *words) quoted(text string) int {
	w.isWord = true
	for i := 1; i < len(text); {
		switch n := w.expressionAt(text[i:]); {
		case text[i] == text[0]:
			return i + 1
		case n > 0 && text[0] == '"':
			w.add(text[i : i+n])
			i += n
		case text[i] == '\\' && text[0] == '"' && i+1 < len(text):
			w.add(text[i+1 : i+2])
			i += 2
		default:
			w.add(text[i : i+1])
			i++
		}
	}
	return len(text)
}

// maxExpression is how long an expression may be.
const maxExpression = 1000

// maxOpen is how many expressions without an end are looked for in a line.
const maxOpen = 20

// expressionAt is how long the expression is that a text begins with: $(…), ${…}, `…`, {{…}}, <(…). It is 0 if there is none.
func (w *words) expressionAt(text string) int {
	begins, ends := "", ""
	for _, pair := range [][2]string{{"$((", "))"}, {"$(", ")"}, {"<(", ")"}, {"${{", "}}"}, {"${", "}"}, {"{{", "}}"}, {"`", "`"}} {
		if strings.HasPrefix(text, pair[0]) {
			begins, ends = pair[0], pair[1]
			break
		}
	}
	if begins == "" || w.open > maxOpen {
		return 0
	}
	depth := 1
	for i := len(begins); i < min(len(text), maxExpression); i++ {
		switch {
		case strings.HasPrefix(text[i:], ends):
			if depth--; depth == 0 {
				return i + len(ends)
			}
		case ends == ")" && text[i] == '(' || ends == "}" && text[i] == '{':
			depth++
		}
	}
	w.open++
	return 0
}
