package manifest

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/suggest"
)

// Objects makes the objects of a document: one, the items of a list, or what an
// OpenShift Template makes. A document without apiVersion and kind gives none.
// Items that are no objects are problems.
func Objects(n *yaml.Node, at lint.Locator) ([]*lint.Object, []lint.Problem) {
	o, ok := lint.NewObject(n, at)
	if !ok {
		return nil, nil
	}
	if isTemplate(o) {
		return items(o, substituted(o), "", at)
	}
	l := o.Root.Get("items")
	switch {
	case o.Kind == "List", strings.HasSuffix(o.Kind, "List") && l.IsList():
		return items(o, l, strings.TrimSuffix(o.Kind, "List"), at)
	case l.IsList() && holdsObjects(l):
		// kubectl takes whatever has items for a list, and applies what is in it.
		objects, problems := items(o, l, "", at)
		return append([]*lint.Object{o}, objects...), problems
	}
	return []*lint.Object{o}, nil
}

// items makes the objects of a list. kind is what the items are that say neither
// apiVersion nor kind, as apimachinery has it for a PodList; empty: nothing is
// known of them.
func items(list *lint.Object, l lint.Value, kind string, at lint.Locator) (objects []*lint.Object, problems []lint.Problem) {
	for item := range l.Items() {
		n := item.Node
		if kind != "" && item.IsMap() && text(item, "apiVersion") == "" && text(item, "kind") == "" {
			n = typed(n, list, kind)
		}
		own, p := Objects(n, at)
		if len(own) == 0 && len(p) == 0 {
			problems = append(problems, noObject(list, item, at))
		}
		objects, problems = append(objects, own...), append(problems, p...)
	}
	return objects, problems
}

// noObject reports an item of a list that is no object.
func noObject(list *lint.Object, item lint.Value, at lint.Locator) lint.Problem {
	if p, ok := misspelt(item.Node, at, "item", item.Path()+" of "+list.Kind); ok {
		return p
	}
	return lint.Problem{
		Position: at.Locate(item).Position,
		Code:     lint.CodeNotAnObject,
		Message:  item.Path() + " of " + list.Kind + " has no apiVersion and kind",
		Help:     "give the item both, or remove it",
	}
}

// holdsObjects reports whether an item of a list is an object.
func holdsObjects(l lint.Value) bool {
	for item := range l.Items() {
		if text(item, "apiVersion") != "" && text(item, "kind") != "" && item.Get("metadata").IsMap() {
			return true
		}
	}
	return false
}

// text is a scalar of a mapping as it is written.
func text(m lint.Value, key string) string {
	if v := m.Get(key); v.IsScalar() {
		return v.Node.Value
	}
	return ""
}

// typed is an item of a list with the apiVersion and kind that it has from there.
func typed(item *yaml.Node, list *lint.Object, kind string) *yaml.Node {
	apiVersion, itsKind := *list.Root.Get("apiVersion").Node, *list.Root.Get("kind").Node
	itsKind.Value = kind
	key := func(of *yaml.Node, name string) *yaml.Node {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name, Line: of.Line, Column: of.Column}
	}
	n := *item
	n.Content = append([]*yaml.Node{key(&apiVersion, "apiVersion"), &apiVersion, key(&itsKind, "kind"), &itsKind}, item.Content...)
	return &n
}

// isTemplate reports whether an object is an OpenShift Template: a list of
// objects with parameters.
func isTemplate(o *lint.Object) bool {
	return o.Is("template.openshift.io", "Template") && o.Root.Get("objects").Len() > 0 ||
		o.APIVersion == "v1" && o.Kind == "Template" && o.Root.Get("objects").Len() > 0
}

// substituted is the objects of an OpenShift Template with the values that its
// parameters have by default. A parameter without one stays as it is written.
func substituted(o *lint.Object) lint.Value {
	values := map[string]string{}
	for p := range o.Root.Get("parameters").Items() {
		if v := p.Get("value"); v.IsScalar() {
			values[text(p, "name")] = v.Node.Value
		}
	}
	objects := o.Root.Get("objects")
	replace := func(n *yaml.Node) (string, bool) { return templateValue(n.Value, values) }
	made, _ := Replace(objects.Node, replace)
	return node.NewValue(made)
}

