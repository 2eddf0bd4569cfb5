package dockerfile

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfileExposedPorts reports EXPOSE with a port of SSH, telnet, VNC, RDP or the Docker
// API, with a number that is no port, and images that expose more than ten ports.
//
// EXPOSE says what the image serves. A port for remote control is a second way in, and a long
// list hides the port that nobody meant to open.
//
// A port for remote control is a finding of medium severity, others are low. Ports in variables without a default are not known. Only the final stage counts.
var DockerfileExposedPorts = &lint.Rule{
	ID:        "dockerfile-exposed-ports",
	Title:     "EXPOSE names a port that should not be open",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"images-few-packages-ports-layers", "images-no-latest-no-remote-control"},
	Fix:       "expose the ports that the program serves, and no others",
	Check:     each(checkExposedPorts),
}

// maxPorts is how many ports an image may expose.
const maxPorts = 10

// remotePorts are ports by which machines are controlled.
var remotePorts = map[int]string{22: "SSH", 23: "telnet", 2375: "the Docker API", 2376: "the Docker API", 3389: "RDP", 5900: "VNC", 5901: "VNC"}

func checkExposedPorts(f file) {
	count := 0
	for _, s := range f.Final().Lineage() {
		for _, i := range s.Instructions {
			if i.Name != "EXPOSE" {
				continue
			}
			for _, w := range i.Words {
				before := count
				if count += checkPorts(f, i, w); count > maxPorts && before <= maxPorts {
					f.report(i, w, "image exposes more than %d ports; want those that the program serves", maxPorts)
				}
			}
		}
	}
}

// checkPorts reports a word of EXPOSE that is no port, or one for remote control. It returns
// how many ports the word exposes: none if they are not known.
func checkPorts(f file, i *dockerfile.Instruction, w dockerfile.Word) int {
	text, isKnown := i.Expand(w)
	if !isKnown {
		return 0
	}
	number, protocol, _ := strings.Cut(text, "/")
	from, to, ok := dockerfile.ParsePorts(number)
	if !ok {
		f.report(i, w, "EXPOSE %s is not a port; want a number from 1 to 65535", w.Text)
		return 0
	}
	if remotePorts[from] != "" && !strings.EqualFold(protocol, "udp") {
		d := lint.Diagnostic{At: w.Value(), Part: "EXPOSE " + w.Text, Severity: lint.Medium, Fix: lint.Advice("remove the server that listens there, and then the port")}
		d.Fix.Unless = servesRemote
		f.reportIn(i, d, "EXPOSE %s is the port of %s; want no remote control", w.Text, remotePorts[from])
	}
	return to - from + 1
}
