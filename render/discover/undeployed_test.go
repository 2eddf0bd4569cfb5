package discover

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// What only a Flux Kustomization deploys that is in a comment, or left out of a list of others like it, is deployed by nobody.
func TestUndeployed(t *testing.T) {
	list := func(resources string) string { return "resources: [" + resources + "]\n" }
	files := map[string]string{
		".git/HEAD":    "",
		"cluster.yaml": fluxOf + "./apps\n",
		// The files of web, left-out and outside are the same but for how they are listed.
		"apps/kustomization.yaml": "resources:\n- web/ks.yaml\n- one.yaml\n" +
			"# - off/ks.yaml\n\n# - shared/ks.yaml\n\n# - start/ks.yaml\n\n# - whole/ks.yaml\n\n# - self\n\n# - by-hand/ks.yaml # applied by hand\n\n# - in-script/ks.yaml\n",
		"apps/one.yaml":                        fluxOf + "./apps/one/app\n",
		"apps/two.yaml":                        fluxOf + "./apps/two\n",
		"apps/root.yaml":                       fluxOf + "./elsewhere\n",
		"apps/start/ks.yaml":                   fluxOf + "./apps\n",
		"apps/one/app/kustomization.yaml":      list("a.yaml"),
		"apps/two/a.yaml":                      pod, // Flux writes the kustomization
		"elsewhere/kustomization.yaml":         list("a.yaml"),
		"apps/self/kustomization.yaml":         list("ks.yaml"),
		"apps/self/ks.yaml":                    fluxOf + "./apps/self/app\n",
		"apps/self/app/kustomization.yaml":     list("a.yaml, ../nested/ks.yaml"),
		"apps/self/nested/ks.yaml":             fluxOf + "./nested\n",
		"nested/kustomization.yaml":            list("a.yaml"),
		"apps/whole/ks.yaml":                   fluxOf + "./apps/whole\n", // with the file itself
		"apps/whole/a.yaml":                    pod,
		"apps/shared/ks.yaml":                  fluxOf + "./apps/web/app\n",
		"apps/off/app/extra.yaml":              pod,
		"apps/off/app/README.md":               "    kubectl describe pod\n",
		"up.sh":                                "kubectl apply -f apps/in-script/ks.yaml\n",
		"apps/off/app/base/kustomization.yaml": list("a.yaml"),
	}
	for _, name := range []string{"web", "off", "left-out", "by-hand", "in-script"} {
		files["apps/"+name+"/ks.yaml"] = fluxOf + "./apps/" + name + "/app\n"
		files["apps/"+name+"/app/kustomization.yaml"] = list("a.yaml")
		files["apps/"+name+"/app/a.yaml"] = pod
	}
	files["apps/off/app/kustomization.yaml"] = list("a.yaml, base")
	write(t, files)
	f := In([]string{"."}, nil)
	roots, _, skippedOverlays := f.Roots()
	skipped, _ := f.SkipUnlisted()
	var got, gotRoots []string
	for _, s := range append(skippedOverlays, skipped...) {
		got = append(got, s.File+": "+s.Reason)
	}
	for _, r := range roots {
		gotRoots = append(gotRoots, r.Name)
	}
	slices.Sort(got)
	const end = ": name it to lint it"
	want := []string{
		"apps/left-out/app: only apps/left-out/ks.yaml deploys it, which nobody applies" + end,
		"apps/left-out/ks.yaml: apps lists others like it, but not this one, and nothing else names it" + end,
		"apps/off/app/extra.yaml: the kustomization beside it does not list it, and nothing else names it" + end,
		"apps/off/app: only apps/off/ks.yaml deploys it, which nobody applies" + end,
		"apps/off/ks.yaml: apps has it in a comment, and nothing else names it" + end,
		"apps/self/app: only apps/self/ks.yaml deploys it, which nobody applies" + end,
		"apps/self: apps has it in a comment, and nothing else names it" + end,
		"apps/shared/ks.yaml: apps has it in a comment, and nothing else names it" + end,
		"apps/two.yaml: apps lists others like it, but not this one, and nothing else names it" + end,
		"apps/two: only apps/two.yaml deploys it, which nobody applies" + end,
		"apps/whole/ks.yaml: apps has it in a comment, and nothing else names it" + end,
		"apps/whole: only apps/whole/ks.yaml deploys it, which nobody applies" + end,
		"nested: only apps/self/nested/ks.yaml deploys it, which nobody applies" + end,
	}
	if !slices.Equal(got, want) {
		t.Errorf("skipped\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if want := []string{"apps", "apps/by-hand/app", "apps/in-script/app", "apps/one/app", "apps/web/app", "elsewhere"}; !slices.Equal(gotRoots, want) {
		t.Errorf("roots %q, want %q", gotRoots, want)
	}
}

// What kubebuilder made for config/default is no overlay of its own.
func TestScaffold(t *testing.T) {
	for _, test := range []struct {
		name, project, makefile, list string
		want                          []string
	}{
		{
			"left out", "layout:\n- go.kubebuilder.io/v4\n", "kustomize build config/default\n", "[../manager]",
			[]string{"config/prometheus: kubebuilder made it for config/default, which leaves it out, and nothing else names it: name it to lint it"},
		},
		{"built", "layout:\n- go.kubebuilder.io/v4\n", "kustomize build config/default\nkustomize build config/prometheus\n", "[../manager]", nil},
		{"listed", "layout:\n- go.kubebuilder.io/v4\n", "kustomize build config/default\n", "[../manager, ../prometheus]", nil},
		{"no project of kubebuilder", "layout: web\n", "kustomize build config/default\n", "[../manager]", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			write(t, map[string]string{
				".git/HEAD": "", "PROJECT": test.project, "Makefile": "deploy:\n\t" + test.makefile,
				"config/default/kustomization.yaml":    "resources: " + test.list + "\n",
				"config/manager/kustomization.yaml":    "resources: [a.yaml]\n",
				"config/manager/a.yaml":                pod,
				"config/prometheus/kustomization.yaml": "resources: [a.yaml]\n",
				"config/prometheus/a.yaml":             pod,
				"config/samples/kustomization.yaml":    "resources: [a.yaml]\n",
				"config/samples/a.yaml":                pod,
			})
			f := In([]string{"."}, nil)
			_, _, skipped := f.Roots()
			var got []string
			for _, s := range skipped {
				got = append(got, s.File+": "+s.Reason)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("skipped %q, want %q", got, test.want)
			}
		})
	}
}

