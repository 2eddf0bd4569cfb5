package dirs

import (
	"strings"
	"testing"
)

func TestAbove(t *testing.T) {
	for dir, want := range map[string]string{
		".": ".", "a": "a .", "a/b": "a/b a .", "..": "..", "../a/b": "../a/b ../a ..", "../..": "../..", "/a/b": "/a/b /a /",
	} {
		if got := strings.Join(Above(dir), " "); got != want {
			t.Errorf("%s: %s, want %s", dir, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		want     int
	}{
		{"a/x.yaml", "a/x.yaml", 0}, {"a/x.yaml", "a/y.yaml", 1}, {"a/x.yaml", "a/b/y.yaml", 2}, {"a/b/x.yaml", "a/y.yaml", 3}, {"a/x.yaml", "b/y.yaml", 3},
	} {
		if got := Distance(tt.from, tt.to); got != tt.want {
			t.Errorf("%s to %s: %d, want %d", tt.from, tt.to, got, tt.want)
		}
	}
}

func TestAreVariants(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"a/x.yaml", "a/y.yaml", true},
		{"a/dev/x.yaml", "a/prod/x.yaml", true},
		{"a/dev/x.yaml", "a/prod/y.yaml", false},
		{"a/dev/x.yaml", "b/prod/x.yaml", false},
		{"bootstrap/x.yaml", "apps/web/x.yaml", false},
	} {
		if got := AreVariants(tt.a, tt.b); got != tt.want {
			t.Errorf("%s and %s: %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestAreOfParallel(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"k8s/east/apps/web/a.yaml", "k8s/west/apps/db/b.yaml", true},
		{"k8s/east/apps/a.yaml", "k8s/west/apps/a.yaml", true},
		{"k8s/east/apps/a.yaml", "k8s/west/system/a.yaml", false},
		{"infrastructure/base/accounts/a.yaml", "apps/base/web/b.yaml", false},
		{"east/base/web/a.yaml", "west/base/web/b.yaml", true},
		{"east/base/a.yaml", "west/base/b.yaml", true},
		{"apps/web/a.yaml", "apps/db/b.yaml", false},
		{"apps/web/a.yaml", "apps/web/app/b.yaml", false},
		{"a.yaml", "b.yaml", false},
	} {
		if got := AreOfParallel(tt.a, tt.b); got != tt.want {
			t.Errorf("AreOfParallel(%q, %q) = %v", tt.a, tt.b, got)
		}
	}
}
