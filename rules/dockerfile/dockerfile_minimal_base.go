package dockerfile

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfileMinimalBase reports final stages that begin with an image of compilers and build
// tools, such as golang, maven or a JDK, and copies of the whole file system of a stage.
//
// Compilers, shells and package managers are what an attacker needs to go on from a process
// that was taken over, and each of them has flaws to patch.
//
// Images for people to develop in are named so by their stage: dev, development, test, debug.
// Interpreted languages need their runtime, so that python, node and ruby pass.
var DockerfileMinimalBase = &lint.Rule{
	ID:        "dockerfile-minimal-base",
	Title:     "Final image has the tools of the build",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"images-minimal"},
	Fix:       "build in a stage of its own, and begin the final stage with an image that has only what the program needs",
	Check:     each(checkMinimalBase),
}

// buildImages are images whose purpose is to build programs.
var buildImages = words(`
	buildpack-deps clojure composer dart docker gcc golang gradle haskell maven mcr.microsoft.com/dotnet/sdk microsoft/dotnet rust swift
	cimg/go cimg/rust circleci/golang public.ecr.aws/docker/library/golang mcr.microsoft.com/oss/go/microsoft/golang
`)

func checkMinimalBase(f file) {
	s := f.Final()
	if base := s.Base(); buildImages[dockerfile.ParseReference(base).Name] && !isForDevelopment(s.Name) {
		f.report(s.From, s.Ref, "final image begins with %s, which has the tools of the build; want a stage for the build, and a smaller image", base)
	}
	for _, i := range s.Instructions {
		if _, ok := i.Flag("from"); ok && i.Name == "COPY" && len(i.Words) == 2 && i.Words[0].Text == "/" && i.Words[1].Text == "/" && s.Image != "scratch" {
			f.report(i, i.Words[0], "COPY --from takes the whole file system of a stage; want the files that the program needs")
		}
	}
}

// isForDevelopment reports whether the name of a stage says that people work in it.
func isForDevelopment(stage string) bool {
	return slices.ContainsFunc([]string{"dev", "test", "debug", "build", "ci", "lint"}, func(word string) bool { return strings.Contains(stage, word) })
}
