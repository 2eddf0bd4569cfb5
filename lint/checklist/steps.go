package checklist

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// step is what CI runs: a script, or a program that somebody has packed as an action or
// a hook. Steps that cannot fail the build are left out.
type step struct {
	at lint.Value
	// script is the text of a shell. Empty: uses says what runs.
	script string
	// uses is the name of an action without its version, or the ID of a hook.
	uses string
	// with are the inputs of an action.
	with lint.Value
}

// documentSteps are the steps of a file of CI.
func documentSteps(d *lint.Document) []step {
	switch d.Kind {
	case lint.DocumentWorkflow:
		return workflowSteps(d.Root)
	case lint.DocumentPipeline:
		return pipelineSteps(d.Root)
	case lint.DocumentPreCommit:
		return hooks(d.Root)
	}
	return nil
}

// workflowSteps are the steps of a workflow of GitHub Actions that runs by itself.
func workflowSteps(root lint.Value) []step {
	if !runsByItself(root.Get("on")) {
		return nil
	}
	var l []step
	for _, job := range root.Get("jobs").Entries() {
		if isOff(job) {
			continue
		}
		if uses := job.Get("uses"); uses.IsScalar() {
			l = append(l, step{at: uses, uses: withoutVersion(uses.Text()), with: job.Get("with")})
		}
		for s := range job.Get("steps").Items() {
			if isOff(s) {
				continue
			}
			if run := s.Get("run"); run.IsScalar() {
				l = append(l, step{at: run, script: run.Written()})
			} else if uses := s.Get("uses"); uses.IsScalar() {
				l = append(l, step{at: uses, uses: withoutVersion(uses.Text()), with: s.Get("with")})
			}
		}
	}
	return l
}

// runsByItself reports whether a workflow has a trigger that is no person and no other
// workflow.
func runsByItself(on lint.Value) bool {
	isManual := func(name string) bool { return name == "workflow_dispatch" || name == "workflow_call" }
	switch {
	case on.IsScalar():
		return !isManual(on.Written())
	case on.IsList():
		return slices.ContainsFunc(on.Strings(), func(name string) bool { return !isManual(name) })
	}
	for name := range on.Entries() {
		if !isManual(name) {
			return true
		}
	}
	return false
}

// isOff reports whether a job or step never runs, or cannot fail the build.
func isOff(v lint.Value) bool {
	condition := strings.TrimSpace(v.Get("if").Written())
	fails := v.Get("continue-on-error")
	return condition == "false" || condition == "${{ false }}" || fails.IsSet() && fails.Written() != "false"
}

func withoutVersion(uses string) string {
	name, _, _ := strings.Cut(uses, "@")
	return strings.ToLower(name)
}

// pipelineKeys are the keys of a GitLab pipeline that are no jobs.
var pipelineKeys = []string{"default", "include", "image", "services", "stages", "types", "before_script", "after_script", "variables", "cache", "workflow", "pages", "spec"}

// pipelineSteps are the scripts of the jobs of a GitLab pipeline that may fail it.
func pipelineSteps(root lint.Value) []step {
	var l []step
	for name, job := range root.Entries() {
		mayFail := job.Get("allow_failure")
		when := job.Get("when").Text()
		if slices.Contains(pipelineKeys, name) || strings.HasPrefix(name, ".") || mayFail.IsSet() && mayFail.Text() != "false" || when == "manual" || when == "never" {
			continue
		}
		for _, key := range []string{"before_script", "script"} {
			script := job.Get(key)
			if script.IsScalar() {
				l = append(l, step{at: script, script: script.Written()})
			}
			for line := range script.Items() {
				if line.IsScalar() {
					l = append(l, step{at: line, script: line.Written()})
				}
			}
		}
	}
	return l
}

// hooks are the hooks of a pre-commit configuration that run by themselves.
func hooks(root lint.Value) []step {
	var l []step
	for repo := range root.Get("repos").Items() {
		for hook := range repo.Get("hooks").Items() {
			if id := hook.Get("id"); id.IsScalar() && !slices.Contains(hook.Get("stages").Strings(), "manual") {
				l = append(l, step{at: id, uses: id.Text()})
			}
		}
	}
	return l
}

