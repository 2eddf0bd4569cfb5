// Package images holds the rules on the references to container images:
// section 7 of the security checklist.
package images

import (
	"cmp"
	"embed"
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/built"
	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/pods"
)

// Source is the text of this package but for its tests: the rules' doc comments are
// read from it.
//
//go:embed *[^t].go *[^s]t.go *[^t]est.go
var Source embed.FS

// The standards that the rules of this package refer to.
const (
	cis   = lint.CISBenchmark
	owasp = lint.OWASPTopTen
)

// use is a place where a pod names an image: a container or an image volume. A custom resource may name one
// outside of its pods, too.
type use struct {
	// subject is the container or the pod. It is zero for an image outside of pods.
	subject lint.PodOrContainer
	object  *lint.Object
	// image is the reference, policy the pull policy beside it.
	image, policy lint.Value
	// policyPath is the path of policy as messages name it.
	policyPath string
	// label is how messages call the container or volume.
	label string
}

// usesOf lists the images of a workload's containers and volumes.
func usesOf(w *lint.Workload) []use {
	var l []use
	for _, h := range w.Select(lint.Containers) {
		l = append(l, use{h, w.Object, h.Get("image"), h.Get("imagePullPolicy"), "imagePullPolicy", h.Label()})
	}
	for v := range w.Pod.Get("volumes").Items() {
		if image := v.Get("image"); image.IsSet() {
			l = append(l, use{w.Pod, w.Object, image.Get("reference"), image.Get("pullPolicy"), "image.pullPolicy", `volume "` + v.Get("name").Written() + `"`})
		}
	}
	return l
}

// uses is the images of all workloads of an object, listed once for all rules.
var uses = lint.ObjectIndex("images", func(_ *lint.Pass, o *lint.Object) []use {
	var l []use
	for _, w := range o.Workloads {
		l = append(l, usesOf(w)...)
	}
	for _, im := range pods.Images(o.Root, o.Group(), o.Kind) {
		label := o.Kind
		if im.Within != "" {
			label = im.Within + " of " + o.Kind
		}
		l = append(l, use{object: o, image: im.Value, policy: im.Policy, policyPath: im.PolicyPath, label: label})
	}
	return l
})

// isOfPod reports whether a container or pod has the image.
func (u use) isOfPod() bool { return u.subject.Workload != nil }

// diagnostic is one of the container or pod, or of the object, at a value.
func (u use) diagnostic(at lint.Value) lint.Diagnostic {
	if !u.isOfPod() {
		return lint.Diagnostic{Object: u.object, At: at}
	}
	return lint.Diagnostic{Subject: u.subject, At: at}
}

// workload is that of the pods which run the image.
func (u use) workload() *lint.Workload {
	if !u.isOfPod() {
		return &lint.Workload{Object: u.object} // its operator makes the pods, in the same namespace
	}
	return u.subject.Workload
}

// eachImage makes a check of a function that looks at one image.
func eachImage(check func(p *lint.Pass, u use)) lint.ObjectCheck {
	return func(p *lint.Pass, o *lint.Object) {
		if len(o.Workloads) == 0 && o.Group() == "" {
			return
		}
		for _, u := range uses(p, o) {
			if !u.isCompleted(p) {
				check(p, u)
			}
		}
	}
}

// isCompleted reports whether the image of a component is no more than a name: the overlay that uses the component completes it by its images.
func (u use) isCompleted(p *lint.Pass) bool {
	return p.Unit.IsComponent && imageName.MatchString(u.image.Text()) && !strings.ContainsAny(u.image.Text(), "/:@")
}

// isReplaced reports whether a Makefile, Skaffold or Tilt puts another image in the place of this one before it runs, kbld one with a digest, or a
// command of the release its tag behind one without.
// A patch that is missing and whose name speaks of images, such as manager_image_patch.yaml, is made to do that.
func (u use) isReplaced(p *lint.Pass) bool {
	if slices.ContainsFunc(p.Unit.MissingPatches, func(name string) bool { return strings.Contains(path.Base(name), "image") }) {
		return true
	}
	at := func() lint.Origin { return p.Locate(u.object, u.image) }
	return built.Of(p).IsReplaced(u.image.Text(), at) || built.Of(p).IsPinned(u.image.Text(), at) || built.Of(p).IsCompleted(u.image.Text(), u.image.Path(), at)
}

