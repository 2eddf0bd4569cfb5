package validity

import (
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	podfields "github.com/kubevet/kubevet/lint/pods"
)

// ValidPod reports fields of pods that the API server refuses: dnsPolicy None without a name
// server, a host's process namespace together with a shared one, names that are none.
//
// The API server refuses such a pod. For a Deployment or Job it may do so only when the controller
// makes the pod, and no error is shown: the old version keeps running.
//
// Scheduling, volumes and containers have rules of their own. Pods of custom resources are not
// checked.
var ValidPod = &lint.Rule{
	ID:        "valid-pod",
	Title:     "Fields of a pod are not valid together",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "change or remove the field that the API server refuses",
	Check: pods(
		row{"dnsPolicy", func(s subject, v lint.Value) {
			if v.Text() == "None" && isEmpty(s.Get("dnsConfig.nameservers")) {
				s.refuse(s.Get("dnsConfig.nameservers"), "must have at least one server when dnsPolicy is None", "it set")
			}
		}},
		row{"dnsConfig.nameservers", atMost(3)},
		row{"dnsConfig.nameservers[]", ip},
		row{"dnsConfig.searches", atMost(32)},
		row{"dnsConfig.options[]", requires("name")},
		row{"dnsConfig.searches[]", searchDomain},
		row{"resourceClaims[]", requires("name")},
		row{"resourceClaims[]", since(34, oneField("one of resourceClaimName and resourceClaimTemplateName", "resourceClaimName", "resourceClaimTemplateName"))},
		row{"schedulingGates[]", requires("name")},
		row{"schedulingGates[].name", qualified},
		row{"readinessGates[]", requires("conditionType")},
		row{"restartPolicy", func(s subject, v lint.Value) {
			if s.object.Kind == "Pod" { // restart-policy has the others
				oneOf("Always", "OnFailure", "Never")(s, v)
			}
		}},
		row{"hostAliases[].ip", ip},
		row{"hostAliases[]", requires("ip")},
		row{"hostAliases[].hostnames[]", dnsSubdomain},
		row{"hostname", hostName},
		row{"subdomain", hostName},
		row{"hostnameOverride", dnsSubdomain},
		row{"nodeName", dnsSubdomain},
		row{"serviceAccountName", dnsSubdomain},
		row{"priorityClassName", dnsSubdomain},
		row{"runtimeClassName", dnsSubdomain},
		row{"activeDeadlineSeconds", func(s subject, v lint.Value) {
			if s.object.Group() != "apps" && s.object.Kind != "ReplicationController" { // whose pods may have none: see valid-workload
				between(1, 2147483647)(s, v)
			}
		}},
		row{"securityContext.runAsUser", userID},
		row{"securityContext.runAsGroup", userID},
		row{"securityContext.fsGroup", userID},
		row{"securityContext.supplementalGroups[]", userID},
		row{"securityContext.supplementalGroupsPolicy", oneOf("Merge", "Strict")},
		row{"securityContext.seLinuxChangePolicy", oneOf("Recursive", "MountOption")},
		row{"securityContext.seccompProfile", localhostProfile("seccomp", true)},
		row{"securityContext.appArmorProfile", localhostProfile("AppArmor", false)},
		row{"securityContext.sysctls[]", sysctl},
		row{"securityContext.sysctls", unique("name")},
		row{"readinessGates[].conditionType", qualified},
		row{"os", requires("name")},
		row{"os.name", oneOf("linux", "windows")},
		row{"shareProcessNamespace", func(s subject, v lint.Value) {
			if v.True() && s.Get("hostPID").True() {
				s.refuseFor(v, "may not be true when hostPID is true", "one of the two removed", "remove hostPID: true or "+s.path(v)+": true")
			}
		}},
		row{"hostUsers", hostUsers},
		row{"schedulingGates", unique("name")},
		row{"nodeName", func(s subject, v lint.Value) {
			if !isEmpty(v) && s.Get("schedulingGates").Len() > 0 {
				s.refuse(v, "may not be set until all schedulingGates are removed", "it removed")
			}
		}},
		row{"overhead{}", notNegative},
		row{"resources.requests{}", notNegative},
		row{"resources.limits{}", notNegative},
		row{"ephemeralContainers", func(s subject, v lint.Value) {
			if v.Len() > 0 {
				s.refuse(v, "may be added to a running pod only", "it removed")
			}
		}},
		row{"", windowsPod},
		row{"", hostPorts},
		row{"", hostProcess},
		row{"", appArmor},
	),
}

// hostName is a pod's name in DNS. Those of a StatefulSet have names of their own.
func hostName(s subject, v lint.Value) {
	if s.object.Kind != "StatefulSet" {
		dnsLabel(s, v)
	}
}

// searchDomain is a domain in which a pod looks for names.
func searchDomain(s subject, v lint.Value) {
	text("must be a DNS subdomain", "a domain such as svc.cluster.local", func(t string) []string {
		t = strings.TrimSuffix(t, ".")
		if s.Version.AtLeast(33) { // underscores are taken from then on, and so is a single dot
			t = strings.ReplaceAll(t, "_", "a")
		}
		if t == "" {
			return nil
		}
		return validation.IsDNS1123Subdomain(t)
	})(s, v)
}

// sysctlName is the form of a sysctl: words that dots or slashes join.
var sysctlName = regexp.MustCompile(`^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$`)

