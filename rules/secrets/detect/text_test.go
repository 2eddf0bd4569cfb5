package detect

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func texts(hits []Hit) []string {
	var l []string
	for _, h := range hits {
		l = append(l, fmt.Sprintf("%d %s: %s", h.Line, h.Name, h.Verdict))
	}
	return l
}

const serviceAccount = "{\n  \"type\": \"service_account\",\n  \"private_key\": \"-----BEGIN " + "PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIEIGt1YmV2ZXQ6IHRo\\naXMga2V5IGlzIG5vIHNlY3JldC4u\\n-----END PRIVATE KEY-----\\n\"\n}\n"

func TestText(t *testing.T) {
	for _, tt := range []struct {
		why, key, text string
		want           []string
	}{
		{"one word", "password", "hunter2\n", []string{"1 : a password"}},
		{"one pair", "env", "REDIS_PASSWORD=hunter2", []string{"1 REDIS_PASSWORD: a password"}},
		{"only comments", "a.yaml", "db:\r\n  password:  #PasswortDerDatenbank（leer）\r\n  token: # hunter2\r\n", nil},
		{"a sign", "a.ini", "password = #hunter2\npassword: #hunter2\n", []string{"1 password: a password"}},
		{"one empty pair", "env", "REDIS_PASSWORD=", nil},
		{"one pair of a variable", "env", "REDIS_PASSWORD=${PW}", nil},
		{
			"properties", "app.properties", "a=1\n# comment\n\ndb.password = hunter2\ndb.password.file=/x\nmail.password: changeme\n",
			[]string{"4 db.password: a password", "6 mail.password: a default password"},
		},
		{
			"environment", ".env", "export A=1\nexport TOKEN='" + alnum[:30] + "' # mine\nPW=\"hunter2\"\n",
			[]string{"2 TOKEN: a random key or token", "3 PW: a password"},
		},
		{
			"YAML", "config.yaml", "db:\n  user: app\n  password: hunter2\n  passwordFile: /run/x\n  existing: {secretName: a-b}\nurl: http://app:7hR-vet@mq/\n",
			[]string{"3 password: a password", "6 url: a URL with a password"},
		},
		{
			"YAML in flow style", "config.yaml",
			"db: {user: app, password: hunter2}\nusers:\n- {name: a, password: \"hunt,er2\"}\nenv: [{name: DB_PASSWORD, value: hunter2}, {name: A, value: b}]\nauth: {secretRef: \"oidc\", secret: {name: x}, deep: {token: '" + alnum[:30] + "'}}\n",
			[]string{"1 password: a password", "3 password: a password", "4 DB_PASSWORD: a password", "5 token: a random key or token"},
		},
		{"flow style without a credential", "config.yaml", "db: {user: app, passwordFile: /x, password: ${PW}}\ntoken: {type: string}\nexpr: sum(x{password=\"hunter2\"})\nit: 'owner''s', {a\n", nil},
		{"a template", "config.yaml", "db: {{ password: hunter2 }}\n{% if x %}{password: hunter2}{% endif %}\n", nil},
		{"YAML with quotes", "config.yaml", "- password: \"hunter2\"\n- token: ''\n", []string{"1 password: a password"}},
		{"INI", "php.ini", "[db]\n; password=hunter3\npassword=hunter2\n", []string{"3 password: a password"}},
		{"TOML", "a.toml", "[db]\npassword = \"hunter2\"\ntoken = \"\"\n", []string{"2 password: a password"}},
		{
			"JSON", "config.json", "{\n  \"db\": {\n    \"password\": \"hunter2\",\n    \"port\": 1},\n  \"url\": \"redis://:7hR-vet@r\"\n}\n",
			[]string{"3 password: a password", "5 url: a URL with a password"},
		},
		{"JSON on one line", "x", `{"auths":{"r":{"username":"app","auth":"` + b64("app:7hR-vet") + `"}}}`, []string{"1 auth: a user and password in base64"}},
		{"JSON with names and values", "x", `{"env":[{"name":"DB_PASSWORD","value":"hunter2"},{"name":"A","value":"b"}]}`, []string{"1 DB_PASSWORD: a password"}},
		{"broken JSON", "config.json", "{\n  \"password\": \"hunter2\",\n", []string{"2 password: a password"}},
		{"a private key within", "bundle.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" + madeKey("RSA PRIVATE KEY"), []string{"4 : a private key"}},
		{"a private key in YAML", "a.yaml", "key: |\n  " + strings.ReplaceAll(madeKey("PRIVATE KEY"), "\n", "\n  "), []string{"2 : a private key"}},
		{"a private key in base64 of several lines", "a.yaml", "a: b\nkey: |\n  " + b64(madeKey("PRIVATE KEY"))[:76] + "\n  " + b64(madeKey("PRIVATE KEY"))[76:] + "\nc: d\n", []string{"3 : a private key"}},
		{"base64 of several lines alone", "tls.key", b64(madeKey("PRIVATE KEY"))[:76] + "\n" + b64(madeKey("PRIVATE KEY"))[76:] + "\n", []string{"1 : a private key"}},
		{"a private key that is cut off, in base64", "a.yaml", "a: b\nkey: " + b64(madeKey("PRIVATE KEY"))[:76] + "\n", nil},
		{
			"a section that is off", "a.yaml", "mq:\n  enabled: false\n  password: 'guest'\nmail:\n  password: guest\n  enable: off\ndb:\n  type: SQLite\n  password: root\ncache:\n  enabled: false\n  password: hunter2\non:\n  enabled: true\n  password: guest\n",
			[]string{"12 password: a password", "15 password: a default password"},
		},
		{"switches that are off", "a.properties", "mq.enabled=false\nmq.password=guest\ndb.password=guest\nWEB_ENABLED=false\n", []string{"3 db.password: a default password"}},
		{"a section that is off in JSON", "a.json", `{"mq": {"enabled": "false", "password": "guest"}, "db": {"password": "guest"}}`, []string{"1 password: a default password"}},
		{"codes of countries", "a.json", "{\"AA\": \"a\", \"PW\": \"Palau\", \"BA\": \"b\", \"CA\": \"c\", \"DA\": \"d\", \"EA\": \"e\", \"FA\": \"f\", \"GA\": \"g\", \"HA\": \"h\", \"IA\": \"i\"}\n", nil},
		{"two capitals", "a.env", "ID=app\nPW=Palau\n", []string{"2 PW: a password"}},
		{"the user anonymous in a section", "rclone.conf", "[a]\nhost = a\nuser = anonymous\npass = Tq9vLw2Zk4m\n\n[b]\npass = Tq9vLw2Zk4m\nuser = Anonymous\n[c]\nuser = app\npass = Tq9vLw2Zk4m\n", []string{"11 pass: a password"}},
		{
			"the user anonymous in YAML", "a.yaml",
			"ftp:\n  username: anonymous\n  # any\n  password: Tq9vLw2Zk4m\n  db:\n    password: Tq9vLw2Zk4m\npassword: Tq9vLw2Zk4m\nl:\n- password: Tq9vLw2Zk4m\n  user: anonymous\n- password: Tq9vLw2Zk4m\n",
			[]string{"6 password: a password", "7 password: a password", "11 password: a password"},
		},
		{"the user anonymous among properties", "a.properties", "a.user=anonymous\na.password=hunter2\nb.password=hunter2\na.token=" + alnum[:30] + "\n", []string{"3 b.password: a password", "4 a.token: a random key or token"}},
		{"the user anonymous in XML", "a.xml", "<a>\n<user>anonymous</user>\n<password>hunter2</password>\n</a>\n<b>\n<password>hunter2</password>\n</b>\n", []string{"6 password: a password"}},
		{"the user anonymous in flow style", "a.yaml", "a: {user: anonymous, password: hunter2}\nb: {user: app, password: hunter2}\n", []string{"2 password: a password"}},
		{
			"the user anonymous in JSON", "a.json",
			"{\"password\": \"hunter2\",\n\"user\": \"anonymous\",\n\"db\": {\"password\": \"hunter2\"},\n\"l\": [{\"user\": \"anonymous\", \"password\": \"hunter2\"}]}\n",
			[]string{"3 password: a password"},
		},
		{
			"the user of an example", "a.yml",
			"smtp_from: 'foo@bar.com'\nsmtp_auth_username: 'foo@bar.com'\nsmtp_auth_password: 'barfoo'\nproxy_password: Tq9vLw2Zk4m\n",
			[]string{"4 proxy_password: a password"},
		},
		{"the user of an example, with a password that is none", "a.env", "SMTP_USER=app@example.com\nSMTP_PASSWORD=" + alnum[:30] + "\n", []string{"2 SMTP_PASSWORD: a password"}},
		{"a user of a server for mail that nobody has", "a.env", "SMTP_USER=app@example.com\nSMTP_PASSWORD=hunter2\n", nil},
		{"the first user of a program", "a.env", "ADMIN_USER=app@example.com\nADMIN_PASSWORD=hunter2\n", []string{"2 ADMIN_PASSWORD: a password"}},
		{"the user anonymous in a URL", "x", "ftp://anonymous:hunter2@mirror/\n", nil},
		{"XML", "settings.xml", "<servers>\n  <password>hunter2</password>\n  <password>${env.PW}</password>\n</servers>\n", []string{"2 password: a password"}},
		{
			"comments of XML", "users.xml", "<users>\n<!-- the form:\n<password>hunter2</password> -->\n<!-- <password>hunter2</password> --> <password>hunter2</password>\n<!--\n<key>AKIA" + upper16 + "</key>\n<password>hunter2</password>\n-->\n<password>hunter2</password>\n</users>\n",
			[]string{"4 password: a password", "6 : an AWS access key AKIA… (20 characters)", "9 password: a password"},
		},
		{"a comment of XML that does not end", "users.xml", "<a>\n<!-- x -->\n<!--\n<password>hunter2</password>\n</a>\n", []string{"4 password: a password"}},
		{"redis.conf", "redis.conf", "port 6379\nrequirepass Tq9vLw2Zk4m\n# masterauth hunter2\nmasterauth \"Tq9vLw2Zk4m\"\nrequirepass ${PW}\n", []string{"2 requirepass: a password", "4 masterauth: a password"}},
		{"for one command", "dump.sh", "#!/bin/sh\nPGPASSWORD=Tq9vLw2Zk4m pg_dump -h db app\nPGPASSWORD=\"$PW\" psql -h db\nPGPASSWORD=$(cat /x) psql\n", []string{"2 PGPASSWORD: a password"}},
		{"ldap.conf", "ldap.conf", "uri ldap://x\nbindpw Tq9vLw2Zk4m\n", []string{"2 bindpw: a password"}},
		{"flags", "REDIS_ARGS", "--port 6379 --requirepass Tq9vLw2Zk4m", []string{"1 --requirepass: a password"}},
		{"flags without a credential", "ARGS", "--password-file /x --verbose yes", nil},
		{"a login module", "client.properties", "a=b\nsasl.jaas.config=a.PlainLoginModule required username=\"app\" password=\"Tq9vLw2Zk4m\";\n", []string{"2 sasl.jaas.config: a password"}},
		{"words", "DB_PASSWORD", "correct horse battery staple", []string{"1 : a password"}},
		{"words with digits", "PGPASSWORD", "Tr0ub4dor &3", []string{"1 : a password"}},
		{"a sentence", "DB_PASSWORD", "see your administrator", nil},
		{"a label", "password", "Enter password", nil},
		{"a command", "PASSWORD", "`cat /run/secrets/db`  now", nil},
		{"a hint in words", "PASSWORD_HINT", "the usual one", nil},
		{"words in a file", "app.yaml", "db:\n  password: correct horse battery staple\n", nil},
		{"htpasswd", "auth", "app:$2y$10$" + alnum[:53] + "\n", []string{"1 : the hash of a password"}},
		{"a shell script", "run.sh", "#!/bin/sh\nPASSWORD=$(cat /x)\nif [ -z \"$PASSWORD\" ]; then exit 1; fi\nexport PGPASSWORD=hunter2\nTOKEN=`x`\n", []string{"4 PGPASSWORD: a password"}},
		{"a program", "main.py", "password = os.environ['PASSWORD']\ntoken = get_token1(x)\npassword = random1\npassword = 'hunter2'\n", []string{"4 password: a password"}},
		{"a program's parameters", "a.js", "function f(password = default1) {}\nlet token: string;\n", nil},
		{"a comment with a token", "a.conf", "# key AKIA" + upper16 + "\n# password=hunter2\n", []string{"1 : an AWS access key AKIA… (20 characters)"}},
		{"nginx", "nginx.conf", "server {\n  listen 80;\n  auth_basic_user_file /x/htpasswd;\n  ssl_certificate_key /x/tls.key;\n  secure_link_secret hunter2;\n}\n", nil},
		{"Prometheus", "prometheus.yml", "scrape_configs:\n- bearer_token_file: /var/run/secrets/x/token\n  authorization:\n    credentials_file: /x\n  basic_auth:\n    username: app\n    password: hunter2\n", []string{"7 password: a password"}},
		{"databases of users", "nsswitch.conf", "passwd:         compat\nshadow:         compat\n", nil},
		{"references", "a.yaml", "password: vault:kv/data/app#pw1\ntoken: ENC[AES256_GCM,data:abc1]\nsecret: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n", nil},
		{"a file whose first key reads as a reference", "a.yaml", "env:\n  password: hunter2\n", []string{"2 password: a password"}},
		{"a name, and its value on the next line", "a.yaml", "- name: DB_PASSWORD\n  value: hunter2\n- name: TOKEN_URL\n  value: hunter2\n", []string{"2 DB_PASSWORD: a password"}},
		{"a name and value in XML", "site.xml", "<property>\n<name>db.password</name>\n<value>hunter2</value>\n</property>\n", []string{"3 db.password: a password"}},
		{"XML on one line", "a.xml", "<a><b>x</b><password>hunter2</password></a>\n<d name=\"x\" password=\"hunter2\" url=\"y\"/>\n<d password=\"${PW}\"/>\n", []string{"1 password: a password", "2 password: a password"}},
		{"netrc", ".netrc", "machine h\nlogin app\npassword hunter2\n", []string{"3 password: a password"}},
		{"netrc on one line", ".netrc", "machine h login app password hunter2", []string{"1 password: a password"}},
		{"words that are no netrc", "x", "the machine asks for a password then\n", nil},
		{"npm's file", ".npmrc", "//r.internal/:_authToken=" + alnum[:36] + "\n//r.internal/:_authToken=${TOKEN}\n", []string{"1 _authToken: a random key or token"}},
		{"npm's file of documentation", ".npmrc", "//npm.example.com:_authToken=foo\n//npm.example.com/a/:_authToken=foo\n", nil},
		{"flags of a program", "JAVA_OPTS", "-Xmx1g -Djavax.net.ssl.keyStorePassword=hunter2 -Dx.password.file=/x", []string{"1 -Djavax.net.ssl.keyStorePassword: a password"}},
		{"a property of Java", "jvm", "-Djavax.net.ssl.keyStorePassword=hunter2", []string{"1 javax.net.ssl.keyStorePassword: a password"}},
		{"flags without a password", "JAVA_OPTS", "-Xmx1g -Dpassword=${PW} -Dmode=x1", nil},
		{"a whole reference", "x", "ENC[AES256_GCM,data:abc,password=hunter2]", nil},
		{"a pair of URL and password", "x", "url=postgres://app:7hR-vet@db/app\n", []string{"1 url: a URL with a password"}},
		{"a Google service account key", "key.json", serviceAccount, []string{"3 private_key: a Google service account key"}},
		{"a Google service account key in base64", "x", b64(serviceAccount), []string{"1 private_key: a Google service account key"}},
		{"a Google service account key in YAML", "a.yaml", "key: |\n  " + strings.ReplaceAll(serviceAccount, "\n", "\n  "), []string{"4 : a Google service account key"}},
		{"YAML in base64", "x", b64("db:\n  user: app\n  password: hunter2\n"), []string{"1 password: a password"}},
		{"YAML without a password in base64", "x", b64("db:\n  user: app\n  port: 1234\n"), nil},
		{"a passphrase among properties", "app.properties", "a=b\nspring.datasource.password=Correct_Horse_Battery\n", []string{"2 spring.datasource.password: a password"}},
		{
			"the key of a connection string", "x", "Endpoint=sb://harbour/;SharedAccessKeyName=Root;SharedAccessKey=" + alnum[:43] + "=",
			[]string{"1 SharedAccessKey: an Azure shared access key"},
		},
		{
			"a connection string under a name", "x", "BUS=Endpoint=sb://harbour/;SharedAccessKey=" + alnum[:43] + "=",
			[]string{"1 BUS: an Azure shared access key"},
		},
		{"Java's URL among properties", "app.properties", "spring.datasource.url=jdbc:sqlserver://db;user=app;password=7hR-vet\n", []string{"1 spring.datasource.url: a connection string with a password"}},
		{"prose after a word", "x", "password: The password of the user\ntoken: see below\n", nil},
		{"a schema", "openapi.yaml", "properties:\n  password:\n    type: string\n  token: {type: string}\n", nil},
		{"a hash in a comment", "a.conf", "a=b\n#password=$5$79a316b350311570$" + alnum[:43] + "\n", nil},
		{"dashboards", "d.json", `{"panels":[{"title":"Secrets","targets":[{"expr":"sum(kube_secret_info)"}]}]}`, nil},
	} {
		if got := texts(Text(tt.key, tt.text)); !slices.Equal(got, tt.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", tt.why, got, tt.want)
		}
	}
}

