package dockerfile

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
	"github.com/kubevet/kubevet/rules/secrets/detect"
)

// DockerfileNoSecret reports credentials in ARG, ENV, LABEL, RUN, CMD and ENTRYPOINT, passwords
// that RUN sets with chpasswd, and COPY of files that hold credentials, such as .env or id_rsa.
//
// They are in the repository, in the layers and in the history of the image: everybody who may
// pull it can read them. What a later instruction removes stays in the layer below.
//
// The value is judged, not the name alone, by the detector that manifests are read with. An ARG
// without a value is fine, though what a build gives it is in the history as well. Messages and
// source lines are masked. A .npmrc, .pypirc or .netrc is read if it is in the repository: one that holds settings alone, or variables in place
// of credentials, is fine.
var DockerfileNoSecret = &lint.Rule{
	ID:        "dockerfile-no-secret",
	Title:     "Dockerfile holds a secret",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"images-pinned-no-secrets", "infra-secrets-management"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "give the secret to RUN with --mount=type=secret, and replace it: it was published",
	Check: each(checkNoSecret),
}

func checkNoSecret(f file) {
	for _, i := range f.Instructions {
		if i.Trigger != nil {
			i = i.Trigger
		}
		for _, a := range i.Assignments() {
			value := a.Value.Text
			if v := detect.Value(a.Name.Text, value); a.HasValue && v.Found() {
				f.assignment(i, a, v)
			}
		}
		checkCommandSecrets(f, i)
		checkCopiedSecrets(f, i)
	}
}

// assignment reports a credential in an assignment. What ENV sets after the last RUN is read when the container runs.
func (f file) assignment(i *dockerfile.Instruction, a dockerfile.Assignment, v detect.Verdict) {
	d := lint.Diagnostic{At: a.Value.Value(), Part: i.Name + " " + a.Name.Text, Secret: true}
	want := "--mount=type=secret"
	if i.Name == "ENV" && !f.runsAfter(i) {
		want = "it passed when the container starts"
		d.Fix = lint.Advice("take " + a.Name.Text + " out of ENV, pass it when the container starts, in Kubernetes from a Secret, and replace it: it was published")
	}
	f.reportIn(i, d, "%s %s holds %s; want %s", i.Name, a.Name.Text, v, want)
}

// runsAfter reports whether a RUN comes after an instruction, or may come in an image that is built from this one.
func (f file) runsAfter(i *dockerfile.Instruction) bool {
	at := slices.Index(f.Instructions, i)
	return at < 0 || slices.ContainsFunc(f.Instructions[at:], func(next *dockerfile.Instruction) bool { return next.Name == "RUN" || next.Name == "ONBUILD" })
}

// secret reports a credential. The part is its name, never its value.
func (f file) secret(i *dockerfile.Instruction, at dockerfile.Word, part, format string, args ...any) {
	f.reportIn(i, lint.Diagnostic{At: at.Value(), Part: i.Name + " " + part, Secret: true}, format, args...)
}

// boxUser is the user of every box for Vagrant, with the password that Vagrant documents: it is no secret.
const boxUser = "vagrant:vagrant"

// password reports a password of a user of the image, of which the image has the hash, however the build gets it.
func (f file) password(i *dockerfile.Instruction, at dockerfile.Word) {
	d := lint.Diagnostic{At: at.Value(), Part: i.Name + " chpasswd", Secret: true}
	d.Fix = lint.Advice("set no password in the image, which keeps its hash: have the program set it from a Secret when it starts, or let users log in by keys; and replace the password: it was published")
	f.reportIn(i, d, "RUN sets a password with chpasswd; want none in the image")
}

