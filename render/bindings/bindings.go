// Package bindings reads the bindings of roles in the templates of charts, as far as these do not compute them.
package bindings

import (
	"bytes"
	"regexp"
)

// roleRef matches the reference of a binding to a role, in the text of a template: its lines are indented, and no action is among them.
var (
	roleRef   = regexp.MustCompile(`(?m)^roleRef:[ \t]*(?:#.*)?\r?\n((?:[ \t]+[^\n]*\n?){1,6})`)
	refersTo  = regexp.MustCompile(`(?m)^[ \t]+kind:[ \t]*["']?ClusterRole["']?[ \t]*(?:#.*)?\r?$`)
	namesRole = regexp.MustCompile(`(?m)^[ \t]+name:[ \t]*["']?([\w.:-]+)["']?[ \t]*(?:#.*)?\r?$`)
)

// Roles are the names of the ClusterRoles that the bindings in the text of a template give, where it does not compute the name.
func Roles(template []byte) (names []string) {
	if !bytes.Contains(template, []byte("RoleBinding")) {
		return nil
	}
	for _, m := range roleRef.FindAllSubmatch(template, -1) {
		if name := namesRole.FindSubmatch(m[1]); name != nil && refersTo.Match(m[1]) {
			names = append(names, string(name[1]))
		}
	}
	return names
}
