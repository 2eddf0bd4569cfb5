package secrets

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

var (
	// callsAPI matches a call of kubectl or oc at the place of a command, with what it is to do.
	callsAPI = regexp.MustCompile("(?m)(?:^|[;&|({`]|\\b(?:then|do|else|if|while|until|exec|time|xargs)\\s|!\\s|\\s-\\w*c\\s)\\s*(?:[A-Z_]+=\\S*\\s+)*[\"']?(?:/\\S*/)?(?:kubectl|oc)\\s+(?:--?[\\w-]+(?:=\\S*)?\\s+)*([a-z][a-z-]*)")
	// ofKubectl matches the names of images that run kubectl.
	ofKubectl = regexp.MustCompile(`(?:^|/)kubectl(?:[:@][^/]*)?$`)
	// ownCredentials matches what gives kubectl other credentials than the token.
	ownCredentials = regexp.MustCompile(`--kubeconfig|--token|KUBECONFIG`)
	// leads matches the flags by which replicas choose their leader, for which they keep a Lease in the cluster.
	leads = regexp.MustCompile(`^--?(?:enable-)?leader-elect(?:ion)?(?:=(?i:true|1))?$`)
)

// usesToken reports whether a pod shows that it uses the token of its service account: by the command of a container, a script
// that it mounts, a label, or annotations for an agent that is put beside it.
func usesToken(p *lint.Pass, w *lint.Workload) bool {
	return runsWithToken(w) || isScaledByRay(w) || reachesServer(w) || hasAgent(w) || getsFromVault(w) || mountsCaller(p, w)
}

// isScaledByRay reports the head of a cluster of Ray that scales itself: KubeRay adds the container of the autoscaler to it, which changes the
// cluster by the API server.
func isScaledByRay(w *lint.Workload) bool {
	at, isHead := strings.CutSuffix(w.Template.Path(), "headGroupSpec.template")
	return isHead && w.Group() == "ray.io" && w.Root.Get(at+"enableInTreeAutoscaling").Text() == "true"
}

// hasAgent reports whether the injector of Vault or OpenBao gives a pod an agent that logs in with the pod's token, as its annotations say: one that
// turns it on, and one with the role, or the configuration that has it. The injector copies the mount of the token, and refuses a pod that has none, unless
// an annotation names another volume with a token.
func hasAgent(w *lint.Workload) bool {
	return slices.ContainsFunc([]string{"vault.hashicorp.com/", "openbao.openbao.org/"}, func(prefix string) bool {
		has := func(name string) bool { return w.Annotation(prefix+name).Written() != "" }
		on, _ := strconv.ParseBool(w.Annotation(prefix + "agent-inject").Text())
		return on && (has("role") || has("auth-config-role") || has("agent-configmap")) && !has("agent-service-account-token-volume-name")
	})
}

// getsFromVault reports whether the webhook of Bank-Vaults has a pod log in to Vault with its token for the values of its variables, as its annotations and
// these say: vault:secret/data/shop#PASSWORD. The webhook copies the mount of the token.
func getsFromVault(w *lint.Workload) bool {
	isOn := slices.ContainsFunc([]string{"secrets-webhook.security.bank-vaults.io/", "vault.security.banzaicloud.io/"}, func(prefix string) bool {
		method := w.Annotation(prefix + "vault-auth-method").Text()
		hasAddress := w.Annotation(prefix+"vault-addr").Written() != "" || w.Annotation(prefix+"provider").Text() == "vault"
		return hasAddress && (method == "" || method == "jwt" || method == "kubernetes")
	})
	return isOn && slices.ContainsFunc(w.Containers, func(c lint.PodOrContainer) bool {
		for env := range c.Get("env").Items() {
			if strings.HasPrefix(strings.TrimPrefix(env.Get("value").Text(), ">>"), "vault:") {
				return true
			}
		}
		return false
	})
}

// runsWithToken reports whether the command of a container shows that it uses the token.
func runsWithToken(w *lint.Workload) bool {
	return slices.ContainsFunc(w.Containers, func(c lint.PodOrContainer) bool {
		var words []string
		for _, list := range []string{"command", "args"} {
			for v := range c.Get(list).Items() {
				word := v.Written()
				if leads.MatchString(word) || callsCluster(word) || readsToken(c, word) {
					return true
				}
				words = append(words, word)
			}
		}
		for v := range c.Get("env").Items() {
			if readsToken(c, v.Get("value").Written()) {
				return true
			}
		}
		if len(words) > 0 && !c.Get("command").IsSet() && ofKubectl.MatchString(c.Get("image").Text()) {
			words = append([]string{"kubectl"}, words...)
		}
		return callsCluster(strings.Join(words, " "))
	})
}