func sysctl(s subject, v lint.Value) {
	name := v.Get("name")
	required(s, name)
	text("must be a sysctl's name", "lower-case letters, digits, - and _, joined by dots", func(t string) []string {
		if len(t) > 253 || !sysctlName.MatchString(strings.ToLower(t)) || strings.ToLower(t) != t {
			return []string{t}
		}
		return nil
	})(s, name)
	dotted := strings.ReplaceAll(name.Text(), "/", ".")
	switch {
	case strings.HasPrefix(dotted, "net.") && s.Get("hostNetwork").True():
		s.refuse(name, "may not be specified when hostNetwork is true", "it removed")
	case isIPC(dotted) && s.Get("hostIPC").True():
		s.refuse(name, "may not be specified when hostIPC is true", "it removed")
	}
}

// isIPC reports the sysctls that belong to a pod's IPC namespace.
func isIPC(name string) bool {
	return strings.HasPrefix(name, "kernel.shm") || strings.HasPrefix(name, "kernel.msg") || strings.HasPrefix(name, "fs.mqueue.") || name == "kernel.sem"
}

// hostUsers is a user namespace of the pod's own, which shares none of the node's others.
func hostUsers(s subject, v lint.Value) {
	if on, set := v.Bool(); !set || on {
		return
	}
	for _, field := range []string{"hostNetwork", "hostPID", "hostIPC"} {
		if w := s.Get(field); w.True() {
			s.refuseFor(w, "may not be true when hostUsers is false", "one of the two removed", "remove hostUsers: false or "+s.path(w)+": true")
		}
	}
}

// windowsPod are the fields that Windows pods lack, or that only they have.
func windowsPod(s subject, v lint.Value) {
	fields := podfields.LinuxPodFields
	reason := "may not be set when os.name is windows"
	switch v.Get("os.name").Text() {
	case "windows":
	case "linux":
		fields, reason = []string{"securityContext.windowsOptions"}, "may not be set when os.name is linux"
	default:
		return
	}
	for _, f := range fields {
		if w := v.Get(f); w.IsSet() && (!strings.HasPrefix(f, "host") || f == "hostUsers" || w.True()) {
			s.refuse(w, reason, "it removed")
		}
	}
}

// hostPorts are ports of the node, each of which one container can have.
func hostPorts(s subject, _ lint.Value) {
	seen := map[string]bool{}
	for _, c := range s.part.Workload.Containers {
		if c.Kind == lint.KindInit {
			continue
		}
		for port := range c.Get("ports").Items() {
			host := port.Get("hostPort")
			if n, ok := host.Int(); !ok || n == 0 || !known(port.Get("hostIP"), port.Get("protocol")) {
				continue
			}
			protocol := port.Get("protocol").Text()
			if protocol == "" {
				protocol = "TCP"
			}
			key := protocol + " " + port.Get("hostIP").Text() + " " + host.Text()
			if seen[key] {
				s.refuseFor(host, "is a duplicate value", "each once", s.changeDuplicate(host))
			}
			seen[key] = true
		}
	}
}

// hostProcess is what the API server demands of Windows pods whose containers are processes of the node: all
// of them are, and the pod has the network of the node.
func hostProcess(s subject, pod lint.Value) {
	const field = "securityContext.windowsOptions.hostProcess"
	ofPod := pod.Get(field)
	if !known(ofPod) {
		return
	}
	var own, others []lint.Value
	for _, c := range s.part.Workload.Containers {
		v := c.Get(field)
		if !known(v) {
			return
		}
		on, set := v.Bool()
		byPod, setByPod := ofPod.Bool()
		switch {
		case set && setByPod && on != byPod:
			s.refuseFor(v, "must be that of the pod", "the same in both", "remove hostProcess from the container or from the pod")
			return
		case on || !set && byPod:
			own = append(own, v)
		default:
			others = append(others, v)
		}
	}
	if len(own) == 0 {
		return
	}
	if len(others) > 0 {
		s.refuseFor(others[0], "must be true for all containers of a pod, or for none", "true", "set hostProcess: true for all containers, or move those without it to a pod of their own")
	}
	if network := pod.Get("hostNetwork"); known(network) && !network.True() {
		s.refuse(network, "must be true when a container sets hostProcess: true", "true")
	}
}

// appArmorPrefix begins the annotations with AppArmor profiles; the name of a container follows.
const appArmorPrefix = "container.apparmor.security.beta.kubernetes.io/"

// appArmor compares the annotations with AppArmor profiles with the containers and their fields.
func appArmor(s subject, pod lint.Value) {
	byContainer := map[string]lint.PodOrContainer{}
	for _, c := range s.part.Workload.Containers {
		if !known(c.Get("name")) {
			return
		}
		byContainer[c.Name] = c
	}
	for key, v := range s.part.Workload.Metadata.Get("annotations").Entries() {
		name, ok := strings.CutPrefix(key, appArmorPrefix)
		if !ok || node.MayHavePlaceholder(key) {
			continue
		}
		c, exists := byContainer[name]
		if !exists {
			at := s
			at.isKey = true
			at.refuseFor(v.AtKey(), "names a container that the pod does not have", "the name of a container", "rename or remove the annotation "+key)
			continue
		}
		profile := c.Get("securityContext.appArmorProfile")
		if !profile.IsSet() {
			profile = pod.Get("securityContext.appArmorProfile")
		}
		if profile.IsSet() && known(profile, profile.Get("type"), profile.Get("localhostProfile"), v) && pod.Get("os.name").Text() != "windows" && s.Version.AtLeast(30) && v.Text() != annotationOf(profile) {
			s.refuseFor(v, "must be the same profile as appArmorProfile", annotationOf(profile), "remove the annotation "+key+", which appArmorProfile replaces")
		}
	}
}

// annotationOf is the annotation that says the same as an AppArmor profile.
func annotationOf(profile lint.Value) string {
	switch profile.Get("type").Text() {
	case "Unconfined":
		return "unconfined"
	case "RuntimeDefault":
		return "runtime/default"
	}
	return "localhost/" + profile.Get("localhostProfile").Text()
}
