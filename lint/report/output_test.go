package report

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	hostPath = &lint.Rule{
		ID: "no-host-path", Title: "a pod mounts a path of the node", Severity: lint.Critical,
		Checklist: []string{"host-path", "host-access"},
		Refs: []lint.Ref{
			{Standard: "Pod Security Standards (baseline)", Control: "HostPath Volumes"},
			{Standard: "CIS Kubernetes Benchmark", Control: "5.2.12"},
		},
		Fix: "use a volume of another type",
	}
	latest = &lint.Rule{
		ID: "no-latest-tag", Title: "an image has the tag latest, or <none>", Severity: lint.Medium,
		Checklist: strings.Fields("a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12"), Fix: "name a version",
	}
	cpuLimit = &lint.Rule{
		ID: "cpu-limit", Title: "a container has no CPU limit", Severity: lint.Low, Profile: lint.Strict,
		Fix: "set resources.limits.cpu",
	}
)

func testOptions() Options {
	return Options{
		Doc: func(id string) string {
			if id != hostPath.ID {
				return ""
			}
			return "A pod that mounts a path of the node\nreads what <others> wrote there.\n\n\nThe *kubelet* trusts it.\n"
		},
		HelpURI: func(id string) string {
			if id == hostPath.ID {
				return "https://kubevet.example/rules#" + id
			}
			return ""
		},
		Tool:   lint.Tool{Name: "kubevet", Version: "v1.2.3", Rules: 7, RuleSet: "0123456789ab", Kubernetes: "v1.37"},
		Prefix: "deploy/prod",
	}
}

func clean() *lint.Report {
	return lint.NewReport(nil, nil, nil, lint.Summary{Files: 2, Manifests: 1, Objects: 7})
}

func single() *lint.Report {
	web := lint.ObjectRef{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "web"}
	return lint.NewReport([]*lint.Finding{{
		Rule: hostPath, Severity: lint.Critical, Message: "pod mounts /var/run at spec.template.spec.volumes[0].hostPath",
		Object: web, Path: "spec.template.spec.volumes[0].hostPath",
		Origin: lint.Origin{
			Position: lint.Position{File: "web.yaml", Line: 12, Column: 7, EndColumn: 15},
			Text:     "      hostPath: {path: /var/run}",
		},
		Occurrences: []lint.Occurrence{{Object: web, Input: "."}},
		Fix:         lint.Fix{Title: "use a volume of another type"},
		Fingerprint: "0123456789abcdef01234567",
	}}, nil, nil, lint.Summary{Files: 1, Manifests: 1, Objects: 1})
}

