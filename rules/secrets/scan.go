package secrets

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules/secrets/detect"
)

// spot is a credential in a value of an object.
type spot struct {
	detect.Verdict
	at lint.Value
	// key is what the value is called: a key of a ConfigMap, a variable.
	key string
	// name is what the credential is called within the value. May be empty.
	name string
	// line and part are for the diagnostic.
	line int
	part string
}

// diagnostic is what all reports of secrets have in common.
func (s spot) diagnostic() lint.Diagnostic {
	return lint.Diagnostic{At: s.at, Secret: true, Line: s.line, Part: s.part}
}

// place names the spot: data.password, or data["app.properties"] (db.password).
func (s spot) place(path string) string {
	if s.name != "" && s.name != s.key {
		return path + " (" + s.name + ")"
	}
	return path
}

// spots turns the hits in a text into spots of the value that holds it. The
// lines of a text that was decoded are none of the file's.
func spots(key string, at lint.Value, hits []detect.Hit, decoded bool) []spot {
	var l []spot
	seen := map[string]int{}
	for _, h := range hits {
		s := spot{Verdict: h.Verdict, at: at, key: key, name: h.Name, line: h.Line}
		if decoded {
			s.line = 0
		}
		seen[h.Name]++
		if s.part = h.Name; seen[h.Name] > 1 {
			s.part += "#" + strconv.Itoa(seen[h.Name])
		}
		l = append(l, s)
	}
	return l
}

// configMapSpots are the credentials in a ConfigMap.
func configMapSpots(p *lint.Pass, o *lint.Object) []spot {
	return lint.Once(p, func() inConfigMap { return findInConfigMap(o) })
}

// What is found in an object is kept for all rules, in containers by their paths.
type (
	inConfigMap []spot
	inSecret    []spot
	inEnv       map[string][]spot
	inArgs      map[string][]spot
)

func findInConfigMap(o *lint.Object) inConfigMap {
	if !o.Is("", "ConfigMap") || isEncrypted(o) {
		return nil
	}
	var l []spot
	for key, v := range o.Root.Get("data").Entries() {
		if v.IsScalar() {
			l = append(l, spots(key, v, detect.Text(key, v.Node.Value), false)...)
		}
	}
	for key, v := range o.Root.Get("binaryData").Entries() {
		if text, ok := decode(v); ok {
			l = append(l, spots(key, v, decodedHits(key, text, detect.Text), true)...)
		}
	}
	return l
}

// secretSpots are the credentials in a Secret, whose values are random or
// chosen whatever their names.
func secretSpots(p *lint.Pass, o *lint.Object) []spot {
	return lint.Once(p, func() inSecret { return findInSecret(o) })
}

func findInSecret(o *lint.Object) inSecret {
	if !o.Is("", "Secret") || isEncrypted(o) {
		return nil
	}
	switch o.Root.Get("type").Text() {
	case tokenSecret, "helm.sh/release.v1":
		return nil
	}
	var l []spot
	for key, v := range o.Root.Get("data").Entries() {
		if text, ok := decode(v); ok {
			l = append(l, spots(key, v, decodedHits(key, text, detect.Secret), true)...)
		}
	}
	for key, v := range o.Root.Get("stringData").Entries() {
		if v.IsScalar() {
			l = append(l, spots(key, v, detect.Secret(key, v.Node.Value), false)...)
		}
	}
	return l
}

func decodedHits(key, text string, judge func(key, text string) []detect.Hit) []detect.Hit {
	if utf8.ValidString(text) {
		return judge(key, text)
	}
	return detect.Binary(key, text)
}

// isEncrypted reports objects that SOPS has encrypted.
func isEncrypted(o *lint.Object) bool {
	return o.Root.Get("sops.mac").IsSet() || o.Root.Get("sops.lastmodified").IsSet()
}

// decode reads a value of data or binaryData.
func decode(v lint.Value) (string, bool) {
	if !v.IsScalar() {
		return "", false
	}
	b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(v.Node.Value), ""))
	return string(b), err == nil && len(b) > 0
}

// envSpots are the credentials in the variables of a container.
func envSpots(p *lint.Pass, h lint.PodOrContainer) []spot {
	known := lint.Once(p, func() inEnv { return inEnv{} })
	l, done := known[h.Path()]
	if !done {
		l = findInEnv(h)
		known[h.Path()] = l
	}
	return l
}

