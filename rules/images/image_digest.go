package images

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/built"
)

// ImageDigest reports images that are not referenced by digest.
//
// A tag is a label that its owner can move to other content, and so can anyone who takes over the
// registry or an account there. What was reviewed, scanned and signed is then not what runs. A
// digest names the content itself and cannot be moved.
//
// Containers, image volumes and images that custom resources of known operators name are checked. A tag beside
// the digest is fine; the runtime ignores it. Text that is no reference, such as a placeholder, is not
// checked, nor an image of a folder in which a Makefile replaces it by kustomize edit set image, one for which a configuration of kbld in its
// folder, or in one above, has another with a digest, one without a tag that Skaffold builds, one that a Tiltfile builds by that name for manifests which it names, one that a script builds and pushes to no registry, or one that a chart's ci/*-values.yaml
// sets, which only the tests of the chart use. Nor is one with imagePullPolicy: Never, which comes from no registry, or one that can no longer be pulled, which
// no-deprecated-registry reports. An image passes if a policy in
// the input verifies its signature on admission: a Kyverno policy that enforces verifyImages or is an
// ImageValidatingPolicy, a ClusterImagePolicy of sigstore, or a Gatekeeper constraint of Ratify. The policy
// must match the image, and may be restricted by namespace only.
var ImageDigest = &lint.Rule{
	ID:        "image-digest",
	Title:     "Image is not pinned to a digest",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"images-digest-or-signature"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.5.1"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "pin the image that was tested: TAG@sha256:…",
	Check: eachImage(checkDigest),
}

// verifiersOf is the policies of the unit that enforce signatures.
var verifiersOf = lint.UnitIndex("image verification", func(p *lint.Pass) []verifier { return verifiers(p.Unit) })

// ownValue begins the fix where a digest does not fit the key with the tag.
const ownValue = "give the image a value of its own for the digest: "

func checkDigest(p *lint.Pass, u use) {
	if u.isUnpullable(p) {
		return
	}
	at, by := u.source(p)
	text := at.Text()
	r, ok := parse(text)
	if !ok || isExampleHost(r) || r.digest != "" || u.policy.Text() == "Never" || u.isReplaced(p) || u.isBuiltHere(p) || isVerified(verifiersOf(p), u.workload(), text, r) {
		return
	}
	isStamped := u.isStamped(p, at, r)
	fix := lint.Intent{
		IsPlaceholder: isStamped,
		Key:           digestKeys(r, "", isStamped), For: path.Base(r.name), IsReleased: built.Of(p).SetsAppVersion(p.Unit.Input), RaisedBy: built.Of(p).AppVersionRewriter(p.Unit.Input, r.tag),
		Apart:  "give each image a tag of its own: this key is for images of several repositories, and no digest fits them all",
		Beside: ownValue + "this key is also ",
	}
	of := u.object
	if by != nil {
		of = by
	}
	origin := p.LocatePart(&of.Document, at, tagOf(text))
	fix.Title = pinTitle(r, nameIn(origin.AtEntry().Text, r), isStamped)
	switch {
	case isOfCluster(p, origin, r.tag):
		fix.Key, fix.Title = digestOfCluster(r), "pin the image that was tested: VERSION@sha256:…, with the version of your cluster, which is the tag here"
	case r.tag != "" && origin.Taken == nil && origin.Entry == nil && variableOf(origin, r.tag) != "": // of a dependency no template is edited here
		fix.Title = "add a values key for the digest of the image that was tested, print it behind the tag here, @sha256:…, and renew it with " + variableOf(origin, r.tag) + ": " + r.tag + " now"
	case origin.Entry != nil && strings.HasPrefix(r.tag, "v") && letterBefore.MatchString(origin.Text):
		fix.Key = digestKeys(reference{name: r.name, tag: r.tag[1:]}, "v", false)
		fix.Title = "pin the image that was tested: " + r.tag[1:] + "@sha256:…"
	case renamedBy(origin) != "":
		entry := renamedBy(origin)
		fix.Title = "add to " + entry + " the digest of the image that was tested: digest: sha256:…"
	case numberOf(origin.AtEntry(), r.tag) != "":
		number := numberOf(origin.AtEntry(), r.tag)
		fix.Title = "pin the image that was tested, " + r.tag + "@sha256:… or " + number + "@sha256:…: YAML reads " + number + " without quotes as a number, and the template prints it as " + r.tag
	}
	if (r.tag == "" || r.tag == "latest") && hasNoVersions(r) {
		fix = replaceImage(r)
	}
	if by != nil && namesTag(p, by, at, origin) {
		fix = lint.Advice(ownValue + "this key is also the name of a tag of " + by.KindName())
	}
	if label, by := u.copiedLabel(p, r.tag); label != "" {
		fix = lint.Advice("give label " + label + " a value of its own, since " + by + " copies the tag there, and a label cannot have the digest; then append the digest to the tag: " + r.tag + "@sha256:…")
	}
	if isGone(text) {
		fix = lint.Advice("replace the image first, which can no longer be pulled, and append the digest of the new one")
	} else if by, ok := built.Of(p).Updater(p.Unit, r.name, func() lint.Origin { return p.Locate(u.object, at) }); ok {
		fix = lint.Advice("set update-strategy: digest for " + by.Alias + " in the annotations of Argo CD Image Updater in " + by.By + ": it writes the tag, and a digest that is added to " + cmp.Or(r.tag, "it") + " here does not last")
		fix.Unless = "the tag has to change with each version, which that strategy does not do"
	} else if file := u.rewriter(p, at, r); file != "" {
		fix.RewrittenBy, fix.Title = file, "have "+file+" write the digest of the new image behind the tag: it replaces "+r.tag+" here without one"
	}
	u.report(p, at, by, "; want a digest: @sha256:…", fix)
}

