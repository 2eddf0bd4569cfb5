// Package config reads .kubevet.yaml: what a team has decided about how its
// repository is linted. One table (table.go) holds every key; Parse reads by
// it, Print writes by it, and the JSON schema for editors is made of it.
//
// Reading is strict. Everything that is not valid is a lint.Problem with file, line and
// column, and all problems are reported together.
package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/ignore"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/suggest"
)

// FileName is the name of the file that Find looks for.
const FileName = ".kubevet.yaml"

// FailNever is the FailOn with which no finding makes the exit code 1.
const FailNever lint.Severity = -1

// Config is what a configuration file says, with the defaults for the rest.
// The zero value is not meaningful; see Default.
type Config struct {
	// File is what was read, as it was named. It is empty if there is none, and
	// everything has its default.
	File string
	// Profile is the set of rules to check.
	Profile lint.Profile
	// FailOn is the least severity that makes the exit code 1, or FailNever.
	FailOn lint.Severity
	// KubeVersion is the Kubernetes version that the input is meant for.
	KubeVersion lint.Version
	// Rules are the settings of single rules; see Select and Adjust.
	Rules []Rule
	// Charts say with which values charts are rendered; see Chart.
	Charts []Chart
	// Roots narrow what is linted; see Includes.
	Roots Roots
	// WorkloadKinds are kinds that hold pods besides those that kubevet knows.
	WorkloadKinds []WorkloadKind
	// Sensitive says which workloads are sensitive. It is empty if none is known to be.
	Sensitive []Selector
	// Tiers are the places for workloads of one sensitivity.
	Tiers []Tier
	// Systems are the information systems that workloads belong to. The first that
	// matches counts. It is empty if a common label of workloads names their system.
	Systems []System
	// Registries are the prefixes of trusted images. They are empty if nothing is said.
	Registries []string
	// WorkloadWriters are globs over the names of roles that may change workloads.
	WorkloadWriters []string
	// OneCluster: all charts, overlays and manifests of a run are for one cluster.
	OneCluster bool
	// CertificateDays is how many days before its end a certificate is reported.
	CertificateDays int
	// Ignores are findings that the team has chosen to live with.
	Ignores []ignore.Entry
	// Problems are problems that the team has chosen to live with.
	Problems []ignore.ProblemEntry
	// Subcharts says what becomes of findings in vendored subcharts.
	Subcharts SubchartPolicy
	// Lookup are the files that Helm's lookup finds its objects in, relative to
	// the configuration.
	Lookup []string
	// Attestations are people's word for what no file can show.
	Attestations []Attestation
	// NotApplicable are the items of the checklist that do not concern the team.
	NotApplicable []NotApplicable

	// given are the keys that have no default, by name.
	given map[string]given
}

// Switch says whether a rule is checked.
type Switch int

const (
	// ByProfile leaves it to the profile. It is the zero value.
	ByProfile Switch = iota
	// On has the rule checked, also if the profile lacks it.
	On
	// Off leaves the rule out.
	Off
)

// Rule is the settings of one rule.
type Rule struct {
	// ID is the rule's present id, also where the file has a former one.
	ID      string
	Enabled Switch
	// Severity replaces the rule's own. The zero value replaces nothing.
	Severity lint.Severity
	// Paths replace the severity of findings in some files; the first that matches counts.
	Paths    []PathSeverity
	Position lint.Position
}

// PathSeverity is the severity of a rule's findings in the files of a glob.
type PathSeverity struct {
	Glob     string
	Severity lint.Severity
	Position lint.Position
}

// Chart says with which values the charts of a glob are rendered.
type Chart struct {
	// Path is a glob over the directories of charts, relative to the configuration.
	Path      string
	Scenarios []Scenario
	// DefaultValues: the chart is rendered with its own values too.
	DefaultValues bool
	// CIValues: the chart is rendered with each of its ci/*-values.yaml too.
	CIValues bool
	Position lint.Position
}

// Scenario is one set of values with which a chart is rendered.
type Scenario struct {
	// Name is how reports call it; unique within its chart.
	Name string
	// Values are files relative to the chart; the last one wins.
	Values []string
	// Set is what helm's --set takes, and wins over all files.
	Set []string
	// ReleaseName and Namespace are those of helm install. They are empty for what
	// holds without a configuration.
	ReleaseName, Namespace string
	// KubeVersion is the Kubernetes that templates see. It is zero for the Config's.
	KubeVersion lint.Version
	// APIVersions are seen in .Capabilities.APIVersions besides those of Kubernetes.
	APIVersions []string
	Position    lint.Position
}

// Roots are globs over what would be linted: the directories of charts and
// overlays, and manifests, relative to the configuration.
type Roots struct {
	Include, Exclude []string
}

