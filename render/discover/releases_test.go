package discover

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// Of three releases side by side the newest is linted, by the order of versions, and the newest for
// general use, unless it is copied from a folder that is linted. What is named or linked is linted, and so is each of two, and what has no version of three
// numbers, unless it is a chart.
func TestSkipOlderReleases(t *testing.T) {
	write(t, map[string]string{
		".git/HEAD":                           "",
		"charts/v1.2.0/app/Chart.yaml":        "name: app\nversion: 1.2.0\n",
		"charts/v1.10.0/app/Chart.yaml":       "name: app\nversion: 1.10.0\n",
		"charts/v1.9.0/app/Chart.yaml":        "name: app\nversion: 1.9.0\n",
		"charts/latest/app/Chart.yaml":        "name: app\nversion: 1.11.0\n",
		"install/v1.0.0/a.yaml":               pod,
		"install/v1.0.1/a.yaml":               pod,
		"install/v1.1.0/a.yaml":               pod,
		"install/v1.1.0/sub/b.yaml":           pod,
		"install/v1.1.0/c.yaml":               pod,
		"install/a.yaml":                      pod,
		"install/sub/b.yaml":                  pod,
		"deploy/v1.2.0/a.yaml":                pod,
		"deploy/v1.9.0/sub/b.yaml":            pod,
		"deploy/v1.9.0/kustomization.yaml":    "resources: [sub/b.yaml]\n",
		"deploy/v1.10.0-eksbuild.1/c.yaml":    pod,
		"files/v1.0.0.yaml":                   pod,
		"files/v1.1.0.yaml":                   pod,
		"files/v1.2.0.yaml":                   pod,
		"files/latest.yaml":                   pod,
		"kubernetes/1.30/a.yaml":              pod,
		"kubernetes/1.31/a.yaml":              pod,
		"kubernetes/1.32/a.yaml":              pod,
		"two/1.0.0/a.yaml":                    pod,
		"two/1.1.0/a.yaml":                    pod,
		"releases/app-1.0.0.yaml":             pod,
		"releases/app-1.1.0-rc1.yaml":         pod,
		"releases/app-1.1.0.yaml":             pod,
		"releases/crds-1.0.0.yaml":            pod,
		"releases/app-1.0.0-linux.yaml":       pod,
		"releases/v1.0.0-of-something/a.yaml": pod,
		"versions/0.9/Chart.yaml":             "name: app\nversion: 0.9.0\n",
		"versions/0.9/ci/a.yaml":              pod,
		"versions/0.10/Chart.yaml":            "name: app\nversion: 0.10.0\n",
		"versions/0.11.0/Chart.yaml":          "name: app\nversion: 0.11.0\n",
		"versions/1.0.0/Chart.yaml":           "name: app\nversion: 1.0.0\n",
		"versions/1.1.0-rc.1/Chart.yaml":      "name: app\nversion: 1.1.0-rc.1\n",
	})
	if err := os.Symlink("versions/0.11.0", "current"); err != nil {
		t.Skip(err)
	}
	for root, want := range map[string]string{
		".": "chart charts/latest/app\nchart versions/0.11.0\nchart versions/1.0.0\nchart versions/1.1.0-rc.1\n" +
			"manifest deploy/v1.10.0-eksbuild.1/c.yaml\n" +
			"manifest files/latest.yaml\n" +
			"manifest install/a.yaml\nmanifest install/sub/b.yaml\n" +
			"manifest kubernetes/1.30/a.yaml\nmanifest kubernetes/1.31/a.yaml\nmanifest kubernetes/1.32/a.yaml\n" +
			"manifest releases/app-1.0.0-linux.yaml\nmanifest releases/app-1.1.0.yaml\nmanifest releases/crds-1.0.0.yaml\n" +
			"manifest releases/v1.0.0-of-something/a.yaml\n" +
			"manifest two/1.0.0/a.yaml\nmanifest two/1.1.0/a.yaml\n" +
			"skipped charts/v1.10.0\nskipped charts/v1.2.0\nskipped charts/v1.9.0\nskipped current\nskipped deploy/v1.2.0\nskipped deploy/v1.9.0\n" +
			"skipped files/v1.0.0.yaml\nskipped files/v1.1.0.yaml\nskipped files/v1.2.0.yaml\n" +
			"skipped install/v1.0.0\nskipped install/v1.0.1\nskipped install/v1.1.0\n" +
			"skipped releases/app-1.0.0.yaml\nskipped releases/app-1.1.0-rc1.yaml\nskipped versions/0.10\nskipped versions/0.9",
		"deploy/v1.2.0":           "manifest deploy/v1.2.0/a.yaml",
		"releases/app-1.0.0.yaml": "manifest releases/app-1.0.0.yaml",
	} {
		found := In([]string{root}, nil)
		found.SkipOlderReleases()
		if got := describe(found); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", root, got, want)
		}
	}
	named := In([]string{"deploy/v1.2.0", "deploy/v1.9.0", "deploy/v1.10.0-eksbuild.1"}, nil)
	if before := len(named.Manifests); before != 3 {
		t.Fatalf("%d manifests; want 3", before)
	}
	if named.SkipOlderReleases(); len(named.Manifests) != 3 || len(named.Skipped) > 0 {
		t.Errorf("named folders are skipped: %v", named.Skipped)
	}
}

