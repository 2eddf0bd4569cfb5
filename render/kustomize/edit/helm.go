package edit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/konfig"

	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/manifest"
)

// helmMark is the annotation with which kustomize marks what Helm has rendered:
// the namespace of a kustomization is not for it. kustomize takes it off again.
const helmMark = konfig.HelmGeneratedAnnotation + `: "true"`

// insertion is text to put before a place of another text.
type insertion struct {
	at   point
	text string
	line bool // on a line of its own, before that of the place
}

// MarkHelm marks the objects of a text as rendered by Helm. lines is, for each line
// of the result from 1, the line of the text that it was; nil if nothing changed.
func MarkHelm(text []byte, objects []*yaml.Node) (marked []byte, lines []int) {
	var list []insertion
	for _, o := range objects {
		if in, ok := markOf(o); ok {
			list = append(list, in)
		}
	}
	slices.SortStableFunc(list, func(a, b insertion) int {
		if before(a.at, b.at) {
			return -1
		}
		return 1
	})
	var out bytes.Buffer
	lines = []int{0}
	number := 0
	for line := range bytes.Lines(text) {
		number++
		column, done := 1, 0
		for len(list) > 0 && list[0].at.line == number {
			in := list[0]
			list = list[1:]
			if in.line {
				fmt.Fprintf(&out, "%s\n", in.text)
				lines = append(lines, number)
				continue
			}
			for column < in.at.column && done < len(line) {
				_, size := utf8.DecodeRune(line[done:])
				out.Write(line[done : done+size])
				done += size
				column++
			}
			out.WriteString(in.text)
		}
		out.Write(line[done:])
		lines = append(lines, number)
	}
	for _, d := range manifest.Documents(out.Bytes()) {
		if d.Err != nil { // it was broken before, or is written in a way that is not known here
			return text, nil
		}
	}
	return out.Bytes(), lines
}

// markOf is what marks one object. ok is false for an object without metadata.
func markOf(o *yaml.Node) (in insertion, ok bool) {
	_, metadata := node.Written(o, "metadata")
	if metadata == nil || metadata.Kind != yaml.MappingNode || len(metadata.Content) == 0 {
		return in, false
	}
	key, annotations := node.Written(metadata, "annotations")
	switch {
	case annotations == nil:
		return mark(metadata, "annotations: {"+helmMark+"}"), true
	case annotations.Kind == yaml.MappingNode && len(annotations.Content) > 0:
		return mark(annotations, helmMark), true
	case annotations.Kind == yaml.MappingNode: // {}
		return insertion{at: point{annotations.Line, annotations.Column + 1}, text: helmMark}, true
	case annotations.Kind == yaml.ScalarNode && annotations.Value == "" && annotations.Style == 0:
		at := point{key.Line, key.Column + utf8.RuneCountInString(key.Value) + 1}
		if key.Style != 0 {
			at.column += 2
		}
		return insertion{at: at, text: " {" + helmMark + "}"}, true
	}
	return in, false
}

// mark puts an entry before the first one of a mapping.
func mark(mapping *yaml.Node, entry string) insertion {
	first := mapping.Content[0]
	if mapping.Style&yaml.FlowStyle != 0 {
		return insertion{at: point{first.Line, first.Column}, text: entry + ", "}
	}
	return insertion{at: point{first.Line, 1}, text: strings.Repeat(" ", first.Column-1) + entry, line: true}
}
