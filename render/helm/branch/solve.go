package branch

import (
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
)

// Condition is a condition whose operands are values keys.
type Condition struct {
	*trace.Condition
	// Key is the path in the values of the operand of a test. ok is false if the operand is
	// not a value, or not known.
	Key func(test *trace.Condition) (steps []string, ok bool)
}

// DisabledBy is the condition of a block that was not entered, with the keys that the
// templates used.
func DisabledBy(block *trace.DisabledBlock) Condition {
	return Condition{block.Condition, func(test *trace.Condition) (steps []string, ok bool) {
		k := block.Key(test)
		if k == nil || k.Object() != trace.ValuesObject {
			return nil, false
		}
		steps = k.Steps()
		return steps, len(steps) > 0
	}}
}

// Solver finds values with which conditions hold. It changes as few values as it can, and
// only to values that are valid for their keys: a boolean is replaced by the other one.
// The fields allow more.
type Solver struct {
	// Values are the values that the templates see now.
	Values *values.Index
	// Unset reports whether true is a valid value for a key of that name that is not set.
	// Nil means that it is valid for no key.
	Unset func(name string) bool
	// Texts allows empty texts, and the constants with which a condition compares a value.
	Texts bool
	// StandIns allows StandIn as the name of an object, and as a label or annotation.
	StandIns bool
	// APIs allows more APIs in the cluster.
	APIs bool
	// Fill allows an element for an empty list: see Sample.
	Fill bool
	// Elements allows keys in elements of lists, which can be edited, but not set one by one.
	Elements bool
}

// Sample is what fills an empty list: one element without fields.
var Sample = []any{map[string]any{}}

// Solution is what makes conditions hold.
type Solution struct {
	// Set are the values to set, all of them. Empty if the conditions hold already.
	Set []values.Setting
	// APIs are the APIs that the cluster must have.
	APIs []string
}

// Solve finds values with which all conditions hold. The values that it finds for one
// condition count for those after it. ok is false if it does not know any: then the
// conditions may hold with other values, with no values, or even now.
func (s *Solver) Solve(conditions ...Condition) (found Solution, ok bool) {
	for _, c := range conditions {
		if !s.solve(c, c.Condition, &found) {
			return Solution{}, false
		}
	}
	for _, c := range conditions { // a change for one can be wrong for another
		if !s.holds(c, c.Condition, &found) {
			return Solution{}, false
		}
	}
	return found, true
}

// holds reports whether a part of a condition holds with the values of a solution.
func (s *Solver) holds(whole Condition, c *trace.Condition, found *Solution) bool {
	switch c.Kind {
	case trace.AllOf:
		return !slices.ContainsFunc(c.Parts, func(p *trace.Condition) bool { return !s.holds(whole, p, found) })
	case trace.AnyOf:
		return slices.ContainsFunc(c.Parts, func(p *trace.Condition) bool { return s.holds(whole, p, found) })
	case trace.APITest: // only an API of the solution is known
		return c.Want && slices.Contains(found.APIs, c.API)
	default:
		steps, ok := whole.Key(c)
		return ok && c.Holds(s.at(steps, found))
	}
}

// at is the value at some steps, including those of a solution.
func (s *Solver) at(steps []string, found *Solution) any {
	for _, set := range found.Set {
		if slices.Equal(set.Steps, steps) {
			return set.Value
		}
	}
	v, _ := s.Values.At(steps)
	return v
}

// solve adds what makes a part of a condition hold.
func (s *Solver) solve(whole Condition, c *trace.Condition, found *Solution) bool {
	switch c.Kind {
	case trace.AllOf:
		for _, p := range c.Parts {
			if !s.solve(whole, p, found) {
				return false
			}
		}
		return true
	case trace.AnyOf:
		return s.holds(whole, c, found) || s.solveOne(whole, c.Parts, found)
	case trace.APITest:
		if !s.APIs || !c.Want { // an API cannot be removed
			return false
		}
		if !slices.Contains(found.APIs, c.API) {
			found.APIs = append(found.APIs, c.API)
		}
		return true
	case trace.TruthTest, trace.EqualTest:
		steps, ok := whole.Key(c)
		if !ok {
			return false
		}
		return s.solveTest(c, steps, found)
	default:
		return false
	}
}

// solveOne makes the first part hold that can.
func (s *Solver) solveOne(whole Condition, parts []*trace.Condition, found *Solution) bool {
	for _, p := range parts {
		if try := found.clone(); s.solve(whole, p, &try) {
			*found = try
			return true
		}
	}
	return false
}

func (found *Solution) clone() Solution {
	return Solution{Set: slices.Clip(found.Set), APIs: slices.Clip(found.APIs)}
}

// solveTest adds the value of a key with which a test holds.
func (s *Solver) solveTest(c *trace.Condition, steps []string, found *Solution) bool {
	now := s.at(steps, found)
	if c.Holds(now) {
		return true
	}
	isSet := slices.ContainsFunc(found.Set, func(set values.Setting) bool { return slices.Equal(set.Steps, steps) })
	v, ok := s.valueFor(c, steps[len(steps)-1], now)
	if !ok || isSet || !s.canSet(steps) { // a value that was set is needed by another condition
		return false
	}
	found.Set = append(found.Set, values.Setting{Steps: steps, Value: v})
	return true
}

