package document

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// Builds reports whether documents of a kind say which images a repository builds, or puts in place of others.
func (r Reader) Builds() bool {
	return slices.Contains([]string{
		lint.DocumentDockerfile, lint.DocumentSkaffold, lint.DocumentKbld, lint.DocumentCompose, lint.DocumentWorkflow, lint.DocumentBake, lint.DocumentCloudBuild, lint.DocumentAction, lint.DocumentMakefile, lint.DocumentTiltfile, lint.DocumentScript, lint.DocumentPipeline,
	}, r.Kind)
}

// isSkaffoldName reports whether a name is one that the configuration of Skaffold has:
// skaffold.yaml, skaffold-dev.yaml.
func isSkaffoldName(name string) bool {
	return strings.HasPrefix(strings.ToLower(path.Base(name)), "skaffold") && isYAML(name)
}

var skaffoldVersion = regexp.MustCompile(`(?m)^apiVersion:\s*["']?skaffold/`)

// isSkaffold reports whether a text is the configuration of Skaffold.
func isSkaffold(text []byte) bool { return skaffoldVersion.Match(text) }

// isKbldName reports whether a name is one that configurations of kbld have, and those that it writes with the digests of images:
// kbld.yml, image.lock.yaml.
func isKbldName(name string) bool {
	base := strings.ToLower(path.Base(name))
	return isYAML(name) && (strings.Contains(base, "kbld") || strings.Contains(base, "image") || strings.Contains(base, "lock"))
}

var kbldVersion = regexp.MustCompile(`(?m)^apiVersion:\s*["']?kbld\.k14s\.io/`)

// isKbld reports whether a text is a configuration of kbld.
func isKbld(text []byte) bool { return kbldVersion.Match(text) }

// isComposeName reports whether a name is one that Compose files have: compose.yaml,
// docker-compose.yml, docker-compose.override.yml.
func isComposeName(name string) bool {
	base := strings.ToLower(path.Base(name))
	rest, ok := strings.CutPrefix(strings.TrimPrefix(base, "docker-"), "compose")
	return ok && isYAML(name) && strings.IndexByte(".-_", rest[0]) >= 0
}

var (
	composeServices = regexp.MustCompile(`(?m)^services:`)
	objectKind      = regexp.MustCompile(`(?m)^apiVersion:`)
)

// isCompose reports whether a text is a Compose file. The first versions had the services
// at the top, and are not known.
func isCompose(text []byte) bool { return composeServices.Match(text) && !objectKind.Match(text) }

// isBake reports whether a file is the Bake file that docker buildx bake finds by itself,
// if it is in JSON. What is in others may be changed by the file that they are used with.
func isBake(name string) bool { return path.Base(name) == "docker-bake.json" }

// isActionName reports whether a name is one that an action of GitHub has.
func isActionName(name string) bool {
	base := path.Base(name)
	return base == "action.yml" || base == "action.yaml"
}

var actionOfDocker = regexp.MustCompile(`(?m)^\s+["']?using["']?:\s*["']?docker\b`)

// isAction reports whether a text is an action of GitHub that runs an image.
func isAction(text []byte) bool { return actionOfDocker.Match(text) && !objectKind.Match(text) }

// isCloudBuildName reports whether a name is one that configurations of Cloud Build have:
// cloudbuild.yaml, cloudbuild-dev.yaml, api.cloudbuild.json.
func isCloudBuildName(name string) bool {
	base := strings.ToLower(path.Base(name))
	before, rest, ok := strings.Cut(base, "cloudbuild")
	return ok && (isYAML(name) || path.Ext(base) == ".json") && strings.ContainsRune(".-_", rune(rest[0])) && (before == "" || strings.HasSuffix(before, ".") || strings.HasSuffix(before, "-"))
}

var (
	cloudBuildSteps = regexp.MustCompile(`(?m)^steps\s*:|"steps"\s*:`)
	objectVersion   = regexp.MustCompile(`(?m)^apiVersion:|"apiVersion"\s*:`)
)

// isCloudBuild reports whether a text is a configuration of Cloud Build.
func isCloudBuild(text []byte) bool { return cloudBuildSteps.Match(text) && !objectVersion.Match(text) }

// readBuilds makes a document of each one of a file of YAML. They only say how images are
// built: one that cannot be read, such as a template, says nothing.
func readBuilds(kind, file string, text []byte) (l []*lint.Document, problems []lint.Problem) {
	src := manifest.NewSource(file, text)
	for d := range manifest.Each(text) {
		if d.Err == nil {
			l = append(l, lint.NewDocument(file, kind, d.Node, nil, src))
		}
	}
	return l, nil
}
