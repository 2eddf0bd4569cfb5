package network

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// NoRetiredIngressNginx reports controllers and classes of ingress-nginx, which was retired in March
// 2026.
//
// Nobody fixes its vulnerabilities any more. It faces the Internet, and may read the Secrets of the whole
// cluster.
//
// The controller of the Kubernetes project is meant, by its image, and with low severity an IngressClass
// whose controller is k8s.io/ingress-nginx, unless the chart or overlay has the controller itself. The controller of NGINX itself (nginx/nginx-ingress) is another
// one. Vendors that maintain copies under other names are not reported.
var NoRetiredIngressNginx = &lint.Rule{
	ID:        "no-retired-ingress-nginx",
	Title:     "Ingress controller is retired",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-api-exposure"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K08"},
	},
	Fix: "move to the Gateway API, or to an ingress controller that is maintained",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		if v := o.Root.Get("spec.controller"); o.Is("networking.k8s.io", "IngressClass") && v.Text() == "k8s.io/ingress-nginx" && (p.Unit.Kind == lint.UnitManifests || !runsRetired(p)) {
			p.Report(lint.Diagnostic{
				Object: o, At: v, Severity: lint.Low, Fix: lint.Intent{AdviceOnly: true},
				Message: o.KindName() + " is for ingress-nginx, which was retired in March 2026; want a controller that is maintained",
			})
		}
		for _, w := range o.Workloads {
			for _, c := range w.Select(lint.LongRunning) {
				if image := c.Get("image"); isRetiredController(image.PartialText()) {
					p.Report(lint.Diagnostic{
						Subject: c, At: image, Fix: lint.Intent{AdviceOnly: true},
						Message: w.KindName() + " runs ingress-nginx, which was retired in March 2026; want a controller that is maintained",
					})
				}
			}
		}
	}),
}

// runsRetired reports whether the unit has the controller: the finding is about that, and another name of the class moves nothing.
var runsRetired = lint.UnitIndex("retired controllers", func(p *lint.Pass) bool {
	return slices.ContainsFunc(p.Unit.Workloads(), func(w *lint.Workload) bool {
		isRetired := func(c lint.PodOrContainer) bool { return isRetiredController(c.Get("image").PartialText()) }
		return slices.ContainsFunc(w.Select(lint.LongRunning), isRetired)
	})
})

// retiredControllers are the repositories of the controller's images, whatever the registry is.
var retiredControllers = []string{"ingress-nginx/controller", "ingress-nginx/controller-chroot", "kubernetes-ingress-controller/nginx-ingress-controller", "nginx-ingress-controller"}

func isRetiredController(image string) bool {
	image, _, _ = strings.Cut(image, "@")
	if at := strings.LastIndexByte(image, ':'); at > strings.LastIndexByte(image, '/') {
		image = image[:at]
	}
	for _, name := range retiredControllers {
		if image == name || strings.HasSuffix(image, "/"+name) {
			return true
		}
	}
	return false
}
