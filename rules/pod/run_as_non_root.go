package pod

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/built"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

const nonRootPath = "securityContext.runAsNonRoot"

// alsoUser is what the kubelet needs beside runAsNonRoot: true to start an image of root, or of a
// user with a name, of which it cannot know whether it is root. Most images are only named.
const alsoUser = "a runAsUser above 0 if the image runs as root or as a user with a name"

// RunAsNonRoot reports containers that may start as root.
//
// An image that sets no user starts with user ID 0, which is user ID 0
// on the node too. Anything that lets a process out of the container, such as a kernel bug or a
// mounted directory of the node, makes it root there. With runAsNonRoot: true the
// kubelet refuses to start such an image.
//
// A container's own value overrides its pod's, so false under a pod-level true is
// reported. false on the pod is reported once, on the pod. A runAsUser above 0
// without runAsNonRoot keeps the process from being root, but a namespace that
// enforces the restricted Pod Security Standard still refuses the pod: the severity is
// low, and the finding is at the securityContext that has the runAsUser. It is low for HostProcess
// containers of Windows, too, which no-windows-host-process reports. It is high where the field is false, and where the repository builds the image and
// its Dockerfile leaves the user at root: the finding shows its USER. An image that is only
// named may have a user of its own. Pods with hostUsers: false are exempt from
// Kubernetes 1.35 on.
var RunAsNonRoot = &lint.Rule{
	ID:        "run-as-non-root",
	Title:     "Container may run as root",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-run-as-user"},
	Refs: []lint.Ref{
		{Standard: restricted, Control: "Running as Non-root"},
		{Standard: cis, Control: "5.2.7"},
		{Standard: nsa, Control: "Non-root containers"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:    "set securityContext.runAsNonRoot: true on the pod or on the container, and " + alsoUser,
	Unless: "the program must start as root",
	Check:  lint.PodCheck(checkNonRoot),
}

func checkNonRoot(p *lint.Pass, w *lint.Workload) {
	if inUserNamespace(p, w) {
		return
	}
	if own := w.Pod.Get(nonRootPath); own.IsSet() && !own.True() {
		reportRootPod(p, w, own)
	}
	pod := w.PodValue(nonRootPath)
	for _, c := range w.Containers {
		own := c.Get(nonRootPath)
		if own.True() || !own.IsSet() && pod.IsSet() {
			continue // what the pod sets was judged on the pod
		}
		d, user, number := nonRootFix(p, w, c)
		switch {
		case own.IsSet() && user:
			d.Severity = lint.Low
			d.Message = c.Label() + " sets " + nonRootPath + ": " + own.Text() + ", and only runAsUser: " + number + " keeps it from root; want true"
		case own.IsSet():
			d.Severity = lint.High
			d.Message = c.Label() + " sets " + nonRootPath + ": " + own.Text() + "; want true"
		case user:
			d.Severity = lint.Low
			d.Message = c.Label() + " does not set " + nonRootPath + ", and only runAsUser: " + number + " keeps it from root; want true"
		default:
			d.Message = c.Label() + " does not set " + nonRootPath + "; want true"
		}
		byImage := adviseByImage(p, &d)
		adviseCommands(p, &d, user)
		adviseOnFiles(p, &d, user)
		adviseOnWindows(p, &d)
		then := "set " + nonRootPath + ": true"
		if isForcedRoot(c) { // which the kubelet refuses beside it
			then += ", and a runAsUser above 0" + letUse(p, c)
		}
		if advice, ok := keepRoot(p, c, then); ok {
			d.Fix = advice
		}
		takesUser := !d.Fix.AdviceOnly || byImage != "" && strings.HasPrefix(d.Fix.Title, byImage)
		placeNonRoot(p, &d, !own.IsSet() && !user && takesUser)
		p.Report(d)
	}
}

// placeNonRoot decides where the fix of a container sets the field: with others of its pod, if those can have it too. mayMove is set if the
// field is absent, and to set it is the fix.
func placeNonRoot(p *lint.Pass, d *lint.Diagnostic, mayMove bool) {
	c, own := d.Subject, d.Subject.Get(nonRootPath)
	w := c.Workload
	if mayMove && forcedRoot(p, w) == nil && !needsRoot(p, w) {
		d.Or = orPod(p, c, nonRootPath)
		if d.At = whereSet(p, c, own, nonRootPath); d.Fix.Also == "" && isRootBeside(p, c) { // another one could not start with the pod's
			d.At, _ = whereOffered(p, c, own, nonRootPath)
		}
	}
	if outer, ok := w.OuterValue(nonRootPath); ok && d.At.Path() == outer.Path() && outerKeepsRoot(p, w.Object) {
		d.At = own
	}
	nameField(p, d, nonRootPath)
}

// nonRootFix is what to do about a container without runAsNonRoot: true. user is set if its
// user, a number, is not root.
func nonRootFix(p *lint.Pass, w *lint.Workload, c lint.PodOrContainer) (d lint.Diagnostic, user bool, number string) {
	d = lint.Diagnostic{Subject: c, At: c.Get(nonRootPath), Fix: setNonRoot(p, c, alsoUser+noneOnOpenShift(p, w)+letUse(p, c)+forLowPort(p, c))}
	user, number = nonRootUser(c)
	user = user && !neverOnLinux(p, w) // which has no such numbers
	if user && !d.At.IsSet() && podKeepsFromRoot(p, w) && !c.Get("securityContext.runAsUser").IsSet() {
		if d.At, _ = podPlaces(w, nonRootPath); strings.HasPrefix(d.At.Path(), w.Pod.Path()+".") {
			number += " of the pod"
		} else {
			number += " of the " + w.Kind
		}
		d.Fix = lint.Intent{Title: "set " + nonRootPath + ": true on the pod", Value: "true", IsHarmless: true}
	} else if user || c.Workload.Is("apps.openshift.io", "DeploymentConfig") { // OpenShift gives it a user above 0, and refuses others
		d.Fix = setNonRoot(p, c, "")
	}
	if v, _ := c.Effective("securityContext.runAsUser"); isZero(v) {
		d.Fix = lint.Advice("set " + nonRootPath + ": true, and a runAsUser above 0" + letUse(p, c) + ": the kubelet refuses to start runAsUser: 0 beside it")
	}
	return d, user, number
}

// noneOnOpenShift is the end of advice to set a user for a workload that may be meant for OpenShift: its restricted SCC gives pods a
// user of the namespace's range, and refuses others. It is empty for other workloads.
func noneOnOpenShift(p *lint.Pass, w *lint.Workload) string {
	if !forOpenShift(p)[openShiftDir(p, w.Object)] && !isNamedForOpenShift(p, w) {
		return ""
	}
	return " (but none on OpenShift, whose restricted SCC gives the pod one)"
}

// isNamedForOpenShift reports whether the path of the file of a workload has the word openshift, or an environment variable says that the
// platform manages the securityContext.
func isNamedForOpenShift(p *lint.Pass, w *lint.Workload) bool {
	if openShift.MatchString(p.Locate(w.Object, w.Root).File) {
		return true
	}
	return managed(p)[w.Object]
}

// managed are the objects with a container of which an environment variable says that the platform manages the securityContext. It is an index
// since each container of a pod asks.
var managed = lint.UnitIndex("objects whose securityContext is managed", func(p *lint.Pass) map[*lint.Object]bool {
	l := map[*lint.Object]bool{}
	for _, w := range p.Unit.Workloads() {
		for _, c := range w.Containers {
			for e := range c.Get("env").Items() {
				if e.Get("name").Text() == "MANAGED_SECURITY_CONTEXT" && e.Get("value").Text() == "true" {
					l[w.Object] = true
				}
			}
		}
	}
	return l
})

// openShift matches the paths of files for OpenShift.
var openShift = regexp.MustCompile(`(?i)(?:^|[/_.-])openshift(?:[/_.-]|$)`)

// forOpenShift are the directories of manifests with objects that OpenShift alone has. Other units are as one directory.
var forOpenShift = lint.UnitIndex("directories for OpenShift", func(p *lint.Pass) map[string]bool {
	dirs := map[string]bool{}
	for _, o := range p.Unit.Objects {
		switch o.Group() {
		case "route.openshift.io", "security.openshift.io", "image.openshift.io", "build.openshift.io", "config.openshift.io", "operator.openshift.io":
			dirs[openShiftDir(p, o)] = true
		case "operators.coreos.com":
			if o.Root.Get("spec.sourceNamespace").Text() == "openshift-marketplace" {
				dirs[openShiftDir(p, o)] = true
			}
		}
	}
	return dirs
})

// openShiftDir is the key of an object for forOpenShift.
func openShiftDir(p *lint.Pass, o *lint.Object) string {
	if p.Unit.Kind != lint.UnitManifests {
		return ""
	}
	return cluster.DirOf(p, o)
}

// letUse is the end of advice to run a container as another user than root: what this needs to use the volumes. Most file systems
// of new volumes belong to root. See https://kubernetes.io/docs/tasks/configure-pod-container/security-context/. It is empty if nothing is
// known.
func letUse(p *lint.Pass, c lint.PodOrContainer) string { return letWrite(c) + giveGroup(p, c) }

// leftForUser checks what a key of a chart leaves to be done that fixes something else of a container, and also has it run as another user than
// root: what this needs to use the volumes. It is nil if the container runs as such a user without the key.
func leftForUser(h lint.PodOrContainer) lint.Check {
	if h.Kind == lint.KindPod || isNotRoot(h) {
		return nil
	}
	return lint.PodOrContainerCheck{Of: lint.Containers, Check: func(p *lint.Pass, c lint.PodOrContainer) {
		if use := letUse(p, c); c.Name == h.Name && isNotRoot(c) && use != "" {
			p.Report(lint.Diagnostic{Subject: c, At: c.Value, Fix: lint.Advice(strings.TrimPrefix(use, ", "))})
		}
	}}
}

// isNotRoot reports whether a container has a user who is not root, or must not run as root.
func isNotRoot(c lint.PodOrContainer) bool {
	user, _ := nonRootUser(c)
	v, _ := c.Effective(nonRootPath)
	return user || v.True()
}

// giveGroup is letUse for volumes that an fsGroup gives to a group: claimed storage, and files that only their owner can read.
func giveGroup(p *lint.Pass, c lint.PodOrContainer) string {
	w := c.Workload
	if w.PodValue("securityContext.fsGroup").IsSet() || w.Windows {
		return ""
	}
	claims, closed, served := map[string]bool{}, map[string]bool{}, map[string]string{}
	for v := range w.Root.Each("spec.volumeClaimTemplates[]") {
		claims[v.Get("metadata.name").Text()] = true
	}
	for v := range w.Pod.Get("volumes").Items() {
		claims[v.Get("name").Text()] = v.Get("persistentVolumeClaim").IsSet() || v.Get("ephemeral").IsSet()
		closed[v.Get("name").Text()] = isForOwner(v)
		served[v.Get("name").Text()] = serverOf(p, w, v)
	}
	for m := range c.Get("volumeMounts").Items() {
		if claims[m.Get("name").Text()] && !m.Get("readOnly").True() {
			if isPostgresData(c, m) {
				return " (999 for postgres, or 70 in its image of Alpine), an fsGroup on the pod, and PGDATA in a folder below the mount of volume " +
					strconv.Quote(m.Get("name").Text()) + ", since initdb refuses a folder of another user"
			}
			if by := served[m.Get("name").Text()]; by != "" {
				return ", and let that user own the folder of the server behind volume " + strconv.Quote(m.Get("name").Text()) + ", since " + by + " knows no fsGroup"
			}
			return ", and an fsGroup on the pod, so that it can write to volume " + strconv.Quote(m.Get("name").Text())
		}
	}
	for m := range c.Get("volumeMounts").Items() {
		if name := m.Get("name").Text(); closed[name] {
			return ", and an fsGroup on the pod, since defaultMode lets only root read volume " + strconv.Quote(name)
		}
	}
	return ""
}

// isPostgresData reports whether the folder of a mount is the one that PostgreSQL's official image keeps its data in, and not one above it.
func isPostgresData(c lint.PodOrContainer, mount lint.Value) bool {
	folder, isNamed := "/var/lib/postgresql/data", false
	for e := range c.Get("env").Items() {
		switch e.Get("name").Text() {
		case "PGDATA":
			folder = e.Get("value").Text()
		case "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB": // of images that are made of the official one
			isNamed = true
		}
	}
	name := strings.TrimPrefix(strings.TrimPrefix(dockerfile.ParseReference(c.Get("image").Text()).Name, "docker.io/"), "library/")
	return (name == "postgres" || isNamed && strings.HasPrefix(folder, "/var/lib/postgresql")) && folder != "" && strings.TrimRight(mount.Get("mountPath").Text(), "/") == strings.TrimRight(folder, "/")
}

// isForOwner reports whether only the owner of the files of a volume, who is root, can read them: with an fsGroup the kubelet
// lets that group read them, too.
func isForOwner(volume lint.Value) bool {
	for _, kind := range []string{"configMap", "secret", "projected"} {
		if mode, ok := volume.Get(kind).Get("defaultMode").Int(); ok && mode&0o044 == 0 {
			return true
		}
	}
	return false
}

// setNonRoot is the fix that sets the field where it works: not on the pod if the container has a
// value of its own, or if the kubelet then refused to start another container. The rule's own fix
// says both places.
func setNonRoot(p *lint.Pass, c lint.PodOrContainer, also string) lint.Intent {
	fix := lint.Intent{Value: "true", Also: also, Unless: needsRootFor(c), IsHarmless: also == ""}
	where := whereNonRoot(p, c, also)
	if where == onEither && also == alsoUser {
		return fix
	}
	fix.Title = "set " + nonRootPath + ": true" + where
	if also != "" {
		fix.Title += ", and " + also
	}
	return fix
}

// onEither is where runAsNonRoot can be set, unless something is in the way.
const onEither = " on the pod or on the container"

// whereNonRoot says where a fix sets the field, and what also says beside it.
func whereNonRoot(p *lint.Pass, c lint.PodOrContainer, also string) string {
	if c.Get(nonRootPath).IsSet() || forcedRoot(p, c.Workload) != nil || needsRootBeside(p, c) || also == "" && isRootBeside(p, c) {
		return " on the container"
	}
	if socket := mayShareSocket(p, c); socket != "" { // one container alone could not use what another makes as root
		return " on the pod, for all containers that share the socket " + socket
	}
	return onEither
}

// needsRootFor is the reason to start a container as root that its own fields show. It is empty if there is none.
func needsRootFor(c lint.PodOrContainer) string {
	const start = "the program must start as root, as "
	added := slices.DeleteFunc(c.Get("securityContext.capabilities.add").Strings(), func(name string) bool { return name == "NET_BIND_SERVICE" })
	switch {
	case isPrivileged(c):
		return start + "privileged: true suggests"
	case len(added) > 0:
		return start + "the capability " + added[0] + " suggests"
	case stepsDown(c):
		return start + "the variable PUID suggests, to which it then steps down"
	}
	return ""
}

// stepsDown reports whether the environment of a container has the user and the group that images take which start as root, change owners, and go on
// as that user.
func stepsDown(c lint.PodOrContainer) bool {
	user, group := false, false
	for e := range c.Get("env").Items() {
		user, group = user || e.Get("name").Text() == "PUID", group || e.Get("name").Text() == "PGID"
	}
	return user && group
}

// rooted is which containers of a workload need root.
type rooted struct {
	// forced is the first container that runs as root because a runAsUser says so, and takes
	// runAsNonRoot from its pod: the kubelet does not start it if that is true. It is nil if there is none.
	forced *lint.PodOrContainer
	// needs are the names of the first two containers that inherit the pod's runAsNonRoot and do what only root may.
	needs []string
	// images are the names of the first two that inherit it and whose images run as root, which no user changes.
	images []string
}

// rootedOf is worked out once for an object, since each of its containers asks.
var rootedOf = lint.ObjectIndex("containers that need root", func(p *lint.Pass, o *lint.Object) map[*lint.Workload]rooted {
	l := map[*lint.Workload]rooted{}
	for _, w := range o.Workloads {
		var r rooted
		for _, c := range w.Containers {
			if c.Get(nonRootPath).IsSet() {
				continue
			}
			user, _ := c.Effective("securityContext.runAsUser")
			if r.forced == nil && isZero(user) {
				r.forced = &c
			}
			if len(r.needs) < 2 && doesAsRoot(p, c) {
				r.needs = append(r.needs, c.Name)
			}
			if len(r.images) < 2 && !user.IsSet() && dockerfile.UserOf(c.Get("image").Text()) == dockerfile.RootUser {
				r.images = append(r.images, c.Name)
			}
		}
		l[w] = r
	}
	return l
})

// doesAsRoot reports whether a container does what only root may.
func doesAsRoot(p *lint.Pass, c lint.PodOrContainer) bool {
	_, keeps := keepRoot(p, c, "")
	if keeps || isPrivileged(c) || changesOwners(c) && !copiesFirst(c) || installsPackages(c) != "" {
		return true
	}
	_, uses := useSocket(p, c)
	return uses
}

// outerKeepsRoot reports whether an object whose pods take runAsNonRoot from it, such as a Workflow, has one that needs root.
var outerKeepsRoot = lint.ObjectIndex("pods that need root and take fields from their object", func(p *lint.Pass, o *lint.Object) bool {
	rooted := rootedOf(p, o)
	return slices.ContainsFunc(o.Workloads, func(w *lint.Workload) bool {
		_, ok := w.OuterValue(nonRootPath)
		return ok && (rooted[w].forced != nil || len(rooted[w].needs) > 0)
	})
})

func forcedRoot(p *lint.Pass, w *lint.Workload) *lint.PodOrContainer {
	return rootedOf(p, w.Object)[w].forced
}

func needsRoot(p *lint.Pass, w *lint.Workload) bool { return len(rootedOf(p, w.Object)[w].needs) > 0 }

// needsRootBeside reports whether another container of the pod, which takes the field from the pod, does what only root may.
func needsRootBeside(p *lint.Pass, c lint.PodOrContainer) bool {
	return slices.ContainsFunc(rootedOf(p, c.Workload.Object)[c.Workload].needs, func(name string) bool { return name != c.Name })
}

// isRootBeside reports whether the image of another container of the pod, which takes the field from the pod, runs as root: the kubelet would
// refuse to start it.
func isRootBeside(p *lint.Pass, c lint.PodOrContainer) bool {
	return slices.ContainsFunc(rootedOf(p, c.Workload.Object)[c.Workload].images, func(name string) bool { return name != c.Name })
}

// podKeepsFromRoot reports whether the pod sets a runAsUser above 0 and its own runAsNonRoot: true
// would prevent no container from starting.
func podKeepsFromRoot(p *lint.Pass, w *lint.Workload) bool {
	n, ok := w.PodValue("securityContext.runAsUser").Int()
	return ok && n > 0 && forcedRoot(p, w) == nil
}

var chown = regexp.MustCompile(`(?:^|[\s;&|/("'])chown(?:$|\s)`)

// chmod matches the command that changes the modes of files, which only their owner and root may.
var chmod = regexp.MustCompile(`(?:^|[\s;&|/("'])chmod(?:$|\s)`)

// changesModes reports whether a container runs chmod.
func changesModes(c lint.PodOrContainer) bool {
	return slices.ContainsFunc(commandTexts(c), chmod.MatchString)
}

// commandStart matches the programs that a text for a shell starts, one for each command.
var commandStart = regexp.MustCompile(`(?m)(?:^|[;&|(])[ \t]*([\w./-]+)`)

// onlyChangesOwners reports whether a container does no more than to change the owners and modes of files, with folders that it makes for
// that: it is not needed where something else gives the files to a group.
func onlyChangesOwners(c lint.PodOrContainer) bool {
	words := append(c.Get("command").Strings(), c.Get("args").Strings()...)
	if len(words) == 0 {
		return false
	}
	script := words[len(words)-1]
	if !strings.ContainsAny(script, " \t\n") {
		script = strings.Join(words, " ")
	}
	for _, m := range commandStart.FindAllStringSubmatch(script, -1) {
		if !slices.Contains([]string{"chown", "chmod", "echo", "mkdir", "set", "ls", "true"}, path.Base(m[1])) {
			return false
		}
	}
	return true
}

// changesOwners reports whether a container runs chown, or does nothing but chmod: only root may do that to files of others.
func changesOwners(c lint.PodOrContainer) bool { return runsChown(c) || onlyChangesModes(c) }

// onlyChangesModes reports whether an init container does nothing but to change the modes of files that it has not made itself.
func onlyChangesModes(c lint.PodOrContainer) bool {
	return c.Kind == lint.KindInit && changesModes(c) && !runsChown(c) && onlyChangesOwners(c) &&
		!slices.ContainsFunc(commandTexts(c), func(text string) bool { return strings.Contains(text, "mkdir") || strings.Contains(text, ">") })
}

// runsChown reports whether a container runs chown.
func runsChown(c lint.PodOrContainer) bool {
	for _, list := range []string{"command", "args"} {
		for v := range c.Get(list).Items() {
			if chown.MatchString(v.Written()) {
				return true
			}
		}
	}
	return false
}

// copying matches a command that copies files before one that changes the owners of files.
var copying = regexp.MustCompile(`(?s)(?:^|[\s;&|/("'])cp\s.*[\s;&|/("']chown\s`)

// copiesFirst reports whether a container changes the owners of files after it has copied some: the user that copies files owns them, and
// needs no root.
func copiesFirst(c lint.PodOrContainer) bool {
	return copying.MatchString(strings.Join(append(c.Get("command").Strings(), c.Get("args").Strings()...), "\n"))
}

// keepOwners is the advice about a container that changes the owners of files.
func keepOwners(p *lint.Pass, c lint.PodOrContainer) lint.Intent {
	what, need := "chown", ", which needs root"
	switch {
	case !runsChown(c):
		what = "chmod"
	case changesModes(c): // of folders that belong to root, as those of new volumes do
		what, need = "chown and chmod", ", which need root"
	}
	removal := ""
	how := "let securityContext.fsGroup of the pod give the volumes to a group instead of " + what + need
	if c.Workload.Pod.Get("securityContext.fsGroup").IsSet() {
		how = "remove the " + strings.Replace(what, " and ", " and the ", 1) + need + ", and set a user above 0, since securityContext.fsGroup of the pod gives the volumes to its group already"
		if c.Kind == lint.KindInit && onlyChangesOwners(c) {
			removal = "remove the init container"
			how = removal + ", whose " + what + need[len(", which"):] + ", since securityContext.fsGroup of the pod gives the volumes to its group already"
		}
	}
	if claim := sharedClaim(p, c); claim != "" {
		return lint.Advice("see the fsGroupPolicy of the CSIDriver that serves claim " + claim + ", which is ReadWriteMany: if it is File, " + how +
			"; if not, fsGroup does nothing there: ignore the finding with that reason")
	}
	switch all, none := groupless(p, c); {
	case all: // the owner of a folder of the node is for the node to say
		return lint.Advice("change the owner on the node or the server in place of " + what + need + ": hostPath and NFS volumes know no fsGroup; or ignore the finding with that reason")
	case !none:
		how += "; hostPath and NFS volumes know no fsGroup: ignore the finding there with that reason"
	}
	fix := lint.Advice(how)
	fix.ContainerRemoval = removal
	return fix
}

// sharedClaim is the name of a claim of the unit that a container mounts to write to and that pods of several nodes share: as a rule, drivers
// of CSI give such volumes to no fsGroup. It is empty if there is none.
func sharedClaim(p *lint.Pass, c lint.PodOrContainer) string {
	claims := map[string]string{}
	for v := range c.Workload.Pod.Get("volumes").Items() {
		if serverOf(p, c.Workload, v) == "" { // else it is known
			claims[v.Get("name").Text()] = v.Get("persistentVolumeClaim.claimName").Text()
		}
	}
	for m := range c.Get("volumeMounts").Items() {
		if name := claims[m.Get("name").Text()]; name != "" && !m.Get("readOnly").True() && sharedClaims(p)[[2]string{c.Workload.Namespace, name}] {
			return name
		}
	}
	return ""
}

// sharedClaims are the namespaces and names of the claims for volumes of ReadWriteMany, and of nothing else.
var sharedClaims = lint.UnitIndex("claims of ReadWriteMany", func(p *lint.Pass) map[[2]string]bool {
	shared := map[[2]string]bool{}
	for _, o := range p.Unit.Objects {
		if modes := o.Root.Get("spec.accessModes").Strings(); o.Is("", "PersistentVolumeClaim") && slices.Equal(modes, []string{"ReadWriteMany"}) {
			shared[[2]string{o.Namespace, o.Name}] = true
		}
	}
	return shared
})

// groupless reports whether all volumes that a container mounts to write to are of the kinds that know no fsGroup, or none: a claim may be
// for either.
func groupless(p *lint.Pass, c lint.PodOrContainer) (all, none bool) {
	kinds := map[string]bool{}
	known := map[string]bool{}
	for v := range c.Workload.Pod.Get("volumes").Items() {
		name := v.Get("name").Text()
		kinds[name] = v.Get("hostPath").IsSet() || v.Get("nfs").IsSet() || serverOf(p, c.Workload, v) != ""
		known[name] = kinds[name] || v.Get("emptyDir").IsSet()
	}
	all, none = true, true
	n := 0
	for m := range c.Get("volumeMounts").Items() {
		if m.Get("readOnly").True() {
			continue
		}
		n++
		name := m.Get("name").Text()
		all = all && kinds[name]
		none = none && known[name] && !kinds[name]
	}
	return n > 0 && all, n > 0 && none
}

// adviseCommands makes the fix say what the container's own commands need. hasUser is set if it has a user above 0 already.
func adviseCommands(p *lint.Pass, d *lint.Diagnostic, hasUser bool) {
	if !hasUser {
		adviseDownload(p, d)
	}
	if changesOwners(d.Subject) && !copiesFirst(d.Subject) {
		d.Fix = keepOwners(p, d.Subject)
	}
	if names := kernelParameters(d.Subject); len(names) > 0 && !hasUser {
		d.Fix = setOnNode(p, names, "")
	}
	if advice, ok := imageFirst(d.Subject, "set "+nonRootPath+": true, and a runAsUser above 0"); ok {
		d.Fix = advice
	}
}

// adviseDownload makes the fix say where a program can save a file that it saves in the folder that it starts in: only root
// can write there, as a rule.
func adviseDownload(p *lint.Pass, d *lint.Diagnostic) {
	program, flag := savesInWorkingDir(d.Subject)
	if program == "" || d.Fix.Also == "" && !d.Fix.AdviceOnly {
		return
	}
	also := "give " + program + " a file that this user can write by " + flag + ", such as /dev/null, or set workingDir: /tmp: it saves the file in the folder that it starts in"
	if isUsed, folder := usesDownload(d.Subject); isUsed {
		also = "set workingDir: /tmp, since " + program + " saves the file in the folder that it starts in"
		if folder != "" {
			also += ", and leave it there in place of " + folder + ", where only root can write"
		}
	}
	if d.Fix.AdviceOnly {
		d.Fix.Title += "; " + also
		return
	}
	d.Fix = setNonRoot(p, d.Subject, d.Fix.Also+", and "+also)
}

// adviseOnWindows makes the fix one for Windows nodes, where users have names and no numbers. A process
// of the node is a user of the node.
func adviseOnWindows(p *lint.Pass, d *lint.Diagnostic) {
	c := d.Subject
	if v, _ := c.Effective("securityContext.windowsOptions.hostProcess"); v.True() {
		d.Severity = lint.Low
		d.Fix = lint.Advice("remove windowsOptions.hostProcess: true first: it makes the container a process of the node, with a user of the node")
		d.Fix.IsHarmless = true // no-windows-host-process says when it is not
	} else if neverOnLinux(p, c.Workload) && d.Fix.Also != "" {
		d.Fix = setNonRoot(p, c, "windowsOptions.runAsUserName: ContainerUser if the image runs as ContainerAdministrator")
		d.Fix.Unless = "the program must start as ContainerAdministrator"
	}
}

// adviseByImage makes the fix work with who the image runs as. The title is that of the advice to set a user beside the field. It is empty if
// that is not needed.
func adviseByImage(p *lint.Pass, d *lint.Diagnostic) (title string) {
	was := d.Fix.AdviceOnly
	addImageUser(p, d)
	adviseUser(p, d)
	if was || !d.Fix.AdviceOnly {
		return ""
	}
	return d.Fix.Title
}

// adviseUser makes the fix work where the name of the image says that it runs as root: the
// kubelet does not start it with runAsNonRoot: true alone.
func adviseUser(p *lint.Pass, d *lint.Diagnostic) {
	number, _ := d.Subject.Effective("securityContext.runAsUser")
	image := d.Subject.Get("image").Text()
	if d.Fix.Also != "" && !number.IsSet() && dockerfile.UserOf(image) == dockerfile.RootUser {
		d.Fix = lint.Advice("set " + nonRootPath + ": true" + whereNonRoot(p, d.Subject, alsoUser) + ", and a runAsUser above 0 that the program can run as" + noneOnOpenShift(p, d.Subject.Workload) + letUse(p, d.Subject) + ": the kubelet refuses to start image " + image + " as root, its default" + forLowPort(p, d.Subject))
	}
}

// addImageUser shows who the image of a container runs as, where the repository builds it.
// The kubelet does not start an image of root with runAsNonRoot: true: then both change.
func addImageUser(p *lint.Pass, d *lint.Diagnostic) {
	user, ok := relateImageUser(p, d)
	if !ok {
		return
	}
	if user.IsRoot && d.Severity != lint.Low {
		d.Severity = lint.High
	}
	if !user.IsRoot && user.IsNumber && d.Fix.Also != "" {
		d.Fix = setNonRoot(p, d.Subject, "")
	}
	number, _ := d.Subject.Effective("securityContext.runAsUser")
	if d.Fix.Also == "" || number.IsSet() || !user.IsRoot && user.IsNumber {
		return
	}
	which := "a runAsUser above 0 that the program can run as, or end the Dockerfile with USER and such a number first"
	if name, _, _ := strings.Cut(user.Text, ":"); !user.IsRoot {
		which = "give the user " + strconv.Quote(name) + " a fixed number in the Dockerfile, and end that with USER and the number first"
	}
	d.Fix = lint.Advice("set " + nonRootPath + ": true" + whereNonRoot(p, d.Subject, alsoUser) + ", and " + which + letUse(p, d.Subject) + ": the kubelet refuses to start the image as it is")
}

// relateImageUser adds the place in a Dockerfile that says who the image of a container runs
// as. ok is false if that is not known: what a digest names may have been built before the Dockerfile was changed.
func relateImageUser(p *lint.Pass, d *lint.Diagnostic) (user built.User, ok bool) {
	image := built.Of(p).Find(d.Subject.Get("image"))
	if image == nil {
		return built.User{}, false
	}
	if user, ok = image.User(); !ok {
		return built.User{}, false
	}
	what := "USER of the image"
	if user.Text == "" {
		what = "the image runs as root, as its base image does"
	}
	if isPinned := dockerfile.ParseReference(d.Subject.Get("image").Text()).Digest != ""; isPinned {
		d.Related = append(d.Related, image.Related(user.At, what+" if it is built today")...)
		return built.User{}, false
	}
	d.Related = append(d.Related, image.Related(user.At, what)...)
	return user, true
}

// reportRootPod reports a pod-level false. It does no harm if every container
// overrides it or has a user of its own, but Pod Security refuses it even so. If each container has false itself, these are reported
// in its place.
func reportRootPod(p *lint.Pass, w *lint.Workload, at lint.Value) {
	isRoot := func(c lint.PodOrContainer) bool { only, set := c.Get(nonRootPath).Bool(); return set && !only }
	if len(w.Containers) > 0 && !w.Pod.Partial && !slices.ContainsFunc(w.Containers, func(c lint.PodOrContainer) bool { return !isRoot(c) }) {
		return
	}
	d := lint.Diagnostic{Subject: w.Pod, At: at, Severity: lint.High, Fix: lint.Intent{Title: "set " + nonRootPath + ": true on the pod, and " + alsoUser, Value: "true", Also: alsoUser}}
	harmless := len(w.Containers) > 0 && !slices.ContainsFunc(w.Containers, func(c lint.PodOrContainer) bool {
		own := c.Get(nonRootPath)
		user, _ := nonRootUser(c)
		return !own.IsSet() && !user
	})
	if harmless {
		d.Fix = lint.Intent{Title: "set " + nonRootPath + ": true on the pod", Value: "true", IsHarmless: true}
	}
	if c := forcedRoot(p, w); c != nil {
		d.Fix = lint.Advice("set " + nonRootPath + ": true on the pod, and a runAsUser above 0 on " + c.Label() + ": the kubelet refuses to start runAsUser: 0 beside it")
	}
	if isZero(w.Pod.Get("securityContext.runAsUser")) {
		d.Fix = lint.Advice("set " + nonRootPath + ": true, and a runAsUser above 0: the kubelet refuses to start runAsUser: 0 beside it")
	}
	adviseOnPod(p, &d, nonRootPath, "set "+nonRootPath+": true on the pod and a runAsUser above 0")
	d.Message = "pod sets " + nonRootPath + ": " + at.Text()
	if harmless {
		d.Severity = lint.Low
		if !slices.ContainsFunc(w.Containers, func(c lint.PodOrContainer) bool { user, _ := nonRootUser(c); return isRoot(c) && !user }) {
			d.Message += ", and only " + keepsFromRoot(w) + " from root"
		}
	}
	d.Message += "; want true"
	p.Report(d)
}

// keepsFromRoot says what keeps the containers of a pod from root whose own runAsNonRoot is false.
func keepsFromRoot(w *lint.Workload) string {
	number, byPod, byOwn := "", false, false
	for _, c := range w.Containers {
		if c.Get(nonRootPath).IsSet() || c.Get("securityContext.runAsUser").IsSet() {
			byOwn = true
		} else {
			_, number = nonRootUser(c)
			byPod = true
		}
	}
	switch {
	case !byPod:
		return "the containers' own settings keep them"
	case byOwn:
		return "its runAsUser: " + number + " and the containers' own settings keep them"
	}
	return "its runAsUser: " + number + " keeps the containers"
}

// nonRootUser reports whether the container runs as a user other than root
// because a runAsUser says so, and which.
func nonRootUser(c lint.PodOrContainer) (ok bool, number string) {
	v, _ := c.Effective("securityContext.runAsUser")
	n, isNumber := v.Int()
	return isNumber && n > 0, v.Text()
}
