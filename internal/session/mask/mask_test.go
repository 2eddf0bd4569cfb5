package mask

import "testing"

func TestMaskCredentials(t *testing.T) {
	const token = "glpat-" + "zQ7xKm2Rk9vTtB4nLw8Z"
	for in, want := range map[string]string{
		"image.tag is required":                   "image.tag is required",
		"set auth.password or existingSecret":     "set auth.password or existingSecret",
		"bad token " + token:                      "bad token ‹masked›",
		`cannot log in with "` + token + `"`:      `cannot log in with "‹masked›"`,
		"token=" + token + " is refused":          "token=‹masked› is refused",
		"the password is Tr0ub4dor-x9!":           "the password is ‹masked›",
		"password: 'Tr0ub4dor-x9' does not match": "password: '‹masked›' does not match",
		"dial postgres://app:Tr0ub4dor@db/app":    "dial ‹masked›",
		"line 3: did not find expected key":       "line 3: did not find expected key",
		"redis 18.x is not in charts/":            "redis 18.x is not in charts/",
		"or pass `--api-versions` batch/v1":       "or pass `--api-versions` batch/v1",
		"give it with --set db.password=VALUE":    "give it with --set db.password=VALUE",
		"pass --set db.existingSecret=db-login0":  "pass --set db.existingSecret=db-login0",
		"pass --set db.password=Tr0ub4dor-x9!":    "pass --set db.password=‹masked›",
		"":                                        "",
		"template: web/templates/a.yaml:3:4: x":   "template: web/templates/a.yaml:3:4: x",
		"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n": "‹masked›",
	} {
		if got := maskCredentials(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
