package controlplane

import (
	_ "embed" // for the list of flags
	"maps"
	"strings"
	"sync"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/suggest"
)

// flagList has a line for each flag: the program, the flag's name, and "switch" if it may be
// given without a value. The flags are those of Kubernetes 1.37, as the programs print
// them, and those of etcd 3.7.
//
//go:embed flags.txt
var flagList string

// known is the flags of each program: true for a switch.
var known = sync.OnceValue(func() map[Program]map[string]bool {
	m := map[Program]map[string]bool{}
	for line := range strings.Lines(flagList) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		p := Program(fields[0])
		if m[p] == nil {
			m[p] = map[string]bool{}
		}
		m[p][fields[1]] = len(fields) > 2
	}
	return m
})

// lookup says whether a program has a flag, in 1.37 or before it was removed, and whether
// it is a switch, which takes no value from the next word.
func lookup(p Program, name string) (isKnown, isSwitch bool) {
	isSwitch, isKnown = known()[p][name]
	if !isKnown {
		r, ok := removed[p][name]
		return ok, r.isSwitch
	}
	return isKnown, isSwitch
}

// removal says from which minor version of Kubernetes 1 on a flag does not exist.
type removal struct {
	minor    int
	isSwitch bool
}

// logFlags are those of klog, which Kubernetes 1.26 removed from all programs.
var logFlags = map[string]removal{
	"add-dir-header": {26, true}, "alsologtostderr": {26, true}, "log-backtrace-at": {26, false}, "log-dir": {26, false},
	"log-file": {26, false}, "log-file-max-size": {26, false}, "logtostderr": {26, true}, "one-output": {26, true},
	"skip-headers": {26, true}, "skip-log-headers": {26, true}, "stderrthreshold": {26, false},
}

// removed are flags that were removed, as far as they were in wide use.
var removed = map[Program]map[string]removal{
	APIServer: with(logFlags, map[string]removal{
		"address":               {24, false},
		"basic-auth-file":       {19, false},
		"cloud-config":          {33, false},
		"cloud-provider":        {33, false},
		"insecure-bind-address": {24, false},
		"insecure-port":         {24, false},
		"kubelet-https":         {22, true},
		"port":                  {24, false},
	}),
	ControllerManager: with(logFlags, map[string]removal{
		"address":              {24, false},
		"enable-taint-manager": {27, true},
		"port":                 {24, false},
	}),
	Scheduler: with(logFlags, map[string]removal{
		"address":            {24, false},
		"algorithm-provider": {23, false},
		"policy-config-file": {23, false},
		"policy-configmap":   {23, false},
		"port":               {24, false},
	}),
	Kubelet: with(logFlags, map[string]removal{
		"allow-privileged":   {15, true},
		"cadvisor-port":      {12, false},
		"cni-bin-dir":        {24, false},
		"cni-cache-dir":      {24, false},
		"cni-conf-dir":       {24, false},
		"container-runtime":  {27, false},
		"docker-endpoint":    {24, false},
		"dynamic-config-dir": {24, false},
		"network-plugin":     {24, false},
		"network-plugin-mtu": {24, false},
	}),
	KubeProxy: with(logFlags, nil),
}

func with(a, b map[string]removal) map[string]removal {
	m := maps.Clone(a)
	maps.Copy(m, b)
	return m
}

// Fact is what is known of a flag in a version of its program.
type Fact struct {
	// Known is set if the program has the flag, as far as is known.
	Known bool
	// Removed is the minor version of Kubernetes 1 that removed the flag, if the program's
	// version is as new. Zero: it was not removed, or nothing is known of it.
	Removed int
	// Meant is the flag that an unknown one may be a misspelling of. Empty: none.
	Meant string
}

// FactOf is what is known of a flag, given without dashes, in a version.
func FactOf(p Program, name string, v lint.Version) Fact {
	if r, ok := removed[p][name]; ok {
		if v.AtLeast(r.minor) {
			return Fact{Removed: r.minor}
		}
		return Fact{Known: true}
	}
	flags := known()[p]
	if _, ok := flags[name]; ok || len(flags) == 0 {
		return Fact{Known: true}
	}
	return Fact{Meant: closest(name, flags)}
}

// shortest is the length from which on names of flags are long enough for a guess.
const shortest = 6

// closest is the flag that differs from a name by two letters at most. Empty: none.
func closest(name string, flags map[string]bool) string {
	if len(name) < shortest {
		return ""
	}
	best, least := "", 3
	for flag := range flags {
		d := suggest.Distance(name, flag)
		if d < least || d == least && best != "" && flag < best {
			best, least = flag, d
		}
	}
	return best
}
