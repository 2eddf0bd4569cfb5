package helm

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"helm.sh/helm/v3/pkg/chart"

	"github.com/kubevet/kubevet/lint"
)

// errOutside is why a schema's reference was not followed.
var errOutside = errors.New("it is outside of the chart")

// confined refuses to load what a schema refers to: Helm would fetch it.
type confined struct{}

func (confined) Load(string) (any, error) { return nil, errOutside }

var schemaViolation = regexp.MustCompile(`(?m)^\s*- at '([^']*)': (.*)$`)

// validate holds values against the schemas of a chart and its subcharts.
func (r *rendering) validate(c *chart.Chart, vals map[string]any) { r.validateBelow(c, vals, nil) }

func (r *rendering) validateBelow(c *chart.Chart, vals map[string]any, steps []string) {
	if c.Schema != nil {
		r.validateOne(c, vals, steps)
	}
	for _, d := range c.Dependencies() {
		if own, ok := vals[d.Name()].(map[string]any); ok {
			r.validateBelow(d, own, join(steps, d.Name()))
		}
	}
}

func (r *rendering) validateOne(c *chart.Chart, vals map[string]any, steps []string) {
	file := r.keys.fileOf(c, "values.schema.json")
	err := r.checkSchema(c.Schema, vals)
	if err == nil {
		return
	}
	if errors.Is(err, errBudget) {
		r.problem(lint.Problem{
			Position: lint.Position{File: file},
			Message:  "validating the values took too long: " + r.budget.ctx.Err().Error(),
			Help:     "look for references that multiply, or schemas that are nested too deep",
		})
		return
	}
	if _, ok := errors.AsType[*jsonschema.ValidationError](err); !ok {
		if outside, ok := errors.AsType[*jsonschema.LoadURLError](err); ok {
			r.note(lint.Problem{
				Position: lint.Position{File: file},
				Message:  "the values were not validated: the schema refers to " + outside.URL + ", outside of the chart",
			})
			return
		}
		r.problem(lint.Problem{Position: lint.Position{File: file}, Message: "invalid schema: " + oneLine(err.Error())})
		return
	}
	for _, m := range schemaViolation.FindAllStringSubmatch(err.Error(), -1) {
		if strings.HasPrefix(m[2], "validation failed") || strings.HasPrefix(m[2], "'allOf' failed") || strings.HasPrefix(m[2], "'anyOf' failed") {
			continue
		}
		at := join(steps, pointerSteps(m[1])...)
		p := lint.Problem{
			Position: lint.Position{File: file},
			Message:  "values break the chart's schema: " + strings.TrimPrefix(joinSteps(at)+": "+m[2], ": "),
			Help:     "helm refuses to install the chart with these values; correct the value or the schema",
		}
		if pos, ok := r.keys.place(at); ok {
			p.Position = pos
		}
		r.problem(p)
	}
}

// checkSchema validates values until the time is up. The library cannot be
// stopped: what it does then is not waited for.
func (r *rendering) checkSchema(schema []byte, vals map[string]any) error {
	done := make(chan error, 1)
	go func() { done <- checkSchema(schema, vals) }()
	select {
	case err := <-done:
		return err
	case <-r.budget.done:
		return r.budget.stopped()
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
	return compiled.Validate(vals)
}

// pointerSteps are the steps of a JSON pointer.
func pointerSteps(pointer string) []string {
	var l []string
	for s := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if s == "" {
			continue
		}
		s = strings.NewReplacer("~1", "/", "~0", "~").Replace(s)
		if strings.Trim(s, "0123456789") == "" {
			s = "[" + s + "]"
		}
		l = append(l, s)
	}
	return l
}
