package built_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/built"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/document"

	"go.yaml.in/yaml/v3"
)

// read makes documents of the files of an archive.
func read(t *testing.T, archive string) (l []*lint.Document) {
	t.Helper()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		r, ok := document.Find(f.Name, func() []byte { return f.Data })
		if !ok {
			t.Fatalf("%s is no document", f.Name)
		}
		documents, problems := r.Read(r.Kind, f.Name, f.Data)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		l = append(l, documents...)
	}
	return l
}

// reference is an image as a container names it.
func reference(t *testing.T, text string) lint.Value {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte("image: "+text), &n); err != nil {
		t.Fatal(err)
	}
	return node.NewValue(n.Content[0]).Get("image")
}

const from = "FROM debian:12.11 AS base\nFROM base AS dev\nFROM base\n"

// TestFind holds which Dockerfile builds an image, and what says so.
func TestFind(t *testing.T) {
	t.Parallel()
	dockerfiles := func(names ...string) string {
		var b strings.Builder
		for _, n := range names {
			b.WriteString("-- " + n + " --\n" + from)
		}
		return b.String()
	}
	const workflow = `-- .github/workflows/build.yaml --
env: {REGISTRY: ghcr.io, OWNER: "${{ github.repository_owner }}"}
jobs:
  build:
    strategy:
      matrix:
        include:
        - {name: api, folder: services/api}
        - {name: web, folder: web, file: web/prod.Dockerfile}
    steps:
    - uses: actions/checkout@v4
    - id: meta
      uses: docker/metadata-action@v5
      with:
        images: |
          name=${{ env.REGISTRY }}/shop/${{ matrix.name }},enable=true
          ${{ env.REGISTRY }}/${{ env.OWNER }}/${{ matrix.name }}
    - uses: docker/build-push-action@v6
      with: {context: "${{ matrix.folder }}", file: "${{ matrix.file }}", tags: "${{ steps.meta.outputs.tags }}"}
`
	fetched := func(file string) string {
		return "-- .github/workflows/b.yml --\njobs: {b: {steps: [{uses: docker/build-push-action@v6, with: {context: '{{defaultContext}}:api', file: " + file + ", tags: 'r.io/a:1'}}]}}\n"
	}
	bake := func(targets string) string {
		return "-- x/docker-bake.json --\n{\"variable\": {\"R\": {\"default\": \"r.io/shop\"}, \"item\": {\"default\": \"a\"}, \"T\": {}}, \"target\": {" + targets + "}}\n"
	}
	cloud := func(file, steps string) string {
		return "-- " + file + " --\nsubstitutions: {_REPO: r.io/shop, _NAME: '${_REPO}/api', _LOOP: $_LOOP}\nsteps:\n" + steps + "\n"
	}
	const docker, kaniko = "- {name: 'gcr.io/cloud-builders/docker', ", "- {name: 'gcr.io/kaniko-project/executor:latest', "
	for name, test := range map[string]struct{ files, image, want string }{
		"bake":                     {bake(`"api": {"context": "src", "dockerfile": "prod.Dockerfile", "target": "dev", "tags": ["${R}/api:${T}"]}`) + dockerfiles("x/src/prod.Dockerfile"), "r.io/shop/api:2", "x/src/prod.Dockerfile dev x/docker-bake.json"},
		"bake, defaults":           {bake(`"api": {"tags": ["r.io/api"]}`) + dockerfiles("x/Dockerfile"), "r.io/api", "x/Dockerfile  x/docker-bake.json"},
		"bake, inherited":          {bake(`"a": {"context": "a", "target": "dev"}, "b": {"inherits": ["a"], "context": "b"}, "api": {"inherits": ["a", "b"], "tags": ["r.io/api"]}`) + dockerfiles("x/a/Dockerfile", "x/b/Dockerfile"), "r.io/api", "x/b/Dockerfile dev x/docker-bake.json"},
		"bake, cycle":              {bake(`"a": {"inherits": ["a"], "tags": ["r.io/api"]}`) + dockerfiles("x/Dockerfile"), "r.io/api", "x/Dockerfile  x/docker-bake.json"},
		"bake, unknown variable":   {bake(`"a": {"tags": ["${T}/api"]}`) + dockerfiles("x/Dockerfile"), "r.io/api", ""},
		"bake, function":           {bake(`"a": {"tags": ["r.io/${lower(R)}"]}`) + dockerfiles("x/Dockerfile"), "r.io/api", ""},
		"bake, matrix":             {bake(`"a": {"matrix": {"item": ["b"]}, "tags": ["r.io/shop/${item}"]}`) + dockerfiles("x/Dockerfile"), "r.io/shop/a", ""},
		"bake, inline":             {bake(`"a": {"dockerfile-inline": "FROM scratch", "tags": ["r.io/x/api"]}`) + dockerfiles("x/Dockerfile", "y/api/Dockerfile"), "r.io/x/api", ""},
		"bake, remote":             {bake(`"a": {"context": "https://example.com/a.git", "tags": ["r.io/api"]}`) + dockerfiles("x/Dockerfile"), "r.io/api", ""},
		"cloud build":              {cloud("cloudbuild.yaml", docker+"args: [build, --tag, '$_NAME:$SHORT_SHA', --no-cache, -f, src/prod.Dockerfile, --target=dev, .]}") + dockerfiles("src/prod.Dockerfile"), "r.io/shop/api", "src/prod.Dockerfile dev cloudbuild.yaml"},
		"cloud build, context":     {cloud("ci/api.cloudbuild.yml", docker+"dir: src, args: [buildx, build, '-t=${_REPO}/api', --push, ./x]}") + dockerfiles("src/x/Dockerfile"), "r.io/shop/api", "src/x/Dockerfile  ci/api.cloudbuild.yml"},
		"cloud build, workspace":   {cloud("a/cloudbuild.yaml", docker+"dir: src, args: [build, -t, r.io/api, /workspace/x]}") + dockerfiles("a/x/Dockerfile"), "r.io/api", "a/x/Dockerfile  a/cloudbuild.yaml"},
		"cloud build, two sources": {cloud("a/cloudbuild.yaml", docker+"args: [build, -t, r.io/api, .]}") + dockerfiles("a/Dockerfile", "Dockerfile"), "r.io/api", ""},
		"cloud build, outside":     {cloud("a/cloudbuild.yaml", docker+"args: [build, -t, r.io/api, ..]}") + dockerfiles("Dockerfile"), "r.io/api", ""},
		"cloud build, elsewhere":   {cloud("cloudbuild.yaml", docker+"args: [build, -t, r.io/api, /src]}") + dockerfiles("src/Dockerfile"), "r.io/api", ""},
		"cloud build, remote":      {cloud("cloudbuild.yaml", docker+"args: [build, -t, r.io/api, 'https://example.com/api.git']}") + dockerfiles("Dockerfile"), "r.io/api", ""},
		"cloud build, other flag":  {cloud("cloudbuild.yaml", docker+"args: [build, --what, src, -t, r.io/api, .]}") + dockerfiles("Dockerfile"), "r.io/api", ""},
		"cloud build, project":     {cloud("cloudbuild.yaml", docker+"args: [build, -t, gcr.io/$PROJECT_ID/api, .]}") + dockerfiles("Dockerfile"), "gcr.io/shop/api", ""},
		"cloud build, cycle":       {cloud("cloudbuild.yaml", docker+"args: [build, -t, $_LOOP/api, .]}") + dockerfiles("Dockerfile"), "r.io/api", ""},
		"cloud build, shell":       {cloud("cloudbuild.yaml", docker+"entrypoint: bash, args: [build, -t, r.io/api, .]}") + dockerfiles("Dockerfile"), "r.io/api", ""},
		"cloud build, push":        {cloud("cloudbuild.yaml", docker+"args: [push, r.io/api]}") + dockerfiles("Dockerfile"), "r.io/api", ""},
		"cloud build, JSON":        {"-- cloudbuild.json --\n{\"steps\": [{\"name\": \"docker\", \"args\": [\"build\", \"-t\", \"r.io/api\", \".\"]}]}\n" + dockerfiles("Dockerfile"), "r.io/api", "Dockerfile  cloudbuild.json"},
		"kaniko":                   {cloud("cloudbuild.yaml", kaniko+"args: [--destination=$_NAME:1, --context=dir://src, --dockerfile=prod.Dockerfile, --cache=true]}") + dockerfiles("src/prod.Dockerfile"), "r.io/shop/api", "src/prod.Dockerfile  cloudbuild.yaml"},
		"kaniko, defaults":         {cloud("cloudbuild.yaml", kaniko+"args: [--destination=r.io/api]}") + dockerfiles("Dockerfile"), "r.io/api", "Dockerfile  cloudbuild.yaml"},
		"kaniko, its folder first": {cloud("cloudbuild.yaml", kaniko+"dir: b, args: [-d, r.io/api, -c, /workspace/src, --context-sub-path=a]}") + dockerfiles("b/Dockerfile", "src/a/Dockerfile"), "r.io/api", "b/Dockerfile  cloudbuild.yaml"},
		"kaniko, workspace":        {cloud("cloudbuild.yaml", kaniko+"dir: b, args: [-d, r.io/api, --context=dir:///workspace/src, --context-sub-path, a, --target=DEV]}") + dockerfiles("src/a/Dockerfile"), "r.io/api", "src/a/Dockerfile DEV cloudbuild.yaml"},
		"kaniko, bucket":           {cloud("cloudbuild.yaml", kaniko+"args: [-d, r.io/api, --context=gs://b/a.tar.gz]}") + dockerfiles("Dockerfile"), "r.io/api", ""},
		"skaffold":                 {"-- a/skaffold.yaml --\napiVersion: skaffold/v4beta6\nbuild: {artifacts: [{image: api, context: src, docker: {dockerfile: prod.Dockerfile, target: dev}}]}\n" + dockerfiles("a/src/prod.Dockerfile"), "api:1", "a/src/prod.Dockerfile dev a/skaffold.yaml"},
		"skaffold, second":         {"-- skaffold.yaml --\napiVersion: skaffold/v4beta6\n---\napiVersion: skaffold/v4beta6\nbuild: {artifacts: [{image: api}]}\n" + dockerfiles("Dockerfile"), "api", "Dockerfile  skaffold.yaml"},
		"other builder":            {"-- skaffold.yaml --\napiVersion: skaffold/v4beta6\nbuild: {artifacts: [{image: r.io/api, context: api, ko: {}}]}\n" + dockerfiles("api/Dockerfile"), "r.io/api", ""},
		"compose":                  {"-- docker-compose.dev.yml --\nservices: {a: {image: 'r.io/a:1', build: ./src}}\n" + dockerfiles("src/Dockerfile"), "r.io/a:2", "src/Dockerfile  docker-compose.dev.yml"},
		"compose, Docker Hub":      {"-- compose.yaml --\nservices: {a: {image: 'docker.io/library/a:1', build: {context: src, dockerfile: ../b.Dockerfile, target: DEV}}}\n" + dockerfiles("b.Dockerfile"), "a", "b.Dockerfile DEV compose.yaml"},
		"compose, remote":          {"-- compose.yaml --\nservices: {a: {image: r.io/api, build: 'https://example.com/api.git'}}\n" + dockerfiles("api/Dockerfile"), "r.io/api", ""},
		"compose, variable":        {"-- compose.yaml --\nservices: {a: {image: '${REGISTRY}/a', build: src}}\n" + dockerfiles("src/Dockerfile"), "r.io/a", ""},
		"two builds that differ":   {"-- compose.yaml --\nservices: {a: {image: r.io/a, build: x}, b: {image: r.io/a, build: y}}\n" + dockerfiles("x/Dockerfile", "y/Dockerfile"), "r.io/a", ""},
		"two builds that agree":    {"-- compose.yaml --\nservices: {a: {image: r.io/a, build: x}, b: {image: r.io/a, build: ./x/}}\n" + dockerfiles("x/Dockerfile"), "r.io/a", "x/Dockerfile  compose.yaml"},
		"workflow":                 {workflow + dockerfiles("services/api/Dockerfile"), "ghcr.io/shop/api@sha256:0", "services/api/Dockerfile  .github/workflows/build.yaml"},
		"workflow, file":           {workflow + dockerfiles("web/prod.Dockerfile"), "ghcr.io/shop/web:1", "web/prod.Dockerfile  .github/workflows/build.yaml"},
		"workflow, folder":         {fetched("Dockerfile") + dockerfiles("Dockerfile", "api/Dockerfile"), "r.io/a", "api/Dockerfile  .github/workflows/b.yml"},
		"workflow, file of folder": {fetched("prod.Dockerfile") + dockerfiles("prod.Dockerfile", "api/prod.Dockerfile"), "r.io/a", "api/prod.Dockerfile  .github/workflows/b.yml"},
		"workflow, no such file":   {fetched("api/Dockerfile") + dockerfiles("api/Dockerfile"), "r.io/a", ""},
		"workflow, other checkout": {"-- .github/workflows/b.yml --\njobs: {b: {steps: [{uses: actions/checkout@v4, with: {path: x}}, {uses: docker/build-push-action@v6, with: {tags: 'r.io/a:1'}}]}}\n" + dockerfiles("Dockerfile"), "r.io/a", ""},
		"folder":                   {dockerfiles("src/api/Dockerfile", "src/web/Dockerfile"), "r.io/shop/api:1", "src/api/Dockerfile  "},
		"folder, unknown tag":      {dockerfiles("src/api/Dockerfile"), "r.io/shop/api:${TAG}", "src/api/Dockerfile  "},
		"folder, unknown name":     {dockerfiles("src/api/Dockerfile"), "${REGISTRY}/api:1", ""},
		"folder, no owner":         {dockerfiles("src/redis/Dockerfile"), "redis:7", ""},
		"folder, two":              {dockerfiles("a/api/Dockerfile", "b/api/Dockerfile"), "r.io/shop/api", ""},
		"folder, near name":        {dockerfiles("src/api/Dockerfile"), "r.io/shop/api-gateway", ""},
		"folder, publisher":        {dockerfiles("redis/Dockerfile"), "docker.io/bitnami/redis:7", ""},
		"folder, name of owner":    {dockerfiles("grafana/Dockerfile"), "grafana/grafana:12", ""},
		"folder, of that image":    {"-- envoy/Dockerfile --\nFROM envoyproxy/envoy:v1.30\n", "r.io/other/envoy", ""},
		"folder, other name":       {"-- compose.yaml --\nservices: {a: {image: r.io/shop/api, build: api}}\n" + dockerfiles("api/Dockerfile"), "r.io/other/api", ""},
		"folder, default registry": {"-- skaffold.yaml --\napiVersion: skaffold/v4beta6\nbuild: {artifacts: [{image: api, context: api}]}\n" + dockerfiles("api/Dockerfile"), "r.io/shop/api:1", "api/Dockerfile  "},
		"common folder":            {dockerfiles("docker/Dockerfile"), "r.io/shop/docker", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if i := built.New(read(t, test.files)).Find(reference(t, test.image)); i != nil {
				by := ""
				if i.By != nil {
					by = i.By.File
				}
				got = fmt.Sprintf("%s %s %s", i.Dockerfile.File, i.Target, by)
			}
			if got != test.want {
				t.Errorf("image %s: got %q, want %q", test.image, got, test.want)
			}
		})
	}
}

