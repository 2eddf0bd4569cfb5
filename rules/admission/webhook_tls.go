package admission

import (
	"encoding/base64"
	"encoding/pem"
	"net/netip"
	"net/url"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// WebhookTLS reports webhooks whose clientConfig has a caBundle without a certificate, and webhooks
// outside the cluster that are named by an address.
//
// The API server sends whole objects, Secrets included, and does what the answer says. If it cannot
// verify the webhook, either every call fails, or it believes the wrong one.
//
// An absent caBundle is fine: cert-manager, OpenShift and many operators write it into the cluster. So
// is one with line breaks only, which means that. URLs without TLS are refused by the API server;
// valid-webhook reports them. Webhooks with an address as host need a certificate for that address,
// which few have; they have low severity.
var WebhookTLS = &lint.Rule{
	ID:        "webhook-tls",
	Title:     "Webhook cannot be verified",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"admission-secure-chain", "infra-tls-settings"},
	Refs:      controls(),
	Fix:       "give clientConfig the certificate of an authority in caBundle",
	Check:     lint.ObjectCheck(checkWebhookTLS),
}

func checkWebhookTLS(p *lint.Pass, o *lint.Object) {
	if !isWebhookConfiguration(o) {
		return
	}
	for webhook := range o.Root.Get("webhooks").Items() {
		if bundle := webhook.Get("clientConfig.caBundle"); bundle.Text() != "" && !node.IsCapitals(bundle.Text()) && !mayBeBundle(bundle.Text()) {
			p.Report(lint.Diagnostic{Object: o, At: bundle, Message: nameOf(o, webhook) + " has a caBundle without a certificate; want certificates in PEM, in base64"})
		}
		address := webhook.Get("clientConfig.url")
		if u, err := url.Parse(address.Text()); err == nil && u.Scheme == "https" && isPublic(u.Hostname()) {
			p.Report(lint.Diagnostic{Object: o, At: address, Severity: lint.Low, Message: nameOf(o, webhook) + " leads to the address " + u.Hostname() + " outside the cluster; want a service"})
		}
	}
}

// mayBeBundle reports base64 of certificates in PEM, or of white space, for which
// something writes the certificates later.
func mayBeBundle(text string) bool {
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return false
	}
	block, _ := pem.Decode(raw)
	return block != nil && block.Type == "CERTIFICATE" || strings.TrimSpace(string(raw)) == ""
}

// isPublic reports an address of the Internet.
func isPublic(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && !ip.IsPrivate() && !ip.IsLoopback() && !ip.IsLinkLocalUnicast()
}
