package helm

import (
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/strvals"
	"sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
)

// Scenario is one set of values with which a chart is rendered. The zero value
// is the chart's default values.
type Scenario struct {
	// Name is the name that reports print. It is empty for the default values.
	Name string
	// Values are merged over the chart's own values; the last file wins.
	Values []values.File
	// Set has arguments of --set, which win over all files: image.tag=v1.
	Set []string
	// ReleaseName and Namespace are the arguments of helm install. If empty, they are the
	// chart's name and "default".
	ReleaseName, Namespace string
	// Version is the Kubernetes version that templates see. If zero, it is lint.Newest.
	Version lint.Version
	// APIVersions are available in addition to those of Kubernetes itself.
	APIVersions []string
	// Lookup is files of YAML documents: the objects that lookup finds in the cluster. If
	// it is empty, lookup finds nothing.
	Lookup []values.File
	// Exploring is set for scenarios that the user did not request. Their failures are
	// reported as notes.
	Exploring bool
	// Executing is called with the name of each template file, as reports print it,
	// before the file is executed. It may be nil.
	Executing func(file string)

	// over has settings that win over all other values.
	over []values.Setting
	// trial is set for a rendering that only tries out other values.
	trial bool
	// known are the problems of the scenario from which an explored one was made.
	known map[lint.Problem]bool
}

// isTestValues reports the values files with which charts are tested.
func isTestValues(name string) bool {
	return path.Dir(name) == "ci" && naming.IsTestValues(name)
}

// CIScenarios are the scenarios that a chart contains for its tests: ci/*-values.yaml, also
// where .helmignore keeps them out of packages.
func (c *Chart) CIScenarios() []Scenario {
	var l []Scenario
	for _, f := range slices.Concat(c.root.files, c.ignoredTests) {
		if isTestValues(f.Name) {
			l = append(l, Scenario{Name: f.Name, Values: []values.File{{Name: c.root.path(f.Name), Data: f.Data}}})
		}
	}
	return l
}

// userValues merges the values that a scenario adds to the chart's own.
func (s *Scenario) userValues() (map[string]any, []lint.Problem) {
	var problems []lint.Problem
	all := map[string]any{}
	for _, f := range s.Values {
		m := map[string]any{}
		if err := yaml.Unmarshal(f.Data, &m); err != nil {
			p := lint.Problem{Code: lint.CodeInvalidValues, Position: lint.Position{File: f.Name}, Message: "reading the values: " + trace.WithoutQuotes(err.Error())}
			if at := yamlLine.FindStringSubmatchIndex(p.Message); at != nil {
				_, _ = fmt.Sscan(p.Message[at[2]:at[3]], &p.Line)
				p.Message = "invalid YAML: " + p.Message[at[1]:]
			}
			problems = append(problems, p)
			continue
		}
		if err := (&trace.Measured{}).Measure(reflect.ValueOf(m), 0); err != nil {
			problems = append(problems, lint.Problem{Code: lint.CodeInvalidValues, Position: lint.Position{File: f.Name}, Message: "reading the values: " + err.Error()})
			continue
		}
		all = mergeMaps(all, m)
	}
	for _, set := range s.Set {
		if err := strvals.ParseInto(set, all); err != nil {
			key, _, _ := strings.Cut(set, "=") // the rest may be a secret, and the error quotes parts of it
			problems = append(problems, lint.Problem{Code: lint.CodeInvalidValues, Message: fmt.Sprintf("reading --set %s=…: %s", key, trace.WithoutQuotes(err.Error()))})
		}
	}
	for _, o := range s.over {
		all = mergeMaps(all, o.AsValues())
	}
	return all, problems
}

// mergeMaps merges b over a. Maps are merged, anything else is replaced.
func mergeMaps(a, b map[string]any) map[string]any {
	out := make(map[string]any, len(a)+len(b))
	maps.Copy(out, a)
	for k, v := range b {
		if over, ok := v.(map[string]any); ok {
			if under, ok := out[k].(map[string]any); ok {
				out[k] = mergeMaps(under, over)
				continue
			}
		}
		out[k] = v
	}
	return out
}

// ValuesFile is a file of values.
type ValuesFile = values.File