// many has every kind of place, and texts that the formats have to escape.
func many() *lint.Report {
	web := lint.ObjectRef{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "web"}
	job := lint.ObjectRef{APIVersion: "batch/v1", Kind: "Job", Name: "clean"}
	findings := single().Findings
	findings = append(findings,
		&lint.Finding{
			Rule: latest, Severity: lint.Medium, Message: "container app image `a|b:latest` is <b>not</b> \"pinned\" & 100% @admin",
			Object: web, Container: "app", Path: "spec.template.spec.containers[0].image",
			Origin: lint.Origin{
				Position:  lint.Position{File: "charts/web #1/templates/a:b,50%.yaml", Line: 9, Column: 18, EndColumn: 30},
				Precision: lint.PrecisionBlock,
				Trail: []lint.Step{
					{Kind: lint.StepValues, Position: lint.Position{File: "charts/web #1/values.yaml", Line: 3, Column: 8, EndColumn: 14}, Label: "images[0].tag"},
					{Kind: lint.StepInclude, Position: lint.Position{File: "charts/web #1/templates/é.yaml", Line: 2}, Label: "web.image"},
					{Kind: lint.StepBase, Position: lint.Position{File: "../../base/web.yaml"}},
					{Kind: lint.StepRendered, Position: lint.Position{File: "templates/a.yaml", Line: 40}},
				},
			},
			Related: []lint.RelatedPlace{
				{Position: lint.Position{File: "web.yaml", Line: 4, Column: 1}, Label: "the service"},
				{Position: lint.Position{File: "/abs/ä.yaml", Line: 1}},
			},
			Occurrences: []lint.Occurrence{{Object: web, Input: "charts/web", Scenario: "default values"}, {Object: job, Input: "charts/web", Scenario: "ci.yaml"}},
			Fix:         lint.Fix{Title: "set images[0].tag: 1.2.3"},
			Fingerprint: "aaaaaaaaaaaaaaaaaaaaaaaa",
		},
		&lint.Finding{
			Rule: latest, Severity: lint.High, Message: "container side\nimage [x](https://evil.example) \x01 \u2028",
			Object: job, Container: "side", Path: "spec.template.spec.containers[1].image",
			Origin:      lint.Origin{Position: lint.Position{File: "../shared/job.yaml"}, Precision: lint.PrecisionFile},
			Occurrences: []lint.Occurrence{{Object: job, Input: "../shared"}}, Fix: lint.Fix{Title: "name a version"},
			Fingerprint: "bbbbbbbbbbbbbbbbbbbbbbbb",
		},
		&lint.Finding{
			Rule: cpuLimit, Severity: lint.Low, Message: "container app has no resources.limits.cpu",
			Object: job, Container: "app", Path: "spec.template.spec.containers[0].resources.limits.cpu",
			Origin: lint.Origin{
				Precision: lint.PrecisionFile,
				Trail:     []lint.Step{{Kind: lint.StepValues, Label: "resources"}, {Kind: lint.StepRendered, Position: lint.Position{File: "job", Line: 3}}},
			},
			Occurrences: []lint.Occurrence{{Object: job, Input: "overlay"}}, Fix: lint.Fix{Title: "set resources.limits.cpu"},
			Fingerprint: "cccccccccccccccccccccccc",
		},
	)
	// The same in two lines: two findings with one fingerprint.
	for line := 20; line <= 21; line++ {
		findings = append(findings, &lint.Finding{
			Rule: cpuLimit, Severity: lint.Low, Message: "container app has no resources.limits.cpu",
			Object: web, Container: "app", Path: "spec.template.spec.containers[0].resources.limits.cpu",
			Origin:      lint.Origin{Position: lint.Position{File: "web.yaml", Line: line, Column: 5}},
			Occurrences: []lint.Occurrence{{Object: web, Input: "."}}, Fix: lint.Fix{Title: "set resources.limits.cpu"},
			Fingerprint: "dddddddddddddddddddddddd",
		})
	}
	return lint.NewReport(findings,
		[]lint.Problem{
			{Position: lint.Position{File: "broken.yaml", Line: 3, Column: 1}, Message: "mapping values are not allowed", Help: "indent the key"},
			{Message: "no chart renders: <nil>", Detail: "a stack"},
		},
		[]lint.Problem{{Position: lint.Position{File: "charts/web #1/Chart.yaml"}, Message: "linted for Kubernetes 1.31"}},
		lint.Summary{Files: 9, Manifests: 2, Charts: 1, Scenarios: 2, Overlays: 1, Objects: 14})
}

// lots is a report with so many findings of each severity, in turn, one a line.
func lots(n int) *lint.Report {
	rules := map[lint.Severity]*lint.Rule{}
	for s := lint.Critical; s <= lint.Low; s++ {
		rules[s] = &lint.Rule{ID: "rule-" + s.String(), Title: "a defect", Severity: s, Fix: "fix it"}
	}
	var l []*lint.Finding
	for i := range n {
		s := lint.Severity(4 - i%4)
		o := lint.ObjectRef{APIVersion: "v1", Kind: "Pod", Name: fmt.Sprintf("p%d", i)}
		l = append(l, &lint.Finding{
			Rule: rules[s], Severity: s, Message: "pod is not as it should be", Object: o, Path: "spec",
			Origin:      lint.Origin{Position: lint.Position{File: "pods.yaml", Line: i + 1}},
			Occurrences: []lint.Occurrence{{Object: o, Input: "."}}, Fix: lint.Fix{Title: "fix it"}, Fingerprint: fmt.Sprintf("%024x", i),
		})
	}
	return lint.NewReport(l, nil, nil, lint.Summary{Objects: n})
}

