// Package unpacked finds the releases of other projects that a repository holds as they came out of their archives: istio-1.11.1, with
// the license of its project, its samples and its charts.
package unpacked

import (
	"bytes"
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

const (
	// maxReleases is how many folders are looked at in a tree: each is compared with all lines that download.
	maxReleases = 50
	// maxText is how long a text may be that is read, in bytes, and maxLines how many lines of a tree that download, or open archives.
	maxText  = 1 << 20
	maxLines = 2000
)

// Release is a folder with a release of another project.
type Release struct {
	Dir string
	// At is the line that downloads it, or else the folder.
	At lint.Position
}

// candidate is a folder that may be one.
type candidate struct{ dir, name, version string }

// named matches the name of a folder with that of a project and a version of three numbers.
var named = regexp.MustCompile(`^([A-Za-z]\w+(?:-[A-Za-z]\w*)*)-v?(\d+\.\d+\.\d+(?:-[\w.]+)?)$`)

// In finds the releases among the folders that files of a tree are in, by their folders. texts lists the documents, scripts and the like that
// say what to do with the tree; it is called only if the name of a folder is that of a release.
//
// A name alone is no sign: teams keep their own releases in such folders. Two more are needed of these: the folder has a license and a
// README of its own; it states its version, or has manifests and samples; a line elsewhere downloads it.
func In(t *tree.Tree, files []string, texts func() []string) map[string]Release {
	isOwn := isOwn(t)
	var l []candidate
	seen := map[string]bool{}
	for _, name := range files {
		for dir := path.Dir(name); dir != "." && !seen[dir] && len(l) < maxReleases; dir = path.Dir(dir) {
			seen[dir] = true
			m := named.FindStringSubmatch(path.Base(dir))
			if m != nil && !isOwn(m[1]) && !isInput(t, dir) {
				l = append(l, candidate{dir, m[1], m[2]})
			}
		}
	}
	if len(l) == 0 {
		return nil
	}
	lines := linesOf(t, texts())
	found := map[string]Release{}
	for _, c := range l {
		at := lines.download(c)
		isProject, isStated := hasLicense(t, c.dir), states(t, c)
		switch {
		case at.File != "" && (isProject || isStated):
			found[c.dir] = Release{c.dir, at}
		case isProject && isStated && !isLicensedAlike(t, c.dir) && !hasOthers(t, c):
			found[c.dir] = Release{c.dir, lint.Position{File: t.Display(c.dir)}}
		}
	}
	return found
}

// isOwn reports whether a name is that of the project of a tree: of its module, or in the title of its README. The name of the folder that
// the tree is in says nothing: people choose it.
func isOwn(t *tree.Tree) func(name string) bool {
	module, _ := t.ReadFile("go.mod") // most trees have none
	line, _, _ := bytes.Cut(module, []byte("\n"))
	own := map[string]bool{strings.ToLower(path.Base(strings.TrimSpace(string(bytes.TrimPrefix(line, []byte("module ")))))): len(line) > 0}
	readme, _ := t.ReadFile(firstOf(t, ".", readmes))
	title, _, _ := bytes.Cut(bytes.TrimLeft(readme, "#= \t\r\n"), []byte("\n"))
	for _, word := range strings.FieldsFunc(strings.ToLower(string(title)), func(c rune) bool { return c != '-' && !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		own[word] = true
	}
	return func(name string) bool { return own[strings.ToLower(name)] }
}

// isInput reports whether a folder is a chart or an overlay: these are what teams have a folder for each version of.
func isInput(t *tree.Tree, dir string) bool {
	_, isOverlay := kustomize.File(t, dir)
	return isOverlay || t.Exists(path.Join(dir, "Chart.yaml"))
}

// licenses are the names of files with a license, and readmes those of what people read first.
var (
	licenses = []string{"LICENSE", "LICENSE.md", "LICENSE.txt", "COPYING"}
	readmes  = []string{"README.md", "README", "README.txt", "README.rst", "README.adoc"}
)

func hasLicense(t *tree.Tree, dir string) bool {
	return firstOf(t, dir, licenses) != "" && firstOf(t, dir, readmes) != ""
}

// firstOf is the first of some files that a folder has. It is empty if it has none.
func firstOf(t *tree.Tree, dir string, bases []string) string {
	for _, base := range bases {
		if name := path.Join(dir, base); t.Exists(name) {
			return name
		}
	}
	return ""
}

// isLicensedAlike reports whether the license of a folder is that of the tree, byte by byte: then the folder may be the tree's own.
func isLicensedAlike(t *tree.Tree, dir string) bool {
	top := firstOf(t, ".", licenses)
	if top == "" {
		return false
	}
	a, errA := t.ReadFile(top)
	b, errB := t.ReadFile(firstOf(t, dir, licenses))
	return errA != nil || errB != nil || bytes.Equal(bytes.TrimSpace(a), bytes.TrimSpace(b))
}

// statesVersion matches the line with the version of a release.
var statesVersion = regexp.MustCompile(`(?m)^(?:version:[ \t]*)?["']?v?(\d+\.\d+\.\d+[\w.+-]*)["']?[ \t\r]*$`)

// states reports whether a folder states the version in its name, or has manifests and samples.
func states(t *tree.Tree, c candidate) bool {
	for _, base := range []string{"manifest.yaml", "VERSION", "version.txt", "VERSION.txt"} {
		text, err := t.ReadFile(path.Join(c.dir, base))
		if err != nil || len(text) > maxText {
			continue
		}
		if m := statesVersion.FindSubmatch(text); m != nil && string(m[1]) == c.version {
			return true
		}
	}
	return firstOf(t, c.dir, []string{"manifests", "charts", "install"}) != "" && firstOf(t, c.dir, []string{"samples", "examples"}) != ""
}

// hasOthers reports whether a folder is beside others of its name, with another version or none: then a team may keep what it makes there.
func hasOthers(t *tree.Tree, c candidate) bool {
	entries, _ := t.ReadDir(path.Dir(c.dir)) // the walk of what is linted reports what cannot be listed
	for _, e := range entries {
		m := named.FindStringSubmatch(e.Name())
		if e.Name() == c.name || e.Name() != path.Base(c.dir) && m != nil && m[1] == c.name {
			return true
		}
	}
	return false
}

// lines are the commands of a tree that download, and those that open an archive or change to a folder.
type lines struct{ fetch, open []command }

type command struct {
	file string // in the tree
	at   lint.Position
	text string // in lower case
}

var (
	fetches = regexp.MustCompile(`\b(?:curl|wget)\b.*https?://`)
	opens   = regexp.MustCompile(`(?:^|[\s;&|(])(?:cd|pushd|tar|unzip)\s`)
)

// linesOf reads the commands of texts, without those in comments.
func linesOf(t *tree.Tree, names []string) (l lines) {
	for _, name := range names {
		text, err := t.ReadFile(name)
		if err != nil || len(text) > maxText || !bytes.Contains(text, []byte("://")) {
			continue
		}
		n, at, whole := 0, 0, ""
		for line := range strings.Lines(string(text)) {
			n++
			line = strings.TrimSpace(line)
			at = cmp.Or(at, n)
			rest, goesOn := strings.CutSuffix(line, `\`)
			if whole += rest + " "; goesOn && len(whole) < maxFetch {
				continue
			}
			if !strings.HasPrefix(whole, "#") {
				l.add(command{name, lint.Position{File: t.Display(name), Line: at}, strings.ToLower(whole)})
			}
			at, whole = 0, ""
		}
	}
	return l
}

// maxFetch is how long a command may be that goes on over several lines, in bytes.
const maxFetch = 8 << 10

func (l *lines) add(c command) {
	if len(l.fetch) < maxLines && fetches.MatchString(c.text) {
		l.fetch = append(l.fetch, c)
	}
	if len(l.open) < maxLines && opens.MatchString(c.text) {
		l.open = append(l.open, c)
	}
}

// anyURL matches an address.
var anyURL = regexp.MustCompile(`https?://[^\s"'|;)]+`)

// download is the line outside of a folder which downloads what is in it: the address has the name and the version, or it has the name, and the
// same text goes on with the folder. It is empty if there is none.
func (l lines) download(c candidate) lint.Position {
	name := regexp.QuoteMeta(strings.ToLower(c.name))
	version := regexp.QuoteMeta(strings.ToLower(c.version))
	whole := regexp.MustCompile(`(?:^|[^a-z0-9-])` + name + `-v?` + version + `(?:[^0-9]|$)`)
	folder := regexp.MustCompile(`(?:^|[^a-z0-9-])` + name + `-(?:v?` + version + `(?:[^0-9]|$)|\$)`)
	for _, fetch := range l.fetch {
		if isBelow(fetch.file, c.dir) {
			continue
		}
		for _, address := range anyURL.FindAllString(fetch.text, -1) {
			if whole.MatchString(address) {
				return fetch.at
			}
			if strings.Contains(address, strings.ToLower(c.name)) && l.opensFrom(fetch, folder) {
				return fetch.at
			}
		}
	}
	return lint.Position{}
}

// opensFrom reports whether a text has a command, not before one that downloads, which names a folder.
func (l lines) opensFrom(fetch command, folder *regexp.Regexp) bool {
	from, _ := slices.BinarySearchFunc(l.open, fetch, func(a, b command) int { // the texts are in the order of their names
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.at.Line, b.at.Line))
	})
	for _, open := range l.open[from:] {
		if open.file != fetch.file {
			break
		}
		if folder.MatchString(open.text) {
			return true
		}
	}
	return false
}

func isBelow(name, dir string) bool { return strings.HasPrefix(name, dir+"/") }
