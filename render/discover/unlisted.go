package discover

import (
	"bytes"
	"path"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/kustomize"
)

// SkipUnlisted skips the manifests beside a kustomization that Flux or Argo CD deploys, if no kustomization refers to them and
// nothing else names them: nobody applies them. It is to be called after Roots.
func (f *Found) SkipUnlisted() (skipped []lint.Skip, dead map[ID]bool) {
	before := len(f.Skipped)
	dead = map[ID]bool{}
	beside := func(m File) ID { return ID{m.Tree.Dir(), path.Dir(m.Name)} }
	var deployed map[ID]bool
	f.skipEach(func(m File) (name, reason string) {
		refs, ok := f.refs[beside(m)]
		if !ok || refs.Component || m.Named || f.Referred[m.ID()] || f.fragments[m.ID()] || !HasManifestName(m.Name) || !m.LooksLikeManifest() {
			return "", ""
		}
		if deployed == nil {
			deployed = f.deployedByGitOps()
		}
		if !deployed[beside(m)] || mayStart(m) || f.usesOf(m.Tree).isNamed(m.Name, "") {
			return "", ""
		}
		dead[m.ID()] = true
		return m.Name, "the kustomization beside it does not list it, and nothing else names it: name it to lint it"
	})
	return f.Skipped[before:], dead
}

// mayStart reports whether a manifest may be what makes Flux or Argo CD deploy the others: people apply that once, by hand.
func mayStart(f File) bool {
	text, err := f.Tree.ReadFile(f.Name)
	return err != nil || bytes.Contains(text, []byte("kustomize.toolkit.fluxcd.io")) || bytes.Contains(text, []byte("argoproj.io"))
}

// deployedByGitOps are the kustomizations that Flux and Argo CD deploy, by themselves or as parts of others.
func (f *Found) deployedByGitOps() map[ID]bool {
	deployed := map[ID]bool{}
	for _, k := range f.Kustomizations {
		if ok, plain := f.usesOf(k.Tree).namesDeployed(k.Name); ok && !plain {
			reach(f.refs, k.ID(), deployed, nil)
		}
	}
	return deployed
}

// reach adds a kustomization and what it is made of. What was not there before is added to more, too, unless that is nil.
func reach(refs map[ID]kustomize.Refs, id ID, to, more map[ID]bool) {
	if to[id] {
		return
	}
	to[id] = true
	if more != nil {
		more[id] = true
	}
	for _, name := range refs[id].Paths {
		reach(refs, ID{id.Dir, name}, to, more)
	}
}