// callsCluster reports whether a command calls the API server with the token.
func callsCluster(command string) bool {
	if !strings.Contains(command, "kubectl") && !strings.Contains(command, "oc ") || ownCredentials.MatchString(command) {
		return false
	}
	for _, m := range callsAPI.FindAllStringSubmatch(command, -1) {
		if !slices.Contains([]string{"version", "kustomize", "config", "completion", "help", "options", "plugin"}, m[1]) {
			return true
		}
	}
	return false
}

// tokenFolder is where the kubelet mounts the token, the authority and the namespace, unless the field forbids it.
const tokenFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

// readsToken reports whether a text names the folder of the token, which no volume of the pod's own gives.
func readsToken(c lint.PodOrContainer, text string) bool {
	if !strings.Contains(text, tokenFolder) {
		return false
	}
	for m := range c.Get("volumeMounts").Items() {
		if strings.HasPrefix(m.Get("mountPath").Text(), tokenFolder) {
			return false
		}
	}
	return true
}

// opensServer matches the keys of labels by which network policies let pods reach the API server.
var opensServer = regexp.MustCompile(`(?i)(?:^|[/._-])k(?:8s|ube|ubernetes)[._-]?api(?:[._-]?server)?$|[/._-]api[._-]?server$`)

// reachesServer reports whether a label of a pod says that it reaches the API server.
func reachesServer(w *lint.Workload) bool {
	for k, v := range w.Metadata.Get("labels").Entries() {
		if !strings.Contains(k, "ingress") && opensServer.MatchString(k) && slices.Contains([]string{"allow", "allowed", "enable", "enabled", "true"}, v.Text()) {
			return true
		}
	}
	return false
}

// callers are the ConfigMaps of a unit with scripts that call the API server, as namespace and name.
var callers = lint.UnitIndex("scripts that call the API server", func(p *lint.Pass) map[[2]string]bool {
	found := map[[2]string]bool{}
	for _, o := range p.Unit.Objects {
		if !o.Is("", "ConfigMap") {
			continue
		}
		for key, v := range o.Root.Get("data").Entries() {
			if text := v.Text(); isShellScript(key, text) && callsCluster(text) {
				found[[2]string{o.Namespace, o.Name}] = true
			}
		}
	}
	return found
})

// isShellScript reports whether a key of a ConfigMap holds a script of a shell.
func isShellScript(key, text string) bool {
	return strings.HasPrefix(text, "#!") || strings.HasSuffix(key, ".sh") || strings.HasSuffix(key, ".bash")
}

// mountsCaller reports whether a pod mounts a script that calls the API server.
func mountsCaller(p *lint.Pass, w *lint.Workload) bool {
	scripts := callers(p)
	if len(scripts) == 0 {
		return false
	}
	isCaller := func(v lint.Value) bool { return scripts[[2]string{w.Namespace, v.Get("configMap.name").Text()}] }
	for v := range w.Pod.Get("volumes").Items() {
		if isCaller(v) {
			return true
		}
		for source := range v.Get("projected.sources").Items() {
			if isCaller(source) {
				return true
			}
		}
	}
	return false
}

// withRights are the workloads whose account a binding of the unit names, the first for each program.
var withRights = lint.UnitIndex("programs of pods with rights", func(p *lint.Pass) map[string]*lint.Workload {
	a := access.Of(p)
	first := map[string]*lint.Workload{}
	for _, w := range p.Unit.Workloads() {
		program := programOf(w)
		if name, known := access.AccountName(w); known && program != "" && first[program] == nil && a.IsBound(w, name) {
			first[program] = w
		}
	}
	return first
})

// programOf identifies the program of a pod's first container: its image, and the command if that is not the image's own. It is empty for the
// images of distributions, language runtimes and web servers that are known by name, whose programs are elsewhere, such as in a volume.
func programOf(w *lint.Workload) string {
	for c := range w.Pod.Get("containers").Items() {
		image := c.Get("image").Text()
		if image == "" || dockerfile.UserOf(image) == dockerfile.RootUser {
			return ""
		}
		return strings.Join(append([]string{image}, c.Get("command").Strings()...), "\x00")
	}
	return ""
}

// sameProgram says that pods with rights run the program of a pod, so that it may use the token here, too. It is empty if none do.
func sameProgram(p *lint.Pass, w *lint.Workload) string {
	other := withRights(p)[programOf(w)]
	if other == nil {
		return ""
	}
	return p.Rule.Unless + ", as it may since " + other.KindName() + " runs the same image with rights"
}
