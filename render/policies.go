package render

import (
	"bytes"
	"cmp"
	"context"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/admission"
	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/release"
	"github.com/kubevet/kubevet/render/appset"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/gitops"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/namespaces"
	"github.com/kubevet/kubevet/render/plain"
	"github.com/kubevet/kubevet/render/timelimit"
	"github.com/kubevet/kubevet/render/tree"
)

// maxPolicies is how long a file may be that is read for its policies, in bytes, and maxNamespaces
// one that is read for its Namespaces alone: most longer ones have what is in the namespace, too.
const (
	maxPolicies   = 1 << 20
	maxNamespaces = 4 << 10
	// maxPods is how many objects with pods are kept for other units.
	maxPods = 1000
	// maxElsewhere is how many Services, objects with pods and ServiceAccounts are kept for other units that miss some.
	maxElsewhere = 4000
	// maxInstalls is how many releases of charts are rendered for their network policies alone.
	maxInstalls = 50
)

// policiesOf reads the network policies, the bindings of roles, the Namespaces and what installs something in them from
// manifests, for the units that follow. Nothing of them is handed on.
func (r *run) policiesOf(ctx context.Context, files, overlays []discover.File) {
	if len(files) == 0 {
		return
	}
	r.unit(ctx, UnitID{Kind: lint.UnitManifests, Input: r.unitName(files), Scenario: "network policies"}, func(func(string)) *Part {
		if len(overlays)+len(r.roots) == 0 {
			r.findFluxTargets(files, nil, nil, nil)
		}
		if r.hasOthers(files, overlays) {
			r.readPolicies(files, overlays)
			r.elsewhere = sync.OnceValue(func() []*lint.Object { return r.readElsewhere(files, overlays) })
		}
		return nil
	})
}

// forAllPods matches the selector of a network policy for all pods of its namespace, as templates write it.
var forAllPods = regexp.MustCompile(`(?m)^[ \t]*podSelector:[ \t]*\{[ \t]*\}[ \t]*(?:#.*)?$`)

// unknownNamespace is the namespace of a release that is installed in one that is not known: as a placeholder, it gives no verdict.
const unknownNamespace = "${NAMESPACE}"

// policiesOfInstalls renders the charts that have a network policy for all pods of a namespace, as objects of Flux and Argo CD, commands and
// helmfiles install them. What others apply in a namespace that is known has these policies, too, such as another source of the same Application.
func (r *run) policiesOfInstalls(ctx context.Context) {
	left := maxInstalls
	isPolicy := func(s lint.SourceText) bool {
		return bytes.Contains(s.Text, []byte("NetworkPolicy")) && forAllPods.Match(s.Text)
	}
	for _, f := range r.plan.found.Charts {
		if left == 0 || !slices.ContainsFunc(chartSources(f), isPolicy) {
			continue
		}
		c, _ := r.plan.charts.Load(f.Tree, f.Name) // rendering it by itself reports what is wrong
		if c == nil || c.Library {
			continue
		}
		for _, s := range r.installsAt(f.Display()) {
			r.policies = append(r.policies, r.policiesOfInstall(ctx, c, s, &left)...)
		}
		var releases []helm.Scenario
		r.unit(ctx, UnitID{Kind: lint.UnitChart, Input: c.Dir, Scenario: "network policies"}, func(func(string)) *Part {
			releases = r.releasesOf(f)
			return nil
		})
		for _, s := range releases {
			for _, o := range r.policiesOfInstall(ctx, c, s, &left) {
				r.released = append(r.released, ofChart{c.Dir, o})
			}
		}
	}
}

// ofChart is an object that a chart in a directory renders to, as reports call the directory.
type ofChart struct {
	dir string
	*lint.Object
}

// policiesFor are the network policies of others for a unit. Those of releases of its own chart do not count: a release for another cluster, with
// other values, may have the same namespace.
func (r *run) policiesFor(u *lint.Unit) []*lint.Object {
	l := slices.Clip(r.policies)
	for _, o := range r.released {
		if u.Kind != lint.UnitChart || u.Input != o.dir {
			l = append(l, o.Object)
		}
	}
	return l
}