// digestOfCluster is the keys for an image whose tag is the version of the cluster.
func digestOfCluster(r reference) *lint.NamedKey {
	key := digestKeys(reference{name: r.name, tag: "latest"}, "", false)
	for i := range key.Tries {
		if try := &key.Tries[i]; slices.Equal(try.Names, tagKeys) {
			try.Text = "VERSION@sha256:…, with the version of your cluster"
		}
	}
	return key
}

// pinTitle says what to write in place of a reference, of which the line has a name or none. A stamped one has a tag that only stands for the version of
// a release.
func pinTitle(r reference, name string, isStamped bool) string {
	const pin = "pin the image that was tested: "
	switch {
	case isStamped:
		return "have the release write the digest of the image behind its tag: latest stands for a version only"
	case r.tag == "" && name == "":
		return "append the version and the digest of the image that was tested: :VERSION@sha256:…"
	case r.tag == "":
		return pin + name + ":VERSION@sha256:…"
	case r.tag == "latest":
		return pin + name + "VERSION@sha256:… in place of latest"
	default:
		return pin + name + r.tag + "@sha256:…"
	}
}

// nameIn is the name of an image, with the colon if a tag follows, as far as a line has it before the tag: the fix prints what is there with the
// digest. It is empty if the line has the tag alone, as a values key and newTag of a kustomization do.
func nameIn(line string, r reference) string {
	name, tag := r.name, ""
	if r.tag != "" {
		name, tag = name+":", r.tag
	}
	for {
		if i := strings.Index(line, name+tag); i >= 0 {
			if i > 0 && line[i-1] == '/' { // what is before it is not known from the line
				return ""
			}
			return name
		}
		_, rest, more := strings.Cut(name, "/")
		if !more {
			return ""
		}
		name = rest
	}
}

// numberOf is the number without quotes that a values key has for a tag which is printed with other digits: 8.0 is printed as 8. It is empty if the
// key has no such number.
func numberOf(o lint.Origin, tag string) string {
	if len(o.Trail) == 0 || o.Trail[0].Kind != lint.StepValues || o.Column < 1 || o.Column > len(o.Text) {
		return ""
	}
	text, _, _ := strings.Cut(o.Text[o.Column-1:], " ")
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || !strings.Contains(text, ".") || text == tag || strconv.FormatFloat(number, 'f', -1, 64) != tag {
		return ""
	}
	return text
}

// namesTag reports whether the key that supplies the tag of an image which an ImageStream takes also supplies the name of a tag of the stream: such
// a name can have no digest.
func namesTag(p *lint.Pass, by *lint.Object, at lint.Value, o lint.Origin) bool {
	name := by.Root.At(strings.TrimSuffix(at.Path(), "from.name") + "name")
	if !name.IsSet() {
		return false
	}
	i := slices.IndexFunc(o.Trail, func(s lint.Step) bool { return s.Kind == lint.StepValues })
	return i >= 0 && slices.ContainsFunc(p.Locate(by, name).Trail, func(s lint.Step) bool { return s.Kind == lint.StepValues && s.Label == o.Trail[i].Label })
}

// copiedLabel is a label of the workload or its pods into which a replacement of a kustomization copies the tag, and that replacement. The API server
// refuses a digest there, with @ in it or with more than 63 characters. Both are empty if there is none.
func (u use) copiedLabel(p *lint.Pass, tag string) (label, by string) {
	if tag == "" || p.Unit.Kind != lint.UnitOverlay || !u.isOfPod() {
		return "", ""
	}
	for _, labels := range []lint.Value{u.object.Root.Get("metadata.labels"), u.subject.Workload.Template.Get("metadata.labels")} {
		for key, v := range labels.Entries() {
			if v.Text() != tag {
				continue
			}
			for _, s := range p.Locate(u.object, v).Trail {
				if s.Kind == lint.StepKustomization && strings.HasPrefix(s.Label, "replacements") {
					return key, s.Label
				}
			}
		}
	}
	return "", ""
}

