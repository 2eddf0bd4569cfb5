// Package embedded finds the configuration files of nodes and of the control plane that
// other objects have as texts: the files of Cluster API and kops, of Ignition and cloud-init,
// and the entries of ConfigMaps and Secrets. Each becomes an object that rules look at
// like one in a file of its own.
package embedded

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// maxSize is the size of the largest text that is read, in bytes, after it was decoded.
const maxSize = 1 << 20

// maxFiles limits the files of one object that are read.
const maxFiles = 1000

// list is where a kind has a list of files.
type list struct {
	group, kind, path string
	// content, encoding and name are fields of an element: the text, how it is encoded,
	// and the path of the file on the node.
	content, encoding, name string
}

// lists are the kinds that have files. The formats of encoding are those of Cluster API:
// base64, gzip, gzip+base64; kops has true for base64, and Ignition data URLs.
var lists = slices.Concat(
	clusterAPI("bootstrap.cluster.x-k8s.io", "KubeadmConfig", "spec"),
	clusterAPI("bootstrap.cluster.x-k8s.io", "KubeadmConfigTemplate", "spec.template.spec"),
	clusterAPI("controlplane.cluster.x-k8s.io", "KubeadmControlPlane", "spec.kubeadmConfigSpec"),
	clusterAPI("controlplane.cluster.x-k8s.io", "KubeadmControlPlaneTemplate", "spec.template.spec.kubeadmConfigSpec"),
	clusterAPI("bootstrap.cluster.x-k8s.io", "RKE2Config", "spec"),
	clusterAPI("bootstrap.cluster.x-k8s.io", "RKE2ConfigTemplate", "spec.template.spec"),
	clusterAPI("controlplane.cluster.x-k8s.io", "RKE2ControlPlane", "spec"),
	clusterAPI("controlplane.cluster.x-k8s.io", "RKE2ControlPlaneTemplate", "spec.template.spec"),
	clusterAPI("bootstrap.cluster.x-k8s.io", "EKSConfig", "spec"),
	clusterAPI("bootstrap.cluster.x-k8s.io", "EKSConfigTemplate", "spec.template.spec"),
	[]list{
		{"kops.k8s.io", "Cluster", "spec.fileAssets", "content", "isBase64", "path"},
		{"kops.k8s.io", "InstanceGroup", "spec.fileAssets", "content", "isBase64", "path"},
		{"kops.k8s.io", "Cluster", "spec.additionalUserData", "content", "", "name"},
		{"kops.k8s.io", "InstanceGroup", "spec.additionalUserData", "content", "", "name"},
		{"machineconfiguration.openshift.io", "MachineConfig", "spec.config.storage.files", "contents.source", "contents.compression", "path"},
	},
)

func clusterAPI(group, kind, spec string) []list {
	return []list{{group, kind, spec + ".files", "content", "encoding", "path"}}
}

// Add adds to a unit the objects that others have as texts. What looks like one and cannot
// be read is a problem.
func Add(u *lint.Unit) []lint.Problem {
	var problems []lint.Problem
	var found []*lint.Object
	foreign := foreignFiles(u)
	for _, o := range u.Objects {
		if foreign[entry{o.Kind, o.Namespace, o.Name}] {
			continue
		}
		r := reader{host: o}
		r.read()
		found, problems = append(found, r.found...), append(problems, r.problems...)
	}
	u.Objects = append(u.Objects, found...)
	if try := u.Try; try != nil && len(found) > 0 {
		u.Try = func(set []lint.Step) (*lint.Unit, int) {
			tried, cost := try(set)
			if tried != nil {
				Add(tried)
			}
			return tried, cost
		}
	}
	return problems
}

// entry names a ConfigMap or a Secret.
type entry struct{ kind, namespace, name string }

// servers are parts of the names of programs that are an API server of Kubernetes, or start one.
var servers = []string{"apiserver", "hyperkube", "k0s", "k3s", "rke2", "vcluster"}

// foreignFiles are the ConfigMaps and Secrets that workloads of the unit mount of which none is an API
// server of Kubernetes. An audit policy there is that of another server, such as metrics-server.
func foreignFiles(u *lint.Unit) map[entry]bool {
	foreign := map[entry]bool{}
	for _, w := range u.Workloads() {
		own := slices.ContainsFunc(w.Containers, func(c lint.PodOrContainer) bool {
			words := append(append(c.Get("command").Strings(), c.Get("args").Strings()...), c.Get("image").Text())
			return slices.ContainsFunc(servers, func(s string) bool { return strings.Contains(strings.Join(words, " "), s) })
		})
		for volume := range w.Pod.Get("volumes").Items() {
			for _, e := range []entry{
				{"ConfigMap", w.Namespace, volume.Get("configMap.name").Written()}, {"Secret", w.Namespace, volume.Get("secret.secretName").Written()},
			} {
				if _, known := foreign[e]; e.name != "" && (own || !known) {
					foreign[e] = !own
				}
			}
		}
	}
	return foreign
}

