package values

import (
	"slices"
	"testing"

	"github.com/kubevet/kubevet/render/helm/trace"
)

// TestSplitSteps checks that keys are read as they are printed.
func TestSplitSteps(t *testing.T) {
	for _, steps := range [][]string{{"a"}, {"a", "b"}, {"a.b", "c"}, {"a", `x"y`, "b"}, {"a", "b.c"}, {"a", "[0]", "b"}, {"[12]"}} {
		if got, ok := SplitSteps(trace.JoinSteps(steps)); !ok || !slices.Equal(got, steps) {
			t.Errorf("%s: %q", trace.JoinSteps(steps), got)
		}
	}
	for _, label := range []string{"", "a[x]", "[", `["a"`, ".a"} {
		if got, ok := SplitSteps(label); ok {
			t.Errorf("%s: %q", label, got)
		}
	}
}