// isBuiltHere reports whether the repository builds the image where it runs: no registry has it, nor a digest of it.
func (u use) isBuiltHere(p *lint.Pass) bool {
	return built.Of(p).IsBuiltHere(u.image.Text(), func() lint.Origin { return p.Locate(u.object, u.image) })
}

// rewriter is the file with a command that replaces the tag of a reference, which is written at a value. It is empty if none does.
func (u use) rewriter(p *lint.Pass, at lint.Value, r reference) string {
	return built.Of(p).Rewriter(r.tag, at.Path(), func() lint.Origin { return p.LocatePart(&u.object.Document, at, tagOf(at.Text())) })
}

// isStamped reports whether a tag is the appVersion of a chart that stands for another one: the release gives the chart that when it packages
// it. That is so for latest if a command replaces the appVersion, or if the version of the chart is a placeholder, too. What installs the
// chart from its folder takes the tag as it is.
func (u use) isStamped(p *lint.Pass, at lint.Value, r reference) bool {
	if r.tag != "latest" || p.Unit.MadeUpRelease == "" {
		return false
	}
	o := p.LocatePart(&u.object.Document, at, tagOf(at.Text()))
	i := slices.IndexFunc(o.Trail, func(s lint.Step) bool { return s.Kind == lint.StepChart && s.Label == "appVersion" })
	if i < 0 || o.Taken != nil {
		return false
	}
	file := o.Trail[i].Position.File
	c := p.Unit.Charts[file]
	if c.AppVersion != r.tag {
		return false
	}
	b, dir := built.Of(p), path.Dir(file)
	return strings.HasPrefix(strings.TrimPrefix(c.Version, "v"), lint.NoVersion) || b.SetsAppVersion(dir) || b.AppVersionRewriter(dir, r.tag) != ""
}

// isOfChartTest reports whether a field of the container or volume is one with which a chart is tested.
func (u use) isOfChartTest(p *lint.Pass, v lint.Value) bool {
	return p.Unit.IsOfChartTest(p.Locate(u.object, v))
}

// internalRegistry is how names of images in the registry of an OpenShift cluster begin.
const internalRegistry = "image-registry.openshift-image-registry.svc"

// streamsOf is the ImageStreams of a unit by their names.
var streamsOf = lint.UnitIndex("image streams", func(p *lint.Pass) map[string]*lint.Object {
	streams := map[string]*lint.Object{}
	for _, o := range p.Unit.Objects {
		if o.Kind == "ImageStream" && o.Group() == "image.openshift.io" {
			streams[o.Name] = o
		}
	}
	return streams
})

// builtTags is the tags of ImageStreams to which BuildConfigs of a unit write, as namespace/name:tag.
var builtTags = lint.UnitIndex("tags of image streams that are built", func(p *lint.Pass) map[string]bool {
	tags := map[string]bool{}
	for _, o := range p.Unit.Objects {
		if to := o.Root.Get("spec.output.to"); o.Kind == "BuildConfig" && o.Group() == "build.openshift.io" && to.Get("kind").Text() == "ImageStreamTag" {
			name, tag, _ := strings.Cut(to.Get("name").Text(), ":")
			tags[cmp.Or(to.Get("namespace").Text(), o.Namespace)+"/"+name+":"+cmp.Or(tag, "latest")] = true
		}
	}
	return tags
})

// isOfStream reports whether OpenShift takes an image from an ImageStream of the unit by its name alone, and a BuildConfig of the unit builds that: no
// other registry has it.
func (u use) isOfStream(p *lint.Pass, r reference) bool {
	stream := streamsOf(p)[r.name]
	return stream != nil && stream.Namespace == u.object.Namespace && stream.Root.Get("spec.lookupPolicy.local").Text() == "true" &&
		builtTags(p)[stream.Namespace+"/"+r.name+":"+cmp.Or(r.tag, "latest")]
}