// releasesOf are the releases of a chart that commands and a helmfile install. The commands of documents show what may be done, and those that
// write what they render to a file install nothing.
func (r *run) releasesOf(f discover.File) (l []helm.Scenario) {
	byCommands, _ := r.commands.Of(f.Tree, f.Name)
	for _, release := range byCommands {
		if release.IsFromDocument || release.Stored != "" {
			continue
		}
		s := helm.Scenario{Name: release.Title(), Version: r.plan.opts.Version}
		s.Install(release.Name, release.Namespace, release.Values)
		l = append(l, s)
	}
	name, byHelmfile, _, _ := r.helmfiles.Of(f.Tree, f.Name)
	for _, release := range byHelmfile {
		s := helm.Scenario{Name: release.Title(f.Tree.Display(name)), Version: r.plan.opts.Version}
		s.Install(release.Name, release.Namespace, release.Values)
		l = append(l, s)
	}
	return l
}

// policiesOfInstall are the network policies for all pods of a namespace that a release has, if fewer than maxInstalls were rendered. One that fails
// is not installed.
func (r *run) policiesOfInstall(ctx context.Context, c *helm.Chart, s helm.Scenario, left *int) (l []*lint.Object) {
	if *left == 0 {
		return nil
	}
	*left--
	s.Namespace = cmp.Or(s.Namespace, unknownNamespace)
	r.unit(ctx, UnitID{Kind: lint.UnitChart, Input: c.Dir, Scenario: "network policies of " + s.Name}, func(at func(string)) *Part {
		limited, cancel := timelimit.Context(ctx, helm.ChartTime)
		defer cancel()
		s.Executing = at
		l = policiesForAllPods(c.Render(limited, s), s.Namespace)
		return nil
	})
	return l
}

// policiesForAllPods are the network policies for all pods of a namespace that is known, in what was rendered for a namespace.
func policiesForAllPods(out *lint.Rendered, namespace string) (l []*lint.Object) {
	if out.Unit == nil || len(out.Problems) > 0 {
		return nil
	}
	for _, o := range out.Unit.Objects {
		in, selector := cmp.Or(o.Namespace, namespace), o.Root.Get("spec.podSelector")
		if o.Is("networking.k8s.io", "NetworkPolicy") && selector.IsMap() && selector.Len() == 0 && !node.MayHavePlaceholder(in) {
			l = append(l, o.In(in))
		}
	}
	return l
}

// readElsewhere reads the Services, the objects with pods and the ServiceAccounts in manifests, each once for each namespace that overlays give
// it. A ServiceAccount without tokens counts only if an overlay, Flux or Argo CD uses the file, and none may change the field: it quiets findings.
func (r *run) readElsewhere(files, overlays []discover.File) (l []*lint.Object) {
	read := make([]plain.Manifest, len(files))
	parallel(r.plan.opts.Jobs, len(files), func(i int) {
		_ = recovered(files[i].Display(), func() { read[i].Objects = readForOthers(files[i]) }) // reading it as a manifest reports what is wrong
	})
	names := r.names(overlays, files, read)
	for i, f := range files {
		for _, o := range read[i].Objects {
			given := names.Of(f)
			if o.IsWithoutToken() && (len(given) == 0 || names.MayEdit(f)) {
				continue
			}
			if len(given) == 0 {
				given = []namespaces.Given{{Fallback: cmp.Or(names.Set(f), names.Fallback(f))}}
			}
			for _, made := range namespaces.Objects(o, given) {
				if len(l) == maxElsewhere {
					return l
				}
				l = append(l, made.In(made.Namespace))
			}
		}
	}
	return l
}

// readForOthers reads the Services, the objects with pods and the ServiceAccounts of a file.
func readForOthers(f discover.File) []*lint.Object {
	data, err := f.Tree.ReadFile(f.Name)
	if err != nil || len(data) > maxPolicies || !bytes.Contains(data, []byte("kind: Service")) && !bytes.Contains(data, []byte("containers:")) {
		return nil
	}
	return slices.DeleteFunc(plain.Parse(f.Display(), data, false).Objects, func(o *lint.Object) bool {
		return !o.Is("", "Service") && !o.Is("", "ServiceAccount") && len(o.Workloads) == 0
	})
}

