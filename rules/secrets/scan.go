package secrets

import (
	"cmp"
	"encoding/base64"
	"hash/maphash"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/pods"
	"github.com/kubevet/kubevet/rules/secrets/detect"
)

// place is where in an object a credential is.
type place int

const (
	inConfigMap place = iota
	inSecret
	inEnv
	inArgs
	inAnnotation
	// inField is any other field: of a custom resource, a kubeconfig or a volume.
	inField
)

// spot is a credential in a value of an object.
type spot struct {
	detect.Verdict
	place place
	at    lint.Value
	// container is that of a variable or command line.
	container lint.PodOrContainer
	// key is the name of the value: a key of a ConfigMap, a variable.
	key string
	// name is the name of the credential within the value. It may be empty.
	name string
	// line and part are for the diagnostic.
	line int
	part string
	// decoded is the text of the line, if the value holds it in base64.
	decoded string
	// tls and authority say whose a private key is.
	tls, authority bool
}

// rule is the id of the rule that reports the spot. There is one for each: what a
// credential gives access to counts before the place where it is.
func (s spot) rule() string {
	switch {
	case s.authority:
		return "no-ca-private-key"
	case s.tls:
		return "no-inline-tls-secret"
	case s.Kind == detect.CloudKey:
		return "no-static-cloud-credentials"
	case s.Kind == detect.Default:
		return "no-default-password"
	}
	return [...]string{
		inConfigMap:  "no-secret-in-config-map",
		inSecret:     "no-literal-secret",
		inEnv:        "no-secret-in-env",
		inArgs:       "no-secret-in-args",
		inAnnotation: "no-secret-in-annotation",
		inField:      "no-inline-secret",
	}[s.place]
}

// diagnostic describes the spot as a defect of an object, or of the container that
// has it.
func (s spot) diagnostic(o *lint.Object, want string) lint.Diagnostic {
	d := lint.Diagnostic{At: s.at, Secret: true, Line: s.line, Decoded: s.decoded, Part: s.part, Credential: s.identity()}
	d.Fix.Supplied = s.supplied()
	switch s.place {
	case inEnv:
		d.Subject = s.container
		d.Message = s.container.Label() + " sets " + s.within("env "+s.key) + " to " + s.String() + "; want " + want
	case inArgs:
		d.Subject = s.container
		if s.isHeader() && s.Kind != detect.Default {
			want = "a request without it"
		}
		d.Message = s.container.Label() + " passes " + s.String() + " in " + s.within(pathBelow(s.container, s.at)) + "; want " + want
	case inConfigMap, inSecret, inAnnotation, inField:
		d.Object = o
		if s.place == inAnnotation && s.key == "alm-examples" { // of a ClusterServiceVersion: consoles show it
			d.Fix = lint.Advice("in the example, refer to a Secret or leave the credential out, and replace it where it is in use: it was published")
		}
		d.Fix.Elsewhere = s.place == inSecret && (s.rule() == "no-literal-secret" || s.rule() == "no-inline-tls-secret")
		d.Message = o.Kind + " holds " + s.String() + " in " + s.within(s.at.Path()) + "; want " + want
	}
	return d
}

// seed makes the identities of credentials those of this process: none can be guessed from them.
var seed = maphash.MakeSeed()

// identity is equal for the copies of a credential in ConfigMaps and Secrets. It is empty for a default, which is none: each is a password of its own.
func (s spot) identity() string {
	if s.Kind == detect.Default || s.place != inSecret && s.place != inConfigMap {
		return ""
	}
	text := strings.TrimSpace(cmp.Or(s.decoded, valueOf(s.at)))
	within := ""
	if s.name != s.key {
		within = s.part
	}
	return strconv.FormatUint(maphash.String(seed, text+"\x00"+within+"\x00"+strconv.Itoa(s.line)), 36)
}

// supplied says what Secret a key of a chart may name in place of the credential.
func (s spot) supplied() string {
	words := "that a vault or an encrypted file supplies, and replace the credential: it was published"
	switch rule := s.rule(); {
	case rule == "no-ca-private-key":
		return ""
	case rule == "no-default-password" && s.isIssued():
		return "with the credential that the service which takes it has issued"
	case rule == "no-default-password" && cmp.Or(detect.OutsideServer(s.name), detect.OutsideServer(s.key)) != "":
		return "with the credential that the server has"
	case rule == "no-default-password":
		return "with a password that cannot be guessed"
	case rule == "no-inline-tls-secret":
		return "that an issuer such as cert-manager makes, and replace the key: it was published"
	case s.isUnproved():
		return ifReal(words)
	}
	return words
}

