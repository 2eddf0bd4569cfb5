package dockerfile

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/built"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfileUser reports Dockerfiles whose image runs as root: the last USER of the
// final stage is root or 0, or there is none and the base image is known to run as root.
//
// Anyone who takes over the process is root in the container, can change every file of
// the image, and owns the node as soon as the container is privileged, mounts a
// directory of the host, or the kernel has a flaw.
//
// Only what the final stage is made of counts: its own instructions, and those of the
// stages that its FROM names. Without USER the base image decides: nothing is reported
// unless its name is one of those known to run as root, such as debian or golang. An
// image from scratch without a command only carries files, and so does one without a command if all that
// other Dockerfiles of the repository do with it is to copy from it.
// A user in a variable without a default is not known.
var DockerfileUser = &lint.Rule{
	ID:        "dockerfile-user",
	Title:     "Image runs as root",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"images-unprivileged-user"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K01"},
	},
	Fix:    "end the final stage with USER and the number of a user other than 0, to whom what the program writes to belongs",
	Unless: "the program must start as root",
	Check:  each(checkUser),
}

func checkUser(f file) {
	s := f.Final()
	if s.IsWindows || built.Of(f.pass).IsOnlyCopied(f.document) {
		return
	}
	i := s.Last("USER")
	if i == nil {
		if base := s.Base(); dockerfile.UserOf(base) == dockerfile.RootUser && (base != "scratch" || s.Last("CMD") != nil || s.Last("ENTRYPOINT") != nil) {
			base, _, _ = strings.Cut(base, "@")
			f.report(s.From, s.Ref, "image sets no USER and so runs as root, as %s does; want a user other than root", base)
		}
		return
	}
	if len(i.Words) != 1 {
		return
	}
	user, isKnown := i.Expand(i.Words[0])
	if name, _, _ := strings.Cut(user, ":"); isKnown && (name == "root" || strings.Trim(name, "0") == "" && name != "") {
		f.report(i, i.Words[0], "image runs as root: the last USER of the final stage is %s; want a user other than root", user)
	}
}