// TestLacks holds when an image certainly has no shell.
func TestLacks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"FROM scratch\nCOPY app /app\n":                                                true,
		"FROM scratch\nCOPY --from=build /out/app /\n":                                 true,
		"FROM debian:12.11 AS b\nFROM scratch\nCOPY --from=b /etc/passwd /etc/\n":      true,
		"FROM gcr.io/distroless/static-debian12:nonroot\nCOPY app /usr/bin/app\n":      true,
		"FROM mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled\nCOPY out .\n":        false, // out may be a file system
		"FROM mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled\nCOPY app /srv\n":     true,
		"FROM mcr.microsoft.com/dotnet/aspnet:8.0\nCOPY app /srv\n":                    false,
		"FROM gcr.io/distroless/static-debian12:debug\nCOPY app /app\n":                false,
		"FROM debian:12.11\nCOPY app /app\n":                                           false,
		"FROM scratch\nADD rootfs.tar.gz /\n":                                          false,
		"FROM debian:12.11 AS b\nFROM scratch\nCOPY --from=b / /\n":                    false,
		"FROM scratch\nCOPY --from=busybox:1.37 /bin/busybox /bin/sh\n":                false,
		"FROM scratch\nCOPY --from=busybox:1.37 /bin /bin\n":                           false,
		"FROM scratch\nCOPY bin/* /bin/\n":                                             false,
		"FROM gcr.io/distroless/base-debian12\nRUN [\"/app\"]\n":                       false,
		"FROM gcr.io/distroless/static-debian12@sha256:00\nCOPY app /app\n":            false,
		"ARG BASE=scratch\nFROM ${BASE}\nCOPY app /app\n":                              true,
		"ARG BASE\nFROM ${BASE}\nCOPY app /app\n":                                      false,
		"FROM registry.example.com/distroless:1\nCOPY app /app\nENTRYPOINT [\"/app\"]": false,
	} {
		i := built.New(read(t, "-- a/api/Dockerfile --\n"+text)).Find(reference(t, "r.io/shop/api"))
		if i == nil {
			t.Fatalf("%q: no image", text)
		}
		if _, got := i.Lacks("/bin/sh"); got != want {
			t.Errorf("%q: lacks a shell: got %t, want %t", text, got, want)
		}
	}
}

