package document

import "testing"

// TestFind holds which files a reader takes, by their name and text.
func TestFind(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"Dockerfile", "", "Dockerfile"},
		{"tls/ca.pem", "-----BEGIN CERTIFICATE-----\n", "PEM file"},
		{"a/testResources/ca.pem", "-----BEGIN CERTIFICATE-----\n", ""},
		{"loadtesting/ca.crt", "-----BEGIN CERTIFICATE-----\n", ""},
		{"a/web.Dockerfile", "", "Dockerfile"},
		{"a/Dockerfile.tmpl", "", ""},
		{"skaffold.yaml", "apiVersion: skaffold/v4beta6\nkind: Config\n", "Skaffold configuration"},
		{"a/skaffold-dev.yml", "apiVersion: \"skaffold/v2beta29\"\n", "Skaffold configuration"},
		{"skaffold.yaml", "apiVersion: v1\nkind: ConfigMap\n", ""},
		{"my-skaffold.yaml", "apiVersion: skaffold/v4beta6\n", ""},
		{"compose.yaml", "services: {}\n", "Compose file"},
		{"a/docker-compose.override.yml", "version: '3'\nservices: {}\n", "Compose file"},
		{"docker-compose-dev.yaml", "services: {}\n", "Compose file"},
		{"compose.yaml", "apiVersion: v1\nkind: List\nservices: {}\n", ""},
		{"composer.yaml", "services: {}\n", ""},
		{"compose.json", "{}", ""},
		{"a/docker-bake.json", "{}", "Bake file"},
		{"docker-bake.override.json", "{}", ""},
		{"cloudbuild.yaml", "# a build\nsteps:\n- name: docker\n", "Cloud Build configuration"},
		{"a/cloudbuild-dev.yml", "steps: []\n", "Cloud Build configuration"},
		{"api.cloudbuild.json", "{\n  \"steps\": []\n}\n", "Cloud Build configuration"},
		{"cloudbuild.yaml", "apiVersion: v1\nkind: ConfigMap\nsteps: []\n", ""},
		{"cloudbuild.json", "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"steps\": []}", ""},
		{"cloudbuild.yaml", "a: 1\n", ""},
		{"cloudbuilds.yaml", "steps: []\n", ""},
		{"mycloudbuild.yaml", "steps: []\n", ""},
		{"cloudbuild", "steps: []\n", ""},
	} {
		r, _ := Find(test.name, func() []byte { return []byte(test.text) })
		if r.Kind != test.want {
			t.Errorf("%s: got %q, want %q", test.name, r.Kind, test.want)
		}
	}
}

// TestFragments holds that templates and parts of Dockerfiles are no Dockerfiles, and that
// what should be one is a problem.
func TestFragments(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text          string
		documents, problems int
	}{
		{"Dockerfile", "FROM a:1\n", 1, 0},
		{"Dockerfile", "RUN true\n", 0, 1},
		{"Dockerfile", "LABEL a=b\nCOPY a /a\n", 0, 0},
		{"Dockerfile", "LABEL a=b\nFRM a\n", 0, 1},
		{"Dockerfile", "LABEL a=b\nENV A=b\n", 0, 1},
		{"Dockerfile.env", "ENV \\\n  A=b\n", 0, 0},
		{"Dockerfile.env", "# a comment\n", 0, 0},
		{"Dockerfile.env", "  A=b\n", 0, 0},
		{"web.Dockerfile", "from a:1\nFOO\n", 0, 1},
		{"Dockerfile", "FROM {{ .Base }} as {{ .Name }}\n", 0, 0},
		{"Dockerfile", "FROM {{BASE}}\n", 1, 0},
		{"bundle.Dockerfile", "FROM scratch\n\n${LABELS}\n\nCOPY a /a\n", 0, 0},
		{"bundle.Dockerfile", "FROM scratch\nLABEL ${LABELS}\nFOO\n", 0, 1},
	} {
		documents, problems := readDockerfile("Dockerfile", test.name, []byte(test.text))
		if len(documents) != test.documents || len(problems) != test.problems {
			t.Errorf("%s, %q: %d documents and %d problems, want %d and %d", test.name, test.text, len(documents), len(problems), test.documents, test.problems)
		}
	}
}
