package api

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// ValidPort reports ports outside of 1 to 65535, and names of ports that are none.
//
// The API server refuses such an object. In a pod template it does so only when the controller makes
// the pods, and no error is shown: the old version keeps running.
//
// Looked at are the ports of containers and of Services, and those of probes. A name has at most 15
// lower-case letters, digits and dashes, one letter at least, and no two dashes together. Where a name may
// stand, "8080" in quotes is a name. The port of the node may be 0, which is none. Placeholders that something
// else fills in pass.
var ValidPort = &lint.Rule{
	ID:        "valid-port",
	Title:     "Port is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-upgrades"},
	Fix:       "write a number of 1 to 65535, and a name of at most 15 lower-case letters, digits and dashes",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		if o.Is("", "Service") {
			for port := range o.Root.Get("spec.ports").Items() {
				d := lint.Diagnostic{Object: o}
				checkPort(p, d, "Service", port.Get("port"), 1)
				checkPortOrName(p, d, "Service", port.Get("targetPort"), 0)
				checkPort(p, d, "Service", port.Get("nodePort"), 0)
			}
		}
		for _, w := range o.Workloads {
			for _, h := range w.Select(lint.Containers) {
				checkContainerPorts(p, h)
			}
		}
	}),
}

func checkContainerPorts(p *lint.Pass, h lint.PodOrContainer) {
	d := lint.Diagnostic{Subject: h}
	for port := range h.Get("ports").Items() {
		checkPort(p, d, h.Label(), port.Get("containerPort"), 1)
		checkPort(p, d, h.Label(), port.Get("hostPort"), 0)
		if name := port.Get("name"); name.IsScalar() && name.Node.Value != "" && !isPlaceholder(name.Node) {
			checkPortName(p, d, h.Label(), name)
		}
	}
	for _, name := range []string{"livenessProbe", "readinessProbe", "startupProbe"} {
		probe := h.Get(name)
		for _, action := range []string{"httpGet.port", "tcpSocket.port"} {
			checkPortOrName(p, d, h.Label(), probe.Get(action), 1)
		}
		checkPort(p, d, h.Label(), probe.Get("grpc.port"), 1)
	}
}

// portName is the form of a port's name (RFC 6335, but for two dashes together).
var portName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

// checkPortOrName compares a port that may be a name with its limits. A number in quotes is a name,
// and not a valid one.
func checkPortOrName(p *lint.Pass, d lint.Diagnostic, label string, v lint.Value, least int64) {
	if !v.IsString() || isReplaced(v.Node) || v.Node.Value == "" || strings.Trim(v.Node.Value, "0123456789") != "" {
		checkPort(p, d, label, v, least)
		return
	}
	path := fieldOf(d, v)
	d.At, d.Fix.Title = v, "write "+path+" without quotes"
	if p.Unit.Kind == lint.UnitChart {
		d.Fix.Title += ", and remove quote from its template"
	}
	d.Message = label + " sets " + path + `: "` + v.Node.Value + `", which is a name because of its quotes; want ` + v.Node.Value + " without quotes"
	p.Report(d)
}

// fieldOf is the path of a value below the subject of a diagnostic.
func fieldOf(d lint.Diagnostic, v lint.Value) string {
	return strings.TrimPrefix(strings.TrimPrefix(v.Path(), subjectPath(d)), ".")
}

// checkPort compares a port, which may be a name, with its limits.
func checkPort(p *lint.Pass, d lint.Diagnostic, label string, v lint.Value, least int64) {
	if !v.IsScalar() || isReplaced(v.Node) || v.Node.Value == "" {
		return
	}
	n, ok := v.Int()
	switch {
	case !ok:
		if _, err := strconv.ParseFloat(v.Node.Value, 64); err != nil {
			checkPortName(p, d, label, v)
		}
	case n < least || n > 65535:
		d.At = v
		d.Message = label + " sets " + fieldOf(d, v) + ": " + v.Node.Value + "; want 1 to 65535"
		p.Report(d)
	}
}

func checkPortName(p *lint.Pass, d lint.Diagnostic, label string, v lint.Value) {
	name := v.Node.Value
	var want string
	switch {
	case !portName.MatchString(name) || strings.Contains(name, "--"):
		want = "lower-case letters, digits and single dashes"
	case len(name) > 15:
		want = "at most 15 characters"
	case strings.Trim(name, "0123456789-") == "":
		want = "a letter in it"
	default:
		return
	}
	d.At = v
	d.Message = label + " names a port " + strconv.Quote(name) + "; want " + want
	p.Report(d)
}