// trigger is an entry of the annotation by which OpenShift writes the image of an ImageStream into a field, by its digest.
type trigger struct {
	From struct {
		Kind, Name string
	}
	FieldPath string
	Paused    any
}

// isTriggered reports whether OpenShift replaces the image by the digest that an ImageStream of the unit has, as an annotation of the workload says.
func (u use) isTriggered(p *lint.Pass) bool {
	if !u.isOfPod() || u.subject.Kind != lint.KindContainer {
		return false
	}
	var triggers []trigger
	text := u.object.Root.Get("metadata.annotations").Child("image.openshift.io/triggers").Text()
	if text == "" || json.Unmarshal([]byte(text), &triggers) != nil {
		return false
	}
	field := `spec.template.spec.containers[?(@.name=="` + u.subject.Name + `")].image`
	return slices.ContainsFunc(triggers, func(t trigger) bool {
		name, _, _ := strings.Cut(t.From.Name, ":")
		stream := streamsOf(p)[name]
		return t.FieldPath == field && t.From.Kind == "ImageStreamTag" && t.Paused == nil && stream != nil && stream.Namespace == u.object.Namespace
	})
}

// source is the reference that decides what runs. In OpenShift's own registry it is the one from which the
// ImageStream of the unit takes the tag: by is that stream. at is absent if nothing is known of the tag, as where the unit has no stream.
func (u use) source(p *lint.Pass) (at lint.Value, by *lint.Object) {
	r, ok := parse(u.image.Text())
	if ok && u.isOfStream(p, r) {
		return lint.Value{}, nil
	}
	if !ok || !strings.HasPrefix(r.name, internalRegistry) {
		return u.image, nil
	}
	by = streamsOf(p)[path.Base(r.name)]
	if by == nil { // the tags and digests there are those of one cluster
		return lint.Value{}, nil
	}
	for tag := range by.Root.Get("spec.tags").Items() {
		if from := tag.Get("from"); tag.Get("name").Text() == cmp.Or(r.tag, "latest") && from.Get("kind").Text() == "DockerImage" {
			return from.Get("name"), by
		}
	}
	return lint.Value{}, by
}

// report reports a defect of the reference that source gave, unless it is the image with which a chart is tested.
func (u use) report(p *lint.Pass, at lint.Value, by *lint.Object, want string, fix lint.Intent) {
	if by == nil && u.isOfChartTest(p, u.image) {
		return
	}
	text := at.Text()
	d := u.diagnostic(at)
	d.Range, d.Fix, d.Message = tagOf(text), fix, u.label+" uses image "+text
	d.Severity = lint.Low.If(by == nil && u.policy.Text() == "Never") // what moves the tag is no registry
	if by != nil {
		d.In, d.KnownPart = &by.Document, true
		d.Message += ", which " + by.KindName() + " takes"
	}
	d.Message += want
	p.Report(d)
}

// tagOf is where the tag of a reference is. Nil if it has none.
func tagOf(image string) *lint.Range {
	r, hasTag, _ := split(image)
	if !hasTag {
		return nil
	}
	from := len(r.name) + 1
	return &lint.Range{From: from, To: from + len(r.tag)}
}

// reference is an image as a container names it: name[:tag][@digest].
type reference struct {
	name, tag, digest string
}

