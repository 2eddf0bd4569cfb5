package dockerfile

import (
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// DockerfileAbsoluteWorkdir reports WORKDIR with a relative path, or with a directory of the
// system such as /proc or /etc.
//
// A relative path depends on the WORKDIR before it, and on that of the base image: a change
// there puts files in another place. In a directory of the system the program's files mix with those
// that decide what the system does.
//
// A path in a variable without a default is not known. On Windows, C: with a slash is absolute.
var DockerfileAbsoluteWorkdir = &lint.Rule{
	ID:        "dockerfile-absolute-workdir",
	Title:     "WORKDIR is relative, or a directory of the system",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"images-dockerignore-workdir"},
	Fix:       "give WORKDIR an absolute path of the application",
	Check:     each(checkAbsoluteWorkdir),
}

var (
	windowsPath = regexp.MustCompile(`^["']?([A-Za-z]:)?[/\\]`)
	systemDirs  = []string{"/proc", "/sys", "/dev", "/boot", "/etc", "/bin", "/sbin", "/lib", "/lib64", "/usr/bin", "/usr/sbin", "/usr/lib"}
)

func checkAbsoluteWorkdir(f file) {
	for _, s := range f.Stages {
		for _, i := range s.Instructions {
			if i.Name != "WORKDIR" || len(i.Words) == 0 {
				continue
			}
			dir, isKnown := i.Expand(i.Words[0])
			switch {
			case strings.HasPrefix(i.Words[0].Raw, "$") && !isKnown:
			case !windowsPath.MatchString(i.Words[0].Raw) && (!isKnown || !windowsPath.MatchString(dir)):
				f.report(i, i.Words[0], "WORKDIR %s is relative; want an absolute path", i.Words[0].Text)
			case isKnown && slices.Contains(systemDirs, strings.TrimSuffix(dir, "/")):
				f.report(i, i.Words[0], "WORKDIR %s is a directory of the system; want one of the application", dir)
			}
		}
	}
}
