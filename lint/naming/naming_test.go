package naming

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
)

var samples = []string{
	"", "a", "web", "web-1", "1web", "-a", "a-", "Web", "a.b", "a_b", "a b", "ä", "a/b", "a//b", "/a", "a/", "A/b", "a.b/c", "a..b/c", "a_b/c",
	"app.kubernetes.io/name", "App.kubernetes.io/name", "example.com/a/b", "example.com/A_b.c-d", "example.com/a-", "1.2.3", "@", "`a", "{a", "a{", "[a",
	strings.Repeat("a", 63), strings.Repeat("a", 64), strings.Repeat("a", 64) + "/b", strings.Repeat("a.", 126) + "a/b", strings.Repeat("a.", 127) + "a/b",
}

// What is plain here is valid for Kubernetes, and a name of the common forms is plain.
func TestNaming(t *testing.T) {
	for _, s := range samples {
		for name, faults := range map[string][]string{
			"DNS label": validation.IsDNS1123Label(s), "DNS subdomain": validation.IsDNS1123Subdomain(s), "DNS-1035 label": validation.IsDNS1035Label(s),
			"qualified name": validation.IsQualifiedName(s), "label value": validation.IsValidLabelValue(s), "config key": validation.IsConfigMapKey(s),
		} {
			if IsPlain(s) && len(faults) > 0 {
				t.Errorf("IsPlain(%q), but it is no %s: %v", s, name, faults)
			}
		}
		if l := validation.IsQualifiedName(s); IsLabelKey(s) && len(l) > 0 {
			t.Errorf("IsLabelKey(%q): %v", s, l)
		}
		if l := validation.IsValidLabelValue(s); IsLabelValue(s) && len(l) > 0 {
			t.Errorf("IsLabelValue(%q): %v", s, l)
		}
	}
	if !IsPlain("web-1") || !IsLabelKey("app.kubernetes.io/name") || !IsLabelKey("app") || !IsLabelValue("v1.2_A") || !IsLabelValue("") {
		t.Error("a common name is not plain")
	}
}

func TestEmptyPart(t *testing.T) {
	for _, c := range []struct {
		name string
		at   int
		ok   bool
	}{
		{"web", 0, false},
		{"web-", 4, true},
		{"-web", 0, true},
		{"apm.", 4, true},
		{"dp-.example.com", 3, true},
		{".example.com", 0, true},
		{"a..b", 2, true},
		{"", 0, false},
		{"-", 0, false},
		{"Web-", 0, false},
		{"my_web.", 0, false},
	} {
		if at, ok := EmptyPart(c.name); ok != c.ok || ok && at != c.at {
			t.Errorf("%q: %d %v, want %d %v", c.name, at, ok, c.at, c.ok)
		}
	}
}

// The folders of test runners are for tests, and folders for one test of a program are not.
func TestSaysTestsOfRunners(t *testing.T) {
	for base, want := range map[string]bool{"__test__": true, "__tests__": true, "__tests": true, "test": false, "load-test": false} {
		if got := SaysTests(base); got != want {
			t.Errorf("%s: %v", base, got)
		}
	}
}
