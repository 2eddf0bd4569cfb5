package rules

import (
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/rules/podsecurity"
)

// referee is the library that the API server itself uses.
type referee struct {
	evaluator policy.Evaluator
	checks    map[policy.CheckID]policy.Check
	refused   map[string]int
	verdicts  int
}

func newReferee(t *testing.T) *referee {
	t.Helper()
	e, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &referee{evaluator: e, checks: map[policy.CheckID]policy.Check{}, refused: map[string]int{}}
	for _, c := range policy.DefaultChecks() {
		r.checks[c.ID] = c
	}
	return r
}

// namesCheck is how the text about a rule of Pod Security names the check that it is.
var namesCheck = regexp.MustCompile(`^Reports what the check (\S+) of Pod Security Admission refuses\.`)

// checksOf lists the ids of the checks that a level has in a version.
func checksOf(t *testing.T, level podsecurity.Level, version lint.Version) (ids []string) {
	t.Helper()
	for _, rule := range podsecurity.Rules(level, version) {
		text, _ := podsecurity.Explain(rule.ID)
		m := namesCheck.FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("the text about %s names no check: %q", rule.ID, text)
		}
		ids = append(ids, m[1])
	}
	return ids
}

// compare compares our verdict and the checks that fail with the referee's.
func (r *referee) compare(t *testing.T, text []byte, level podsecurity.Level, minor int) {
	t.Helper()
	var pod corev1.Pod
	if err := yaml.Unmarshal(text, &pod); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for i, v := range pod.Spec.Volumes { // the API server's default, which admission sees
		if v.VolumeSource == (corev1.VolumeSource{}) {
			pod.Spec.Volumes[i].EmptyDir = &corev1.EmptyDirVolumeSource{}
		}
	}
	source := manifest.NewSource("pod.yaml", text)
	objects, _ := manifest.Objects(manifest.Documents(text)[0].Node, source)
	version := lint.Version{Major: 1, Minor: minor}
	violations := podsecurity.Evaluate(level, version, objects[0].Workloads[0])

	lv := api.LevelVersion{Level: api.Level(level), Version: api.MajorMinorVersion(1, minor)}
	results := r.evaluator.EvaluatePod(lv, &pod.ObjectMeta, &pod.Spec)
	ids := checksOf(t, level, version)
	if len(ids) != len(results) {
		t.Fatalf("%s v1.%d has %d checks; want %d", level, minor, len(ids), len(results))
	}
	for i, id := range ids {
		check, known := r.checks[policy.CheckID(id)]
		if !known {
			t.Fatalf("Pod Security has no check %s", id)
		}
		if one := revision(check, minor)(&pod.ObjectMeta, &pod.Spec); one.Allowed != results[i].Allowed {
			t.Fatalf("%s v1.%d: check %d is not %s", level, minor, i, id)
		}
		refused := slices.ContainsFunc(violations, func(v podsecurity.Violation) bool { return v.Check == id })
		r.verdicts++
		if refused {
			r.refused[id]++
		}
		if refused == results[i].Allowed {
			t.Errorf("%s v1.%d: %s: we refuse: %v, Pod Security: %q %q: %s", level, minor, id, refused,
				results[i].ForbiddenReason, results[i].ForbiddenDetail, text)
		}
	}
	for _, v := range violations {
		if n, _ := v.At.Anchor(); n == nil || n.Line == 0 || !slices.Contains(ids, v.Check) {
			t.Errorf("%s v1.%d: %s: a violation without a place: %s", level, minor, v.Check, v.Message)
		}
	}
}

// TestPodSecurityLevels compares whole levels with the API server's own library, over
// random pods and every version.
func TestPodSecurityLevels(t *testing.T) {
	t.Parallel()
	pods := 1_500
	if testing.Short() {
		pods = 500
	}
	r := newReferee(t)
	g := generator{Rand: rand.New(rand.NewPCG(3, 4)), seccompAnnotations: true}
	for range pods {
		text, err := json.Marshal(g.pod())
		if err != nil {
			t.Fatal(err)
		}
		for _, level := range []podsecurity.Level{podsecurity.Privileged, podsecurity.Baseline, podsecurity.Restricted} {
			r.compare(t, text, level, g.IntN(lint.Newest.Minor+1))
		}
		if t.Failed() {
			return
		}
	}
	for id := range r.checks {
		if n := r.refused[string(id)]; n == 0 || n == r.verdicts {
			t.Errorf("%s: the pods do not try both answers: %d of %d", id, n, r.verdicts)
		}
	}
}

// TestPodSecurityLevelFixtures does so over the library's own fixtures of every version.
func TestPodSecurityLevelFixtures(t *testing.T) {
	t.Parallel()
	r := newReferee(t)
	eachFixture(t, func(x podFixture) {
		r.compare(t, x.text, podsecurity.Baseline, x.minor)
		r.compare(t, x.text, podsecurity.Restricted, x.minor)
		r.compare(t, x.text, podsecurity.Restricted, lint.Newest.Minor)
	})
	t.Logf("%d verdicts", r.verdicts)
	if r.verdicts < 10_000 {
		t.Errorf("only %d verdicts", r.verdicts)
	}
}
