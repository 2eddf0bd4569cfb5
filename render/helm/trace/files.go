package trace

import (
	"context"
	"encoding/base64"
	"path"
	"reflect"
	"strings"
	"sync"
	"unsafe"

	"helm.sh/helm/v3/pkg/chart"
	"sigs.k8s.io/yaml"
)

// Files is the .Files of templates. It is a map, because templates range over it.
type Files map[string][]byte

// fileBudgets has the budget of each Files of a rendering. Files must be a map, which
// cannot hold the budget itself.
var fileBudgets sync.Map

func (f Files) budget() *budget {
	if b, ok := fileBudgets.Load(reflect.ValueOf(f).Pointer()); ok {
		return b.(*budget)
	}
	return NewBudget(context.Background(), DefaultLimits, 0) // the rendering has ended
}

// limit makes a budget count what templates do with files.
func (b *budget) limit(f Files) Files {
	fileBudgets.Store(reflect.ValueOf(f).Pointer(), b)
	b.files = append(b.files, f)
	return f
}

// Close ends the accounting for files. It is called after the last template was executed.
func (b *budget) Close() {
	for _, f := range b.files {
		fileBudgets.Delete(reflect.ValueOf(f).Pointer())
	}
	b.files = nil
}

// NewFiles gives the contents of a chart's files identities: text that a template reads
// from a file can be edited in that file.
func (t *Tracer) NewFiles(l []*chart.File, names map[*chart.File]string, owner string) Files {
	m := Files{}
	t.Budget.marshalled = t.marshalled
	for _, f := range l {
		m[f.Name] = f.Data
		if len(f.Data) == 0 || t.IDs.strings[&f.Data[0]] != nil {
			continue
		}
		// The bytes do not change, so a string can share them and their address.
		s := unsafe.String(&f.Data[0], len(f.Data))
		src := &Source{File: names[f], Text: s, Owner: owner}
		t.IDs.strings[&f.Data[0]] = &origin{text: s, traced: &Traced{Text: s, Pieces: []Piece{{End: len(s), Kind: Literal, Src: src}}}}
	}
	return t.Budget.limit(m)
}

// GetBytes is a file's content. It is empty if there is no such file.
func (f Files) GetBytes(name string) []byte {
	if v, ok := f[name]; ok {
		return v
	}
	return []byte{}
}

// Get is a file's content as a string.
func (f Files) Get(name string) string {
	data := f[name]
	if len(data) == 0 {
		return ""
	}
	return unsafe.String(&data[0], len(data))
}

// Glob selects the files whose names match a pattern.
func (f Files) Glob(pattern string) (Files, error) {
	m, b := Files{}, f.budget()
	match, err := globMatcher(pattern)
	if err != nil {
		return m, err
	}
	length := 0
	for name, data := range f {
		length += len(name)
		if err := b.expense(len(name)+len(pattern), len(pattern)+1); err != nil {
			return m, err
		}
		if match(name) {
			m[name] = data
		}
	}
	return b.limit(m), b.spend((len(m) + 1) * noteBytes)
}

// AsConfig is the files as the data of a ConfigMap. Their lines can be edited in the files.
func (f Files) AsConfig() (string, error) {
	text, m, err := f.asYAML(f.Get)
	if note := f.budget().marshalled; note != nil && err == nil {
		return note(text, m)
	}
	return text, err
}

// AsSecrets is the files as the data of a Secret.
func (f Files) AsSecrets() (string, error) {
	text, _, err := f.asYAML(func(name string) string { return base64.StdEncoding.EncodeToString(f[name]) })
	return text, err
}

func (f Files) asYAML(encode func(name string) string) (text string, m map[string]string, err error) {
	if f == nil {
		return "", nil, nil
	}
	b, length := f.budget(), 0
	for _, data := range f {
		length += len(data)
	}
	if err := b.expense(length+noteBytes, 8); err != nil {
		return "", nil, err
	}
	m = map[string]string{}
	for _, name := range SortedKeys(f) { // of files with the same base name, the last one wins
		m[path.Base(name)] = encode(name)
	}
	data, err := yaml.Marshal(m)
	if err != nil {
		return "", nil, nil //nolint:nilerr // as in Helm
	}
	return strings.TrimSuffix(string(data), "\n"), m, b.spend(len(data))
}

// Lines is the lines of a file.
func (f Files) Lines(name string) ([]string, error) {
	s := f.Get(name)
	if s == "" {
		return []string{}, nil
	}
	if err := f.budget().list(strings.Count(s, "\n") + 1); err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n"), nil
}
