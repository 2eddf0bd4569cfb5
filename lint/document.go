package lint

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/optin"
	"github.com/kubevet/kubevet/lint/pods"
)

// UnitKind says what kind of input a unit comes from.
type UnitKind int

const (
	// UnitManifests is plain manifests. It is the zero value.
	UnitManifests UnitKind = iota
	// UnitChart is a Helm chart in one scenario.
	UnitChart
	// UnitOverlay is a Kustomize overlay.
	UnitOverlay
	// UnitRepository is the repository as a whole: its files that are no
	// Kubernetes objects, and what several inputs have in common.
	UnitRepository
)

// Repository is what a repository has besides objects. It is safe for concurrent use. Nil is an empty one.
type Repository struct {
	// Documents are the files that are no Kubernetes objects: they say how images are built, for one. Rules report nothing of them alone. They
	// must not change.
	Documents []*Document

	indexes indexes
}

// All are the documents.
func (r *Repository) All() []*Document {
	if r == nil {
		return nil
	}
	return r.Documents
}

// ChartVersions are those of a Chart.yaml.
type ChartVersions struct{ Version, AppVersion string }

// Unit is what one input renders to: a chart in one scenario, an overlay, or a tree
// of plain manifests. Rules that compare objects see one unit at a time.
type Unit struct {
	Kind UnitKind
	// Input is the path of the chart, overlay or tree, relative to the working directory.
	Input string
	// Scenario names the values of a chart: "default values". It is empty for other inputs.
	Scenario string
	// MadeUpRelease is the name with which a chart is rendered as if it were that of its release, where nothing names one. It is empty for
	// a release that is named, and for other inputs.
	MadeUpRelease string
	// ReleaseNamespace is the namespace in which a chart is installed, if what installs it names one. Objects of the chart in it have no namespace
	// all the same, as those of a release whose namespace is not known. It is empty for other inputs.
	ReleaseNamespace string
	// About is the name and the description of a chart, and the first heading of its README. It is empty for other inputs.
	About string
	// Charts are the versions of a chart and of those that it takes in, by their Chart.yaml as positions call it. Nil for other inputs.
	Charts map[string]ChartVersions
	// Holds reports whether the templates of a chart have a text, or its values, those of the charts that it takes in, too: what is printed
	// and in neither is made of something else. It is nil for other inputs.
	Holds   func(text string) (templates, values bool)
	Objects []*Object
	// Documents are the files that are no Kubernetes objects.
	Documents []*Document
	// Repository is that which a unit with Objects is from. All units of a run share it. It is nil if nothing is known of it.
	Repository *Repository
	// Incomplete are the files, as positions call them, that are in use with others which the unit does not hold: those
	// that a component names which no overlay of the input uses, those that a kustomization has in a comment, and those of a folder of
	// tests whose others are skipped.
	Incomplete map[string]bool
	// Beside are the files, as positions call them, of manifests beside a kustomization that lists others of their folder: what they refer to
	// may be among these. Nil if there are none.
	Beside map[string]bool
	// AllFiles is set for an overlay that has no kustomization: Flux writes one, with all files of the
	// folder.
	AllFiles bool
	// ByKustomize are the files, as positions call them, in folders that Flux builds by kustomize, which
	// writes labels and annotations as text. Nil if there are none.
	ByKustomize map[string]bool
	// Skeletons are the files, as positions call them, that a program embeds or reads by name and completes before it applies them.
	Skeletons map[string]bool
	// Policies are the network policies of the repository as its manifests have them, those of
	// other units too, and the policies that change or make objects at admission: once for each namespace
	// that overlays give them. Some have no
	// namespace: it is not known which one they are for. All units of a run share them.
	Policies []*Object
	// OptIn lists the network policies in the templates of the repository's charts if some of them select pods by labels that these
	// choose. It is nil if the unit is from no repository.
	OptIn func() []optin.Policy
	// Bindings are the RoleBindings and ClusterRoleBindings of the repository, likewise.
	Bindings []*Object
	// BoundByCharts are the charts of the repository, as reports call them, whose templates have bindings to a ClusterRole, by its name. It is
	// nil if the unit is from no repository.
	BoundByCharts func() map[string][]string
	// Namespaces are the Namespaces of the repository, likewise, once for each name that overlays give them.
	// Those in long files count only if the file has nothing else, or a label for Pod Security.
	Namespaces []*Object
	// Ingresses are the Ingresses of the repository that have TLS, and the Middlewares of Traefik, likewise, once for each namespace
	// that overlays give them.
	Ingresses []*Object
	// Pods are the objects of the repository with pods that may need access to their node, or that a service mesh adds containers to, as its
	// manifests have them, once for each namespace that overlays give them. Those of which a patch may change more are left out, and those
	// that no overlay and no object of Flux or Argo CD uses.
	Pods []*Object
	// Elsewhere lists the Services, ServiceAccounts and objects with pods of the repository as its manifests have them, those of the unit and of others, once
	// for each namespace that overlays give them. Some have no namespace: it is not known which one they get. They are read when a rule
	// first asks for them. It is nil if there is no other unit.
	Elsewhere func() []*Object
	// Releases are the objects of the repository that install something, likewise: see Object.Release.
	Releases []*Object
	// Placed are the files, as positions call them, with objects that install something in a namespace which is a variable
	// of Flux: Releases has those of them that Flux applies. Nil if there are none.
	Placed map[string]bool
	// Disabled lists the objects of a kind that the unit lacks only because of some
	// values. It is nil if there are none. Rules ask by Pass.KeysToEnable.
	Disabled func(kind string) []DisabledObject
	// Unrendered lists the kinds in a chart's templates of which the chart rendered no
	// object. It is nil if there are none.
	Unrendered func() []UnrenderedKind
	// Try renders the unit with other values, each step's Set at its key. It returns nil
	// if that leads to problems which the unit does not have. The cost is that of the
	// rendering, even if it failed. Try is nil if the unit has no values. It is safe for
	// concurrent use.
	Try func(set []Step) (tried *Unit, cost int)
	// Refuses says what of a chart refuses other values, as the rest of a sentence about it: "its schema allows only
	// NodePort for service.type". It is empty if nothing does. It costs less than Try. A step without a value stands for
	// any value of its key. Refuses is nil if the unit has no values.
	Refuses func(set []Step) (how string, cost int)
	// IsRefused is set if a template of a chart refuses the unit's values by required or fail: the chart cannot be installed with
	// them, so that what is empty in them is for its user to set.
	IsRefused bool
	// SetByInstalls reports whether all that installs a chart in the repository gives a value to a key of its values: the chart's own value is never
	// installed. It is nil if the unit is not that of the chart's own values, or if others install the chart, too.
	SetByInstalls func(key string) bool
	// IsBesideOthers is set for a release of a chart that may have others in its namespace: what it names may be of one of these.
	IsBesideOthers bool
	// Lacks reports whether a trial failed without what a missing dependency may have: it proves nothing. Lacks is nil if the
	// unit has no values.
	Lacks func(set []Step) bool
	// IsOnlyTested reports whether a chart has an object, or a container of it that is named, with the values of its tests, but not with its
	// own. It is nil if the values are not those of tests.
	IsOnlyTested func(o *Object, container string) bool
	// OfTests is set for a chart with which another one of the repository is tested: it is not for users to install.
	OfTests bool
	// Cost is how much work it was to render the unit, if the unit has Try. It is counted,
	// not measured: it is the same on every machine.
	Cost int
	// lacking are the folders of files of which the unit lacks something: see AddLacking. The value is false if all
	// that is missing are Secrets and ConfigMaps, or what they hold.
	lacking map[string]bool
	// shapes are the kinds that have pods besides those that kubevet knows: see AddWorkloads.
	shapes []pods.Shape
	// IsComponent is set for a component of kustomize that is built by itself, since no overlay of the repository uses it. The overlays that
	// do may set its namespace, change its images and names, and have what its objects refer to.
	IsComponent bool
	// MissingPatches are the patches of an overlay that do not exist, as kustomizations name them: a
	// command may make them.
	MissingPatches []string
}

