package commands

import (
	"bytes"
	"cmp"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/attributes"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/tree"
)

// Archives reads which folders of a tree scripts and Makefiles empty and fill with an archive that they download. It reads each tree once. The zero
// value is ready for use, also by several goroutines.
type Archives struct {
	mu    sync.Mutex
	known map[*tree.Tree][]unpacked
}

// Archive is what fills a folder: the line of a script, and the repository, or the host, that it downloads from.
type Archive struct {
	At   lint.Position
	From string
	// Dir is the folder.
	Dir string
}

// unpacked is a command that unpacks a download in a folder.
type unpacked struct {
	Archive
	// member is the last part of what it unpacks, and stem the name of the archive without its ending. Each is empty if it is not known.
	member, stem string
	// emptied are the folders that the same commands empty before.
	emptied []string
}

// Of is the archive with which a script fills the folder of a file, or one above it, after it has emptied that. ok is false if none does, or if it is
// not known which of several it is.
func (a *Archives) Of(t *tree.Tree, name string) (of Archive, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	all, known := a.known[t]
	if !known {
		all = archivesIn(t)
		if a.known == nil {
			a.known = map[*tree.Tree][]unpacked{}
		}
		a.known[t] = all
	}
	var found, named []Archive
	for i := range all {
		one, isNamed, isIn := all[i].holds(name)
		if isIn {
			found = append(found, one)
		}
		if isNamed {
			named = append(named, one)
		}
	}
	switch {
	case len(named) > 0 && isOne(named):
		return named[0], true
	case len(named) == 0 && len(found) > 0 && isOne(found):
		return found[0], true
	}
	return Archive{}, false
}

// holds is the archive with the folder that it fills with a file, and whether that has the name of what is unpacked. isIn is set if it is not known
// that something else is.
func (u *unpacked) holds(name string) (of Archive, isNamed, isIn bool) {
	below, ok := strings.CutPrefix(name, u.Dir+"/")
	if u.Dir == "." {
		below, ok = name, true
	}
	first, _, isDeep := strings.Cut(below, "/")
	within := path.Join(u.Dir, first)
	if !ok || !slices.ContainsFunc(u.emptied, func(dir string) bool { return covers(dir, u.Dir) || isDeep && dir == within }) {
		return of, false, false
	}
	of = u.Archive
	if isDeep {
		of.Dir = within
	}
	return of, isDeep && u.isNamed(first), u.member == "" || u.member == path.Base(u.Dir)
}

// isOne reports whether archives come from one repository.
func isOne(l []Archive) bool {
	return !slices.ContainsFunc(l, func(a Archive) bool { return a.From != l[0].From })
}

// isNamed reports whether a folder has the name of what is unpacked.
func (u *unpacked) isNamed(folder string) bool {
	if u.member != "" {
		return u.member == folder
	}
	return folder == path.Base(u.From) || u.stem == folder || strings.HasPrefix(u.stem, folder+"-")
}

func covers(outer, place string) bool { return place == outer || strings.HasPrefix(place, outer+"/") }

// maxArchives is how many commands of a tree that empty or fill a folder are looked at.
const maxArchives = 200

// unpacks is quick and says whether a text may download and unpack archives.
func unpacks(text []byte) bool {
	has := func(word string) bool { return bytes.Contains(text, []byte(word)) }
	return (has("curl") || has("wget")) && (has("tar ") || has("unzip")) && (has("rm ") || has("-delete"))
}

func archivesIn(t *tree.Tree) (all []unpacked) {
	for _, name := range discover.Instructions(t) {
		if ext := path.Ext(name); !isMakefile(name) && ext != ".sh" && ext != ".bash" {
			continue
		}
		text, err := t.ReadFile(name)
		if err != nil || len(text) > maxText || !unpacks(text) {
			continue
		}
		unix := string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
		for _, dir := range slices.Compact([]string{path.Dir(name), "."}) {
			u := unpacker{tree: t, name: name, downloads: map[string]string{}}
			u.read(dir, unix)
			if len(u.all) > 0 {
				all = append(all, u.all...)
				break
			}
		}
		if len(all) >= maxArchives {
			break
		}
	}
	return all
}

// unpacker reads the commands of a text.
type unpacker struct {
	tree *tree.Tree
	name string
	// downloads are the addresses of the files that commands download, by the words that name the files.
	downloads map[string]string
	emptied   []string
	all       []unpacked
	// rule is the last line of the Makefile that is in no recipe: what other rules empty may never run.
	rule int
}

