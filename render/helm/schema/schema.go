// Package schema validates the values of a chart with its JSON schema. It loads nothing from outside of the chart, limits its own work, and
// no message of it has a value.
package schema

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
)

// errOutside is the reason why a reference of a schema was not followed.
var errOutside = errors.New("it is outside of the chart")

// confined refuses to load the references of a schema, which Helm would download.
type confined struct{}

func (confined) Load(string) (any, error) { return nil, errOutside }

// Violation is one reason why values do not match a schema.
type Violation struct {
	// Steps lead to the value.
	Steps   []string
	Message string
	// kind is what is wrong. It is nil if no alternative fits.
	kind jsonschema.ErrorKind
}

// ID tells a violation at a key from others.
func (v *Violation) ID(at []string) string { return trace.JoinSteps(at) + "\x00" + v.Message }

// LacksValue reports whether required properties are missing, and nothing else is wrong.
func (v *Violation) LacksValue() bool {
	_, ok := v.kind.(*kind.Required)
	return ok
}

// Violations lists the innermost reasons. All alternatives of an anyOf or oneOf count as
// one reason.
func Violations(e *jsonschema.ValidationError, l []Violation) []Violation {
	alternatives := false
	switch k := e.ErrorKind.(type) {
	case *kind.AnyOf:
		alternatives = true
	case *kind.OneOf:
		alternatives = len(k.Subschemas) == 0
	}
	if len(e.Causes) == 0 {
		return append(l, Violation{stepsIn(e.InstanceLocation), violationText(e.ErrorKind), e.ErrorKind})
	}
	if !alternatives {
		for _, c := range e.Causes {
			l = Violations(c, l)
		}
		return l
	}
	var words []string
	for _, c := range e.Causes {
		within := Violations(c, nil)
		slices.SortStableFunc(within, func(a, b Violation) int { return cmp.Compare(trace.JoinSteps(a.Steps), trace.JoinSteps(b.Steps)) }) // the library goes over a map
		for _, v := range within {
			text := v.Message
			if below := v.Steps[min(len(e.InstanceLocation), len(v.Steps)):]; len(below) > 0 {
				text = trace.JoinSteps(below) + ": " + text
			}
			if !slices.Contains(words, text) {
				words = append(words, text)
			}
		}
	}
	return append(l, Violation{Steps: stepsIn(e.InstanceLocation), Message: trace.OneLine("no alternative fits: " + strings.Join(words, "; or "))})
}

// stepsIn are the steps to a location in the values.
func stepsIn(location []string) []string {
	var l []string
	for _, s := range location {
		if s != "" && strings.Trim(s, "0123456789") == "" {
			s = "[" + s + "]"
		}
		l = append(l, s)
	}
	return l
}

// violationText describes what is wrong with a value. Unlike the library's own text, it
// never contains the value, which may be a secret.
func violationText(e jsonschema.ErrorKind) string {
	switch k := e.(type) {
	case *kind.Pattern:
		return "does not match pattern '" + k.Want + "'"
	case *kind.Format:
		return "is no valid " + k.Want
	case *kind.ContentEncoding:
		return "is not encoded in " + k.Want
	case *kind.ContentMediaType:
		return "is not of media type " + k.Want
	case *kind.Minimum:
		return "must be at least " + ratText(k.Want)
	case *kind.Maximum:
		return "must be at most " + ratText(k.Want)
	case *kind.ExclusiveMinimum:
		return "must be above " + ratText(k.Want)
	case *kind.ExclusiveMaximum:
		return "must be below " + ratText(k.Want)
	case *kind.MultipleOf:
		return "must be a multiple of " + ratText(k.Want)
	}
	return e.LocalizedString(message.NewPrinter(language.English))
}

func ratText(n *big.Rat) string {
	f, _ := n.Float64()
	return trace.ScalarText(f)
}

// Schemas are those of a chart and its subcharts: scenarios and trials share them. The zero value has none yet.
type Schemas struct {
	mu     sync.Mutex
	byText map[string]*compiledSchema
}

// compiledSchema is a schema, or why it is none.
type compiledSchema struct {
	once   sync.Once
	schema *jsonschema.Schema
	err    error
}

