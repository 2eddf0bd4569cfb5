package dockerfile

import (
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint/dockerfile"
)

// use is a call of a package manager.
type use struct {
	instruction *dockerfile.Instruction
	command     *dockerfile.Command
	*manager
	// verb is what it is asked for: install, update.
	verb string
	// flags are its options, and names the packages.
	flags, names []dockerfile.Word
}

// manager is a package manager.
type manager struct {
	// name is that of the program.
	name string
	// installs are the verbs that install packages.
	installs []string
	// updates and upgrades are those that update the index, and all packages.
	updates, upgrades []string
	// takesValue are the options whose value is the next word.
	takesValue []string
	// assumesYes are the options that answer all questions. They are nil if it asks none.
	assumesYes []string
	// pinned matches packages with a version, and those of a file.
	pinned *regexp.Regexp
	// hint is how a package with a version is written.
	hint string
}

var (
	aptPinned = regexp.MustCompile(`=|/|\.deb$`)
	rpmPinned = regexp.MustCompile(`-v?[0-9]|^@|/|\.rpm$|[<>=]`)
)

// managers are those that are known, by the name of the program.
var managers = func() map[string]*manager {
	apt := manager{
		installs: []string{"install"}, updates: []string{"update"}, upgrades: []string{"upgrade", "dist-upgrade", "full-upgrade"},
		takesValue: []string{"-t", "--target-release", "-o", "--option", "-c", "--config-file"}, assumesYes: []string{"y", "--yes", "--assume-yes", "-qq"},
		pinned: aptPinned, hint: "name=version",
	}
	rpm := manager{
		installs: []string{"install", "in", "localinstall", "reinstall", "groupinstall", "module"}, updates: []string{"makecache", "check-update"}, upgrades: []string{"update", "upgrade", "distro-sync"},
		takesValue: []string{"-c", "-x", "--exclude", "--enablerepo", "--disablerepo", "--releasever", "--installroot", "--repo", "--setopt"},
		assumesYes: []string{"y", "--assumeyes"}, pinned: rpmPinned, hint: "name-version",
	}
	apk := manager{
		installs: []string{"add"}, updates: []string{"update"}, upgrades: []string{"upgrade"},
		takesValue: []string{"-t", "--virtual", "-X", "--repository", "-p", "--root", "--keys-dir", "--repositories-file", "--arch", "--cache-dir"},
		pinned:     regexp.MustCompile(`[=<>~@]|\.apk$|^\.`), hint: "name=version",
	}
	zypper := manager{
		installs: []string{"install", "in"}, updates: []string{"refresh", "ref"}, upgrades: []string{"update", "up", "dist-upgrade", "dup", "patch"},
		takesValue: []string{"-r", "--repo", "--from", "-t", "--type", "-R", "--root"}, assumesYes: []string{"y", "n", "--no-confirm", "--non-interactive"},
		pinned: regexp.MustCompile(`[=<>]|/|\.rpm$`), hint: "name=version",
	}
	pip := manager{
		installs: []string{"install"},
		takesValue: []string{
			"-r", "--requirement", "-c", "--constraint", "-e", "--editable", "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--trusted-host", "-t", "--target",
			"--prefix", "--root", "--platform", "--python-version", "--cache-dir", "--proxy", "--timeout", "--cert", "--no-binary", "--only-binary", "--src", "--retries",
		},
		pinned: regexp.MustCompile(`[=<>~!@]|^\.|/|\.whl|\.tar\.gz|\.zip`), hint: "name==version",
	}
	npm := manager{
		installs: []string{"install", "i", "add"}, takesValue: []string{"--prefix", "--registry", "--cache", "--loglevel", "--save-prefix", "-C", "-w", "--workspace", "--omit"},
		pinned: regexp.MustCompile(`^.+@|^[./]|\.tgz$|^[a-z+]+:|^[^@/]+/`), hint: "name@version",
	}
	gem := manager{
		installs: []string{"install", "i"}, takesValue: []string{"-v", "--version", "-s", "--source", "-i", "--install-dir", "-n", "--bindir", "-P", "--platform"},
		pinned: regexp.MustCompile(`:|\.gem$`), hint: "name:version",
	}
	golang := manager{installs: []string{"install"}, takesValue: []string{"-ldflags", "-tags", "-gcflags"}, pinned: regexp.MustCompile(`^[^@]*$|@[^l]`), hint: "path@version"}
	pacman := manager{
		installs: []string{"install"}, updates: []string{"update"}, takesValue: []string{"--root", "--dbpath", "--config", "--cachedir"},
		assumesYes: []string{"--noconfirm"}, pinned: regexp.MustCompile(`=|/|\.pkg\.tar`), hint: "name=version",
	}
	all := map[string]*manager{}
	add := func(m manager, names ...string) {
		for _, name := range names {
			m.name = name
			all[name] = &m
		}
	}
	for _, name := range []string{"apt-get", "apt", "aptitude"} {
		add(apt, name)
	}
	for _, name := range []string{"yum", "dnf", "microdnf", "tdnf"} {
		add(rpm, name)
	}
	for _, name := range []string{"pip", "pip2", "pip3"} {
		add(pip, name)
	}
	add(pacman, "pacman")
	add(apk, "apk")
	add(zypper, "zypper")
	add(npm, "npm")
	add(gem, "gem")
	add(golang, "go")
	return all
}()