// WorkloadKind says where a kind keeps its pods. Either Template or PodSpec is set.
type WorkloadKind struct {
	// Group is the API group; empty for the core group.
	Group, Kind string
	// Template is the path of what has the metadata and spec of pods.
	Template string
	// PodSpec is the path of a pod spec that has no metadata beside it.
	PodSpec  string
	Position lint.Position
}

// Selector names workloads. Empty fields match anything; at least one is set.
type Selector struct {
	// Kinds, Namespaces and Names are globs; one of each has to match.
	Kinds, Namespaces, Names []string
	// Labels of the pods, all of which have to be there.
	Labels map[string]string
	// Tier is the name of a Tier. It is empty for sensitive workloads of no tier.
	Tier     string
	Position lint.Position
}

// System is an information system and its workloads.
type System struct {
	// Name is that of the system. It is empty if the value of Label is.
	Name string
	// Label is the key of a label of workloads or their pods.
	Label string
	// Selector names the workloads: of those that it matches, Label counts only where it
	// is set.
	Selector
}

// Tier is where workloads of one sensitivity run. At least one field is set.
type Tier struct {
	Name         string
	NodeSelector map[string]string
	Tolerations  []Toleration
	// RuntimeClasses are the ones that sandbox these workloads; any of them does.
	RuntimeClasses []string
	Position       lint.Position
}

// Toleration has the fields and meaning that it has in a pod.
type Toleration struct {
	Key, Operator, Value, Effect string
	Position                     lint.Position
}

// SubchartPolicy says what becomes of findings in vendored subcharts.
type SubchartPolicy int

const (
	// SubchartsReport reports them like all others. It is the default.
	SubchartsReport SubchartPolicy = iota
	// SubchartsWarn reports them, but they never make the exit code 1.
	SubchartsWarn
	// SubchartsIgnore leaves them out.
	SubchartsIgnore
)

var subchartPolicies = []string{"report", "warn", "ignore"}

// String gives report, warn or ignore.
func (p SubchartPolicy) String() string { return subchartPolicies[p] }

// Attestation is a person's word that an item of the checklist holds.
type Attestation struct {
	Item, By string
	// Date is the day on which it was found to hold.
	Date time.Time
	// Evidence is a link or a place where one can read more.
	Evidence string
	// Expires is the first day on which it no longer counts. It is zero for as long as
	// the item's maximum age allows.
	Expires  time.Time
	Position lint.Position
}

// NotApplicable is an item of the checklist that does not concern the team.
type NotApplicable struct {
	Item, Reason string
	// By and Date say who decided it and when. They may be empty.
	By       string
	Date     time.Time
	Position lint.Position
}

// Default returns the configuration that applies without a file.
func Default() *Config {
	c := &Config{given: map[string]given{}}
	table.start(c)
	return c
}

