package appset

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/tree"
)

// The limits on what is looked at: names in the tree, comparisons of names with patterns, the size of a file, and the text of
// templates.
const (
	maxFilled      = 32 << 20
	maxNames       = 200_000
	maxComparisons = 5_000_000
	maxFile        = 256 << 10
)

// Repository is the checkout that generators read. It is not safe for concurrent use.
type Repository struct {
	tree *tree.Tree
	// isOwn reports whether a URL may be that of the repository.
	isOwn func(url string) bool

	templates map[string]*template.Template // those of Go, by their texts
	filled    int                           // how much text was filled in

	isListed, isWhole bool
	files, dirs       []string // sorted
	compared          int
}

// NewRepository is the checkout of a tree. isOwn reports whether a URL may be that of its repository.
func NewRepository(t *tree.Tree, isOwn func(url string) bool) *Repository {
	return &Repository{tree: t, isOwn: isOwn, templates: map[string]*template.Template{}}
}

// list lists the names in the tree, once. ok is false if there are too many.
func (r *Repository) list() (ok bool) {
	if r.isListed {
		return r.isWhole
	}
	r.isListed, r.isWhole = true, r.walk(".", false)
	slices.Sort(r.files)
	slices.Sort(r.dirs)
	return r.isWhole
}

// walk lists what is below a directory. Of hidden directories there are only files.
func (r *Repository) walk(dir string, isHidden bool) (ok bool) {
	entries, err := r.tree.ReadDir(dir)
	if err != nil {
		return true // what cannot be read is reported where it is linted
	}
	for _, e := range entries {
		if len(r.files)+len(r.dirs) >= maxNames {
			return false
		}
		name := path.Join(dir, e.Name())
		switch {
		case e.Name() == ".git":
		case e.IsDir():
			hidden := isHidden || strings.HasPrefix(e.Name(), ".")
			if !hidden {
				r.dirs = append(r.dirs, name)
			}
			if !r.walk(name, hidden) {
				return false
			}
		case e.Type().IsRegular():
			r.files = append(r.files, name)
		}
	}
	return true
}

// base is the folder of the tree that is the repository: one that is no checkout may hold several, and the outermost folder
// around a file that has what a pattern begins with is taken for it.
func (r *Repository) base(file, prefix string) string {
	if r.tree.Exists(".git") || prefix == "" || r.tree.Exists(prefix) {
		return ""
	}
	for i, c := range file {
		if base := file[:i]; c == '/' && r.tree.Exists(path.Join(base, prefix)) {
			return base + "/"
		}
	}
	return ""
}

// matching lists the names that match a pattern, without the folder that is the repository. ok is false if that costs too
// much.
func (r *Repository) matching(names []string, base, prefix string, matches func(name string) bool) (found []string, ok bool) {
	start, _ := slices.BinarySearch(names, base+prefix)
	for _, name := range names[start:] {
		if !strings.HasPrefix(name, base+prefix) {
			break
		}
		if r.compared++; r.compared > maxComparisons {
			return nil, false
		}
		if below := strings.TrimPrefix(name, base); matches(below) {
			found = append(found, below)
		}
	}
	return found, true
}

