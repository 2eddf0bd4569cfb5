package pod

import "github.com/kubevet/kubevet/lint"

// NoDeprecatedServiceAccountField reports pods that name their service account in the deprecated
// field serviceAccount.
//
// Most tools and policies read serviceAccountName only. They treat such a pod as one that runs
// as the default account, and check the wrong rights.
//
// The API server copies each field to the other if the other is unset, and serviceAccountName
// wins if the two differ. Both fields with the same value, as the API server prints them, are
// fine, and so is serviceAccount where it is a custom resource's own field.
var NoDeprecatedServiceAccountField = &lint.Rule{
	ID:        "no-deprecated-service-account-field",
	Title:     "Service account is named in a deprecated field",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-service-account-per-service"},
	Fix:       "rename serviceAccount to serviceAccountName",
	Check:     lint.PodCheck(checkServiceAccountField),
}

// isPatched reports whether a patch sets the deprecated field alone, beside the other one of the object that it changes.
func isPatched(p *lint.Pass, w *lint.Workload, old, name lint.Value) bool {
	if p.Unit.Kind != lint.UnitOverlay {
		return false
	}
	at, beside := p.Locate(w.Object, old), p.Locate(w.Object, name)
	return at.File != "" && beside.File != "" && at.File != beside.File
}

func checkServiceAccountField(p *lint.Pass, w *lint.Workload) {
	old, name := w.Pod.Get("serviceAccount"), w.Pod.Get("serviceAccountName")
	switch {
	case w.Pod.Path() == w.Template.Path() && !w.Is("", "Pod"): // the field is the custom resource's own
	case old.Text() == "" || old.Text() == name.Text():
	case name.Text() == "":
		p.Report(lint.Diagnostic{
			Subject: w.Pod, At: old.AtKey(),
			Fix:     lint.Intent{Do: lint.Rename, Value: "serviceAccountName"},
			Message: w.Pod.Label() + " sets serviceAccount: " + old.Text() + ", which is deprecated; want serviceAccountName",
		})
	case isPatched(p, w, old, name):
		p.Report(lint.Diagnostic{
			Subject: w.Pod, At: old.AtKey(),
			Fix:     lint.Advice("set serviceAccountName: " + old.Text() + " in the patch in place of serviceAccount, if the pods are to run as that: they run as " + name.Text() + " now"),
			Message: w.Pod.Label() + " sets serviceAccount: " + old.Text() + ", which serviceAccountName: " + name.Text() + " of what is patched overrides; want serviceAccountName",
			Related: []lint.Related{{Object: w.Object, At: name.AtKey(), Label: "decides"}},
		})
	default:
		p.Report(lint.Diagnostic{
			Subject: w.Pod, At: old.AtKey(),
			Fix:     lint.Advice("remove serviceAccount"),
			Message: w.Pod.Label() + " sets serviceAccount: " + old.Text() + ", which serviceAccountName: " + name.Text() + " overrides; want it unset",
		})
	}
}