// readPolicies reads the network policies in manifests for all units: what one installs may
// apply to the pods of another. Their namespace is their own or that of the kustomization
// that names them. A policy without one counts only in a directory of policies: beside
// workloads it is for those. A Namespace is what the kustomization calls it.
func (r *run) readPolicies(files, overlays []discover.File) {
	read := make([]plain.Manifest, len(files))
	mixed := make([]bool, len(files))
	parallel(r.plan.opts.Jobs, len(files), func(i int) {
		if r.fragments[files[i].ID()] {
			return
		}
		if p := recovered(files[i].Display(), func() { read[i], mixed[i] = readPolicyFile(files[i]) }); p != nil {
			read[i], mixed[i] = plain.Manifest{}, false // reading it as a manifest reports it
		}
	})
	workloads := map[discover.ID]bool{} // directories that hold more than policies
	dirOf := func(f discover.File) discover.ID { return discover.ID{Dir: f.Tree.Dir(), Name: path.Dir(f.Name)} }
	for i, f := range files {
		workloads[dirOf(f)] = workloads[dirOf(f)] || mixed[i]
	}
	names := r.names(overlays, files, read)
	for i, f := range files {
		lister := names.lister(f)
		for _, o := range read[i].Objects {
			switch {
			case o.Is("", "Namespace"):
				o.Lister, o.MoreLabels = lister, names.MayLabel(f)
				r.addNamespaces(o, names.of(o, f))
			case isBinding(o):
				if gitops.LacksNamespace(o) {
					o.Namespace = cmp.Or(names.Set(f), names.Fallback(f))
				}
				r.bindings = append(r.bindings, o)
			case isRelease(o):
				r.addReleases(names, o, f)
			case isTLSIngress(o), isMiddleware(o):
				r.addIngresses(o, names.Of(f))
			case isPolicy(o):
				o.Lister = lister
				r.addPolicies(names, o, f, workloads[dirOf(f)])
			case len(o.Workloads) > 0:
				r.addPods(names, o, f)
			}
		}
	}
}

// lister is the kustomization that lists a file. It is zero if none does.
func (n *names) lister(f discover.File) lint.Kustomization {
	by, refs, ok := n.Overlays.Of(f.Tree, f.Name)
	if !ok {
		return lint.Kustomization{}
	}
	name, _ := kustomize.File(by.Tree, by.Name)
	return lint.Kustomization{File: by.Tree.Display(name), Namespace: refs.Namespace}
}

// addPolicies adds a policy of a manifest once for each namespace that overlays give it, unless it is for the workloads that
// are beside it. One for the whole cluster has no namespace, whatever applies it, and is for all workloads.
func (r *run) addPolicies(names *names, o *lint.Object, f discover.File, isBeside bool) {
	given, isWide := names.Of(f), !isNamespaced(o)
	if isWide {
		given = namespaces.In("", given)
	} else if len(given) == 0 {
		namespace := ""
		if o.Namespace == "" {
			namespace = names.Set(f)
		}
		given = namespaces.In(namespace, nil)
	}
	for g, made := range namespaces.Objects(o, given) {
		made.Variants = names.Variants(g)
		if made.Namespace != "" || !isBeside || isWide || admission.IsPolicy(o.Group(), o.Kind) {
			r.policies = append(r.policies, made)
		}
	}
}

// addReleases adds what an object of a manifest installs, once for each namespace that overlays give it. In a namespace that is
// a variable of Flux it installs something only if Flux applies the object.
func (r *run) addReleases(names *names, o *lint.Object, f discover.File) {
	given := names.Of(f)
	if len(given) == 0 {
		given = []namespaces.Given{{}}
		if o.Namespace == "" {
			given[0].Namespace = cmp.Or(names.Set(f), names.Fallback(f))
		}
	}
	if written, _ := release.Of(o); written.HasVariable {
		if r.placed == nil {
			r.placed = map[string]bool{}
		}
		r.placed[f.Display()] = true
	}
	for _, made := range namespaces.Objects(o, given) {
		if is, _ := release.Of(made); !is.HasVariable || names.MayBeApplied(f) {
			r.releases = append(r.releases, names.releases(made, f)...)
		}
	}
}

