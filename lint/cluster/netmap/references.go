package netmap

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/connect"
)

// references is what the texts of workloads name: Services of the unit, and servers
// outside of the cluster. The texts are arguments, environment variables and the
// ConfigMaps of these and of volumes.
type references struct {
	// from is the Services that a workload names, in the order of the unit, and to the
	// workloads that name a Service.
	from map[*connect.Workload][]*cluster.Service
	to   map[*lint.Object][]*connect.Workload
	// outside is the ports of servers outside of the cluster that a workload names.
	outside map[*connect.Workload]connect.Ports

	network    *connect.Network
	configMaps map[string]*lint.Object // by namespace and name
	aliases    map[string]bool         // names of Services of type ExternalName
}

func newReferences(n *connect.Network) *references {
	r := &references{
		from: map[*connect.Workload][]*cluster.Service{}, to: map[*lint.Object][]*connect.Workload{}, outside: map[*connect.Workload]connect.Ports{},
		network: n, configMaps: map[string]*lint.Object{}, aliases: map[string]bool{},
	}
	for _, o := range n.Cluster.Unit.Objects {
		switch {
		case o.Is("", "ConfigMap"):
			r.configMaps[o.Namespace+"/"+o.Name] = o
		case o.Is("", "Service") && o.Root.Get("spec.type").Text() == "ExternalName":
			r.aliases[o.Namespace+"/"+o.Name] = true
		}
	}
	for _, w := range n.Workloads {
		for _, text := range r.texts(w) {
			r.read(w, text)
		}
	}
	return r
}

// texts is the texts of a workload that may name others.
func (r *references) texts(w *connect.Workload) []string {
	var l []string
	configMap := func(name lint.Value) {
		if o := r.configMaps[w.Namespace+"/"+name.Text()]; o != nil {
			for _, v := range o.Root.Get("data").Entries() {
				l = append(l, v.Text())
			}
		}
	}
	for _, c := range w.Select(lint.Containers) {
		for _, key := range []string{"command", "args"} {
			l = append(l, c.Get(key).Strings()...)
		}
		for env := range c.Get("env").Items() {
			l = append(l, env.Get("value").Text())
			configMap(env.Get("valueFrom.configMapKeyRef.name"))
		}
		for from := range c.Get("envFrom").Items() {
			configMap(from.Get("configMapRef.name"))
		}
	}
	for volume := range w.Pod.Get("volumes").Items() {
		configMap(volume.Get("configMap.name"))
	}
	return l
}

// read finds the names in a text. A word is a name if it has the form of a host name; one
// without dots must be the whole text, or be followed by a port or preceded by a scheme,
// since "web" alone may be anything.
func (r *references) read(w *connect.Workload, text string) {
	whole := strings.TrimSpace(text)
	for at := 0; at < len(text); {
		end := at
		for end < len(text) && isHost(text[end]) {
			end++
		}
		word := strings.Trim(text[at:end], ".-")
		sure := word == whole || strings.HasSuffix(text[:at], "://") || strings.HasSuffix(text[:at], "@") ||
			end+1 < len(text) && text[end] == ':' && '0' <= text[end+1] && text[end+1] <= '9'
		if word != "" {
			r.name(w, word, sure)
		}
		at = max(end, at+1)
	}
	for word := range strings.FieldsSeq(text) {
		if at := strings.Index(word, "http"); at >= 0 {
			r.server(w, strings.Trim(word[at:], "'\",;)]}"))
		}
	}
}

func isHost(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.'
}

// name adds the Service that a host name of the cluster means.
func (r *references) name(w *connect.Workload, host string, sure bool) {
	name, rest, dotted := strings.Cut(host, ".")
	namespace := w.Namespace
	if dotted {
		var domain string
		namespace, domain, _ = strings.Cut(rest, ".")
		if domain != "" && domain != "svc" && !strings.HasPrefix(domain, "svc.") {
			return
		}
	} else if !sure {
		return
	}
	s := r.network.Cluster.Service(namespace, name)
	if s == nil || !s.HasSelector() || slices.Contains(r.from[w], s) {
		return
	}
	r.from[w] = append(r.from[w], s)
	r.to[s.Object] = append(r.to[s.Object], w)
}

// server adds the port of a URL that leads out of the cluster.
func (r *references) server(w *connect.Workload, text string) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return
	}
	host := u.Hostname()
	labels := strings.Split(host, ".")
	last := labels[len(labels)-1]
	if len(labels) < 2 || strings.Contains(host, ".svc") || last == "local" || last == "internal" || last == "localhost" ||
		len(labels) == 2 && (r.network.Cluster.Service(labels[1], labels[0]) != nil || r.aliases[labels[1]+"/"+labels[0]]) {
		return
	}
	port := map[string]int{"http": 80, "https": 443}[u.Scheme]
	if n, err := strconv.Atoi(u.Port()); err == nil {
		port = n
	}
	if _, err := strconv.Atoi(last); err == nil { // an address: which one is for a person to say
		return
	}
	r.outside[w] = r.outside[w].Union(connect.PortRange(connect.TCP, port, port))
}
