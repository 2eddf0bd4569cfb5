package lint

import (
	"fmt"
	"strconv"
	"testing"
)

// Findings of several units at one place merge, whatever their number.
func TestMergeRun(t *testing.T) {
	rule := &Rule{ID: "a"}
	for _, causes := range []int{1, 3, 16, 80} {
		var l []*Finding
		for unit := range 3 {
			for cause := range causes {
				f := &Finding{
					Rule: rule, Message: strconv.Itoa(cause), Severity: Severity(1 + unit), Origin: Origin{Position: Position{File: "a", Line: 1}},
					Occurrences: []Occurrence{{Input: fmt.Sprint("u", 2-unit)}},
				}
				l = append(l, f)
			}
		}
		got := merge(l)
		if len(got) != causes {
			t.Fatalf("%d findings of %d causes", len(got), causes)
		}
		for _, f := range got {
			if fmt.Sprint(f.Units()) != "[u0 u1 u2]" || f.Severity != 1 || f.Occurrences[0].Input != "u0" {
				t.Errorf("%s of %v, severity %v", f.Message, f.Occurrences, f.Severity)
			}
		}
		for _, f := range l {
			if len(f.Occurrences) != 1 {
				t.Error("merge changes what it is given")
			}
		}
	}
	// Without a line the place says too little: other objects are other causes.
	l := []*Finding{{Rule: rule, Object: ObjectRef{Name: "a"}}, {Rule: rule, Object: ObjectRef{Name: "b"}}, {Rule: rule, Object: ObjectRef{Name: "b"}}}
	if got := merge(l); len(got) != 2 {
		t.Errorf("%d findings of two objects", len(got))
	}
}

// TestMergeLeadsWithDefaultValues merges a finding of a chart's own values with that of test values, which come first by
// their name. Each keeps its trail.
func TestMergeLeadsWithDefaultValues(t *testing.T) {
	of := func(scenario, file, object string) *Finding {
		return &Finding{
			Rule: &Rule{ID: "a"}, Message: "m", Object: ObjectRef{Name: object}, Path: "spec." + object, Fingerprint: object,
			Origin:      Origin{Position: Position{File: "templates/a.yaml", Line: 1}, Trail: []Step{{Kind: StepValues, Position: Position{File: file, Line: 3}, Label: "tag"}}},
			Occurrences: []Occurrence{{Object: ObjectRef{Name: object}, Scenario: scenario, Path: "spec." + object, Fingerprint: object}},
		}
	}
	got := merge([]*Finding{of("ci/a-values.yaml", "ci/a-values.yaml", "a"), of("ci/a-values.yaml", "ci/a-values.yaml", "b"), of(DefaultScenario, "values.yaml", "b")})
	if len(got) != 1 || len(got[0].Occurrences) != 3 {
		t.Fatalf("got %v", got)
	}
	f := got[0]
	if f.Object.Name != "b" || f.Fingerprint != "b" || f.Path != "spec.b" || f.Origin.Trail[0].Position.File != "values.yaml" {
		t.Errorf("the finding is of %v, %s, %v", f.Object, f.Fingerprint, f.Origin.Trail)
	}
	for _, o := range f.Occurrences {
		want := "ci/a-values.yaml"
		if o.Scenario == DefaultScenario {
			want = ""
		}
		got := ""
		if o.Trail != nil {
			got = o.Trail[0].Position.File
		}
		if got != want {
			t.Errorf("%v has the trail %v, want one from %q", o, o.Trail, want)
		}
	}
}

// TestMergeSaysWhatDefaultValuesSay merges one defect of a chart's own values with a worse one of the same object with test values.
func TestMergeSaysWhatDefaultValuesSay(t *testing.T) {
	of := func(scenario, message string, severity Severity) *Finding {
		return &Finding{
			Rule: &Rule{ID: "a"}, Message: message, Severity: severity, Fails: severity == High, Object: ObjectRef{Name: "a"}, Fingerprint: "a",
			Origin:      Origin{Position: Position{File: "templates/a.yaml", Line: 1}},
			Occurrences: []Occurrence{{Object: ObjectRef{Name: "a"}, Input: "web", Scenario: scenario, Fingerprint: "a"}},
		}
	}
	got := merge([]*Finding{of("ci/a-values.yaml", "nobody has it", High), of(DefaultScenario, "web has it", Low)})
	if len(got) != 1 || got[0].Message != "web has it" || got[0].Severity != Low || got[0].Fails {
		t.Errorf("got %v", got[0])
	}
}

