package validity

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubevet/kubevet/lint"
	podfields "github.com/kubevet/kubevet/lint/pods"
	"github.com/kubevet/kubevet/lint/suggest"
)

// ValidContainer reports fields of containers that the API server refuses: a variable with a
// value and a source, a path that leaves its volume, a negative request, an unknown resource.
//
// The API server refuses such a pod. For a Deployment or Job it may do so only when the controller
// makes the pod, and no error is shown: the old version keeps running.
//
// Ports, names, probes and quantities that cannot be read have rules of their own. Containers of
// custom resources are not checked. Since Kubernetes 1.32 the name of a variable may hold anything
// but =.
var ValidContainer = &lint.Rule{
	ID:        "valid-container",
	Title:     "Fields of a container are not valid together",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "change or remove the field that the API server refuses",
	Check: containers(
		row{"image", func(s subject, v lint.Value) {
			if v.IsScalar() && strings.TrimSpace(v.Node.Value) != v.Node.Value && strings.TrimSpace(v.Node.Value) != "" {
				s.refuseFor(v, "must not have leading or trailing whitespace", "it without", "remove the whitespace around "+s.path(v))
			}
		}},
		row{"env[]", variable},
		row{"envFrom[]", variables},
		row{"volumeMounts[]", mount},
		row{"volumeDevices[]", requires("name", "devicePath")},
		row{"volumeDevices[].name", blockVolume},
		row{"resources.requests{}", amount},
		row{"resources.limits{}", amount},
		row{"resources.requests", keys(resourceName)},
		row{"resources.limits", keys(resourceName)},
		row{"ports[]", containerPort},
		row{"securityContext", privileges},
		row{"securityContext", windowsContainer},
		row{"securityContext.seccompProfile", localhostProfile("seccomp", true)},
		row{"securityContext.appArmorProfile", localhostProfile("AppArmor", false)},
		row{"securityContext.runAsUser", userID},
		row{"securityContext.runAsGroup", userID},
		row{"lifecycle.postStart", handler},
		row{"lifecycle.preStop", handler},
		row{"resizePolicy[]", requires("resourceName", "restartPolicy")},
		row{"resizePolicy[].resourceName", oneOf("cpu", "memory")},
		row{"resizePolicy[].restartPolicy", oneOf("NotRequired", "RestartContainer")},
		row{"resizePolicy", unique("resourceName")},
		row{"securityContext.procMount", procMount},
		row{"volumeMounts[].recursiveReadOnly", since(31, oneOf("Disabled", "IfPossible", "Enabled"))},
		row{"volumeDevices[].devicePath", noParent},
		row{"volumeDevices", all(unique("name"), unique("devicePath"))},
		row{"resources.claims[]", requires("name")},
		row{"resources.claims[].name", since(34, claimOfPod)},
		row{"restartPolicyRules[].action", since(35, oneOf("Restart", "RestartAllContainers"))},
		row{"restartPolicyRules", since(35, func(s subject, v lint.Value) { // earlier versions drop the field
			if policy := s.Get("restartPolicy"); v.Len() > 0 && !policy.IsSet() {
				s.refuse(policy, "is required when restartPolicyRules are set", "it set")
			}
		})},
		row{"", onlyOfLongRunning},
	),
}

// userID is the range of users and groups.
var userID = between(0, 2147483647)

// oneSource is where the value of a variable comes from.
var oneSource = oneField("one of fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef or fileKeyRef", "fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")

// variable is an element of env.
func variable(s subject, v lint.Value) {
	name, value, source := v.Get("name"), v.Get("value"), v.Get("valueFrom")
	required(s, name)
	variableName(s, name)
	if !source.IsMap() || !known(source) {
		return
	}
	if !isEmpty(value) {
		s.refuseFor(source, "may not be specified when value is not empty", "one of the two", "remove "+s.path(source)+" or value")
		return
	}
	oneSource(s, source)
	if ref := source.Get("fieldRef"); ref.IsMap() {
		required(s, ref.Get("fieldPath"))
		podField(s, ref.Get("fieldPath"), "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
			"status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs", "metadata.labels['KEY']", "metadata.annotations['KEY']")
	}
	if ref := source.Get("resourceFieldRef"); ref.IsMap() {
		resourceField(s, ref.Get("resource"))
	}
	for _, kind := range []string{"configMapKeyRef", "secretKeyRef"} {
		if ref := source.Get(kind); ref.IsMap() {
			required(s, ref.Get("key"))
			configKey(s, ref.Get("key"))
			required(s, ref.Get("name"))
			if s.Version.AtLeast(37) {
				dnsSubdomain(s, ref.Get("name"))
			}
		}
	}
}

