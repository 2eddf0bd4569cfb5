package built

import (
	"path"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// makefile notes the images that recipes replace in a kustomization before it is built:
// cd config/manager && kustomize edit set image app=registry.example.com/app:1.4.
func (x *Images) makefile(d *lint.Document) {
	text, _ := d.Data.(string)
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\\\n", " ")
	for line := range strings.Lines(text) {
		if recipe, ok := strings.CutPrefix(line, "\t"); ok && strings.Contains(recipe, editImage) {
			x.recipe(path.Dir(path.Clean(d.File)), recipe)
		}
	}
}

const editImage = "edit set image "

// recipe notes the images that the commands of a line replace, which starts in a directory.
func (x *Images) recipe(dir, line string) {
	for command := range strings.SplitSeq(strings.ReplaceAll(line, "&&", ";"), ";") {
		command = strings.Trim(command, " \t\n@-()")
		if to, ok := strings.CutPrefix(command, "cd "); ok {
			if to = strings.Trim(to, ` "'`); to == "" || path.IsAbs(to) || strings.ContainsAny(to, "$ ~") {
				return // not known
			}
			dir = path.Join(dir, to)
			continue
		}
		_, images, _ := strings.Cut(command, editImage)
		for image := range strings.FieldsSeq(images) {
			name, _, ok := strings.Cut(strings.Trim(image, `"'`), "=")
			if ok && name != "" && !strings.Contains(name, "$") {
				x.replaced[name] = append(x.replaced[name], dir)
			}
		}
	}
}

// IsReplaced reports whether a Makefile replaces an image of a file before the file is applied. What
// comes in its place is not known. The file is asked for only if some Makefile replaces the image.
func (x *Images) IsReplaced(image string, file func() string) bool {
	for _, name := range []string{image, dockerfile.ParseReference(image).Name} {
		for _, dir := range x.replaced[name] {
			if dir == "." || strings.HasPrefix(path.Clean(file()), dir+"/") {
				return true
			}
		}
	}
	return false
}
