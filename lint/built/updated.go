package built

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// updaterPrefix is how the annotations begin by which an Application of Argo CD tells Image Updater what to write.
const updaterPrefix = "argocd-image-updater.argoproj.io/"

// maxUpdates limits how many images are known that Image Updater writes: each image is compared with all.
const maxUpdates = 500

// HasUpdater is a fast test whether a text may have annotations for Argo CD Image Updater with the images that it writes, a comment with the
// command that writes a tag, or a step of Kargo that does.
func HasUpdater(text string) bool {
	return strings.Contains(text, updaterPrefix+"image-list") || strings.Contains(text, "yq ") && commentedCommand.MatchString(text) || hasKargo(text)
}

// commentedCommand matches a comment with a command that sets a key of a values file in place, as people say there what a release runs.
var commentedCommand = regexp.MustCompile(`(?m)^[ \t]*#[# \t]*(yq (?:eval |e )?(?:-i|--inplace)\s.*\.ya?ml\b.*)$`)

// update is an image whose tag Argo CD Image Updater writes for an Application.
type update struct {
	// by is the file with the annotations, and alias what they call the image.
	by, alias string
	// text is the document with the annotations.
	text string
	// name matches the name of the image.
	name *regexp.Regexp
	// keys are the values keys with the tag, or with the image and its tag.
	keys []string
	// folders match the folders of the overlays in which it writes the tag. It is nil if it writes none.
	folders []*regexp.Regexp
}

// Update is an image that Argo CD Image Updater writes: the file with the annotations, and what they call the image.
type Update struct{ By, Alias string }

var (
	// updaterLine matches an annotation for Image Updater, with its indent, its name and its value.
	updaterLine = regexp.MustCompile(`^(\s*)["']?` + regexp.QuoteMeta(updaterPrefix) + `([\w./-]+)["']?:\s*(.*)$`)
	// folderLine matches the path of what an Application deploys, or of the folders for which an ApplicationSet makes some.
	folderLine = regexp.MustCompile(`(?m)^[\s-]*["']?path["']?:\s*["']?([^"'#\n]+)`)
	// goTemplate matches what is not known before an ApplicationSet or a chart is rendered.
	goTemplate = regexp.MustCompile(`\{\{[^{}]*\}\}`)
	// documentEnd matches what is between the documents of a file.
	documentEnd = regexp.MustCompile(`(?m)^---.*$`)
)

// updater notes the images that the annotations in a file tell Image Updater to write. They are read as lines, since templates of
// charts and values have them, too.
func (x *Images) updater(d *lint.Document) {
	text, _ := d.Data.(string)
	for _, m := range commentedCommand.FindAllStringSubmatch(text, maxRewrites) {
		x.rewrite(m[1], "the command in a comment of "+d.File, "")
	}
	for _, text := range documentEnd.Split(text, -1) {
		for _, annotations := range annotationsIn(text) {
			x.addUpdates(d.File, text, annotations)
		}
	}
}

// annotationsIn are the annotations for Image Updater in a text, for each map that has some.
func annotationsIn(text string) (all []map[string]string) {
	var current map[string]string
	indent, listed := 0, ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		trimmed := strings.TrimLeft(line, " ")
		at := len(line) - len(trimmed)
		if trimmed == "" || trimmed[0] == '#' || strings.HasPrefix(trimmed, "{{") {
			continue
		}
		m := updaterLine.FindStringSubmatch(line)
		switch {
		case m == nil && listed != "" && at > indent:
			current[listed] += trimmed
			continue
		case m == nil:
			if listed = ""; at < indent {
				current = nil
			}
			continue
		case current == nil || at != indent:
			current, indent = map[string]string{}, at
			all = append(all, current)
		}
		if listed = ""; m[3] == "" || strings.ContainsAny(m[3][:1], "|>") {
			listed, m[3] = m[2], ""
		}
		value, _, _ := strings.Cut(m[3], " #")
		current[m[2]] = strings.Trim(strings.TrimRight(value, ", "), `"'`)
	}
	return all
}

