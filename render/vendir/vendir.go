// Package vendir reads which folders of a repository vendir fills with the files of other projects.
package vendir

import (
	"bytes"
	"path"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/tree"
)

const (
	maxText    = 1 << 20
	maxFolders = 1000
)

// names are how configurations of vendir are called.
var names = [...]string{"vendir.yml", "vendir.yaml"}

// Reader reads configurations of vendir, each once. The zero value is ready for use, also by several goroutines.
type Reader struct {
	mu    sync.Mutex
	known map[discover.ID][]folder
	// overlays are those of ytt, by the folder that has them.
	overlays map[discover.ID][]overlay
}

// folder is one that vendir fills, by its name in the tree.
type folder struct {
	name string
	at   lint.Position
	// from is the folder of the repository of which it is a copy. It is empty if its files are fetched.
	from string
}

// Vendored is the folder that vendir fills with a file of another project, and the line of its configuration which says so. Both are empty
// if there is none. A copy of a folder that the repository has itself, and that vendir does not fill, is none of another project.
func (r *Reader) Vendored(t *tree.Tree, name string) (dir string, at lint.Position) {
	for above := path.Dir(name); ; above = path.Dir(above) {
		if f := r.find(t, above, name); f != nil {
			return f.name, f.at
		}
		if above == "." {
			return "", lint.Position{}
		}
	}
}

// find is the folder with a file among those that the configuration in a folder fills. It is nil if there is none.
func (r *Reader) find(t *tree.Tree, above, name string) *folder {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.in(t, above)
	f := holds(l, name)
	if f != nil && f.from != "" && t.Exists(f.from) && holds(l, f.from+"/") == nil {
		return nil
	}
	return f
}

// holds is the innermost of some folders with a file. It is nil if there is none.
func holds(l []folder, name string) (f *folder) {
	for i := range l {
		if strings.HasPrefix(name, l[i].name+"/") && (f == nil || len(l[i].name) > len(f.name)) {
			f = &l[i]
		}
	}
	return f
}

func (r *Reader) in(t *tree.Tree, dir string) []folder {
	id := discover.ID{Dir: t.Dir(), Name: dir}
	l, known := r.known[id]
	if !known {
		if r.known == nil {
			r.known = map[discover.ID][]folder{}
		}
		for _, base := range names {
			l = append(l, read(t, path.Join(dir, base))...)
		}
		r.known[id] = l
	}
	return l
}

// read reads a configuration. What cannot be read says nothing.
func read(t *tree.Tree, name string) (l []folder) {
	text, err := t.ReadFile(name)
	if err != nil || len(text) > maxText {
		return nil
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var root yaml.Node
		if err := d.Decode(&root); err != nil || !node.IsExpandable(&root) {
			return l
		}
		v := node.NewValue(&root)
		if !strings.HasPrefix(v.Get("apiVersion").Text(), "vendir.k14s.io/") {
			continue
		}
		for of := range v.Get("directories").Items() {
			for c := range of.Get("contents").Items() {
				if f, ok := filled(t, name, of.Get("path"), c); ok && len(l) < maxFolders {
					l = append(l, f)
				}
			}
		}
	}
}

// filled is the folder that one of the contents of a directory fills. ok is false if people write its files, or if it is not in the tree.
func filled(t *tree.Tree, config string, directory, content lint.Value) (f folder, ok bool) {
	at := content.Get("path")
	if directory.Text() == "" || at.Text() == "" || content.Get("manual").IsSet() || content.Get("inline").IsSet() {
		return f, false
	}
	f.name = path.Join(path.Dir(config), directory.Text(), at.Text())
	if !isBelow(f.name) {
		return f, false
	}
	if from := path.Join(path.Dir(config), content.Get("directory.path").Text()); content.Get("directory").IsSet() && isBelow(from) {
		f.from = from
	}
	f.at = lint.Position{File: t.Display(config), Line: directory.Node.Line}
	return f, true
}

// isBelow reports whether a path names a folder below the top of the tree.
func isBelow(name string) bool {
	return name != "." && name != ".." && !strings.HasPrefix(name, "../") && !path.IsAbs(name)
}