var (
	// imageName is registry and repository. It is looser than the registries' own
	// grammar: it only needs to distinguish a name from a placeholder.
	imageName = regexp.MustCompile(`^[A-Za-z0-9\[][A-Za-z0-9._:/\-\[\]]*$`)
	imageTag  = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)
	// fillIn matches a part of a name that the user of a chart or an example is to replace: overrideme, your-image, example_repo.
	fillIn = regexp.MustCompile(`^(?:(?:over-?ride|set|change|replace|fill)[-_.]?me|placeholder|your[-_](?:app|company|image|org|registry|repo|repository)(?:[-_]name)?|example[-_](?:image|registry|repo|repository)(?:[-_]name)?)$`)
	// reserved matches the hosts that RFC 2606 keeps for documentation.
	reserved = regexp.MustCompile(`(?:^|\.)example(?:\.(?:com|net|org))?$`)
	// toBeSet matches a tag that says that a release or a tool puts another one in its place: set-by-chartpress, 0.0.1-set.by.chartpress.
	toBeSet = regexp.MustCompile(`(?i)^(?:v?[0-9.]+[-.])?(?:(?:to|will)[-_.]be[-_.])?(?:set|filled(?:[-_.]in)?|injected|replaced|overridden|overwritten|provided|supplied|updated|managed)` +
		`[-_.](?:by|at|on|during|when|in)[-_.][a-z]`)
)

// split cuts a reference into its parts, which may be malformed. A colon before the
// last slash belongs to the registry's port.
func split(image string) (r reference, hasTag, hasDigest bool) {
	r.name, r.digest, hasDigest = strings.Cut(image, "@")
	if i := strings.LastIndexByte(r.name, ':'); i > strings.LastIndexByte(r.name, '/') {
		r.name, r.tag, hasTag = r.name[:i], r.name[i+1:], true
	}
	return r, hasTag, hasDigest
}

// parse reads a reference. It is not ok if the text is no reference, such as the
// placeholder ${IMAGE}, IMAGE_NAME or changeme, or if the tag is one, such as VERSION or set-by-release.
func parse(image string) (r reference, ok bool) {
	r, hasTag, hasDigest := split(image)
	if isScratch(r) || isFillIn(r) || node.IsCapitals(image) || node.IsCapitals(r.tag) && !hasDigit(r.tag) || toBeSet.MatchString(r.tag) || !imageName.MatchString(r.name) || hasTag && (r.tag == "" || !naming.IsLabelValue(r.tag) && !imageTag.MatchString(r.tag)) || hasDigest && r.digest == "" {
		return reference{}, false
	}
	return r, true
}

// isExampleHost reports a reference to a registry with a label that the user is to replace: registry.example.internal.net/app. Nothing is there
// whose version or digest could be named. Below the reserved domains of RFC 2606 the host alone does not say so: manifests of examples have it
// in place of a registry that exists.
func isExampleHost(r reference) bool {
	name, _, has := strings.Cut(r.name, "/")
	host, _, _ := strings.Cut(strings.ToLower(name), ":")
	return has && isHost(name) && slices.Contains(strings.Split(host, "."), "example") && !reserved.MatchString(host)
}

// isFillIn reports a reference that has a part, or a label of the registry's host, which the user is to replace: your-org/app.
func isFillIn(r reference) bool {
	parts := strings.Split(r.name, "/")
	if slices.ContainsFunc(parts, fillIn.MatchString) {
		return true
	}
	host, _, _ := strings.Cut(parts[0], ":")
	return len(parts) > 1 && isHost(parts[0]) && slices.ContainsFunc(strings.Split(host, "."), fillIn.MatchString)
}

// isScratch reports Docker's name of the empty image, which no registry has: it stands for one that the user is to set.
func isScratch(r reference) bool { return r.name == "scratch" }

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

// dockerHub is the registry of images that name none.
const dockerHub = "docker.io"

// full is the name with the registry and the repository that Docker's rules add.
func (r reference) full() string { return r.registry() + "/" + r.repository() }

// registry is the host of the image's registry.
func (r reference) registry() string {
	registry, _ := r.location()
	return registry
}

// repository is the name without the registry.
func (r reference) repository() string {
	_, repository := r.location()
	return repository
}

// location is registry and repository, by the rules of Docker: without a registry, the
// image is at Docker Hub, and there below library if it has no other owner.
func (r reference) location() (registry, repository string) {
	registry, repository, ok := strings.Cut(r.name, "/")
	if !ok || !isHost(registry) {
		registry, repository = dockerHub, r.name
	} else if registry == "index.docker.io" {
		registry = dockerHub
	}
	if registry == dockerHub && !strings.Contains(repository, "/") {
		repository = "library/" + repository
	}
	return registry, repository
}
