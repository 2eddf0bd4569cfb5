package secrets_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/rules/secrets"
)

var all = []*lint.Rule{
	secrets.NoCAPrivateKey, secrets.NoDefaultPassword, secrets.NoInlineSecret, secrets.NoInlineTLSSecret, secrets.NoLiteralSecret, secrets.NoSecretInAnnotation,
	secrets.NoSecretInArgs, secrets.NoSecretInConfigMap, secrets.NoSecretInEnv, secrets.NoStaticCloudCredentials,
	secrets.NoTokenSecret, secrets.TokenExpiration,
	// A rule of another kind, whose findings are on the same lines.
	{ID: "other", Fix: "f", Check: lint.ObjectCheck(everyScalar)},
}

func everyScalar(p *lint.Pass, o *lint.Object) {
	var walk func(v lint.Value)
	walk = func(v lint.Value) {
		for _, c := range v.Entries() {
			walk(c)
		}
		for c := range v.Items() {
			walk(c)
		}
		if v.IsScalar() {
			p.Report(lint.Diagnostic{Object: o, At: v, Message: "m"})
		}
	}
	walk(o.Root)
}

func check(t *testing.T, text string) *lint.Report {
	t.Helper()
	source := manifest.NewSource("f.yaml", []byte(text))
	u := &lint.Unit{Input: "f.yaml"}
	for _, d := range manifest.Documents([]byte(text)) {
		objects, problems := manifest.Objects(d.Node, source)
		if len(problems) > 0 || d.Err != nil {
			t.Fatalf("%v %v\n%s", problems, d.Err, text)
		}
		u.Objects = append(u.Objects, objects...)
	}
	findings, problems := (&lint.Checker{Rules: all, Version: lint.Newest}).Check(u)
	for _, p := range problems {
		t.Error(p, p.Detail)
	}
	return lint.NewReport(findings, nil, nil, lint.Summary{})
}

// credentials are made-up values, and what of each must never be seen. They are
// put together here, so that no scanner of the source takes them for real.
var credentials = []struct{ value, hidden string }{
	{"zQ7x-vet9Rk2m", "zQ7x-vet9Rk2m"},
	{"AKIA" + "KUBEVETKUBEVET22", "KUBEVETKUBEVET22"},
	{"glpat-" + "zQ7xKm2Rk9vTtB4nLw8Z", "zQ7xKm2Rk9vTtB4nLw8Z"},
	{"postgres://app:zQ7xvet9Rk2m@db:5432/app", "zQ7xvet9Rk2m"},
	{"Server=db;User Id=app;Password=zQ7xvet9Rk2m;", "zQ7xvet9Rk2m"},
	{"Basic " + base64.StdEncoding.EncodeToString([]byte("app:zQ7xvet9Rk2m")), "enE3eHZldDlSazJt"},
	{"Bearer zQ7xvet9Rk2m4TtB", "zQ7xvet9Rk2m4TtB"},
	{"kv4Xq9TmZ2rB7wLs5NcY8pJd", "kv4Xq9TmZ2rB7wLs5NcY8pJd"},
	{"app:$2y$10$kv4Xq9TmZ2rB7wLs5NcY8pJdkv4Xq9TmZ2rB7wLs5NcY8pJdkv4Xq", "kv4Xq9TmZ2rB7wLs5NcY8pJd"},
	{"AGE-SECRET-KEY-" + "1KV4XQ9TMZ2RB7WLS5NCY8PJDKV4XQ9TMZ2RB7WLS5NCY8PJDKV4XQ9TMZ2", "KV4XQ9TMZ2RB7WLS5NCY8PJD"},
	{`-----BEGIN ` + `PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIGt1YmV2ZXQ6IHRoaXMga2V5IGlzIG5vIHNlY3JldC4u\n-----END PRIVATE KEY-----\n`, "IHRoaXMga2V5IGlzIG5vIHNlY3JldC4u"},
}

// places are the forms in which a value can be in a manifest, and the rules
// that have to find it there.
func places(value string) map[string]string {
	quoted := strconv.Quote(strings.ReplaceAll(value, `\n`, "\n"))
	encoded := base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(value, `\n`, "\n")))
	const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
	const secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: app\n"
	return map[string]string{
		"no-secret-in-config-map data":       configMap + "data:\n  PASSWORD: " + quoted + " # not " + quoted + "\n",
		"no-secret-in-config-map flow":       configMap + "data: {a: b, PASSWORD: " + quoted + ", OTHER_PASSWORD: " + quoted + "}\n",
		"no-secret-in-config-map properties": configMap + "data:\n  a.properties: |\n    a=b\n    db.password=" + value + "\n    c=d\n",
		"no-secret-in-config-map folded":     configMap + "data:\n  a.properties: >\n    a=b\n\n    db.password=" + value + "\n\n    c=d\n",
		"no-secret-in-config-map block":      configMap + "data:\n  a.yaml: |\n    db:\n      password: " + quoted + "\n",
		"no-secret-in-config-map json":       configMap + "data:\n  a.json: |\n    {\n      \"password\": " + quoted + "}\n",
		"no-secret-in-config-map binary":     configMap + "binaryData:\n  PASSWORD: " + encoded + "\n",
		"no-secret-in-config-map one line":   `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"PASSWORD": ` + quoted + `}}`,
		"no-secret-in-env":                   pod + "    env:\n    - {name: PASSWORD, value: " + quoted + "}\n",
		"no-secret-in-args word":             pod + "    args:\n    - " + strconv.Quote("--password="+strings.ReplaceAll(value, `\n`, "\n")) + "\n",
		"no-secret-in-args two words":        pod + "    args: [--password, " + quoted + "]\n",
		"no-secret-in-annotation":            "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  annotations:\n    a.kubevet.dev/password: " + quoted + "\n",
		"no-literal-secret data":             secret + "data:\n  password: " + encoded + "\n",
		"no-inline-secret values":            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\nspec:\n  values: {auth: {password: " + quoted + "}}\n",
		"no-inline-secret parameters":        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  source:\n    helm:\n      parameters:\n      - {name: auth.password, value: " + quoted + "}\n",
		"no-inline-secret kubeconfig":        "apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user: {password: " + quoted + "}\n",
		"no-inline-secret volume":            "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: a}\nspec:\n  csi:\n    volumeAttributes: {password: " + quoted + "}\n",
		"no-literal-secret literal":          secret + "stringData:\n  password: " + quoted + "\n",
		"no-literal-secret folded data":      secret + "data:\n  password: >-\n    " + encoded[:8] + "\n    " + encoded[8:] + "\n",
	}
}