// isIssued reports a credential that another service issues.
func (s spot) isIssued() bool { return detect.IsIssued(s.key) || detect.IsIssued(s.name) }

// generatedByOperator is the fix of the administrator's password of a Grafana, whose configuration takes only texts. It is empty for other spots.
func (s spot) generatedByOperator(o *lint.Object) string {
	const field = "spec.config.security.admin_password"
	if o.Group() != "grafana.integreatly.org" || o.Kind != "Grafana" || s.at.Path() != field {
		return ""
	}
	return "remove admin_password: the operator generates one, unless the Secret " + o.Name + "-admin-credentials still has the old one; or set spec.disableDefaultAdminSecret: true, " +
		"and pass GF_SECURITY_ADMIN_PASSWORD from a Secret by valueFrom.secretKeyRef in spec.deployment"
}

// sentByKubelet is the fix of a header that the kubelet sends: its field takes no reference, and the program has no part in it. It is empty for
// other spots.
func (s spot) sentByKubelet() string {
	if !s.isHeader() {
		return ""
	}
	path := pathBelow(s.container, s.at)
	const with = "exec with a command that reads the credential from the environment, and replace the credential: it was published"
	if strings.HasPrefix(path, "lifecycle.") {
		return "let the path of the hook need no authentication, or use " + with
	}
	return "let the path of the probe need no authentication, or use tcpSocket, or " + with
}

// isHeader reports a header of a probe or hook.
func (s spot) isHeader() bool {
	return s.place == inArgs && strings.Contains(pathBelow(s.container, s.at), ".httpGet.httpHeaders[")
}

// requireIssued is the fix of a default for a credential that another service issues. It is empty for other spots.
func (s spot) requireIssued() string {
	if s.Kind != detect.Default || !s.isIssued() {
		return ""
	}
	return "require that the user supplies a Secret with the credential: the service that takes it issues it, so that no default works"
}

// supplyOutside is the fix of a default for the credential of a server that is not part of the application: none can be generated. It is empty
// for other spots.
func (s spot) supplyOutside(p *lint.Pass) string {
	server := cmp.Or(detect.OutsideServer(s.name), detect.OutsideServer(s.key))
	if s.Kind != detect.Default || server == "" {
		return ""
	}
	const with = " with the credential that the "
	switch {
	case p.Unit.Kind == lint.UnitChart:
		return "require that the user supplies a Secret" + with + server + " has"
	case s.place == inSecret:
		return "have a vault or an encrypted file supply the Secret" + with + server + " has"
	}
	return "take it from a Secret that a vault or an encrypted file supplies," + with + server + " has"
}

// supplyDefault is the fix of a default that no chart installs, which could generate a value. It is empty for other spots.
func (s spot) supplyDefault(p *lint.Pass) string {
	if s.Kind != detect.Default || p.Unit.Kind == lint.UnitChart {
		return ""
	}
	const with = ", with a value that cannot be guessed"
	if s.place == inSecret {
		return "have a vault or an encrypted file supply the Secret" + with
	}
	return "take it from a Secret that a vault or an encrypted file supplies" + with
}

// filledIn is the end of a fix to refer to a Secret in a custom resource, whose definition may have a text there. It is empty for other spots.
func (s spot) filledIn(p *lint.Pass, o *lint.Object) string {
	isText := s.place == inField || s.place == inAnnotation
	if !isText || p.Unit.Kind == lint.UnitChart || !pods.IsCustom(o.Group()) || o.Is("helm.toolkit.fluxcd.io", "HelmRelease") { // which has valuesFrom
		return ""
	}
	end := "; if the field takes only text, have the deployment fill it in"
	key := s.at.Path()
	key = key[strings.LastIndexByte(key, '.')+1:]
	if s.Kind != detect.Password && s.Kind != detect.Default || strings.ContainsAny(key, `["`) || strings.ContainsAny(valueOf(s.at), ":/= \n") {
		return end // no password, or not all of the text
	}
	return end + ": " + key + ": ${PASSWORD}"
}

