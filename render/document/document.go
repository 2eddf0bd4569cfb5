// Package document reads the files that rules look at and that hold no Kubernetes
// objects: Dockerfiles, files of CI systems, security policies. Each kind has a
// Reader in a table.
package document

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/built"
	"github.com/kubevet/kubevet/lint/controlplane"
	"github.com/kubevet/kubevet/render/manifest"
)

// MaxSize is the size of the largest file that a reader is given, in bytes. What people
// write by hand is much smaller.
const MaxSize = 1 << 20

// ErrTooLarge is the error of a file of more than MaxSize bytes.
var ErrTooLarge = fmt.Errorf("larger than %d MB", MaxSize>>20)

// Reader reads the files of one kind.
type Reader struct {
	// Kind is that of the documents.
	Kind string
	// Names reports whether a file is of the kind by its name in its repository, with
	// forward slashes.
	Names func(name string) bool
	// IsYAML is set if the files are YAML or JSON.
	IsYAML bool
	// Holds reports whether a text is of the kind, for names that other files have too.
	// It is nil if the name decides.
	Holds func(text []byte) bool
	// Read makes the documents of a file. File is how reports call it. What cannot be
	// read is a problem.
	Read func(kind, file string, text []byte) ([]*lint.Document, []lint.Problem)
}

// readers is every kind. The first one that takes a file reads it.
var readers = []Reader{
	{Kind: lint.DocumentDockerfile, Names: IsDockerfile, Read: readDockerfile},
	{Kind: lint.DocumentDockerignore, Names: isDockerignore, Read: readText},
	{Kind: lint.DocumentCredentials, Names: mayHoldCredentials, Read: readText},
	{Kind: lint.DocumentPolicy, Names: isSecurityPolicy, Read: readText},
	{Kind: lint.DocumentWorkflow, Names: isWorkflow, IsYAML: true, Read: readYAML},
	{Kind: lint.DocumentPipeline, Names: isPipeline, IsYAML: true, Read: readYAML},
	{Kind: lint.DocumentSkaffold, Names: isSkaffoldName, IsYAML: true, Holds: isSkaffold, Read: readBuilds},
	{Kind: lint.DocumentKbld, Names: isKbldName, IsYAML: true, Holds: isKbld, Read: readBuilds},
	{Kind: lint.DocumentCompose, Names: isComposeName, IsYAML: true, Holds: isCompose, Read: readBuilds},
	{Kind: lint.DocumentBake, Names: isBake, IsYAML: true, Read: readBuilds},
	{Kind: lint.DocumentCloudBuild, Names: isCloudBuildName, IsYAML: true, Holds: isCloudBuild, Read: readBuilds},
	{Kind: lint.DocumentAction, Names: isActionName, IsYAML: true, Holds: isAction, Read: readBuilds},
	{Kind: lint.DocumentMakefile, Names: isMakefile, Holds: editsImages, Read: readText},
	{Kind: lint.DocumentScript, Names: isScript, Holds: loadsImages, Read: readText},
	{Kind: lint.DocumentScript, Names: isJenkinsfile, Holds: buildsOnNode, Read: readText},
	{Kind: lint.DocumentTiltfile, Names: isTiltfile, Holds: built.HasTilt, Read: readText},
	{Kind: lint.DocumentPreCommit, Names: isPreCommit, IsYAML: true, Read: readYAML},
	{Kind: lint.DocumentRKE2, Names: mayBeDistribution, IsYAML: true, Holds: isRKE2, Read: readYAML},
	{Kind: lint.DocumentK3s, Names: mayBeDistribution, IsYAML: true, Holds: isK3s, Read: readYAML},
	{Kind: lint.DocumentTalos, Names: mayBeTalos, IsYAML: true, Holds: isTalos, Read: readText},
	{Kind: lint.DocumentPEM, Names: isPEM, Read: readPEM},
	{Kind: lint.DocumentUpdates, Names: isUpdates, IsYAML: true, Read: readYAML},
	{Kind: lint.DocumentUpdates, Names: isUpdates5, Read: readText},
}

// Find is the reader of a file, given its name in its repository. Read gives the text
// of the file, nil if it cannot be read; it is called only if the name does not decide.
// ok is false if the file is none that a reader takes.
func Find(name string, read func() []byte) (r Reader, ok bool) {
	for _, r := range readers {
		if r.Names(name) && (r.Holds == nil || r.Holds(read())) {
			return r, true
		}
	}
	return Reader{}, false
}

