// Package dockerfile reads Dockerfiles: their stages and instructions, each word
// with its line and column, and the commands that RUN hands to a shell. BuildKit's
// parser decides what a valid Dockerfile is.
package dockerfile

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/kubevet/kubevet/lint"
)

// File is a Dockerfile. It does not change after Parse.
type File struct {
	// Escape is the character that continues a line: \, or ` if a directive says so.
	Escape rune
	// Instructions are all instructions, in the order of the text.
	Instructions []*Instruction
	// Args are the ARG instructions before the first FROM, whose variables only FROM
	// can use.
	Args []*Instruction
	// Stages are the build stages. The last one is what a build without --target makes.
	Stages []*Stage
	// Head are the lines of comments before the first instruction.
	Head []string

	byName map[string]*Stage
}

// Stage is a build stage: a FROM and what follows it.
type Stage struct {
	// Name is what AS calls the stage, in lower case. Empty: it has no name.
	Name string
	// Index is the number of the stage, counted from 0.
	Index int
	From  *Instruction
	// Image is the reference of the image that the stage begins with: scratch,
	// golang:1.22. Variables have the defaults that the file gives them. It is empty if
	// the stage begins with another stage, or if a variable without a default hides it.
	Image string
	// Ref is the word of FROM that names the image or stage.
	Ref Word
	// Parent is the stage that this one begins with. It is nil if it begins with an image.
	Parent *Stage
	// Instructions are those after FROM.
	Instructions []*Instruction
	// IsWindows is set if FROM asks for a Windows platform, or the image is one of
	// Microsoft's.
	IsWindows bool
}

// Instruction is one instruction of a Dockerfile.
type Instruction struct {
	// Name is the keyword in upper case: RUN.
	Name string
	// Keyword is the keyword as written.
	Keyword Word
	// Stage is the one that the instruction is in, which its FROM is too. It is nil if it is
	// before the first FROM.
	Stage *Stage
	// Flags are the flags of the builder, such as --from=build.
	Flags []Word
	// Words are the arguments. For a shell command they are split at blanks; see
	// Commands for what the shell makes of it.
	Words []Word
	// IsJSON is set if the arguments are a JSON array, which no shell reads.
	IsJSON bool
	// Trigger is the instruction within an ONBUILD. It is nil if there is none.
	Trigger *Instruction
	// Heredocs are the here-documents of RUN, COPY and ADD.
	Heredocs []Heredoc

	// vars are the variables that have a value before the instruction.
	vars *variable

	text text // arguments without flags, and the here-documents
	// heredocs is the offset in text where the here-documents begin.
	heredocs int
	shell    *shell
	escape   rune

	parse    sync.Once // of commands
	commands []*Command
}

// Heredoc is a here-document.
type Heredoc struct {
	Name, Content string
	// Line is that of its first line, counted from 1.
	Line int
}

// Word is a word of an instruction, and its place.
type Word struct {
	// Text is the word without quotes. Variables are as written.
	Text string
	// Raw is the word as written, as far as it is in its first line.
	Raw string
	// Line and Column are those of its first character, counted from 1.
	Line, Column int
}

// Value is the word for lint.Diagnostic.At.
func (w Word) Value() lint.Value { return lint.TextValue(w.Line, w.Column, w.Raw) }

// Final is the last stage. It is nil if the file has no FROM.
func (f *File) Final() *Stage {
	if len(f.Stages) == 0 {
		return nil
	}
	return f.Stages[len(f.Stages)-1]
}

// Lineage lists the stages that this one is made of, from the first one to itself.
// What others hold is only in the image if COPY --from takes it.
func (s *Stage) Lineage() []*Stage {
	var l []*Stage
	for ; s != nil; s = s.Parent {
		l = append(l, s)
	}
	slices.Reverse(l)
	return l
}

// Last is the last instruction of a name that decides for the stage: its own, or
// one of the stages that it is made of. It is nil if there is none.
func (s *Stage) Last(name string) *Instruction {
	for ; s != nil; s = s.Parent {
		for _, i := range slices.Backward(s.Instructions) {
			if i.Name == name {
				return i
			}
		}
	}
	return nil
}

// Base is the image that the stage and those that it is made of begin with. Empty:
// it is not known.
func (s *Stage) Base() string {
	for s.Parent != nil {
		s = s.Parent
	}
	return s.Image
}