// TestMergeAbsorbs leaves out a finding of a scenario that has fewer workloads, the first of which is another one: the finding with all
// lists it. One of an object that no other finding lists stays.
func TestMergeAbsorbs(t *testing.T) {
	place := func(name string) Position { return Position{File: "templates/" + name + ".yaml", Line: 5} }
	of := func(scenario string, names ...string) *Finding {
		ref := ObjectRef{Kind: "Deployment", Name: names[0]}
		f := &Finding{
			Rule: &Rule{ID: "a"}, Message: names[0], Object: ref, Fingerprint: names[0], Origin: Origin{Position: place(names[0])},
			Occurrences: []Occurrence{{Object: ref, Input: "web", Scenario: scenario, Fingerprint: names[0]}},
		}
		for _, name := range names[1:] {
			f.Related = append(f.Related, RelatedPlace{place(name), "Deployment " + name})
		}
		return f
	}
	got := merge([]*Finding{of(DefaultScenario, "a", "b", "c"), of("ci/few-values.yaml", "b", "c")})
	if len(got) != 1 || got[0].Object.Name != "a" || len(got[0].Occurrences) != 2 {
		t.Errorf("got %v", got)
	}
	for _, other := range []*Finding{of("ci/few-values.yaml", "b", "d"), of(DefaultScenario, "b", "c")} {
		if got := merge([]*Finding{of(DefaultScenario, "a", "b", "c"), other}); len(got) != 2 {
			t.Errorf("%d findings with %v", len(got), other)
		}
	}
}

// BenchmarkNewReport merges N and 2N findings, of which each second one is of another unit.
func BenchmarkNewReport(b *testing.B) {
	for _, n := range []int{33_000, 66_000} {
		rule := &Rule{ID: "a"}
		var l []*Finding
		for i := range n {
			l = append(l, &Finding{
				Rule: rule, Message: "container \"c\" does not set x", Severity: Low, Path: "spec.x",
				Origin:      Origin{Position: Position{File: "a.yaml", Line: (i * 7919) % (n / 2), Column: 3}},
				Occurrences: []Occurrence{{Input: fmt.Sprint("u", i%2)}},
			})
		}
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				NewReport(l, nil, nil, Summary{})
			}
		})
	}
}

// A key that is wrong in several mappings for one reason is named.
func TestMergeNamesKey(t *testing.T) {
	of := func(object, path, rest string) *Finding {
		job := ObjectRef{Kind: "Job", Name: object}
		return &Finding{
			Rule: &Rule{ID: "a", Title: "A key"}, Message: path + " " + rest, Object: job, Path: path, Fingerprint: object + path,
			Origin: Origin{Position: Position{File: "a", Line: 1}}, Occurrences: []Occurrence{{Object: job, Input: "u"}},
		}
	}
	for want, l := range map[string][]*Finding{
		"app is there twice; want it once: Job one and Job two": {of("one", "metadata.labels.app", "is there twice; want it once"), of("two", "spec.template.metadata.labels.app", "is there twice; want it once")},
		"example.com/app is there twice: Job one and Job two":   {of("one", `metadata.labels["example.com/app"]`, "is there twice"), of("two", `spec.labels["example.com/app"]`, "is there twice")},
		"a key: Job one and Job two":                            {of("one", "metadata.labels.app", "is there twice"), of("two", "metadata.labels.name", "is there twice")},
	} {
		if got := merge(l); len(got) != 1 || got[0].Message != want {
			t.Errorf("%q, want %q", got[0].Message, want)
		}
	}
}

// TestImplied checks that a finding is left out where one of another rule about its object implies it, of whatever unit, and also if
// that one is ignored.
func TestImplied(t *testing.T) {
	says := &Rule{ID: "says-all"}
	implied := &Rule{ID: "says-less", ImpliedBy: says.ID}
	of := func(r *Rule, unit, object string, line int) *Finding {
		return &Finding{
			Rule: r, Object: ObjectRef{Kind: "Namespace", Name: object}, Message: r.ID,
			Origin:      Origin{Position: Position{File: "namespace.yaml", Line: line}},
			Occurrences: []Occurrence{{Input: unit}},
		}
	}
	tests := []struct {
		name   string
		change func(f *Finding)
		want   int
	}{
		{"alike", func(*Finding) {}, 1},
		{"ignored", func(f *Finding) { f.Ignored = &Ignored{Reason: "known"} }, 0},
		{"another object", func(f *Finding) { f.Object.Name = "other" }, 2},
		{"another line", func(f *Finding) { f.Origin.Line = 9 }, 2},
		{"another rule", func(f *Finding) { f.Rule = &Rule{ID: "other"} }, 2},
	}
	for _, tt := range tests {
		other := of(says, "overlays/b", "web", 1)
		tt.change(other)
		r := NewReport([]*Finding{of(implied, "overlays/a", "web", 1), other}, nil, nil, Summary{})
		if len(r.Findings) != tt.want || len(r.Findings)+len(r.Ignored) != max(tt.want, 1) {
			t.Errorf("%s: %d findings, %d ignored; want %d", tt.name, len(r.Findings), len(r.Ignored), tt.want)
		}
	}
}