// prefixOf is the directory that everything is in which a pattern matches, with a slash, or the pattern if it names one thing.
func prefixOf(pattern string) string {
	i := strings.IndexAny(pattern, `*?[{\`)
	if i < 0 {
		return pattern
	}
	return pattern[:strings.LastIndexByte(pattern[:i], '/')+1]
}

// Glob is a pattern of files as git ls-files and Argo CD read it: * matches slashes, too.
func Glob(pattern string) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString(`^`)
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			b.WriteString(`.*`)
		case '?':
			b.WriteByte('.')
		case '[':
			end := strings.IndexByte(pattern[i:], ']')
			if end < 0 {
				b.WriteString(`\[`)
				continue
			}
			class := pattern[i+1 : i+end]
			if rest, negated := strings.CutPrefix(class, "!"); negated {
				class = "^" + rest
			}
			b.WriteString(`[` + class + `]`)
			i += end
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	return regexp.Compile(b.String() + `$`)
}

// git lists the parameters of directories or files of the repository.
func (e *expansion) git(git lint.Value, outer params) (all []params, ok bool) {
	url := git.Get("repoURL")
	if filled := e.fill(raw(url), outer); node.MayHavePlaceholder(filled) || !e.repository.isOwn(filled) || !e.repository.list() {
		return nil, false
	}
	isDirs := git.Get("directories").IsSet()
	names, base, ok := e.named(git, outer, isDirs)
	if !ok {
		return nil, false
	}
	for _, name := range names {
		if len(all) >= maxApplications {
			e.isPartial = true
			break
		}
		if isDirs {
			all = append(all, e.valued(git, outer.with(e.pathParams(git, name, ""), outer.read)))
			continue
		}
		data, ok := e.repository.data(base + name)
		if !ok {
			e.isPartial = true
		}
		for _, d := range data {
			more := e.keyed(d)
			maps.Copy(more, e.pathParams(git, path.Dir(name), path.Base(name)))
			all = append(all, e.valued(git, outer.with(more, base+name)))
		}
	}
	return all, true
}

// matcher reports which names match a pattern of directories or files. It is nil for a pattern that is none.
func matcher(pattern string, isDirs bool) func(name string) bool {
	if isDirs {
		return func(name string) bool { ok, err := path.Match(pattern, name); return ok && err == nil }
	}
	glob, err := Glob(pattern)
	if err != nil {
		return nil
	}
	return glob.MatchString
}

// named lists the directories or files that a generator names, in the repository. If it excludes all that it includes, there are none. It is not
// ok if it includes nothing, unless the tree is a checkout with the folders in which it would be: else it may be a part of the repository.
func (e *expansion) named(git lint.Value, outer params, isDirs bool) (names []string, base string, ok bool) {
	key, in := "files", e.repository.files
	if isDirs {
		key, in = "directories", e.repository.dirs
	}
	included, excluded, isThere := []string(nil), map[string]bool{}, e.repository.tree.Exists(".git")
	for item := range git.Get(key).Items() {
		pattern := strings.TrimPrefix(e.fill(raw(item.Get("path")), outer), "./")
		if pattern == "" || node.MayHavePlaceholder(pattern) || len(pattern) > 1<<10 {
			return nil, "", false
		}
		matches := matcher(pattern, isDirs)
		if matches == nil {
			return nil, "", false
		}
		prefix := prefixOf(pattern)
		if isExcluded := item.Get("exclude").True(); !isExcluded && base == "" {
			base = e.repository.base(e.file, strings.TrimSuffix(prefix, "/"))
		}
		found, ok := e.repository.matching(in, base, prefix, matches)
		if !ok {
			return nil, "", false
		}
		if !item.Get("exclude").True() {
			isThere = isThere && strings.HasSuffix(prefix, "/") && e.repository.tree.Exists(strings.TrimSuffix(prefix, "/"))
			included = append(included, found...)
			continue
		}
		for _, name := range found {
			excluded[name] = true
		}
	}
	slices.Sort(included)
	included = slices.Compact(included)
	return slices.DeleteFunc(included, func(name string) bool { return excluded[name] }), base, len(included) > 0 || isThere && git.Get(key).Len() > 0
}

func raw(v lint.Value) string {
	if !v.IsScalar() {
		return ""
	}
	return v.Node.Value
}

// data is what a configuration file holds: a mapping, or a list of them.
func (r *Repository) data(name string) (l []map[string]any, ok bool) {
	var n yaml.Node
	content, err := r.tree.ReadFile(name)
	if err != nil || len(content) > maxFile || yaml.Unmarshal(content, &n) != nil || !node.IsExpandable(&n) {
		return nil, false
	}
	v := node.NewValue(&n)
	if v.IsList() {
		for item := range v.Items() {
			if data, ok := decode(item.Node); ok {
				l = append(l, data)
			}
		}
		return l, true
	}
	data, ok := decode(v.Node)
	return []map[string]any{data}, ok
}

// pathParams are the parameters of a directory, and of a file in it.
func (e *expansion) pathParams(git lint.Value, dir, file string) map[string]any {
	prefix := git.Get("pathParamPrefix").Text()
	segments := strings.Split(dir, "/")
	if !e.isGo {
		if prefix != "" {
			prefix += "."
		}
		m := map[string]any{
			prefix + "path": dir, prefix + "path.basename": path.Base(dir), prefix + "path.basenameNormalized": normalized(path.Base(dir)),
		}
		if file != "" {
			m[prefix+"path.filename"], m[prefix+"path.filenameNormalized"] = file, normalized(file)
		}
		for i, s := range segments {
			m[prefix+"path["+strconv.Itoa(i)+"]"] = s
		}
		return m
	}
	m := map[string]any{"path": dir, "basename": path.Base(dir), "basenameNormalized": normalized(path.Base(dir)), "segments": segments}
	if file != "" {
		m["filename"], m["filenameNormalized"] = file, normalized(file)
	}
	if prefix != "" {
		return map[string]any{prefix: map[string]any{"path": m}}
	}
	return map[string]any{"path": m}
}

// valued adds the values that a generator has beside its parameters.
func (e *expansion) valued(generator lint.Value, p params) params {
	values := map[string]any{}
	for key, v := range generator.Get("values").Entries() {
		if filled := e.fill(raw(v), p); v.IsScalar() && !strings.Contains(filled, "{{") {
			values[key] = filled
		}
	}
	if len(values) == 0 {
		return p
	}
	return p.with(e.keyed(map[string]any{"values": values}), p.read)
}

var notInNames = regexp.MustCompile(`[^-a-z0-9.]`)

// normalized is a text as the name of an object.
func normalized(s string) string {
	const maxName = 253
	s = notInNames.ReplaceAllString(strings.ToLower(s), "-")
	return strings.Trim(s[:min(len(s), maxName)], "-.")
}
