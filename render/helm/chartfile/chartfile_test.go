package chartfile

import "testing"

func TestFill(t *testing.T) {
	for _, test := range []struct{ text, want, version string }{
		{"name: a\nversion: 1.0.0\nappVersion: \"${X}\"\n", "name: a\nversion: 1.0.0\nappVersion: \"${X}\"\n", ""},
		{"name: a\nversion: {operatorVersion} # set\r\nappVersion: {operatorVersion}\n", "name: a\nversion: \"0.0.0\"\r\nappVersion: \"${operatorVersion}\"\n", "${operatorVersion}"},
		{"version: @VERSION@\nappVersion: @VERSION@", "version: \"0.0.0\"\nappVersion: \"${VERSION}\"", "${VERSION}"},
		{"version: {{ .Version }}\n", "version: \"0.0.0\"\n", "${Version}"},
		{"version: '{{ .Version }}'\nappVersion: '{{ .Version }}'\n", "version: \"0.0.0\"\nappVersion: '{{ .Version }}'\n", "${Version}"},
		{"version: v${MAJOR}.0\n", "version: \"0.0.0\"\n", "v${MAJOR}.0"},
		{"  version: {x}\n", "  version: {x}\n", ""}, // that of a dependency
	} {
		got, found := Fill([]byte(test.text))
		if string(got) != test.want {
			t.Errorf("%q: got %q, want %q", test.text, got, test.want)
		}
		version := ""
		for _, p := range found {
			if p.Key == "version" {
				version = p.Text
			}
		}
		if version != test.version {
			t.Errorf("%q: version %q, want %q", test.text, version, test.version)
		}
	}
}
