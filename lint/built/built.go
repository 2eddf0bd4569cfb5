// Package built knows which images the Dockerfiles of a repository build, and what such
// an image is for a pod that runs it: its user, its ports, its shell. It knows which images a
// Makefile, Skaffold or Tilt puts in place of others, too.
//
// That a Dockerfile builds an image is said by Skaffold configurations, Compose files, Bake
// files in JSON, configurations of Cloud Build and GitHub workflows. Commands of Makefiles, scripts and CI systems
// say only that an image is built: see Images.IsLocal. Where none of them
// speaks of an image, the name of a Dockerfile's folder may: see Images.Find. An image that cannot be matched with certainty has none.
package built

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
	"github.com/kubevet/kubevet/lint/node"
)

// Of is the images that the repository of a unit builds.
var Of = lint.RepositoryIndex("images that the repository builds", New)

// Images is what a repository builds. It is safe for concurrent use, and must not be
// changed.
type Images struct {
	// named are the images that a build gives a name, by that name.
	named map[string][]*Image
	// folders are Dockerfiles with that very name, by the name of their folder.
	folders map[string][]*Image
	// numbered are those of folders with a number before their name, by the name without it: 20-base is base.
	numbered map[string][]*Image
	// buildsVariable says that a command builds images whose names are in a variable.
	buildsVariable bool
	// owned are Dockerfiles that build an image with a registry or an owner.
	owned map[*lint.Document]bool
	// replaced are the folders in whose kustomizations a Makefile replaces an image, by its name.
	replaced map[string]map[string]bool
	// loaded are the folders in which a Makefile loads an image into a kind cluster, by its name and tag.
	loaded map[string]map[string]bool
	// onNodes are the folders of projects in which a script puts an image on the nodes of a cluster, by its name and tag.
	onNodes map[string]map[string]bool
	// artifacts are the folders of the Skaffold configurations that build an image, by its name. Skaffold
	// completes the name in manifests; with a tag it may be applied without Skaffold, too.
	artifacts map[string]map[string]bool
	// profiles are those whose profiles build an image, likewise.
	profiles map[string]map[string]bool
	// tilt are the manifests, or folders of them, that a Tiltfile applies with an image that it builds, by the image as it calls it.
	tilt map[string]map[string]bool
	// byCommand are the names, with tags, of images that a command of a Makefile, a script or a CI system builds, and pushed
	// the names of those that one pushes.
	byCommand, pushed map[string]bool
	// byDaemon are the names, with tags, of those that a script builds on minikube's node.
	byDaemon map[string]bool
	// packaging are the texts with commands that replace the appVersion of a chart, with * for what is not known in them.
	packaging []string
	// rewrites are the commands that put others in the place of tags.
	rewrites []rewrite
	// pinned are the folders of the configurations of kbld that put one with a digest in the place of an image, by what they call it.
	pinned map[string]map[string]bool
	// updates are the images that Argo CD Image Updater writes.
	updates []update
	// actions are the folders of actions of GitHub that run an image.
	actions []string
	// builds are the values of ARG instructions that each build of a Dockerfile passes.
	builds map[*lint.Document][]map[string]string
	// given is what is known of names until all documents are read.
	given given
	// copiedFrom are the last parts of the names of images from which Dockerfiles copy, and basedOn of those that they build on.
	copiedFrom, basedOn map[string]bool
	// extended are the Dockerfiles with stages that run commands as the user of an image, by the last part of its name, and extendedLike
	// those that have a variable in it.
	extended     map[string][]*lint.Document
	extendedLike []extension
}

// Image is an image that a Dockerfile builds.
type Image struct {
	// Name is without tag and digest.
	Name string
	// Dockerfile is what builds it. It is nil if another tool does, or a file that is not known.
	Dockerfile *lint.Document
	// Target is the stage that the build asks for. Empty: the last one.
	Target string
	// By is the document that says so, and At the place in it. It is nil if the name of the
	// Dockerfile's folder says so.
	By *lint.Document
	At lint.Value
	// HasArgs is set if the build passes values of ARG instructions, so that the defaults in
	// the Dockerfile do not count.
	HasArgs bool
	// Args are those values by the names of the instructions, as far as they are known.
	Args map[string]string
}

