package images

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// verifier is a policy of the input that lets only signed images in.
type verifier struct {
	// images are the images that it verifies.
	images []*regexp.Regexp
	// covers reports whether it looks at a workload.
	covers func(*lint.Workload) bool
}

// verifiers lists the policies of a unit that enforce signatures: Kyverno's, those
// of sigstore's policy controller, and Gatekeeper constraints of Ratify. A policy
// that only warns, or whose limits cannot be read from the files, does not count.
func verifiers(u *lint.Unit) []verifier {
	var l []verifier
	for _, o := range u.Objects {
		switch group := o.Group(); {
		case group == "kyverno.io" && (o.Kind == "ClusterPolicy" || o.Kind == "Policy"):
			l = append(l, kyvernoRules(o)...)
		case group == "policies.kyverno.io" && strings.HasSuffix(o.Kind, "ImageValidatingPolicy"):
			l = append(l, kyvernoPolicy(o)...)
		case group == "policy.sigstore.dev" && o.Kind == "ClusterImagePolicy":
			l = append(l, sigstorePolicy(u, o)...)
		case group == "constraints.gatekeeper.sh" && strings.HasPrefix(o.Kind, "Ratify"):
			l = append(l, ratify(o)...)
		}
	}
	return l
}

// isVerified reports whether a policy lets the image in by its signature only.
func isVerified(policies []verifier, w *lint.Workload, image string, r reference) bool {
	names := []string{image, r.full() + strings.TrimPrefix(image, r.name), r.full()}
	if rest, ok := strings.CutPrefix(names[1], "docker.io/"); ok {
		names = append(names, "index.docker.io/"+rest)
	}
	return slices.ContainsFunc(policies, func(v verifier) bool {
		return v.covers(w) && slices.ContainsFunc(v.images, func(re *regexp.Regexp) bool { return slices.ContainsFunc(names, re.MatchString) })
	})
}

// kyvernoRules reads the rules with verifyImages of a Kyverno policy.
func kyvernoRules(o *lint.Object) []verifier {
	var l []verifier
	spec := o.Root.Get("spec")
	for rule := range spec.Get("rules").Items() {
		for check := range rule.Get("verifyImages").Items() {
			action := check.Get("failureAction").Text()
			if action == "" {
				action = spec.Get("validationFailureAction").Text()
			}
			b, required := check.Get("required").Bool()
			if !strings.EqualFold(action, "enforce") || required && !b || check.Get("attestors").Len()+check.Get("attestations").Len() == 0 {
				continue
			}
			v := verifier{covers: func(w *lint.Workload) bool { return kyvernoCovers(o, rule, w) }}
			for _, pattern := range check.Get("imageReferences").Strings() {
				v.images = append(v.images, wildcard(pattern))
			}
			if check.Get("skipImageReferences").Len() == 0 {
				l = append(l, v)
			}
		}
	}
	return l
}

// kyvernoCovers reports whether a rule of a Kyverno policy looks at the pods of a
// workload: it names pods, and limits them by their namespace at most.
func kyvernoCovers(o *lint.Object, rule lint.Value, w *lint.Workload) bool {
	if o.Kind == "Policy" && o.Namespace != w.Namespace {
		return false
	}
	selects := func(match lint.Value) bool {
		return slices.ContainsFunc(kyvernoFilters(match), func(f lint.Value) bool {
			return kyvernoSelects(f, w)
		})
	}
	excluded := kyvernoFilters(rule.Get("exclude"))
	if len(excluded) == 0 && rule.Get("exclude").IsSet() {
		return false
	}
	for _, f := range excluded {
		if !onlyHas(f, "kinds", "namespaces") || kyvernoSelects(f, w) {
			return false
		}
	}
	return selects(rule.Get("match")) && !rule.Get("preconditions").IsSet()
}

// kyvernoFilters lists the resources of a match or exclude block.
func kyvernoFilters(block lint.Value) []lint.Value {
	var l []lint.Value
	for _, list := range []string{"any", "all"} {
		for item := range block.Get(list).Items() {
			if list == "all" && block.Get(list).Len() > 1 {
				return nil // each of several limits: too much to judge
			}
			l = append(l, item.Get("resources"))
		}
	}
	if r := block.Get("resources"); r.IsSet() {
		l = append(l, r)
	}
	return l
}

// kyvernoSelects reports whether a filter holds for the pods of a workload for sure.
func kyvernoSelects(f lint.Value, w *lint.Workload) bool {
	isPod := func(kind string) bool { return kind == "Pod" || kind == "v1/Pod" || kind == "*" }
	return onlyHas(f, "kinds", "namespaces") && slices.ContainsFunc(f.Get("kinds").Strings(), isPod) &&
		inNamespaces(f.Get("namespaces"), w.Namespace)
}

