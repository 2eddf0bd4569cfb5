package attributes

import "testing"

// What is in a folder that commands empty and have a generator fill is generated. A folder of which another rule empties it, or into
// which something comes back, may have files that are edited.
func TestFilled(t *testing.T) {
	for what, c := range map[string]struct {
		file, text string
		line       int
	}{
		"rule":             {"Makefile", "all:\n\trm -rf out\n\tmkdir -p out/deploy\n\tkustomize build config > out/deploy/all.yaml\n\tgo run ./gen\n", 4},
		"container":        {"Makefile", "all:\n\trm -rf out\n\tmkdir -p out/deploy\n\tdocker run -v $(shell pwd):/src \\\n\t\tbuilder -o /src/out/deploy/all.yaml\n", 4},
		"mount":            {"gen.sh", "rm -rf out\nmkdir out\ndocker run -v $PWD/out:/out builder\n", 3},
		"variable":         {"Makefile", "OUT = out\nall:\n\trm -rf $(OUT)/*\n\t@# Again.\n\tmkdir -p $(OUT)\n\thelm template web | yq . > $(OUT)/web.yaml\n", 6},
		"jsonnet":          {"gen.sh", "rm -rf out\nmkdir -p out/setup\njsonnet -J vendor -m out \"${1-a.jsonnet}\" | xargs -I{} sh -c 'gojsontoyaml < {} > {}.yaml' -- {}\n", 3},
		"folder of helm":   {"gen.sh", "rm -rf ./out && helm template web --output-dir=./out\n", 1},
		"another program":  {"Makefile", "all:\n\trm -rf out/deploy\n\tcat all.yaml | $(BUNDLE) --output-dir out\n", 3},
		"beside":           {"deploy/gen.sh", "cd \"$(dirname \"$0\")\"\nrm -rf ../out\nhelm template web --output-dir ../out\n", 3},
		"loop":             {"deploy/gen.sh", "DIR=$(dirname $(realpath $0))\nTOP=$DIR/..\nTO=\"out\"\nrm -rf \"${TOP}/${TO}\"\nmkdir \"${TOP}/${TO}\"\nfor m in web db; do\n  cp \"${DIR}/head.txt\" \"${TOP}/${TO}/${m}.yaml\"\n  skaffold render --module=\"${m}\" >> \"${TOP}/${TO}/${m}.yaml\"\ndone\n", 8},
		"moved out":        {"gen.sh", "rm -rf made\nmkdir made\njsonnet -m made main.jsonnet\nmv made/list.yaml .\ncp made/list.yaml out/deploy/web.yaml\n", 5},
		"moved in before":  {"gen.sh", "rm -rf made\nmkdir made\nmv made/list.yaml out/deploy/web.yaml\njsonnet -m made main.jsonnet\n", 0},
		"by another name":  {"hack/gen.sh", "HERE=\"$( cd -- \"$( dirname -- \"${BASH_SOURCE[0]}\" )\" &> /dev/null && pwd -P)\"\nRAW=\"${HERE}/../out\"\nTO=$(cd \"$RAW\" 2> /dev/null && pwd -P)\nrm -rf \"${TO}/deploy\"\nmkdir -p \"${TO}/deploy\"\nkubectl-slice -f all.yaml -o \"${TO}/deploy\" --template '{{.kind | lower}}.yaml'\n", 6},
		"another place":    {"hack/gen.sh", "TO=$(cd \"$1\" && pwd)\nrm -rf \"${TO}/deploy\"\nmkdir -p \"${TO}/deploy\"\nkubectl-slice -f all.yaml -o \"${TO}/deploy\"\n", 0},
		"loop of folders":  {"gen.sh", "rm -rf out\nmkdir out\nfor m in web db; do\n  skaffold render > $m/out/all.yaml\ndone\n", 0},
		"another rule":     {"Makefile", "clean:\n\trm -rf out\nall:\n\tmkdir -p out\n\tkustomize build config > out/all.yaml\n", 0},
		"no new folder":    {"gen.sh", "rm -rf out\nunpack\nkustomize build config > out/all.yaml\n", 0},
		"not emptied":      {"gen.sh", "mkdir -p out\nhelm template web --output-dir out\n", 0},
		"another folder":   {"gen.sh", "rm -rf out\nmkdir out\nhelm template web --output-dir other\n", 0},
		"unknown":          {"gen.sh", "rm -rf $OUT\nmkdir -p $OUT\nhelm template web --output-dir $OUT\n", 0},
		"comes back":       {"gen.sh", "cp -r out/deploy /tmp/saved\nrm -rf out\nhelm template web --output-dir out\ncp -r /tmp/saved out/deploy\n", 0},
		"comes from Git":   {"gen.sh", "rm -rf out\nhelm template web --output-dir out\ngit checkout -- out/deploy\n", 0},
		"only by a filter": {"gen.sh", "rm -rf out\nmkdir out\necho a > out/deploy/web.yaml\n", 0},
	} {
		in := treeOf(t, map[string]string{"out/deploy/web.yaml": "kind: Pod\n", "deploy/x.yaml": "", "made/a.yaml": "", c.file: c.text})
		var f Files
		if at, _ := f.Filled(in, "out/deploy/web.yaml"); at.Line != c.line {
			t.Errorf("%s: line %d; want %d", what, at.Line, c.line)
		}
		if at, _ := f.Filled(in, "deploy/x.yaml"); at.File != "" {
			t.Errorf("%s: a file beside the folder", what)
		}
	}
}