// canSet reports whether a value can be set: each value above it is a map or does not
// exist.
func (s *Solver) canSet(steps []string) bool {
	for i := range steps {
		above, ok := s.Values.At(steps[:i])
		_, isMap := above.(map[string]any)
		_, isIndex := trace.IndexStep(steps[i])
		switch {
		case isIndex && (!s.Elements || i == len(steps)-1):
			return false
		case ok && above != nil && !isMap && !isIndex:
			return false
		}
	}
	return true
}

// Test is a test of a condition, and the values key that it tests.
type Test struct {
	*trace.Condition
	Steps []string
}

// Preventing lists the tests each of which alone prevents a block from rendering: if one
// of them held, so would the condition. It is empty if the condition holds, if several
// tests prevent the block together, or if something other than values does.
func (s *Solver) Preventing(c Condition) []Test {
	_, l := s.preventing(c, c.Condition)
	return l
}

func (s *Solver) preventing(whole Condition, c *trace.Condition) (holds bool, l []Test) {
	switch c.Kind {
	case trace.AllOf:
		failing := 0
		for _, p := range c.Parts {
			if ok, tests := s.preventing(whole, p); !ok {
				failing++
				l = tests
			}
		}
		if failing > 1 {
			l = nil
		}
		return failing == 0, l
	case trace.AnyOf:
		for _, p := range c.Parts {
			ok, tests := s.preventing(whole, p)
			if ok {
				return true, nil
			}
			l = append(l, tests...)
		}
		return false, l
	default: // a test
	}
	steps, ok := whole.Key(c)
	if !ok {
		return false, nil
	}
	if v, _ := s.Values.At(steps); c.Holds(v) {
		return true, nil
	}
	return false, []Test{{c, steps}}
}

// Value is the value with which a test holds that does not hold now. ok is false if no
// value is known, or if none is valid for the key.
func (s *Solver) Value(t Test) (v any, ok bool) {
	now, _ := s.Values.At(t.Steps)
	return s.valueFor(t.Condition, t.Steps[len(t.Steps)-1], now)
}

// valueFor is the value of a key with which a test holds. Now is its current value, with
// which the test does not hold.
func (s *Solver) valueFor(c *trace.Condition, name string, now any) (v any, ok bool) {
	if c.Kind == trace.EqualTest {
		return s.equalValue(c, name, now)
	}
	switch now := now.(type) {
	case bool:
		return c.Want, true
	case string:
		switch {
		case !c.Want:
			return "", s.Texts
		case s.StandIns && isObjectName(name):
			return StandIn, true
		}
	case map[string]any:
		if c.Want && len(now) == 0 && s.StandIns && IsLabels(name) {
			return map[string]any{StandIn: StandIn}, true
		}
	case []any:
		return Sample, c.Want && len(now) == 0 && s.Fill
	case nil:
		return s.unsetValue(name)
	}
	return nil, false
}

// unsetValue is a value that counts as true for a key that is not set.
func (s *Solver) unsetValue(name string) (v any, ok bool) {
	switch {
	case s.Unset != nil && s.Unset(name):
		return true, true
	case !s.StandIns:
	case IsLabels(name):
		return map[string]any{StandIn: StandIn}, true
	case isObjectName(name):
		return StandIn, true
	}
	return nil, false
}

// equalValue is a value that equals a constant, or differs from it.
func (s *Solver) equalValue(c *trace.Condition, name string, now any) (v any, ok bool) {
	flag, isFlag := c.Constant.(bool)
	_, isBool := now.(bool)
	if isBool && (c.Constant == "true" || c.Constant == "false") { // a boolean that was converted to a text
		flag, isFlag = c.Constant == "true", true
	}
	switch {
	case c.IsAbsenceTest():
		if c.Want || now != nil {
			return nil, false
		}
		return s.unsetValue(name)
	case isFlag:
		flag = flag == c.Want
		return flag, isBool || s.Texts || flag && now == nil && s.Unset != nil && s.Unset(name)
	case c.Want:
		return c.Constant, s.Texts && c.Holds(c.Constant)
	}
	return nil, false
}

// Another is another value for a key that decides what is printed: the other boolean, or
// the last of some texts, with which the template compares the value, that is different.
func Another(now any, compared []string) (v any, ok bool) {
	switch now := now.(type) {
	case bool:
		return !now, true
	case string:
		for _, text := range slices.Backward(compared) {
			if text != now {
				return text, true
			}
		}
	}
	return nil, false
}

var (
	objectName = regexp.MustCompile(`^existing[A-Z]|(?i:(secret|configMap|class|claim|account|cluster)Name)$|^name$`)
	labelMap   = regexp.MustCompile(`(?i)(annotations|labels|nodeSelector)$`)
	switchName = regexp.MustCompile(`(?i)^(enabled?|create|install|deploy|use[A-Z_].*|.*enabled?)$`)
)

// isObjectName reports whether any plain text is valid for a key, because its value is the
// name of an object or of a cluster.
func isObjectName(name string) bool { return objectName.MatchString(name) }

// IsObjectName is isObjectName for a path of keys.
func IsObjectName(label string) bool {
	return isObjectName(label[strings.LastIndexByte(label, '.')+1:])
}

// IsLabels reports whether a key has labels or annotations, or selects by labels, by its name.
func IsLabels(name string) bool { return labelMap.MatchString(name) }

// IsSwitch reports whether a key that is not set is likely to be a boolean, by its name.
func IsSwitch(name string) bool { return switchName.MatchString(name) }

// IsToggle reports whether a key has the name of a switch that is tried out on its own.
func IsToggle(name string) bool { return name == "enabled" || name == "create" }

// StandIn is the value for a text that is not set: a name that no object has.
const StandIn = lint.SampleName
