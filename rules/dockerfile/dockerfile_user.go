package dockerfile

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
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
// unless its name is one of those known to run as root, such as debian or golang, or RUN installs packages
// of the system or adds users, which only root can do. An
// image from scratch without a command only carries files, and so does one without a command if all that
// other Dockerfiles of the repository do with it is to copy from it.
// An image beside an action.yml of GitHub with using: docker has to run as root there.
// A user in a variable without a default is not known. Where WORKDIR, COPY, PATH or the command is below /root, which
// only root may enter, the fix says to move that first. An image that starts systemd has to start its program itself.
var DockerfileUser = &lint.Rule{
	ID:        "dockerfile-user",
	Title:     "Image runs as root",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"images-unprivileged-user"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K01"},
	},
	Fix:    userFix,
	Unless: userUnless,
	Check:  each(checkUser),
}

const (
	wholeMachine = "the image stands for a whole machine, such as a node for tests"
	userFix      = "end the final stage with USER and the number of a user other than 0, to whom what the program writes to belongs"
	// nginxFix names the image that the project of nginx makes for that.
	nginxFix   = "build FROM nginxinc/nginx-unprivileged, which has a user other than root and listens on port 8080, or " + userFix + ", such as /var/cache/nginx and /run"
	userUnless = "the program must start as root"
)

func checkUser(f file) {
	s := f.Final()
	if s.IsWindows || built.Of(f.pass).IsOnlyCopied(f.document) || built.Of(f.pass).IsOfAction(f.document) {
		return
	}
	i := s.Last("USER")
	if i == nil {
		if base := s.Base(); dockerfile.UserOf(base) == dockerfile.RootUser && (base != "scratch" || s.Last("CMD") != nil || s.Last("ENTRYPOINT") != nil) {
			base, _, _ = strings.Cut(base, "@")
			f.reportUser(s.From, s.Ref, "image sets no USER and so runs as root, as %s does; want a user other than root", base)
		} else if name := needingRoot(s); name != "" && dockerfile.UserOf(base) == dockerfile.UnknownUser {
			f.reportUser(s.From, s.Ref, "image sets no USER and so runs as root, as %s in RUN does; want a user other than root", name)
		}
		return
	}
	if user, isKnown := userOf(i); isKnown && isRootName(user) {
		f.reportUser(i, i.Words[0], "image runs as root: the last USER of the final stage is %s; want a user other than root", user)
	}
}

// userOf is what a USER names. isKnown is false if a variable without a value in the file does.
func userOf(i *dockerfile.Instruction) (user string, isKnown bool) {
	if len(i.Words) != 1 {
		return "", false
	}
	return i.Expand(i.Words[0])
}

// isRootName reports whether a user, with or without a group, is root.
func isRootName(user string) bool {
	name, _, _ := strings.Cut(user, ":")
	return name == "root" || strings.Trim(name, "0") == "" && name != ""
}

// reportUser reports an image of root. With USER alone the program does not start if it is below the home of root.
func (f file) reportUser(i *dockerfile.Instruction, at dockerfile.Word, format string, args ...any) {
	d := diagnostic(i, at)
	if init := systemInit(f.Final()); init != "" {
		d.Fix = lint.Advice("start the program itself in place of " + init + ", which needs root, and then " + userFix)
		d.Fix.Unless = wholeMachine
	} else if what := inHomeOfRoot(f.Final()); what == onlyEntered {
		d.Fix = lint.Advice("set WORKDIR to another folder than /root, which only root may enter, and then " + userFix)
		d.Fix.Unless = userUnless
	} else if what != "" {
		d.Fix = lint.Advice("move the program and its files out of /root first, which only root may enter (" + what + "), and then " + userFix)
		d.Fix.Unless = userUnless
	} else if client := dockerClient(f.Final()); client != "" {
		d.Fix = lint.Advice(userFix + "; if the program uses the Docker socket of the host (the image has " + client + "), give the container the group of that socket, too, by supplementalGroups or --group-add")
		d.Fix.Unless = userUnless
	}
	if d.Fix.Title == "" && dockerfile.ParseReference(f.Final().Base()).Name == "nginx" {
		d.Fix = lint.Advice(nginxFix)
		d.Fix.Unless = userUnless
	}
	if also := beside(f.Final()) + f.inExtending(); also != "" {
		if d.Fix.Title == "" {
			d.Fix = lint.Advice(userFix)
			d.Fix.Unless = userUnless
		}
		d.Fix.Title += also
	}
	f.reportIn(i, d, format, args...)
}

