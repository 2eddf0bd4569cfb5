package trace

import (
	"errors"
	"text/template/parse"
)

// required is Helm's function of that name. Its error has the key that lacks a value, if
// the action names only one.
func (t *Tracer) required(message string, v any) (any, error) {
	v, err := Required(message, v)
	if missing, ok := errors.AsType[*RequiredError](err); ok {
		if at := t.cur.at; at != nil && at.detail != nil && at.requires != nil {
			missing.Key = t.IDs.Unchanged(t.cur.data, at.requires)
		}
	}
	return v, err
}

// fail is Helm's function of that name.
func (t *Tracer) fail(message string) (string, error) {
	err := &RequiredError{Message: message}
	if at := t.cur.at; at != nil && at.detail != nil {
		err.Within = at.within
	}
	return "", err
}

// RequiredOperands lists the arguments of the calls of required in a pipeline.
func RequiredOperands(p *parse.PipeNode, l []Operand) []Operand {
	if p == nil {
		return l
	}
	for i, c := range p.Cmds {
		if id, ok := c.Args[0].(*parse.IdentifierNode); ok && id.Ident == "required" {
			switch {
			case len(c.Args) > 2:
				l = append(l, OperandOf(c.Args[2]))
			case i > 0:
				l = append(l, Single(&parse.PipeNode{Cmds: p.Cmds[:i]}))
			}
		}
		for _, a := range c.Args {
			if q, ok := a.(*parse.PipeNode); ok {
				l = RequiredOperands(q, l)
			}
		}
	}
	return l
}