// isNamespaced reports whether a policy is in a namespace. The others are for the whole cluster.
func isNamespaced(o *lint.Object) bool {
	return o.Kind == "NetworkPolicy" || o.Kind == "CiliumNetworkPolicy" || o.Kind == "Policy"
}

// addIngresses adds an Ingress of a manifest, once for each namespace that overlays give it.
func (r *run) addIngresses(o *lint.Object, given []namespaces.Given) {
	if len(given) == 0 {
		given = []namespaces.Given{{}}
	}
	for _, made := range namespaces.Objects(o, given) {
		r.ingresses = append(r.ingresses, made)
	}
}

// addPods adds an object with pods of a manifest once for each namespace that overlays give it. It counts only if an overlay, Flux or Argo CD
// uses the file, and changes no more of it than its namespace: nothing else says that it is applied as it is.
func (r *run) addPods(names *names, o *lint.Object, f discover.File) {
	given := names.Of(f)
	if len(given) == 0 || names.MayEdit(f) {
		return
	}
	for _, made := range namespaces.Objects(o, given) {
		if len(r.pods) < maxPods {
			r.pods = append(r.pods, made.In(made.Namespace))
		}
	}
}

func isTLSIngress(o *lint.Object) bool {
	return o.Is("networking.k8s.io", "Ingress") && o.Root.Get("spec.tls").Len() > 0
}

// isMiddleware reports whether an object is a Middleware of Traefik, which may redirect what comes for an Ingress.
func isMiddleware(o *lint.Object) bool {
	return o.Kind == "Middleware" && strings.HasPrefix(o.Group(), "traefik.")
}

// addNamespaces adds a Namespace of a manifest, once for each name that kustomizations give it.
func (r *run) addNamespaces(o *lint.Object, names []string) {
	if len(names) == 0 {
		names = []string{o.Name}
	}
	for _, name := range names {
		named := *o
		named.Name = name
		r.namespaces = append(r.namespaces, &named)
	}
}

// readPolicyFile reads a file if it may hold a network policy, a binding, a Namespace, an Ingress with TLS, what installs something or pods that need more
// than others. mixed reports whether it holds more than policies and their namespaces.
func readPolicyFile(f discover.File) (c plain.Manifest, mixed bool) {
	data, err := f.Tree.ReadFile(f.Name)
	if err != nil || len(data) > maxPolicies { // what is parsed here is not lost alone
		return c, false
	}
	hasPolicy := mayHavePolicy(data)
	hasTLS := bytes.Contains(data, []byte("kind: Ingress")) && bytes.Contains(data, []byte("tls:")) || bytes.Contains(data, []byte("kind: Middleware"))
	isWanted := hasPolicy || hasTLS || mayInstall(data) || bytes.Contains(data, []byte("RoleBinding")) || bytes.Contains(data, []byte(naming.EnforceLabel)) || holdsNamespaces(data)
	hasPods := mayHavePods(data)
	if isWanted || hasPods {
		c = plain.Parse(f.Display(), data, false)
	}
	if isTemplatedPolicy(data) && len(c.Problems) > 0 {
		c = plain.Parse(f.Display(), plain.WithoutLoneActions(data), false)
		c.Objects = slices.DeleteFunc(c.Objects, func(o *lint.Object) bool { return !isPolicy(o) })
	}
	if mixed = manifest.LooksLikeManifest(data); hasPolicy {
		mixed = slices.ContainsFunc(c.Objects, func(o *lint.Object) bool { return !isPolicy(o) && !o.Is("", "Namespace") })
	}
	c.Objects = slices.DeleteFunc(c.Objects, func(o *lint.Object) bool { // what the file is not read for
		isPods := len(o.Workloads) > 0
		return isPods && !hasPods || !isPods && !isWanted
	})
	return c, mixed
}