// beside is what another user of a stage takes beside USER, as the end of a fix.
func beside(s *dockerfile.Stage) (also string) {
	if also = inPlaceOfPorts(s); also == "" && hasNginxConfig(s) {
		also = "; have the configuration that is copied listen on a port above 1023 if it names one below and the runtime keeps that one for root"
	}
	if command := installsInHome(s); command != "" {
		also += "; run " + command + " below that USER: it installs into the home of its user"
	}
	return also
}

// inExtending says what a Dockerfile of the repository needs that builds on the image. It is empty if none does.
func (f file) inExtending() string {
	by := built.Of(f.pass).ExtendedBy(f.document)
	if by == nil {
		return ""
	}
	return "; " + by.File + " builds on an image of this name, and runs commands as its user: put USER root there before those that need root"
}

// hasNginxConfig reports whether a stage from nginx's image has a configuration of its own, which names the port.
func hasNginxConfig(s *dockerfile.Stage) bool {
	if dockerfile.ParseReference(s.Base()).Name != "nginx" {
		return false
	}
	for _, of := range s.Lineage() {
		for _, i := range of.Instructions {
			if (i.Name == "COPY" || i.Name == "ADD") && len(i.Words) > 1 && strings.HasPrefix(target(i, ""), "/etc/nginx/") {
				return true
			}
		}
	}
	return false
}

// homeInstalls are the commands that install plugins into the home of their user.
var homeInstalls = [][]string{{"helm", "plugin", "install"}, {"helm", "plugin", "add"}, {"kubectl", "krew", "install"}, {"kubectl-krew", "install"}}

// installsInHome is the first command by which a stage installs plugins into the home of root. It is empty if there is none, or if a variable names
// another place.
func installsInHome(s *dockerfile.Stage) (command string) {
	isRoot := true
	for _, of := range s.Lineage() {
		for _, i := range of.Instructions {
			switch {
			case i.Name == "USER":
				user, isKnown := userOf(i)
				isRoot = isKnown && isRootName(user)
			case i.Name == "ENV" && slices.ContainsFunc(i.Assignments(), func(a dockerfile.Assignment) bool { return pluginHomes[a.Name.Text] }):
				return ""
			case i.Name == "RUN" && isRoot:
				command = cmp.Or(command, homeInstall(i))
			}
		}
	}
	return command
}

// pluginHomes are the variables that name where such commands install to.
var pluginHomes = words(`HOME XDG_DATA_HOME HELM_HOME HELM_DATA_HOME HELM_PLUGINS KREW_ROOT`)

// homeInstall is the first command of a RUN that is one of homeInstalls. It is empty if there is none.
func homeInstall(i *dockerfile.Instruction) string {
	for _, c := range i.Commands() {
		name, args := c.Program()
		for _, words := range homeInstalls {
			if name != words[0] || len(args) < len(words)-1 {
				continue
			}
			isSame := func(n int) bool { return args[n].Text == words[n+1] }
			if isSame(0) && (len(words) < 3 || isSame(1)) {
				return strings.Join(words, " ")
			}
		}
	}
	return ""
}

// lowPorts are the ports of an image that a runtime may keep for root, in order: those that EXPOSE names below 1024. Of a range it is the first.
func lowPorts(s *dockerfile.Stage) (ports []int) {
	for _, of := range s.Lineage() {
		for _, i := range of.Instructions {
			if i.Name != "EXPOSE" {
				continue
			}
			for _, w := range i.Words {
				text, isKnown := i.Expand(w)
				number, _, _ := strings.Cut(text, "/")
				if from, _, ok := dockerfile.ParsePorts(number); isKnown && ok && from < 1024 {
					ports = append(ports, from)
				}
			}
		}
	}
	slices.Sort(ports)
	return slices.Compact(ports)
}

