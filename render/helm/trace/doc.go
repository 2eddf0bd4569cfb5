// Package trace runs templates as Helm does and records which node of which template,
// and which value, wrote each byte of what they print. It knows nothing of rules.
package trace
