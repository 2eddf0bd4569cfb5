package rbac

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// BindingSubjectExists reports bindings to service accounts that exist in another namespace of the input only,
// or under nearly the same name, and bindings without subjects.
//
// The program lacks the rights that it needs. Anyone who may create an account of that name in that namespace
// gets them.
//
// A missing account alone is no defect: people, charts and operators create accounts too. The rule reports one if the
// input declares an account of the same name, and no workload, in the namespace that the binding names, or an account
// in the namespace whose name differs by one letter. What a chart leaves to the release namespace matches every
// namespace. A namespace called placeholder has no verdict: the namespace of an overlay, or a program, replaces it.
var BindingSubjectExists = &lint.Rule{
	ID:        "binding-subject-exists",
	Title:     "Binding names a service account that does not exist",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K02"},
	},
	Fix:   "correct the name or the namespace of the service account",
	Check: lint.UnitCheck(checkSubjects),
}

func checkSubjects(p *lint.Pass) {
	a := access.Of(p)
	byName := map[string][]*lint.Object{}
	byNamespace := map[string][]string{}
	busy := map[string]bool{} // namespaces with workloads
	for _, o := range p.Unit.Objects {
		if o.Is("", "ServiceAccount") {
			byName[o.Name], byNamespace[o.Namespace] = append(byName[o.Name], o), append(byNamespace[o.Namespace], o.Name)
		}
		busy[o.Namespace] = busy[o.Namespace] || len(o.Workloads) > 0
	}
	for _, b := range a.Bindings {
		if l := b.Root.Get("subjects"); l.IsKnown() && l.Len() == 0 && b.RoleName != "" {
			p.Report(lint.Diagnostic{
				Object: b.Object, At: l, Severity: lint.Low,
				Message: b.KindName() + " has no subjects, so it grants nothing; want one, or the binding removed",
				Fix:     lint.Intent{Title: "name the subjects, or remove the binding", AdviceOnly: true, Removal: "remove the binding"},
			})
		}
		for _, s := range b.Subjects {
			if s.Kind != "ServiceAccount" || s.Name == "default" || s.Workload != nil || s.Namespace == "" || a.HasAccount(s.Namespace, s.Name) {
				continue
			}
			d := lint.Diagnostic{
				Object: b.Object, At: s.At.Get("name"),
				Message: b.KindName() + " binds " + s.String() + " of namespace " + s.Namespace + ", which does not exist; want ",
			}
			near := slip(s.Name, byNamespace[s.Namespace])
			switch others := byName[s.Name]; {
			case isPlaceholderWord(s.Namespace):
				continue
			case s.Namespace == "default" && p.Unit.Kind == lint.UnitChart: // as which a release is rendered whose namespace is not known
				continue
			case p.MayExistElsewhere(b.Object, "ServiceAccount") || s.At.Get("kind").Written() != "ServiceAccount":
				continue
			case len(others) == 1 && others[0].Namespace != "" && !busy[s.Namespace]:
				d.At = s.At.Get("namespace")
				d.Fix = toNamespaceOf(p, others[0], b.Object, d.At)
				d.Message += "namespace " + others[0].Namespace
				d.Related = []lint.Related{{Object: others[0], At: others[0].Root.Get("metadata.namespace"), Label: "the account"}}
			case near != "":
				d.Fix.Value, d.Message = near, d.Message+near
			default:
				continue
			}
			p.Report(d)
		}
	}
}

// isPlaceholderWord reports a word that is written in place of a namespace. Older releases of Kustomize replace it by the namespace of the overlay, as the
// fieldSpecs of its configurations say.
func isPlaceholderWord(namespace string) bool { return namespace == "placeholder" }

// toNamespaceOf is the fix that gives the subject of a binding the namespace of an account. It leaves alone a file that others use.
func toNamespaceOf(p *lint.Pass, account, binding *lint.Object, at lint.Value) lint.Intent {
	by := putBy(p, account, binding, at)
	if by == "" {
		return lint.Intent{Value: account.Namespace}
	}
	return lint.Advice("in " + by + ", which puts the account in " + account.Namespace + ", patch the namespace of the subject: what else uses the file of the binding may have the account in another")
}

// putBy is the kustomization that puts an account in its namespace, if it has a binding from another that has a value of that: one
// that others can use, and in which the account may be in another namespace. It is empty otherwise.
func putBy(p *lint.Pass, account, binding *lint.Object, at lint.Value) string {
	through := p.Kustomizations(account)
	i := slices.IndexFunc(through, func(k lint.Kustomization) bool { return k.Namespace != "" })
	if i < 0 || through[i].Namespace != account.Namespace {
		return ""
	}
	of := p.Kustomizations(binding)
	if j := slices.Index(of, through[i]); j < 0 || j == len(of)-1 {
		return ""
	}
	isBase := func(s lint.Step) bool { return s.Kind == lint.StepBase } // a patch has the value
	if slices.ContainsFunc(p.Locate(binding, at).Trail, isBase) {
		return ""
	}
	return through[i].File
}
