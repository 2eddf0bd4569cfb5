package render

import (
	"bytes"
	"cmp"
	"context"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/admission"
	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/gitops"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/plain"
	"github.com/kubevet/kubevet/render/tree"
)

// maxPolicies is how long a file may be that is read for its policies, in bytes, and maxNamespaces
// one that is read for its Namespaces alone: a longer one has what is in the namespace, too.
const (
	maxPolicies   = 1 << 20
	maxNamespaces = 4 << 10
)

// policiesOf reads the network policies, the bindings of roles, the Namespaces and what installs something in them from
// manifests, for the units that follow. Nothing of them is handed on.
func (r *run) policiesOf(ctx context.Context, files, overlays []discover.File) {
	if len(files) == 0 {
		return
	}
	r.unit(ctx, UnitID{Kind: lint.UnitManifests, Input: r.unitName(files), Scenario: "network policies"}, func(func(string)) *Part {
		if len(overlays) == 0 {
			r.findFluxTargets(files, nil)
		}
		if r.hasOthers(files, overlays) {
			r.readPolicies(files, overlays)
		}
		return nil
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
		if r.owned[files[i].ID()] {
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
	names := &names{run: r, roots: overlays}
	for i, f := range files {
		for _, o := range read[i].Objects {
			switch {
			case o.Is("", "Namespace"):
				_, _, o.IsListed = names.overlays.Of(f.Tree, f.Name)
				r.addNamespaces(o, names.of(f))
			case isBinding(o):
				if o.Namespace == "" {
					o.Namespace = names.set(f)
				}
				r.bindings = append(r.bindings, o)
			case isRelease(o):
				if o.Namespace == "" {
					o.Namespace = names.set(f)
				}
				o.Given = names.given(o, f)
				r.releases = append(r.releases, o)
			case isPolicy(o):
				r.addPolicy(o, workloads[dirOf(f)], func() string { return names.set(f) })
			}
		}
	}
}

// addPolicy adds a policy of a manifest, unless it is for the workloads that are beside it.
func (r *run) addPolicy(o *lint.Object, isBeside bool, namespace func() string) {
	if o.Namespace == "" {
		o.Namespace = namespace()
	}
	if o.Namespace != "" || !isBeside || admission.IsPolicy(o.Group(), o.Kind) {
		r.policies = append(r.policies, o)
	}
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

// readPolicyFile reads a file if it may hold a network policy, a binding, a Namespace or what installs something. mixed reports whether it
// holds more than policies and their namespaces.
func readPolicyFile(f discover.File) (c plain.Manifest, mixed bool) {
	data, err := f.Tree.ReadFile(f.Name)
	if err != nil || len(data) > maxPolicies { // what is parsed here is not lost alone
		return c, false
	}
	hasPolicy := mayHavePolicy(data)
	if hasPolicy || mayInstall(data) || bytes.Contains(data, []byte("RoleBinding")) || bytes.Contains(data, []byte(naming.EnforceLabel)) || len(data) <= maxNamespaces && bytes.Contains(data, []byte("kind: Namespace")) {
		c = plain.Parse(f.Display(), data, false)
	}
	if !hasPolicy {
		return c, manifest.LooksLikeManifest(data)
	}
	return c, slices.ContainsFunc(c.Objects, func(o *lint.Object) bool { return !isPolicy(o) && !o.Is("", "Namespace") })
}

// hasOthers reports whether there may be another unit than that of the manifests, which has
// the policies of its own files: a chart, an overlay, or what GitOps objects deploy.
func (r *run) hasOthers(files, overlays []discover.File) bool {
	p := r.plan
	if p.changed != nil || p.stdin || len(overlays)+len(p.found.Charts)+len(p.found.Kustomizations) > 0 {
		return true
	}
	return slices.ContainsFunc(files, func(f discover.File) bool {
		data, err := f.Tree.ReadFile(f.Name)
		return err != nil || gitops.MayBeIn(data)
	})
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
	_, ok := o.Release()
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
	run      *run
	roots    []discover.File
	overlays discover.Overlays
	// users are the namespaces that overlays set for the components which they use. Nil before it is asked for.
	users map[discover.ID][]string
}

// set is what Flux, or the kustomization that names a file, sets. Empty if it sets none.
func (n *names) set(f discover.File) string {
	owner, refs, ok := n.overlays.Of(f.Tree, f.Name)
	if !ok {
		return ""
	}
	return cmp.Or(n.run.targetNamespaces[owner.ID()], refs.Namespace)
}

// of is the same for a Namespace. That of a component gets a name from each overlay that uses it.
func (n *names) of(f discover.File) []string {
	if namespace := n.set(f); namespace != "" {
		return []string{namespace}
	}
	owner, refs, ok := n.overlays.Of(f.Tree, f.Name)
	if !ok || !refs.Component {
		return nil
	}
	if n.users == nil {
		n.findUsers()
	}
	return n.users[owner.ID()]
}

// given is the values that a HelmRelease of a file takes from ConfigMaps which the kustomization of the file generates.
func (n *names) given(o *lint.Object, f discover.File) (l []lint.Value) {
	from := o.Root.Get("spec.valuesFrom")
	if from.Len() == 0 {
		return nil
	}
	owner, _, ok := n.overlays.Of(f.Tree, f.Name)
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

func (n *names) findUsers() {
	n.users = map[discover.ID][]string{}
	for _, f := range n.roots {
		refs := n.overlays.References(f)
		if refs.Namespace == "" {
			continue
		}
		for _, name := range refs.Paths {
			used := discover.File{Tree: f.Tree, Name: name}
			if n.overlays.References(used).Component {
				n.users[used.ID()] = append(n.users[used.ID()], refs.Namespace)
			}
		}
	}
	for id, l := range n.users {
		slices.Sort(l)
		n.users[id] = slices.Compact(l)
	}
}
