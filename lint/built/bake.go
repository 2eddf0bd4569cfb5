package built

import (
	"cmp"
	"path"
	"regexp"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// bake reads the targets of a Bake file in JSON that have tags. A variable has the value of
// its default.
func (r reader) bake(d *lint.Document) {
	for _, t := range d.Root.Get("target").Entries() {
		b := bakeTarget{root: d.Root, at: t}
		name := func(key string) string { return b.resolve(b.get(key).Written()) }
		for tag := range b.get("tags").Items() {
			i := &Image{Name: b.resolve(tag.Written()), Target: name("target"), By: d, At: tag, HasArgs: b.get("args").Len() > 0, Args: argsIn(b.get("args"))}
			if context := name("context"); !b.get("dockerfile-inline").IsSet() && !isRemote(context) {
				i.Dockerfile = r.files[path.Join(path.Dir(d.File), context, cmp.Or(name("dockerfile"), "Dockerfile"))]
			}
			r.add(i)
		}
	}
}

// bakeTarget is a target of a Bake file.
type bakeTarget struct{ root, at lint.Value }

// get is an attribute of the target, or else that of the last one it inherits from which
// has it.
func (b bakeTarget) get(key string) lint.Value { return b.inherited(b.at, key, 0) }

func (b bakeTarget) inherited(of lint.Value, key string, depth int) (v lint.Value) {
	if v = of.Get(key); v.IsSet() || depth > maxNested {
		return v
	}
	for from := range of.Get("inherits").Items() {
		if w := b.inherited(b.root.Get("target").Child(from.Written()), key, depth+1); w.IsSet() {
			v = w
		}
	}
	return v
}

var bakeExpression = regexp.MustCompile(`\$\{\s*([^}]*?)\s*\}`)

// resolve replaces the variables of a text. node.UnknownPart takes the place of other
// expressions, and of those that a matrix sets.
func (b bakeTarget) resolve(text string) string {
	return bakeExpression.ReplaceAllStringFunc(text, func(whole string) string {
		name := bakeExpression.FindStringSubmatch(whole)[1]
		v := b.root.Get("variable").Child(name).Get("default")
		if !v.IsScalar() || b.get("matrix").Child(name).IsSet() || bakeExpression.MatchString(v.Written()) {
			return string(node.UnknownPart)
		}
		return v.Written()
	})
}
