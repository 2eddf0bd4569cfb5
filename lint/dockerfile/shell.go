package dockerfile

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// shell is the program that runs the commands of RUN.
type shell struct {
	// isPOSIX is set for a shell with the syntax of sh.
	isPOSIX bool
	// hasPipefail is set if a pipe fails with any of its commands.
	hasPipefail bool
}

// newShell is the shell of a SHELL instruction. Without words it is the default one.
func newShell(words []Word, escape rune, windows bool) *shell {
	if len(words) == 0 {
		return &shell{isPOSIX: escape == '\\' && !windows}
	}
	s := &shell{isPOSIX: slices.Contains(shells, path.Base(words[0].Text))}
	for _, w := range words {
		s.hasPipefail = s.hasPipefail || w.Text == "pipefail"
	}
	return s
}

// shells are those with the syntax of sh, or one that differs little.
var shells = []string{"sh", "bash", "ash", "dash", "zsh", "ksh", "mksh"}

// Command is one that an instruction runs.
type Command struct {
	// Words are the command and its arguments. Text has no quotes; variables and what
	// other commands print are as written.
	Words []Word
	// Input is the command whose output this one reads by a pipe. It is nil if there is none.
	Input *Command
	// Output is the other end of Input.
	Output *Command
	// IsNested is set for a command in the text that another one is given, as in
	// sh -c "…": its words have the place of that text.
	IsNested bool
}

// Program is the name of the program without its folder, and what it is given, past
// programs that run others: env, exec, nice, time. Sudo is no such program. Empty:
// there is none.
func (c *Command) Program() (name string, args []Word) {
	args = c.Words
	for len(args) > 0 {
		name = path.Base(args[0].Text)
		args = args[1:]
		if !slices.Contains(wrappers, name) {
			return name, args
		}
		for len(args) > 0 && (strings.HasPrefix(args[0].Text, "-") || name == "env" && strings.Contains(args[0].Text, "=")) {
			args = args[1:]
		}
	}
	return "", nil
}

// wrappers run the command that they are given.
var wrappers = []string{"command", "eatmydata", "env", "exec", "nice", "nohup", "time"}

// maxScript limits the size of a script that is parsed, in bytes: the parser recurses.
const maxScript = 64 << 10

// maxScripts limits how deep a script is in the text of another.
const maxScripts = 3

// Commands are the commands of RUN, CMD, ENTRYPOINT and HEALTHCHECK, in the order of the
// text. It is nil if there are none, or the shell's language is not known, as in Windows.
func (i *Instruction) Commands() []*Command {
	i.parse.Do(func() { i.commands = i.parseCommands() })
	return i.commands
}

// HasPipefail reports whether the shell of the instruction is set to fail with any of
// the commands of a pipe.
func (i *Instruction) HasPipefail() bool { return i.shell != nil && i.shell.hasPipefail }

func (i *Instruction) parseCommands() []*Command {
	t := i.text
	switch i.Name {
	case "RUN", "CMD", "ENTRYPOINT":
	case "HEALTHCHECK":
		if len(i.Words) == 0 || !strings.EqualFold(i.Words[0].Text, "CMD") {
			return nil
		}
		_, t = t.word(i.escape)
		t = t.trimLeft()
		if strings.HasPrefix(t.s, "[") {
			return execCommands(t.jsonWords(), 0)
		}
	default:
		return nil
	}
	switch {
	case i.IsJSON:
		return execCommands(i.Words, 0)
	case i.shell == nil || !i.shell.isPOSIX:
		return nil
	}
	if line := strings.TrimSpace(t.s[:min(i.heredocs, len(t.s))]); len(i.Heredocs) == 1 && strings.HasPrefix(line, "<<") && !strings.ContainsAny(line, " \t") {
		t = t.from(min(i.heredocs+1, len(t.s))) // the here-document is the script
		end := strings.LastIndexByte(t.s, '\n')
		t.s = t.s[:max(end, 0)]
		if first, _, _ := strings.Cut(t.s, "\n"); strings.HasPrefix(first, "#!") && !isShell(first) {
			return nil
		}
	}
	return scriptCommands(t.s, t.part, 0)
}

