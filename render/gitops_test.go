package render

import (
	"slices"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// runAll renders a tree, and gives what came of it by the names of the units.
func runAll(t *testing.T, files string) (map[string]*lint.Rendered, *Result) {
	t.Helper()
	writeTree(t, files)
	p, err := NewPlan([]string{"."}, Options{Jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	units := map[string]*lint.Rendered{}
	result := p.Run(t.Context(), func(r *lint.Rendered) { units[r.Unit.Name()] = r })
	return units, result
}

func messages(l []lint.Problem) string {
	var s []string
	for _, p := range l {
		s = append(s, p.String()+" "+p.Message)
	}
	slices.Sort(s)
	return strings.Join(s, "\n")
}

// checkFields compares fields of an object with what is wanted of them.
func checkFields(t *testing.T, r *lint.Rendered, object string, fields map[string]string) {
	t.Helper()
	if r == nil {
		t.Fatal("not rendered")
	}
	for path, want := range fields {
		if got := field(t, r, object, path); got != want {
			t.Errorf("%s:\n got %s\nwant %s", path, got, want)
		}
	}
}

const fluxTree = webChart + `
-- settings/web.yaml --
replicas: 2
-- apps/release.yaml --
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: web
  namespace: apps
spec:
  chart:
    spec:
      chart: ./charts/web
      valuesFiles:
      - ./settings/web.yaml
      sourceRef:
        kind: GitRepository
        name: flux-system
  targetNamespace: shop
  postRenderers: [{kustomize: {}}]
  valuesFrom:
  - kind: ConfigMap
    name: web
  - kind: ConfigMap
    name: web
    valuesKey: replicas
    targetPath: image.repository
  - kind: Secret
    name: other
  values:
    privileged: true
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  namespace: apps
data:
  replicas: registry/web
  values.yaml: |
    # of the cluster
    image:
      tag: "3"
    privileged: false
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: remote
  namespace: apps
spec:
  chart:
    spec:
      chart: redis
      sourceRef: {kind: HelmRepository, name: bitnami}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: oci
  namespace: apps
spec:
  chartRef: {kind: OCIRepository, name: podinfo}
`

func TestFluxRelease(t *testing.T) {
	units, result := runAll(t, fluxTree)
	checkFields(t, units["charts/web (HelmRelease/apps/web)"], "Deployment/shop-web-web", map[string]string{
		"annotations|ns":                         "shop charts/web/templates/web.yaml:9 exact",
		"|spec|replicas":                         "2 charts/web/templates/web.yaml:11 exact replicas@settings/web.yaml:1",
		"|spec|template|spec|containers|0|image": "registry/web:3 charts/web/templates/web.yaml:16 exact image.repository@apps/release.yaml:35 image.tag@apps/release.yaml:39",
		privileged:                               "true charts/web/templates/web.yaml:18 exact privileged@apps/release.yaml:27",
	})
	const want = `apps/release.yaml:1:1 1 HelmRelease is rendered without the changes of spec.postRenderers
apps/release.yaml:1:1 1 HelmRelease is rendered without values of ConfigMaps or Secrets that are not in the tree
apps/release.yaml:42:1 2 HelmReleases are of charts that are not in the tree: kubevet fetches nothing, and what they install was not linted`
	if got := messages(result.Notes); got != want || len(result.Problems) > 0 {
		t.Errorf("notes\n%s\nwant\n%s\nproblems %v", got, want, result.Problems)
	}
}

// TestFluxOverlays has a HelmRelease that two overlays change.
func TestFluxOverlays(t *testing.T) {
	units, result := runAll(t, webChart+`
-- apps/base/kustomization.yaml --
resources: [release.yaml]
-- apps/base/release.yaml --
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: web
spec:
  chartRef: {kind: HelmChart, name: web}
  releaseName: web
  values:
    replicas: 2
    privileged: false
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata:
  name: web
spec:
  chart: charts/web
  sourceRef: {kind: GitRepository, name: flux-system}
-- apps/a/kustomization.yaml --
namespace: a
resources: [../base]
patches:
- path: patch.yaml
-- apps/a/patch.yaml --
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: web
spec:
  values:
    privileged: true
-- apps/b/kustomization.yaml --
namespace: b
resources: [../base]
-- clusters/apps.yaml --
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: base
  namespace: flux-system
spec:
  path: ./apps/base
  targetNamespace: c
  sourceRef: {kind: GitRepository, name: flux-system}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: root
  namespace: flux-system
spec:
  path: ./apps/a
  sourceRef: {kind: GitRepository, name: flux-system}
`)
	checkFields(t, units["charts/web (HelmRelease/a/web)"], "Deployment/web-web", map[string]string{
		"|spec|replicas": "2 charts/web/templates/web.yaml:11 exact replicas@apps/base/release.yaml:9",
		privileged:       "true charts/web/templates/web.yaml:18 exact privileged@apps/a/patch.yaml:7",
	})
	checkFields(t, units["charts/web (HelmRelease/b/web)"], "Deployment/web-web", map[string]string{
		privileged: "false charts/web/templates/web.yaml:18 exact privileged@apps/base/release.yaml:10",
	})
	if units["apps/base (Kustomization/flux-system/base)"] == nil || units["apps/a"] == nil || units["apps/a (Kustomization/flux-system/root)"] != nil {
		t.Errorf("units: %v", units)
	}
	checkFields(t, units["apps/base (Kustomization/flux-system/base)"], "HelmRelease/web", map[string]string{
		"|metadata|namespace": "c clusters/apps.yaml:8 exact",
	})
	if got := messages(result.Notes); got != "" || len(result.Problems) > 0 {
		t.Errorf("notes\n%s\nproblems %v", got, result.Problems)
	}
}

func TestArgoApplications(t *testing.T) {
	units, result := runAll(t, webChart+`
-- .git/config --
[core]
	bare = false
[remote "origin"]
	url = git@git.example.org:shop/deploy.git
-- charts/web/production.yaml --
replicas: 4
-- values/more.yaml --
image:
  tag: "4"
-- apps.yaml --
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
  namespace: argocd
spec:
  destination: {namespace: shop}
  sources:
  - repoURL: https://git.example.org/shop/deploy
    ref: values
  - repoURL: https://git.example.org/shop/deploy.git
    path: charts/web
    helm:
      valueFiles:
      - production.yaml
      - $values/values/more.yaml
      - absent.yaml
      - https://example.org/values.yaml
      values: |
        privileged: false
        image:
          repository: mine
      parameters:
      - name: privileged
        value: "true"
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: object
spec:
  source:
    repoURL: https://git.example.org/shop/deploy.git
    path: charts/web
    helm:
      releaseName: own
      valuesObject:
        image: {repository: mine}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: other
spec:
  source:
    repoURL: https://git.example.org/shop/other.git
    path: charts/web
---
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: all
spec:
  generators: [{clusters: {}}]
  template:
    metadata: {name: "{{name}}"}
    spec: {source: {repoURL: "https://git.example.org/shop/deploy.git", path: "{{path}}"}}
`)
	checkFields(t, units["charts/web (Application/argocd/web)"], "Deployment/web-web", map[string]string{
		"annotations|ns":                         "shop charts/web/templates/web.yaml:9 exact",
		"|spec|replicas":                         "4 charts/web/templates/web.yaml:11 exact replicas@charts/web/production.yaml:1",
		"|spec|template|spec|containers|0|image": "mine:4 charts/web/templates/web.yaml:16 exact image.repository@apps.yaml:22 image.tag@values/more.yaml:2",
		privileged:                               "true charts/web/templates/web.yaml:18 exact privileged@apps.yaml:25",
	})
	checkFields(t, units["charts/web (Application/object)"], "Deployment/own-web", map[string]string{
		"|spec|template|spec|containers|0|image": "mine:1 charts/web/templates/web.yaml:16 exact image.repository@apps.yaml:38 image.tag@charts/web/values.yaml:3",
	})
	const notes = `apps.yaml:1:1 1 Application is rendered without values files that are not in the tree
apps.yaml:40:1 2 Applications are of sources that are not in the tree: kubevet fetches nothing, and what they install was not linted
apps.yaml:49:1 1 ApplicationSet is not expanded, or only in part: what the other applications would install was not linted with their values`
	const problems = "apps.yaml:17:9 Application/argocd/web: cannot read the values file absent.yaml: no such file or directory"
	if got := messages(result.Notes); got != notes {
		t.Errorf("notes\n%s\nwant\n%s", got, notes)
	}
	if got := messages(result.Problems); got != problems {
		t.Errorf("problems\n%s\nwant\n%s", got, problems)
	}
}

// TestArgoParameters has valuesObject win over values, parameters over both, those with forceString over the
// others, and files over all.
func TestArgoParameters(t *testing.T) {
	units, result := runAll(t, webChart+`
-- files/tag.txt --
a,b={}
-- apps.yaml --
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  source:
    repoURL: https://git.example.org/shop/deploy
    path: charts/web
    helm:
      releaseName: web
      values: |
        replicas: 7
      valuesObject:
        privileged: false
        image: {repository: mine, tag: "0"}
      parameters:
      - {name: image.repository, value: forced, forceString: true}
      - {name: image.repository, value: set}
      - {name: privileged, value: "true"}
      - {name: image.tag, value: "1"}
      fileParameters:
      - name: image.tag
        path: /files/tag.txt
      - name: other
        path: ../../files/none.txt
`)
	checkFields(t, units["charts/web (Application/web)"], "Deployment/web-web", map[string]string{
		"|spec|replicas":                         "1 charts/web/templates/web.yaml:11 exact replicas@charts/web/values.yaml:4",
		"|spec|template|spec|containers|0|image": "forced:a,b={} charts/web/templates/web.yaml:16 exact image.repository@apps.yaml:16 image.tag@apps.yaml:22",
		privileged:                               "true charts/web/templates/web.yaml:18 exact privileged@apps.yaml:18",
	})
	const problems = "apps.yaml:24:15 Application/web: cannot read the values file ../../files/none.txt: no such file or directory"
	if got := messages(result.Problems); got != problems || len(result.Notes) > 0 {
		t.Errorf("problems\n%s\nwant\n%s\nnotes %v", got, problems, result.Notes)
	}
}

// TestFolderOfRepositories has the linted folder hold a repository, without .git.
func TestFolderOfRepositories(t *testing.T) {
	files := strings.ReplaceAll(fluxTree, "\n-- ", "\n-- deploy/")
	units, result := runAll(t, files)
	checkFields(t, units["deploy/charts/web (HelmRelease/apps/web)"], "Deployment/shop-web-web", map[string]string{
		"|spec|replicas": "2 deploy/charts/web/templates/web.yaml:11 exact replicas@deploy/settings/web.yaml:1",
	})
	if len(result.Problems) > 0 {
		t.Error(result.Problems)
	}
}
