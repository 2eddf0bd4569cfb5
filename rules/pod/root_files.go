package pod

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// socketPath matches the path of a Unix socket in a text: /csi/csi.sock, unix:///run/x.sock.
var socketPath = regexp.MustCompile(`/[\w./-]*\.sock\b`)

// useSocket is the advice about a container that uses a socket which another container of its pod, one of root, seems to
// make. Only root can use such a socket, as a rule: fsGroup changes what is in a volume when the pod starts, and not what is
// made later. ok is false if there is none, and for a container that is not root or that has rights of its own.
func useSocket(p *lint.Pass, c lint.PodOrContainer) (advice lint.Intent, ok bool) {
	maker, socket := socketMaker(c, socketMakers(p, c.Workload.Object)[c.Workload], isForcedRoot)
	if socket == "" {
		return lint.Intent{}, false
	}
	return lint.Advice(maker.Label() + " seems to make the socket " + socket + " as root, and then only root can use it (fsGroup does not change a socket that is made later): ignore the finding with that reason"), true
}

// mayUseSocket is the reason to run as root that a container may have which uses a socket of another one: the image of that one
// may run as root. It is empty if there is none.
func mayUseSocket(p *lint.Pass, c lint.PodOrContainer) string {
	maker, socket := socketMaker(c, socketMakers(p, c.Workload.Object)[c.Workload], func(lint.PodOrContainer) bool { return true })
	if socket == "" {
		return ""
	}
	return "the program must start as root, or if " + maker.Label() + " makes the socket " + socket + " as root"
}

// mayShareSocket is a socket that a container uses which another one of its pod may make as root. It is empty if there is none.
func mayShareSocket(p *lint.Pass, c lint.PodOrContainer) string {
	_, socket := socketMaker(c, socketMakers(p, c.Workload.Object)[c.Workload], func(lint.PodOrContainer) bool { return true })
	return socket
}

// socketMaker is one of the containers that may make a socket which another container names, and the socket. It is empty if
// there is none, and for a container that is not root or that has rights of its own.
func socketMaker(c lint.PodOrContainer, makers map[string][]lint.PodOrContainer, may func(lint.PodOrContainer) bool) (maker lint.PodOrContainer, socket string) {
	if user, _ := nonRootUser(c); len(makers) == 0 || user || isPrivileged(c) || c.Workload.Windows || hasEndpoint(c) {
		return maker, ""
	}
	sockets := namedSockets(c)
	if len(sockets) == 0 {
		return maker, ""
	}
	for m := range c.Get("volumeMounts").Items() {
		folder := strings.TrimRight(m.Get("mountPath").Text(), "/") + "/"
		i := slices.IndexFunc(sockets, func(socket string) bool { return len(folder) > 1 && strings.HasPrefix(socket, folder) })
		if i < 0 {
			continue
		}
		for _, likely := range makers[m.Get("name").Text()] {
			serves := hasEndpoint(likely)
			if likely.Name == c.Name || serves && !slices.Contains(namedSockets(likely), sockets[i]) {
				continue
			}
			if may(likely) {
				return likely, sockets[i]
			}
			if serves { // the others are clients of it
				break
			}
		}
	}
	return maker, ""
}

// maxSockets limits how many sockets are looked for of those that a container names.
const maxSockets = 8

// maxMakers limits how many containers are looked at that may make a socket in a volume.
const maxMakers = 4

// socketMakers are the containers that may run as root, by the volumes in which they may make a socket: the first ones for
// each, since one of them may be the container that asks. Those that serve one come first, then those that are root as their settings say, and then
// those with rights or ports, as the driver beside its helpers.
var socketMakers = lint.ObjectIndex("makers of sockets", func(_ *lint.Pass, o *lint.Object) map[*lint.Workload]map[string][]lint.PodOrContainer {
	all := map[*lint.Workload]map[string][]lint.PodOrContainer{}
	for _, w := range o.Workloads {
		makers := map[string][]lint.PodOrContainer{}
		for v := range w.Pod.Get("volumes").Items() {
			if holdsSockets(v) {
				makers[v.Get("name").Text()] = []lint.PodOrContainer{}
			}
		}
		if len(makers) == 0 {
			continue
		}
		for _, c := range likelyMakers(w) {
			for m := range c.Get("volumeMounts").Items() {
				if l, ok := makers[m.Get("name").Text()]; ok && len(l) < maxMakers && !m.Get("readOnly").True() {
					makers[m.Get("name").Text()] = append(l, c)
				}
			}
		}
		all[w] = makers
	}
	return all
})

// likelyMakers are the containers of a workload that may run as root, the likely ones first.
func likelyMakers(w *lint.Workload) []lint.PodOrContainer {
	l := slices.DeleteFunc(slices.Clone(w.Containers), func(c lint.PodOrContainer) bool {
		user, _ := nonRootUser(c)
		only, _ := c.Effective(nonRootPath)
		return user || only.True()
	})
	rank := func(c lint.PodOrContainer) int {
		switch {
		case hasEndpoint(c):
			return 0
		case isForcedRoot(c):
			return 1
		case c.Get("ports").Len() > 0 || c.Get("securityContext.capabilities.add").Len() > 0:
			return 2
		}
		return 3
	}
	slices.SortStableFunc(l, func(a, b lint.PodOrContainer) int { return rank(a) - rank(b) })
	return l
}

