package dockerfile

import (
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// DockerfileDockerignore reports Dockerfiles that copy the whole build context, where no
// .dockerignore is beside them or above, or where it excludes neither .git nor .env.
//
// The history of the repository and files with credentials end up in the image, or in the cache
// of the build.
//
// The context is not known: every .dockerignore from the Dockerfile's folder up counts, and so
// does one of its own, such as web.Dockerfile.dockerignore.
var DockerfileDockerignore = &lint.Rule{
	ID:        "dockerfile-dockerignore",
	Title:     "The build context is copied without a .dockerignore",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"images-dockerignore-workdir"},
	Fix:       "add a .dockerignore that excludes .git and .env",
	Check:     each(checkDockerignore),
}

func checkDockerignore(f file) {
	for _, s := range f.Stages {
		for _, i := range s.Instructions {
			w, ok := copiesContext(i)
			if !ok {
				continue
			}
			ignores := f.ignores()
			missing := missingIgnores(ignores)
			switch {
			case len(ignores) == 0:
				f.report(i, w, "%s %s takes the whole build context, and there is no .dockerignore; want one that excludes .git and .env", i.Name, w.Text)
			case len(missing) > 0:
				f.report(i, w, "%s %s takes the whole build context, and the .dockerignore does not exclude %s", i.Name, w.Text, strings.Join(missing, " and "))
			}
			return
		}
	}
}

// missingIgnores are the names of .git and .env that no file excludes.
func missingIgnores(files []string) (missing []string) {
	for _, name := range []string{".git", ".env"} {
		if !slices.ContainsFunc(files, func(text string) bool { return excludes(text, name) }) {
			missing = append(missing, name)
		}
	}
	return missing
}

// excludes reports whether a .dockerignore excludes a name at the top of the context. The
// last pattern that matches decides.
func excludes(text, name string) bool {
	excluded := false
	for line := range strings.Lines(text) {
		pattern := strings.TrimSpace(line)
		if pattern == "" || pattern[0] == '#' {
			continue
		}
		pattern, isException := strings.CutPrefix(pattern, "!")
		pattern = strings.TrimPrefix(path.Clean(strings.TrimPrefix(strings.TrimPrefix(pattern, "/"), "**/")), "/")
		if ok, err := path.Match(pattern, name); err == nil && ok || pattern == "**" || pattern == name+"/**" || pattern == name+"/*" {
			excluded = !isException
		}
	}
	return excluded
}

// ignores are the texts of the .dockerignore files that may be the one of the build.
func (f file) ignores() []string {
	var l []string
	dir := path.Dir(f.document.File)
	for _, d := range f.pass.Unit.Documents {
		text, ok := d.Data.(string)
		if d.Kind != lint.DocumentDockerignore || !ok {
			continue
		}
		at, base := path.Split(d.File)
		at = path.Clean(at)
		own := base != ".dockerignore" && base != ".containerignore"
		if own && d.File == f.document.File+".dockerignore" || !own && (at == "." || at == dir || strings.HasPrefix(dir, at+"/")) {
			l = append(l, text)
		}
	}
	return l
}

// ignoresAll reports whether a .dockerignore begins by excluding everything.
func (f file) ignoresAll() bool {
	return slices.ContainsFunc(f.ignores(), func(text string) bool {
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				return line == "*" || line == "**" || line == "/*" || line == "/**"
			}
		}
		return false
	})
}