// TestIsReplaced holds which images a Makefile replaces, and in which files.
func TestIsReplaced(t *testing.T) {
	t.Parallel()
	x := built.New(read(t, `-- deploy/Makefile --
NAMED ?= example.com/named
OUT = out # a folder
VERSION := $(shell git describe)
image:
	@cd config/manager && \
		kustomize edit set image controller=$(IMG) "example.com/web:latest=example.com/web:1" $(NAME)=x
	cd ${DIR} && kustomize edit set image unknown=example.com/unknown:1
	(cd /etc; kustomize edit set image absolute=example.com/absolute:1)
	kustomize edit set image here=example.com/here:1
	cd $(OUT)/copy; kustomize edit set image $(NAMED):$(VERSION) example.com:5000/port
# kustomize edit set image comment=example.com/comment:1
-- app/skaffold.yaml --
apiVersion: skaffold/v4beta1
kind: Config
build: {artifacts: [{image: app}, {image: "example.com/api"}]}
profiles:
- {name: dev, build: {artifacts: [{image: debug}]}}
- {name: test, build: {artifacts: [{image: app-db}]}, manifests: {kustomize: {paths: [k8s/dev]}}}
-- made/Makefile --
define OVERLAY
resources: [../config]
images:
- name: manager
  newName: ${IMG}
- name: unchanged
other:
- name: another
  newName: x
endef
deploy:
	echo "$$OVERLAY" > build/kustomization.yaml && kustomize edit set image nothing=x
-- made/hack/deploy.sh --
cat > build/kustomization.yaml <<EOF
images:
  - newTag: "${TAG}"
    name: agent
  - name: proxy
    newTag: "${TAG}"
EOF
-- dev/Tiltfile --
docker_build(ref = "example.com/tilt", context = ".")
docker_build_with_restart(
    'tilt-job',
    context='.')
# docker_build('tilt-comment', '.')
k8s_yaml('tilt.yaml')
k8s_yaml(kustomize("k8s"))
k8s_yaml(['list.yaml', "../other.yaml"], allow_duplicates = True)
-- all.mk --
all:
	kustomize edit set image all=example.com/all:1
`))
	for _, c := range []struct {
		image, file string
		want        bool
	}{
		{"controller:latest", "deploy/config/manager/manager.yaml", true},
		{"controller", "deploy/config/manager/sub/manager.yaml", true},
		{"controller:latest", "deploy/config/managers/manager.yaml", false},
		{"example.com/controller:latest", "deploy/config/manager/manager.yaml", false},
		{"example.com/web:latest", "deploy/config/manager/manager.yaml", true},
		{"example.com/web:1.2", "deploy/config/manager/manager.yaml", false},
		{"unknown", "deploy/any/unknown.yaml", true},
		{"absolute", "deploy/absolute.yaml", false},
		{"here:1", "deploy/here.yaml", true},
		{"comment", "deploy/comment.yaml", false},
		{"example.com/named:1", "deploy/out/copy/named.yaml", true},
		{"example.com/named:1", "deploy/config/named.yaml", false},
		{"example.com:5000/port:1", "deploy/out/copy/port.yaml", false},
		{"app", "app/k8s/app.yaml", true},
		{"example.com/api", "app/api.yaml", true},
		{"example.com/api:latest", "app/api.yaml", false},
		{"app", "application/app.yaml", false},
		{"debug", "app/k8s/app.yaml", false},
		{"app-db", "app/k8s/base/db.yaml", true},
		{"app-db:1", "app/k8s/base/db.yaml", false},
		{"all", "any/file.yaml", true},
		{"example.com/tilt", "dev/tilt.yaml", true},
		{"example.com/tilt", "dev/k8s/sub/app.yaml", true},
		{"example.com/tilt", "dev/list.yaml", true},
		{"example.com/tilt", "other.yaml", true},
		{"example.com/tilt", "dev/another.yaml", false},
		{"example.com/tilt:1.2", "dev/tilt.yaml", false}, // with a tag it may be applied without Tilt, too
		{"tilt-job", "dev/k8s/job.yaml", true},
		{"tilt-comment", "dev/k8s/job.yaml", false},
		{"manager", "made/config/manager.yaml", true},
		{"unchanged", "made/config/manager.yaml", false},
		{"another", "made/config/manager.yaml", false},
		{"manager", "config/manager.yaml", false},
		{"proxy", "made/config/proxy.yaml", true},
	} {
		if got := x.IsReplaced(c.image, func() lint.Origin { return lint.Origin{Position: lint.Position{File: c.file}} }); got != c.want {
			t.Errorf("%s in %s: got %v", c.image, c.file, got)
		}
	}
}

