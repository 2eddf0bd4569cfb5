package rbac

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
	"github.com/kubevet/kubevet/lint/suggest"
)

// EffectiveRBACRule reports what an entry of a role names and does not grant: resources that its API groups do not
// have, resources without a namespace in a Role, patterns that RBAC does not know, and verbs that mean nothing
// for their resources. It also reports ClusterRoles that take their rules from each other in a circle, if none of
// them has any.
//
// The program lacks a right that it asks for. A reviewer takes the entry for a right, or for a
// limit, that it is not. It comes into effect when somebody else adds the resource.
//
// Only groups of Kubernetes are checked, with the resources of former versions; a resource counts if one of the
// groups of the entry has it. In a Role, namespaces may be read, changed and deleted: the one that
// the Role is in, and policies may be used. The verbs escalate and bind are for roles, impersonate is for users, groups and
// service accounts, and approve, sign and attest for signers. Entries with unknown groups are not reported, unless the input defines their
// resource in a group whose name differs in one or two letters, and has nothing in the group of the entry.
var EffectiveRBACRule = &lint.Rule{
	ID:        "effective-rbac-rule",
	Title:     "Entry of a role grants nothing",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K02"},
	},
	Fix:   "name the resource as kubectl api-resources does, with its group",
	Check: lint.UnitCheck(checkEffect),
}

func checkEffect(p *lint.Pass) {
	for _, r := range access.Of(p).Roles {
		role := &grantingRole{Role: r}
		for i := range r.Rules {
			rule := &r.Rules[i]
			known := rule.At.Get("apiGroups").IsKnown() && !slices.ContainsFunc(rule.Groups, func(g string) bool { return g != "*" && access.ResourcesOf(g) == nil })
			checkResources(p, role, rule, known)
			if known {
				checkVerbs(p, r, rule)
			}
			checkGroups(p, role, rule)
		}
	}
	for _, circle := range access.Of(p).EmptyCircles() {
		checkCircle(p, circle)
	}
}

// definitions are the CustomResourceDefinitions of a unit: the API groups that have each resource, by its plural name, and all groups.
type definitions struct {
	groupsOf map[string][]string
	groups   map[string]bool
}

var definitionsIndex = lint.UnitIndex("groups of defined resources", func(p *lint.Pass) *definitions {
	defined := &definitions{groupsOf: map[string][]string{}, groups: map[string]bool{}}
	for _, o := range p.Unit.Objects {
		if o.Kind == "CustomResourceDefinition" {
			plural, group := o.Root.Get("spec.names.plural").Text(), o.Root.Get("spec.group").Text()
			defined.groupsOf[plural] = addNew(defined.groupsOf[plural], []string{group})
			defined.groups[group] = true
		}
	}
	return defined
})

// minGroup is how long the name of a group is at least in which another letter is a slip. maxGroup is how long a group may be, which is the name
// of a domain.
const minGroup, maxGroup = 12, 253

// checkGroups reports an API group which the unit does not define, and which differs in a letter or two from the one in which it defines the
// resources of the entry.
func checkGroups(p *lint.Pass, r *grantingRole, rule *access.PolicyRule) {
	defined := definitionsIndex(p)
	if len(defined.groups) == 0 || len(rule.Groups) != 1 || len(rule.Resources) == 0 || defined.groups[rule.Groups[0]] {
		return
	}
	group, near := rule.Groups[0], ""
	for _, name := range rule.Resources {
		plural, _, _ := strings.Cut(name, "/")
		groups := defined.groupsOf[plural]
		if len(groups) != 1 || near != "" && groups[0] != near {
			return
		}
		near = groups[0]
	}
	if isSlip(group, near) {
		report(p, r.Role, rule.Element("apiGroups", group), "API group", rule.Groups, verdict{
			fault: "in which the input defines no " + and(rule.Resources), want: near, fix: "write " + near + " in place of " + group,
		})
	}
}

