package document

import (
	"bytes"
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
	"github.com/kubevet/kubevet/render/manifest"
)

// otherSuffixes end the names of files that begin with Dockerfile and are none:
// templates of Dockerfiles, notes about them, scripts that write them.
var otherSuffixes = []string{
	".dockerignore", ".erb", ".go", ".in", ".j2", ".jinja", ".jinja2", ".json", ".md", ".mustache", ".py", ".rb", ".sh",
	".template", ".tmpl", ".tpl", ".txt", ".yaml", ".yml",
}

// IsDockerfile reports whether a name is one that Dockerfiles have: Dockerfile,
// Dockerfile.dev, web.Dockerfile, and the same with Containerfile.
func IsDockerfile(name string) bool {
	base := strings.ToLower(path.Base(name))
	if slices.Contains(otherSuffixes, path.Ext(base)) {
		return false
	}
	for _, word := range []string{"dockerfile", "containerfile"} {
		if base == word || strings.HasPrefix(base, word+".") || strings.HasSuffix(base, "."+word) {
			return true
		}
	}
	return false
}

func isDockerignore(name string) bool {
	base := path.Base(name)
	return base == ".dockerignore" || base == ".containerignore" || strings.HasSuffix(base, ".dockerignore")
}

// mayHoldCredentials reports whether a name is that of a file whose passwords and tokens can be recognised in its text. Rules look
// there only for what a Dockerfile copies.
func mayHoldCredentials(name string) bool {
	return slices.Contains([]string{".npmrc", ".pypirc", ".netrc"}, path.Base(name))
}

// isTemplate reports whether a text that is no Dockerfile has the marks of a template
// engine: what it makes is one.
func isTemplate(text []byte) bool {
	return bytes.Contains(text, []byte("{{")) || bytes.Contains(text, []byte("{%")) || bytes.Contains(text, []byte("<%")) || variableLine.Match(text)
}

// variableLine is a variable in place of instructions. Dockerfiles have variables in arguments only.
var variableLine = regexp.MustCompile(`(?m)^[ \t]*\$(\{[A-Za-z_]\w*\}|[A-Za-z_]\w*)[ \t\r]*$`)

var fromLine = regexp.MustCompile(`(?im)^[ \t]*FROM[ \t]`)

// isFragment reports whether a text that is no Dockerfile is a part of one, which others put
// together: it has no FROM, and its name has more than that of a Dockerfile.
func isFragment(file string, text []byte) bool {
	base := strings.ToLower(path.Base(file))
	return base != "dockerfile" && base != "containerfile" && !fromLine.Match(text)
}

func readDockerfile(kind, file string, text []byte) ([]*lint.Document, []lint.Problem) {
	text = manifest.UTF8(text)
	f, err := dockerfile.Parse(text)
	if bad, ok := errors.AsType[*dockerfile.SyntaxError](err); ok {
		if isTemplate(text) || bad.IsPart || isFragment(file, text) {
			return nil, nil
		}
		return nil, []lint.Problem{{
			Position: lint.Position{File: file, Line: bad.Line},
			Code:     lint.CodeInvalidDockerfile,
			Message:  "not a valid Dockerfile: " + bad.Message,
			Help:     "correct the instruction, or exclude the file in the configuration",
		}}
	}
	return []*lint.Document{lint.NewDocument(file, kind, nil, f, manifest.NewSource(file, text))}, nil
}
