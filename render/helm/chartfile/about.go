package chartfile

import (
	"regexp"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
)

// heading matches the first heading of a README.
var heading = regexp.MustCompile(`(?m)^# +(.+)$`)

// About is what a chart says of itself: its name, its description, and the first heading of its README.
func About(c *chart.Chart) string {
	if c == nil || c.Metadata == nil {
		return ""
	}
	about := []string{c.Metadata.Name, c.Metadata.Description}
	for _, f := range c.Files {
		if f.Name == "README.md" {
			if m := heading.FindSubmatch(f.Data); m != nil {
				about = append(about, string(m[1]))
			}
		}
	}
	return strings.Join(about, "\n")
}
