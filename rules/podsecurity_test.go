package rules

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// podSecurity says which of our findings answer to which check of Pod Security
// Admission. Since is the first version in which both ask the same question.
var podSecurity = []struct {
	check policy.CheckID
	since int
	rules []narrowing
}{
	{"allowPrivilegeEscalation", 22, []narrowing{{Rule: "no-privilege-escalation"}}},
	{"appArmorProfile", 22, []narrowing{{Rule: "apparmor-profile"}}},
	{"capabilities_baseline", 22, []narrowing{{Rule: "no-added-capabilities", Severity: "high"}}},
	{"capabilities_restricted", 22, []narrowing{{Rule: "no-added-capabilities"}, {Rule: "drop-all-capabilities"}}},
	{"hostNamespaces", 22, []narrowing{{Rule: "no-host-network"}, {Rule: "no-host-pid"}, {Rule: "no-host-ipc"}}},
	{"hostPathVolumes", 22, []narrowing{{Rule: "no-host-path"}, {Rule: "no-sensitive-host-path"}, {Rule: "no-container-runtime-socket"}}},
	{"hostPorts", 22, []narrowing{{Rule: "no-host-port"}}},
	{"hostProbesAndHostLifecycle", 34, []narrowing{{Rule: "no-probe-host"}}},
	{"privileged", 22, []narrowing{{Rule: "no-privileged-container"}}},
	{"procMount", 22, []narrowing{{Rule: "proc-mount-default"}}},
	{"runAsNonRoot", 22, []narrowing{{Rule: "run-as-non-root"}}},
	{"runAsUser", 23, []narrowing{{Rule: "no-run-as-root-user", Path: "runAsUser"}}},
	{"seLinuxOptions", 22, []narrowing{{Rule: "selinux-options"}}},
	{"seccompProfile_baseline", 25, []narrowing{{Rule: "seccomp-profile", Says: " sets "}}},
	{"seccompProfile_restricted", 22, []narrowing{{Rule: "seccomp-profile"}}},
	{"sysctls", 22, []narrowing{{Rule: "no-unsafe-sysctls"}}},
	{"windowsHostProcess", 22, []narrowing{{Rule: "no-windows-host-process"}}},
}

// TestPodSecurity compares our rules with the library that the API server uses, over
// random pods and every version.
func TestPodSecurity(t *testing.T) {
	checks := map[policy.CheckID]policy.Check{}
	for _, c := range policy.DefaultChecks() {
		checks[c.ID] = c
	}
	var others []*lint.Rule // where no-privileged-container runs, they leave privileged containers to it
	privileged := []*lint.Rule{Find("no-privileged-container")}
	for _, m := range podSecurity {
		if _, ok := checks[m.check]; !ok {
			t.Fatalf("Pod Security has no check %s", m.check)
		}
		for _, r := range m.rules {
			if rule := Find(r.Rule); rule != privileged[0] && !slices.Contains(others, rule) {
				others = append(others, rule)
			}
		}
	}

	pods := 5_000
	if testing.Short() {
		pods = 1_000
	}
	g := generator{Rand: rand.New(rand.NewPCG(1, 2))}
	allowed, denied := map[policy.CheckID]int{}, map[policy.CheckID]int{}
	for range pods {
		text, err := json.Marshal(g.pod())
		if err != nil {
			t.Fatal(err)
		}
		var pod corev1.Pod
		if err := json.Unmarshal(text, &pod); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		minor := 22 + g.IntN(lint.Newest.Minor-22+1)
		findings := append(lintPod(t, others, text, minor), lintPod(t, privileged, text, minor)...)
		for _, m := range podSecurity {
			if minor < m.since {
				continue
			}
			theirs := revision(checks[m.check], minor)(&pod.ObjectMeta, &pod.Spec).Allowed
			ours := !slices.ContainsFunc(m.rules, func(n narrowing) bool {
				return slices.ContainsFunc(findings, func(f *lint.Finding) bool { return n.matches(oracleCase{}, f, findings) })
			})
			if theirs {
				allowed[m.check]++
			} else {
				denied[m.check]++
			}
			if ours != theirs {
				t.Errorf("v1.%d: %s: Pod Security allows: %v, we allow: %v: %s", minor, m.check, theirs, ours, text)
				return
			}
		}
	}
	for _, m := range podSecurity {
		t.Logf("%-26s allowed %6d, denied %6d", m.check, allowed[m.check], denied[m.check])
		if allowed[m.check] == 0 || denied[m.check] == 0 {
			t.Errorf("%s: the pods do not try both answers", m.check)
		}
	}
}