// New is the images that some documents build.
func New(documents []*lint.Document) *Images {
	x := &Images{builds: map[*lint.Document][]map[string]string{}, named: map[string][]*Image{}, folders: map[string][]*Image{}, numbered: map[string][]*Image{}, owned: map[*lint.Document]bool{}, replaced: map[string]map[string]bool{}, loaded: map[string]map[string]bool{}, onNodes: map[string]map[string]bool{}, artifacts: map[string]map[string]bool{}, profiles: map[string]map[string]bool{}, byCommand: map[string]bool{}, byDaemon: map[string]bool{}, pushed: map[string]bool{}, pinned: map[string]map[string]bool{}, tilt: map[string]map[string]bool{}, copiedFrom: map[string]bool{}, basedOn: map[string]bool{}, extended: map[string][]*lint.Document{}}
	var promotions []kargoObject
	x.given = given{
		names: map[string]map[string]bool{}, built: map[string]bool{}, pushed: map[string]bool{},
		saved: map[string]map[string]bool{}, archives: map[string]map[string]bool{},
	}
	files := map[string]*lint.Document{}
	for _, d := range documents {
		if d.Kind == lint.DocumentDockerfile {
			files[path.Clean(d.File)] = d
			x.addFolder(d)
			x.addUses(d)
		}
	}
	r := reader{files: files, add: x.add}
	for _, d := range documents {
		switch d.Kind {
		case lint.DocumentSkaffold:
			r.skaffold(d)
			x.addArtifacts(d)
		case lint.DocumentKbld:
			x.kbld(d)
		case lint.DocumentCompose:
			r.compose(d)
		case lint.DocumentWorkflow:
			r.workflow(d)
			x.pipeline(d)
		case lint.DocumentPipeline:
			x.pipeline(d)
		case lint.DocumentBake:
			r.bake(d)
		case lint.DocumentCloudBuild:
			r.cloudBuild(d)
		case lint.DocumentMakefile:
			x.makefile(d)
		case lint.DocumentTiltfile:
			x.tiltfile(d)
		case lint.DocumentScript:
			x.script(d)
		case lint.DocumentUpdater:
			x.updater(d)
			if text, ok := d.Data.(string); ok && len(promotions) < maxKargo {
				promotions = append(promotions, kargoIn(d.File, text)...)
			}
		case lint.DocumentAction:
			x.actions = append(x.actions, path.Dir(d.File))
		}
	}
	x.addKargo(promotions)
	x.addGiven(x.given)
	x.addArchives(x.given)
	x.given = given{}
	return x
}

func (x *Images) add(i *Image) {
	if i.Dockerfile != nil {
		x.builds[i.Dockerfile] = append(x.builds[i.Dockerfile], i.Args)
	}
	if i.Name = fullName(i.Name); i.Name == "" {
		return
	}
	x.named[i.Name] = append(x.named[i.Name], i)
	if i.Dockerfile != nil && strings.Contains(i.Name, "/") {
		x.owned[i.Dockerfile] = true
	}
}

// fullName is the name of a reference, without tag and digest and what Docker Hub's need
// not have. Empty: it is not known.
func fullName(ref string) string {
	name := dockerfile.ParseReference(ref).Name
	if strings.ContainsRune(name, node.UnknownPart) || strings.ContainsAny(name, "${}<> \t") {
		return ""
	}
	return name
}

// commonFolders are folders whose name says nothing about the image.
var commonFolders = []string{
	"build", "ci", "container", "containers", "deploy", "deployment", "dev", "docker", "dockerfile", "dockerfiles", "example", "examples", "hack", "image",
	"images", "package", "src", "test", "tests", "testdata", "tools",
}

