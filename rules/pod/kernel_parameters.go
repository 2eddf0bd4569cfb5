package pod

import (
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules/podsecurity"
)

// setsParameter is a command that sets a kernel parameter: sysctl -w vm.max_map_count=262144, and
// echo 1 > /proc/sys/net/ipv4/ip_forward.
var setsParameter = regexp.MustCompile(`\bsysctl(?:\s+-[a-zA-Z-]+)*\s+['"]?([a-z][a-z0-9_./-]*)\s?=([^;&|\n]*)|>\s*/proc/sys/([a-z][a-z0-9_/.-]*)`)

// nextParameter is another one behind the first.
var nextParameter = regexp.MustCompile(`\s['"]?([a-z][a-z0-9_-]*[./][a-z0-9_./-]*)=`)

// kernelParameters are those that the commands of a container set.
func kernelParameters(c lint.PodOrContainer) []string {
	text := strings.Join(slices.Concat(c.Get("command").Strings(), c.Get("args").Strings()), " ")
	if !strings.Contains(text, "sysctl") && !strings.Contains(text, "/proc/sys/") {
		return nil
	}
	var names []string
	for _, m := range setsParameter.FindAllStringSubmatch(text, -1) {
		names = append(names, strings.ReplaceAll(m[1]+m[3], "/", "."))
		for _, more := range nextParameter.FindAllStringSubmatch(m[2], -1) {
			names = append(names, strings.ReplaceAll(more[1], "/", "."))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// setOnNode is what to do about a container that sets kernel parameters as root. The kubelet sets some of them for
// the pod alone, without any privilege. With is what else to remove, behind a comma.
func setOnNode(p *lint.Pass, names []string, with string) lint.Intent {
	where := "on the nodes, where they hold for all pods"
	if len(names) == 1 {
		where = "on the nodes, where it holds for all pods"
	}
	if !slices.ContainsFunc(names, func(name string) bool { return !podsecurity.SafeSysctl(p.Version, name) }) {
		where = "by securityContext.sysctls of the pod"
	}
	remove := "remove the command that sets it here" + with
	fix := lint.Advice("set " + strings.Join(names, " and ") + " " + where + ", and " + remove)
	fix.ContainerRemoval = remove
	fix.Unless = "nothing else can set it"
	return fix
}
