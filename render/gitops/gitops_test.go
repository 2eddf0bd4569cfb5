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
