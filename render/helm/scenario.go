package helm

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/strvals"
	"sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/render/helm/capabilities"
	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
	"github.com/kubevet/kubevet/render/timelimit"
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
	// Installed is where an object of the repository names the chart that it installs. Nil if none does, or if the line is not known.
	Installed *lint.Entry
	// Alias is what templates see as the name of the chart, if another one takes it in by that name. It is empty otherwise.
	Alias string
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
	// IsOwn is set for the values of the template of a values.yaml that the chart lacks: those who install it copy that.
	IsOwn bool
	// IsBesideOthers is set for a release that may have others in its namespace.
	IsBesideOthers bool
	// ofTests is set for the values with which the chart is tested, or shown.
	ofTests bool
	// known are the problems of the scenario from which an explored one was made.
	known map[lint.Problem]bool
}

// Install makes a scenario that of a release. A name and a namespace that the scenario has stay.
func (s *Scenario) Install(name, namespace string, files []values.File) {
	s.ReleaseName, s.Namespace, s.Values = cmp.Or(s.ReleaseName, name), cmp.Or(s.Namespace, namespace), files
}

// IsForEnvironment reports whether the values are neither for tests nor in place of the chart's own.
func (s *Scenario) IsForEnvironment() bool { return !s.ofTests && !s.IsOwn }

// IsOfTests reports whether the values are those with which the chart is tested.
func (s *Scenario) IsOfTests() bool { return s.ofTests }

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
			l = append(l, Scenario{Name: f.Name, Values: []values.File{{Name: c.root.path(f.Name), Data: f.Data}}, ofTests: true})
		}
	}
	return l
}

// LeftOut says which problems remain of a chart that is rendered in some scenarios, and with which notes: a dependency that is missing, and that
// none of them takes in, lacks nothing.
func (c *Chart) LeftOut(problems []lint.Problem, scenarios []Scenario) (remaining, notes []lint.Problem) {
	missing := map[lint.Position]optional{}
	c.root.addOptional(missing)
	if len(missing) == 0 || len(scenarios) == 0 {
		return problems, nil
	}
	takesIn := map[dependencyID]bool{}
	for _, s := range scenarios {
		c.addEnabled(&s, takesIn)
	}
	for _, p := range problems {
		d, ok := missing[p.Position]
		if p.Code != lint.CodeMissingDependency || !ok || takesIn[d.dependencyID] {
			remaining = append(remaining, p)
			continue
		}
		p.Code, p.Message = "", p.Message+"; the values leave it out ("+d.why+"), so all was rendered"
		p.Help = "run helm dependency build " + d.dir + ", without which Helm refuses the chart"
		notes = append(notes, p)
	}
	return remaining, notes
}

// dependencyID is a dependency of a chart: the place of the Chart.yaml of that, and what values call the dependency.
type dependencyID struct{ chart, name string }

// optional is a missing dependency that values may leave out: why says by what. dir is the chart that has it.
type optional struct {
	dependencyID
	why, dir string
}

// addOptional adds the missing dependencies of a chart, and of those that it takes in, which values may leave out, by their places.
func (s *sources) addOptional(missing map[lint.Position]optional) {
	for i, d := range s.metadata().Dependencies {
		if d == nil || d.Condition == "" && len(d.Tags) == 0 || s.has(d.Name) {
			continue
		}
		why := "condition " + d.Condition
		if d.Condition == "" {
			why = "tags " + strings.Join(d.Tags, ", ")
		}
		if at := s.dependencyLine(i, d); at.Line > 0 {
			missing[at] = optional{dependencyID{s.path("Chart.yaml"), cmp.Or(d.Alias, d.Name)}, why, s.dir}
		}
	}
	for _, sub := range s.subs {
		sub.addOptional(missing)
	}
}

// addEnabled adds the dependencies that a chart, and those that it takes in, take in with the values of a scenario, be they there or not. Those of a
// chart that is left out count: its own condition is another one.
func (c *Chart) addEnabled(s *Scenario, takesIn map[dependencyID]bool) {
	own := newFileNames()
	hc := c.root.build(&own)
	all := map[string][]*chart.Dependency{}
	own.names.eachChart(hc, func(file string, hc *chart.Chart) { all[file] = slices.Clone(hc.Metadata.Dependencies) })
	user, problems := s.userValues()
	if len(problems) == 0 && chartutil.ProcessDependenciesWithMerge(hc, user) == nil {
		own.names.eachChart(hc, func(file string, hc *chart.Chart) { all[file] = hc.Metadata.Dependencies })
	}
	for file, l := range all {
		for _, d := range l {
			if d != nil {
				takesIn[dependencyID{file, cmp.Or(d.Alias, d.Name)}] = true
			}
		}
	}
}

