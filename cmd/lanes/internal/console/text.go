// Package console writes what a person reads: lines that cannot move a terminal's cursor,
// words as a shell reads them, and bars.
package console

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// Lines is a writer to Out that keeps its first error in Err, and writes nothing after it.
type Lines struct {
	Out io.Writer
	Err error
}

// Write writes to Out unless an earlier write failed.
func (l *Lines) Write(p []byte) (n int, err error) {
	if l.Err == nil {
		n, l.Err = l.Out.Write(p)
	}
	return n, l.Err
}

// Printf formats as [fmt.Printf] does.
func (l *Lines) Printf(format string, args ...any) { fmt.Fprintf(l, format, args...) }

// maxErrorLine is how many characters of an error are printed.
const maxErrorLine = 1000

// OneLine returns the error's text as a line, in the form of [Plain]. Of a long one, which
// names and values in files may cause, it returns the two ends.
func OneLine(err error) string {
	text := Plain(err.Error())
	if len(text) <= maxErrorLine {
		return text
	}
	const end = maxErrorLine / 2
	return strings.ToValidUTF8(text[:end], "") + " … " + strings.ToValidUTF8(text[len(text)-end:], "")
}

// Plain returns the text with control characters and those that change the direction of
// writing, which names of files and of classes may contain, in Go's notation.
func Plain(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Quoted returns a word as a shell reads it.
func Quoted(word string) string {
	safe := func(r rune) bool {
		return strings.ContainsRune("-_./=:,+@%", r) || unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !safe(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
