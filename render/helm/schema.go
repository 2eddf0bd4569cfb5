package helm

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"helm.sh/helm/v3/pkg/chart"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/trace"
)

// errOutside is the reason why a reference of a schema was not followed.
var errOutside = errors.New("it is outside of the chart")

// confined refuses to load the references of a schema, which Helm would download.
type confined struct{}

func (confined) Load(string) (any, error) { return nil, errOutside }

// validate checks the values against the schemas of a chart and its subcharts.
func (r *rendering) validate(c *chart.Chart, vals map[string]any) { r.validateBelow(c, vals, nil) }

func (r *rendering) validateBelow(c *chart.Chart, vals map[string]any, steps []string) {
	if c.Schema != nil {
		r.validateOne(c, vals, steps)
	}
	for _, d := range c.Dependencies() {
		if own, ok := vals[d.Name()].(map[string]any); ok {
			r.validateBelow(d, own, trace.Join(steps, d.Name()))
		}
	}
}

func (r *rendering) validateOne(c *chart.Chart, vals map[string]any, steps []string) {
	file := r.keys.FileOf(c, "values.schema.json")
	err := r.checkSchema(c.Schema, vals)
	if err == nil {
		return
	}
	if errors.Is(err, trace.ErrBudget) {
		r.problem(lint.Problem{
			Code:     lint.CodeLimit,
			Position: lint.Position{File: file},
			Message:  "validating the values was stopped: " + strings.TrimPrefix(err.Error(), trace.ErrBudget.Error()+": "),
			Help:     "look for references that multiply, or schemas that are nested too deep",
		})
		return
	}
	invalid, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		if outside, ok := errors.AsType[*jsonschema.LoadURLError](err); ok {
			r.note(lint.Problem{
				Position: lint.Position{File: file},
				Message:  "the values were not validated: the schema refers to " + outside.URL + ", outside of the chart",
			})
			return
		}
		r.problem(lint.Problem{Code: lint.CodeSchemaViolation, Position: lint.Position{File: file}, Message: "invalid schema: " + trace.OneLine(err.Error())})
		return
	}
	for _, v := range violations(invalid, nil) {
		at := trace.Join(steps, v.steps...)
		p := lint.Problem{
			Code:     lint.CodeSchemaViolation,
			Position: lint.Position{File: file},
			Message:  "values break the chart's schema: " + strings.TrimPrefix(trace.JoinSteps(at)+": "+v.message, ": "),
			Help:     "helm refuses to install the chart with these values; correct the value or the schema",
		}
		if pos, ok := r.keys.Place(at); ok {
			p.Position = pos
		}
		r.problem(p)
	}
}

// violation is one reason why values do not match a schema.
type violation struct {
	steps   []string
	message string
}

// violations lists the innermost reasons. All alternatives of an anyOf or oneOf count as
// one reason.
func violations(e *jsonschema.ValidationError, l []violation) []violation {
	alternatives := false
	switch k := e.ErrorKind.(type) {
	case *kind.AnyOf:
		alternatives = true
	case *kind.OneOf:
		alternatives = len(k.Subschemas) == 0
	}
	if len(e.Causes) == 0 {
		return append(l, violation{stepsIn(e.InstanceLocation), violationText(e.ErrorKind)})
	}
	if !alternatives {
		for _, c := range e.Causes {
			l = violations(c, l)
		}
		return l
	}
	var words []string
	for _, c := range e.Causes {
		for _, v := range violations(c, nil) {
			text := v.message
			if below := v.steps[min(len(e.InstanceLocation), len(v.steps)):]; len(below) > 0 {
				text = trace.JoinSteps(below) + ": " + text
			}
			if !slices.Contains(words, text) {
				words = append(words, text)
			}
		}
	}
	return append(l, violation{stepsIn(e.InstanceLocation), trace.OneLine("no alternative fits: " + strings.Join(words, "; or "))})
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

// checkSchema validates values until the time is up. The library cannot be stopped, so it
// may continue after checkSchema returned.
func (r *rendering) checkSchema(schema []byte, vals map[string]any) error {
	done := make(chan error, 1)
	go func() { done <- checkSchema(schema, vals) }()
	select {
	case err := <-done:
		return err
	case <-r.Budget.Done:
		return r.Budget.Stopped()
	}
}

func checkSchema(schema []byte, vals map[string]any) (err error) {
	defer func() {
		if p := recover(); p != nil { // the library panics on some broken schemas
			err = fmt.Errorf("the validator failed: %v", p)
		}
	}()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return err
	}
	const name = "file:///values.schema.json"
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(confined{})
	if err := compiler.AddResource(name, doc); err != nil {
		return err
	}
	compiled, err := compiler.Compile(name)
	if err != nil {
		return err
	}
	if err := checkSchemaWork(compiled, vals); err != nil {
		return err
	}
	return compiled.Validate(vals)
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

// checkSchemaWork rejects a schema that would take too long with these values.
func checkSchemaWork(s *jsonschema.Schema, v any) error {
	w := &schemaWork{known: map[schemaPair]int{}}
	if w.count(s, v) >= maxSchemaWork {
		return fmt.Errorf("%w: a schema that is compared with the values more than %d times", trace.ErrBudget, maxSchemaWork)
	}
	return nil
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
