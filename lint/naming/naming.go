// Package naming checks the names of labels and objects without the regular expressions of
// Kubernetes' own validation, for the names that most manifests have.
//
// Each function answers only one way: true means that a name is valid. False means that
// Kubernetes' validation must be asked.
package naming

import (
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// HookAnnotation makes an object a hook of Helm.
const HookAnnotation = "helm.sh/hook"

// ChartLabel is the label by which Helm's own helpers name the chart of an object.
const ChartLabel = "helm.sh/chart"

// IsTestValues reports whether a file has the name of a values file with which a chart is tested: ci/*-values.yaml.
func IsTestValues(file string) bool {
	return path.Base(path.Dir(file)) == "ci" && strings.HasSuffix(file, "-values.yaml")
}

// MayBeTestValues reports whether a values file beside a chart's own may be there for its tests: test-values.yaml, values-ci.yaml. It may also be for
// an environment that is called test.
func MayBeTestValues(file string) bool {
	base := path.Base(file)
	ext := path.Ext(base)
	words := strings.FieldsFunc(strings.TrimSuffix(base, ext), func(r rune) bool { return strings.ContainsRune("-_.", r) })
	return (ext == ".yaml" || ext == ".yml") && slices.Contains(words, "values") &&
		slices.ContainsFunc(words, func(word string) bool { return word == "test" || word == "tests" || word == "ci" })
}

// SaysExamples reports a path with a folder for examples, which show how to use the rest of a project.
func SaysExamples(dir string) bool {
	for base := range strings.SplitSeq(dir, "/") {
		switch base {
		case "example", "examples", "sample", "samples", "demo", "demos":
			return true
		}
	}
	return false
}

// SaysTests reports the names of folders for tests: tests, e2e, and those that end so, such as template-tests. Other
// singulars are often the names of clusters and programs: load-test.
func SaysTests(base string) bool {
	words := strings.FieldsFunc(strings.ToLower(base), func(r rune) bool { return strings.ContainsRune("-_. ", r) })
	n := len(words)
	if n == 0 || isOfRunner(base) {
		return n > 0
	}
	switch last := words[n-1]; last {
	case "tests", "e2e", "testcases", "testutil", "testutils":
		return true
	case "cases", "util", "utils", "charts", "inputs", "manifests":
		return n > 1 && IsTests(words[n-2])
	}
	return false
}

// IsTests reports the names of folders of tests alone.
func IsTests(base string) bool {
	return base == "test" || base == "tests" || isOfRunner(base)
}

// isOfRunner reports the names of folders in which the test runners of JavaScript look for tests.
func isOfRunner(base string) bool { return base == "__tests__" || base == "__test__" }

// IsBelowTests reports whether a folder is one whose name says that it is for tests, or in one.
func IsBelowTests(dir string) bool {
	return slices.ContainsFunc(strings.Split(dir, "/"), SaysTests)
}

// EnforceLabel is the label of a Namespace that names the Pod Security Standard which the API server
// demands of its pods.
const EnforceLabel = "pod-security.kubernetes.io/enforce"

// maxPart is how long a name without dots may be, and maxSubdomain how long one with dots.
const maxPart, maxSubdomain = 63, 253

// IsPlain reports a name that every grammar of Kubernetes takes: a DNS label and subdomain,
// a value of a label, a key of a ConfigMap. It has lower-case letters, digits and dashes, and
// begins with a letter.
func IsPlain(name string) bool {
	if name == "" || len(name) > maxPart || !isLower(name[0]) || name[len(name)-1] == '-' {
		return false
	}
	for i := range len(name) {
		if c := name[i]; !isLower(c) && !isDigit(c) && c != '-' {
			return false
		}
	}
	return true
}

// OddPart is where the part of a name begins and ends that has all characters which no DNS name has, such as capitals. Both are 0 if
// there are none.
func OddPart(name string) (from, to int) {
	isOdd := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' }
	if from = strings.IndexFunc(name, isOdd); from < 0 {
		return 0, 0
	}
	last := strings.LastIndexFunc(name, isOdd)
	_, size := utf8.DecodeRuneInString(name[last:])
	return from, last + size
}

// EmptyPart is where a DNS name lacks a part that an empty value was to supply: before or behind a dash or dot at the edge of one of its
// labels, as in dp-.example.com. ok is false if it lacks none, or would not be valid with one.
func EmptyPart(name string) (at int, ok bool) {
	start := 0
	for part := range strings.SplitSeq(name, ".") {
		rest := strings.Trim(part, "-")
		switch {
		case rest != "" && !IsPlain(rest):
			return 0, false
		case ok:
		case part == "" || strings.HasPrefix(part, "-"):
			at, ok = start, true
		case rest != part:
			at, ok = start+len(part), true
		}
		start += len(part) + 1
	}
	return at, ok && strings.Trim(name, "-.") != ""
}

// Edges goes on with what is wanted of the characters of a name, if a value begins or ends with one that may only be within it. It is empty
// for others.
func Edges(value, want string) string {
	if !strings.Contains(want, "letters, digits") || strings.Trim(value, "-_.") == value {
		return ""
	}
	return ", the first and last a letter or a digit"
}

// IsLabelKey reports a valid key of a label or annotation: a name, or a DNS subdomain, a
// slash and a name.
func IsLabelKey(key string) bool {
	domain, name, ok := strings.Cut(key, "/")
	if !ok {
		return IsLabelValue(key) && key != ""
	}
	if name == "" || len(domain) > maxSubdomain {
		return false
	}
	for part := range strings.SplitSeq(domain, ".") {
		if !IsPlain(part) {
			return false
		}
	}
	return IsLabelValue(name)
}

// IsLabelValue reports a valid value of a label. It may be empty.
func IsLabelValue(value string) bool {
	if value == "" {
		return true
	}
	if len(value) > maxPart || !isAlphanumeric(value[0]) || !isAlphanumeric(value[len(value)-1]) {
		return false
	}
	for i := range len(value) {
		if c := value[i]; !isAlphanumeric(c) && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isAlphanumeric(c byte) bool { return isLower(c|0x20) || isDigit(c) }
