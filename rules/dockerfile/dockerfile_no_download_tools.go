package dockerfile

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfileNoDownloadTools reports final stages that install curl, wget, netcat or socat.
//
// They are what an attacker uses first: to fetch a program, and to send out what was found.
//
// A tool that the same RUN removes passes, and so does one of a stage that the final stage is
// not made of.
var DockerfileNoDownloadTools = &lint.Rule{
	ID:        "dockerfile-no-download-tools",
	Title:     "Image has curl, wget or netcat",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"images-no-download-tools"},
	Fix:       "download in an earlier stage, or remove the tool in the RUN that installs it",
	Check:     each(checkNoDownloadTools),
}

// downloadTools are packages of tools that fetch and send data.
var downloadTools = words("curl wget wget2 netcat netcat-openbsd netcat-traditional ncat nmap-ncat socat nc aria2 lynx")

func checkNoDownloadTools(f file) {
	for _, i := range runs(f.Final().Lineage()...) {
		var found []dockerfile.Word
		removed := removedPackages(i)
		for _, u := range usesOf(i) {
			for _, w := range u.names {
				if name, _, _ := strings.Cut(w.Text, "="); u.isInstall() && downloadTools[name] && !removed(u, name) {
					found = append(found, w)
				}
			}
		}
		if len(found) > 0 {
			f.report(i, found[0], "final image has %s; want none of the tools that download", list(found))
		}
	}
}

// removedPackages tells which packages an instruction removes after installing them: by
// name, or as part of a virtual package of apk.
func removedPackages(i *dockerfile.Instruction) func(u use, name string) bool {
	gone := map[string]bool{}
	marks, sweeps := false, false // apt-mark auto, and removal of what nothing needs
	for _, c := range i.Commands() {
		name, _ := program(c)
		marks = marks || name == "apt-mark"
	}
	for _, u := range usesOf(i) {
		sweeps = sweeps || u.verb == "autoremove" || u.has("--auto-remove", "--autoremove")
		if slices.Contains([]string{"remove", "purge", "del", "erase", "autoremove", "rm"}, u.verb) {
			for _, w := range u.names {
				gone[w.Text] = true
			}
		}
	}
	return func(u use, name string) bool {
		for n, w := range u.flags {
			_, virtual, _ := strings.Cut(w.Text, "=")
			if (w.Text == "-t" || w.Text == "--virtual") && n+1 < len(u.flags) {
				virtual = u.flags[n+1].Text
			}
			if virtual != "" && gone[virtual] {
				return true
			}
		}
		return gone[name] || marks && sweeps && u.family() == "apt-get"
	}
}
