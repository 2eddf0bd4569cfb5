package images

import (
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/lint/node"
)

// ValidImageReference reports images whose reference no container runtime accepts: with upper-case
// letters in the repository, blanks, a scheme, or an empty or malformed tag or digest. Containers
// without an image are reported too.
//
// The pod never starts: it waits with InvalidImageName, or the API server refuses it. Most often a
// template puts the reference together and one value is missing, such as the tag.
//
// The grammar is that of the distribution specification: lower-case path components, a tag of at most 128
// letters, digits, dots, dashes and underscores, and a digest with as many lower-case hexadecimal digits as
// its algorithm yields. The ID of an image (64 hexadecimal digits) and a repository of more than 255
// characters are refused too. No registry has an image of docker.io whose repository begins with the host of another registry. Containers, image volumes and images that custom resources of known operators
// name are checked. An image may be left out where something else sets it: in custom resources, and where
// OpenShift's image triggers or a program that embeds the manifest do. If a chart leaves the registry, the repository, the tag or the digest empty in its default
// values, the severity is low: the user must give it. So it is for the image scratch there, which no registry has. Placeholders are not checked: those with $, {, <, %, @@,
// ((x)) or [[x]], names in capitals such as PROJECT_ID, and words that describe an image, such as image of the web server. Nor is an image of a manifest or overlay that
// begins with a dash: a script puts its name there.
var ValidImageReference = &lint.Rule{
	ID:        "valid-image-reference",
	Title:     "Image reference is malformed",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"images-digest-or-signature"},
	Fix:       "write the image as registry/repository:tag or registry/repository@sha256:…, in lower case",
	Check:     eachImage(checkReference),
}

// lengthOfID is how many digits the ID of an image has.
const lengthOfID = 64

// maxRepository is how many characters a repository may have, without its registry.
const maxRepository = 255

var (
	imagePath = regexp.MustCompile(`^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$`)
	imageID   = regexp.MustCompile(`^[a-f0-9]{64}$`)
	imageHost = regexp.MustCompile(`^(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]|\[[0-9A-Fa-f:]+\])(?:\.(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]))*(?::[0-9]+)?$`)
)

func checkReference(p *lint.Pass, u use) {
	text := u.image.Text()
	if u.isOfPod() && u.subject.Kind != lint.KindPod && isBuiltIn(u.subject.Workload) {
		text = strings.TrimSpace(text) // valid-container reports blanks around it
	}
	d := u.diagnostic(u.image)
	switch fault := faultOf(text); {
	case strings.TrimSpace(text) == "":
		if u.image.IsSet() && !u.image.IsScalar() || isSetLater(u) || !u.image.IsSet() && p.IsSkeleton(u.object) || p.IsSetByInstalls(u.object, u.image) {
			return
		}
		d.Message = u.label + " has no image; want a reference such as registry.example.com/app:1.0"
	case fault == "", strings.HasPrefix(text, "-") && p.Unit.Kind != lint.UnitChart: // the end of a name that a script completes
		return
	default:
		d.Message = u.label + ` uses image "` + text + `", ` + fault + "; want a reference such as registry.example.com/app:1.0"
	}
	if text == u.image.Text() {
		d.Range = faultyPart(text)
	}
	r, _, _ := split(text)
	if host := nestedHost(r); host != "" && faultOf(text) != "" {
		d.Fix = lint.Advice("remove the registry before " + host + ", or take " + host + " out of the repository and set it as the registry")
	}
	if isScratch(r) {
		d.Range, d.Fix = &lint.Range{To: len(r.name)}, lint.Advice("set the image of the application")
		if p.Unit.Kind == lint.UnitChart {
			d.Severity, d.Fix = lint.Low, lint.Advice("set the image of the application, or take it by required: this one is a default that each user must replace")
		}
	}
	if empty := emptyParts(text); p.Unit.Kind == lint.UnitChart && empty != "" {
		d.Severity = lint.Low
		d.Message, _, _ = strings.Cut(d.Message, "; want ")
		if before, _, ok := strings.Cut(d.Message, ", whose "); ok {
			d.Message = before + ", whose " + empty
		}
		d.Message += " with these values; want a default, or required with a message that names the value"
		d.Fix = u.fillParts(p, d, empty)
	}
	p.Report(d)
}

// fillParts is the fix for parts of a reference that the values of a chart leave empty.
func (u use) fillParts(p *lint.Pass, d lint.Diagnostic, empty string) lint.Intent {
	key := p.KeyOfPart(d)
	if key == "" || !mayBeOf(key, empty) {
		return lint.Advice("give the value a default, or take it by required")
	}
	fix := lint.Advice("set " + u.emptyKeys(p, d, key, empty) + ", or take it by required")
	fix.Together = "set " + key + ", or take it by required" // of images that have other keys beside that
	return fix
}

// emptyKeys names the key of the first empty part, and those of the others if the trail has one for each.
func (u use) emptyKeys(p *lint.Pass, d lint.Diagnostic, key, empty string) string {
	keys := []string{key}
	for _, s := range p.LocatePart(&u.object.Document, u.image, d.Range).Trail {
		if (s.Kind == lint.StepValues || s.Kind == lint.StepDecides) && s.Label != "" && !slices.Contains(keys, s.Label) && mayBeOf(s.Label, empty) {
			keys = append(keys, s.Label)
		}
	}
	if len(keys) != strings.Count(empty, " and ")+1 {
		return key
	}
	return lint.And(keys)
}

// partsOfKeys are the parts of a reference that keys with these last words are for.
var partsOfKeys = map[string]string{"tag": "tag", "version": "tag", "digest": "digest", "sha": "digest", "repository": "repository", "name": "repository", "registry": "registry"}

