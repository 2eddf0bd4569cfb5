package manifest

import (
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

const edited = `apiVersion: v1
kind: Pod
metadata:
  name: a
  annotations: {a: "1"}
spec:
  # about processes
  hostPID: true # shared
  nodeName: 'é "x"'
  containers:
  - name: app
  - image: b
    # about its name
    name: b
    securityContext: {}
    resources: {limits: {cpu: 1}}
    args:
    - a
    command: [a, b]
  - {name: c}
  text: |
    long
  folded: a
    b
`

// Each edit changes the text in one line, or adds one. Where that is not exact, there is
// none.
func TestEdits(t *testing.T) {
	for _, tt := range []struct {
		path string
		in   lint.Intent
		want string // what the diff has; empty: no edit
	}{
		{"spec.hostPID", lint.Intent{Value: "false"}, "-  hostPID: true # shared|+  hostPID: false # shared"},
		{"spec.nodeName", lint.Intent{Value: "b"}, `-  nodeName: 'é "x"'|+  nodeName: 'b'`},
		{"spec.nodeName", lint.Intent{Value: "[b]"}, ""},
		{"metadata.annotations.a", lint.Intent{Value: "2"}, `-  annotations: {a: "1"}|+  annotations: {a: "2"}`},
		{"spec.containers[1].command", lint.Intent{Value: "[c]"}, "-    command: [a, b]|+    command: [c]"},
		{"spec.containers[1].args", lint.Intent{Value: "[c]"}, ""},
		{"spec.text", lint.Intent{Value: "c"}, ""},
		{"spec.folded", lint.Intent{Value: "c"}, ""},
		{"spec.hostPID", lint.Intent{Do: lint.Remove}, "-  hostPID: true # shared"},
		{"metadata.annotations.a", lint.Intent{Do: lint.Remove}, ""},
		{"spec.text", lint.Intent{Do: lint.Remove}, ""},
		{"spec.hostIPC", lint.Intent{Value: "false"}, "+  hostIPC: false"},
		{"spec.hostIPC", lint.Intent{}, ""},
		{"spec.a.b", lint.Intent{Value: "[c]"}, "+  a:|+    b: [c]"},
		{`spec.a["b: c"]`, lint.Intent{Value: "d"}, "+  a:|+    'b: c': d"},
		{"spec.containers[0].tty", lint.Intent{Value: "true"}, "+    tty: true"},
		{"spec.containers[1].tty", lint.Intent{Value: "true"}, "+    tty: true"},
		{"spec.containers[1].securityContext.a.b", lint.Intent{Value: "c"}, "-    securityContext: {}|+    securityContext: {a: {b: c}}"},
		{"spec.containers[1].resources.limits.memory", lint.Intent{Value: "1Gi"}, "-    resources: {limits: {cpu: 1}}|+    resources: {limits: {memory: 1Gi, cpu: 1}}"},
		{"spec.containers[2].tty", lint.Intent{Value: "true"}, "-  - {name: c}|+  - {tty: true, name: c}"},
		{"spec.containers[3].tty", lint.Intent{Value: "true"}, ""},
	} {
		for _, end := range []string{"\n", "\r\n"} {
			text := strings.ReplaceAll(edited, "\n", end)
			o, src := objectOf(t, text)
			at := o.Root.At(tt.path)
			if tt.in.Do == lint.Set && tt.in.Value == "" {
				at = o.Root.Get("spec.hostIPC")
			}
			edits := src.Edits(&o.Document, at, tt.in)
			if len(edits) == 0 {
				if tt.want != "" {
					t.Errorf("%s: no edits, want %s", tt.path, tt.want)
				}
				continue
			}
			after, ok := lint.Apply(text, edits)
			if got := strings.ReplaceAll(changedLines(text, after), "\r", ""); !ok || got != tt.want {
				t.Errorf("%s: got %s, want %s", tt.path, got, tt.want)
			}
			changed, _ := objectOf(t, after)
			switch is := changed.Root.At(tt.path); {
			case tt.in.Do == lint.Remove && is.IsSet():
				t.Errorf("%s is still there", tt.path)
			case tt.in.Do == lint.Set && !is.IsSet():
				t.Errorf("%s is not there", tt.path)
			}
		}
	}
}

// The last lines of a text that look like comments stay in the text.
func TestAddBehindText(t *testing.T) {
	for _, first := range []string{
		"- args:\n    - |\n      echo a\n      # end\n",
		"- workingDir: >\n      a\n      # end\n",
		"- workingDir: \"a\n      # end\"\n",
		"- workingDir: 'a\n      # end'\n",
	} {
		text := "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  " + first + "    name: a\n"
		o, src := objectOf(t, text)
		after, ok := lint.Apply(text, src.Edits(&o.Document, o.Root.At("spec.containers[0].tty"), lint.Intent{Value: "true"}))
		if want := strings.Replace(text, "    name: a\n", "    tty: true\n    name: a\n", 1); !ok || after != want {
			t.Errorf("got\n%s\nwant\n%s", after, want)
		}
	}
}

func TestRename(t *testing.T) {
	o, src := objectOf(t, "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  hostPid: true\n")
	after, ok := lint.Apply(string(src.data), src.Edits(&o.Document, o.Root.Get("spec.hostPid").AtKey(), lint.Intent{Do: lint.Rename, Value: "hostPID"}))
	if !ok || !strings.HasSuffix(after, "  hostPID: true\n") {
		t.Errorf("got %q", after)
	}
}

// One place of these texts may be several of the document, or the text is no YAML as a
// person writes it.
func TestNoEdits(t *testing.T) {
	for _, text := range []string{
		"apiVersion: v1\nkind: Pod\nmetadata: &m {name: a}\nspec: {hostPID: true}\n",
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostPID: &t true, hostIPC: *t}\n",
		`{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"hostPID": true}}`,
	} {
		o, src := objectOf(t, text)
		if edits := src.Edits(&o.Document, o.Root.Get("spec.hostPID"), lint.Intent{Value: "false"}); edits != nil {
			t.Errorf("%s: %v", text, edits)
		}
	}
}

func objectOf(t *testing.T, text string) (*lint.Object, *Source) {
	t.Helper()
	src := NewSource("a.yaml", []byte(text))
	docs := Documents([]byte(text))
	if len(docs) != 1 || docs[0].Err != nil {
		t.Fatalf("%v: %s", docs, text)
	}
	objects, problems := Objects(docs[0].Node, src)
	if len(objects) != 1 || len(problems) > 0 {
		t.Fatal(objects, problems)
	}
	return objects[0], src
}

// changedLines lists the lines in which two texts differ.
func changedLines(before, after string) string {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	var l []string
	for _, line := range a {
		l = append(l, "-"+line)
	}
	for _, line := range b {
		l = append(l, "+"+line)
	}
	return strings.Join(l, "|")
}
