package network

import (
	"fmt"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
)

// ServicePortDeclared reports Services that lead to a port number that none of their pods declares.
//
// Either the Service leads nowhere, or a container listens on a port that its manifest does not show: a
// reader, and anyone who writes a policy from the manifest, misses it. It is class M5 of the study "Inside Job"
// (arXiv 2506.21134).
//
// A container may listen on a port that it does not declare, so the severity is low, and the rule is part
// of the strict profile only. Ports by name are checked by service-port-exists. Pods that declare no port at
// all are not reported, and neither are pods that an operator completes.
var ServicePortDeclared = &lint.Rule{
	ID:        "service-port-declared",
	Title:     "Service leads to a port that nobody declares",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"network-policies-all-workloads"},
	Fix:       "declare the port with the container that listens on it, or correct the Service",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		c := cluster.Of(p)
		declared := map[*cluster.Selection]map[int64]bool{} // of Services with the same selector
		for _, s := range c.Services {
			if !s.HasSelector() {
				continue
			}
			l := c.SelectNear(s.Object, s.Selector)
			numbers, known := declared[l]
			if !known {
				numbers = declaredNumbers(l.Pods)
				declared[l] = numbers
			}
			if len(numbers) == 0 || l.Spread {
				continue
			}
			for port := range s.Root.Get("spec.ports").Items() {
				target := port.Get("targetPort")
				if !target.IsSet() && target.IsKnown() {
					target = port.Get("port")
				}
				if n, ok := target.Int(); ok && n != 0 && !numbers[n] {
					first := c.First(s.Object, l)
					p.Report(lint.Diagnostic{
						Object: s.Object, At: target,
						Message: fmt.Sprintf("%s leads to port %d, which no container of %s declares; want a port that one declares", s.KindName(), n, first.KindName()),
						Related: []lint.Related{{Object: first.Object, At: first.Pod.Get("containers"), Label: "the containers"}},
					})
				}
			}
		}
	}),
}

// declaredNumbers is the numbers of the ports that some pods declare. It is nil if they may have
// others.
func declaredNumbers(pods []*cluster.Pods) map[int64]bool {
	numbers := map[int64]bool{}
	for _, pod := range pods {
		if pod.Pod.Partial {
			return nil
		}
		for _, c := range pod.Select(lint.LongRunning) {
			ports := c.Get("ports")
			if !ports.IsKnown() {
				return nil
			}
			for port := range ports.Items() {
				n, ok := port.Get("containerPort").Int()
				if !ok {
					return nil
				}
				numbers[n] = true
			}
		}
	}
	return numbers
}