// IsFolder reports whether a hidden folder has files for a reader: it is looked into
// in spite of its name.
func IsFolder(base string) bool { return slices.Contains([]string{".github", ".gitlab"}, base) }

// readText makes a document whose data is the text.
func readText(kind, file string, text []byte) ([]*lint.Document, []lint.Problem) {
	text = manifest.UTF8(text)
	return []*lint.Document{lint.NewDocument(file, kind, nil, string(text), manifest.NewSource(file, text))}, nil
}

// readYAML makes a document of the first one of a file of YAML or JSON.
func readYAML(kind, file string, text []byte) (l []*lint.Document, problems []lint.Problem) {
	src := manifest.NewSource(file, text)
	for d := range manifest.Each(text) {
		if d.Err != nil {
			return nil, src.Problems(d)
		}
		return []*lint.Document{lint.NewDocument(file, kind, d.Node, nil, src)}, nil
	}
	return nil, nil
}

func isSecurityPolicy(name string) bool {
	dir, base := path.Split(name)
	return strings.EqualFold(base, "SECURITY.md") && slices.Contains([]string{"", ".github/", "docs/"}, dir)
}

func isWorkflow(name string) bool {
	return path.Dir(name) == ".github/workflows" && isYAML(name)
}

func isPipeline(name string) bool {
	return path.Base(name) == ".gitlab-ci.yml" || strings.HasPrefix(name, ".gitlab/") && isYAML(name)
}

// isMakefile reports whether a name is that of a Makefile.
func isMakefile(name string) bool {
	base := path.Base(name)
	return base == "Makefile" || base == "GNUmakefile" || path.Ext(base) == ".mk"
}

// editsImages reports whether a Makefile has kustomize replace images, loads images into a kind cluster, builds some, or packages charts. Of
// others nothing is read.
func editsImages(text []byte) bool {
	return bytes.Contains(text, []byte("edit set image")) || bytes.Contains(text, []byte("load docker-image")) || built.HasBuild(string(text)) || built.HasRewrite(string(text)) || built.WritesOverlay(string(text)) || built.HasPackaging(string(text))
}

// isScript reports whether a name is that of a shell script, or of a hook of Docker Hub's builds.
func isScript(name string) bool {
	ext := path.Ext(name)
	return ext == ".sh" || ext == ".bash" || ext == "" && path.Base(path.Dir(name)) == "hooks"
}

// loadsImages reports whether a script puts images on the nodes of a cluster, builds some, rewrites YAML files, packages charts, or installs k3s or RKE2. Of others
// nothing is read.
func loadsImages(text []byte) bool {
	return built.HasBuild(string(text)) || built.HasRewrite(string(text)) || built.WritesOverlay(string(text)) || built.HasPackaging(string(text)) || bytes.Contains(text, []byte("load docker-image")) ||
		controlplane.InstallsDistribution(string(text)) || bytes.Contains(text, []byte("minikube")) && bytes.Contains(text, []byte("image ")) || bytes.Contains(text, []byte("image import"))
}

func isTiltfile(name string) bool {
	return path.Base(name) == "Tiltfile" || path.Ext(name) == ".tiltfile"
}

func isJenkinsfile(name string) bool { return path.Base(name) == "Jenkinsfile" }

// buildsOnNode reports whether a pipeline builds images by the daemon of minikube's node. Of others nothing is read: they are programs.
func buildsOnNode(text []byte) bool {
	return bytes.Contains(text, []byte("minikube")) && bytes.Contains(text, []byte("docker-env")) && built.HasBuild(string(text))
}

func isPreCommit(name string) bool {
	return slices.Contains([]string{".pre-commit-config.yaml", ".pre-commit-config.yml"}, path.Base(name))
}

func isUpdates(name string) bool {
	switch name {
	case ".github/dependabot.yml", ".github/dependabot.yaml", "renovate.json", ".renovaterc", ".renovaterc.json", ".github/renovate.json", ".gitlab/renovate.json":
		return true
	}
	return false
}

// isUpdates5 reports whether a file is a configuration of Renovate in JSON5, which is no
// YAML.
func isUpdates5(name string) bool {
	return slices.Contains([]string{"renovate.json5", ".renovaterc.json5", ".github/renovate.json5", ".gitlab/renovate.json5"}, name)
}

func isYAML(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".yaml" || ext == ".yml"
}