// isSlip reports whether a group is another one with a slip: a letter more or less, or one or two others. Groups with other numbers are others,
// and those with a longer prefix or suffix are forks.
func isSlip(group, near string) bool {
	withoutDigits := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return -1
			}
			return r
		}, s)
	}
	if len(group) < minGroup || len(group) > maxGroup || len(near) > maxGroup || withoutDigits(group) == withoutDigits(near) {
		return false
	}
	d := suggest.Distance(group, near)
	return d == 1 || d == 2 && len(group) == len(near)
}

// checkCircle reports roles that take their rules from each other, and have none.
func checkCircle(p *lint.Pass, roles []*access.Role) {
	const field = "aggregationRule"
	first, next := roles[0], roles[1]
	var names []string
	for _, r := range roles[:min(len(roles), maxNames)] {
		names = append(names, r.Name)
	}
	if more := len(roles) - len(names); more > 0 {
		names = append(names, strconv.Itoa(more)+" more")
	}
	p.Report(lint.Diagnostic{
		Object: first.Object, At: first.Root.Get(field), Fix: lint.Advice("select the roles that have the rules"),
		Related: []lint.Related{{Object: next.Object, At: next.Root.Get(field), Label: "takes rules in the same circle"}},
		Message: "ClusterRoles " + and(names) + " take their rules from each other, and none of them has any; want selectors of roles with rules",
	})
}

// maxNames is how many roles of a circle a message names.
const maxNames = 4

// checkResources reports the resources of an entry that it does not grant, those with the same
// fault together. known is set if the entry is about Kubernetes' own groups alone.
func checkResources(p *lint.Pass, r *grantingRole, rule *access.PolicyRule, known bool) {
	var order []verdict
	names := map[verdict][]string{}
	for _, name := range rule.Resources {
		var v verdict
		switch {
		case isPattern(name):
			v = verdict{fault: "which RBAC does not read as a pattern", want: "the subresources by name, or *", fix: "name the subresources, or *"}
		case known && slices.Contains(rule.Groups, "") && r.isOfOpenShift(name):
		case known:
			v = verdictOn(r.Role, rule, name)
		}
		if v.fault == "" {
			continue
		}
		if names[v] == nil {
			order = append(order, v)
		}
		names[v] = append(names[v], name)
	}
	for _, v := range order {
		found := names[v]
		switch {
		case v.elsewhere:
			v.fix = fixElsewhere(r, rule, found)
		case v.isVerb:
			v.fix = fixVerbs(rule, found)
		}
		report(p, r.Role, rule.Element("resources", found[0]), "resource", found, v)
	}
}

// verdict says why an entry does not grant what it names, what it should have, and how to get
// there. A want that begins with "it" is about the name. Without a fix it is the rule's own. The
// zero verdict: it grants it.
type verdict struct {
	fault, want, fix string
	elsewhere        bool // another group has the resource
	isVerb           bool // the name is that of a verb
}

func report(p *lint.Pass, r *access.Role, at lint.Value, what string, names []string, v verdict) {
	want := v.want
	if len(names) > 1 {
		what += "s"
		if rest, ok := strings.CutPrefix(want, "it "); ok {
			want = "them " + rest
		}
	}
	names = slices.Clone(names)
	for i, name := range names {
		names[i] = cmp.Or(name, `""`)
	}
	holder, _, _ := r.Worst(wildcard)
	d := lint.Diagnostic{
		Object: r.Object, At: at, Related: related(r, holder),
		Message: r.KindName() + " names " + what + " " + and(names) + ", " + v.fault + "; want " + want,
		// No switch of a chart is a fix: with another one the entry may be there all the same, beside one that grants the right.
		Fix: lint.Advice(cmp.Or(v.fix, p.Rule.Fix)),
	}
	if access.Of(p).WritesRoles(holder) {
		d.Fix.Unless = grantsInRoles
	}
	p.Report(d)
}

// isPattern reports whether a resource looks like a pattern and is none: pods/*, */*. The
// userextras of impersonation are named so.
func isPattern(name string) bool {
	rest, ok := strings.CutPrefix(name, "*/")
	if ok {
		return strings.Contains(rest, "*")
	}
	return strings.Contains(name, "*") && name != "*" && !strings.HasPrefix(name, "userextras/")
}

