package built

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
	"github.com/kubevet/kubevet/lint/variables"
)

// makefile notes the images that recipes replace in a kustomization before it is built:
// cd config/manager && kustomize edit set image app=registry.example.com/app:1.4.
func (x *Images) makefile(d *lint.Document) {
	text, _ := d.Data.(string)
	text = joined(text)
	dir := path.Dir(path.Clean(d.File))
	x.overlays(text, dir)
	set, literals := variables.OfMakefile(text), variables.OfLiterals(text)
	for line := range strings.Lines(text) {
		recipe, ok := strings.CutPrefix(line, "\t")
		if !ok {
			continue
		}
		x.given.recipe(recipe)
		x.given.makes(recipe)
		x.command(set.Expand(recipe, variables.Make))
		x.rewrite(set.Expand(recipe, variables.Make), d.File, dir)
		x.packages(set.Expand(recipe, variables.Make))
		switch {
		case strings.Contains(recipe, editImage):
			x.recipe(dir, literals.Expand(recipe, variables.Make)) // a folder that is put together may be one of copies
		case strings.Contains(recipe, loadImage):
			x.loadsOf(recipe, dir, set)
		}
	}
}

var (
	// namesImages matches the line of a kustomization that begins the list of the images which it replaces.
	namesImages = regexp.MustCompile(`^images:\s*$`)
	// namesImage and replacesBy match the name of such an image, and what comes in its place.
	namesImage = regexp.MustCompile(`^\s*-?\s*name:\s*["']?([\w./:-]+?)["']?\s*$`)
	replacesBy = regexp.MustCompile(`^\s*-?\s*(?:newName|newTag|digest):\s*\S`)
)

// WritesOverlay is a fast test whether a text may have a kustomization that replaces images.
func WritesOverlay(text string) bool {
	return strings.Contains(text, "\nimages:") && (strings.Contains(text, "newName:") || strings.Contains(text, "newTag:"))
}

// overlays notes the images that kustomizations replace which a text writes: in define of a Makefile, or a here-document of a script. They
// are for the folder of the project.
func (x *Images) overlays(text, dir string) {
	if !WritesOverlay(text) {
		return
	}
	isList, name := false, ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch m := namesImage.FindStringSubmatch(line); {
		case namesImages.MatchString(line):
			isList, name = true, ""
		case !isList:
		case m != nil:
			name = m[1]
		case replacesBy.MatchString(line):
			if strings.HasPrefix(strings.TrimSpace(line), "-") { // another one
				name = ""
			}
			if name != "" && len(x.replaced) < maxReplaced {
				addFolder(x.replaced, name, dir)
			}
		default:
			isList = false
		}
	}
}

const (
	// maxReplaced limits how many names are known that Makefiles replace: each image is compared with all.
	maxReplaced = 1000
	editImage   = "edit set image "
	// loadImage is the command by which kind puts images of the local Docker on the nodes of its cluster.
	loadImage = "load docker-image "
)

// loads notes the images that kind puts on its nodes: they are built there, and no registry has them.
func (x *Images) loads(to map[string]map[string]bool, dir, images string) {
	if i := strings.IndexAny(images, ";&|"); i >= 0 { // another command
		images = images[:i]
	}
	isFlag := false
	for image := range strings.FieldsSeq(images) {
		switch {
		case isFlag:
			isFlag = false
		case strings.HasPrefix(image, "-"):
			isFlag = !strings.Contains(image, "=")
		default:
			x.addLoaded(to, image, dir)
		}
	}
}

// loadsOf notes the images that a recipe puts on the nodes of kind. What a variable names may be in a registry, too, unless its name has no owner.
func (x *Images) loadsOf(recipe, dir string, set variables.Set) {
	_, images, _ := strings.Cut(recipe, loadImage)
	x.loads(x.loaded, dir, images)
	for _, ref := range variables.Make.FindAllString(images, maxReplaced) {
		if image := set.Expand(ref, variables.Make); !strings.Contains(image, "/") {
			x.addLoaded(x.loaded, image, dir)
		}
	}
}