// inPlaceOfPorts says in place of which ports of a stage that a runtime may keep for root its program is to listen on others. It is empty if there are none.
func inPlaceOfPorts(s *dockerfile.Stage) string {
	ports := lowPorts(s)
	switch len(ports) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("; have the program listen on a port above 1023 in place of %d if the runtime keeps that one for root", ports[0])
	}
	names := make([]string, min(len(ports), maxNamedPorts))
	for i := range names {
		names[i] = strconv.Itoa(ports[i])
	}
	last := names[len(names)-1]
	if len(ports) > maxNamedPorts {
		last = "the other ones below"
	}
	return "; have the program listen on ports above 1023 in place of " + strings.Join(names[:len(names)-1], ", ") + " and " + last + " if the runtime keeps those for root"
}

// maxNamedPorts is how many ports a fix names.
const maxNamedPorts = 8

// accountTools are the programs that only root can use: they write the lists of users and groups.
var accountTools = words(`useradd groupadd adduser addgroup usermod`)

// needingRoot is a program that the RUN of a stage uses and that only root can: the base image, which names no user that can
// be seen here, then runs as root. It is empty if there is none.
func needingRoot(s *dockerfile.Stage) string {
	for _, i := range runs(s.Lineage()...) {
		if i.Stage == nil || !slices.Contains(i.Stage.Instructions, i) { // what ONBUILD runs is part of another build
			continue
		}
		for _, c := range i.Commands() {
			if name, args := c.Program(); accountTools[name] && len(args) > 0 {
				return name
			}
		}
		for _, u := range usesOf(i) {
			if name, _ := u.command.Program(); u.isInstall() && systemManagers[name] && len(u.names) > 0 {
				return name
			}
		}
	}
	return ""
}

// systemManagers are the package managers that write to folders of root.
var systemManagers = words(`apt-get apt apk dnf microdnf tdnf yum zypper`)

// dockerClients are the packages with the command-line client of Docker.
var dockerClients = words(`docker-cli docker-ce-cli docker.io docker-ce docker docker-client moby-cli moby-engine`)

// dockerClient is what a stage has of the client of Docker, whose socket on a host belongs to root and a group. It is empty if it has none.
func dockerClient(s *dockerfile.Stage) string {
	for _, s := range s.Lineage() {
		for _, i := range s.Instructions {
			if i.Name == "COPY" && len(i.Words) > 0 && path.Base(i.Words[0].Text) == "docker" && strings.HasSuffix(path.Dir(i.Words[0].Text), "bin") {
				return i.Words[0].Text
			}
		}
		for _, i := range runs(s) {
			if name := installedOf(i, dockerClients); name != "" {
				return name
			}
		}
	}
	return ""
}

// installedOf is the first of some packages that an instruction installs. It is empty if it installs none of them.
func installedOf(i *dockerfile.Instruction, packages map[string]bool) string {
	for _, u := range usesOf(i) {
		for _, w := range u.names {
			if name, _, _ := strings.Cut(w.Text, "="); u.isInstall() && packages[name] {
				return name
			}
		}
	}
	return ""
}

// systemInit is the program that a stage starts if that is one which starts all services of a machine, such as systemd. Else it is empty.
func systemInit(s *dockerfile.Stage) string {
	for _, name := range []string{"ENTRYPOINT", "CMD"} {
		i := s.Last(name)
		if i == nil || len(i.Words) == 0 {
			continue
		}
		switch first := i.Words[0].Text; {
		case path.Base(first) == "systemd", first == "/sbin/init", first == "/usr/sbin/init":
			return first
		}
	}
	return ""
}

// homeOfRoot has the mode 0700 in most images.
const homeOfRoot = "/root"

// onlyEntered is what inHomeOfRoot is for a stage that starts in the home of root, and has nothing there that is known.
const onlyEntered = "WORKDIR " + homeOfRoot

