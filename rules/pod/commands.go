package pod

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// start is where a command of a shell begins: at the start of a line, after what separates commands, and after words that
// another command follows.
const start = `(?m)(?:^|[;&|({]|\b(?:then|do|else|sudo|exec|time)\s|\s-\w*c\s)\s*(?:[A-Z_]+=\S*\s+)*["']?`

var (
	// installing matches the commands by which a package manager installs what the image lacks.
	installing = regexp.MustCompile(start + `(?:(apk)\s+(?:-\S+\s+)*(add)|(apt-get|apt|yum|dnf|microdnf|tdnf|zypper)\s+(?:-\S+\s+)*(install)|(pip3?|python3?\s+-m\s+pip)\s+(install)|(npm|gem)\s+(?:-\S+\s+)*(install|i))\s([^;&|\n]*)`)
	// ownFolder matches the flags by which pip installs into a folder that the user may write to.
	ownFolder = regexp.MustCompile(`(?:^|\s)(?:--user|--target|-t|--prefix|--root)(?:[\s=]|$)`)
	// forAll matches the flags by which npm installs for all projects, and gemFolder those by which gem installs into another folder.
	forAll    = regexp.MustCompile(`\s(?:-g|--global|--location=global)(?:\s|$)`)
	gemFolder = regexp.MustCompile(`(?:^|\s)(?:--user-install|-i|--install-dir)\b`)
	// downloading matches the programs that save a file, with what they are given.
	downloading = regexp.MustCompile(start + `(wget|curl)\s([^;&|\n]*)`)
	// toFile matches the flags by which they are given a place for it, or none.
	toFile = map[string]*regexp.Regexp{
		"wget": regexp.MustCompile(`(?:^|\s)(?:-[A-Za-z]*[OP]|--output-document|--directory-prefix|--spider)`),
		"curl": regexp.MustCompile(`(?:^|\s)(?:-[A-Za-z]*o|--output)`),
	}
	// saves matches what makes curl save the file under its own name. wget does so by itself.
	saves = regexp.MustCompile(`(?:^|\s)(?:-[A-Za-z]*O|--remote-name)\b`)
	// hostAndPort matches the address of a Service that wget takes without a scheme, as in the test of helm create.
	hostAndPort = regexp.MustCompile(`(?:^|\s)["']?\w[\w.-]*:\d+(?:["'/\s]|$)`)
	// elsewhere matches a command that goes to another folder.
	elsewhere = regexp.MustCompile(start + `(?:cd|pushd)\s`)
)

// commandTexts are the commands of a container: its words as one line, and each word that is a script.
func commandTexts(c lint.PodOrContainer) []string {
	var words, texts []string
	for _, list := range []string{"command", "args"} {
		for v := range c.Get(list).Items() {
			text := v.Written()
			if strings.ContainsAny(text, " \t\n") {
				texts = append(texts, text)
			}
			words = append(words, text)
		}
	}
	if len(words) == 0 {
		return nil
	}
	return append(texts, strings.Join(words, " "))
}

// installsPackages is how a container installs packages when it starts, such as apk add. It is empty if it does not. Those
// of the node are not in its image.
func installsPackages(c lint.PodOrContainer) string {
	if runsNsenter(c) {
		return ""
	}
	for _, text := range commandTexts(c) {
		if !strings.Contains(text, "install") && !strings.Contains(text, "add") && !strings.Contains(text, "npm") || strings.Contains(text, "chroot ") {
			continue // as most
		}
		for _, m := range installing.FindAllStringSubmatch(text, -1) {
			isOwn := m[5] != "" && ownFolder.MatchString(m[9])
			switch m[7] {
			case "npm": // else it installs into the folder of the project
				isOwn = !forAll.MatchString(m[0]) || ownFolder.MatchString(m[9])
			case "gem":
				isOwn = gemFolder.MatchString(m[9])
			}
			if !isOwn {
				return strings.TrimSpace(m[1]+m[3]+m[5]+m[7]) + " " + m[2] + m[4] + m[6] + m[8]
			}
		}
	}
	return ""
}

