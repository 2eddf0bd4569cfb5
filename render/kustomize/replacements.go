package kustomize

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/kubevet/kubevet/lint"
)

// byReplacements explains a value that was copied from another field: where a
// person edits that one.
func (o *object) byReplacements(k *kustomization, n *yaml.Node, steps []step, depth int) (claim, bool) {
	if depth > 4 {
		return claim{}, false
	}
	for i, r := range slices.Backward(k.spec.Replacements) {
		for j, t := range r.Targets {
			f := slices.IndexFunc(t.FieldPaths, func(p string) bool { return fieldPathIs(p, steps) })
			if f < 0 || r.Source == nil {
				continue
			}
			c, ok := k.entryClaim("replacements", i, "targets", j, "fieldPaths", f)
			if !ok {
				continue
			}
			if from, m := o.build.sourceField(r.Source); m != nil && m.Value == n.Value && from != o {
				origin := from.locate(m, depth+1)
				origin.Trail = nil
				return claim{origin: origin, kind: lint.StepBase, at: c.at, label: c.label}, origin.Line > 0
			}
			c.origin.Precision = lint.PrecisionBlock
			return c, true
		}
	}
	return claim{}, false
}

// sourceField is the field of the output that a replacement copies.
func (b *build) sourceField(s *types.SourceSelector) (*object, *yaml.Node) {
	p := s.FieldPath
	if p == "" {
		p = "metadata.name"
	}
	for _, o := range b.objects {
		o.findBase()
		if s.Kind != "" && s.Kind != text(o.root, "kind") || s.Name != "" && !o.isNamed(s.Name) {
			continue
		}
		n := o.root
		for _, part := range splitFieldPath(p) {
			n = partOf(n, part)
		}
		if n != nil && n.Kind == yaml.ScalarNode {
			return o, n
		}
	}
	return nil, nil
}

// partOf takes one step of a field path: a key, a number, or [key=value].
func partOf(n *yaml.Node, part string) *yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return child(n, part)
	}
	if i, err := strconv.Atoi(part); err == nil {
		return item(n, i)
	}
	key, want, _ := strings.Cut(strings.Trim(part, "[]"), "=")
	return named(n, key, want, -1)
}

var fieldPathPart = regexp.MustCompile(`\[[^\]]*\]|(?:[^.\\\[]|\\.)+`)

// splitFieldPath takes spec.containers.[name=a].image apart.
func splitFieldPath(p string) []string {
	l := fieldPathPart.FindAllString(p, -1)
	for i := range l {
		l[i] = strings.ReplaceAll(l[i], `\.`, ".")
	}
	return l
}

// fieldPathIs reports whether a field path leads where steps do.
func fieldPathIs(p string, steps []step) bool {
	parts := splitFieldPath(p)
	if len(parts) != len(steps) {
		return false
	}
	for i, s := range steps {
		switch part := parts[i]; {
		case s.index < 0:
			if part != s.key && part != "*" && part != "["+s.key+"]" {
				return false
			}
		case part == "*" || part == strconv.Itoa(s.index):
		case strings.HasPrefix(part, "["):
			key, want, _ := strings.Cut(strings.Trim(part, "[]"), "=")
			if text(s.elem, key) != want && s.elem.Value != want {
				return false
			}
		default:
			return false
		}
	}
	return true
}
