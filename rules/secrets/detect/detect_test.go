package detect

import (
	"encoding/base64"
	"hash/crc32"
	"strings"
	"testing"
)

// The values below are made up. Those in the format of a real service are put
// together here, so that no scanner of the source takes them for real.
const (
	hex32    = "8f14e45fceea167a5a36dedd4bea2543"
	hex40    = "8f14e45fceea167a5a36dedd4bea25438a7c9f01"
	alnum    = "q7Kd2mXv9RtB4nLw8ZsJ5hYc3PgF6aUeT1oQ0iMxWkVrNbDzHyGjSlAfEuCpOq7Kd2mXv9RtB4nLw8ZsJ5hYc3PgF6aUeT1oQ0iMxWkVrNbDzHyGjSlAfEuCpO"
	keyBody  = "\nMC4CAQAwBQYDK2VwBCIEIGt1YmV2ZXQ6IHRoaXMga2V5IGlzIG5vIHNlY3JldC4u\n"
	keyHead  = "-----BEGIN " + "PRIVATE KEY-----"
	keyTail  = "-----END " + "PRIVATE KEY-----\n"
	upper16  = "KUBEVETKUBEVET22"
	longJunk = "9aF-" + alnum
)

func madeKey(label string) string {
	body := keyBody
	if strings.HasPrefix(label, "PGP") {
		body = "\n\nlFgEawxrDxYJKwYBBAHaRw8BAQdAuoNgLDZlmLDKTLXn9g3ubAG+PfSM0bZ/Hyh3\nBPtyLXoAAQCMNfGUAV2+S8w1BUtIInBJaAnqxdk7rM5N/sVwccDmSg+xtAdrdWJl\n=kv2w\n"
	}
	return "-----BEGIN " + label + "-----" + body + "-----END " + label + "-----\n"
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func token62(prefix, body string) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	sum, n := "", crc32.ChecksumIEEE([]byte(body))
	for range 6 {
		sum = string(digits[n%62]) + sum
		n /= 62
	}
	return prefix + body + sum
}

func webToken(claims string) string {
	enc := base64.RawURLEncoding
	return enc.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + enc.EncodeToString([]byte(claims)) + "." + enc.EncodeToString([]byte(alnum[:40]))
}

type valueCase struct {
	key, value string
	want       Kind
	why        string
}