// AddLacking notes what the unit lacks according to problems, since it could not be read, rendered or placed. What
// the unit does not hold may be there.
func (u *Unit) AddLacking(problems []Problem) {
	for _, p := range problems {
		if u.lacking == nil {
			u.lacking = map[string]bool{}
		}
		dir := path.Dir(p.File)
		u.lacking[dir] = u.lacking[dir] || !p.IsData
	}
}

// isForTests reports whether a file holds values with which a chart is only tested, or shown in an example, in a unit: one that a person or a release names may be for an
// environment.
func (u *Unit) isForTests(file string) bool {
	return naming.IsTestValues(file) || u.IsOnlyTested != nil && (naming.MayBeTestValues(file) || file == u.Scenario)
}

// Name is how reports call the unit: charts/web (default values).
func (u *Unit) Name() string { return unitName(u.Input, u.Scenario) }

func unitName(input, scenario string) string {
	if scenario == "" {
		return input
	}
	return input + " (" + scenario + ")"
}

// Workloads lists those of all objects of the unit.
func (u *Unit) Workloads() []*Workload {
	l := make([]*Workload, 0, len(u.Objects))
	for _, o := range u.Objects {
		l = append(l, o.Workloads...)
	}
	return l
}

// customKinds are the kinds of custom resources in the unit that the cluster must know already: another rendering of it has nothing of
// their API groups, and the unit does not define them.
func (u *Unit) customKinds(than *Unit) (l []string) {
	known := map[string]bool{}
	for _, o := range slices.Concat(than.Objects, than.Policies) { // what the repository has elsewhere, too
		known[o.Group()] = true
	}
	for _, o := range u.Objects {
		if o.Kind == "CustomResourceDefinition" {
			known[o.Root.Get("spec.group").Text()] = true
		}
	}
	for _, o := range u.Objects {
		group := o.Group()
		if name := o.Kind + " of " + group; strings.Contains(group, ".") && !strings.HasSuffix(group, ".k8s.io") && !known[group] && !slices.Contains(l, name) {
			l = append(l, name)
		}
	}
	slices.Sort(l)
	return l
}

