package rbac

import (
	"cmp"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// sharedLists are the anchors of the lists in the entries of a role that other entries share by an alias.
var sharedLists = lint.ObjectIndex("lists that entries share", func(_ *lint.Pass, o *lint.Object) map[*yaml.Node]string {
	shared := map[*yaml.Node]string{}
	for entry := range o.Root.Get("rules").Items() {
		if entry.Node == nil || entry.Node.Kind != yaml.MappingNode {
			continue
		}
		for _, n := range entry.Node.Content {
			if n.Kind == yaml.AliasNode && n.Alias != nil {
				shared[n.Alias] = n.Alias.Anchor
			}
		}
	}
	return shared
})

// adviseOnShared makes the fix say which list of an entry other entries have, too: what is taken out of it, they lose.
func adviseOnShared(p *lint.Pass, r *access.Role, rule *access.PolicyRule, d *lint.Diagnostic) {
	shared := sharedLists(p, r.Object)
	if len(shared) == 0 {
		return
	}
	for _, key := range []string{"verbs", "resources"} {
		if anchor := shared[rule.At.Get(key).Node]; anchor != "" {
			d.Fix.Title = cmp.Or(d.Fix.Title, p.Rule.Fix) + "; other entries of the role share its " + key + " by &" + anchor + ": give it a list of its own before you change that one"
			return
		}
	}
}