func checkCommandSecrets(f file, i *dockerfile.Instruction) {
	for _, c := range i.Commands() {
		if name, _ := program(c); name == "chpasswd" && c.Input != nil {
			from, args := program(c.Input)
			if given := joined(args); (from == "echo" || from == "printf") && strings.Contains(given, ":") && !isDynamic(given) && !strings.Contains(given, boxUser) {
				f.password(i, c.Input.Words[0])
			}
			continue
		}
		words := make([]string, len(c.Words))
		for n, w := range c.Words {
			words[n] = w.Text
		}
		for _, h := range detect.Args(words) {
			if h.Index < len(c.Words) && !isDynamic(words[h.Index]) {
				f.secret(i, c.Words[h.Index], h.Name, "%s holds %s; want --mount=type=secret", i.Name, h.Verdict)
			}
		}
	}
}

func joined(words []dockerfile.Word) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(w.Text + " ")
	}
	return b.String()
}

// credentialFiles are names of files that hold credentials.
var credentialFiles = words(`
	.env .npmrc .pypirc .netrc .git-credentials .dockercfg .pgpass .htpasswd id_rsa id_dsa id_ecdsa id_ed25519 credentials.json
	service-account.json kubeconfig .vault-token
`)

// credentialPaths are ends of paths of such files.
var credentialPaths = []string{".aws/credentials", ".docker/config.json", ".kube/config", ".ssh"}

func checkCopiedSecrets(f file, i *dockerfile.Instruction) {
	if _, from := i.Flag("from"); from || i.Name != "COPY" && i.Name != "ADD" || len(i.Words) < 2 {
		return
	}
	for _, w := range i.Words[:len(i.Words)-1] {
		name := strings.TrimSuffix(w.Text, "/")
		if f.isWithoutCredentials(name) {
			continue
		}
		isCredential := credentialFiles[path.Base(name)] || slices.ContainsFunc(credentialPaths, func(end string) bool { return name == end || strings.HasSuffix(name, "/"+end) })
		if isCredential {
			f.reportCopied(i, w)
		}
	}
}

// reportCopied reports a copied file of credentials. What a stage has that is no part of the final one is not published with the image.
func (f file) reportCopied(i *dockerfile.Instruction, w dockerfile.Word) {
	if i.Stage == nil || slices.Contains(f.Final().Lineage(), i.Stage) {
		f.report(i, w, "%s takes %s into the image, a file of credentials; want --mount=type=secret", i.Name, w.Text)
		return
	}
	d := diagnostic(i, w)
	d.Severity, d.Fix = lint.Medium, lint.Advice("give the file to RUN with --mount=type=secret")
	f.reportIn(i, d, "%s takes %s, a file of credentials, into the layers of a build stage; want --mount=type=secret", i.Name, w.Text)
}

// literalCredentials matches a password or token in the files whose text is known, by their names.
var literalCredentials = map[string]*regexp.Regexp{
	".npmrc":  regexp.MustCompile(`(?m)^[^#;\n]*\b_(?:authToken|auth|password)[ \t]*=[ \t]*["']?([^\s"']+)`),
	".pypirc": regexp.MustCompile(`(?m)^[ \t]*password[ \t]*[=:][ \t]*(\S+)`),
	".netrc":  regexp.MustCompile(`\bpassword\s+(\S+)`),
}

// isWithoutCredentials reports whether a copied file is in the repository, and holds settings alone, or variables in place of credentials. The build
// context is not known: the folder of the Dockerfile and those above count, and each such file must be without.
func (f file) isWithoutCredentials(name string) bool {
	literal := literalCredentials[path.Base(name)]
	if literal == nil {
		return false
	}
	found := false
	for _, d := range f.pass.Unit.Documents {
		text, ok := d.Data.(string)
		if d.Kind != lint.DocumentCredentials || !ok || !f.mayCopy(name, d.File) {
			continue
		}
		for _, m := range literal.FindAllStringSubmatch(text, -1) {
			if !detect.IsPlaceholder(m[1]) {
				return false
			}
		}
		found = true
	}
	return found
}

// mayCopy reports whether a name in COPY may mean a file of the repository: it is in the folder of the Dockerfile or one above, as named.
func (f file) mayCopy(name, file string) bool {
	dir, ok := strings.CutSuffix(path.Join("/", file), path.Join("/", name))
	return ok && (dir == "" || strings.HasPrefix(path.Join("/", f.document.File), dir+"/"))
}
