package images

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/built"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// ImageRunsAsNonRoot reports images of the repository that run as root, or as a user with a
// name, although a pod that runs them sets runAsNonRoot: true and no runAsUser.
//
// The kubelet does not start such a container: it refuses root, and of a name it cannot know
// whether it is root. Teams then remove runAsNonRoot, and the program runs as root.
//
// The place is the USER of the Dockerfile, or its FROM where the base image decides. The
// Dockerfile is that of the image if a file says so, such as a Skaffold configuration, a Compose file, a Bake file,
// a Cloud Build configuration or a GitHub workflow, or else if it is the only one in a folder with the name of the
// image; the finding shows which. Of other images, those whose name is known to run as root, such as busybox, are
// reported at the container, unless the input has objects of OpenShift, which gives such pods a user.
var ImageRunsAsNonRoot = &lint.Rule{
	ID:        "image-runs-as-non-root",
	Title:     "User of the image does not satisfy runAsNonRoot",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"images-unprivileged-user", "pod-run-as-user"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "end the final stage with USER and the number of a user other than 0",
	Check: lint.PodOrContainerCheck{Of: lint.Containers, Check: checkNonRootImage},
}

func checkNonRootImage(p *lint.Pass, c lint.PodOrContainer) {
	nonRoot, from := c.Effective("securityContext.runAsNonRoot")
	number, _ := c.Effective("securityContext.runAsUser")
	if !nonRoot.True() || number.IsSet() || !number.IsKnown() || c.Partial || c.Workload.Windows {
		return
	}
	image := built.Of(p).Find(c.Get("image"))
	if image == nil {
		reportKnownRoot(p, c, nonRoot, from)
		return
	}
	user, ok := image.User()
	if !ok || !user.IsRoot && user.IsNumber {
		return
	}
	what := fmt.Sprintf("runs as root, as its base image %s does", user.At.Text)
	switch {
	case user.Text != "" && user.IsRoot:
		what = "runs as root by USER " + user.Text
	case user.Text != "":
		what = fmt.Sprintf("runs as USER %s, which is not a number", user.Text)
	}
	related := image.Related(user.At, "")[1:]
	label := nonRoot.Path() + ": true"
	if image.By == nil {
		label += " (the image is matched by the name of the Dockerfile's folder)"
	}
	p.Report(lint.Diagnostic{
		Subject: c, In: image.Dockerfile, At: user.At.Value(), Within: user.In.Within(), KnownPart: true,
		Message: fmt.Sprintf("%s sets runAsNonRoot: true, and its image %s %s; want the number of a user other than root", c.Label(), image.Name, what),
		Related: append([]lint.Related{{Object: from.Workload.Object, At: nonRoot, Label: label}}, related...),
	})
}

// reportKnownRoot reports a container whose image is known by its name to run as root.
func reportKnownRoot(p *lint.Pass, c lint.PodOrContainer, nonRoot lint.Value, from lint.PodOrContainer) {
	image := c.Get("image")
	if dockerfile.UserOf(image.Text()) != dockerfile.RootUser || !c.IsDefinite(c.Get("securityContext.runAsUser")) || hasOpenShift(p) {
		return
	}
	d := lint.Diagnostic{
		Subject: c, At: image, Fix: lint.Advice("set securityContext.runAsUser to a number above 0 that the program can run as, or use an image that has such a user"),
		Message: fmt.Sprintf("%s sets runAsNonRoot: true and no runAsUser, and image %s runs as root, so that it does not start; want the number of a user other than root", c.Label(), image.Text()),
	}
	if from.Kind != c.Kind {
		d.Related = []lint.Related{{Object: from.Workload.Object, At: nonRoot, Label: nonRoot.Path() + ": true"}}
	}
	p.Report(d)
}

// hasOpenShift reports whether a unit has objects that OpenShift alone has, or files in folders of that name: its restricted SCC gives a pod without
// runAsUser one.
var hasOpenShift = lint.UnitIndex("objects of OpenShift", func(p *lint.Pass) bool {
	return slices.ContainsFunc(p.Unit.Objects, func(o *lint.Object) bool {
		return strings.HasSuffix(o.Group(), ".openshift.io") || strings.Contains(strings.ToLower(p.Locate(o, o.Root).File), "openshift")
	})
})