// isUnproved reports a credential whose form does not prove that it is in use.
func (s spot) isUnproved() bool { return s.Kind == detect.Password || s.Kind == detect.Hash }

// ifReal is the fix of a rule for such a credential.
func ifReal(fix string) string {
	return strings.Replace(fix, "replace the credential: it was published", "replace the credential if it is a real one", 1)
}

// within names the spot: data.password, or data["app.properties"] (db.password).
func (s spot) within(path string) string {
	if s.name != "" && s.name != s.key {
		return path + " (" + s.name + ")"
	}
	return path
}

// pathBelow is the path of a value within a container, as messages name it.
func pathBelow(h lint.PodOrContainer, v lint.Value) string {
	return strings.TrimPrefix(strings.TrimPrefix(v.Path(), h.Path()), ".")
}

// report is the check of a rule that reports its spots and nothing else.
func report(want string) lint.ObjectCheck {
	return func(p *lint.Pass, o *lint.Object) {
		for _, s := range spots(p, o) {
			if s.rule() == p.Rule.ID && !s.isForChartTest(p, o) && (s.Kind != detect.Default || !isOfKubeconfig(p, o)) {
				p.Report(s.finding(p, o, want))
			}
		}
	}
}

// finding is what such a rule reports of a spot.
func (s spot) finding(p *lint.Pass, o *lint.Object, want string) lint.Diagnostic {
	d := s.diagnostic(o, want)
	if s.Kind == detect.Hash { // it has to be guessed first
		d.Severity = lint.Medium
	}
	d.Fix.Emptied = s.Kind == detect.Default
	d.Fix.Title = cmp.Or(s.requireIssued(), d.Fix.Title, s.supplyOutside(p), s.forDatabase(p), s.supplyDefault(p))
	if s.Kind == detect.Default && !d.Fix.AdviceOnly && !s.isIssued() {
		d.Fix.Title += s.filledIn(p, o)
	}
	if generated := s.generatedByOperator(o); generated != "" {
		d.Fix = lint.Advice(generated)
	}
	if db := s.ofClient(p); db != nil {
		d.Fix.Title = cmp.Or(d.Fix.Title, p.Rule.Fix) + "; " + db.label() + " has the same password in " + db.key + ": if it is the one for that, change both"
		d.Related = append(d.Related, lint.Related{Object: db.container.Workload.Object, At: db.at, Label: "the same password of the database"})
	}
	if sent := s.sentByKubelet(); sent != "" {
		d.Fix = lint.Advice(sent)
	}
	if s.tls && isSealing(o) {
		d = s.diagnostic(o, "one that the controller makes")
		d.Fix = lint.Advice("remove the Secret, let the controller make a key, seal all SealedSecrets again, and replace what is in them: the key was published")
	}
	if p.Rule.ID == "no-secret-in-env" {
		referTo(&d.Fix)
	}
	return d
}

// referTo makes the fix of an environment variable to take its value from a Secret.
func referTo(fix *lint.Intent) {
	fix.Mapping = "{valueFrom: {secretKeyRef: {name: kubevet, key: kubevet}}}"
	fix.InTemplate = "take the value from a Secret with valueFrom.secretKeyRef in place of value, or from a mounted file, since " + lint.ValuesKey +
		" can only be text there, and replace the credential: it was published"
}

// forDatabase is the fix of a default for the password of a database. It is empty for other spots.
func (s spot) forDatabase(p *lint.Pass) string {
	if s.Kind != detect.Default || !isOfDatabase(s.key) {
		return ""
	}
	return cmp.Or(s.supplyDefault(p), p.Rule.Fix) + "; the clients of the database need the same one, and one with data keeps the old password until it is changed there"
}

// isOfDatabase reports the variables from which images of databases take passwords. They read them only to make a database.
func isOfDatabase(key string) bool {
	switch key {
	case "POSTGRES_PASSWORD", "POSTGRESQL_PASSWORD", "POSTGRESQL_POSTGRES_PASSWORD", "MYSQL_PASSWORD", "MYSQL_ROOT_PASSWORD", "MARIADB_PASSWORD", "MARIADB_ROOT_PASSWORD",
		"MONGO_INITDB_ROOT_PASSWORD", "MONGODB_PASSWORD", "MONGODB_ROOT_PASSWORD":
		return true
	}
	return false
}

