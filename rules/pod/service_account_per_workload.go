package pod

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// ServiceAccountPerWorkload reports workloads that share their service account with a workload of
// another application.
//
// The account needs the sum of the rights that each of them needs, so an attacker who takes over the
// least important of them has the rights of all.
//
// The rule is part of the strict profile only. Workloads are of one application if their pods
// have the same labels app.kubernetes.io/name and app.kubernetes.io/component or, without those, the
// same label app or k8s-app; without any, each is an application of its own. An account that the input
// declares and that has no rights there, neither by a binding nor by an annotation for a cloud, is not
// reported. The account default is reported by no-default-service-account. Each workload is reported
// once, with the first that it shares the account with.
var ServiceAccountPerWorkload = &lint.Rule{
	ID:        "service-account-per-workload",
	Title:     "Workloads share a service account",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"auth-service-account-per-service"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.5"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "give each application a service account of its own",
	Check: lint.UnitCheck(checkSharedAccounts),
}

func checkSharedAccounts(p *lint.Pass) {
	harmless := accountsWithoutRights(p)
	users := map[account][]*lint.Workload{}
	workloads := p.Unit.Workloads()
	slices.SortStableFunc(workloads, func(a, b *lint.Workload) int { return a.Ref().Compare(b.Ref()) })
	for _, w := range workloads {
		v := w.Pod.Get("serviceAccountName")
		app := application(w)
		if v.Text() == "" || v.Text() == "default" || harmless[account{w.Namespace, v.Text()}] {
			continue
		}
		key := account{w.Namespace, v.Text()}
		i := slices.IndexFunc(users[key], func(u *lint.Workload) bool { return application(u) != app })
		if i >= 0 {
			other := users[key][i]
			p.Report(lint.Diagnostic{
				Subject: w.Pod, At: v,
				Message: w.Pod.Label() + " runs as service account " + v.Text() + ", as does " + other.Ref().String() + " of another application; want one of its own",
				Related: []lint.Related{{Object: other.Object, At: other.Pod.Get("serviceAccountName"), Label: "the other application"}},
			})
		}
		users[key] = append(users[key], w)
	}
}

// account names a service account.
type account struct{ namespace, name string }

// accountsWithoutRights are the service accounts of a unit that no binding there names, in any
// namespace, and no annotation gives rights in a cloud.
func accountsWithoutRights(p *lint.Pass) map[account]bool {
	a := access.Of(p)
	m := map[account]bool{}
	for _, o := range p.Unit.Objects {
		if o.Is("", "ServiceAccount") && o.Root.Get("metadata.annotations").Len() == 0 && !a.IsBoundAnywhere(o.Name) {
			m[account{o.Namespace, o.Name}] = true
		}
	}
	return m
}

// application is what distinguishes the workloads of one application from those of another.
func application(w *lint.Workload) string {
	l := w.Labels()
	if l["app.kubernetes.io/name"] != "" {
		return strings.Join([]string{l["app.kubernetes.io/name"], l["app.kubernetes.io/component"]}, "/")
	}
	return cmp.Or(l["app"], l["k8s-app"], w.Kind+" "+w.Name)
}