// isCommonFolder reports whether the name of a folder says nothing about an image.
func isCommonFolder(folder string) bool {
	return slices.Contains(commonFolders, folder) || strings.Trim(folder, ".") == ""
}

func (x *Images) addFolder(d *lint.Document) {
	dir, base := path.Split(path.Clean(d.File))
	folder := strings.ToLower(path.Base(dir))
	if base != "Dockerfile" && base != "Containerfile" || dir == "" || isCommonFolder(folder) {
		return
	}
	x.folders[folder] = append(x.folders[folder], &Image{Dockerfile: d})
	if name := numberBefore.ReplaceAllString(folder, ""); name != folder && name != "" {
		x.numbered[name] = append(x.numbered[name], &Image{Dockerfile: d})
	}
}

// Find is the image that a container names. It is nil if the repository does not build it,
// or if that is not certain:
//
//   - a build names it, and all builds of that name have the same Dockerfile and stage;
//   - or no build does, its name has a registry or an owner, and its last part is the name
//     of the folder of exactly one Dockerfile, which is no image made of one with that
//     name, nor one that a build gives another owner.
func (x *Images) Find(ref lint.Value) *Image {
	name := fullName(ref.PartialText())
	if name == "" {
		return nil
	}
	if l := x.named[name]; len(l) > 0 {
		return agreed(l)
	}
	owner, last := path.Split(name)
	l := x.folders[strings.ToLower(last)]
	if owner == "" || len(l) != 1 || x.owned[l[0].Dockerfile] || isPublic(owner, last) || isMadeOf(l[0], last) {
		return nil
	}
	return &Image{Name: name, Dockerfile: l[0].Dockerfile}
}

// agreed is what all builds of an image say. It is nil if they differ, or it has no Dockerfile.
func agreed(l []*Image) *Image {
	first := *l[0]
	for _, i := range l {
		if i.Dockerfile != first.Dockerfile || i.Target != first.Target {
			return nil
		}
		first.HasArgs = first.HasArgs || i.HasArgs
	}
	if first.Dockerfile == nil {
		return nil
	}
	return &first
}

// publishers make images that many people use, and that a repository may have a folder for.
var publishers = []string{
	"apache", "bitnami", "bitnamilegacy", "bitnamisecure", "chainguard", "cilium", "curlimages", "elastic", "fluent", "grafana", "hashicorp", "istio", "linuxserver",
	"mcr.microsoft.com", "nginxinc", "prom", "public.ecr.aws", "rancher", "registry.access.redhat.com", "registry.k8s.io",
}

// isPublic reports whether the owner of an image is one of the publishers, or has the name
// of the image, as grafana/grafana.
func isPublic(owner, last string) bool {
	return slices.ContainsFunc(strings.Split(strings.TrimSuffix(owner, "/"), "/"), func(part string) bool {
		return part == last || slices.Contains(publishers, part)
	})
}

// isMadeOf reports whether a Dockerfile takes an image of the same name: then it makes
// another one of it.
func isMadeOf(i *Image, last string) bool {
	f := i.file()
	return f == nil || slices.ContainsFunc(f.Stages, func(s *dockerfile.Stage) bool {
		return strings.EqualFold(path.Base(dockerfile.ParseReference(s.Ref.Text).Name), last)
	})
}

