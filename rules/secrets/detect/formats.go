package detect

import (
	"hash/crc32"
	"strings"
	"sync"
)

// format is the public shape of a service's tokens.
type format struct {
	prefix string
	// least and most limit the length of what follows the prefix.
	least, most int
	set         func(c byte) bool
	what        string
	kind        Kind
	// ok, if not nil, looks at what follows the prefix.
	ok func(rest string) bool
}

// The sets of characters of tokens.
func digitSet(c byte) bool { return c >= '0' && c <= '9' }
func lowerSet(c byte) bool { return c >= 'a' && c <= 'z' || digitSet(c) }
func upperSet(c byte) bool { return c >= 'A' && c <= 'Z' || digitSet(c) }
func hexSet(c byte) bool   { return c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' || digitSet(c) }
func alnumSet(c byte) bool { return lowerSet(c) || upperSet(c) }
func wordSet(c byte) bool  { return alnumSet(c) || c == '_' }
func urlSet(c byte) bool   { return wordSet(c) || c == '-' }
func dottedSet(c byte) bool {
	return urlSet(c) || c == '.'
}

func base64Set(c byte) bool {
	return alnumSet(c) || c == '+' || c == '/' || c == '=' || c == '-' || c == '_'
}

// formats is all that are known by their prefix. A format that is the prefix of
// another one comes after it.
var formats = []format{
	{"AKIA", 16, 16, upperSet, "an AWS access key", CloudKey, nil},
	{"ASIA", 16, 16, upperSet, "a temporary AWS access key", CloudKey, mixed},
	{"ABSK", 109, 280, base64Set, "an AWS Bedrock key", CloudKey, nil},
	{"LTAI", 12, 20, alnumSet, "an Alibaba Cloud access key", CloudKey, mixed},
	{"AKID", 32, 32, alnumSet, "a Tencent Cloud secret id", CloudKey, mixed},
	{"SCW", 17, 17, upperSet, "a Scaleway access key", CloudKey, mixed},
	{"AIza", 35, 35, urlSet, "a Google API key", Token, nil},
	{"GOCSPX-", 28, 28, urlSet, "a Google OAuth client secret", Token, nil},
	{"ya29.", 40, 2048, urlSet, "a Google access token", Token, nil},
	{"dop_v1_", 64, 64, hexSet, "a DigitalOcean token", CloudKey, nil},
	{"doo_v1_", 64, 64, hexSet, "a DigitalOcean token", CloudKey, nil},
	{"dor_v1_", 64, 64, hexSet, "a DigitalOcean refresh token", CloudKey, nil},
	{"AccountKey=", 86, 88, base64Set, "an Azure storage account key", CloudKey, nil},
	{"SharedAccessKey=", 42, 44, base64Set, "an Azure shared access key", CloudKey, nil},
	{"SharedAccessSignature=", 40, 1024, func(c byte) bool { return base64Set(c) || c == '&' || c == '%' || c == ':' }, "an Azure shared access signature", CloudKey, nil},
	{"t1.9eu", 30, 400, dottedSet, "a Yandex Cloud token", CloudKey, nil},
	{"AQVN", 35, 38, urlSet, "a Yandex Cloud API key", CloudKey, nil},

	{"github_pat_", 82, 82, wordSet, "a GitHub token", Token, nil},
	{"ghp_", 36, 36, alnumSet, "a GitHub token", Token, checksum},
	{"gho_", 36, 36, alnumSet, "a GitHub OAuth token", Token, checksum},
	{"ghu_", 36, 36, alnumSet, "a GitHub user token", Token, checksum},
	{"ghs_", 36, 36, alnumSet, "a GitHub app token", Token, checksum},
	{"ghr_", 36, 36, alnumSet, "a GitHub refresh token", Token, checksum},
	{"glpat-", 20, 300, dottedSet, "a GitLab token", Token, nil},
	{"gldt-", 20, 64, urlSet, "a GitLab deploy token", Token, nil},
	{"glrt-", 20, 64, dottedSet, "a GitLab runner token", Token, nil},
	{"glrtr-", 20, 64, dottedSet, "a GitLab runner token", Token, nil},
	{"GR1348941", 20, 20, urlSet, "a GitLab runner registration token", Token, nil},
	{"glptt-", 40, 40, hexSet, "a GitLab trigger token", Token, nil},
	{"glcbt-", 20, 64, urlSet, "a GitLab job token", Token, nil},
	{"glagent-", 50, 64, urlSet, "a GitLab agent token", Token, nil},
	{"glsoat-", 20, 64, urlSet, "a GitLab SCIM token", Token, nil},
	{"glft-", 20, 64, urlSet, "a GitLab feed token", Token, nil},
	{"gloas-", 64, 64, urlSet, "a GitLab application secret", Token, nil},
	{"glimt-", 25, 64, urlSet, "a GitLab mail token", Token, nil},
	{"ATATT3", 180, 220, func(c byte) bool { return urlSet(c) || c == '=' }, "an Atlassian token", Token, nil},
	{"ATBB", 32, 32, alnumSet, "a Bitbucket app password", Token, mixed},
	{"BBDC-", 40, 44, base64Set, "a Bitbucket token", Token, nil},
	{"npm_", 36, 36, alnumSet, "an npm token", Token, checksum},
	{"pypi-AgE", 50, 300, urlSet, "a PyPI token", Token, nil},
	{"pypi-AgN", 50, 300, urlSet, "a PyPI token", Token, nil},
	{"rubygems_", 48, 48, hexSet, "a RubyGems key", Token, nil},
	{"cio", 32, 32, alnumSet, "a crates.io token", Token, mixed},
	{"oy2", 43, 43, lowerSet, "a NuGet key", Token, mixed},
	{"dckr_pat_", 27, 27, urlSet, "a Docker Hub token", Token, nil},
	{"dckr_oat_", 32, 32, urlSet, "a Docker Hub organisation token", Token, nil},
	{"AKCp", 69, 69, alnumSet, "an Artifactory key", Token, nil},
	{"cmVmdGtuOj", 54, 54, alnumSet, "an Artifactory reference token", Token, nil},

	{"xoxb-", 20, 200, urlSet, "a Slack bot token", Token, mixed},
	{"xoxp-", 20, 200, urlSet, "a Slack user token", Token, mixed},
	{"xoxa-", 20, 200, urlSet, "a Slack token", Token, mixed},
	{"xoxr-", 20, 200, urlSet, "a Slack refresh token", Token, mixed},
	{"xoxs-", 20, 200, urlSet, "a Slack token", Token, mixed},
	{"xoxe-", 20, 300, urlSet, "a Slack refresh token", Token, mixed},
	{"xapp-1-", 40, 200, urlSet, "a Slack app token", Token, mixed},
	{"hooks.slack.com/services/", 40, 60, base64Set, "a Slack webhook", Token, mixed},
	{"hooks.slack.com/workflows/", 40, 120, base64Set, "a Slack webhook", Token, mixed},
	{"discord.com/api/webhooks/", 60, 120, base64Set, "a Discord webhook", Token, mixed},
	{"discordapp.com/api/webhooks/", 60, 120, base64Set, "a Discord webhook", Token, mixed},
	{"webhook.office.com/webhookb2/", 80, 220, func(c byte) bool { return base64Set(c) || c == '@' }, "a Teams webhook", Token, mixed},
	{"sk_live_", 24, 247, alnumSet, "a Stripe secret key", Token, nil},
	{"rk_live_", 24, 247, alnumSet, "a Stripe restricted key", Token, nil},
	{"sk_test_", 24, 247, alnumSet, "a Stripe test key", Token, nil},
	{"whsec_", 32, 64, base64Set, "a webhook secret", Token, mixed},
	{"sq0atp-", 22, 22, urlSet, "a Square token", Token, nil},
	{"sq0csp-", 43, 43, urlSet, "a Square secret", Token, nil},
	{"shpat_", 32, 32, hexSet, "a Shopify token", Token, nil},
	{"shpss_", 32, 32, hexSet, "a Shopify secret", Token, nil},
	{"shpca_", 32, 32, hexSet, "a Shopify token", Token, nil},
	{"shppa_", 32, 32, hexSet, "a Shopify password", Token, nil},
	{"SG.", 66, 66, dottedSet, "a SendGrid key", Token, func(rest string) bool { return rest[22] == '.' }},
	{"key-", 32, 32, hexSet, "a Mailgun key", Token, mixed},

	{"sk-ant-", 80, 120, urlSet, "an Anthropic key", Token, nil},
	{"sk-or-v1-", 64, 64, hexSet, "an OpenRouter key", Token, nil},
	{"sk-proj-", 40, 200, urlSet, "an OpenAI key", Token, mixed},
	{"sk-svcacct-", 40, 200, urlSet, "an OpenAI key", Token, mixed},
	{"sk-admin-", 40, 200, urlSet, "an OpenAI key", Token, mixed},
	{"sk-", 48, 48, alnumSet, "an OpenAI key", Token, func(rest string) bool { return strings.Contains(rest, "T3BlbkFJ") }},
	{"sk-", 32, 64, alnumSet, "an API key of the form sk-…", Token, mixed},
	{"xai-", 80, 80, alnumSet, "an xAI key", Token, nil},
	{"gsk_", 52, 52, alnumSet, "a Groq key", Token, nil},
	{"hf_", 34, 34, alnumSet, "a Hugging Face token", Token, nil},
	{"r8_", 37, 37, alnumSet, "a Replicate token", Token, nil},
	{"pplx-", 48, 48, alnumSet, "a Perplexity key", Token, nil},
	{"lsv2_pt_", 40, 44, wordSet, "a LangSmith key", Token, nil},

	{"hvs.", 24, 300, urlSet, "a Vault token", Token, mixed},
	{"hvb.", 100, 400, urlSet, "a Vault batch token", Token, nil},
	{"hvr.", 24, 300, urlSet, "a Vault recovery token", Token, mixed},
	{"dp.pt.", 40, 46, alnumSet, "a Doppler token", Token, nil},
	{"dp.st.", 40, 80, dottedSet, "a Doppler service token", Token, nil},
	{"ops_eyJ", 200, 2048, base64Set, "a 1Password service account token", Token, nil},
	{"AGE-SECRET-KEY-1", 58, 58, upperSet, "an age private key", PrivateKey, nil},
	{"pul-", 40, 40, hexSet, "a Pulumi token", Token, nil},
	{"dapi", 32, 34, func(c byte) bool { return hexSet(c) || c == '-' }, "a Databricks token", Token, nil},
	{"glsa_", 41, 41, wordSet, "a Grafana service account token", Token, nil},
	{"glc_eyJ", 30, 400, base64Set, "a Grafana Cloud token", Token, nil},
	{"eyJrIjoi", 40, 200, base64Set, "a Grafana API key", Token, nil},
	{"NRAK-", 27, 27, upperSet, "a New Relic key", Token, nil},
	{"NRII-", 32, 32, urlSet, "a New Relic insights key", Token, nil},
	{"sntrys_", 60, 400, base64Set, "a Sentry token", Token, nil},
	{"sntryu_", 64, 64, hexSet, "a Sentry user token", Token, nil},
	{"dt0c01.", 89, 89, dottedSet, "a Dynatrace token", Token, nil},
	{"PMAK-", 59, 59, func(c byte) bool { return hexSet(c) || c == '-' }, "a Postman key", Token, nil},
	{"pscale_tkn_", 32, 64, dottedSet, "a PlanetScale token", Token, nil},
	{"pscale_pw_", 32, 64, dottedSet, "a PlanetScale password", Token, nil},
	{"lin_api_", 40, 40, alnumSet, "a Linear key", Token, nil},
	{"ntn_", 46, 46, alnumSet, "a Notion token", Token, nil},
	{"figd_", 40, 44, urlSet, "a Figma token", Token, nil},
	{"sqp_", 40, 40, hexSet, "a SonarQube token", Token, nil},
	{"squ_", 40, 40, hexSet, "a SonarQube token", Token, nil},
	{"sqa_", 40, 40, hexSet, "a SonarQube token", Token, nil},
	{"HRKU-", 36, 62, urlSet, "a Heroku key", Token, nil},
	{"tskey-", 20, 80, urlSet, "a Tailscale key", Token, mixed},
	{"CCIPAT_", 40, 80, wordSet, "a CircleCI token", Token, nil},
	{"bkua_", 40, 40, hexSet, "a Buildkite token", Token, nil},
	{"cfut_", 40, 60, urlSet, "a Cloudflare token", Token, nil},
	{"v1.0-", 171, 171, urlSet, "a Cloudflare origin key", Token, nil},
	{"fo1_", 43, 43, urlSet, "a Fly.io token", Token, nil},
	{"FlyV1 fm2_", 60, 2000, base64Set, "a Fly.io token", Token, nil},
	{"EAACEdEose0cBA", 20, 400, alnumSet, "a Facebook token", Token, nil},
	{"pat-na1-", 36, 36, urlSet, "a HubSpot token", Token, nil},
	{"PuTTY-User-Key-File-", 1, 1, digitSet, "a PuTTY private key", PrivateKey, nil},
}

// mixed asks for digits and letters in what follows a prefix that could also
// start a word.
func mixed(rest string) bool {
	digits := 0
	for i := range len(rest) {
		if digitSet(rest[i]) {
			digits++
		}
	}
	return digits >= 2 && digits < len(rest)
}

// checksum compares the last six characters, in base 62, with the CRC-32 of
// those before them: GitHub's and npm's tokens have that form.
func checksum(rest string) bool {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	body, sum := rest[:len(rest)-6], rest[len(rest)-6:]
	n := uint64(0)
	for i := range len(sum) {
		n = n*62 + uint64(strings.IndexByte(digits, sum[i]))
	}
	return n == uint64(crc32.ChecksumIEEE([]byte(body)))
}

// byFirst is the formats by the first byte of their prefix.
var byFirst = sync.OnceValue(func() *[256][]*format {
	t := &[256][]*format{}
	for i := range formats {
		f := &formats[i]
		t[f.prefix[0]] = append(t[f.prefix[0]], f)
	}
	return t
})

// inWord has the characters before which no token starts.
var inWord = func() (t [256]bool) {
	for c := range t {
		t[c] = wordSet(byte(c)) || c == '+'
	}
	return t
}()

// token looks for tokens of a known format: one pass, in which only what starts
// a word is compared with the prefixes.
func token(s string) Verdict {
	table := byFirst()
	within := false // a word
	for i := range len(s) {
		c := s[i]
		if !within {
			for _, f := range table[c] {
				if n := f.at(s, i); n > 0 {
					return f.verdict(n)
				}
			}
		}
		within = inWord[c]
	}
	if v := azureSecret(s); v.Found() {
		return v
	}
	if v := terraformToken(s); v.Found() {
		return v
	}
	return telegramToken(s)
}

// terraformToken looks for tokens of Terraform Cloud and Enterprise: 14 characters,
// .atlasv1. and 60 or more.
func terraformToken(s string) Verdict {
	const middle = ".atlasv1."
	for from := 0; ; {
		i := strings.Index(s[from:], middle)
		if i < 0 {
			return Verdict{}
		}
		at := from + i
		from = at + len(middle)
		if at < 14 || at > 14 && wordSet(s[at-15]) || run(s[at-14:at], alnumSet) != s[at-14:at] {
			continue
		}
		if rest := run(s[from:min(from+80, len(s))], urlSet); len(rest) >= 60 && !isShown(rest) {
			return Verdict{Kind: Token, What: "a Terraform Cloud token"}
		}
	}
}

// telegramToken looks for tokens of Telegram bots: the number of the bot, a colon,
// AA and 33 more characters.
func telegramToken(s string) Verdict {
	for from := 0; ; {
		i := strings.Index(s[from:], ":AA")
		if i < 0 {
			return Verdict{}
		}
		at := from + i
		from = at + 3
		digits := at
		for digits > 0 && at-digits <= 10 && digitSet(s[digits-1]) {
			digits--
		}
		if n := at - digits; n < 8 || n > 10 || digits > 0 && alnumSet(s[digits-1]) && !strings.HasSuffix(s[:digits], "bot") {
			continue
		}
		if rest := run(s[at+1:min(at+40, len(s))], urlSet); len(rest) == 35 && !isShown(rest) {
			return Verdict{Kind: Token, What: "a Telegram bot token"}
		}
	}
}

// bootstrapToken judges tokens by which nodes join a cluster: six characters, a dot
// and sixteen more.
func bootstrapToken(s string) Verdict {
	id, rest, ok := strings.Cut(s, ".")
	if !ok || len(id) != 6 || len(rest) != 16 || run(id, lowerSet) != id || run(rest, lowerSet) != rest {
		return Verdict{}
	}
	if isSequence(rest) {
		return Verdict{Kind: Default, What: "the bootstrap token of the documentation"}
	}
	if isName(s) || !mixed(rest) {
		return Verdict{}
	}
	return Verdict{Kind: Token, What: "a bootstrap token"}
}

func (f *format) verdict(length int) Verdict {
	v := Verdict{Kind: f.kind, What: f.what, prefix: f.prefix, length: length}
	if strings.ContainsAny(f.prefix[len(f.prefix)-1:], "=/") { // a name or host, not the token's own
		v.prefix = ""
	}
	return v
}

// at is the length of the token of the format that starts at i, or zero.
func (f *format) at(s string, i int) int {
	if !strings.HasPrefix(s[i:], f.prefix) {
		return 0
	}
	if end := f.end(s, i+len(f.prefix)); end > 0 {
		return end - i
	}
	return 0
}

// end is where the token ends whose prefix ends at from, or zero if it is none.
func (f *format) end(s string, from int) int {
	end := from
	for end < len(s) && end-from <= f.most && f.set(s[end]) {
		end++
	}
	for end > from && (s[end-1] == '.' || s[end-1] == '-') {
		end-- // punctuation after the token
	}
	rest := s[from:end]
	if len(rest) < f.least || len(rest) > f.most || end < len(s) && alnumSet(s[end]) || f.ok != nil && !f.ok(rest) || isShown(rest) {
		return 0
	}
	return end
}

// isShown reports what documentation shows in place of a token.
func isShown(rest string) bool {
	return len(rest) > 1 && (isPlaceholder(rest) || isSequence(rest) || len(rest) >= 16 && distinct(rest) < 6)
}

// azureSecret looks for client secrets of Microsoft Entra: three characters, a
// digit, Q~, and 31 to 34 more.
func azureSecret(s string) Verdict {
	set := func(c byte) bool { return urlSet(c) || c == '.' || c == '~' }
	for from := 0; ; {
		i := strings.Index(s[from:], "Q~")
		if i < 0 {
			return Verdict{}
		}
		at := from + i
		from = at + 2
		if at < 4 || !digitSet(s[at-1]) || at > 4 && set(s[at-5]) {
			continue
		}
		end := from
		for end < len(s) && end-from <= 34 && set(s[end]) {
			end++
		}
		if n := end - from; n >= 31 && n <= 34 && !isShown(s[from:end]) && set(s[at-2]) && set(s[at-3]) && set(s[at-4]) {
			return Verdict{Kind: CloudKey, What: "an Azure client secret"}
		}
	}
}

// cloudSecret knows the cloud credentials that only the name of their provider shows.
func cloudSecret(key, s string) Verdict {
	words := " " + strings.Join(split(key), " ") + " "
	contains := func(l ...string) bool {
		for _, w := range l {
			if !strings.Contains(words, w) {
				return false
			}
		}
		return true
	}
	all := func(set func(byte) bool) bool {
		return strings.IndexFunc(s, func(r rune) bool { return r > 127 || !set(byte(r)) }) < 0
	}
	switch {
	case !isRandom(s):
	case len(s) == 40 && all(base64Set) && !strings.HasSuffix(s, "=") && contains(" aws "): // 30 bytes: a key of Ceph has 28
		return Verdict{Kind: CloudKey, What: "an AWS secret access key"}
	case len(s) == 88 && strings.HasSuffix(s, "==") && all(base64Set) && contains(" azure "):
		return Verdict{Kind: CloudKey, What: "an Azure storage account key"}
	}
	return Verdict{}
}
