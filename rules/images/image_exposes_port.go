package images

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/built"
	"github.com/kubevet/kubevet/lint/cluster"
)

// ImageExposesPort reports containers whose ports, probes or Services name a port that the image
// does not expose, where the repository builds the image.
//
// One of the two is out of date: requests go to a port on which nothing listens, and policies that
// name the port protect the wrong one.
//
// EXPOSE opens nothing; it says where the program listens. So ports of a container are reported only if the image
// exposes none of them, and those of probes and Services if the container does not declare them either. A number that
// the container's command, arguments, environment or ConfigMaps hold is not reported: they configure where the program
// listens. Images whose Dockerfile has no EXPOSE or whose base image may expose ports are not known. How the
// Dockerfile of an image is found is in image-runs-as-non-root.
var ImageExposesPort = &lint.Rule{
	ID:        "image-exposes-port",
	Title:     "Image does not expose the port",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"images-few-packages-ports-layers"},
	Fix:       "name the port on which the program listens, in both places",
	Check:     lint.PodOrContainerCheck{Of: lint.LongRunning, Check: checkExposedPort},
}

// portUse is a place that names a port of a container.
type portUse struct {
	object *lint.Object
	at     lint.Value
	number int64
	label  string // what the container does with it; empty for a Service
}

func checkExposedPort(p *lint.Pass, c lint.PodOrContainer) {
	image := built.Of(p).Find(c.Get("image"))
	if image == nil {
		return
	}
	ports, ok := image.Ports()
	if !ok {
		return
	}
	uses, declared := portUses(p, c)
	if !slices.ContainsFunc(declared, ports.Has) {
		uses = append(uses, containerPorts(c)...)
	}
	reported := map[int64]bool{}
	for _, u := range uses {
		if ports.Has(u.number) || reported[u.number] || isConfigured(p, c, u.number) {
			continue
		}
		reported[u.number] = true
		d := lint.Diagnostic{Subject: c, At: u.at, Fix: lint.Advice(""), Related: image.Related(ports.At, "EXPOSE")}
		if u.object == c.Workload.Object {
			d.Message = fmt.Sprintf("%s %s %d", c.Label(), u.label, u.number)
		} else {
			d.Object, d.Subject = u.object, lint.PodOrContainer{}
			d.Message = fmt.Sprintf("%s leads to port %d of %s of %s", u.object.KindName(), u.number, c.Label(), c.Workload.KindName())
		}
		d.Message += fmt.Sprintf(", and its image %s exposes %s; want a port that it exposes", image.Name, portsText(ports))
		p.Report(d)
	}
}

func portsText(p built.Ports) string {
	var l []string
	for _, r := range p.Ranges {
		text := strconv.Itoa(r[0])
		if r[1] != r[0] {
			text += "-" + strconv.Itoa(r[1])
		}
		l = append(l, text)
	}
	return strings.Join(l, ", ")
}

// containerPorts are the ports that a container declares.
func containerPorts(c lint.PodOrContainer) (l []portUse) {
	for port := range c.Get("ports").Items() {
		v := port.Get("containerPort")
		if n, ok := v.Int(); ok {
			l = append(l, portUse{c.Workload.Object, v, n, "declares port"})
		}
	}
	return l
}

// portUses are the numbers in probes of a container, and in Services that lead to it alone,
// which no container of its pod declares. declared are the ports of the container.
func portUses(p *lint.Pass, c lint.PodOrContainer) (l []portUse, declared []int64) {
	isDeclared := map[int64]bool{}
	for _, other := range c.Workload.Containers {
		for _, u := range containerPorts(other) {
			isDeclared[u.number] = true
		}
	}
	for _, u := range containerPorts(c) {
		declared = append(declared, u.number)
	}
	add := func(o *lint.Object, v lint.Value, label string) {
		if n, ok := v.Int(); ok && n > 0 && !isDeclared[n] {
			l = append(l, portUse{o, v, n, label})
		}
	}
	for _, probe := range []string{"livenessProbe", "readinessProbe", "startupProbe"} {
		for _, kind := range []string{"httpGet", "tcpSocket", "grpc"} {
			add(c.Workload.Object, c.Get(probe+"."+kind+".port"), "has a "+probe+" for port")
		}
	}
	if len(c.Workload.Select(lint.LongRunning)) > 1 || c.Workload.Pod.Get("hostNetwork").True() {
		return l, declared
	}
	for _, s := range cluster.Of(p).ServicesTo(cluster.Of(p).PodsOf(c.Workload)) {
		for port := range s.Root.Get("spec.ports").Items() {
			v := port.Get("targetPort")
			if !v.IsSet() {
				v = port.Get("port")
			}
			add(s.Object, v, "")
		}
	}
	return l, declared
}

// isConfigured reports whether a container's command, arguments or environment hold a
// number, or ConfigMaps and Secrets that the container uses hold it, or may.
func isConfigured(p *lint.Pass, c lint.PodOrContainer, number int64) bool {
	text := strconv.FormatInt(number, 10)
	for _, list := range []string{"command", "args"} {
		for v := range c.Get(list).Items() {
			if hasNumber(v.Written(), text) || !v.IsKnown() {
				return true
			}
		}
	}
	for e := range c.Get("env").Items() {
		if v := e.Get("value"); hasNumber(v.Written(), text) || !v.IsKnown() || e.Get("valueFrom").IsSet() && !e.Get("valueFrom.fieldRef").IsSet() {
			return true
		}
	}
	var names []string
	for e := range c.Get("envFrom").Items() {
		if e.Get("secretRef").IsSet() {
			return true
		}
		names = append(names, e.Get("configMapRef.name").Written())
	}
	for m := range c.Get("volumeMounts").Items() {
		v := c.Workload.Volume(m.Get("name").Text())
		switch {
		case v.Get("configMap").IsSet():
			names = append(names, v.Get("configMap.name").Written())
		case v.Get("secret").IsSet(), v.Get("projected").IsSet(), v.Get("csi").IsSet():
			return true
		}
	}
	return slices.ContainsFunc(names, func(name string) bool { return mayHold(p, c.Workload.Namespace, name, text) })
}

// mayHold reports whether a ConfigMap holds a number. One that the unit does not show may.
func mayHold(p *lint.Pass, namespace, name, number string) bool {
	for _, o := range p.Unit.Objects {
		if !o.Is("", "ConfigMap") || o.Name != name || o.Namespace != namespace {
			continue
		}
		for _, v := range o.Root.Get("data").Entries() {
			if hasNumber(v.Written(), number) || !v.IsKnown() {
				return true
			}
		}
		return false
	}
	return true
}

// hasNumber reports whether a text has a number that is no part of a longer one.
func hasNumber(text, number string) bool {
	isOther := func(c rune) bool { return c < '0' || c > '9' }
	return slices.Contains(strings.FieldsFunc(text, isOther), number)
}
