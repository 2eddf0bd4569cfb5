package embedded

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"strconv"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

const policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n"

// add reads manifests as a unit, and adds the objects within them.
func add(t *testing.T, text string) (names []string, problems []lint.Problem) {
	t.Helper()
	src := manifest.NewSource("a.yaml", []byte(text))
	u := &lint.Unit{}
	for d := range manifest.Each([]byte(text)) {
		if d.Err != nil {
			t.Fatal(d.Err)
		}
		o, ok := lint.NewObject(d.Node, src)
		if !ok {
			t.Fatal("no object")
		}
		u.Objects = append(u.Objects, o)
	}
	hosts := len(u.Objects)
	problems = Add(u)
	for _, o := range u.Objects[hosts:] {
		names = append(names, o.Kind+" "+o.HostPath)
	}
	return names, problems
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func base64Of(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// Each way to encode a file is read, and one that cannot be decoded is a problem.
func TestEncoded(t *testing.T) {
	for _, tt := range []struct{ name, encoding, content, object, problem string }{
		{name: "plain", content: policy, object: "Policy /a"},
		{name: "base64", encoding: "base64", content: base64Of(policy), object: "Policy /a"},
		{name: "zipped", encoding: "gzip+base64", content: base64Of(zipped(t, policy)), object: "Policy /a"},
		{name: "wrong base64", encoding: "base64", content: "!", problem: "is not valid base64"},
		{name: "cut off", encoding: "gzip+base64", content: base64Of(zipped(t, policy)[:20]), problem: "is not valid gzip"},
		{name: "a bomb", encoding: "gzip+base64", content: base64Of(zipped(t, strings.Repeat("a", maxSize+1))), problem: tooLarge},
		{name: "another file", content: "net.ipv4.ip_forward = 1"},
		{name: "an unknown value", encoding: "base64", content: "${AUDIT_POLICY}"},
	} {
		text := "apiVersion: bootstrap.cluster.x-k8s.io/v1beta1\nkind: KubeadmConfig\nmetadata: {name: a}\nspec:\n  files:\n  - path: /a\n    encoding: " +
			strconv.Quote(tt.encoding) + "\n    content: " + strconv.Quote(tt.content) + "\n"
		names, problems := add(t, text)
		if got := strings.Join(names, ", "); got != tt.object {
			t.Errorf("%s: found %q, want %q", tt.name, got, tt.object)
		}
		switch {
		case tt.problem == "" && len(problems) > 0:
			t.Errorf("%s: %v", tt.name, problems)
		case tt.problem != "" && (len(problems) != 1 || !strings.HasSuffix(problems[0].Message, tt.problem) || problems[0].Line != 8):
			t.Errorf("%s: problems %v, want one at line 8: %s", tt.name, problems, tt.problem)
		}
	}
}

// What cloud-init writes is read once: a file for cloud-init within one leads nowhere.
func TestCloudInit(t *testing.T) {
	inner := cloudConfig + "\nwrite_files:\n- path: /b\n  content: " + strconv.Quote(policy) + "\n"
	outer := cloudConfig + "\nwrite_files:\n- path: /a\n  content: " + strconv.Quote(policy) + "\n- path: /c\n  encoding: b64\n  content: " + base64Of(inner) + "\n"
	names, problems := add(t, "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  user-data: "+strconv.Quote(outer)+"\n")
	if got := strings.Join(names, ", "); got != "Policy /a" || len(problems) > 0 {
		t.Errorf("found %q, problems %v", got, problems)
	}
}

// More files than the limit are one problem, and entries that are no files of a node do
// not count.
func TestManyFiles(t *testing.T) {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n")
	for i := range maxFiles + 10 {
		b.WriteString("  t" + strconv.Itoa(i) + ": text\n")
	}
	if names, problems := add(t, b.String()+"  z: "+strconv.Quote(policy)+"\n"); len(names) != 1 || len(problems) > 0 {
		t.Errorf("found %v, problems %v", names, problems)
	}
	for i := range maxFiles + 10 {
		b.WriteString("  p" + strconv.Itoa(i) + ": " + strconv.Quote(policy) + "\n")
	}
	names, problems := add(t, b.String())
	if len(names) != maxFiles || len(problems) != 1 || problems[0].Code != lint.CodeLimit {
		t.Errorf("found %d, problems %v", len(names), problems)
	}
}