// procMount is how much of /proc a container sees.
func procMount(s subject, v lint.Value) {
	oneOf("Default", "Unmasked")(s, v)
	users := s.part.Workload.Pod.Get("hostUsers")
	if on, set := users.Bool(); v.Text() == "Unmasked" && users.IsKnown() && (on || !set) && s.Version.AtLeast(33) {
		s.refuseFor(v, "may be Unmasked only when hostUsers is false", "hostUsers: false", "set hostUsers: false on the pod, or remove "+s.path(v))
	}
}

// variableName is a name that a shell takes, or since 1.32 any without =.
func variableName(s subject, v lint.Value) {
	if s.Version.AtLeast(32) {
		relaxedName(s, v)
		return
	}
	shellName(s, v)
}

var (
	relaxedName = text("must consist of printable ASCII characters other than =", "a name such as MY_NAME", validation.IsRelaxedEnvVarName)
	shellName   = text("must be a valid environment variable name", "a name such as MY_NAME", validation.IsEnvVarName)
)

// podField is a field of the pod that the downward API offers.
func podField(s subject, v lint.Value, paths ...string) {
	if !v.IsScalar() || !v.IsKnown() || v.Node.Value == "" {
		return
	}
	path := v.Node.Value
	if name, rest, ok := strings.Cut(path, "['"); ok && strings.HasSuffix(rest, "']") {
		path = name + "['KEY']"
	}
	if !slices.Contains(paths, path) {
		want := suggest.Closest(path, paths)
		if want == "" {
			want = "one of " + strings.Join(paths, ", ")
		}
		s.refuse(v, "is not a field that the downward API offers", want)
	}
}

// resourceField is a resource of the container that the downward API offers.
func resourceField(s subject, v lint.Value) {
	required(s, v)
	name := v.Text()
	if strings.HasPrefix(name, "requests.hugepages-") || strings.HasPrefix(name, "limits.hugepages-") {
		return
	}
	oneOf("limits.cpu", "limits.memory", "limits.ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage")(s, v)
}

// variables is an element of envFrom.
func variables(s subject, v lint.Value) {
	if s.Version.AtLeast(37) {
		dnsSubdomain(s, v.Get("configMapRef.name"))
		dnsSubdomain(s, v.Get("secretRef.name"))
	}
	oneField("one of configMapRef or secretRef", "configMapRef", "secretRef")(s, v)
	variableName(s, v.Get("prefix"))
	for _, ref := range []lint.Value{v.Get("configMapRef"), v.Get("secretRef")} {
		requires("name")(s, ref)
	}
}

// placed is what a mount must have.
var placed = requires("name", "mountPath")

// mount is an element of volumeMounts.
func mount(s subject, v lint.Value) {
	placed(s, v)
	sub, expr, propagation := v.Get("subPath"), v.Get("subPathExpr"), v.Get("mountPropagation")
	localPath(s, sub)
	localPath(s, expr)
	// $(NAME) is what subPathExpr is for, and no placeholder.
	if !isEmpty(sub) && !isEmpty(expr) && (expr.IsKnown() || expr.IsScalar() && strings.Contains(expr.Node.Value, "$(")) {
		s.refuseFor(sub, "may not be specified together with subPathExpr", "one of the two", "remove "+s.path(sub)+" or subPathExpr")
	}
	if privileged, _ := s.Get("securityContext.privileged").Bool(); propagation.Text() == "Bidirectional" && !privileged && s.Get("securityContext.privileged").IsKnown() {
		s.refuse(propagation, "is available to privileged containers only", "HostToContainer or None")
	}
	recursive := v.Get("recursiveReadOnly")
	if mode := recursive.Text(); (mode == "Enabled" || mode == "IfPossible") && known(v.Get("readOnly"), propagation) {
		if !v.Get("readOnly").True() {
			s.refuseFor(recursive, "may be specified only when readOnly is true", "readOnly: true", "set readOnly: true on the volume mount, or remove "+s.path(recursive))
		} else if p := propagation.Text(); p != "" && p != "None" {
			s.refuseFor(recursive, "may be specified only when mountPropagation is None or unset", "no mountPropagation", "remove mountPropagation or "+s.path(recursive))
		}
	}
}

// blockVolume is the name of a volume that a container uses as a device. Volumes that a StatefulSet makes are claims.
func blockVolume(s subject, v lint.Value) {
	for volume := range s.part.Workload.Pod.Get("volumes").Items() {
		if name := volume.Get("name"); name.Text() == "" || name.Text() != v.Text() {
			continue
		}
		if volume.IsMap() && known(volume) && len(setFields(volume, "persistentVolumeClaim", "ephemeral")) == 0 {
			s.refuseFor(v, "must be a volume of type persistentVolumeClaim or ephemeral", "such a volume", "use a volume of type persistentVolumeClaim or ephemeral, or move "+s.path(v)+" to volumeMounts")
		}
	}
}

