package detect

import (
	"slices"
	"testing"
)

// TestStatements has passwords in statements of SQL, in programs and in XML, each on a line of its own, and lines beside them that hold none.
func TestStatements(t *testing.T) {
	for _, tt := range []struct {
		why, key, text string
		want           []string
	}{
		{
			"PostgreSQL", "init.sql",
			"CREATE USER app WITH ENCRYPTED PASSWORD 'Tq9vLw2Zk4m';\nALTER ROLE app PASSWORD 'Tq9vLw2Zk4m' VALID UNTIL 'infinity';\nCREATE USER v PASSWORD :'pw';\nCREATE USER w PASSWORD '${PW}';\nCREATE USER x PASSWORD '$PW';\n-- CREATE USER y PASSWORD 'Tq9vLw2Zk4m';\nSELECT password FROM users WHERE name = 'Tq9vLw2Zk4m';\nALTER ROLE z PASSWORD NULL; -- 'Tq9vLw2Zk4m'\n",
			[]string{"1 : a password", "2 : a password"},
		},
		{
			"MySQL", "init.sql",
			"CREATE USER 'a'@'%' IDENTIFIED BY 'Tq9vLw2Zk4m';\nALTER USER a IDENTIFIED WITH caching_sha2_password BY 'Tq9vLw2Zk4m';\nGRANT ALL ON *.* TO a IDENTIFIED BY \"Tq9vLw2Zk4m\";\nSET PASSWORD FOR a = PASSWORD('Tq9vLw2Zk4m');\nCREATE USER b IDENTIFIED BY '<password>';\nCREATE USER c IDENTIFIED BY 'changeme';\nALTER USER d IDENTIFIED VIA mysql_native_password USING '*" + "2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19" + "';\nCREATE USER e IDENTIFIED BY '#{pw}';\n",
			[]string{"1 : a password", "2 : a password", "3 : a password", "4 : a password", "6 : a default password", "7 : the hash of a password"},
		},
		{
			"SQL Server, over two lines", "init.sql",
			"CREATE LOGIN a WITH PASSWORD = N'Tq9vLw2Zk4m';\nCREATE USER b\n  WITH LOGIN PASSWORD 'Tq9vLw2Zk4m'\n",
			[]string{"1 : a password", "3 : a password"},
		},
		{
			"a script", "init.sh",
			"#!/bin/sh\npsql -c \"CREATE USER a PASSWORD 'Tq9vLw2Zk4m'\"\npsql -c \"CREATE USER a PASSWORD '$PW'\"\nmysql -e \"ALTER USER a IDENTIFIED BY \\\"Tq9vLw2Zk4m\\\"\"\necho \"log in with password '$PW'\"\n",
			[]string{"2 : a password", "4 : a password"},
		},
		{"one statement", "x", "ALTER USER a IDENTIFIED BY 'Tq9vLw2Zk4m'", []string{"1 : a password"}},
		{"prose", "README", "the user is identified by 'name'\nset password: see 'Tq9vLw2Zk4m'\n", nil},
		{
			"PHP", "config.php",
			"<?php\ndefine('DB_PASSWORD', 'Tq9vLw2Zk4m');\ndefine( \"DB_PASSWORD\", getenv('DB_PASSWORD') );\n$cfg['Servers'][$i]['password'] = 'Tq9vLw2Zk4m';\n$CFG->dbpass = \"Tq9vLw2Zk4m\";\n$password = $_ENV['PASSWORD'];\n$dsn = \"pgsql:password={$pw}\";\n$c = ['user' => 'a', 'password' => 'Tq9vLw2Zk4m'];\n$passwordFile = 'Tq9vLw2Zk4m';\ndefine('DB_PASSWORD', 'changeme');\n",
			[]string{"2 DB_PASSWORD: a password", "4 password: a password", "5 dbpass: a password", "8 password: a password"},
		},
		{"arguments", "main.py", "connect(host='db', password='Tq9vLw2Zk4m')\nconnect(password=pw)\nif password == 'Tq9vLw2Zk4m':\n", []string{"1 password: a password"}},
		{
			"Tomcat", "tomcat-users.xml",
			"<tomcat-users>\n<user username='a' password='Tq9vLw2Zk4m' roles='b'/>\n<user username=\"a\" password=\"${pw}\"/>\n<user password = \"Tq9vLw2Zk4m\"/>\n</tomcat-users>\n",
			[]string{"2 password: a password", "4 password: a password"},
		},
		{
			"Spring", "beans.xml",
			"<beans>\n<property name=\"password\" value=\"Tq9vLw2Zk4m\"/>\n<property name=\"password\"><value>Tq9vLw2Zk4m</value></property>\n<property name=\"password\">\n  <value>Tq9vLw2Zk4m</value>\n<property name=\"password\" value=\"${pw}\"/>\n<property name=\"passwordEncoder\" ref=\"Tq9vLw2Zk4m\"/>\n<entry key=\"db.password\">Tq9vLw2Zk4m</entry>\n<add key=\"DbPassword\" value=\"Tq9vLw2Zk4m\"/>\n",
			[]string{"2 password: a password", "3 password: a password", "5 password: a password", "8 db.password: a password", "9 DbPassword: a password"},
		},
		{"Hadoop", "core-site.xml", "<property><name>a.password</name><value>Tq9vLw2Zk4m</value></property>\n<property><name>a.b</name><value>Tq9vLw2Zk4m</value></property>\n", []string{"1 a.password: a password"}},
		{"an element over lines", "settings.xml", "<password>\n  Tq9vLw2Zk4m\n</password>\n<note>\nTq9vLw2Zk4m\n</note>\n<config>\npassword=Tq9vLw2Zk4m\n</config>\n", []string{"2 password: a password", "8 password: a password"}},
		{"Neo4j", "NEO4J_AUTH", "neo4j/Tq9vLw2Zk4m", []string{"1 : a password"}},
		{"Neo4j's own password", "NEO4J_AUTH", "neo4j/neo4j", []string{"1 : a default password"}},
		{"Neo4j without", "NEO4J_AUTH", "none", nil},
		{"Neo4j with a variable", "NEO4J_AUTH", "neo4j/$(PASSWORD)", nil},
		{"another path", "APP_AUTH", "neo4j/Tq9vLw2Zk4m", nil},
	} {
		if got := texts(Text(tt.key, tt.text)); !slices.Equal(got, tt.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", tt.why, got, tt.want)
		}
	}
}
