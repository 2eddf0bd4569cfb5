package reliability

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kubevet/kubevet/lint"
)

// reference is the name by which one object needs another of its namespace.
type reference struct {
	// kind is that of the object that is needed: ConfigMap, Secret, ServiceAccount
	// or PersistentVolumeClaim.
	kind string
	name lint.Value
	// key of the object that is needed, if one is: a value with its name, or
	// fixed keys.
	key   lint.Value
	fixed []string
	// optional: the one that needs it does without too.
	optional bool
	// subject needs it. It is zero if the object as a whole does.
	subject lint.PodOrContainer
	object  *lint.Object
	// what the subject does with it, as messages say: reads key a of.
	verb string
}

// needed names an object that others may need.
type needed struct{ kind, namespace, name string }

// target is the object that the reference names.
func (r reference) target() needed { return needed{r.kind, r.object.Namespace, text(r.name)} }

// label is how messages call who needs it.
func (r reference) label() string {
	if r.subject.Workload != nil {
		return r.subject.Label()
	}
	return r.object.KindName()
}

// diagnostic is what to report of the reference at a value.
func (r reference) diagnostic(at lint.Value, message string) lint.Diagnostic {
	d := lint.Diagnostic{At: at, Message: r.label() + " " + message}
	if d.Subject = r.subject; r.subject.Workload == nil {
		d.Object = r.object
	}
	return d
}

// references yields what the objects of a unit need, in their order, where they name it.
func references(u *lint.Unit) func(func(reference) bool) {
	return func(yield func(reference) bool) {
		for _, o := range u.Objects {
			for _, w := range o.Workloads {
				if !podReferences(w, yield) {
					return
				}
			}
			if !objectReferences(o, yield) {
				return
			}
		}
	}
}

// objectReferences yields what objects without pods need.
func objectReferences(o *lint.Object, yield func(reference) bool) bool {
	switch {
	case o.Is("", "ServiceAccount"):
		for v := range o.Root.Get("imagePullSecrets").Items() {
			if !yield(reference{kind: "Secret", name: v.Get("name"), optional: true, object: o, verb: "pulls images by"}) {
				return false
			}
		}
	case o.Kind == "Ingress" && (o.Group() == "networking.k8s.io" || o.Group() == "extensions"):
		for v := range o.Root.Get("spec.tls").Items() {
			r := reference{kind: "Secret", name: v.Get("secretName"), fixed: []string{"tls.crt", "tls.key"}, object: o, verb: "serves"}
			if !yield(r) {
				return false
			}
		}
	}
	return true
}

// podReferences yields what pods need.
func podReferences(w *lint.Workload, yield func(reference) bool) bool {
	one := func(kind string, name lint.Value, verb string) bool {
		return !name.IsSet() || yield(reference{kind: kind, name: name, subject: w.Pod, object: w.Object, verb: verb})
	}
	account := w.Pod.Get("serviceAccountName")
	if !account.IsSet() {
		account = w.Pod.Get("serviceAccount")
	}
	if !one("ServiceAccount", account, "runs as") {
		return false
	}
	for v := range w.Pod.Get("imagePullSecrets").Items() {
		if !yield(reference{kind: "Secret", name: v.Get("name"), optional: true, subject: w.Pod, object: w.Object, verb: "pulls images by"}) {
			return false
		}
	}
	for v := range w.Pod.Get("volumes").Items() {
		if !one("PersistentVolumeClaim", v.Get("persistentVolumeClaim.claimName"), "mounts") || !volumeReferences(w, v, yield) {
			return false
		}
	}
	for _, c := range w.Containers {
		if !envReferences(c, yield) || !mountReferences(c, yield) {
			return false
		}
	}
	return true
}

// configSources is the kinds that hold configuration, and how fields of volumes and
// variables name them.
var configSources = []struct{ kind, volume, volumeName, env, envFrom string }{
	{"ConfigMap", "configMap", "name", "configMapKeyRef", "configMapRef"},
	{"Secret", "secret", "secretName", "secretKeyRef", "secretRef"},
}

// volumeReferences yields what a volume is made of.
func volumeReferences(w *lint.Workload, volume lint.Value, yield func(reference) bool) bool {
	projected := volume.Get("projected.sources")
	for i := range configSources {
		s := &configSources[i]
		if !itemReferences(w, s.kind, volume.Get(s.volume), s.volumeName, yield) {
			return false
		}
		for source := range projected.Items() {
			if !itemReferences(w, s.kind, source.Get(s.volume), "name", yield) {
				return false
			}
		}
	}
	return true
}