func findInEnv(h lint.PodOrContainer) []spot {
	var l []spot
	for e := range h.Get("env").Items() {
		if v := e.Get("value"); v.IsScalar() {
			name := e.Get("name").Text()
			l = append(l, spots(name, v, detect.Text(name, v.Node.Value), false)...)
		}
	}
	return l
}

// argSpots are the credentials in the command lines of a container: its own,
// and those of probes and hooks.
func argSpots(p *lint.Pass, h lint.PodOrContainer) []spot {
	known := lint.Once(p, func() inArgs { return inArgs{} })
	l, done := known[h.Path()]
	if !done {
		l = findInArgs(h)
		known[h.Path()] = l
	}
	return l
}

func findInArgs(h lint.PodOrContainer) []spot {
	var words []lint.Value
	for _, list := range [...]string{"command", "args"} {
		for v := range h.Get(list).Items() {
			words = append(words, v)
		}
	}
	l := commandSpots(words)
	for _, p := range [...]string{"livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop"} {
		words = words[:0]
		for v := range h.Get(p + ".exec.command").Items() {
			words = append(words, v)
		}
		l = append(l, commandSpots(words)...)
		for header := range h.Get(p + ".httpGet.httpHeaders").Items() {
			name, v := header.Get("name").Text(), header.Get("value")
			if v.IsScalar() {
				l = append(l, spots(name, v, detect.Text(name, v.Node.Value), false)...)
			}
		}
	}
	return l
}

func commandSpots(words []lint.Value) []spot {
	args := make([]string, len(words))
	for i, w := range words {
		if w.IsScalar() {
			args[i] = w.Node.Value
		}
	}
	var l []spot
	for _, hit := range detect.Args(args) {
		h := detect.Hit{Line: hit.Line, Name: hit.Name, Verdict: hit.Verdict}
		l = append(l, spots("", words[hit.Index], []detect.Hit{h}, false)...)
	}
	return l
}

// pathBelow is the path of a value below a holder, as messages name it.
func pathBelow(h lint.PodOrContainer, v lint.Value) string {
	return strings.TrimPrefix(strings.TrimPrefix(v.Path(), h.Path()), ".")
}

// reportObject reports a spot of an object as a whole.
func reportObject(p *lint.Pass, o *lint.Object, s spot, want string) {
	d := s.diagnostic()
	d.Object = o
	d.Message = o.Kind + " holds " + s.String() + " in " + s.place(s.at.Path()) + "; want " + want
	p.Report(d)
}

// reportEnv reports a spot of a container's variables.
func reportEnv(p *lint.Pass, h lint.PodOrContainer, s spot, want string) {
	d := s.diagnostic()
	d.Subject = h
	d.Message = h.Label() + " sets " + s.place("env "+s.key) + " to " + s.String() + "; want " + want
	p.Report(d)
}

// reportArg reports a spot of a container's command lines.
func reportArg(p *lint.Pass, h lint.PodOrContainer, s spot, want string) {
	d := s.diagnostic()
	d.Subject = h
	d.Message = h.Label() + " passes " + s.String() + " in " + s.place(pathBelow(h, s.at)) + "; want " + want
	p.Report(d)
}

// everywhere reports the spots of a sort in ConfigMaps, Secrets, variables and
// command lines.
func everywhere(wanted func(detect.Verdict) bool, want string) lint.ObjectCheck {
	return func(p *lint.Pass, o *lint.Object) {
		for _, s := range slices.Concat(configMapSpots(p, o), secretSpots(p, o)) {
			if wanted(s.Verdict) {
				reportObject(p, o, s, want)
			}
		}
		for _, w := range o.Workloads {
			for _, h := range w.Containers {
				inContainer(p, h, wanted, want)
			}
		}
	}
}

func inContainer(p *lint.Pass, h lint.PodOrContainer, wanted func(detect.Verdict) bool, want string) {
	for _, s := range envSpots(p, h) {
		if wanted(s.Verdict) {
			reportEnv(p, h, s, want)
		}
	}
	for _, s := range argSpots(p, h) {
		if wanted(s.Verdict) {
			reportArg(p, h, s, want)
		}
	}
}
