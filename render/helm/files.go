package helm

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

// files is what templates see as .Files: a map, since they range over it.
type files map[string][]byte

// fileBudgets has the budget of each files that templates see. They must be a map,
// which has no room for it.
var fileBudgets sync.Map

func (f files) budget() *budget {
	if b, ok := fileBudgets.Load(reflect.ValueOf(f).Pointer()); ok {
		return b.(*budget)
	}
	return newBudget(context.Background(), defaultLimits, 0) // a rendering that is over
}

// limit makes a budget count what templates do with files.
func (b *budget) limit(f files) files {
	fileBudgets.Store(reflect.ValueOf(f).Pointer(), b)
	b.files = append(b.files, f)
	return f
}

// close is called when no template is executed any more.
func (b *budget) close() {
	for _, f := range b.files {
		fileBudgets.Delete(reflect.ValueOf(f).Pointer())
	}
	b.files = nil
}

// newFiles gives a chart's files identities: text that a template takes from a
// file can be edited in that file.
func (t *tracer) newFiles(l []*chart.File, names map[*chart.File]string, owner string) files {
	m := files{}
	for _, f := range l {
		m[f.Name] = f.Data
		if len(f.Data) == 0 || t.ids.strings[&f.Data[0]] != nil {
			continue
		}
		// The bytes do not change: a string can share them, and their address.
		s := unsafe.String(&f.Data[0], len(f.Data))
		src := &source{file: names[f], text: s, owner: owner}
		t.ids.strings[&f.Data[0]] = &origin{text: s, traced: &traced{text: s, pieces: []piece{{end: len(s), kind: literal, src: src}}}}
	}
	return t.budget.limit(m)
}

// GetBytes is a file's content. A file that is not there is empty.
func (f files) GetBytes(name string) []byte {
	if v, ok := f[name]; ok {
		return v
	}
	return []byte{}
}

// Get is a file's content as a string.
func (f files) Get(name string) string {
	data := f[name]
	if len(data) == 0 {
		return ""
	}
	return unsafe.String(&data[0], len(data))
}

// Glob is the files whose names match a pattern.
func (f files) Glob(pattern string) (files, error) {
	m, b := files{}, f.budget()
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

// AsConfig is the files as the data of a ConfigMap.
func (f files) AsConfig() (string, error) {
	return f.asYAML(func(data []byte) string { return string(data) })
}

// AsSecrets is the files as the data of a Secret.
func (f files) AsSecrets() (string, error) { return f.asYAML(base64.StdEncoding.EncodeToString) }

func (f files) asYAML(encode func([]byte) string) (string, error) {
	if f == nil {
		return "", nil
	}
	b, length := f.budget(), 0
	for _, data := range f {
		length += len(data)
	}
	if err := b.expense(length+noteBytes, 8); err != nil {
		return "", err
	}
	m := map[string]string{}
	for _, name := range sortedKeys(f) { // of files with one base name the last one stays
		m[path.Base(name)] = encode(f[name])
	}
	data, err := yaml.Marshal(m)
	if err != nil {
		return "", nil //nolint:nilerr // as in Helm
	}
	return strings.TrimSuffix(string(data), "\n"), b.spend(len(data))
}

// Lines is the lines of a file.
func (f files) Lines(name string) ([]string, error) {
	s := f.Get(name)
	if s == "" {
		return []string{}, nil
	}
	if err := f.budget().list(strings.Count(s, "\n") + 1); err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n"), nil
}