func TestSecret(t *testing.T) {
	for _, tt := range []struct {
		key, text string
		want      []string
	}{
		{"data", alnum[:32], []string{"1 : a random value"}},
		{"password", "hunter2", []string{"1 : a password"}},
		{"token", "blue-monday", nil},
		{"AWS_SECRET_ACCESS_KEY", "changeme", nil},
		{"CLIENT_SECRET", "12345678", nil},
		{"CLIENT_SECRET", "CHANGEME", nil}, // no one has that at the service which issues it
		{"token", "testtoken", []string{"1 : a key or token"}},
		{"uptime-apikey", "someapikey", nil}, // a filler before the words of the name
		{"WEBHOOK_TOKEN", "thetoken", nil},
		{"passphrase", "some horses eat batteries", []string{"1 : a password"}},
		{"db-password", "the password to use in the shop", nil},
		{"db-password", "the horses eat batteries", []string{"1 : a password"}},
		{"passphrase", "Rotate it by hand, see the runbook.", nil},
		{"token", "app-db-credentials", nil},
		{"token-id", "k4mq9t", nil},
		{"licenseKey", "1234567890abcdef1234567890abcdef12345678", nil},
		{"client-secret", base64.StdEncoding.EncodeToString([]byte("example-shop-secret")), nil},
		{"client-secret", base64.StdEncoding.EncodeToString([]byte(alnum[:21])), []string{"1 : a random key or token"}},
		{"curl", "7.58.0-2ubuntu3.14", nil}, // a package's version
		{"curl", "1.2.3~rc1+dfsg-4", nil},
		{"accessKey", "storefront", nil}, // a user of an object store
		{"MINIO_ACCESS_KEY", "storefront", nil},
		{"secretKey", "storefront", []string{"1 : a key or token"}},
		{"access-key", alnum[:32], []string{"1 : a random key or token"}},
		{"username", alnum[:32], nil},
		{"host", "db.internal", nil},
		{"tls.crt", "-----BEGIN CERTIFICATE-----\nMIIB\n", nil},
		{"config", "just some words", nil},
	} {
		if got := texts(Secret(tt.key, tt.text)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q; want %q", tt.key, got, tt.want)
		}
	}
	if got := texts(Binary("store.p12", strings.Repeat("\x00\xff", 100))); len(got) != 1 {
		t.Errorf("key store: %q", got)
	}
	if got := texts(Binary("truststore.p12", strings.Repeat("\x00\xff", 100))); len(got) != 0 {
		t.Errorf("store of certificates: %q", got)
	}
	if got := texts(Binary("logo.png", strings.Repeat("\x00\xff", 100))); len(got) != 0 {
		t.Errorf("picture: %q", got)
	}
}