// objectSteps are the steps of tasks of Tekton and templates of Argo Workflows.
func objectSteps(o *lint.Object) []step {
	var l []step
	switch {
	case o.Group() == "tekton.dev":
		for _, path := range []string{"spec.steps[]", "spec.taskSpec.steps[]", "spec.tasks[].taskSpec.steps[]", "spec.pipelineSpec.tasks[].taskSpec.steps[]"} {
			for s := range o.Root.Each(path) {
				if s.Get("onError").Text() != "continue" {
					l = append(l, containerStep(s, s.Get("script"))...)
				}
			}
		}
	case o.Group() == "argoproj.io" && slices.Contains([]string{"Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow"}, o.Kind):
		for _, path := range []string{"spec.templates[]", "spec.workflowSpec.templates[]"} {
			for t := range o.Root.Each(path) {
				l = append(l, containerStep(t.Get("container"), lint.Value{})...)
				l = append(l, containerStep(t.Get("script"), t.Get("script.source"))...)
			}
		}
	}
	return l
}

// containerStep is what a container runs: its script, or its command line.
func containerStep(c, script lint.Value) []step {
	if !c.IsSet() {
		return nil
	}
	if script.IsScalar() {
		return []step{{at: script, script: script.Written()}}
	}
	words := append(c.Get("command").Strings(), c.Get("args").Strings()...)
	at := c.Get("command")
	switch {
	case len(words) == 0:
		return nil
	case !at.IsSet(): // the image starts what it is named after
		at = c.Get("args")
		words = append([]string{imageName(c.Get("image").Text())}, words...)
	}
	return []step{{at: at, script: strings.Join(words, " ")}}
}

// tool is a program that speaks for items.
type tool struct {
	// names are those of the program, and of hooks of pre-commit.
	names []string
	// actions are the names of actions of GitHub, or what they begin with.
	actions []string
	items   []string
	// verbs are what it must be asked to do: one of them. They are nil if that is anything.
	verbs []string
	// requires are options or inputs without which it fails no build, one of them; never
	// are those with which it does not. A value follows after =.
	requires, never []string
	says            string
}

// Items that tools speak for.
var (
	inCI       = []string{"code-scanners-in-ci"}
	ofImages   = []string{"images-scanned", "images-automated-scanners", "code-scanners-in-ci"}
	ofFiles    = []string{"images-automated-scanners", "code-scanners-in-ci"}
	signatures = []string{"images-integrity-signature"}
	contents   = []string{"images-secure-pipeline"}
)

