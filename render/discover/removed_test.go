package discover

import (
	"maps"
	"strings"
	"testing"
)

// What programs only delete is skipped, unless a program that is not read may apply it.
func TestOnlyDeleted(t *testing.T) {
	for name, test := range map[string]struct {
		more    map[string]string
		skipped bool
	}{
		"deleted":            {nil, true},
		"applied, too":       {map[string]string{"bin/all.sh": "kubectl apply -f k8s/old.yaml\n"}, false},
		"a long program":     {map[string]string{"bin/long.sh": strings.Repeat("# more\n", maxGoFile/6)}, false},
		"a long text":        {map[string]string{"data/long.csv": strings.Repeat("a,b,c,d\n", maxGoFile/6)}, true},
		"nothing is applied": {map[string]string{"bin/up.sh": "true\n"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{".git/HEAD": "", "k8s/old.yaml": pod, "k8s/new.yaml": pod, "bin/down.sh": "kubectl delete -f k8s/old.yaml\n", "bin/up.sh": "kubectl apply -f k8s/new.yaml\n"}
			maps.Copy(files, test.more)
			write(t, files)
			f := In([]string{"."}, nil)
			f.Roots()
			skipped, _ := f.SkipUnlisted()
			if is := len(skipped) == 1 && strings.Contains(skipped[0].Reason, "bin/down.sh deletes the objects in it"); is != test.skipped {
				t.Errorf("skipped %v; want %t", skipped, test.skipped)
			}
		})
	}
}
