package controlplane

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// settings is the check of a rule that is rows of the table.
func settings(rule string) lint.Check {
	rows := rowsOf(rule)
	return controlplane.Each(func(p *lint.Pass, c *controlplane.Component) { judge(p, c, rows) })
}

// judge reports the settings of a component that do not fit: each that is set by itself,
// those that are absent together.
func judge(p *lint.Pass, c *controlplane.Component, rows []row) {
	var missing []row
	var where lint.Value
	for _, r := range rows {
		if r.program != c.Program || !r.exists(versionOf(p, c)) || slices.ContainsFunc(r.unless, func(flag string) bool { return isUsed(c, flag) }) {
			continue
		}
		reading := c.Lookup(r.flag, r.field)
		text := reading.Text
		switch reading.State {
		case controlplane.Unknown:
			if r.want.text != nothing.text || !strings.HasPrefix(text, "<") {
				continue
			}
			reading.State = controlplane.Set // whatever a person writes for <file>, it is there
		case controlplane.Unset:
			text = r.defaultIn(versionOf(p, c))
			if c.IsFile() {
				text = r.byDefaultInFile
			}
		case controlplane.Set, controlplane.Preset:
		}
		if r.zeroIsDefault && c.IsFile() && isZero(text) {
			text = r.byDefaultInFile
		}
		switch {
		case r.want.fits(text):
		case reading.State == controlplane.Set:
			d := c.Diagnostic(reading.At, withSetting(c, reading)+"; want "+r.want.text)
			d.Fix.Title = fixOf(p, c, r, reading)
			p.Report(d)
		case r.strict && p.Profile < lint.Strict:
		default:
			missing = append(missing, r)
			where = reading.At
		}
	}
	if len(missing) > 0 {
		reportMissing(p, c, missing, where)
	}
}

// isZero reports a duration of zero.
func isZero(text string) bool {
	d, err := time.ParseDuration(text)
	return err == nil && d == 0
}

// reportMissing reports the absent settings of a component.
func reportMissing(p *lint.Pass, c *controlplane.Component, missing []row, where lint.Value) {
	var names, wants []string
	quiet := true
	for _, r := range missing {
		names = append(names, c.Lookup(r.flag, r.field).Name)
		if !slices.Contains(wants, r.want.text) {
			wants = append(wants, r.want.text)
		}
		quiet = quiet && r.quiet
	}
	message := "without " + lint.And(names)
	if c.IsFile() {
		message = "does not set " + lint.And(names)
	}
	want := lint.And(wants)
	if len(wants) == 1 && len(names) > 1 {
		want += " for each"
	}
	d := c.Diagnostic(where, message+"; want "+want)
	d.Severity = lint.Low.If(quiet)
	if len(missing) == 1 {
		d.Fix.Title = fixOf(p, c, missing[0], c.Lookup(missing[0].flag, missing[0].field))
	}
	p.Report(d)
}

// withSetting says what is set: with --profiling=true, or sets readOnlyPort: 10255.
func withSetting(c *controlplane.Component, r controlplane.Reading) string {
	text := r.Text
	if c.IsFile() {
		return "sets " + r.Name + ": " + cmp.Or(text, `""`)
	}
	return "with " + r.Name + "=" + text + r.By()
}

// fixOf says what to do about one setting. It is empty, so that the rule's own counts, if
// that is better.
func fixOf(p *lint.Pass, c *controlplane.Component, r row, reading controlplane.Reading) string {
	fix := r.fixOf(c, reading)
	if r.complete != nil {
		return r.complete(p, c, fix)
	}
	return fix
}

// fixOf is the same without what the row adds.
func (r row) fixOf(c *controlplane.Component, reading controlplane.Reading) string {
	switch {
	case reading.Field != "" && !c.IsFile():
		return "correct " + reading.Field
	case r.fix != "":
		return r.fix
	case r.want.text == nothing.text:
		return "remove " + reading.Name
	case !r.isValue():
		return ""
	case c.IsFile():
		return "set " + reading.Name + ": " + r.want.text
	}
	return "set " + reading.Name + "=" + r.want.text
}

// isValue reports whether what is wanted is a value that can be written as it is.
func (r row) isValue() bool {
	return r.want.fits(r.want.text) && !strings.Contains(r.want.text, " ")
}

// exists reports whether the program has the setting in a version.
func (r row) exists(v lint.Version) bool {
	return v.AtLeast(r.since) && (r.removed == 0 || !v.AtLeast(r.removed))
}

// defaultIn is the flag's value in a version if it is unset.
func (r row) defaultIn(v lint.Version) string {
	if !v.AtLeast(r.changed) {
		return r.earlier
	}
	return r.byDefault
}

// versionOf is the version of a component: the one that the input names, else the target.
func versionOf(p *lint.Pass, c *controlplane.Component) lint.Version {
	return cmp.Or(c.Version, p.Version)
}

// isUsed reports whether a flag is set to something other than false, or may be.
func isUsed(c *controlplane.Component, flag string) bool {
	r := c.Lookup(flag, "")
	return r.State == controlplane.Set && r.Text != "" && r.Text != "false"
}
