package network

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// NoIngressInjection reports Ingresses whose annotations or paths can break out of their place in the
// configuration of NGINX.
//
// The controller writes them into its configuration. A line break, a comment or a brace in the right
// place adds directives, which run as the controller and read the Secrets of the whole cluster
// (CVE-2021-25745, CVE-2025-1097, CVE-2025-1098, CVE-2025-24514).
//
// Annotations of ingress-nginx for URLs and names are checked for line breaks and for characters that end
// a directive. Paths are checked for these too, if NGINX serves the Ingress or nothing says who does, and for
// directories of the controller's own files: /etc, /root, /var/run/secrets, /proc. Variables of NGINX, and
// regular expressions in paths, are fine.
var NoIngressInjection = &lint.Rule{
	ID:        "no-ingress-injection",
	Title:     "Ingress breaks out of the configuration of NGINX",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"network-api-exposure"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K06"},
	},
	Fix:   "give the URL, name or path without these characters",
	Check: lint.ObjectCheck(checkInjection),
}

// injectable are the annotations of ingress-nginx that hold a URL or a host name, or the name of
// a client certificate.
var injectable = []string{"auth-signin", "auth-tls-match-cn", "auth-url", "mirror-host", "mirror-target", "permanent-redirect", "proxy-redirect-from", "proxy-redirect-to", "temporal-redirect"}

var (
	// breaksOut is what ends a value or a directive of NGINX, or starts another one.
	breaksOut = regexp.MustCompile("[\r\n#;{}\"'`\\\\<>]")
	// controllerFiles are directories of the controller that an Ingress has no business with.
	controllerFiles = regexp.MustCompile(`^/(etc|root|proc|sys)(/|$)|^/var/run/secrets|^/var/log`)
	breaksPath      = regexp.MustCompile("[\r\n;#\"'`]|[{}]\\s|\\balias\\b\\s")
)

func checkInjection(p *lint.Pass, o *lint.Object) {
	if o.Kind != "Ingress" {
		return
	}
	annotations := o.Root.Get("metadata.annotations")
	for _, name := range injectable {
		v := annotations.Child("nginx.ingress.kubernetes.io/" + name)
		if !v.IsScalar() || !v.IsKnown() {
			continue
		}
		text := strings.TrimSpace(v.Node.Value)
		bad := breaksOut.FindString(text)
		if bad == "" && name != "auth-tls-match-cn" && strings.Contains(text, "|") {
			bad = "|" // in a common name it is a regular expression
		}
		if bad != "" {
			p.Report(lint.Diagnostic{
				Object: o, At: v,
				Message: fmt.Sprintf("%s breaks out of the configuration of NGINX by %q in the annotation %s; want a plain value", o.KindName(), bad, name),
			})
		}
	}
	if !mayBeNginx(o) {
		return
	}
	for path := range o.Root.Each("spec.rules[].http.paths[].path") {
		if !path.IsScalar() || !path.IsKnown() {
			continue
		}
		bad := breaksPath.FindString(path.Node.Value)
		if files := controllerFiles.FindString(path.Node.Value); bad == "" && files != "" {
			p.Report(lint.Diagnostic{
				Object: o, At: path, Severity: lint.Medium,
				Message: fmt.Sprintf("%s serves the path %s, which is one of the controller's own files; want another path", o.KindName(), path.Node.Value),
			})
			continue
		}
		if bad != "" {
			p.Report(lint.Diagnostic{
				Object: o, At: path,
				Message: fmt.Sprintf("%s breaks out of the configuration of NGINX by %q in a path; want a plain path", o.KindName(), bad),
			})
		}
	}
}

// mayBeNginx reports whether NGINX may serve an Ingress: it says so, or nothing says
// otherwise.
func mayBeNginx(o *lint.Object) bool {
	class := o.Root.Get("spec.ingressClassName").Text() + o.Root.Get("metadata.annotations").Child("kubernetes.io/ingress.class").Text()
	return class == "" || strings.Contains(class, "nginx")
}
