package helm

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

func TestScratch(t *testing.T) {
	dir := os.Getenv("KUBEVET_CHART")
	if dir == "" {
		dir = "testdata/charts/web"
	}
	c, _ := loadChart(t, dir)
	var all []*Reach
	for _, s := range append([]Scenario{{}}, c.CIScenarios()...) {
		_, r := c.RenderReach(context.Background(), s)
		all = append(all, r)
	}
	start := time.Now()
	cov := c.Coverage(all...)
	t.Log(time.Since(start))
	var b strings.Builder
	cov.Print(&b)
	t.Log(b.String())
	start = time.Now()
	l, notes := c.Explore(cov, all...)
	t.Log(time.Since(start), notes)
	n := len(all)
	for _, s := range l {
		start := time.Now()
		out, r := c.RenderReach(context.Background(), s)
		add := cov.Adds(r)
		t.Log(s.Name, add, len(out.Problems), out.Notes, time.Since(start))
		all = append(all, r)
	}
	t.Log(c.Coverage(all...).Percent(), c.Coverage(all[:n]...).Percent())
}
