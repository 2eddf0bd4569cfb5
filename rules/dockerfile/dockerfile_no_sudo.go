package dockerfile

import "github.com/kubevet/kubevet/lint"

// DockerfileNoSudo reports commands of RUN that are run by sudo.
//
// The build runs as the user of the last USER, which can be root for as long as it must.
// An image with sudo gives anyone who takes over the process a way to become root.
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
			if name, _ := c.Program(); name == "sudo" {
				f.report(i, c.Words[0], "RUN uses sudo; want USER root before the command, and another user after it")
				break // one change of the user serves all commands of the instruction
			}
		}
	}
}
