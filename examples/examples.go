// Package examples holds two things. The folder rules has, for each rule, a file that
// shows what the rule reports and what it accepts: YAML, or, for rules about other
// files, an archive in the format of golang.org/x/tools/txtar, in which each folder is
// a case. The folder platform is a small
// repository with a chart, overlays and manifests. Both are documentation and test
// input: comments name the findings that each line must give.
package examples

import (
	"embed"
	"io/fs"
)

//go:embed rules/*.yaml rules/*.txtar
var embedded embed.FS

// Files is the examples, named by rule: run-as-non-root.yaml, dockerfile-user.txtar.
var Files, _ = fs.Sub(embedded, "rules") // no error: the name is a valid path

// Of is the example of a rule.
func Of(rule string) (name string, data []byte, err error) {
	for _, ext := range []string{".yaml", ".txtar"} {
		name = rule + ext
		if data, err = fs.ReadFile(Files, name); err == nil {
			break
		}
	}
	return name, data, err
}
