package dockerfile

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfileNoRecursiveCopy reports COPY and ADD of the whole build context in the final stage.
//
// Everything beside the Dockerfile is in the image then: the history in .git, files with
// credentials such as .env, and whatever lies there on the day of the build.
//
// Copies in other stages are not in the image. A .dockerignore that lets only named files
// through, one that begins with * or **, makes the context small, and passes.
var DockerfileNoRecursiveCopy = &lint.Rule{
	ID:        "dockerfile-no-recursive-copy",
	Title:     "The whole build context is copied into the image",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"images-dockerignore-workdir"},
	Fix:       "copy the files and folders that the program needs",
	Check:     each(checkNoRecursiveCopy),
}

func checkNoRecursiveCopy(f file) {
	for _, s := range f.Final().Lineage() {
		for _, i := range s.Instructions {
			if w, ok := copiesContext(i); ok && !f.ignoresAll() {
				f.report(i, w, "%s %s takes the whole build context into the image; want the files that the program needs", i.Name, w.Text)
			}
		}
	}
}

// copiesContext reports whether an instruction copies the build context as a whole.
func copiesContext(i *dockerfile.Instruction) (w dockerfile.Word, ok bool) {
	if _, from := i.Flag("from"); from || i.Name != "COPY" && i.Name != "ADD" || len(i.Words) < 2 {
		return w, false
	}
	for _, w := range i.Words[:len(i.Words)-1] {
		if w.Text == "." || w.Text == "./" || w.Text == "/" || w.Text == "*" || w.Text == "./*" {
			return w, true
		}
	}
	return w, false
}
