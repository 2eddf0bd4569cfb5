// Package render turns the paths of a command line into Kubernetes objects,
// each of which knows where its YAML can be edited.
package render

import (
	"context"
	"io"
	"sync"
	"sync/atomic"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/tree"
)

// Options say how to render.
type Options struct {
	// Values are the files of -f, in order; the last one wins.
	Values []string
	// Set are the settings of --set, in order.
	Set []string
	// ReleaseName and Namespace are what a chart is rendered for. Empty: the
	// chart's name, and a namespace that is left to whoever installs it.
	ReleaseName, Namespace string
	// Version is the Kubernetes version to render for.
	Version lint.Version
	// Scenarios are values to render every chart with, besides those of Chart.
	Scenarios []Scenario
	// Chart says with which values a chart is rendered, given its directory as
	// reports call it. Nil: with its defaults, and with each ci/*-values.yaml.
	Chart func(dir string) ChartOptions
	// LoadRestrictionsNone lets overlays name files outside of their directory,
	// as kustomize's flag does. Nothing outside the tree is ever read.
	LoadRestrictionsNone bool
	// Explore renders charts with one value changed at a time too, to reach what
	// no scenario does.
	Explore bool
	// Lookup is files of YAML documents: the objects that Helm's lookup finds.
	Lookup []string
	// Includes reports whether a chart, an overlay or a manifest is wanted that
	// the arguments only lead to. Nil: every one is.
	Includes func(name string) bool
	// Shapes are kinds that hold pods besides those that kubevet knows.
	Shapes []lint.Shape
	// Jobs bounds how many inputs are rendered at a time. Zero counts as one.
	Jobs int
	// Stdin is read for the argument "-".
	Stdin io.Reader
}

// Plan is what the arguments hold, before anything is rendered.
type Plan struct {
	found  *found
	opts   Options
	values []helm.ValuesFile
	lookup []helm.ValuesFile
	stdin  bool
	// changed narrows the plan. Nil: everything is wanted.
	changed *changed
}

// NewPlan looks at the arguments: directories, files, and "-" for manifests on
// standard input. The error is about a values file that cannot be read.
func NewPlan(args []string, opts Options) (*Plan, error) {
	values, err := readValues(opts.Values)
	if err != nil {
		return nil, err
	}
	lookup, err := readValues(opts.Lookup)
	if err != nil {
		return nil, err
	}
	p := &Plan{opts: opts, values: values, lookup: lookup}
	var paths []string
	for _, a := range args {
		if a == "-" {
			p.stdin = true
		} else {
			paths = append(paths, a)
		}
	}
	p.found = discover(paths)
	return p, nil
}

// Result is what a run over a plan leaves besides what it rendered.
type Result struct {
	Problems []lint.Problem
	Notes    []lint.Problem
	Summary  lint.Summary
}

// Run renders everything and hands it on, from up to Jobs goroutines at a
// time and in no particular order. Charts and overlays come first, since a
// file that an overlay was built from is not read as a manifest of its own.
func (p *Plan) Run(ctx context.Context, each func(*lint.Rendered)) *Result {
	r := &run{plan: p, each: each}
	if p.opts.Includes != nil {
		p.found.narrow(p.opts.Includes)
	}
	r.result.Problems = p.found.problems
	r.result.Summary.Skipped = p.found.skipped
	overlays, owned := r.kustomizationRoots()
	r.owned = owned
	if p.changed != nil {
		overlays = p.changed.narrow(r, overlays)
	}
	var tasks []func()
	for _, c := range p.found.charts {
		tasks = append(tasks, func() { r.chart(ctx, c) })
	}
	for _, o := range overlays {
		tasks = append(tasks, func() { r.overlay(ctx, o) })
	}
	parallel(p.opts.Jobs, len(tasks), func(i int) { tasks[i]() })
	if p.changed != nil {
		p.changed.rest(ctx, r)
		return &r.result
	}
	r.manifests()
	r.deployed(ctx, overlays, r.gitOps, func(deployment) bool { return true })
	if r.result.Summary.Objects == 0 && len(r.result.Problems) == 0 {
		r.result.Problems = append(r.result.Problems, lint.Problem{
			Message: "no Kubernetes object found",
			Help:    "name a chart, an overlay, a manifest or a directory that holds one; -v lists the files that were passed over",
		})
	}
	return &r.result
}

// run is one run over a plan.
type run struct {
	plan *Plan
	each func(*lint.Rendered)

	mu     sync.Mutex
	result Result
	// owned are the files that overlays were built from, and those that only
	// make sense within one: patches.
	owned map[fileID]bool
	// wantCoverage asks for coverage, which costs time.
	wantCoverage bool
	// coverage is what the scenarios of each chart reached.
	coverage []*helm.Coverage
	// gitOps are the objects that may install charts and overlays of the trees.
	gitOps []*lint.Unit
}

// RepositoryPrefix is the path of the working directory within its Git
// repository, with forward slashes. Empty at its root, and outside of one.
func RepositoryPrefix() string {
	t, err := tree.Around(".")
	if err != nil {
		return ""
	}
	defer t.Close() //nolint:errcheck // read only: nothing can be lost
	if name, ok := t.Name("."); ok && name != "." {
		return name
	}
	return ""
}

// fileID tells files of different trees apart.
type fileID struct{ dir, name string }

func (f file) id() fileID { return fileID{f.tree.Dir(), f.name} }

// deliver counts what was rendered and hands it on.
func (r *run) deliver(out *lint.Rendered, count func(*lint.Summary)) {
	r.mu.Lock()
	r.result.Problems = append(r.result.Problems, out.Problems...)
	r.result.Notes = append(r.result.Notes, out.Notes...)
	if out.Unit != nil {
		r.result.Summary.Objects += len(out.Unit.Objects)
		if part := gitOpsUnit(out.Unit); part != nil {
			r.gitOps = append(r.gitOps, part)
		}
		for _, o := range out.Unit.Objects {
			o.AddWorkloads(r.plan.opts.Shapes)
		}
	}
	count(&r.result.Summary)
	r.mu.Unlock()
	if out.Unit != nil {
		r.each(out)
	}
}

func (r *run) count(change func(*lint.Summary)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.result.Summary)
}

func (r *run) note(l ...lint.Problem) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Notes = append(r.result.Notes, l...)
}

func (r *run) skip(s lint.Skip) {
	r.count(func(sum *lint.Summary) { sum.Skipped = append(sum.Skipped, s) })
}

func (r *run) problem(p lint.Problem) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Problems = append(r.result.Problems, p)
}

func parallel(jobs, n int, do func(int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(max(jobs, 1), n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
}
