package dockerfile

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfileNoSudo reports commands of RUN that are run by sudo.
//
// The build runs as the user of the last USER, which can be root for as long as it must.
// An image with sudo gives anyone who takes over the process a way to become root. Where the build
// is root already, sudo does nothing: the severity is low.
//
// Commands in the text of sh -c are checked, too. Installing sudo is not reported by this
// rule: an image for people to work in may need it.
var DockerfileNoSudo = &lint.Rule{
	ID:        "dockerfile-no-sudo",
	Title:     "Dockerfile uses sudo",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"images-no-sudo-add"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "run the command after USER root, and end with USER and another user",
	Check: each(checkNoSudo),
}

func checkNoSudo(f file) {
	for _, i := range runs(f.Stages...) {
		for _, c := range i.Commands() {
			if name, args := c.Program(); name == "sudo" {
				f.reportSudo(i, c.Words[0], args)
				break // one change of the user serves all commands of the instruction
			}
		}
	}
}

// reportSudo reports a sudo, given its arguments. With the user that it changes to, another one than root, root may need it.
func (f file) reportSudo(i *dockerfile.Instruction, at dockerfile.Word, args []dockerfile.Word) {
	if changesUser := slices.ContainsFunc(args, isUserFlag); changesUser || !isRoot(i) {
		f.report(i, at, "RUN uses sudo; want USER root before the command, and another user after it")
		return
	}
	d := diagnostic(i, at)
	d.Severity, d.Fix = lint.Low, lint.Advice("remove sudo from the command, and its installation if nothing else uses it")
	f.reportIn(i, d, "RUN uses sudo, and is root without it; want the command alone")
}

// isUserFlag reports the option of sudo that names a user.
func isUserFlag(w dockerfile.Word) bool {
	return strings.HasPrefix(w.Text, "-u") || strings.HasPrefix(w.Text, "--user")
}

// isRoot reports whether an instruction is known to run as root: by the last USER before it, or the name of the base image.
func isRoot(i *dockerfile.Instruction) bool {
	at := slices.Index(i.Stage.Instructions, i)
	if at < 0 { // what ONBUILD runs is part of another build
		return false
	}
	user := lastUser(i.Stage.Instructions[:at])
	if user == nil && i.Stage.Parent != nil {
		user = i.Stage.Parent.Last("USER")
	}
	if user == nil {
		return dockerfile.UserOf(i.Stage.Base()) == dockerfile.RootUser
	}
	name, isKnown := userOf(user)
	return isKnown && isRootName(name)
}

// lastUser is the last USER of some instructions. It is nil if there is none.
func lastUser(l []*dockerfile.Instruction) *dockerfile.Instruction {
	for _, i := range slices.Backward(l) {
		if i.Name == "USER" {
			return i
		}
	}
	return nil
}
