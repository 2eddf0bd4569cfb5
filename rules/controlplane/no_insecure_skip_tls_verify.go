package controlplane

import (
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// NoInsecureSkipTLSVerify reports kubeconfigs and APIServices that do not verify the server's
// certificate, and ServiceMonitors, PodMonitors and other configurations of Prometheus that do not.
//
// Anyone between the two can pose as the server. A kubeconfig then sends its token to an attacker, an
// APIService its requests with the names and groups of users, and a monitor the token with which it
// authenticates.
//
// Kubeconfigs are found as objects of kind Config, also within Secrets and ConfigMaps. Monitors have
// low severity unless they send credentials, and count only if they use https: the scheme is http where
// they set none.
var NoInsecureSkipTLSVerify = &lint.Rule{
	ID:        "no-insecure-skip-tls-verify",
	Title:     "Certificate is not verified",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-tls-settings"},
	Refs:      controls(),
	Fix:       "remove the field, and give the certificate of the authority in its place, and the name in the server's certificate where it is not the address",
	Check:     lint.ObjectCheck(checkSkip),
}

// monitors are where kinds of Prometheus keep endpoints with TLS settings.
var monitors = map[string][]string{
	"ServiceMonitor": {"spec.endpoints[]"},
	"PodMonitor":     {"spec.podMetricsEndpoints[]"},
	"Probe":          {"spec"},
	"ScrapeConfig":   {"spec"},
	"Prometheus":     {"spec.remoteWrite[]", "spec.remoteRead[]", "spec.alerting.alertmanagers[]", "spec.apiserverConfig"},
}

// credentials are the fields of an endpoint that send credentials.
var credentials = []string{"authorization", "basicAuth", "bearerToken", "bearerTokenFile", "bearerTokenSecret", "oauth2"}

// selfSigned is what stands in the way where a program makes a certificate for itself, as many operators do.
const selfSigned = "; a server that makes its certificate itself at each start needs one that stays first"

func checkSkip(p *lint.Pass, o *lint.Object) {
	for _, k := range kubeconfigs(p, o) {
		for cluster := range k.root.Get("clusters").Items() {
			if v := cluster.Get("cluster.insecure-skip-tls-verify"); v.True() && !isExample(cluster) {
				p.Report(k.diagnostic(v, "does not verify the certificate of cluster "+strconv.Quote(cluster.Get("name").Text())+"; want certificate-authority-data"))
			}
		}
	}
	if v := o.Root.Get("spec.insecureSkipTLSVerify"); o.Is("apiregistration.k8s.io", "APIService") && v.True() {
		d := lint.Diagnostic{Object: o, At: v, Message: o.Kind + " sets insecureSkipTLSVerify: true; want caBundle"}
		d.Fix = lint.Advice("remove the field, and set caBundle to the certificate of the authority" + selfSigned)
		if service := o.Root.Get("spec.service"); service.Get("name").Text() != "" && service.Get("namespace").Text() != "" {
			d.Fix.Title = "remove the field, and set caBundle to the certificate of the authority of the server's, which must be for " +
				service.Get("name").Text() + "." + service.Get("namespace").Text() + ".svc" + selfSigned
		}
		p.Report(d)
	}
	if o.Group() == "monitoring.coreos.com" {
		for _, path := range monitors[o.Kind] {
			for endpoint := range o.Root.Each(path) {
				checkEndpoint(p, o, endpoint)
			}
		}
	}
}

func checkEndpoint(p *lint.Pass, o *lint.Object, endpoint lint.Value) {
	v := endpoint.Get("tlsConfig.insecureSkipVerify")
	if !v.True() {
		return
	}
	by, may := mayUseTLS(endpoint)
	if !may {
		return
	}
	want := "the certificate of the authority in ca"
	fix := lint.Advice("remove the field, and set ca, and serverName if the certificate is for another name" + selfSigned)
	for _, field := range []string{"ca", "caFile"} { // of which there is one at most
		if endpoint.Get("tlsConfig").Get(field).IsSet() {
			want = "the certificate checked by the authority in " + field
			also := "set serverName if the certificate is for another name; if another authority issued it, name that in " + field
			fix = lint.Intent{Value: "false", Title: "remove the field, and " + also, Also: also}
		}
	}
	fix.Keeps = by // without TLS, credentials are sent as they are
	d := lint.Diagnostic{Object: o, At: v, Message: o.Kind + " sets insecureSkipVerify: true; want " + want, Severity: lint.Low, Fix: fix}
	for _, field := range credentials {
		if endpoint.Get(field).IsSet() {
			d.Severity = lint.Medium
			d.Message = o.Kind + " sets insecureSkipVerify: true and sends credentials by " + field + "; want " + want
			break
		}
	}
	p.Report(d)
}

// mayUseTLS reports whether Prometheus may connect to an endpoint with TLS, and by which field. Its settings have no effect
// with http, which is the default where the endpoint names no URL. The field is absent if relabelings decide.
func mayUseTLS(endpoint lint.Value) (by lint.Value, may bool) {
	for _, path := range []string{"url", "host"} {
		if v := endpoint.Get(path); v.IsSet() {
			return v, !strings.HasPrefix(strings.ToLower(v.Text()), "http://")
		}
	}
	for _, path := range []string{"scheme", "prober.scheme"} {
		if v := endpoint.Get(path); v.IsSet() {
			return v, v.IsKnown() && strings.EqualFold(v.Text(), "https")
		}
	}
	for relabeling := range endpoint.Get("relabelings").Items() {
		if relabeling.Get("targetLabel").Written() == "__scheme__" {
			return lint.Value{}, true
		}
	}
	return lint.Value{}, false
}
