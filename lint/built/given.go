package built

import (
	"iter"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// given are the names that commands give images by variables of Makefiles: make IMAGE=app:dev image.
type given struct {
	// names are the values by the variables, and built and pushed the variables by which recipes build and push images.
	names         map[string]map[string]bool
	built, pushed map[string]bool
	// saved are the images in archives, and archives the folders for which archives are loaded on nodes, by the names of their files.
	saved, archives map[string]map[string]bool
}

var (
	// making matches a command that gives a Makefile variables.
	making = regexp.MustCompile(`\bmake\s+((?:-\S+\s+|[\w./-]+\s+)*(?:[A-Za-z_]\w*=\S+\s*)+)`)
	// giving matches a variable that such a command gives.
	giving = regexp.MustCompile(`(?:^|\s)([A-Za-z_]\w*)=(\S+)`)
	// wholeVariable matches a reference to a variable, and nothing else.
	wholeVariable = regexp.MustCompile(`^["']?\$[({](\w+)[)}]["']?$`)
)

// makes notes what the commands of a text give Makefiles.
func (g *given) makes(text string) {
	if !strings.Contains(text, "make ") {
		return
	}
	for _, m := range making.FindAllStringSubmatch(text, -1) {
		for _, v := range giving.FindAllStringSubmatch(m[1], -1) {
			if len(g.names) < maxReplaced {
				addFolder(g.names, v[1], tagged(strings.Trim(v[2], "`")))
			}
		}
	}
}

// saves notes what the arguments of a command say that it saves, in which archive.
func (g *given) saves(arguments string) {
	archive := ""
	var images []string
	words := strings.Fields(strings.NewReplacer(`"`, "", "'", "", ">", " > ", "=", " ").Replace(arguments))
	for i := 0; i < len(words); i++ {
		switch word := words[i]; {
		case i+1 < len(words) && (word == ">" || word == "-o" || word == "--output"):
			i++
			archive = path.Base(words[i])
		case !strings.HasPrefix(word, "-"):
			images = append(images, word)
		}
	}
	for _, image := range images {
		if archive != "" && !strings.Contains(archive, "$") && len(g.saved) < maxReplaced {
			addFolder(g.saved, archive, image)
		}
	}
}

// addArchives notes the images that are loaded on nodes from archives in which another command has saved them.
func (x *Images) addArchives(g given) {
	for _, name := range slices.Sorted(maps.Keys(g.archives)) {
		for _, image := range slices.Sorted(maps.Keys(g.saved[name])) {
			for _, dir := range slices.Sorted(maps.Keys(g.archives[name])) {
				x.addLoaded(x.onNodes, image, dir)
			}
		}
	}
}

// recipe notes by which variables a line of a recipe, as it is written, builds or pushes images.
func (g *given) recipe(line string) {
	for _, m := range building.FindAllStringSubmatch(line, -1) {
		for _, tag := range tagFlag.FindAllStringSubmatch(m[1], -1) {
			if v := wholeVariable.FindStringSubmatch(tag[1]); v != nil {
				g.built[v[1]] = true
				g.pushed[v[1]] = g.pushed[v[1]] || strings.Contains(m[1], "--push") || strings.Contains(m[1], "type=registry")
			}
		}
	}
	for _, m := range pushing.FindAllStringSubmatch(line, -1) {
		for word := range strings.FieldsSeq(m[1]) {
			if v := wholeVariable.FindStringSubmatch(word); v != nil {
				g.pushed[v[1]] = true
			}
		}
	}
}

// comments notes what the comments of a Dockerfile say to make.
func (g *given) comments(f *dockerfile.File) {
	for _, line := range f.Head {
		g.makes(line)
	}
}

// addGiven notes the images that recipes build under the names that commands give them.
func (x *Images) addGiven(g given) {
	for _, name := range slices.Sorted(maps.Keys(g.names)) {
		if !g.built[name] || g.pushed[name] {
			continue
		}
		for _, ref := range slices.Sorted(maps.Keys(g.names[name])) {
			x.note(x.byCommand, ref)
		}
	}
}

// Args are the values of ARG instructions that each known build of a Dockerfile passes: one entry a build. What is not known in them, such as an
// expression of a workflow, is node.UnknownPart, or as the file has it.
func (x *Images) Args(dockerfile *lint.Document) []map[string]string { return x.builds[dockerfile] }

// argsIn are the values that a mapping has, or a list with NAME=VALUE.
func argsIn(v lint.Value) map[string]string {
	var lines []string
	args := map[string]string{}
	for name, value := range v.Entries() {
		args[name] = value.Written()
	}
	for item := range v.Items() {
		lines = append(lines, item.Written())
	}
	maps.Copy(args, argsOf(slices.Values(lines)))
	return args
}

// argsOf are the values in texts with NAME=VALUE. A name alone has its value from the environment, which is not known.
func argsOf(texts iter.Seq[string]) map[string]string {
	args := map[string]string{}
	for text := range texts {
		if name, value, ok := strings.Cut(strings.TrimSpace(text), "="); ok {
			args[name] = value
		}
	}
	return args
}
