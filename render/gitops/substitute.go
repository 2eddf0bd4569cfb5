package gitops

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/manifest"
)

// Substitution is the variables of a Flux Kustomization: what spec.postBuild puts
// in place of ${name} in all that the overlay builds.
type Substitution struct {
	values map[string]variable
	// isPartial is set if others are not read: a default is not known to be the value then.
	isPartial bool
}

// variable is the value of a variable, and where a person edits it. The value is not known if it is
// encrypted.
type variable struct {
	text    string
	at      lint.Position
	unknown bool
	// line is the line at the position. It is empty if the value is in a Secret, whose lines are not shown.
	line string
}

// substitution reads spec.postBuild. It is nil if there is none. Values of ConfigMaps
// and Secrets that are not in the tree are not known.
func (in *Installer) substitution() *Substitution {
	post := in.object.Root.Get("spec.postBuild")
	if post.Len() == 0 {
		return nil
	}
	s := &Substitution{values: map[string]variable{}}
	for ref := range post.Get("substituteFrom").Items() {
		o := in.referred("", ref.Get("kind").Text(), in.object.Namespace, ref.Get("name").Text())
		if o == nil {
			in.Absent = true
			if !ref.Get("optional").True() {
				in.count("%s linted without variables of ConfigMaps or Secrets that are not in the tree")
			}
			continue
		}
		for _, field := range []string{"data", "stringData"} {
			for key := range o.Root.Get(field).Entries() {
				text, v, ok := dataOf(o, key)
				at := in.values.origin(o, v)
				known := variable{text: text, at: at.Position, unknown: !ok || node.IsPlaceholder(text)}
				if o.Kind != "Secret" {
					known.line = at.Text
				}
				s.values[key] = known
			}
		}
	}
	s.add(post.Get("substitute"), func(v lint.Value) lint.Origin { return in.values.origin(in.object, v) })
	return s
}

// add adds variables that a Kustomization gives values itself.
func (s *Substitution) add(variables lint.Value, locate func(lint.Value) lint.Origin) {
	for key, v := range variables.Entries() {
		text, at := rawText(v), locate(v)
		s.values[key] = variable{text: text, at: at.Position, unknown: node.IsPlaceholder(text), line: at.Text}
	}
}

// ownVariables are those that a Kustomization gives values itself, for what is read before the objects that it refers to
// are known. It is nil if there are none.
func ownVariables(o *lint.Object) *Substitution {
	post := o.Root.Get("spec.postBuild")
	if post.Get("substitute").Len() == 0 {
		return nil
	}
	s := &Substitution{values: map[string]variable{}, isPartial: post.Get("substituteFrom").IsSet() || !post.Get("substituteFrom").IsKnown()}
	s.add(post.Get("substitute"), o.Locate)
	return s
}

// Apply replaces the variables in the objects of a unit. What is not known stays
// as it is written, and no rule gives a verdict on it.
func (s *Substitution) Apply(u *lint.Unit) {
	for i, o := range u.Objects {
		u.Objects[i] = s.Object(o)
	}
}

// Object replaces the variables in an object. It is the object itself if there are none that are known.
func (s *Substitution) Object(o *lint.Object) *lint.Object {
	if s == nil || isDisabled(o) {
		return o
	}
	root, from := manifest.Replace(o.Root.Node, func(n *yaml.Node) (string, bool) {
		text := s.expand(n.Value)
		return text, text != n.Value && isPlainText(n.Value)
	})
	if root == o.Root.Node {
		return o
	}
	made, ok := lint.NewObject(root, &substituted{object: o, from: from, vars: s})
	if !ok {
		return o
	}
	made.Vendored = o.Vendored
	if made.Identity = o.Identity; made.Identity == "" {
		made.Identity = o.Name // the same whatever the variables are
	}
	return made
}

// Text replaces the variables in a text.
func (s *Substitution) Text(text string) string {
	if s == nil {
		return text
	}
	return s.expand(text)
}

// isDisabled reports whether an object opts out of substitution.
func isDisabled(o *lint.Object) bool {
	const key = "kustomize.toolkit.fluxcd.io/substitute"
	meta := o.Root.Get("metadata")
	return meta.Get("annotations").Child(key).Text() == "disabled" || meta.Get("labels").Child(key).Text() == "disabled"
}