// reader reads the files of an object.
type reader struct {
	host     *lint.Object
	files    int // those that were read
	found    []*lint.Object
	problems []lint.Problem
	// inCloudInit is set while the files that a file for cloud-init writes are read.
	inCloudInit bool
}

func (r *reader) read() {
	o := r.host
	if o.Is("", "ConfigMap") || o.IsSecret() {
		r.entries()
		return
	}
	for _, l := range lists {
		if !o.Is(l.group, l.kind) {
			continue
		}
		for item := range o.Root.Get(l.path).Items() {
			v := item.Get(l.content)
			r.encoded(item.Get(l.name).Text(), place{doc: &o.Document, at: v}, item.Get(l.encoding).Text())
		}
	}
}

// entries reads the files of a ConfigMap or a Secret.
func (r *reader) entries() {
	for _, field := range []string{"data", "stringData"} {
		for key, v := range r.host.Root.Get(field).Entries() {
			encoding := ""
			if field == "data" && r.host.IsSecret() {
				encoding = "base64"
			}
			// What cannot be decoded here may be no file of a node: field-types reports wrong base64.
			text, isPlain, _ := decode(v, encoding)
			r.file(text, key, place{doc: &r.host.Document, at: v, isPlain: isPlain})
		}
	}
}

// encoded reads a file of a node whose value is encoded. One that cannot be decoded is a
// problem.
func (r *reader) encoded(name string, at place, encoding string) {
	text, isPlain, fault := decode(at.at, encoding)
	if fault != "" {
		r.unread(name, at.line(0, 0).Position, lint.CodeUnreadable, fault)
		return
	}
	at.isPlain = isPlain
	r.file(text, name, at)
}

// unread reports a file that was not read.
func (r *reader) unread(name string, at lint.Position, code lint.ProblemCode, fault string) {
	r.problems = append(r.problems, lint.Problem{
		Position: at,
		Code:     code,
		Message:  "the file " + name + " of " + r.host.Ref().String() + " " + fault,
		Help:     "correct the file; the other ones were checked",
	})
}

// tooLarge is the fault of a file of more than maxSize bytes.
const tooLarge = "has more than 1 MiB"

// decode gives the text of a file. It is empty if there is none, or if it is unknown. isPlain
// is set if the value is the text as it is. fault says why the text cannot be read.
func decode(v lint.Value, encoding string) (text string, isPlain bool, fault string) {
	if !v.IsScalar() || !v.IsKnown() {
		return "", false, ""
	}
	if len(v.Node.Value) > 2*maxSize {
		return "", false, tooLarge
	}
	data := []byte(v.Node.Value)
	rest, isURL := strings.CutPrefix(v.Node.Value, "data:")
	if isURL = isURL && !strings.ContainsAny(rest, " \n"); isURL {
		if data = dataURL(rest); data == nil {
			return "", false, "is no valid data URL"
		}
	}
	isBase64 := encoding == "base64" || encoding == "gzip+base64" || encoding == "gz+b64" || encoding == "b64" || encoding == "true"
	if isBase64 {
		raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(data)), ""))
		if err != nil {
			return "", false, "is not valid base64"
		}
		data = raw
	}
	isZipped := bytes.HasPrefix(data, []byte{0x1f, 0x8b})
	if isZipped {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err == nil {
			data, err = io.ReadAll(io.LimitReader(z, maxSize+1))
		}
		if err != nil {
			return "", false, "is not valid gzip"
		}
	}
	if len(data) > maxSize {
		return "", false, tooLarge
	}
	return string(data), !isURL && !isBase64 && !isZipped, ""
}