// isForChartTest reports whether the spot is a password that only the tests of a chart use. A token or key of a
// known form is in use somewhere else, too.
func (s spot) isForChartTest(p *lint.Pass, o *lint.Object) bool {
	return (s.Kind == detect.Default || s.Kind == detect.Password || s.Kind == detect.Hash || s.Kind == detect.URL && !s.IsRandom()) && p.Unit.IsOfChartTest(p.Locate(o, s.at))
}

// isOfKubeconfig reports whether another rule reports the credentials of the object by their place in a
// kubeconfig.
func isOfKubeconfig(p *lint.Pass, o *lint.Object) bool {
	return o.Is("", "Config") && p.Runs("no-kubeconfig-static-credentials")
}

// spotsIndex is the credentials in an object, found once for all rules.
var spotsIndex = lint.ObjectIndex("credentials", find)

func spots(p *lint.Pass, o *lint.Object) []spot { return spotsIndex(p, o) }

func find(p *lint.Pass, o *lint.Object) []spot {
	if isEncrypted(o) {
		return nil
	}
	l := findInData(o)
	l = append(l, findInAnnotations(o)...)
	for _, w := range o.Workloads {
		for _, h := range w.Containers {
			l = append(l, findInContainer(h)...)
		}
	}
	l = append(l, findInFields(o)...)
	authorities := authorityKeys(p, o)
	for i := range l {
		s := &l[i]
		s.authority = s.Kind == detect.PrivateKey && slices.ContainsFunc(authorities, func(a spot) bool { return a.at.Node == s.at.Node })
		s.tls = s.Kind == detect.PrivateKey && isTLSKey(o, *s)
	}
	return l
}

// newSpots turns the credentials in a text into spots of the value that holds it, in base64 if
// decoded is its text.
func newSpots(in place, key string, at lint.Value, hits []detect.Hit, decoded string) []spot {
	var l []spot
	seen := map[string]int{}
	for _, h := range hits {
		s := spot{Verdict: h.Verdict, place: in, at: at, key: key, name: h.Name, line: h.Line, decoded: decoded}
		seen[h.Name]++
		if s.part = h.Name; seen[h.Name] > 1 {
			s.part += "#" + strconv.Itoa(seen[h.Name])
		}
		l = append(l, s)
	}
	return l
}

// inText are the credentials in a value that is text.
func inText(in place, key string, v lint.Value) []spot {
	if !v.IsScalar() {
		return nil
	}
	return newSpots(in, key, v, detect.Text(key, v.Node.Value), "")
}

// findInData finds the credentials in a ConfigMap or Secret.
func findInData(o *lint.Object) []spot {
	switch {
	case o.Is("", "ConfigMap"):
		return findInConfigMap(o)
	case o.Is("", "Secret"):
		return findInSecret(o)
	}
	return nil
}

func findInConfigMap(o *lint.Object) []spot {
	var l []spot
	for key, v := range o.Root.Get("data").Entries() {
		if !o.IsDocumentation(key) {
			l = append(l, inText(inConfigMap, key, v)...)
		}
	}
	for key, v := range o.Root.Get("binaryData").Entries() {
		if text, ok := decode(v); ok {
			l = append(l, newSpots(inConfigMap, key, v, decodedHits(key, text, detect.Text), text)...)
		}
	}
	return withoutAnonymous(l, o.Root.Get("data").Entries(), valueOf)
}

// withoutAnonymous leaves out the passwords of anonymous users among the entries of a mapping, which are
// for anyone, and the secrets that are the ID beside them. A password that is the name of the user beside it is a default.
func withoutAnonymous(l []spot, entries iter.Seq2[string, lint.Value], text func(lint.Value) string) []spot {
	if len(l) == 0 {
		return l
	}
	var users detect.Anonymous
	own := map[*yaml.Node]bool{} // and not those of mappings below
	for key, v := range entries {
		users.Note(key, text(v))
		own[v.Node] = true
	}
	isWhole := func(s spot) bool { return own[s.at.Node] && (s.name == "" || s.name == s.key) }
	for i := range l {
		if s := &l[i]; isWhole(*s) && s.Kind == detect.Password && users.HasNameOfUser(s.key, text(s.at)) {
			s.Verdict = detect.DefaultPassword
		}
	}
	return slices.DeleteFunc(l, func(s spot) bool {
		return isWhole(s) && (users.HasPassword(s.key, s.Verdict) || s.Kind == detect.Password && users.HasID(s.key, text(s.at)))
	})
}