// isPlainText reports whether YAML writes a text without quotes: Flux substitutes in
// YAML that is written anew, so that the quotes of the author are lost.
func isPlainText(text string) bool {
	out, err := yaml.Marshal(text)
	return err == nil && strings.TrimSuffix(string(out), "\n") == text
}

// variablePattern is ${name}, also with a default: ${name:=default}. $${name} is an
// escape.
var variablePattern = regexp.MustCompile(`\$?\$\{([A-Za-z_][A-Za-z0-9_]*)((?::?[=-])[^{}]*)?\}`)

// expand replaces the variables of a text that are known, or have a default.
func (s *Substitution) expand(text string) string {
	if !strings.Contains(text, "${") {
		return text
	}
	for range maxNested { // a default may hold variables
		inner := nestedPattern.ReplaceAllStringFunc(text, func(match string) string {
			i := nestedPattern.FindStringSubmatchIndex(match)
			return match[:i[2]] + s.expandAll(match[i[2]:i[3]]) + "}"
		})
		if inner == text || len(inner) > maxNestedText {
			break
		}
		text = inner
	}
	return s.expandAll(text)
}

// maxNested is how deep variables may be in defaults of others.
const maxNested = 4

// maxNestedText is how long a text may become of which defaults are searched for variables again, in bytes.
const maxNestedText = 1 << 20

// nestedPattern is a variable with a default that ends in another variable.
var nestedPattern = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*:?[=-][^{}]*?(\$\{[A-Za-z_][A-Za-z0-9_]*(?:(?::?[=-])[^{}]*)?\})\}`)

// expandAll replaces the variables of a text that hold no others.
func (s *Substitution) expandAll(text string) string {
	return variablePattern.ReplaceAllStringFunc(text, func(match string) string {
		if escaped, ok := strings.CutPrefix(match, "$$"); ok {
			return "$" + escaped
		}
		parts := variablePattern.FindStringSubmatch(match)
		known, ok := s.values[parts[1]]
		switch {
		case known.unknown:
			return match
		case ok && (known.text != "" || !strings.HasPrefix(parts[2], ":")):
			return known.text
		case parts[2] != "" && !s.isPartial:
			return strings.TrimLeft(parts[2], ":=-")
		}
		return match
	})
}

// substituted finds the places of an object with variables in those of the object
// without.
type substituted struct {
	object *lint.Object
	from   map[*yaml.Node]*yaml.Node
	vars   *Substitution
}

// Locate is where the text with the variable is, with a step to the variable's value. A variable that supplies the whole text is the
// place to edit.
func (l *substituted) Locate(v lint.Value) lint.Origin {
	n, _ := v.Anchor()
	old := l.from[n]
	if old == nil {
		old = n
	}
	o := l.object.Locate(node.NewValue(old))
	if old == nil || old.Kind != yaml.ScalarNode {
		return o
	}
	for _, m := range variablePattern.FindAllStringSubmatch(old.Value, -1) {
		known, ok := l.vars.values[m[1]]
		if !ok || known.at.File == "" {
			continue
		}
		step := lint.Step{Kind: lint.StepKustomization, Position: known.at, Label: "variable " + m[1]}
		if m[0] == old.Value && known.text == n.Value && !known.unknown { // and no default is used
			step.Kind, step.Label = lint.StepValues, m[1]
			if known.line != "" {
				o.Entry = &lint.Entry{Position: known.at, Text: known.line, Key: m[1]}
			}
		}
		o.Trail = append([]lint.Step{step}, o.Trail...)
	}
	return o
}

// Kustomizations are those of the object without variables.
func (l *substituted) Kustomizations() []lint.Kustomization { return l.object.Kustomizations() }

// LocateLineIn is where a line of a text can be edited.
func (l *substituted) LocateLineIn(v lint.Value, line int) (at lint.Origin, ok bool) {
	old := l.from[v.Node]
	if old == nil {
		old = v.Node
	}
	if strings.Count(old.Value, "\n") != strings.Count(v.Node.Value, "\n") {
		return at, false
	}
	return l.object.LocateLine(node.NewValue(old), line)
}
