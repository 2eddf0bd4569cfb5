package netmap_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/netmap"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/rules"
)

func read(t *testing.T, name, text string) []*lint.Object {
	t.Helper()
	var l []*lint.Object
	source := manifest.NewSource(name, []byte(text))
	for _, doc := range manifest.Documents([]byte(text)) {
		if doc.Node != nil {
			objects, _ := manifest.Objects(doc.Node, source)
			l = append(l, objects...)
		}
	}
	return l
}

func findings(t *testing.T, u *lint.Unit) []*lint.Finding {
	t.Helper()
	c := lint.Checker{Rules: rules.All(), Version: lint.Newest, Profile: lint.Strict, Jobs: 1}
	found, problems := c.Check(u)
	for _, p := range problems {
		t.Errorf("%s: %s", u.Input, p.Message)
	}
	return found
}

// TestSuggestionsPass adds what is suggested for each example and for the shop to its
// manifests: kubevet's own rules find nothing in the policies, each workload has one, and each
// namespace with a name denies by default.
func TestSuggestionsPass(t *testing.T) {
	files, err := filepath.Glob(filepath.FromSlash("../../../examples/rules/*.yaml"))
	if err != nil || len(files) < 50 {
		t.Fatalf("%d examples: %v", len(files), err)
	}
	suggested := 0
	for _, file := range append(files, filepath.Join("testdata", "shop.yaml")) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		u := &lint.Unit{Input: file, Objects: read(t, file, string(text))}
		m := netmap.New(u, true)
		policies := netmap.YAML([]*netmap.Map{m}, func(s string) string { return s })
		added := read(t, "suggested.yaml", policies)
		suggested += len(added)
		u.Objects = append(u.Objects, added...)
		for _, f := range findings(t, u) {
			switch {
			case f.Rule.ID == "no-default-namespace": // it is that of the example
			case f.Origin.File == "suggested.yaml":
				t.Errorf("%s: %s: %s\n%s", file, f.Rule.ID, f.Message, policies)
			case strings.HasPrefix(f.Rule.ID, "default-deny-") && strings.HasPrefix(f.Message, "namespace ") && strings.Contains(f.Message, "has no network policy"):
				t.Errorf("%s: %s: %s", file, f.Rule.ID, f.Message)
			case f.Rule.ID == "network-policy-ingress" || f.Rule.ID == "network-policy-egress":
				if !slices.ContainsFunc(m.Suggested, func(s netmap.Suggestion) bool { return s.Manifest == "" }) {
					t.Errorf("%s: %s: %s", file, f.Rule.ID, f.Message)
				}
			}
		}
	}
	if suggested < 100 {
		t.Errorf("%d policies are suggested for all examples", suggested)
	}
}

// TestSuggestShop pins what is derived from ports, Services and references.
func TestSuggestShop(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "shop.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join("testdata", "shop-suggested.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	m := netmap.New(&lint.Unit{Input: "shop.yaml", Objects: read(t, "shop.yaml", string(text))}, true)
	if got := netmap.YAML([]*netmap.Map{m}, func(s string) string { return s }); got != string(want) {
		t.Errorf("got:\n%s", got)
	}
}

// TestSuggestionsAllowWhatIsNamed holds that with the policies applied the shop still works:
// each workload may reach what it names, and nothing else may reach the database.
func TestSuggestionsAllowWhatIsNamed(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "shop.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	objects := read(t, "shop.yaml", string(text))
	m := netmap.New(&lint.Unit{Objects: objects}, true)
	objects = append(objects, read(t, "s.yaml", netmap.YAML([]*netmap.Map{m}, func(s string) string { return s }))...)
	after := netmap.New(&lint.Unit{Objects: objects}, false)
	var got []string
	for _, c := range after.Connections {
		got = append(got, c.From+" "+c.To+" "+c.Ports)
	}
	want := []string{"Deployment/shop/api StatefulSet/data/db TCP 5432", "Deployment/shop/web Deployment/shop/api TCP 8080"}
	if !slices.Equal(got, want) {
		t.Errorf("got %s", strings.Join(got, "\n"))
	}
}

// TestSuggestDefaultDeny holds for which namespaces a policy that denies by default is
// suggested, and for which directions.
func TestSuggestDefaultDeny(t *testing.T) {
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: NAME, labels: {app: web}}\nspec: {containers: [{name: a, image: a}]}\n---\n"
	const deny = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: default-deny, namespace: shop}\nspec: {podSelector: {}, policyTypes: [Egress]}\n---\n"
	for name, test := range map[string]struct{ text, want string }{
		"both directions":       {strings.ReplaceAll(pod, "NAME", "shop"), "default-deny Ingress Egress"},
		"ingress":               {strings.ReplaceAll(pod, "NAME", "shop") + deny, "default-deny-suggested Ingress"},
		"another of all pods":   {strings.ReplaceAll(pod, "NAME", "shop") + strings.Replace(deny, "Egress]", "Egress], egress: [{to: [{podSelector: {}}]}]", 1), "default-deny-suggested Ingress"},
		"a Namespace":           {"apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n", "default-deny Ingress Egress"},
		"no name":               {strings.ReplaceAll(pod, "namespace: NAME, ", ""), ""},
		"of the cluster":        {strings.ReplaceAll(pod, "NAME", "kube-system"), ""},
		"network of their node": {strings.ReplaceAll(strings.ReplaceAll(pod, "NAME", "shop"), "spec: {", "spec: {hostNetwork: true, "), ""},
	} {
		m := netmap.New(&lint.Unit{Objects: read(t, "a.yaml", test.text)}, true)
		got := ""
		for _, s := range m.Suggested {
			if strings.HasPrefix(s.Workload, "Namespace/") {
				o := read(t, "s.yaml", s.Manifest)[0]
				got = o.Name + " " + strings.Join(o.Root.Get("spec.policyTypes").Strings(), " ")
			}
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