// audienceVerb is the verb of the kubelet for which resources are the audiences of tokens.
const audienceVerb = "request-serviceaccounts-token-audience"

// verdictOn is the verdict on a resource that an entry names.
func verdictOn(r *access.Role, rule *access.PolicyRule, name string) verdict {
	if strings.HasPrefix(name, "*") || len(rule.Groups) == 0 || slices.Contains(rule.Verbs, audienceVerb) {
		return verdict{}
	}
	groups := rule.Groups
	if slices.Contains(groups, "*") {
		groups = access.GroupsOf(name)
	}
	known, global := scopeIn(groups, name)
	switch {
	case !known && len(groups) > 0:
		return missingIn(rule, name, "which "+groupText(groups)+" does not have")
	case known && global && !r.IsCluster() && slices.Contains(selfReviews, name):
		return verdict{
			fault: "which is cluster-scoped, so a Role cannot grant it", want: "it removed: Kubernetes grants it to every user",
			fix: "remove the resource: the ClusterRole system:basic-user grants it to every user",
		}
	case known && global && !r.IsCluster() && !isOwnNamespace(rule, name) && !isUse(rule):
		return verdict{
			fault: "which is cluster-scoped, so a Role cannot grant it", want: "a ClusterRole and a ClusterRoleBinding, or the resource removed",
			fix: "move the entry to a ClusterRole with a ClusterRoleBinding, or remove the resource if the program does without it",
		}
	}
	return verdict{}
}

// scopeIn reports whether one of some API groups has a resource, and whether it is cluster-scoped in all that have it.
func scopeIn(groups []string, name string) (known, global bool) {
	global = true
	for _, g := range groups {
		if c, ok := access.IsClusterResource(g, name); ok {
			known, global = true, global && c
		}
	}
	return known, global
}

// isBeyondRole reports whether an entry of a Role names a resource that a Role cannot grant: it is cluster-scoped, and each group is Kubernetes' own.
func isBeyondRole(r *access.Role, rule *access.PolicyRule, name string) bool {
	if r.IsCluster() || isOwnNamespace(rule, name) || isUse(rule) || slices.ContainsFunc(rule.Groups, func(g string) bool { return access.ResourcesOf(g) == nil }) {
		return false
	}
	known, global := scopeIn(rule.Groups, name)
	return known && global
}

// selfReviews are the resources by which users ask for what they may do themselves, which Kubernetes' system:basic-user lets all create.
var selfReviews = []string{"selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"}

// isUse reports the right to use a policy: admission asks for it in the namespace of the pod, also where the policy is cluster-scoped, as
// PodSecurityPolicies were and SecurityContextConstraints are.
func isUse(rule *access.PolicyRule) bool {
	return len(rule.Verbs) > 0 && !slices.ContainsFunc(rule.Verbs, func(verb string) bool { return verb != "use" })
}

// isOwnNamespace reports rights on the namespace that a Role is in.
func isOwnNamespace(rule *access.PolicyRule, name string) bool {
	plain, _, _ := strings.Cut(name, "/")
	return plain == "namespaces" && slices.ContainsFunc([]string{"get", "update", "patch", "delete"}, rule.HasVerb)
}

// verbs are the verbs of requests that only a slip makes a resource. Those with the name of a resource are none of them.
var verbs = []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "impersonate", "escalate"}

