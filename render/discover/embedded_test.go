package discover

import (
	"maps"
	"slices"
	"testing"
)

// Of a folder that a Go program embeds, the files that it does not read are skipped, if it reads others by their names.
func TestUnread(t *testing.T) {
	const program = "package a\n\nimport \"embed\"\n\n// Folder is in the binary.\n//\n//go:embed all\nvar Folder embed.FS\n\nvar text, _ = Folder.ReadFile(\"all/read.yaml\")\n"
	for name, test := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"names one":       {map[string]string{"a/a.go": program}, []string{"a/all/left.yaml", "a/all/told.yaml"}},
		"named elsewhere": {map[string]string{"a/a.go": program, "b.go": "package b\n\nconst name = \"left.yaml\"\n", "up.sh": "kubectl apply -f a/all/told.yaml\n"}, nil},
		"in a test":       {map[string]string{"a/a.go": program, "a/a_test.go": "package a\n\nconst name = \"left.yaml\"\n"}, []string{"a/all/left.yaml", "a/all/told.yaml"}},
		"all":             {map[string]string{"a/a.go": program, "a/b.go": "package a\n\nvar l, _ = Folder.ReadDir(\"all\")\n"}, nil},
		"made up":         {map[string]string{"a/a.go": program, "a/b.go": "package a\n\nvar l, _ = Folder.ReadFile(\"all/\" + x)\n"}, nil},
		"handed on":       {map[string]string{"a/a.go": program, "a/b.go": "package a\n\nvar l = c.Read(Folder, 1)\n"}, nil},
		"another package": {map[string]string{"a/a.go": program, "c/c.go": "package c\n\nvar l = a.Folder\n"}, nil},
		"names none":      {map[string]string{"a/a.go": "package a\n\n//go:embed all\nvar folder embed.FS\n"}, nil},
		"embeds files":    {map[string]string{"a/a.go": "package a\n\n//go:embed all/*.yaml\nvar folder embed.FS\n\nconst name = \"all/read.yaml\"\n"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{".git/HEAD": "", "go.mod": "module a\n", "a/all/read.yaml": pod, "a/all/left.yaml": pod, "a/all/told.yaml": pod}
			maps.Copy(files, test.files)
			write(t, files)
			f := In([]string{"."}, nil)
			f.Roots()
			skipped, _ := f.SkipUnlisted()
			var got []string
			for _, s := range skipped {
				got = append(got, s.File)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("skipped %q, want %q", got, test.want)
			}
		})
	}
}