// BuiltFrom lists the last parts of the names of the images that some files decide: their
// Dockerfile is among them, or the document that says what builds them. Sorted.
func (x *Images) BuiltFrom(has func(file string) bool) []string {
	var names []string
	for name, l := range x.named {
		if slices.ContainsFunc(l, func(i *Image) bool {
			return i.Dockerfile != nil && has(i.Dockerfile.File) || i.By != nil && has(i.By.File)
		}) {
			names = append(names, path.Base(name))
		}
	}
	for name, l := range x.folders {
		if len(l) == 1 && has(l[0].Dockerfile.File) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (i *Image) file() *dockerfile.File {
	f, _ := i.Dockerfile.Data.(*dockerfile.File)
	return f
}

// Stage is the one that the image is made of. It is nil if the Dockerfile has none of that name.
func (i *Image) Stage() *dockerfile.Stage {
	f := i.file()
	switch {
	case f == nil:
		return nil
	case i.Target != "":
		return f.Stage(i.Target)
	}
	return f.Final()
}

// Related is the places that a finding about the image shows: a word of its Dockerfile, with
// what it is, and the build that says that the Dockerfile is the image's.
func (i *Image) Related(at dockerfile.Word, what string) []lint.Related {
	if i.By == nil {
		return []lint.Related{{Document: i.Dockerfile, At: at.Value(), Label: what + " (matched by the name of the Dockerfile's folder)"}}
	}
	return []lint.Related{
		{Document: i.Dockerfile, At: at.Value(), Label: what},
		{Document: i.By, At: i.At, Label: "builds the image with " + path.Base(i.Dockerfile.File)},
	}
}

// reader reads the documents that say what is built.
type reader struct {
	files map[string]*lint.Document // Dockerfiles
	add   func(*Image)
}

// build is what documents of all kinds say.
type build struct {
	// dir is the folder that the context is relative to.
	dir              string
	context, target  lint.Value
	dockerfile, name string
	by               *lint.Document
	at               lint.Value
	args             lint.Value
}

// image adds an image. Its Dockerfile is in the context, unless another folder is given.
func (r reader) image(b build) {
	context := cmp.Or(b.context.PartialText(), ".")
	i := &Image{Name: b.name, Target: b.target.PartialText(), By: b.by, At: b.at, HasArgs: b.args.Len() > 0, Args: argsIn(b.args)}
	if file := path.Join(b.dir, context, cmp.Or(b.dockerfile, "Dockerfile")); !isRemote(context) {
		i.Dockerfile = r.files[file]
	}
	r.add(i)
}

// isRemote reports whether a context is no folder of the repository.
func isRemote(context string) bool {
	return strings.Contains(context, "://") || strings.HasPrefix(context, "git@") || path.IsAbs(context)
}

// skaffold reads the artifacts of a Skaffold configuration. Those of profiles do not count:
// people ask for these by name.
func (r reader) skaffold(d *lint.Document) {
	for a := range d.Root.Get("build.artifacts").Items() {
		b := build{dir: path.Dir(d.File), context: a.Get("context"), name: a.Get("image").PartialText(), by: d, at: a.Get("image")}
		if !b.context.IsSet() {
			b.context = a.Get("workspace")
		}
		other := false
		for builder := range a.Entries() {
			switch builder {
			case "bazel", "buildpacks", "custom", "jib", "ko":
				other = true
			case "docker", "kaniko":
				v := a.Get(builder)
				b.dockerfile, b.target, b.args = v.Get("dockerfile").PartialText(), v.Get("target"), v.Get("buildArgs")
			}
		}
		if other {
			r.add(&Image{Name: b.name, By: d, At: b.at})
			continue
		}
		r.image(b)
	}
}

// compose reads the services of a Compose file that are built and have a name for the image.
func (r reader) compose(d *lint.Document) {
	for _, s := range d.Root.Get("services").Entries() {
		v := s.Get("build")
		b := build{dir: path.Dir(d.File), context: v, name: s.Get("image").PartialText(), by: d, at: s.Get("image")}
		if v.IsMap() {
			b.context, b.target, b.args = v.Get("context"), v.Get("target"), v.Get("args")
			b.dockerfile = v.Get("dockerfile").PartialText()
		}
		switch {
		case !v.IsSet():
		case v.Get("dockerfile_inline").IsSet():
			r.add(&Image{Name: b.name, By: d, At: b.at})
		default:
			r.image(b)
		}
	}
}
