package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// editor is a scripted client of the language server, over pipes.
type editor struct {
	t     *testing.T
	dir   string
	in    *io.PipeWriter
	exit  chan int
	id    int
	lock  sync.Mutex
	came  *sync.Cond
	known map[string]published // by URI
	// answers are by id; messages are all other notifications and requests.
	answers  map[int]answered
	messages []string
	raw      bytes.Buffer // all that the server wrote
	ended    bool
	options  map[string]any
}

type published struct {
	URI         string
	Version     *int
	Diagnostics []diag
}

type diag struct {
	Range           rng
	Severity        int
	Code, Source    string
	Message         string
	CodeDescription struct{ Href string }
	Related         []struct {
		Location struct {
			URI   string
			Range rng
		}
		Message string
	} `json:"relatedInformation"`
}

type rng struct{ Start, End struct{ Line, Character int } }

func (r rng) String() string {
	return fmt.Sprintf("%d:%d-%d:%d", r.Start.Line, r.Start.Character, r.End.Line, r.End.Character)
}

type answered struct {
	Result json.RawMessage
	Error  *struct {
		Code    int
		Message string
	}
}

// newEditor writes files, and starts the server beside them. No files: the
// editor has not said hello yet.
func newEditor(t *testing.T, files map[string]string, args ...string) *editor {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range files {
		write(t, name, text)
	}
	write(t, ".git/HEAD", "")
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	e := &editor{t: t, dir: dir, in: inW, exit: make(chan int, 1), known: map[string]published{}, answers: map[int]answered{}}
	e.came = sync.NewCond(&e.lock)
	go func() {
		var errOut strings.Builder
		code := Main(append([]string{"lsp"}, args...), inR, outW, &errOut)
		if errOut.Len() > 0 {
			t.Errorf("standard error: %s", errOut.String())
		}
		_ = outW.Close()
		e.exit <- code
	}()
	go e.listen(outR)
	t.Cleanup(func() { _ = inW.Close() })
	return e
}

// hello begins the session.
func (e *editor) hello(encodings ...string) map[string]any {
	e.t.Helper()
	var result struct{ Capabilities map[string]any }
	e.request("initialize", map[string]any{
		"initializationOptions": e.options,
		"rootUri":               e.uri("."),
		"capabilities": map[string]any{
			"general":   map[string]any{"positionEncodings": encodings},
			"workspace": map[string]any{"didChangeWatchedFiles": map[string]any{"dynamicRegistration": true}},
		},
	}, &result)
	e.notify("initialized", map[string]any{})
	return result.Capabilities
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// listen takes what the server writes: nothing but messages of the protocol.
func (e *editor) listen(out io.Reader) {
	in := bufio.NewReader(io.TeeReader(out, &e.raw))
	defer func() {
		e.lock.Lock()
		e.ended = true
		e.came.Broadcast()
		e.lock.Unlock()
	}()
	for {
		header, err := in.ReadString('\n')
		if err != nil {
			return
		}
		n, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(header, "Content-Length: ")))
		if blank, _ := in.ReadString('\n'); err != nil || strings.TrimSpace(blank) != "" {
			e.t.Errorf("no message of the protocol: %q %q", header, blank)
			return
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(in, body); err != nil {
			e.t.Errorf("a message is cut: %v", err)
			return
		}
		var m struct {
			JSONRPC, Method string
			ID              *json.RawMessage
			Params          json.RawMessage
			answered
		}
		if err := json.Unmarshal(body, &m); err != nil || m.JSONRPC != "2.0" {
			e.t.Errorf("%v: %s", err, body)
			return
		}
		e.take(m.Method, m.ID, m.Params, m.answered)
	}
}

func (e *editor) take(method string, id *json.RawMessage, params json.RawMessage, a answered) {
	e.lock.Lock()
	defer e.lock.Unlock()
	defer e.came.Broadcast()
	switch {
	case method == "textDocument/publishDiagnostics":
		var p published
		if err := json.Unmarshal(params, &p); err != nil {
			e.t.Error(err)
		}
		e.known[p.URI] = p
	case method != "":
		e.messages = append(e.messages, method+" "+string(params))
		if id != nil {
			go e.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":null}`, *id))
		}
	default:
		n := 0
		if id != nil {
			n, _ = strconv.Atoi(string(*id)) // null answers what had no id
		}
		e.answers[n] = a
	}
}

