package render

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/Masterminds/sprig/v3"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
	"sigs.k8s.io/kustomize/kyaml/yaml/merge2"
	k8syaml "sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/timelimit"
	"github.com/kubevet/kubevet/render/tree"
)

// helmChart renders the charts that kustomizations of a tree name in
// helmCharts, as kustomize build --enable-helm does.
func (p *Plan) helmChart(t *tree.Tree, within UnitID) func(context.Context, kustomize.HelmChart) *lint.Rendered {
	return func(ctx context.Context, hc kustomize.HelmChart) (out *lint.Rendered) {
		id := UnitID{Kind: lint.UnitChart, Input: t.Display(hc.Dir), Scenario: "helmCharts of " + hc.Position.File}
		if v := p.opts.Watch.guard(id, &within, func(at func(string), _ Verdict) {
			out = p.renderHelmChart(ctx, t, hc, helm.Scenario{Version: p.opts.Version, Executing: at})
		}); v.Lost != nil {
			out = &lint.Rendered{Problems: []lint.Problem{*v.Lost}}
		}
		if out == nil {
			out = &lint.Rendered{}
		}
		return out
	}
}

func (p *Plan) renderHelmChart(ctx context.Context, t *tree.Tree, hc kustomize.HelmChart, s helm.Scenario) *lint.Rendered {
	c, problems := p.charts.Load(t, hc.Dir)
	out := &lint.Rendered{Problems: problems}
	if c == nil {
		return out
	}
	values := chartValues(t, &hc, out)
	s.Name, s.Values, s.APIVersions = "helmCharts", values, hc.ApiVersions
	s.ReleaseName, s.Namespace = releaseName(&hc, out), hc.Namespace
	if hc.KubeVersion != "" {
		v, err := lint.ParseVersion(hc.KubeVersion)
		if err != nil {
			out.Problems = append(out.Problems, lint.Problem{Code: lint.CodeInvalidKustomization, Position: hc.Position, Message: "kubeVersion of chart " + hc.Name + ": " + err.Error()})
		} else {
			s.Version = v
		}
	}
	ctx, cancel := timelimit.Context(ctx, helm.ChartTime)
	defer cancel()
	r := c.Render(ctx, s)
	out.Unit, out.Sources = r.Unit, append(out.Sources, chartSources(discover.File{Tree: t, Name: hc.Dir})...)
	out.Problems, out.Notes = append(out.Problems, r.Problems...), append(out.Notes, r.Notes...)
	out.Texts = c.Printed(r, hc.IncludeCRDs, func(o *lint.Object) bool {
		hook := o.Root.Get("metadata.annotations").Child(naming.HookAnnotation).Text()
		return hc.SkipHooks && hook != "" || hc.SkipTests && isTest(hook)
	})
	return out
}

// throughReleases are the scenarios of a chart that a helmfile or commands of the repository install: it is linted with the values of the
// releases in the place of its own. Charts that the repository publishes have their own, too, and so do those that a command installs with
// values that are not known.
func (r *run) throughReleases(f discover.File, l []helm.Scenario, t throughParents, whole *Part) throughParents {
	own := slices.IndexFunc(l, isOwn)
	if own < 0 || t.replaced != nil || f.Named {
		return t
	}
	name, releases, isLeftOut, ok := r.helmfiles.Of(f.Tree, f.Name)
	if by := r.helmfiles.Uninstalled(f.Tree, f.Name); by != "" && r.isOnlyOf(f) {
		whole.Summary.Skipped = append(whole.Summary.Skipped, lint.Skip{File: f.Display(), Reason: by + " has it with installed: false, and nothing else installs it: name it to lint it"})
		return throughParents{replaced: &l[own]}
	}
	if !ok || !isLeftOut && len(releases) == 0 {
		return r.throughCommands(f, l, own, t)
	}
	if r.helmfiles.Publishes(f.Tree, f.Name) {
		return t
	}
	name = f.Tree.Display(name)
	if isLeftOut {
		whole.Summary.Skipped = append(whole.Summary.Skipped, lint.Skip{File: f.Display(), Reason: name + " installs the charts beside it, but not this one: name it to lint it"})
		return throughParents{replaced: &l[own]}
	}
	given := make([]helm.Scenario, len(releases))
	for i, release := range releases {
		given[i] = l[own]
		given[i].Name = release.Title(name)
		given[i].Install(release.Name, release.Namespace, release.Values)
		given[i].IsBesideOthers = release.IsBesideOthers
		for _, unset := range release.Unset {
			whole.Notes = append(whole.Notes, lint.Problem{
				Position: lint.Position{File: unset.File},
				Message:  "the values of " + strings.Join(unset.Keys, ", ") + " are not known: " + given[i].Name + " was rendered with those of the chart",
			})
		}
	}
	return t.inPlaceOf(own, given, l, name)
}

