package validity

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// ValidClass reports PriorityClasses and RuntimeClasses that the API server refuses: a priority
// above that of the system, a handler that is no name.
//
// Pods that name the class are refused as well, and a sandbox for untrusted code is not there.
//
// Names that start with system- belong to Kubernetes.
var ValidClass = &lint.Rule{
	ID:        "valid-class",
	Title:     "PriorityClass or RuntimeClass is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "change or remove the field that the API server refuses",
	Check: objects(
		kind{"scheduling.k8s.io", "PriorityClass", []row{
			{"value", func(s subject, v lint.Value) {
				if n, ok := v.Int(); ok && n > 1_000_000_000 && !isSystemClass(s) {
					s.refuse(v, "must be at most 1000000000", "1000000000 or less")
				}
			}},
			{"preemptionPolicy", oneOf("PreemptLowerPriority", "Never")},
			{"metadata.name", func(s subject, v lint.Value) {
				if strings.HasPrefix(v.Text(), "system-") && !isSystemClass(s) {
					s.refuseFor(v, "must not start with system-", "another name", "give the object a name that does not start with system-")
				}
			}},
		}},
		kind{"node.k8s.io", "RuntimeClass", []row{
			{"handler", required},
			{"handler", dnsLabel},
			{"overhead.podFixed{}", notNegative},
			{"scheduling.nodeSelector", keys(labelKey)},
			{"scheduling.nodeSelector{}", labelValue},
			{"scheduling.tolerations[]", toleration},
			{"scheduling.tolerations[].operator", oneOf("Equal", "Exists")},
			{"scheduling.tolerations[].effect", oneOf("NoSchedule", "PreferNoSchedule", "NoExecute")},
			{"overhead.podFixed", keys(qualified)},
		}},
	),
}

func isSystemClass(s subject) bool {
	return s.object.Name == "system-cluster-critical" || s.object.Name == "system-node-critical"
}
