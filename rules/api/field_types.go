package api

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/rules/secrets/detect"
)

// FieldTypes reports values of another type than their field's: a number where a
// string belongs, text for a number, a mapping for a list.
//
// The API server cannot read such an object and refuses it as a whole. What is found
// while linting is found in the middle of a deployment otherwise, when half of
// the objects are in place.
//
// Values are read as kubectl and Helm read them, by YAML 1.1: yes, no, on, off, y
// and n without quotes are booleans, 0777 is an octal number. Quantities have a rule
// of their own, valid-quantity. Null counts as absent, and placeholders that
// something else fills in first pass: {{ x }}, ${x}, $(x), <x>, and what SOPS encrypted. So do numbers as labels and
// annotations in a folder that Flux builds, since kustomize writes them as text.
// An argument that ends with a colon since a value of a chart is empty is low: the user must give it.
// A variable whose text is a mapping as Go prints it, map[…], is reported, too: a template got a mapping for it, and printed it as text.
// Messages never print a value that should be text: it may be a secret.
var FieldTypes = &lint.Rule{
	ID:        "field-types",
	Title:     "Value is of the wrong type",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-upgrades"},
	Fix:       "give the field a value of its type",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		for _, w := range o.Workloads {
			for _, c := range w.Containers {
				checkPrinted(p, c)
			}
		}
		mistyped := walked(p, o).mistyped
		if len(mistyped) == 0 || isEncrypted(o) {
			return
		}
		for i, d := range mistyped {
			if i == maxDefects {
				reportMore(p, o, d, len(mistyped)-i, "have values of a wrong type, or placeholders")
				return
			}
			v := d.value(o)
			if isPlaceholder(v.Node) || d.form.isPlain() && isReplaced(v.Node) || isQuoted(p, o, v) {
				continue
			}
			if reportColon(p, o, d, v) {
				continue
			}
			is, fix := d.form.unlike(v.Node)
			if fix == encodeText && p.Unit.Kind == lint.UnitChart { // its values are mostly plain, and the template has to encode them
				fix = "encode the value with b64enc in the template, or print it below a field that takes text, such as stringData"
			}
			p.Report(lint.Diagnostic{
				Object: o, At: v, Fix: lint.Intent{Title: fix},
				Message: v.Path() + " is " + is + "; want " + d.form.wanted(),
			})
		}
	}),
}

// reportColon reports an element of a list of strings that YAML reads as a mapping since it ends with a colon, such as - --nodes=1:3: in a list of arguments.
func reportColon(p *lint.Pass, o *lint.Object, d defect, v lint.Value) bool {
	if !d.steps[len(d.steps)-1].item || d.form.basis != basisString || v.Node.Kind != yaml.MappingNode || len(v.Node.Content) != 2 || !node.IsNull(v.Node.Content[1]) {
		return false
	}
	in := lint.Diagnostic{
		Object: o, At: v, Fix: lint.Advice("put the text in quotes, with its colon, or complete it"),
		Message: v.Path() + " ends with a colon, which makes it a mapping; want a string",
	}
	end := in
	end.At, end.Range = v.Child(v.Node.Content[0].Value), &lint.Range{}
	if key := p.KeyOfPart(end); key != "" {
		in = end
		in.Severity = lint.Low
		in.Fix = lint.Advice("set " + key + ", or put the text in quotes in the template")
		in.Message = v.Path() + " ends with a colon, since " + key + " is empty, which makes it a mapping; want a string"
	}
	p.Report(in)
	return true
}

// printedMap matches a mapping as Go prints it.
var printedMap = regexp.MustCompile(`^map\[[\w./-]+:.*\]$`)

// checkPrinted reports variables for which a template got a mapping, such as a valueFrom, and printed it as text.
func checkPrinted(p *lint.Pass, c lint.PodOrContainer) {
	for e := range c.Get("env").Items() {
		if v := e.Get("value"); printedMap.MatchString(v.Text()) {
			p.Report(lint.Diagnostic{
				Subject: c, At: v, Fix: lint.Advice("give the variable text, or print the mapping with toYaml in place of value"),
				Message: c.Label() + " sets env " + e.Get("name").Text() + " to a mapping that a template printed as text; want a string or valueFrom",
			})
		}
	}
}

// isQuoted reports labels and annotations of files that Flux builds: kustomize writes their values as text.
func isQuoted(p *lint.Pass, o *lint.Object, v lint.Value) bool {
	at := v.Path()
	return len(p.Unit.ByKustomize) > 0 && (strings.Contains(at, "metadata.annotations") || strings.Contains(at, "metadata.labels")) && p.Unit.ByKustomize[p.Locate(o, v).File]
}

// isPlain reports numbers, booleans and the like: what a word in capitals is not, and may be put in
// place of.
func (f *form) isPlain() bool {
	switch f.basis {
	case basisBool, basisInt32, basisInt64, basisFloat, basisQuantity, basisTime, basisDuration, basisBytes:
		return true
	default:
		return false
	}
}

// wanted names the values that a form takes.
func (f *form) wanted() string {
	switch f.basis {
	case basisString:
		return "a string"
	case basisBool:
		return "true or false"
	case basisInt32, basisInt64:
		return "an integer"
	case basisFloat:
		return "a number"
	case basisQuantity:
		return "a quantity"
	case basisIntOrString:
		return "an integer or a string"
	case basisTime:
		return "a time such as 2006-01-02T15:04:05Z"
	case basisDuration:
		return "a duration such as 1h30m"
	case basisBytes:
		return "base64"
	case basisList:
		return "a list"
	case basisMap, basisStruct:
		return "a mapping"
	case basisAny:
	}
	return "anything"
}

// encodeText is the fix of a text where base64 must be.
const encodeText = "encode the value, or use a field that takes text, such as stringData"

// unlike says what a node is that the form does not take, and how to fix it.
func (f *form) unlike(n *yaml.Node) (is, fix string) {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping", ""
	case yaml.SequenceNode:
		return "a list", ""
	default:
	}
	s := resolve(n)
	if f.basis == basisString && s.kind != scalarString {
		fix = "put the value in quotes"
	}
	switch s.kind {
	case scalarBool:
		is = "a boolean"
		if s.text != n.Value {
			is += ", which is how YAML reads " + n.Value
		}
	case scalarInt, scalarFloat:
		is = "a number"
		if f.basis != basisString && f.basis != basisBytes && len(n.Value) <= maxShown {
			is = "the number " + n.Value
		}
	default:
		is = "a string"
		if f.basis == basisBytes {
			is = "not base64"
			if fix = encodeText; detect.IsPlaceholder(s.text) {
				fix = "replace the placeholder by the value in base64, or by the value itself in stringData"
			}
		} else if len(n.Value) <= maxShown {
			is = `the string "` + n.Value + `"`
			if f.takes(resolvePlain(n.Value)) && n.Value != "" {
				fix = "remove the quotes"
			}
		}
	}
	return is, fix
}

// maxShown is how long a value may be for messages to show it.
const maxShown = 40
