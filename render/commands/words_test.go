package commands

import (
	"fmt"
	"testing"
)

func TestPipelines(t *testing.T) {
	for in, want := range map[string]string{
		`helm upgrade --install "a b" ./web -f 'x.yaml' --wait 2>&1 | tee log; cd x && ls # rest`: `[[["helm" "upgrade" "--install" "a b" "./web" "-f" "x.yaml" "--wait"] ["tee" "log"]] [["cd" "x"]] [["ls"]]]`,
		`FOO=bar sudo helm install x $(cat a b) --set a="${X} y",b=$(pwd)/c > out`:                `[[["helm" "install" "x" "$(cat a b)" "--set" "a=${X} y,b=$(pwd)/c"]]]`,
		`helm template {{ .Values.x }} <(sops -d f) ${{ env.A }} "`:                               `[[["helm" "template" "{{ .Values.x }}" "<(sops -d f)" "${{ env.A }}" ""]]]`,
		`if ! (helm install a b); then`:                                                           `[[["helm" "install" "a" "b"]] [[]]]`,
		`$(`:                                                                                      `[[["$"]]]`,
		``:                                                                                        `[[[]]]`,
	} {
		if got := fmt.Sprintf("%q", pipelines(in)); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}
