package dockerfile

import (
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfileVerifiedDownloads reports RUN instructions that pipe a download into a shell, that
// switch off the verification of TLS certificates or of signatures of packages, and, in the
// strict profile, downloads that no checksum or signature verifies.
//
// Anyone who controls the server, the network or the name can put a program of their own into the
// image, and with it into the cluster.
//
// A download is verified by sha256sum, gpg, cosign, minisign and the like in the same instruction,
// or in a later one of the stage that names the file. A script that an earlier instruction
// downloads, keys and checksums themselves, and git clone, are not looked at.
var DockerfileVerifiedDownloads = &lint.Rule{
	ID:        "dockerfile-verified-downloads",
	Title:     "Download is not verified",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"images-integrity-signature"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "verify what is downloaded: by https, and by a checksum or signature that the Dockerfile holds",
	Check: each(checkVerifiedDownloads),
}

func checkVerifiedDownloads(f file) {
	for _, s := range f.Stages {
		for _, i := range s.Instructions {
			for _, a := range i.Assignments() {
				checkVariable(f, i, a)
			}
		}
	}
	for _, s := range f.Stages {
		instructions := runs(s)
		for n, i := range instructions {
			checkDownloads(f, i, instructions[n+1:])
		}
	}
}

// checkDownloads checks an instruction, which others of its stage follow.
func checkDownloads(f file, i *dockerfile.Instruction, later []*dockerfile.Instruction) {
	verified := verifies(i, "")
	for _, c := range i.Commands() {
		if checkOptions(f, i, c) || checkPiped(f, i, c) || f.pass.Profile != lint.Strict || verified || !savesDownload(c) {
			continue
		}
		saved := savedAs(c)
		if saved != "" && slices.ContainsFunc(later, func(i *dockerfile.Instruction) bool { return verifies(i, saved) }) {
			continue
		}
		name, _ := program(c)
		f.reportIn(i, lint.Diagnostic{At: c.Words[0].Value(), Part: name, Severity: lint.Low, Fix: verify(c)}, "RUN downloads a file with %s, and no checksum or signature is verified; want sha256sum -c or the like", name)
	}
}

// verify is what to do about a download: what its address gives already is left out.
func verify(c *dockerfile.Command) lint.Intent {
	const sum = "by a checksum or signature that the Dockerfile holds"
	_, args := program(c)
	if slices.ContainsFunc(args, func(w dockerfile.Word) bool { return strings.HasPrefix(strings.ToLower(w.Text), "http://") }) {
		return lint.Advice("download by https, and verify what is downloaded " + sum)
	}
	return lint.Advice("verify what is downloaded " + sum)
}

// verifyAgain is what to do about a setting that switches a verification off.
func verifyAgain(setting string) lint.Intent {
	return lint.Advice("remove " + setting + "; if the server is your own, give the program its certificate or key")
}

// insecureVariables are variables that switch a verification off, with the values that do.
var insecureVariables = map[string][]string{
	"NODE_TLS_REJECT_UNAUTHORIZED": {"0"},
	"PYTHONHTTPSVERIFY":            {"0"},
	"GIT_SSL_NO_VERIFY":            {"1", "true"},
	"NPM_CONFIG_STRICT_SSL":        {"false"},
	"npm_config_strict_ssl":        {"false"},
	"GOINSECURE":                   {"*"},
	"PIP_TRUSTED_HOST":             {},
}

func checkVariable(f file, i *dockerfile.Instruction, a dockerfile.Assignment) {
	values, ok := insecureVariables[a.Name.Text]
	if ok && a.HasValue && i.Name != "LABEL" && (len(values) == 0 && a.Value.Text != "" || slices.Contains(values, a.Value.Text)) {
		f.reportIn(i, lint.Diagnostic{At: a.Name.Value(), Part: a.Name.Text, Fix: verifyAgain(a.Name.Text)}, "%s sets %s, which switches verification off; want it unset", i.Name, a.Name.Text)
	}
}

// insecureOptions are the options by which a program switches a verification off. One
// letter means a short option.
var insecureOptions = map[string][]string{
	"curl":    {"k", "--insecure", "--proxy-insecure"},
	"wget":    {"--no-check-certificate"},
	"apt-get": {"--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"},
	"apt":     {"--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"},
	"apk":     {"--allow-untrusted"},
	"yum":     {"--nogpgcheck"},
	"dnf":     {"--nogpgcheck"},
	"tdnf":    {"--nogpgcheck"},
	"rpm":     {"--nodigest", "--nosignature", "--noverify", "--nofiledigest"},
	"zypper":  {"--no-gpg-checks"},
	"pip":     {"--trusted-host"},
	"pip3":    {"--trusted-host"},
}

// insecureWords are pairs of a program and an argument, by which a setting switches
// verification off.
var insecureWords = map[string]*regexp.Regexp{
	"git":     regexp.MustCompile(`^http\.(.*\.)?sslverify(=false)?$`),
	"npm":     regexp.MustCompile(`^(--)?strict-ssl(=false)?$`),
	"yarn":    regexp.MustCompile(`^strict-ssl$`),
	"apt-get": regexp.MustCompile(`(?i)(AllowInsecureRepositories|AllowUnauthenticated|Verify-Peer|Verify-Host)=`),
	"yum":     regexp.MustCompile(`(?i)(sslverify|gpgcheck)=(0|false)`),
	"dnf":     regexp.MustCompile(`(?i)(sslverify|gpgcheck)=(0|false)`),
	"pip":     regexp.MustCompile(`^global\.trusted-host$`),
}

// checkOptions reports an option that switches verification off.
func checkOptions(f file, i *dockerfile.Instruction, c *dockerfile.Command) bool {
	name, args := program(c)
	for n, w := range args {
		if isInsecureOption(name, w) || isInsecureSetting(name, args[n:]) {
			f.reportIn(i, lint.Diagnostic{At: w.Value(), Part: name + " " + w.Text, Fix: verifyAgain(w.Text)}, "RUN calls %s with %s, which switches verification off; want it removed", name, w.Text)
			return true
		}
	}
	return false
}

// isInsecureOption reports whether an argument of a program is an option that switches
// verification off.
func isInsecureOption(command string, w dockerfile.Word) bool {
	text, _, _ := strings.Cut(w.Text, "=")
	isShort := len(text) > 1 && text[0] == '-' && text[1] != '-'
	return slices.Contains(insecureOptions[command], text) || command == "curl" && isShort && isCurlInsecure(text)
}

// isInsecureSetting reports whether the first of a program's arguments is a setting that
// switches verification off. The value may be part of it, or the argument after it.
func isInsecureSetting(command string, args []dockerfile.Word) bool {
	pattern, setting := insecureWords[command], args[0].Text
	if pattern == nil || !pattern.MatchString(strings.ToLower(setting)) && !pattern.MatchString(setting) {
		return false
	}
	name, _, _ := strings.Cut(setting, "=")
	lower := strings.ToLower(name)
	if (strings.HasSuffix(lower, "sslverify") || strings.HasSuffix(name, "strict-ssl")) && !isSetToFalse(args) {
		return false
	}
	switchesOn := strings.HasPrefix(lower, "acquire") && strings.HasSuffix(setting, "true") && strings.Contains(setting, "Verify")
	return !switchesOn
}

// isSetToFalse reports whether the first of some arguments ends with false, or the one after
// it is false or 0.
func isSetToFalse(args []dockerfile.Word) bool {
	return strings.HasSuffix(args[0].Text, "false") || len(args) > 1 && (args[1].Text == "false" || args[1].Text == "0")
}

// isCurlInsecure reports whether a group of curl's short options holds k before one that
// takes a value.
func isCurlInsecure(group string) bool {
	for _, c := range group[1:] {
		switch {
		case c == 'k':
			return true
		case strings.ContainsRune("AbcCdDeEFhHKmoPQrtTuUwxXyYz", c):
			return false
		}
	}
	return false
}

// interpreters run what they read.
var interpreters = []string{"sh", "bash", "ash", "dash", "zsh", "python", "python2", "python3", "perl", "ruby", "node", "php"}

// downloaders write what they fetch.
var downloaders = []string{"curl", "wget", "fetch", "aria2c"}

// checkPiped reports a download that is piped into an interpreter.
func checkPiped(f file, i *dockerfile.Instruction, c *dockerfile.Command) bool {
	name, _ := program(c)
	if !slices.Contains(downloaders, name) {
		return false
	}
	for out := c.Output; out != nil; out = out.Output {
		into, given := program(out)
		if slices.Contains(interpreters, into) && readsInput(given) {
			f.reportIn(i, lint.Diagnostic{At: c.Words[0].Value(), Part: name + " | " + into, Fix: verify(c)}, "RUN pipes what %s downloads into %s; want a file whose checksum is verified first", name, into)
			return true
		}
	}
	return false
}

// readsInput reports whether an interpreter runs what it reads from its input: it is
// given no file and no text to run.
func readsInput(args []dockerfile.Word) bool {
	for _, w := range args {
		switch {
		case w.Text == "-" || w.Text == "-s" || w.Text == "--" || w.Text == "/dev/stdin":
			return true
		case strings.HasPrefix(w.Text, "-c") || w.Text == "-m":
			return false
		case !strings.HasPrefix(w.Text, "-"):
			return false
		}
	}
	return true
}

// verifiers check a file against a checksum or signature.
var verifiers = []string{"sha256sum", "sha512sum", "sha384sum", "sha1sum", "shasum", "md5sum", "gpg", "gpg2", "gpgv", "cosign", "minisign", "signify", "openssl", "rpm", "rpmkeys", "b2sum"}

// verifies reports whether a command of an instruction checks a file: this one, or any if it
// is empty. sha256sum -c reads names from its input, so that the instruction has to name it.
func verifies(i *dockerfile.Instruction, file string) bool {
	names := file == ""
	checks := false
	for _, c := range i.Commands() {
		name, args := program(c)
		checks = checks || slices.Contains(verifiers, name) || name == "busybox" && len(args) > 0 && slices.Contains(verifiers, args[0].Text)
		names = names || slices.ContainsFunc(args, func(w dockerfile.Word) bool {
			return slices.Contains(strings.Fields(w.Text), file)
		})
	}
	return checks && names
}

// savedAs is the file that a command downloads into. Empty: it is not known.
func savedAs(c *dockerfile.Command) string {
	name, args := program(c)
	if c.Output != nil {
		return ""
	}
	for n, w := range args {
		long := w.Text == "--output" || w.Text == "--output-document"
		isShort := strings.HasPrefix(w.Text, "-") && !strings.HasPrefix(w.Text, "--")
		if n+1 < len(args) && (long || isShort && (name == "curl" && strings.HasSuffix(w.Text, "o") || name == "wget" && strings.HasSuffix(w.Text, "O"))) {
			return args[n+1].Text
		}
	}
	for _, w := range args {
		if strings.Contains(w.Text, "://") {
			return w.Text[strings.LastIndexByte(w.Text, '/')+1:]
		}
	}
	return ""
}

// proof matches the names of files that others are verified with.
var proof = regexp.MustCompile(`(?i)(\.(asc|gpg|pub|key|sig|pem|crt|minisig|sha256|sha512|sha256sum|sha512sum|md5)|/gpg|sums?(\.txt)?|checksums?(\.txt)?)$`)

// savesDownload reports whether a command downloads into a file or an archive program.
func savesDownload(c *dockerfile.Command) bool {
	name, args := program(c)
	hasURL := slices.ContainsFunc(args, func(w dockerfile.Word) bool { return strings.Contains(w.Text, "://") || isDynamic(w.Text) })
	isProof := slices.ContainsFunc(args, func(w dockerfile.Word) bool { return proof.MatchString(w.Text) })
	if !slices.Contains(downloaders, name) || !hasURL || isProof {
		return false
	}
	if c.Output != nil {
		into, _ := program(c.Output)
		return into == "tar" || into == "unzip" || into == "bsdtar" || into == "tee" || into == "gunzip" || into == "gzip"
	}
	if name != "curl" {
		return !slices.ContainsFunc(args, func(w dockerfile.Word) bool { return w.Text == "--spider" || w.Text == "-O-" || w.Text == "-qO-" })
	}
	return slices.ContainsFunc(args, func(w dockerfile.Word) bool {
		return w.Text == "--output" || w.Text == "--remote-name" || strings.HasPrefix(w.Text, "-") && !strings.HasPrefix(w.Text, "--") && strings.ContainsAny(w.Text, "oO")
	})
}