// Find looks for the configuration of what lies at a path: in its directory and
// those above, up to the root of the repository (which holds .git) or of the
// file system. The name found is relative to the working directory unless the
// path is absolute, and has forward slashes.
func Find(path string) (file string, ok bool) {
	dir, err := filepath.Abs(path)
	if err != nil {
		return "", false
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	for {
		name := filepath.Join(dir, FileName)
		if info, err := os.Stat(name); err == nil && !info.IsDir() {
			return filepath.ToSlash(asNamed(name, path)), true
		}
		above := filepath.Dir(dir)
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil || above == dir {
			return "", false
		}
		dir = above
	}
}

// asNamed makes an absolute name relative to the working directory, unless the
// user's own way of naming things is absolute.
func asNamed(name, users string) string {
	if filepath.IsAbs(users) {
		return name
	}
	if wd, err := filepath.Abs("."); err == nil {
		if rel, err := filepath.Rel(wd, name); err == nil {
			return rel
		}
	}
	return name
}

// Load reads a configuration file with a function like os.ReadFile. See Parse.
func Load(file string, read func(name string) ([]byte, error), known Known) (*Config, []lint.Problem) {
	data, err := read(file)
	if err != nil {
		if pe, ok := errors.AsType[*fs.PathError](err); ok {
			err = pe.Err
		}
		return Default(), []lint.Problem{{
			Position: lint.Position{File: file},
			Message:  "reading the configuration: " + err.Error(),
			Help:     "check the path and its permissions",
		}}
	}
	return Parse(file, data, known)
}

// Rel is the name of a file relative to the configuration's directory, as globs
// see it: with forward slashes. The second result is false if the file is in
// another directory, or no configuration was read.
func (c *Config) Rel(file string) (string, bool) {
	if c.File == "" {
		return "", false
	}
	from, err1 := filepath.Abs(filepath.Dir(filepath.FromSlash(c.File)))
	to, err2 := filepath.Abs(filepath.FromSlash(file))
	if err1 != nil || err2 != nil {
		return "", false
	}
	rel, err := filepath.Rel(from, to)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

// Select lists the rules to check: those of the profile and those switched on,
// without those switched off. A rule with another severity is a copy.
func (c *Config) Select(all []*lint.Rule) []*lint.Rule {
	var l []*lint.Rule
	for _, r := range all {
		s := c.rule(r.ID)
		if s.Enabled == Off || s.Enabled == ByProfile && r.Profile > c.Profile {
			continue
		}
		if s.Severity != 0 {
			other := *r
			other.Severity = s.Severity
			r = &other
		}
		l = append(l, r)
	}
	return l
}

func (c *Config) rule(id string) Rule {
	if i := slices.IndexFunc(c.Rules, func(r Rule) bool { return r.ID == id }); i >= 0 {
		return c.Rules[i]
	}
	return Rule{}
}

// Adjust gives findings with the severities that rules have in some paths. Fails is
// set in those that reach the threshold FailOn. There are copies of those that this
// changes; doing it again changes none.
func (c *Config) Adjust(findings []*lint.Finding) []*lint.Finding {
	out := make([]*lint.Finding, 0, len(findings))
	for _, f := range findings {
		severity := c.severity(f)
		if fails := severity <= c.FailOn && !f.Advisory; severity != f.Severity || fails != f.Fails {
			g := *f
			g.Severity, g.Fails = severity, fails
			f = &g
		}
		out = append(out, f)
	}
	return out
}

// severity is that of a finding in its file.
func (c *Config) severity(f *lint.Finding) lint.Severity {
	paths := c.rule(f.Rule.ID).Paths
	if len(paths) == 0 {
		return f.Severity
	}
	for _, file := range []string{f.Origin.File, f.Origin.Printed().File} {
		name, ok := c.Rel(file)
		if !ok {
			continue
		}
		if i := slices.IndexFunc(paths, func(p PathSeverity) bool { return ignore.MatchPath(p.Glob, name) }); i >= 0 {
			return paths[i].Severity
		}
	}
	return f.Severity
}

// Apply gives the findings as the policy has those of vendored subcharts: without
// them, or with copies that never fail a run.
func (p SubchartPolicy) Apply(findings []*lint.Finding) []*lint.Finding {
	if p == SubchartsReport {
		return findings
	}
	out := make([]*lint.Finding, 0, len(findings))
	for _, f := range findings {
		switch {
		case f.Subchart == "":
			out = append(out, f)
		case p == SubchartsWarn:
			g := *f
			g.Advisory = true
			out = append(out, &g)
		}
	}
	return out
}

// Chart returns the settings of the chart in a directory, relative to the
// configuration: the first entry whose glob matches. Without one it is the
// zero Path with the defaults.
func (c *Config) Chart(dir string) Chart {
	if i := slices.IndexFunc(c.Charts, func(e Chart) bool { return ignore.MatchPath(e.Path, dir) }); i >= 0 {
		return c.Charts[i]
	}
	var e Chart
	chartTable.start(&e)
	return e
}

// Includes reports whether a chart, overlay or manifest is linted, given its
// name relative to the configuration.
func (c *Config) Includes(name string) bool {
	match := func(glob string) bool { return ignore.MatchPath(glob, name) }
	return slices.ContainsFunc(c.Roots.Include, match) && !slices.ContainsFunc(c.Roots.Exclude, match)
}

// Unmatched reports the globs that match nothing, given the names of all
// charts and of everything that could be linted, relative to the configuration.
func (c *Config) Unmatched(charts, roots []string) []lint.Problem {
	var l []lint.Problem
	report := func(at lint.Position, key, glob, what string, names []string) {
		if slices.ContainsFunc(names, func(name string) bool { return ignore.MatchPath(glob, name) }) {
			return
		}
		p := lint.Problem{Position: at, Message: key + ": " + quote(glob) + " matches " + what, Help: "correct the glob, or remove it"}
		if near := suggest.Closest(glob, names); near != "" {
			p.Message += "; did you mean " + quote(near)
		}
		l = append(l, p)
	}
	for _, e := range c.Charts {
		report(e.Position, "charts", e.Path, "no chart", charts)
	}
	for _, list := range []struct {
		key   string
		globs []string
	}{{"include", c.Roots.Include}, {"exclude", c.Roots.Exclude}} {
		globs := node.Child(c.given["roots"].node, list.key)
		for i, glob := range list.globs {
			if at := node.Item(globs, i); at != nil { // else it is the default
				report(position(c.File, at), "roots."+list.key, glob, "nothing that is linted", roots)
			}
		}
	}
	return l
}