// mayBeOf reports whether a values key may be the one of the empty parts: its name is not that of another part.
func mayBeOf(key, empty string) bool {
	part := partsOfKeys[strings.ToLower(key[strings.LastIndexByte(key, '.')+1:])]
	return part == "" || strings.Contains(empty, part)
}

// emptyParts says which parts of a reference a chart left empty. It is empty if none is.
func emptyParts(text string) string {
	r, hasTag, hasDigest := split(strings.TrimSpace(text))
	var l []string
	if strings.HasPrefix(r.name, "/") && strings.Trim(r.name, "/") != "" {
		l = append(l, "registry")
	}
	if strings.Trim(r.name, "/") == "" || strings.HasSuffix(r.name, "/") {
		l = append(l, "repository")
	}
	if hasTag && r.tag == "" && !hasDigest {
		l = append(l, "tag")
	}
	if hasDigest && r.digest == "" {
		l = append(l, "digest")
	}
	switch len(l) {
	case 0:
		return ""
	case 1:
		return l[0] + " is empty"
	}
	return strings.Join(l, " and ") + " are empty"
}

// faultyPart is the part of a malformed reference that is to edit. Nil if that is not sure.
func faultyPart(text string) *lint.Range {
	r, hasTag, hasDigest := split(text)
	name := len(r.name)
	switch {
	case faultOfName(r.name) != "":
		switch {
		case strings.HasSuffix(r.name, "/"):
			return &lint.Range{From: name, To: name}
		case strings.HasPrefix(r.name, "/"):
			return &lint.Range{}
		}
		return &lint.Range{To: name}
	case hasTag && (r.tag == "" || !imageTag.MatchString(r.tag)):
		return &lint.Range{From: name + 1, To: len(text)}
	case hasDigest:
		return &lint.Range{From: len(text) - len(r.digest), To: len(text)}
	}
	return nil
}

// isSetLater reports whether an image may be left out, since something else sets it.
func isSetLater(u use) bool {
	w := u.workload()
	return !isBuiltIn(w) || u.subject.Partial || w.Root.Get("metadata.annotations").Child("image.openshift.io/triggers").IsSet()
}

// isBuiltIn reports whether the API server itself validates the pod.
func isBuiltIn(w *lint.Workload) bool {
	switch w.Group() {
	case "", "apps", "batch", "extensions":
		return true
	}
	return false
}

// faultOf says what is wrong with a reference. It is empty if nothing is, or if the
// text is a placeholder.
func faultOf(image string) string {
	if image == "" || isPlaceholder(image) {
		return ""
	}
	if strings.ContainsAny(image, " \t\n") {
		return "which holds blanks"
	}
	if strings.Contains(image, "://") {
		return "which has a scheme"
	}
	r, hasTag, hasDigest := split(image)
	switch {
	case isScratch(r):
		return "which no registry has: the name is reserved for the empty image"
	case len(image) == lengthOfID && imageID.MatchString(image):
		return "which is the ID of an image"
	case hasTag && r.tag == "":
		return "whose tag is empty"
	case hasTag && !naming.IsLabelValue(r.tag) && !imageTag.MatchString(r.tag):
		return "whose tag is malformed"
	case hasDigest && r.digest == "":
		return "whose digest is empty"
	case hasDigest && !dockerfile.IsDigest(r.digest):
		return "whose digest is malformed"
	case len(r.repository()) > maxRepository:
		return "whose repository has more than 255 characters"
	}
	if nestedHost(r) != "" {
		return "whose repository begins with a registry"
	}
	return faultOfName(r.name)
}

// nestedHost is the host of a registry with which a repository of Docker Hub begins. No account there has a dot in its name: a chart has put
// the registry before a repository that has one. It is empty if there is none.
func nestedHost(r reference) string {
	registry, repository := r.location()
	host, _, more := strings.Cut(repository, "/")
	if !more || registry != dockerHub || !strings.Contains(host, ".") || !imageHost.MatchString(host) {
		return ""
	}
	return host
}

// isPlaceholder reports text that another program replaces. It is wider than that of lint,
// since none of these characters can be in a reference.
func isPlaceholder(image string) bool {
	return strings.ContainsAny(image, "${}<>%") || strings.Contains(image, "@@") || strings.HasPrefix(image, "(") || node.HasPlaceholder(image) ||
		node.IsCapitals(image) || strings.Contains(image, "_") && capitals.MatchString(image) || description.MatchString(image)
}

// description is words about the image that the user is to set: image of the web server.
var description = regexp.MustCompile(`^(?i:(?:the |your |an? )?(?:[a-z]+ )?image (?:of|for|to|with|that)(?: [a-z-]+)+)$`)

// capitals is a word such as PROJECT_ID in a reference. Without an underscore it may be an organization
// that is misspelt.
var capitals = regexp.MustCompile(`\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b`)

func faultOfName(name string) string {
	parts := strings.Split(name, "/")
	if len(parts) > 1 && isHost(parts[0]) {
		if !imageHost.MatchString(parts[0]) {
			return "whose registry is malformed"
		}
		parts = parts[1:]
	}
	for _, part := range parts {
		switch {
		case part == "":
			return "whose repository has an empty part"
		case naming.IsPlain(part), imagePath.MatchString(part):
		case imagePath.MatchString(strings.ToLower(part)):
			return "whose repository has upper-case letters"
		default:
			return "whose repository is malformed"
		}
	}
	return ""
}

// isHost reports whether the first part of a name is a registry, by the rule that runtimes
// apply: it has a dot, a port or an upper-case letter, or is localhost.
func isHost(part string) bool {
	return strings.ContainsAny(part, ".:") || part == "localhost" || strings.ToLower(part) != part
}
