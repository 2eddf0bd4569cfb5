package helm

import (
	"context"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/capabilities"
	"github.com/kubevet/kubevet/render/helm/trace"
)

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