// Flag is the value of a flag of the builder, such as from for --from=build. ok is
// false if it is not set.
func (i *Instruction) Flag(name string) (value Word, ok bool) {
	for _, w := range i.Flags {
		flag, text, _ := strings.Cut(w.Text, "=")
		if strings.TrimPrefix(flag, "--") != name {
			continue
		}
		w.Text = text
		if before, after, ok := strings.Cut(w.Raw, "="); ok {
			w.Raw, w.Column = after, w.Column+utf8.RuneCountInString(before)+1
		}
		return w, true
	}
	return Word{}, false
}

// Expand replaces the variables of a word, those of ENV and those of ARG with their
// defaults. isKnown is false if one has no value in the file.
func (i *Instruction) Expand(w Word) (value string, isKnown bool) {
	return expand(w.Raw, i.vars, i.escape)
}

// Within is the whole instruction for lint.Diagnostic.Within: its keyword.
func (i *Instruction) Within() lint.Value { return i.Keyword.Value() }

// SyntaxError is why a file is no valid Dockerfile.
type SyntaxError struct {
	// Line is where, counted from 1.
	Line int
	// Message is the parser's, without what it quotes of the file.
	Message string
	// IsPart is set if the file has LABEL and COPY alone, without FROM: it is a part of a Dockerfile.
	IsPart bool
}

// Error gives the message without the line.
func (e *SyntaxError) Error() string { return e.Message }

// maxNesting limits how deep ONBUILD is nested. BuildKit allows no ONBUILD in another.
const maxNesting = 4

// maxInstructions limits how many instructions are read. An image has 127 layers at most.
const maxInstructions = 2000

// Parse reads a Dockerfile. The error is a *SyntaxError.
func Parse(data []byte) (f *File, err error) {
	defer func() {
		if p := recover(); p != nil { // BuildKit's parser is not made for hostile input
			f, err = nil, &SyntaxError{Line: 1, Message: fmt.Sprintf("the parser failed: %v", p)}
		}
	}()
	result, err := parser.Parse(bytes.NewReader(data))
	if err != nil {
		return nil, syntaxError(err)
	}
	if n := len(result.AST.Children); n > maxInstructions {
		return nil, &SyntaxError{Line: result.AST.Children[maxInstructions].StartLine, Message: fmt.Sprintf("more than %d instructions", maxInstructions)}
	}
	r := reader{lines: splitLines(data), file: &File{Escape: result.EscapeToken, byName: map[string]*Stage{}}, final: map[*Stage]*variable{}}
	r.file.Head = head(r.lines)
	for _, n := range result.AST.Children {
		if err := r.instruction(n); err != nil {
			if bad, ok := errors.AsType[*SyntaxError](err); ok {
				bad.IsPart = isPart(result.AST.Children)
			}
			return nil, err
		}
	}
	if len(r.file.Stages) == 0 {
		return nil, &SyntaxError{Line: 1, Message: "no FROM instruction"}
	}
	return r.file, nil
}

// isPart reports whether all instructions are ones that only add to an image: no build begins with them, so that a script puts them behind others.
func isPart(l []*parser.Node) bool {
	return !slices.ContainsFunc(l, func(n *parser.Node) bool {
		return !slices.Contains([]string{"LABEL", "COPY", "MAINTAINER"}, strings.ToUpper(n.Value))
	})
}

// syntaxError is an error of BuildKit's parser with its line.
func syntaxError(err error) *SyntaxError {
	e := &SyntaxError{Line: 1, Message: withoutQuotes(err.Error())}
	if at, ok := errors.AsType[*parser.LocationError](err); ok && len(at.Locations) > 0 && len(at.Locations[0]) > 0 {
		e.Line = max(at.Locations[0][0].Start.Line, 1)
	}
	return e
}

// withoutQuotes takes what a message quotes out of it: it may be a secret.
func withoutQuotes(message string) string {
	before, _, quoted := strings.Cut(message, `"`)
	if !quoted {
		return message
	}
	return strings.TrimSuffix(strings.TrimSpace(before), " in") + " …"
}

