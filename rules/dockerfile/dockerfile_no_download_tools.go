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

// removedPackages returns which packages an instruction removes after installing them: by
// name, as part of a virtual package of apk, or because apt removes what nothing needs.
func removedPackages(i *dockerfile.Instruction) func(u use, name string) bool {
	removed := removedNames(i)
	sweeps := callsAptMark(i) && removesUnneeded(i)
	return func(u use, name string) bool {
		inVirtual := slices.ContainsFunc(virtualPackages(u), func(virtual string) bool { return removed[virtual] })
		return inVirtual || removed[name] || sweeps && u.family() == "apt-get"
	}
}

// removedNames are the names of packages that an instruction removes.
func removedNames(i *dockerfile.Instruction) map[string]bool {
	removed := map[string]bool{}
	for _, u := range usesOf(i) {
		if slices.Contains([]string{"remove", "purge", "del", "erase", "autoremove", "rm"}, u.verb) {
			for _, w := range u.names {
				removed[w.Text] = true
			}
		}
	}
	return removed
}

// callsAptMark reports whether an instruction calls apt-mark, which says what apt may remove
// when nothing needs it.
func callsAptMark(i *dockerfile.Instruction) bool {
	return slices.ContainsFunc(i.Commands(), func(c *dockerfile.Command) bool {
		name, _ := program(c)
		return name == "apt-mark"
	})
}

// removesUnneeded reports whether an instruction removes the packages that nothing needs.
func removesUnneeded(i *dockerfile.Instruction) bool {
	return slices.ContainsFunc(usesOf(i), func(u use) bool {
		return u.verb == "autoremove" || u.has("--auto-remove", "--autoremove")
	})
}

// virtualPackages are the values of a call's options, among them the name of the virtual
// package of apk that it installs.
func virtualPackages(u use) (names []string) {
	for n, w := range u.flags {
		_, virtual, _ := strings.Cut(w.Text, "=")
		if (w.Text == "-t" || w.Text == "--virtual") && n+1 < len(u.flags) {
			virtual = u.flags[n+1].Text
		}
		if virtual != "" {
			names = append(names, virtual)
		}
	}
	return names
}
