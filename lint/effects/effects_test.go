package effects_test

import (
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/effects"
	"github.com/kubevet/kubevet/lint/node"
)

// pod is a pod with one container.
func pod(t *testing.T, spec, container string) effects.Pod {
	t.Helper()
	read := func(text string) node.Value {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		return node.NewValue(doc.Content[0])
	}
	at := effects.Place{Object: "Deployment web", Container: "container app"}
	return effects.Pod{
		Spec:       effects.Container{Place: effects.Place{Object: "Deployment web", Container: "the pod"}, Node: read(spec)},
		Containers: []effects.Container{{Place: at, Name: "app", Node: read(container)}},
	}
}

// Besides says what a set of values changes besides the field that it fixes.
func TestBesides(t *testing.T) {
	const app = "name: app\nimage: a:1\n"
	for name, c := range map[string]struct{ specWas, specNow, was, now, want string }{
		"nothing":           {"{}", "{}", app, app, ""},
		"order of keys":     {"{}", "{}", app, "image: a:1\nname: app\n", ""},
		"the field itself":  {"{}", "{}", app, app + "resources: {}\n", ""},
		"another field":     {"{}", "{}", app, app + "livenessProbe: {}\n", ", which adds livenessProbe, too"},
		"a field is gone":   {"{}", "{}", app + "stdin: true\n", app, ", which leaves out stdin, too"},
		"a stopping field":  {"{}", "{}", app, app + "securityContext: {runAsUser: 7}\n", ", which sets runAsUser: 7, too"},
		"a variable":        {"{}", "{}", app + "env: [{name: A}, {name: B}]\n", app + "env: [{name: A}]\n", ", which leaves out B, too"},
		"an option":         {"{}", "{}", app + "args: [--port=1]\n", app + "args: [--debug]\n", ", which adds --debug and leaves out --port, too"},
		"no option's value": {"{}", "{}", app + "args: [--port=1]\n", app + "args: [--port=2]\n", ""},
		"the pod":           {"{}", "hostNetwork: true", app, app, ", which adds hostNetwork of the pod, too"},
	} {
		t.Run(name, func(t *testing.T) {
			var all effects.All
			was, now := pod(t, c.specWas, c.was), pod(t, c.specNow, c.now)
			all.Compare(was, now)
			if got, ok := all.Besides("resources.limits.cpu", was.Containers[0].Place); !ok || got != c.want {
				t.Errorf("%q, %v; want %q", got, ok, c.want)
			}
		})
	}
}

// What changes more than a sentence holds is no fix of one field.
func TestBesidesTooMuch(t *testing.T) {
	var all effects.All
	was, now := pod(t, "{}", "name: app\n"), pod(t, "{}", "name: app\nstdin: true\ntty: true\nworkingDir: /\nlifecycle: {}\n")
	all.Compare(was, now)
	if text, ok := all.Besides("resources", was.Containers[0].Place); ok {
		t.Errorf("four other fields are named: %q", text)
	}
}

func TestIsWithin(t *testing.T) {
	var all effects.All
	all.Compare(pod(t, "{}", "name: app\n"), pod(t, "{}", "name: app\nresources: {limits: {}}\n"))
	if !all.IsWithin(map[string]bool{"resources": true}) || all.IsWithin(map[string]bool{"image": true}) {
		t.Error("resources change, and nothing else")
	}
}