// addLoaded adds an image that is known, for a folder.
func (x *Images) addLoaded(to map[string]map[string]bool, image, dir string) {
	image = strings.Trim(image, `"'`)
	if isArchive(image) {
		if len(x.given.archives) < maxReplaced && x.given.archives != nil {
			addFolder(x.given.archives, path.Base(image), dir)
		}
		return
	}
	if image != "" && !strings.ContainsAny(image, "$()`") && len(to) < maxReplaced {
		addFolder(to, image, dir)
	}
}

// recipe notes the images that the commands of a line replace, which starts in a directory.
func (x *Images) recipe(dir, line string) {
	for command := range strings.SplitSeq(strings.ReplaceAll(line, "&&", ";"), ";") {
		command = strings.Trim(command, " \t\n@-()")
		if to, ok := strings.CutPrefix(command, "cd "); ok {
			switch to = strings.Trim(to, ` "'`); {
			case strings.Contains(to, "$"): // not known: perhaps a copy of any folder below
			case to == "" || path.IsAbs(to) || strings.ContainsAny(to, " ~"):
				return
			default:
				dir = path.Join(dir, to)
			}
			continue
		}
		_, images, _ := strings.Cut(command, editImage)
		for image := range strings.FieldsSeq(images) {
			image = strings.Trim(image, `"'`)
			name, _, ok := strings.Cut(image, "=")
			if r := dockerfile.ParseReference(image); !ok { // app:1.4 is the image app with another tag
				name, ok = r.Name, r.Tag != "" || r.Digest != ""
			}
			if ok && name != "" && !strings.Contains(name, "$") && len(x.replaced) < maxReplaced {
				addFolder(x.replaced, name, dir)
			}
		}
	}
}

// addArtifacts notes the names that Skaffold completes in the manifests which it applies. People ask for profiles by name: those count that
// have manifests of their own.
func (x *Images) addArtifacts(d *lint.Document) {
	for a := range d.Root.Get("build.artifacts").Items() {
		if name := a.Get("image").Text(); name != "" {
			addFolder(x.artifacts, name, path.Dir(path.Clean(d.File)))
		}
	}
	for p := range d.Root.Get("profiles").Items() {
		if !hasManifests(p) {
			continue
		}
		for a := range p.Get("build.artifacts").Items() {
			if name := a.Get("image").Text(); name != "" {
				addFolder(x.profiles, name, path.Dir(path.Clean(d.File)))
			}
		}
	}
}

// hasManifests reports whether a profile of Skaffold says what it renders or applies.
func hasManifests(profile lint.Value) bool {
	return profile.Get("manifests").Len() > 0 || profile.Get("deploy.kustomize.paths").Len() > 0 || profile.Get("deploy.kubectl.manifests").Len() > 0
}

// IsReplaced reports whether a Makefile, Skaffold or Tilt replaces an image of a file before the file is applied, so that
// what comes in its place is not known, or has it built for a cluster of its own. at is where the image is written. It
// is asked for only if one of them may mean the image.
func (x *Images) IsReplaced(image string, at func() lint.Origin) bool {
	name := dockerfile.ParseReference(image).Name
	folders := []map[string]bool{x.loaded[image], x.replaced[image], x.replaced[name], x.artifacts[image], x.profiles[image], x.tilt[image]}
	folders = slices.DeleteFunc(folders, func(dirs map[string]bool) bool { return len(dirs) == 0 })
	if len(folders) == 0 && len(x.replaced) == 0 {
		return false
	}
	origin := at()
	if isIn(origin.File, func(dir string) bool {
		return slices.ContainsFunc(folders, func(dirs map[string]bool) bool { return dirs[dir] })
	}) {
		return true
	}
	if x.tilt[image][path.Clean(origin.File)] {
		return true
	}
	return slices.ContainsFunc(origin.Trail, func(s lint.Step) bool {
		return s.Replaces != "" && x.replaced[s.Replaces][path.Dir(path.Clean(s.Position.File))]
	})
}

// isIn reports whether a folder that a file is in, at any depth, is one of some.
func isIn(file string, isOne func(dir string) bool) bool {
	for dir := path.Clean(file); dir != "." && dir != "/"; {
		dir = path.Dir(dir)
		if isOne(dir) {
			return true
		}
	}
	return false
}

func addFolder(to map[string]map[string]bool, name, dir string) {
	if to[name] == nil {
		to[name] = map[string]bool{}
	}
	to[name][dir] = true
}