// endpointFlag matches the flag with which a driver of storage is told where to make its socket.
var endpointFlag = regexp.MustCompile(`(?:^|\s)--?(?:csi-)?endpoint\b`)

// hasEndpoint reports whether a container says that it serves a socket: its command line or environment names an endpoint, as drivers of
// storage do. Its helpers name an address.
func hasEndpoint(c lint.PodOrContainer) bool {
	for _, list := range []string{"command", "args"} {
		for v := range c.Get(list).Items() {
			if endpointFlag.MatchString(v.Written()) {
				return true
			}
		}
	}
	for e := range c.Get("env").Items() {
		if strings.HasSuffix(e.Get("name").Text(), "ENDPOINT") && socketPath.MatchString(e.Get("value").Text()) {
			return true
		}
	}
	return false
}

// holdsSockets reports whether a volume is a folder that containers of a pod share sockets in: an emptyDir, or one that the
// kubelet has for a plugin. It has sockets of its own, too.
func holdsSockets(volume lint.Value) bool {
	plugin, ok := strings.CutPrefix(cleanPath(volume.Get("hostPath.path").Text()), "/var/lib/kubelet/")
	dir := volume.Get("emptyDir")
	_, missing := dir.Anchor()
	return dir.IsSet() || missing == "" || ok && plugin != "pod-resources" && plugin != "device-plugins"
}

// isForcedRoot reports whether the settings of a container say that it runs as root.
func isForcedRoot(c lint.PodOrContainer) bool {
	user, _ := c.Effective("securityContext.runAsUser")
	return isZero(user) || isPrivileged(c) && !user.IsSet()
}

// namedSockets are the sockets that the command line and the environment of a container name.
func namedSockets(c lint.PodOrContainer) (l []string) {
	add := func(v lint.Value) {
		for _, found := range socketPath.FindAllString(v.Written(), maxSockets-len(l)) {
			l = append(l, "/"+strings.TrimLeft(found, "/"))
		}
	}
	for _, list := range []string{"command", "args"} {
		for v := range c.Get(list).Items() {
			if len(l) < maxSockets {
				add(v)
			}
		}
	}
	for e := range c.Get("env").Items() {
		if len(l) < maxSockets {
			add(e.Get("value"))
		}
	}
	return l
}

// adviseOnFiles makes a fix say what another user than root could not use. hasUser is set if the container has another user
// already.
func adviseOnFiles(p *lint.Pass, d *lint.Diagnostic, hasUser bool) {
	if hasUser {
		return
	}
	if advice, ok := useSocket(p, d.Subject); ok {
		d.Fix = advice
	} else if d.Fix.Unless == "" {
		d.Fix.Unless = cmp.Or(usesNodeFiles(p, d.Subject), mayUseSocket(p, d.Subject))
	}
}

// adviseOnPod makes a fix say what needs root in the containers that take a field from their pod. then is what is to be done without that.
func adviseOnPod(p *lint.Pass, d *lint.Diagnostic, path, then string) {
	for _, c := range d.Subject.Workload.Containers {
		if user, _ := nonRootUser(c); user || c.Get(path).IsSet() {
			continue
		}
		if advice, ok := keepRoot(p, c, then+letWrite(c)); ok {
			d.Fix = advice
			return
		}
		of := lint.Diagnostic{Subject: c, Fix: d.Fix}
		adviseOnFiles(p, &of, false)
		d.Fix = of.Fix
	}
}

// usesNodeFiles is the reason to run as root that a container has which mounts the whole node, or logs of it: as another user
// it starts, and cannot use these files. It is empty for others.
func usesNodeFiles(p *lint.Pass, c lint.PodOrContainer) string {
	for _, isOfKind := range []func(clean string) bool{
		func(clean string) bool { return clean == "/" },
		func(clean string) bool { return below(clean, "/var/log") || below(clean, "/var/lib/docker/containers") },
	} {
		isRead := false
		folder := mountedPath(p, c, func(hostPath string, m mount) bool {
			isRead = m.readOnly()
			return isOfKind(cleanPath(hostPath))
		})
		switch {
		case folder == "":
		case isRead:
			return "the program reads files in " + folder + " of the node, which only root can read as a rule"
		default:
			return "the program reads or writes files in " + folder + " of the node, which only root can do as a rule"
		}
	}
	return ""
}

// letWrite is the end of advice to run a container as another user, where it writes to a folder of the node that the kubelet
// makes for root. It is empty if there is none.
func letWrite(c lint.PodOrContainer) string {
	made := map[string]string{}
	for v := range c.Workload.Pod.Get("volumes").Items() {
		if v.Get("hostPath.type").Text() == "DirectoryOrCreate" {
			made[v.Get("name").Text()] = v.Get("hostPath.path").Text()
		}
	}
	for m := range c.Get("volumeMounts").Items() {
		if folder := made[m.Get("name").Text()]; folder != "" && !m.Get("readOnly").True() {
			return ", which has to own " + folder + " of the node, since the kubelet makes that folder for root"
		}
	}
	return ""
}