// variableOf is what a template of a chart makes the tag of: a digest that is written beside that stays when the tag changes, and the old
// image is what runs. It is empty if the template writes the tag itself.
func variableOf(o lint.Origin, tag string) string {
	if o.Precision != lint.PrecisionExact || !strings.Contains(o.Text, "{{") || strings.Contains(o.Text, tag) {
		return ""
	}
	name := ""
	for _, s := range o.Trail {
		switch {
		case s.Position == o.Position:
		case s.Kind == lint.StepChart && s.Label == "appVersion":
			return "each appVersion of the chart, which is the tag"
		case s.Kind == lint.StepValues, s.Kind == lint.StepDecides, s.Kind == lint.StepChart:
			name = "the tag"
		}
	}
	return name
}

// isOfCluster reports whether a chart makes a tag of the version of the cluster: it is the version that kubevet renders for, which no template
// has as a text, and no values either, but for a key that decides about it. It is not the version of the chart.
func isOfCluster(p *lint.Pass, o lint.Origin, tag string) bool {
	version := strings.TrimPrefix(tag, "v")
	if of := fmt.Sprintf("%d.%d", p.Version.Major, p.Version.Minor); p.Unit.Holds == nil || version != of && version != of+".0" {
		return false
	}
	if strings.Contains(o.Text, version) || slices.ContainsFunc(o.Trail, func(s lint.Step) bool { return s.Kind == lint.StepChart }) {
		return false
	}
	inTemplates, inValues := p.Unit.Holds(version)
	return !inTemplates && (!inValues || slices.ContainsFunc(o.Trail, func(s lint.Step) bool { return s.Kind == lint.StepDecides }))
}

// letterBefore matches a template that writes the v of a tag before the version that a value has.
var letterBefore = regexp.MustCompile(`:v(?:\{\{|%s)`)

// renamedBy is the entry of images in a kustomization whose newName is the place to edit: a tag does not belong there. It is
// empty if there is none.
func renamedBy(o lint.Origin) string {
	for _, s := range o.Trail {
		entry, ok := strings.CutSuffix(s.Label, ".newName")
		if ok && s.Kind == lint.StepKustomization && s.Position == o.Position {
			return entry
		}
	}
	return ""
}

// digestKeys are the values keys by which many charts take a digest. Some write its algorithm
// themselves, and some take it beside the tag, which they know without the key. Before is what a template writes before the tag. isVersion says
// that latest stands for a version.
func digestKeys(r reference, before string, isVersion bool) *lint.NamedKey {
	digest := strings.Repeat("f0", 32) // no function for random texts makes it
	ends := "@sha256:" + digest
	k := &lint.NamedKey{Apart: ownValue, Tries: []lint.Try{
		{Names: []string{"digest", "sha256", "sha"}, Value: "sha256:" + digest, Text: "sha256:…", Ends: ends},
		{Names: []string{"sha256", "sha"}, Value: digest, Text: "…, the digest without sha256:", Ends: ends},
	}}
	if r.tag != "" {
		k.Own = lint.Try{Value: r.tag + ends, Ends: r.name + ":" + before + r.tag + ends}
		k.Text, k.Before = r.tag, r.name[strings.LastIndex(r.name, "/")+1:]+":"+before
	}
	switch {
	case r.tag == "":
	case r.tag == "latest" && !isVersion:
		k.Tries = append(k.Tries, lint.Try{Names: tagKeys, Value: triedVersion + ends, Text: "VERSION@sha256:…", Ends: r.name + ":" + before + triedVersion + ends})
	default:
		whole := r.name + ":" + before + r.tag
		k.Tries = append(k.Tries, lint.Try{Names: tagKeys, Value: r.tag + ends, Text: r.tag + "@sha256:…", Ends: whole + ends},
			lint.Try{Names: referenceKeys, Value: whole + ends, Text: whole + "@sha256:…", Ends: whole + ends, IsAll: true})
	}
	return k
}

// tagKeys are the values keys by which many charts take a tag, in place of which they print the chart's appVersion.
var tagKeys = []string{"tag", "imageTag", "version"}

// referenceKeys are the values keys by which some charts take a whole reference, in place of which they put one together.
var referenceKeys = []string{"image"}

// triedVersion is the version with which such a key is tried in place of latest. No chart prints it elsewhere.
const triedVersion = "0.0.0-f0f0f0f0f0f0f0f0"
