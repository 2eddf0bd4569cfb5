package dockerfile

import (
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfileNoAdd reports ADD of local files that are no archives, and of URLs without a
// checksum.
//
// ADD unpacks archives and downloads URLs, which a reader does not see: a file that becomes
// an archive ends up unpacked, and what a server sends today is in the image.
//
// ADD of a local archive unpacks it, which COPY cannot. A URL with --checksum, and a Git
// repository at a commit, are verified. Sources in variables are not known.
var DockerfileNoAdd = &lint.Rule{
	ID:        "dockerfile-no-add",
	Title:     "ADD is used where COPY is enough",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"images-no-sudo-add"},
	Fix:       "use COPY",
	Check:     each(checkNoAdd),
}

var archive = regexp.MustCompile(`(?i)\.(tar|tar\.[a-z0-9]+|tgz|tbz2?|txz|tzst|t[gx]z2?|gz|bz2|xz|zst|lzma|tlz)$`)

func checkNoAdd(f file) {
	for _, s := range f.Stages {
		for _, i := range s.Instructions {
			if i.Name == "ADD" {
				checkAdd(f, i)
			}
		}
	}
}

func checkAdd(f file, i *dockerfile.Instruction) {
	_, hasChecksum := i.Flag("checksum")
	for _, w := range i.Words[:max(len(i.Words)-1, 0)] {
		source, isKnown := i.Expand(w)
		switch {
		case strings.HasPrefix(w.Text, "<<"):
			f.report(i, i.Keyword, "ADD writes a here-document; want COPY")
			return
		case isGit(source):
		case strings.Contains(source, "://") || strings.HasPrefix(w.Text, "http://") || strings.HasPrefix(w.Text, "https://"):
			if !hasChecksum {
				f.reportIn(i, lint.Diagnostic{
					At: w.Value(), Part: "ADD " + w.Text,
					Fix: lint.Advice("add --checksum=sha256: and the checksum of the file, in an ARG beside that of the version if it has one"),
				}, "ADD downloads a URL and does not verify it; want --checksum")
			}
		case isKnown && !archive.MatchString(source) && !strings.ContainsAny(source, "*?["):
			f.report(i, i.Keyword, "ADD of %s, which by its name is no archive; want COPY", w.Text)
			return
		}
	}
}

// isGit reports whether a source is a Git repository.
func isGit(source string) bool {
	return strings.HasPrefix(source, "git@") || strings.HasPrefix(source, "git://") || strings.HasPrefix(source, "ssh://") ||
		strings.Contains(source, "://") && strings.Contains(source, ".git")
}
