package discover

import (
	"cmp"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
)

var releaseName = regexp.MustCompile(`^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})([-+].*)?$`)

// minReleases is how many folders named after versions make an archive of releases. Fewer may be
// variants that are all in use.
const minReleases = 3

// newestRelease is the newest of the folders that are named after versions, if there are so many that
// they are an archive: what was released cannot be edited. Else it is empty.
func newestRelease(entries []fs.DirEntry) string {
	var names []string
	for _, e := range entries {
		if e.IsDir() && releaseName.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	if len(names) < minReleases {
		return ""
	}
	return slices.MaxFunc(names, compareReleases)
}

func compareReleases(a, b string) int {
	x, y := releaseName.FindStringSubmatch(a), releaseName.FindStringSubmatch(b)
	for i := 1; i <= 3; i++ {
		m, _ := strconv.Atoi(x[i])
		n, _ := strconv.Atoi(y[i])
		if m != n {
			return cmp.Compare(m, n)
		}
	}
	if (x[4] == "") != (y[4] == "") { // 1.2.0-rc.1 comes before 1.2.0
		return cmp.Compare(len(y[4]), len(x[4]))
	}
	return cmp.Compare(a, b)
}

// isOldRelease reports whether a folder has a release that a newer one follows. Overlays are variants,
// among which those who install them choose.
func isOldRelease(name string, at place) bool {
	base := path.Base(name)
	return at.newest != "" && base != at.newest && releaseName.MatchString(base) && path.Base(path.Dir(name)) != "overlays"
}
