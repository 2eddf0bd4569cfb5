package report

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

func TestGitLab(t *testing.T) {
	for _, r := range []*lint.Report{clean(), single(), many(), lots(30000)} {
		var issues []struct {
			Description, Fingerprint, Severity string
			CheckName                          string `json:"check_name"`
			Location                           struct {
				Path  string
				Lines struct{ Begin int }
			}
		}
		if err := json.Unmarshal([]byte(write(t, "gitlab", r, Options{})), &issues); err != nil {
			t.Fatal(err)
		}
		if issues == nil || len(issues) != len(r.Findings)+len(r.Problems) {
			t.Errorf("%d issues of %d findings and %d problems", len(issues), len(r.Findings), len(r.Problems))
		}
		seen := map[string]bool{}
		for _, i := range issues {
			if seen[i.Fingerprint] {
				t.Errorf("two issues have the fingerprint %s", i.Fingerprint)
			}
			seen[i.Fingerprint] = true
			if i.Description == "" || i.CheckName == "" || i.Fingerprint == "" || i.Location.Path == "" || i.Location.Lines.Begin < 1 ||
				!slices.Contains([]string{"blocker", "critical", "major", "minor"}, i.Severity) {
				t.Errorf("something is missing: %+v", i)
			}
		}
	}
}
