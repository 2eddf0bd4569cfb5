package config

import (
	"bufio"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// Found is what a tree holds, for the configuration to start with. Names are
// relative to the configuration, with forward slashes.
type Found struct {
	Charts []ChartFound
	// Overlays are the directories of kustomizations.
	Overlays []string
}

// ChartFound is a chart.
type ChartFound struct {
	Path string
	// ValuesFiles are those besides values.yaml and ci/*-values.yaml, relative
	// to the chart.
	ValuesFiles []string
}

// Init writes a commented configuration to start with. Lines that begin with
// "# " explain; lines that begin with "#" alone are settings to take the # off.
func Init(out io.Writer, found Found) error {
	w := bufio.NewWriter(out)
	defaults := Default()
	lines := []string{
		"# yaml-language-server: $schema=" + schemaURL,
		"# What kubevet checks here. Every setting is optional; `kubevet config` prints those in effect.",
		"",
		"# The set of rules: recommended, or checklist for all of them.",
		"profile: " + defaults.Profile.String(),
		"",
		"# The least severity that makes the exit code 1: critical, high, medium, low, or none.",
		"fail-on: " + defaults.FailOn.String(),
		"",
		"# The Kubernetes version that this repository is deployed to. Without it, the newest is assumed.",
		"#kube-version: " + strings.TrimPrefix(lint.Newest.String(), "v"),
		"",
		"# Single rules: off, on, or a severity. `kubevet rules` lists them.",
		"#rules:",
		"#  cpu-limit: low",
		"#  no-latest-tag:",
		"#    severity: high",
		"#    paths:",
		"#      dev/**: low",
		"",
	}
	lines = append(lines, chartLines(found.Charts)...)
	lines = append(lines,
		"# What not to lint: directories of charts and overlays, and manifests.",
	)
	for _, o := range sorted(found.Overlays) {
		lines = append(lines, "# There is the overlay "+inComment(o)+".")
	}
	lines = append(lines,
		"#roots:",
		"#  exclude:",
		"#  - test/**",
		"",
		"# Findings that you choose to live with. The reason is required; past its date an entry serves no more.",
		"#ignores:",
		"#- rule: read-only-root-filesystem",
		"#  path: charts/db/**",
		"#  name: db",
		"#  reason: it writes its socket beside its program",
		"#  until: 2027-03-01",
		"",
		"# Where your images come from.",
		"#registries:",
		"#- registry.example.com/team",
		"",
		"# What becomes of findings in vendored subcharts: report, warn or ignore.",
		"#subcharts: "+defaults.Subcharts.String(),
	)
	for _, line := range lines {
		_, _ = w.WriteString(line + "\n") // Flush reports the error
	}
	return w.Flush()
}

// inComment is a name within a comment, which it must not end: YAML knows several
// line breaks.
func inComment(name string) string { return strings.Trim(strconv.Quote(name), `"`) }

func sorted(l []string) []string {
	l = slices.Clone(l)
	slices.Sort(l)
	return slices.Compact(l)
}

// chartLines are an entry for each chart with values files of its own: they are
// how it is deployed, presumably.
func chartLines(charts []ChartFound) []string {
	charts = slices.Clone(charts)
	slices.SortFunc(charts, func(a, b ChartFound) int { return strings.Compare(a.Path, b.Path) })
	charts = slices.CompactFunc(charts, func(a, b ChartFound) bool { return a.Path == b.Path })
	lines := []string{
		"# The values with which charts are rendered, besides their own and their ci/*-values.yaml.",
	}
	var entries []string
	for _, c := range charts {
		if len(c.ValuesFiles) == 0 {
			lines = append(lines, "# There is the chart "+inComment(c.Path)+".")
			continue
		}
		entries = append(entries, "- path: "+scalarText(literal(c.Path)), "  scenarios:")
		files := sorted(c.ValuesFiles)
		for i, name := range scenarioNames(files) {
			entries = append(entries, "  - name: "+scalarText(name), "    values: "+scalarText(files[i]))
		}
	}
	if len(entries) == 0 {
		return append(lines,
			"#charts:",
			"#- path: charts/web",
			"#  scenarios:",
			"#  - name: prod",
			"#    values: [values-prod.yaml]",
			"#    set: [image.tag=v1]",
			"#    namespace: web",
			"",
		)
	}
	return append(append(append(lines, "charts:"), entries...), "")
}

// literal is a glob that matches a path and nothing else.
func literal(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `{`, `\{`, `}`, `\}`).Replace(path)
}

// scenarioNames names scenarios after their files: values-prod.yaml is prod.
// Where that says nothing, or says the same of two, the name is the file's.
func scenarioNames(files []string) []string {
	var names []string
	for _, f := range files {
		name := strings.TrimSuffix(path.Base(f), path.Ext(f))
		for _, part := range []string{"values-", "values.", "values_"} {
			name = strings.TrimPrefix(name, part)
		}
		for _, part := range []string{"-values", ".values", "_values"} {
			name = strings.TrimSuffix(name, part)
		}
		names = append(names, name)
	}
	out := slices.Clone(names)
	for i, name := range names {
		twice := slices.Contains(names[:i], name) || slices.Contains(names[i+1:], name)
		if twice || name == "values" || strings.TrimSpace(name) == "" || slices.Contains(files, name) {
			out[i] = files[i]
		}
	}
	return out
}