func TestArgs(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want []string
	}{
		{[]string{"app", "--password=hunter2"}, []string{"1:1 --password: a password"}},
		{[]string{"app", "--password", "hunter2"}, []string{"2:1 --password: a password"}},
		{[]string{"app", "--password", "--verbose"}, nil},
		{[]string{"app", "--password-file", "hunter2"}, nil},
		{[]string{"app", "--password=$(PW)"}, nil},
		{[]string{"app", "--password=admin"}, []string{"1:1 --password: a default password"}},
		{[]string{"keytool", "-importcert", "-keystore", "/java/lib/security/cacerts", "-storepass", "changeit"}, nil},
		{[]string{"sh", "-c", "keytool -importcert -cacerts -storepass changeit -file ca.crt\ntrue"}, nil},
		{[]string{"keytool", "-keystore", "/app/server.jks", "-storepass", "changeit"}, []string{"4:1 -storepass: a default password"}},
		{[]string{"keytool", "-keystore", "/java/lib/security/cacerts", "-storepass", "Tr0ub4dor"}, []string{"4:1 -storepass: a password"}},
		{[]string{"app", "--db=postgres://app:7hR-vet@db/app"}, []string{"1:1 --db: a URL with a password"}},
		{[]string{"app", "postgres://app:7hR-vet@db/app"}, []string{"1:1 : a URL with a password"}},
		{[]string{"app", "--set", "auth.password=hunter2"}, []string{"2:1 auth.password: a password"}},
		{[]string{"kubectl", "create", "secret", "--from-literal=password=hunter2"}, []string{"3:1 --from-literal: a password"}},
		{[]string{"mysql", "-uroot", "-phunter2"}, []string{"2:1 -p: a password"}},
		{[]string{"mysql", "-uroot", "-p$PW"}, nil},
		{[]string{"app", "-phunter2"}, nil},
		{[]string{"redis-server", "--requirepass", "hunter2"}, []string{"2:1 --requirepass: a password"}},
		{[]string{"redis-cli", "-a", "hunter2"}, []string{"2:1 -a: a password"}},
		{[]string{"curl", "-u", "app:7hR-vet", "http://x"}, []string{"2:1 -u: a user and password"}},
		{[]string{"curl", "-u", "app:$PW", "http://x"}, nil},
		{[]string{"sh", "-c", "set -e\nPGPASSWORD=hunter2 psql -h db\n"}, []string{"2:2 PGPASSWORD: a password"}},
		{[]string{"sh", "-c", "echo hi && mysqladmin ping -phunter2"}, []string{"2:1 -p: a password"}},
		{[]string{"sh", "-c", "curl -H 'Authorization: Bearer abc123def' http://x"}, []string{"2:1 : a bearer token"}},
		{[]string{"sh", "-c", "mysql -p\"$PW\" -e 'select 1'"}, nil},
		{[]string{"sh", "-c", "export PASSWORD=$(cat /x); app --token=\"$TOKEN\""}, nil},
		{[]string{"sh", "-c", "# PASSWORD=hunter2\ntrue"}, nil},
		{[]string{"sh", "-c", "set -e; echo \"push to https://bot:hunter2x@git/a\"; git push"}, nil},
		{[]string{"sh", "-c", "printf 'like postgres://app:7hR-vet@db' || true"}, nil},
		{[]string{"sh", "-c", "true\necho https://bot:hunter2x@git > ~/.git-credentials"}, []string{"2:2 : a URL with a password"}},
		{[]string{"sh", "-c", "echo https://bot:hunter2x@git | git credential approve"}, []string{"2:1 : a URL with a password"}},
		{[]string{"sh", "-c", "{\n  echo https://bot:hunter2x@git\n} > ~/.git-credentials"}, []string{"2:2 : a URL with a password"}},
		{[]string{"sh", "-c", "# don't\necho 'https://bot:" + alnum[:30] + "@git'"}, []string{"2:2 : a URL with a password"}},
		{[]string{"sh", "-c", "echo done; git clone https://bot:hunter2x@git/a"}, []string{"2:1 : a URL with a password"}},
		{[]string{"app", "--token-ttl=1h", "--secret-name=a-b", "--tls-private-key-file=/x/tls.key"}, nil},
		{nil, nil},
	} {
		var got []string
		for _, h := range Args(tt.args) {
			got = append(got, fmt.Sprintf("%d:%d %s: %s", h.Index, h.Line, h.Name, h.Verdict))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q; want %q", tt.args, got, tt.want)
		}
	}
}

