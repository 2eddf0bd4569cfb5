package attributes

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kubevet/kubevet/render/tree"
)

// What a text copies into a folder that it empties comes from a file of the tree, from another project, or from what it makes. Where a
// variable is not known, nothing is said.
func TestCopied(t *testing.T) {
	const name = "deploy/crds/web.yaml"
	for what, c := range map[string]struct {
		file, text, source string
		foreign, no        bool
	}{
		"folder":            {"Makefile", "crds:\n\trm -rf deploy/crds && mkdir deploy/crds\n\tcp config/crd/*.yaml deploy/crds/\n", "config/crd/web.yaml", false, false},
		"whole folder":      {"sync.sh", "rm -rf deploy/crds\ncp -r config/crd deploy/crds\n", "config/crd/web.yaml", false, false},
		"folder above":      {"sync.sh", "rm -r deploy\ncp -r config/crd/. deploy/crds\n", "config/crd/web.yaml", false, false},
		"one file":          {"sync.sh", "rm -f deploy/crds/*.yaml\ncp config/crd/web.yaml deploy/crds\n", "config/crd/web.yaml", false, false},
		"rsync":             {"sync.sh", "rsync -a --delete config/crd/ deploy/crds/\n", "config/crd/web.yaml", false, false},
		"folder of scripts": {"hack/sync.sh", "cd $(dirname \"$0\")/..\nrm -rf deploy/crds\ncp -R config/crd deploy/crds\n", "config/crd/web.yaml", false, false},
		"own folder": {
			"hack/sync.sh", "DIR=$(cd \"$(dirname \"${BASH_SOURCE[0]}\")/..\" && pwd)\nrm -rf \"${DIR}/deploy/crds\"\ncp -R \"$DIR/config/crd\" $DIR/deploy/crds\n",
			"config/crd/web.yaml", false, false,
		},
		"top":       {"hack/sync.sh", "ROOT=$(git rev-parse --show-toplevel)\nrm -rf $ROOT/deploy/crds\ncp -R $ROOT/config/crd $ROOT/deploy/crds\n", "config/crd/web.yaml", false, false},
		"variables": {"Makefile", "OUT ?= deploy/crds\nIN := config/crd\ncrds:\n\trm -rf $(OUT)/*\n\tcp ${IN}/*.yaml $(OUT)\n", "config/crd/web.yaml", false, false},
		"macro": {
			"Makefile", "define empty\n\trm -rf deploy/$(1)\nendef\ndefine fill\n$(eval to := $(2))\n\t@cp $(1)/* deploy/$(to)/ && echo done\nendef\nall: clone\n\t$(call empty,\"crds\")\n\t$(if $(X),$(call fill, config/crd,\"crds\"))\n",
			"config/crd/web.yaml", false, false,
		},
		"clone": {
			"sync.sh", "TMP=$(mktemp -d)\ngit clone --depth 1 https://example.com/other.git \"${TMP}/other\"\nrm -rf deploy/crds\ncp -r $TMP/other/crds deploy/crds\n",
			"", true, false,
		},
		"clone beside":  {"sync.sh", "git clone https://example.com/other.git\nrm -rf deploy/crds/*\ncp other/crds/* deploy/crds\n", "", true, false},
		"clone in":      {"Makefile", "a:\n\tgit -C .other clone $(URL) ./\nb:\n\trm -rf deploy/crds\n\tcp .other/crds/* deploy/crds\n", "", true, false},
		"archive":       {"sync.sh", "rm -rf deploy/crds\ncurl -L https://example.com/a.tgz | tar xz -C build\ncp build/crds/web.yaml deploy/crds/\n", "", true, false},
		"made":          {"Makefile", "crds:\n\trm -rf deploy/crds\n\tgo run ./gen build\n\tcp build/*.yaml deploy/crds\n", "", false, false},
		"moved":         {"sync.sh", "helm pull x --untar -d new\nrm -rf deploy\nmv new deploy\n", "", true, false},
		"pulled":        {"sync.sh", "DIR=deploy\nif [ -d \"$DIR\" ]; then\n  rm -rf \"$DIR\"\nfi\nhelm pull \"$FROM\" --untar --untardir \"$DIR\"\n", "", true, false},
		"pulled chart":  {"sync.sh", "D=deploy\nrm -rf $D/crds\nhelm pull acme/crds --untar -d $D\n", "", true, false},
		"cloned":        {"sync.sh", "rm -rf deploy/crds\ngit clone https://example.com/other.git deploy/crds\n", "", true, false},
		"pulled beside": {"sync.sh", "rm -rf deploy/other\nhelm pull acme/other --untar -d deploy\n", "", false, true},
		"pulled packed": {"sync.sh", "rm -rf deploy/crds\nhelm pull acme/crds -d deploy/crds\n", "", false, true},
		"cloned, gone":  {"sync.sh", "git clone https://example.com/other.git deploy/crds\nrm -rf deploy/crds\n", "", false, true},
		"missing file": {
			"Makefile", "include build/common.mk\nNAME := crds\nOUT = $(DIR)/$(NAME)\ncrds:\n\trm -rf $(TOP_OF)/deploy/crds\n\tcp $(TOP_OF)/config/crd/*.yaml $(TOP_OF)/deploy/crds\n",
			"config/crd/web.yaml", false, false,
		},
		"fetched": {
			"Makefile", "-include build/common.mk\nGIT ?= git -C $(WORK)/other\ncrds:\n\t$(GIT) init\n\t$(GIT) remote add origin https://example.com/other.git\n\t$(GIT) fetch origin\n\trm -f $(TOP_OF)/deploy/crds/*\n\tcp -a $(WORK)/other/crds/* $(TOP_OF)/deploy/crds\n",
			"", true, false,
		},
		"changed": {
			"Makefile", "-include build/common.mk\ncrds:\n\tgit clone https://example.com/o.git $(WORK)/o\n\trm -f $(TOP_OF)/deploy/crds/web.yaml\n\tcp $(WORK)/o/web.yaml $(TOP_OF)/deploy/crds/web.yaml\n\tcat own.yaml >> $(TOP_OF)/deploy/crds/web.yaml\n",
			"", false, false,
		},
		"no missing file":  {"Makefile", "crds:\n\trm -rf $(TOP_OF)/deploy/crds\n\tcp config/crd/*.yaml $(TOP_OF)/deploy/crds\n", "", false, true},
		"set by a shell":   {"Makefile", "-include build/common.mk\nX := $(shell mktemp -d)\ncrds:\n\trm -rf $(X)/deploy/crds\n\tcp config/crd/*.yaml $(X)/deploy/crds\n", "", false, true},
		"set for a target": {"Makefile", "-include build/common.mk\ncrds: X = $(shell mktemp -d)\ncrds:\n\trm -rf $(X)/deploy/crds\n\tcp config/crd/*.yaml $(X)/deploy/crds\n", "", false, true},
		"folder for work":  {"Makefile", "-include build/common.mk\ncrds:\n\trm -rf $(X)\n\tmkdir $(X)/deploy\n\trm -rf $(X)/deploy/crds\n\tcp config/crd/*.yaml $(X)/deploy/crds\n", "", false, true},
		"not all there":    {"Makefile", "-include build/common.mk\ncrds:\n\trm -rf $(X)/deploy/crds\n\tcp config/crd/*.yaml $(X)/deploy/crds\n\ttouch $(X)/done\n", "", false, true},
		"one part":         {"Makefile", "-include build/common.mk\ncrds:\n\trm -rf $(X)/crds\n\tcp config/crd/*.yaml $(X)/crds\n", "", false, true},
		"several folders":  {"Makefile", "-include build/common.mk\ncrds:\n\trm -rf $(X)/twice/crds\n\tcp config/crd/*.yaml deploy/crds\n\trm -rf $(X)/twice/crds\n", "", false, true},
		"not emptied":      {"Makefile", "crds:\n\tcp config/crd/*.yaml deploy/crds/\n", "", false, true},
		"another folder":   {"Makefile", "crds:\n\trm -rf deploy/other\n\tcp config/crd/*.yaml deploy/crds/\n", "", false, true},
		"other files":      {"sync.sh", "rm -rf deploy/crds\ncp config/crd/shop*.yaml deploy/crds\n", "", false, true},
		"no such file":     {"sync.sh", "rm -rf deploy/crds\ncp config/other/*.yaml deploy/crds\n", "", false, true},
		"unknown source":   {"sync.sh", "rm -rf deploy/crds\ncp \"$1\"/*.yaml deploy/crds\n", "", false, true},
		"unknown target":   {"sync.sh", "rm -rf $OUT\ncp config/crd/*.yaml $OUT\n", "", false, true},
		"unknown folder":   {"sync.sh", "cd $1\nrm -rf deploy/crds\ncp config/crd/*.yaml deploy/crds\n", "", false, true},
		"set twice":        {"Makefile", "O = deploy/crds\nO = other\nx:\n\trm -rf $(O)\n\tcp config/crd/* $(O)\n", "", false, true},
		"set again":        {"sync.sh", "O=deploy/crds\nO=$(pwd)/other\nrm -rf $O\ncp config/crd/* $O\n", "", false, true},
		"saved":            {"sync.sh", "cp -r deploy/crds saved\nrm -rf deploy/crds\ncp -r saved deploy/crds\n", "", false, true},
		"within":           {"sync.sh", "rm -rf deploy/crds/old\ncp -r deploy/crds deploy/crds/old\n", "", false, true},
		"CI":               {".github/workflows/sync.yaml", "run: |\n  rm -rf deploy/crds\n  cp -r config/crd deploy/crds\n", "", false, true},
		"document":         {"README.md", "```sh\nrm -rf deploy/crds\ncp -r config/crd deploy/crds\n```\n", "", false, true},
	} {
		dir := t.TempDir()
		for file, text := range map[string]string{c.file: c.text, name: "kind: A", "config/crd/web.yaml": "kind: A", "config/other/a.yaml": "kind: A", "a/twice/crds/a.yaml": "", "b/twice/crds/a.yaml": ""} {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		tr, err := tree.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		var files Files
		at, source, foreign := files.Copied(tr, name)
		if c.source != "" {
			c.source = tr.Display(c.source)
		}
		if at.File == "" != c.no || source != c.source || foreign != c.foreign {
			t.Errorf("%s: %q, %q, %t; want %+v", what, at, source, foreign, c)
		}
		_ = tr.Close() // read only
	}
}
