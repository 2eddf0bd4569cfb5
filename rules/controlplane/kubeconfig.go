package controlplane

import (
	"encoding/base64"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// kubeconfig is one, and where it is: an object of its own, or the text of an entry of a
// Secret or ConfigMap.
type kubeconfig struct {
	object *lint.Object
	root   lint.Value
	// entry is that of the Secret or ConfigMap. Absent: the object is the kubeconfig.
	entry lint.Value
	// encoded is set if the entry is base64, so that lines of the text are none of the file.
	encoded bool
}

// maxKubeconfig is the size up to which the text of an entry is read, in bytes.
const maxKubeconfig = 1 << 20

// kubeconfigs lists the kubeconfigs of an object, once for all rules.
var kubeconfigs = lint.ObjectIndex("kubeconfigs", func(_ *lint.Pass, o *lint.Object) []kubeconfig {
	if o.APIVersion == "v1" && o.Kind == "Config" {
		return []kubeconfig{{object: o, root: o.Root}}
	}
	var l []kubeconfig
	read := func(entry lint.Value, text string, encoded bool) {
		if len(text) > maxKubeconfig || !strings.Contains(text, "clusters") || !strings.Contains(text, "Config") {
			return
		}
		var n yaml.Node
		if yaml.Unmarshal([]byte(text), &n) != nil || !node.IsExpandable(&n) {
			return
		}
		if root := node.NewValue(&n); root.Get("kind").Text() == "Config" && root.Get("clusters").IsList() {
			l = append(l, kubeconfig{o, root, entry, encoded})
		}
	}
	if o.IsSecret() {
		for _, entry := range o.Root.Get("data").Entries() {
			if raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(entry.Text()), "")); err == nil {
				read(entry, string(raw), true)
			}
		}
		for _, entry := range o.Root.Get("stringData").Entries() {
			read(entry, entry.Text(), false)
		}
	}
	if o.Is("", "ConfigMap") {
		for _, entry := range o.Root.Get("data").Entries() {
			read(entry, entry.Text(), false)
		}
	}
	return l
})

// isExample reports whether a person puts in the address of a cluster: https://<address>:6443.
func isExample(cluster lint.Value) bool {
	server := cluster.Get("cluster.server") // whose text is not known: it has a placeholder
	return server.IsScalar() && filledIn.MatchString(server.Node.Value)
}

var filledIn = regexp.MustCompile(`<[A-Za-z][^<>]*>`)

// isExample reports whether the kubeconfig is one for no cluster.
func (k kubeconfig) isExample() bool {
	clusters := 0
	for cluster := range k.root.Get("clusters").Items() {
		if clusters++; !isExample(cluster) {
			return false
		}
	}
	return clusters > 0
}

// diagnostic is what to report at a value of the kubeconfig.
func (k kubeconfig) diagnostic(at lint.Value, message string) lint.Diagnostic {
	if !k.entry.IsSet() {
		return lint.Diagnostic{Object: k.object, At: at, Message: "kubeconfig " + message}
	}
	d := lint.Diagnostic{
		Object: k.object, At: k.entry, Part: at.Path(), KnownPart: true,
		Message: k.object.KindName() + " holds a kubeconfig that " + message,
	}
	if n, _ := at.Anchor(); n != nil && !k.encoded {
		d.Line = n.Line
	}
	return d
}