// TestIsLoadedByDaemon has scripts build images by the daemon of minikube's node.
func TestIsLoadedByDaemon(t *testing.T) {
	x := built.New(read(t, `-- web/Jenkinsfile --
    sh '''
        docker build -t before:latest .
        # eval $(minikube docker-env)
        docker build -t commented:latest .
        eval $(minikube -p test docker-env)
        docker build -t web:latest -f web/Dockerfile .
        docker build -t pushed:latest . && docker push pushed:latest
        docker build -t registry.example.com/far:latest .
        eval $(minikube docker-env -u)
        docker build -t after:latest .
    '''
`))
	for image, want := range map[string]bool{
		"web": true, "web:latest": true, "web:1.0": false, "before": false, "commented": false, "pushed": false, "after": false,
		"registry.example.com/far:latest": false,
	} {
		if got := x.IsLoaded(image, func() lint.Origin { return lint.Origin{Position: lint.Position{File: "charts/web/values.yaml"}} }); got != want {
			t.Errorf("%s: got %v", image, got)
		}
	}
}

// TestIsLoaded has scripts put images on the nodes of clusters.
func TestIsLoaded(t *testing.T) {
	t.Parallel()
	x := built.New(read(t, `-- hack/kind.sh --
#!/bin/sh
IMAGE="shop/api:dev"
TAG=${TAG:-shop/web:dev}
kind load docker-image --name test "$IMAGE" shop/worker:dev; kubectl apply -f .
kind load docker-image "${TAG}" "$OTHER"
# kind load docker-image shop/comment:dev
minikube -p test image build -t shop/mini:dev .
minikube image load shop/loaded:dev
k3d image import shop/k3d:dev -c test
kind load image-archive build/cached.tar
kind load image-archive build/other.tar
docker save shop/cached:dev > cached.tar
-- app/up.sh --
kind load docker-image shop/app:dev
-- .github/workflows/e2e.yaml --
jobs:
  build: {steps: [{run: "docker save -o web_local.tar shop-web:local"}, {run: "docker save -o never_local.tar shop-never:local"}]}
  test:
    steps:
    - run: |
        minikube image load artifacts/web/web_local.tar
        kind load docker-image shop-direct:dev
-- skaffold.yaml --
apiVersion: skaffold/v4beta6
build: {artifacts: [{image: shop/skaffold}]}
`))
	for _, c := range []struct {
		image, file string
		want        bool
	}{
		{"shop/api:dev", "deploy/api.yaml", true},
		{"shop/api:prod", "deploy/api.yaml", false},
		{"shop/skaffold:1", "deploy/api.yaml", true},
		{"shop/web:dev", "web.yaml", true},
		{"shop/worker:dev", "web.yaml", true},
		{"shop/comment:dev", "web.yaml", false},
		{"shop/mini:dev", "web.yaml", true},
		{"shop/loaded:dev", "web.yaml", true},
		{"shop/k3d:dev", "web.yaml", true},
		{"test", "web.yaml", false},
		{"shop/cached:dev", "web.yaml", true},
		{"shop-web:local", "ci/web.yaml", true},
		{"shop-direct:dev", "ci/web.yaml", true},
		{"shop-never:local", "ci/web.yaml", false},
		{"shop/app:dev", "app/k8s/app.yaml", true},
		{"shop/app:dev", "web/app.yaml", false},
	} {
		if got := x.IsLoaded(c.image, func() lint.Origin { return lint.Origin{Position: lint.Position{File: c.file}} }); got != c.want {
			t.Errorf("%s in %s: got %v", c.image, c.file, got)
		}
	}
}

