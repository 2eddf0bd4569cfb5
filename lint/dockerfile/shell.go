package dockerfile

// shell is the program that runs the commands of RUN.
type shell struct {
	// isPOSIX is set for a shell with the syntax of sh.
	isPOSIX bool
}

// newShell is the shell of a SHELL instruction. Without words it is the default one.
func newShell(words []Word, escape rune, windows bool) *shell {
	return &shell{isPOSIX: len(words) == 0 && escape == '\\' && !windows}
}