// TestMergeOfTakenFile drops what is said of a file where an object that takes it in is reported at the same line.
func TestMergeOfTakenFile(t *testing.T) {
	at := Position{File: "certs/tls.crt", Line: 1, Column: 1}
	expiry, weak := &Rule{ID: "certificate-expiry"}, &Rule{ID: "weak-key"}
	file := &Finding{Rule: expiry, Message: "file holds", Origin: Origin{Position: at}}
	secret := &Finding{Rule: expiry, Message: "Secret holds", Object: ObjectRef{Kind: "Secret", Name: "web"}, Origin: Origin{Position: at}}
	other := &Finding{Rule: weak, Message: "file holds", Origin: Origin{Position: at}}
	below := &Finding{Rule: expiry, Message: "file holds", Origin: Origin{Position: Position{File: "certs/tls.crt", Line: 20}}}
	got, _ := MergeAll([]*Finding{file, secret, other, below})
	if len(got) != 3 || got[0].Message == got[2].Message && got[0].Rule == got[2].Rule {
		t.Errorf("%d findings, want those of the Secret, of the other rule and of the other line", len(got))
	}
	for _, f := range got {
		if f == file {
			t.Error("the file is reported with the Secret")
		}
	}
}

// TestMergeOfAlternatives folds what is equal of one object that two files of a folder define.
func TestMergeOfAlternatives(t *testing.T) {
	of := func(file, message string) *Finding {
		at, object := Position{File: file, Line: 3}, ObjectRef{APIVersion: "apps/v1", Kind: "DaemonSet", Namespace: "n", Name: "agent"}
		return &Finding{
			Rule: &Rule{ID: "a"}, Message: message, Object: object,
			Origin: Origin{Position: at}, ObjectAt: Position{File: file, Line: 1}, Fix: Fix{Title: "do"},
			Occurrences: []Occurrence{{Object: object, Input: ".", Fingerprint: file + message}},
		}
	}
	l := []*Finding{of("test/a.yaml", "m"), of("test/b.yaml", "m"), of("test/b.yaml", "other"), of("prod/a.yaml", "m")}
	l[2].Origin.Line = 4
	l[1].Rule, l[2].Rule, l[3].Rule = l[0].Rule, l[0].Rule, l[0].Rule
	got := merge(l)
	if len(got) != 3 {
		t.Fatalf("%d findings, want 3", len(got))
	}
	for _, f := range got {
		isFolded := f.Origin.File == "test/a.yaml"
		if want := 1; isFolded && (len(f.Occurrences) != want+1 || len(f.Related) != want || f.Related[0].File != "test/b.yaml") {
			t.Errorf("%s has the occurrences %v and is related to %v", f.Origin.File, f.Occurrences, f.Related)
		} else if !isFolded && (len(f.Occurrences) != 1 || len(f.Related) > 0) {
			t.Errorf("%s: %s was changed", f.Origin.File, f.Message)
		}
	}
	if len(l[0].Occurrences) != 1 || len(l[0].Related) > 0 {
		t.Error("merge changes what it is given")
	}
}

// TestMergeOfDependencies folds what a chart has of the template of a dependency, if neither sets the key, and takes the keys of the
// dependency for the fix.
func TestMergeOfDependencies(t *testing.T) {
	rule := &Rule{ID: "a"}
	of := func(input, key, object string) *Finding {
		values := Position{File: input + "/values.yaml", Line: 3}
		return &Finding{
			Rule: rule, Message: "m", Object: ObjectRef{Kind: "Deployment", Name: object}, Fix: Fix{Title: "set " + key},
			Origin: Origin{Position: values, Trail: []Step{
				{Kind: StepValues, Position: values, Label: key, Missing: true},
				{Kind: StepTemplate, Position: Position{File: "charts/web/templates/web.yaml", Line: 9}},
			}},
			Occurrences: []Occurrence{{Input: input, Scenario: DefaultScenario, Object: ObjectRef{Kind: "Deployment", Name: object}}},
		}
	}
	got := merge([]*Finding{of("charts/all", "web.resources", "all-web"), of("charts/web", "resources", "web"), of("charts/all", "web.other", "all-web")})
	if len(got) != 2 {
		t.Fatalf("%d findings, want 2", len(got))
	}
	f := got[1]
	if f.Origin.File != "charts/web/values.yaml" || len(f.Occurrences) != 2 || f.Fix.Title != "set resources" || len(f.Related) != 1 {
		t.Errorf("%s: %s, %v, related to %v", f.Origin.File, f.Fix.Title, f.Occurrences, f.Related)
	}

	own, taken := of("charts/web", "resources", "web"), of("charts/all", "resources", "all-web")
	taken.Origin, taken.Fix.Title = own.Origin, "set resources, with web.volumes"
	own.Fix.Title = "set resources, with volumes"
	got = merge([]*Finding{taken, own})
	if len(got) != 1 || got[0].Fix.Title != own.Fix.Title {
		t.Errorf("got %d findings, the fix %q", len(got), got[0].Fix.Title)
	}
}