// TestNothingLeaks demands of every format that it prints no six characters of
// a secret in a row, wherever in a manifest it is.
func TestNothingLeaks(t *testing.T) {
	for _, c := range credentials {
		for place, text := range places(c.value) {
			rule, _, _ := strings.Cut(place, " ")
			r := check(t, text)
			found := reportedOnce(t, place, r, rule)
			// Words with blanks in them are no arguments of their own.
			if !found && !strings.HasSuffix(place, "words") {
				t.Errorf("%s: %.12s…: not found in\n%s", place, c.value, text)
			}
			if !found {
				continue
			}
			for _, format := range report.Formats() {
				var b bytes.Buffer
				if err := report.Write(format, &b, r, report.Options{}); err != nil {
					t.Fatal(err)
				}
				leaks(t, place+" as "+format, b.String(), c.hidden)
				leaks(t, place+" as "+format, b.String(), base64.StdEncoding.EncodeToString([]byte(c.hidden)))
			}
			leaks(t, place, fmt.Sprintf("%+v", summary(r)), c.hidden)
		}
	}
}

// reportedOnce reports whether the secret is found, and demands that a single rule
// reports it: that of its place, or that for keys of cloud providers.
func reportedOnce(t *testing.T, place string, r *lint.Report, rule string) bool {
	t.Helper()
	at := map[string]string{}
	for _, f := range r.Findings {
		if f.Rule.ID == "other" {
			continue
		}
		if first := at[f.Path+f.Origin.String()]; first != "" {
			t.Errorf("%s: reported by %s and %s", place, first, f.Rule.ID)
		}
		at[f.Path+f.Origin.String()] = f.Rule.ID
		if f.Rule.ID != rule && f.Rule.ID != "no-static-cloud-credentials" {
			t.Errorf("%s: reported by %s", place, f.Rule.ID)
		}
	}
	return len(at) > 0
}

// summary is all that a report holds of its findings.
func summary(r *lint.Report) []lint.Finding {
	var l []lint.Finding
	for _, f := range r.Findings {
		l = append(l, *f)
	}
	return l
}

func leaks(t *testing.T, what, text, hidden string) {
	t.Helper()
	for i := 0; i+6 <= len(hidden); i++ {
		if strings.Contains(text, hidden[i:i+6]) {
			t.Errorf("%s prints %q of the secret:\n%s", what, hidden[i:i+6], text)
			return
		}
	}
}

// TestSilent runs the rules over what looks like a secret and is none.
func TestSilent(t *testing.T) {
	for what, text := range map[string]string{
		"a Helm release":      "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: helm.sh/release.v1\ndata: {release: a3Y0WHE5VG1aMnJCN3dMczVOY1k4cEpk}\n",
		"an ExternalSecret":   "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a}\nspec: {data: [{secretKey: password, remoteRef: {key: kv/app, property: password1}}]}\n",
		"a ConfigMap of SOPS": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {password: 'ENC[AES256_GCM,data:kv4Xq9TmZ2rB,type:str]'}\nsops: {mac: x}\n",
		"broken base64":       "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {password: '***', other: [1], third: {a: b}}\n",
		"no data":             "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n",
		"a kind of that name": "apiVersion: example.com/v1\nkind: Secret\nmetadata: {name: a}\nstringData: {name: zQ7x-vet9Rk2m}\n",
	} {
		for _, f := range check(t, text).Findings {
			if f.Rule.ID != "other" {
				t.Errorf("%s: %s [%s]", what, f.Message, f.Rule.ID)
			}
		}
	}
}

// TestBlockLines holds findings within a block to their lines.
func TestBlockLines(t *testing.T) {
	const text = `apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  a.properties: |2

      # a comment
      one.password = zQ7x-vet9Rk2m
    two.password = zQ7x-vet9Rk2m
  b.properties: |-
      three.password: "zQ7x-vet9Rk2m"
`
	var got []string
	for _, f := range check(t, text).Findings {
		if f.Rule.ID == "no-secret-in-config-map" {
			got = append(got, fmt.Sprintf("%s-%d %s", f.Origin.Position, f.Origin.EndColumn, f.Origin.Text))
		}
	}
	const want = "f.yaml:8:7-35       ‹masked›\nf.yaml:9:5-33     ‹masked›\nf.yaml:11:7-38       ‹masked›"
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
}
