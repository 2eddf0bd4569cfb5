package helmfile

import "testing"

func TestApproximate(t *testing.T) {
	const text = `api:
  url: "https://{{ requiredEnv "DOMAIN" }}/"
  tag: {{ .StateValues.TAG }}
{{ if eq .Environment.Name "production" }}
  replicas: 8
{{- else }}
  replicas: 2
{{ end }}
  port: 80
`
	const want = `api:
  url: "https://${requiredEnv_DOMAIN}/"
  tag: ${StateValues_TAG}

  replicas: ${8}



  port: 80
`
	if got := string(Approximate([]byte(text))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