func write(t *testing.T, format string, r *lint.Report, opts Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(format, &b, r, opts); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.String()
}

// extensions name the golden files of the formats that a forge or CI system reads.
var extensions = map[string]string{
	"sarif": "sarif", "junit": "junit.xml", "github": "github.txt", "gitlab": "gitlab.json",
	"checkstyle": "checkstyle.xml", "markdown": "md",
}

func TestGolden(t *testing.T) {
	for name, r := range map[string]*lint.Report{"none": clean(), "one": single(), "many": many()} {
		for format, ext := range extensions {
			t.Run(name+"/"+format, func(t *testing.T) {
				got := write(t, format, r, testOptions())
				file := filepath.Join("testdata", name+"."+ext)
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("%s differs; go test ./lint/report -update writes it anew; got:\n%s", file, got)
				}
			})
		}
	}
}

func TestFormats(t *testing.T) {
	for _, format := range Formats() {
		got := write(t, format, many(), testOptions())
		if !strings.Contains(got, "no resources.limits.cpu") && format != "markdown" {
			t.Errorf("%s misses a finding", format)
		}
		if !strings.HasSuffix(got, "\n") {
			t.Errorf("%s does not end its last line", format)
		}
		// Every option may be left out.
		write(t, format, many(), Options{})
	}
	err := Write("pdf", &bytes.Buffer{}, clean(), Options{})
	if err == nil || !strings.Contains(err.Error(), `unknown format "pdf"; want text, terminal, json, sarif,`) {
		t.Errorf("got %v", err)
	}
}

// TestDeterministic: the order in which findings arrive changes nothing, and
// writing changes no report.
func TestDeterministic(t *testing.T) {
	for _, format := range Formats() {
		r := many()
		want := write(t, format, r, testOptions())
		write(t, format, r, Options{}) // without a prefix nothing is copied
		if !reflect.DeepEqual(r, many()) {
			t.Errorf("%s changed the report", format)
		}
		for range 5 {
			s := many()
			rand.Shuffle(len(s.Findings), func(i, j int) { s.Findings[i], s.Findings[j] = s.Findings[j], s.Findings[i] })
			s = lint.NewReport(s.Findings, s.Problems, s.Notes, lint.Summary{
				Files: 9, Manifests: 2, Charts: 1, Scenarios: 2, Overlays: 1, Objects: 14,
			})
			if got := write(t, format, s, testOptions()); got != want {
				t.Fatalf("%s depends on the order; got:\n%s\nwant:\n%s", format, got, want)
			}
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriteError(t *testing.T) {
	for _, format := range Formats() {
		if err := Write(format, fullDisk{}, many(), Options{}); err == nil {
			t.Errorf("%s hides that it could not write", format)
		}
	}
}

func TestFromRoot(t *testing.T) {
	for _, c := range []struct{ prefix, file, want string }{
		{"", "a.yaml", "a.yaml"},
		{".", "../a.yaml", "../a.yaml"},
		{"x/y", "a.yaml", "x/y/a.yaml"},
		{"x/y", "../a.yaml", "x/a.yaml"},
		{"x/y/", "../../a b.yaml", "a b.yaml"},
		{"x", "../../a.yaml", "../a.yaml"},
		{"x", "/a.yaml", "/a.yaml"},
		{"x", "C:/a.yaml", "C:/a.yaml"},
		{"x", "", ""},
	} {
		r := single()
		r.Findings[0].Origin.File = c.file
		if got := fromRoot(r, c.prefix).Findings[0].Origin.File; got != c.want {
			t.Errorf("%q under %q: got %q, want %q", c.file, c.prefix, got, c.want)
		}
	}
}
