package config

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/ignore"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/suggest"
)

// table is every key of the configuration, in the order in which they are
// printed. docs/config.md explains each.
var table = record[Config]{fields: []field[Config]{
	top("profile", "The set of rules to check.", profile,
		func(c *Config) *lint.Profile { return &c.Profile }).or("recommended"),
	top("fail-on", "The least severity that makes the exit code 1.", failOn,
		func(c *Config) *lint.Severity { return &c.FailOn }).or("medium"),
	top("kube-version", "The Kubernetes version that the input is meant for.", version,
		func(c *Config) *lint.Version { return &c.KubeVersion }).or(lint.Newest.String()),
	top("rules", "Rules switched on or off, and their severities, by id.", rules,
		func(c *Config) *[]Rule { return &c.Rules }).or("{}"),
	top("charts", "With which values charts are rendered.", list(chartTable.shape()),
		func(c *Config) *[]Chart { return &c.Charts }).or("[]"),
	top("roots", "Which charts, overlays and manifests are linted.", rootsTable.shape(),
		func(c *Config) *Roots { return &c.Roots }).or("{}"),
	top("workload-kinds", "Kinds that hold pods, besides those that kubevet knows.", list(workloadKindTable.shape()),
		func(c *Config) *[]WorkloadKind { return &c.WorkloadKinds }).or("[]"),
	top("sensitive", "Which workloads are sensitive, and their tier.", list(selectorTable.shape()),
		func(c *Config) *[]Selector { return &c.Sensitive }).or("[]"),
	top("tiers", "Where workloads of one sensitivity run, by the tier's name.", tiers,
		func(c *Config) *[]Tier { return &c.Tiers }).or("{}"),
	top("systems", "The information systems that workloads belong to.", list(systemTable.shape()),
		func(c *Config) *[]System { return &c.Systems }).or("[]"),
	top("registries", "Prefixes of trusted images: registries, or repositories in them.", list(registry),
		func(c *Config) *[]string { return &c.Registries }).or("[]"),
	top("workload-writers", "Roles that may create, change and delete workloads: globs over their names.", list(nameGlob),
		func(c *Config) *[]string { return &c.WorkloadWriters }).or("[]"),
	top("one-cluster", "Whether everything that is linted together is for one cluster: its roles, bindings and service accounts are joined.", boolean,
		func(c *Config) *bool { return &c.OneCluster }).or("false"),
	top("certificate-expiry-days", "How many days before its end a certificate is reported.", days,
		func(c *Config) *int { return &c.CertificateDays }).or("30"),
	top("ignores", "Findings that the team has chosen to live with.", list(ignoreTable.shape()),
		func(c *Config) *[]ignore.Entry { return &c.Ignores }).or("[]"),
	top("problems", "Problems that the team has chosen to live with.", list(problemTable.shape()),
		func(c *Config) *[]ignore.ProblemEntry { return &c.Problems }).or("[]"),
	top("subcharts", "What becomes of findings in vendored subcharts.",
		choice("policy", subchartPolicies, []SubchartPolicy{SubchartsReport, SubchartsWarn, SubchartsIgnore}),
		func(c *Config) *SubchartPolicy { return &c.Subcharts }).or("report"),
	top("lookup", "Manifests in which Helm's lookup finds its objects.", list(localFile),
		func(c *Config) *[]string { return &c.Lookup }).or("[]"),
	top("attestations", "People's word for items of the checklist that no file can show.", list(attestationTable.shape()),
		func(c *Config) *[]Attestation { return &c.Attestations }).or("[]"),
	top("not-applicable", "Items of the checklist that do not concern the team, each with its reason.", list(notApplicableTable.shape()),
		func(c *Config) *[]NotApplicable { return &c.NotApplicable }).or("[]"),
}}

// top is a key of the configuration itself, which remembers its value for Print.
func top[V any](name, doc string, s shape[V], in func(*Config) *V) field[Config] {
	f := key(name, doc, s, in)
	read := f.read
	f.read = func(r *reader, n *yaml.Node, path string, c *Config) bool {
		ok := read(r, n, path, c)
		if ok && !r.presets {
			c.given[name] = given{n, r.from}
		}
		return ok
	}
	return f
}

