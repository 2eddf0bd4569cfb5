package attributes

import (
	"path"
	"strings"

	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/tree"
)

// TemplateBeside is the template beside a manifest or a file of values that has its name and one more ending, as reports call it, and its text.
// It is empty if there is none.
func TemplateBeside(t *tree.Tree, name string) (template string, text []byte) {
	ext := path.Ext(name)
	if ext != ".yaml" && ext != ".yml" {
		return "", nil
	}
	for _, end := range discover.TemplateExtensions {
		for _, beside := range []string{name + end, name + end[1:], strings.TrimSuffix(name, ext) + end + ext} {
			info, err := t.Stat(beside)
			if err != nil || !info.Mode().IsRegular() || info.Size() > maxText {
				continue
			}
			if text, err = t.ReadFile(beside); err == nil {
				return t.Display(beside), text
			}
		}
	}
	return "", nil
}
