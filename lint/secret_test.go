package lint

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// hiddenRules report every value of an object and quote it, as careless rules would.
func hiddenRules() []*Rule {
	var walk func(p *Pass, o *Object, v Value)
	walk = func(p *Pass, o *Object, v Value) {
		if v.IsScalar() {
			p.Report(Diagnostic{Object: o, At: v, Message: "the value is " + v.Node.Value, Fix: Intent{Title: "set " + v.Node.Value, Value: v.Node.Value}})
			return
		}
		for _, c := range v.Entries() {
			walk(p, o, c)
		}
		for c := range v.Items() {
			walk(p, o, c)
		}
	}
	return []*Rule{{ID: "r", Severity: High, Check: ObjectCheck(func(p *Pass, o *Object) { walk(p, o, o.Root) })}}
}

// Whatever a rule says of a Secret, its values are in no report.
func TestSecretsValuesAreInNoReport(t *testing.T) {
	for name, text := range map[string]string{
		"typo in base64":  "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  password: S3CRET-pass!\n",
		"stringData":      "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  password: S3CRET-pass\n  port: \"S3CRET\"\n",
		"block scalar":    "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  file: |\n    user\n    password=S3CRET-pass\n    S3CRET2\n",
		"flow style":      "apiVersion: v1\nkind: Secret\nmetadata: {name: s, labels: {a: b}}\nstringData: {password: S3CRET-pass, other: S3CRET2}\n",
		"one line":        `{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": "S3CRET-pass"}, "type": "Opaque"}`,
		"nested by error": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  a: {b: [S3CRET-pass]}\n",
		"last applied": "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n" +
			"      {\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"data\": {\"a\": \"S3CRET-pass\"}}\n",
		"decoded":     "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  a: UzNDUkVULXBhc3M=\ntype: S3CRET-pass\n",
		"at the list": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: [S3CRET-pass]\n",
	} {
		findings, _ := (&Checker{Rules: hiddenRules()}).Check(newUnit(t, "u", text))
		data, err := json.Marshal(NewReport(findings, nil, nil, Summary{}))
		if err != nil || len(findings) < 4 {
			t.Fatalf("%s: %d findings, %v", name, len(findings), err)
		}
		for _, leak := range []string{"S3CRET", "UzNDUkVU"} {
			if i := strings.Index(string(data), leak); i >= 0 {
				t.Errorf("%s: the report holds %s", name, data[max(0, i-150):i+20])
			}
		}
	}
}

// In one line of JSON other objects share the line with a Secret.
func TestSecretOnLineOfOthers(t *testing.T) {
	const line = `{"a": {"stringData": {"p": "S3CRET-pass"}}, "b": {"hostPID": true}}`
	u := &Unit{Input: "u"}
	for _, text := range []string{
		`{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"p": "S3CRET-pass"}}`,
		`{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"hostPID": true}}`,
	} {
		var n yaml.Node
		if err := yaml.Unmarshal([]byte(text), &n); err != nil {
			t.Fatal(err)
		}
		o, _ := NewObject(n.Content[0], oneLine(line))
		u.Objects = append(u.Objects, o)
	}
	findings, _ := (&Checker{Rules: []*Rule{{ID: "r", Check: Field{Of: KindPod, Path: "hostPID", Allow: []string{"false"}}}}}).Check(u)
	if len(findings) != 1 || findings[0].Origin.Text != masked {
		t.Errorf("%+v", findings)
	}
}

// oneLine is a Locator of a file of one line.
type oneLine string

func (l oneLine) Locate(Value) Origin {
	return Origin{Position: Position{File: "f.json", Line: 1, Column: 1}, Text: string(l)}
}

func TestQuotedValues(t *testing.T) {
	var number struct{ N int }
	_, atoi := strconv.Atoi("S3CRET")
	_, date := time.Parse(time.DateOnly, "S3CRET")
	for _, err := range []error{
		yaml.Unmarshal([]byte("n: S3CRET\n"), &number),
		yaml.Unmarshal([]byte("n: S3CRET-"+strings.Repeat("x", 50)+"\n"), &number),
		yaml.Unmarshal([]byte("S3CRET"), &number),
		yaml.Unmarshal([]byte("n: !!int S3CRET\n"), &number),
		json.Unmarshal([]byte(`{"N": "S3CRET"}`), &number),
		atoi, date,
		errors.New("error unmarshaling JSON: while decoding JSON: json: invalid number literal, trying to unmarshal \"\\\"S3CRET\\\"\" into Number"),
	} {
		if err == nil {
			t.Fatal("no error")
		}
		if got := withoutQuotedValues(err.Error()); strings.Contains(got, "S3CRET") || len(got) < 10 {
			t.Errorf("%v: %s", err, got)
		}
		r := NewReport(nil, []Problem{{Message: err.Error(), Detail: "x: " + err.Error()}}, nil, Summary{})
		if p := r.Problems[0]; strings.Contains(p.Message+p.Detail, "S3CRET") {
			t.Errorf("problem: %+v", p)
		}
	}
	for _, same := range []string{
		"mapping key \"name\" already defined at line 3", "did not find expected '-' indicator", "unknown anchor 'x' referenced",
	} {
		if got := withoutQuotedValues(same); got != same {
			t.Errorf("%s: %s", same, got)
		}
	}
}

// A rule that knows of a secret does not quote it. If that is a common word, the message
// still has its own words.
func TestWordsOfSecretRules(t *testing.T) {
	u := newUnit(t, "u", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  db-password: password\n")
	rule := &Rule{ID: "r", Fix: "generate the password", Check: ObjectCheck(func(p *Pass, o *Object) {
		v := o.Root.Get("stringData").Child("db-password")
		p.Report(Diagnostic{Object: o, At: v, Secret: true, Message: "a default password in " + v.Path()})
		p.Report(Diagnostic{Object: o, At: v, Message: "password is wrong", Part: "other"})
	})}
	findings, _ := (&Checker{Rules: []*Rule{rule}}).Check(u)
	var got []string
	for _, f := range findings {
		got = append(got, f.Message+"; "+f.Fix.Title)
	}
	want := []string{"a default password in stringData.db-password; generate the password", masked + " is wrong; generate the " + masked}
	if !slices.Equal(got, want) {
		t.Errorf("%q; want %q", got, want)
	}
}
