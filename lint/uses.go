package lint

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// use is what a text is for that a value of a chart prints.
type use int

// The uses, the least strict one first.
const (
	noUse use = iota
	otherUse
	imageUse
	nameUse
	labelUse
)

// String is the rest of a sentence about a key.
func (u use) String() string {
	return [...]string{"", "printed elsewhere", "the tag of another image", "a name", "a label"}[u]
}

// usesOf is what a text is for in the objects of a unit, except where it is within another text. It is the strictest of
// the uses. Annotations take any text.
func (u *Unit) usesOf(text, within string) (found use) {
	for _, o := range u.Objects {
		if n := o.Root.Node; n != nil {
			found = max(found, usesIn(n, "", noUse, text, within))
		}
	}
	return found
}

// usesIn is what a text is for in a node, which is at a key. Known is the use of all that is in the node.
func usesIn(n *yaml.Node, key string, known use, text, within string) (found use) {
	switch n.Kind { //nolint:exhaustive // the target of an alias is met where it is
	case yaml.ScalarNode:
		switch {
		case !strings.Contains(n.Value, text) || within != "" && !strings.Contains(strings.ReplaceAll(n.Value, within, ""), text):
		case known != noUse:
			return known
		case key == "image":
			return imageUse
		case key == "name" || key == "generateName":
			return nameUse
		default:
			return otherUse
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			switch key := n.Content[i].Value; key {
			case "annotations":
			case "labels", "matchLabels", "selector":
				found = max(found, usesIn(n.Content[i+1], key, labelUse, text, within))
			default:
				found = max(found, usesIn(n.Content[i+1], key, known, text, within))
			}
		}
	case yaml.SequenceNode, yaml.DocumentNode:
		for _, c := range n.Content {
			found = max(found, usesIn(c, key, known, text, within))
		}
	}
	return found
}

// fits reports whether a value that is tried with a key fits all for which it is then printed.
func (k *NamedKey) fits(u *Unit, value string) bool {
	if k.Own.Value == value {
		return u.usesOf(k.mark(value), k.Before+value) == noUse
	}
	return u.usesOf(k.mark(value), "") < nameUse
}

// markLength is how many characters at the end of a value that is tried are looked for: the end repeats itself,
// and a label may have only a part of it.
const markLength = 16

func (k *NamedKey) mark(value string) string { return value[max(len(value)-markLength, 0):] }

// objectCost is what it costs to look for a text in an object.
const objectCost = 16

// ownUse is what the key that supplies the value of a finding is for beside it, if the value of the fix does not fit that.
func (t *trials) ownUse(u *untried) use {
	k := u.Fix.Key
	if u.own.Label == "" || t.isSpent() {
		return noUse
	}
	if t.cost += objectCost * len(t.unit.unit.Objects); t.unit.unit.usesOf(k.Text, k.Before+k.Text) == noUse {
		return noUse
	}
	v := t.with([]Step{u.own})
	if v == nil {
		return noUse
	}
	for _, o := range v.unit.Objects {
		if o.Ref() == u.of().Ref() && strings.HasSuffix(o.Root.At(u.At.Path()).Text(), k.Own.Ends) {
			return v.unit.usesOf(k.mark(k.Own.Value), k.Before+k.Own.Value)
		}
	}
	return noUse // the key supplies something else, such as the whole reference
}

// ownKey is the step of the key that supplies the value of a finding, with the value to try. It has no label if there is
// none.
func (f *Finding) ownKey(d *Diagnostic) Step {
	if k := d.Fix.Key; k == nil || k.Own.Value == "" || d.In != nil || len(f.Origin.Trail) == 0 {
		return Step{}
	}
	s := f.Origin.Trail[0]
	if s.Kind != StepValues && s.Kind != StepDecides || s.Position != f.Origin.Position {
		return Step{}
	}
	s.Set = d.Fix.Key.Own.Value
	return s
}