// claimOfPod is the name of a claim to devices, which the pod must have.
func claimOfPod(s subject, v lint.Value) {
	claims := s.part.Workload.Pod.Get("resourceClaims")
	if !v.IsScalar() || !v.IsKnown() || v.Node.Value == "" || !known(claims) {
		return
	}
	var names []string
	for claim := range claims.Items() {
		if !known(claim, claim.Get("name")) {
			return
		}
		names = append(names, claim.Get("name").Text())
	}
	if !slices.Contains(names, v.Node.Value) {
		want := suggest.Closest(v.Node.Value, names)
		if want == "" {
			want = "a name in resourceClaims"
		}
		s.refuse(v, "must be one of the pod's resourceClaims", want)
	}
}

// amount is an amount in requests or limits.
func amount(s subject, v lint.Value) {
	notNegative(s, v)
	if v.Key() == nil {
		return
	}
	name := v.Key().Value
	if q, ok := quantity(v); ok && q.Sign() >= 0 && isExtended(name) && q.MilliValue()%1000 != 0 {
		s.refuse(v, "must be an integer", "a whole number")
	}
}

// isExtended reports the names of devices: those with a domain other than Kubernetes' own.
func isExtended(name string) bool {
	domain, _, ok := strings.Cut(name, "/")
	return ok && domain != "kubernetes.io" && !strings.HasSuffix(domain, ".kubernetes.io") || strings.HasPrefix(name, "hugepages-")
}

// resourceName is a key of requests or limits.
func resourceName(s subject, v lint.Value) {
	qualified(s, v)
	name := v.Text()
	if name == "" || strings.Contains(name, "/") || strings.HasPrefix(name, "hugepages-") || len(isQualified(name)) > 0 {
		return
	}
	standard := []string{"cpu", "memory", "ephemeral-storage"}
	if !slices.Contains(standard, name) {
		s.refuse(v, "must be a standard resource for containers, or a name with a domain", list(standard))
	}
}

// containerPort is an element of ports.
func containerPort(s subject, v lint.Value) {
	host, port, network := v.Get("hostPort"), v.Get("containerPort"), s.part.Workload.Pod.Get("hostNetwork")
	h, ok1 := host.Int()
	c, ok2 := port.Int()
	if ok1 && ok2 && network.True() && h != 0 && h != c {
		s.refuse(host, "must match containerPort when hostNetwork is true", port.Text())
	}
}

// privileges are fields of the securityContext that contradict each other.
func privileges(s subject, v lint.Value) {
	escalation := v.Get("allowPrivilegeEscalation")
	if allowed, set := escalation.Bool(); !set || allowed {
		return
	}
	if v.Get("privileged").True() {
		s.refuseFor(escalation, "may not be false when privileged is true", "one of the two changed", "remove privileged: true or "+s.path(escalation))
		return
	}
	for c := range v.Get("capabilities.add").Items() {
		if c.Text() == "CAP_SYS_ADMIN" {
			s.refuseFor(escalation, "may not be false when capabilities.add has CAP_SYS_ADMIN", "one of the two changed", "remove CAP_SYS_ADMIN from capabilities.add, or remove "+s.path(escalation))
		}
	}
}

// localhostProfile is the profile of a seccomp or AppArmor type.
func localhostProfile(what string, isPath bool) constraint {
	return func(s subject, v lint.Value) {
		typ, profile := v.Get("type"), v.Get("localhostProfile")
		if !v.IsMap() || !known(v, typ, profile) {
			return
		}
		required(s, typ)
		switch local := typ.Text() == "Localhost"; {
		case local && !profile.IsSet():
			s.refuse(profile, "is required when the "+what+" type is Localhost", "it set")
		case local && isPath:
			localPath(s, profile)
		case !local && typ.Text() != "" && profile.IsSet():
			s.refuse(profile, "may be set only when the "+what+" type is Localhost", "it removed")
		}
	}
}

// onlyOfLongRunning are the fields that containers lack which run to an end, or come later.
func onlyOfLongRunning(s subject, _ lint.Value) {
	var fields []string
	reason := ""
	if s.part.Kind == lint.KindInit && s.Get("restartPolicy").IsKnown() {
		fields, reason = []string{"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"}, "may not be set for init containers without restartPolicy: Always"
	} else if s.part.Kind == lint.KindEphemeral {
		fields, reason = []string{"ports", "lifecycle", "livenessProbe", "readinessProbe", "startupProbe", "resources"}, "may not be set for ephemeral containers"
	}
	for _, f := range fields {
		forbidden(reason)(s, s.Get(f))
	}
}

// windowsContainer are the fields that containers of Windows pods lack, or that only they have.
func windowsContainer(s subject, _ lint.Value) {
	fields, system := podfields.LinuxContainerFields, s.part.Workload.Pod.Get("os.name").Text()
	switch system {
	case "windows":
	case "linux":
		fields = []string{"securityContext.windowsOptions"}
	default:
		return
	}
	for _, f := range fields {
		if v := s.Get(f); v.IsSet() {
			s.refuse(v, "may not be set when os.name is "+system, "it removed")
		}
	}
}
