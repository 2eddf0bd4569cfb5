package discover

import "testing"

func TestIsHeadedDeprecated(t *testing.T) {
	for text, want := range map[string]bool{
		"# Deprecated \nUse another one.\n":            true,
		"# DEPRECATION NOTICE":                         true,
		"\n# ⚠️ Deprecation Notice\n":                  true,
		"# [DEPRECATED] Web\n":                         true,
		"# DEPRECATED - Web\n":                         true,
		"# **Deprecation warning: use another chart**": true,
		"# Deprecated values\n":                        false,
		"# Deprecated 2.0 API\n":                       false,
		"# Web\n\n## Deprecated\n":                     false,
		"# Web\n\nDeprecated: nothing\n":               false,
		"\n\n\n\n\n\n\n\n\n\n# Deprecated\n":           false,
	} {
		if got := isHeadedDeprecated([]byte(text)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