// isOnlyOf reports whether helmfiles alone may install a chart: no command does, no object of Flux or Argo CD, and it is not
// published.
func (r *run) isOnlyOf(f discover.File) bool {
	return !r.commands.Installs(f.Tree, f.Name) && len(r.installsAt(f.Display())) == 0 && !r.helmfiles.Publishes(f.Tree, f.Name)
}

// throughCommands are the scenarios of a chart that commands install with other values than its own. Those of a chart that is published may be
// for tests: they count only where it does not render with its own. Those with which commands render it to files of the repository count besides others.
func (r *run) throughCommands(f discover.File, l []helm.Scenario, own int, t throughParents) throughParents {
	releases, isAll := r.commands.Of(f.Tree, f.Name)
	isPublished := r.helmfiles.Publishes(f.Tree, f.Name)
	var given, stored []helm.Scenario
	by := ""
	for _, release := range releases {
		if isPublished && release.IsFromDocument { // for those who install it with values of their own
			continue
		}
		s := l[own]
		s.Name = release.Title()
		s.Install(release.Name, release.Namespace, release.Values)
		if release.Stored != "" {
			stored = append(stored, s)
			continue
		}
		given, by = append(given, s), cmp.Or(by, release.By)
	}
	switch {
	case len(given) == 0:
	case isPublished:
		t.beside = given
	case isAll:
		t = t.inPlaceOf(own, given, l, by)
	default:
		t.scenarios, t.given = slices.Concat(given, l), len(given)
	}
	t.scenarios, t.given = slices.Concat(stored, t.scenarios), len(stored)+t.given
	return t
}

// inPlaceOf has the scenarios of releases in the place of that with the chart's own values.
func (t throughParents) inPlaceOf(own int, given, l []helm.Scenario, by string) throughParents {
	t.scenarios = slices.Concat(given, l[:own], l[own+1:])
	t.replaced, t.given, t.why = &l[own], len(given), "its own values: it is linted with those that "+by+" sets for it; name it to lint it alone"
	return t
}

// installedApart are the dependencies of a chart, as reports call their directories, that the repository installs by themselves, if it does not
// install the chart, and publishes it to nobody who may.
func (r *run) installedApart(c *helm.Chart) (dirs map[string]bool) {
	renders, _ := c.Renders()
	dirs = map[string]bool{}
	for _, f := range r.plan.found.Charts {
		_, releases, _, _ := r.helmfiles.Of(f.Tree, f.Name)
		byCommand, _ := r.commands.Of(f.Tree, f.Name)
		isInstalled := len(releases)+len(byCommand) > 0
		switch {
		case f.Display() != c.Dir:
			if isInstalled && renders[f.Display()] {
				dirs[f.Display()] = true
			}
		case isInstalled || r.commands.Installs(f.Tree, f.Name) || len(r.installsOf(c)) > 0 || r.helmfiles.Publishes(f.Tree, f.Name):
			return nil
		}
	}
	return dirs
}

// dropInstalledApart takes objects out of what a chart that fails with its own values renders to: those of dependencies that are installed, and
// linted, by themselves. What the chart makes of them nobody can install.
func (r *run) dropInstalledApart(c *helm.Chart, u *lint.Unit) (notes []lint.Problem) {
	dirs := r.installedApart(c)
	if len(dirs) == 0 {
		return nil
	}
	drop := func(u *lint.Unit) (dropped int) {
		n := len(u.Objects)
		u.Objects = slices.DeleteFunc(u.Objects, func(o *lint.Object) bool {
			for dir := range discover.Above(o.Locate(o.Root).File) {
				if dirs[dir] {
					return true
				}
			}
			return false
		})
		return n - len(u.Objects)
	}
	if drop(u) == 0 {
		return nil
	}
	if try := u.Try; try != nil {
		u.Try = func(set []lint.Step) (tried *lint.Unit, cost int) {
			if tried, cost = try(set); tried != nil {
				drop(tried)
			}
			return tried, cost
		}
	}
	return []lint.Problem{{
		Position: lint.Position{File: c.Dir},
		Message: "the chart fails with its own values, and nothing in the repository installs it: the objects of " + strings.Join(slices.Sorted(maps.Keys(dirs)), ", ") +
			" were linted as these are installed by themselves",
	}}
}