// Check validates values. Work is how many comparisons of a part of the schema with a part of the values that takes, at most.
func (s *Schemas) Check(schema []byte, vals map[string]any) (work int, err error) {
	s.mu.Lock()
	c := s.byText[string(schema)]
	if c == nil {
		c = &compiledSchema{}
		if s.byText == nil {
			s.byText = map[string]*compiledSchema{}
		}
		s.byText[string(schema)] = c
	}
	s.mu.Unlock()
	c.once.Do(func() { c.schema, c.err = compileSchema(schema) })
	if c.err != nil {
		return 0, c.err
	}
	defer recoverSchema(&err)
	if work, err = checkSchemaWork(c.schema, vals); err != nil {
		return work, err
	}
	return work, c.schema.Validate(vals)
}

// recoverSchema makes a panic an error: the library panics on some broken schemas.
func recoverSchema(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the validator failed: %v", p)
	}
}

// schemaName is what errors of the library call a schema.
const schemaName = "file:///values.schema.json"

func compileSchema(schema []byte) (compiled *jsonschema.Schema, err error) {
	defer recoverSchema(&err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(confined{})
	if err := compiler.AddResource(schemaName, doc); err != nil {
		return nil, err
	}
	return compiler.Compile(schemaName)
}

// reference matches a reference of a schema to another one.
var reference = regexp.MustCompile(`"\$ref"\s*:\s*"([^"#]+)`)

// OutsideOf is the least of the references of a schema to others: which of them its compiler meets first changes from run to
// run. It is the one that the compiler met if the text has none.
func OutsideOf(schema []byte, met string) string {
	least := ""
	for _, m := range reference.FindAllSubmatch(schema, -1) {
		if at := string(m[1]); least == "" || at < least {
			least = at
		}
	}
	return cmp.Or(least, met)
}

// ownReference matches a reference of a schema to a part of itself.
var ownReference = regexp.MustCompile(`"\$ref"\s*:\s*"(#/[^"]*)"`)

// Dangling is the first reference of a schema, in its text, to a part of itself that it does not have, and its line: which of them its compiler
// meets first changes from run to run. It is the one that the compiler met, without a line, if the text has none.
func Dangling(schema []byte, met *jsonschema.JSONPointerNotFoundError) (ref string, line int) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err == nil {
		for _, m := range ownReference.FindAllSubmatchIndex(schema, -1) {
			if ref = string(schema[m[2]:m[3]]); !hasPart(doc, ref) {
				return ref, bytes.Count(schema[:m[2]], []byte("\n")) + 1
			}
		}
	}
	return strings.TrimPrefix(met.URL, schemaName), 0
}

// hasPart reports whether a document has what a reference leads to, which is a JSON pointer as a fragment of a URL.
func hasPart(doc any, ref string) bool {
	pointer, err := url.PathUnescape(strings.TrimPrefix(ref, "#/"))
	if err != nil {
		return false
	}
	_, ok := node.Pointed(doc, pointer)
	return ok
}

// maxSchemaWork limits how many times a schema, or a part of one, is compared with a part
// of the values. Schemas whose references multiply would take forever, and the library
// cannot be stopped.
const maxSchemaWork = 10_000_000

// schemaWork computes an upper limit for how often parts of a schema are compared with
// parts of the values. It does not compare them.
type schemaWork struct {
	known map[schemaPair]int
}

// schemaPair is a part of a schema and a part of the values. A map or list is identified
// by its address; all scalars count as one.
type schemaPair struct {
	schema *jsonschema.Schema
	value  uintptr
	length int
}

// checkSchemaWork counts the comparisons, and rejects a schema that would take too long with these values.
func checkSchemaWork(s *jsonschema.Schema, v any) (work int, err error) {
	w := &schemaWork{known: map[schemaPair]int{}}
	if work = w.count(s, v); work >= maxSchemaWork {
		return work, fmt.Errorf("%w: a schema that is compared with the values more than %d times", trace.ErrBudget, maxSchemaWork)
	}
	return work, nil
}