func (u *unpacker) read(dir, text string) {
	script := attributes.Script{Tree: u.tree, Name: u.name, Dir: dir}
	if isMakefile(u.name) {
		rules := rulesOf(text)
		script.EachLine(text, func(line attributes.Line) {
			if rule := rules[min(line.Number, len(rules)-1)]; rule != u.rule {
				u.rule, u.emptied = rule, nil
			}
			u.line(line, line.Number)
		})
		return
	}
	text, numbers := called(text)
	script.EachLine(text, func(line attributes.Line) { u.line(line, numbers[line.Number-1]) })
}

// rulesOf are the lines at which the rules of a Makefile begin, by the lines that are in them.
func rulesOf(text string) []int {
	l, at := []int{0}, 0
	for line := range strings.Lines(text) {
		if line[0] != '\t' && line[0] != '#' && strings.TrimSpace(line) != "" {
			at = len(l)
		}
		l = append(l, at)
	}
	return l
}

// line takes the commands of a line.
func (u *unpacker) line(line attributes.Line, number int) {
	dir, isKnown := line.Dir()
	for _, commands := range pipelines(line.Text) {
		for i, words := range commands {
			if to := folderOf(words); to != "" {
				dir, isKnown = line.Place(dir, to)
				continue
			}
			if !isKnown || len(words) < 2 || len(u.all)+len(u.emptied) >= maxArchives {
				continue
			}
			u.command(words, commands[i+1:], number, func(name string) (string, bool) {
				place, ok := line.Place(dir, name)
				return place, ok && !strings.ContainsAny(place, "*?[{$") && u.tree.Exists(place)
			})
		}
	}
}

// command takes a command, and those to which it pipes what it writes.
func (u *unpacker) command(words []string, next [][]string, number int, place func(string) (string, bool)) {
	switch path.Base(words[0]) {
	case "rm":
		if slices.ContainsFunc(words[1:], isRecursive) {
			u.empty(words[1:], place)
		}
	case "find":
		if removesAll(words, next) {
			u.empty(words[1:2], place)
		}
	case "git": // which may bring back what was removed
		if words[1] == "checkout" || words[1] == "restore" {
			for _, word := range words[2:] {
				if at, ok := place(word); ok {
					u.all = slices.DeleteFunc(u.all, func(of unpacked) bool { return covers(at, of.Dir) || covers(of.Dir, at) })
				}
			}
		}
	case "curl", "wget":
		u.download(words, next, number, place)
	case "tar", "gtar", "bsdtar", "unzip":
		p := unpackOf(words)
		if address := u.downloads[p.file]; address != "" {
			u.unpack(p, address, number, place)
		}
	}
}

// isRecursive reports the options of rm by which it removes folders.
func isRecursive(word string) bool {
	return word == "--recursive" || strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--") && strings.ContainsAny(word, "rR")
}

// removesAll reports whether find removes all that is in a folder.
func removesAll(words []string, next [][]string) bool {
	for _, w := range words {
		if strings.Contains(w, "name") || strings.Contains(w, "path") || strings.Contains(w, "regex") || w == "!" || w == "-not" || w == "-newer" || strings.HasSuffix(w, "time") {
			return false
		}
	}
	if i := slices.Index(words, "-exec"); i >= 0 {
		words = words[i+1:]
	} else if len(next) > 0 && len(next[0]) > 0 && next[0][0] == "xargs" {
		words = next[0]
	} else {
		return slices.Contains(words, "-delete")
	}
	return slices.Contains(words, "rm") && slices.ContainsFunc(words, isRecursive)
}

func (u *unpacker) empty(names []string, place func(string) (string, bool)) {
	for _, name := range names {
		if at, ok := place(strings.TrimSuffix(name, "/*")); ok && at != "." {
			u.emptied = append(u.emptied, at)
		}
	}
}

// download takes a command that downloads, and unpacks what it writes, or notes the file to which it does.
func (u *unpacker) download(words []string, next [][]string, number int, place func(string) (string, bool)) {
	address, output := "", ""
	for i, w := range words {
		switch {
		case strings.HasPrefix(w, "https://"), strings.HasPrefix(w, "http://"):
			address = w
		case i+1 == len(words) || strings.HasPrefix(words[i+1], "-") || strings.Contains(words[i+1], "://"):
		case w == "--output", w == "--output-document", saves.MatchString(w):
			output = words[i+1]
		}
	}
	if address == "" {
		return
	}
	u.downloads[cmp.Or(output, path.Base(address))] = address
	for _, words := range next {
		if len(words) > 1 && strings.HasSuffix(path.Base(words[0]), "tar") {
			u.unpack(unpackOf(words), address, number, place)
		}
	}
}