// revision is the form that a check has in a version.
func revision(c policy.Check, minor int) policy.CheckPodFn {
	var f policy.CheckPodFn
	version := api.MajorMinorVersion(1, minor)
	for _, v := range c.Versions {
		if !version.Older(v.MinimumVersion) {
			f = v.CheckPod
		}
	}
	return f
}

func lintPod(t *testing.T, all []*lint.Rule, text []byte, minor int) []*lint.Finding {
	t.Helper()
	source := manifest.NewSource("pod.json", text)
	u := &lint.Unit{Input: "pod.json"}
	for _, d := range manifest.Documents(text) {
		objects, _ := manifest.Objects(d.Node, source)
		u.Objects = append(u.Objects, objects...)
	}
	if len(u.Objects) != 1 {
		t.Fatalf("not read as an object: %s", text)
	}
	c := lint.Checker{Rules: all, Version: lint.Version{Major: 1, Minor: minor}, Profile: lint.Strict}
	findings, problems := c.Check(u)
	for _, p := range problems {
		t.Fatal(p.Message, p.Detail)
	}
	return findings
}

// generator makes random pods. Most fields are left out most of the time, so that
// good pods come up as well as bad ones.
type generator struct {
	*rand.Rand
	// seccompAnnotations is set for pods with annotations that Pod Security has
	// not looked at since 1.19, but kubelets did up to 1.26.
	seccompAnnotations bool
}

type object = map[string]any

// maybe sets a field to one of the values, or leaves it out.
func (g generator) maybe(o object, field string, values ...any) {
	if g.IntN(3) == 0 {
		o[field] = values[g.IntN(len(values))]
	}
}