// TestBuiltFrom holds which images change with a file.
func TestBuiltFrom(t *testing.T) {
	t.Parallel()
	x := built.New(read(t, "-- compose.yaml --\nservices: {a: {image: r.io/shop/api, build: src}}\n-- src/Dockerfile --\n"+from+"-- web/Dockerfile --\n"+from))
	for file, want := range map[string][]string{"compose.yaml": {"api"}, "src/Dockerfile": {"api"}, "web/Dockerfile": {"web"}, "README.md": nil} {
		if got := x.BuiltFrom(func(f string) bool { return f == file }); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", file, got, want)
		}
	}
}

// TestIsLocal: an image that a command builds, and that nothing pushes, is in no registry.
func TestIsLocal(t *testing.T) {
	t.Parallel()
	x := built.New(read(t, `-- .github/workflows/build.yaml --
env: {BASE: local/env, OTHER: "${{ github.actor }}/other"}
jobs:
  a:
    steps:
    - run: docker build -t local/builder:latest -f images/builder.Dockerfile .
    - run: |
        # docker build -t local/comment .
        docker buildx build \
          --load --tag "local/two" .
        docker build -t ${{ env.BASE }} . && docker build -t $BASE:dev .
        docker build -t local/x-${{ matrix.x }} -t $OTHER -t ${{ env.OTHER }} .
    - run: docker buildx build --push -t acme/pushed:latest .
    - uses: docker/build-push-action@v6
      with: {push: true, tags: "acme/action:latest"}
    - run: docker build -t acme/action:latest .
-- .gitlab-ci.yml --
variables: {IMAGE: gitlab/base}
build:
  script:
  - podman build -t $IMAGE .
-- Makefile --
BASE = make/base
IMG ?= acme/img:latest
base:
	@$(DOCKER) build \
		-t $(BASE):latest -f base.Dockerfile .
	docker build -t ghcr.io/acme/base:latest . ; docker build -t localhost/base .
img:
	docker build -t ${IMG} .
push:
	docker push ${IMG}
	docker push acme/version:$(VERSION)
PREFIX ?=
VERSION ?= 1.0.0
NAME ?= $(PREFIX)make-prefix:$(VERSION)
EITHER =
EITHER = acme/
OTHERS = $(EITHER)make-either:1
prefix:
	docker buildx build -t $(NAME) . && docker build -t $(OTHERS) .
-- hack/build.sh --
TAG=script/base:1
docker image build -t "$TAG" .
buildah bud -t script/bud .
docker build -t acme/version .
echo docker build
-- hooks/build --
docker build -t hook/base .
-- compose.yaml --
services:
  a: {build: ., image: "compose/base:dev"}
`))
	for ref, want := range map[string]bool{
		"local/builder:latest": true, "local/builder": true, "local/builder:1": false, "docker.io/local/builder": true,
		"local/two": true, "local/env": true, "local/env:dev": true, "local/comment": false, "local/x-1": false,
		"acme/pushed": false, "acme/action": false, "acme/img": false, "acme/version": false,
		"gitlab/base": true, "make/base": true, "make-prefix:1.0.0": true, "make-either:1": false, "script/base:1": true, "script/bud": true, "hook/base": true,
		"ghcr.io/acme/base": false, "localhost/base": true, "compose/base:dev": true, "compose/base": false, "debian": false, "": false,
	} {
		if got := x.IsLocal(ref); got != want {
			t.Errorf("%s: %t; want %t", ref, got, want)
		}
	}
}