var tools = []tool{
	{[]string{"kubevet"}, []string{"kubevet/kubevet"}, ofFiles, nil, nil, nil, "kubevet checks manifests and Dockerfiles"},
	{[]string{"trivy"}, nil, ofImages, []string{"image", "i"}, []string{"--exit-code=1"}, nil, "Trivy scans images"},
	{[]string{"trivy"}, nil, inCI, []string{"fs", "filesystem", "repo", "repository", "rootfs", "config", "conf"}, []string{"--exit-code=1"}, nil, "Trivy scans files"},
	{nil, []string{"aquasecurity/trivy-action"}, ofImages, nil, []string{"exit-code=1"}, []string{"scan-type=fs", "scan-type=config", "scan-type=repo"}, "Trivy scans images"},
	{nil, []string{"aquasecurity/trivy-action"}, inCI, []string{"scan-type=fs", "scan-type=config", "scan-type=repo"}, []string{"exit-code=1"}, nil, "Trivy scans files"},
	{[]string{"grype"}, nil, ofImages, nil, []string{"-f", "--fail-on"}, nil, "Grype scans images"},
	{nil, []string{"anchore/scan-action"}, ofImages, nil, nil, []string{"fail-build=false"}, "Grype scans images"},
	{[]string{"dockle"}, []string{"erzz/dockle-action"}, ofImages, nil, []string{"--exit-code=1", "exit-code=1"}, nil, "Dockle checks images"},
	{[]string{"snyk"}, []string{"snyk/actions"}, inCI, []string{"test", "container", "iac", "code"}, nil, []string{"monitor"}, "Snyk scans"},
	{[]string{"hadolint", "hadolint-docker"}, []string{"hadolint/hadolint-action"}, ofFiles, nil, nil, []string{"--no-fail", "no-fail=true"}, "hadolint checks Dockerfiles"},
	{[]string{"checkov"}, []string{"bridgecrewio/checkov-action"}, ofFiles, nil, nil, []string{"--soft-fail", "-s", "soft_fail=true"}, "Checkov checks files"},
	{[]string{"kube-linter"}, []string{"stackrox/kube-linter-action"}, inCI, nil, nil, nil, "kube-linter checks manifests"},
	{[]string{"kube-score"}, nil, inCI, []string{"score"}, nil, nil, "kube-score checks manifests"},
	{[]string{"kubescape"}, nil, inCI, []string{"scan"}, []string{"--compliance-threshold", "--severity-threshold", "--fail-threshold"}, nil, "Kubescape checks manifests"},
	{[]string{"polaris"}, nil, inCI, []string{"audit"}, []string{"--set-exit-code-on-danger", "--set-exit-code-below-score"}, nil, "Polaris checks manifests"},
	{[]string{"kics"}, []string{"checkmarx/kics-github-action"}, ofFiles, nil, nil, []string{"--ignore-on-exit=results", "--ignore-on-exit=all", "ignore_on_exit=results", "ignore_on_exit=all"}, "KICS checks files"},
	{[]string{"terrascan"}, nil, inCI, []string{"scan"}, nil, nil, "Terrascan checks files"},
	{[]string{"semgrep"}, nil, inCI, []string{"ci"}, nil, nil, "Semgrep analyses the code"},
	{[]string{"semgrep"}, nil, inCI, nil, []string{"--error"}, []string{"ci"}, "Semgrep analyses the code"},
	{[]string{"gitleaks", "gitleaks-docker"}, []string{"gitleaks/gitleaks-action"}, inCI, nil, nil, []string{"--exit-code=0"}, "Gitleaks looks for secrets"},
	{[]string{"detect-secrets", "detect-secrets-hook"}, nil, inCI, nil, nil, []string{"scan"}, "detect-secrets looks for secrets"},
	{[]string{"trufflehog"}, nil, inCI, nil, []string{"--fail"}, nil, "TruffleHog looks for secrets"},
	{[]string{"govulncheck"}, []string{"golang/govulncheck-action"}, inCI, nil, nil, nil, "govulncheck looks for known faults"},
	{[]string{"gosec"}, []string{"securego/gosec"}, inCI, nil, nil, []string{"-no-fail"}, "gosec analyses the code"},
	{[]string{"bandit"}, nil, inCI, nil, nil, []string{"--exit-zero"}, "Bandit analyses the code"},
	{[]string{"pip-audit"}, []string{"pypa/gh-action-pip-audit"}, inCI, nil, nil, nil, "pip-audit looks for known faults"},
	{[]string{"osv-scanner"}, []string{"google/osv-scanner-action"}, inCI, nil, nil, nil, "OSV-Scanner looks for known faults"},
	{nil, []string{"github/codeql-action/analyze"}, inCI, nil, nil, nil, "CodeQL analyses the code"},
	{nil, []string{"actions/dependency-review-action"}, inCI, nil, nil, []string{"warn-only=true"}, "dependency review looks for known faults"},
	{[]string{"cosign"}, nil, signatures, []string{"sign", "attest"}, nil, nil, "Cosign signs images"},
	{[]string{"notation"}, nil, signatures, []string{"sign"}, nil, nil, "Notation signs images"},
	{nil, []string{"actions/attest-build-provenance", "slsa-framework/slsa-github-generator"}, signatures, nil, nil, nil, "a signed statement says how the image was built"},
	{[]string{"syft"}, []string{"anchore/sbom-action"}, contents, nil, nil, nil, "Syft lists what is in the image"},
}

// evidenceOfSteps lists what steps show, each tool once for an item.
func evidenceOfSteps(steps []step, locate func(lint.Value) lint.Origin) []Evidence {
	var l []Evidence
	seen := map[[2]string]bool{}
	for _, s := range steps {
		for _, t := range toolsOf(s) {
			for _, item := range t.items {
				if key := [2]string{item, t.says}; !seen[key] {
					seen[key] = true
					l = append(l, Evidence{item, locate(s.at).Position, t.says})
				}
			}
		}
	}
	return l
}