// isTest reports whether a hook is one of helm test.
func isTest(hook string) bool {
	for event := range strings.SplitSeq(hook, ",") {
		switch strings.ToLower(strings.TrimSpace(event)) {
		case "test", "test-success":
			return true
		}
	}
	return false
}

// dropDeadTests takes the pods of helm test out of a chart that can only fail, as helm create makes one: they ask for a Service which the chart
// has in no template. Each is noted in place of findings: the file is to be deleted, not fixed.
func dropDeadTests(out *lint.Rendered) {
	u := out.Unit
	isDead := func(o *lint.Object) bool {
		host := testedHost(o)
		return host != "" && !slices.ContainsFunc(u.Objects, func(s *lint.Object) bool { return s.Is("", "Service") && s.Name == host })
	}
	if len(out.Problems) > 0 || !slices.ContainsFunc(u.Objects, isDead) || u.Disabled != nil && len(u.Disabled("Service")) > 0 {
		return
	}
	if u.Unrendered != nil && slices.ContainsFunc(u.Unrendered(), func(k lint.UnrenderedKind) bool { return k.Kind == "Service" }) {
		return
	}
	u.Objects = slices.DeleteFunc(u.Objects, func(o *lint.Object) bool {
		if !isDead(o) {
			return false
		}
		out.Notes = append(out.Notes, lint.Problem{
			Position: lint.Position{File: o.Locate(o.Root).File},
			Message:  "the test asks for Service " + testedHost(o) + ", which no template of the chart has: it can only fail, and was not linted",
			Help:     "delete the file, which helm create made",
		})
		return true
	})
}

// testedHost is the host that the only container of a pod of helm test asks for, with wget or curl alone, if it has the form of the name of
// a Service. It is empty for others.
func testedHost(o *lint.Object) string {
	if !o.Is("", "Pod") || !o.IsHelmTest() || len(o.Workloads) != 1 || len(o.Workloads[0].Containers) != 1 {
		return ""
	}
	c := o.Workloads[0].Containers[0]
	words := slices.Concat(c.Get("command").Strings(), c.Get("args").Strings())
	if len(words) != 2 || words[0] != "wget" && words[0] != "curl" || strings.ContainsAny(words[1], "./") {
		return ""
	}
	host, _, ok := strings.Cut(words[1], ":")
	if !ok || !naming.IsLabelValue(host) {
		return ""
	}
	return host
}

// helmReleaseName is what helm template calls a release that has no name.
const helmReleaseName = "release-name"

// releaseName is what the release is called: as given, or made by a template.
func releaseName(hc *kustomize.HelmChart, out *lint.Rendered) string {
	switch {
	case hc.ReleaseName != "":
		return hc.ReleaseName
	case hc.NameTemplate == "":
		return helmReleaseName
	}
	var name strings.Builder
	tm, err := template.New("nameTemplate").Funcs(nameFunctions()).Parse(hc.NameTemplate)
	if err == nil {
		err = onlyText(tm.Root)
	}
	if err == nil {
		err = tm.Execute(&name, nil)
	}
	if err != nil {
		out.Notes = append(out.Notes, lint.Problem{
			Position: hc.Position,
			Message:  fmt.Sprintf("nameTemplate of chart %s was not used, the release is called %s: %v", hc.Name, helmReleaseName, err),
		})
		return helmReleaseName
	}
	return name.String()
}

// maxReleaseName is the length of the longest name that Helm accepts, in bytes.
const maxReleaseName = 53

// nameFunctions are the functions that a nameTemplate may call: those that change
// a text and give the same each time. Others could take any time and memory.
func nameFunctions() template.FuncMap {
	funcs := template.FuncMap{}
	all := sprig.TxtFuncMap()
	for _, name := range []string{
		"cat", "camelcase", "default", "kebabcase", "lower", "nospace", "sha256sum", "snakecase",
		"trim", "trimAll", "trimPrefix", "trimSuffix", "trunc", "upper",
	} {
		funcs[name] = all[name]
	}
	funcs["replace"] = func(old, with, s string) (string, error) {
		if len(s) > maxReleaseName || len(with) > maxReleaseName {
			return "", errors.New("the text is too long for a name")
		}
		return strings.ReplaceAll(s, old, with), nil
	}
	funcs["printf"] = func(string, ...any) (string, error) { return "", errors.New("printf is not supported") }
	return funcs
}

