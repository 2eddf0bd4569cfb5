package podsecurity_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/rules/podsecurity"
)

func TestParse(t *testing.T) {
	t.Parallel()
	cluster := lint.Version{Major: 1, Minor: 31}
	for _, tt := range []struct {
		text  string
		level podsecurity.Level
		minor int
	}{
		{"restricted", podsecurity.Restricted, 31},
		{"baseline:latest", podsecurity.Baseline, 31},
		{"restricted:v1.24", podsecurity.Restricted, 24},
		{"restricted:v1.0", podsecurity.Restricted, 0},
		{"privileged:v1.99", podsecurity.Privileged, 31}, // as the API server does
	} {
		level, version, err := podsecurity.Parse(tt.text, cluster)
		if err != nil || level != tt.level || version != (lint.Version{Major: 1, Minor: tt.minor}) {
			t.Errorf("%s: got %s %s, %v", tt.text, level, version, err)
		}
	}
	for _, bad := range []string{"", "strict", "Restricted", "restricted:", "restricted:1.31", "restricted:v1", "restricted:v1.031", "restricted:v2.0", "restricted:v1.-1", "baseline:v1.31.2"} {
		if level, version, err := podsecurity.Parse(bad, cluster); err == nil {
			t.Errorf("%q: read as %s %s; want an error", bad, level, version)
		}
	}
}

// TestRules runs the rules as the program does.
func TestRules(t *testing.T) {
	t.Parallel()
	const text = `apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  template:
    spec:
      hostNetwork: true
      containers:
      - name: app
        securityContext: {privileged: true}
`
	objects, _ := manifest.Objects(manifest.Documents([]byte(text))[0].Node, manifest.NewSource("a.yaml", []byte(text)))
	check := func(level podsecurity.Level, minor int) []string {
		version := lint.Version{Major: 1, Minor: minor}
		rules := podsecurity.Rules(level, version)
		ids := map[string]bool{}
		for _, r := range rules {
			if ids[r.ID] || !strings.HasPrefix(r.ID, "pod-security-") || r.Title == "" || r.Fix == "" || strings.HasSuffix(r.Fix, ".") {
				t.Errorf("rule %+v is not in form", r)
			}
			ids[r.ID] = true
		}
		c := lint.Checker{Rules: rules, Version: version}
		findings, problems := c.Check(&lint.Unit{Input: "a.yaml", Objects: objects})
		for _, p := range problems {
			t.Error(p, p.Detail)
		}
		var l []string
		for _, f := range findings {
			l = append(l, f.Origin.String()+": "+f.Message)
		}
		slices.Sort(l)
		return l
	}
	if got := check(podsecurity.Privileged, 37); len(got) > 0 {
		t.Error("privileged refuses", got)
	}
	want := []string{
		`a.yaml:10:39: container "app" sets securityContext.privileged: true; want false`,
		`a.yaml:7:20: pod sets hostNetwork: true; want false`,
	}
	if got := check(podsecurity.Baseline, 37); !slices.Equal(got, want) {
		t.Errorf("got %q; want %q", got, want)
	}
	want = []string{
		`a.yaml:10:39: container "app" sets securityContext.privileged: true; want false`,
		`a.yaml:10:9: container "app" does not set securityContext.runAsNonRoot; want true`,
		`a.yaml:7:20: pod sets hostNetwork: true; want false`,
	}
	if got := check(podsecurity.Restricted, 7); !slices.Equal(got, want) {
		t.Errorf("got %q; want %q", got, want)
	}
}
