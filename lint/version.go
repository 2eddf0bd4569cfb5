package lint

import (
	"fmt"
	"strconv"
	"strings"
)

// Version is a minor version of Kubernetes. The zero value is no version.
type Version struct{ Major, Minor int }

// Newest is the newest Kubernetes that kubevet's libraries know; rules and
// rendering assume it unless told otherwise.
var Newest = Version{1, 37}

// ParseVersion reads 1.31, v1.31 or v1.31.2; the patch does not matter.
func ParseVersion(s string) (Version, error) {
	parts := strings.SplitN(strings.TrimPrefix(s, "v"), ".", 3)
	if len(parts) >= 2 {
		major, err1 := strconv.Atoi(parts[0])
		minor, err2 := strconv.Atoi(parts[1])
		if err1 == nil && err2 == nil && major >= 1 && minor >= 0 {
			return Version{major, minor}, nil
		}
	}
	return Version{}, fmt.Errorf("invalid Kubernetes version %q; want a form like 1.31 or v1.31.2", s)
}

// String gives the form v1.31.
func (v Version) String() string { return fmt.Sprintf("v%d.%d", v.Major, v.Minor) }

// AtLeast reports whether v is 1.minor or newer.
func (v Version) AtLeast(minor int) bool {
	return v.Major > 1 || v.Major == 1 && v.Minor >= minor
}