// TestIsOfFolder: a script may build an image for each folder, which has its name, also without a number before it.
func TestIsOfFolder(t *testing.T) {
	t.Parallel()
	const folders = `-- images/20-notebook/Dockerfile --
FROM debian:12
-- images/worker/Dockerfile --
FROM notebook
-- images/30-node/Dockerfile --
FROM debian:12
-- images/redis/Dockerfile --
FROM redis
`
	for command, builds := range map[string]bool{"docker build -t $name $dir": true, `docker build -t "${name}:$TAG" $dir`: true, "docker build -t acme/$name $dir": false} {
		x := built.New(read(t, folders+"-- build.sh --\nfor dir in images/*; do\n  name=$(basename $dir | sed 's/^[0-9-]*//')\n  "+command+"\ndone\n"))
		for ref, is := range map[string]bool{
			"notebook": true, "worker": true, "20-notebook": true, "notebook:1": false, "acme/notebook": false,
			"node": false, "redis": false, "other": false, "": false,
		} {
			if got := x.IsOfFolder(ref); got != (is && builds) {
				t.Errorf("%s, %s: %t; want %t", command, ref, got, is && builds)
			}
		}
	}
}

// TestRewriter: what a command puts in the place of a tag, when a chart is released, comes without a digest that stands behind the tag.
func TestRewriter(t *testing.T) {
	t.Parallel()
	x := built.New(read(t, `-- .github/workflows/release.yaml --
env: {TOP: charts/top}
jobs:
  a:
    env: {CHART: charts/app}
    steps:
    - run: |
        image_tag=${{ steps.version.outputs.v }}
        sed -i "s/latest/${image_tag}/g" $CHART/values.yaml
        sed -i.bak -e 's|0\.0\.0|'"$VERSION"'|' charts/a/Chart.yaml charts/a/values.yaml; cat other/values.yaml
        sed -E -i "s/^( *)tag: .*$/\1tag: $TAG/" ./charts/extended/values.yaml
        sed -i "s/^\( *\)tag:.*/\1tag: $TAG/" ../charts/basic/values.yaml
        sed -i "s/repository: .*/repository: $R/" charts/repository/values.yaml
        sed -i "s/$OLD/$NEW/" charts/unknown/values.yaml
        sed -i "s/1.0/$NEW@$DIGEST/" charts/digest/values.yaml
        # sed -i "s/1.0/$NEW/" charts/comment/values.yaml
        sed -i "s/1.0/$NEW/" "$TOP/values.yaml" $WHAT/values.yaml values.yaml
        yq eval -i '.app.image.tag = "${{ github.ref_name }}"' charts/yq/values.yaml
    - run: sed -i "s/v0/$NEW/" top.yaml
    - run: |
        cp -r deploy/latest/* deploy/$NEW
        sed -i "s/driver:latest/driver:${NEW}/g" deploy/${NEW}/*
        find . -name '*.yaml' -exec sed -i "s/agent:latest/agent:${NEW}/g" {} \;
    - run: cd other && sed -i "s/v1/$NEW/" top.yaml
-- .github/workflows/e2e-test.yaml --
jobs: {a: {steps: [{run: "sed -i s/1.0/$V/ charts/tested/values.yaml"}]}}
-- hack/release.sh --
V=$1
sed -i "s/1.0/$V/" deploy/app.yaml
-- Makefile --
release:
	sed -i 's/1.0/$(V)/' charts/make/values.yaml
	$(SED) -i "/^      containers:/,/^        image:/{s#image: .*#image: $(NAME):$(V)#}" deploy/operator.yaml
	sed -i "/^    spec:/,/image:/{s#image: .*#image: $(V)#}" deploy/two.yaml
	sed -i -e "/^spec:/,/^  image:/{s#image: .*#image: web:$(V)#}" deploy/cr.yaml
	sed -i '/image: db:/s/1.0/$(V)/' deploy/db.yaml
	sed -i '/$(KEY)/s/1.0/$(V)/' deploy/unknown.yaml
`))
	const workflow = ".github/workflows/release.yaml"
	for _, c := range []struct{ file, line, key, tag, want string }{
		{"charts/app/values.yaml", "tag: latest", "", "latest", workflow},
		{"charts/app/values.yaml", "tag: 1.0 # or latest", "", "1.0", ""},
		{"x/charts/app/values.yaml", "tag: latest # newest", "", "latest", workflow},
		{"my-charts/app/values.yaml", "tag: latest", "", "latest", ""},
		{"charts/a/values.yaml", `image: "app:0.0.0"`, "", "0.0.0", workflow},
		{"other/values.yaml", "tag: 0.0.0", "", "0.0.0", ""},
		{"charts/extended/values.yaml", "  tag: v1", "", "v1", workflow},
		{"charts/extended/values.yaml", "  image: v1", "", "v1", ""},
		{"charts/basic/values.yaml", "  tag: v1", "", "v1", workflow},
		{"charts/repository/values.yaml", "  tag: v1", "", "v1", ""},
		{"charts/unknown/values.yaml", "  tag: v1", "", "v1", ""},
		{"charts/digest/values.yaml", "  tag: 1.0", "", "1.0", ""},
		{"charts/comment/values.yaml", "  tag: 1.0", "", "1.0", ""},
		{"charts/top/values.yaml", "  tag: 1.0", "", "1.0", workflow},
		{"any/values.yaml", "  tag: 1.0", "", "1.0", ""},
		{"charts/yq/values.yaml", "  tag: 1.0", "app.image.tag", "1.0", workflow},
		{"charts/yq/values.yaml", "  tag: 1.0", "image.tag", "1.0", ""},
		{"charts/app/values.yaml", "", "image.tag", "latest", workflow},
		{"charts/app/values.yaml", "", "image.repository", "latest", ""},
		{"charts/extended/values.yaml", "", "image.tag", "1.0", workflow},
		{"charts/extended/values.yaml", "", "images[0].tag", "1.0", ""},
		{"charts/extended/values.yaml", "", "image.version", "1.0", ""},
		{"charts/tested/values.yaml", "  tag: 1.0", "", "1.0", ""},
		{"deploy/app.yaml", "  image: app:1.0", "", "1.0", "hack/release.sh"},
		{"charts/make/values.yaml", "  tag: 1.0", "", "1.0", "Makefile"},
		{"deploy/operator.yaml", "        image: shop/operator:main", "", "main", "Makefile"},
		{"deploy/operator.yaml", "          image: shop/operator:main", "", "main", "Makefile"},
		{"deploy/operator.yaml", "        image: shop/operator:main", "/initContainers[0].image", "main", ""},
		{"deploy/operator.yaml", "        image: shop/operator:main", "/containers[1].image", "main", ""},
		{"deploy/cr.yaml", "  image: web:1.0", "/image", "1.0", "Makefile"},
		{"deploy/cr.yaml", "    image: db:1.0", "/db.image", "1.0", ""},
		{"deploy/two.yaml", "        image: db:1.0", "", "1.0", ""}, // that of an init container may come before
		{"deploy/db.yaml", "  image: db:1.0", "", "1.0", "Makefile"},
		{"deploy/db.yaml", "  image: web:1.0", "", "1.0", ""},
		{"deploy/unknown.yaml", "  image: db:1.0", "", "1.0", ""},
		{"top.yaml", "  image: web:v0", "", "v0", workflow},
		{"deploy/top.yaml", "  image: web:v0", "", "v0", ""},
		{"top.yaml", "  image: web:v1", "", "v1", ""},
		{"deploy/latest/app.yaml", "  image: shop/driver:latest", "", "latest", workflow},
		{"deploy/latest/app.yaml", "  image: shop/agent:latest", "", "latest", workflow},
		{"deploy/latest/app.yaml", "  image: shop/other:latest", "", "latest", ""},
		{"a/app.yaml", "  tag: v1 # This is replaced with the chart's version at release time.", "", "v1", "the release"},
		{"a/app.yaml", "  tag: v1 # x-release-please-version", "", "v1", "the release"},
		{"a/app.yaml", "  tag: v1 # see the releases", "", "v1", ""},
	} {
		o := lint.Origin{Position: lint.Position{File: c.file}, Text: c.line}
		if c.key != "" && c.key[0] != '/' {
			o = lint.Origin{Position: lint.Position{File: "charts/x/templates/a.yaml"}, Text: "image: {{ .Values.image }}", Trail: []lint.Step{{Kind: lint.StepValues, Position: lint.Position{File: c.file}, Label: c.key}}}
		}
		if got := x.Rewriter(c.tag, fieldOf(c.file)+cmp.Or(strings.TrimPrefix(c.key, "/"), "containers[0].image"), func() lint.Origin { return o }); got != c.want {
			t.Errorf("%s in %s: got %q, want %q", c.line, c.file, got, c.want)
		}
	}
}