// podMarkers are what a text has of pods that may need access to their node, or that a service mesh adds containers to.
var podMarkers = [...]string{"hostPath", "hostNetwork", "hostPID", "hostIPC", "hostPort", "privileged: true", "inject", "istio.io/rev"}

// mayHavePods reports whether a text may hold such pods.
func mayHavePods(text []byte) bool {
	return bytes.Contains(text, []byte("containers:")) && slices.ContainsFunc(podMarkers[:], func(marker string) bool { return bytes.Contains(text, []byte(marker)) })
}

// isTemplatedPolicy reports whether a text may have a network policy and is a template, which another program fills in: its conditions are taken to
// hold, since no policy is to be missed.
func isTemplatedPolicy(text []byte) bool {
	return bytes.Contains(text, []byte("NetworkPolicy")) && bytes.Contains(text, []byte("{{")) && plain.HasLoneActions(text)
}

// mayBePolicy reports whether a file may have a network policy in a template, which is not read as a manifest.
func mayBePolicy(f discover.File) bool {
	data, err := f.Tree.ReadFile(f.Name)
	return err == nil && len(data) <= maxPolicies && isTemplatedPolicy(data)
}

// holdsNamespaces reports whether a file may have a Namespace, and is short or has nothing else.
func holdsNamespaces(data []byte) bool {
	const kind = "kind: Namespace"
	if !bytes.Contains(data, []byte(kind)) {
		return false
	}
	if len(data) <= maxNamespaces {
		return true
	}
	for l := range bytes.Lines(data) {
		if bytes.HasPrefix(l, []byte("kind:")) && string(bytes.TrimSpace(l)) != kind {
			return false
		}
	}
	return true
}

// hasOthers reports whether there may be another unit than that of the manifests, which has
// the policies of its own files: a chart, an overlay, or what GitOps objects deploy.
func (r *run) hasOthers(files, overlays []discover.File) bool {
	p := r.plan
	if p.changed != nil || p.stdin || len(overlays)+len(p.found.Charts)+len(p.found.Kustomizations) > 0 {
		return true
	}
	return slices.ContainsFunc(files, func(f discover.File) bool { return mayDeploy(f) || mayBePolicy(f) })
}

// findInstallers notes whether a file may hold an object of Flux or Argo CD. Without overlays, and if not all files are read, it is
// taken to be so.
func (r *run) findInstallers(overlays []discover.File) {
	r.mayInstall = true
	if p := r.plan; p.changed == nil && !p.stdin && len(overlays) > 0 {
		p.opts.Watch.guard(Planning, nil, func(func(string), Verdict) { r.mayInstall = slices.ContainsFunc(p.found.Manifests, mayDeploy) })
	}
}

// mayDeploy reports whether a file may hold objects of Flux or Argo CD. What cannot be read may.
func mayDeploy(f discover.File) bool {
	data, err := f.Tree.ReadFile(f.Name)
	return err != nil || gitops.MayBeIn(data)
}

func isBinding(o *lint.Object) bool {
	return o.Is("rbac.authorization.k8s.io", "RoleBinding") || o.Is("rbac.authorization.k8s.io", "ClusterRoleBinding")
}

// mayInstall reports whether a text may hold a release.
func mayInstall(text []byte) bool {
	for _, kind := range [...]string{"kind: HelmRelease", "kind: HelmChart", "kind: Application"} {
		if bytes.Contains(text, []byte(kind)) {
			return true
		}
	}
	return false
}

func isRelease(o *lint.Object) bool {
	_, ok := release.Of(o)
	return ok
}

// isPolicy reports whether an object is a network policy, or one of admission.
func isPolicy(o *lint.Object) bool {
	return strings.HasSuffix(o.Kind, "NetworkPolicy") || admission.IsPolicy(o.Group(), o.Kind)
}

// mayHavePolicy reports whether a text may hold one.
func mayHavePolicy(text []byte) bool {
	return bytes.Contains(text, []byte("NetworkPolicy")) || slices.ContainsFunc(admission.Markers, func(marker string) bool { return bytes.Contains(text, []byte(marker)) })
}