// toolsOf are the tools that a step calls, in the order of its calls. A tool is there
// as often as it is called.
func toolsOf(s step) []tool {
	calls := []call{{name: s.uses, words: inputs(s.with)}}
	if s.script != "" {
		calls = callsOf(s.script)
	}
	var l []tool
	for _, c := range calls {
		for _, t := range tools {
			if t.is(c, s.script != "") {
				l = append(l, t)
			}
		}
	}
	return l
}

// inputs are the inputs of an action as name=value.
func inputs(with lint.Value) []string {
	var l []string
	for name, v := range with.Entries() {
		l = append(l, name+"="+v.Text())
	}
	return l
}

// is reports whether a call is one of the tool that can fail the build.
func (t *tool) is(c call, isProgram bool) bool {
	isNamed := slices.Contains(t.names, c.name)
	if !isProgram {
		isNamed = isNamed || slices.ContainsFunc(t.actions, func(a string) bool { return c.name == a || strings.HasPrefix(c.name, a+"/") })
	} else if slices.Contains(c.words, "--version") || slices.Contains(c.words, "--help") || slices.Contains(c.words, "version") {
		return false
	}
	has := func(options []string) bool { return slices.ContainsFunc(options, c.has) }
	return isNamed && (t.verbs == nil || !isProgram && len(t.names) > 0 || has(t.verbs)) && (t.requires == nil || has(t.requires)) && !has(t.never)
}

// call is a program that a script calls.
type call struct {
	name  string
	words []string
}

// has reports whether a call has an option, with its value after = or as the next word.
func (c call) has(option string) bool {
	name, value, hasValue := strings.Cut(option, "=")
	for n, w := range c.words {
		if w == option || !hasValue && strings.HasPrefix(w, option+"=") || hasValue && w == name && n+1 < len(c.words) && c.words[n+1] == value {
			return true
		}
	}
	return false
}

var (
	continuation = regexp.MustCompile(`\\\r?\n`)
	operators    = regexp.MustCompile(`&&|\|\||[;|]`)
	assignment   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=`)
)

// maxScript limits how much of a script is read, in bytes.
const maxScript = 64 << 10

// callsOf are the programs that a script calls and whose failure ends it: not those
// behind which || or a pipe takes the failure away, and none after set +e.
func callsOf(script string) []call {
	script = continuation.ReplaceAllString(script[:min(len(script), maxScript)], " ")
	if strings.Contains(script, "set +e") {
		return nil
	}
	var l []call
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		start := 0
		for _, at := range append(operators.FindAllStringIndex(line, -1), []int{len(line), len(line)}) {
			operator := line[at[0]:at[1]]
			if c, ok := callOf(line[start:at[0]]); ok && operator != "||" && operator != "|" {
				l = append(l, c)
			}
			start = at[1]
		}
	}
	return l
}

// runners start the program that they are given.
var runners = []string{"sudo", "npx", "uvx", "pipx", "run", "exec", "env", "time", "poetry", "bundle", "docker", "podman"}

// callOf is the program of a command. For docker run it is that of the image.
func callOf(text string) (c call, ok bool) {
	words := strings.Fields(text)
	for len(words) > 0 && (assignment.MatchString(words[0]) || slices.Contains(runners, words[0])) {
		if words[0] == "docker" || words[0] == "podman" {
			return imageCall(words[1:])
		}
		words = words[1:]
	}
	if len(words) == 0 {
		return call{}, false
	}
	for n := range words {
		words[n] = strings.Trim(words[n], `"'`)
	}
	return call{path.Base(words[0]), words[1:]}, true
}

// imageCall is the program of docker run: the first word that is named as an image of a
// tool.
func imageCall(words []string) (call, bool) {
	if !slices.Contains(words, "run") {
		return call{}, false
	}
	for n, w := range words {
		name := imageName(w)
		isTool := slices.ContainsFunc(tools, func(t tool) bool { return slices.Contains(t.names, name) })
		if isTool && (strings.Contains(w, "/") || strings.Contains(w, ":")) && !strings.HasPrefix(w, "-") {
			rest := words[n+1:]
			if len(rest) > 0 && rest[0] == name {
				rest = rest[1:]
			}
			return call{name, rest}, true
		}
	}
	return call{}, false
}