// UnrenderedKind is a kind that a template of a chart declares, although the chart
// rendered no object of it.
type UnrenderedKind struct {
	Kind string
	// Template is the file.
	Template string
	// Vendored names the third-party subchart that it belongs to. It is empty for the
	// linted chart's own.
	Vendored string
}

// lacksInput reports whether an object may have others of some kinds beside it that were not read or rendered:
// those of a dependency, a base or a file. In manifests these are the ones of its directory. No kinds stand for
// any but Secrets and ConfigMaps.
func (u *Unit) lacksInput(of *Object, kinds ...string) bool {
	file := of.start().File
	dir := path.Dir(file)
	data := slices.Contains(kinds, "Secret") || slices.Contains(kinds, "ConfigMap")
	if u.IsComponent || u.Incomplete[file] {
		return true
	}
	if u.Kind == UnitManifests {
		more, lacks := u.lacking[dir]
		return lacks && (more || data)
	}
	return data && len(u.lacking) > 0 || slices.Contains(slices.Collect(maps.Values(u.lacking)), true)
}

// isNamed reports the kinds of objects that those of another release may use by their names.
func isNamed(kind string) bool {
	switch kind {
	case "ConfigMap", "PersistentVolumeClaim", "Secret", "Service", "ServiceAccount":
		return true
	}
	return false
}

func (u *Unit) mayExistElsewhere(of *Object, kinds []string) bool {
	if u.lacksInput(of, kinds...) || u.Beside[of.start().File] || u.IsBesideOthers && slices.ContainsFunc(kinds, isNamed) {
		return true
	}
	var unrendered []UnrenderedKind
	if u.Unrendered != nil {
		unrendered = u.Unrendered()
	}
	dir := path.Dir(of.start().File)
	return slices.ContainsFunc(unrendered, func(k UnrenderedKind) bool {
		return slices.Contains(kinds, k.Kind) && k.Vendored == of.Vendored && path.Dir(k.Template) == dir
	})
}