// valueOf is the text of a scalar.
func valueOf(v lint.Value) string {
	if !v.IsScalar() {
		return ""
	}
	return v.Node.Value
}

// findInSecret judges values that are random or chosen, under any name.
func findInSecret(o *lint.Object) []spot {
	switch o.Root.Get("type").Text() {
	case tokenSecret, "helm.sh/release.v1":
		return nil
	case "bootstrap.kubernetes.io/token":
		return findInBootstrapToken(o)
	}
	judge := detect.Secret
	if words := detect.Words(o.Name); len(words) > 1 && words[len(words)-1] == "passwords" {
		judge = detect.OneOfPasswords
	}
	var l []spot
	for key, v := range o.Root.Get("data").Entries() {
		if text, ok := decode(v); ok {
			l = append(l, newSpots(inSecret, key, v, decodedHits(key, text, judge), text)...)
		}
	}
	l = withoutAnonymous(l, o.Root.Get("data").Entries(), func(v lint.Value) string {
		text, _ := decode(v)
		return text
	})
	var literal []spot
	for key, v := range o.Root.Get("stringData").Entries() {
		if v.IsScalar() {
			literal = append(literal, newSpots(inSecret, key, v, judge(key, v.Node.Value), "")...)
		}
	}
	return append(l, withoutAnonymous(literal, o.Root.Get("stringData").Entries(), valueOf)...)
}

// findInBootstrapToken judges the two halves of a token by which nodes join the cluster.
func findInBootstrapToken(o *lint.Object) []spot {
	half := func(key string) (string, lint.Value) {
		if v := o.Root.Get("stringData").Child(key); v.IsScalar() {
			return v.Node.Value, v
		}
		v := o.Root.Get("data").Child(key)
		text, _ := decode(v)
		return text, v
	}
	id, _ := half("token-id")
	secret, at := half("token-secret")
	if v := detect.Value("token", id+"."+secret); v.Found() && at.IsScalar() {
		return newSpots(inSecret, "token-secret", at, []detect.Hit{{Verdict: v}}, "")
	}
	return nil
}

func decodedHits(key, text string, judge func(key, text string) []detect.Hit) []detect.Hit {
	if utf8.ValidString(text) {
		return judge(key, text)
	}
	return detect.Binary(key, text)
}

// isEncrypted reports objects that SOPS has encrypted.
func isEncrypted(o *lint.Object) bool {
	return o.Root.Get("sops.mac").IsSet() || o.Root.Get("sops.lastmodified").IsSet()
}

// decode reads a value of data or binaryData.
func decode(v lint.Value) (string, bool) {
	if !v.IsScalar() {
		return "", false
	}
	return decodeText(v.Node.Value)
}

// decodeText reads base64 as data has it.
func decodeText(s string) (string, bool) {
	b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
	return string(b), err == nil && len(b) > 0
}

// findInAnnotations finds the credentials in annotations of an object and its pods.
func findInAnnotations(o *lint.Object) []spot {
	l := inMap(inAnnotation, o, o.Root.Get("metadata.annotations"))
	for _, w := range o.Workloads {
		if w.Template.Path() != "" {
			l = append(l, inMap(inAnnotation, o, w.Template.Get("metadata.annotations"))...)
		}
	}
	return l
}

// inMap finds the credentials in a mapping of strings.
func inMap(in place, o *lint.Object, m lint.Value) []spot {
	var l []spot
	for key, v := range m.Entries() {
		if v.IsScalar() && (key != lastApplied || !o.Is("", "Secret")) {
			l = append(l, newSpots(in, key, v, detect.Text(lastWords(key), v.Node.Value), "")...)
		}
	}
	return withoutAnonymous(l, m.Entries(), valueOf)
}

