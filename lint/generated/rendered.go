package generated

import "bytes"

// Templates are the templates by which Helm calls the documents of a text that it rendered, as in web/templates/all.yaml. It is nil unless Helm's
// heading is at the top of each document.
func Templates(text []byte) (names []string) {
	if !bytes.Contains(text, []byte(helmHeading)) {
		return nil
	}
	hasHeading := false
	for l := range bytes.Lines(text) {
		l = bytes.TrimRight(l, " \t\r\n")
		name, isHeading := bytes.CutPrefix(l, []byte(helmHeading))
		switch {
		case bytes.HasPrefix(l, []byte("---")):
			hasHeading = false
		case isHeading:
			hasHeading = true
			names = append(names, string(name))
		case !hasHeading && len(l) > 0 && l[0] != '#':
			return nil
		}
	}
	return names
}