// Rendered is what one rendering of an input came to.
type Rendered struct {
	// Unit holds the objects. It is nil if nothing could be rendered; Problems say why.
	Unit *Unit
	// Texts are the rendered files, for people to read.
	Texts []RenderedText
	// Sources are the files that a person of the project can edit and that went
	// into the unit: manifests; templates, helpers and values files of the
	// project's own charts; kustomizations, bases and patches. Comments in them
	// may ignore findings.
	Sources []SourceText
	// Problems are what could not be read, rendered or placed.
	Problems []Problem
	// Notes are facts for the reader that need no action.
	Notes []Problem
	// Skipped are the files that were left out since the unit has nothing to which they apply.
	Skipped []Skip
}

// RenderedText is one rendered file.
type RenderedText struct {
	// Name is the file that the text was rendered from: a template, a kustomization.
	Name string
	Text string
	// Origin returns where a line of the text, counted from 1, came from. The
	// zero Origin: not known.
	Origin func(line int) Origin
	// Locator finds where the values of the text's documents can be edited. Their nodes
	// have the lines and columns of the text. It is nil if only lines are known.
	Locator Locator
}

// SourceText is a file that an input was made of, as it was read.
type SourceText struct {
	// Name is how positions call the file.
	Name string
	Text []byte
	// BuiltFrom is the kustomization of the overlay from which a program wrote the file. It is empty if none is known.
	BuiltFrom string
}

// Document is a file, or a part of one, that rules look at: a Dockerfile, a
// certificate, a CI workflow, the configuration of a node. A Kubernetes object is
// a Document too, see Object, but has checks of its own. Rules never change it.
type Document struct {
	// File is the file that holds the document, as reports call it. It is empty
	// for an Object, which may come from several files: see Locate.
	File string
	// Kind says what the document is. For an Object it is the kind as written.
	// For others it is one of the Document constants.
	Kind string
	// Root is the whole document as YAML. It is zero for a document that is no YAML.
	Root Value
	// Data is what the reader of the document made of it, in a type of its kind.
	// It is nil if Root says everything.
	Data any

	locator Locator
}

// The kinds of documents that are no Kubernetes objects. Each says what Root and
// Data hold.
const (
	// DocumentDockerfile is a Dockerfile. Data is a *dockerfile.File of package
	// lint/dockerfile; Root is zero.
	DocumentDockerfile = "Dockerfile"
	// DocumentDockerignore is a .dockerignore file. Data is its text, a string.
	DocumentDockerignore = ".dockerignore"
	// DocumentCredentials is a file in which programs look for passwords and tokens among other settings, such as .npmrc. Data is its text, a string.
	DocumentCredentials = "file of credentials"
	// DocumentPolicy is a security policy for people: SECURITY.md. Data is its text,
	// a string.
	DocumentPolicy = "security policy"
	// DocumentWorkflow is a workflow of GitHub Actions. Root is its YAML.
	DocumentWorkflow = "GitHub workflow"
	// DocumentPipeline is a pipeline of GitLab CI. Root is its YAML.
	DocumentPipeline = "GitLab pipeline"
	// DocumentPreCommit is the configuration of pre-commit. Root is its YAML.
	DocumentPreCommit = "pre-commit configuration"
	// DocumentPEM is a file of certificates, requests and keys in PEM, or of one in DER. Data
	// is its content, a string.
	DocumentPEM = "PEM file"
	// DocumentK3s and DocumentRKE2 are configurations of these distributions of
	// Kubernetes. Root is their YAML.
	DocumentK3s  = "k3s configuration"
	DocumentRKE2 = "RKE2 configuration"
	// DocumentTalos is a configuration of machines with Talos Linux, that of talhelper, or a patch of one. Data is its text, a string.
	DocumentTalos = "Talos configuration"
	// DocumentSkaffold is the configuration of Skaffold. Root is its YAML; of a file with
	// several documents, each is one.
	DocumentSkaffold = "Skaffold configuration"
	// DocumentKbld is a configuration of kbld, which replaces images. Root is its YAML; of a file with several documents, each is one.
	DocumentKbld = "kbld configuration"
	// DocumentCompose is a Compose file. Root is its YAML.
	DocumentCompose = "Compose file"
	// DocumentBake is a Bake file of Docker in JSON. Root is its JSON.
	DocumentBake = "Bake file"
	// DocumentCloudBuild is a configuration of Google Cloud Build. Root is its YAML.
	DocumentCloudBuild = "Cloud Build configuration"
	// DocumentAction is an action of GitHub that runs an image. Root is its YAML.
	DocumentAction = "GitHub action"
	// DocumentMakefile is a Makefile that edits the images of a kustomization, or loads images into a kind
	// cluster. Data is its text, a string.
	DocumentMakefile = "Makefile"
	// DocumentScript is a shell script that puts images on the nodes of a cluster, rewrites manifests, or installs k3s or RKE2. Data is its text, a string.
	DocumentScript = "shell script"
	// DocumentTiltfile is a Tiltfile that builds images and applies manifests. Data is its text, a string.
	DocumentTiltfile = "Tiltfile"
	// DocumentUpdater is a file, one with Kubernetes objects as a rule, that has annotations for Argo CD Image Updater, a comment with the
	// command that writes a tag, or a step of Kargo that does. Data is its text, a string.
	DocumentUpdater = "annotations for Argo CD Image Updater"
	// DocumentUpdates is the configuration of Renovate or Dependabot. Root is its
	// YAML or JSON.
	DocumentUpdates = "update configuration"
)