// maxBeside limits with how many values files beside the chart's own one it is rendered if it refuses that.
const maxBeside = 3

// BesideScenarios are the scenarios of the values files in the chart's folder, but for its own: test-values.yaml. If it has none of its own, the
// templates of that come first, then those for tests. They differ from that of the chart's own values in nothing else.
func (c *Chart) BesideScenarios(own Scenario) (l []Scenario) {
	with := func(files ...*loader.BufferedFile) Scenario {
		s, names := own, []string{}
		for _, f := range files {
			names = append(names, f.Name)
			s.Values = append(s.Values, values.File{Name: c.root.path(f.Name), Data: f.Data})
		}
		s.Name = strings.Join(names, ", ")
		return s
	}
	files := slices.Concat(c.root.files, c.ignoredTests)
	templates := valuesTemplates(files)
	for _, f := range files {
		if isBesideValues(f.Name) && !slices.Contains(templates, f) {
			s := with(f)
			s.ofTests = naming.MayBeTestValues(f.Name)
			l = append(l, s)
		}
	}
	rank := func(s Scenario) int {
		if s.ofTests {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(l, func(a, b Scenario) int { return cmp.Or(rank(a)-rank(b), cmp.Compare(a.Name, b.Name)) })
	if len(templates) > 1 {
		l = slices.Insert(l, 0, with(templates...))
	}
	if len(templates) > 0 {
		l = slices.Insert(l, 0, with(templates[0]))
	}
	for i := range min(len(templates), 2) {
		l[i].IsOwn = true
	}
	return l[:min(len(l), maxBeside)]
}

// ExampleScenarios are the scenarios of the values files of examples, which differ from that of the chart's own values in nothing else.
func ExampleScenarios(own Scenario, files []values.File) (l []Scenario) {
	for _, f := range files {
		s := own
		s.Name, s.Values, s.ofTests = f.Name, []values.File{f}, true
		l = append(l, s)
	}
	return l
}

// besideValues matches the names of values files beside values.yaml: test-values.yaml, values-test.yaml, values.test.yml.
var besideValues = regexp.MustCompile(`^(?:\w[\w.-]*[-_.]values|values[-_.]\w[\w.-]*)\.ya?ml$`)

func isBesideValues(name string) bool { return besideValues.MatchString(name) }

// valuesTemplate matches the names of templates of values files, which people copy: values.yaml.example, values.example.yaml, secrets.yaml.dist.
var valuesTemplate = regexp.MustCompile(`^(values|secrets?)(?:\.ya?ml[._-]|[._-])(?:default|example|sample|dist|tpl|template)(?:\.ya?ml)?$`)

func isValuesTemplate(name string) bool { return valuesTemplate.MatchString(name) }

// valuesTemplates are the templates of the values files that a chart lacks: that of values.yaml, without which there are none, and then the
// others.
func valuesTemplates(files []*loader.BufferedFile) (l []*loader.BufferedFile) {
	has := map[string]bool{}
	for _, f := range files {
		has[f.Name] = true
	}
	l = slices.DeleteFunc(slices.Clone(files), func(f *loader.BufferedFile) bool { return !isValuesTemplate(f.Name) })
	slices.SortFunc(l, func(a, b *loader.BufferedFile) int { return cmp.Compare(a.Name, b.Name) })
	isOfValues := func(f *loader.BufferedFile) bool { return valuesTemplate.FindStringSubmatch(f.Name)[1] == "values" }
	first := slices.IndexFunc(l, isOfValues)
	if first < 0 || has["values.yaml"] {
		return nil
	}
	rest := slices.DeleteFunc(slices.Clone(l), func(f *loader.BufferedFile) bool {
		return isOfValues(f) || has[valuesTemplate.FindStringSubmatch(f.Name)[1]+".yaml"]
	})
	return append([]*loader.BufferedFile{l[first]}, rest...)
}

// usual is what a chart renders to with its own values.
type usual struct {
	once sync.Once
	// containers are the names of the containers of what is rendered, by its kind and template. It is nil if not all could be rendered.
	containers map[usualObject][]string
}

// usualObject is the kind of an object and the template that has it: the name may be another one with the values of tests.
type usualObject struct{ kind, file string }

func (u *usual) render(c *Chart, s Scenario) {
	s.Name, s.Values, s.Set, s.over, s.Executing = "", nil, nil, nil, nil
	ctx, cancel := timelimit.Context(context.Background(), tryTime)
	defer cancel()
	t := newRendering(ctx, c)
	t.scenario = s
	t.render(&s)
	if t.out.Unit == nil || len(t.out.Problems) > 0 || len(t.out.Unit.Objects) == 0 {
		return
	}
	u.containers = map[usualObject][]string{}
	for _, o := range t.out.Unit.Objects {
		of := usualObject{o.Kind, t.templates[o]}
		u.containers[of] = append(u.containers[of], containerNames(o)...)
	}
}

func containerNames(o *lint.Object) (names []string) {
	for _, w := range o.Workloads {
		for _, c := range w.Select(lint.Containers) {
			names = append(names, c.Name)
		}
	}
	return names
}

// isOnlyTested reports whether the chart has an object, or a container of it, with the values of its tests, but not with its own.
func (r *rendering) isOnlyTested(o *lint.Object, container string) bool {
	u, file := r.chart.usual, r.templates[o]
	if u == nil || file == "" {
		return false
	}
	u.once.Do(func() { u.render(r.chart, r.scenario) })
	names, has := u.containers[usualObject{o.Kind, file}]
	switch {
	case u.containers == nil:
		return false
	case !has:
		return true
	}
	// a container that has only another name is no other one
	return container != "" && !slices.Contains(names, container) && len(names) < len(containerNames(o))
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

// Given are the values that a scenario gives to the chart, without the chart's own. What cannot be read is left out.
func (s *Scenario) Given() map[string]any {
	given, _ := s.userValues()
	return given
}

// Sets reports whether values have one that is not empty at a key, which is written as in a trail.
func Sets(given map[string]any, key string) bool {
	steps, ok := values.SplitSteps(key)
	v, found := trace.ValueAt(given, steps)
	return ok && found && v != nil && v != ""
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

// TakenIn is a chart of the tree that another one takes in by file://.
type TakenIn struct {
	// Dir is its directory in the tree, and Key the key below which the other one has its values: its name there.
	Dir, Key string
	// By is the release of the other one, if nothing names it.
	By string
	// Values is what the values.yaml of the other one sets for it when it takes it in. It has no data if that is nothing.
	Values ValuesFile
}

// TakesIn are the charts that Chart.yaml refers to by file://. What one of them is given by globals counts, too.
func (c *Chart) TakesIn() (l []TakenIn) {
	global := map[string]any{}
	if m, ok := c.root.loaded.Values["global"].(map[string]any); ok {
		global["global"] = m
	}
	file := ValuesFile{Name: c.root.path("values.yaml"), Data: c.root.file("values.yaml")}
	position := file.Positions()
	position(nil) // it is parsed before several scenarios ask
	for _, d := range c.root.metadata().Dependencies {
		rel, ok := "", false
		if d != nil {
			rel, ok = strings.CutPrefix(d.Repository, fileRepository)
		}
		if !ok || c.root.name == "" {
			continue
		}
		t := TakenIn{Dir: c.root.takenFrom(d.Name, rel), Key: cmp.Or(d.Alias, d.Name), By: madeUpRelease(c.Name)}
		if m, ok := c.root.loaded.Values[t.Key].(map[string]any); ok {
			m = withSwitchOn(m, t.Key, d.Condition)
			if data, err := yaml.Marshal(mergeMaps(global, m)); err == nil && len(m) > 0 {
				t.Values = ValuesFile{Name: file.Name, Above: t.Key, Data: data, At: func(steps []string) lint.Position {
					at, ok := position(append([]string{t.Key}, steps...))
					if !ok {
						at, _ = position(steps)
					}
					return at
				}}
			}
		}
		l = append(l, t)
	}
	return l
}

// takenFrom is the directory in the tree of a dependency by file:// at a path: the folder may have no chart before something puts it there.
func (s *sources) takenFrom(name, rel string) string {
	for _, sub := range s.subs {
		if sub.name != "" && sub.loaded.Name() == name {
			return sub.name
		}
	}
	return path.Join(s.name, rel)
}

// withSwitchOn is what a chart sets for one that it takes in, with what its condition tests on. It is empty if there is nothing else.
func withSwitchOn(m map[string]any, key, condition string) map[string]any {
	on, others := map[string]any{}, len(m)
	for c := range strings.SplitSeq(condition, ",") {
		name, ok := strings.CutPrefix(strings.TrimSpace(c), key+".")
		if _, isBool := m[name].(bool); ok && isBool {
			on[name] = true
		}
	}
	if len(on) == others {
		return nil
	}
	return mergeMaps(m, on)
}

// Renders are the charts, as reports print their directories, that a chart renders with its own values: itself, and those that it takes
// in. isWhole is false if it lacks others.
func (c *Chart) Renders() (l map[string]bool, isWhole bool) {
	names := newFileNames()
	hc := c.root.build(&names)
	l = map[string]bool{}
	if chartutil.ProcessDependenciesWithMerge(hc, map[string]any{}) != nil {
		return l, false
	}
	names.names.eachChart(hc, func(file string, _ *chart.Chart) { l[path.Dir(file)] = true })
	return l, len(c.missing) == 0
}

// maxAPIRounds limits how often a scenario is rendered again with more API versions: a template may ask for them one after the other.
const maxAPIRounds = 3

// lackedAPIs are the API versions of custom resources that a call of fail depends on: the cluster lacks them. Those of Kubernetes itself depend on
// its version.
func lackedAPIs(missing *trace.RequiredError) (apis []string) {
	for w := missing.Within; w != nil; w = w.Up {
		for _, t := range w.Tests() {
			if t.Kind == trace.APITest && !t.Want && !capabilities.IsOfKubernetes(t.API) {
				apis = append(apis, t.API)
			}
		}
		if w.Up == nil || !w.Up.OnlyIf {
			break
		}
	}
	return apis
}

// withAPIs renders the scenario as for a cluster that has the API versions of custom resources without which templates fail: with these values the
// chart can be installed in no other. It stays as it is if that does not help, and for a scenario that tries out values. Notes say what was added.
func (r *rendering) withAPIs(ctx context.Context) *rendering {
	for range maxAPIRounds {
		s := r.scenario
		if len(r.lackedAPIs) == 0 || s.Exploring || s.trial {
			return r
		}
		s.APIVersions = slices.Concat(s.APIVersions, apisOf(r.lackedAPIs))
		with := newRendering(ctx, r.chart)
		with.scenario = s
		with.render(&s)
		if with.out.Unit == nil || len(with.out.Problems) >= len(r.out.Problems) {
			return r
		}
		notes := r.out.Notes // those of the rounds before, too
		for _, f := range r.lackedAPIs {
			notes = append(notes, lint.Problem{
				Position: f.problem.Position,
				Message:  strings.TrimRight(f.problem.Message, ". ") + "; rendered as with --api-versions " + strings.Join(f.apis, " --api-versions "),
			})
		}
		for _, n := range notes {
			if !slices.Contains(with.out.Notes, n) {
				with.note(n)
			}
		}
		r = with
	}
	return r
}

// ofAPIs are the failures for want of API versions of custom resources.
func ofAPIs(failures []failure) (l []failure) {
	for _, f := range failures {
		if len(f.apis) > 0 {
			l = append(l, f)
		}
	}
	return l
}

// apisOf are the API versions without which templates fail, each once.
func apisOf(l []failure) (apis []string) {
	for _, f := range l {
		apis = append(apis, f.apis...)
	}
	slices.Sort(apis)
	return slices.Compact(apis)
}

// notInRelease matches what is not in a name that Helm accepts for a release.
var notInRelease = regexp.MustCompile(`[^a-z0-9]+`)

// maxRelease is the length of the longest name of a release that Helm accepts, in bytes.
const maxRelease = 53

// madeUpRelease is the release of a chart for which nothing names one: it has the name of the chart, if Helm accepts it for a release, and else one
// like it. With a name that Helm refuses, objects could have names that they never have in a cluster.
func madeUpRelease(chart string) string {
	if chartutil.ValidateReleaseName(chart) == nil {
		return chart
	}
	name := notInRelease.ReplaceAllString(strings.ToLower(chart), "-")
	name = strings.Trim(name[:min(len(name), maxRelease)], "-")
	return cmp.Or(name, "release-name") // that of helm template
}