// valueCases is every decision on one value.
func valueCases() []valueCase {
	return []valueCase{
		// Private keys, whatever the name.
		{"x", madeKey("PRIVATE KEY"), PrivateKey, "PKCS #8"},
		{"x", madeKey("RSA PRIVATE KEY"), PrivateKey, "PKCS #1"},
		{"x", madeKey("EC PRIVATE KEY"), PrivateKey, "SEC 1"},
		{"x", madeKey("OPENSSH PRIVATE KEY"), PrivateKey, "SSH"},
		{"x", madeKey("ENCRYPTED PRIVATE KEY"), PrivateKey, "can be guessed at"},
		{"x", madeKey("PGP PRIVATE KEY BLOCK"), PrivateKey, "PGP"},
		{"x", strings.ReplaceAll(madeKey("PRIVATE KEY"), "\n", `\n`), PrivateKey, "escaped, as in JSON"},
		{"x", b64(madeKey("PRIVATE KEY")), PrivateKey, "in base64"},
		{"x", b64(b64(madeKey("PRIVATE KEY"))), None, "base64 of base64 is not read"},
		{"x", b64("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"), None, "a certificate in base64"},
		{"x", b64("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n") + ", " + b64(madeKey("PRIVATE KEY")), PrivateKey, "in base64, after a certificate in base64"},
		{"x", strings.Replace(madeKey("PRIVATE KEY"), "MC4C", "MIIC", 1), None, "a length that is wrong: made up"},
		{"tls.key", strings.Replace(madeKey("EC PRIVATE KEY"), "\n-----END", "Ab3dF6hJ9lM2\n------END", 1), None, "text after the key: made up"},
		{"x", "AGE-SECRET-KEY-" + "1" + strings.ToUpper(alnum[:58]), PrivateKey, "age"},
		{"x", keyHead + "\n...\n" + keyTail, None, "dots for a key"},
		{"x", keyHead + "\nRklYRUQ=\n" + keyTail, None, "a chart's generated key: no key yet"},
		{"x", keyHead + "\n<your key here>\n" + keyTail, None, "a placeholder"},
		{"x", "-----BEGIN CERTIFICATE-----" + keyBody + "-----END CERTIFICATE-----\n", None, "public"},
		{"tls.key", "-----BEGIN PUBLIC KEY-----" + keyBody + "-----END PUBLIC KEY-----\n", None, "public"},
		{"secret-key", b64("-----BEGIN CERTIFICATE-----" + keyBody), None, "a certificate in base64"},
		{"authorized_key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + alnum[:40], None, "public"},

		// Tokens by format, whatever the name.
		{"x", "AKIA" + upper16, CloudKey, "AWS"},
		{"x", "id AKIA" + upper16 + ", and more", CloudKey, "AWS, within a sentence"},
		{"x", "ASIA" + "Q3EGRNDTH1SN0TRE", CloudKey, "AWS, temporary"},
		{"x", "AIza" + alnum[:35], Token, "Google: it works in browsers, where no identity replaces it"},
		{"x", "GOCSPX-" + alnum[:28], Token, "Google OAuth"},
		{"x", "ya29." + alnum[:60], Token, "Google access token"},
		{"x", "dop_v1_" + hex32 + hex32, CloudKey, "DigitalOcean"},
		{"x", "DefaultEndpointsProtocol=https;AccountName=kv;AccountKey=" + alnum[:86] + "==;EndpointSuffix=core", CloudKey, "Azure storage"},
		{"x", "Endpoint=sb://kv/;SharedAccessKeyName=Root;SharedAccessKey=" + alnum[:43] + "=", CloudKey, "Azure bus"},
		{"x", "abc8Q~" + alnum[:34], CloudKey, "Entra client secret"},
		{"x", "LTAI" + "5t" + alnum[:18], CloudKey, "Alibaba"},
		{"AWS_SECRET_ACCESS_KEY", alnum[:40], CloudKey, "by name and length"},
		{"AWS_SECRET_ACCESS_KEY", alnum[:38] + "==", Password, "a key of Ceph, which has padding: no provider is named"},
		{"s3.secretKey", alnum[:40], Password, "many stores have keys of that length: no provider is named"},
		{"AZURE_STORAGE_KEY", alnum[:86] + "==", CloudKey, "by name and length"},
		{"x", token62("ghp_", alnum[:30]), Token, "GitHub"},
		{"x", token62("gho_", alnum[:30]), Token, "GitHub OAuth"},
		{"x", token62("ghs_", alnum[:30]), Token, "GitHub app"},
		{"x", "github_pat_" + alnum[:22] + "_" + alnum[:59], Token, "GitHub, fine-grained"},
		{"x", "ghp_" + alnum[:36], None, "the checksum is wrong: no token"},
		{"x", token62("npm_", alnum[:30]), Token, "npm"},
		{"x", "npm_" + alnum[:36], None, "the checksum is wrong"},
		{"x", "glpat-" + alnum[:20], Token, "GitLab"},
		{"x", "glrt-" + alnum[:20], Token, "GitLab runner"},
		{"x", "xoxb-" + "123456789012-123456789012-" + alnum[:24], None, "a row of digits: documentation"},
		{"x", "xoxb-" + "829174650318-640281957341-" + alnum[:24], Token, "Slack"},
		{"x", "https://hooks.slack.com/services/" + "T0A1B2C3D/B4E5F6G7H/" + alnum[:24], Token, "Slack webhook"},
		{"x", "sk_live_" + alnum[:24], Token, "Stripe"},
		{"x", "pk_live_" + alnum[:24], None, "Stripe, publishable"},
		{"x", "SG." + alnum[:22] + "." + alnum[:43], Token, "SendGrid"},
		{"x", "sk-ant-" + "api03-" + alnum[:86] + "-AA", Token, "Anthropic"},
		{"x", "sk-proj-" + alnum[:60], Token, "OpenAI"},
		{"x", "sk-" + alnum[:20] + "T3BlbkFJ" + alnum[:20], Token, "OpenAI, the older form"},
		{"x", "hf_" + "QwErTyKubevetZxCvBnMasDfGhJkLpOiUy", Token, "Hugging Face"},
		{"x", "pypi-AgE" + "IcHlwaS5vcmc" + alnum[:60], Token, "PyPI"},
		{"x", "dckr_pat_" + alnum[:27], Token, "Docker Hub"},
		{"x", "hvs." + alnum[:90], Token, "Vault"},
		{"x", "dapi" + hex32, Token, "Databricks"},
		{"x", "glsa_" + alnum[:32] + "_" + hex32[:8], Token, "Grafana"},
		{"x", "shpat_" + hex32, Token, "Shopify"},
		{"x", "NRAK-" + strings.ToUpper(alnum[:27]), Token, "New Relic"},
		{"x", "rubygems_" + hex32 + hex32[:16], Token, "RubyGems"},
		{"x", "lin_api_" + alnum[:40], Token, "Linear"},
		{"x", "8203746519:" + "AA" + alnum[:33], Token, "Telegram"},
		{"x", "https://bots.internal/bot8203746519:" + "AA" + alnum[:33] + "/sendMessage", Token, "Telegram, in a URL"},
		{"x", "12:" + "AA" + alnum[:33], None, "no number of a bot"},
		{"x", alnum[:14] + ".atlasv1." + alnum[:67], Token, "Terraform Cloud"},
		{"x", alnum[:13] + ".atlasv1." + alnum[:67], None, "cut short"},
		{"token", "k4mq9t.x7kq2lmz9prtv4nb", Token, "a bootstrap token"},
		{"VAULT_DEV_ROOT_TOKEN_ID", "root", Default, "the ID of such a token is the token"},
		{"-dev-root-token-id", "root", Default, "the ID of such a token is the token"},
		{"root-token-id", "root", None, "an ID"},
		{"password", "AgAlEpAsSwOrD", Default, "the word in letters that alternate"},
		{"tokenAudiences", "vault", None, "for whom a token is"},
		{"password", "aaaaaaaA1-a", None, "random parts of a chart"},
		{"password", "aaaaaa-hunter2", Password, "a part alone shows nothing"},
		{"token", "abcdef.0123456789abcdef", Default, "the bootstrap token of the documentation"},
		{"x", "k4mq9t.x7kq2lmz9prtv4nb", None, "a file, for all that is known"},
		{"x", "AKIA" + "IOSFODNN7EXAMPLE", None, "AWS's documentation"},
		{"AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY", None, "AWS's documentation"},
		{"accessKey", "console123", None, "the name of a user of an object store"},
		{"apiKey", "console123", Password, "chosen"},
		{"x", "AKIAXXXXXXXXXXXXXXXX", None, "a placeholder"},
		{"x", "AKIA", None, "the prefix alone"},
		{"x", "AKIAlowercase1234567", None, "other characters"},
		{"x", "XAKIA" + upper16, None, "within a word"},
		{"x", "sk-learn-pipeline-with-a-long-name", None, "a name"},
		{"x", "key-based-authentication", None, "a name"},
		{"x", "npm_config_registry", None, "a name"},

		// Signed web tokens.
		{"x", webToken(`{"iss":"kv","sub":"someone"}`), JWT, "whatever the name"},
		{"x", webToken(`{"iss":"kubernetes/serviceaccount"}`), JWT, "a service account's"},
		{"Authorization", "Bearer " + webToken(`{"sub":"someone"}`), JWT, "in a header"},
		{"x", webToken(`{"sub":"1234567890","name":"John Doe"}`), None, "that of every tutorial"},
		{"x", "eyJhbGciOi.eyJzdWIi.x", None, "cut short"},
		{"x", "eyJ.not.a.token", None, "no JSON"},

		// URLs and connection strings.
		{"x", "postgres://app:7hR-vet@db:5432/app", URL, "a password"},
		{"x", "redis://:7hR-vet@redis:6379/0", URL, "no user"},
		{"x", "mongodb+srv://app:7hR-vet@cluster/app", URL, "a scheme with a plus"},
		{"x", "amqp://app:p%40ss7hR@mq/", URL, "escaped"},
		{"x", "app:7hR-vet@tcp(db:3306)/app", URL, "as Go's driver takes it"},
		{"x", "Server=db;Database=app;User Id=app;Password=7hR-vet;", URL, "as .NET takes it"},
		{"x", "host=db user=app password=7hR-vet dbname=app", URL, "as libpq takes it"},
		{"x", "jdbc:postgresql://app:7hR-vet@db/app", URL, "JDBC"},
		{"x", "jdbc:sqlserver://db:1433;databaseName=app;user=app;password=7hR-vet", URL, "JDBC, SQL Server"},
		{"x", "jdbc:sqlserver://db:1433;user=app;password={7hR;vet};encrypt=true", URL, "JDBC, SQL Server, in braces"},
		{"x", "jdbc:sqlserver://db:1433;user=app;password=${PW}", None, "a variable"},
		{"x", "jdbc:sqlserver://db:1433;integratedSecurity=true", None, "no password"},
		{"x", "jdbc:sqlserver://db;user=sa;password=sa", Default, "the user's name"},
		{"x", "jdbc:oracle:thin:app/7hR-vet@//db:1521/app", URL, "JDBC, Oracle"},
		{"x", "jdbc:oracle:thin:app/7hR-vet@db:1521:app", URL, "JDBC, Oracle, by SID"},
		{"x", "jdbc:oracle:oci:app/7hR-vet@tns", URL, "JDBC, Oracle, by name"},
		{"x", "jdbc:oracle:thin:scott/tiger@//db:1521/orcl", Default, "JDBC, Oracle's example"},
		{"x", "jdbc:oracle:thin:@//db:1521/app", None, "no password"},
		{"x", "jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(HOST=db)(PORT=1521))(CONNECT_DATA=(SID=app)))", None, "no password"},
		{"x", "jdbc:db2://db:50000/APP:user=app;password=7hR-vet;", URL, "JDBC, DB2"},
		{"x", "jdbc:informix-sqli://db:1533/app:INFORMIXSERVER=a;user=app;password=7hR-vet", URL, "JDBC, Informix"},
		{"x", "jdbc:mysql://address=(host=db)(user=app)(password=7hR-vet)/app", URL, "JDBC, MySQL"},
		{"x", "jdbc:mariadb://db/app?user=app&password=7hR-vet", URL, "JDBC, MariaDB"},
		{"x", "jdbc:h2:mem:app;USER=app;PASSWORD=7hR-vet", URL, "JDBC, H2"},
		{"x", "jdbc:teradata://db/USER=app,PASSWORD=7hR-vet", URL, "JDBC, Teradata"},
		{"x", "jdbc:sybase:Tds:db:5000/app?USER=app&PASSWORD=7hR-vet", URL, "JDBC, Sybase"},
		{"x", "app/7hR-vet@//db:1521/app", URL, "Oracle, easy connect"},
		{"x", "Driver={ODBC Driver 18 for SQL Server};Server=db;Uid=app;Pwd={7hR;vet};", None, "ODBC, with a separator in the password: not read"},
		{"x", "Driver={ODBC Driver 18 for SQL Server};Server=db;Uid=app;Pwd=7hR-vet;", URL, "ODBC"},
		{"x", "DSN=app;Uid=app;Pwd=7hR-vet", URL, "ODBC, by name"},
		{"x", "Data Source=db;Initial Catalog=app;User ID=app;Password=7hR-vet", URL, ".NET"},
		{"x", "DATABASE=APP;HOSTNAME=db;PORT=50000;PROTOCOL=TCPIP;UID=app;PWD=7hR-vet;", URL, "DB2's command line interface"},
		{"x", "mssql+pyodbc:///?odbc_connect=DRIVER%3D%7BODBC%7D%3BSERVER%3Ddb%3BUID%3Dapp%3BPWD%3D7hR-vet", URL, "SQLAlchemy"},
		{"x", "app:7hR-vet@unix(/run/mysqld.sock)/app", URL, "as Go's driver takes it, by a socket"},
		{"x", "postgres://postgres:postgres@db/app", Default, "the user's name"},
		{"x", "amqp://guest:guest@mq", Default, "RabbitMQ's default"},
		{"x", "mysql://root:changeme@db", Default, "a default"},
		{"x", "postgres://app@db:5432/app", None, "no password"},
		{"x", "https://user:password@host/", None, "the form itself"},
		{"x", "https://bot:token@git.internal/a", None, "the word for what is there"},
		{"x", "https://bot:access-token@git.internal/a", None, "the words for what is there"},
		{"x", "https://bot:hunter2x@<HOST>.com/a", None, "a placeholder for the host"},
		{"x", "https://bot:" + alnum[:30] + "@<HOST>.com/a", URL, "made up by a machine"},
		{"x", "postgres://app:7hR-vet@/app", URL, "on the same machine"},
		{"jdbccfg_password", "jdbccfg_password", None, "its own name"},
		{"JDBC_PASSWORD", "jdbc-password", None, "its own name, written otherwise"},
		{"clientSecret", "client_secret", None, "its own name, written otherwise"},
		{"mail.password", "email_pass", None, "its own name, with another word for password"},
		{"mail.password", "kitchen_passphrase7", Password, "another name"},
		{"CLIENT_SECRET", "1f3c97d2-8ab4-41e6-9d05-...-...", None, "a part is left out"},
		{"CLIENT_SECRET", "1f3c97d2-8ab4-41e6-9d05-7c1b2e0a9f44", Password, "no part is left out"},
		{"ProtocolToken", "12/" + hex40 + "/" + b64(alnum[:64]) + "/" + b64("a note"), None, "a signed statement"},
		{"ProtocolToken", b64(alnum[:64]), Password, "no signed statement"},
		{"AWS_SECRET_ACCESS_KEY", "test", None, "an emulator checks none"},
		{"AWS_SECRET_ACCESS_KEY", "minioadmin", Default, "a server's own default"},
		{"DB_PASSWORD", "test", Default, "no emulator"},
		{"JDBC_PASSWORD", "jdbcpassword", Password, "one word"},
		{"password", "password", Default, "on the lists"},
		{"x", "postgres://app:7hR-vet@db.example.com/app", None, "documentation"},
		{"x", "postgres://app:$(DB_PASSWORD)@db/app", None, "a variable"},
		{"x", "postgres://app:${DB_PASSWORD}@db/app", None, "a variable"},
		{"x", "postgres://app:{{ .password }}@db/app", None, "a template"},
		{"x", "postgres://app:<password>@db/app", None, "a placeholder"},
		{"x", "postgres://app:****@db/app", None, "masked"},
		{"x", "https://host:8443/a@b", None, "a port and a path"},
		{"x", "git+ssh://git@github.com/a/b", None, "no password"},
		{"x", "Server=db;Database=app;User Id=app;Password=;", None, "empty"},
		{"x", "host=db password=$PW", None, "a variable"},
		{"TOKEN_URL", "https://auth.internal/oauth/token", None, "a URL without credentials"},
		{"secret", "https://vault.internal:8200", None, "a URL without credentials"},

		{"x", "https://hooks.internal/in?token=" + alnum[:30], URL, "a token among the parameters"},
		{"x", "https://kv.blob.internal/c?sv=2024-01-01&se=2030-01-01&sig=" + alnum[:43] + "%3D", CloudKey, "Azure's signature"},
		{"x", "https://hooks.internal/in?token=$TOKEN&page=2", None, "a variable"},
		{"x", "jdbc:postgresql://db:5432/app?user=app&password=7hR-vet", URL, "a password among the parameters"},
		{"x", "jdbc:postgresql://db:5432/app?user=app&password=changeme", Default, "a default password among the parameters"},
		{"x", "https://hooks.internal/in?tokenType=bearer1", None, "a type"},

		// Headers, hashes, registries.
		{"x", "Basic " + b64("app:7hR-vet"), BasicAuth, "user and password"},
		{"x", "Authorization: Basic " + b64("app:7hR-vet"), BasicAuth, "with the header's name"},
		{"auth", b64("app:7hR-vet"), BasicAuth, "a registry's"},
		{"auth", b64("vault:secret/data/registry#USER:vault:secret/data/registry#PASSWORD"), None, "references to Vault"},
		{"auth", b64("vault:7hR-vet/a#B:c"), BasicAuth, "a user named vault"},
		{"auth", b64("admin:admin"), Default, "a registry's default"},
		{"x", "Bearer abc123def", Token, "whatever it is, it gives access to something"},
		{"x", "Bearer $TOKEN", None, "a variable"},
		{"x", "bearer tokens", None, "words"},
		{"x", "Basic authentication", None, "words"},
		{"x", `proxy_set_header Authorization "Basic ` + b64("app:7hR-vet") + `";`, BasicAuth, "a statement of a web server"},
		{"x", "proxy_set_header Authorization $http_authorization;", None, "a variable of a web server"},
		{"x", "add_header X-Authorization basic always;", None, "words"},
		{"auth", "ldap", None, "a method"},
		{"auth", "", None, "empty"},
		{"x", "app:$2y$10$" + alnum[:53], Hash, "htpasswd, bcrypt"},
		{"x", "app:$apr1$" + alnum[:8] + "$" + alnum[:22], Hash, "htpasswd, MD5"},
		{"x", "app:{SHA}" + alnum[:27] + "=", Hash, "htpasswd, SHA-1"},
		{"x", "$6$" + alnum[:16] + "$" + alnum[:86], Hash, "shadow"},
		{"x", "$argon2id$v=19$m=65536,t=3,p=4$" + alnum[:22] + "$" + alnum[:43], Hash, "Argon2"},
		{"client_secret", "$pbkdf2-sha512$310000$" + alnum[:22] + "$" + alnum[:43] + alnum[:43], Hash, "PBKDF2, as Authelia writes it"},
		{"password", "pbkdf2_sha256$720000$" + alnum[:22] + "$" + alnum[:43] + "=", Hash, "PBKDF2, as Django writes it"},
		{"x", "$scrypt$ln=16,r=8,p=1$" + alnum[:22] + "$" + alnum[:43], Hash, "scrypt"},
		{"x", "$2a$10$" + strings.Repeat("a", 53), None, "a chart's generated hash: none yet"},

		// Passwords by name.
		{"password", "7hR-vet", Password, "a literal"},
		{"DB_PASSWORD", "hunter2", Password, "a literal"},
		{"dbPassword", "k8x4dd", Password, "weak, but somebody chose it"},
		{"spring.datasource.password", "Tr0ub4dor&3", Password, "a property"},
		{"MYSQL_ROOT_PASSWORD", "correcthorse", Password, "one word"},
		{"redis-pass", "opensesame1", Password, "pass at the end"},
		{"PGPASSWORD", "x9fooz", Password, "one word"},
		{"passphrase", "s3same-0pen", Password, "another name"},
		{"DB_PASSWORD_2", "hunter2", Password, "numbered"},
		{"password", "correct-horse-battery-staple", Password, "words that hyphens join"},
		{"password", "Correct_Horse_Battery", Password, "words that underscores join"},
		{"password", "Blue-Monday", Password, "words"},
		{"PGPASSWORD", "prod_pw", Password, "words"},
		{"password", "mysql-prod", Password, "a host's name, which somebody chose"},
		{"password", "my-strong-pw", Password, "words"},
		{"password", "BlueMonday", Password, "words without a separator"},
		{"password", "SUMMER", Password, "in capitals"},
		{"password", "robot.zmon", Password, "words that a dot joins"},
		{"PASSWORD_ROOT", "blue-monday", Password, "whose it is comes last"},
		{"SECRET_KEY", "console123", Password, "a key that a person chose"},
		{"API_TOKEN", "monday2024", Password, "a token that a person chose"},
		{"password", "changeme", Default, "what everybody tries"},
		{"LDAP_CONFIG_PASSWORD", "config123", Default, "a word and a count"},
		{"password", "brandt2741", Password, "a word and digits"},
		{"password", "DB_PASS", None, "the name of a variable"},
		{"password", "DB-PASS", Password, "a name in capitals that is none of a variable"},
		{"x", "postgresql://app:APP_PASSWORD@db:5432/app", None, "the name of a variable in a URL"},
		{"x", "postgresql://app:APP_7hRvet@db:5432/app", URL, "a password in a URL that is none"},
		{"password", "encrypted:k8s!n:app-secrets!k:db", None, "a reference of Spinnaker"},
		{"password", "encryptedFile:s3!b:bucket!f:file", None, "a reference of Spinnaker to a file"},
		{"password", "encrypted:hunter2", Password, "what only begins so"},
		{"rpc_token", b64("supersecrettoken"), Default, "words that were encoded"},
		{"rpc_token", b64("tokenofthegateway"), None, "other words, which are not random"},
		{"password", "change-me", Default, "what everybody tries"},
		{"password", "CHANGEME123", Default, "what everybody tries"},
		{"password", "admin", Default, "what everybody tries"},
		{"password", "password", Default, "what everybody tries"},
		{"password", "Passw0rd!", Default, "what everybody tries"},
		{"password", "password123", Default, "what everybody tries"},
		{"password", "12345", Default, "what everybody tries"},
		{"password", "secret", Default, "what everybody tries"},
		{"adminPassword", "prom-operator", Default, "a public chart's"},
		{"rootPassword", "minio123", Default, "a public chart's"},
		{"token", "changeme", Default, "of a token as well"},
		{"jwtSecret", "secret", Default, "of a key as well"},
		{"SECRET_KEY", "please-change-me", Default, "of a key as well"},
		{"CLIENT_SECRET", "CHANGEME", None, "a placeholder for what another service issues"},
		{"CLIENT_SECRET", "secret", None, "the last word of its name, of what another service issues"},
		{"AWS_SECRET_ACCESS_KEY", "secret", None, "shorter than any that a service takes"},
		{"AWS_SECRET_ACCESS_KEY", "changeme", None, "a placeholder for what another service issues"},
		{"API_KEY", "12345", None, "a placeholder for what another service issues"},
		{"SECURITY_TOKEN", "12345", Default, "a number that everybody tries"},
		{"AUTH_TOKEN", "123456", Default, "a number that everybody tries"},
		{"AUTH_TOKEN", "48213", None, "another number"},
		{"token", "1111", None, "a short number"},
		{"password", "change me", Default, "as changeme"},
		{"password", "Please change me!", Default, "as changeme"},
		{"CLIENT_SECRET", "change me", None, "as changeme"},
		{"password", "change me every month", None, "a sentence"},
		{"fakePassword", "password", None, "the name says so"},
		{"DUMMY_TOKEN", "secret", None, "the name says so"},
		{"fakePassword", alnum[:30], Password, "made up by a machine"},
		{"prometheus-rw-pwd", "prom-pwd", None, "its own name, shorter"},
		{"prometheus-rw-pwd", "kiln-pwd", Password, "another name"},
		{"oidc.clientSecret", b64("change-me"), None, "encoded twice"},
		{"password", "setme", Default, "as changeme"},
		{"x", "amqp://mq:setme@mq:5672", Default, "as changeme"},
		{"password", "somevalue", None, "a placeholder"},
		{"password", "PASSWORD_HERE", None, "a placeholder"},
		{"password", "heresy9here", Password, "no words that end with here"},
		{"connection-string", "postgresql://shop:PASSWORD_HERE@db:5432/shop", None, "a placeholder in a URL"},
		{"password", "some-value", None, "a placeholder"},
		{"password", "somevalues", Password, "a word"},
		{"PROXY_AUTHORIZATION", "aws-v2-or-v4", None, "a mode"},
		{"onepassword-connect", "allow-it", None, "a product"},
		{"1password", "allow-it", None, "a product"},
		{"DATADOG_API_KEY", "changeme", None, "a placeholder for what another service issues"},
		{"github-access-token", "please-change-me", None, "a placeholder for what another service issues"},
		{"apiKey", "admin", Default, "no placeholder"},
		{"uptime-apikey", "someapikey", None, "a filler before the words of the name"},
		{"API_KEY", "yourApiKeyHere", None, "fillers before the words of the name"},
		{"store-secret-key", "yourstoresecretkey", None, "a filler before the name of a credential"},
		{"vaultPassword", "yourjarPassword", None, "a filler before the name of a credential"},
		{"password", "yourturn9password", Password, "not only letters"},
		{"WEBHOOK_TOKEN", "the_token", None, "a filler before the last word of the name"},
		{"token", "myexampletoken", None, "two fillers"},
		{"jwtSecret", "mysecret", Default, "a filler, but what everybody tries for an own key"},
		{"password", "mypassword", Default, "what everybody tries"},
		{"CLIENT_SECRET_PASSWORD", "CHANGEME", Default, "of a password"},
		{"CLIENT_SECRET_KEY", "CHANGEME", Default, "of an own key"},
		{"POSTGRES_PASSWORD", "postgres", Default, "the product's name"},
		{"password", "", None, "empty"},
		{"fastcgi_pass", "php-fpm", None, "where NGINX passes requests"},
		{"uwsgi_pass", "app:3031", None, "where NGINX passes requests"},
		{"proxy_pass", "s3same-0pen", Password, "the password of a proxy"},
		{"password", "true", None, "a switch"},
		{"password", "90", None, "a number"},
		{"password", "8675309", Password, "a number of more digits than a setting has"},
		{"password", "required", None, "a switch"},
		{"password", "<password>", None, "a placeholder"},
		{"password", "<path:kv/data/app#password>", None, "a reference"},
		{"password", "${DB_PASSWORD}", None, "a variable"},
		{"password", "$(DB_PASSWORD)", None, "a variable"},
		{"password", "$DB_PASSWORD", None, "a variable"},
		{"password", "$$DB_PASSWORD", None, "a variable of a shell"},
		{"password", "user-1aaaaaaaaaaaaaaaa", None, "a chart's generated password: none yet"},
		{"PASSWORD_COMPLEXITY", "strong1", None, "a policy"},
		{"password", "%DB_PASSWORD%", None, "a variable"},
		{"password", "{{ .Values.password }}", None, "a template"},
		{"password", "__PASSWORD__", None, "a placeholder"},
		{"password", "REPLACE_ME", None, "a placeholder"},
		{"password", "override_me", None, "a placeholder"},
		{"password", "your-password-here", None, "a placeholder"},
		{"javax.net.ssl.trustStorePassword", "changeit", None, "of certificates that are public"},
		{"SSL_TRUSTSTORE_PASSWORD", "changeit", None, "of certificates that are public"},
		{"SSL_KEYSTORE_PASSWORD", "changeit", Default, "of a private key"},
		{"password", "xxxxxxxx", None, "a placeholder"},
		{"password", "********", None, "masked"},
		{"password", "[REDACTED]", None, "masked"},
		{"password", "example-password-1", None, "documentation"},
		{"storageAccountKey", "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==", None, "of an emulator, the same for everyone"},
		{"password", "aaaaaaaaaaaaaaaa", None, "a chart's generated password: none yet"},
		{"password", "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=", None, "the same in base64"},
		{"password", "WVdGaFlXRmhZV0ZoWVdGaFlXRmhZV0ZoWVdGaFlXRmhZV0ZoWVdGaFlXRT0=", None, "the same in base64 of base64"},
		{"password", "vault:secret/data/app#password", None, "a reference"},
		{"password", "ref+awssecrets://app/password", None, "a reference"},
		{"password", "ENC[AES256_GCM,data:abc1,iv:def2,tag:ghi3,type:str]", None, "encrypted by SOPS"},
		{"password", "arn:aws:secretsmanager:eu-west-1:111:secret:app-1a2B3c", None, "a reference"},
		{"password", "op://vault/item/password1", None, "a reference"},
		{"password", "/run/secrets/db_password", None, "a path"},
		{"my_password", "my/secret/file/path", None, "a path"},
		{"password", "./password1.txt", None, "a path"},
		{"password", "db-password1.txt", None, "a file"},
		{"password", "postgres-credentials", None, "the name of a Secret"},
		{"password", "dbPassword", None, "the name of a key"},
		{"password", "DB_PASSWORD", None, "the name of a variable"},
		{"password", "somebody@kubevet.dev", None, "an address"},
		{"tokenAddress", "0x" + hex40, None, "an address on Ethereum"},
		{"tokenOwner", "0x" + hex40, None, "an address on Ethereum, by any name"},
		{"tokenSecret", "0x" + hex40, Password, "the name says that it is secret"},
		{"password", "0x" + hex40, Password, "the name says that it is a password"},
		{"tokenAddress", "0x" + hex32 + hex32, Password, "a private key on Ethereum"},
		{"tokenProgramAddress", alnum[:32], None, "an address on Solana"},
		{"tokenProgram", alnum[:32], Password, "a name that does not say address"},
		{"password", "string", None, "a type of a schema"},
		{"password", "app-db-secret", None, "the name of a Secret"},
		{"password", "admin-login", None, "the name of a Secret"},
		{"password", "rootPasswordKey", None, "the name of a key"},
		{"password", "APP_DB_PASSWORD", None, "the name of a variable"},
		{"password", "env:DB_PASSWORD", None, "a reference"},
		{"password", "file:/run/secrets/pw", None, "a reference"},
		{"password", "projects/1/secrets/pw/versions/2", None, "a reference"},
		{"password", "{cipher}AQB9aF", None, "encrypted for Spring"},
		{"password", "#{db.password}#", None, "a placeholder"},
		{"password", "@@DB_PASSWORD@@", None, "a placeholder"},
		{"password", "%{DB_PASSWORD}", None, "a placeholder"},
		{"password", "$__file{/etc/secrets/pw}", None, "a reference of Grafana"},
		{"password", "$__env{DB_PASSWORD}", None, "a reference of Grafana"},
		{"AUTH_PASS_THROUGH", "headers-only", None, "not about a password"},
		{"password-encryption", "scram-sha-256", None, "a method"},
		{"secret", "ibm-s390x-ssh-key", None, "the name of a Secret"},
		{"host.ppc64le-x0.secret", "ibm-ppc64le-ssh-key-wdc", None, "the name of a Secret"},
		{"existingSecret", "ibm-s390x-ssh-key", None, "the name of a Secret"},
		{"auth.existingSecret", "redis", None, "the name of a Secret, by its path"},
		{"auth.secret", "redis", Default, "a secret, by its path"},
		{"credentialsSecret", "aws-eu1-s3-creds", None, "the name of a Secret"},
		{"imagePullSecret", "quay-io-pull1", None, "the name of a Secret"},
		{"tokenSecret", "gh-runner-v2-token", None, "the name of a Secret"},
		{"SECRET_KEY", "release-v1", None, "a name"},
		{"token", "audience", None, "a word"},
		{"image.sha", "sha256:" + hex32 + hex32, None, "a digest"},
		{"checksum/secret-config", hex32 + hex32, None, "a checksum"},
		{"config-hash-token-hash", hex32, None, "a hash"},
		{"request-id", "7c9e6679-7425-40de-944b-e07fc1f90ae7", None, "a UUID"},
		{"tokenReviewUID", "7c9e6679-7425-40de-944b-e07fc1f90ae7", None, "a UUID"},
		{"ssh_public_key", "ssh-rsa AAAAB3NzaC1yc2EAAA" + alnum, None, "public"},
		{"publicKey", b64("-----BEGIN PUBLIC KEY-----" + keyBody), None, "public"},
		{"client-certificate", b64("-----BEGIN CERTIFICATE-----" + keyBody), None, "public"},
		{"tokenEndpoint", "https://login.internal/oauth2/v2.0/token", None, "a URL"},
		{"image", "registry.internal/team/app@sha256:" + hex32 + hex32, None, "an image"},
		{"IMAGE_TOKEN_SERVICE", "registry.internal/team/token-service:1.4.2", None, "an image"},
		{"pass", "85%", None, "a share"},
		{"secretName", "web-tls", None, "a name"},
		{"secretKey", "password", None, "names a key of a Secret"},
		{"secretKey", "changeme", Default, "what everybody tries"},
		{"token", b64("changeme"), Default, "encoded twice"},
		{"password", b64("changeme"), Default, "encoded twice"},
		{"password_sha256_hex", hex32 + hex32, Hash, "by its name"},
		{"secretKeyRef", "password", None, "a reference"},
		{"SIGNING_KEY", "default", None, "which of several keys"},
		{"password", "default", Default, "what everybody tries"},
		{"password", "com.acme.security.PasswordEncoder", None, "a class"},
		{"PASSWORD_FILE", "hunter2", None, "names a file"},
		{"REGISTRY_AUTH_HTPASSWD_REALM", "Registry", None, "a realm, which people see"},
		{"AUTH_HTPASSWD", "Registry", None, "a way to log in"},
		{"HTPASSWD_PASSWORD", "hunter2x", Password, "the word is there, too"},
		{"auth-secret", "basic-auth-7bd8h2m9f4", None, "the name of a Secret that kustomize makes"},
		{"auth-tls-secret", "shop/client-ca-7bd8h2m9f4", None, "with its namespace"},
		{"credentialsSecret", "smtp-7bd8h2m9f4", None, "of one part"},
		{"secret", "db-creds-7f9d8", None, "with the hash of a controller"},
		{"POSTGRES_PASSWORD_SECRET", "shop-pg-9f8e7d", None, "names a Secret"},
		{"secret", "Zq-7bd8h2m9f4Xw1LmZ8", Password, "no name"},
		{"password", "#{password}#", None, "a placeholder of Azure Pipelines"},
		{"password", "((password))", None, "a placeholder of Concourse"},
		{"SASL_JAAS_CONFIG", `org.apache.kafka.common.security.plain.PlainLoginModule required username="app" password="Tq9vLw2Zk4m";`, Password, "of a login module"},
		{"SASL_JAAS_CONFIG", `org.apache.kafka.common.security.plain.PlainLoginModule required username="app" password="${PW}";`, None, "a placeholder in it"},
		{"SASL_JAAS_CONFIG", `org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required ;`, None, "none in it"},
		{"REDIS_ARGS", "--requirepass Tq9vLw2Zk4m", None, "judged as a text"},
		{"PASSWORD_HASHER", "argon2id", None, "a way to hash"},
		{"LDAP_PASSWORD_ATTRIBUTE", "userPassword1", None, "names a field"},
		{"PASSWORD_SPECIAL_CHARS", "!@#$%^&*", None, "what one may be made of"},
		{"PASSWORD_LIFE_TIME", "days90", None, "a duration"},
		{"passwordSecret", "secretname", None, "names a Secret"},
		{"DB_PASSWORD_READONLY", "Zx9kLm2Qw", Password, "that of a user"},
		{"ADMIN_PASSWORD_PROPERTY", "hunter2", None, "names a key of a Secret"},
		{"AWS_TOKEN_FILE", "hunter2", None, "names a file"},
		{"passwordSecretName", "hunter2", None, "names a Secret"},
		{"passwordConnector", "local", None, "names a part of a program"},
		{"password2", "k8x4dd", Password, "numbered, without a hyphen"},
		{"existingSecretPasswordKey", "postgres-password1", None, "names a key"},
		{"passwordKey", "pw1key", None, "names a key"},
		{"PASSWORD_MIN_LENGTH", "12x", None, "a length"},
		{"password.policy", "strong1", None, "a policy"},
		{"enable_password", "yes1", None, "a switch"},
		{"bypass", "hunter2", None, "another word"},
		{"compass", "hunter2", None, "another word"},
		{"passthrough", "hunter2", None, "another word"},
		{"username", "hunter2", None, "no secret"},
		{"x", "hunter2", None, "says nothing"},

		// Keys and tokens by name: random.
		{"SECRET_KEY", alnum[:32], Password, "random"},
		{"vaultPassphraseRoot", "/v1/secret", None, "a path"},
		{"vaultPassphraseRoot", "/v2/kv/team", None, "a path"},
		{"API_KEY", hex32, Password, "hexadecimal"},
		{"apikey", hex40, Password, "hexadecimal"},
		{"client_secret", "7c9e6679-7425-40de-944b-e07fc1f90ae7", Password, "a UUID under a name that says what it is"},
		{"cookie-secret", b64(alnum[:32]), Password, "base64"},
		{"encryption.key", alnum[:24], Password, "random"},
		{"webhookToken", longJunk, Password, "random"},
		{"azure_batch_key", alnum[:40], Password, "random"},
		{"token", "my-token", None, "a name"},
		{"secret", "my-app-secret-name", None, "a name"},
		{"tokenName", alnum[:32], None, "names it"},
		{"tokenTTL", "3600s", None, "a duration"},
		{"SECRET_KEY", "secretKeyOfTheApplication", None, "an identifier"},
		{"secret.reloader.enabled", "true", None, "a switch"},
		{"token", "15m", None, "a duration"},
		{"token-audience", "https://kubernetes.default.svc", None, "a URL"},
		{"checksum/secret", hex32 + hex32, None, "a checksum"},
		{"secret-sha256", hex32 + hex32, None, "a digest"},
		{"secret", "sha256:" + hex32 + hex32, None, "a digest"},
		{"public_key", alnum[:64], None, "public"},
		{"recaptcha_site_key", alnum[:40], None, "public"},
		{"monkey", alnum[:32], None, "another word"},
		{"keyboard", alnum[:32], None, "another word"},
		{"partition_key", "customer_id_2", None, "another key"},
		{"uid", "7c9e6679-7425-40de-944b-e07fc1f90ae7", None, "a UUID"},
		{"image", "registry.internal:5000/team/app:1.2.3", None, "an image"},
		{"secret", "registry.internal:5000/team/app:1.2.3", None, "an image"},
		{"build", hex40, None, "a commit"},
		{"API_KEY", "1234567890abcdef1234567890abcdef", None, "fingers on the keyboard"},
		{"integrity", "sha384-" + alnum[:64], None, "an integrity attribute"},
	}
}

func TestValue(t *testing.T) {
	cases := valueCases()
	quiet := 0
	for _, c := range cases {
		if c.want == None {
			quiet++
		}
	}
	if len(cases) < 300 || quiet < 150 {
		t.Errorf("%d values, of which %d harmless; want 300 and 150 or more", len(cases), quiet)
	}
	for _, tt := range cases {
		v := Value(tt.key, tt.value)
		if v.Kind != tt.want {
			t.Errorf("%s: %.70s: judged as %d (%s); want %d: %s", tt.key, tt.value, v.Kind, v, tt.want, tt.why)
		}
		if v.Found() != (v.What != "") {
			t.Errorf("%s: a verdict without a name: %+v", tt.key, v)
		}
		checkMasked(t, v, tt.value)
	}
}

// checkMasked demands that what is printed of a secret has no six characters
// of it in a row, but for the prefix that the format gives.
func checkMasked(t *testing.T, v Verdict, value string) {
	t.Helper()
	const harmless = "a Telegram bot token; a password, private key, secret; a bearer token; a connection string with a password; account key"
	if !v.Secret() {
		return
	}
	for i := 0; i+6 <= len(value); i++ {
		if strings.Contains(v.String(), value[i:i+6]) && !strings.Contains(harmless, value[i:i+6]) {
			t.Errorf("%q prints %q of the secret", v, value[i:i+6])
		}
	}
	if v.prefix != "" && !strings.Contains(value, v.prefix) {
		t.Errorf("%q: prefix %q is not of the value", v, v.prefix)
	}
}

func TestString(t *testing.T) {
	for value, want := range map[string]string{
		"AKIA" + upper16:                      "an AWS access key AKIA… (20 characters)",
		token62("github_", alnum[:30]):        "",
		"sk_live_" + alnum[:24]:               "a Stripe secret key sk_l… (32 characters)",
		"postgres://a:7hR-vet@db":             "a URL with a password",
		webToken(`{"sub":"a","aud":"b1"}`):    "a JSON web token eyJ… (122 characters)",
		madeKey("OPENSSH PRIVATE KEY") + "\n": "an SSH private key",
	} {
		if got := Value("x", value).String(); got != want {
			t.Errorf("%.20s…: %q; want %q", value, got, want)
		}
	}
}

// TestPlaceholderWords names what is to be changed: a key is no password.
func TestPlaceholderWords(t *testing.T) {
	for key, want := range map[string]string{"COOKIE_SECRET": "a placeholder", "COOKIE_PASSWORD": "a default password"} {
		if got := Value(key, "change-me").String(); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
}

// TestFormats makes a token of each format, and demands that it is found, within
// text and at its ends, and not one character shorter.
func TestFormats(t *testing.T) {
	for _, f := range formats {
		rest := sample(f)
		if f.ok != nil && !f.ok(rest) {
			continue // checked by hand above
		}
		for _, around := range []string{"%", "a %, b", `"%"`, "x=%", "(%)"} {
			s := strings.Replace(around, "%", f.prefix+rest, 1)
			if v := token(s); !v.Found() {
				t.Errorf("%s: %q is not found", f.what, s)
			}
		}
		if short := f.prefix + rest[:f.least-1]; f.least > 1 && token(short).What == f.what {
			t.Errorf("%s: %q is found", f.what, short)
		}
	}
}

func sample(f format) string {
	var b strings.Builder
	for i := 0; b.Len() < f.least; i++ {
		if c := alnum[(i*7)%62]; f.set(c) {
			b.WriteByte(c)
		} else if u := strings.ToUpper(string(c))[0]; f.set(u) {
			b.WriteByte(u)
		}
	}
	return b.String()
}

func FuzzValue(f *testing.F) {
	for _, c := range valueCases() {
		f.Add(c.key, c.value)
	}
	f.Fuzz(func(t *testing.T, key, value string) {
		v := Value(key, value)
		if v != Value(key, value) {
			t.Error("two runs differ")
		}
		if len(v.prefix) > 0 && !strings.Contains(value, v.prefix) && !strings.Contains(key, "auth") {
			if d, ok := decode(value); !ok || !strings.Contains(d, v.prefix) {
				t.Errorf("prefix %q is not of the value", v.prefix)
			}
		}
	})
}
