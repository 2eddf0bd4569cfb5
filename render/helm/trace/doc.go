// Package trace runs templates as Helm does. For each byte of the output it records which
// node of which template, and which value, wrote it. It knows nothing of rules.
package trace