func (w *schemaWork) count(s *jsonschema.Schema, v any) int {
	if s == nil {
		return 0
	}
	at := schemaPair{schema: s}
	if c := reflect.ValueOf(v); trace.IsContainer(c) {
		at.value, at.length = c.Pointer(), c.Len()
	}
	if n, ok := w.known[at]; ok {
		return n
	}
	w.known[at] = 0 // a reference to itself: the library detects the cycle
	n := 1
	for _, sub := range alternatives(s) {
		n += w.count(sub, v)
	}
	switch v := v.(type) {
	case map[string]any:
		n += w.object(s, v)
	case []any:
		n += w.array(s, v)
	}
	n = min(n, maxSchemaWork)
	w.known[at] = n
	return n
}

// alternatives are the schemas that are compared with the same value as s.
func alternatives(s *jsonschema.Schema) []*jsonschema.Schema {
	l := slices.Concat(s.AllOf, s.AnyOf, s.OneOf)
	l = append(l, s.Ref, s.RecursiveRef, s.Not, s.If, s.Then, s.Else, s.ContentSchema)
	if s.DynamicRef != nil {
		l = append(l, s.DynamicRef.Ref)
	}
	for _, d := range s.Dependencies {
		if sub, ok := d.(*jsonschema.Schema); ok {
			l = append(l, sub)
		}
	}
	return slices.AppendSeq(l, maps.Values(s.DependentSchemas))
}

func (w *schemaWork) object(s *jsonschema.Schema, m map[string]any) (n int) {
	additional, _ := s.AdditionalProperties.(*jsonschema.Schema)
	for _, name := range trace.SortedKeys(m) {
		v := m[name]
		n += w.count(s.PropertyNames, name) + w.count(s.UnevaluatedProperties, v)
		sub, known := s.Properties[name]
		n += w.count(sub, v)
		for re, sub := range s.PatternProperties {
			if re.MatchString(name) {
				known = true
				n += w.count(sub, v)
			}
		}
		if !known {
			n += w.count(additional, v)
		}
		n = min(n, maxSchemaWork)
	}
	return n
}

func (w *schemaWork) array(s *jsonschema.Schema, l []any) (n int) {
	additional, _ := s.AdditionalItems.(*jsonschema.Schema)
	each := []*jsonschema.Schema{additional, s.Items2020, s.UnevaluatedItems, s.Contains}
	items, isList := s.Items.([]*jsonschema.Schema)
	if one, ok := s.Items.(*jsonschema.Schema); ok {
		each = append(each, one)
	}
	if !isList {
		items = s.PrefixItems
	}
	for i, v := range l {
		for _, sub := range each {
			n += w.count(sub, v)
		}
		if i < len(items) {
			n += w.count(items[i], v)
		}
		n = min(n, maxSchemaWork)
	}
	return n
}

// Refusal says how a schema refuses the value of a step. It is empty if only the name of the key is known, and the
// schema allows that.
func (v *Violation) Refusal(at []string, s lint.Step) string {
	switch v.kind.(type) {
	case *kind.AdditionalProperties:
		if steps, _ := values.SplitSteps(s.Label); len(steps) > len(at) {
			at = steps[:len(at)+1]
		}
		return "its schema allows no " + trace.JoinSteps(at)
	case *kind.FalseSchema:
		return "its schema allows no " + trace.JoinSteps(at)
	}
	if s.Set == "" {
		return ""
	}
	switch k := v.kind.(type) {
	case *kind.Const:
		if text, ok := shortText(k.Want); ok {
			return "its schema allows only " + text + " for " + trace.JoinSteps(at)
		}
	case *kind.Enum:
		if text, ok := shortText(k.Want...); ok {
			return "its schema allows only " + text + " for " + trace.JoinSteps(at)
		}
	}
	return fmt.Sprintf("its schema does not allow %s: %s", s.Label, s.Set)
}

// maxRefusal limits how long a list of allowed values is.
const maxRefusal = 60

// shortText lists some scalars. ok is false if one is none, or if the list is long.
func shortText(l ...any) (text string, ok bool) {
	var words []string
	for _, v := range l {
		switch v := v.(type) {
		case map[string]any, []any:
			return "", false
		case nil:
			words = append(words, "null")
		default:
			words = append(words, cmp.Or(trace.ScalarText(v), `""`))
		}
	}
	text = strings.Join(words, ", ")
	return trace.OneLine(text), len(text) <= maxRefusal && len(words) > 0
}
