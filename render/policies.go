package render

import (
	"bytes"
	"cmp"
	"context"
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/gitops"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/plain"
)

// maxPolicies is how long a file may be that is read for its policies, in bytes.
const maxPolicies = 1 << 20

// policiesOf reads the network policies in manifests, and the Namespaces with a label for Pod
// Security, for the units that follow. Nothing of them is handed on.
func (r *run) policiesOf(ctx context.Context, files, overlays []discover.File) {
	if len(files) == 0 {
		return
	}
	r.unit(ctx, UnitID{Kind: lint.UnitManifests, Input: r.unitName(files), Scenario: "network policies"}, func(func(string)) *Part {
		if r.hasOthers(files, overlays) {
			r.readPolicies(files)
		}
		return nil
	})
}

// readPolicies reads the network policies in manifests for all units: what one installs may
// apply to the pods of another. Their namespace is their own or that of the kustomization
// that names them. A policy without one counts only in a directory of policies: beside
// workloads it is for those.
func (r *run) readPolicies(files []discover.File) {
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
	for i, f := range files {
		for _, o := range read[i].Objects {
			if isLabeledNamespace(o) {
				o.Name = cmp.Or(r.kustomizedNamespace(f), o.Name)
				r.namespaces = append(r.namespaces, o)
			}
			if !isPolicy(o) {
				continue
			}
			if o.Namespace == "" {
				o.Namespace = r.kustomizedNamespace(f)
			}
			if o.Namespace != "" || !workloads[dirOf(f)] {
				r.policies = append(r.policies, o)
			}
		}
	}
}

// readPolicyFile reads a file if it may hold a network policy, or a Namespace with a label for Pod
// Security. mixed reports whether it holds more than policies and their namespaces.
func readPolicyFile(f discover.File) (c plain.Manifest, mixed bool) {
	data, err := f.Tree.ReadFile(f.Name)
	if err != nil || len(data) > maxPolicies { // what is parsed here is not lost alone
		return c, false
	}
	hasPolicy := bytes.Contains(data, []byte("NetworkPolicy"))
	if hasPolicy || bytes.Contains(data, []byte(podSecurityLabels)) {
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

// podSecurityLabels is how the labels of a Namespace begin by which the API server refuses pods.
const podSecurityLabels = "pod-security.kubernetes.io/enforce"

func isLabeledNamespace(o *lint.Object) bool {
	return o.Is("", "Namespace") && o.Root.Get("metadata.labels").Child(podSecurityLabels).IsSet()
}

func isPolicy(o *lint.Object) bool { return strings.HasSuffix(o.Kind, "NetworkPolicy") }

// kustomizedNamespace is what Flux, or the kustomization that names a file, sets. Empty if it
// sets none.
func (r *run) kustomizedNamespace(f discover.File) string {
	owner, ok := discover.OverlayOf(f.Tree, f.Name)
	if !ok {
		return ""
	}
	if namespace := r.targetNamespaces[owner.ID()]; namespace != "" {
		return namespace
	}
	refs, err := kustomize.References(owner.Tree, owner.Name)
	if err != nil {
		return ""
	}
	return refs.Namespace
}
