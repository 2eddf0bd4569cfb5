// Kubevet is a linter for Kubernetes: it renders Helm charts and Kustomize
// overlays offline, checks every object against a security checklist, and
// reports each finding at the line that a person would edit.
package main

import (
	"os"

	"github.com/kubevet/kubevet/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
