package gitops

import (
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/appset"
	"github.com/kubevet/kubevet/render/discover"
)

// destinationNamespace is where an Application names the namespace that Argo CD gives to objects which name none.
const destinationNamespace = "spec.destination.namespace"

// Folder is a folder without a kustomization of which an Application has Argo CD apply the files.
type Folder struct {
	discover.File
	// Namespace is that which objects get that name none, as it is written. It is empty if there is none.
	Namespace string
	// Files say which of the files below the folder are applied.
	Files *Files
}

// Files are those of a folder that Argo CD applies.
type Files struct {
	recurse bool
	// include and exclude are patterns of names below the folder. They are nil if there are none.
	include, exclude *regexp.Regexp
}

// filesOf reads which files of a folder a source of an Application names. ok is false if that is not known, or if a
// program makes the objects.
func filesOf(source lint.Value) (f *Files, ok bool) {
	directory := source.Get("directory")
	f = &Files{recurse: directory.Get("recurse").True()}
	if source.Get("plugin").IsSet() || directory.IsSet() && !directory.Get("recurse").IsKnown() {
		return nil, false
	}
	for _, p := range []struct {
		key string
		to  **regexp.Regexp
	}{{"include", &f.include}, {"exclude", &f.exclude}} {
		v := directory.Get(p.key)
		if !v.IsSet() {
			continue
		}
		glob, err := appset.Glob(v.Text())
		if err != nil || v.Text() == "" || strings.ContainsAny(v.Text(), "{}\\") {
			return nil, false
		}
		*p.to = glob
	}
	return f, true
}

// Has reports whether Argo CD applies a file, by its name below the folder.
func (f *Files) Has(name string) bool {
	switch path.Ext(name) {
	case ".yaml", ".yml", ".json":
	default:
		return false
	}
	return (f.recurse || !strings.Contains(name, "/")) && (f.include == nil || f.include.MatchString(name)) && (f.exclude == nil || !f.exclude.MatchString(name))
}

// Below is the name of a file below a folder.
func Below(folder, file string) string {
	if folder == "." {
		return file
	}
	return strings.TrimPrefix(file, folder+"/")
}

// destination is the namespace that an Application has Argo CD give to objects which name none. It is nil if there is none.
func (in *Installer) destination() *Metadata {
	v := in.object.Root.Get(destinationNamespace)
	if rawText(v) == "" {
		return nil
	}
	m := &Metadata{origins: map[*yaml.Node]lint.Origin{}}
	value := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: rawText(v)}
	at := in.values.origin(in.object, v)
	at.Trail = []lint.Step{{Kind: lint.StepKustomization, Position: at.Position, Label: destinationNamespace}}
	m.origins[value] = at
	m.namespace = &metadataField{&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "namespace"}, value}
	return m
}

// Destination is the namespace that objects of the deployment get which name none, as it is written. It is empty if there is none.
func (d Deployment) Destination() string {
	if d.Metadata == nil || d.Metadata.namespace == nil {
		return ""
	}
	return d.Metadata.namespace.values.Value
}

// IsPlain reports whether what is built gets a namespace at most.
func (d Deployment) IsPlain() bool {
	return d.Variables == nil && d.Changes == nil && (d.Metadata == nil || len(d.Metadata.fields) == 0)
}
