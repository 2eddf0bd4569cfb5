package built

import (
	"cmp"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// buildActions are docker/build-push-action, and those that take its inputs.
var buildActions = []string{"docker/build-push-action", "depot/build-push-action", "useblacksmith/build-push-action"}

// workflow reads the steps of a GitHub workflow that build an image with
// docker/build-push-action.
func (r reader) workflow(d *lint.Document) {
	root := path.Dir(path.Dir(path.Dir(path.Clean(d.File)))) // of .github/workflows
	for _, job := range d.Root.Get("jobs").Entries() {
		if checksOutElsewhere(job) {
			continue
		}
		for step := range job.Get("steps").Items() {
			if !slices.ContainsFunc(buildActions, func(name string) bool { return isAction(step, name) }) {
				continue
			}
			for _, combination := range matrixOf(job) {
				e := expressions{matrix: combination, env: []lint.Value{step.Get("env"), job.Get("env"), d.Root.Get("env")}, job: job}
				r.pushAction(d, root, step.Get("with"), e)
			}
		}
	}
}

// checksOutElsewhere reports whether the files of a job are not where they are in the
// repository.
func checksOutElsewhere(job lint.Value) bool {
	for step := range job.Get("steps").Items() {
		if isAction(step, "actions/checkout") && (step.Get("with.path").IsSet() || step.Get("with.repository").IsSet()) {
			return true
		}
	}
	return false
}

// isAction reports whether a step uses an action, of any version.
func isAction(step lint.Value, name string) bool {
	action, _, _ := strings.Cut(step.Get("uses").Written(), "@")
	return strings.EqualFold(action, name)
}

// pushAction reads the inputs of docker/build-push-action. The path of its file is that in
// the repository, not in the context, unless the context is a folder of {{defaultContext}}: BuildKit fetches only that.
func (r reader) pushAction(d *lint.Document, root string, with lint.Value, e expressions) {
	context := e.resolve(with.Get("context").Written())
	rest, isFetched := strings.CutPrefix(strings.ReplaceAll(context, " ", ""), "{{defaultContext}}")
	if isFetched {
		context = strings.TrimPrefix(rest, ":")
	}
	file := e.resolve(with.Get("file").Written())
	if file == "" || isFetched {
		file = path.Join(context, cmp.Or(file, "Dockerfile"))
	}
	tags := with.Get("tags")
	names := e.tags(tags.Written())
	if len(names) == 0 {
		names = []string{""} // what it builds has no name, but is built
	}
	args := argsOf(strings.Lines(e.resolve(with.Get("build-args").Written())))
	for _, tag := range names {
		i := &Image{Name: tag, Target: e.resolve(with.Get("target").Written()), By: d, At: tags, HasArgs: with.Get("build-args").IsSet(), Args: args}
		if !isRemote(context) {
			i.Dockerfile = r.files[path.Join(root, file)]
		}
		r.add(i)
	}
}

// maxCombinations limits how many combinations of a matrix are looked at.
const maxCombinations = 100

// matrixOf are the combinations of a job's matrix, each by its keys. A job without one has
// one combination, which is empty.
func matrixOf(job lint.Value) []map[string]lint.Value {
	all := []map[string]lint.Value{{}}
	matrix := job.Get("strategy.matrix")
	var keys []string
	for key, list := range matrix.Entries() {
		if key == "include" || key == "exclude" || !list.IsList() {
			continue
		}
		keys = append(keys, key)
		var more []map[string]lint.Value
		for _, c := range all {
			for v := range list.Items() {
				if len(more) < maxCombinations {
					more = append(more, with(c, key, v))
				}
			}
		}
		all = more
	}
	if len(keys) == 0 {
		all = nil
	}
	for entry := range matrix.Get("include").Items() {
		all = include(all, keys, entry)
	}
	if len(all) == 0 {
		all = append(all, map[string]lint.Value{})
	}
	return all
}

// with is a combination with one more key.
func with(c map[string]lint.Value, key string, v lint.Value) map[string]lint.Value {
	out := map[string]lint.Value{key: v}
	for k, v := range c {
		if k != key {
			out[k] = v
		}
	}
	return out
}

// include adds an entry of a matrix's include: to the combinations that have its values for
// the matrix's own keys, or else as one of its own.
func include(all []map[string]lint.Value, keys []string, entry lint.Value) []map[string]lint.Value {
	added := false
	for i, c := range all {
		if slices.ContainsFunc(keys, func(k string) bool { return entry.Get(k).IsSet() && entry.Get(k).Written() != c[k].Written() }) || len(c) == 0 || len(keys) == 0 {
			continue
		}
		added = true
		for k, v := range entry.Entries() {
			all[i] = with(all[i], k, v)
		}
	}
	if added || len(all) >= maxCombinations {
		return all
	}
	return append(all, maps.Collect(entry.Entries()))
}

// expressions is what the expressions of a step may refer to.
type expressions struct {
	matrix map[string]lint.Value
	// env are the variables of the step, its job and the workflow, in this order.
	env []lint.Value
	job lint.Value
}

var expression = regexp.MustCompile(`\$\{\{\s*([^}]*?)\s*\}\}`)

// maxNested limits how deep values of variables refer to others.
const maxNested = 3

// resolve replaces the expressions of a text. node.UnknownPart takes the place of those
// whose value is not in the file.
func (e expressions) resolve(text string) string { return e.resolveIn(text, 0) }

func (e expressions) resolveIn(text string, depth int) string {
	return expression.ReplaceAllStringFunc(text, func(whole string) string {
		of, name, _ := strings.Cut(expression.FindStringSubmatch(whole)[1], ".")
		switch of {
		case "matrix":
			return e.matrixValue(name)
		case "env":
			for _, env := range e.env {
				if v := env.Child(name); v.IsScalar() && depth < maxNested {
					return e.resolveIn(v.Written(), depth+1)
				}
			}
		}
		return string(node.UnknownPart)
	})
}

// matrixValue is a value of the combination. It is empty if this one has none, as others
// may.
func (e expressions) matrixValue(name string) string {
	key, rest, _ := strings.Cut(name, ".")
	v, ok := e.matrix[key]
	if matrix := e.job.Get("strategy.matrix"); !ok && matrix.IsMap() && !matrix.Get(key).IsSet() && !matrix.Get("include").IsScalar() {
		return ""
	}
	if rest != "" {
		v = v.Get(rest)
	}
	if v.IsScalar() && !expression.MatchString(v.Written()) {
		return v.Written()
	}
	return string(node.UnknownPart)
}

var metadataTags = regexp.MustCompile(`^\$\{\{\s*steps\.([A-Za-z0-9_-]+)\.outputs\.tags\s*\}\}$`)

// tags lists the references in a list of tags, which has one a line or commas. The tags that
// docker/metadata-action makes are those of its images.
func (e expressions) tags(text string) []string {
	var l []string
	for _, tag := range strings.FieldsFunc(text, func(c rune) bool { return c == '\n' || c == ',' }) {
		tag = strings.TrimSpace(tag)
		if m := metadataTags.FindStringSubmatch(tag); m != nil {
			l = append(l, e.metadataImages(m[1])...)
		} else if tag != "" {
			l = append(l, e.resolve(tag))
		}
	}
	return l
}

// metadataImages are the images of the step of docker/metadata-action with an id.
func (e expressions) metadataImages(id string) (l []string) {
	for step := range e.job.Get("steps").Items() {
		if step.Get("id").Written() != id || !isAction(step, "docker/metadata-action") {
			continue
		}
		for line := range strings.Lines(step.Get("with.images").Written()) {
			for field := range strings.SplitSeq(line, ",") {
				field = strings.TrimPrefix(strings.TrimSpace(field), "name=")
				if field != "" && !strings.Contains(field, "=") {
					l = append(l, e.resolve(field))
				}
			}
		}
	}
	return l
}
