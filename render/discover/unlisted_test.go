package discover

import (
	"slices"
	"testing"
)

// A manifest beside a kustomization that Flux or Argo CD deploys is skipped if nothing names it.
func TestSkipUnlisted(t *testing.T) {
	const of = "resources: [a.yaml]\npatches: [path: patch.yaml]\n"
	write(t, map[string]string{
		".git/HEAD":                   "",
		"flux.yaml":                   fluxOf + "./apps/\n",
		"argo.yaml":                   "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n  path: \"sets/{{ .name }}/x\"\n",
		"plain.yaml":                  "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    path: plain\n    directory: {recurse: true}\n",
		"apps/kustomization.yaml":     "resources: [web, ../shared/one.yaml]\n",
		"apps/web/kustomization.yaml": of,
		"apps/web/a.yaml":             pod,
		"apps/web/patch.yaml":         pod,
		"apps/web/dead.yaml":          pod,
		"apps/web/values.yaml":        "a: b\n",
		"apps/web/by-hand.yaml":       pod,
		"apps/web/in-script.yaml":     pod,
		"apps/web/start.yaml":         fluxOf + "./apps/web\n",
		"apps/web/more/a.yaml":        pod,
		"apps/web/README.md":          "    kubectl apply -f by-hand.yaml\n",
		"hack/up.sh":                  "oc apply -f web/in-script.yaml\n",
		"shared/kustomization.yaml":   "resources: []\n",
		"shared/one.yaml":             pod,
		"shared/two.yaml":             pod, // nobody is known to deploy the folder
		"sets/b/x/kustomization.yaml": of,
		"sets/b/x/dead.yaml":          pod,
		"plain/kustomization.yaml":    of,
		"plain/b.yaml":                pod,
	})
	for root, want := range map[string][]string{
		".":                  {"apps/web/dead.yaml", "apps/web/more/a.yaml", "sets/b/x/dead.yaml"},
		"apps/web/dead.yaml": nil,
	} {
		f := In([]string{root}, nil)
		f.Roots()
		skipped, _ := f.SkipUnlisted()
		var got []string
		for _, s := range skipped {
			got = append(got, s.File)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: skipped %q, want %q", root, got, want)
		}
	}
}