// known are the instructions that Docker has.
var known = []string{
	"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD",
	"RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}

// reader makes a File of BuildKit's nodes and the text.
type reader struct {
	lines []string
	file  *File
	// shell and vars are those at the current instruction.
	shell *shell
	vars  *variable
	// global are those of the ARG instructions before the first FROM.
	global *variable
	// final are the variables at the end of each stage, for those that begin with it.
	final map[*Stage]*variable
}

func (r *reader) instruction(n *parser.Node) error {
	name := strings.ToUpper(n.Value)
	if !slices.Contains(known, name) {
		return &SyntaxError{Line: n.StartLine, Message: "unknown instruction " + short(n.Value)}
	}
	t, heredocs := r.text(n)
	i := r.read(n, t, heredocs, 0)
	if i == nil {
		return &SyntaxError{Line: n.StartLine, Message: "the instruction cannot be read"}
	}
	r.file.Instructions = append(r.file.Instructions, i)
	stages := r.file.Stages
	switch {
	case name == "FROM":
		return r.from(i)
	case len(stages) == 0 && name == "ARG":
		r.file.Args = append(r.file.Args, i)
		r.global = r.global.with(i, nil)
		return nil
	case len(stages) == 0:
		return &SyntaxError{Line: n.StartLine, Message: "no FROM before the first " + name}
	}
	s := stages[len(stages)-1]
	i.Stage = s
	s.Instructions = append(s.Instructions, i)
	if name == "SHELL" && i.IsJSON {
		r.shell = newShell(i.Words, r.file.Escape, s.IsWindows)
	}
	i.shell, i.vars = r.shell, r.vars
	if name == "ARG" || name == "ENV" {
		r.vars = r.vars.with(i, r.global)
	}
	if i.Trigger != nil {
		i.Trigger.Stage, i.Trigger.shell = s, r.shell
	}
	return nil
}

// short is a word for a message, no longer than a keyword.
func short(word string) string {
	if len(word) > 20 || strings.ContainsAny(word, "=:/@") {
		return "at the start of the line"
	}
	return word
}

// read makes an instruction of a node whose text is t.
func (r *reader) read(n *parser.Node, t text, heredocs, depth int) *Instruction {
	i := &Instruction{Name: strings.ToUpper(n.Value), escape: r.file.Escape, IsJSON: n.Attributes["json"], Heredocs: r.heredocs(n)}
	var rest text
	i.Keyword, rest = t.word(r.file.Escape)
	heredocs -= len(t.s) - len(rest.s)
	for range n.Flags {
		var flag Word
		flag, after := rest.word(r.file.Escape)
		i.Flags = append(i.Flags, flag)
		heredocs -= len(rest.s) - len(after.s)
		rest = after
	}
	trimmed := rest.trimLeft()
	i.heredocs = max(heredocs-(len(rest.s)-len(trimmed.s)), 0)
	i.text = trimmed
	own := text{s: trimmed.s[:min(i.heredocs, len(trimmed.s))], base: trimmed.base, marks: trimmed.marks, lines: trimmed.lines}
	if i.Name == "ONBUILD" && n.Next != nil && len(n.Next.Children) > 0 && depth < maxNesting {
		i.Trigger = r.read(n.Next.Children[0], trimmed, i.heredocs, depth+1)
		i.Trigger.Heredocs = i.Heredocs
		return i
	}
	if i.IsJSON {
		i.Words = own.jsonWords()
	} else {
		i.Words = own.words(r.file.Escape)
	}
	return i
}

// from begins a stage.
func (r *reader) from(i *Instruction) error {
	if len(i.Words) != 1 && len(i.Words) != 3 || len(i.Words) == 3 && !strings.EqualFold(i.Words[1].Text, "as") {
		return &SyntaxError{Line: i.Keyword.Line, Message: "FROM needs an image, and may give the stage a name: FROM image AS name"}
	}
	if n := len(r.file.Stages); n > 0 {
		r.final[r.file.Stages[n-1]] = r.vars
	}
	s := &Stage{Index: len(r.file.Stages), From: i, Ref: i.Words[0]}
	i.Stage = s
	if len(i.Words) == 3 {
		s.Name = strings.ToLower(i.Words[2].Text)
	}
	i.vars = r.global
	ref, isKnown := i.Expand(i.Words[0])
	if isKnown {
		s.Parent = r.file.Stage(ref)
		if s.Parent == nil {
			s.Image = ref
		}
	}
	platform, _ := i.Flag("platform")
	s.IsWindows = strings.HasPrefix(strings.ToLower(platform.Text), "windows") || isWindowsImage(ref) || s.Parent != nil && s.Parent.IsWindows
	r.file.Stages = append(r.file.Stages, s)
	if s.Name != "" {
		r.file.byName[s.Name] = s
	}
	r.shell, r.vars = newShell(nil, r.file.Escape, s.IsWindows), r.final[s.Parent]
	return nil
}

// Stage is the stage of a name, as FROM and COPY --from name it. It is nil if there is none.
func (f *File) Stage(name string) *Stage {
	return f.byName[strings.ToLower(name)]
}

// isWindowsImage reports whether an image is one of Microsoft's for Windows.
func isWindowsImage(ref string) bool {
	ref = strings.ToLower(ref)
	return strings.Contains(ref, "nanoserver") || strings.Contains(ref, "windowsservercore") || strings.Contains(ref, "/windows/") || strings.Contains(ref, "/windows:")
}
