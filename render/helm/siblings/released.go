package siblings

import (
	"encoding/json"
	"path"

	"github.com/kubevet/kubevet/render/tree"
)

// releaseConfigs are where repositories have the configuration of release-please.
var releaseConfigs = []string{
	"release-please-config.json", ".github/release-please-config.json", ".github/*/release-please-config.json", ".github/*/*/release-please-config.json",
}

// Released are the directories that the configuration of release-please names: what a repository releases. It is nil if there is none.
func Released(t *tree.Tree) (dirs map[string]bool) {
	for _, pattern := range releaseConfigs {
		files, _ := t.Glob(pattern)
		for _, file := range files {
			text, err := t.ReadFile(file)
			var config struct {
				Packages map[string]json.RawMessage `json:"packages"`
			}
			if err != nil || json.Unmarshal(text, &config) != nil {
				continue
			}
			for dir := range config.Packages {
				if dirs == nil {
					dirs = map[string]bool{}
				}
				dirs[path.Clean(dir)] = true
			}
		}
	}
	return dirs
}
