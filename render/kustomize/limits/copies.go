package limits

import (
	"slices"
	"strconv"
	"strings"
)

// Copies follows operations that copy a part of an object to another place of
// it: copy and move of JSON 6902 patches, and replacements. A copy that contains
// what was copied before can double the object, so 40 of them exhaust any
// machine. The zero value has seen none.
type Copies struct {
	// Nested is the number of copies that contain what a copy has written. One to
	// several places at once (spec.containers.*.x) counts as several.
	Nested int
	// Total is the number of all copies.
	Total int

	written [][]string
}

// severalPlaces is what a nested copy to an unknown number of places counts as.
const severalPlaces = 4

// Copy notes that what is at a path is copied to another one. Appends is set if
// the text at the target stays and is appended to. Both are taken to be paths of
// one object: which objects they are of is not known before kustomize runs.
func (c *Copies) Copy(from, to []string, appends bool) {
	c.Total++
	contains := func(written []string) bool {
		return leadsTo(from, written) && (len(written) > len(from) || appends)
	}
	if contains(to) || slices.ContainsFunc(c.written, contains) {
		c.Nested++
		if slices.Contains(to, "*") {
			c.Nested += severalPlaces - 1
		}
	}
	c.written = append(c.written, to)
}

// Move notes that what is at a path is moved. Nothing grows, but a later copy
// from there may contain what has grown.
func (c *Copies) Move(to []string) { c.written = append(c.written, to) }

// leadsTo reports whether a path is the start of another one, or all of it.
func leadsTo(start, path []string) bool {
	if len(start) > len(path) {
		return false
	}
	for i, step := range start {
		if step != path[i] && !isElement(step) && !isElement(path[i]) {
			return false
		}
	}
	return true
}

// isElement reports whether a step may select any element of a list: indexes
// change when others are added, and [name=x] can be any.
func isElement(step string) bool {
	if step == "*" || step == "-" || strings.HasPrefix(step, "[") {
		return true
	}
	_, err := strconv.Atoi(step)
	return err == nil
}