// TestIsCompleted: an image without a tag is one that stands for a version if a command writes the tag behind it.
func TestIsCompleted(t *testing.T) {
	t.Parallel()
	x := built.New(read(t, `-- deploy/Makefile --
manifest:
	sed -i "s#image: docker.io/.*web.*#image: docker.io/$(ORG)/web:$(VERSION)#g" web.yaml
	sed -i "s#image: docker.io/.*db.*#image: docker.io/$(ORG)/db#g" web.yaml
`))
	for _, c := range []struct {
		file, image string
		want        bool
	}{
		{"deploy/web.yaml", "docker.io/shop/web", true},
		{"deploy/web.yaml", "docker.io/shop/web:1", false},
		{"deploy/web.yaml", "docker.io/shop/db", false},
		{"web.yaml", "docker.io/shop/web", false},
		{"other/deploy/web.yaml", "docker.io/shop/web", false},
	} {
		o := lint.Origin{Position: lint.Position{File: c.file}, Text: "        image: " + c.image}
		if got := x.IsCompleted(c.image, "spec.containers[0].image", func() lint.Origin { return o }); got != c.want {
			t.Errorf("%s in %s: %t", c.image, c.file, got)
		}
	}
}

// fieldOf is the field that holds the pod or the settings of an object.
func fieldOf(file string) string {
	if file == "deploy/cr.yaml" {
		return "spec."
	}
	return "spec.template.spec."
}

