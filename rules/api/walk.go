package api

import (
	"encoding/base64"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// defects is what walk found in an object.
type defects struct {
	unknown    []defect // a key that is not a field
	mistyped   []defect // a value of another form than its field's
	quantities []defect // a quantity, unless it is surely right
}

// defect is a place in an object.
type defect struct {
	steps []step
	// form is that of the value; for an unknown key, that of the mapping which has it.
	form *form
}

// step leads from a value to one within it.
type step struct {
	key  string
	node *yaml.Node
	// form is that of the value from which the step leads.
	form *form
	// item is set for the element of a list: node is the element then, and index
	// its place.
	item  bool
	index int
}

// walker compares an object with the form of its kind.
type walker struct {
	steps []step
	found defects
	// anchored is the nodes with an anchor that were visited: aliases of aliases
	// cannot make the work explode.
	anchored map[visit]bool
}

type visit struct {
	node *yaml.Node
	form *form
}

// maxDepth limits the descent: an alias may hold itself.
const maxDepth = 200

// commonDepth is how deep most objects are.
const commonDepth = 16

// walked is what walk finds in the object that the rules look at.
func walked(p *lint.Pass, o *lint.Object) *defects { return walkIndex(p, o) }

var walkIndex = lint.ObjectIndex("fields", func(_ *lint.Pass, o *lint.Object) *defects {
	d := walk(o)
	return &d
})

// walk compares an object with the form of its kind. It finds all that the API server
// finds which decodes strictly.
func walk(o *lint.Object) defects {
	k := loadTable().find(o)
	if k == nil || k.form == nil {
		return defects{}
	}
	w := walker{steps: make([]step, 0, commonDepth)}
	w.value(o.Root.Node, k.form)
	return w.found
}

func (w *walker) here(f *form) defect {
	return defect{steps: append([]step(nil), w.steps...), form: f}
}

func (w *walker) mistyped(f *form) { w.found.mistyped = append(w.found.mistyped, w.here(f)) }

func (w *walker) value(n *yaml.Node, f *form) {
	if f.basis == basisAny || len(w.steps) > maxDepth {
		return
	}
	if n = node.Deref(n); n == nil {
		return
	}
	if n.Anchor != "" {
		if w.anchored[visit{n, f}] {
			return
		}
		if w.anchored == nil {
			w.anchored = map[visit]bool{}
		}
		w.anchored[visit{n, f}] = true
	}
	switch n.Kind {
	case yaml.MappingNode:
		w.mapping(n, f)
	case yaml.SequenceNode:
		w.sequence(n, f)
	default:
		w.scalar(resolve(n), f)
	}
}

func (w *walker) mapping(n *yaml.Node, f *form) {
	if f.basis != basisStruct && f.basis != basisMap {
		w.mistyped(f)
		return
	}
	for k, v := range node.Entries(n) {
		w.steps = append(w.steps, step{key: k.Value, node: k, form: f})
		below := f.element
		if f.basis == basisStruct {
			below = f.field(k.Value)
		}
		if below == nil {
			w.found.unknown = append(w.found.unknown, w.here(f))
		} else {
			w.value(v, below)
		}
		w.steps = w.steps[:len(w.steps)-1]
	}
}

func (w *walker) sequence(n *yaml.Node, f *form) {
	if f.basis == basisBytes || node.IsPlaceholderList(n) {
		return // JSON allows a list of numbers
	}
	if f.basis != basisList {
		w.mistyped(f)
		return
	}
	for i, item := range n.Content {
		w.steps = append(w.steps, step{node: item, form: f, item: true, index: i})
		w.value(item, f.element)
		w.steps = w.steps[:len(w.steps)-1]
	}
}

func (w *walker) scalar(s scalar, f *form) {
	switch {
	case s.kind == scalarNull || s.kind == scalarOther: // null is as good as absent
	case f.basis == basisQuantity && s.kind != scalarBool:
		if !isUsualQuantity(s.text) {
			w.found.quantities = append(w.found.quantities, w.here(f))
		}
	case !f.takes(s):
		w.mistyped(f)
	}
}

// isUsualQuantity reports a whole number, with a unit of more than one or none: 128Mi.
func isUsualQuantity(text string) bool {
	number := strings.TrimRight(text, "kMGTi")
	switch text[len(number):] {
	case "", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti":
		return number != "" && len(number) <= 15 && strings.Trim(number, "0123456789") == ""
	}
	return false
}

// takes reports whether the API server reads the scalar as a value of that form.
func (f *form) takes(s scalar) bool {
	isString := s.kind == scalarString
	switch f.basis {
	case basisString:
		return isString
	case basisBool:
		return s.kind == scalarBool
	case basisInt32:
		return s.isInt(32)
	case basisInt64:
		return s.isInt(64)
	case basisFloat:
		return s.isNumber()
	case basisIntOrString:
		return isString || s.isInt(32)
	case basisQuantity:
		_, err := resource.ParseQuantity(strings.TrimSpace(s.text))
		return err == nil && s.kind != scalarBool
	case basisTime:
		_, err := time.Parse(time.RFC3339, s.text)
		return isString && err == nil
	case basisDuration:
		_, err := time.ParseDuration(s.text)
		return isString && err == nil
	case basisBytes:
		_, err := base64.StdEncoding.DecodeString(s.text)
		return isString && (err == nil || ciphertext.MatchString(s.text))
	case basisAny:
		return true
	case basisList, basisMap, basisStruct:
		return false
	}
	return false
}

// ciphertext is encrypted text after the name of what encrypted it, as in vault:v1:…. Another program decrypts
// it, and encodes it, before the object is applied.
var ciphertext = regexp.MustCompile(`^[\w.-]+(?::[\w.-]+)+:[A-Za-z0-9+/]{40,}={0,2}$`)

// value is the value at the place of the defect.
func (d defect) value(o *lint.Object) lint.Value {
	v := o.Root
	for _, s := range d.steps {
		if !s.item {
			v = v.Child(s.key)
			continue
		}
		v = v.Item(s.index)
	}
	return v
}
