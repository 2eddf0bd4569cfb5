package dockerfile

import "github.com/kubevet/kubevet/lint"

// DockerfileNoApt reports RUN with apt.
//
// The command line of apt is for people and changes between versions: a build that works today
// fails tomorrow, or installs something else.
//
// The commands of apt-get and apt-cache are stable.
var DockerfileNoApt = &lint.Rule{
	ID:        "dockerfile-no-apt",
	Title:     "Scripts should use apt-get in place of apt",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"images-minimal"},
	Fix:       "use apt-get or apt-cache",
	Check:     each(checkNoApt),
}

func checkNoApt(f file) {
	for _, i := range runs(f.Stages...) {
		for _, u := range usesOf(i) {
			if u.name == "apt" {
				f.report(i, u.command.Words[0], "RUN uses apt, whose command line is for people; want apt-get")
			}
		}
	}
}
