package built

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// Args are the values of ARG instructions that each known build of a Dockerfile passes: one entry a build. What is not known in them, such as an
// expression of a workflow, is node.UnknownPart, or as the file has it.
func (x *Images) Args(dockerfile *lint.Document) []map[string]string { return x.builds[dockerfile] }

// argsIn are the values that a mapping has, or a list with NAME=VALUE.
func argsIn(v lint.Value) map[string]string {
	var lines []string
	args := map[string]string{}
	for name, value := range v.Entries() {
		args[name] = value.Written()
	}
	for item := range v.Items() {
		lines = append(lines, item.Written())
	}
	maps.Copy(args, argsOf(slices.Values(lines)))
	return args
}

// argsOf are the values in texts with NAME=VALUE. A name alone has its value from the environment, which is not known.
func argsOf(texts iter.Seq[string]) map[string]string {
	args := map[string]string{}
	for text := range texts {
		if name, value, ok := strings.Cut(strings.TrimSpace(text), "="); ok {
			args[name] = value
		}
	}
	return args
}