// NewDocument makes a document that is no Kubernetes object. Root and data are as
// in Document.
func NewDocument(file, kind string, root *yaml.Node, data any, at Locator) *Document {
	d := &Document{File: file, Kind: kind, Data: data, locator: at}
	if root != nil {
		d.Root = node.NewValue(root)
	}
	return d
}

// Locate is where a value of the document can be edited. It is for renderers,
// before the document is checked; rules call Pass.Locate, which is safe for
// concurrent use.
func (d *Document) Locate(v Value) Origin { return d.locator.Locate(v) }

// start is where the document begins: its first line, or else that of its kind.
func (d *Document) start() Position {
	at := d.Locate(d.Root).Position
	if at.Line == 0 {
		at = d.Locate(d.Root.Get("kind")).Position
	}
	return at
}

// locate places a diagnostic.
func (d *Document) locate(of Diagnostic) Origin {
	if of.Line > 0 {
		if at, ok := d.locateLine(of.At, of.Line, cmp.Or(of.Decoded, of.At.Written())); ok {
			return at
		}
	}
	if l, ok := d.locator.(RangeLocator); ok && of.Range != nil && of.At.IsScalar() {
		return l.LocateRange(of.At, *of.Range)
	}
	return d.Locate(of.At)
}

// LocateLine places a line, counted from 1, of a value that is a literal block or a file
// that a generator read. The second result is false unless the place is sure. As Locate, it
// is for renderers.
func (d *Document) LocateLine(v Value, n int) (Origin, bool) {
	if !v.IsScalar() {
		return Origin{}, false
	}
	return d.locateLine(v, n, v.Node.Value)
}

// locateLine places a line of a text that a value is, or holds in base64.
func (d *Document) locateLine(v Value, n int, text string) (Origin, bool) {
	lines := strings.Split(text, "\n")
	if !v.IsScalar() || n > len(lines) {
		return Origin{}, false
	}
	var at Origin
	switch locator := d.locator.(type) {
	case interface {
		LocateLineIn(v Value, line int) (Origin, bool)
	}:
		var ok bool
		if at, ok = locator.LocateLineIn(v, n); !ok {
			return Origin{}, false
		}
	case interface{ LocateLine(n int) Origin }:
		if v.Node.Style&yaml.LiteralStyle == 0 {
			return Origin{}, false
		}
		at = locator.LocateLine(v.Node.Line + n)
	default:
		return Origin{}, false
	}
	line := strings.TrimSpace(at.Text)
	switch {
	case at.Precision != PrecisionExact || at.File == "" || line == "":
		return Origin{}, false
	case line == strings.TrimSpace(lines[n-1]):
		before, _, _ := strings.Cut(at.Text, line)
		at.Column = utf8.RuneCountInString(before) + 1
		at.EndColumn = at.Column + utf8.RuneCountInString(line)
		return at, true
	}
	return at, at.Column > 0 && (text == v.Node.Value || at.Entry != nil) // a line that its locator has verified
}

