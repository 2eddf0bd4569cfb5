package dockerfile

import (
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// DockerfileNumericUser reports images whose last USER is a name.
//
// With runAsNonRoot: true the kubelet starts no container whose user is a name: it cannot know
// whether that is root. Teams then switch the check off.
//
// A pod that sets runAsUser starts all the same. A user in a variable without a default is not
// known. Root is reported by dockerfile-user.
var DockerfileNumericUser = &lint.Rule{
	ID:        "dockerfile-numeric-user",
	Title:     "USER is a name and not a number",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"images-unprivileged-user"},
	Fix:       "give USER the number of the user, and of its group",
	Check:     each(checkNumericUser),
}

func checkNumericUser(f file) {
	i := f.Final().Last("USER")
	if i == nil || len(i.Words) != 1 || f.Final().IsWindows {
		return
	}
	user, isKnown := i.Expand(i.Words[0])
	name, _, _ := strings.Cut(user, ":")
	if _, err := strconv.ParseUint(name, 10, 32); isKnown && name != "" && name != "root" && err != nil {
		f.report(i, i.Words[0], "image runs as the user %s; want its number, which runAsNonRoot needs", name)
	}
}
