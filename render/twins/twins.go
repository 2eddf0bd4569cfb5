// Package twins finds the charts of a repository that are there several times.
package twins

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/discover"
)

// metadata is what Chart.yaml says of what a chart renders to.
type metadata struct {
	Name, Version, Type string
	AppVersion          string `yaml:"appVersion"`
	Dependencies        []struct{ Name, Alias, Version, Repository, Condition string }
}

// identity is the same for charts that render to the same.
type identity struct {
	metadata, files string
}

// Find gives for each copy of a chart the chart that it is a copy of: both have the same name, version and dependencies, and the same
// templates and values. Of several it is the one whose folder has the name of the chart, or else the shortest name.
func Find(charts []discover.File) map[discover.ID]discover.File {
	byMetadata, names := map[string][]discover.File{}, map[discover.ID]string{}
	for _, c := range charts {
		if m, ok := read(c); ok {
			key := fmt.Sprintf("%q %q", c.Tree.Dir(), m)
			byMetadata[key] = append(byMetadata[key], c)
			names[c.ID()] = m.Name
		}
	}
	groups := map[identity][]discover.File{}
	for key, l := range byMetadata {
		if len(l) < 2 {
			continue
		}
		for _, c := range l {
			if sum, ok := sum(c); ok {
				of := identity{key, sum}
				groups[of] = append(groups[of], c)
			}
		}
	}
	copies := map[discover.ID]discover.File{}
	for _, l := range groups {
		slices.SortFunc(l, func(a, b discover.File) int {
			return cmp.Or(rank(a, names[a.ID()])-rank(b, names[b.ID()]), len(path.Base(a.Name))-len(path.Base(b.Name)), strings.Compare(a.Name, b.Name))
		})
		for _, c := range l[1:] {
			copies[c.ID()] = l[0]
		}
	}
	return copies
}

// rank comes first for a chart in a folder of its name.
func rank(c discover.File, name string) int {
	if path.Base(c.Name) == name {
		return 0
	}
	return 1
}

func read(c discover.File) (m metadata, ok bool) {
	text, err := c.Tree.ReadFile(path.Join(c.Name, "Chart.yaml"))
	if err != nil {
		return m, false
	}
	var n yaml.Node
	if yaml.Unmarshal(text, &n) != nil || !node.IsExpandable(&n) {
		return m, false
	}
	return m, n.Decode(&m) == nil && m.Name != ""
}

// Has reports whether a file of a chart, by its name there, is equal in its copies.
func Has(file string) bool {
	top, _, isBelow := strings.Cut(file, "/")
	if isBelow {
		return top == "templates" || top == "charts" || top == "crds"
	}
	return top == "values.yaml" || top == "values.schema.json"
}

// maxFolders is how deep the folders of a chart are looked at.
const maxFolders = 20

// sum is the same for charts with the same files, of those that Has names. ok is false if one cannot be read.
func sum(c discover.File) (_ string, ok bool) {
	h := sha256.New()
	if !addFolder(h, c, "", 0) {
		return "", false
	}
	return string(h.Sum(nil)), true
}

func addFolder(to io.Writer, c discover.File, dir string, depth int) bool {
	entries, err := c.Tree.ReadDir(path.Join(c.Name, dir))
	if err != nil || depth > maxFolders {
		return false
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case !Has(name) && !Has(name+"/"):
		case e.IsDir():
			if !addFolder(to, c, name, depth+1) {
				return false
			}
		case Has(name):
			text, err := c.Tree.ReadFile(path.Join(c.Name, name))
			if err != nil {
				return false
			}
			_, _ = fmt.Fprintf(to, "%q %x\n", name, sha256.Sum256(text)) // a hash takes everything
		}
	}
	return true
}
