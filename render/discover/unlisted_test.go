package discover

import (
	"maps"
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

// A manifest at the top of a tree is skipped if Flux deploys folders of it, not the top, and no file names it. Tests, and trials,
// apply nothing.
func TestLeftOver(t *testing.T) {
	const probe = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n    probe:\n      path: /\n"
	for name, test := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"left over":   {nil, []string{"apps/dead.yaml", "fix.yaml"}},
		"named":       {map[string]string{"docs/notes.md": "see `fix.yaml`\n", "hack/x.sh": "F=../apps/dead.yaml\n"}, nil},
		"of tests":    {map[string]string{"tests/run.sh": "cat ../apps/dead.yaml\n", "hack/test_x.py": "open('../apps/dead.yaml')\n"}, []string{"apps/dead.yaml", "fix.yaml"}},
		"trial":       {map[string]string{"README.md": "    kubectl apply --dry-run=client -f apps/dead.yaml >/dev/null 2>&1\n"}, []string{"apps/dead.yaml", "fix.yaml"}},
		"two":         {map[string]string{"README.md": "    kubectl apply --dry-run=client -f apps/dead.yaml && kubectl apply -f apps/dead.yaml\n"}, []string{"fix.yaml"}},
		"top":         {map[string]string{"all.yaml": fluxOf + "./\n"}, []string{"apps/dead.yaml"}},
		"no path":     {map[string]string{"all.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {}\n"}, []string{"apps/dead.yaml"}},
		"unknown":     {map[string]string{"all.yaml": fluxOf + "${where}\n"}, []string{"apps/dead.yaml"}},
		"built":       {map[string]string{"kustomization.yaml": "resources: []\n"}, []string{"apps/dead.yaml"}},
		"by Argo CD":  {map[string]string{"flux.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    path: apps\n"}, []string{"apps/dead.yaml"}},
		"nothing":     {map[string]string{"flux.yaml": "a: b\n"}, nil},
		"in a folder": {map[string]string{"more/fix.yaml": pod}, []string{"apps/dead.yaml", "fix.yaml", "more/fix.yaml"}},
		"applied":     {map[string]string{"more/fix.yaml": pod, "more/x.sh": "kubectl apply -f \"$DIR\"/*.yaml\n"}, []string{"apps/dead.yaml", "fix.yaml"}},
		"one by one":  {map[string]string{"more/fix.yaml": pod, "more/x.sh": "for f in *; do kubectl apply -f $f; done\n"}, []string{"apps/dead.yaml", "fix.yaml"}},
		"the folder":  {map[string]string{"more/fix.yaml": pod, "README.md": "`kubectl apply -f more/`\n"}, []string{"apps/dead.yaml", "fix.yaml"}},
		"with Flux":   {map[string]string{"more/fix.yaml": pod, "more/flux.yaml": fluxOf + "./apps\n"}, []string{"apps/dead.yaml", "fix.yaml"}},
		"not most":    {map[string]string{"more/fix.yaml": pod, "other/kustomization.yaml": "resources: []\n"}, []string{"apps/dead.yaml", "fix.yaml"}},
		"echo":        {map[string]string{"hack/x.sh": "echo \"see apps/dead.yaml\"\necho \"../apps/dead.yaml\" | xargs kubectl create\n"}, []string{"fix.yaml"}},
		"only echo":   {map[string]string{"hack/x.sh": "  log_info \"see apps/dead.yaml\"\n"}, []string{"apps/dead.yaml", "fix.yaml"}},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{
				".git/HEAD": "", "flux.yaml": fluxOf + "./apps\n", "apps/kustomization.yaml": "resources: [a.yaml]\n",
				"apps/a.yaml": probe, "apps/dead.yaml": pod, "fix.yaml": "# kubectl apply -f fix.yaml\n" + pod,
			}
			maps.Copy(files, test.files)
			write(t, files)
			f := In([]string{"."}, nil)
			f.Roots()
			skipped, _ := f.SkipUnlisted()
			var got []string
			for _, s := range skipped {
				got = append(got, s.File)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("skipped %q, want %q", got, test.want)
			}
		})
	}
}

// A definition that controller-gen made of a type without a group is skipped if a kustomization lists others of its folder.
func TestStray(t *testing.T) {
	const (
		crd     = "kind: CustomResourceDefinition\napiVersion: apiextensions.k8s.io/v1\nmetadata:\n  annotations:\n    controller-gen.kubebuilder.io/version: v0.17.0\nspec:\n"
		stray   = crd + "  group: \"\"\n"
		grouped = crd + "  group: example.com\n"
	)
	write(t, map[string]string{
		"crd/kustomization.yaml":          "resources: [bases/example.com_webs.yaml, bases/_listed.yaml]\n",
		"crd/bases/example.com.yaml":      stray,
		"crd/bases/_webs.yaml":            stray,
		"crd/bases/_named.yaml":           stray,
		"crd/bases/_grouped.yaml":         grouped,
		"crd/bases/_listed.yaml":          stray,
		"crd/bases/_by-hand.yaml":         "kind: CustomResourceDefinition\napiVersion: apiextensions.k8s.io/v1\nspec:\n  group: \"\"\n",
		"crd/bases/example.com_webs.yaml": grouped,
		"other/_webs.yaml":                stray,
		"hack/up.sh":                      "kubectl apply -f crd/bases/_named.yaml\n",
	})
	f := In([]string{"."}, nil)
	f.Roots()
	skipped, _ := f.SkipUnlisted()
	var got []string
	for _, s := range skipped {
		got = append(got, s.File)
	}
	if want := []string{"crd/bases/_webs.yaml"}; !slices.Equal(got, want) {
		t.Errorf("skipped %q, want %q", got, want)
	}
}
