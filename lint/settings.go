package lint

import "time"

// Settings is what a configuration tells the rules that nothing in the input
// can. The zero value tells nothing, and rules that need to be told are silent.
type Settings struct {
	// Registries lists where images may come from: registries
	// (registry.example.com) or repositories in them (docker.io/library). Empty:
	// anywhere.
	Registries []string
	// WorkloadWriters are globs over the names of roles that may create, change and
	// delete workloads.
	WorkloadWriters []string
	// Sensitive tells which workloads are sensitive. Nil: none.
	Sensitive func(*Workload) bool
	// SandboxedRuntimes lists the runtime classes that isolate pods from the
	// kernel of their node. Empty: every runtime class does.
	SandboxedRuntimes []string
	// Tiers lists the tiers of sensitivity and the nodes that each belongs on.
	Tiers []Tier
	// Now is the day that dates are compared with, such as those of certificates. Zero:
	// unknown, and rules about dates are silent.
	Now time.Time
	// CertificateDays is how many days before its end a certificate is reported. Zero: the
	// rule's own number.
	CertificateDays int
}

// IsSensitive reports whether a workload is said to be sensitive.
func (s Settings) IsSensitive(w *Workload) bool { return s.Sensitive != nil && s.Sensitive(w) }

// Tier is workloads of one sensitivity, and the nodes that they belong on.
type Tier struct {
	Name string
	// Holds tells which workloads are of the tier.
	Holds func(*Workload) bool
	// NodeLabels are those of the tier's nodes, of which a pod must select each.
	NodeLabels map[string]string
	// Taints are the keys of the taints of the tier's nodes, of which a pod must
	// tolerate each.
	Taints []string
	// RuntimeClasses are those that isolate the tier's pods, in place of
	// SandboxedRuntimes. Empty: the tier asks for none.
	RuntimeClasses []string
}
