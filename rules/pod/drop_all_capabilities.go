package pod

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/naming"
)

// DropAllCapabilities reports containers that do not drop ALL capabilities.
//
// Container runtimes give each container about a dozen of root's capabilities, such as
// to change the owner of any file, to become any user, and to forge
// network packets. Few applications need one, and each helps an attacker.
//
// Pod Security compares the name exactly, so ALL must be in upper case. Runtimes
// accept it in any case, so other spellings have low severity. Dropping single
// capabilities is not enough. Only containers have the field. Pods with spec.os.name:
// windows are exempt from Kubernetes 1.25 on: the API server refuses the field there. Pods
// that only select Windows nodes, by kubernetes.io/os, have one finding of low severity: that spec.os.name is not set.
// Privileged containers have all capabilities whatever they drop: no-privileged-container reports them.
var DropAllCapabilities = &lint.Rule{
	ID:        "drop-all-capabilities",
	Title:     "Container keeps default capabilities",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-resource-minimums"},
	Refs: []lint.Ref{
		{Standard: restricted, Control: "Capabilities"},
		{Standard: cis, Control: "5.2.8"},
		{Standard: cis, Control: "5.2.9"},
		{Standard: nsa, Control: "Pod security enforcement"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "set securityContext.capabilities.drop: [ALL] on the container, and " + addBack,
	Check: lint.PodOrContainerCheck{Of: lint.Containers, Check: checkDropAll},
}

// addBack is what keeps the program running without the capabilities that it had.
const addBack = "add back only what it needs"

// addedIsLow is what another rule reports of capabilities that are added back, except NET_BIND_SERVICE.
const addedIsLow = ", which no-added-capabilities reports with low severity"

func checkDropAll(p *lint.Pass, h lint.PodOrContainer) {
	const path = "securityContext.capabilities.drop"
	if onWindows(p, h.Workload) || reportOS(p, h) || privilegedDecides(p, h) {
		return
	}
	drop := h.Get(path)
	var misspelt lint.Value
	for v := range drop.Items() {
		switch {
		case v.Text() == "ALL":
			return
		case strings.EqualFold(v.Text(), "ALL"):
			misspelt = v
		}
	}
	d := lint.Diagnostic{Subject: h, At: drop, Fix: lint.Intent{Value: "[ALL]", Also: addBack, Left: leftForUser(h)}}
	if example := neededCapability(p, h); example != "" {
		d.Fix.Also += ", such as " + example
		d.Fix.Title = "set " + path + ": [ALL] on the container, and " + d.Fix.Also
	}
	switch {
	case misspelt.IsSet():
		d.At, d.Fix, d.Severity = misspelt, lint.Intent{Title: "write ALL in upper case", Value: "ALL"}, lint.Low
		d.Message = h.Label() + " drops " + misspelt.Text() + " in " + path + ", which Pod Security does not accept; want ALL"
	case drop.IsSet():
		d.Message = h.Label() + " does not drop ALL in " + path + "; want [ALL]"
	default:
		d.Message = h.Label() + " does not set " + path + "; want [ALL]"
	}
	if isPrivileged(h) {
		also := cmp.Or(d.Fix.Also, addBack)
		d.Fix = fixPrivileged(p, h, "set "+path+": [ALL], and "+also+": a privileged container has every capability", "[ALL]")
		d.Fix.Also = also
	}
	p.Report(d)
}

// neededCapability is one that the fields of a container show that it needs, and for what. It is empty if they
// show none.
func neededCapability(p *lint.Pass, h lint.PodOrContainer) string {
	if buildsInRoot(h) {
		return "CHOWN, DAC_OVERRIDE, FOWNER, SETGID and SETUID for kaniko" + addedIsLow
	}
	var needs []string
	if need := neededForFiles(h); need != "" {
		needs = append(needs, need)
	}
	if runsSudo(h) {
		needs = append(needs, "SETGID and SETUID for sudo")
	}
	if len(needs) > 0 {
		return strings.Join(needs, ", and ") + addedIsLow
	}
	if port := lowPort(p, h); port != "" {
		example := "NET_BIND_SERVICE for port " + port
		if user, number := nonRootUser(h); !user && number == "" {
			example += ", and CHOWN, SETGID and SETUID if it starts as root and changes its user" + addedIsLow
		}
		return example
	}
	return ""
}

// neededForFiles is what a container needs that changes the owners or modes of files, and for what. With -R it reads the folders of other
// users, too, which DAC_OVERRIDE allows: DAC_READ_SEARCH would do, but Pod Security does not accept it. It is empty for other containers.
func neededForFiles(h lint.PodOrContainer) string {
	chowns, each := runsChown(h), slices.ContainsFunc(commandTexts(h), recursive.MatchString)
	switch {
	case chowns && each && changesModes(h): // whose files belong to others by then
		return "CHOWN, DAC_OVERRIDE and FOWNER for chown and chmod"
	case chowns && each:
		return "CHOWN and DAC_OVERRIDE for chown -R"
	case chowns:
		return "CHOWN for chown"
	case !onlyChangesModes(h):
		return ""
	case each:
		return "DAC_OVERRIDE and FOWNER for chmod -R"
	}
	return "FOWNER for chmod"
}

// recursive matches chown and chmod of all files in a folder.
var recursive = regexp.MustCompile(`(?:^|[\s;&|/("'])ch(?:own|mod)[ \t]+(?:[^\s;&|]+[ \t]+)*?(?:-[a-zA-Z]*R|--recursive)`)

// firstOpenPort is the first port that needs no capability.
const firstOpenPort = 1024

func isLowPort(v lint.Value) bool {
	n, ok := v.Int()
	return ok && n > 0 && n < firstOpenPort
}

// lowPort is the lowest port of a container that needs a capability: of those that it declares or, for the only container of a pod without
// such, of those to which Services lead. The sysctl that allows it allows the others, too. It is empty if there is none.
func lowPort(p *lint.Pass, h lint.PodOrContainer) string {
	var lowest lint.Value
	for port := range h.Get("ports").Items() {
		lowest = lowerPort(lowest, port.Get("containerPort"))
	}
	if lowest.IsSet() {
		return lowest.Text()
	}
	running := h.Workload.Select(lint.LongRunning)
	isHook := h.Workload.Object.Root.Get("metadata.annotations").Child(naming.HookAnnotation).IsSet()
	if isHook || h.Workload.Pod.Get("restartPolicy").Text() == "Never" { // it ends, so that it serves nothing, though a Service may select it
		return ""
	}
	if h.Get("ports").Len() > 0 || len(running) != 1 || running[0].Path() != h.Path() {
		return ""
	}
	c := cluster.Of(p)
	pods := c.PodsOf(h.Workload)
	if pods == nil {
		return ""
	}
	for _, s := range c.ServicesTo(pods) {
		for port := range s.Root.Get("spec.ports").Items() {
			to := port.Get("targetPort")
			if !to.IsSet() {
				to = port.Get("port")
			}
			lowest = lowerPort(lowest, to)
		}
	}
	return lowest.Text()
}

// lowerPort is a port that needs a capability if it is lower than the lowest so far, which is absent if there is none.
func lowerPort(lowest, port lint.Value) lint.Value {
	n, _ := port.Int()
	if least, ok := lowest.Int(); isLowPort(port) && (!ok || n < least) {
		return port
	}
	return lowest
}

// forLowPort is what a user other than root may need to listen on a port, as the rest of a sentence. It is empty if that is nothing.
func forLowPort(p *lint.Pass, h lint.PodOrContainer) string {
	port := lowPort(p, h)
	if port == "" || neverOnLinux(p, h.Workload) {
		return ""
	}
	return ", and the sysctl net.ipv4.ip_unprivileged_port_start: \"" + port + "\" on the pod if the runtime of the node keeps port " + port + " for root"
}