// inHomeOfRoot is what a stage starts from, or has copied or installed, below the home of root: WORKDIR /root/app. It is empty if
// there is nothing, or if others have access to that folder: the stage gives it, or begins with scratch, where WORKDIR and COPY
// make the folder with the mode 0755.
func inHomeOfRoot(s *dockerfile.Stage) string {
	dir, copied, isRoot, isMade := "/", "", true, s.Base() == "scratch"
	for _, s := range s.Lineage() {
		for _, i := range s.Instructions {
			switch {
			case i.Name == "RUN" && opensHomeOfRoot(i):
				return ""
			case i.Name == "RUN" && isRoot && installsForUser(i):
				copied = cmp.Or(copied, "RUN with pip install --user")
			case i.Name == "ENV":
				copied = cmp.Or(copied, searchedInHomeOfRoot(i))
			case i.Name == "USER":
				user, isKnown := userOf(i)
				isRoot = isKnown && isRootName(user)
			case i.Name == "WORKDIR" && len(i.Words) > 0:
				dir = target(i, dir)
			case (i.Name == "COPY" || i.Name == "ADD") && len(i.Words) > 1:
				to := target(i, dir)
				isMade = isMade && to != "/" // a whole file system has a folder of its own
				copied = cmp.Or(copied, copiedToHomeOfRoot(i, to))
			}
		}
	}
	if isMade {
		return ""
	}
	if dir == homeOfRoot {
		return cmp.Or(copied, startsInHomeOfRoot(s), onlyEntered)
	}
	if isInHomeOfRoot(dir) {
		return "WORKDIR " + dir
	}
	return cmp.Or(copied, startsInHomeOfRoot(s))
}

// copiedToHomeOfRoot is what a COPY or ADD to a path below the home of root is in a fix. It is empty for other paths.
func copiedToHomeOfRoot(i *dockerfile.Instruction, to string) string {
	if !isInHomeOfRoot(to) {
		return ""
	}
	return i.Name + " to " + to
}

// installsForUser reports whether a RUN installs packages of Python into the home of its user.
func installsForUser(i *dockerfile.Instruction) bool {
	return slices.ContainsFunc(usesOf(i), func(u use) bool { return u.family() == "pip" && u.isInstall() && u.has("--user") })
}

// searchedInHomeOfRoot is the folder below the home of root in which an ENV has programs searched. It is empty if there is none.
func searchedInHomeOfRoot(i *dockerfile.Instruction) string {
	for _, a := range i.Assignments() {
		if a.Name.Text != "PATH" {
			continue
		}
		for dir := range strings.SplitSeq(a.Value.Text, ":") {
			if isInHomeOfRoot(dir) {
				return "ENV PATH with " + dir
			}
		}
	}
	return ""
}

// startsInHomeOfRoot is the word of the commands of a stage that names what is in the home of root. It is empty if none does.
func startsInHomeOfRoot(s *dockerfile.Stage) string {
	for _, name := range []string{"ENTRYPOINT", "CMD"} {
		i := s.Last(name)
		if i == nil {
			continue
		}
		for _, w := range i.Words {
			if isInHomeOfRoot(w.Text) {
				return name + " " + w.Text
			}
		}
	}
	return ""
}

// target is the path that the last word of an instruction names, from a folder. It is empty if it is not known.
func target(i *dockerfile.Instruction, dir string) string {
	to, isKnown := i.Expand(i.Words[len(i.Words)-1])
	if !isKnown {
		return ""
	}
	return resolve(dir, to)
}

// resolve is a path in a folder. It is empty if the folder is not known, and needed.
func resolve(dir, name string) string {
	switch {
	case path.IsAbs(name):
		return path.Clean(name)
	case dir == "":
		return ""
	}
	return path.Join(dir, name)
}

func isInHomeOfRoot(name string) bool {
	return name == homeOfRoot || strings.HasPrefix(name, homeOfRoot+"/")
}

// opensHomeOfRoot reports whether a RUN changes the mode or the owner of the home of root.
func opensHomeOfRoot(i *dockerfile.Instruction) bool {
	for _, c := range i.Commands() {
		if name, args := c.Program(); name == "chmod" || name == "chown" {
			for _, a := range args {
				if path.Clean(a.Text) == homeOfRoot {
					return true
				}
			}
		}
	}
	return false
}