// TestGiven: a command may give a Makefile the name of the image that it builds, also one that a comment of a Dockerfile names.
func TestGiven(t *testing.T) {
	t.Parallel()
	x := built.New(read(t, `-- Makefile --
IMAGE ?= acme/app:latest
image:
	DOCKER_BUILDKIT=1 docker build $(FLAGS) -t $(IMAGE) -f Dockerfile .
other:
	docker build -t ${PUSHED} .
	docker push ${PUSHED}
test:
	$(MAKE) image
	make image IMAGE=recipe-tests:dev
-- tests/Dockerfile.app --
# syntax=docker/dockerfile:1

#   make IMAGE=app-tests image
#   make PUSHED=pushed other OTHER=unknown
FROM app-tests:latest
# make IMAGE=later image
-- .github/workflows/test.yaml --
jobs: {a: {steps: [{run: "make -C . IMAGE=flow-tests image && make IMAGE=$NAME image"}]}}
`))
	for ref, want := range map[string]bool{
		"app-tests:latest": true, "app-tests": true, "app-tests:1": false, "recipe-tests:dev": true, "flow-tests": true,
		"pushed": false, "unknown": false, "later": false, "image": false, "": false,
	} {
		if got := x.IsLocal(ref); got != want {
			t.Errorf("%s: %t; want %t", ref, got, want)
		}
	}
}

// TestCommentedCommand: a comment of a values file says which command writes a tag.
func TestCommentedCommand(t *testing.T) {
	t.Parallel()
	const file = "values/prod.yaml"
	text := "# CI runs:\n#   yq -i \".services.<service>.image.tag = \\\"<tag>\\\"\" values/prod.yaml\n# yq '.a.tag = \"1\"' values/prod.yaml\n"
	if !built.HasUpdater(text) || built.HasUpdater("a: b # yq -i\n") {
		t.Error("the text is not taken for one with a command")
	}
	x := built.New([]*lint.Document{lint.NewDocument(file, lint.DocumentUpdater, nil, text, nil)})
	for key, want := range map[string]string{
		"services.web.image.tag": "the command in a comment of " + file,
		"services.image.tag":     "",
		"more.web.image.tag":     "",
		"a.tag":                  "",
	} {
		at := func() lint.Origin {
			return lint.Origin{Trail: []lint.Step{{Kind: lint.StepValues, Label: key, Position: lint.Position{File: file}}}}
		}
		if got := x.Rewriter("1.0", "", at); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}