// usesOf are the calls of package managers in an instruction.
func usesOf(i *dockerfile.Instruction) []use {
	var l []use
	for _, c := range i.Commands() {
		name, args := program(c)
		if strings.HasPrefix(name, "python") && len(args) > 1 && args[0].Text == "-m" {
			name, args = args[1].Text, args[2:]
		}
		m := managers[name]
		if m == nil {
			continue
		}
		u := use{instruction: i, command: c, manager: m}
		for n := 0; n < len(args); n++ {
			text := args[n].Text
			switch {
			case strings.HasPrefix(text, "-") && text != "-":
				u.flags = append(u.flags, args[n])
				if slices.Contains(m.takesValue, text) && n+1 < len(args) {
					n++
					u.flags = append(u.flags, args[n])
				}
			case u.verb == "":
				u.verb = text
			default:
				u.names = append(u.names, args[n])
			}
		}
		if name == "pacman" {
			u.readPacman()
		}
		l = append(l, u)
	}
	return l
}

// readPacman sets the verb of a call of pacman, whose verbs are options: -Syu.
func (u *use) readPacman() {
	if u.verb != "" {
		_, args := program(u.command)
		u.names = slices.DeleteFunc(slices.Clone(args), func(w dockerfile.Word) bool { return strings.HasPrefix(w.Text, "-") })
	}
	switch {
	case u.has("c"):
		u.verb = "clean"
	case u.has("S") && len(u.names) > 0:
		u.verb = "install"
	case u.has("S") && u.has("y"):
		u.verb = "update"
	default:
		u.verb = "other"
	}
}

// program is the program of a command, past sudo.
func program(c *dockerfile.Command) (name string, args []dockerfile.Word) {
	name, args = c.Program()
	for name == "sudo" && len(args) > 0 {
		for len(args) > 0 && strings.HasPrefix(args[0].Text, "-") {
			args = args[1:]
		}
		name, args = (&dockerfile.Command{Words: args}).Program()
	}
	return name, args
}

func (u use) isInstall() bool { return slices.Contains(u.installs, u.verb) }

// has reports whether the call has one of some options. One letter means a short
// option, alone or with others: -qy.
func (u use) has(options ...string) bool {
	return slices.ContainsFunc(u.flags, func(w dockerfile.Word) bool {
		text, _, _ := strings.Cut(w.Text, "=")
		return slices.ContainsFunc(options, func(o string) bool {
			if len(o) == 1 {
				return strings.HasPrefix(text, "-") && !strings.HasPrefix(text, "--") && strings.Contains(text, o)
			}
			return text == o || w.Text == o
		})
	})
}

// family is the manager whose index and cache it shares.
func (m *manager) family() string {
	switch m.name {
	case "apt", "aptitude":
		return "apt-get"
	case "pip2", "pip3":
		return "pip"
	case "microdnf", "tdnf":
		return "dnf"
	}
	return m.name
}

// isDynamic reports whether the shell decides what a word is.
func isDynamic(text string) bool { return strings.ContainsAny(text, "$`*{(") }

// list is the first words of a list, for a message.
func list(l []dockerfile.Word) string {
	var names []string
	for _, w := range l {
		names = append(names, w.Text)
	}
	const most = 3
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}

// runs are the RUN instructions of stages, those that ONBUILD holds among them.
func runs(stages ...*dockerfile.Stage) []*dockerfile.Instruction {
	var l []*dockerfile.Instruction
	for _, s := range stages {
		for _, i := range s.Instructions {
			if i.Name == "RUN" {
				l = append(l, i)
			} else if i.Trigger != nil && i.Trigger.Name == "RUN" {
				l = append(l, i.Trigger)
			}
		}
	}
	return l
}