// names finds the namespaces that kustomizations set for manifests.
type names struct {
	*namespaces.Finder
	// sets are the checkouts that generators of Argo CD read, and values the values that Applications name.
	sets   map[*tree.Tree]*appset.Repository
	values gitops.ValuesReader
}

// names are those of files with policies and Namespaces.
func (r *run) names(overlays, files []discover.File, read []plain.Manifest) *names {
	wanted := map[discover.ID]bool{}
	for i, f := range files {
		if slices.ContainsFunc(read[i].Objects, func(o *lint.Object) bool {
			return len(o.Workloads) > 0 || o.Is("", "Service") || o.Is("", "ServiceAccount") || isPolicy(o) || isTLSIngress(o) || isMiddleware(o) || isRelease(o) || o.Is("", "Namespace")
		}) {
			wanted[f.ID()] = true
		}
	}
	if r.plan.changed != nil { // what did not change counts, too
		overlays = r.rootOverlays()
	}
	return &names{Finder: namespaces.New(overlays, r.applied, wanted)}
}

// of are the names that overlays give a Namespace of a file. It is empty if they leave its own.
func (n *names) of(o *lint.Object, f discover.File) (l []string) {
	for _, g := range n.Of(f) {
		l = append(l, g.Variables.Text(cmp.Or(g.Namespace, o.Name)))
	}
	if namespace := n.Set(f); len(l) == 0 && namespace != "" {
		l = []string{namespace}
	}
	slices.Sort(l)
	return slices.Compact(l)
}

// releases are what an object of a file installs: itself, or what an ApplicationSet makes, each with the values that files of
// the repository give it.
func (n *names) releases(o *lint.Object, f discover.File) []*lint.Object {
	if !appset.IsSet(o) {
		o.Given = append(n.given(o, f), n.values.Of(o, f)...)
		return []*lint.Object{o}
	}
	if n.sets == nil {
		n.sets = map[*tree.Tree]*appset.Repository{}
	}
	r := n.sets[f.Tree]
	if r == nil {
		r = appset.NewRepository(f.Tree, gitops.OwnURL(f.Tree))
		n.sets[f.Tree] = r
	}
	var l []*lint.Object
	for _, app := range r.Expand(o, f.Name).Applications {
		app.Given = n.values.Of(app.Object, f)
		l = append(l, app.Object)
	}
	return l
}

// given is the values that a HelmRelease of a file takes from ConfigMaps which the kustomization of the file generates.
func (n *names) given(o *lint.Object, f discover.File) (l []lint.Value) {
	from := o.Root.Get("spec.valuesFrom")
	if from.Len() == 0 {
		return nil
	}
	owner, _, ok := n.Overlays.Of(f.Tree, f.Name)
	if !ok {
		return nil
	}
	file, _ := kustomize.File(owner.Tree, owner.Name)
	kustomization := readYAML(owner.Tree, file)
	for generator := range kustomization.Get("configMapGenerator").Items() {
		for ref := range from.Items() {
			if ref.Get("kind").Text() != "ConfigMap" || ref.Get("name").Text() != generator.Get("name").Text() {
				continue
			}
			for entry := range generator.Get("files").Items() {
				key, name, named := strings.Cut(entry.Text(), "=")
				if !named {
					key, name = path.Base(key), key
				}
				if key == cmp.Or(ref.Get("valuesKey").Text(), "values.yaml") {
					l = append(l, readYAML(owner.Tree, path.Join(owner.Name, name)))
				}
			}
		}
	}
	return l
}

// readYAML reads a file as YAML. The value is absent if it cannot be read: where it is built, that is reported.
func readYAML(t *tree.Tree, name string) lint.Value {
	var n yaml.Node
	data, err := t.ReadFile(name)
	if err != nil || len(data) > maxPolicies || yaml.Unmarshal(data, &n) != nil || !node.IsExpandable(&n) {
		return lint.Value{}
	}
	return node.NewValue(&n)
}
