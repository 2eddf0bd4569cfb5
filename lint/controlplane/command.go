package controlplane

import (
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// binaries are the names of programs on a command line.
var binaries = map[string]Program{
	"kube-apiserver":          APIServer,
	"kube-controller-manager": ControllerManager,
	"kube-scheduler":          Scheduler,
	"etcd":                    Etcd,
	"kubelet":                 Kubelet,
	"kube-proxy":              KubeProxy,
}

// hyperkube is the names of programs after hyperkube, besides those of binaries.
var hyperkube = map[string]Program{
	"apiserver":          APIServer,
	"controller-manager": ControllerManager,
	"scheduler":          Scheduler,
	"proxy":              KubeProxy,
}

// starters are programs and words of a shell that may come before a program, with flags
// of their own.
var starters = []string{
	"sh", "bash", "ash", "dash", "exec", "nohup", "nice", "ionice", "env", "sudo", "nsenter",
	"tini", "dumb-init", "catatonit", "go-runner", "kube-log-runner", "hyperkube", "watch-termination", "true",
}

// otherFiles are the flags that name a file in which most other flags have a field.
var otherFiles = map[Program][]string{
	APIServer:         {"openshift-config"},
	ControllerManager: {"openshift-config"},
	Scheduler:         {"config"},
	Etcd:              {"config-file"},
	Kubelet:           {"config", "config-dir"},
	KubeProxy:         {"config"},
}

// word is one of a command line, and the value that holds it.
type word struct {
	text string
	at   lint.Value
	// unknown is set if the word is a placeholder.
	unknown bool
}

// containers reads the command lines of an object's containers.
func containers(o *lint.Object) []*Component {
	var l []*Component
	for _, w := range o.Workloads {
		for _, h := range w.Select(lint.KindContainer) {
			if !mayStart(h) {
				continue
			}
			if c := command(o, h); c != nil {
				l = append(l, c)
			}
		}
	}
	return l
}

// mayStart reports whether a container's image or command line has a part of the name of a
// program: most containers have none, and need no closer look.
func mayStart(h lint.PodOrContainer) bool {
	if image := h.Get("image"); image.IsScalar() && mayName(image.Node.Value) {
		return true
	}
	for _, list := range [...]string{"command", "args"} {
		for v := range h.Get(list).Items() {
			if v.IsScalar() && mayName(v.Node.Value) {
				return true
			}
		}
	}
	return false
}

// mayName reports whether a text has what the names of all programs have, hyperkube included.
func mayName(text string) bool {
	return strings.Contains(text, "kube") || strings.Contains(text, "etcd")
}

// command reads the command line of a container. It is nil if it starts no known program.
func command(o *lint.Object, h lint.PodOrContainer) *Component {
	words, open := wordsOf(h)
	program, rest := started(words)
	if program == "" && !h.Get("command").IsSet() && len(words) > 0 && strings.HasPrefix(words[0].text, "-") {
		program, rest = binaries[imageName(h.Get("image").Text())], words
	}
	if program == "" || !h.Get("command").IsSet() && isOrder(rest) && binaries[imageName(h.Get("image").Text())] != program {
		return nil
	}
	// A kubelet has most of its settings from a file, which is on the node.
	c := &Component{Program: program, Object: o, Container: h, open: open || program == Kubelet}
	c.Where = h.Get("args")
	if !c.Where.IsSet() {
		c.Where = h.Get("command")
	}
	image := h.Get("image")
	_, tag, _ := strings.Cut(path.Base(image.Text()), ":")
	if program != Etcd {
		c.Version, c.hidden = versionOf(tag), !image.IsKnown()
	} else {
		c.flags = environment(h)
		c.open = c.open || h.Get("envFrom").Len() > 0
	}
	c.addWords(rest)
	for _, name := range otherFiles[program] {
		if _, at := c.find(name); at {
			c.open = true
		}
	}
	return c
}

// isOrder reports whether words after the name of a program are an order to it: a server has flags alone, and another
// program of the image may be meant, as in talosctl etcd defrag.
func isOrder(words []word) bool { return len(words) > 0 && !strings.HasPrefix(words[0].text, "-") }

// imageName is the name of an image without registry, tag and architecture: an image named
// after a program starts it if the container has no command.
func imageName(image string) string {
	name, _, _ := strings.Cut(path.Base(image), "@")
	name, _, _ = strings.Cut(name, ":")
	for _, arch := range []string{"-amd64", "-arm64"} {
		name = strings.TrimSuffix(name, arch)
	}
	return name
}

// find is the text of a flag that is written.
func (c *Component) find(name string) (text string, ok bool) {
	for _, f := range slices.Backward(c.flags) {
		if f.name == name {
			return f.text, true
		}
	}
	return "", false
}

// wordsOf lists the words of a container's command line. The script of a shell is many. It
// also reports whether there may be words that are not known.
func wordsOf(h lint.PodOrContainer) (l []word, open bool) {
	for _, list := range []string{"command", "args"} {
		open = open || !h.Get(list).IsKnown()
		for v := range h.Get(list).Items() {
			if !v.IsScalar() {
				continue
			}
			if n := len(l); n > 0 && isScriptFlag(l[n-1].text) && isShell(l[:n-1]) {
				words, more := script(v)
				l, open = append(l, words...), open || more
				continue
			}
			for _, text := range splitFlags(v.Node.Value) {
				l = append(l, word{text, v, node.HasPlaceholder(text)})
			}
		}
	}
	return l, open
}

// splitFlags splits an element that holds several flags. The program would not
// understand it; what was meant is judged.
func splitFlags(text string) []string {
	if !strings.HasPrefix(text, "--") || !strings.Contains(text, " --") {
		return []string{strings.TrimSpace(text)}
	}
	var l []string
	for i, part := range strings.Split(text, " --") {
		if i > 0 {
			part = "--" + part
		}
		l = append(l, strings.TrimSpace(part))
	}
	return l
}

// isScriptFlag reports -c, and with other letters: -ec, -euxc.
func isScriptFlag(text string) bool {
	return strings.HasPrefix(text, "-") && !strings.HasPrefix(text, "--") && strings.HasSuffix(text, "c")
}

// isShell reports whether one of the words is a shell.
func isShell(words []word) bool {
	return slices.ContainsFunc(words, func(w word) bool {
		switch path.Base(w.text) {
		case "sh", "bash", "ash", "dash":
			return true
		}
		return false
	})
}

// script lists the words of a shell's script up to the end of the command that starts a
// known program. Open is set if a variable holds whole words.
func script(v lint.Value) (l []word, open bool) {
	text := strings.ReplaceAll(v.Node.Value, "\\\n", " ")
	var line []word
	flush := func() bool {
		if program, _ := started(line); program != "" {
			l = line
			return true
		}
		line = nil
		return false
	}
	for len(text) > 0 {
		switch text[0] {
		case ' ', '\t', '\r':
			text = text[1:]
		case '\n', ';', '|', '&', '(', ')':
			if flush() {
				return l, hasOpenWord(l)
			}
			text = text[1:]
		case '#':
			_, text, _ = strings.Cut(text, "\n")
			if flush() {
				return l, hasOpenWord(l)
			}
		case '>', '<':
			text = strings.TrimLeft(text, "<>& ")
			_, text = shellWord(text)
		default:
			var w string
			w, text = shellWord(text)
			if isDigits(w) && strings.HasPrefix(text, ">") { // 2>&1
				continue
			}
			line = append(line, word{w, v, strings.Contains(w, "$")})
		}
	}
	if flush() {
		return l, hasOpenWord(l)
	}
	return nil, false
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// hasOpenWord reports whether a variable holds whole words: $ARGS, "$@".
func hasOpenWord(l []word) bool {
	return slices.ContainsFunc(l, func(w word) bool { return strings.HasPrefix(w.text, "$") })
}

// shellWord takes the first word off a script, without its quotes.
func shellWord(text string) (w, rest string) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case ' ', '\t', '\r', '\n', ';', '|', '&', '<', '>', '(', ')':
			if c == '(' && b.Len() > 0 { // $(hostname -i) is part of the word
				if end := strings.IndexByte(text[i:], ')'); end > 0 {
					b.WriteString(text[i : i+end+1])
					i += end
					continue
				}
			}
			return b.String(), text[max(i, 1):]
		case '\'', '"':
			end := strings.IndexByte(text[i+1:], c)
			if end < 0 {
				b.WriteString(text[i+1:])
				return b.String(), ""
			}
			b.WriteString(text[i+1 : i+1+end])
			i += end + 1
		case '\\':
			if i++; i < len(text) {
				b.WriteByte(text[i])
			}
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ""
}

// started finds the known program that words start, and the words after it. Before it only
// starters, their flags and assignments may come: in `grep kube-apiserver` none is started.
func started(words []word) (Program, []word) {
	after := ""
	for i, w := range words {
		base := path.Base(w.text)
		if strings.HasPrefix(w.text, "-") || isAssignment(w.text) {
			continue // --kubelet-service=kube-system/kubelet starts nothing
		}
		if p, ok := binaries[base]; ok {
			return p, words[i+1:]
		}
		if p, ok := hyperkube[base]; ok && after == "hyperkube" {
			return p, words[i+1:]
		}
		switch {
		case slices.Contains(starters, base):
			after = base
		case i > 0 && takesValue(words[i-1].text):
		default:
			return "", nil
		}
	}
	return "", nil
}

// takesValue reports a flag of a starter that has its value in the next word.
func takesValue(text string) bool {
	return strings.HasPrefix(text, "-") && !strings.Contains(text, "=") && !isScriptFlag(text)
}

func isAssignment(text string) bool {
	name, _, ok := strings.Cut(text, "=")
	return ok && name != "" && !strings.ContainsAny(name, " /-.")
}

// addWords adds the flags of a command line: --name=value, --name value, and --name alone,
// which is true. One dash is enough for etcd.
func (c *Component) addWords(words []word) {
	for i := 0; i < len(words); i++ {
		w := words[i]
		name, ok := strings.CutPrefix(w.text, "--")
		if !ok && c.Program == Etcd {
			name, ok = strings.CutPrefix(w.text, "-")
		}
		if !ok {
			c.open = c.open || w.unknown
			continue
		}
		if name == "" { // -- ends the flags
			return
		}
		name, text, assigned := strings.Cut(name, "=")
		f := flag{name: normal(name), text: text, at: w.at, key: w.at, unknown: w.unknown}
		if !assigned {
			f.text = "true"
			if i+1 < len(words) && takesNext(c.Program, f.name, words[i+1].text) {
				i++
				f.text, f.at, f.unknown = words[i].text, words[i].at, words[i].unknown
			}
		}
		c.flags = append(c.flags, f)
	}
}

// takesNext reports whether a flag without = has its value in the next word. A known flag
// takes whatever comes next, unless it is a switch, which takes nothing.
func takesNext(p Program, name, next string) bool {
	known, isSwitch := lookup(p, name)
	if known {
		return !isSwitch
	}
	return !strings.HasPrefix(next, "-")
}

// normal is the name of a flag as Kubernetes compares it: _ is as good as -.
func normal(name string) string { return strings.ReplaceAll(name, "_", "-") }

// environment reads the settings that etcd takes from variables: ETCD_CLIENT_CERT_AUTH is
// --client-cert-auth. Flags win over them.
func environment(h lint.PodOrContainer) []flag {
	var l []flag
	for v := range h.Get("env").Items() {
		name, ok := strings.CutPrefix(v.Get("name").Text(), "ETCD_")
		if !ok {
			continue
		}
		value := v.Get("value")
		l = append(l, flag{
			name: strings.ReplaceAll(strings.ToLower(name), "_", "-"),
			text: value.Text(), at: value, key: value, unknown: !value.IsScalar() || !value.IsKnown(),
		})
	}
	return l
}
