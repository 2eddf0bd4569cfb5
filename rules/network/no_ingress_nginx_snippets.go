package network

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// NoIngressNginxSnippets reports Ingresses with annotations that add text to the configuration of NGINX,
// and controllers that accept them.
//
// The text becomes part of the controller's own configuration. Anyone who may write an Ingress can have
// the controller run Lua, read its service account's token, and with that the Secrets of the whole cluster
// (CVE-2021-25742).
//
// An annotation that only sets headers or the like has low severity, and one with Lua, alias, root or the
// path of a token high severity. allow-snippet-annotations: "true" in the controller's ConfigMap is reported
// with medium severity. Annotations of ingress-nginx and of NGINX's own controller are read.
var NoIngressNginxSnippets = &lint.Rule{
	ID:        "no-ingress-nginx-snippets",
	Title:     "Ingress adds to the configuration of NGINX",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"network-api-exposure"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K06"},
	},
	Fix:   "use the annotations of ingress-nginx for it, such as enable-cors and rewrite-target, or have the program do it",
	Check: lint.ObjectCheck(checkSnippets),
}

// dangerousSnippet is what turns a snippet into code, or makes it serve files.
var dangerousSnippet = regexp.MustCompile(`(?i)\b\w*_by_lua\w*\b|\bkubernetes\.io\b|\bserviceaccount\b|(?m)^\s*(alias|root)\s|[{;]\s*(alias|root)\s`)

func checkSnippets(p *lint.Pass, o *lint.Object) {
	switch {
	case o.Is("", "ConfigMap"):
		if v := o.Root.Get("data").Child("allow-snippet-annotations"); v.Text() == "true" {
			p.Report(lint.Diagnostic{
				Object: o, At: v, Severity: lint.Medium, Fix: lint.Intent{Title: `set allow-snippet-annotations: "false"`, Value: "false"},
				Message: o.KindName() + ` sets allow-snippet-annotations: "true", so anyone who may write an Ingress controls the controller; want "false"`,
			})
		}
		return
	case o.Kind != "Ingress":
		return
	}
	for name, v := range o.Root.Get("metadata.annotations").Entries() {
		if !isNginxAnnotation(name) || !strings.HasSuffix(name, "-snippet") && !strings.HasSuffix(name, "-snippets") || !v.IsScalar() || v.Node.Value == "" {
			continue
		}
		d := lint.Diagnostic{Object: o, At: v.AtKey(), KnownPart: true, Message: fmt.Sprintf("%s adds to the configuration of NGINX by %s; want an annotation that does just what is meant", o.KindName(), name)}
		if at := p.Locate(o, v); at.Entry != nil && p.Locate(o, d.At).Entry == nil {
			d.At = v // the text is that of a key of the values, and the annotation the template's
		}
		d.Fix = fixOfSnippet(name, v.Node.Value)
		if found := strings.TrimLeft(strings.TrimSpace(dangerousSnippet.FindString(v.Node.Value)), "{; "); found != "" {
			d.Severity, d.Fix = lint.High, lint.Intent{}
			d.Message = fmt.Sprintf("%s runs code or reads files of the controller by %s, with %s; want no such snippet", o.KindName(), name, found)
		}
		p.Report(d)
	}
}

// isNginxAnnotation reports whether an annotation is for a controller with NGINX.
func isNginxAnnotation(name string) bool {
	for _, prefix := range []string{"nginx.ingress.kubernetes.io/", "nginx.org/", "nginx.com/", "ingress.kubernetes.io/"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// settingHeader matches a directive that sets a header of the requests to the backend.
var settingHeader = regexp.MustCompile(`(?m)^\s*proxy_set_header\s+"?([\w-]+)"?\s+([^;\n]*);?\s*(?:#.*)?$`)

// sentHeaders are the headers that ingress-nginx sets for each backend by itself.
var sentHeaders = []string{"Host", "X-Request-ID", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Scheme"}

// fixOfSnippet is what to do about a snippet of NGINX's own controller, or of ingress-nginx if it does no more than to set headers of requests, for
// which there is no annotation. It is zero for others.
func fixOfSnippet(annotation, text string) lint.Intent {
	if strings.HasPrefix(annotation, "nginx.org/") || strings.HasPrefix(annotation, "nginx.com/") {
		return lint.Advice("use nginx.org/rewrites for rewrites, a VirtualServer for headers (requestHeaders, responseHeaders), or have the program do it")
	}
	headers := settingHeader.FindAllStringSubmatch(text, -1)
	if !strings.HasPrefix(annotation, "nginx.ingress.kubernetes.io/") || len(headers) == 0 || strings.TrimSpace(settingHeader.ReplaceAllString(text, "")) != "" {
		return lint.Intent{}
	}
	if annotation == authSnippet {
		return fixOfAuthSnippet(headers)
	}
	isVariable := func(h []string) bool { return strings.HasPrefix(strings.TrimLeft(h[2], `"'\`), "$") } // a text of the user's is another value than the controller's
	isSent := func(h []string) bool {
		return isVariable(h) && slices.ContainsFunc(sentHeaders, func(sent string) bool { return strings.EqualFold(sent, h[1]) })
	}
	var todo []string
	if i := slices.IndexFunc(headers, func(h []string) bool { return h[1] == "Host" && !isVariable(h) }); i >= 0 {
		todo = append(todo, "set the header Host by the annotation nginx.ingress.kubernetes.io/upstream-vhost")
		headers = slices.DeleteFunc(headers, func(h []string) bool { return h[1] == "Host" })
	}
	if names := headersBut(isSent, headers); names != "" {
		todo = append(todo, "set "+names+" by proxy-set-headers in the ConfigMap of the controller, or in the program: no annotation sets headers of requests")
	}
	if len(todo) > 0 {
		return lint.Advice(strings.Join(todo, ", and "))
	}
	return lint.Advice("remove the annotation: the controller sets " + headers[0][1] + " itself")
}

// maxHeaders is how many headers a fix names.
const maxHeaders = 16

// headersBut is how fixes call the headers that a snippet sets, but for some. It is empty if there are no others.
func headersBut(isDone func(header []string) bool, headers [][]string) string {
	var l []string
	for _, h := range headers {
		if !isDone(h) && !slices.Contains(l, h[1]) {
			l = append(l, h[1])
		}
	}
	switch len(l) {
	case 0:
		return ""
	case 1:
		return "the header " + l[0]
	}
	return "the headers " + lint.AndOthers(l, maxHeaders)
}

// authSnippet is the annotation that adds to the location of the requests to the server that authenticates.
const authSnippet = "nginx.ingress.kubernetes.io/auth-snippet"

// authHeaders are the values of the headers that ingress-nginx gives these requests by itself.
var authHeaders = map[string]string{
	"x-original-url":    "$scheme://$http_host$request_uri",
	"x-original-method": "$request_method",
}

// fixOfAuthSnippet is what to do about one that only sets headers: proxy-set-headers of the controller is for the requests to the backend.
func fixOfAuthSnippet(headers [][]string) lint.Intent {
	isSent := func(h []string) bool {
		return authHeaders[strings.ToLower(h[1])] == strings.Trim(strings.TrimSpace(h[2]), `"'`)
	}
	if names := headersBut(isSent, headers); names != "" {
		return lint.Advice("set " + names + " in a ConfigMap of the namespace, and name that in the annotation nginx.ingress.kubernetes.io/auth-proxy-set-headers")
	}
	return lint.Advice("remove the annotation: the controller sends " + headers[0][1] + " itself")
}