// missingIn is the verdict on a resource that the groups of its entry do not have.
func missingIn(rule *access.PolicyRule, name, fault string) verdict {
	if slices.Contains(verbs, name) {
		return verdict{fault: fault, want: "it under verbs", isVerb: true}
	}
	if of, ok := subresources[name]; ok {
		if slices.Contains(rule.Resources, of) && slices.Contains(rule.Groups, "") {
			return verdict{fault: fault, want: "it removed, beside " + of, fix: "remove " + name + " from the entry: " + of + " is there already"}
		}
		if slices.Contains(rule.Groups, "") {
			return verdict{fault: fault, want: of, fix: "name " + of + " in place of " + name + ", if the program needs the right"}
		}
		return verdict{fault: fault, want: of + " in an entry of the core group", fix: "name " + of + " in an entry of the core group"}
	}
	if slices.Contains(discovery, name) {
		return verdict{
			fault: fault, want: "it removed: Kubernetes lets every user read which APIs there are",
			fix: "remove the name: the ClusterRole system:discovery lets every user with credentials read which APIs there are, by nonResourceURLs",
		}
	}
	if scales := scalesOf(rule); name == "scale" && len(scales) > 0 {
		return verdict{fault: fault, want: and(scales), fix: "name " + and(scales) + " in place of scale, if the program needs the right"}
	}
	if groups := groupsWith(name); len(groups) > 0 {
		return verdict{fault: fault, want: "it only in an entry of " + groupText(groups), elsewhere: true}
	}
	for _, g := range rule.Groups {
		switch near := nearest(name, access.ResourcesOf(g)); {
		case near == "":
		case slices.Contains(rule.Resources, near):
			return verdict{fault: fault, want: "it removed, beside " + near, fix: "remove " + name + " from the entry: " + near + " is there already"}
		default:
			return verdict{fault: fault, want: near}
		}
	}
	return verdict{fault: fault, want: "a resource of the group"}
}

// subresources are the names of subresources of pods that are no resources, and what they are below. An eviction is a kind of policy, too.
var subresources = map[string]string{
	"eviction": "pods/eviction", "evictions": "pods/eviction", "log": "pods/log", "logs": "pods/log", "exec": "pods/exec", "attach": "pods/attach",
	"portforward": "pods/portforward", "port-forward": "pods/portforward", "ephemeralcontainers": "pods/ephemeralcontainers",
}

// discovery are names for what the API server lists of its APIs, which are no resources.
var discovery = []string{"apigroups", "apiresources", "apiversions", "api-resources", "api-versions"}

// scalesOf is the subresource scale of each resource of an entry that has it.
func scalesOf(rule *access.PolicyRule) []string {
	var found []string
	for _, resource := range []string{"deployments", "statefulsets", "replicasets", "replicationcontrollers"} {
		if slices.Contains(rule.Resources, resource) {
			found = append(found, resource+"/scale")
		}
	}
	return found
}

// nearest is the resource that a name means: that of a kind, such as deployments for Deployment, or one with a similar name.
// It is empty if there is none.
func nearest(name string, resources []string) string {
	plain := strings.ToLower(name)
	for _, plural := range []string{plain, plain + "s", plain + "es", strings.TrimSuffix(plain, "y") + "ies"} {
		if slices.Contains(resources, plural) {
			return plural
		}
	}
	return suggest.Closest(name, resources)
}

// fixVerbs is the fix for verbs among the resources of an entry.
func fixVerbs(rule *access.PolicyRule, names []string) string {
	are := ": it is a verb"
	if len(names) > 1 {
		are = ": they are verbs"
	}
	fix := "take " + and(names) + " out of resources" + are
	missing := slices.DeleteFunc(slices.Clone(names), rule.HasVerb)
	if len(missing) == 0 {
		return fix
	}
	return fix + "; add " + and(missing) + " to verbs if the program needs the right"
}

// groupsWith is the groups to name for a resource: extensions only for what no other group has.
func groupsWith(name string) []string {
	groups := access.GroupsOf(name)
	return slices.DeleteFunc(groups, func(g string) bool { return g == "extensions" && len(groups) > 1 })
}

