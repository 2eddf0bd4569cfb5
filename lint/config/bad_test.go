package config

// badText is a configuration that makes no sense.
type badText struct {
	name, text string
	// want is line:column: message of each problem.
	want []string
	// schema says whether the schema finds nothing wrong. It is nil if the text is no
	// YAML, or what the schema says does not matter.
	schema *bool
}

var (
	schemaRefuses = new(false)
	schemaBlind   = new(true) // only rules and files show it
)

var badTexts = []badText{
	{"unknown key", "profil: recommended\n", []string{`1:1: unknown key "profil"; did you mean "profile"`}, schemaRefuses},
	{"unknown key far off", "zzzzzz: 1\n", []string{`1:1: unknown key "zzzzzz"; want one of profile, fail-on, kube-version, rules, charts, roots, workload-kinds, sensitive, tiers, systems, registries, workload-writers, one-cluster, certificate-expiry-days, ignores, problems, subcharts, lookup, attestations, not-applicable`}, schemaRefuses},
	{
		"unknown keys below", "charts:\n- path: a\n  scenario: []\nroots: {excludes: []}\nrules:\n  cpu-limit: {sverity: low}\nignores:\n- {rule: cpu-limit, reason: r, rules: cpu-limit}\n",
		[]string{
			`3:3: unknown key "scenario" in charts[0]; did you mean "scenarios"`,
			`4:9: unknown key "excludes" in roots; did you mean "exclude"`,
			`6:15: unknown key "sverity" in rules.cpu-limit; did you mean "severity"`,
			`8:32: unknown key "rules" in ignores[0]; did you mean "rule"`,
		},
		schemaRefuses,
	},
	{
		"all at once", "profile: strickt\nfail-on: hgh\nkube-version: latest\nsubcharts: drop\n",
		[]string{
			`1:10: profile: unknown profile "strickt"; did you mean "strict"`,
			`2:10: fail-on: unknown severity "hgh"; did you mean "high"`,
			`3:15: kube-version: invalid Kubernetes version "latest"; want a form like 1.31 or v1.31.2`,
			`4:12: subcharts: unknown policy "drop"; want report, warn or ignore`,
		},
		schemaRefuses,
	},
	{
		"rules", "rules:\n  cpu-limits: off\n  frobnicate: on\n  cpu-limit: offf\n  no-host-pid: {}\n  image-digest: [low]\n  no-latest-tag: {severity: bad}\n  run-as-non-root: {paths: {/a: low, a//b: low, b: lo}}\n",
		[]string{
			`2:3: rules: unknown rule "cpu-limits"; did you mean "cpu-limit"`,
			"3:3: rules: unknown rule \"frobnicate\"; `kubevet rules` lists them",
			`4:14: rules.cpu-limit: unknown setting "offf"; did you mean "off"`,
			`5:16: rules.no-host-pid says nothing; want enabled, severity or paths`,
			`6:17: rules.image-digest is a list; want off, on, a severity or a mapping`,
			`7:29: rules.no-latest-tag.severity: unknown severity "bad"; want critical, high, medium or low`,
			`8:29: rules.run-as-non-root.paths: "/a" is absolute; want a path relative to the configuration`,
			`8:38: rules.run-as-non-root.paths: "a//b" has two slashes in a row; want one`,
			`8:52: rules.run-as-non-root.paths.b: unknown severity "lo"; want critical, high, medium or low`,
		},
		schemaRefuses,
	},
	{
		"a rule by both its names", "rules:\n  no-host-path: off\n  host-path: on\n",
		[]string{`3:3: rules has "no-host-path" twice; the other is on line 2`},
		schemaBlind,
	},
	{
		"unknown rule of an ignore", "ignores:\n- rule: [cpu-limit, cpu-limti]\n  reason: r\n",
		[]string{`2:21: ignores[0].rule[1]: unknown rule "cpu-limti"; did you mean "cpu-limit"`},
		schemaBlind,
	},
	{
		"duplicate keys", "profile: recommended\nfail-on: low\nprofile: checklist\nroots: {include: [], include: []}\n",
		[]string{`3:1: the configuration has "profile" twice; the other is on line 1`, `4:22: roots has "include" twice; the other is on line 4`},
		nil,
	},
	{
		"wrong types", "profile: [a]\nkube-version: true\nrules: []\ncharts: {}\nregistries: a\nroots: 5\nignores:\n- x\n- rule: 1\n  reason: true\n  until: 5\nlookup:\n",
		[]string{
			`1:10: profile is a list; want recommended, strict or checklist`,
			`2:15: kube-version is true or false; want a version like 1.31`,
			`3:8: rules is a list; want a mapping`,
			`4:9: charts is a mapping; want a list`,
			`5:13: registries is a text; want a list`,
			`6:8: roots is a number; want a mapping`,
			`8:3: ignores[0] is a text; want a mapping`,
			`9:9: ignores[1].rule is a number; want the id of a rule`,
			`10:11: ignores[1].reason is true or false; want a text`,
			`11:10: ignores[1].until is a number; want a date like 2027-03-01`,
			`12:8: lookup is empty; want a list, or the key left out`,
		},
		schemaRefuses,
	},
	{"not a mapping", "- a\n", []string{`1:1: the configuration is a list; want a mapping`}, schemaRefuses},
	{"keys of other types", "1: a\n? [b]\n: c\n<<: {profile: checklist}\n", []string{
		`1:1: a key of the configuration is a number; want a text`,
		`2:3: a key of the configuration is a list; want a text`,
		`4:1: the configuration has a merge key; want the keys themselves`,
	}, nil},
	{
		"required keys", "charts:\n- scenarios:\n  - values: a.yaml\nignores:\n- path: a\n- rule: cpu-limit\n  reason: ' '\nattestations:\n- {}\n",
		[]string{
			`2:3: charts[0] has no path; want one`,
			`3:5: charts[0].scenarios[0] has no name; want one`,
			`5:3: ignores[0] has no reason; want one`,
			`5:3: ignores[0] has no rule; want one`,
			`7:11: ignores[1].reason: the text is blank; want some`,
			`9:3: attestations[0] has no by; want one`,
			`9:3: attestations[0] has no date; want one`,
			`9:3: attestations[0] has no evidence; want one`,
			`9:3: attestations[0] has no item; want one`,
		},
		schemaRefuses,
	},
	{
		"globs", "charts:\n- path: charts/[a\n- path: charts/\n- path: ../a\n- path: a**/b\n- path: '{a,b}'\n- path: ''\nignores:\n- {rule: cpu-limit, reason: r, name: a/b, kind: '[', container: '**', namespace: ['']}\n",
		[]string{
			`2:9: charts[0].path: bad glob "charts/[a"; want * ? and closed [a-z], with a backslash before what is meant literally`,
			`3:9: charts[1].path: "charts/" ends in a slash; want "charts/**" for all that lies below`,
			`4:9: charts[2].path: "../a" holds ..; want a plain path below the configuration`,
			`5:9: charts[3].path: bad glob "a**/b"; want ** alone between slashes, and * anywhere else`,
			`6:9: charts[4].path: bad glob "{a,b}"; want one glob for each case, since braces have no meaning`,
			`7:9: charts[5].path: the glob is empty; want a path, which may hold * and **`,
			`9:38: ignores[0].name: "a/b" holds a slash; want a glob over names`,
			`9:49: ignores[0].kind: bad glob "["; want * ? and closed [a-z], with a backslash before what is meant literally`,
			`9:65: ignores[0].container: bad glob "**"; want ** alone between slashes, and * anywhere else`,
			`9:83: ignores[0].namespace[0]: the glob is empty; want a name, which may hold *`,
		},
		schemaRefuses,
	},
	{
		"dates", "ignores:\n- {rule: cpu-limit, reason: r, until: 2027-02-30}\n- {rule: cpu-limit, reason: r, until: next year}\nattestations:\n- {item: auth-access-review, by: a, date: 2026-05-01, evidence: e, expires: 2026-05-01}\n",
		[]string{
			`2:39: ignores[0].until: bad date "2027-02-30"; want a day that exists, like 2027-03-01`,
			`3:39: ignores[1].until: bad date "next year"; want a day that exists, like 2027-03-01`,
			`5:77: attestations[0].expires is not after its date; want a later day`,
		},
		schemaRefuses,
	},
	{
		"attestations", "attestations:\n- {item: auth-access-review, by: a, date: 2026-05-01, evidence: e, expires: 2026-05-01}\n- {item: auth-acess-review, by: a, date: 2026-05-01, evidence: e}\n",
		[]string{
			`2:77: attestations[0].expires is not after its date; want a later day`,
			`3:10: attestations[1].item: unknown checklist item "auth-acess-review"; did you mean "auth-access-review"`,
		},
		schemaBlind,
	},
	{
		"items", "attestations:\n- &a {item: auth-access-review, by: a, date: 2026-05-01, evidence: e}\n- {item: auth-access-review, by: b, date: 2026-06-01, evidence: e}\nnot-applicable:\n- {item: auth-access-review, reason: r}\n",
		[]string{
			`2:3: attestations[0].item "auth-access-review" is also not applicable; want one of the two`,
			`3:3: attestations[1].item "auth-access-review" is also not applicable; want one of the two`,
			`3:3: attestations[1].item "auth-access-review" is that of attestations[0] too; want the latest only`,
		},
		schemaBlind,
	},
	{
		"not applicable", "not-applicable:\n- {item: network-dmz, reason: ''}\n- {item: nowhere, reason: r}\n",
		[]string{`2:31: not-applicable[0].reason: the text is blank; want some`, `3:10: not-applicable[1].item: unknown checklist item "nowhere"; want an id of the checklist`},
		schemaRefuses,
	},
	{
		"charts that make no sense", "charts:\n- path: a\n  default-values: false\n  ci-values: false\n- path: b\n  scenarios: [{name: x}, {name: x}]\n",
		[]string{
			`2:3: charts[0] is rendered with no values at all; want scenarios, or the chart in roots.exclude`,
			`6:33: charts[1].scenarios[1].name "x" is that of scenarios[0] too; want another`,
		},
		schemaBlind,
	},
	{
		"one chart twice", "charts:\n- path: a\n- path: b\n- path: a\n",
		[]string{`4:3: charts[2].path "a" is that of charts[0] too; want one entry for it`},
		schemaBlind,
	},
	{
		"scenarios", "charts:\n- path: a\n  scenarios:\n  - name: x\n    set: [image.tag]\n    release-name: Web\n    namespace: a.b\n    kube-version: 1\n    values: [/a.yaml, '']\n  - name: y\n    values: []\n",
		[]string{
			`5:11: charts[0].scenarios[0].set[0]: bad value "image.tag"; want a setting like image.tag=v1`,
			`6:19: charts[0].scenarios[0].release-name: bad value "Web"; want a release name: at most 53 of a-z, 0-9 and -`,
			`7:16: charts[0].scenarios[0].namespace: bad value "a.b"; want a namespace: at most 63 of a-z, 0-9 and -`,
			`8:19: charts[0].scenarios[0].kube-version is a number; want a version like 1.31`,
			`9:14: charts[0].scenarios[0].values[0]: "/a.yaml" is absolute; want a file relative to the chart`,
			`9:23: charts[0].scenarios[0].values[1]: the name is empty; want a file relative to the chart`,
			`11:13: charts[0].scenarios[1].values is an empty list; want at least one`,
		},
		schemaRefuses,
	},
	{
		"workload kinds", "workload-kinds:\n- kind: Worker\n- {kind: Worker, template: spec, pod-spec: spec}\n- {kind: worker, group: example.com/v1, template: 'a[0]'}\n",
		[]string{
			`2:3: workload-kinds[0] needs to say where the pods are; want either template or pod-spec`,
			`3:3: workload-kinds[1] needs to say where the pods are; want either template or pod-spec`,
			`4:10: workload-kinds[2].kind: bad value "worker"; want a kind like Deployment`,
			`4:25: workload-kinds[2].group: bad value "example.com/v1"; want an API group like example.com, without version`,
			`4:51: workload-kinds[2].template: bad value "a[0]"; want a path of keys like spec.template, with [] after that of a list`,
		},
		schemaRefuses,
	},
	{
		"tiers", "tiers:\n  gold: {}\n  iron:\n    tolerations:\n    - {operator: Exists, key: a, value: b}\n    - {value: b}\n    - {key: a, effect: NoShedule}\n",
		[]string{
			`2:9: tiers.gold says nothing; want node-selector, tolerations or runtime-class`,
			`5:7: tiers.iron.tolerations[0] has a value, which operator Exists does not look at; want no value, or operator Equal`,
			`6:7: tiers.iron.tolerations[1] has no key; want one, or operator Exists`,
			`7:24: tiers.iron.tolerations[2].effect: unknown effect "NoShedule"; did you mean "NoSchedule"`,
		},
		schemaRefuses,
	},
	{
		"systems", "systems:\n- {system: a, label: b}\n- {name: a}\n- {system: a}\n- label: team\n- {system: shop, namespace: shop}\n",
		[]string{
			`2:3: systems[0] has both system and label; want one of the two`, `3:3: systems[1] names no system; want system or label`,
			`4:3: systems[2] selects nothing in particular; want kind, namespace, name or labels`,
		},
		nil,
	},
	{
		"sensitive", "sensitive:\n- tier: gold\n",
		[]string{`2:3: sensitive[0] selects nothing in particular; want kind, namespace, name or labels`},
		schemaBlind,
	},
	{
		"unknown tier", "sensitive:\n- {name: a, tier: gld}\n- {name: b, tier: platinum}\ntiers: {gold: {runtime-class: gvisor}}\n",
		[]string{`2:19: sensitive[0].tier: unknown tier "gld"; did you mean "gold"`, `3:19: sensitive[1].tier: unknown tier "platinum"; want one of tiers`},
		schemaBlind,
	},
	{
		"registries", "registries: ['https://example.com', 'example.com/a:v1', 'example.com/*', Example.com]\nlookup: [../a, /b, '']\n",
		[]string{
			`1:14: registries[0]: bad value "https://example.com"; want a registry or repository like registry.example.com/team, without scheme, tag or *`,
			`1:37: registries[1]: bad value "example.com/a:v1"; want a registry or repository like registry.example.com/team, without scheme, tag or *`,
			`1:57: registries[2]: bad value "example.com/*"; want a registry or repository like registry.example.com/team, without scheme, tag or *`,
			`1:74: registries[3]: bad value "Example.com"; want a registry or repository like registry.example.com/team, without scheme, tag or *`,
			`2:10: lookup[0]: "../a" leads out of the configuration's directory; want a file relative to it`,
			`2:16: lookup[1]: "/b" leads out of the configuration's directory; want a file relative to it`,
			`2:20: lookup[2]: the name is empty; want a file relative to the configuration`,
		},
		schemaRefuses,
	},
	{"syntax", "profile: recommended\nrules: [a\n", []string{`2: the YAML cannot be read: did not find expected ',' or ']'`}, nil},
	{"syntax further down", "profile: recommended\nrules:\n  cpu-limit: off\n image-digest: off\n", []string{`4: the YAML cannot be read: did not find expected key`}, nil},
	{
		"more, beside what cannot be read", "charts:\n- path: a\n- path: a\nsensitive:\n- {name: a, tier: gold}\ntiers: [gold]\n",
		[]string{`3:3: charts[1].path "a" is that of charts[0] too; want one entry for it`, `6:8: tiers is a list; want a mapping`},
		schemaRefuses,
	},
	{"bad UTF-8", "# a\nprofile: \xff\n", []string{`2: the YAML cannot be read: invalid leading UTF-8 octet`}, nil},
	{"unknown alias", "profile: *a\n", []string{`1: the YAML cannot be read: unknown anchor referenced`}, nil},
	{"second document", "profile: recommended\n---\nfail-on: low\n", []string{`2:1: a second document starts here; want one`}, nil},
	{"column after wide letters", "rules: {\"größe\": off}\n", []string{"1:9: rules: unknown rule \"größe\"; `kubevet rules` lists them"}, schemaRefuses},
}
