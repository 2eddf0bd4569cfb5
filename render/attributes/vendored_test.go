package attributes

import (
	"strings"
	"testing"
)

// TestPulledTo: a command that has Helm pull and unpack a chart says into which folder.
func TestPulledTo(t *testing.T) {
	for command, want := range map[string]string{
		"helm pull web --repo https://charts.example.com --untar -d helm/":      "helm/web",
		"helm fetch --untar --untardir charts acme/db -n acme/shop":             "charts/db",
		"helm pull --untar --version 1.2.3 oci://registry.example.com/web -d=a": "a/web",
		"helm pull acme/web --untar --destination a --untardir b":               "a/b/web",
		"run: helm pull acme/web --untar -d ../charts":                          "../charts/web",
		"helm pull acme/web --untar":                                            "",
		"helm pull acme/web -d charts":                                          "",
		"helm pull acme/$NAME --untar -d charts":                                "",
		"helm pull acme/web --untar -d /tmp":                                    "",
		"helm pull https://charts.example.com/web-1.2.3.tgz --untar -d charts":  "",
		"helm template acme/web --untar -d charts":                              "",
		"helm":                 "",
		"helm pull --untar -d": "",
	} {
		if got := pulledTo(strings.Fields(command)); got != want {
			t.Errorf("%s: %q; want %q", command, got, want)
		}
	}
}