// itemReferences yields a source of a volume, and its keys that are picked.
func itemReferences(w *lint.Workload, kind string, source lint.Value, name string, yield func(reference) bool) bool {
	if !source.IsSet() {
		return true
	}
	r := reference{kind: kind, name: source.Get(name), optional: source.Get("optional").True(), subject: w.Pod, object: w.Object, verb: "mounts"}
	if !yield(r) {
		return false
	}
	for item := range source.Get("items").Items() {
		r.key = item.Get("key")
		if !yield(r) {
			return false
		}
	}
	return true
}

// envReferences yields what the variables of a container are taken from.
func envReferences(h lint.PodOrContainer, yield func(reference) bool) bool {
	env, from := h.Get("env"), h.Get("envFrom")
	for i := range configSources {
		s := &configSources[i]
		for v := range env.Items() {
			ref := v.Get("valueFrom").Get(s.env)
			if !ref.IsSet() {
				continue
			}
			r := reference{kind: s.kind, name: ref.Get("name"), key: ref.Get("key"), optional: ref.Get("optional").True(), subject: h, object: h.Workload.Object, verb: "reads"}
			if !yield(r) {
				return false
			}
		}
		for v := range from.Items() {
			ref := v.Get(s.envFrom)
			if !ref.IsSet() {
				continue
			}
			r := reference{kind: s.kind, name: ref.Get("name"), optional: ref.Get("optional").True(), subject: h, object: h.Workload.Object, verb: "reads"}
			if !yield(r) {
				return false
			}
		}
	}
	return true
}

// mountReferences yields the single keys that a container mounts of volumes from
// one source: mounts with a subPath. What items of the volume rename is left out.
func mountReferences(h lint.PodOrContainer, yield func(reference) bool) bool {
	for m := range h.Get("volumeMounts").Items() {
		sub := m.Get("subPath")
		if !sub.IsScalar() || sub.Text() == "" {
			continue
		}
		volume := h.Workload.Volume(text(m.Get("name")))
		for _, s := range configSources {
			source := volume.Get(s.volume)
			if !source.IsSet() || source.Get("items").Len() > 0 {
				continue
			}
			r := reference{
				kind: s.kind, name: source.Get(s.volumeName), key: sub, optional: source.Get("optional").True(),
				subject: h, object: h.Workload.Object, verb: "mounts",
			}
			if !yield(r) {
				return false
			}
		}
	}
	return true
}

// isName reports whether a text can be the name of an object: it is none if it
// is empty or a placeholder for something else to fill in.
func isName(s string) bool { return s != "" && !strings.ContainsAny(s, "$<>{}%@ ") }

// keysOf are the keys of a ConfigMap or Secret; ok is false where they are not
// known: it is empty, for something else to fill, or Kubernetes or a controller
// adds some.
func keysOf(o *lint.Object) (keys []string, ok bool) {
	if text(o.Root.Get("type")) == "kubernetes.io/service-account-token" {
		return nil, false
	}
	for name := range o.Root.Get("metadata.annotations").Entries() {
		if slices.ContainsFunc(fillers, func(f string) bool { return strings.Contains(name, f) }) {
			return nil, false
		}
	}
	for label := range o.Root.Get("metadata.labels").Entries() {
		if slices.ContainsFunc(fillers, func(f string) bool { return strings.Contains(label, f) }) {
			return nil, false
		}
	}
	for _, field := range []string{"data", "stringData", "binaryData"} {
		for key := range o.Root.Get(field).Entries() {
			if !isDataKey(key) {
				return nil, false
			}
			keys = append(keys, key)
		}
	}
	return keys, len(keys) > 0
}

// isDataKey reports whether a key is one that data may have. In the place of any other key, and of one that is _ in ytt, another program writes
// some that are not known.
func isDataKey(key string) bool {
	return key != "_" && !strings.ContainsFunc(key, func(r rune) bool {
		isWord := r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
		return !isWord && !strings.ContainsRune("-._", r)
	})
}

// fillers are parts of the labels and annotations by which controllers know that
// they are to fill an object.
var fillers = []string{"replicat", "reflector", "inject", "secretgenerator", "secret-generator", "autogenerate", "mirror", "kopf", "avp.kubernetes.io"}
