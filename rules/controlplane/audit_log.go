package controlplane

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// AuditLog reports API servers without --audit-log-path or --audit-policy-file, and those that keep
// their audit log for less than 30 days, in fewer than 10 files, or in files of less than 100
// megabytes.
//
// Without a policy nothing is recorded at all. After an attack nobody can then say who did what, which
// Secrets were read, and what to clean up. A log that is overwritten within hours can be emptied by
// making noise.
//
// A webhook counts in place of a file: --audit-webhook-config-file. A log on standard output, whose
// path is -, is kept by whatever collects it. Without a limit on size one file grows to 100 megabytes,
// and without the other limits nothing is ever deleted; the benchmark asks for all three to be set.
var AuditLog = &lint.Rule{
	ID:        "audit-log",
	Title:     "API server keeps no audit log",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"logs-audit", "infra-logging"},
	Refs:      controls("1.2.16", "1.2.17", "1.2.18", "1.2.19", "3.2.1"),
	Fix:       "set --audit-log-path, --audit-policy-file, --audit-log-maxage=30, --audit-log-maxbackup=10 and --audit-log-maxsize=100",
	Check:     controlplane.Each(checkAuditLog),
}

// rotation is the flags that say how long the audit log is kept, with the least that is
// wanted.
var rotation = []struct {
	flag  string
	least int
}{{"audit-log-maxage", 30}, {"audit-log-maxbackup", 10}, {"audit-log-maxsize", 100}}

func checkAuditLog(p *lint.Pass, c *controlplane.Component) {
	if c.Program == controlplane.APIServer {
		checkAudit(p, c)
	}
}

func checkAudit(p *lint.Pass, c *controlplane.Component) {
	var missing, sets []string
	var by string
	var where lint.Value
	isMissing := func(flag, value string) bool {
		r := c.Lookup(flag, "")
		if r.State == controlplane.Unset || r.State == controlplane.Set && r.Text == "" {
			missing, sets = append(missing, r.Name), append(sets, r.Name+value)
			where, by = r.At, r.By()
			return true
		}
		return false
	}
	path := c.Lookup("audit-log-path", "")
	hasWebhook := isUsed(c, "audit-webhook-config-file")
	if !hasWebhook {
		isMissing("audit-log-path", "")
	}
	isMissing("audit-policy-file", "")
	if path.Text != "-" && (path.Text != "" || !hasWebhook) {
		for _, f := range rotation {
			if r := c.Lookup(f.flag, ""); !isMissing(f.flag, "="+strconv.Itoa(f.least)) && r.State == controlplane.Set && !atLeast(f.least).fits(r.Text) {
				d := c.Diagnostic(r.At, withSetting(c, r)+"; want "+strconv.Itoa(f.least)+" or more")
				d.Severity = lint.Low
				d.Fix.Title = "set " + r.Name + "=" + strconv.Itoa(f.least)
				p.Report(d)
			}
		}
	}
	if len(missing) == 0 {
		return
	}
	d := c.Diagnostic(where, "without "+lint.And(missing)+by+"; want an audit log that is kept for 30 days")
	onlyRotation := !slices.ContainsFunc(missing, func(name string) bool { return !strings.HasPrefix(name, "--audit-log-max") })
	d.Severity = lint.Low.If(onlyRotation)
	d.Fix.Title = "set " + lint.And(sets)
	if volumes := c.Volumes(); volumes != "" && !onlyRotation { // without its policy the program does not start
		d.Fix.Title += ", and mount the files of the policy and of the log by " + volumes
	}
	p.Report(d)
}
