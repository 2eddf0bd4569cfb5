package dockerfile

import "github.com/kubevet/kubevet/lint"

// DockerfileExecForm reports CMD and ENTRYPOINT that are no JSON arrays.
//
// A shell is process 1 then, which hands on no signals: the program is killed when the pod
// ends, with its data unsaved. And the image needs a shell.
//
// A command that begins with exec replaces the shell, and passes. Only the last of each in the
// final stage counts.
var DockerfileExecForm = &lint.Rule{
	ID:        "dockerfile-exec-form",
	Title:     "CMD or ENTRYPOINT is run by a shell",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"images-minimal"},
	Fix:       "write the command as a JSON array",
	Check:     each(checkExecForm),
}

func checkExecForm(f file) {
	if f.Final().IsWindows {
		return
	}
	for _, name := range []string{"CMD", "ENTRYPOINT"} {
		i := f.Final().Last(name)
		if i != nil && !i.IsJSON && len(i.Words) > 0 && i.Words[0].Text != "exec" {
			f.report(i, i.Words[0], "%s is run by a shell, which hands on no signals; want a JSON array", name)
		}
	}
}