// templateValue replaces ${NAME}, and ${{NAME}} where it is the whole text: that
// one gives a value of any type.
func templateValue(text string, values map[string]string) (value string, isPlain bool) {
	if name, ok := strings.CutPrefix(text, "${{"); ok {
		if name, ok = strings.CutSuffix(name, "}}"); ok {
			if v, known := values[strings.TrimSpace(name)]; known {
				return v, true
			}
			return text, false
		}
	}
	var out strings.Builder
	rest := text
	for {
		before, after, found := strings.Cut(rest, "${")
		name, behind, closed := strings.Cut(after, "}")
		if !found || !closed {
			out.WriteString(rest)
			return out.String(), false
		}
		out.WriteString(before)
		if v, known := values[name]; known {
			out.WriteString(v)
		} else {
			out.WriteString("${" + name + "}")
		}
		rest = behind
	}
}

// Replace is a node with other scalars in it: a copy where something changed,
// else the node itself. replace gives the new text of a scalar; with isPlain the
// text is read as one without quotes, so that true becomes a boolean. Positions
// stay; from leads from each copied node to the one that it is a copy of.
func Replace(n *yaml.Node, replace func(n *yaml.Node) (text string, isPlain bool)) (made *yaml.Node, from map[*yaml.Node]*yaml.Node) {
	r := replacer{replace: replace, anchors: map[*yaml.Node]*yaml.Node{}, from: map[*yaml.Node]*yaml.Node{}}
	return r.node(n), r.from
}

type replacer struct {
	replace func(n *yaml.Node) (string, bool)
	anchors map[*yaml.Node]*yaml.Node // copies of nodes with an anchor
	from    map[*yaml.Node]*yaml.Node
}

func (r *replacer) node(n *yaml.Node) *yaml.Node {
	switch n.Kind {
	case yaml.AliasNode:
		made := r.anchors[n.Alias]
		if made == nil {
			return n
		}
		c := *n
		c.Alias = made
		return r.copied(n, &c)
	case yaml.ScalarNode:
		text, isPlain := r.replace(n)
		if text == n.Value && !isPlain {
			return n
		}
		c := *n
		if c.Value = text; isPlain {
			c.Tag, c.Style = (&yaml.Node{Kind: yaml.ScalarNode, Value: text}).ShortTag(), 0
		}
		return r.copied(n, &c)
	case yaml.DocumentNode, yaml.SequenceNode, yaml.MappingNode:
	}
	changed := false
	content := make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		content[i] = r.node(child)
		changed = changed || content[i] != child
	}
	if !changed {
		return n
	}
	c := *n
	c.Content = content
	return r.copied(n, &c)
}

func (r *replacer) copied(n, made *yaml.Node) *yaml.Node {
	if n.Anchor != "" {
		r.anchors[n] = made
	}
	r.from[made] = n
	return made
}

// NoObject reports a document that was meant to be an object and is none.
func NoObject(n *yaml.Node, at lint.Locator) (p lint.Problem, ok bool) {
	if p, ok = Misspelt(n, at); ok {
		return p, true
	}
	return ReadAsText(n, at)
}

// Misspelt reports a document that was meant to be an object, but lacks
// apiVersion or kind: one that has two of kind, metadata and spec, or apiVersion
// and one of them, or objects as its items. ok is false for objects, and for everything else.
func Misspelt(n *yaml.Node, at lint.Locator) (p lint.Problem, ok bool) {
	return misspelt(n, at, "document", "document")
}

// misspelt is Misspelt for a document or an item of a list. Subject is what messages call it.
func misspelt(n *yaml.Node, at lint.Locator, what, subject string) (p lint.Problem, ok bool) {
	root := node.NewValue(n)
	if !root.IsMap() {
		return misspeltItem(root, at, what, subject)
	}
	api, kind := nameOf(root, "apiVersion"), nameOf(root, "kind")
	parts := 0
	for _, key := range []string{"metadata", "spec"} {
		if root.Get(key).IsMap() {
			parts++
		}
	}
	switch {
	case api.known && kind.known:
		return p, false
	case kind.near() && parts > 0, parts == 2, api.near() && parts > 0:
	case api.key != nil && strings.Contains(api.key.Value, "_"): // the parameter of a program, such as Ansible's api_version
		return p, false
	case api.near() && kind.near() && (api.known || kind.known), isUntypedList(root):
	case what == "document" && api.known && kind.key == nil && len(root.Node.Content) == 2: // the rest may be in the next document
	default:
		return p, false
	}
	p = notAnObject(root, at, subject, []word{api, kind})
	p.Help = "give the " + what + " " + strings.Join(missingOf(api, kind), " and ") + ": the API server refuses it without"
	return ofList(p, root), true
}

// missingOf are those of apiVersion and kind that a document lacks.
func missingOf(words ...word) (l []string) {
	for _, w := range words {
		if !w.known {
			l = append(l, w.want)
		}
	}
	return l
}