// savesInWorkingDir is the program by which a container saves a file in the folder that it starts in, and the flag that
// names another place. They are empty if it does not, or if the folder is chosen.
func savesInWorkingDir(c lint.PodOrContainer) (program, flag string) {
	if c.Get("workingDir").IsSet() {
		return "", ""
	}
	for _, text := range commandTexts(c) {
		if !strings.Contains(text, "wget") && !strings.Contains(text, "curl") {
			continue // as most
		}
		if elsewhere.MatchString(text) {
			return "", ""
		}
		for _, m := range downloading.FindAllStringSubmatch(text, -1) {
			switch {
			case toFile[m[1]].MatchString(m[2]) || !strings.Contains(m[2], "://") && (m[1] != "wget" || !hostAndPort.MatchString(m[2])):
			case m[1] == "wget":
				return "wget", "-O"
			case saves.MatchString(m[2]):
				return "curl", "-o"
			}
		}
	}
	return "", ""
}

// address matches the address of a file that a command downloads.
var address = regexp.MustCompile(`https?://[^\s"'();&|]+`)

// systemFolder matches folders of programs that belong to root.
var systemFolder = regexp.MustCompile(`[\s"'](/usr(?:/local)?/s?bin|/s?bin)(?:[/\s"';&|]|$)`)

// usesDownload reports whether the commands of a container name a file that they download once more: they need it. A folder of the
// system that they name then is where they put it.
func usesDownload(c lint.PodOrContainer) (isUsed bool, folder string) {
	for _, text := range commandTexts(c) {
		at := address.FindStringIndex(text)
		if at == nil || !strings.Contains(text[at[1]:], path.Base(text[at[0]:at[1]])) {
			continue
		}
		if m := systemFolder.FindStringSubmatch(text[at[1]:]); m != nil {
			folder = m[1]
		}
		return true, folder
	}
	return false, ""
}

// inRoot matches the names of images of kaniko, which unpacks the base image into its own root filesystem to build upon it.
var inRoot = regexp.MustCompile(`(?:^|/)kaniko(?:-project/[\w-]+|(?:-(?:executor|builder|debug))?(?:/executor)?)(?:[:@][^/]*)?$`)

// buildsInRoot reports a container that builds images in its own root filesystem.
func buildsInRoot(c lint.PodOrContainer) bool {
	return inRoot.MatchString(c.Get("image").Text()) || hasKanikoFlags(c)
}

// hasKanikoFlags reports the flags of kaniko, which no other builder has together. They say what runs where a parameter has the image.
func hasKanikoFlags(c lint.PodOrContainer) bool {
	to, of := false, false
	for _, word := range c.Get("args").Strings() {
		flag, _, _ := strings.Cut(word, "=")
		to = to || flag == "--destination"
		of = of || flag == "--dockerfile" || flag == "--context" || flag == "--cache-repo"
	}
	return to && of
}

// otherBuilder is what to do in place of a fix that stops a container which builds images in its root filesystem.
const otherBuilder = ": ignore the finding with that reason, or take a program that builds in a volume, such as rootless BuildKit"

// sudo matches the command that becomes root by setuid.
var sudo = regexp.MustCompile(`(?:^|[\s;&|/("'])sudo\s`)

// runsSudo reports whether the command of a container becomes root by sudo.
func runsSudo(c lint.PodOrContainer) bool {
	return slices.ContainsFunc(commandTexts(c), sudo.MatchString)
}

// imageFirst is the advice about a container that installs packages when it starts. then is what is to be set after that.
func imageFirst(c lint.PodOrContainer, then string) (advice lint.Intent, ok bool) {
	how := installsPackages(c)
	if how == "" {
		return lint.Intent{}, false
	}
	return lint.Advice("put the packages of " + how + " into the image first, since they go where only root can write, and then " + then), true
}