// onlyText reports a template with loops or with templates in it.
func onlyText(list *parse.ListNode) error {
	for _, n := range list.Nodes {
		switch n.Type() {
		case parse.NodeText, parse.NodeAction, parse.NodeComment:
		default:
			return errors.New("it may only print texts and the results of functions")
		}
	}
	return nil
}

// chartValues are the values of an entry in Helm's order: valuesFile with
// valuesInline merged into it, then additionalValuesFiles.
func chartValues(t *tree.Tree, hc *kustomize.HelmChart, out *lint.Rendered) []helm.ValuesFile {
	var values []helm.ValuesFile
	read := func(name string) (f helm.ValuesFile, ok bool) {
		data, err := t.ReadFile(name)
		if err != nil {
			out.Problems = append(out.Problems, lint.Problem{
				Code:     lint.CodeInvalidValues,
				Position: hc.Position,
				Message:  fmt.Sprintf("cannot read the values file %s: %s", t.Display(name), tree.Cause(err)),
				Help:     "correct the path; the chart was rendered without the file",
			})
		}
		out.Sources = append(out.Sources, lint.SourceText{Name: t.Display(name), Text: data})
		return helm.ValuesFile{Name: t.Display(name), Data: data}, err == nil
	}
	own := path.Join(hc.Dir, "values.yaml")
	main := helm.ValuesFile{Name: t.Display(own)}
	switch {
	case hc.ValuesFile != "":
		main, _ = read(path.Join(hc.Kustomization, hc.ValuesFile))
	case len(hc.ValuesInline) > 0 && t.Exists(own):
		main, _ = read(own)
	}
	if len(hc.ValuesInline) > 0 {
		merged, err := mergeValues(t, main, hc)
		if err != nil {
			out.Problems = append(out.Problems, lint.Problem{
				Code:     lint.CodeInvalidValues,
				Position: hc.Position,
				Message:  fmt.Sprintf("merging valuesInline of chart %s: %v", hc.Name, err),
				Help:     "correct the entry; the chart was rendered without valuesInline",
			})
		} else {
			main = merged
		}
	}
	values = append(values, main)
	for _, name := range hc.AdditionalValuesFiles {
		if f, ok := read(path.Join(hc.Kustomization, name)); ok {
			values = append(values, f)
		}
	}
	return values
}

// mergeValues is valuesInline laid over the values file, under it (merge), or
// alone (replace).
func mergeValues(t *tree.Tree, file helm.ValuesFile, hc *kustomize.HelmChart) (helm.ValuesFile, error) {
	inline, err := kyaml.FromMap(hc.ValuesInline)
	if err != nil {
		return file, err
	}
	if hc.ValuesMerge == "replace" || len(bytes.TrimSpace(file.Data)) == 0 {
		data, err := k8syaml.Marshal(hc.ValuesInline)
		at := func(steps []string) lint.Position { p, _ := hc.Inline(steps); return p }
		return helm.ValuesFile{Name: hc.Position.File, Data: data, At: at, LineAt: t.LineAt}, err
	}
	under, err := kyaml.Parse(string(file.Data))
	if err != nil {
		return file, err
	}
	inFile := file.Positions()
	first, second := hc.Inline, inFile
	over := inline
	switch hc.ValuesMerge {
	case "", "override":
	case "merge":
		first, second = inFile, hc.Inline
		over, under = under, inline
	default:
		return file, fmt.Errorf("valuesMerge is %q; want merge, override or replace", hc.ValuesMerge)
	}
	merged, err := merge2.Merge(over, under, kyaml.MergeOptions{})
	if err != nil {
		return file, err
	}
	text, err := merged.String()
	return helm.ValuesFile{Name: file.Name, Data: []byte(text), At: func(steps []string) lint.Position {
		if p, ok := first(steps); ok {
			return p
		}
		p, _ := second(steps)
		return p
	}, LineAt: t.LineAt}, err
}