// notAnObject says which of apiVersion and kind a document lacks, and what may be meant for them.
func notAnObject(root lint.Value, at lint.Locator, subject string, words []word) lint.Problem {
	p := lint.Problem{Code: lint.CodeNotAnObject, Position: at.Locate(root).Position}
	var meant []string
	for _, w := range words {
		if w.known {
			continue
		}
		if w.key != nil {
			meant = append(meant, w.key.Value+" is no field; did you mean "+w.want)
			p.Position = at.Locate(node.NewValue(w.key)).Position
		} else if w.empty {
			meant = append(meant, w.want+" is empty")
		}
	}
	if api, kind := words[0], words[1]; kind.known && api.key == nil { // the line at which a reader looks for it
		p.Position = at.Locate(root.Get("kind")).Position
	}
	p.Message = subject + " is no Kubernetes object and was not checked: it has no " + strings.Join(missingOf(words...), " and no ")
	if len(meant) > 0 {
		p.Message += "; " + strings.Join(meant, "; ")
	}
	return p
}

// ofList words a problem of a document for one that is a list of objects.
func ofList(p lint.Problem, root lint.Value) lint.Problem {
	if isUntypedList(root) {
		p.Message = strings.Replace(p.Message, "is no Kubernetes object and was not checked", "has objects as its items that were not checked", 1)
		p.Help = "make it a list, with apiVersion: v1 and kind: List, or a document for each object"
	}
	return p
}

// isUntypedList reports whether a mapping is nothing but a list of objects.
func isUntypedList(root lint.Value) bool {
	for key := range node.Entries(root.Node) {
		switch key.Value {
		case "apiVersion", "kind", "metadata", "items":
		default:
			return false
		}
	}
	return root.Get("items").IsList() && holdsObjects(root.Get("items"))
}

// ReadAsText reports a document that holds an object in JSON and that YAML reads as one
// text, because something is before it: a comment of JavaScript, for one.
func ReadAsText(n *yaml.Node, at lint.Locator) (p lint.Problem, ok bool) {
	text := node.Root(n)
	if text == nil || text.Kind != yaml.ScalarNode || text.Style != 0 || !LooksLikeManifest([]byte(text.Value)) {
		return p, false
	}
	return lint.Problem{
		Position: at.Locate(node.NewValue(text)).Position,
		Code:     lint.CodeInvalidYAML,
		Message:  "document is neither JSON nor an object in YAML, which reads all of it as one text",
		Help:     "remove what is before the object: JSON has no comments",
	}, true
}

// misspeltItem reports a list of objects, which kubectl refuses.
func misspeltItem(root lint.Value, at lint.Locator, what, subject string) (p lint.Problem, ok bool) {
	if !root.IsList() || !holdsObjects(root) {
		return p, false
	}
	help := "make it one object of kind List with the list as its items, or a document for each"
	if what == "item" {
		help = "make each of its objects an item"
	}
	return lint.Problem{
		Position: at.Locate(root).Position,
		Code:     lint.CodeNotAnObject,
		Message:  subject + " is a list, and its objects were not checked: kubectl refuses it",
		Help:     help,
	}, true
}

// word is a key that an object must have.
type word struct {
	want string
	// known is set if the key is there with a text. empty: it is there without.
	known, empty bool
	// key is one that may be a misspelling of it. It is nil if there is none. distance
	// counts the letters that differ, without regard to case.
	key      *yaml.Node
	distance int
}

// near reports whether the key is there, or one that hardly differs.
func (w word) near() bool { return w.known || w.empty || w.key != nil && w.distance <= 1 }

// nameOf looks for a key of a mapping, or for a misspelling of it.
func nameOf(root lint.Value, want string) word {
	w := word{want: want}
	if v := root.Get(want); v.IsScalar() {
		w.known, w.empty = v.Node.Value != "", v.Node.Value == ""
		return w
	}
	w.distance = len(want)/3 + 1
	for k, v := range node.Entries(root.Node) {
		switch {
		case k.Value == want: // null, or no scalar
			w.empty = true
		case v.Kind != yaml.ScalarNode || isObjectField(k.Value):
		default:
			distance := suggest.Distance(strings.ToLower(k.Value), strings.ToLower(want))
			if distance < w.distance {
				w.key, w.distance = k, distance
			}
		}
	}
	if w.empty {
		w.key = nil
	}
	return w
}

func isObjectField(key string) bool {
	switch key {
	case "apiVersion", "kind", "metadata", "spec", "status", "data", "type":
		return true
	}
	return false
}