// lastWords is the name of an annotation or attribute without the domain before it.
func lastWords(key string) string {
	if domain, name, ok := strings.Cut(key, "/"); ok && strings.Contains(domain, ".") {
		return name
	}
	return key
}

// findInContainer finds the credentials in variables and command lines, those of probes
// and hooks included.
func findInContainer(h lint.PodOrContainer) []spot {
	var l []spot
	for e := range h.Get("env").Items() {
		l = append(l, inText(inEnv, e.Get("name").Text(), e.Get("value"))...)
	}
	l = withoutAnonymous(l, variables(h), valueOf)
	var words []lint.Value
	for _, list := range [...]string{"command", "args"} {
		words = slices.AppendSeq(words, h.Get(list).Items())
	}
	l = append(l, inCommand(words)...)
	for _, p := range [...]string{"livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop"} {
		l = append(l, inCommand(slices.Collect(h.Get(p+".exec.command").Items()))...)
		for header := range h.Get(p + ".httpGet.httpHeaders").Items() {
			l = append(l, inText(inArgs, header.Get("name").Text(), header.Get("value"))...)
		}
	}
	for i := range l {
		l[i].container = h
	}
	return l
}

// variables are the names and values of the environment of a container.
func variables(h lint.PodOrContainer) iter.Seq2[string, lint.Value] {
	return func(yield func(string, lint.Value) bool) {
		for e := range h.Get("env").Items() {
			if !yield(e.Get("name").Text(), e.Get("value")) {
				return
			}
		}
	}
}

// inCommand finds the credentials in the words of a command line.
func inCommand(words []lint.Value) []spot {
	args := make([]string, len(words))
	for i, w := range words {
		if w.IsScalar() {
			args[i] = w.Node.Value
		}
	}
	var l []spot
	for _, hit := range detect.Args(args) {
		h := detect.Hit{Line: hit.Line, Name: hit.Name, Verdict: hit.Verdict}
		l = append(l, newSpots(inArgs, "", words[hit.Index], []detect.Hit{h}, "")...)
	}
	return l
}

// findInFields finds the credentials in kubeconfigs, custom resources and the attributes of
// volumes.
func findInFields(o *lint.Object) []spot {
	switch {
	case o.Is("", "Config"):
		return findInKubeconfig(o)
	case isCustom(o):
		w := fieldWalker{skip: containerNodes(o)}
		for key, v := range o.Root.Entries() {
			if key != "apiVersion" && key != "kind" && key != "metadata" && key != "status" {
				w.walk(key, v, 0)
			}
		}
		return w.found
	}
	l := inMap(inField, o, o.Root.Get("parameters"))
	for _, path := range [...]string{"spec.csi.volumeAttributes", "spec.flexVolume.options"} {
		l = append(l, inMap(inField, o, o.Root.Get(path))...)
	}
	for _, w := range o.Workloads {
		for v := range w.Pod.Get("volumes").Items() {
			l = append(l, inMap(inField, o, v.Get("csi.volumeAttributes"))...)
			l = append(l, inMap(inField, o, v.Get("flexVolume.options"))...)
		}
	}
	return l
}

// findInKubeconfig judges the users of a kubeconfig. What is there under these names is a
// credential of any form.
func findInKubeconfig(o *lint.Object) []spot {
	var l []spot
	for u := range o.Root.Get("users").Items() {
		user := u.Get("user")
		for key, v := range user.Entries() {
			switch key {
			case "token", "password":
				if !v.IsScalar() {
					continue
				}
				if hit := detect.Given(key, v.Node.Value); hit.Found() {
					l = append(l, newSpots(inField, key, v, []detect.Hit{{Line: 1, Verdict: hit}}, "")...)
				}
			case "client-key-data":
				l = append(l, inText(inField, key, v)...)
			}
		}
		l = append(l, inMap(inField, o, user.Get("auth-provider.config"))...)
		for e := range user.Get("exec.env").Items() {
			l = append(l, inText(inField, e.Get("name").Text(), e.Get("value"))...)
		}
		words := slices.Collect(user.Get("exec.args").Items())
		for _, s := range inCommand(words) {
			s.place = inField
			l = append(l, s)
		}
	}
	return l
}

