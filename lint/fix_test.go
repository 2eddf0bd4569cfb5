package lint

import (
	"strconv"
	"testing"
)

// TestTrialCost tries many fixes of a unit. It wants trials to end by what they cost, not by their number.
func TestTrialCost(t *testing.T) {
	const large = 1 << 20
	for _, tt := range []struct {
		name              string
		unit, trial, want int
	}{
		{"all templates are executed", large, large, maxRenderings},
		{"a quarter of the templates is executed", large, large / 4, 4 * maxRenderings},
		{"no template is executed", large, 0, maxTrialShare * maxRenderings},
		{"a small unit", minTrialCost / 100, minTrialCost / 100, 100},
	} {
		tries := 0
		u := &Unit{Cost: tt.unit}
		u.Try = func([]Step) (*Unit, int) {
			tries++
			return &Unit{}, tt.trial
		}
		of := trials{unit: (&Checker{}).variant(u)}
		set := func(i int) []Step { return []Step{{Label: "key" + strconv.Itoa(i), Set: "true"}} }
		for i := range 1000 {
			of.with(set(i))
			of.with(set(i))
		}
		if d := tries - tt.want; d < 0 || d > 1 {
			t.Errorf("%s: %d trials; want %d", tt.name, tries, tt.want)
		}
		if len(of.tried) > maxTried {
			t.Errorf("%s: %d trials are kept; want %d at most", tt.name, len(of.tried), maxTried)
		}
	}
}
