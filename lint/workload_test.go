package lint

import "testing"

// A container's absent field is unknown where its pod's is: the pod may set it.
func TestUnknownIsNotDefinite(t *testing.T) {
	o, _ := NewObject(parse(t, `
apiVersion: v1
kind: Pod
metadata: {name: {{ name }}, namespace: "{{ ns }}", labels: {app: "${APP}", tier: web}}
spec:
  securityContext: ${POD_SECURITY}
  containers:
  - name: ${NAME}
    image: ${IMAGE}
    resources: ${RESOURCES}
`).Node, nil)
	if o.Name != "{{ name }}" || o.Namespace != "{{ ns }}" {
		t.Errorf("name %q, namespace %q", o.Name, o.Namespace)
	}
	w := o.Workloads[0]
	if got := w.Labels(); !w.OpenLabels || len(got) != 1 || got["tier"] != "web" {
		t.Errorf("labels %v, open %t", got, w.OpenLabels)
	}
	c := w.Containers[0]
	if c.Label() != `container "${NAME}"` {
		t.Errorf("label is %s", c.Label())
	}
	for path, want := range map[string]bool{
		"image": false, "securityContext.runAsNonRoot": false, "resources.limits.memory": false,
		"securityContext.privileged": true, "livenessProbe": true,
	} {
		if got := c.IsDefinite(c.Get(path)); got != want {
			t.Errorf("IsDefinite(%s) = %t", path, got)
		}
	}
	if v, from := c.Effective("securityContext.runAsNonRoot"); v.IsKnown() || from.Kind != KindPod {
		t.Errorf("Effective is %s of %s, known %t", v.Path(), from.Label(), v.IsKnown())
	}
	p := &Pass{}
	p.Report(Diagnostic{Subject: c, At: c.Get("image")})
	p.Report(Diagnostic{Subject: c, At: c.Get("image"), KnownPart: true})
	p.Report(Diagnostic{Subject: c, At: c.Get("livenessProbe")})
	if len(p.found) != 2 {
		t.Errorf("%d diagnostics were kept, want 2", len(p.found))
	}
}
