package helm

import (
	"encoding/base64"
	"fmt"
	"path"
	"slices"
	"strings"
	"unsafe"

	"github.com/gobwas/glob"
	"helm.sh/helm/v3/pkg/chart"
	"sigs.k8s.io/yaml"
)

// files is what templates see as .Files: a map, since they range over it.
type files map[string][]byte

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
	return m
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

// maxPattern is how many bytes a pattern of names may have. The library follows
// its braces by calls within calls.
const maxPattern = 4096

// Glob is the files whose names match a pattern.
func (f files) Glob(pattern string) (files, error) {
	m := files{}
	if len(pattern) > maxPattern {
		return m, fmt.Errorf("%w: a pattern of more than %d bytes", errBudget, maxPattern)
	}
	g, err := glob.Compile(pattern, '/')
	if err != nil {
		g = glob.MustCompile("**")
	}
	for name, data := range f {
		if g.Match(name) {
			m[name] = data
		}
	}
	return m, nil
}

// AsConfig is the files as the data of a ConfigMap.
func (f files) AsConfig() string {
	return f.asYAML(func(data []byte) string { return string(data) })
}

// AsSecrets is the files as the data of a Secret.
func (f files) AsSecrets() string { return f.asYAML(base64.StdEncoding.EncodeToString) }

func (f files) asYAML(encode func([]byte) string) string {
	if f == nil {
		return ""
	}
	m := map[string]string{}
	for _, name := range sortedKeys(f) { // of files with one base name the last one stays
		m[path.Base(name)] = encode(f[name])
	}
	data, err := yaml.Marshal(m)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(data), "\n")
}

// Lines is the lines of a file.
func (f files) Lines(name string) []string {
	s := f.Get(name)
	if s == "" {
		return []string{}
	}
	return slices.Clone(strings.Split(strings.TrimSuffix(s, "\n"), "\n"))
}