// inNamespaces reports whether a list of globs names a namespace. Unset names all.
func inNamespaces(list lint.Value, namespace string) bool {
	return !list.IsSet() || slices.ContainsFunc(list.Strings(), func(glob string) bool {
		ok, err := path.Match(glob, namespace)
		return ok && err == nil
	})
}

// onlyHas reports whether a mapping has no other keys than some.
func onlyHas(v lint.Value, keys ...string) bool {
	for key, c := range v.Entries() {
		if c.IsSet() && !slices.Contains(keys, key) {
			return false
		}
	}
	return true
}

// kyvernoPolicy reads a policy of Kyverno's own kind for images.
func kyvernoPolicy(o *lint.Object) []verifier {
	spec := o.Root.Get("spec")
	if !slices.Contains(spec.Get("validationActions").Strings(), "Deny") || spec.Get("matchConditions").Len() > 0 {
		return nil
	}
	constraints := spec.Get("matchConstraints")
	pods := false
	for r := range constraints.Get("resourceRules").Items() {
		pods = pods || slices.Contains(r.Get("resources").Strings(), "pods") && r.Get("resourceNames").Len() == 0
	}
	if !pods || !onlyHas(constraints, "resourceRules", "matchPolicy") {
		return nil
	}
	v := verifier{covers: func(w *lint.Workload) bool { return o.Namespace == "" || o.Namespace == w.Namespace }}
	for m := range spec.Get("matchImageReferences").Items() {
		if glob := m.Get("glob"); glob.IsSet() {
			v.images = append(v.images, wildcard(glob.Text()))
		}
	}
	return []verifier{v}
}

// sigstorePolicy reads a ClusterImagePolicy. It holds in namespaces that ask for
// it by a label: one that the input has must do so.
func sigstorePolicy(u *lint.Unit, o *lint.Object) []verifier {
	spec := o.Root.Get("spec")
	if spec.Get("mode").Text() == "warn" || spec.Get("authorities").Len() == 0 || spec.Get("match").Len() > 0 {
		return nil
	}
	for a := range spec.Get("authorities").Items() {
		if a.Get("static.action").Text() == "pass" { // any one authority is enough
			return nil
		}
	}
	asked := map[string]bool{}
	for _, n := range u.Objects {
		if n.Is("", "Namespace") {
			asked[n.Name] = n.Root.Get("metadata.labels").Child("policy.sigstore.dev/include").True()
		}
	}
	v := verifier{covers: func(w *lint.Workload) bool {
		included, known := asked[w.Namespace]
		return included || !known
	}}
	for image := range spec.Get("images").Items() {
		if glob := image.Get("glob").Text(); glob != "" {
			v.images = append(v.images, pathGlob(glob))
		}
	}
	return []verifier{v}
}

// ratify reads a Gatekeeper constraint by which Ratify verifies all images of the
// namespaces that it holds for.
func ratify(o *lint.Object) []verifier {
	spec := o.Root.Get("spec")
	match := spec.Get("match")
	if action := spec.Get("enforcementAction").Text(); action != "" && action != "deny" || !onlyHas(match, "kinds", "namespaces", "excludedNamespaces") {
		return nil
	}
	excluded := match.Get("excludedNamespaces")
	return []verifier{{
		images: []*regexp.Regexp{wildcard("*")},
		covers: func(w *lint.Workload) bool {
			return inNamespaces(match.Get("namespaces"), w.Namespace) && (!excluded.IsSet() || !inNamespaces(excluded, w.Namespace))
		},
	}}
}

// wildcard is a pattern in which * means any text and ? for one character.
func wildcard(pattern string) *regexp.Regexp {
	return compile(pattern, strings.NewReplacer(`\*`, ".*", `\?`, "."))
}

// pathGlob is a pattern in which * means any text without slash, and ** for any.
func pathGlob(pattern string) *regexp.Regexp {
	return compile(pattern, strings.NewReplacer(`\*\*`, ".*", `\*`, "[^/]*", `\?`, "[^/]"))
}

// compile makes a pattern of which some quoted parts have a meaning. One that is
// longer than any reference matches nothing.
func compile(pattern string, meaning *strings.Replacer) *regexp.Regexp {
	if len(pattern) > 1000 {
		pattern = ""
	}
	return regexp.MustCompile("^" + meaning.Replace(regexp.QuoteMeta(pattern)) + "$")
}
