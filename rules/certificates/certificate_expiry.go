package certificates

import (
	"cmp"
	"time"

	"github.com/kubevet/kubevet/lint"
)

// CertificateExpiry reports certificates that have expired, or that will within 30 days of the day of
// the run.
//
// Clients refuse an expired certificate, so that the service is down, or are configured to verify
// nothing, so that anyone can pose as the service.
//
// The number of days is certificate-expiry-days in the configuration, and the day is that of --now,
// else today. Certificates are found in every field, in PEM or base64: Secrets, ConfigMaps, caBundles,
// kubeconfigs. Collections of 20 or more, such as those that operating systems trust, are left out. An
// expired certificate is high. One of an authority without a private key beside it is there to be trusted: the fix
// is to take the one that the authority has now.
var CertificateExpiry = &lint.Rule{
	ID:        "certificate-expiry",
	Title:     "Certificate has expired or soon will",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"logs-certificate-expiry", "auth-certificate-management"},
	Refs:      controls(),
	Fix:       renew,
	Check:     each(checkExpiry),
}

const renew = "issue a new certificate, and let a controller such as cert-manager renew it"

// renewFile is the same for a file, which need not be for a cluster.
const renewFile = "issue a new certificate, and have it renewed in time: by cert-manager in a cluster, by an ACME client elsewhere"

// trustOther is what to do about the certificate of an authority that others have the key of.
const trustOther = "replace it with the certificate that the authority has now, or remove it with what reads it"

// defaultDays is how many days before its end a certificate is reported.
const defaultDays = 30

func checkExpiry(p *lint.Pass, h held) {
	now := p.Settings.Now
	if now.IsZero() || h.Certificate == nil || h.store {
		return
	}
	end := h.Certificate.NotAfter.UTC()
	day := end.Format(time.DateOnly)
	switch {
	case end.Before(now):
		d := h.diagnostic("a certificate of " + h.name() + " that expired on " + day)
		d.Severity = lint.High
		if h.isForeign(p) {
			d.Fix = lint.Advice(trustOther)
		} else if h.file != nil {
			d.Fix = lint.Advice("if nothing uses the certificate any more, remove the file and that of its key; else " + renewFile)
		}
		p.Report(d)
	case end.Before(now.AddDate(0, 0, cmp.Or(p.Settings.CertificateDays, defaultDays))):
		d := h.diagnostic("a certificate of " + h.name() + " that expires on " + day)
		if h.isForeign(p) {
			d.Fix = lint.Advice(trustOther)
		} else if h.file != nil {
			d.Fix = lint.Advice(renewFile)
		}
		p.Report(d)
	}
}