// addUpdates notes the images of the annotations of an Application. One that it writes by their digests is none.
func (x *Images) addUpdates(by, text string, annotations map[string]string) {
	var folders []*regexp.Regexp
	if strings.HasPrefix(annotations["write-back-target"], "kustomization") {
		folders = foldersIn(text)
	}
	for entry := range strings.SplitSeq(annotations["image-list"], ",") {
		alias, name, ok := strings.Cut(strings.TrimSpace(entry), "=")
		if !ok {
			name = alias
		}
		u := update{by: by, alias: alias, text: text, folders: folders, keys: keysOf(alias, annotations)}
		pattern, isKnown := known(dockerfile.ParseReference(goTemplate.ReplaceAllString(name, template)).Name, "[^/:@]+")
		if strategy := annotations[alias+".update-strategy"]; !isKnown || strategy == "digest" || annotations["update-strategy"] == "digest" && strategy == "" || len(u.keys)+len(u.folders) == 0 {
			continue
		}
		if u.name = pattern; len(x.updates) < maxUpdates {
			x.updates = append(x.updates, u)
		}
	}
}

// keysOf are the values keys with the tag of an image. An image without an alias of its own has none.
func keysOf(alias string, annotations map[string]string) (keys []string) {
	for _, kind := range []string{"helm.image-tag", "helm.image-spec"} {
		if key := annotations[alias+"."+kind]; key != "" && !strings.Contains(key, "{{") {
			keys = append(keys, key)
		}
	}
	return keys
}

// template stands for what is not known in a name, and for a part of a path.
const template = "TEMPLATE-TEMPLATE"

// known is the pattern of a name, in which some parts are not known. ok is false if none is known.
func known(name, part string) (re *regexp.Regexp, ok bool) {
	if strings.Trim(strings.ReplaceAll(name, template, ""), "/.-_") == "" {
		return nil, false
	}
	re, err := regexp.Compile("^" + strings.ReplaceAll(regexp.QuoteMeta(name), regexp.QuoteMeta(template), "("+part+")") + "$")
	return re, err == nil
}

// maxFolders limits how many folders are known of one document.
const maxFolders = 50

// foldersIn are the folders that a document with an Application or ApplicationSet names.
func foldersIn(text string) (l []*regexp.Regexp) {
	for _, m := range folderLine.FindAllStringSubmatch(text, maxFolders) {
		folder := path.Clean(goTemplate.ReplaceAllString(strings.TrimSpace(m[1]), template))
		if re, ok := known(folder, "[^/]+"); ok && !strings.Contains(folder, "*") {
			l = append(l, re)
		}
	}
	return l
}

// Updater is what Argo CD Image Updater writes in the place of the tag of an image in a unit: what is added to the tag does not
// last. ok is false if nothing is known of it. at is where the image is written.
func (x *Images) Updater(u *lint.Unit, name string, at func() lint.Origin) (Update, bool) {
	var o *lint.Origin
	for _, w := range x.updates {
		if !w.name.MatchString(name) {
			continue
		}
		if o == nil {
			found := at()
			o = &found
		}
		if w.writesKey(o) || u.Kind == lint.UnitOverlay && w.writesFolder(u.Input, o) {
			return Update{By: w.by, Alias: w.alias}, true
		}
	}
	return Update{}, false
}

// writesKey reports whether Image Updater writes a values key from which an image comes. A values file other than that of the chart
// counts if the Application names it: others are for other installations.
func (w *update) writesKey(o *lint.Origin) bool {
	return slices.ContainsFunc(o.Trail, func(s lint.Step) bool {
		if s.Kind != lint.StepValues || !slices.Contains(w.keys, s.Label) {
			return false
		}
		base := path.Base(s.Position.File)
		return base == "values.yaml" || strings.Contains(w.text, base)
	})
}

// writesFolder reports whether Image Updater writes an entry of images in the kustomization of a folder from which an image comes. What the
// pattern of the folder does not know has to be in the document, in a list of its generator.
func (w *update) writesFolder(folder string, o *lint.Origin) bool {
	isEntry := slices.ContainsFunc(o.Trail, func(s lint.Step) bool {
		return s.Kind == lint.StepKustomization && strings.HasPrefix(s.Label, "images[") && path.Dir(s.Position.File) == path.Clean(folder)
	})
	return isEntry && slices.ContainsFunc(w.folders, func(re *regexp.Regexp) bool {
		for rest := path.Clean(folder); ; {
			if m := re.FindStringSubmatch(rest); m != nil {
				return !slices.ContainsFunc(m[1:], func(part string) bool { return !strings.Contains(w.text, part) })
			}
			_, after, ok := strings.Cut(rest, "/")
			if !ok {
				return false
			}
			rest = after // the paths of Argo CD are those in the repository
		}
	})
}