// fixElsewhere is the fix for resources that other groups have. It is empty where the rule's own fix says it.
func fixElsewhere(r *grantingRole, rule *access.PolicyRule, names []string) string {
	var granted, missing []string
	for _, name := range names {
		if slices.ContainsFunc(groupsWith(name), func(g string) bool { return !r.allVerbs(rule, g, name) }) {
			missing = append(missing, name)
		} else {
			granted = append(granted, name)
		}
	}
	groups := groupText(groupsWith(names[0]))
	switch {
	case len(granted) == 0:
		return ""
	case len(missing) == 0 && !slices.ContainsFunc(rule.Resources, func(name string) bool { return !slices.Contains(granted, name) }):
		return "remove the entry: the role grants the same in " + groups
	case len(missing) == 0:
		return "remove " + and(granted) + " from the entry: the role grants the same in " + groups
	}
	return "move " + and(missing) + " to an entry of " + groups + ", and remove " + and(granted) + ": the role grants the same there"
}

// grantingRole is a role with an index of what its entries grant, made when it is first needed.
type grantingRole struct {
	*access.Role
	granted map[grant]bool
	// ofOpenShift are the resources that entries of the role name in groups of OpenShift. It is nil until it is asked for.
	ofOpenShift map[string]bool
}

// isOfOpenShift reports whether an entry of the role names a resource in a group of OpenShift. OpenShift's own roles have it in the core
// group as well, for its former API: who gives them to others must have both.
func (r *grantingRole) isOfOpenShift(resource string) bool {
	if r.ofOpenShift == nil {
		r.ofOpenShift = map[string]bool{}
		for _, rule := range r.Rules {
			if slices.ContainsFunc(rule.Groups, func(g string) bool { return strings.HasSuffix(g, ".openshift.io") }) {
				for _, name := range rule.Resources {
					r.ofOpenShift[name] = true
				}
			}
		}
	}
	return r.ofOpenShift[resource]
}

// grant is a verb on a resource without limit to names. Each of them may be *.
type grant struct{ group, resource, verb string }

// maxGrants limits what is read of one entry, as its lists multiply. No real entry grants more.
const maxGrants = 10000

// allVerbs reports whether entries of the role grant all verbs of an entry on a resource of a group.
func (r *grantingRole) allVerbs(rule *access.PolicyRule, group, resource string) bool {
	if r.granted == nil {
		r.granted = map[grant]bool{}
		for i := range r.Rules {
			r.add(&r.Rules[i])
		}
	}
	isMissing := func(verb string) bool {
		for _, g := range []string{group, "*"} {
			for _, name := range []string{resource, "*"} {
				if r.granted[grant{g, name, verb}] || r.granted[grant{g, name, "*"}] {
					return false
				}
			}
		}
		return true
	}
	return len(rule.Verbs) > 0 && rule.At.Get("verbs").IsKnown() && !slices.ContainsFunc(rule.Verbs, isMissing)
}

func (r *grantingRole) add(rule *access.PolicyRule) {
	if rule.Named || len(rule.Groups)*len(rule.Resources)*len(rule.Verbs) > maxGrants {
		return
	}
	for _, g := range rule.Groups {
		for _, name := range rule.Resources {
			for _, verb := range rule.Verbs {
				r.granted[grant{g, name, verb}] = true
			}
		}
	}
}

// special is verbs that are no requests, and the resources for which they mean something.
var special = map[string][]string{
	"escalate":    {"roles", "clusterroles"},
	"bind":        {"roles", "clusterroles"},
	"impersonate": {"users", "groups", "serviceaccounts", "uids", "userextras"},
	"approve":     {"signers"},
	"sign":        {"signers"},
	"attest":      {"signers"},
}

// checkVerbs reports verbs that mean nothing for any resource of an entry.
func checkVerbs(p *lint.Pass, r *access.Role, rule *access.PolicyRule) {
	for _, v := range rule.Verbs {
		resources := special[v]
		means := slices.ContainsFunc(rule.Resources, func(name string) bool {
			plain, _, _ := strings.Cut(name, "/")
			return plain == "*" || slices.Contains(resources, plain)
		})
		if resources != nil && !means && len(rule.Resources) > 0 {
			report(p, r, rule.Element("verbs", v), "verb", []string{v}, verdict{
				fault: "which means nothing for " + and(rule.Resources), want: "it for " + and(resources) + ", or removed",
				fix: "move the verb to an entry for " + and(resources) + ", or remove it",
			})
		}
	}
}
