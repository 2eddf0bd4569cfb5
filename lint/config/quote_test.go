package config

import (
	"strings"
	"testing"
)

// A file that is no configuration may hold secrets: errors of the parser say where and why,
// and never quote it.
func TestParseErrorsQuoteNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"s3cr3t", "[s3cr3t", "{s3cr3t: [}", "profile: *s3cr3t\n", "profile: !s3cr3t x\n", "a: b: s3cr3t\n", "profile: \"s3cr3t\\q\"\n",
		"profile: 's3cr3t\n", "%s3cr3t\n---\n", "profile: &a s3cr3t\n\tx: y\n", "\x00s3cr3t", "profile: @s3cr3t\n", "profile: `s3cr3t`\n",
		"apiVersion: v1\nkind: Secret\nstringData:\n  password: s3cr3t\n", "-----BEGIN PRIVATE KEY-----\ns3cr3t\n", "!!int s3cr3t", "profile: !!int s3cr3t\n",
		"profile: !!binary s3cr3t\n", "lookup: !!timestamp s3cr3t\n", "profile: |s3cr3t\n", "%YAML s3cr3t\n---\na: b\n",
		"<<: s3cr3t\n", "profile: recommended\n---\ns3cr3t: x\n", "? [s3cr3t]\n: x\n",
	} {
		_, problems := Load(".kubevet.yaml", func(string) ([]byte, error) { return []byte(text), nil }, Known{})
		if len(problems) == 0 {
			t.Errorf("%q is taken as a configuration", text)
		}
		for _, p := range problems {
			if s := p.Message + p.Detail + p.Help; strings.Contains(s, "s3cr3t") {
				t.Errorf("%q: %s", text, s)
			}
		}
	}
}
