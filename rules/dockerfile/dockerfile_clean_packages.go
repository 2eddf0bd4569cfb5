package dockerfile

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfileCleanPackages reports RUN instructions that install packages and leave the
// package manager's cache or lists in the layer.
//
// They make the image larger, and show an attacker which packages and versions it has. What a
// later instruction removes stays in the layer below.
//
// Only the final stage counts, and the stages that it is made of. A cache mount, --no-cache of
// apk, --no-cache-dir of pip and a setting of the package manager pass. The official images of
// Debian and Ubuntu empty the cache of apt-get by themselves, but not its lists.
var DockerfileCleanPackages = &lint.Rule{
	ID:        "dockerfile-clean-packages",
	Title:     "Package caches are left in the image",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"images-minimal"},
	Fix:       "remove the cache in the RUN that fills it, or mount it with --mount=type=cache",
	Check:     each(checkCleanPackages),
}

func checkCleanPackages(f file) {
	for _, i := range runs(f.Final().Lineage()...) {
		if _, ok := i.Flag("mount"); ok {
			continue
		}
		seen := map[string]bool{}
		for _, u := range usesOf(i) {
			if u.isInstall() && !seen[u.family()] && leavesCache(u, i) {
				seen[u.family()] = true
				f.report(i, u.command.Words[0], "RUN installs packages with %s and leaves %s in the image; want %s", u.name, caches[u.family()].what, caches[u.family()].want)
			}
		}
	}
}

// cache is what a package manager leaves.
type cache struct {
	what, want string
	// removed are texts of which a command has one that removes it.
	removed []string
}

var caches = map[string]cache{
	"apt-get": {"the package lists", "rm -rf /var/lib/apt/lists/* in the same RUN", []string{"/var/lib/apt", "/var/lib/apt/lists", "/var/lib"}},
	"apk":     {"the package index", "apk add --no-cache", []string{"/var/cache/apk", "/var/cache", "/etc/apk/cache"}},
	"yum":     {"its cache", "yum clean all in the same RUN", []string{"/var/cache/yum", "/var/cache"}},
	"dnf":     {"its cache", "dnf clean all in the same RUN", []string{"/var/cache/dnf", "/var/cache/yum", "/var/cache"}},
	"zypper":  {"its cache", "zypper clean in the same RUN", []string{"/var/cache/zypp", "/var/cache"}},
	"pacman":  {"its cache", "pacman -Scc in the same RUN", []string{"/var/cache/pacman", "/var/cache"}},
	"pip":     {"its cache", "pip install --no-cache-dir", []string{".cache", "/root/.cache/pip"}},
}

// leavesCache reports whether the cache that a call fills is still there after its
// instruction.
func leavesCache(u use, i *dockerfile.Instruction) bool {
	c, ok := caches[u.family()]
	switch {
	case !ok, u.has("--no-cache", "--no-network", "--no-cache-dir", "--download-only"), u.name == "pip" && len(u.names)+len(u.flags) == 0:
		return false
	case u.family() == "pip" && setsPipCache(i):
		return false
	}
	for _, other := range i.Commands() {
		name, args := program(other)
		m := managers[name]
		cleans := m != nil && m.family() == u.family() && slices.ContainsFunc(args, func(w dockerfile.Word) bool {
			return (w.Text == "clean" || w.Text == "--clean" || w.Text == "cc" || w.Text == "purge" || w.Text == "-Scc") && u.family() != "apt-get"
		})
		removes := (name == "rm" || name == "find") && slices.ContainsFunc(args, func(w dockerfile.Word) bool {
			return slices.ContainsFunc(c.removed, func(dir string) bool {
				return strings.HasPrefix(strings.TrimRight(w.Text, "/*"), dir) || strings.HasSuffix(strings.TrimRight(w.Text, "/*"), dir)
			})
		})
		if cleans || removes {
			return false
		}
	}
	return true
}

// setsPipCache reports whether a variable turns pip's cache off.
func setsPipCache(i *dockerfile.Instruction) bool {
	for _, s := range i.Stage.Lineage() {
		for _, e := range s.Instructions {
			for _, a := range e.Assignments() {
				if a.Name.Text == "PIP_NO_CACHE_DIR" && e.Name == "ENV" {
					return true
				}
			}
		}
	}
	return slices.ContainsFunc(i.Words, func(w dockerfile.Word) bool { return strings.HasPrefix(w.Text, "PIP_NO_CACHE_DIR=") })
}
