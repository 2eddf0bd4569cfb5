package discover

import (
	"slices"
	"testing"
)

// An overlay that another one has in a comment is skipped with what it alone is made of, unless something else names it.
func TestCommentedOut(t *testing.T) {
	const of = "resources: [a.yaml]\n"
	write(t, map[string]string{
		".git/HEAD": "",
		"config/default/kustomization.yaml": "resources:\n# To enable it, uncomment the line.\n#- ../off\n# - ../in-makefile\n# - ../in-document\n# - ../by-argo\n# - ../other\n#- .\n\n" +
			"# Apply it by hand:\n# - ../by-hand\n\n# - ../in-script\n",
		"config/off/kustomization.yaml":         "resources: [a.yaml, ../base, ../shared]\n",
		"config/off/a.yaml":                     pod,
		"config/off/README.md":                  "kustomize build config/off\n",
		"config/base/kustomization.yaml":        of,
		"config/base/a.yaml":                    pod,
		"config/shared/kustomization.yaml":      of,
		"config/shared/a.yaml":                  pod,
		"config/user/kustomization.yaml":        "resources: [../shared, ../other]\n",
		"config/other/kustomization.yaml":       of,
		"config/in-makefile/kustomization.yaml": of,
		"config/in-document/kustomization.yaml": of,
		"config/in-script/kustomization.yaml":   of,
		"config/by-argo/kustomization.yaml":     of,
		"config/by-hand/kustomization.yaml":     of,
		"Makefile":                              "a:\n\tcd config && kustomize build in-makefile | kubectl apply -f -\n",
		"docs/install.md":                       "    kubectl apply -k ./config/in-document/\n",
		"hack/deploy.sh":                        "build \"$ROOT/config/in-script\"\n",
		"argo.yaml":                             "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {}\n---\nspec:\n  source:\n    path: config/by-argo\n",
	})
	for root, want := range map[string][]string{
		".":          {"config/by-argo", "config/by-hand", "config/default", "config/in-document", "config/in-makefile", "config/in-script", "config/user"},
		"config/off": {"config/off"},
	} {
		f := In([]string{root}, nil)
		roots, owned, skipped := f.Roots()
		var got []string
		for _, r := range roots {
			got = append(got, r.Display())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: roots %q, want %q", root, got, want)
		}
		if root != "." {
			continue
		}
		if len(skipped) != 1 || skipped[0].File != "config/off" {
			t.Errorf("skipped %v, want config/off", skipped)
		}
		for _, m := range f.Manifests {
			want := slices.Contains([]string{"config/off/a.yaml", "config/base/a.yaml"}, m.Name)
			if owned[m.ID()] != want {
				t.Errorf("%s: owned %t, want %t", m.Name, owned[m.ID()], want)
			}
		}
	}
}