var chartTable = record[Chart]{fields: []field[Chart]{
	key("path", "A glob over the directories of charts.", pathGlob,
		func(c *Chart) *string { return &c.Path }).must(),
	key("scenarios", "Sets of values to render the chart with.", list(scenarioTable.shape()),
		func(c *Chart) *[]Scenario { return &c.Scenarios }),
	key("default-values", "Render it with its own values too.", boolean,
		func(c *Chart) *bool { return &c.DefaultValues }).or("true"),
	key("ci-values", "Render it with each of its ci/*-values.yaml too.", boolean,
		func(c *Chart) *bool { return &c.CIValues }).or("true"),
}, at: func(c *Chart) *lint.Position { return &c.Position }, check: checkChart}

var scenarioTable = record[Scenario]{fields: []field[Scenario]{
	key("name", "How reports call the scenario.", text,
		func(s *Scenario) *string { return &s.Name }).must(),
	key("values", "Values files, relative to the chart; the last one wins.", some(valuesFile),
		func(s *Scenario) *[]string { return &s.Values }),
	key("set", "What helm's --set takes; wins over all files.", some(matching(`^[^=]+=`, "a setting like image.tag=v1")),
		func(s *Scenario) *[]string { return &s.Set }),
	key("release-name", "The name of the release.", matching(`^[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?$`, "a release name: at most 53 of a-z, 0-9 and -"),
		func(s *Scenario) *string { return &s.ReleaseName }),
	key("namespace", "The namespace of the release.", matching(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`, "a namespace: at most 63 of a-z, 0-9 and -"),
		func(s *Scenario) *string { return &s.Namespace }),
	key("kube-version", "The Kubernetes version that the templates see.", version,
		func(s *Scenario) *lint.Version { return &s.KubeVersion }),
	key("api-versions", "What templates find in .Capabilities.APIVersions besides what Kubernetes serves, as with helm template --api-versions.",
		some(matching(`^[a-z0-9.-]+(/[A-Za-z0-9]+){1,2}$`, "a group and version like monitoring.coreos.com/v1, or with a kind behind a slash")),
		func(s *Scenario) *[]string { return &s.APIVersions }),
}, at: func(s *Scenario) *lint.Position { return &s.Position }}

var rootsTable = record[Roots]{fields: []field[Roots]{
	key("include", "Lint these only.", list(pathGlob), func(r *Roots) *[]string { return &r.Include }).or(`["**"]`),
	key("exclude", "Do not lint these.", list(pathGlob), func(r *Roots) *[]string { return &r.Exclude }).or("[]"),
}}

var workloadKindTable = record[WorkloadKind]{fields: []field[WorkloadKind]{
	key("group", "The API group; left out for the core group.", matching(`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`, "an API group like example.com, without version"),
		func(k *WorkloadKind) *string { return &k.Group }),
	key("kind", "The kind.", matching(`^[A-Z][A-Za-z0-9]*$`, "a kind like Deployment"),
		func(k *WorkloadKind) *string { return &k.Kind }).must(),
	key("template", "The path of what has the metadata and spec of pods.", fieldPath,
		func(k *WorkloadKind) *string { return &k.Template }),
	key("pod-spec", "The path of a pod spec that has no metadata beside it.", fieldPath,
		func(k *WorkloadKind) *string { return &k.PodSpec }),
}, at: func(k *WorkloadKind) *lint.Position { return &k.Position }, check: checkWorkloadKind}

var selectorTable = record[Selector]{fields: []field[Selector]{
	key("kind", "Globs over kinds.", some(nameGlob), func(s *Selector) *[]string { return &s.Kinds }),
	key("namespace", "Globs over namespaces.", some(nameGlob), func(s *Selector) *[]string { return &s.Namespaces }),
	key("name", "Globs over names.", some(nameGlob), func(s *Selector) *[]string { return &s.Names }),
	key("labels", "Labels of the pods, all of which have to be there.", texts(anyText), func(s *Selector) *map[string]string { return &s.Labels }),
	key("tier", "The tier of these workloads.", text, func(s *Selector) *string { return &s.Tier }),
}, at: func(s *Selector) *lint.Position { return &s.Position }, check: checkSelector}

var systemTable = record[System]{fields: []field[System]{
	key("system", "The name of the system.", text, func(s *System) *string { return &s.Name }),
	key("label", "The key of a label whose value is the name of the system.", text, func(s *System) *string { return &s.Label }),
	key("kind", "Globs over kinds.", some(nameGlob), func(s *System) *[]string { return &s.Kinds }),
	key("namespace", "Globs over namespaces.", some(nameGlob), func(s *System) *[]string { return &s.Namespaces }),
	key("name", "Globs over names.", some(nameGlob), func(s *System) *[]string { return &s.Names }),
	key("labels", "Labels of the pods, all of which have to be there.", texts(anyText), func(s *System) *map[string]string { return &s.Labels }),
}, at: func(s *System) *lint.Position { return &s.Position }, check: checkSystem}

var tierTable = record[Tier]{fields: []field[Tier]{
	key("node-selector", "Labels of the tier's nodes.", texts(anyText), func(t *Tier) *map[string]string { return &t.NodeSelector }),
	key("tolerations", "Taints of the tier's nodes that its pods tolerate.", list(tolerationTable.shape()),
		func(t *Tier) *[]Toleration { return &t.Tolerations }),
	key("runtime-class", "Runtime classes of which the tier's pods have one.", some(text),
		func(t *Tier) *[]string { return &t.RuntimeClasses }),
}, check: checkTier}

var tolerationTable = record[Toleration]{fields: []field[Toleration]{
	key("key", "The taint's key.", text, func(t *Toleration) *string { return &t.Key }),
	key("operator", "Equal or Exists.", names("operator", "Equal", "Exists"), func(t *Toleration) *string { return &t.Operator }).or("Equal"),
	key("value", "The taint's value.", anyText, func(t *Toleration) *string { return &t.Value }),
	key("effect", "The taint's effect; left out for all.", names("effect", "NoSchedule", "PreferNoSchedule", "NoExecute"),
		func(t *Toleration) *string { return &t.Effect }),
}, at: func(t *Toleration) *lint.Position { return &t.Position }, check: checkToleration}

var ignoreTable = record[ignore.Entry]{fields: []field[ignore.Entry]{
	key("rule", "Ids of rules.", some(ruleID), func(e *ignore.Entry) *[]string { return &e.Rules }).must(),
	key("path", "Globs over the files of findings.", some(pathGlob), func(e *ignore.Entry) *[]string { return &e.Paths }),
	key("kind", "Globs over the kinds of objects.", some(nameGlob), func(e *ignore.Entry) *[]string { return &e.Kinds }),
	key("namespace", "Globs over the namespaces of objects.", some(nameGlob), func(e *ignore.Entry) *[]string { return &e.Namespaces }),
	key("name", "Globs over the names of objects.", some(nameGlob), func(e *ignore.Entry) *[]string { return &e.Names }),
	key("container", "Globs over the names of containers.", some(nameGlob), func(e *ignore.Entry) *[]string { return &e.Containers }),
	key("subchart", "Globs over the names of vendored subcharts.", some(nameGlob), func(e *ignore.Entry) *[]string { return &e.Subcharts }),
	key("reason", "Why the team lives with it.", text, func(e *ignore.Entry) *string { return &e.Reason }).must(),
	key("until", "The first day on which the findings are reported again.", date,
		func(e *ignore.Entry) *time.Time { return &e.Until }),
}, at: func(e *ignore.Entry) *lint.Position { return &e.Position }}

var problemTable = record[ignore.ProblemEntry]{fields: []field[ignore.ProblemEntry]{
	key("code", "Codes of problems.", some(problemCode), func(e *ignore.ProblemEntry) *[]lint.ProblemCode { return &e.Codes }).must(),
	key("path", "Globs over the files of problems.", some(pathGlob), func(e *ignore.ProblemEntry) *[]string { return &e.Paths }),
	key("reason", "Why the team lives with it.", text, func(e *ignore.ProblemEntry) *string { return &e.Reason }).must(),
	key("until", "The first day on which the problems count again.", date,
		func(e *ignore.ProblemEntry) *time.Time { return &e.Until }),
}, at: func(e *ignore.ProblemEntry) *lint.Position { return &e.Position }}

var attestationTable = record[Attestation]{fields: []field[Attestation]{
	key("item", "The item of the checklist.", itemID, func(a *Attestation) *string { return &a.Item }).must(),
	key("by", "Who gives their word.", text, func(a *Attestation) *string { return &a.By }).must(),
	key("date", "The day on which it was found to hold.", date,
		func(a *Attestation) *time.Time { return &a.Date }).must(),
	key("evidence", "A link or a place where one can read more.", text, func(a *Attestation) *string { return &a.Evidence }).must(),
	key("expires", "The first day on which it no longer counts.", date,
		func(a *Attestation) *time.Time { return &a.Expires }),
}, at: func(a *Attestation) *lint.Position { return &a.Position }, check: checkAttestation}

var notApplicableTable = record[NotApplicable]{fields: []field[NotApplicable]{
	key("item", "The item of the checklist.", itemID, func(a *NotApplicable) *string { return &a.Item }).must(),
	key("reason", "Why it does not apply; the report prints it.", text, func(a *NotApplicable) *string { return &a.Reason }).must(),
	key("by", "Who decided it.", text, func(a *NotApplicable) *string { return &a.By }),
	key("date", "The day on which they decided it.", date, func(a *NotApplicable) *time.Time { return &a.Date }),
}, at: func(a *NotApplicable) *lint.Position { return &a.Position }}

var ruleTable = record[Rule]{fields: []field[Rule]{
	key("enabled", "Whether the rule is checked; left out, it is if a severity is given, else the profile decides.", changed(boolean, switched),
		func(r *Rule) *Switch { return &r.Enabled }),
	key("severity", "The severity of its findings.", severity,
		func(r *Rule) *lint.Severity { return &r.Severity }),
	key("paths", "The severity of its findings in some files, by glob; the first that matches counts.", pathSeverities,
		func(r *Rule) *[]PathSeverity { return &r.Paths }),
}, check: checkRule}

var (
	severities = []lint.Severity{lint.Critical, lint.High, lint.Medium, lint.Low}
	severity   = choice("severity", named(severities...), severities)
	failOn     = choice("severity", append(named(severities...), "none"), append(slices.Clone(severities), FailNever))
	profiles   = []lint.Profile{lint.Recommended, lint.Strict}
	profile    = choice("profile", append(named(profiles...), "checklist"), append(slices.Clone(profiles), lint.Strict)) // checklist is a former name

	pathGlob = checked("a glob over paths", checkGlob)
	nameGlob = checked("a glob over names", checkName)
	registry = matching(`^[a-z0-9]([a-z0-9._-]*[a-z0-9])?(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)*/?$`,
		"a registry or repository like registry.example.com/team, without scheme, tag or *")
	fieldPath = matching(`^[A-Za-z0-9_-]+(\[\])?(\.[A-Za-z0-9_-]+(\[\])?)*$`, "a path of keys like spec.template, with [] after that of a list")
	ruleID    = scalar(&schema{Type: "string", Pattern: kebab}, "the id of a rule", aText, (*reader).rule)
	itemID    = scalar(&schema{Type: "string", Pattern: kebab}, "the id of an item of the checklist", aText, (*reader).item)

	problemCode = scalar(&schema{Type: "string", Pattern: kebab}, "the code of a problem", aText,
		func(_ *reader, name string) (lint.ProblemCode, error) {
			code, err := lint.ParseProblemCode(name)
			if err == nil && !code.Acceptable() {
				return "", fmt.Errorf("problem %q cannot be accepted", name)
			}
			return code, err
		})

	valuesFile = checked("a file", func(name string) error {
		switch {
		case name == "":
			return errors.New("the name is empty; want a file relative to the chart")
		case path.IsAbs(name):
			return fmt.Errorf("%q is absolute; want a file relative to the chart", name)
		case strings.Contains(name, `\`):
			return fmt.Errorf("%q has a backslash; want forward slashes", name)
		}
		return nil
	})
	localFile = checked("a file", func(name string) error {
		switch clean := path.Clean(name); {
		case name == "":
			return errors.New("the name is empty; want a file relative to the configuration")
		case path.IsAbs(name), clean == "..", strings.HasPrefix(clean, "../"):
			return fmt.Errorf("%q leads out of the configuration's directory; want a file relative to it", name)
		case strings.Contains(name, `\`):
			return fmt.Errorf("%q has a backslash; want forward slashes", name)
		}
		return nil
	})
)

// kebab is how rules and items are named.
const kebab = `^[a-z0-9]+(-[a-z0-9]+)*$`

// rules maps ids to off, on, a severity, or a mapping that says more.
var rules = changed(mapping(ruleID, either("off, on, a severity or a mapping", ruleWord, ruleTable.shape())),
	func(l []entry[Rule]) []Rule {
		var rules []Rule
		for _, e := range l {
			e.value.ID, e.value.Position = e.key, e.at
			rules = append(rules, e.value)
		}
		return rules
	})

// ruleWord is what one word means for a rule.
var ruleWord = choice("setting", append([]string{"off", "on"}, named(severities...)...), append([]Rule{{Enabled: Off}, {Enabled: On}}, func() []Rule {
	var l []Rule
	for _, s := range severities {
		l = append(l, Rule{Enabled: On, Severity: s})
	}
	return l
}()...))

var pathSeverities = changed(mapping(pathGlob, severity), func(l []entry[lint.Severity]) []PathSeverity {
	var paths []PathSeverity
	for _, e := range l {
		paths = append(paths, PathSeverity{e.key, e.value, e.at})
	}
	return paths
})

var tiers = changed(mapping(text, tierTable.shape()), func(l []entry[Tier]) []Tier {
	var tiers []Tier
	for _, e := range l {
		e.value.Name, e.value.Position = e.key, e.at
		tiers = append(tiers, e.value)
	}
	return tiers
})

// named are the names of values.
func named[V fmt.Stringer](values ...V) []string {
	var l []string
	for _, v := range values {
		l = append(l, v.String())
	}
	return l
}

// names is one of some words.
func names(noun string, words ...string) shape[string] { return choice(noun, words, words) }

func switched(on bool) Switch {
	if on {
		return On
	}
	return Off
}

// What follows compares settings with each other.

// checkConfig looks at the settings that could be read: lists that hold a
// problem are left out.
func checkConfig(r *reader, n *yaml.Node, c *Config) {
	for i, e := range c.Charts {
		if j := slices.IndexFunc(c.Charts[:i], func(d Chart) bool { return d.Path == e.Path }); j >= 0 {
			r.problemf(node.Item(node.Child(n, "charts"), i), "charts[%d].path %q is that of charts[%d] too; want one entry for it", i, e.Path, j)
		}
	}
	checkTierNames(r, n, c)
	for i, a := range c.Attestations {
		at := node.Item(node.Child(n, "attestations"), i)
		if j := slices.IndexFunc(c.Attestations[:i], func(b Attestation) bool { return a.Item == b.Item }); j >= 0 {
			r.problemf(at, "attestations[%d].item %q is that of attestations[%d] too; want the latest only", i, a.Item, j)
		}
		if slices.ContainsFunc(c.NotApplicable, func(b NotApplicable) bool { return a.Item == b.Item }) {
			r.problemf(at, "attestations[%d].item %q is also not applicable; want one of the two", i, a.Item)
		}
	}
}

func checkTierNames(r *reader, n *yaml.Node, c *Config) {
	if _, ok := c.given["tiers"]; !ok && node.Child(n, "tiers") != nil {
		return // their names are not known
	}
	var tiers []string
	for _, t := range c.Tiers {
		tiers = append(tiers, t.Name)
	}
	for i, s := range c.Sensitive {
		if s.Tier == "" || slices.Contains(tiers, s.Tier) {
			continue
		}
		message := fmt.Sprintf("sensitive[%d].tier: unknown tier %q; ", i, s.Tier)
		if near := suggest.Closest(s.Tier, tiers); near != "" {
			message += "did you mean " + quote(near)
		} else {
			message += "want one of tiers"
		}
		r.problemf(node.Child(node.Item(node.Child(n, "sensitive"), i), "tier"), "%s", message)
	}
}

func checkRule(r *reader, n *yaml.Node, path string, v *Rule) {
	switch {
	case len(n.Content) == 0:
		r.problemf(n, "%s says nothing; want enabled, severity or paths", path)
	case v.Enabled == ByProfile && v.Severity != 0:
		v.Enabled = On
	}
}

func checkChart(r *reader, n *yaml.Node, path string, c *Chart) {
	for i, s := range c.Scenarios {
		if j := slices.IndexFunc(c.Scenarios[:i], func(t Scenario) bool { return t.Name == s.Name }); j >= 0 {
			r.problemf(node.Child(node.Item(node.Child(n, "scenarios"), i), "name"), "%s.scenarios[%d].name %q is that of scenarios[%d] too; want another", path, i, s.Name, j)
		}
	}
	if len(c.Scenarios) == 0 && !c.DefaultValues && !c.CIValues {
		r.problemf(n, "%s is rendered with no values at all; want scenarios, or the chart in roots.exclude", path)
	}
}

func checkWorkloadKind(r *reader, n *yaml.Node, path string, k *WorkloadKind) {
	if (k.Template == "") == (k.PodSpec == "") {
		r.problemf(n, "%s needs to say where the pods are; want either template or pod-spec", path)
	}
}

func checkSelector(r *reader, n *yaml.Node, path string, s *Selector) {
	if len(s.Kinds) == 0 && len(s.Namespaces) == 0 && len(s.Names) == 0 && len(s.Labels) == 0 {
		r.problemf(n, "%s selects nothing in particular; want kind, namespace, name or labels", path)
	}
}

func checkSystem(r *reader, n *yaml.Node, path string, s *System) {
	switch selects := len(s.Kinds)+len(s.Namespaces)+len(s.Names)+len(s.Labels) > 0; {
	case s.Name != "" && s.Label != "":
		r.problemf(n, "%s has both system and label; want one of the two", path)
	case s.Name == "" && s.Label == "":
		r.problemf(n, "%s names no system; want system or label", path)
	case s.Name != "" && !selects:
		r.problemf(n, "%s selects nothing in particular; want kind, namespace, name or labels", path)
	}
}

func checkTier(r *reader, n *yaml.Node, path string, t *Tier) {
	if len(t.NodeSelector) == 0 && len(t.Tolerations) == 0 && len(t.RuntimeClasses) == 0 {
		r.problemf(n, "%s says nothing; want node-selector, tolerations or runtime-class", path)
	}
}

func checkToleration(r *reader, n *yaml.Node, path string, t *Toleration) {
	switch {
	case t.Operator == "Exists" && t.Value != "":
		r.problemf(n, "%s has a value, which operator Exists does not look at; want no value, or operator Equal", path)
	case t.Operator == "Equal" && t.Key == "":
		r.problemf(n, "%s has no key; want one, or operator Exists", path)
	}
}

func checkAttestation(r *reader, n *yaml.Node, path string, a *Attestation) {
	if !a.Expires.IsZero() && !a.Expires.After(a.Date) {
		r.problemf(node.Child(n, "expires"), "%s.expires is not after its date; want a later day", path)
	}
}