// TextValue is a piece of a document that is no YAML, for Diagnostic.At: text that
// begins at a line and column, both counted from 1, columns in characters, and ends
// on that line.
func TextValue(line, column int, text string) Value {
	return node.NewValue(&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Line: line, Column: column})
}

// Value is a part of an object at a path: see node.Value.
type Value = node.Value

// Object is a Document that is a Kubernetes object: its YAML, and where that YAML can
// be edited. Rules never change it.
type Object struct {
	Document
	// APIVersion is as written, as is Kind.
	APIVersion string
	// Namespace and Name are of metadata. Namespace is empty where the YAML
	// names none, and where it names the release namespace of a chart: the
	// person who installs the chart chooses that.
	Namespace, Name string
	// Identity is the name that fingerprints use, if not Name: for an overlay
	// that adds a prefix it is the name in the base.
	Identity string
	// Workloads are its pod templates, and for a Pod the pod itself. See NewObject.
	Workloads []*Workload
	// Vendored names the third-party subchart that the object comes from. It is empty
	// for the linted input's own.
	Vendored string
	// Hook is when the object is there, if it is a hook of Helm or Argo CD: pre-install, PreSync. It is
	// empty without a hook.
	Hook string
	// Host is the object that has this one as a text in one of its fields: a file that a
	// node is to have. It is nil if this one is an object of its own.
	Host *Object
	// HostPath is the path of that file on the node, or the name that the host gives it. It
	// is empty without a Host.
	HostPath string
	// Given are the values that a HelmRelease takes from ConfigMaps which the kustomization of its file
	// generates, and those of files that an Application names, if the repository gives them: see Unit.Releases.
	Given []Value
	// Lister is the kustomization that lists the file of a Namespace or network policy. It is empty if none does. See Unit.Namespaces and
	// Unit.Policies.
	Lister Kustomization
	// MoreLabels is set if a kustomization or Flux may give a Namespace labels that its file does not show. See Unit.Namespaces.
	MoreLabels bool
	// Variants are overlays for which a policy does not count, by their bases: they are built of the same ones as that which
	// gives it its namespace, and a cluster gets one of them. See Unit.Policies.
	Variants []map[string]bool
}

// Locator knows where the values of a document can be edited. Each renderer
// brings its own.
type Locator interface {
	// Locate is called with a value of the document that it was made for. While a
	// unit is checked it is never called for two of its values at a time.
	Locate(v Value) Origin
}

// RangeLocator is a Locator that knows what supplied a part of a text.
type RangeLocator interface {
	// LocateRange is Locate where the part is to edit, and not the rest of the value.
	LocateRange(v Value, part Range) Origin
}

// DumpLocator is a Locator that knows which part of a text is of a larger value.
type DumpLocator interface {
	// IsDumped reports whether a part of a value, which is a text, is wherever it is there the value of a key that was printed together
	// with the map that has the key.
	IsDumped(v Value, part string) bool
}

// KeyLocator is a Locator that knows the keys of a chart's values.
type KeyLocator interface {
	// Flags are the keys that are true or false beside another one and that a template may read together with it, each with the other of the
	// two.
	Flags(key string) []Step
	// AppendedTo is what a template of the chart prints right behind a key as the tag of an image, whether it is rendered or not. It is empty if
	// none does.
	AppendedTo(key string) string
	// EmptyKeys are the entries that have no value, have one of some names, and are beside a key
	// that supplied a part of a value, or decide about it.
	EmptyKeys(v Value, names []string) []Entry
	// IsTested reports whether a template may compare a key with a text.
	IsTested(key string) bool
	// ListKeys are the keys without elements whose elements a template may print in a list.
	ListKeys(list Value) []string
}

// SecretLocator is a Locator that knows the keys of a chart's values that are named for Secrets.
type SecretLocator interface {
	// SecretKeys are the empty keys near others that may name a Secret that is there already, each alternative with the keys to set at once: the
	// last one is for a key of the Secret.
	SecretKeys(near []string) [][]Entry
	// RemakesText reports whether a text that a template makes up is another one at each upgrade: no template looks at what is in the
	// cluster, or whether the release is new.
	RemakesText() bool
}