// saves matches the options of curl and wget before the name of a file.
var saves = regexp.MustCompile(`^-[A-Za-z]*[oO]$`)

// unpacking is what a command says that unpacks an archive.
type unpacking struct {
	file, dir string
	members   []string
	isList    bool // it unpacks nothing
}

// unpackOf takes the words of tar or unzip.
func unpackOf(words []string) (p unpacking) {
	isZip := path.Base(words[0]) == "unzip"
	p.isList = !isZip
	for i := 1; i < len(words); i++ {
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		takesNext, isOption := isZip && words[i] == "-d", false
		if takesNext {
			p.dir = next
		} else if !isZip {
			takesNext, isOption = p.option(words[i], next, i == 1)
		}
		switch w := words[i]; {
		case takesNext:
			i++
		case isOption, strings.HasPrefix(w, "-"), optional.MatchString(w):
		case isZip && p.file == "":
			p.file = w
		case strings.Trim(w, "*/") != "":
			p.members = append(p.members, w)
		}
	}
	p.dir = cmp.Or(p.dir, ".")
	return p
}

// option takes an option of tar: the first word may have no minus. takesNext is set if the next word is its value.
func (p *unpacking) option(word, next string, isFirst bool) (takesNext, isOption bool) {
	name, value, hasValue := strings.Cut(word, "=")
	switch isShort := strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--"); {
	case name == "--directory" && hasValue:
		p.dir = value
	case name == "--file" && hasValue:
		p.file = value
	case name == "--directory", isShort && strings.HasSuffix(word, "C"):
		p.dir, p.isList = next, p.isList && (!isShort || !strings.Contains(word, "x"))
		return true, true
	case name == "--extract", name == "--get":
		p.isList = false
	case (isFirst || isShort) && bundled.MatchString(word):
		p.isList = p.isList && !strings.Contains(word, "x")
		if strings.HasSuffix(word, "f") {
			p.file = next
			return true, true
		}
	case withValue[name] && !hasValue:
		return true, true
	default:
		return false, false
	}
	return false, true
}

// optional matches a variable alone, which may be an option, bundled the options of tar that stand together, with or without a minus, and withValue
// are those of which the next word is the value.
var (
	optional  = regexp.MustCompile(`^\$\{?\w+\}?$`)
	bundled   = regexp.MustCompile(`^-?[xzvjJpmokhf]+$`)
	withValue = map[string]bool{"--strip": true, "--strip-components": true, "--exclude": true, "--transform": true, "-T": true}
)

// ofRepository matches the address of an archive of a repository.
var ofRepository = regexp.MustCompile(`^https?://(?:(?:www\.|codeload\.)?github\.com|api\.github\.com/repos|gitlab\.com)/([A-Za-z0-9][\w.-]*/[\w.-]+)/`)

// unpack notes what a command unpacks. What the repository has published itself comes from no other project.
func (u *unpacker) unpack(p unpacking, address string, number int, place func(string) (string, bool)) {
	at, ok := place(p.dir)
	if !ok || p.isList {
		return
	}
	from := ""
	if m := ofRepository.FindStringSubmatch(address); m != nil {
		from = m[1]
	} else if parsed, err := url.Parse(address); err == nil && !strings.ContainsAny(parsed.Host, "${}`()") && !strings.HasSuffix(parsed.Host, "github.com") {
		from = parsed.Hostname()
	}
	emptied := slices.DeleteFunc(slices.Clone(u.emptied), func(dir string) bool { return !covers(dir, at) && path.Dir(dir) != at })
	if from == "" || len(emptied) == 0 || attributes.IsOwn(u.tree, from) {
		return
	}
	one := unpacked{Archive: Archive{At: lint.Position{File: u.tree.Display(u.name), Line: number}, From: from, Dir: at}, emptied: emptied}
	if len(p.members) == 1 {
		one.member = path.Base(strings.Trim(p.members[0], "*/"))
	}
	if stem := path.Base(address); !strings.ContainsAny(stem, "$`") {
		one.stem = stem
	}
	u.all = append(u.all, one)
}
