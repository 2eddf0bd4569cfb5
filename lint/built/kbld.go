package built

import (
	"path"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// kbld notes the images for which a configuration of kbld has one with a digest.
func (x *Images) kbld(d *lint.Document) {
	if d.Root.Get("kind").Text() != "Config" {
		return
	}
	for o := range d.Root.Get("overrides").Items() {
		if !strings.Contains(o.Get("newImage").Text(), "@sha256:") {
			continue
		}
		for _, image := range []string{o.Get("image").Text(), inRepository(o.Get("imageRepo").Text())} {
			if image != "" && len(x.pinned) < maxReplaced {
				addFolder(x.pinned, image, path.Dir(path.Clean(d.File)))
			}
		}
	}
}

// inRepository is what stands for all images of a repository. It is empty for none.
func inRepository(name string) string {
	if name == "" {
		return ""
	}
	return "repository " + dockerfile.ParseReference(name).Name
}

// IsPinned reports whether a configuration of kbld, in the folder of a file or in one above, puts one with a digest in the place of an image of
// the file. at is where the image is written. It is asked for only if one may mean the image.
func (x *Images) IsPinned(image string, at func() lint.Origin) bool {
	by, byName := x.pinned[image], x.pinned[inRepository(image)]
	if len(by)+len(byName) == 0 {
		return false
	}
	return isIn(at().File, func(dir string) bool { return by[dir] || byName[dir] })
}
