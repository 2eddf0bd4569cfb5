package branch

import (
	"maps"
	"text/template/parse"

	"github.com/kubevet/kubevet/render/helm/trace"
)

// scope is the meaning of dot and of variables, as far as it is known from the text.
type scope struct {
	dot  place
	vars map[string]place
}

// place is a part of the data that templates see.
type place struct {
	kind  placeKind
	steps []string // path from the values
}

type placeKind int

const (
	anywhere placeKind = iota
	topLevel           // the dot of a template file
	inValues
)

func (s scope) clone() scope { return scope{dot: s.dot, vars: maps.Clone(s.vars)} }

// at is the place that a chain of fields refers to.
func (s scope) at(o trace.Operand) place {
	if !o.Known {
		return place{}
	}
	base := s.dot
	switch o.Variable {
	case "":
	case "$":
		base = place{kind: topLevel}
	default:
		base = s.vars[o.Variable]
	}
	fields := o.Fields
	switch {
	case base.kind == inValues:
		return place{inValues, trace.Join(base.steps, fields...)}
	case len(fields) == 0:
		return base
	case fields[0] == trace.ValuesObject && (base.kind == topLevel || o.Variable == ""): // helpers are usually passed the top level
		return place{inValues, fields[1:]}
	}
	return place{}
}

// key is the values key that a chain of fields refers to.
func (s scope) key(o trace.Operand) (steps []string, ok bool) {
	p := s.at(o)
	return p.steps, p.kind == inValues && len(p.steps) > 0
}

// keyOf is the values key of the operand of a test. What a template makes of it is not known from the text.
func (s scope) keyOf(test *trace.Condition) (steps []string, ok bool) {
	if test.Through != "" {
		return nil, false
	}
	return s.key(test.Operand)
}

// maxVariables limits how many variables of a template are followed.
const maxVariables = 64

func (s scope) declare(p *parse.PipeNode, followed bool) {
	if p == nil {
		return
	}
	for _, d := range p.Decl {
		if _, known := s.vars[d.Ident[0]]; !known && len(s.vars) >= maxVariables {
			return
		}
		s.vars[d.Ident[0]] = place{}
		if followed && len(p.Decl) == 1 {
			s.vars[d.Ident[0]] = s.at(trace.Single(p))
		}
	}
}
