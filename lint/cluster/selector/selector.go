// Package selector reads label selectors.
package selector

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/naming"
)

// Selector selects pods by their labels.
type Selector struct {
	labels.Selector
	// Exact is labels that every selected pod has, as PodLabels has them. It must not be changed.
	Exact map[string]string
	// ByController is set if it names a label that a controller adds to pods.
	ByController bool

	text    string
	matches labels.Selector // what counts of the selector
}

// Matches reports whether labels are selected, which are those of OfPods if they are of pods.
func (s Selector) Matches(l labels.Labels) bool { return s.matches.Matches(l) }

// Text is equal for equal selectors.
func (s Selector) Text() string { return s.text }

// New reads a label selector: matchLabels and matchExpressions. ok is false if
// it is none, is invalid, or holds an unknown value: it is not known then what it
// selects. A selector that is empty selects every pod.
func New(v lint.Value) (s Selector, ok bool) {
	if !v.IsMap() || !v.IsKnown() {
		return s, false
	}
	match, ok := exact(v.Get("matchLabels"))
	if ok && !v.Get("matchExpressions").IsSet() && arePlain(match) {
		return newExact(match), true
	}
	s, known := AtMost(v)
	return s, known && s.Selector != nil
}

// AtMost reads what is known of a label selector: it selects these pods, or fewer if known is false. The Selector
// within is nil if the value is none, or is invalid.
func AtMost(v lint.Value) (s Selector, known bool) {
	if !v.IsMap() || !v.IsKnown() {
		return s, false
	}
	l, unknown := Known(v)
	parsed, err := metav1.LabelSelectorAsSelector(&l)
	if err != nil {
		return s, false
	}
	return newParsed(parsed), len(unknown) == 0
}

// Known is what is known of a label selector. unknown are the keys of the other labels: one that is not known itself is empty.
func Known(v lint.Value) (l metav1.LabelSelector, unknown []string) {
	match := v.Get("matchLabels")
	if !match.IsKnown() {
		unknown = append(unknown, "")
	}
	l.MatchLabels = match.StringMap()
	for key, value := range match.Entries() {
		if !value.IsKnown() {
			unknown = append(unknown, key)
		}
	}
	if !v.Get("matchExpressions").IsKnown() {
		unknown = append(unknown, "")
	}
	for e := range v.Get("matchExpressions").Items() {
		key, operator, values := e.Get("key"), e.Get("operator"), e.Get("values")
		if !key.IsKnown() || !operator.IsKnown() || !values.IsKnown() {
			unknown = append(unknown, key.Text())
			continue
		}
		l.MatchExpressions = append(l.MatchExpressions, metav1.LabelSelectorRequirement{
			Key: key.Written(), Operator: metav1.LabelSelectorOperator(operator.Written()), Values: values.Strings(),
		})
	}
	return l, unknown
}

// FromMap reads a selector that is a mapping of labels, as a Service has it. known is false if
// it holds an unknown value.
func FromMap(v lint.Value) (s Selector, known bool) {
	match, known := exact(v)
	return newExact(match), known
}

// newExact selects what has all of some labels.
func newExact(match map[string]string) Selector {
	parsed := labels.SelectorFromSet(match)
	for key := range match {
		if IsAdded(key) {
			return newParsed(parsed)
		}
	}
	return Selector{Selector: parsed, Exact: match, text: parsed.String(), matches: parsed}
}

// arePlain reports whether labels are surely valid.
func arePlain(match map[string]string) bool {
	for k, v := range match {
		if !naming.IsLabelKey(k) || !naming.IsLabelValue(v) {
			return false
		}
	}
	return true
}

func newParsed(parsed labels.Selector) Selector {
	s := Selector{Selector: parsed, Exact: map[string]string{}, text: parsed.String()}
	s.matches, s.ByController = Comparable(parsed)
	requirements, _ := s.matches.Requirements()
	for _, r := range requirements {
		if v, one := s.matches.RequiresExactMatch(r.Key()); one {
			s.Exact[r.Key()] = v
		}
	}
	return s
}

// exact is the labels of a mapping. ok is false if one is unknown.
func exact(v lint.Value) (m map[string]string, ok bool) {
	if !v.IsKnown() {
		return nil, false
	}
	m, ok = make(map[string]string, v.Len()), true
	for k, c := range v.Entries() {
		switch {
		case !c.IsKnown():
			ok = false
		case c.IsScalar():
			m[k] = c.Node.Value
		}
	}
	return m, ok
}