// FuzzText demands that names within texts are none of the secrets, and lines
// are lines.
func FuzzText(f *testing.F) {
	f.Add("a.json", `{"name":"PASSWORD","value":"x7hR-vet","a":["b",{}]}`)
	f.Add("a.yaml", "a: 1\npassword: hunter2\n-----BEGIN PRIVATE KEY-----\n")
	f.Add("a.xml", "<password>hunter2</password>")
	f.Add("", "[[[[{\"")
	for _, c := range valueCases() {
		f.Add(c.key, c.key+"="+c.value)
		f.Add(c.key, "{\""+c.key+"\": \""+c.value+"\"}")
	}
	f.Fuzz(func(t *testing.T, key, text string) {
		lines := strings.Count(text, "\n") + 1
		for _, h := range append(Secret(key, text), Text(key, text)...) {
			if h.Line < 1 || h.Line > lines || !h.Found() || h.What == "" {
				t.Errorf("%+v in %d lines", h, lines)
			}
			if h.Name != "" && known(h.Name).Found() {
				t.Errorf("the name %q is a secret", h.Name)
			}
		}
		for _, h := range Args(strings.Split(text, "\x00")) {
			if h.Index > strings.Count(text, "\x00") || h.Line < 1 {
				t.Errorf("%+v", h)
			}
		}
	})
}

// BenchmarkText judges texts in which nothing is to be found, as most are.
func BenchmarkText(b *testing.B) {
	yaml := strings.Repeat("server:\n  host: db.internal\n  port: 8080\n  timeout: 30s\n  logLevel: info # as usual\n", 2000)
	json := `{"panels": [` + strings.Repeat(`{"title": "Requests", "targets": [{"expr": "sum(rate(http_requests_total[5m]))"}]},`+"\n", 2000) + `{}]}`
	script := "#!/bin/sh\n" + strings.Repeat("if [ -z \"$HOST\" ]; then echo 'no host' >&2; exit 1; fi\nexec app --host=$HOST\n", 2000)
	for _, bb := range []struct{ name, key, text string }{{"YAML", "a.yaml", yaml}, {"JSON", "a.json", json}, {"script", "run.sh", script}, {"value", "LOG_LEVEL", "info"}} {
		b.Run(bb.name, func(b *testing.B) {
			b.SetBytes(int64(len(bb.text)))
			b.ReportAllocs()
			for b.Loop() {
				Text(bb.key, bb.text)
			}
		})
	}
}
