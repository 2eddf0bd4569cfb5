package secrets

import (
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules/secrets/detect"
)

// openDatabase is a variable by which the image of a database lets users in without a password.
type openDatabase struct {
	// variable and values are those that do it.
	variable, values string
	// effect is what that means, and password the variable that the image takes the password from in its place.
	effect, password string
	// unless is the word in the names of the variables that give a password: with one, the first has no effect. Nothing prevents the effect if it
	// is empty.
	unless string
	// images are parts of the names of the images, of which one must match. Images with other names may have the variable, too, if it is empty.
	images []string
}

const yes = " yes true 1 on "

var openDatabases = [...]openDatabase{
	{variable: "MYSQL_ALLOW_EMPTY_PASSWORD", values: yes, effect: "root has no password", password: "MYSQL_ROOT_PASSWORD", unless: "root"},
	{variable: "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", values: yes, effect: "root has no password", password: "MARIADB_ROOT_PASSWORD", unless: "root"},
	{variable: "MARIADB_ALLOW_EMPTY_PASSWORD", values: yes, effect: "root has no password", password: "MARIADB_ROOT_PASSWORD", unless: "root"},
	{variable: "POSTGRES_HOST_AUTH_METHOD", values: " trust ", effect: "no user needs a password", password: "POSTGRES_PASSWORD"},
	// Caches are left out: without a password, they are mostly meant to be so.
	{
		variable: "ALLOW_EMPTY_PASSWORD", values: yes, effect: "its administrator has no password", password: "the variable of the image for the password", unless: "password",
		images: []string{"mysql", "mariadb", "postgres", "mongo"},
	},
}

// reportNoPassword reports the variables of a container that let users of its database in without a password.
func reportNoPassword(p *lint.Pass, o *lint.Object, c lint.PodOrContainer) {
	for name, v := range variables(c) {
		for i := range openDatabases {
			d := &openDatabases[i]
			if d.variable != name || !v.IsScalar() || !strings.Contains(d.values, " "+strings.ToLower(v.Text())+" ") ||
				!d.isOfImage(c) || d.isProtected(c) || p.Unit.IsOfChartTest(p.Locate(o, v)) {
				continue
			}
			p.Report(lint.Diagnostic{
				Subject: c, At: v,
				Message: c.Label() + " sets env " + name + " to " + v.Text() + ", so that " + d.effect + "; want one that cannot be guessed",
				Fix: lint.Advice("remove " + name + ", and take " + d.password + " from a Secret with valueFrom.secretKeyRef; the clients of the database need the same one, " +
					"and one with data stays open until that is changed there"),
			})
		}
	}
}

// isOfImage reports whether the container may be of an image that has the variable.
func (d *openDatabase) isOfImage(c lint.PodOrContainer) bool {
	name := path.Base(c.Get("image").Text())
	return len(d.images) == 0 || slices.ContainsFunc(d.images, func(part string) bool { return strings.Contains(name, part) })
}

// isProtected reports whether the container has, or may have, a password that the image uses in spite of the variable.
func (d *openDatabase) isProtected(c lint.PodOrContainer) bool {
	if d.unless == "" {
		return false
	}
	for range c.Get("envFrom").Items() {
		return true
	}
	for e := range c.Get("env").Items() {
		words := detect.Words(e.Get("name").Text())
		isSet := e.Get("valueFrom").IsSet() || e.Get("value").IsScalar() && e.Get("value").Node.Value != ""
		if isSet && !slices.Contains(words, "allow") && slices.Contains(words, "password") && slices.Contains(words, d.unless) {
			return true
		}
	}
	return false
}
