package lint

import "testing"

// TestPackedAgain: a fix in a chart says that those which have a packed copy pack it again.
func TestPackedAgain(t *testing.T) {
	t.Parallel()
	taken := func(dir string) *Finding {
		e := &Entry{Position: Position{File: dir + "/Chart.yaml", Line: 5}, Key: "base", Source: "charts/base", IsPacked: true}
		return &Finding{Origin: Origin{Position: Position{File: "charts/base/templates/pod.yaml", Line: 3}, Packed: e}, Fix: Fix{Title: "set it"}}
	}
	own := taken("charts/web")
	own.Origin.File = "charts/web/values.yaml"
	one, two := taken("charts/web"), taken("charts/api")
	for _, f := range []*Finding{own, one, two} {
		if f.atDependency(); f.Origin.Packed != nil {
			t.Errorf("the finding keeps %+v", f.Origin.Packed)
		}
	}
	ofRepository := taken("charts/web")
	ofRepository.Origin.Packed.IsPacked = false
	ofRepository.Fix.Title = "set it; if it is needed, ignore the finding"
	ofRepository.atDependency()
	both := *one
	both.Related = allRelated([]*Finding{one, two})
	for _, tt := range []struct {
		f    *Finding
		want string
	}{
		{own, "set it"},
		{one, "set it, and then run helm dependency update charts/web"},
		{ofRepository, "set it, then release the chart, and take its new version in charts/web/Chart.yaml; if it is needed, ignore the finding"},
		{&both, "set it, and then run helm dependency update charts/web and for the other charts with a packed copy"},
	} {
		if got := tt.f.packedAgain().packedAgain().Fix.Title; got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	d := &Diagnostic{}
	const want = "run helm dependency update charts/web, since its packed copy of charts/base differs from that; if the finding stays, run it again after this: in the chart charts/base, "
	if got := d.in(Origin{Taken: taken("charts/web").Origin.Packed}, ""); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