func (e *editor) send(text string) {
	_, _ = fmt.Fprintf(e.in, "Content-Length: %d\r\n\r\n%s", len(text), text) // after the end nobody reads
}

func (e *editor) notify(method string, params any) {
	e.t.Helper()
	text, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
	if err != nil {
		e.t.Fatal(err)
	}
	e.send(string(text))
}

// call gives the answer to a request.
func (e *editor) call(method string, params any) answered {
	e.t.Helper()
	e.id++
	text, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": e.id, "method": method, "params": params})
	if err != nil {
		e.t.Fatal(err)
	}
	e.send(string(text))
	return e.answer(e.id)
}

func (e *editor) answer(id int) answered {
	e.t.Helper()
	e.lock.Lock()
	defer e.lock.Unlock()
	for {
		if a, ok := e.answers[id]; ok {
			delete(e.answers, id)
			return a
		}
		e.orEnd()
	}
}

func (e *editor) request(method string, params, result any) {
	e.t.Helper()
	a := e.call(method, params)
	if a.Error != nil {
		e.t.Fatalf("%s: %+v", method, a.Error)
	}
	if err := json.Unmarshal(a.Result, result); err != nil {
		e.t.Fatalf("%s: %v: %s", method, err, a.Result)
	}
}

// orEnd waits for a message.
func (e *editor) orEnd() {
	e.t.Helper()
	if e.ended {
		e.t.Fatal("the server has ended")
	}
	e.came.Wait()
}

// wait waits until a version of a file has diagnostics, or a file that is not
// open has those that are wanted: rules with their ranges.
func (e *editor) wait(name string, version int, want ...string) []diag {
	e.t.Helper()
	e.lock.Lock()
	defer e.lock.Unlock()
	for {
		p, ok := e.known[e.uri(name)]
		got := []string{}
		for _, d := range p.Diagnostics {
			got = append(got, d.Code+" "+d.Range.String())
		}
		switch {
		case ok && version == 0 && p.Version == nil && slices.Equal(got, want), // open or not, in the end it is so
			ok && version > 0 && p.Version != nil && *p.Version == version && slices.Equal(got, want):
			return p.Diagnostics
		case ok && version > 0 && p.Version != nil && *p.Version == version && !slices.Equal(got, want):
			e.t.Fatalf("%s, version %d: got %q, want %q", name, version, got, want)
		}
		e.orEnd()
	}
}

// say waits for a message that holds a text.
func (e *editor) say(text string) {
	e.t.Helper()
	e.lock.Lock()
	defer e.lock.Unlock()
	for !slices.ContainsFunc(e.messages, func(m string) bool { return strings.Contains(m, text) }) {
		e.orEnd()
	}
}

func (e *editor) uri(name string) string {
	p := name
	if !filepath.IsAbs(name) {
		p = filepath.Join(e.dir, name)
	}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(p)}).String()
}

func (e *editor) open(name, text string) {
	e.notify("textDocument/didOpen", map[string]any{
		"textDocument": map[string]any{"uri": e.uri(name), "languageId": "yaml", "version": 1, "text": text},
	})
}

// change gives the file a new text.
func (e *editor) change(name string, version int, text string) {
	e.edit(name, version, map[string]any{"text": text})
}

func (e *editor) edit(name string, version int, changes ...map[string]any) {
	e.notify("textDocument/didChange", map[string]any{
		"textDocument": map[string]any{"uri": e.uri(name), "version": version}, "contentChanges": changes,
	})
}

func (e *editor) saved(name string) { e.about("textDocument/didSave", name) }
func (e *editor) close(name string) { e.about("textDocument/didClose", name) }

func (e *editor) about(method, name string) {
	e.notify(method, map[string]any{"textDocument": map[string]any{"uri": e.uri(name)}})
}

