package built

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint/dockerfile"
)

// User is who an image runs as.
type User struct {
	// Text is as the Dockerfile has it: root, app, 10001:10001. Empty: the base image
	// decides.
	Text string
	// IsRoot is set for root, and IsNumber for a number.
	IsRoot, IsNumber bool
	// At is the word that says so: that of USER, or of FROM.
	At dockerfile.Word
	// In is the instruction that At is in.
	In *dockerfile.Instruction
}

// User is who the image runs as. ok is false if it is not known.
func (i *Image) User() (u User, ok bool) {
	s := i.Stage()
	if s == nil || s.IsWindows {
		return User{}, false
	}
	if in := s.Last("USER"); in != nil {
		if len(in.Words) != 1 {
			return User{}, false
		}
		text, known := i.expand(in, in.Words[0])
		name, _, _ := strings.Cut(text, ":")
		_, err := strconv.ParseUint(name, 10, 32)
		u = User{Text: text, At: in.Words[0], In: in, IsNumber: err == nil, IsRoot: name == "root" || err == nil && strings.Trim(name, "0") == ""}
		return u, known && name != ""
	}
	first := s.Lineage()[0]
	if dockerfile.UserOf(i.base()) != dockerfile.RootUser {
		return User{}, false
	}
	return User{IsRoot: true, At: first.Ref, In: first.From}, true
}

// expand is the value of a word. It is not known if it has variables and the build may give
// them others.
func (i *Image) expand(in *dockerfile.Instruction, w dockerfile.Word) (text string, isKnown bool) {
	if i.HasArgs && strings.Contains(w.Raw, "$") {
		return "", false
	}
	return in.Expand(w)
}

// base is the image that the stage begins with. Empty: it is not known.
func (i *Image) base() string {
	first := i.Stage().Lineage()[0]
	if i.HasArgs && strings.Contains(first.Ref.Raw, "$") {
		return ""
	}
	return first.Image
}

// Ports are those that the image exposes.
type Ports struct {
	Ranges [][2]int
	// At is the first word of EXPOSE.
	At dockerfile.Word
}

// Has reports whether a port is exposed.
func (p Ports) Has(port int64) bool {
	return slices.ContainsFunc(p.Ranges, func(r [2]int) bool { return int64(r[0]) <= port && port <= int64(r[1]) })
}

// Ports are the ports that the image exposes. ok is false if it exposes none, or if not all
// are known: its base image may expose some, too.
func (i *Image) Ports() (p Ports, ok bool) {
	s := i.Stage()
	if s == nil || !dockerfile.ExposesNothing(i.base()) {
		return Ports{}, false
	}
	for _, s := range s.Lineage() {
		for _, in := range s.Instructions {
			if in.Name != "EXPOSE" {
				continue
			}
			for _, w := range in.Words {
				text, known := i.expand(in, w)
				number, _, _ := strings.Cut(text, "/")
				from, to, isPort := dockerfile.ParsePorts(number)
				if !known || !isPort {
					return Ports{}, false
				}
				if len(p.Ranges) == 0 {
					p.At = w
				}
				p.Ranges = append(p.Ranges, [2]int{from, to})
			}
		}
	}
	return p, len(p.Ranges) > 0
}

// Lacks reports whether the image certainly has no program of that name, such as a shell: it
// begins with scratch or a base image without programs, and nothing that is copied may be it.
// at is the word that names the base.
func (i *Image) Lacks(program string) (at dockerfile.Word, lacks bool) {
	s := i.Stage()
	if s == nil || s.IsWindows || !dockerfile.HasNoPrograms(i.base()) {
		return dockerfile.Word{}, false
	}
	lineage := s.Lineage()
	for _, s := range lineage {
		for _, in := range s.Instructions {
			if in.Name == "RUN" || in.Trigger != nil || (in.Name == "COPY" || in.Name == "ADD") && mayBring(in, path.Base(program)) {
				return dockerfile.Word{}, false
			}
		}
	}
	return lineage[0].Ref, true
}

// multiTools are programs that are many.
var multiTools = []string{"busybox", "toybox", "coreutils"}

// mayBring reports whether a COPY or ADD may bring a program: a file of its name, or folders
// and archives that may hold it.
func mayBring(in *dockerfile.Instruction, program string) bool {
	if len(in.Words) < 2 || len(in.Heredocs) > 0 {
		return true
	}
	to := in.Words[len(in.Words)-1].Text
	isProgram := func(word string) bool {
		base := path.Base(word)
		return base == program || slices.Contains(multiTools, base) || slices.Contains([]string{"sh", "bash", "ash"}, base)
	}
	if isProgram(to) || strings.Contains(to, "$") {
		return true
	}
	for _, w := range in.Words[:len(in.Words)-1] {
		if isProgram(w.Text) || strings.ContainsAny(w.Text, "$*?") || in.Name == "ADD" && (isArchive(w.Text) || strings.Contains(w.Text, "://")) {
			return true
		}
		if isProgramFolder(to) && isFolder(w.Text) {
			return true
		}
	}
	return false
}

func isArchive(name string) bool {
	return slices.ContainsFunc([]string{".tar", ".tgz", ".tbz2", ".txz", ".gz", ".xz", ".bz2", ".zst"}, func(ext string) bool { return strings.HasSuffix(name, ext) })
}

// isProgramFolder reports whether programs of a folder, or of those below it, are found by
// their names.
func isProgramFolder(to string) bool {
	switch path.Clean(to) {
	case "/", ".", "/bin", "/sbin", "/usr", "/usr/bin", "/usr/sbin", "/usr/local", "/usr/local/bin", "/usr/local/sbin":
		return true
	}
	return false
}

// isFolder reports whether the name of what is copied may be a folder with programs.
func isFolder(from string) bool {
	if strings.HasSuffix(from, "/") {
		return true
	}
	switch base := path.Base(path.Clean(from)); base {
	case ".", "/", "bin", "sbin", "usr", "local", "dist", "out", "output", "target":
		return true
	default:
		return strings.Contains(base, "root") || strings.Contains(base, "fs")
	}
}
