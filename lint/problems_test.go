package lint

import "testing"

// A problem that is met twice is listed once, with what is known of it.
func TestUniqueProblems(t *testing.T) {
	p := Problem{Code: CodeMissingDependency, Position: Position{File: "chart/Chart.yaml", Line: 5}, Message: "dependency common is missing from charts/"}
	more := p
	more.Detail = "not rendered: chart/templates/a.yaml"
	if got := uniqueProblems([]Problem{p, more, p}); len(got) != 1 || got[0].Detail != more.Detail {
		t.Errorf("got %v", got)
	}
}