// A kustomization below one that Flux or Argo CD deploys is not deployed, if that does not list it. It is not known where a path is that
// comes from elsewhere.
func TestUnreached(t *testing.T) {
	const (
		set  = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all}\nspec:\n  generators:\n  - git:\n      directories:\n      - path: apps/*\n  template:\n    spec:\n      source:\n        path: '{{ path }}'\n"
		flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: all}\nspec:\n  path: ./apps/web\n"
	)
	for name, test := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"Argo CD":       {map[string]string{"set.yaml": set}, []string{"apps/web/all", "apps/web/old"}},
		"Flux":          {map[string]string{"flux.yaml": flux}, []string{"apps/web/all", "apps/web/old"}},
		"not deployed":  {nil, nil},
		"built by hand": {map[string]string{"set.yaml": set, "README.md": "`kubectl apply -k apps/web/all`\n"}, nil},
		"reads files":   {map[string]string{"set.yaml": set, "other.yaml": strings.ReplaceAll(set, "directories", "files")}, nil},
		"from values":   {map[string]string{"set.yaml": set, "other.yaml": strings.ReplaceAll(set, "directories:\n      - path: apps/*", "values: {}")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{
				".git/HEAD":                       "",
				"apps/web/kustomization.yaml":     "resources: [a.yaml, new]\n",
				"apps/web/a.yaml":                 pod,
				"apps/web/new/kustomization.yaml": "resources: [a.yaml]\n",
				"apps/web/new/a.yaml":             pod,
				"apps/web/all/kustomization.yaml": "resources: [../new, ../old]\n",
				"apps/web/old/kustomization.yaml": "resources: [a.yaml]\n",
				"apps/web/old/a.yaml":             pod,
			}
			maps.Copy(files, test.files)
			write(t, files)
			f := In([]string{"."}, nil)
			roots, _, _ := f.Roots()
			var got []string
			for _, k := range f.Kustomizations {
				if !f.isReferred(k.ID()) && !slices.ContainsFunc(roots, func(r File) bool { return r.ID() == k.ID() }) {
					got = append(got, k.Name)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("not deployed: %q; want %q", got, test.want)
			}
		})
	}
}

// An Application that the kustomization beside it leaves out, while it lists others which deploy folders elsewhere, starts nothing.
func TestBesideApplications(t *testing.T) {
	app := func(name string) string {
		return "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  source:\n    path: " + name + "\n"
	}
	want := []string{"argo/db.yaml", "db"}
	for name, test := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"left out":            {nil, want},
		"deployed":            {map[string]string{"root.yaml": app("argo")}, want},
		"listed":              {map[string]string{"argo/kustomization.yaml": "resources: [web.yaml, db.yaml]\n"}, nil},
		"a component":         {map[string]string{"argo/kustomization.yaml": "kind: Component\nresources: [web.yaml]\n"}, nil},
		"no other":            {map[string]string{"argo/web.yaml": pod}, nil},
		"others below":        {map[string]string{"argo/web.yaml": app("argo/web")}, nil},
		"deploys the folder":  {map[string]string{"argo/db.yaml": app("argo")}, nil},
		"deploys others":      {map[string]string{"db/sub/app.yaml": app("more")}, nil},
		"named by a script":   {map[string]string{"up.sh": "for f in db.yaml; do kubectl apply -f argo/$f; done\n"}, nil},
		"named by a README":   {map[string]string{"README.md": "Apply db.yaml first.\n"}, nil},
		"all of them applied": {map[string]string{"argo/up.sh": "kubectl apply -f *.yaml\n"}, nil},
		"deployed otherwise":  {map[string]string{"other/app.yaml": app("db")}, want[:1]},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{
				".git/HEAD": "", "argo/kustomization.yaml": "resources: [web.yaml]\n", "argo/web.yaml": app("web"), "argo/db.yaml": app("db"),
				"web/kustomization.yaml": "resources: [a.yaml]\n", "web/a.yaml": pod, "db/kustomization.yaml": "resources: [a.yaml]\n", "db/a.yaml": pod,
			}
			maps.Copy(files, test.files)
			var got []string
			for _, s := range undeployedIn(t, files) {
				if s.File != "argo" { // the component
					got = append(got, s.File)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("skipped %q, want %q", got, test.want)
			}
		})
	}
}

// A folder that an ApplicationSet excludes from those that it lists is not deployed, unless another object deploys it, a kustomization refers to it, a text
// names it, or a path is not known.
func TestLeftOutOfSet(t *testing.T) {
	set := func(dirs string) string {
		return "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all}\nspec:\n  generators:\n  - git:\n      directories:\n" + dirs +
			"  template:\n    spec:\n      source:\n        path: '{{ path }}'\n"
	}
	const chart = "apiVersion: v2\nname: c\nversion: 1.0.0\n"
	const listed = "      - path: apps/*\n"
	excluding := set(listed + "      - path: apps/*.off\n        exclude: true\n")
	for name, test := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"excluded":         {map[string]string{"set.yaml": excluding}, []string{"apps/db.off", "apps/web.off"}},
		"first":            {map[string]string{"set.yaml": set("      - exclude: true\n        path: ./apps/web.off\n" + listed)}, []string{"apps/web.off"}},
		"in a matrix":      {map[string]string{"set.yaml": strings.NewReplacer("  - git:", "  - matrix:\n      generators:\n      - git:", "\n      dir", "\n          dir", "\n      - path", "\n          - path", "\n        exclude", "\n            exclude").Replace(excluding)}, []string{"apps/db.off", "apps/web.off"}},
		"not excluded":     {map[string]string{"set.yaml": set(listed)}, nil},
		"not true":         {map[string]string{"set.yaml": set(listed + "      - {path: apps/web.off, exclude: false}\n")}, nil},
		"of other folders": {map[string]string{"set.yaml": set("      - path: sites/*\n      - path: apps/*.off\n        exclude: true\n")}, nil},
		"another set":      {map[string]string{"set.yaml": excluding, "other.yaml": set("      - path: apps/web.*\n")}, []string{"apps/db.off"}},
		"an Application":   {map[string]string{"set.yaml": excluding + "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    path: apps/web.off\n"}, []string{"apps/db.off"}},
		"same path":        {map[string]string{"set.yaml": set(listed+"      - {path: apps/web.off, exclude: true}\n") + "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    path: apps/web.off\n"}, nil},
		"referred":         {map[string]string{"set.yaml": excluding, "apps/web/kustomization.yaml": "resources: [a.yaml, ../web.off]\n"}, []string{"apps/db.off"}},
		"built by hand":    {map[string]string{"set.yaml": excluding, "README.md": "`kubectl apply -k apps/web.off`\n"}, []string{"apps/db.off"}},
		"path not known":   {map[string]string{"set.yaml": excluding, "other.yaml": strings.ReplaceAll(set(listed), "directories", "files")}, nil},
		"a chart":          {map[string]string{"set.yaml": excluding, "apps/c.off/Chart.yaml": chart}, []string{"apps/c.off", "apps/db.off", "apps/web.off"}},
		"a chart that is released": {
			map[string]string{"set.yaml": excluding, "apps/c.off/Chart.yaml": chart, "release.yaml": "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec: {chart: {spec: {chart: ./apps/c.off}}}\n"},
			[]string{"apps/db.off", "apps/web.off"},
		},
		"a chart that is installed": {map[string]string{"set.yaml": excluding, "apps/c.off/Chart.yaml": chart, "README.md": "`helm install c apps/c.off`\n"}, []string{"apps/db.off", "apps/web.off"}},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{
				".git/HEAD":                       "",
				"apps/web/kustomization.yaml":     "resources: [a.yaml]\n",
				"apps/web/a.yaml":                 pod,
				"apps/web.off/kustomization.yaml": "resources: [a.yaml]\n",
				"apps/web.off/a.yaml":             pod,
				"apps/db.off/a.yaml":              pod,
			}
			maps.Copy(files, test.files)
			var got []string
			for _, s := range undeployedIn(t, files) {
				if s.Reason != "set.yaml leaves it out"+nothingElse {
					t.Errorf("%s: %s", s.File, s.Reason)
				}
				got = append(got, s.File)
			}
			if slices.Sort(got); !slices.Equal(got, test.want) {
				t.Errorf("skipped %q, want %q", got, test.want)
			}
		})
	}
}

// A generated file that is the same as one that a kustomization lists is a copy.
func TestSkipCopiesOfListed(t *testing.T) {
	const made = "# generated by flux: do not edit\n" + pod
	write(t, map[string]string{
		".git/HEAD":            "",
		"a/kustomization.yaml": "resources: [all.yaml, own.yaml]\n",
		"a/all.yaml":           made,
		"a/own.yaml":           pod,
		"b/all.yaml":           made,
		"b/other.yaml":         made,
		"b/own.yaml":           pod,
		"c/all.yaml":           made + "---\n" + pod,
	})
	f := In([]string{"."}, nil)
	f.Roots()
	skipped, _ := f.SkipUnlisted()
	if len(skipped) != 1 || skipped[0].File != "b/all.yaml" || !strings.Contains(skipped[0].Reason, "the same as a/all.yaml") {
		t.Errorf("skipped %v", skipped)
	}
}

// undeployedIn writes files and lists what of them is skipped since it is not deployed.
func undeployedIn(t *testing.T, files map[string]string) []lint.Skip {
	t.Helper()
	write(t, files)
	f := In([]string{"."}, nil)
	_, _, skipped := f.Roots()
	unlisted, _ := f.SkipUnlisted()
	return append(unlisted, skipped...)
}
