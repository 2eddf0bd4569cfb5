package reliability

import (
	"slices"
	"strings"
	"unicode"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/suggest"
)

// ConfigKeyExists reports keys of ConfigMaps and Secrets that variables, volumes and Ingresses
// use, and that the object does not have.
//
// The pod never starts: it waits with CreateContainerConfigError, or for its volume. An
// Ingress serves a certificate that no client trusts.
//
// The rule applies only if the input has the ConfigMap or Secret, with some data in it. An empty one is
// meant to be filled, and so are those with an annotation of a controller that copies or generates data.
// So is one that a Job of the input names in its command line, and one in whose data another program writes keys, such as ytt. Optional keys pass. A mount with a subPath uses
// one key. In a tree of manifests, an object in a directory that is for another cluster does not count: both directories have
// several objects of the same names. Without a namespace, an object is compared with those that the same folder has in the namespace default, where
// kubectl creates it.
var ConfigKeyExists = &lint.Rule{
	ID:        "config-key-exists",
	Title:     "ConfigMap or Secret lacks a key that is used",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "name a key that the object has, or add it there",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		held := map[needed][]*lint.Object{}
		for _, o := range p.Unit.Objects {
			if o.Is("", "ConfigMap") || o.Is("", "Secret") {
				n := needed{o.Kind, o.Namespace, o.Name}
				held[n] = append(held[n], o)
			}
		}
		if len(held) == 0 {
			return
		}
		for r := range references(p.Unit) {
			if sources := ofSameCluster(p, r.object, sourcesOf(p, r, held)); len(sources) > 0 && !r.optional && !jobWords(p)[text(r.name)] {
				checkKeys(p, r, sources)
			}
		}
	}),
}

// sourcesOf are the objects of the unit that a reference names. Where one of two manifests of a folder names the namespace default and the
// other one none, kubectl creates both there. One without a namespace in the same file is meant to be applied with it, rather than that of
// another file.
func sourcesOf(p *lint.Pass, r reference, held map[needed][]*lint.Object) []*lint.Object {
	n := r.target()
	if p.Unit.Kind != lint.UnitManifests {
		return held[n]
	}
	isOfOther := func(o *lint.Object) bool { return cluster.FileOf(p, o) != cluster.FileOf(p, r.object) }
	if l := held[needed{n.kind, "", n.name}]; n.namespace != "" && len(l) > 0 && slices.ContainsFunc(held[n], isOfOther) {
		if same := slices.DeleteFunc(slices.Clone(l), isOfOther); len(same) > 0 {
			return same
		}
	}
	if l := held[n]; len(l) > 0 {
		return l
	}
	switch n.namespace {
	case "":
		n.namespace = "default"
	case "default":
		n.namespace = ""
	default:
		return nil
	}
	isFar := func(o *lint.Object) bool { return cluster.DirOf(p, o) != cluster.DirOf(p, r.object) }
	return slices.DeleteFunc(slices.Clone(held[n]), isFar)
}

// ofSameCluster leaves out the objects that are for another cluster than one.
func ofSameCluster(p *lint.Pass, o *lint.Object, l []*lint.Object) []*lint.Object {
	isOther := func(of *lint.Object) bool { return cluster.AreApart(p, o, of) }
	if !slices.ContainsFunc(l, isOther) {
		return l
	}
	return slices.DeleteFunc(slices.Clone(l), isOther)
}

// jobWords is the words of the command lines of the Jobs of a unit. A Job may fill the object
// of that name.
var jobWords = lint.UnitIndex("words of Jobs", func(p *lint.Pass) map[string]bool {
	words := map[string]bool{}
	for _, o := range p.Unit.Objects {
		if !o.Is("batch", "Job") {
			continue
		}
		for _, w := range o.Workloads {
			for _, h := range w.Containers {
				for _, line := range slices.Concat(h.Get("command").Strings(), h.Get("args").Strings()) {
					for word := range strings.FieldsFuncSeq(line, isBetweenNames) {
						words[word] = true
					}
				}
			}
		}
	}
	return words
})

// isBetweenNames reports what no name of an object holds: --configmap=web, configmap/web.
func isBetweenNames(r rune) bool {
	return r != '-' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// checkKeys compares the keys that a reference uses with those of the objects of its name.
func checkKeys(p *lint.Pass, r reference, sources []*lint.Object) {
	var keys []string
	for _, o := range sources {
		l, ok := keysOf(o)
		if !ok {
			return
		}
		keys = append(keys, l...)
	}
	missing := func(at lint.Value, key string) {
		want := wantedKey(key, keys)
		d := r.diagnostic(at, r.verb+" "+key+" of "+r.kind+" "+text(r.name)+", which has no such key; want "+want)
		d.Related = []lint.Related{{Object: sources[0], At: sources[0].Root, Label: "the " + r.kind}}
		d.Part = key
		p.Report(d)
	}
	for _, key := range r.fixed {
		if !slices.Contains(keys, key) {
			missing(r.name, key)
			return
		}
	}
	key, _, _ := strings.Cut(text(r.key), "/")
	if isWrittenByK3s(r, key) {
		return
	}
	if isName(key) && key != "." && !slices.Contains(keys, key) {
		missing(r.key, key)
	}
}

// maxListed is how long a list of keys in a message may be.
const maxListed = 100

// wantedKey is the key of an object that was probably meant by another one, or else all of them, if they are few.
func wantedKey(key string, keys []string) string {
	if near := suggest.Closest(key, keys); near != "" && !hasOtherWord(key, near) {
		return near
	}
	list := strings.Join(slices.Compact(slices.Sorted(slices.Values(keys))), ", ")
	if len(list) > maxListed {
		return "one of its keys"
	}
	return "one of its keys: " + list
}

// hasOtherWord reports whether two keys of as many words differ in one that is not misspelt: red-settings.js is not blue-settings.js, however
// long the part is that they share.
func hasOtherWord(a, b string) bool {
	isSeparator := func(r rune) bool { return r == '-' || r == '_' || r == '.' }
	of, other := strings.FieldsFunc(a, isSeparator), strings.FieldsFunc(b, isSeparator)
	if len(of) != len(other) {
		return false
	}
	for i, word := range of {
		if suggest.Closest(word, other[i:i+1]) == "" {
			return true
		}
	}
	return false
}

// isWrittenByK3s reports the key of CoreDNS's ConfigMap into which K3s writes the names and addresses of the nodes.
func isWrittenByK3s(r reference, key string) bool {
	return r.target() == needed{"ConfigMap", "kube-system", "coredns"} && key == "NodeHosts"
}
