package rules

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"k8s.io/pod-security-admission/policy"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// fixture is the path of a fixture: level/version/verdict/check and number.
var fixture = regexp.MustCompile(`^(baseline|restricted)/v1\.(\d+)/(pass|fail)/([a-z_]+)\d*\.yaml$`)

// TestPodSecurityFixtures runs our rules over the pods that Pod Security Admission's own
// tests use: what fails a check must give one of the findings that answer to it, and what
// passes a level none of those of the level.
func TestPodSecurityFixtures(t *testing.T) {
	levels := map[policy.CheckID]string{}
	for _, c := range policy.DefaultChecks() {
		levels[c.ID] = string(c.Level)
	}
	tried := 0
	eachFixture(t, func(x podFixture) {
		u := &lint.Unit{Input: x.name}
		for _, d := range manifest.Documents(x.text) {
			objects, _ := manifest.Objects(d.Node, manifest.NewSource(x.name, x.text))
			u.Objects = append(u.Objects, objects...)
		}
		c := lint.Checker{Rules: All(), Version: lint.Version{Major: 1, Minor: x.minor}}
		findings, problems := c.Check(u)
		for _, p := range problems {
			t.Error(x.name, p.Message, p.Detail)
		}
		for _, check := range podSecurity {
			if x.minor < check.since || x.level == "baseline" && levels[check.check] == "restricted" {
				continue
			}
			i := slices.IndexFunc(findings, func(f *lint.Finding) bool {
				return slices.ContainsFunc(check.rules, func(n narrowing) bool { return n.matches(oracleCase{}, f, findings) })
			})
			switch {
			case x.passes:
				tried++
				if i >= 0 {
					t.Errorf("%s: passes the level, but we find: %s [%s]", x.name, findings[i].Message, findings[i].Rule.ID)
				}
			case x.check == strings.ToLower(string(check.check)):
				tried++
				if i < 0 {
					t.Errorf("%s: fails %s, but we find nothing", x.name, check.check)
				}
			}
		}
	})
	t.Logf("%d verdicts", tried)
	if tried < 1000 {
		t.Errorf("only %d verdicts tried", tried)
	}
}

// podFixture is a pod of the library's tests.
type podFixture struct {
	name, level, check string
	minor              int // of the version of Kubernetes
	passes             bool
	text               []byte
}

func eachFixture(t *testing.T, do func(podFixture)) {
	t.Helper()
	root := fixtures(t)
	err := filepath.WalkDir(root, func(file string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		m := fixture.FindStringSubmatch(filepath.ToSlash(name))
		if m == nil {
			return nil
		}
		minor, err := strconv.Atoi(m[2])
		if err != nil {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		do(podFixture{name, m[1], m[4], minor, m[3] == "pass", text})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// fixtures finds the test data in the module's source, which lies beside the library's.
func fixtures(t *testing.T) string {
	t.Helper()
	file, _ := runtime.FuncForPC(reflect.ValueOf(policy.DefaultChecks).Pointer()).FileLine(0)
	root := filepath.Join(filepath.Dir(file), "..", "test", "testdata")
	if _, err := os.Stat(root); err != nil {
		t.Skip("SKIPPED: the fixtures of Pod Security Admission are not at hand:", err)
	}
	return root
}
