package images

import (
	_ "crypto/sha256" // the referee knows the algorithms that the program links
	_ "crypto/sha512"
	"strings"
	"testing"

	referee "github.com/distribution/reference"
)

// FuzzReference compares the reader of references with the one that container runtimes use.
func FuzzReference(f *testing.F) {
	digest := "@sha256:" + strings.Repeat("0a", 32)
	for _, seed := range []string{
		"", "app", "app:1.0", "App", "acme/app", "acme/app:1.0" + digest, "acme/app" + digest, "docker.io/app", "index.docker.io/app",
		"localhost/app", "localhost:5000/app:1", "localhost:5000", "LOCAL/app", "[::1]:5000/app", "[2001:db8::1]/app:1", "registry.example.com:5000/a/b/c",
		"a..b/c", "a__b", "a___b", "a-_b", "-a", "a/", "/a", "a//b", "a:", "a:-x", "a@", "a@sha256:0", "a@sha256:" + strings.Repeat("AB", 32),
		"a@sha512:" + strings.Repeat("0a", 64), "a@md5:" + strings.Repeat("0a", 16), "https://a.example/b", " a", "a b", "${IMAGE}", "a:{{ .Tag }}",
		strings.Repeat("0a", 32), strings.Repeat("a", 300), "a:" + strings.Repeat("1", 129), "a.example:/b", "a.example:x/b", "é/b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, image string) {
		r, ok := parse(image)
		fault := faultOf(image)
		want, err := referee.ParseNormalizedNamed(image)
		if err != nil {
			if fault == "" && image != "" && !isPlaceholder(image) {
				t.Errorf("%q: %v; not reported", image, err)
			}
			return
		}
		if fault != "" {
			t.Errorf("%q: valid, and reported as a reference %s", image, fault)
		}
		var tag, digest string
		if tagged, is := want.(referee.Tagged); is {
			tag = tagged.Tag()
		}
		if digested, is := want.(referee.Digested); is {
			digest = digested.Digest().String()
		}
		if toBeSet.MatchString(tag) {
			return
		}
		if !ok || r.full() != want.Name() || r.tag != tag || r.digest != digest || r.registry() != referee.Domain(want) {
			t.Errorf("%q: read as %q, tag %q, digest %q (%v); want %q, %q, %q", image, r.full(), r.tag, r.digest, ok, want.Name(), tag, digest)
		}
	})
}

// A tag that says that something else is put in its place is no reference.
func TestToBeSet(t *testing.T) {
	for _, tag := range []string{"set-by-chartpress", "0.0.1-set.by.chartpress", "to-be-replaced-by-ci", "overridden_at_release", "filled-in-by-make"} {
		if _, ok := parse("example.com/app:" + tag); ok {
			t.Errorf("%s is read as a tag", tag)
		}
	}
	for _, tag := range []string{"1.0-updated", "set-by", "offset-by-one", "1.0-managed", "replaced"} {
		if _, ok := parse("example.com/app:" + tag); !ok {
			t.Errorf("%s is not read as a tag", tag)
		}
	}
}

func TestNameIn(t *testing.T) {
	for _, c := range []struct{ line, image, want string }{
		{"image: registry:2", "registry:2", "registry:"},
		{"image: reg.corp:5000/x/app", "reg.corp:5000/x/app", "reg.corp:5000/x/app"},
		{"image: app:1.2", "reg.corp:5000/x/app:1.2", "app:"}, // a kustomization has the rest
		{"image: {{ .Values.registry }}/app:1.2", "reg.corp/x/app:1.2", ""},
		{`  newTag: "2"`, "registry:2", ""},
		{"  tag: 1.2", "reg.corp/tag:1.2", ""},
	} {
		r, _ := parse(c.image)
		if got := nameIn(c.line, r); got != c.want {
			t.Errorf("nameIn(%q, %s) = %q; want %q", c.line, c.image, got, c.want)
		}
	}
}