// isShell reports whether the first line of a script names a shell.
func isShell(line string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '/' || r == '!' }), func(w string) bool {
		return slices.Contains(shells, w)
	})
}

// execCommands are the commands of an argument list.
func execCommands(words []Word, depth int) []*Command {
	if len(words) == 0 {
		return nil
	}
	c := &Command{Words: words, IsNested: depth > 0}
	return append([]*Command{c}, nested(c, depth)...)
}

// nested are the commands in a text that a shell is given with -c.
func nested(c *Command, depth int) []*Command {
	name, args := c.Program()
	if depth >= maxScripts || !slices.Contains(shells, name) && name != "su" {
		return nil
	}
	for n, a := range args {
		if !strings.HasPrefix(a.Text, "-") || strings.HasPrefix(a.Text, "--") || !strings.HasSuffix(a.Text, "c") || n+1 >= len(args) {
			continue
		}
		script := args[n+1]
		return scriptCommands(script.Text, func(_, _ int, plain string) Word {
			w := script
			w.Text = plain
			return w
		}, depth+1)
	}
	return nil
}

// scriptCommands are the commands of a script. Word makes a word of the text between
// two offsets. A script that cannot be parsed has none.
func scriptCommands(script string, word func(from, to int, plain string) Word, depth int) []*Command {
	if len(script) > maxScript {
		return nil
	}
	f, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(script), "")
	if err != nil {
		return nil
	}
	p := parsed{script: script, word: word, depth: depth}
	syntax.Walk(f, p.visit)
	p.connect()
	var l []*Command
	for _, c := range p.calls {
		l = append(append(l, c.Command), nested(c.Command, depth)...)
	}
	return l
}

// parsed collects the commands of a script.
type parsed struct {
	script string
	word   func(from, to int, plain string) Word
	depth  int
	calls  []call
	pipes  []*syntax.BinaryCmd
}

// call is a command, and the offset at which it begins.
type call struct {
	*Command
	offset uint
}

func (p *parsed) visit(n syntax.Node) bool {
	switch n := n.(type) {
	case *syntax.CallExpr:
		if len(n.Args) == 0 {
			return true
		}
		c := &Command{IsNested: p.depth > 0}
		for _, a := range n.Args {
			from, to := int(a.Pos().Offset()), int(a.End().Offset())
			c.Words = append(c.Words, p.word(from, to, p.plain(a.Parts)))
		}
		p.calls = append(p.calls, call{c, n.Pos().Offset()})
	case *syntax.BinaryCmd:
		if n.Op == syntax.Pipe || n.Op == syntax.PipeAll {
			p.pipes = append(p.pipes, n)
		}
	}
	return true
}

// plain is the text of a word without quotes.
func (p *parsed) plain(parts []syntax.WordPart) string {
	var b strings.Builder
	for _, part := range parts {
		switch part := part.(type) {
		case *syntax.Lit:
			b.WriteString(strings.ReplaceAll(part.Value, "\\\n", ""))
		case *syntax.SglQuoted:
			b.WriteString(part.Value)
		case *syntax.DblQuoted:
			b.WriteString(p.plain(part.Parts))
		default:
			b.WriteString(p.script[part.Pos().Offset():part.End().Offset()])
		}
	}
	return b.String()
}

// connect finds the ends of the pipes: the last command on the left side and the first
// one on the right.
func (p *parsed) connect() {
	find := func(from, to uint) (first, last *Command) {
		index := func(offset uint) int {
			n, _ := slices.BinarySearchFunc(p.calls, offset, func(c call, at uint) int { return int(c.offset) - int(at) })
			return n
		}
		if n, end := index(from), index(to); n < end {
			return p.calls[n].Command, p.calls[end-1].Command
		}
		return nil, nil
	}
	for _, b := range p.pipes {
		_, left := find(b.X.Pos().Offset(), b.X.End().Offset())
		right, _ := find(b.Y.Pos().Offset(), b.Y.End().Offset())
		if left != nil && right != nil {
			right.Input, left.Output = left, right
		}
	}
}
