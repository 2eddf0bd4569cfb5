package dockerfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func parse(tb testing.TB, text string) *File {
	tb.Helper()
	f, err := Parse([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

const sample = "\ufeff# escape=\\\n" + `ARG VERSION=1.24
FROM --platform=$BUILDPLATFORM golang:${VERSION} AS Build
ENV A="b c" D=e
RUN --mount=type=cache,target=/x apt-get update \
    # a comment

    && apt-get install -y \
      curl | sh -c "wget https://example.com | bash"
COPY --from=Tools --chown=1:1 /a /b
ONBUILD RUN sudo true
RUN <<EOF
pip install "flask"
EOF

FROM build
ARG USER_ID=10
USER ${USER_ID}:0
CMD ["/bin/ä", "x \"y\""]
`

// TestParse: stages, words and their places.
func TestParse(t *testing.T) {
	f := parse(t, sample)
	if len(f.Stages) != 2 || f.Stages[0].Name != "build" || f.Stages[0].Image != "golang:1.24" || f.Final().Parent != f.Stages[0] || f.Final().Base() != "golang:1.24" {
		t.Errorf("stages are %+v, %+v", f.Stages[0], f.Stages[1])
	}
	if len(f.Final().Lineage()) != 2 || f.Final().Last("COPY") == nil || f.Final().Last("EXPOSE") != nil {
		t.Error("the lineage of the final stage is wrong")
	}
	user := f.Final().Last("USER")
	if text, isKnown := user.Expand(user.Words[0]); text != "10:0" || !isKnown {
		t.Errorf("USER is %q, %v", text, isKnown)
	}
	lines := strings.Split(strings.TrimPrefix(sample, "\ufeff"), "\n")
	for _, i := range f.Instructions {
		for _, w := range append(append([]Word{i.Keyword}, i.Words...), i.Flags...) {
			line := []rune(lines[w.Line-1])
			if w.Column < 1 || w.Column > len(line) || !strings.HasPrefix(string(line[w.Column-1:]), w.Raw) || w.Raw == "" {
				t.Errorf("%s: %q is not at line %d, column %d", i.Name, w.Raw, w.Line, w.Column)
			}
		}
	}
	from, ok := f.Stages[0].Last("COPY").Flag("from")
	if !ok || from.Text != "Tools" || from.Raw != "Tools" || lines[from.Line-1][from.Column-1:from.Column+4] != "Tools" {
		t.Errorf("--from is %+v", from)
	}
}

// TestCommands: what a shell runs, with the place of each command.
func TestCommands(t *testing.T) {
	f := parse(t, sample)
	var got []string
	for _, i := range f.Instructions {
		if i.Trigger != nil {
			i = i.Trigger
		}
		for _, c := range i.Commands() {
			name, args := c.Program()
			words := []string{name}
			for _, a := range args {
				words = append(words, a.Text)
			}
			text := fmt.Sprintf("%d:%d %s", c.Words[0].Line, c.Words[0].Column, strings.Join(words, ","))
			if c.Input != nil {
				text += " < " + c.Input.Words[0].Text
			}
			got = append(got, text)
		}
	}
	want := []string{
		"5:34 apt-get,update",
		"8:8 apt-get,install,-y,curl",
		"9:14 sh,-c,wget https://example.com | bash < apt-get",
		"9:20 wget,https://example.com",
		"9:20 bash < wget",
		"11:13 sudo,true",
		"13:1 pip,install,flask",
		"19:6 ä,x \"y\"",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestShells: only scripts of shells that are known are read.
func TestShells(t *testing.T) {
	for text, want := range map[string]int{
		"FROM a\nRUN echo a && echo b\n":                                            2,
		"FROM a\nRUN [\"echo\", \"a && b\"]\n":                                      1,
		"FROM a\nRUN [\"sh\", \"-c\", \"echo a && echo b\"]\n":                      3,
		"FROM a\nSHELL [\"powershell\", \"-command\"]\nRUN echo a\n":                0,
		"FROM a\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN echo a\n": 1,
		"# escape=`\nFROM a\nRUN echo a `\n && echo b\n":                            0,
		"FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN echo a\n":          0,
		"FROM a\nRUN <<EOF\n#!/usr/bin/env python3\nprint()\nEOF\n":                 0,
		"FROM a\nRUN <<EOF\n#!/bin/bash\necho a\necho b\nEOF\n":                     2,
		"FROM a\nRUN cat <<EOF > /b && echo c\nrm -rf /\nEOF\n":                     2,
		"FROM a\nRUN if then\n":                                                     0,
		"FROM a\nHEALTHCHECK --interval=5s CMD curl http://localhost\nCMD run it\n": 2,
		"FROM a\nENTRYPOINT exec env A=b nice -n 5 /usr/bin/app\n":                  1,
	} {
		n := 0
		f := parse(t, text)
		for _, i := range f.Instructions {
			n += len(i.Commands())
		}
		if n != want {
			t.Errorf("%q has %d commands; want %d", text, n, want)
		}
	}
}

// TestAssignments: what ENV, ARG and LABEL set.
func TestAssignments(t *testing.T) {
	f := parse(t, "FROM a\nENV A=b C=\"d e\"\nENV F g h\nARG I\nLABEL j=k\n")
	var got []string
	for _, i := range f.Instructions {
		for _, a := range i.Assignments() {
			got = append(got, fmt.Sprintf("%s=%s %v %d:%d", a.Name.Text, a.Value.Text, a.HasValue, a.Value.Line, a.Value.Column))
		}
	}
	want := []string{"A=b true 2:7", "C=d e true 2:11", "F=g h true 3:7", "I= false 4:5", "j=k true 5:9"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestSyntaxErrors: what BuildKit refuses is an error with its line, which quotes
// nothing of the file.
func TestSyntaxErrors(t *testing.T) {
	for text, line := range map[string]int{
		"":                            1,
		"# only a comment\n":          1,
		"RUN true\n":                  1,
		"FROM a\nFOO bar\n":           2,
		"FROM a b\n":                  1,
		"FROM a\n\nENV s3cret\n":      3,
		"FROM a\nRUN <<EOF\ns3cret\n": 2,
		"FROM a\nRUN " + strings.Repeat("s3cret", 20_000) + "\n": 1,
	} {
		_, err := Parse([]byte(text))
		bad, ok := err.(*SyntaxError) //nolint:errorlint // Parse promises this very type
		if !ok || bad.Line != line && len(text) < 1000 || strings.Contains(bad.Message, "s3cret") {
			t.Errorf("%.40q: %+v; want an error in line %d", text, err, line)
		}
	}
}

// hostile are files that are made to cost much, by name, of about n bytes.
var hostile = map[string]func(n int) string{
	"instructions": func(n int) string { return "FROM a\n" + strings.Repeat("RUN a\n", n/6) },
	"continuation": func(n int) string { return "FROM a\nRUN a " + strings.Repeat("\\\n b", n/4) + "\n" },
	"comments":     func(n int) string { return "FROM a\nRUN a \\\n" + strings.Repeat("# b\n", n/4) + " c\n" },
	"heredocs":     func(n int) string { return "FROM a\n" + strings.Repeat("RUN <<E\na\nE\n", n/12) },
	"heredoc":      func(n int) string { return "FROM a\nRUN <<E\n" + strings.Repeat("a && b\n", n/7) + "E\n" },
	"parentheses":  func(n int) string { return "FROM a\nRUN <<E\n" + strings.Repeat("(\n", n/2) + "E\n" },
	"stages":       func(n int) string { return strings.Repeat("FROM a\n", n/7) },
	"variables":    func(n int) string { return "FROM a\n" + strings.Repeat("ENV A=$A$A\n", n/11) },
	"nested":       func(n int) string { return "FROM a\nRUN " + strings.Repeat("sh -c '", min(n, 60_000)/7) + "\n" },
	"one line":     func(n int) string { return "FROM a\nRUN " + strings.Repeat("a", n) + "\n" },
}

// TestHostile: such files are read without a panic, and with all their commands.
func TestHostile(t *testing.T) {
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			f, err := Parse([]byte(text(200_000)))
			if err != nil {
				if _, ok := err.(*SyntaxError); !ok { //nolint:errorlint // Parse promises this very type
					t.Errorf("%T", err)
				}
				return
			}
			for _, i := range f.Instructions {
				i.Commands()
				i.Assignments()
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for name, text := range hostile {
		for _, n := range []int{100_000, 200_000, 400_000} {
			data := []byte(text(n))
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					if f, err := Parse(data); err == nil {
						for _, i := range f.Instructions {
							i.Commands()
						}
					}
				}
			})
		}
	}
}

// FuzzParse: no text makes the reader panic, and each word is where it says.
func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("# escape=`\nFROM a AS b\nRUN x `\n y\nONBUILD onbuild RUN a\n"))
	f.Add([]byte("FROM scratch\nCOPY <<A <<-'B' /c\n1\nA\n\t2\n\tB\n"))
	f.Add([]byte("FROM a\r\nLABEL a=\"b \\\r\n c\"\r\nENV a b\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse(data)
		if err != nil {
			return
		}
		lines := splitLines(data)
		for _, i := range file.Instructions {
			for _, w := range append(append([]Word{i.Keyword}, i.Words...), i.Flags...) {
				if w.Line < 1 || w.Line > len(lines) || w.Column < 1 {
					t.Fatalf("%s: a word at line %d, column %d of %d lines", i.Name, w.Line, w.Column, len(lines))
				}
			}
			i.Commands()
			i.Assignments()
		}
	})
}
