package detect

import "testing"

func TestPrograms(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want int
	}{
		"names for fields":          {"let {\n  DB_PASSWORD: pwd,\n  DB_USER: user,\n} = process.env;\n", 0},
		"after them":                {"let {\n  DB_USER: user,\n} = process.env;\nDB_PASSWORD: changeme\n", 1},
		"text with a file's name":   {"data:\n  init.js: |\n    const options = {\n      password: changeme,\n    };\n  app.yaml: |\n    password: changeme\n", 1},
		"text with a language":      {"data:\n  # language=javascript\n  init: |-\n    connect({\n      password: changeme,\n    });\n", 0},
		"language of the next text": {"data:\n  # language=python\n  name: init\n  app: |\n    password: changeme\n", 1},
		"text with an interpreter":  {"run: |\n  #!/usr/bin/env python3\n  login(\n    password=changeme,\n  )\n", 0},
		"text of a shell":           {"run.sh: |\n  export DB_PASSWORD=changeme\n", 1},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Text("values.yaml", test.text); len(got) != test.want {
				t.Errorf("got %d credentials, want %d: %v", len(got), test.want, got)
			}
		})
	}
}