func (g generator) pod() object {
	spec := object{}
	g.maybe(spec, "hostUsers", true, false, false, nil)
	windows := g.IntN(8) == 0
	if windows {
		spec["os"] = object{"name": "windows"}
	}
	if g.IntN(4) == 0 {
		g.maybe(spec, "hostNetwork", true, false)
		g.maybe(spec, "hostPID", true, false)
		g.maybe(spec, "hostIPC", true, false)
	}
	g.maybe(spec, "volumes",
		[]any{object{"name": "a", "emptyDir": object{}}},
		[]any{object{"name": "a", "hostPath": object{"path": "/"}}, object{"name": "b"}},
		[]any{object{"name": "a", "hostPath": nil}},
		[]any{object{"name": "a", "nfs": object{"server": "s", "path": "/"}}},
		[]any{object{"name": "a", "csi": object{"driver": "d"}}, object{"name": "b", "image": object{}}, object{"name": "c", "projected": object{}}},
		[]any{object{"name": "a", "configMap": object{"name": "c"}, "hostPath": object{"path": "/"}}},
	)
	if g.IntN(4) != 0 {
		sc := g.securityContext(windows)
		var names []string
		for _, s := range safeAndUnsafe {
			if g.IntN(12) == 0 {
				names = append(names, s)
			}
		}
		var sysctls []any
		for _, n := range names {
			sysctls = append(sysctls, object{"name": n, "value": "1"})
		}
		sc["sysctls"] = sysctls
		sc["supplementalGroups"] = []any{1 + g.IntN(2)}
		spec["securityContext"] = sc
	}
	containers := func(list, prefix string, n int) {
		var l []any
		for i := range n {
			l = append(l, g.container(fmt.Sprintf("%s%d", prefix, i), windows))
		}
		spec[list] = l
	}
	containers("containers", "app", 1+g.IntN(2))
	containers("initContainers", "init", g.IntN(2))
	containers("ephemeralContainers", "debug", g.IntN(2))
	meta := object{"name": "random"}
	g.maybe(meta, "annotations",
		object{"container.apparmor.security.beta.kubernetes.io/app0": "unconfined"},
		object{"container.apparmor.security.beta.kubernetes.io/app0": ""},
		object{"container.apparmor.security.beta.kubernetes.io/gone": "localhost"},
		object{"container.apparmor.security.beta.kubernetes.io/init0": "localhost/app"},
		object{"container.apparmor.security.beta.kubernetes.io/app1": "runtime/default"},
	)
	if g.seccompAnnotations {
		g.maybe(meta, "annotations",
			object{"seccomp.security.alpha.kubernetes.io/pod": "unconfined"},
			object{"seccomp.security.alpha.kubernetes.io/pod": "localhost/a"},
			object{"container.seccomp.security.alpha.kubernetes.io/app0": "unconfined"},
			object{"container.seccomp.security.alpha.kubernetes.io/gone": "unconfined"},
		)
	}
	return object{"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}
}

var safeAndUnsafe = strings.Fields(`kernel.shm_rmid_forced kernel.msgmax net.core.somaxconn net.ipv4.ip_local_port_range
	net.ipv4.tcp_syncookies net.ipv4.ping_group_range net.ipv4.ip_unprivileged_port_start net.ipv4.ip_local_reserved_ports
	net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes
	net.ipv4.tcp_rmem net.ipv4.tcp_wmem net.ipv4.tcp_slow_start_after_idle net.ipv4.tcp_notsent_lowat`)

// securityContext sets what pods and containers have in common.
func (g generator) securityContext(windows bool) object {
	sc := object{}
	g.maybe(sc, "runAsNonRoot", true, true, true, false, nil)
	g.maybe(sc, "runAsUser", 0, 1, 1000, nil)
	g.maybe(sc, "runAsGroup", 0, 1000)
	g.maybe(sc, "seccompProfile",
		object{"type": "RuntimeDefault"}, object{"type": "RuntimeDefault"}, object{"type": "Localhost", "localhostProfile": "a.json"},
		object{"type": "Unconfined"}, object{"type": ""}, nil)
	if windows { // the API server refuses it there
		delete(sc, "seccompProfile")
	}
	g.maybe(sc, "appArmorProfile", object{"type": "RuntimeDefault"}, object{"type": "Localhost"}, object{"type": "Unconfined"}, object{}, nil)
	g.maybe(sc, "seLinuxOptions",
		object{"type": "container_t"}, object{"type": "container_engine_t", "level": "s0"}, object{"type": "spc_t"},
		object{"user": "system_u"}, object{"role": "r", "type": ""}, object{"user": ""}, object{}, nil)
	g.maybe(sc, "windowsOptions", object{"hostProcess": true}, object{"hostProcess": false}, object{"hostProcess": nil}, object{})
	return sc
}

func (g generator) container(name string, windows bool) object {
	c := object{"name": name, "image": "registry.example.com/app:1.4.2"}
	g.maybe(c, "restartPolicy", "Always")
	g.maybe(c, "ports",
		[]any{object{"containerPort": 80}}, []any{object{"containerPort": 80, "hostPort": 0}},
		[]any{object{"containerPort": 80, "hostPort": nil}, object{"containerPort": 81, "hostPort": 81}})
	if g.IntN(8) == 0 {
		kind := []string{"httpGet", "tcpSocket"}[g.IntN(2)]
		handler := object{kind: object{"port": 80}}
		g.maybe(handler, kind, object{"port": 80, "host": "127.0.0.1"}, object{"port": 80, "host": ""})
		g.maybe(c, "livenessProbe", handler)
		g.maybe(c, "startupProbe", handler)
		g.maybe(c, "lifecycle", object{"preStop": handler}, object{"postStart": handler})
	}
	if g.IntN(6) == 0 {
		return c
	}
	sc := g.securityContext(windows)
	g.maybe(sc, "privileged", true, false, nil)
	if g.IntN(3) != 0 {
		sc["allowPrivilegeEscalation"] = false
	}
	g.maybe(sc, "allowPrivilegeEscalation", true, false, nil)
	g.maybe(sc, "procMount", "Default", "Unmasked", "", nil)
	if windows { // the API server refuses capabilities there
		c["securityContext"] = sc
		return c
	}
	capabilities := object{}
	if g.IntN(3) != 0 {
		capabilities["drop"] = []any{"ALL"}
	}
	g.maybe(capabilities, "drop", []any{"all"}, []any{"NET_RAW", "ALL"}, []any{"NET_RAW"}, []any{}, nil)
	g.maybe(capabilities, "add", []any{"NET_BIND_SERVICE"}, []any{"CHOWN", "NET_BIND_SERVICE"}, []any{"SYS_ADMIN"}, []any{"CAP_CHOWN"}, []any{"ALL"}, []any{}, nil)
	sc["capabilities"] = capabilities
	c["securityContext"] = sc
	return c
}