// VolumeLocator is a Locator that knows the keys of a chart's values that are named for volumes.
type VolumeLocator interface {
	// VolumeKeys are what to set, each alternative all at once, so that a pod with some volumes may have an emptyDir with a name, and
	// a container with some mounts has it: the volumes first, then the mounts. Those of the keys that are nearest to another one come
	// first. None reports whether the chart has no key that may do it, but for lists of claims.
	VolumeKeys(volumes, mounts Value, near, name string) (sets [][]Step, none func() bool)
}

// UnreadLocator is a Locator that knows the keys of a chart's values that no template reads.
type UnreadLocator interface {
	// UnreadKey is the key for the field with a name of a pod or container whose template is at a place, if no template reads it, and if it
	// has what is wanted at a path: any value if the text is empty. It is empty if there is none.
	UnreadKey(place Position, field, path, want string) string
}

// SwitchLocator is a Locator that knows what decides whether a value is printed.
type SwitchLocator interface {
	// Switches are the keys on which the innermost block around a value depends.
	Switches(v Value) []Switch
	// ObjectSwitches are those on which the blocks around an object depend, the innermost first.
	ObjectSwitches(root Value) []Switch
	// EntryAt is the entry of a key. It is nil if the values have none.
	EntryAt(key string) *Entry
}

// Switch is a values key that decides whether a template prints a value.
type Switch struct {
	Entry
	// Set is another value for the key.
	Set string
	// IsSample says that any text does what Set does: the key has the name of an object.
	IsSample bool
	// InChart is the key as the templates of the object's chart name it.
	InChart string
}

// steps are what to set.
func (s *Switch) steps() []Step {
	return []Step{{Kind: StepDecides, Position: s.Position, Label: s.Key, Below: s.Below, Set: s.Set}}
}

// switches are the keys that may be the place of a diagnostic: see Intent.
func (d *Diagnostic) switches() []Switch {
	if !d.Fix.AtSwitch {
		return nil
	}
	l := d.deciders()
	isText := func(s Switch) bool { return s.Set != "true" && s.Set != "false" }
	if slices.ContainsFunc(l, isText) && slices.ContainsFunc(d.place().locate(*d).Trail, func(s Step) bool { return s.Kind == StepValues && !s.Missing }) {
		l = slices.DeleteFunc(l, isText) // another word for what the key names, such as a cloud, changes other things; the value has a key of its own
	}
	return l
}

// deciders are the keys that decide whether a template prints the value.
func (d *Diagnostic) deciders() []Switch {
	l, ok := d.place().locator.(SwitchLocator)
	if !ok || d.Secret {
		return nil
	}
	return l.Switches(d.At)
}

// setsWithout are the keys to set for a value beside which another field may not be: one that decides whether a template prints
// that field, and the one that the value is to be added to.
func (d *Diagnostic) setsWithout(trail []Step) (sets [][]Step) {
	l, ok := d.place().locator.(SwitchLocator)
	i := slices.IndexFunc(trail, func(s Step) bool { return s.Kind == StepValues && s.Missing && s.Label != "" && !s.InText })
	if !ok || i < 0 || d.Secret || !d.Fix.Without.IsSet() {
		return nil
	}
	key := trail[i]
	key.Set = d.Fix.With
	for _, s := range l.Switches(d.Fix.Without) {
		sets = append(sets, []Step{{Kind: StepDecides, Position: s.Position, Label: s.Key, Below: s.Below, Set: s.Set}, key})
	}
	return sets
}

// namedKeys are the entries of the keys that may do what the rule wants, known by their names.
func (d *Diagnostic) namedKeys() []Entry {
	l, ok := d.place().locator.(KeyLocator)
	if !ok || d.Fix.Key == nil || d.Secret {
		return nil
	}
	return l.EmptyKeys(d.At, d.Fix.Key.Names())
}