// isCustom reports custom resources, whose fields may hold values of a chart or the
// configuration of a program. The fields of those that refer to credentials, encrypt
// them or compare with them are no credentials.
func isCustom(o *lint.Object) bool {
	group := o.Group()
	if !strings.Contains(group, ".") || strings.HasSuffix(group, ".k8s.io") && group != "kubeadm.k8s.io" {
		return false
	}
	return !strings.Contains(group, "external-secrets") && !strings.Contains(group, "secrets") && group != "kyverno.io" && !strings.HasSuffix(group, "gatekeeper.sh") &&
		!strings.HasPrefix(o.Kind, "Sealed") && !strings.HasPrefix(o.Kind, "ExternalSecret") && o.Kind != "SopsSecret" && o.Kind != "OnePasswordItem" && o.Kind != "PrometheusRule"
}

// containerNodes are the parts of containers in which other places are found.
func containerNodes(o *lint.Object) map[*yaml.Node]bool {
	nodes := map[*yaml.Node]bool{}
	for _, w := range o.Workloads {
		if a := w.Template.Get("metadata.annotations"); a.IsSet() {
			nodes[a.Node] = true
		}
		for _, h := range w.Containers {
			for _, path := range [...]string{"env", "command", "args", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"} {
				if v := h.Get(path); v.IsSet() {
					nodes[v.Node] = true
				}
			}
		}
	}
	return nodes
}

// fieldWalker looks at every text of a custom resource.
type fieldWalker struct {
	skip  map[*yaml.Node]bool
	seen  int
	found []spot
	// inLabels is how many of the mappings around a value hold labels.
	inLabels int
}

// The limits of a walk: aliases may refer to the same values again and again.
const (
	maxFieldDepth = 100
	maxFields     = 200_000
)

// walk looks at a value. The key is the one above it, or the name beside it.
func (w *fieldWalker) walk(key string, v lint.Value, depth int) {
	if w.seen++; depth > maxFieldDepth || w.seen > maxFields || v.Node == nil || w.skip[v.Node] {
		return
	}
	switch {
	case v.IsMap():
		w.walkMap(key, v, depth)
	case v.IsList():
		for c := range v.Items() {
			w.walk(key, c, depth+1)
		}
	case v.IsScalar() && v.Node.Tag != "!!bool" && v.Node.Tag != "!!int" && v.Node.Tag != "!!float":
		spots := inText(inField, key, v)
		if key == "description" || w.inLabels > 0 { // texts for people show examples, with passwords that are none, and labels are words by which objects are found
			spots = slices.DeleteFunc(spots, func(s spot) bool {
				return s.Kind == detect.Password || s.Kind == detect.Default || s.Kind == detect.Hash
			})
		}
		w.found = append(w.found, spots...)
	}
}

// secretKey matches the keys that people give to the entries of a Secret.
var secretKey = regexp.MustCompile(`^[a-z]+([-_.][a-z]+)*$`)

// walkMap looks at the values of a map. One that names a Secret and its keys holds no secret.
func (w *fieldWalker) walkMap(key string, v lint.Value, depth int) {
	if name := v.Get("secretName"); name.IsScalar() && name.Node.Value != "" || v.Get("secretKeyRef").IsMap() {
		return
	}
	name := cmp.Or(v.Get("name").Text(), v.Get("key").Text())
	from := len(w.found)
	if words := detect.Words(key); len(words) > 0 && (words[len(words)-1] == "labels" || words[len(words)-1] == "selector") {
		w.inLabels++
		defer func() { w.inLabels-- }()
	}
	defer func() { w.found = append(w.found[:from], withoutAnonymous(w.found[from:], v.Entries(), valueOf)...) }()
	for k, c := range v.Entries() {
		switch {
		case k == "value" && name != "":
			k = name
		case k == "pass" && (key == "action" || key == "actions"):
			k = "" // the verb: what the action passes requests to
		case (key == "keys" || key == "secretKeys") && secretKey.MatchString(c.Text()):
			k = "" // keys of a Secret, as in keys: {clientSecret: client-secret}
		case strings.Contains(k, "/k8s_secret_"): // of a user of ClickHouse: the value names a Secret
			continue
		}
		w.walk(k, c, depth+1)
	}
}