func at(line, from, to int) map[string]any {
	return map[string]any{
		"start": map[string]any{"line": line, "character": from}, "end": map[string]any{"line": line, "character": to},
	}
}

// leave ends the session as the protocol wants it.
func (e *editor) leave() {
	e.t.Helper()
	if a := e.call("shutdown", nil); a.Error != nil || string(a.Result) != "null" {
		e.t.Errorf("shutdown: %+v", a)
	}
	e.notify("exit", nil)
	if code := <-e.exit; code != lint.ExitClean {
		e.t.Errorf("exit code %d, want %d", code, lint.ExitClean)
	}
}

const editedPod = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  hostPID: true
`

func TestEditorManifest(t *testing.T) {
	e := newEditor(t, map[string]string{"pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {}\n"}, "--rule", "no-host-pid,invalid-ignore")
	if c := e.hello(); c["positionEncoding"] != "utf-16" || c["hoverProvider"] != true {
		t.Errorf("capabilities %v", c)
	}
	e.say("client/registerCapability")
	e.open("pod.yaml", editedPod) // the file on disk has no hostPID
	d := e.wait("pod.yaml", 1, "no-host-pid 5:11-5:15")[0]
	if d.Severity != 1 || d.Source != "kubevet" || !strings.HasSuffix(d.CodeDescription.Href, "docs/rules/pod.md#no-host-pid") ||
		!strings.Contains(d.Message, "Pod/web") {
		t.Errorf("%+v", d)
	}

	// In characters of UTF-16: 😀 counts two. A change of one range, then of another.
	e.edit("pod.yaml", 2, map[string]any{"range": at(4, 0, 5), "text": "spec: {x: \"😀é\", hostPID: true}\n#"})
	e.edit("pod.yaml", 3, map[string]any{"range": map[string]any{"start": at(5, 0, 0)["start"], "end": at(6, 0, 99)["end"]}, "text": ""})
	e.wait("pod.yaml", 3, "no-host-pid 4:26-4:30")
	e.edit("pod.yaml", 4, map[string]any{"range": at(4, 11, 13), "text": ""}) // takes 😀 out
	e.wait("pod.yaml", 4, "no-host-pid 4:24-4:28")

	// Fixed, and saved; wrong again, and closed: the file on disk counts.
	e.change("pod.yaml", 5, strings.Replace(editedPod, "true", "false", 1))
	e.wait("pod.yaml", 5)
	e.change("pod.yaml", 6, editedPod)
	e.saved("pod.yaml")
	e.wait("pod.yaml", 6, "no-host-pid 5:11-5:15")
	e.close("pod.yaml")
	e.wait("pod.yaml", 0)
	e.leave()
}

func TestEditorEncodings(t *testing.T) {
	text := "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {x: \"😀é\", hostPID: true}\n"
	for client, want := range map[string]string{"utf-8": "3:29-3:33", "utf-32": "3:25-3:29", "utf-7": "3:26-3:30", "utf-16": "3:26-3:30"} {
		e := newEditor(t, nil, "--rule", "no-host-pid")
		c := e.hello(client)
		if got := c["positionEncoding"]; got != client && (client != "utf-7" || got != "utf-16") {
			t.Errorf("%s: %v", client, got)
		}
		e.open("pod.yaml", text) // a new file
		e.wait("pod.yaml", 1, "no-host-pid "+want)
		e.leave()
	}
}

var editedChart = map[string]string{
	"web/Chart.yaml":                "apiVersion: v2\nname: web\nversion: 1.0.0\n",
	"web/values.yaml":               "pod:\n  pid: false\n",
	"web/values-prod.yaml":          "pod: {}\n",
	"web/templates/_helpers.tpl":    "{{- define \"web.name\" }}web{{ end }}\n",
	"web/templates/pod.yaml":        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ include \"web.name\" . }}\nspec:\n  hostPID: {{ .Values.pod.pid }}\n",
	"other/base/kustomization.yaml": "resources: [pod.yaml]\n",
	"other/base/pod.yaml":           "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec: {}\n",
	"other/prod/kustomization.yaml": "resources: [../base]\npatches:\n- path: patch.yaml\n",
	"other/prod/patch.yaml":         "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  hostPID: false\n",
}

func TestEditorChart(t *testing.T) {
	e := newEditor(t, editedChart, "--rule", "no-host-pid")
	e.hello()
	// Values: reported at the value, with the template, which is not open.
	e.open("web/values.yaml", "pod:\n  pid: true\n")
	d := e.wait("web/values.yaml", 1, "no-host-pid 1:7-1:11")[0]
	shown := false
	for _, r := range d.Related {
		shown = shown || r.Location.URI == e.uri("web/templates/pod.yaml") && r.Location.Range.String() == "5:11-5:32"
	}
	if !shown {
		t.Errorf("%+v", d.Related)
	}
	// An open template shows it too. Both buffers count; the values say true again once
	// the template is closed.
	e.open("web/templates/pod.yaml", editedChart["web/templates/pod.yaml"])
	e.wait("web/templates/pod.yaml", 1, "no-host-pid 5:11-5:32")
	e.change("web/templates/pod.yaml", 2, strings.Replace(editedChart["web/templates/pod.yaml"], ".pod.pid", ".pod.pid | not", 1))
	e.wait("web/templates/pod.yaml", 2)
	e.close("web/templates/pod.yaml")
	e.wait("web/templates/pod.yaml", 0)
	e.change("web/values.yaml", 2, "pod:\n  pid: true\n")
	e.wait("web/values.yaml", 2, "no-host-pid 1:7-1:11")
	// A helper that is broken, one that is not, and values of another name.
	e.open("web/templates/_helpers.tpl", "{{- define \"web.name\" }}web{{ end\n")
	e.wait("web/templates/_helpers.tpl", 1, "problem 1:0-1:0")
	e.change("web/templates/_helpers.tpl", 2, "\n"+editedChart["web/templates/_helpers.tpl"])
	e.wait("web/templates/_helpers.tpl", 2)
	e.close("web/values.yaml")
	e.wait("web/values.yaml", 0)
	e.open("web/values-prod.yaml", "pod:\n  pid:  true\n")
	e.wait("web/values-prod.yaml", 1, "no-host-pid 1:8-1:12")
	// A file of the chart changes on disk.
	write(t, "web/templates/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ include \"web.name\" . }}\nspec: {}\n")
	e.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{map[string]any{"uri": e.uri("web/templates/pod.yaml"), "type": 2}}})
	e.change("web/values-prod.yaml", 2, "pod:\n  pid: true\n")
	e.wait("web/values-prod.yaml", 2)
	e.leave()
}

// An editor that wants to hear of open files only, hears of no others.
func TestEditorOpenFilesOnly(t *testing.T) {
	e := newEditor(t, editedChart, "--rule", "no-host-pid")
	e.options = map[string]any{"openFilesOnly": true}
	e.hello()
	e.open("web/values.yaml", "pod:\n  pid: true\n")
	e.wait("web/values.yaml", 1, "no-host-pid 1:7-1:11")
	e.leave()
	e.lock.Lock()
	defer e.lock.Unlock()
	if len(e.known) != 1 {
		t.Errorf("%v", e.known)
	}
}

func TestEditorOverlay(t *testing.T) {
	e := newEditor(t, editedChart, "--rule", "no-host-pid")
	e.hello()
	e.open("other/prod/patch.yaml", strings.Replace(editedChart["other/prod/patch.yaml"], "false", "true", 1))
	e.wait("other/prod/patch.yaml", 1, "no-host-pid 5:11-5:15")
	// The base: a finding of the patch is reported where the object is declared, too.
	e.open("other/base/pod.yaml", editedChart["other/base/pod.yaml"])
	e.wait("other/base/pod.yaml", 1, "no-host-pid 4:0-4:4")
	// A kustomization that names what is not there, and then is not there itself.
	e.open("other/prod/kustomization.yaml", "resources: [../base, absent.yaml]\npatches:\n- path: patch.yaml\n")
	e.wait("other/prod/kustomization.yaml", 1, "problem 0:21-0:32", "no-host-pid 2:8-2:18")
	e.change("other/prod/kustomization.yaml", 2, editedChart["other/prod/kustomization.yaml"])
	e.wait("other/prod/kustomization.yaml", 2, "no-host-pid 2:8-2:18")
	for _, name := range []string{"other/prod/kustomization.yaml", "other/prod/patch.yaml"} { // removed, but open
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	e.change("other/prod/patch.yaml", 2, "# the patch\n"+strings.Replace(editedChart["other/prod/patch.yaml"], "false", "true", 1))
	e.wait("other/prod/patch.yaml", 2, "no-host-pid 6:11-6:15")
	e.leave()
}

type editorAction struct {
	Title, Kind string
	Diagnostics []diag
	Edit        struct {
		Changes map[string][]struct {
			Range   rng
			NewText string
		}
	}
}

// actions are those at a line, with the new text of each.
func (e *editor) actions(name, text string, line int, only ...string) (titles, texts []string) {
	e.t.Helper()
	var l []editorAction
	e.request("textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": e.uri(name)}, "range": at(line, 12, 12), "context": map[string]any{"diagnostics": []any{}, "only": only},
	}, &l)
	for _, a := range l {
		if a.Kind != "quickfix" || len(a.Diagnostics) == 0 {
			e.t.Errorf("%+v", a)
		}
		titles = append(titles, a.Title)
		for _, c := range a.Edit.Changes[e.uri(name)] {
			lines := strings.SplitAfter(text, "\n")
			before := strings.Join(lines[:c.Range.Start.Line], "") + lines[c.Range.Start.Line][:c.Range.Start.Character]
			after := lines[c.Range.End.Line][c.Range.End.Character:] + strings.Join(lines[c.Range.End.Line+1:], "")
			texts = append(texts, before+c.NewText+after)
		}
	}
	return titles, texts
}

func TestEditorActions(t *testing.T) {
	e := newEditor(t, editedChart, "--rule", "no-host-pid,invalid-ignore")
	e.hello()
	pod := strings.ReplaceAll(editedPod, "\n", "\r\n")
	e.open("pod.yaml", pod)
	e.wait("pod.yaml", 1, "no-host-pid 5:11-5:15")

	var h struct {
		Contents struct{ Kind, Value string }
		Range    rng
	}
	e.request("textDocument/hover", map[string]any{"textDocument": map[string]any{"uri": e.uri("pod.yaml")}, "position": at(5, 12, 12)["start"]}, &h)
	if h.Contents.Kind != "markdown" || !strings.Contains(h.Contents.Value, "Reports pods with hostPID: true") || h.Range.String() != "5:11-5:15" {
		t.Errorf("hover %+v", h)
	}
	if a := e.call("textDocument/hover", map[string]any{"textDocument": map[string]any{"uri": e.uri("pod.yaml")}, "position": at(0, 0, 0)["start"]}); string(a.Result) != "null" {
		t.Errorf("hover on nothing: %s", a.Result)
	}

	// The comment ignores nothing until somebody writes a reason.
	titles, texts := e.actions("pod.yaml", pod, 5)
	if !slices.Equal(titles, []string{"Fix no-host-pid: set spec.hostPID: false", "Ignore no-host-pid here", "Ignore no-host-pid in the whole object"}) {
		t.Fatalf("actions %q", titles)
	}
	if want := strings.Replace(pod, "hostPID: true", "hostPID: false", 1); texts[0] != want {
		t.Errorf("fixed: %q, want %q", texts[0], want)
	}
	titles, texts = titles[1:], texts[1:]
	for i, want := range []string{"spec:\r\n  # kubevet:ignore no-host-pid <reason>\r\n  hostPID", "# kubevet:ignore no-host-pid <reason>\r\napiVersion"} {
		if !strings.Contains(texts[i], want) || len(texts[i]) != len(pod)+len("# kubevet:ignore no-host-pid <reason>\r\n")+2*(1-i) {
			t.Errorf("%s: %q", titles[i], texts[i])
		}
	}
	e.change("pod.yaml", 2, texts[0])
	e.wait("pod.yaml", 2, "invalid-ignore 5:4-5:39", "no-host-pid 6:11-6:15")
	if titles, _ := e.actions("pod.yaml", texts[0], 5); len(titles) > 0 {
		t.Errorf("actions for a comment: %q", titles)
	}
	if titles, _ := e.actions("pod.yaml", texts[0], 6, "refactor"); len(titles) > 0 {
		t.Errorf("actions that were not asked for: %q", titles)
	}
	e.change("pod.yaml", 3, strings.Replace(texts[0], "<reason>", "it is a debugger", 1))
	e.wait("pod.yaml", 3)
	e.change("pod.yaml", 4, strings.Replace(texts[1], "<reason>", "it is a debugger", 1))
	e.wait("pod.yaml", 4)

	// In a template it is a comment of templates.
	e.open("web/values.yaml", "pod:\n  pid: true\n")
	template := editedChart["web/templates/pod.yaml"]
	e.open("web/templates/pod.yaml", template)
	e.wait("web/templates/pod.yaml", 1, "no-host-pid 5:11-5:32")
	_, texts = e.actions("web/templates/pod.yaml", template, 5, "quickfix")
	if len(texts) != 2 || !strings.Contains(texts[0], "spec:\n  {{- /* kubevet:ignore no-host-pid <reason> */}}\n  hostPID") {
		t.Errorf("actions %q", texts)
	}
	e.change("web/templates/pod.yaml", 2, strings.Replace(texts[0], "<reason>", "it is a debugger", 1))
	e.wait("web/templates/pod.yaml", 2)
	e.leave()
}

// Problems of a configuration are reported in it; what it says counts as it is typed.
func TestEditorConfig(t *testing.T) {
	e := newEditor(t, map[string]string{"pod.yaml": editedPod, ".kubevet.yaml": "rules: {}\n"}, "--rule", "no-host-pid")
	e.hello()
	e.open("pod.yaml", editedPod)
	if d := e.wait("pod.yaml", 1, "no-host-pid 5:11-5:15")[0]; d.Severity != 1 {
		t.Errorf("%+v", d)
	}
	e.open(".kubevet.yaml", "rules: {}\n")
	e.wait(".kubevet.yaml", 1)
	e.change(".kubevet.yaml", 2, "rules:\n  no-host-pid: none\n")
	e.wait(".kubevet.yaml", 2, "problem 1:15-1:19")
	e.change(".kubevet.yaml", 3, "rules:\n  no-host-pid: low\n")
	e.wait(".kubevet.yaml", 3)
	e.change("pod.yaml", 2, editedPod+"\n")
	if d := e.wait("pod.yaml", 2, "no-host-pid 5:11-5:15")[0]; d.Severity != 3 {
		t.Errorf("%+v", d)
	}
	e.close(".kubevet.yaml")
	e.wait(".kubevet.yaml", 0)
	e.change("pod.yaml", 3, editedPod)
	if d := e.wait("pod.yaml", 3, "no-host-pid 5:11-5:15")[0]; d.Severity != 1 {
		t.Errorf("%+v", d)
	}
	e.leave()
}

// No secret leaves the server, and nothing that is no file or is outside the root
// stops it.
func TestEditorRobust(t *testing.T) {
	outside := t.TempDir()
	write(t, filepath.Join(outside, "pod.yaml"), editedPod)
	e := newEditor(t, map[string]string{
		"web/Chart.yaml":         "apiVersion: v2\nname: web\nversion: 1.0.0\n",
		"web/values.yaml":        "",
		"web/templates/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: app\n    env:\n    - name: DB_PASSWORD\n      value: {{ .Values.password }}\n",
	}, "--rule", "no-host-pid,no-secret-in-env")
	if a := e.call("textDocument/hover", map[string]any{}); a.Error == nil || a.Error.Code != -32002 {
		t.Errorf("a request before initialize: %+v", a)
	}
	e.open("early.yaml", editedPod)
	e.hello()
	if a := e.call("initialize", map[string]any{}); a.Error == nil || a.Error.Code != -32600 {
		t.Errorf("initialize twice: %+v", a)
	}
	for _, text := range []string{`{"jsonrpc":"2.0","id":0,"method":5}`, `[]`, `{"jsonrpc":"2.0"`, `7`} {
		e.send(text)
		if a := e.answer(0); a.Error == nil {
			t.Errorf("%s: %+v", text, a)
		}
	}
	if a := e.call("textDocument/rename", map[string]any{}); a.Error == nil || a.Error.Code != -32601 {
		t.Errorf("an unknown method: %+v", a)
	}
	if a := e.call("textDocument/hover", []int{1}); a.Error == nil || a.Error.Code != -32602 {
		t.Errorf("parameters of another shape: %+v", a)
	}
	e.notify("textDocument/didOpen", 5)
	e.notify("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": "file:///not/open.yaml"}})
	e.notify("$/setTrace", map[string]any{"value": "off"})
	e.open("no/such/dir/README.md", "text\n")
	e.wait("no/such/dir/README.md", 1)
	e.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": "untitled:1", "version": 1, "text": editedPod}})
	e.edit("no/such/dir/README.md", 2, map[string]any{"range": at(77, 5, 2), "text": "more"})
	e.wait("no/such/dir/README.md", 2)

	e.open(filepath.Join(outside, "pod.yaml"), editedPod)
	e.wait(filepath.Join(outside, "pod.yaml"), 1, "no-host-pid 5:11-5:15")

	e.open("web/values.yaml", "password: hunter2-Zx81q\n")
	d := e.wait("web/values.yaml", 1, "no-secret-in-env 0:10-0:23")[0]
	var h json.RawMessage
	e.request("textDocument/hover", map[string]any{"textDocument": map[string]any{"uri": e.uri("web/values.yaml")}, "position": d.Range.Start}, &h)
	e.leave()
	if strings.Contains(e.raw.String(), "hunter2") {
		t.Errorf("a secret left the server: %s", e.raw.String())
	}
}

// An editor that leaves without shutdown, or that dies, has no clean exit.
func TestEditorExit(t *testing.T) {
	e := newEditor(t, nil)
	e.hello()
	e.notify("exit", nil)
	if code := <-e.exit; code != lint.ExitFindings {
		t.Errorf("exit without shutdown: exit code %d", code)
	}
	e = newEditor(t, nil)
	e.hello()
	_ = e.in.Close()
	if code := <-e.exit; code != lint.ExitFindings {
		t.Errorf("end of input: exit code %d", code)
	}
	e = newEditor(t, nil)
	e.hello()
	e.call("shutdown", nil)
	if a := e.call("textDocument/hover", map[string]any{}); a.Error == nil || a.Error.Code != -32600 {
		t.Errorf("a request after shutdown: %+v", a)
	}
	e.notify("exit", nil)
	if code := <-e.exit; code != lint.ExitClean {
		t.Errorf("exit code %d", code)
	}
	var out, errOut bytes.Buffer
	if code := Main([]string{"lsp", "pod.yaml"}, nil, &out, &errOut); code != lint.ExitUsage || out.Len() > 0 {
		t.Errorf("lsp with an argument: exit code %d, %q", code, out.String())
	}
}

// The server works in the directory that the editor names, wherever it was started, and
// stays where it was started.
func TestEditorRoot(t *testing.T) {
	e := newEditor(t, editedChart, "--rule", "no-host-pid")
	write(t, "other/prod/patch.yaml", strings.Replace(editedChart["other/prod/patch.yaml"], "false", "true", 1))
	if err := os.RemoveAll(".git"); err != nil {
		t.Fatal(err)
	}
	outside := t.TempDir()
	t.Chdir(outside)
	e.hello()
	e.open("other/base/pod.yaml", strings.Replace(editedChart["other/base/pod.yaml"], "spec: {}", "spec: {hostIPC: true}", 1))
	e.wait("other/prod/patch.yaml", 0, "no-host-pid 5:11-5:15")
	e.leave()
	if here, err := os.Getwd(); err != nil || here != outside {
		t.Errorf("the server left %s for %s: %v", outside, here, err)
	}
}