// What a release copies from manifest_staging is linted there. What is there alone, or named, is linted.
func TestSkipPromoted(t *testing.T) {
	write(t, map[string]string{
		".git/HEAD":                            "",
		"deploy/a.yaml":                        pod,
		"deploy/own.yaml":                      pod,
		"manifest_staging/deploy/a.yaml":       pod,
		"manifest_staging/deploy/new.yaml":     pod,
		"charts/x/Chart.yaml":                  "name: x\nversion: 1.0.0\n",
		"manifest_staging/charts/x/Chart.yaml": "name: x\nversion: 1.0.1\n",
	})
	for root, want := range map[string]string{
		".":             "chart manifest_staging/charts/x\nmanifest deploy/own.yaml\nmanifest manifest_staging/deploy/a.yaml\nmanifest manifest_staging/deploy/new.yaml\nskipped charts\nskipped deploy",
		"deploy":        "manifest deploy/a.yaml\nmanifest deploy/own.yaml",
		"deploy/a.yaml": "manifest deploy/a.yaml",
	} {
		found := In([]string{root}, nil)
		found.SkipPromoted()
		if got := describe(found); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", root, got, want)
		}
	}
}

// Bundles of releases long before the version of the repository were published, and are edited no more. Where there are several
// packages, the version may be that of another one.
func TestOldBundles(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  bool
	}{
		"no version":         {nil, false},
		"long before":        {map[string]string{"pkg/version/version.txt": "1.23.0\n"}, true},
		"in a Makefile":      {map[string]string{"Makefile": "VERSION ?= 2.0.0\n"}, true},
		"the next one":       {map[string]string{"VERSION": "1.8.0\n"}, false},
		"not a version":      {map[string]string{"Makefile": "VERSION ?= $(shell git describe)\n"}, false},
		"nearer":             {map[string]string{"VERSION": "3.0.0\n", "deploy/VERSION": "1.7.0\n"}, false},
		"of another package": {map[string]string{"VERSION": "3.0.0\n", "other/1.0.0/db.v1.0.0.clusterserviceversion.yaml": pod}, false},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{
				".git/HEAD": "",
				"deploy/olm/1.7.0/manifests/app.v1.7.0.clusterserviceversion.yaml": pod,
				"deploy/olm/1.7.0/metadata/annotations.yaml":                       pod,
				"deploy/1.7.0/a.yaml": pod,
			}
			maps.Copy(files, tt.files)
			write(t, files)
			found := In([]string{"."}, nil)
			found.SkipOlderReleases()
			left := 0
			for _, m := range found.Manifests {
				if strings.HasPrefix(m.Name, "deploy/olm/") {
					left++
				}
			}
			if (left == 0) != tt.want || !slices.ContainsFunc(found.Manifests, func(m File) bool { return m.Name == "deploy/1.7.0/a.yaml" }) {
				t.Errorf("%v; skipped %v", found.Manifests, found.Skipped)
			}
		})
	}
}