// dataURL is what a URL holds, given without its scheme: [TYPE][;base64],TEXT.
func dataURL(rest string) []byte {
	head, body, ok := strings.Cut(rest, ",")
	text, err := url.PathUnescape(body)
	if !ok || err != nil {
		return nil
	}
	if !strings.HasSuffix(head, ";base64") {
		return []byte(text)
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return data
}

// cloudConfig is the first line of a file for cloud-init.
const cloudConfig = "#cloud-config"

// file reads a text of a file, which has a name on the node.
func (r *reader) file(text, name string, at place) {
	if strings.HasPrefix(text, cloudConfig) {
		if !r.inCloudInit { // cloud-init does not read what it writes; gzip may hold itself
			r.inCloudInit = true
			r.cloudInit(text, at)
			r.inCloudInit = false
		}
		return
	}
	if !strings.Contains(text, "apiVersion") || !slices.ContainsFunc(marks, func(m string) bool { return strings.Contains(text, m) }) {
		return // a fast test that most texts fail
	}
	if r.files++; r.files > maxFiles {
		if r.files == maxFiles+1 {
			r.unread(name, at.line(0, 0).Position, lint.CodeLimit, "was not read, nor those after it: "+strconv.Itoa(maxFiles)+" files of one object are")
		}
		return
	}
	index := 0
	for d := range manifest.Each([]byte(text)) {
		if d.Err != nil {
			r.broken(text, name, at, d.Err)
			continue
		}
		o, ok := lint.NewObject(d.Node, at)
		if !ok || !isWanted(o, name) || o.Kind == "Config" && (r.host.Is("", "ConfigMap") || r.host.IsSecret()) {
			continue // the rules on kubeconfigs look into these by themselves
		}
		o.Host, o.HostPath = r.host, name
		o.Vendored, o.Hook = r.host.Vendored, r.host.Hook
		host := r.host.Identity
		if host == "" {
			host = r.host.Name
		}
		o.Identity = strings.Join([]string{o.Name, r.host.Kind, host, name, strconv.Itoa(index)}, "/")
		r.found = append(r.found, o)
		index++
	}
}

// broken reports a document that cannot be read. Files that cloud-init or Cluster API fill in
// are none of YAML before.
func (r *reader) broken(text, name string, at place, err *manifest.SyntaxError) {
	if strings.Contains(text, "{{") || strings.Contains(text, "{%") || !manifest.LooksLikeManifest([]byte(text)) {
		return
	}
	r.problems = append(r.problems, lint.Problem{
		Position: at.line(err.Line, 0).Position,
		Code:     lint.CodeInvalidYAML,
		Message:  "invalid YAML in the file " + name + " of " + r.host.Ref().String() + ": " + err.Message,
		Help:     "correct the file; the other ones were checked",
	})
}

// cloudInit reads the files that cloud-init writes.
func (r *reader) cloudInit(text string, at place) {
	for d := range manifest.Each([]byte(text)) {
		if d.Err != nil {
			return
		}
		doc := lint.NewDocument("", "cloud-init", d.Node, nil, at)
		for item := range doc.Root.Get("write_files").Items() {
			r.encoded(item.Get("path").Text(), place{doc: doc, at: item.Get("content")}, item.Get("encoding").Text())
		}
	}
}

// marks are parts of apiVersion and kind, of which each wanted file has one.
var marks = []string{".config.k8s.io/", "audit.k8s.io/", "kubeadm.k8s.io/", "config.openshift.io/", "EncryptionConfig", "Pod", "Config"}

// isWanted reports files of the control plane and of nodes. Other objects within objects are
// of their own programs, such as templates, and are judged where they are made.
func isWanted(o *lint.Object, name string) bool {
	switch group := o.Group(); {
	case group == "audit.k8s.io", group == "kubeadm.k8s.io", group == "kubecontrolplane.config.openshift.io":
		return true
	case strings.HasSuffix(group, ".config.k8s.io"):
		return true
	case o.Is("", "Pod"):
		return path.Base(path.Dir(name)) == "manifests"
	case o.Is("", "Config"):
		return o.Root.Get("clusters").IsList()
	}
	return o.Is("", "EncryptionConfig")
}

// place is a value that has a file as its text. It is the Locator of the file's objects.
type place struct {
	doc *lint.Document
	at  lint.Value
	// isPlain is set if the value is the text, so that each line may be one of the document.
	isPlain bool
}

// Locate gives the line within the value where that is sure, else the place of the value.
func (p place) Locate(v lint.Value) lint.Origin {
	n, _ := v.Anchor()
	if n == nil {
		return p.line(0, 0)
	}
	at := p.line(n.Line, n.Column)
	if at.Column > 0 && at.Precision == lint.PrecisionExact {
		moved := *n
		moved.Column, moved.Line = at.Column, at.Line
		if end, ok := manifest.Span(at.Text, &moved); ok {
			at.EndColumn = end
		} else {
			at.Column, at.EndColumn, at.Precision = 0, 0, lint.PrecisionBlock
		}
	}
	return at
}

// LocateLine gives a line of the text.
func (p place) LocateLine(n int) lint.Origin { return p.line(n, 1) }

// line gives the place of a line and column, both counted from 1, of the text.
func (p place) line(line, column int) lint.Origin {
	if p.isPlain && line > 0 {
		if at, ok := p.doc.LocateLine(p.at, line); ok {
			text := lineOf(p.at.Node, line)
			at.Column += column - 1 - (len(text) - len(strings.TrimLeft(text, " \t")))
			at.Column = max(at.Column, 0)
			at.EndColumn = 0
			return at
		}
	}
	at := p.doc.Locate(p.at)
	at.Precision, at.Entry, at.Text = max(at.Precision, lint.PrecisionBlock), nil, ""
	at.Column, at.EndColumn = 0, 0
	return at
}

// lineOf is a line of a text, counted from 1.
func lineOf(n *yaml.Node, line int) string {
	for text := range strings.Lines(n.Value) {
		if line--; line == 0 {
			return text
		}
	}
	return ""
}
