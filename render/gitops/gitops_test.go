package gitops

import "testing"

func TestRepositoryName(t *testing.T) {
	for url, want := range map[string]string{
		"git@github.com:shop/Deploy.git":    "deploy",
		"ssh://git@github.com/shop/deploy":  "deploy",
		"https://github.com/shop/deploy/":   "deploy",
		"https://user:secret@host/a/b.git/": "b",
		"":                                  "",
	} {
		if got := repositoryName(url); got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
}

func TestExpandNested(t *testing.T) {
	s := &Substitution{values: map[string]variable{"APP": {text: "web"}, "SECRET": {unknown: true}}}
	for text, want := range map[string]string{
		"${APP}":                             "web",
		"${OWNER:=${APP}}/${APP}":            "web/web",
		"${OWNER:-the-${TEAM:=${APP}}}":      "the-web",
		"${OWNER:=${SECRET}}":                "${OWNER:=${SECRET}}",
		"${APP:=${OWNER}}":                   "${APP:=${OWNER}}",
		"$${APP} ${OWNER:=$HOME} ${UNKNOWN}": "${APP} $HOME ${UNKNOWN}",
	} {
		if got := s.expand(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
