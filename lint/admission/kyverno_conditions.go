package admission

import (
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint/node"
)

// preconditions is what conditions of Kyverno say of an object that is created: those below any and all, or a list, of
// which all must hold. It is Maybe for those that ask for something else than the object's names and labels.
func preconditions(v node.Value, t Target) Answer {
	if v.Len() == 0 {
		return Yes
	}
	a := min(allOf(v, t, holds), allOf(v.Get("all"), t, holds))
	if list := v.Get("any"); list.Len() > 0 {
		a = min(a, anyOf(list, t, holds))
	}
	return a
}

func holds(condition node.Value, t Target) Answer {
	key, known := asked(written(condition.Get("key")), t)
	value := condition.Get("value")
	list := []string{textOf(value)}
	if !value.IsScalar() {
		list = nil
		for v := range value.Items() {
			list = append(list, textOf(v))
		}
	}
	if !known || slices.ContainsFunc(list, func(text string) bool { return text == "" || strings.Contains(text, "{{") }) {
		return Maybe
	}
	switch condition.Get("operator").Text() {
	case "Equal", "Equals", "In", "AnyIn", "AllIn":
		return among(key, list)
	case "NotEqual", "NotEquals", "NotIn", "AnyNotIn", "AllNotIn":
		return among(key, list).not()
	}
	return Maybe
}

// textOf is written for a text: a number or a truth value equals none.
func textOf(v node.Value) string {
	if !v.IsScalar() || v.Node.ShortTag() != "!!str" {
		return ""
	}
	return written(v)
}

var (
	// variable matches a key of a condition that is one variable, perhaps with what stands for it if it is absent.
	variable = regexp.MustCompile(`^\{\{\s*request\.([^|{}]+?)\s*(?:\|\|\s*['"` + "`" + `]([^'"` + "`" + `|{}]*)['"` + "`" + `]\s*)?\}\}$`)
	// labelKey matches a label in one.
	labelKey = regexp.MustCompile(`^object\.metadata\.labels\.(?:"([^"]+)"|(\w+))$`)
)

// asked is what the key of a condition is of an object. ok is false if that is not known.
func asked(key string, t Target) (text string, ok bool) {
	m := variable.FindStringSubmatch(strings.TrimSpace(key))
	if m == nil {
		return "", false
	}
	switch m[1] {
	case "operation":
		return "CREATE", true
	case "object.kind", "kind.kind":
		return t.Kind, t.Kind != ""
	case "object.metadata.name", "name":
		return t.Name, t.Name != ""
	case "object.metadata.namespace", "namespace":
		return t.Namespace, t.Namespace != ""
	}
	label := labelKey.FindStringSubmatch(m[1])
	if label == nil || t.Labels == nil {
		return "", false
	}
	value, has := t.Labels[label[1]+label[2]]
	if !has {
		value = m[2]
	}
	return value, value != ""
}