// NewObject makes an object of a YAML mapping with apiVersion and kind.
// The second result is false if the node is no such mapping.
func NewObject(n *yaml.Node, at Locator) (*Object, bool) {
	root := node.NewValue(n).Compact()
	api, kind := root.Get("apiVersion"), root.Get("kind")
	if !api.IsScalar() || !kind.IsScalar() || api.Node.Value == "" || kind.Node.Value == "" {
		return nil, false
	}
	o := &Object{
		Document:   Document{Kind: kind.Node.Value, Root: root, locator: at},
		APIVersion: api.Node.Value,
	}
	meta := root.Get("metadata")
	o.Name = cmp.Or(meta.Get("name").Written(), meta.Get("generateName").Written())
	o.Namespace = meta.Get("namespace").Written()
	if o.Namespace == "placeholder" && o.Kind == "ClusterServiceVersion" {
		o.Namespace = "" // operator-sdk writes so; OLM installs a bundle in one namespace
	}
	o.Hook = hookOf(meta.Get("annotations"))
	o.addWorkloads(pods.Find(root, o.Group(), o.Kind))
	return o, true
}

// hookOf is the events of the hook that annotations make an object. Argo CD does the same with the hooks of Helm
// and with its own; one that it skips is no hook, and it leaves such an object out.
func hookOf(annotations Value) string {
	if events := annotations.Child(naming.HookAnnotation); events.IsScalar() {
		return events.Node.Value
	}
	events := annotations.Child("argocd.argoproj.io/hook")
	if !events.IsScalar() || strings.TrimSpace(events.Node.Value) == "Skip" {
		return ""
	}
	return events.Node.Value
}

// IsHelmTest reports whether Helm creates the object for helm test alone: it is
// there for a moment, and only if a person runs the tests.
func (o *Object) IsHelmTest() bool {
	for event := range strings.SplitSeq(o.Hook, ",") {
		switch strings.TrimSpace(event) {
		case "test", "test-success", "test-failure":
		default:
			return false
		}
	}
	return true
}

// Group is the API group: apps, networking.k8s.io; empty for the core group.
func (o *Object) Group() string {
	group, _, ok := strings.Cut(o.APIVersion, "/")
	if !ok {
		return ""
	}
	return group
}

// Is reports whether the object is of a kind in an API group.
func (o *Object) Is(group, kind string) bool { return o.Kind == kind && o.Group() == group }

// IsWithoutToken reports whether the object is a ServiceAccount whose pods get no token unless they ask for it.
func (o *Object) IsWithoutToken() bool {
	on, set := o.Root.Get("automountServiceAccountToken").Bool()
	return o.Is("", "ServiceAccount") && set && !on
}

// KindName is what a message calls the object: Deployment web.
func (o *Object) KindName() string { return KindName(o.Kind, o.Name) }

// KindName is what a message calls something of a kind: Deployment web, or a Deployment without a name.
func KindName(kind, name string) string {
	if node.IsComputed(name) {
		return kind + " (named by " + strings.TrimPrefix(name, "#@ ") + ")"
	}
	if name != "" || kind == "" {
		return kind + " " + name
	}
	article := "a "
	isAcronym := len(kind) > 1 && unicode.IsUpper(rune(kind[1]))
	if strings.ContainsRune("AEIO", rune(kind[0])) || isAcronym && strings.ContainsRune("FHLMNRSX", rune(kind[0])) {
		article = "an "
	}
	return article + kind + " without a name"
}

// Ref names the object.
func (o *Object) Ref() ObjectRef {
	return ObjectRef{APIVersion: o.APIVersion, Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}
}

// ObjectRef names an object.
type ObjectRef struct {
	APIVersion, Kind, Namespace, Name string `json:",omitzero"`
}

// String gives Kind/name, or Kind/namespace/name where a namespace is named.
// It is empty for the zero ObjectRef.
func (r ObjectRef) String() string {
	switch {
	case r.Namespace != "":
		return r.Kind + "/" + r.Namespace + "/" + cmp.Or(r.Name, "(no name)")
	case r.Name != "":
		return r.Kind + "/" + r.Name
	}
	return r.Kind // the configuration of a program has no name
}

// Compare orders by kind, namespace, name and version.
func (r ObjectRef) Compare(s ObjectRef) int {
	if c := strings.Compare(r.Kind, s.Kind); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(r.Namespace, s.Namespace), strings.Compare(r.Name, s.Name), strings.Compare(r.APIVersion, s.APIVersion))
}
