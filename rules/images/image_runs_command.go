package images

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/built"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// ImageRunsCommand reports commands, probes and hooks of containers that run a shell or a tool which the image does not
// have, and arguments that the image's ENTRYPOINT ignores, where the repository builds the image.
//
// The container does not start, its probe always fails, or the program does not get the arguments that
// harden it.
//
// An image has neither a shell nor tools if its final stage begins with scratch, a distroless image without debug in its tag
// or a chiseled one, and no instruction may bring them. An ENTRYPOINT that is no JSON array is run by sh -c, which
// passes no arguments on: args of a container without command are lost. How the Dockerfile of an image is
// found is in image-runs-as-non-root.
var ImageRunsCommand = &lint.Rule{
	ID:        "image-runs-command",
	Title:     "Image cannot run what the container asks for",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"images-minimal"},
	Fix:       "use what the image has: its own program, or a probe of the kinds httpGet, tcpSocket and grpc",
	Check:     lint.PodOrContainerCheck{Of: lint.Containers, Check: checkImageCommand},
}

// tools are the shells and usual tools that images for one program do not have.
var tools = []string{
	"ash", "bash", "cat", "curl", "dash", "echo", "env", "false", "find", "grep", "kill", "ksh", "ls", "mkdir", "nc", "netcat", "pgrep", "pidof", "ps", "rm",
	"sed", "sh", "sleep", "tail", "test", "[", "touch", "true", "wget", "zsh",
}

func checkImageCommand(p *lint.Pass, c lint.PodOrContainer) {
	image := built.Of(p).Find(c.Get("image"))
	if image == nil || image.Stage() == nil {
		return
	}
	for _, field := range []string{"command", "livenessProbe.exec.command", "readinessProbe.exec.command", "startupProbe.exec.command", "lifecycle.postStart.exec.command", "lifecycle.preStop.exec.command"} {
		v := c.Get(field).Item(0)
		program := v.Text()
		if program == "" || !slices.Contains(tools, path.Base(program)) {
			continue
		}
		if at, lacks := image.Lacks(program); lacks {
			p.Report(lint.Diagnostic{
				Subject: c, At: v, Fix: lint.Advice(""),
				Message: fmt.Sprintf("%s runs %s in %s, which its image %s does not have; want a program of the image", c.Label(), program, field, image.Name),
				Related: image.Related(at, "begins with "+at.Text),
			})
		}
	}
	args, command := c.Get("args"), c.Get("command")
	entry := image.Stage().Last("ENTRYPOINT")
	if entry == nil || entry.IsJSON || len(entry.Words) == 0 || args.Len() == 0 || command.IsSet() || !command.IsKnown() || image.Stage().IsWindows {
		return
	}
	if slices.ContainsFunc(entry.Words, func(w dockerfile.Word) bool {
		return strings.Contains(w.Raw, "$@") || strings.Contains(w.Raw, "$*") || strings.Contains(w.Raw, "$0")
	}) {
		return // the command takes them on
	}
	p.Report(lint.Diagnostic{
		Subject: c, At: args,
		Message: fmt.Sprintf("%s sets args, which the ENTRYPOINT of its image %s ignores: it is run by a shell; want an ENTRYPOINT that is a JSON array", c.Label(), image.Name),
		Fix:     lint.Advice("write the ENTRYPOINT as a JSON array"),
		Related: image.Related(entry.Keyword, "ENTRYPOINT in the form of a shell"),
	})
}
