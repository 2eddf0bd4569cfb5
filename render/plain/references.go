package plain

import "github.com/kubevet/kubevet/render/discover"

// SkipReferences skips the releases of other projects that nobody applies. why says it of a file, or is empty.
func SkipReferences(read []Manifest, files []discover.File, why func(discover.File) string) {
	for i, f := range files {
		if f.Named || len(read[i].Objects) == 0 {
			continue
		}
		if reason := why(f); reason != "" {
			read[i].drop(reason)
		}
	}
}
